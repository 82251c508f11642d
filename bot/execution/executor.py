"""Carries out what was approved: the intent is durable first, one request leaves, the outcome is looked up."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from bot.domain.instrument import WalletKind
from bot.domain.intent import Intent, IntentRecord, IntentState, client_order_id
from bot.domain.memory import TradingState
from bot.domain.order import OrderReport, OrderRequest, Side, Sleeve, TransferReport, TransferRequest
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


@dataclass(slots=True)
class _Broken:
    """What did not come about: assets with an unknown outcome, assets with an unfilled order, and whether a sale."""

    doubtful: set[str] = field(default_factory=set)
    unfilled: set[str] = field(default_factory=set)
    sale: bool = False

    def note(self, leg: OrderRequest | TransferRequest, outcome: Outcome) -> None:
        """Remember an outcome that is not what the rest of the plan counts on."""
        asset = outcome.approved.proposal.asset
        if outcome.state is IntentState.AMBIGUOUS:
            self.doubtful.add(asset)
        if isinstance(leg, OrderRequest) and not _filled_whole(leg, outcome):
            self.unfilled.add(asset)
            self.sale = self.sale or _trades_core(leg, Side.SELL)

    def holds_back(self, leg: OrderRequest | TransferRequest, asset: str) -> str:
        """Return what is missing for a leg, empty when nothing is."""
        if asset in self.doubtful:
            return "an earlier order of this asset has an unknown outcome"
        if not isinstance(leg, OrderRequest) or leg.reduce_only:
            return ""
        if asset in self.unfilled:
            return "an earlier order of this asset was not filled whole: the next cycle plans on what is there"
        if self.sale and _trades_core(leg, Side.BUY):
            return "a sale before it was not filled whole: the next cycle plans on what is there"
        return ""


def _filled_whole(leg: OrderRequest, outcome: Outcome) -> bool:
    return isinstance(outcome.report, OrderReport) and outcome.report.filled >= leg.quantity


def _trades_core(leg: OrderRequest | TransferRequest, side: Side) -> bool:
    return isinstance(leg, OrderRequest) and leg.sleeve is Sleeve.CORE and leg.side is side


def _lowers_risk(leg: OrderRequest | TransferRequest) -> bool:
    """Whether a leg may be sent while reducing, as the gate reckons it: margin in, hedges and core made smaller."""
    if isinstance(leg, TransferRequest):
        return leg.target is WalletKind.LINEAR
    return leg.reduce_only or _trades_core(leg, Side.SELL)


async def execute(approved: tuple[Approved, ...], plan: Plan, sender: Sender) -> AsyncIterator[Outcome]:
    """Yield the outcome of each approved leg, in order, as it happens.

    The switch is read before every send. What follows was approved on the book that the orders before
    it were to make: after one that was not filled whole, only reduce-only orders are sent for its
    asset, after an unknown outcome nothing at all, and after such a sale no purchases of any asset.
    After the first failed leg of a proposal its other legs are not sent.
    """
    numbers = _leg_numbers(plan)
    broken = _Broken()
    for item in approved:
        for position, leg in enumerate(item.proposal.legs):
            reason = _held_back(leg, item, sender.control, broken)
            if reason:
                outcome = Outcome(approved=item, report=None, state=None, note=reason)
            else:
                outcome = await _send(item, leg, numbers[item.proposal.number] + position, sender)
            broken.note(leg, outcome)
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


def _held_back(leg: OrderRequest | TransferRequest, item: Approved, control: Control, broken: _Broken) -> str:
    """Return why a leg may not be sent now, empty when it may."""
    state, reason = control.state()
    if state is TradingState.HALTED:
        return f"halted: {reason}"
    if state is TradingState.REDUCING and not _lowers_risk(leg):
        return f"reducing only: {reason}"
    return broken.holds_back(leg, item.proposal.asset)


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
