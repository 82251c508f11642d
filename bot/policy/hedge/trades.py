"""What to sell short or buy back: each asset's hedge against its two-level band, in coins."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from bot.domain.book import Exposure
from bot.domain.instrument import Instrument
from bot.domain.numbers import ZERO, down_to_step
from bot.domain.order import Side
from bot.domain.policy import Band, HedgeRules, Policy
from bot.domain.sleeves import Claim
from bot.domain.snapshot import Snapshot
from bot.policy.exposure import contract_mark
from bot.policy.hedge.markets import (
    Held,
    HeldHedge,
    days_to_expiry,
    hedge_markets,
    held_hedges,
    must_roll,
)

MILLI = Decimal("0.001")


@dataclass(frozen=True, slots=True, kw_only=True)
class HedgeTrade:
    """One hedge to change: positive coins to sell more short, negative to buy back.

    `quantity` is the size of the order, unsigned and on the contract's grid; zero is dust. `rolls_from` is
    the contract that is bought back for it, empty where none is, and `rolled` how much of that.
    """

    asset: str
    symbol: str
    coins: Decimal
    quantity: Decimal
    reason: str
    rolls_from: str = ""
    rolled: Decimal = ZERO

    @property
    def reduces(self) -> bool:
        """Whether it makes the short smaller."""
        return self.coins < 0

    @property
    def side(self) -> Side:
        """The side of its order."""
        return Side.BUY if self.reduces else Side.SELL


@dataclass(frozen=True, slots=True, kw_only=True)
class HedgeView:
    """What hedges are decided from besides the book.

    `ratios` are the targets' by asset. `crossed` are coins sold short for coins that have no contract of
    their own, by the asset sold. `chosen` is the contract that takes new hedges, by asset; an asset that
    is not named takes the first the policy allows. `claims` are other sleeves' holdings; `held` is what they
    leave to the hedge, None when it was not looked up yet.
    """

    ratios: Mapping[str, Band] = field(default_factory=dict)
    crossed: Mapping[str, Decimal] = field(default_factory=dict)
    chosen: Mapping[str, str] = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()
    held: Held | None = None


PLAIN = HedgeView()


def wanted_hedge_trades(
    policy: Policy, exposure: Exposure, snapshot: Snapshot, core_values: Mapping[str, Decimal], view: HedgeView = PLAIN
) -> tuple[HedgeTrade, ...]:
    """Return the hedges to change, sized for the core as it will be after `core_values` (quote currency) trade.

    A hedge is left alone while its gap is within `outer` × equity and its ratio within the allowed
    range; else it goes back to `inner` × equity from the target, inside the range. QUANT 2.3, 9. What
    stands in a contract about to expire is rolled first, whatever the gap. New shorts go to the chosen
    contract; shorts are bought back where they are, the nearest expiry first.
    """
    if policy.hedge is None:
        return ()
    held = held_hedges(snapshot, view.claims) if view.held is None else view.held
    trades: list[HedgeTrade] = []
    for asset in sorted(policy.core.assets):
        mine, market = held.get(asset, ()), _market(policy, snapshot, asset, view)
        counted = market or next((one.instrument for one in mine), None)
        if counted is None:
            continue
        rolled = () if market is None else tuple(_rolls(policy, snapshot, asset, market, mine))
        if rolled:
            trades.extend(rolled)  # its gap waits for the next cycle: one contract is not bought back twice
            continue
        gap = _gap(policy.hedge, exposure, asset, counted, core_values.get(asset, ZERO), view)
        if gap and (market is not None or gap.coins < 0):  # without a contract to sell, shorts are still bought back
            trades.extend(_placed(snapshot, asset, counted, mine, gap))
    return tuple(trades)


def _market(policy: Policy, snapshot: Snapshot, asset: str, view: HedgeView) -> Instrument | None:
    if asset in view.chosen:
        return snapshot.instruments[view.chosen[asset]]
    return next(iter(hedge_markets(policy, snapshot, asset)), None)


class _Gap(NamedTuple):
    """By how many coins a short should grow (or shrink, below zero), and why."""

    coins: Decimal
    reason: str


def _gap(
    rules: HedgeRules, exposure: Exposure, asset: str, instrument: Instrument, traded: Decimal, view: HedgeView
) -> _Gap | None:
    held = exposure.assets[asset]
    coins = max(held.core_coins + traded / held.price, ZERO)
    ratio, extra = view.ratios.get(asset) or rules.ratio_of(asset), view.crossed.get(asset, ZERO)
    short = -held.contract_coins
    low, target, high = ratio.low * coins + extra, ratio.target * coins + extra, ratio.high * coins + extra
    gap = short - target
    tolerated = instrument.coins(instrument.step, held.price)
    inside = low - tolerated <= short <= high + tolerated
    if abs(gap) * held.price <= rules.outer * exposure.equity and inside:
        return None
    inner = min(rules.inner * exposure.equity / held.price, abs(gap))
    goal = target + (inner if gap > 0 else -inner)
    goal = min(max(goal, low), high)
    now = short / held.core_coins if held.core_coins else ZERO
    whole = down_to_step(coins, _coin_step(instrument))
    reason = f"{ratio.target * 100:.0f}% of {whole} {asset} short is the target, {now * 100:.1f}% is held"
    if extra:
        step = _coin_step(instrument)
        reason += f"; {down_to_step(extra, step)} {asset} stand for coins without a contract"
    return _Gap(goal - short, reason)


def _coin_step(instrument: Instrument) -> Decimal:
    """Return the step coins are told in: the contract's own, or a thousandth for one that is counted in money."""
    return MILLI if instrument.kind.is_inverse else instrument.step


def _placed(
    snapshot: Snapshot, asset: str, market: Instrument, held: tuple[HeldHedge, ...], gap: _Gap
) -> Iterator[HedgeTrade]:
    """Yield the trades that close a gap: a sale in the market of new hedges, or purchases where shorts stand."""
    if gap.coins > 0:
        quantity = market.quantity(gap.coins, contract_mark(snapshot, market.symbol))
        yield HedgeTrade(asset=asset, symbol=market.symbol, coins=gap.coins, quantity=quantity, reason=gap.reason)
        return
    left = -gap.coins
    for one in (short for short in held if short.coins > 0):
        bought = min(left, one.coins)
        if bought <= 0:
            return
        left -= bought
        yield _bought_back(asset, one, bought, gap.reason)


def _bought_back(asset: str, held: HeldHedge, coins: Decimal, reason: str) -> HedgeTrade:
    quantity = down_to_step(abs(held.quantity) * coins / held.coins, held.instrument.step)
    return HedgeTrade(asset=asset, symbol=held.instrument.symbol, coins=-coins, quantity=quantity, reason=reason)


def _rolls(
    policy: Policy, snapshot: Snapshot, asset: str, market: Instrument, held: tuple[HeldHedge, ...]
) -> Iterator[HedgeTrade]:
    """Yield for each short about to expire the sale that takes its place; the purchase belongs to it."""
    for one in held:
        days = days_to_expiry(snapshot, one.instrument)
        if (
            one.coins <= 0
            or days is None
            or one.instrument is market
            or not must_roll(policy, snapshot, one.instrument)
        ):
            continue
        quantity = market.quantity(one.coins, contract_mark(snapshot, market.symbol))
        reason = f"rolls {one.instrument.symbol}, which expires in {days:.1f} days"
        yield HedgeTrade(
            asset=asset,
            symbol=market.symbol,
            coins=one.coins,
            quantity=quantity,
            reason=reason,
            rolls_from=one.instrument.symbol,
            rolled=abs(one.quantity),
        )
