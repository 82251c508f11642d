"""The same world gives the same letters, however it is listed, named or scaled (I24, I27)."""

import os
import random
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as st

from bot.canonical import digest, to_text
from bot.decide import decide
from bot.domain.instrument import WalletKind
from bot.domain.order import OpenOrder, Side
from bot.domain.plan import Decision, Plan
from bot.domain.policy import Policy
from bot.domain.snapshot import Balance, MarginMode, Position, Snapshot
from tests.builders import a_memory, a_policy, a_quote, a_short, a_snapshot, an_inverse_perpetual, d
from tests.properties.strategies import COINS, Book, books, orders_of, plan_of, told, transfers_of

Value = TypeVar("Value")
ROOT = Path(__file__).parents[2]


def with_coin_margined(snapshot: Snapshot) -> Snapshot:
    """The snapshot with three coin-margined shorts whose profits have no end in decimals, and two resting orders."""
    contracts = [replace(an_inverse_perpetual(), symbol=f"BTC/USD:BTC-2603{day}") for day in (10, 20, 30)]
    price = snapshot.quotes["BTC/USDT"].mid
    shorts = [
        Position(
            symbol=one.symbol,
            quantity=d(-quantity),
            entry_price=price * entry / 7,
            margin_mode=MarginMode.CROSS,
            leverage=d(2),
        )
        for one, quantity, entry in zip(contracts, (7, 13, 17), (3, 11, 9), strict=True)
    ]
    orders = tuple(
        OpenOrder(
            client_order_id=name, symbol="BTC/USDT", side=Side.BUY, remaining=d(1), price=price / 3, reduce_only=False
        )
        for name in ("one", "two")
    )
    return replace(
        snapshot,
        instruments={**snapshot.instruments, **{one.symbol: one for one in contracts}},
        balances=(*snapshot.balances, Balance(wallet=WalletKind.INVERSE, asset="BTC", free=d(1) / 3, locked=d(0))),
        positions={**snapshot.positions, **{short.symbol: short for short in shorts}},
        quotes={**snapshot.quotes, **{one.symbol: a_quote(one.symbol, price) for one in contracts}},
        open_orders=orders,
    )


def shuffled(found: Mapping[str, Value], chance: random.Random) -> dict[str, Value]:
    """The same mapping, inserted in another order."""
    items = list(found.items())
    chance.shuffle(items)
    return dict(items)


def relisted(snapshot: Snapshot, chance: random.Random) -> Snapshot:
    """The same snapshot with everything listed in another order."""
    return replace(
        snapshot,
        instruments=shuffled(snapshot.instruments, chance),
        balances=tuple(chance.sample(snapshot.balances, len(snapshot.balances))),
        positions=shuffled(snapshot.positions, chance),
        quotes=shuffled(snapshot.quotes, chance),
        funding=shuffled(snapshot.funding, chance),
    )


def rewritten(policy: Policy, chance: random.Random) -> Policy:
    """The same policy, its tables written in another order."""
    core = policy.core
    core = replace(
        core,
        assets=shuffled(core.assets, chance),
        half_widths=shuffled(core.half_widths, chance),
        never_sell=shuffled(core.never_sell, chance),
        held_elsewhere=shuffled(core.held_elsewhere, chance),
    )
    return replace(policy, core=core)


@given(books(), st.randoms(use_true_random=False))
def test_the_order_of_lists_and_tables_changes_no_letter_of_the_decision(book: Book, chance: random.Random) -> None:
    """Balances, positions, instruments, quotes, funding and the policy's tables, each shuffled (I24)."""
    decision = decide(book.policy, book.snapshot(), a_memory())
    again = decide(rewritten(book.policy, chance), relisted(book.snapshot(), chance), a_memory())
    assert to_text(again) == to_text(decision)


@given(books(), st.randoms(use_true_random=False))
def test_sums_that_must_be_rounded_do_not_depend_on_the_order_either(book: Book, chance: random.Random) -> None:
    """Three coin-margined shorts of endless decimals: the same book, targets, drift, plan and approvals (I24)."""
    snapshot = with_coin_margined(book.snapshot())
    decision = decide(book.policy, snapshot, a_memory())
    again = decide(rewritten(book.policy, chance), relisted(snapshot, chance), a_memory())
    for name in ("exposure", "targets", "drift", "plan"):
        assert to_text(getattr(again, name)) == to_text(getattr(decision, name))
    assert [one.proposal for one in again.verdict.approved] == [one.proposal for one in decision.verdict.approved]


