"""One pass: recover, observe, decide, record, execute, look again. Safe to repeat: it acts on what it reads."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from bot import __version__
from bot.canonical import digest, to_text
from bot.decide import decide
from bot.domain.ledger import LedgerEntry
from bot.domain.memory import TradingState
from bot.domain.order import OrderReport, OrderRequest, OrderType
from bot.domain.plan import Decision, Proposal
from bot.domain.record import CycleRecord, Discrepancy, Purpose, Settlement
from bot.domain.snapshot import Snapshot
from bot.errors import PlanRefused, PlanStale, TradingStopped
from bot.execution.executor import execute
from bot.execution.recover import recover
from bot.execution.sending import Outcome, Sender
from bot.planning import Parts, cycle_id, decided, doubtful, find_plan, unused
from bot.risk.freshness import stale
from bot.settling import open_books, settle_books, write_ending

Watcher = Callable[[Outcome], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleReport:
    """How one cycle went: what was decided, what became of it, how it ended, and what changed the balances."""

    record: CycleRecord
    outcomes: tuple[Outcome, ...]
    settlement: Settlement
    entries: tuple[LedgerEntry, ...]

    @property
    def discrepancies(self) -> tuple[Discrepancy, ...]:
        """What did not fit."""
        return self.settlement.discrepancies

    @property
    def decision(self) -> Decision:
        """The cycle's decision."""
        return self.record.decision

    @property
    def unpaired(self) -> bool:
        """Whether a pair stands with one leg wider than the other: the next cycle mends it, and should be soon."""
        pairs = (one for one in self.decision.verdict.approved if _order_legs(one.proposal) > 1)
        return any(_is_lopsided(one.proposal, self.outcomes) for one in pairs)

    @property
    def complete(self) -> bool:
        """Whether every approved leg has a report."""
        return all(outcome.report is not None for outcome in self.outcomes)


def _order_legs(proposal: Proposal) -> int:
    return sum(isinstance(leg, OrderRequest) and leg.type is not OrderType.STOP for leg in proposal.legs)


def _is_lopsided(proposal: Proposal, outcomes: tuple[Outcome, ...]) -> bool:
    """Whether something of a pair was filled, and not all of every leg."""
    mine = [one for one in outcomes if one.approved.proposal.number == proposal.number]
    reports = [one.report for one in mine if isinstance(one.report, OrderReport) and isinstance(one.leg, OrderRequest)]
    whole = sum(report.filled >= report.ordered for report in reports)
    return any(report.filled for report in reports) and whole < _order_legs(proposal)


async def run_cycle(parts: Parts, watch: Watcher | None = None) -> CycleReport:
    """Bring the book nearer the policy, once. `watch` is told of each outcome as it happens."""
    await recover(parts.exchange, parts.journal, parts.clock)
    before = await parts.exchange.snapshot()
    record = await unused(parts, await decided(parts, before, Purpose.RUN))
    await parts.journal.record_cycle(record)
    return await _carry_out(parts, record, before, watch)


async def apply_plan(parts: Parts, plan: str, watch: Watcher | None = None) -> CycleReport:
    """Carry out exactly one saved plan.

    Raises PlanRefused when it was applied already or cannot be decided again byte by byte, PlanStale
    with every difference when the world has moved, TradingStopped when the switch says no.
    """
    await recover(parts.exchange, parts.journal, parts.clock)
    planned = await find_plan(parts, plan)
    await _refuse_unfit(parts, planned)
    now = await parts.exchange.snapshot()
    if unknown := await doubtful(parts, now):
        raise PlanStale(f"the plan is stale: {unknown} has an unknown outcome", mend="wait some seconds, poise plan")
    moved = stale(planned.snapshot, now, planned.decision.plan, parts.policy.limits, at=parts.clock.now())
    if moved:
        differences = "; ".join(str(breach) for breach in moved)
        raise PlanStale(f"the plan is stale: {differences}", mend="poise plan")
    record = replace(
        planned,
        cycle=cycle_id(parts, now, Purpose.APPLY, planned.cycle),
        purpose=Purpose.APPLY,
        applies=planned.cycle,
        at=now.taken_at,
    )
    record = await unused(parts, record)
    await parts.journal.record_cycle(record)
    return await _carry_out(parts, record, now, watch)


async def _refuse_unfit(parts: Parts, planned: CycleRecord) -> None:
    """Raise when a saved plan may not be applied whatever the market does."""
    state, reason = parts.control.state()
    if state is TradingState.HALTED:
        raise TradingStopped(f"trading is halted: {reason}", mend="poise resume")
    if planned.purpose is not Purpose.PLAN:
        raise PlanRefused(f"{planned.cycle} is a cycle of {planned.purpose}, not a plan", mend="poise plan")
    if await parts.journal.applied(planned.cycle):
        raise PlanRefused(f"plan {planned.cycle} was applied already", mend="poise plan")
    if digest(planned.policy_text) != digest(parts.policy_text):
        raise PlanStale("the plan is stale: the policy file was changed after it was made", mend="poise plan")
    again = decide(parts.policy, planned.snapshot, planned.memory)
    if to_text(again) != to_text(planned.decision):
        raise PlanRefused(
            f"plan {planned.cycle} cannot be decided again to the same letters "
            f"(made by Poise {planned.code_version}, this is {__version__})",
            mend="poise plan",
        )


async def _carry_out(parts: Parts, record: CycleRecord, before: Snapshot, watch: Watcher | None) -> CycleReport:
    left = await parts.journal.last_settlement() or await open_books(parts, record, before)
    outcomes = []
    async for outcome in _executed(parts, record):
        outcomes.append(outcome)
        if watch:
            watch(outcome)
    after = await parts.exchange.snapshot() if outcomes else before
    ending = await settle_books(parts, record, left, after)
    settlement = await write_ending(parts, ending)
    return CycleReport(record=record, outcomes=tuple(outcomes), settlement=settlement, entries=ending.entries)


def _executed(parts: Parts, record: CycleRecord) -> AsyncIterator[Outcome]:
    sender = Sender(
        exchange=parts.exchange,
        journal=parts.journal,
        clock=parts.clock,
        control=parts.control,
        cycle=record.cycle,
        plan=record.applies or record.cycle,
        fresh_until=record.at + timedelta(milliseconds=int(parts.policy.limits.max_snapshot_age_seconds * 1000)),
        instruments=record.snapshot.instruments,
    )
    return execute(record.decision.verdict.approved, record.decision.plan, sender)
