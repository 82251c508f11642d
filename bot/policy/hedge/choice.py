"""Which hedge: what the same cut of delta costs over a horizon in each contract there is, and by selling the coin."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from bot.domain.instrument import Instrument, Kind, WalletKind
from bot.domain.numbers import ONE, ZERO
from bot.domain.policy import Policy
from bot.domain.reading import Measure, MeasureKind, Readings
from bot.domain.snapshot import Snapshot
from bot.policy.carry.formulas import DAYS_A_YEAR, funding_yearly, simple_basis
from bot.policy.carry.scan import half_spread, lone_short_survives, unopenable
from bot.policy.hedge.collateral import leverage_band
from bot.policy.hedge.markets import days_to_expiry, perpetual_symbol

FUNDING_DAYS = 30  # a month of settlements: funding is persistent for days, and one rate says little (QUANT 3)
QUARTER_DAYS = 91  # what a hedge is rolled into: the venues list quarterly contracts
BOTH_WAYS = 2
BASIS_POINTS = 10_000
TENTH = Decimal("0.1")
CONTRACTS = (Kind.LINEAR_PERPETUAL, Kind.INVERSE_PERPETUAL, Kind.LINEAR_FUTURE, Kind.INVERSE_FUTURE)


@dataclass(frozen=True, slots=True, kw_only=True)
class HedgeNeed:
    """The cut of delta that is compared: coins of an asset, for so many days."""

    asset: str
    coins: Decimal
    horizon_days: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class HedgeOption:
    """One way to cut the delta, from now to the end of the horizon; money in quote currency.

    `fees` and `spread` are paid both ways and for every roll; `carry` is the funding or basis expected,
    positive when received, None when unknown; `collateral` is locked at the target leverage. `survives` is
    the rise that ends the short on that collateral alone, None when none does. `note` says where the carry
    is from; `why_not` is empty when it can be had.
    """

    kind: Kind
    symbol: str
    value: Decimal
    horizon_days: Decimal
    fees: Decimal
    spread: Decimal
    carry: Decimal | None
    collateral: Decimal
    survives: Decimal | None
    rolls: int
    note: str
    why_not: str

    @property
    def cost(self) -> Decimal | None:
        """What it costs in all, in quote currency, negative when it pays; None when unknown."""
        return None if self.carry is None else self.fees + self.spread - self.carry

    @property
    def cost_bp(self) -> Decimal | None:
        """The same in basis points of the value."""
        return None if self.cost is None else self.cost / self.value * BASIS_POINTS


@dataclass(frozen=True, slots=True, kw_only=True)
class HedgePick:
    """The cheapest of the ways that may be used, and why."""

    kind: Kind
    symbol: str
    reason: str


class _Expected(NamedTuple):
    """The carry a short expects a year, a fraction of its notional, the rolls it takes, and where it is from."""

    yearly: Decimal | None
    rolls: int
    note: str


def funding_measures(asset: str, quote: str) -> tuple[Measure, ...]:
    """Return what a comparison wants to know of an asset: the mean funding of both its perpetuals."""
    kinds = (kind for kind in CONTRACTS if not kind.is_dated)
    return tuple(_measure(perpetual_symbol(asset, quote, kind)) for kind in kinds)


def choice_measures(policy: Policy) -> tuple[Measure, ...]:
    """Return what choosing the cheapest hedge wants to know; nothing where the policy leaves no choice."""
    if policy.hedge is None or len(policy.hedge.choices) <= 1:
        return ()
    return tuple(m for asset in sorted(policy.core.assets) for m in funding_measures(asset, policy.quote))


def _measure(symbol: str) -> Measure:
    return Measure(kind=MeasureKind.FUNDING, subject=symbol, periods=(FUNDING_DAYS,))


def compare(policy: Policy, snapshot: Snapshot, readings: Readings, need: HedgeNeed) -> tuple[HedgeOption, ...]:
    """Return every way to cut the delta that has prices, the cheapest first, those without a figure last.

    Cost = taker fees and half-spreads of every trade − expected carry. Carry: the mean funding of 30 days,
    the newest rate where that is unknown; for a dated contract its basis a year, held until the horizon and
    rolled at the same basis where it ends before. Coin-margined USD counts as the quote currency. QUANT 3, 4.4.
    """
    contracts = (one for kind in CONTRACTS for one in _listed(policy, snapshot, need.asset, kind))
    options = [_short(policy, snapshot, readings, need, one) for one in contracts]
    options += _sales(policy, snapshot, need)
    return tuple(sorted(options, key=lambda one: (one.cost is None, one.cost or ZERO, one.symbol)))


def unlisted_kinds(policy: Policy, snapshot: Snapshot, asset: str) -> tuple[Kind, ...]:
    """Return the kinds of contract of which the venue lists none of this asset with a price."""
    return tuple(kind for kind in CONTRACTS if not any(_listed(policy, snapshot, asset, kind)))


def _listed(policy: Policy, snapshot: Snapshot, asset: str, kind: Kind) -> Iterator[Instrument]:
    if f"{asset}/{policy.quote}" not in snapshot.quotes:
        return
    for symbol, one in sorted(snapshot.instruments.items()):
        is_ours = one.kind is kind and one.base == asset and (kind.is_inverse or one.quote == policy.quote)
        days = days_to_expiry(snapshot, one)
        if is_ours and symbol in snapshot.quotes and (days is None or days > 0):
            yield one


def _short(
    policy: Policy, snapshot: Snapshot, readings: Readings, need: HedgeNeed, contract: Instrument
) -> HedgeOption:
    quote = snapshot.quotes[contract.symbol]
    value = need.coins * quote.valuation
    expected = _expected(policy, snapshot, readings, need, contract)
    trades = BOTH_WAYS * (ONE + expected.rolls)
    leverage = leverage_band(policy).target
    locked = need.coins if contract.kind.is_inverse else value  # what the tiers count is in the settlement asset
    tier = [one for one in contract.tiers if one.floor <= locked][-1]
    return HedgeOption(
        kind=contract.kind,
        symbol=contract.symbol,
        value=value,
        horizon_days=need.horizon_days,
        fees=value * contract.taker_fee * trades,
        spread=value * half_spread(quote) * trades,
        carry=None if expected.yearly is None else value * expected.yearly * need.horizon_days / DAYS_A_YEAR,
        collateral=value / leverage,
        survives=lone_short_survives(leverage, tier.rate, inverse=contract.kind.is_inverse),
        rolls=expected.rolls,
        note=expected.note,
        why_not=_refusal(policy, snapshot, need, contract),
    )


def _expected(
    policy: Policy, snapshot: Snapshot, readings: Readings, need: HedgeNeed, contract: Instrument
) -> _Expected:
    days = days_to_expiry(snapshot, contract)
    if days is None:
        return _funding(snapshot, readings, contract.symbol)
    spot = snapshot.quotes[f"{contract.base}/{policy.quote}"].mid
    yearly = simple_basis(spot, snapshot.quotes[contract.symbol].valuation, days)
    window = _roll_window(policy)
    rolls = _rolls(need.horizon_days - (days - window), QUARTER_DAYS - window)
    words = f", rolled {rolls} times at the same basis" if rolls > 1 else ", rolled once at the same basis"
    return _Expected(yearly, rolls, f"basis {yearly * 100:+.1f}% a year, {days:.0f} days left{words if rolls else ''}")


def _roll_window(policy: Policy) -> Decimal:
    return max(policy.hedge.roll_days if policy.hedge else ZERO, policy.limits.min_days_to_expiry)


def _rolls(beyond: Decimal, each: Decimal) -> int:
    """Return how often a hedge is rolled when its horizon reaches `beyond` days past the first contract's use."""
    return max(int((beyond / each).to_integral_value(ROUND_CEILING)), 0)


