"""Lists: the cycles of the past, and how things stand now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from rich.console import Console

from bot.canonical import to_plain
from bot.domain.memory import TradingState
from bot.domain.plan import RiskFigures
from bot.domain.record import CycleLine, Discrepancy
from bot.domain.sleeves import Claim
from bot.report.figures import (
    NONE,
    change,
    coins,
    moment,
    money,
    percent,
    plain_words,
    price,
    span,
    survived,
    symbol_words,
    times,
)
from bot.report.screen import Column, Row, put, put_table, put_wrapped

HISTORY_COLUMNS = (
    Column(head="Cycle"),
    Column(head="For"),
    Column(head="When, UTC"),
    Column(head="Policy", clip=True),
    Column(head="Approved", right=True),
    Column(head="Filled", right=True),
    Column(head="Equity", right=True),
)
LABEL = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How things stand. Shares: core and reserve of equity, hedge of the core's coins; None is not known."""

    venue: str
    account: str
    mode: str
    state: TradingState
    reason: str
    quote: str
    last_cycle: str | None
    last_at: datetime | None
    equity: Decimal | None
    core_share: Decimal | None
    hedge_ratio: Decimal | None
    reserve_share: Decimal | None
    figures: RiskFigures | None
    next_run: datetime | None
    unresolved: int
    discrepancies: tuple[Discrepancy, ...]
    journal: str
    journal_rows: int | None
    heartbeat_age: timedelta | None
    claims: tuple[Claim, ...] = ()


def show_history(rows: Sequence[CycleLine], console: Console) -> None:
    """Print past cycles, one a row: how many proposals were approved, how many orders filled, equity."""
    if not rows:
        put(console, "No cycle is recorded yet.  Next:  poise plan")
        return
    put_table(
        console,
        HISTORY_COLUMNS,
        [
            Row(
                cells=(
                    line.cycle[:12],
                    line.purpose,
                    moment(line.at)[:16],
                    plain_words(line.policy, 20),
                    f"{line.approved} of {line.proposals}" if line.proposals else NONE,
                    f"{line.filled} of {line.orders}" if line.orders else NONE,
                    money(line.equity),
                ),
                style="red" if line.denied else "",
            )
            for line in rows
        ],
    )


def show_status(status: Status, console: Console) -> None:
    """Print where, in which state, what the book looks like, what comes next and what is open."""
    colour = {TradingState.ACTIVE: "green", TradingState.REDUCING: "yellow", TradingState.HALTED: "bold red"}
    state = status.state.upper() + (f" · {status.reason}" if status.reason else "")
    _entry(console, "Account", f"{status.account} at {status.venue} · {status.mode}")
    _entry(console, "State", state, colour[status.state])
    last = f"{status.last_cycle} at {moment(status.last_at)}" if status.last_cycle else "none yet"
    _entry(console, "Last cycle", last)
    _entry(console, "Next run", moment(status.next_run) if status.next_run else "not scheduled")
    beat = f"{span(status.heartbeat_age)} ago" if status.heartbeat_age is not None else "no loop is running"
    _entry(console, "Heartbeat", beat)
    _entry(console, "Equity", f"{money(status.equity)} {status.quote}" if status.equity is not None else NONE)
    _entry(
        console,
        "Book",
        f"core {percent(status.core_share)} · hedge {percent(status.hedge_ratio)} of core coins · "
        f"reserve {percent(status.reserve_share)}",
    )
    for claim in status.claims:
        words = f"{claim.sleeve} {claim.rule}: {coins(claim.quantity)} {symbol_words(claim.symbol)}"
        _entry(console, "", f"{words} from {price(claim.entry)} since {moment(claim.opened_at)[:16]}")
    _show_figures(status, console)
    _show_open(status, console)
    rows = f"{status.journal_rows:,} rows" if status.journal_rows is not None else "rows not counted"
    _entry(console, "Journal", f"{status.journal} · {rows}")


def status_json(status: Status) -> dict[str, Any]:
    """Return how things stand as data, decimals as text, the heartbeat's age in whole seconds, ready for JSON."""
    plain: dict[str, Any] = to_plain(status)
    age = status.heartbeat_age
    return plain | {"heartbeat_age": None if age is None else int(age.total_seconds())}


def _show_figures(status: Status, console: Console) -> None:
    risk = status.figures
    if risk is None:
        _entry(console, "Risk", NONE)
        return
    _entry(
        console,
        "Risk",
        f"net delta {percent(risk.net_delta)} of equity · futures {times(risk.leverage)} of equity",
    )
    _entry(
        console,
        "",
        f"liquidation {percent(risk.liquidation_distance)} away · "
        f"survives a joint rally of {survived(risk.survives_rally)}",
    )
    _entry(
        console,
        "",
        f"market -20%: {change(risk.crash_loss)} {status.quote} · "
        f"funding {change(risk.funding_per_day)} {status.quote} a day",
    )


def _show_open(status: Status, console: Console) -> None:
    unresolved = f"{status.unresolved} orders of unknown or open outcome" if status.unresolved else "none"
    _entry(console, "Unresolved", unresolved, "bold yellow" if status.unresolved else "")
    if not status.discrepancies:
        _entry(console, "Discrepancies", "none")
    for number, one in enumerate(status.discrepancies):
        words = f"{one.kind} {one.subject}: {money(one.value)} {status.quote}. {one.note}"
        _entry(console, "" if number else "Discrepancies", words, "bold red" if one.halts else "yellow")


def _entry(console: Console, label: str, words: str, style: str = "") -> None:
    put_wrapped(console, words, first=label, indent=LABEL, style=style)
