"""What a person wants of the book: bands, shares and limits, with what each is a share of."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot.domain.instrument import Kind
from bot.domain.numbers import ZERO
from bot.domain.rules import CarryRules, CrossHedge, RatioRule, SweepRules, TacticalRules
from bot.errors import NumberRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """The interval in which nothing is done, and the level aimed at: low ≤ target ≤ high."""

    low: Decimal
    target: Decimal
    high: Decimal

    def __post_init__(self) -> None:
        """Refuse an inverted band."""
        if not self.low <= self.target <= self.high:
            raise NumberRefused(f"band low {self.low}, target {self.target}, high {self.high} is not in rising order")

    def holds(self, value: Decimal) -> bool:
        """Whether `value` lies inside, edges included."""
        return self.low <= value <= self.high

    def inner(self, value: Decimal, destination: Decimal) -> Decimal:
        """Return the level a trade goes back to when `value` has left the band, else `value`.

        target + destination × (edge − target): destination 0 is the target, 1 the edge just left.
        """
        if self.holds(value):
            return value
        edge = self.high if value > self.high else self.low
        return self.target + destination * (edge - self.target)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreRules:
    """The spot core.

    `band` is a share of equity. `assets` are shares of the core and sum to 1. `half_widths` are
    shares of the core; an asset that is not named there gets the optimal width of QUANT 1.2.
    `destination` is where a trade goes back to inside the half-width (0 target, 1 edge).
    `never_sell` and `held_elsewhere` are coins; the latter count in core and equity and cannot be traded.
    """

    band: Band
    assets: Mapping[str, Decimal]
    half_widths: Mapping[str, Decimal]
    risk_aversion: Decimal
    destination: Decimal
    never_sell: Mapping[str, Decimal]
    held_elsewhere: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class HedgeRules:
    """The short-futures hedge.

    `ratio` and `overrides` are shares of each core asset's delta sold short: the target, and the range
    it may never leave. `outer` and `inner` are the two-level band around the target as shares of
    equity: a gap wider than outer triggers, the trade goes back to inner. `leverage` is the futures
    wallet's band of gross notional over wallet equity: outside it collateral moves, back to target; with
    `advise_transfers` it is said and not moved. New hedges use `instrument`, or, where `choices` names
    several kinds, the one that costs least over `horizon_days`. A dated hedge is rolled `roll_days` before
    its expiry. `rules` move the target inside the allowed range, by at most `daily_change` a day.
    """

    ratio: Band
    overrides: Mapping[str, Band]
    instrument: Kind
    outer: Decimal
    inner: Decimal
    leverage: Band
    advise_transfers: bool = False
    choices: tuple[Kind, ...] = ()
    horizon_days: Decimal = Decimal(30)
    roll_days: Decimal = Decimal(7)
    rules: tuple[RatioRule, ...] = ()
    daily_change: Decimal = Decimal("0.1")
    cross: CrossHedge | None = None

    def ratio_of(self, asset: str) -> Band:
        """Return the band of one asset's hedge ratio."""
        return self.overrides.get(asset, self.ratio)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveRules:
    """Stablecoins kept free: `minimum` is a share of equity; `assets` count as the quote currency's kin."""

    minimum: Decimal
    assets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When cycles run: a cron expression in UTC, or a poll that acts when a band is left.

    `poll_seconds` is None where only the cron counts. `cooldown_hours` is the rest after a trade in
    one asset of one sleeve before another that adds risk there.
    """

    cron: str
    poll_seconds: int | None
    cooldown_hours: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The risk controls, RC3 to RC39 of the reliability map; each comment says share of what, or the unit."""

    min_volume_24h: Decimal  # RC3: quote currency
    max_order_value: Decimal  # RC4: quote currency
    max_order_share: Decimal  # RC4: of equity
    max_order_volume_share: Decimal  # RC5: of the 24 h volume
    max_order_depth_share: Decimal  # RC5: of the depth within 25 bp
    price_collar: Decimal  # RC6: of the reference price
    max_price_jump: Decimal  # RC7: of the last cycle's price, looked at when that is younger than the window
    jump_window_seconds: int  # RC7
    max_quote_age_seconds: Decimal  # RC8
    max_mark_index_gap: Decimal  # RC8: of the index price
    max_spread: Decimal  # RC8: of the mid price
    max_exposure_over_band: Decimal  # RC9: of equity, beyond the asset's share at the core band's high edge
    max_gross_leverage: Decimal  # RC10: gross futures notional over equity
    max_leverage_setting: Decimal  # RC11
    max_hedge_ratio: Decimal  # RC12: short coins over core coins
    min_liquidation_distance: Decimal  # RC13: of the mark price, after the trade
    max_futures_margin_share: Decimal  # RC14: of equity in futures wallets
    max_open_order_share: Decimal  # RC15: unexecuted order value, of equity
    max_open_orders_per_symbol: int  # RC15
    max_open_orders: int  # RC15
    max_repeats: int  # RC16: same-side orders of one instrument in the window
    repeat_window_minutes: int  # RC16
    max_orders_per_minute: int  # RC17
    max_orders_per_hour: int  # RC17
    max_orders_per_day: int  # RC17
    duplicate_window_seconds: int  # RC18
    max_unresolved: int  # RC19: ambiguous intents in the account
    max_daily_turnover: Decimal  # RC20: of equity
    max_daily_loss: Decimal  # RC21: of the day's opening value, flows taken out
    max_drawdown: Decimal  # RC21: from the peak, flows taken out
    unexplained_value: Decimal  # RC22: quote currency
    unexplained_share: Decimal  # RC22: of equity; the larger of the two counts
    max_snapshot_age_seconds: Decimal  # RC23
    plan_ttl_seconds: Decimal  # RC24
    max_plan_price_drift: Decimal  # RC24: of the planned price
    approval_above: Decimal  # RC25: turnover of one plan, of equity, that only a person may apply
    max_slippage: Decimal  # RC26: expected, of the mid price
    max_cost_share: Decimal  # RC27: expected cost over the value of the deviation corrected
    min_funding_apr: Decimal  # RC28: yearly carry of the hedge below which is warned; negative
    min_days_to_expiry: Decimal  # RC29
    min_days_since_listing: Decimal  # RC29
    max_peg_gap: Decimal  # RC30: of 1, for each reserve asset priced in the quote currency
    max_daily_transfer: Decimal  # RC37: of equity
    max_clock_offset_seconds: Decimal  # RC39


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One policy: what the book should be, and what may never be done to reach it."""

    name: str
    quote: str
    core: CoreRules
    hedge: HedgeRules | None
    reserve: ReserveRules
    schedule: Schedule
    limits: Limits
    carry: CarryRules | None = None
    tactical: TacticalRules | None = None
    sweep: SweepRules | None = None

    def hedge_ratio(self, asset: str) -> Band:
        """Return the hedge band of `asset`; all zero where the policy has no hedge."""
        return Band(low=ZERO, target=ZERO, high=ZERO) if self.hedge is None else self.hedge.ratio_of(asset)
