"""A plan is fresh only as long as nothing it rests on has moved: whatever moves is named (I28)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain.order import OpenOrder, Side
from bot.domain.plan import Plan
from bot.domain.snapshot import Balance, MarginMode, Position, Snapshot
from bot.risk.freshness import stale
from tests.builders import NOON, d, wide_limits
from tests.properties.strategies import Book, books, orders_of, plan_of

LIMITS = wide_limits(plan_ttl_seconds=d(60), max_plan_price_drift=d("0.005"), max_snapshot_age_seconds=d(60))
RULES = ("tick", "step", "min_quantity", "min_notional", "taker_fee", "maker_fee", "contract_size")
Change = Callable[[Snapshot, Plan, int], Snapshot]


def richer(now: Snapshot, plan: Plan, which: int) -> Snapshot:
    """One balance has a cent more."""
    return _balance(now, which, lambda one: replace(one, free=one.free + d("0.01")))


def locked(now: Snapshot, plan: Plan, which: int) -> Snapshot:
    """A part of one balance is not free any more."""
    return _balance(now, which, lambda one: replace(one, free=one.free / 2, locked=one.locked + one.free / 2))


def _balance(now: Snapshot, which: int, change: Callable[[Balance], Balance]) -> Snapshot:
    number = which % len(now.balances)
    assume(now.balances[number].free)
    return replace(now, balances=tuple(change(one) if n == number else one for n, one in enumerate(now.balances)))


def another_position(now: Snapshot, plan: Plan, which: int) -> Snapshot:
    """A short has appeared, or is a hundredth of a coin larger."""
    symbol = sorted(symbol for symbol in now.instruments if ":" in symbol)[which % (len(now.instruments) // 2)]
    fresh = Position(
        symbol=symbol,
        quantity=d("-0.01"),
        entry_price=d(1),
        margin_mode=MarginMode.CROSS,
        leverage=d(3),
    )
    held = now.positions.get(symbol)
    after = fresh if held is None else replace(held, quantity=held.quantity + fresh.quantity)
    return replace(now, positions={**now.positions, symbol: after})


def another_leverage(now: Snapshot, plan: Plan, which: int) -> Snapshot:
    """Somebody set another leverage."""
    assume(now.positions)
    symbol = sorted(now.positions)[which % len(now.positions)]
    return replace(now, positions={**now.positions, symbol: replace(now.positions[symbol], leverage=d(7))})


def resting_order(now: Snapshot, plan: Plan, which: int) -> Snapshot:
    """An order rests that did not."""
    symbol = sorted(now.instruments)[which % len(now.instruments)]
    order = OpenOrder(
        client_order_id="byhand", symbol=symbol, side=Side.BUY, remaining=d(1), price=d(1), reduce_only=False
    )
    return replace(now, open_orders=(*now.open_orders, order))


def another_rule(now: Snapshot, plan: Plan, which: int) -> Snapshot:
    """One rule of a market that is traded in has doubled."""
    symbol, name = _traded(plan, which), RULES[which % len(RULES)]
    assume(getattr(now.instruments[symbol], name))
    other = replace(now.instruments[symbol], **{name: getattr(now.instruments[symbol], name) * 2})
    return replace(now, instruments={**now.instruments, symbol: other})


def delisted(now: Snapshot, plan: Plan, which: int) -> Snapshot:
    """A market that is traded in is gone."""
    gone = _traded(plan, which)
    return replace(now, instruments={symbol: one for symbol, one in now.instruments.items() if symbol != gone})


def moved_price(now: Snapshot, plan: Plan, which: int) -> Snapshot:
    """A price is 0.51 % or more away, up or down; 0.5 % are allowed."""
    symbol = _traded(plan, which)
    quote, factor = now.quotes[symbol], 1 + (d("0.0051") + d(which) / 1000) * (1 if which % 2 else -1)
    mark = quote.mark and quote.mark * factor
    other = replace(quote, bid=quote.bid * factor, ask=quote.ask * factor, mark=mark)
    return replace(now, quotes={**now.quotes, symbol: other})


def later(now: Snapshot, plan: Plan, which: int) -> Snapshot:
    """More than 60 seconds have passed."""
    return replace(now, taken_at=NOON + timedelta(seconds=61 + which))


def another_epoch(now: Snapshot, plan: Plan, which: int) -> Snapshot:
    """The account has seen an event."""
    return replace(now, epoch=now.epoch + 1 + which)


def another_account(now: Snapshot, plan: Plan, which: int) -> Snapshot:
    """It is another account."""
    return replace(now, account=f"sim-other-{which}")


CHANGES: tuple[Change, ...] = (
    richer, locked, another_position, another_leverage, resting_order, another_rule, delisted, moved_price, later,
    another_epoch, another_account,
)  # fmt: skip


def _traded(plan: Plan, which: int) -> str:
    symbols = sorted({order.symbol for order in orders_of(plan)})
    assume(symbols)
    return symbols[which % len(symbols)]


@given(books(), st.sampled_from(CHANGES), st.integers(0, 20))
def test_any_single_change_makes_a_plan_stale(book: Book, change: Change, which: int) -> None:
    """A balance, a position, an order, a rule, a price, the clock, the account: each is enough, and is named (I28)."""
    planned = book.snapshot()
    plan = plan_of(book.policy, planned)
    now = change(planned, plan, which)
    breaches = stale(planned, now, plan, LIMITS)
    assert breaches
    assert all(breach.actual for breach in breaches)


@given(books(), st.integers(0, 60), st.integers(-49, 49))
def test_a_plan_stays_fresh_while_nothing_moves_beyond_what_is_allowed(book: Book, seconds: int, points: int) -> None:
    """Up to 60 seconds and up to 0.49 % of every price, nothing else: no reason to refuse it (I28)."""
    planned = book.snapshot()
    factor = 1 + d(points) / 10_000
    quotes = {
        symbol: replace(one, bid=one.bid * factor, ask=one.ask * factor, mark=one.mark and one.mark * factor)
        for symbol, one in planned.quotes.items()
    }
    now = replace(planned, taken_at=NOON + timedelta(seconds=seconds), quotes=quotes)
    assert stale(planned, now, plan_of(book.policy, planned), LIMITS) == ()
