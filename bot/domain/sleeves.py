"""What belongs to which sleeve: the parts of an order, the claims on what is held, and what rules remember.

The venue knows one position and one balance. Carry and tactical hold claims on parts of them; what nobody
claims is the core's (coins) or the hedge's (contracts). So a claim can be wrong, and a holding never is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.domain.numbers import ZERO
from bot.domain.order import Sleeve


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a rule of a sleeve holds of one instrument.

    `quantity` is signed, in order units; `entry` the average price it was bought or sold at. `rule` is the
    tactical rule's name, or the symbol of the contract of a carry pair (the spot leg bears it too).
    """

    sleeve: Sleeve
    rule: str
    symbol: str
    quantity: Decimal
    entry: Decimal
    opened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioState:
    """A rule-driven hedge ratio: its target now, the rules that are on, and the target the day began with."""

    asset: str
    target: Decimal
    active: tuple[str, ...]
    day: str
    day_target: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Until when a tactical rule enters nothing."""

    rule: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SleeveState:
    """What the sleeves remember from one cycle to the next.

    `tactical_result` is what the overlay earned (above zero) or lost by closed trades, its fees and
    funding; `settled` the realised result of the futures wallets not swept yet; both in quote currency.
    """

    claims: tuple[Claim, ...] = ()
    ratios: tuple[RatioState, ...] = ()
    rests: tuple[Rest, ...] = ()
    tactical_result: Decimal = ZERO
    settled: Decimal = ZERO

    def ratio(self, asset: str) -> RatioState | None:
        """Return the ratio state of an asset, None before its first cycle."""
        return next((one for one in self.ratios if one.asset == asset), None)


NO_STATE = SleeveState()


def claimed(claims: Iterable[Claim], symbol: str, sleeve: Sleeve | None = None) -> Decimal:
    """Return the signed quantity claimed of an instrument, by one sleeve or by all."""
    return sum((c.quantity for c in claims if c.symbol == symbol and sleeve in (None, c.sleeve)), ZERO)
