"""run, status, pause, resume and kill: the loop and the switch that stops it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import options
from bot.cli.confirming import told_and_confirmed
from bot.cli.exits import ExitCode, complain, printable
from bot.cli.options import Account, Bars, Begin, Cash, Confirm, Home, Json, Live, PolicyPath, Recorded, Seed
from bot.settings import switch_of

if TYPE_CHECKING:
    from bot.settings import Settings

RUN_HELP = """Keep the book in balance on the policy's schedule.

On the simulated venue time jumps from cycle to cycle when --cycles or --until is given, and passes as
slowly as real time otherwise.

Example: poise run --cycles 30
"""
STATUS_HELP = """Show the state, the book and its risk, and when the next cycle is due.

Example: poise status --json
"""
PAUSE_HELP = """Stop trading until `poise resume`; a cycle at work finishes the step in hand.

Example: poise pause --reason "tax year ends"
"""
RESUME_HELP = """Let trading go on after pause, kill or a halt.

Example: poise resume
"""
KILL_HELP = """Stop all trading at once, and cancel own orders that rest at the venue. Latched until `poise resume`.

Example: poise kill --reason "strange fills"
"""
FRESH_SECONDS = 180


def run(
    home: Home = None,
    account: Account = None,
    policy: PolicyPath = None,
    seed: Seed = None,
    data: Recorded = None,
    bars: Bars = None,
    begin: Begin = None,
    cash: Cash = None,
    cycles: Annotated[
        int | None, typer.Option("--cycles", min=1, help="Stop after so many cycles.", show_default=False)
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", help="Stop after this moment (UTC).", show_default=False)
    ] = None,
    live: Live = False,
    confirm: Confirm = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only the summary.")] = False,
    as_json: Json = False,
) -> int:
    """Run cycles on schedule."""
    from bot.cli.running_loop import run_loop

    bounded = cycles is not None or until is not None
    chosen = options.settings(
        home,
        policy,
        seed=seed,
        recorded=data,
        bars=bars,
        begin=begin,
        cash=cash,
        paced=not bounded,
        account=account,
        live=live,
        confirm=confirm,
    )
    chosen = told_and_confirmed(chosen, as_json=as_json)
    end = None if until is None else options.moment("--until", until)
    return options.finished(run_loop(chosen, cycles=cycles, until=end, quiet=quiet or as_json, as_json=as_json))


def status(
    home: Home = None,
    account: Account = None,
    policy: PolicyPath = None,
    alive: Annotated[bool, typer.Option("--check", help="Exit 1 unless a running loop beat lately.")] = False,
    as_json: Json = False,
) -> int:
    """Show where things stand."""
    chosen = options.settings(home, policy, account=account)
    if alive:
        return _alive(chosen, as_json=as_json)
    return options.finished(_status(chosen, as_json=as_json))


def _alive(chosen: "Settings", *, as_json: bool) -> int:
    from bot.beat import seconds_since
    from bot.report.envelope import envelope

    age = seconds_since(chosen.heartbeat)
    if age is None or age > FRESH_SECONDS:
        what = "no loop has beaten here yet" if age is None else f"the loop last beat {age} s ago"
        return complain(f"{what}; allowed are {FRESH_SECONDS} s", "poise run", ExitCode.ERROR, as_json=as_json)
    if as_json:
        typer.echo(envelope("alive", {"seconds": age, "allowed": FRESH_SECONDS}))
    else:
        typer.echo(f"alive: the loop beat {age} s ago")
    return ExitCode.DONE


async def _status(chosen: "Settings", *, as_json: bool) -> int:
    from bot.app import looking, opened_journal
    from bot.beat import seconds_since
    from bot.cli.reading import standing
    from bot.report.envelope import envelope
    from bot.report.lists import show_status, status_json
    from bot.report.screen import screen

    async with looking(chosen) as parts, opened_journal(chosen) as journal:
        now = await standing(parts, journal, chosen, seconds_since(chosen.heartbeat))
    if as_json:
        typer.echo(envelope("status", status_json(now)))
    else:
        show_status(now, screen())
    return ExitCode.DONE


Reason = Annotated[str, typer.Option("--reason", help="Why; it is shown to whoever looks.")]


def pause(home: Home = None, reason: Reason = "a person paused it", as_json: Json = False) -> int:
    """Stop trading until resumed."""
    return _throw(home, f"paused: {reason}", kind="paused", as_json=as_json)


def kill(
    home: Home = None,
    account: Account = None,
    reason: Reason = "a person killed it",
    as_json: Json = False,
) -> int:
    """Stop all trading and cancel own orders: at the account named, else at every one that is set up.

    An account that cannot be read or asked is told of, and those after it are tried all the same.
    """
    from bot.accounts import account_names
    from bot.settings import account_name

    code = _throw(home, f"killed: {reason}", kind="killed", as_json=as_json)
    named = account_name(account)
    for name in (named,) if named else (None, *account_names(options.root(home))):
        cancelled = options.finished(_cancel_own(home, name))
        typer.echo(printable(f"{name}: {cancelled}" if name else cancelled), err=True)
    return code


def resume(home: Home = None, as_json: Json = False) -> int:
    """Let trading go on."""
    from bot.control import FileControl

    control = FileControl(switch_of(options.root(home)))
    state, reason = control.state()
    control.release()
    options.finished(_note(home, "resumed", f"was {state}: {reason}"))
    _say("active", "trading may go on" if reason else "trading was not stopped", as_json=as_json)
    return ExitCode.DONE


def _throw(home: Path | None, reason: str, *, kind: str, as_json: bool) -> int:
    """Throw the switch first: it must work without account, journal, venue or policy. Then note it where possible."""
    from bot.control import FileControl
    from bot.domain.memory import TradingState

    FileControl(switch_of(options.root(home))).restrict(TradingState.HALTED, reason)
    options.finished(_note(home, kind, reason))
    _say("halted", reason, as_json=as_json)
    return ExitCode.DONE


def _say(state: str, reason: str, *, as_json: bool) -> None:
    from bot.report.envelope import envelope

    if as_json:
        typer.echo(envelope("switch", {"state": state, "reason": reason}))
    else:
        typer.echo(f"{state}: {printable(reason)}" + ("" if state == "active" else "\nNext:  poise resume"))


async def _note(home: Path | None, kind: str, text: str) -> None:
    """Journal what was done to the switch; the switch itself does not wait for the journal."""
    from bot.app import note_event
    from bot.errors import PoiseError

    try:
        await note_event(options.settings(home), kind, text)
    except PoiseError as error:
        told = printable(error.message)
        sys.stderr.write(f"note: the journal could not be told ({told}); the switch is thrown all the same\n")


async def _cancel_own(home: Path | None, name: str | None) -> str:
    from bot.app import cancel_own_orders
    from bot.errors import PoiseError

    try:
        count = await cancel_own_orders(options.cancelling(home, name))
    except PoiseError as error:
        return f"own orders could not be cancelled ({error.message}): look at the venue"
    return f"{count} own orders cancelled at the venue"
