"""When cycles run: by the clock, when a band is left, later after failures, and not at all when told to stop."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from bot.domain.instrument import Kind
from bot.domain.memory import TradingState
from bot.domain.policy import Policy, Schedule
from bot.domain.rules import CarryRules
from bot.errors import JournalUnwritable
from bot.loop import Bounds, Stop, Tick, next_moment, next_run, run
from bot.simulator.faults import Fault, FaultKind, Request
from tests.builders import a_policy, d
from tests.desk import NEW_YEAR, Desk

HOURLY = Schedule(cron="5 * * * *", poll_seconds=None, cooldown_hours=d(0))


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_the_next_run_is_strictly_later_and_in_utc() -> None:
    """Five past: from 00:05 the next is 01:05."""
    assert next_run(HOURLY, at("2026-01-01T00:00")) == at("2026-01-01T00:05")
    assert next_run(HOURLY, at("2026-01-01T00:05")) == at("2026-01-01T01:05")


def test_a_daily_run_happens_once_on_the_days_the_clocks_change() -> None:
    """F85: 02:30 UTC on the last Sunday of March and October, once each."""
    nightly = Schedule(cron="30 2 * * *", poll_seconds=None, cooldown_hours=d(0))
    for day in ("2026-03-29", "2026-10-25"):
        first = next_run(nightly, at(f"{day}T00:00"))
        assert first == at(f"{day}T02:30")
        assert next_run(nightly, first) == first + timedelta(days=1)


def test_a_poll_looks_between_the_scheduled_moments() -> None:
    """Every ten minutes, or at five past when that is sooner."""
    polled = Schedule(cron="5 * * * *", poll_seconds=600, cooldown_hours=d(0))
    assert next_moment(polled, at("2026-01-01T00:06")) == at("2026-01-01T00:16")
    assert next_moment(polled, at("2026-01-01T00:58")) == at("2026-01-01T01:05")


async def ticks(
    desk: Desk,
    *,
    cycles: int | None = None,
    until: datetime | None = None,
    stop: Stop | None = None,
    **schedule: object,
) -> list[Tick]:
    """Run the loop and gather its ticks."""
    parts = desk.scheduled(**({"cron": "5 * * * *"} | schedule))
    return [tick async for tick in run(parts, Bounds(cycles=cycles, until=until), stop or Stop())]


async def test_cycles_follow_the_schedule_until_the_bound() -> None:
    """Three hourly cycles at five past; or all until three o'clock."""
    got = await ticks(Desk(), cycles=3)
    assert [tick.at for tick in got] == [NEW_YEAR + timedelta(hours=h, minutes=5) for h in range(3)]
    assert all(tick.report for tick in got)
    assert len(await ticks(Desk(), until=NEW_YEAR + timedelta(hours=3))) == 3


async def test_between_scheduled_moments_only_a_left_band_runs_a_cycle() -> None:
    """From cash the first poll trades; the second finds everything inside."""
    got = await ticks(Desk(), cycles=2, poll_seconds=60)
    assert got[0].report is not None
    assert (got[1].report, got[1].note) == (None, "inside every band")


async def test_a_halt_is_waited_out() -> None:
    """Nothing is read and nothing sent while halted; the loop lives on."""
    desk = Desk()
    desk.control.restrict(TradingState.HALTED, "paused: a test")
    got = await ticks(desk, cycles=2)
    assert [tick.note for tick in got] == ["halted: paused: a test"] * 2
    assert not desk.exchange.calls


async def test_a_failure_is_journaled_and_the_loop_goes_on_later() -> None:
    """The first cycle cannot read; the second comes two seconds after its schedule and works."""
    desk = Desk(Fault(kind=FaultKind.UNAVAILABLE, on=Request.SNAPSHOT, text="prices"))
    first, second = await ticks(desk, cycles=2)
    assert first.report is None
    assert first.note.startswith("error: ")
    assert second.report is not None
    assert second.at == NEW_YEAR + timedelta(hours=1, minutes=5, seconds=4)
    assert [event.kind for event in desk.fake.events] == ["SnapshotUnavailable"]


async def test_a_journal_that_cannot_be_written_ends_the_loop() -> None:
    """No journal, no send: the fault reaches the person."""
    desk = Desk()

    async def full(*_: object) -> None:
        raise JournalUnwritable("the disk is full")

    desk.fake.record_cycle = full  # type: ignore[method-assign, assignment]
    with pytest.raises(JournalUnwritable):
        await ticks(desk, cycles=1)
    assert desk.exchange.calls[Request.PLACE] == 0


async def test_a_stop_ends_the_loop_before_the_next_cycle() -> None:
    """Asked for before the start, or while waiting."""
    stop = Stop()
    stop.ask()
    assert stop.asked
    assert await ticks(Desk(), stop=stop) == []


async def test_waiting_ends_as_soon_as_a_stop_is_asked_for() -> None:
    """A sleep of an hour is cut short."""
    import asyncio

    stop = Stop()
    asyncio.get_running_loop().call_soon(stop.ask)
    await asyncio.wait_for(stop.or_after(asyncio.sleep(3600)), timeout=5)
    assert stop.asked


def a_carry_policy() -> Policy:
    """Perpetual pairs of BTC for whatever they pay, and no hedge."""
    rules = CarryRules(
        budget=d("0.3"), assets=("BTC",), kinds=(Kind.LINEAR_PERPETUAL,), enter_apr=d("0.001"), leave_apr=d("-1"),
        min_days=d(0), horizon_days=d(365), funding_days=3, min_paid_share=d(0), leverage=d(2),
    )  # fmt: skip
    return a_policy(assets={"BTC": 1}, core=("0", "0", "0.9"), hedge=None, carry=rules)


async def test_a_pair_left_with_one_leg_is_mended_at_once() -> None:
    """Half of the coins are bought against the whole short: five seconds later the short is cut to them."""
    half = Fault(on=Request.PLACE, call=2, kind=FaultKind.PARTIAL_FILL, number=d("0.5"))
    desk = Desk(half, policy=a_carry_policy())
    first, second = await ticks(desk, cycles=2)
    assert first.report is not None
    assert second.report is not None
    assert first.report.unpaired
    assert second.at == first.at + timedelta(seconds=5)
    assert not second.report.unpaired
    claims = second.report.settlement.sleeves.claims
    short = sum((claim.quantity for claim in claims if ":" in claim.symbol), d(0))
    spot = sum((claim.quantity for claim in claims if ":" not in claim.symbol), d(0))
    assert abs(spot + short) < d("0.001")


async def test_a_pair_that_cannot_be_mended_is_not_tried_for_ever() -> None:
    """Every second leg fails: three mends, then the clock again."""
    faults = [Fault(on=Request.PLACE, call=n, kind=FaultKind.PARTIAL_FILL, number=d("0.9")) for n in range(1, 40)]
    got = await ticks(Desk(*faults, policy=a_carry_policy()), cycles=6)
    waits = [(b.at - a.at).total_seconds() for a, b in pairwise(got)]
    assert max(waits) > 5
    assert sum(wait == 5 for wait in waits[:4]) <= 3
