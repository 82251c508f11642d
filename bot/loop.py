"""When: by cron or when a band is left, with back-off on failures, until told to stop."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cronsim import CronSim

from bot.cycle import CycleReport, run_cycle
from bot.decide import decide
from bot.domain.memory import TradingState
from bot.domain.policy import Schedule
from bot.domain.record import JournalEvent
from bot.errors import JournalFault, PoiseError
from bot.planning import Parts, remember

FIRST_WAIT_SECONDS = 2
LONGEST_WAIT_SECONDS = 300
MEND_WAIT_SECONDS = 5
MOST_MENDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How long to go on: `cycles` at most, and nothing after `until`; None is without end."""

    cycles: int | None
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One turn of the loop: a report, or why there is none."""

    at: datetime
    report: CycleReport | None
    note: str


class Stop:
    """A request to stop, made by a signal: the step in hand is finished, then the loop ends."""

    def __init__(self) -> None:
        """Begin unasked."""
        self._event = asyncio.Event()

    def ask(self) -> None:
        """Ask the loop to end after the step in hand."""
        self._event.set()

    @property
    def asked(self) -> bool:
        """Whether the loop was asked to end."""
        return self._event.is_set()

    async def or_after(self, wait: Coroutine[None, None, None]) -> None:
        """Return when `wait` is done or a stop is asked for, whichever comes first."""
        racers: tuple[asyncio.Task[object], ...] = (
            asyncio.create_task(self._event.wait()),
            asyncio.create_task(wait),
        )
        await asyncio.wait(racers, return_when=asyncio.FIRST_COMPLETED)
        for racer in racers:
            racer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await racer


def next_run(schedule: Schedule, after: datetime) -> datetime:
    """Return the first moment of the cron expression strictly after `after`, in UTC."""
    following: datetime = next(CronSim(schedule.cron, after.astimezone(UTC)))
    return following


def next_moment(schedule: Schedule, after: datetime) -> datetime:
    """Return when to look next: the cron's moment, or the poll's if that comes sooner."""
    planned = next_run(schedule, after)
    if schedule.poll_seconds is None:
        return planned
    return min(planned, after + timedelta(seconds=schedule.poll_seconds))


async def run(parts: Parts, bounds: Bounds, stop: Stop) -> AsyncIterator[Tick]:
    """Yield one tick for each turn until the bounds are reached or a stop is asked for.

    A poll between two cron moments runs a cycle only when a band is left. A pair left with one leg is mended by
    another cycle at once, three times at most. Failures are journaled and
    the loop goes on at the next moment, later each time one follows another; a journal that cannot be
    written ends it, since then nothing may be sent.
    """
    done = failures = mends = 0
    last = parts.clock.now()
    while not stop.asked and (bounds.cycles is None or done < bounds.cycles):
        now = max(last, parts.clock.now())
        moment = next_moment(parts.policy.schedule, now) + _penalty(failures)
        if mends:
            moment = min(moment, now + timedelta(seconds=MEND_WAIT_SECONDS))
        if bounds.until is not None and moment > bounds.until:
            return
        await stop.or_after(parts.clock.sleep_until(moment))
        if stop.asked:
            return
        last = moment
        tick = await _turn(parts, moment, mends=mends > 0)
        mends = mends + 1 if tick.report and tick.report.unpaired and mends < MOST_MENDS else 0
        failures = 0 if tick.report or not tick.note.startswith("error") else failures + 1
        done += 1
        yield tick


def _penalty(failures: int) -> timedelta:
    """Return how much later than planned to look after failures in a row."""
    seconds = FIRST_WAIT_SECONDS * 2**failures if failures else 0
    return timedelta(seconds=min(seconds, LONGEST_WAIT_SECONDS))


async def _turn(parts: Parts, moment: datetime, *, mends: bool) -> Tick:
    state, reason = parts.control.state()
    if state is TradingState.HALTED:
        return Tick(at=moment, report=None, note=f"halted: {reason}")
    try:
        if not mends and not _is_due(parts.policy.schedule, moment) and not await _band_is_left(parts):
            return Tick(at=moment, report=None, note="inside every band")
        report = await run_cycle(parts)
    except JournalFault:
        raise
    except PoiseError as error:
        await parts.journal.record_event(JournalEvent(at=moment, kind=type(error).__name__, text=error.message))
        return Tick(at=moment, report=None, note=f"error: {error.message}")
    return Tick(at=moment, report=report, note="")


def _is_due(schedule: Schedule, moment: datetime) -> bool:
    """Whether the cron itself asks for this moment, or there is no poll to ask between."""
    return schedule.poll_seconds is None or next_run(schedule, moment - timedelta(seconds=1)) <= moment


async def _band_is_left(parts: Parts) -> bool:
    snapshot = await parts.exchange.snapshot()
    decision = decide(parts.policy, snapshot, await remember(parts, snapshot, attended=False))
    return bool(decision.plan.proposals)
