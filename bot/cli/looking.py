"""history, explain and replay: what happened, why, and whether it would again."""

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import options
from bot.cli.exits import ExitCode
from bot.cli.options import Account, Home, Json

if TYPE_CHECKING:
    from bot.settings import Settings

HISTORY_HELP = """List the cycles, newest first.

Example: poise history --limit 20
"""
EXPLAIN_HELP = """Say why a cycle traded, or why not, with every number it was decided on.

Example: poise explain latest
"""
REPLAY_HELP = """Decide a cycle again from the journal; it must come out the same, byte by byte.

Example: poise replay latest
"""
Cycle = Annotated[str, typer.Argument(help="A cycle's name, its beginning, or 'latest'.")]


def history(
    home: Home = None,
    account: Account = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="How many.")] = 20,
    as_json: Json = False,
) -> int:
    """List the cycles."""
    return options.finished(_history(options.settings(home, account=account), limit, as_json=as_json))


async def _history(chosen: "Settings", limit: int, *, as_json: bool) -> int:
    from bot.app import opened_journal
    from bot.canonical import to_plain
    from bot.report.envelope import envelope
    from bot.report.lists import show_history
    from bot.report.screen import screen

    async with opened_journal(chosen) as journal:
        rows = await journal.cycles(limit)
    if as_json:
        typer.echo(envelope("history", {"cycles": [to_plain(row) for row in rows]}))
    else:
        show_history(rows, screen())
    return ExitCode.DONE


def explain(cycle: Cycle = "latest", home: Home = None, account: Account = None, as_json: Json = False) -> int:
    """Explain one cycle."""
    return options.finished(
        _explain(options.settings(home, account=account), options.cycle_name(cycle), as_json=as_json)
    )


async def _explain(chosen: "Settings", cycle: str, *, as_json: bool) -> int:
    from bot.app import opened_journal
    from bot.cli.reading import order_lines
    from bot.policy_file import parse_policy
    from bot.report.cycle_page import explain_json, show_explain
    from bot.report.envelope import envelope
    from bot.report.screen import screen

    async with opened_journal(chosen) as journal:
        record = await journal.cycle(cycle)
        orders = await order_lines(journal, record.cycle)
        settlement = await journal.settlement_of(record.cycle)
    policy = parse_policy(record.policy_text, f"the policy of {record.cycle}")
    if as_json:
        typer.echo(envelope("explain", explain_json(record, orders, settlement, policy)))
    else:
        show_explain(record, orders, settlement, policy, screen())
    return ExitCode.DONE


def replay(cycle: Cycle = "latest", home: Home = None, account: Account = None, as_json: Json = False) -> int:
    """Decide a cycle again."""
    return options.finished(
        _replay(options.settings(home, account=account), options.cycle_name(cycle), as_json=as_json)
    )


async def _replay(chosen: "Settings", cycle: str, *, as_json: bool) -> int:
    from bot.app import opened_journal
    from bot.canonical import digest
    from bot.policy_file import parse_policy
    from bot.replay import first_difference, replayed
    from bot.report.envelope import envelope

    async with opened_journal(chosen) as journal:
        record = await journal.cycle(cycle)
    policy = parse_policy(record.policy_text, f"the policy of {record.cycle}")
    then, again = replayed(record, policy)
    same = then == again
    if as_json:
        body = {"cycle": record.cycle, "same": same, "digest": digest(again), "journaled": digest(then)}
        typer.echo(envelope("replay", body))
    elif same:
        typer.echo(f"{record.cycle}: decided again to the same {len(again)} letters ({digest(again)[:12]})")
    else:
        typer.echo(f"{record.cycle}: comes out differently: {first_difference(then, again)}", err=True)
        typer.echo(f"help:  it was decided by Poise {record.code_version}", err=True)
    return ExitCode.DONE if same else ExitCode.ERROR
