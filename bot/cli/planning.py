"""check, plan and apply: look at a policy, see what it would do, do exactly that."""

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import options
from bot.cli.confirming import told_and_confirmed
from bot.cli.exits import ExitCode, complain, printable
from bot.cli.options import Account, Begin, Cash, Confirm, Home, Json, Live, PolicyPath, Recorded, Seed

if TYPE_CHECKING:
    from bot.cycle import CycleReport, Watcher
    from bot.domain.record import CycleRecord
    from bot.execution.sending import Outcome
    from bot.planning import Parts
    from bot.settings import Settings

PLAN_HELP = """Show what would be done now, and why. Nothing is sent.

Without an account this is the simulated venue: nothing can reach an exchange.

Example: poise plan --policy policies/balanced.toml
"""

APPLY_HELP = """Carry out exactly one saved plan, or refuse it when the world has moved.

Example: poise apply p7k3xq
"""

CHECK_HELP = """Read a policy file, name every fault with its mend, and say in words what it means.

Example: poise check policies/half-hedge.toml
"""


def check(
    policy: Annotated[Path | None, typer.Argument(help="The policy file.", show_default=False)] = None,
    home: Home = None,
    as_json: Json = False,
) -> int:
    """Check a policy file."""
    from bot.policy_file import load_policy
    from bot.policy_file.describe import describe
    from bot.report.envelope import envelope

    chosen = options.settings(home, policy).policy
    read = load_policy(chosen)
    sentences = describe(read)
    if as_json:
        typer.echo(envelope("check", {"file": str(chosen), "name": read.name, "says": list(sentences)}))
        return ExitCode.DONE
    typer.echo(f"{printable(str(chosen))}: policy {read.name} is sound.")
    for sentence in sentences:
        typer.echo(f"  {sentence}")
    typer.echo(f"Next:  poise plan --policy {printable(str(chosen))}")
    return ExitCode.DONE


def plan(
    home: Home = None,
    account: Account = None,
    policy: PolicyPath = None,
    seed: Seed = None,
    data: Recorded = None,
    begin: Begin = None,
    cash: Cash = None,
    detailed: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit 2 when changes are pending, 0 when none.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Show what would be done now."""
    chosen = options.settings(home, policy, seed=seed, recorded=data, begin=begin, cash=cash, account=account)
    return options.finished(_plan(chosen, as_json=as_json, detailed=detailed))


async def _plan(chosen: "Settings", *, as_json: bool, detailed: bool) -> int:
    from bot.app import looking
    from bot.planning import make_plan

    chosen = told_and_confirmed(chosen, as_json=as_json)
    if chosen.real is None and not chosen.account.exists() and not as_json:
        typer.echo(
            f"No account set up: the simulated venue, {_market_words(chosen)}. Nothing can reach an exchange.\n",
            err=True,
        )
    async with looking(chosen) as parts:
        record = await make_plan(parts)
        _show_plan(record, parts, as_json=as_json)
    pending = bool(record.decision.plan.proposals)
    if pending and not record.decision.verdict.approved:
        return ExitCode.REFUSED
    return ExitCode.CHANGES_PENDING if detailed and pending else ExitCode.DONE


def _market_words(chosen: "Settings") -> str:
    simulation = chosen.simulation
    return (
        f"seed {simulation.seed}"
        if simulation.recorded is None
        else f"recorded history in {printable(str(simulation.recorded))}"
    )


def _show_plan(record: "CycleRecord", parts: "Parts", *, as_json: bool) -> None:
    from bot.report.envelope import envelope
    from bot.report.plan_page import plan_json, show_plan
    from bot.report.screen import screen

    if as_json:
        typer.echo(envelope("plan", plan_json(record, parts.policy)))
    else:
        show_plan(record, parts.policy, screen())


def apply(
    plan: Annotated[str, typer.Argument(help="The plan's name, or 'latest'.")],
    home: Home = None,
    account: Account = None,
    policy: PolicyPath = None,
    live: Live = False,
    confirm: Confirm = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Json = False,
) -> int:
    """Carry out one saved plan."""
    chosen = options.settings(home, policy, account=account, live=live, confirm=confirm)
    chosen = told_and_confirmed(chosen, as_json=as_json)
    return options.finished(_apply(chosen, options.cycle_name(plan), yes=yes, as_json=as_json))


async def _apply(chosen: "Settings", name: str, *, yes: bool, as_json: bool) -> int:
    from bot.app import sending
    from bot.cli.stopping import stoppable
    from bot.cycle import apply_plan
    from bot.planning import find_plan

    async with sending(chosen) as parts:
        planned = await find_plan(parts, name)
        approved = planned.decision.verdict.approved
        if not approved:
            return _nothing(planned, as_json=as_json)
        if not yes and (as_json or not sys.stdin.isatty()):
            what = f"plan {planned.cycle} was not applied: there is nobody to ask"
            return complain(what, f"poise apply {planned.cycle} --yes", ExitCode.USAGE, as_json=as_json)
        if not yes and not _confirmed(planned, sum(len(item.proposal.legs) for item in approved)):
            what = f"plan {planned.cycle} was not applied: you did not say yes"
            return complain(what, "poise plan", ExitCode.CANCELLED, as_json=as_json)
        with stoppable(parts) as (watched, _stop):
            report = await apply_plan(watched, planned.cycle, _progress(planned, as_json=as_json))
        return _show_applied(report, as_json=as_json)


def _confirmed(planned: "CycleRecord", count: int) -> bool:
    """Ask on a terminal. Ctrl-C ends the question at once: asyncio's own handler would wait for an answer."""
    typer.echo(f"  {count} steps on {planned.venue}.")
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return bool(typer.prompt('  Type "yes" to place them') == "yes")
    finally:
        signal.signal(signal.SIGINT, before)


def _nothing(planned: "CycleRecord", *, as_json: bool) -> int:
    """Say that a plan has nothing to place: it proposed nothing, or the gate denied all of it."""
    from bot.report.envelope import envelope

    denied = bool(planned.decision.plan.proposals)
    if denied:
        what = f"plan {planned.cycle} has nothing to place: the risk gate denied all of it"
        return complain(what, f"poise explain {planned.cycle}", ExitCode.REFUSED, as_json=as_json)
    if as_json:
        typer.echo(envelope("apply", {"applies": planned.cycle, "complete": True, "outcomes": []}))
    else:
        typer.echo(f"Plan {planned.cycle} has nothing to place: it changes nothing.")
    return ExitCode.DONE


def _progress(planned: "CycleRecord", *, as_json: bool) -> "Watcher":
    from bot.report.cycle_page import show_outcome
    from bot.report.screen import screen

    console = screen(sys.stderr if as_json else None)
    total = sum(len(item.proposal.legs) for item in planned.decision.verdict.approved)
    counted = iter(range(1, total + 1))

    def watch(outcome: "Outcome") -> None:
        show_outcome(next(counted), total, outcome, console)

    return watch


def _show_applied(report: "CycleReport", *, as_json: bool) -> int:
    from bot.report.cycle_page import applied_json, show_applied
    from bot.report.envelope import envelope
    from bot.report.screen import screen

    if as_json:
        typer.echo(envelope("apply", applied_json(report.record, report.outcomes, report.discrepancies)))
    else:
        show_applied(report.record, report.outcomes, report.discrepancies, screen())
    return ExitCode.DONE if report.complete else ExitCode.IN_PART
