"""The body of `poise run`: one line for each cycle that did something, and a summary at the end."""

import asyncio
import gc
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from time import monotonic

import typer

from bot.app import sending
from bot.beat import beat, keep_beating
from bot.cli.exits import ExitCode, printable
from bot.cli.stopping import stoppable
from bot.cli.summary import Summary
from bot.domain.memory import TradingState
from bot.domain.record import JournalEvent
from bot.errors import SettingsRefused
from bot.execution.patience import PatientExchange
from bot.loop import Bounds, Stop, Tick, next_moment, run
from bot.planning import Parts
from bot.settings import Settings

QUIET_SECONDS = 2


class Progress:
    """A line on stderr that says how far a long run is: on a terminal, after two seconds."""

    def __init__(self, bounds: Bounds, start: datetime) -> None:
        """Begin to count."""
        self._bounds = bounds
        self._start = start
        self._began = monotonic()
        self._shown = sys.stderr.isatty()
        self.done = 0

    def advance(self, tick: Tick) -> None:
        """Count one cycle; show the rate and the time left."""
        self.done += 1
        elapsed = monotonic() - self._began
        if not self._shown or elapsed < QUIET_SECONDS:
            return
        rate = self.done / elapsed
        sys.stderr.write(
            f"\r{tick.at:%Y-%m-%d %H:%M}  {self.done:,} cycles  {rate:,.0f}/s{self._left(tick, elapsed)}   "
        )
        sys.stderr.flush()

    def _left(self, tick: Tick, elapsed: float) -> str:
        if self._bounds.cycles:
            share = self.done / self._bounds.cycles
        elif self._bounds.until:
            share = (tick.at - self._start) / (self._bounds.until - self._start)
        else:
            return ""
        return f"  {elapsed / share - elapsed:,.0f} s left" if share > 0 else ""

    def clear(self) -> None:
        """Take the line away."""
        if self._shown and self.done:
            sys.stderr.write("\r" + " " * 78 + "\r")


async def run_loop(chosen: Settings, *, cycles: int | None, until: datetime | None, quiet: bool, as_json: bool) -> int:
    """Run cycles to the bounds; return what the last one came to: 0, 1 failed, 5 in part, 7 halted."""
    gc.enable()
    bounds = Bounds(cycles=cycles, until=until)
    async with sending(chosen) as parts:
        if until is not None and until < parts.clock.now():
            raise SettingsRefused(
                f"--until {until:%Y-%m-%dT%H:%M} is past: the account stands at {parts.clock.now():%Y-%m-%dT%H:%M}",
                mend="poise run --cycles 30",
            )
        patient = PatientExchange(parts.exchange, parts.clock, lambda text: typer.echo(text, err=True))
        summary = Summary(parts)
        await _started(parts)
        with stoppable(parts) as (watched, stop):
            beating = asyncio.create_task(keep_beating(chosen.heartbeat))
            try:
                last = await _ticks(replace(watched, exchange=patient), bounds, stop, (summary, quiet))
            finally:
                beating.cancel()
                with suppress(asyncio.CancelledError):
                    await beating
        beat(chosen.heartbeat)
        await _ended(parts, stop)
        summary.show(as_json=as_json)
        return _code(last, parts)


def _code(last: Tick | None, parts: Parts) -> ExitCode:
    if last is None:
        return ExitCode.DONE
    if last.report is not None:
        return ExitCode.DONE if last.report.complete else ExitCode.IN_PART
    if last.note.startswith("error"):
        return ExitCode.ERROR
    return ExitCode.STOPPED if parts.control.state()[0] is TradingState.HALTED else ExitCode.DONE


async def _ticks(parts: Parts, bounds: Bounds, stop: Stop, telling: tuple[Summary, bool]) -> Tick | None:
    """Run to the bounds, telling of each cycle; return the last tick."""
    summary, quiet = telling
    progress, last = Progress(bounds, parts.clock.now()), None
    if bounds.cycles is None and bounds.until is None:
        following = next_moment(parts.policy.schedule, parts.clock.now())
        where = f"Policy {parts.policy.name} on {parts.exchange.account}."
        typer.echo(f"{where} Next run {following:%Y-%m-%d %H:%M} UTC.", err=quiet)
    async for tick in run(parts, bounds, stop):
        progress.advance(tick)
        if tick.report:
            summary.add(tick.report)
        line = _line(tick)
        if line and not quiet:
            progress.clear()
            typer.echo(printable(line))
        last = tick
    progress.clear()
    return last


def _line(tick: Tick) -> str:
    """Return one line for a cycle that did something or could not, empty for one that kept still."""
    when = f"{tick.at:%Y-%m-%d %H:%M}"
    if tick.report is None:
        return "" if tick.note == "inside every band" else f"{when}  {tick.note}"
    report = tick.report
    if not report.decision.plan.proposals and not report.discrepancies:
        return ""
    verdict = report.decision.verdict
    filled = sum(outcome.report is not None for outcome in report.outcomes)
    value = sum((item.proposal.value for item in verdict.approved), start=report.decision.exposure.equity * 0)
    words = [f"{when}  {report.record.cycle}", f"{filled} of {len(report.outcomes)} steps done, {value:,.2f} planned"]
    if verdict.denied:
        codes = sorted({breach.code for item in verdict.denied for breach in item.breaches})
        words.append(f"{len(verdict.denied)} denied ({', '.join(codes)})")
    words.extend(f"{one.kind} {one.subject} {one.actual - one.expected:f}" for one in report.discrepancies)
    return "  ".join(words)


async def _started(parts: Parts) -> None:
    from bot.canonical import digest

    text = f"policy {parts.policy.name} {digest(parts.policy_text)[:12]} on {parts.exchange.account}"
    await parts.journal.record_event(JournalEvent(at=parts.clock.now(), kind="started", text=text))


async def _ended(parts: Parts, stop: Stop) -> None:
    why = "asked to stop; the step in hand was finished" if stop.asked else "the bounds were reached"
    await parts.journal.record_event(JournalEvent(at=parts.clock.now(), kind="stopped", text=why))
    if stop.asked:
        typer.echo(f"stopped: {why}", err=True)
