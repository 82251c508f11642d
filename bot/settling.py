"""How a cycle ends: the book reconciled, its change of value attributed, the sleeves' memory carried on."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot.attribution.close import attribute_cycle, unexplained
from bot.attribution.interval import Interval, opening_prices
from bot.domain.book import Exposure
from bot.domain.instrument import Instrument
from bot.domain.ledger import FLOWS, LedgerEntry
from bot.domain.memory import Performance, TradingState, next_performance
from bot.domain.numbers import ZERO
from bot.domain.order import OrderReport, OrderRequest
from bot.domain.record import (
    CycleRecord,
    Discrepancy,
    DiscrepancyKind,
    ProfitLine,
    Settlement,
)
from bot.domain.sleeves import NO_STATE, SleeveState
from bot.domain.snapshot import Snapshot
from bot.execution.reconcile import Expectation, reconcile
from bot.planning import Parts
from bot.policy.claims import next_state, past_between
from bot.policy.exposure import measure_exposure, spot_price

Filled = tuple[tuple[OrderRequest, OrderReport], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What a cycle leaves: its record, the settlement before it, the venue afterwards, and what happened between.

    `listed_before` are the rules of contracts that were held then and are delivered, so listed no more.
    """

    record: CycleRecord
    left: Settlement
    after: Snapshot
    entries: tuple[LedgerEntry, ...]
    fills: Filled
    exposure: Exposure
    listed_before: Mapping[str, Instrument]

    @property
    def equity(self) -> Decimal:
        """The account's equity afterwards, in quote currency."""
        return self.exposure.account_equity


async def open_books(parts: Parts, record: CycleRecord, before: Snapshot) -> Settlement:
    """Write what a first cycle found: everything later is reckoned from it, whatever happens in between."""
    equity = measure_exposure(
        before, parts.policy
    ).account_equity  # a plan's prices are older than what it is applied to
    opening = _settlement(record, before, next_performance(None, equity=equity, flows=ZERO, at=before.taken_at))
    await parts.journal.record_settlement(opening, ())
    return opening


async def settle_books(parts: Parts, record: CycleRecord, left: Settlement, after: Snapshot) -> Ending:
    """Return how the cycle ended; see `write_ending`. The ledger is read up to what `after` has seen."""
    entries = await parts.exchange.ledger(left.ledger_sequence)
    filled = await parts.journal.unsettled()
    return Ending(
        record=record,
        left=left,
        after=after,
        entries=tuple(entry for entry in entries if entry.sequence <= after.ledger_sequence),
        fills=tuple((intent.request, report) for intent, report in filled),
        exposure=measure_exposure(after, parts.policy),
        listed_before=await _delivered(parts, record, left, after),
    )


async def _delivered(parts: Parts, record: CycleRecord, left: Settlement, after: Snapshot) -> Mapping[str, Instrument]:
    """Return the rules of what was held at the last settlement and is listed no more, from that cycle's snapshot."""
    claimed = (claim.symbol for claim in left.sleeves.claims)
    gone = {*left.positions, *claimed} - set(record.snapshot.instruments) - set(after.instruments)
    if not gone:
        return {}
    then = (await parts.journal.cycle(left.cycle)).snapshot.instruments
    return {symbol: then[symbol] for symbol in sorted(gone) if symbol in then}


async def write_ending(parts: Parts, ending: Ending) -> Settlement:
    """Reconcile the book as it was left with the venue now, halt openings where it does not add up, write the end."""
    profits = _profits(parts, ending)
    found = (*await _reconciled(parts, ending), *_alarms(parts, ending, profits))
    worst = next((discrepancy for discrepancy in found if discrepancy.halts), None)
    if worst:
        parts.control.restrict(TradingState.REDUCING, f"{worst.kind} {worst.subject}: {worst.note}")
    after, quote = ending.after, parts.policy.quote
    flows = _flows(ending.entries, after, quote)
    performance = next_performance(ending.left.performance, equity=ending.equity, flows=flows, at=after.taken_at)
    sleeves = _sleeves(parts, ending)
    settlement = _settlement(ending.record, after, performance, found=found, profits=profits, sleeves=sleeves)
    await parts.journal.record_settlement(settlement, ending.entries)
    return settlement


async def _reconciled(parts: Parts, ending: Ending) -> tuple[Discrepancy, ...]:
    left = ending.left
    expected = Expectation(
        left_at=left.at,
        balances=left.balances,
        positions=left.positions,
        entries=ending.entries,
        reports=tuple(report for _, report in ending.fills),
        requests={report.client_order_id: request for request, report in ending.fills},
        resting=frozenset(one.intent.client_order_id for one in await parts.journal.unresolved()),
    )
    return reconcile(expected, ending.after, parts.policy, ending.equity)


def _profits(parts: Parts, ending: Ending) -> tuple[ProfitLine, ...]:
    return attribute_cycle(
        Interval(
            before=ending.left,
            decided=ending.record.snapshot,
            after=ending.after,
            equity=ending.equity,
            entries=ending.entries,
            fills=ending.fills,
            crossings=ending.record.decision.plan.crossings,
            quote=parts.policy.quote,
            stables=parts.policy.reserve.assets,
            listed_before=ending.listed_before,
        )
    )


def _alarms(parts: Parts, ending: Ending, profits: tuple[ProfitLine, ...]) -> tuple[Discrepancy, ...]:
    """Return the change of value no source explains, when it is more than the policy tolerates."""
    rest, limits = unexplained(profits), parts.policy.limits
    tolerated = max(limits.unexplained_value, limits.unexplained_share * ending.equity)
    if not rest:
        return ()
    return (
        Discrepancy(
            kind=DiscrepancyKind.UNEXPLAINED_RESULT,
            subject=parts.policy.quote,
            expected=ZERO,
            actual=rest,
            value=abs(rest),
            halts=abs(rest) > tolerated,
            note=f"of the change of equity, {rest:.2f} {parts.policy.quote} come from no price, fee, funding or flow",
        ),
    )


def _sleeves(parts: Parts, ending: Ending) -> SleeveState:
    """Return what the sleeves remember from here on."""
    past = past_between(
        ending.left,
        ending.after,
        (ending.fills, ending.entries),
        quote=parts.policy.quote,
        decision=ending.record.decision,
        listed_before={**ending.listed_before, **ending.record.snapshot.instruments},
    )
    return next_state(ending.left.sleeves, past, parts.policy)


def _settlement(
    record: CycleRecord,
    after: Snapshot,
    performance: Performance,
    *,
    found: tuple[Discrepancy, ...] = (),
    profits: tuple[ProfitLine, ...] = (),
    sleeves: SleeveState = NO_STATE,
) -> Settlement:
    return Settlement(
        cycle=record.cycle,
        at=after.taken_at,
        epoch=after.epoch,
        ledger_sequence=after.ledger_sequence,
        performance=performance,
        discrepancies=found,
        balances=after.balances,
        positions=after.positions,
        prices=opening_prices(after),
        profits=profits,
        sleeves=sleeves,
    )


def _flows(entries: tuple[LedgerEntry, ...], after: Snapshot, quote: str) -> Decimal:
    """Return deposits − withdrawals in quote currency; a coin without a price is in no equity, and no flow either."""
    flows = (entry for entry in entries if entry.kind in FLOWS)
    return sum((entry.change * (spot_price(after, entry.asset, quote) or ZERO) for entry in flows), ZERO)
