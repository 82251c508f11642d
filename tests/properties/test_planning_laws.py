"""Laws of planning: what any plan for any book may be, and what filling it leaves."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain.book import Exposure
from bot.domain.instrument import WalletKind
from bot.domain.numbers import ONE, ZERO
from bot.domain.order import OrderRequest, OrderType, Side, Sleeve, TransferRequest
from bot.domain.plan import Plan, Proposal
from bot.domain.policy import Policy
from bot.domain.snapshot import Snapshot
from bot.policy.core.trades import sellable_values, wanted_core_trades
from bot.policy.drift import measure_drift
from bot.policy.exposure import measure_exposure
from bot.policy.hedge.collateral import WORTH_MOVING
from bot.policy.hedge.trades import wanted_hedge_trades
from bot.policy.targets import set_targets
from tests.builders import a_band, d, wide_limits
from tests.properties.strategies import (
    Book,
    books,
    filled_in_full,
    orders_of,
    percents,
    plan_of,
    told,
    transfers_of,
    turnover,
)

CYCLES = 10
CENT = d("0.01")


def lived_through(book: Book, *, charged: bool = True) -> list[tuple[Snapshot, Plan]]:
    """Each cycle's book and plan while prices stand still and every order is filled, until a plan is empty."""
    snapshot, cycles = book.snapshot(), []
    for _ in range(CYCLES):
        plan = plan_of(book.policy, snapshot)
        cycles.append((snapshot, plan))
        if not plan.proposals:
            break
        snapshot = filled_in_full(snapshot, plan, charged=charged)
    return cycles


def with_money(cycles: list[tuple[Snapshot, Plan]]) -> list[tuple[Snapshot, Plan]]:
    """The cycles after the last one that could not pay for what it wanted."""
    short = [n for n, (_, plan) in enumerate(cycles, 1) if any("free money" in one.reason for one in plan.skipped)]
    return cycles[max(short, default=0) :]


def away_from_edges(policy: Policy, snapshot: Snapshot) -> bool:
    """Whether the core's share is a tenth of a percent or more away from where its band is left."""
    share, band = measure_exposure(snapshot, policy).core_share, policy.core.band
    return min(abs(share - band.low), abs(share - band.high)) >= d("0.001")


def lines_of(cycles: list[tuple[Snapshot, Plan]]) -> str:
    """What was planned, cycle by cycle."""
    return "\n".join(told(plan) for _, plan in cycles)


@given(books())
def test_a_plan_filled_in_full_leads_to_a_book_that_is_left_alone(book: Book) -> None:
    """Prices stand still: after a few cycles the plan is empty, and so it stays (I25)."""
    cycles = lived_through(book)
    assert cycles[-1][1].proposals == (), lines_of(cycles)


@given(books(fine=True))
def test_what_was_bought_is_never_sold_again_while_prices_stand_still(book: Book) -> None:
    """No ping-pong: where money suffices each market is traded one way only over all cycles (I25).

    On fine grids, without fees, and not on the very edge of the core band: fees and remainders cross it.
    """
    cycles = with_money(lived_through(book, charged=False))
    assume(all(away_from_edges(book.policy, snapshot) for snapshot, _ in cycles))
    ways: dict[str, set[Side]] = defaultdict(set)
    for _, plan in cycles:
        for order in orders_of(plan):
            ways[order.symbol].add(order.side)
    assert all(len(sides) == 1 for sides in ways.values()), lines_of(cycles)


@given(books())
def test_a_static_market_is_traded_once(book: Book) -> None:
    """Where money suffices, all that follows the first plan turns over less than it did, dust aside (I25)."""
    cycles = with_money(lived_through(book))
    first, *later = [turnover(plan) for _, plan in cycles] or [ZERO]
    dust = sum(max(i.min_notional, i.step * book.prices[i.base]) for i in book.instruments.values())
    assert sum(later, ZERO) <= first + dust, lines_of(cycles)


@given(books(fine=True))
def test_a_plan_filled_in_full_leaves_nothing_outside_unless_it_says_why(book: Book) -> None:
    """Every drift left is within its band and half a percent of fees, or a skipped trade or a kept coin says why.

    On fine grids: what a coarse step leaves over is at most that step, and the next plan's.
    """
    snapshot = book.snapshot()
    plan = plan_of(book.policy, snapshot)
    after = filled_in_full(snapshot, plan)
    exposure = measure_exposure(after, book.policy)
    drift = measure_drift(book.policy, exposure, set_targets(book.policy, exposure, after))
    if plan.skipped or may_not_all_be_sold(book, snapshot):
        return
    band, edge = book.policy.core.band, d("0.005")
    assert band.low - edge <= exposure.core_share <= band.high + edge, told(plan)
    targets = set_targets(book.policy, exposure, after).assets
    for asset, one in drift.assets.items():
        assert abs(one.drift) <= targets[asset].half_width + edge, (asset, one, told(plan))
        assert hedge_is_inside(book, exposure, asset, one.hedge_drift), (asset, one, told(plan))
    assert wallet_is_inside(book, exposure), told(plan)


