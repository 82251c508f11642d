"""The little that must be remembered between cycles, so that deciding stays pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from bot.domain.numbers import ONE
from bot.domain.order import Part, Side, Sleeve
from bot.domain.reading import Readings
from bot.domain.sleeves import NO_STATE, SleeveState


class TradingState(StrEnum):
    """What the bot may do now: everything, only what lowers risk, or nothing."""

    ACTIVE = "active"
    REDUCING = "reducing"
    HALTED = "halted"


@dataclass(frozen=True, slots=True, kw_only=True)
class SentOrder:
    """One order sent in the last day: value in quote currency, quantities in order units.

    `trigger` is a stop's mark price, None for every other order; `parts` are as in its OrderRequest.
    """

    at: datetime
    symbol: str
    sleeve: Sleeve
    asset: str
    side: Side
    quantity: Decimal
    filled: Decimal
    value: Decimal
    adds_risk: bool
    trigger: Decimal | None = None
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unresolved:
    """An intent whose outcome is not known yet; `remaining` may still fill."""

    client_order_id: str
    symbol: str
    side: Side
    remaining: Decimal
    price: Decimal | None
    reduce_only: bool
    ambiguous: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PricePoint:
    """A price seen at a moment."""

    at: datetime
    price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """Flow-adjusted value: `unit` starts at 1 and moves with profit only, never with deposits.

    `equity` is the last equity seen; `day` the UTC day `day_open_unit` belongs to; `peak_unit` the
    highest unit so far.
    """

    equity: Decimal
    unit: Decimal
    peak_unit: Decimal
    day: str
    day_open_unit: Decimal

    @property
    def drawdown(self) -> Decimal:
        """The fall from the peak as a fraction, zero at the peak."""
        return ONE - self.unit / self.peak_unit

    @property
    def day_loss(self) -> Decimal:
        """The fall since the day's opening as a fraction, negative on a day of profit."""
        return ONE - self.unit / self.day_open_unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What decide is given of the past.

    `state` and `state_reason` come from the control switch; `sent` and `transferred` cover the last
    24 hours (`transferred` in quote currency); `last_prices` are the mids of the previous cycle;
    `performance` is None before the first cycle; `epoch` and `ledger_sequence` are the last ones
    reconciled, −1 before the first cycle. `attended` is True when a person approves this very plan.
    `readings` are what the market's past says of the measures the policy asks for; `sleeves` what carry,
    tactical and the ratio rules remember.
    """

    state: TradingState
    state_reason: str
    sent: tuple[SentOrder, ...]
    transferred: Decimal
    unresolved: tuple[Unresolved, ...]
    last_prices: Mapping[str, PricePoint]
    performance: Performance | None
    epoch: int
    ledger_sequence: int
    attended: bool
    readings: Readings = ()
    sleeves: SleeveState = NO_STATE


def next_performance(previous: Performance | None, *, equity: Decimal, flows: Decimal, at: datetime) -> Performance:
    """Return the flow-adjusted value after a cycle; `flows` are deposits − withdrawals since the previous one.

    unit × (equity − flows) / previous equity: a deposit is not profit and a withdrawal no loss (I21).
    """
    day = at.date().isoformat()
    if previous is None:
        return Performance(equity=equity, unit=ONE, peak_unit=ONE, day=day, day_open_unit=ONE)
    unit = previous.unit * (equity - flows) / previous.equity
    return Performance(
        equity=equity,
        unit=unit,
        peak_unit=max(previous.peak_unit, unit),
        day=day,
        day_open_unit=previous.day_open_unit if previous.day == day else previous.unit,
    )
