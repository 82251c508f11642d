"""What a crash left open is settled by looking, never by sending again."""

import asyncio
from datetime import datetime

from bot.domain.intent import IntentRecord, IntentState
from bot.domain.order import OrderReport
from bot.domain.record import JournalEvent
from bot.errors import PoiseError
from bot.ports import Clock, Exchange, Journal

LOOKS_BEFORE_ABSENT = 3


async def recover(exchange: Exchange, journal: Journal, clock: Clock) -> tuple[OrderReport, ...]:
    """Settle every intent and transfer without a final state; return the reports found. Safe to repeat.

    An intent journaled and never sending was never sent: it is absent at once. Anything else is
    looked up. Absence is concluded only after the venue's receive window and three empty looks;
    until then the intent stays ambiguous and freezes its instrument.
    """
    reports = []
    for record in await journal.unresolved():
        report = await settle(record, exchange, journal, clock)
        if report:
            reports.append(report)
    for transfer_id, request, state in await journal.unresolved_transfers():
        found = None if state is IntentState.JOURNALED else await exchange.find_transfer(transfer_id)
        outcome = IntentState.FILLED if found else IntentState.ABSENT
        await journal.record_transfer("", transfer_id, request, outcome, clock.now())
    return tuple(reports)


async def settle(record: IntentRecord, exchange: Exchange, journal: Journal, clock: Clock) -> OrderReport | None:
    """Look for one intent's order and journal what became of it; return the report, None when none was found."""
    intent = record.intent
    if record.state is IntentState.JOURNALED:
        await journal.record_state(intent.client_order_id, IntentState.ABSENT, clock.now(), "never sent")
        return None
    if record.state is IntentState.SENDING:
        await journal.record_state(intent.client_order_id, IntentState.AMBIGUOUS, clock.now(), "no answer recorded")
    report = await exchange.find(intent.client_order_id, intent.request.symbol)
    if report is not None:
        await journal.record_report(report)
        return report
    if record.state is not IntentState.OPEN and await _is_absent(record, exchange, clock):
        note = f"not found {LOOKS_BEFORE_ABSENT} times after the receive window"
        await journal.record_state(intent.client_order_id, IntentState.ABSENT, clock.now(), note)
    return None


async def _is_absent(record: IntentRecord, exchange: Exchange, clock: Clock) -> bool:
    """Whether the order is certainly not at the venue: the window is over and repeated looks find nothing."""
    if clock.now() < record.intent.at + exchange.receive_window:
        return False
    for _ in range(LOOKS_BEFORE_ABSENT - 1):
        await asyncio.sleep(0)
        if await exchange.find(record.intent.client_order_id, record.intent.request.symbol):
            return False
    return True


async def note_failure(journal: Journal, error: PoiseError, at: datetime) -> None:
    """Journal a failure as an event, message only."""
    await journal.record_event(JournalEvent(at=at, kind=type(error).__name__, text=error.message))
