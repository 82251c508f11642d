"""MEXC's books through the gateway: money moved once, changes with one sign, the past as it was."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.ledger import EntryKind
from bot.domain.order import Side
from bot.domain.reading import Series, SeriesKind, candles_key
from bot.errors import OrderRejected, OutcomeUnknown, SnapshotUnavailable
from tests.venues.rig import PERP, SPOT, Rig, order, rigged
from tests.venues.test_mexc import CONTRACTS, SPOT_WALLET, bare, move

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    """A funded account that may trade, 10,000 USDT of it in the contract wallet."""
    async with rigged("mexc") as one:
        await one.gateway.transfer("begin", move("10000"))
        yield one


# ── money ──


async def test_money_moves_once_and_is_found_by_what_it_was(rig: Rig) -> None:
    """12.5 USDT to contracts: the venue keeps no id of ours, so asset, amount, way and time tell it."""
    sent_at = rig.clock.now()
    await rig.gateway.transfer("move1", move("12.5"))
    found = await rig.gateway.find_transfer("move1", move("12.5"), sent_at)
    assert found is not None
    assert found.request == move("12.5")
    other = move("12.5", CONTRACTS, SPOT_WALLET)
    assert await rig.gateway.find_transfer("move2", other, sent_at) is None
    await rig.gateway.transfer("move3", move("12.5"))
    with pytest.raises(SnapshotUnavailable, match="2 transfers"):
        await rig.gateway.find_transfer("move3", move("12.5"), sent_at)


async def test_a_transfer_of_more_than_is_free_is_rejected_and_one_without_an_answer_is_unknown(rig: Rig) -> None:
    """10101 proves that nothing moved; a lost answer proves nothing, and the money is found to have moved."""
    with pytest.raises(OrderRejected) as refusal:
        await rig.gateway.transfer("move1", move("5000000"))
    assert refusal.value.code == "10101"
    rig.server.faults.next("transfer", "html-200")
    sent_at = rig.clock.now()
    with pytest.raises(OutcomeUnknown):
        await rig.gateway.transfer("move2", move("17"))
    assert await rig.gateway.find_transfer("move2", move("17"), sent_at) is not None
    assert await rig.gateway.find_transfer("move3", move("18"), sent_at) is None


# ── the books ──


async def test_the_ledger_closes_on_the_balances_with_received_positive(rig: Rig) -> None:
    """Buy, short, close, funding, a deposit and a withdrawal: changes sum to what each wallet's balance moved by."""
    await rig.pass_time(SECOND)
    before = await rig.gateway.snapshot()
    await rig.pass_time(SECOND)
    await rig.gateway.transfer("book0", move("500"))
    await rig.gateway.place("book1", order(SPOT, Side.BUY, "0.01"))
    await rig.gateway.place("book2", order(PERP, Side.SELL, "2000"))
    rig.server.core.live(timedelta(hours=8))
    await rig.gateway.place("book3", order(PERP, Side.BUY, "2000", reduce_only=True))
    rig.server.core.flow("USDT", Decimal(25))
    rig.server.core.flow("USDT", Decimal(-5))
    await rig.pass_time(SECOND)
    after = await rig.gateway.snapshot()
    entries = await rig.gateway.ledger(before.ledger_sequence - int(DAY.total_seconds()) * 1_000_000)
    entries = tuple(entry for entry in entries if abs(entry.change) != 10_000)
    for wallet in (SPOT_WALLET, CONTRACTS):
        for asset in ("USDT", "BTC"):
            changes = sum((e.change for e in entries if (e.wallet, e.asset) == (wallet, asset)), Decimal(0))
            moved = [
                sum(b.total for b in s.balances if (b.wallet, b.asset) == (wallet, asset)) for s in (before, after)
            ]
            assert abs(changes - (moved[1] - moved[0])) < Decimal("0.000001"), (wallet, asset)
    assert {entry.kind for entry in entries} == {
        EntryKind.TRANSFER,
        EntryKind.FILL,
        EntryKind.FEE,
        EntryKind.REALISED,
        EntryKind.FUNDING,
        EntryKind.DEPOSIT,
        EntryKind.WITHDRAWAL,
    }
    (funding,) = [entry for entry in entries if entry.kind is EntryKind.FUNDING]
    (real,) = [entry for entry in rig.server.core.ledger() if entry.kind is EntryKind.FUNDING]
    assert (funding.asset, funding.symbol, funding.wallet) == ("USDT", PERP, CONTRACTS)
    assert abs(funding.change - real.change) < Decimal("0.000001")
    assert all(entry.change < 0 for entry in entries if entry.kind is EntryKind.FEE)
    assert [entry.sequence for entry in entries] == sorted({entry.sequence for entry in entries})


async def test_more_trades_than_a_page_holds_are_all_in_the_ledger(rig: Rig) -> None:
    """130 spot trades, told newest first by a hundred; 105 of a contract, by numbered pages: each once."""
    await rig.pass_time(SECOND)
    before = await rig.gateway.snapshot()
    for number in range(130):
        await rig.pass_time(timedelta(milliseconds=10))
        rig.server.core.place(bare(SPOT, Side.BUY, "0.0001"))
        if number < 105:
            rig.server.core.place(bare(PERP, Side.SELL, "1"))
    await rig.pass_time(SECOND)
    entries = await rig.gateway.ledger(before.ledger_sequence)
    fees = [entry.symbol for entry in entries if entry.kind is EntryKind.FEE]
    assert (fees.count(SPOT), fees.count(PERP)) == (130, 105)


# ── the past ──


async def test_past_funding_is_read_page_by_page_since_it_is_told_newest_first(rig: Rig) -> None:
    """250 settlements in three pages of a hundred: MEXC takes no start."""
    await rig.gateway.snapshot()
    before = len(rig.server.asks)
    wanted = Series(kind=SeriesKind.FUNDING, symbol=PERP, seconds=0, count=250)
    points = (await rig.gateway.history((wanted,))).funding[PERP]
    assert len(points) == 250
    assert {point.interval_hours for point in points} == {8}
    assert [ask.params["page_num"] for ask in rig.server.asks[before:]] == ["1", "2", "3"]


async def test_the_past_has_closed_bars_and_settled_funding_but_no_open_interest(rig: Rig) -> None:
    """Thirty days of spot, a day of contract hours and twelve settlements; MEXC tells no past open interest."""
    wanted = (
        Series(kind=SeriesKind.CANDLES, symbol=SPOT, seconds=86_400, count=30),
        Series(kind=SeriesKind.CANDLES, symbol=PERP, seconds=3_600, count=24),
        Series(kind=SeriesKind.FUNDING, symbol=PERP, seconds=0, count=12),
        Series(kind=SeriesKind.OPEN_INTEREST, symbol=PERP, seconds=86_400, count=10),
    )
    found = await rig.gateway.history(wanted)
    days, hours = found.candles[candles_key(SPOT, 86_400)], found.candles[candles_key(PERP, 3_600)]
    assert (len(days), len(hours)) == (30, 24)
    assert days[-1].opened_at + DAY <= rig.clock.now() < days[-1].opened_at + 2 * DAY
    assert len(found.funding[PERP]) == 12
    assert {point.interval_hours for point in found.funding[PERP]} == {8}
    assert PERP not in found.open_interest
