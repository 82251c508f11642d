"""Each scripted fault looks to the caller as it would at a real venue."""

from dataclasses import replace

import pytest

from bot.domain.instrument import WalletKind
from bot.domain.order import OrderStatus, OrderType, TransferRequest
from bot.errors import OrderRejected, OutcomeUnknown, SnapshotUnavailable
from bot.ports import Exchange
from bot.simulator.faults import Fault, FaultKind, FaultyExchange, Request
from tests.builders import NOON, a_short, d
from tests.unit.simulator.scripted import BTC, PERP, a_venue, an_account, an_order

MOVE = TransferRequest(asset="USDT", amount=d(10), source=WalletKind.SPOT, target=WalletKind.LINEAR)
BUY = an_order(BTC, "buy", 1)


def faulty(*faults: Fault) -> tuple[FaultyExchange, Exchange]:
    """A venue with 100,000 USDT and a short of 1, behind its faults."""
    account = replace(
        an_account(spot={"USDT": 100_000}, futures=100_000), positions={PERP: a_short("BTC", 1, entry=70_000)}
    )
    venue, _ = a_venue(account)
    return FaultyExchange(venue, faults), venue


async def test_without_faults_everything_passes() -> None:
    """The wrapper is the venue."""
    wrapped, venue = faulty()
    report = await wrapped.place("h1", BUY)
    assert await wrapped.find("h1", BTC) == report
    moved = await wrapped.transfer("x1", MOVE)
    assert await wrapped.find_transfer("x1", MOVE, NOON) == moved
    await wrapped.cancel("h1", BTC)
    assert await wrapped.snapshot() == await venue.snapshot()
    assert await wrapped.ledger(-1) == await venue.ledger(-1)
    assert (wrapped.venue, wrapped.account, wrapped.receive_window) == ("sim", "sim", venue.receive_window)
    assert wrapped.requests == {"h1": 1, "x1": 1}
    await wrapped.close()


async def test_an_order_may_be_accepted_and_its_answer_lost() -> None:
    """The outcome is unknown, the order is there."""
    wrapped, _ = faulty(Fault(kind=FaultKind.ACCEPTED_THEN_TIMEOUT, on=Request.PLACE))
    with pytest.raises(OutcomeUnknown):
        await wrapped.place("h1", BUY)
    report = await wrapped.find("h1", BTC)
    assert report is not None
    assert report.status is OrderStatus.FILLED


async def test_an_order_may_get_lost_on_the_way() -> None:
    """The outcome is unknown, the order is not there."""
    wrapped, _ = faulty(Fault(kind=FaultKind.LOST_BEFORE_ARRIVAL, on=Request.PLACE))
    with pytest.raises(OutcomeUnknown):
        await wrapped.place("h1", BUY)
    assert await wrapped.find("h1", BTC) is None
    assert wrapped.requests["h1"] == 1


async def test_an_order_may_be_rejected_with_any_code() -> None:
    """The second call only."""
    wrapped, _ = faulty(Fault(kind=FaultKind.REJECTED, on=Request.PLACE, call=2, text="too-busy"))
    await wrapped.place("h1", an_order(BTC, "buy", "0.1"))
    with pytest.raises(OrderRejected) as refused:
        await wrapped.place("h2", an_order(BTC, "buy", "0.1"))
    assert refused.value.code == "too-busy"


async def test_an_order_may_be_visible_only_later() -> None:
    """Two looks find nothing, the third does."""
    wrapped, _ = faulty(Fault(kind=FaultKind.NOT_YET_VISIBLE, on=Request.FIND, times=2))
    report = await wrapped.place("h1", BUY)
    assert [await wrapped.find("h1", BTC) for _ in range(3)] == [None, None, report]


async def test_an_order_may_fill_in_part() -> None:
    """Half of 1 BTC fills; the report says 1 was ordered and the rest expired, and goes on saying so."""
    wrapped, _ = faulty(Fault(kind=FaultKind.PARTIAL_FILL, on=Request.PLACE, number=d("0.5")))
    report = await wrapped.place("h1", BUY)
    assert (report.ordered, report.filled, report.status) == (1, d("0.5"), OrderStatus.EXPIRED)
    assert await wrapped.find("h1", BTC) == report


@pytest.mark.parametrize("kind", [FaultKind.ACCEPTED_THEN_TIMEOUT, FaultKind.LOST_BEFORE_ARRIVAL])
async def test_transfers_get_lost_in_the_same_ways(kind: FaultKind) -> None:
    """There when accepted, not there when lost; hidden while the script hides it."""
    hidden = Fault(kind=FaultKind.NOT_YET_VISIBLE, on=Request.FIND_TRANSFER)
    wrapped, _ = faulty(Fault(kind=kind, on=Request.TRANSFER), hidden)
    with pytest.raises(OutcomeUnknown):
        await wrapped.transfer("x1", MOVE)
    assert await wrapped.find_transfer("x1", MOVE, NOON) is None
    assert (await wrapped.find_transfer("x1", MOVE, NOON) is not None) == (kind is FaultKind.ACCEPTED_THEN_TIMEOUT)


