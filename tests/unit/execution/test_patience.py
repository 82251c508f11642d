"""Reads are tried again, writes never."""

import pytest

from bot.errors import OutcomeUnknown, SnapshotUnavailable
from bot.execution.patience import ATTEMPTS, PatientExchange
from bot.ports import Exchange
from bot.simulator.faults import Fault, FaultKind, Request
from tests.desk import NEW_YEAR, Desk
from tests.unit.execution.test_executor import A_TRANSFER, a_buy


def patient(desk: Desk) -> tuple[Exchange, list[str]]:
    """A patient exchange on a desk, and what it told."""
    told: list[str] = []
    return PatientExchange(desk.exchange, desk.clock, told.append), told


async def test_a_short_outage_is_waited_out() -> None:
    """Two failures, then an answer; 1 + 2 simulated seconds have passed."""
    desk = Desk(Fault(kind=FaultKind.UNAVAILABLE, on=Request.SNAPSHOT, times=2, text="prices"))
    exchange, told = patient(desk)
    assert (await exchange.snapshot()).venue == "sim"
    assert len(told) == 2
    assert "attempt 1 of 5" in told[0]
    assert (desk.clock.now() - NEW_YEAR).total_seconds() == 3


async def test_a_long_outage_is_an_error() -> None:
    """Five attempts and no more."""
    desk = Desk(Fault(kind=FaultKind.UNAVAILABLE, on=Request.SNAPSHOT, times=99, text="prices"))
    exchange, _ = patient(desk)
    with pytest.raises(SnapshotUnavailable):
        await exchange.snapshot()
    assert desk.exchange.calls[Request.SNAPSHOT] == ATTEMPTS


async def test_a_write_leaves_once_whatever_happens() -> None:
    """F11: an unknown outcome is passed on, not tried again."""
    faults = [Fault(kind=FaultKind.LOST_BEFORE_ARRIVAL, on=on) for on in (Request.PLACE, Request.TRANSFER)]
    desk = Desk(*faults)
    exchange, told = patient(desk)
    with pytest.raises(OutcomeUnknown):
        await exchange.place("h1", a_buy())
    with pytest.raises(OutcomeUnknown):
        await exchange.transfer("h2", A_TRANSFER)
    assert desk.exchange.requests == {"h1": 1, "h2": 1}
    assert told == []


async def test_everything_else_is_passed_on() -> None:
    """Names, looks, ledger, cancel and close."""
    desk = Desk()
    exchange, _ = patient(desk)
    assert (exchange.venue, exchange.account) == (desk.venue.venue, desk.venue.account)
    assert exchange.receive_window == desk.venue.receive_window
    assert await exchange.find("h1", "BTC/USDT") is None
    assert await exchange.find_transfer("h1", A_TRANSFER, desk.clock.now()) is None
    assert await exchange.ledger(0) == ()
    await exchange.cancel("h1", "BTC/USDT")
    await exchange.close()
