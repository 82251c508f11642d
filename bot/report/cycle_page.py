"""The cycle page: why it traded, why not, and what became of it; and one line for each leg as it happens."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rich.console import Console

from bot.canonical import to_plain
from bot.domain.policy import Policy
from bot.domain.record import CycleRecord, Discrepancy, Settlement
from bot.report.drift_tables import show_drift, show_exposure
from bot.report.figures import NONE, coins, money, percent, plain_words, price, symbol_words
from bot.report.outcomes import LegOutcome, how_it_ended, leg_words, outcome_words, quote_of, tally
from bot.report.plan_page import plan_json, show_heading, show_remarks, show_risk
from bot.report.proposals import show_proposals
from bot.report.screen import Column, Row, put, put_table, put_wrapped

ORDER_COLUMNS = (
    Column(head="Orders", clip=True),
    Column(head="Ordered", right=True),
    Column(head="Filled", right=True),
    Column(head="Average", right=True),
    Column(head="State", clip=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """One order as the journal knows it. Quantities are in order units, `fees` are words with their asset."""

    client_order_id: str
    symbol: str
    side: str
    ordered: Decimal
    filled: Decimal
    average: Decimal | None
    state: str
    fees: str = ""
    note: str = ""


def show_explain(
    record: CycleRecord,
    orders: Sequence[OrderLine],
    settlement: Settlement | None,
    policy: Policy,
    console: Console,
    *,
    only: str = "",
) -> None:
    """Print one cycle from what it saw to how it ended; `only` names an asset to leave the others out."""
    show_heading(record, policy, console)
    if record.applies:
        put(console, f"Carries out plan {record.applies}")
    put(console)
    show_exposure(record, policy, console, only=only)
    put(console)
    show_drift(record, policy, console, only=only)
    put(console)
    show_proposals(record, console, only=only)
    if not only:
        put(console)
        show_risk(record, policy, console)
        show_remarks(record, policy, console)
    _show_orders(orders, console, only)
    _show_settlement(settlement, policy, console)


def explain_json(
    record: CycleRecord, orders: Sequence[OrderLine], settlement: Settlement | None, policy: Policy
) -> dict[str, Any]:
    """Return the plan's data with the cycle's orders and how it ended, ready for JSON."""
    ended: dict[str, Any] = to_plain({"placed": list(orders), "settlement": settlement})
    return plan_json(record, policy) | ended


def show_outcome(number: int, total: int, outcome: LegOutcome, console: Console) -> None:
    """Print what became of one leg, on one line: 1/4 sell 0.105 BTC perp   filled 69,983.1."""
    leg = outcome.leg
    count = f"  {number:>{len(str(total))}}/{total} "
    put_wrapped(
        console,
        outcome_words(leg, outcome.report, outcome.note),
        first=f"{count}{leg_words(leg):<30}  ",
        indent=len(count) + 32,
        style="" if outcome.report else "bold red",
    )


def show_applied(
    record: CycleRecord, outcomes: Sequence[LegOutcome], discrepancies: Sequence[Discrepancy], console: Console
) -> None:
    """Print how a plan's legs ended, the real cost beside the planned one, and what does not fit the books."""
    ended, quote = tally(record, outcomes), quote_of(record)
    counts = [f"{ended.filled} filled"]
    more = {
        "waiting": ended.waiting,
        "filled in part": ended.partly,
        "not filled": ended.unfilled,
        "transferred": ended.transferred,
        "of unknown outcome": ended.unknown,
    }
    counts += [f"{count} {words}" for words, count in more.items() if count]
    counts += [f"{ended.failed} failed", f"{ended.skipped} skipped"]
    word = f"Applied {record.applies}" if record.applies else f"Cycle {record.cycle}"
    put_wrapped(console, f"{word}: {', '.join(counts)}.", style="bold" if ended.complete else "bold yellow")
    cost = f"{money(ended.cost)} {quote}" if ended.cost is not None else f"{NONE} (a fee has no price in {quote})"
    put(console, f"Cost {cost} (planned {money(ended.planned)}).")
    show_discrepancies(discrepancies, quote, console)


def applied_json(
    record: CycleRecord, outcomes: Sequence[LegOutcome], discrepancies: Sequence[Discrepancy]
) -> dict[str, Any]:
    """Return how a plan's legs ended, each report and what does not fit the books, ready for JSON."""
    ended = tally(record, outcomes)
    body = {
        "cycle": record.cycle,
        "applies": record.applies or None,
        "quote": quote_of(record),
        "complete": ended.complete,
        "tally": ended,
        "outcomes": [
            {
                "proposal": outcome.approved.proposal.number,
                "ended": how_it_ended(outcome.report, outcome.state),
                "state": outcome.state,
                "leg": outcome.leg,
                "report": outcome.report,
                "note": outcome.note,
            }
            for outcome in outcomes
        ],
        "discrepancies": list(discrepancies),
    }
    plain: dict[str, Any] = to_plain(body)
    return plain


def show_discrepancies(discrepancies: Sequence[Discrepancy], quote: str, console: Console) -> None:
    """Print each difference between books and venue, with both numbers and whether it stops openings."""
    for one in discrepancies:
        halts = " Openings are halted." if one.halts else ""
        words = (
            f"{one.subject}: expected {coins(one.expected)}, found {coins(one.actual)} "
            f"({money(one.value)} {quote}). {one.note}{halts}"
        )
        put_wrapped(console, words, first=f"{one.kind}  ", indent=4, style="bold red" if one.halts else "")


def _show_orders(orders: Sequence[OrderLine], console: Console, only: str) -> None:
    shown = [order for order in orders if not only or symbol_words(order.symbol).split(" ")[0] == only]
    if not shown:
        return
    rows = [
        Row(
            cells=(
                f"{order.side} {symbol_words(order.symbol)}",
                price(order.ordered),
                price(order.filled),
                coins(order.average, digits=10),
                plain_words(order.state, 20),
            ),
            notes=(_order_note(order),),
        )
        for order in shown
    ]
    put(console)
    put_table(console, ORDER_COLUMNS, rows, notes_at=2)


def _order_note(order: OrderLine) -> str:
    parts = (order.client_order_id, order.fees and f"fee {order.fees}", order.note)
    return " · ".join(plain_words(part) for part in parts if part)


def _show_settlement(settlement: Settlement | None, policy: Policy, console: Console) -> None:
    if settlement is None:
        return
    result = settlement.performance
    put(console)
    put(
        console,
        f"Left with {money(result.equity)} {policy.quote} · drawdown {percent(result.drawdown)} · "
        f"loss today {percent(result.day_loss)}",
    )
    if not settlement.discrepancies:
        put(console, "The books agree with the venue.")
    show_discrepancies(settlement.discrepancies, policy.quote, console)
