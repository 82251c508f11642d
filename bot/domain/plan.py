"""A plan is data: ordered proposals with reasons, and what the gate said of each."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.domain.book import Drift, Exposure, Targets
from bot.domain.order import Leg, Part, Sleeve


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One intention. Its legs belong together and are judged together.

    `value` is the traded notional, `cost` the expected fees and half-spread, `deviation` the value of
    the gap it closes; all in quote currency. `number` is its place in the plan, from 1.
    """

    number: int
    sleeve: Sleeve
    asset: str
    reason: str
    legs: tuple[Leg, ...]
    value: Decimal
    cost: Decimal
    deviation: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A trade the planner wanted and left out, and why: dust, cool-down, nothing to fund it."""

    sleeve: Sleeve
    asset: str
    reason: str
    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Something a person may want to do that the plan does not: an alert, a transfer, a hedge hurt by a rally.

    `value` is the money it is about, in quote currency; None where it is about none.
    """

    sleeve: Sleeve
    subject: str
    text: str
    value: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """Holdings that change their sleeve at `price` without an order, since the sleeves' wishes cancel out.

    The parts are signed, in order units, and sum to zero.
    """

    symbol: str
    price: Decimal
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Ordered proposals: the ones that reduce exposure first. Crossings and advice send nothing."""

    proposals: tuple[Proposal, ...]
    skipped: tuple[Skipped, ...]
    crossings: tuple[Crossing, ...] = ()
    advice: tuple[Advice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One limit that one proposal would break: its stable code, what is allowed, what it would be."""

    code: str
    limit: str
    allowed: str
    actual: str

    def __str__(self) -> str:
        """Read as one line."""
        return f"{self.code} {self.limit}: {self.actual}, allowed {self.allowed}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """Something a person should know that does not stop a trade."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Liquidation:
    """The mark, in quote currency, at which the venue would take a position over, all others standing still."""

    symbol: str
    price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskFigures:
    """The book's risk at one moment, shares of equity unless said; None where there is nothing to measure.

    `net_delta` and `leverage` are over equity; `liquidation_distance` is the nearest position's, a
    fraction of its mark; `survives_rally` the joint rise of all coins that liquidates the futures
    wallet; `crash_loss` the change in quote currency when every coin falls 20 %; `funding_per_day`
    in quote currency, received is positive; `margin_ratio` maintenance over wallet equity. `liquidation` is
    where the nearest position ends, `futures_equity` what all futures wallets hold, in quote currency.
    """

    net_delta: Decimal
    leverage: Decimal
    margin_ratio: Decimal | None
    liquidation_distance: Decimal | None
    survives_rally: Decimal | None
    crash_loss: Decimal
    funding_per_day: Decimal
    liquidation: Liquidation | None = None
    futures_equity: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """A proposal the gate let through, and the book's risk once it is filled. Only `risk/gate.py` makes one."""

    proposal: Proposal
    after: RiskFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """A proposal the gate refused, with every limit it would break."""

    proposal: Proposal
    breaches: tuple[Breach, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the gate said of a whole plan, and the book's risk before and after what it approved."""

    approved: tuple[Approved, ...]
    denied: tuple[Denied, ...]
    cautions: tuple[Caution, ...]
    before: RiskFigures
    after: RiskFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """All that one cycle decided and why. The same policy, snapshot and memory give the same Decision."""

    policy: str
    at: datetime
    exposure: Exposure
    targets: Targets
    drift: Drift
    plan: Plan
    verdict: Verdict
    notes: tuple[str, ...]
