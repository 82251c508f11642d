"""Every proposal of a cycle with the gate's verdict, and every trade left out, each with its reason."""

from rich.console import Console

from bot.domain.plan import Proposal
from bot.domain.record import CycleRecord
from bot.report.batches import a_batch, limit_words, order_words
from bot.report.figures import money, short_numbers
from bot.report.screen import put, put_wrapped


def show_proposals(record: CycleRecord, console: Console, *, only: str = "") -> None:
    """Print each proposal in the plan's order: what, why, approved or refused with both numbers of each breach."""
    decision = record.decision
    denied = {one.proposal.number: one.breaches for one in decision.verdict.denied}
    approved = {one.proposal.number for one in decision.verdict.approved}
    shown = [p for p in decision.plan.proposals if not only or p.asset == only]
    left_out = [s for s in decision.plan.skipped if not only or only in s.asset.split("+")]
    if not shown and not left_out:
        put(console, ("Nothing was proposed: nothing is outside its band.", "bold"))
        return
    for proposal in shown:
        verdict = "approved" if proposal.number in approved else "refused"
        _show_proposal(proposal, verdict, record, console)
        for breach in denied.get(proposal.number, ()):
            put_wrapped(console, str(breach), indent=5, style="red")
    for skipped in left_out:
        words = f"left out: {money(skipped.value)} of {skipped.asset} ({skipped.sleeve}). {skipped.reason}"
        put_wrapped(console, words, first="  –  ", indent=5)


def _show_proposal(proposal: Proposal, verdict: str, record: CycleRecord, console: Console) -> None:
    legs = [a_batch(proposal, leg, record.snapshot, None) for leg in proposal.legs]
    words = "; ".join(f"{order_words(leg)} {limit_words(leg)}".strip() for leg in legs)
    number = f"{proposal.number}. ".rjust(5)
    put_wrapped(
        console, f"{verdict}: {words} ({proposal.sleeve})", first=number, style="" if verdict == "approved" else "red"
    )
    put_wrapped(console, short_numbers(proposal.reason), indent=5, style="dim")