def _funding(snapshot: Snapshot, readings: Readings, symbol: str) -> _Expected:
    reading = next((one for one in readings if one.measure == _measure(symbol)), None)
    if reading is not None and reading.value is not None:
        return _Expected(reading.value, 0, f"funding {reading.value * 100:+.1f}% a year, mean of {FUNDING_DAYS} days")
    newest = snapshot.funding.get(symbol)
    if newest is None:
        return _Expected(None, 0, "its funding is not known")
    yearly = funding_yearly(newest.rate, newest.interval_hours)
    why = reading.why if reading else "not read"
    return _Expected(yearly, 0, f"funding {yearly * 100:+.1f}% a year at the newest rate; {FUNDING_DAYS} days: {why}")


def _refusal(policy: Policy, snapshot: Snapshot, need: HedgeNeed, contract: Instrument) -> str:
    if limit := unopenable(policy, snapshot, contract):
        return limit
    price = snapshot.quotes[contract.symbol].valuation
    size = contract.quantity(need.coins, price)
    return "" if contract.tradable(size, price) else "too small for an order of this contract"


def _sales(policy: Policy, snapshot: Snapshot, need: HedgeNeed) -> Iterator[HedgeOption]:
    """Yield selling the coins now and buying them back at the horizon, where there is a market."""
    symbol = f"{need.asset}/{policy.quote}"
    quote, market = snapshot.quotes.get(symbol), snapshot.instruments.get(symbol)
    if quote is None or market is None:
        return
    value = need.coins * quote.mid
    held = sum((b.free for b in snapshot.balances if b.wallet is WalletKind.SPOT and b.asset == need.asset), ZERO)
    free = max(held - policy.core.never_sell.get(need.asset, ZERO), ZERO)
    yield HedgeOption(
        kind=Kind.SPOT,
        symbol=symbol,
        value=value,
        horizon_days=need.horizon_days,
        fees=value * market.taker_fee * BOTH_WAYS,
        spread=value * half_spread(quote) * BOTH_WAYS,
        carry=ZERO,
        collateral=ZERO,
        survives=None,
        rolls=0,
        note=f"the coins are gone until then, {value:.0f} {policy.quote} are free instead",
        why_not="" if need.coins <= free else f"only {free.normalize():f} {need.asset} may be sold",
    )