def may_not_all_be_sold(book: Book, snapshot: Snapshot) -> bool:
    """Whether some wanted sale takes all that may be sold: what is kept for ever stays where it is."""
    exposure = measure_exposure(snapshot, book.policy)
    targets = set_targets(book.policy, exposure, snapshot)
    sellable = sellable_values(book.policy, exposure, snapshot)
    return any(sellable[a] < max(ZERO, exposure.assets[a].core_value - t.value) for a, t in targets.assets.items())


def hedge_is_inside(book: Book, exposure: Exposure, asset: str, gap: Decimal) -> bool:
    """Whether a hedge is within its outer level, a step and the fee on the coins apart."""
    held, rules = exposure.assets[asset], book.policy.hedge
    if rules is None:
        return not held.short_coins or gap == held.short_coins
    step = book.instruments[f"{asset}/USDT:USDT"].step + d("0.01") * held.core_coins
    return abs(gap) <= rules.outer * exposure.equity / held.price + step


def wallet_is_inside(book: Book, exposure: Exposure) -> bool:
    """Whether the futures wallet's leverage is in its band, but for an amount that is not worth moving."""
    if book.policy.hedge is None:
        return True
    band, notional = book.policy.hedge.leverage, exposure.gross_notional
    least, most = notional / band.high, notional / band.low if band.low else exposure.equity
    spare = 2 * WORTH_MOVING * exposure.equity + d("0.01") * notional
    return least - spare <= exposure.futures_equity <= max(most, notional / band.target) + spare


@given(books(), st.integers(-9, 9), st.integers(-9, 9))
def test_inside_every_band_nothing_is_proposed(book: Book, traded: int, hedged: int) -> None:
    """Anywhere inside the bands of core, shares, hedges and leverage: an empty plan, and nothing skipped (I26)."""
    settled = settled_book(book, d(traded) / 10, d(hedged) / 10)
    plan = plan_of(settled.policy, settled.snapshot())
    assert plan == Plan(proposals=(), skipped=()), told(plan)


def settled_book(book: Book, shifted: Decimal, hedged: Decimal) -> Book:
    """The book as its policy wants it, but for a part of what is tolerated.

    `shifted` half percents of the core are held in the first coin instead of the second; every hedge is `hedged`
    of the way to where it would be changed. Where collateral crowds out the reserve, the core band moves along.
    """
    policy = replace(book.policy, core=replace(book.policy.core, held_elsewhere={}))
    equity, core = d(100_000), 100_000 * policy.core.band.target
    value = {asset: core * share for asset, share in policy.core.assets.items()}
    first, second, *_ = value
    value[first] += core * shifted / 200
    value[second] -= core * shifted / 200
    short = {asset: tolerated_short(policy, asset, worth, hedged) for asset, worth in value.items()}
    notional = sum(short.values(), ZERO)
    margin = notional / policy.hedge.leverage.target if policy.hedge else ZERO
    cash = max(equity - core - margin, ZERO)
    level = core / (core + margin + cash)
    if not policy.core.band.holds(level):
        policy = replace(policy, core=replace(policy.core, band=a_band(level - d("0.01"), level, level + d("0.01"))))
    return replace(
        book,
        policy=policy,
        coins={asset: worth / book.prices[asset] for asset, worth in value.items()},
        shorts={asset: worth / book.prices[asset] for asset, worth in short.items()},
        cash=cash,
        margin=margin,
    )


def tolerated_short(policy: Policy, asset: str, worth: Decimal, part: Decimal) -> Decimal:
    """The value sold short: the target, and `part` of the way to the outer level or the end of the range."""
    ratio = policy.hedge_ratio(asset)
    if policy.hedge is None:
        return ZERO
    room = min(ratio.high - ratio.target, ratio.target - ratio.low) * worth
    return ratio.target * worth + part * min(room, policy.hedge.outer * 90_000)


narrow = st.builds(
    lambda value, minute, slip, collar: wide_limits(
        max_order_value=d(value), max_orders_per_minute=minute, max_slippage=slip, price_collar=collar
    ),
    st.sampled_from([300, 1000, 7000, 10**9]),
    st.integers(1, 40),
    percents(0, 5),
    percents(1, 5),
)


@given(narrow.flatmap(lambda limits: books(limits=limits)))
def test_every_order_is_one_the_venue_takes_and_the_limits_allow(book: Book) -> None:
    """On the grid, above the minimums, within the order limits; the limit price on tick, inside the collar (I8)."""
    snapshot, limits = book.snapshot(), book.policy.limits
    for order in orders_of(plan_of(book.policy, snapshot)):
        instrument, quote = snapshot.instruments[order.symbol], snapshot.quotes[order.symbol]
        assert order.type is OrderType.LIMIT_IOC
        assert order.price is not None
        assert instrument.tradable(order.quantity, order.price)
        assert abs(instrument.notional(order.quantity, quote.valuation)) <= limits.max_order_value
        assert order.price % instrument.tick == 0
        away = (order.price / quote.valuation - ONE) * order.side.sign
        assert away <= min(limits.max_slippage, limits.price_collar)
        assert away >= 0 - instrument.tick / quote.valuation  # never better than the market by more than the rounding


