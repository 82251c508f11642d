"""poise: the command line. It parses, calls and prints; it decides nothing."""

import gc
import sys
from typing import Annotated

import typer

from bot.cli import (
    accounts,
    carry,
    doctor,
    fetching,
    hedge,
    journal,
    keys,
    looking,
    planning,
    report,
    running,
    setup,
    whatif,
)
from bot.cli.exits import ExitCode, complain, tell
from bot.cli.pipe import unbreakable_output
from bot.errors import PoiseError

HELP = """Keep a crypto portfolio in balance: a spot core with a short-futures hedge, as one book.

\b
Start:   poise plan            see what would be done (simulated venue, nothing is sent)
         poise apply latest    do exactly that
         poise explain latest  read why
"""

app = typer.Typer(
    name="poise",
    help=HELP,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
journal_commands = typer.Typer(help="Verify, back up and export the journal.", rich_markup_mode=None)
data_commands = typer.Typer(help="Fetch public market history.", rich_markup_mode=None)
hedge_commands = typer.Typer(help="Compare ways to hedge.", rich_markup_mode=None)
carry_commands = typer.Typer(help="Look for carry: spot bought, a contract sold.", rich_markup_mode=None)
account_commands = typer.Typer(help="Set up accounts at real venues.", rich_markup_mode=None)
key_commands = typer.Typer(help="Keep API keys where only their owner reads them.", rich_markup_mode=None)
GROUPS = {
    "accounts": account_commands,
    "keys": key_commands,
    "data": data_commands,
    "journal": journal_commands,
    "hedge": hedge_commands,
    "carry": carry_commands,
}
for _name, _group in GROUPS.items():
    app.add_typer(_group, name=_name)

app.command("init", help=setup.INIT_HELP)(setup.init)
app.command("check", help=planning.CHECK_HELP)(planning.check)
app.command("plan", help=planning.PLAN_HELP)(planning.plan)
app.command("apply", help=planning.APPLY_HELP)(planning.apply)
app.command("run", help=running.RUN_HELP)(running.run)
app.command("status", help=running.STATUS_HELP)(running.status)
app.command("history", help=looking.HISTORY_HELP)(looking.history)
app.command("explain", help=looking.EXPLAIN_HELP)(looking.explain)
app.command("report", help=report.REPORT_HELP)(report.report)
app.command("replay", help=looking.REPLAY_HELP)(looking.replay)
app.command("whatif", help=whatif.WHATIF_HELP)(whatif.whatif)
app.command("pause", help=running.PAUSE_HELP)(running.pause)
app.command("resume", help=running.RESUME_HELP)(running.resume)
app.command("kill", help=running.KILL_HELP)(running.kill)
app.command("doctor", help=doctor.DOCTOR_HELP)(doctor.doctor)
account_commands.command("add", help=accounts.ADD_HELP)(accounts.add)
account_commands.command("list", help=accounts.LIST_HELP)(accounts.listed)
key_commands.command("add", help=keys.ADD_HELP)(keys.add)
key_commands.command("list", help=keys.LIST_HELP)(keys.listed)
key_commands.command("check", help=keys.CHECK_HELP)(keys.check)
key_commands.command("rotate", help=keys.ROTATE_HELP)(keys.rotate)
key_commands.command("remove", help=keys.REMOVE_HELP)(keys.remove)
data_commands.command("fetch", help=fetching.FETCH_HELP)(fetching.fetch)
journal_commands.command("verify", help=journal.VERIFY_HELP)(journal.verify)
journal_commands.command("backup", help=journal.BACKUP_HELP)(journal.backup)
journal_commands.command("export", help=journal.EXPORT_HELP)(journal.export)
hedge_commands.command("compare", help=hedge.COMPARE_HELP)(hedge.compare)
carry_commands.command("scan", help=carry.SCAN_HELP)(carry.scan)


def _version(asked: bool) -> None:
    if asked:
        from bot import __version__

        typer.echo(f"poise {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Hold the options that come before a command; --debug, anywhere, is read in `run`."""


def main() -> None:
    """Run the command line and end the process with its exit code."""
    output = unbreakable_output()
    code = run(sys.argv[1:])
    sys.stdout.flush()
    if output.failed and not isinstance(output.failed, BrokenPipeError):
        sys.stderr.write(f"error: the output could not be written: {output.failed.strerror}\n")
        code = code or ExitCode.ERROR
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command; return its exit code. No traceback reaches a person unless --debug is given."""
    gc.disable()  # a short command ends before there is garbage worth collecting; `run` turns it on again
    debug = "--debug" in arguments
    words = [word for word in arguments if word != "--debug"]
    as_json = "--json" in words
    if words in ([], *([name] for name in GROUPS)):
        words = [*words, "--help"]
    try:
        return int(app(args=words, prog_name="poise", standalone_mode=False) or ExitCode.DONE)
    except PoiseError as error:
        return tell(error, as_json=as_json)
    except (typer.Abort, KeyboardInterrupt):
        sys.stderr.write("\n")
        return complain("cancelled: nothing further was sent", "", ExitCode.CANCELLED, as_json=as_json)
    except typer.TyperException as error:
        return complain(error.format_message(), _usage(error), ExitCode.USAGE, as_json=as_json)
    except Exception as error:
        if debug:
            raise
        what = f"something unforeseen happened: {type(error).__name__}: {error}"
        mend = "run it again with --debug and report what it prints; nothing further was sent"
        return complain(what, mend, ExitCode.ERROR, as_json=as_json)


def _usage(error: typer.TyperException) -> str:
    """Return the help of the command that was meant."""
    context = getattr(error, "ctx", None)
    return f"{context.command_path if context else 'poise'} --help"
