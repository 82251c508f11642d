"""Sends one leg: the intent is durable first, one request leaves, the outcome is looked up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.instrument import Instrument
from bot.domain.intent import Intent, IntentRecord, IntentState, client_order_id
from bot.domain.order import CancelRequest, Leg, OrderReport, OrderRequest, TransferReport, TransferRequest
from bot.domain.plan import Approved
from bot.domain.record import JournalEvent
from bot.errors import OrderRejected, OutcomeUnknown
from bot.execution.recover import settle
from bot.ports import Clock, Control, Exchange, Journal


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one approved leg: a report, or the reason why there is none.

    `leg` is what was sent, or would have been: an order may have been cut to what it stands against.
    `state` is the intent's last journaled state; None when nothing was sent.
    """

    approved: Approved
    leg: Leg
    report: OrderReport | TransferReport | None
    state: IntentState | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The doors an execution uses, the ids its orders are derived from, and the grids they are cut to.

    Nothing that could raise risk is sent after `fresh_until`: what it was decided on is too old by then.
    """

    exchange: Exchange
    journal: Journal
    clock: Clock
    control: Control
    cycle: str
    plan: str
    fresh_until: datetime
    instruments: Mapping[str, Instrument] = field(default_factory=dict)


async def send(item: Approved, leg: Leg, number: int, sender: Sender) -> Outcome:
    """Return what became of one leg; `number` is its place in the whole plan, from 1, and makes its id."""
    if isinstance(leg, CancelRequest):
        return await _cancel(item, leg, sender)
    identity = client_order_id(sender.exchange.account, sender.plan, number, 1)
    if isinstance(leg, TransferRequest):
        return await _send_transfer(item, leg, identity, sender)
    return await _send_order(item, leg, identity, number, sender)


async def _send_order(item: Approved, leg: OrderRequest, identity: str, number: int, sender: Sender) -> Outcome:
    journal, clock = sender.journal, sender.clock
    intent = Intent(client_order_id=identity, cycle=sender.cycle, leg=number, request=leg, at=clock.now())
    await journal.record_intent(intent)
    await journal.record_state(identity, IntentState.SENDING, clock.now())
    try:
        report = await sender.exchange.place(identity, leg)
    except OrderRejected as error:
        note = f"{error.code}: {error.message}"
        await journal.record_state(identity, IntentState.REJECTED, clock.now(), note)
        return Outcome(approved=item, leg=leg, report=None, state=IntentState.REJECTED, note=note)
    except OutcomeUnknown as error:
        return await _look(item, intent, error, sender)
    await journal.record_report(report)
    return Outcome(approved=item, leg=leg, report=report, state=None, note="")


async def _look(item: Approved, intent: Intent, error: OutcomeUnknown, sender: Sender) -> Outcome:
    """Settle an unknown outcome by looking once; what stays unknown is left to the next cycle's recovery.

    An order that the venue took is open until the venue says otherwise: it is never concluded to be absent.
    """
    now, known = sender.clock.now(), IntentState.OPEN if error.taken else IntentState.AMBIGUOUS
    await sender.journal.record_state(intent.client_order_id, known, now, error.message)
    record = IntentRecord(intent=intent, state=known, changed_at=now)
    report = await settle(record, sender.exchange, sender.journal, sender.clock)
    state = None if report else known
    return Outcome(approved=item, leg=intent.request, report=report, state=state, note=error.message)


async def _send_transfer(item: Approved, leg: TransferRequest, identity: str, sender: Sender) -> Outcome:
    journal, clock, cycle = sender.journal, sender.clock, sender.cycle
    if await journal.unresolved_transfers():
        note = "an earlier transfer has an unknown outcome: what it moved would be moved twice"
        return Outcome(approved=item, leg=leg, report=None, state=None, note=note)
    await journal.record_transfer(cycle, identity, leg, IntentState.JOURNALED, clock.now())
    await journal.record_transfer(cycle, identity, leg, IntentState.SENDING, clock.now())
    try:
        report = await sender.exchange.transfer(identity, leg)
    except OrderRejected as error:
        await journal.record_transfer(cycle, identity, leg, IntentState.REJECTED, clock.now())
        note = f"{error.code}: {error.message}"
        return Outcome(approved=item, leg=leg, report=None, state=IntentState.REJECTED, note=note)
    except OutcomeUnknown as error:
        await journal.record_transfer(cycle, identity, leg, IntentState.AMBIGUOUS, clock.now())
        return Outcome(approved=item, leg=leg, report=None, state=IntentState.AMBIGUOUS, note=error.message)
    await journal.record_transfer(cycle, identity, leg, IntentState.FILLED, clock.now())
    return Outcome(approved=item, leg=leg, report=report, state=None, note="")


async def _cancel(item: Approved, leg: CancelRequest, sender: Sender) -> Outcome:
    """Ask for a cancel once, journaled first; what became of the order is read, never taken from the answer."""
    text = f"{leg.client_order_id} {leg.symbol}"
    await sender.journal.record_event(JournalEvent(at=sender.clock.now(), kind="cancel", text=text))
    note = ""
    try:
        await sender.exchange.cancel(leg.client_order_id, leg.symbol)
    except (OrderRejected, OutcomeUnknown) as error:
        note = error.message
    report = await sender.exchange.find(leg.client_order_id, leg.symbol)
    if report is None:
        return Outcome(approved=item, leg=leg, report=None, state=None, note=note or "the venue knows no such order")
    await sender.journal.record_report(report)
    return Outcome(approved=item, leg=leg, report=report, state=None, note=note)
