"""Carries out what was approved: the intent is durable first, one request leaves, the outcome is looked up."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from bot.domain.intent import Intent, IntentRecord, IntentState, client_order_id
from bot.domain.memory import TradingState
from bot.domain.order import OrderReport, OrderRequest, TransferReport, TransferRequest
from bot.domain.plan import Approved, Plan
from bot.errors import OrderRejected, OutcomeUnknown
from bot.execution.recover import settle
from bot.ports import Clock, Control, Exchange, Journal


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one approved leg: a report, or the reason why there is none.

    `state` is the intent's last journaled state; None when nothing was sent.
    """

    approved: Approved
    report: OrderReport | TransferReport | None
    state: IntentState | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The doors an execution uses, and the ids its orders are derived from."""

    exchange: Exchange
    journal: Journal
    clock: Clock
    control: Control
    cycle: str
    plan: str


async def execute(approved: tuple[Approved, ...], plan: Plan, sender: Sender) -> AsyncIterator[Outcome]:
    """Yield the outcome of each approved leg, in order, as it happens.

    The switch is read before every send. After an unknown outcome nothing more is sent for that
    asset. After the first failed leg of a proposal its other legs are not sent.
    """
    numbers = _leg_numbers(plan)
    doubtful: set[str] = set()
    for item in approved:
        for position, leg in enumerate(item.proposal.legs):
            reason = _held_back(leg, item, sender.control, doubtful)
            if reason:
                yield Outcome(approved=item, report=None, state=None, note=reason)
                break
            outcome = await _send(item, leg, numbers[item.proposal.number] + position, sender)
            if outcome.state is IntentState.AMBIGUOUS:
                doubtful.add(item.proposal.asset)
            yield outcome
            if outcome.report is None:
                break


def _leg_numbers(plan: Plan) -> dict[int, int]:
    """Return the number of each proposal's first leg, counted through the whole plan."""
    numbers, following = {}, 1
    for proposal in plan.proposals:
        numbers[proposal.number] = following
        following += len(proposal.legs)
    return numbers


def _held_back(leg: OrderRequest | TransferRequest, item: Approved, control: Control, doubtful: set[str]) -> str:
    """Return why a leg may not be sent now, empty when it may."""
    state, reason = control.state()
    if state is TradingState.HALTED:
        return f"halted: {reason}"
    if state is TradingState.REDUCING and not (isinstance(leg, OrderRequest) and leg.reduce_only):
        return f"reducing only: {reason}"
    if item.proposal.asset in doubtful:
        return "an earlier order of this asset has an unknown outcome"
    return ""


async def _send(item: Approved, leg: OrderRequest | TransferRequest, number: int, sender: Sender) -> Outcome:
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
        return Outcome(approved=item, report=None, state=IntentState.REJECTED, note=note)
    except OutcomeUnknown as error:
        return await _look(item, intent, error, sender)
    await journal.record_report(report)
    return Outcome(approved=item, report=report, state=None, note="")


async def _look(item: Approved, intent: Intent, error: OutcomeUnknown, sender: Sender) -> Outcome:
    """Settle an unknown outcome by looking once; what stays unknown is left to the next cycle's recovery."""
    now = sender.clock.now()
    await sender.journal.record_state(intent.client_order_id, IntentState.AMBIGUOUS, now, error.message)
    record = IntentRecord(intent=intent, state=IntentState.AMBIGUOUS, changed_at=now)
    report = await settle(record, sender.exchange, sender.journal, sender.clock)
    state = None if report else IntentState.AMBIGUOUS
    return Outcome(approved=item, report=report, state=state, note=error.message)


async def _send_transfer(item: Approved, leg: TransferRequest, identity: str, sender: Sender) -> Outcome:
    journal, clock, cycle = sender.journal, sender.clock, sender.cycle
    await journal.record_transfer(cycle, identity, leg, IntentState.JOURNALED, clock.now())
    await journal.record_transfer(cycle, identity, leg, IntentState.SENDING, clock.now())
    try:
        report = await sender.exchange.transfer(identity, leg)
    except OrderRejected as error:
        await journal.record_transfer(cycle, identity, leg, IntentState.REJECTED, clock.now())
        note = f"{error.code}: {error.message}"
        return Outcome(approved=item, report=None, state=IntentState.REJECTED, note=note)
    except OutcomeUnknown as error:
        await journal.record_transfer(cycle, identity, leg, IntentState.AMBIGUOUS, clock.now())
        return Outcome(approved=item, report=None, state=IntentState.AMBIGUOUS, note=error.message)
    await journal.record_transfer(cycle, identity, leg, IntentState.FILLED, clock.now())
    return Outcome(approved=item, report=report, state=None, note="")
