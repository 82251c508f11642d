"""Laws of the gate that hold for every book and every plan."""

from dataclasses import fields, replace
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bot.domain.instrument import WalletKind
from bot.domain.memory import Memory, TradingState
from bot.domain.order import CancelRequest, Leg, OrderRequest, OrderType, Side, Sleeve, TransferRequest
from bot.domain.plan import Verdict
from bot.domain.policy import Limits, Policy
from bot.domain.snapshot import Balance, Snapshot
from bot.errors import SnapshotUnavailable
from bot.policy.exposure import measure_exposure
from bot.risk.account import account_of
from bot.risk.board import Board
from bot.risk.case import over_hedge
from bot.risk.figures import figures
from bot.risk.flight import in_flight
from bot.risk.gate import review
from bot.risk.market import market_of, priced
from bot.risk.measure import admit, book_of
from bot.risk.projection import Book
from bot.risk.totals import Totals
from bot.risk.trial import Trial
from tests.builders import a_claim, a_memory, a_policy, a_short, an_inverse_perpetual, d, wide_limits
from tests.unit.risk.test_projection import counted_again, same_totals
from tests.unit.risk.words import (
    INVERSE,
    PERP,
    SPOT,
    a_book,
    a_part,
    a_plan,
    a_transfer,
    an_order,
    carry_rules,
    codes,
    listed,
    resting,
    tactical_rules,
)

ETH, ETH_PERP = "ETH/USDT", "ETH/USDT:USDT"
MID = {SPOT: 70_000, PERP: 70_000, ETH: 3_500, ETH_PERP: 3_500, INVERSE: 70_000}
TICK = {SPOT: "0.01", PERP: "0.1", ETH: "0.01", ETH_PERP: "0.1", INVERSE: "0.1"}

WORTH = st.integers(0, 400).map(lambda n: d(n) / 1000)  # of the price of 70,000 or 3,500, in coins × 20
symbols = st.sampled_from(sorted(MID))


@st.composite
def orders(draw: st.DrawFn, symbol: str | None = None) -> OrderRequest:
    """An order on the grid, up to 8 BTC or 160 ETH, within 3 % of mid, reduce-only now and then."""
    name = symbol or draw(symbols)
    coins = d(draw(st.integers(1, 8_000))) / 1_000 * (1 if name.startswith("BTC") else 20)
    if name == INVERSE:
        coins = d(draw(st.integers(1, 5_000)))  # contracts of 100 USD
    price = MID[name] * (1 + d(draw(st.integers(-30, 30))) / 1_000)
    return an_order(
        name,
        draw(st.sampled_from(Side)),
        coins,
        price,
        reduce_only=":" in name and draw(st.booleans()),
        type=draw(st.sampled_from([OrderType.LIMIT_IOC, OrderType.LIMIT_IOC, OrderType.POST_ONLY])),
    )


@st.composite
def transfers(draw: st.DrawFn) -> TransferRequest:
    """A transfer of up to 200,000 or 4 BTC either way."""
    if draw(st.booleans()):
        return a_transfer(
            d(draw(st.integers(1, 40))) / 10, into=draw(st.booleans()), asset="BTC", wallet=WalletKind.INVERSE
        )
    ways = draw(st.permutations([WalletKind.SPOT, WalletKind.LINEAR]))
    amount = d(draw(st.integers(1, 200_000)))
    return TransferRequest(asset="USDT", amount=amount, source=ways[0], target=ways[1])


