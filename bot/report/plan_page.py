"""The plan page: what would be done, why, what it costs and what it would survive; and the same as data."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console

from bot.canonical import digest, to_plain
from bot.domain.memory import TradingState
from bot.domain.order import Sleeve
from bot.domain.plan import Caution, Crossing, Denied
from bot.domain.policy import Policy
from bot.domain.record import CycleRecord, Purpose
from bot.report.batches import Batch, Totals, a_batch, batches, limit_words, order_words, totals
from bot.report.figures import money, plain_words, points, price, short_numbers, span, symbol_words
from bot.report.plan_rows import rows_of
from bot.report.prices import prices_age
from bot.report.risk_lines import limit_words as risk_limit
from bot.report.risk_lines import risk_lines, risk_words, verdict_words
from bot.report.screen import Column, Row, put, put_table, put_wrapped
from bot.report.sleeves import nearest_edge, sleeve_lines
from bot.report.steps import show_steps, step_lines

PLAN_COLUMNS = (
    Column(head="", clip=True),
    Column(head="Now", right=True),
    Column(head="Band", right=True),
    Column(head="Target", right=True),
    Column(head="Order", clip=True),
)
RISK_COLUMNS = (
    Column(head="Risk gate", clip=True),
    Column(head="Before", right=True),
    Column(head="After", right=True),
    Column(head="Limit", right=True),
    Column(head=""),
)
MOST_REFUSALS = 40
LEGEND = "CORE, RESERVE: share of equity. Coins: of the core. HEDGE: of the core's coins."


def show_plan(record: CycleRecord, policy: Policy, console: Console, *, mode: str = "") -> None:
    """Print a decided cycle: sleeves against bands, the orders, the risk gate, what was refused, what it costs.

    `mode` are words such as DRY-RUN or TESTNET, shown on the first line.
    """
    found = batches(record.decision, record.snapshot)
    show_heading(record, policy, console, mode=mode)
    put(console)
    put_table(console, PLAN_COLUMNS, [row for line in sleeve_lines(record, policy, found) for row in rows_of(line)])
    put(console, (LEGEND, "dim"))
    put(console)
    show_risk(record, policy, console)
    show_steps(record, console)
    _show_refused(record, console)
    show_remarks(record, policy, console)
    put(console)
    _show_end(record, policy, console, found)


def plan_json(record: CycleRecord, policy: Policy) -> dict[str, Any]:
    """Return everything the page shows and the whole decision, decimals as text, ready for JSON."""
    found = batches(record.decision, record.snapshot)
    exposure, total = record.decision.exposure, totals(found)
    edge = nearest_edge(record, policy)
    age = prices_age(record)
    body = {
        "plan": record.cycle,
        "purpose": record.purpose,
        "applies": record.applies or None,
        "venue": record.venue,
        "account": record.account,
        "at": record.at,
        "code_version": record.code_version,
        "policy": {"name": policy.name, "digest": digest(record.policy_text), "quote": policy.quote},
        "prices_age_seconds": None if age is None else str(age.total_seconds()),
        "good_for_seconds": policy.limits.plan_ttl_seconds,
        "state": {"name": record.memory.state, "reason": record.memory.state_reason},
        "equity": exposure.equity,
        "account_equity": exposure.account_equity,
        "core_share": exposure.core_share,
        "changes": bool(record.decision.verdict.approved),
        "sleeves": sleeve_lines(record, policy, found),
        "orders": found,
        "risk": [{**to_plain(line), "holds": line.holds} for line in risk_lines(record.decision.verdict, policy)],
        "refused": record.decision.verdict.denied,
        "cautions": record.decision.verdict.cautions,
        "left_out": record.decision.plan.skipped,
        "notes": record.decision.notes,
        "advice": record.decision.plan.advice,
        "crossings": record.decision.plan.crossings,
        "steps": step_lines(record),
        "nearest_edge": None if edge is None else {"name": edge[0], "distance": edge[1]},
        "totals": total,
        "next": next_command(record, total),
        "decision": record.decision,
    }
    plain: dict[str, Any] = to_plain(body)
    return plain


def show_heading(record: CycleRecord, policy: Policy, console: Console, *, mode: str = "") -> None:
    """Print who, where, with which policy, how old the prices are, and the equity."""
    word = {Purpose.PLAN: "Plan", Purpose.APPLY: "Applied", Purpose.RUN: "Cycle"}[record.purpose]
    venue, name = plain_words(record.venue, 12), plain_words(policy.name, 16)
    age = prices_age(record)
    parts = [f"{venue}", f"policy {name}@{digest(record.policy_text)[:8]}"]
    parts.append("prices of unknown age" if age is None else f"prices {span(age)} old")
    put(console, (f"{word} {record.cycle}", "bold"), "  " + " · ".join([*parts, *([mode] if mode else [])]))
    line = f"Equity {money(record.decision.exposure.equity)} {policy.quote}"
    if record.purpose is Purpose.PLAN:
        line += f" · good for {money(policy.limits.plan_ttl_seconds, 0)} s, or until balances or prices move"
    put(console, line)
    if record.memory.state is not TradingState.ACTIVE:
        reason = f"{record.memory.state.upper()}: {record.memory.state_reason or 'no reason given'}"
        put_wrapped(console, reason, style="bold red")


def show_risk(record: CycleRecord, policy: Policy, console: Console) -> None:
    """Print the risk before and after what was approved, beside the limits."""
    rows = [
        Row(
            cells=(
                line.name,
                risk_words(line.before, line.unit),
                risk_words(line.after, line.unit),
                risk_limit(line),
                verdict_words(line),
            ),
            style="bold red" if line.holds is False else "",
        )
        for line in risk_lines(record.decision.verdict, policy)
    ]
    put_table(console, RISK_COLUMNS, rows)


def next_command(record: CycleRecord, total: Totals) -> str:
    """Return the command a person would type next, empty when there is nothing to do."""
    if record.purpose is Purpose.PLAN and total.opened + total.changed + total.closed + total.transfers:
        return f"poise apply {record.cycle}"
    return f"poise explain {record.cycle}" if total.refused else ""


def _show_refused(record: CycleRecord, console: Console) -> None:
    denied = record.decision.verdict.denied
    if not denied:
        return
    put(console)
    put(console, (f"Refused by the risk gate: {len(denied)}", "bold red"))
    for one in denied[:MOST_REFUSALS]:
        show_denied(one, record, console)
    if len(denied) > MOST_REFUSALS:
        put(console, f"  … and {len(denied) - MOST_REFUSALS} more: poise explain {record.cycle}")


def show_denied(denied: Denied, record: CycleRecord, console: Console) -> None:
    """Print a refused proposal with every limit it would break, both numbers beside it."""
    legs = [a_batch(denied.proposal, leg, record.snapshot, denied.breaches) for leg in denied.proposal.legs]
    words = "; ".join(f"{order_words(batch)} {limit_words(batch)}".strip() for batch in legs)
    put_wrapped(console, f"{words} ({denied.proposal.sleeve})", first=f"  {denied.proposal.number}. ", indent=5)
    for breach in denied.breaches:
        put_wrapped(console, str(breach), indent=5, style="red")


def caution_words(cautions: Sequence[Caution]) -> list[str]:
    """Return cautions with those that say the same of several instruments as one: BTC, BTC perp: … (RC29)."""
    subjects: dict[tuple[str, str], list[str]] = {}
    for caution in cautions:
        subject, colon, words = caution.text.partition(": ")
        known = colon and "/" in subject
        key = (words if known else caution.text, caution.code)
        subjects.setdefault(key, []).extend([symbol_words(subject)] if known else [])
    return [f"{', '.join(names)}{': ' if names else ''}{words} ({code})" for (words, code), names in subjects.items()]


def crossing_words(crossing: Crossing) -> str:
    """Return what changes its sleeve without an order: carry +1, core -1 of BTC at 70,000."""
    parts = ", ".join(f"{part.sleeve} {part.quantity.normalize():+f}" for part in crossing.parts)
    return f"{parts} of {symbol_words(crossing.symbol)} at {price(crossing.price)}: no order is needed"


def show_remarks(record: CycleRecord, policy: Policy, console: Console) -> None:
    """Print cautions, trades left out that have no row of their own, and notes."""
    decision = record.decision
    shown = [("Caution", words) for words in caution_words(decision.verdict.cautions)]
    shown += [
        ("Left out", f"{s.sleeve} {s.asset}, {money(s.value)} {policy.quote}: {s.reason}")
        for s in decision.plan.skipped
        if s.asset not in decision.drift.assets or s.sleeve not in (Sleeve.CORE, Sleeve.HEDGE)
    ]
    shown += [("Crossed", crossing_words(one)) for one in decision.plan.crossings]
    shown += [("Advice", short_numbers(plain_words(advice.text))) for advice in decision.plan.advice]
    shown += [("Note", note) for note in decision.notes]
    if shown:
        put(console)
    for word, text in shown:
        put_wrapped(console, text, first=f"{word:8}  ", indent=10)


def _show_end(record: CycleRecord, policy: Policy, console: Console, found: tuple[Batch, ...]) -> None:
    total, quote = totals(found), policy.quote
    if not found:
        put(console, (_unchanged(record, policy), "bold"))
        return
    counts = f"{total.opened} to open, {total.changed} to change, {total.closed} to close"
    more = [f"{total.transfers} to transfer"] * bool(total.transfers) + [f"{total.refused} refused"] * bool(
        total.refused
    )
    put(console, (", ".join([counts, *more]) + ".", "bold"))
    put(console, f"Turnover {money(total.turnover)} {quote}, cost ~{money(total.cost)} {quote}.")
    command = next_command(record, total)
    if command.startswith("poise apply"):
        put(console, f"Next:  {command}   ·   poise explain {record.cycle}   ·   poise whatif")
    elif command:
        put(console, f"Nothing can be applied.  Next:  {command}")


def _unchanged(record: CycleRecord, policy: Policy) -> str:
    decision = record.decision
    outside = decision.drift.core_outside or any(d.outside or d.hedge_outside for d in decision.drift.assets.values())
    if outside or decision.plan.skipped:
        return "No changes: what is outside its band is left out, for the reasons above."
    edge = nearest_edge(record, policy)
    return f"No changes: inside every band{f' (nearest edge: {edge[0]}, {points(edge[1])})' if edge else ''}."
