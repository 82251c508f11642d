"""What a crash left open is settled by looking, never by sending again."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from bot.domain.intent import IntentRecord, IntentState, TransferRecord
from bot.domain.order import OrderReport
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
    for transfer in await journal.unresolved_transfers():
        await _settle_transfer(transfer, exchange, journal, clock)
    return tuple(reports)


async def _settle_transfer(transfer: TransferRecord, exchange: Exchange, journal: Journal, clock: Clock) -> None:
    """Look for one transfer and journal what became of it; what is not found yet stays ambiguous."""

    async def found() -> bool:
        return await exchange.find_transfer(transfer.transfer_id, transfer.request, transfer.begun_at) is not None

    if transfer.state is IntentState.JOURNALED:
        outcome = IntentState.ABSENT
    elif await found():
        outcome = IntentState.FILLED
    elif await _is_absent(_doubted_since(transfer, clock), found, exchange, clock):
        outcome = IntentState.ABSENT
    else:
        outcome = IntentState.AMBIGUOUS
    if outcome is not transfer.state:
        await journal.record_transfer(transfer.cycle, transfer.transfer_id, transfer.request, outcome, clock.now())


async def settle(record: IntentRecord, exchange: Exchange, journal: Journal, clock: Clock) -> OrderReport | None:
    """Look for one intent's order and journal what became of it; return the report, None when none was found."""
    intent = record.intent
    if record.state is IntentState.JOURNALED:
        await journal.record_state(intent.client_order_id, IntentState.ABSENT, clock.now(), "never sent")
        return None
    if record.state is IntentState.SENDING:
        await journal.record_state(intent.client_order_id, IntentState.AMBIGUOUS, clock.now(), "no answer recorded")
    report = await exchange.find(intent.client_order_id, intent.request.symbol, intent.at)
    if report is not None:
        if not _waits_still(record, report):
            await journal.record_report(report)
        return report

    async def found() -> bool:
        return await exchange.find(intent.client_order_id, intent.request.symbol, intent.at) is not None

    if record.state is not IntentState.OPEN and await _is_absent(_doubted_since(record, clock), found, exchange, clock):
        note = f"not found {LOOKS_BEFORE_ABSENT} times after the receive window"
        await journal.record_state(intent.client_order_id, IntentState.ABSENT, clock.now(), note)
    return None


def _waits_still(record: IntentRecord, report: OrderReport) -> bool:
    """Whether an order rests as it did when last looked at: a stop waits for weeks, and that is no news."""
    return record.state is IntentState.OPEN and not report.status.is_final and not report.fills


def _doubted_since(record: IntentRecord | TransferRecord, clock: Clock) -> datetime:
    """Return a moment after the request had left for certain: it may have waited its turn long after the intent.

    It is when the outcome was found to be unknown; a process that died while sending leaves that to be now.
    """
    return record.changed_at if record.state is IntentState.AMBIGUOUS else clock.now()


async def _is_absent(since: datetime, found: Callable[[], Awaitable[bool]], exchange: Exchange, clock: Clock) -> bool:
    """Whether a request certainly never arrived: the window is over, and looking again finds nothing."""
    if clock.now() < since + exchange.receive_window:
        return False
    for _ in range(LOOKS_BEFORE_ABSENT - 1):
        if await found():
            return False
    return True