def a_decision() -> Decision:
    """One decision of many parts, from figures that are written down."""
    snapshot = a_snapshot(
        spot={"BTC": "0.98", "ETH": "8.4", "USDT": 30_000},
        price={"BTC": 50_000, "ETH": 2_500},
        futures_usdt=10_000,
        shorts=(a_short("BTC", "0.3", entry=50_000), a_short("ETH", "1.48", entry=2_500)),
    )
    return decide(a_policy(), with_coin_margined(snapshot), a_memory())


def test_another_process_with_another_hash_seed_decides_the_same() -> None:
    """Sets and hashes are ordered otherwise there; the letters are the same (I24)."""
    code = (
        "from bot.canonical import digest, to_text\n"
        "from tests.properties.test_planning_determinism import a_decision\n"
        "print(digest(to_text(a_decision())))\n"
    )
    told_by = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for seed in ("1", "4711")
    }
    assert told_by == {digest(to_text(a_decision()))}


def scaled(book: Book, factor: int) -> Book:
    """The book with every balance and every fixed number of coins of its policy multiplied."""
    core = book.policy.core
    return replace(
        book,
        policy=replace(
            book.policy,
            core=replace(
                core,
                never_sell={asset: coins * factor for asset, coins in core.never_sell.items()},
                held_elsewhere={asset: coins * factor for asset, coins in core.held_elsewhere.items()},
            ),
        ),
        coins={asset: coins * factor for asset, coins in book.coins.items()},
        shorts={asset: coins * factor for asset, coins in book.shorts.items()},
        cash=book.cash * factor,
        margin=book.margin * factor,
    )


def by_market(plan: Plan) -> dict[tuple[str, Side], Decimal]:
    """Coins by market and side."""
    found: dict[tuple[str, Side], Decimal] = {}
    for order in orders_of(plan):
        found[order.symbol, order.side] = found.get((order.symbol, order.side), d(0)) + order.quantity
    return found


@given(books(fine=True), st.integers(2, 50))
def test_a_book_times_k_has_a_plan_times_k(book: Book, factor: int) -> None:
    """All balances multiplied, nothing near a minimum: every order is multiplied, up to steps and a cent (I27)."""
    large = scaled(book, factor)
    plans = plan_of(book.policy, book.snapshot()), plan_of(large.policy, large.snapshot())
    coins, more = (by_market(plan) for plan in plans)
    rest = d("0.01") + sum((one.step * book.prices[one.base] for one in book.instruments.values()), d(0))
    for market in {*coins, *more}:
        gap = more.get(market, d(0)) - coins.get(market, d(0)) * factor
        assert abs(gap) * book.prices[market[0].split("/")[0]] <= rest * factor, [told(plan) for plan in plans]
    moved, multiplied = (sum((t.amount for t in transfers_of(plan)), d(0)) for plan in plans)
    assert abs(multiplied - moved * factor) <= rest * factor


def renamed(book: Book, names: dict[str, str]) -> Book:
    """The book with other names for its coins."""

    def other(found: Mapping[str, Value]) -> dict[str, Value]:
        return {names[asset]: value for asset, value in found.items()}

    core = book.policy.core
    instruments = [
        replace(one, symbol=one.symbol.replace(one.base, names[one.base], 1), base=names[one.base])
        for one in book.instruments.values()
    ]
    return Book(
        policy=replace(
            book.policy,
            core=replace(
                core,
                assets=other(core.assets),
                half_widths=other(core.half_widths),
                never_sell=other(core.never_sell),
                held_elsewhere=other(core.held_elsewhere),
            ),
        ),
        prices=other(book.prices),
        instruments={one.symbol: one for one in instruments},
        coins=other(book.coins),
        shorts=other(book.shorts),
        cash=book.cash,
        margin=book.margin,
    )


@given(books(fine=True), st.permutations(["AAVE", "UNI", "LTC", "ZEC", "ATOM", "MKR"]))
def test_other_names_make_the_same_plan_with_other_names(book: Book, fresh: list[str]) -> None:
    """Quantities are the same to the last step; who is first among equals may differ (I27)."""
    names = dict(zip(COINS, fresh, strict=True))
    one = by_market(plan_of(book.policy, book.snapshot()))
    other = by_market(plan_of(renamed(book, names).policy, renamed(book, names).snapshot()))
    expected = {
        (symbol.replace(base := symbol.split("/")[0], names[base], 1), side): n for (symbol, side), n in one.items()
    }
    assert expected.keys() == other.keys()
    assert all(abs(other[market] - n) <= d("0.00000001") for market, n in expected.items())
