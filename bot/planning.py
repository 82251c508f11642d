"""Observe, decide, remember: what a plan, an apply and a run have in common."""

from dataclasses import dataclass, replace
from datetime import timedelta

from bot import __version__
from bot.canonical import digest
from bot.decide import decide
from bot.domain.intent import IntentRecord, IntentState, short_hash
from bot.domain.memory import Memory, Unresolved
from bot.domain.numbers import ZERO
from bot.domain.policy import Policy
from bot.domain.reading import Readings
from bot.domain.record import CycleRecord, Purpose, Settlement
from bot.domain.sleeves import NO_STATE, SleeveState
from bot.domain.snapshot import Snapshot
from bot.policy.measures import policy_measures
from bot.policy.pool import divided
from bot.ports import Clock, Control, Exchange, Journal


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a cycle is made of; `app.py` chooses them once."""

    policy: Policy
    policy_text: str
    exchange: Exchange
    journal: Journal
    clock: Clock
    control: Control


async def look(parts: Parts) -> Snapshot:
    """Return what there is, for looking at: a pooled account's money divided as decide divides it."""
    return divided(await parts.exchange.snapshot(), parts.policy)


async def make_plan(parts: Parts) -> CycleRecord:
    """Observe, decide and record, for a person to look at; nothing is sent."""
    before = await parts.exchange.snapshot()
    record = await decided(parts, before, Purpose.PLAN)
    if not await parts.journal.has_cycle(record.cycle):
        await parts.journal.record_cycle(record)
    return record


async def find_plan(parts: Parts, plan: str) -> CycleRecord:
    """Return a saved plan by name, its beginning, or 'latest'."""
    return await parts.journal.cycle(plan, Purpose.PLAN if plan == "latest" else None)


async def remember(parts: Parts, now: Snapshot, *, attended: bool) -> Memory:
    """Return what decide must know of the past, from the journal and the switch."""
    state, reason = parts.control.state()
    settled = await parts.journal.last_settlement()
    day_ago = now.taken_at - timedelta(days=1)
    transfers = await parts.journal.transfers_since(day_ago)
    return Memory(
        state=state,
        state_reason=reason,
        sent=await parts.journal.sent_since(day_ago),
        transferred=sum((transfer.amount for transfer in transfers), ZERO),  # only the quote currency is moved
        unresolved=tuple(_unresolved(record, now) for record in await parts.journal.unresolved()),
        last_prices=await parts.journal.last_prices(),
        performance=settled.performance if settled else None,
        epoch=settled.epoch if settled else -1,
        ledger_sequence=settled.ledger_sequence if settled else -1,
        attended=attended,
        readings=await _readings(parts, now),
        sleeves=await _sleeves(parts, now, settled),
    )


async def _sleeves(parts: Parts, now: Snapshot, settled: Settlement | None) -> SleeveState:
    """Return what the sleeves claim of what there is now.

    Stops fire, contracts are delivered and hands trade while nobody looks: a claim on what is gone would make an
    exit open something, so claims are brought up to what was just read before anything is decided.
    """
    if settled is None or not settled.sleeves.claims:
        return settled.sleeves if settled else NO_STATE
    from bot.policy.claims import next_state, past_between  # noqa: PLC0415 - only who claims something pays for it

    entries = await parts.exchange.ledger(settled.ledger_sequence)
    known = tuple(entry for entry in entries if entry.sequence <= now.ledger_sequence)
    fills = tuple((intent.request, report) for intent, report in await parts.journal.unsettled())
    past = past_between(settled, now, (fills, known), quote=parts.policy.quote)
    return next_state(settled.sleeves, past, parts.policy)


async def _readings(parts: Parts, now: Snapshot) -> Readings:
    """Return what the market's past says of the policy's measures; nothing is asked for a policy without any."""
    measures, quote = policy_measures(parts.policy), parts.policy.quote
    if not measures:
        return ()
    from bot.signals.needs import wanted_series  # noqa: PLC0415 - only who asks the past pays for it
    from bot.signals.read import read_measures  # noqa: PLC0415

    history = await parts.exchange.history(wanted_series(measures, quote))
    return read_measures(measures, history, now.taken_at, quote)


def _unresolved(record: IntentRecord, now: Snapshot) -> Unresolved:
    """Return an order as decide counts it; one that is open and rests nowhere is as unknown as any."""
    request, identity = record.intent.request, record.intent.client_order_id
    rests = any(order.client_order_id.lower() == identity.lower() for order in now.open_orders)
    return Unresolved(
        client_order_id=identity,
        symbol=request.symbol,
        side=request.side,
        remaining=request.quantity,
        price=request.price,
        reduce_only=request.reduce_only,
        ambiguous=record.state is not IntentState.OPEN or not rests,
    )


async def doubtful(parts: Parts, now: Snapshot) -> str:
    """Return the orders and transfers whose outcome nobody knows, in words; empty when there are none."""
    orders = (_unresolved(record, now) for record in await parts.journal.unresolved())
    named = [f"order {one.client_order_id} in {one.symbol}" for one in orders if one.ambiguous]
    named += [f"transfer {one.transfer_id}" for one in await parts.journal.unresolved_transfers()]
    return ", ".join(named)


async def decided(parts: Parts, before: Snapshot, purpose: Purpose) -> CycleRecord:
    """Return the cycle of a snapshot: decided, named, not recorded yet."""
    memory = await remember(parts, before, attended=purpose is Purpose.PLAN)
    settled = await parts.journal.last_settlement()
    return CycleRecord(
        cycle=cycle_id(parts, before, purpose, settled.cycle if settled else ""),
        purpose=purpose,
        applies="",
        venue=parts.exchange.venue,
        account=parts.exchange.account,
        at=before.taken_at,
        code_version=__version__,
        policy_text=parts.policy_text,
        snapshot=before,
        memory=memory,
        decision=decide(parts.policy, before, memory),
    )


async def unused(parts: Parts, record: CycleRecord) -> CycleRecord:
    """Return the record under a name the journal does not hold yet.

    A process that died after it wrote a cycle, and before it settled it, starts again from the same
    moment and would derive the same name; and in 100,000 cycles six letters meet by chance.
    """
    name = record.cycle
    while await parts.journal.has_cycle(name):
        name = name[0] + short_hash(name, length=6)
    return replace(record, cycle=name)


def cycle_id(parts: Parts, before: Snapshot, purpose: Purpose, follows: str) -> str:
    """Return the cycle's short name: a letter for its purpose and six letters and digits.

    Derived from what it starts from, so that asking twice at one moment gives one plan.
    """
    state, _ = parts.control.state()
    origin = (parts.exchange.account, purpose, before.taken_at.isoformat(), str(before.epoch))
    letters = short_hash(*origin, follows, state, digest(parts.policy_text), length=6)
    return {Purpose.PLAN: "p", Purpose.APPLY: "a", Purpose.RUN: "c"}[purpose] + letters
