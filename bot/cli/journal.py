"""journal verify, backup and export: trust it, keep it, take it away."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import options
from bot.cli.exits import ExitCode, printable
from bot.cli.options import Account, Home, Json

if TYPE_CHECKING:
    from bot.settings import Settings

VERIFY_HELP = """Walk the hash chain and name the first edited, missing or added row.

Example: poise journal verify
"""
BACKUP_HELP = """Copy the journal to a file and verify the copy.

Example: poise journal backup journal-2026-11-22.db
"""
EXPORT_HELP = """Write every table to files: CSV, JSON Lines, or Parquet where pyarrow is installed.

Example: poise journal export --format csv exported/
"""


def verify(home: Home = None, account: Account = None, as_json: Json = False) -> int:
    """Verify the journal's chain."""
    from bot.report.envelope import envelope

    chosen = options.settings(home, account=account)
    rows = options.finished(_verify(chosen))
    if as_json:
        typer.echo(envelope("journal-verify", {"rows": rows, "whole": True}))
    else:
        typer.echo(f"whole: {rows} rows, each linked to the one before it, in {_place(chosen)}")
    return ExitCode.DONE


def _place(chosen: "Settings") -> str:
    """Return where the journal is, for people: without a password, safe on a terminal."""
    from bot.journal.database import shown

    return printable(shown(chosen.database))


async def _verify(chosen: "Settings") -> int:
    from bot.app import opened_journal

    async with opened_journal(chosen) as journal:
        return await journal.verify()


def backup(
    target: Annotated[Path, typer.Argument(help="The file to write; it must not exist.")],
    home: Home = None,
    account: Account = None,
    as_json: Json = False,
) -> int:
    """Back up the journal."""
    from bot.report.envelope import envelope

    chosen = options.settings(home, account=account)
    options.is_there(target)  # a path that cannot be one is said before anything is opened
    rows = options.finished(_backup(chosen, target))
    if as_json:
        typer.echo(envelope("journal-backup", {"file": str(target), "rows": rows}))
    else:
        typer.echo(f"saved: {rows} rows in {printable(str(target))}, verified")
        typer.echo("Restore: stop poise, then copy it over the journal file")
    return ExitCode.DONE


async def _backup(chosen: "Settings", target: Path) -> int:
    from bot.app import opened_journal

    async with opened_journal(chosen) as journal:
        return await journal.backup(target)


def export(
    target: Annotated[Path, typer.Argument(help="The folder to write to; made when missing.")],
    home: Home = None,
    account: Account = None,
    kind: Annotated[str, typer.Option("--format", help="csv, jsonl or parquet.")] = "csv",
    as_json: Json = False,
) -> int:
    """Export the journal."""
    from bot.report.envelope import envelope

    written = options.finished(_export(options.settings(home, account=account), target, kind))
    if as_json:
        typer.echo(envelope("journal-export", {"folder": str(target), "format": kind, "rows": written}))
        return ExitCode.DONE
    for table, rows in written.items():
        typer.echo(f"  {table:<20} {rows:>8} rows")
    typer.echo(f"written to {printable(str(target))}")
    return ExitCode.DONE


async def _export(chosen: "Settings", target: Path, kind: str) -> dict[str, int]:
    from bot.app import opened_journal

    async with opened_journal(chosen) as journal:
        return await journal.export(target, kind)