@given(narrow.flatmap(lambda limits: books(limits=limits)))
def test_orders_sum_to_no_more_than_what_was_wanted(book: Book) -> None:
    """Slices of one trade never add up to more than the trade, in core and hedge alike (I7)."""
    snapshot = book.snapshot()
    exposure = measure_exposure(snapshot, book.policy)
    core = wanted_core_trades(book.policy, exposure, set_targets(book.policy, exposure, snapshot), snapshot).values
    most: dict[str, Decimal] = defaultdict(Decimal)
    for asset, value in core.items():
        most[f"{asset}/USDT"] = abs(value) / book.prices[asset]
    for traded in (core, {}):  # a hedge lies between what it would be with all of the core's trades and with none
        for hedge in wanted_hedge_trades(book.policy, exposure, snapshot, traded):
            most[hedge.symbol] = max(most[hedge.symbol], abs(hedge.coins))
    sent: dict[str, Decimal] = defaultdict(Decimal)
    for order in orders_of(plan_of(book.policy, snapshot)):
        sent[order.symbol] += order.quantity
    assert all(quantity <= most[symbol] * (1 + d("1e-20")) for symbol, quantity in sent.items())


@given(books())
def test_purchases_leave_the_reserve_its_minimum_at_the_worst_price(book: Book) -> None:
    """What is bought, at its limit price, is at most what is free, sold and not moved, above the minimum."""
    snapshot = book.snapshot()
    plan, exposure = plan_of(book.policy, snapshot), measure_exposure(snapshot, book.policy)
    spot = [order for order in orders_of(plan) if order.sleeve is Sleeve.CORE]
    paid = sum((o.quantity * o.price for o in spot if o.price and o.side is Side.BUY), ZERO)
    got = sum((o.quantity * book.prices[o.symbol.split("/")[0]] for o in spot if o.side is Side.SELL), ZERO)
    moved = sum((t.amount for t in transfers_of(plan) if t.target is WalletKind.LINEAR), ZERO)
    left = exposure.spendable - moved - book.policy.reserve.minimum * exposure.equity
    assert paid <= max(ZERO, left + got)
    assert moved <= exposure.spendable


@given(books())
def test_what_is_never_sold_or_held_elsewhere_is_not_sold(book: Book) -> None:
    """Sales take only coins that are here, free, and beyond the amount to keep."""
    sold: dict[str, Decimal] = defaultdict(Decimal)
    for order in orders_of(plan_of(book.policy, book.snapshot())):
        if order.sleeve is Sleeve.CORE and order.side is Side.SELL:
            sold[order.symbol.split("/")[0]] += order.quantity
    for asset, quantity in sold.items():
        assert quantity <= max(ZERO, book.coins[asset] - book.policy.core.never_sell.get(asset, ZERO))


def place_of(proposal: Proposal, buying: set[str]) -> int:
    """Where a proposal belongs in the documented order."""
    leg = proposal.legs[0]
    if isinstance(leg, TransferRequest):
        return 3 if leg.target is WalletKind.LINEAR else 7
    assert isinstance(leg, OrderRequest)
    if leg.sleeve is Sleeve.CORE:
        return 2 if leg.side is Side.SELL else 5
    if leg.reduce_only:
        return 1
    return 6 if proposal.asset in buying else 4


@given(books())
def test_what_lowers_exposure_stands_first_and_what_needs_money_last(book: Book) -> None:
    """Hedge reductions, sales, collateral in, hedges of coins held, purchases, their hedges, collateral out."""
    plan = plan_of(book.policy, book.snapshot())
    buying = {o.symbol.split("/")[0] for o in orders_of(plan) if o.sleeve is Sleeve.CORE and o.side is Side.BUY}
    places = [place_of(proposal, buying) for proposal in plan.proposals]
    assert places == sorted(places), told(plan)
    assert [proposal.number for proposal in plan.proposals] == list(range(1, len(places) + 1))


@given(books())
def test_a_reduce_only_order_is_never_larger_than_the_short_it_reduces(book: Book) -> None:
    """It never opens (I11); an order that is not reduce-only never buys a contract."""
    bought: dict[str, Decimal] = defaultdict(Decimal)
    for order in orders_of(plan_of(book.policy, book.snapshot())):
        assert order.reduce_only == (order.sleeve is Sleeve.HEDGE and order.side is Side.BUY)
        if order.reduce_only:
            bought[order.symbol.split("/")[0]] += order.quantity
    assert all(quantity <= book.shorts[asset] for asset, quantity in bought.items())
