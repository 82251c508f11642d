"""Whole cycles while prices jump and the venue fails: limits hold, books close, nothing is sent twice."""

import asyncio
from collections import defaultdict
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.instrument import WalletKind
from bot.domain.ledger import EntryKind
from bot.domain.memory import TradingState
from bot.domain.numbers import ZERO
from bot.simulator.faults import Fault
from tests.builders import d, wide_limits
from tests.properties.bench import Bench, Jumps, faults, jumps
from tests.properties.strategies import COINS, Book, books, told

CYCLES = 5
LIMITS = wide_limits(max_exposure_over_band=d("0.05"), max_leverage_setting=d(3))
days = st.tuples(books(limits=LIMITS), faults, jumps(COINS, CYCLES))


async def live(bench: Bench, cycles: int = CYCLES) -> None:
    """So many cycles, a minute apart."""
    for _ in range(cycles):
        await bench.cycle()


def lived(day: tuple[Book, tuple[Fault, ...], Jumps]) -> Bench:
    """A bench after some cycles of jumps and faults."""
    bench = Bench(*day)
    asyncio.run(live(bench))
    return bench


@settings(max_examples=60)
@given(days)
def test_no_request_makes_a_hedge_larger_than_its_core(day: tuple[Book, tuple[Fault, ...], Jumps]) -> None:
    """After every request, answered or not: short at most the core and a step, or no worse than before (I10)."""
    bench = lived(day)
    for request, before, after in bench.exchange.seen:
        for asset, now in after.items():
            step = bench.book.instruments[f"{asset}/USDT:USDT"].step
            allowed = (
                max(step, before[asset].over_hedge(d(1))) if now.short + now.may_short > 0 else now.over_hedge(d(1))
            )
            assert now.over_hedge(d(1)) <= allowed, (request, before[asset], now)


@settings(max_examples=60)
@given(days)
def test_no_request_takes_a_coin_further_beyond_its_cap(day: tuple[Book, tuple[Fault, ...], Jumps]) -> None:
    """|delta| at worst, orders in doubt filled against us: within the cap, or no further out than before (I9).

    The cap: the coin's share at the core band's high edge and 5 % of equity, counted in today's prices. Buying
    back a short is never refused for exposure (I16).
    """
    bench = Bench(*day)
    policy = bench.book.policy
    for _ in range(CYCLES):
        first = len(bench.exchange.seen)
        report = asyncio.run(bench.cycle())
        if report is None:
            continue
        exposure = report.decision.exposure
        for request, before, after in bench.exchange.seen[first:]:
            if request.reduce_only:
                continue
            asset = request.symbol.split("/")[0]
            share = policy.core.assets[asset] * policy.core.band.high + policy.limits.max_exposure_over_band
            slack = d("1.02")  # fees and spreads of the cycle make its equity smaller than it was
            cap = share * exposure.equity / exposure.assets[asset].price * slack
            assert after[asset].most <= max(cap, before[asset].most), (request, before[asset], after[asset])


@settings(max_examples=60)
@given(days)
def test_a_reduce_only_order_never_opens_whatever_happens_to_it(day: tuple[Book, tuple[Fault, ...], Jumps]) -> None:
    """The short is smaller or the same afterwards, and never a long (I11)."""
    for request, before, after in lived(day).exchange.seen:
        asset = request.symbol.split("/")[0]
        assert after[asset].short >= 0
        if request.reduce_only:
            assert after[asset].short <= before[asset].short


@settings(max_examples=60)
@given(days)
def test_the_books_close_after_every_day(day: tuple[Book, tuple[Fault, ...], Jumps]) -> None:
    """Every balance is the opening one plus the ledger, to the last digit; own transfers sum to zero (I19, I20)."""
    bench = lived(day)
    expected: dict[tuple[WalletKind, str], Decimal] = defaultdict(Decimal, bench.book.account.balances)
    moved = ZERO
    for entry in asyncio.run(bench.venue.ledger(0)):
        expected[entry.wallet, entry.asset] += entry.change
        moved += entry.change if entry.kind is EntryKind.TRANSFER else ZERO
    assert expected == defaultdict(Decimal, bench.venue.state.account.balances)
    assert moved == 0


@settings(max_examples=60)
@given(days)
def test_what_is_settled_is_what_the_venue_booked(day: tuple[Book, tuple[Fault, ...], Jumps]) -> None:
    """The journal's ledger is the venue's without a gap or repetition, and nothing in it ever halted trading (I19)."""
    bench = lived(day)
    asyncio.run(live(bench, 3))
    kept = [entry.sequence for entry in bench.journal.entries]
    assert kept == list(range(1, len(kept) + 1))
    assert bench.journal.entries == list(bench.venue.state.entries)[: len(kept)]
    assert [one for s in bench.journal.settlements for one in s.discrepancies if one.halts] == []


@settings(max_examples=60)
@given(days)
def test_one_intent_one_request_one_order(day: tuple[Book, tuple[Fault, ...], Jumps]) -> None:
    """At most one request for each client id, and no order without its intent (I2, I3)."""
    bench = lived(day)
    assert all(count == 1 for count in bench.exchange.requests.values())
    names = [report.client_order_id for report in bench.venue.state.reports]
    assert len(names) == len(set(names))
    assert set(names) <= set(bench.journal.intents)
    assert {report.transfer_id for report in bench.venue.state.transfers} <= set(bench.journal.transfers)


@settings(max_examples=40)
@given(books(limits=LIMITS), faults)
def test_when_the_faults_stop_the_bot_comes_to_rest_by_itself(book: Book, script: tuple[Fault, ...]) -> None:
    """No intent stays open, nothing more is sent, and nobody has to resume it (I30, I34)."""
    bench = Bench(book, script)
    asyncio.run(live(bench, 16))
    last = bench.journal.cycles[-1].decision
    assert last.verdict.approved == (), told(last.plan)
    assert asyncio.run(bench.journal.unresolved()) == ()
    assert asyncio.run(bench.journal.unresolved_transfers()) == ()
    assert bench.control.state() == (TradingState.ACTIVE, "")