async def test_a_cancel_gets_lost_too() -> None:
    """Once on the way, once on the way back."""
    wrapped, _ = faulty(
        Fault(kind=FaultKind.LOST_BEFORE_ARRIVAL, on=Request.CANCEL),
        Fault(kind=FaultKind.ACCEPTED_THEN_TIMEOUT, on=Request.CANCEL, call=2),
    )
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            await wrapped.cancel("h1", BTC)


async def test_a_part_may_be_unavailable() -> None:
    """The exception names it; the ledger may be unavailable too."""
    wrapped, _ = faulty(
        Fault(kind=FaultKind.UNAVAILABLE, on=Request.SNAPSHOT, text="positions"),
        Fault(kind=FaultKind.UNAVAILABLE, on=Request.LEDGER),
    )
    with pytest.raises(SnapshotUnavailable) as missing:
        await wrapped.snapshot()
    assert missing.value.part == "positions"
    with pytest.raises(SnapshotUnavailable):
        await wrapped.ledger(-1)
    assert (await wrapped.snapshot()).taken_at == NOON


async def test_a_snapshot_may_be_the_last_one_again() -> None:
    """A purchase in between is not seen."""
    wrapped, _ = faulty(Fault(kind=FaultKind.STALE, on=Request.SNAPSHOT, call=2))
    first = await wrapped.snapshot()
    await wrapped.place("h1", BUY)
    assert await wrapped.snapshot() == first
    assert (await wrapped.snapshot()).epoch > first.epoch


async def test_balances_and_positions_may_vanish_for_one_look() -> None:
    """Empty after non-empty: the epoch has not moved."""
    wrapped, _ = faulty(
        Fault(kind=FaultKind.NO_BALANCES, on=Request.SNAPSHOT, call=2),
        Fault(kind=FaultKind.NO_POSITIONS, on=Request.SNAPSHOT, call=3),
    )
    full, no_balances, no_positions = [await wrapped.snapshot() for _ in range(3)]
    assert (no_balances.balances, no_positions.positions) == ((), {})
    assert full.epoch == no_balances.epoch == no_positions.epoch
    assert full.positions


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-70000", "0"])
async def test_a_number_no_venue_can_mean_is_unavailable(number: str) -> None:
    """It never reaches the caller as a price."""
    wrapped, _ = faulty(Fault(kind=FaultKind.BAD_NUMBER, on=Request.SNAPSHOT, text=BTC, number=d(number)))
    with pytest.raises(SnapshotUnavailable) as missing:
        await wrapped.snapshot()
    assert missing.value.part == "BTC/USDT quote"


async def test_a_wrong_but_possible_number_passes() -> None:
    """A bid of 1 is absurd, not impossible: that is for the gate to see."""
    wrapped, _ = faulty(Fault(kind=FaultKind.BAD_NUMBER, on=Request.SNAPSHOT, text=BTC, number=d(1)))
    assert (await wrapped.snapshot()).quotes[BTC].bid == 1


async def test_a_person_may_trade_by_hand() -> None:
    """Half a bitcoin is bought between two looks, under an id that is not ours."""
    by_hand = Fault(kind=FaultKind.TRADE_BY_HAND, on=Request.SNAPSHOT, call=2, by_hand=an_order(BTC, "buy", "0.5"))
    wrapped, _ = faulty(by_hand)
    before, after = await wrapped.snapshot(), await wrapped.snapshot()
    assert after.epoch - before.epoch == 3
    assert wrapped.requests == {}


async def test_of_a_resting_order_only_a_part_may_rest() -> None:
    """Half of a stop of 1 waits; it is told as open, and of the whole."""
    wrapped, venue = faulty(Fault(kind=FaultKind.PARTIAL_FILL, on=Request.PLACE, number=d("0.5")))
    order = an_order(PERP, "buy", 1, type=OrderType.STOP, trigger=d(75_000), reduce_only=True)
    report = await wrapped.place("s1", order)
    assert (report.status, report.ordered) == (OrderStatus.OPEN, d(1))
    assert [one.remaining for one in (await venue.snapshot()).open_orders] == [d("0.5")]


async def test_the_history_may_be_out_of_reach() -> None:
    """Once; the next time it is told."""
    wrapped, venue = faulty(Fault(kind=FaultKind.UNAVAILABLE, on=Request.HISTORY))
    with pytest.raises(SnapshotUnavailable, match="history"):
        await wrapped.history(())
    assert await wrapped.history(()) == await venue.history(())
