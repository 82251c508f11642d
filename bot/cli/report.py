"""report: what came of it, by sleeve and source, day by day; on a page, as data, or as one HTML file."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import options
from bot.cli.exits import ExitCode, printable
from bot.cli.options import Account, Home, Json
from bot.errors import PolicyRefused, SettingsRefused

if TYPE_CHECKING:
    from bot.domain.policy import Policy
    from bot.domain.record import Settlement
    from bot.journal import SqlJournal
    from bot.report.look import Look
    from bot.report.performance import PerformanceTrack
    from bot.report.period import Period
    from bot.settings import Settings

REPORT_HELP = """Show what came of it: returns, and every change by sleeve and source, day by day.

Example: poise report --from 2026-01-01 --to 2026-01-31 --html january.html
"""


NO_POLICY = "USDT"  # the quote of a journal without a decision, where there is nothing to say in it


@dataclass(frozen=True, slots=True)
class Bounds:
    """The time to report on, None where it is open; `until` is not part of it."""

    since: datetime | None
    until: datetime | None

    def hold(self, at: datetime) -> bool:
        """Whether a moment belongs to it."""
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)


def report(
    home: Home = None,
    account: Account = None,
    begin: Annotated[
        str | None, typer.Option("--from", help="First day, or moment: 2026-01-01.", show_default=False)
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", help="Last day, which is included, or moment.", show_default=False)
    ] = None,
    page: Annotated[
        Path | None, typer.Option("--html", help="Write charts and tables to this file.", show_default=False)
    ] = None,
    as_json: Json = False,
) -> int:
    """Report a period."""
    bounds = Bounds(_first("--from", begin), _last("--to", end))
    if bounds.since and bounds.until and bounds.since >= bounds.until:
        raise SettingsRefused(f"--from {begin} is not before --to {end}", mend="poise report")
    return options.finished(_report(options.settings(home, account=account), bounds, page, as_json=as_json))


def _first(option: str, text: str | None) -> datetime | None:
    return None if text is None else options.moment(option, text)


def _last(option: str, text: str | None) -> datetime | None:
    """Return the moment after the last one; a day alone is included whole."""
    if text is None:
        return None
    moment = options.moment(option, text)
    return moment + timedelta(days=1) if len(text) <= len("2026-01-01") else moment


async def _report(chosen: "Settings", bounds: Bounds, page: Path | None, *, as_json: bool) -> int:
    from bot.app import opened_journal
    from bot.report.envelope import envelope
    from bot.report.period_page import period_json, show_period
    from bot.report.screen import screen

    async with opened_journal(chosen) as journal:
        period = await measured(journal, bounds)
    if as_json:
        typer.echo(envelope("report", period_json(period)))
    else:
        show_period(period, screen())
    if page is not None:
        _write(page, period)
    return ExitCode.DONE


def _write(page: Path, period: "Period") -> None:
    """Write the HTML file; raise SettingsRefused where it cannot be written."""
    from bot.report.html import report_html

    try:
        page.write_text(report_html(period), encoding="utf-8")
    except OSError as error:
        raise SettingsRefused(
            f"--html {printable(str(page))[:80]!r} cannot be written: {error.strerror}", mend="name another file"
        ) from None
    typer.echo(f"written to {printable(str(page))}", err=True)


async def measured(journal: "SqlJournal", bounds: Bounds) -> "Period":
    """Return the period the journal tells of within some bounds."""
    from bot.report.period import period_of

    looks, money = await _looks(journal)
    settlements = await _settlements(journal, bounds)
    return period_of(settlements, looks, await _costs(journal, settlements), money)


async def _looks(journal: "SqlJournal") -> "tuple[dict[str, Look], tuple[str, ...]]":
    """Return what each cycle saw, by its name, and the money of the newest policy, the quote first.

    A policy that this Poise can read no more has no looks; raise PolicyRefused where none can be read.
    """
    from bot.journal.history import decided_cycles, policy_texts
    from bot.report.look import look_of

    texts = await policy_texts(journal.database)
    policies, refused = _policies(texts)
    looks: dict[str, Look] = {}
    money: tuple[str, ...] = (NO_POLICY,)
    async for one in decided_cycles(journal.database):
        policy = policies.get(one.policy_digest)
        if policy is not None:
            looks[one.cycle] = look_of(one.decision, policy)
            money = (policy.quote, *policy.reserve.assets)
    if refused and not policies:
        raise refused[-1]
    return looks, money


def _policies(texts: "dict[str, str]") -> "tuple[dict[str, Policy], list[PolicyRefused]]":
    """Return the policies of a journal by their digest, and why others cannot be read."""
    from bot.policy_file import parse_policy

    found: dict[str, Policy] = {}
    refused = []
    for digest, text in texts.items():
        try:
            found[digest] = parse_policy(text, f"the journaled policy {digest[:12]}")
        except PolicyRefused as error:
            refused.append(error)
    return found, refused


async def _settlements(journal: "SqlJournal", bounds: Bounds) -> "list[Settlement]":
    """Return the settlements of the period, after the newest before it: what its first change is reckoned from."""
    left, found = [], []
    async for settlement in journal.settled_cycles():
        if bounds.hold(settlement.at):
            found.append(settlement)
        elif not found:
            left = [settlement]
    return [*left, *found] if found else []


async def _costs(journal: "SqlJournal", settlements: "list[Settlement]") -> "PerformanceTrack":
    """Return a track that knows what was paid, received and traded between the first settlement and the last."""
    from bot.journal.history import trades
    from bot.report.performance import PerformanceTrack

    track = PerformanceTrack()
    if not settlements:
        return track
    first, last = settlements[0], settlements[-1]
    async for entry in journal.ledger_entries():
        if first.ledger_sequence < entry.sequence <= last.ledger_sequence:
            track.add_entry(entry)
    ends = {(one.cycle, one.epoch) for one in settlements[1:]}
    async for trade in trades(journal.database):
        if trade.settled in ends:
            track.turnover += trade.value
            track.trades += 1
    return track