def cheapest(options: tuple[HedgeOption, ...], kinds: tuple[Kind, ...]) -> HedgePick | None:
    """Return the cheapest way of these kinds that can be had and whose cost is known; None when there is none.

    Of those within a tenth of a basis point the kind named first wins: less is no reason.
    """
    ranked = sorted(
        (cost.quantize(TENTH), kinds.index(one.kind), one.symbol)
        for one in options
        if one.kind in kinds and not one.why_not and (cost := one.cost_bp) is not None
    )
    if not ranked:
        return None
    cost, number, symbol = ranked[0]
    days = options[0].horizon_days.normalize()
    words = f"{symbol} {_costs(cost)} over {days:f} days"
    if len(ranked) > 1:
        words += f", the next, {ranked[1][2]}, {_costs(ranked[1][0])}"
    return HedgePick(kind=kinds[number], symbol=symbol, reason=words)


def _costs(basis_points: Decimal) -> str:
    return f"{'costs' if basis_points >= 0 else 'pays'} {abs(basis_points):.1f} bp"


def chosen_hedges(
    policy: Policy, snapshot: Snapshot, readings: Readings, coins: Mapping[str, Decimal]
) -> Mapping[str, HedgePick]:
    """Return the contract that takes new hedges, by asset, where the policy names several kinds.

    `coins` are the coins to be short by asset. An asset nothing can be said of is left out: the planner
    then takes the first kind the policy names.
    """
    if policy.hedge is None or len(policy.hedge.choices) <= 1:
        return {}
    picks = {}
    for asset, size in sorted(coins.items()):
        need = HedgeNeed(asset=asset, coins=size, horizon_days=policy.hedge.horizon_days)
        pick = cheapest(compare(policy, snapshot, readings, need), policy.hedge.choices) if size > 0 else None
        if pick is not None:
            picks[asset] = pick
    return picks