@st.composite
def books(draw: st.DrawFn) -> Snapshot:
    """A book of BTC, ETH and USDT with shorts and longs, and an order or two in flight."""
    count = st.integers(0, 10)
    positions = []
    for asset, price, scale in (("BTC", 70_000, 1), ("ETH", 3_500, 20)):
        coins = draw(st.integers(-6, 6)) * scale
        if coins:
            entry = price + draw(st.integers(-price // 5, price // 5))
            positions.append(a_short(asset, coins, entry=entry, leverage=draw(st.integers(1, 10))))
    waiting = draw(st.lists(symbols, max_size=2, unique=True))
    book = a_book(
        spot={"BTC": draw(count), "ETH": draw(count) * 20, "USDT": draw(st.integers(0, 400_000))},
        futures_usdt=draw(st.integers(100_000, 600_000)),
        shorts=tuple(positions),
        open_orders=tuple(
            resting(symbol, side, 1, MID[symbol] * (2 if side is Side.SELL else d("0.5")), client_order_id=f"h{n}")
            for n, symbol in enumerate(waiting)
            for side in [draw(st.sampled_from(Side))]
        ),
    )
    book = listed(book, an_inverse_perpetual(), 70_000)
    contracts, margin = draw(st.integers(-3_000, 3_000)), d(draw(st.integers(0, 40))) / 10
    if contracts:
        held = a_short("BTC", -contracts, entry=draw(st.integers(60_000, 80_000)), symbol=INVERSE)
        book = replace(book, positions={**book.positions, INVERSE: held})
    purse = Balance(wallet=WalletKind.INVERSE, asset="BTC", free=margin, locked=d(0))
    book = replace(book, balances=(*book.balances, purse))
    assume(worth_something(book))
    return book


def worth_something(snapshot: Snapshot) -> bool:
    """Whether the book has any equity: one without is denied whole, which another law says."""
    try:
        return measure_exposure(snapshot, a_policy()).account_equity > 0 and bool(projected(snapshot, a_policy()))
    except SnapshotUnavailable:
        return False


plans = st.lists(orders() | transfers(), min_size=1, max_size=6)


@st.composite
def some_limits(draw: st.DrawFn) -> Limits:
    """Limits that bite now and then."""
    pick = st.sampled_from
    return wide_limits(
        max_order_value=draw(pick([d(10**12), d(100_000)])),
        price_collar=draw(pick([d("0.05"), d("0.01")])),
        max_exposure_over_band=draw(pick([d(10), d("0.05")])),
        max_gross_leverage=draw(pick([d(10), d("0.6")])),
        max_hedge_ratio=draw(pick([d(1), d("0.5")])),
        min_liquidation_distance=draw(pick([d(0), d("0.3")])),
        max_daily_turnover=draw(pick([d(100), d("0.3")])),
        max_futures_margin_share=draw(pick([d(1), d("0.4")])),
    )


def verdict_on(legs: list[Leg], snapshot: Snapshot, policy: Policy, memory: Memory | None = None) -> Verdict:
    """The verdict on a plan of these legs."""
    return review(a_plan(*legs), snapshot, policy, memory or a_memory())


def projected(snapshot: Snapshot, policy: Policy) -> Book:
    """The book the gate starts from."""
    return book_of(Board(snapshot=snapshot, currency="USDT"), policy, in_flight(snapshot, a_memory()))


def laid(book: Book, snapshot: Snapshot, policy: Policy, legs: list[Leg]) -> Trial:
    """The book with legs laid over it."""
    board, trial = Board(snapshot=snapshot, currency="USDT"), Trial(book)
    for leg in legs:
        if isinstance(leg, TransferRequest):
            trial.move(leg)
            continue
        if isinstance(leg, CancelRequest):
            trial.cancel(leg)
            continue
        instrument = board.instrument(leg.symbol)
        admit(book, board, policy, instrument)
        trial.trade(priced(leg, market_of(board, leg.symbol, policy, None, ambiguous=False)))
    return trial


def steps(verdict: Verdict, snapshot: Snapshot, policy: Policy) -> list[tuple[Trial, Book]]:
    """Each approved proposal as a trial, with the book before it counted anew."""
    found: list[tuple[Trial, Book]] = []
    done: list[Leg] = []
    for approved in verdict.approved:
        book = projected(snapshot, policy)
        if done:
            book.take(laid(book, snapshot, policy, done))
        found.append((laid(book, snapshot, policy, list(approved.proposal.legs)), book))
        done.extend(approved.proposal.legs)
    return found


def closes_only(trial: Trial) -> bool:
    """Whether every order is reduce-only: buying back a hedge raises delta and is never denied for it."""
    return len(trial.reductions) == len(trial.trades)


@given(books(), plans, some_limits())
def test_exposure_stays_under_its_cap_or_shrinks(snapshot: Snapshot, legs: list[Leg], limits: Limits) -> None:
    """I9: the worst a coin can come to, orders in flight filled, grows beyond its cap by closing a hedge only."""
    policy = a_policy(limits=limits)
    for trial, book in steps(verdict_on(legs, snapshot, policy), snapshot, policy):
        for asset, line in trial.coins.items():
            share = policy.core.assets[asset] * policy.core.band.high + limits.max_exposure_over_band
            shrank = abs(line.delta) <= abs(book.coins[asset].delta)
            assert line.worst <= share * trial.totals.whole or shrank or closes_only(trial)
        leverage = limits.max_gross_leverage * trial.totals.equity
        assert trial.totals.worst_gross <= leverage or trial.totals.worst_gross <= book.totals.worst_gross


@given(books(), plans, some_limits())
def test_no_hedge_grows_over_its_bound(snapshot: Snapshot, legs: list[Leg], limits: Limits) -> None:
    """I10: shorts against the core's coins, pending sales done, within one step; or no worse than before."""
    policy = a_policy(limits=limits)
    account = account_of(Board(snapshot=snapshot, currency="USDT"), policy, a_memory(), (), Totals(equity=d(1)))
    for trial, book in steps(verdict_on(legs, snapshot, policy), snapshot, policy):
        for asset, line in trial.coins.items():
            excess = over_hedge(account, line)
            grows = excess > over_hedge(account, book.coins[asset])
            assert excess <= 0 or not grows or line.short <= 0 or closes_only(trial)


@given(books(), st.lists(orders(PERP) | orders(ETH_PERP) | orders(INVERSE), min_size=1, max_size=6))
def test_a_reduce_only_order_never_opens(snapshot: Snapshot, legs: list[Leg]) -> None:
    """I11: the sign stays or the position is gone, and it is never larger."""
    policy = a_policy()
    for trial, book in steps(verdict_on(legs, snapshot, policy), snapshot, policy):
        for trade in trial.trades:
            symbol = trade.order.symbol
            if trade.order.reduce_only:
                before, after = book.held(symbol), trial.held(symbol)
                assert before * after >= 0
                assert abs(after) < abs(before)


@settings(suppress_health_check=[HealthCheck.filter_too_much])  # most orders drawn are refused, as they should be
@given(books(), orders(), some_limits(), st.integers(1, 99), st.integers(0, 100))
def test_less_of_an_approved_order_is_approved(
    snapshot: Snapshot, order: OrderRequest, limits: Limits, part: int, nearer: int
) -> None:
    """I13: a smaller quantity above the minimums, and a price nearer to the reference."""
    policy = a_policy(limits=limits)
    assume(verdict_on([order], snapshot, policy).approved)
    step = d(1) if order.symbol == INVERSE else d("0.001")
    smaller = replace(order, quantity=(order.quantity * part / 100).quantize(step))
    assume(smaller.quantity * (100 if order.symbol == INVERSE else MID[order.symbol]) > 6)
    assert codes(verdict_on([smaller], snapshot, policy)) == []
    tick = d(TICK[order.symbol])
    mid, price = d(MID[order.symbol]), order.price or d(0)
    tighter = replace(order, price=((price + (mid - price) * nearer / 100) / tick).to_integral_value() * tick)
    assert codes(verdict_on([tighter], snapshot, policy)) == []


@given(books(), orders(PERP), some_limits())
def test_a_reduction_stays_approved_when_it_says_so(snapshot: Snapshot, order: OrderRequest, limits: Limits) -> None:
    """I13: an approved order that only reduces is approved as reduce-only too."""
    policy = a_policy(limits=limits)
    held = snapshot.positions.get(PERP)
    assume(held is not None and held.quantity * order.side.sign < 0 and order.quantity <= abs(held.quantity))
    assume(verdict_on([replace(order, reduce_only=False)], snapshot, policy).approved)
    assert codes(verdict_on([replace(order, reduce_only=True)], snapshot, policy)) == []


STRICTER = {
    "jump_window_seconds": 10,
    "repeat_window_minutes": 10,
    "duplicate_window_seconds": 10,
}


def stricter(limits: Limits, name: str, divisor: int) -> Limits:
    """The limits with one made stricter: windows longer, minimums higher, maximums lower."""
    value = getattr(limits, name)
    if name in STRICTER or name.startswith("min_"):
        tight: Any = value * divisor + (0 if isinstance(value, int) else d(divisor) / 10)
    else:
        tight = value // divisor if isinstance(value, int) else value / divisor
    return replace(limits, **{name: tight})


@given(
    books(),
    orders() | transfers(),
    some_limits(),
    st.sampled_from([field.name for field in fields(Limits)]),
    st.integers(2, 200),
)
def test_what_a_strict_limit_allows_a_loose_one_allows(
    snapshot: Snapshot, leg: Leg, limits: Limits, name: str, divisor: int
) -> None:
    """The gate never approves what a stricter limit denies, and the other way about never denies."""
    strict = a_policy(limits=stricter(limits, name, divisor))
    assume(verdict_on([leg], snapshot, strict).approved)
    assert codes(verdict_on([leg], snapshot, a_policy(limits=limits))) == []


@given(books(), plans)
def test_the_running_totals_are_what_counting_again_gives(snapshot: Snapshot, legs: list[Leg]) -> None:
    """After any sequence of approved legs, the projected book is the book of the snapshot it stands for."""
    snapshot = replace(snapshot, open_orders=())
    policy = a_policy()
    verdict = verdict_on(legs, snapshot, policy)
    book = projected(snapshot, policy)
    for approved in verdict.approved:
        book.take(laid(book, snapshot, policy, list(approved.proposal.legs)))
    again = counted_again(snapshot, book)
    same_totals(book, projected(again, policy))
    brute = figures(again, policy)
    for name in ("net_delta", "leverage", "crash_loss", "funding_per_day"):
        assert abs(getattr(verdict.after, name) - getattr(brute, name)) < d("1e-12"), name
    for name in ("margin_ratio", "liquidation_distance", "survives_rally"):
        ours, theirs = getattr(verdict.after, name), getattr(brute, name)
        assert (ours is None) == (theirs is None)
        assert ours is None or abs(ours - theirs) < d("1e-12"), name


@given(books(), plans, some_limits(), st.sampled_from([TradingState.REDUCING, TradingState.HALTED]))
def test_while_reducing_no_exposure_grows(
    snapshot: Snapshot, legs: list[Leg], limits: Limits, state: TradingState
) -> None:
    """What passes then lowers delta or the position; while halted nothing passes."""
    policy = a_policy(limits=limits)
    verdict = verdict_on(legs, snapshot, policy, a_memory(state=state))
    assert state is TradingState.REDUCING or not verdict.approved
    for trial, book in steps(verdict, snapshot, policy):
        assert trial.totals.gross <= book.totals.gross
        for asset, line in trial.coins.items():
            assert abs(line.delta) <= abs(book.coins[asset].delta) or closes_only(trial)


@st.composite
def claimed_orders(draw: st.DrawFn) -> OrderRequest:
    """An order of which carry and the overlay own parts, by two rules each, some of them the wrong way round."""
    order = draw(orders(draw(st.sampled_from([PERP, INVERSE]))))
    signed = order.signed_quantity
    split = draw(st.lists(st.integers(-3, 5), min_size=4, max_size=4))
    owners = [(Sleeve.CARRY, "a"), (Sleeve.CARRY, "b"), (Sleeve.TACTICAL, "a"), (Sleeve.TACTICAL, "b")]
    parts = [a_part(sleeve, signed * n / 10, rule) for (sleeve, rule), n in zip(owners, split, strict=True) if n]
    rest = signed - sum((part.quantity for part in parts), d(0))
    return replace(order, sleeve=Sleeve.HEDGE, parts=(*parts, a_part(Sleeve.HEDGE, rest, "")))


@given(books(), st.lists(claimed_orders(), min_size=1, max_size=6))
def test_what_sleeves_claim_is_what_counting_their_claims_again_gives(
    snapshot: Snapshot, legs: list[OrderRequest]
) -> None:
    """Claims opened, closed and turned by the parts of orders: coins, capital and shock are those of a fresh count."""
    snapshot = replace(snapshot, open_orders=())
    policy = a_policy(carry=carry_rules(leverage=d(2)), tactical=tactical_rules())
    book = projected(snapshot, policy)
    for leg in legs:
        book.take(laid(book, snapshot, policy, [leg]))
    claims = [
        a_claim(sleeve, symbol, stake.quantity, rule=rule, entry=stake.entry)
        for (sleeve, rule, symbol), stake in book.stakes.items()
    ]
    again = book_of(Board(snapshot=counted_again(snapshot, book), currency="USDT"), policy, (), claims)
    same_totals(book, again)
    line, fresh = book.coins["BTC"], again.coins["BTC"]
    for name in ("carry", "claimed", "carry_contracts", "short", "hedgeable", "unhedged", "worst"):
        assert abs(getattr(line, name) - getattr(fresh, name)) < d("1e-15"), name
