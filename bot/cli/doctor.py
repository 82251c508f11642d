"""doctor: is everything there that trading needs? A table of what was looked at, and the mend beside what is not."""

import shutil
import sys
import textwrap
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import options
from bot.cli.exits import ExitCode, printable
from bot.cli.options import Account, Home, Json, PolicyPath
from bot.domain.finding import Finding, Level, fail, ok, warn
from bot.errors import PoiseError

if TYPE_CHECKING:
    from bot.settings import Settings

DOCTOR_HELP = """Look at everything trading needs: policy, keys and their rights, clock, mode, wallets, database, disk.

It reads and changes nothing. Exit code 4 when something is in the way.

Example: poise doctor --account bybit-test
"""
LEAST_DISK_MIB = 500
SIGNS = {Level.OK: "ok  ", Level.WARN: "warn", Level.FAIL: "FAIL"}
MIB = 2**20
WIDEST_SUBJECT, NARROWEST = 24, 30


def doctor(
    home: Home = None,
    account: Account = None,
    policy: PolicyPath = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show only what is to be mended.")] = False,
    as_json: Json = False,
) -> int:
    """Look at everything trading needs."""
    from bot.canonical import to_plain
    from bot.report.envelope import envelope

    chosen = options.settings(home, policy, account=account)
    found = options.finished(_examined(chosen))
    failed = any(one.level is Level.FAIL for one in found)
    if as_json:
        typer.echo(envelope("doctor", {"healthy": not failed, "findings": [to_plain(one) for one in found]}))
    else:
        _show([one for one in found if not quiet or one.level is not Level.OK])
        counts = {level: sum(one.level is level for one in found) for level in Level}
        typer.echo(f"{counts[Level.OK]} ok, {counts[Level.WARN]} to look at, {counts[Level.FAIL]} in the way.")
    return ExitCode.PREFLIGHT if failed else ExitCode.DONE


def _show(found: list[Finding]) -> None:
    """Print a line each, folded on a terminal, whole where the output goes to a file."""
    width = min(max((len(one.subject) for one in found), default=8), WIDEST_SUBJECT)
    for one in found:
        _line(f"{SIGNS[one.level]}  {one.subject[:width]:<{width}}  ", one.told)
        if one.mend:
            _line(f"      {'':<{width}}  ", f"help: {one.mend}")


def _line(head: str, text: str) -> None:
    room = shutil.get_terminal_size().columns - len(head)
    lines = textwrap.wrap(text, max(room, NARROWEST)) if sys.stdout.isatty() else [text]
    for number, line in enumerate(lines or [""]):
        typer.echo(printable(f"{head if not number else ' ' * len(head)}{line}"))


async def _examined(chosen: "Settings") -> list[Finding]:
    found = [*_policy(chosen), *_disk(chosen), *await _database(chosen)]
    if chosen.real is None:
        return [*found, ok("account", "none named: the simulated venue, nothing can reach an exchange")]
    return [*found, *await _account(chosen)]


def _policy(chosen: "Settings") -> list[Finding]:
    from bot.policy_file import parse_policy, read_text

    try:
        read = parse_policy(read_text(chosen.policy), str(chosen.policy))
    except PoiseError as error:
        return [fail("policy", error.message, error.mend or f"poise check {chosen.policy}")]
    return [ok("policy", f"{read.name} in {chosen.policy}")]


def _disk(chosen: "Settings") -> list[Finding]:
    free = shutil.disk_usage(chosen.home).free // MIB
    told = f"{free:,} MiB free where the journal is"
    return [ok("disk", told) if free >= LEAST_DISK_MIB else warn("disk", told, f"leave at least {LEAST_DISK_MIB} MiB")]


async def _database(chosen: "Settings") -> list[Finding]:
    from bot.app import opened_journal
    from bot.journal.database import shown

    try:
        async with opened_journal(chosen) as journal:
            unresolved = len(await journal.unresolved())
    except PoiseError as error:
        return [fail("journal", error.message, error.mend or "poise journal verify")]
    told = f"{shown(chosen.database)} opens"
    if unresolved:
        return [warn("journal", f"{told}; {unresolved} orders are not settled yet", "poise status")]
    return [ok("journal", told)]


async def _account(chosen: "Settings") -> list[Finding]:
    from bot.app import examined_account

    found: list[Finding] = []
    try:
        async for one in examined_account(chosen):
            found.append(one)
    except PoiseError as error:
        found.append(fail("account", error.message, error.mend))
    return found
