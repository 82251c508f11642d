"""What a person wants beyond core and static hedge: ratio rules, carry, the tactical overlay, the sweep."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from bot.domain.instrument import Kind
from bot.domain.order import Side, Sleeve


class RatioTrigger(StrEnum):
    """What a hedge-ratio rule looks at; each is a measure that turns the rule on when it is high."""

    TREND = "trend"
    DRAWDOWN = "drawdown"
    VOLATILITY = "volatility"
    FUNDING = "funding"


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioRule:
    """One reason to hedge more, or, for funding, to hedge less.

    The rule turns on when its measure reaches `enter` and off when it falls below `leave` (hysteresis).
    Measures, all fractions: trend, how far the close is below its EMA of `days` days; drawdown, the fall
    from the highest close of `days` days; volatility, yearly; funding, what a short pays a year over the
    last `days` days. While on, the target ratio is at least `ratio`; for funding, at most `ratio`.
    """

    name: str
    trigger: RatioTrigger
    days: int
    enter: Decimal
    leave: Decimal
    ratio: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryRules:
    """Delta-neutral pairs: spot bought, a contract of the same coin sold.

    `budget` is the most capital of both legs, a share of equity. A pair is entered when its yearly return
    on that capital, after fees, reaches `enter_apr` and is expected to be held at least `min_days`; left
    when what is still to be earned falls below `leave_apr` a year. `leverage` is that of the short.
    Perpetuals are judged by their funding over `funding_days`: its mean, and the share of intervals in
    which the short was paid, which must reach `min_paid_share`; `horizon_days` is how long one is held.
    """

    budget: Decimal
    assets: tuple[str, ...]
    kinds: tuple[Kind, ...]
    enter_apr: Decimal
    leave_apr: Decimal
    min_days: Decimal
    horizon_days: Decimal
    funding_days: int
    min_paid_share: Decimal
    leverage: Decimal


class SignalKind(StrEnum):
    """The signals a tactical rule may follow."""

    EMA_CROSS = "ema-cross"
    PRICE_OVER_EMA = "price-over-ema"
    SHORT_SQUEEZE = "short-squeeze"


class Sizing(StrEnum):
    """How large a tactical position is: by the distance to its stop, or by a target of volatility."""

    STOP = "stop"
    VOLATILITY = "volatility"


@dataclass(frozen=True, slots=True, kw_only=True)
class TacticalRule:
    """One rule of the overlay: when to enter, how much, and when to be out again.

    `periods` are bars of `bar_hours`: fast and slow for the cross, one for the price over its EMA, change
    and look-back in bars for the squeeze. `funding_floor` is a fraction per 8 h that the funding must
    exceed (None: not asked). `interest_percentile` and `funding_percentile` are the squeeze's thresholds,
    fractions of the coin's own history. `stop` and `take_profit` are fractions of the entry price (None:
    no take-profit). `risk` is the share of equity lost at the stop; `volatility` the yearly volatility
    aimed at, as a share of equity. A position is never larger than `kelly_fraction` of Kelly's for
    `expected_return` a year. With `alert_only` the rule says so and trades nothing.
    """

    name: str
    signal: SignalKind
    asset: str
    side: Side
    instrument: Kind
    periods: tuple[int, ...]
    bar_hours: int
    funding_floor: Decimal | None
    interest_percentile: Decimal
    funding_percentile: Decimal
    alert_only: bool
    stop: Decimal
    take_profit: Decimal | None
    expiry_hours: Decimal
    cooldown_hours: Decimal
    sizing: Sizing
    risk: Decimal
    volatility: Decimal
    kelly_fraction: Decimal
    expected_return: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TacticalRules:
    """The overlay as a whole.

    `budget` is the most it may lose, a share of equity: a wall between it and the core. `shock` is the
    price move in one step that its positions together must survive inside the budget. `max_notional` is
    a share of equity.
    """

    budget: Decimal
    shock: Decimal
    max_notional: Decimal
    rules: tuple[TacticalRule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepRules:
    """Realised profit leaves the futures wallet for `to` (reserve or core).

    What is above `floor` is swept, when it is at least `minimum` and at most `max_daily` a day, all
    shares of equity, and only as far as the wallet still survives a joint rally of `min_survival`
    afterwards. With `advise_only` it is said and not done.
    """

    to: Sleeve
    floor: Decimal
    minimum: Decimal
    max_daily: Decimal
    min_survival: Decimal
    advise_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossHedge:
    """A coin without a contract of its own, hedged with another's.

    The beta is measured over `days` days, clipped to `beta_low` and `beta_high`; nothing is hedged when
    the expected effectiveness is below `min_effectiveness`.
    """

    against: Mapping[str, str]
    days: int
    beta_low: Decimal
    beta_high: Decimal
    min_effectiveness: Decimal
