"""Hand-written stand-ins for the outside: a journal in memory, a switch, a clock that stands still."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime

from bot.domain.intent import Intent, IntentRecord, IntentState, TransferRecord, may_follow, state_of
from bot.domain.ledger import LedgerEntry
from bot.domain.memory import PricePoint, SentOrder, TradingState
from bot.domain.numbers import ZERO
from bot.domain.order import OrderReport, Side, Sleeve, TransferRequest
from bot.domain.record import CycleRecord, JournalEvent, Purpose, Settlement
from bot.errors import JournalFault


class FakeControl:
    """A switch in memory."""

    def __init__(self) -> None:
        self.now = (TradingState.ACTIVE, "")

    def state(self) -> tuple[TradingState, str]:
        """The latched state."""
        return self.now

    def restrict(self, state: TradingState, reason: str) -> None:
        """Latch a state."""
        self.now = (state, reason)


class FakeJournal:
    """A journal in memory that keeps the same promises as the real one."""

    def __init__(self) -> None:
        self.cycles: list[CycleRecord] = []
        self.intents: dict[str, Intent] = {}
        self.states: dict[str, tuple[IntentState, datetime, str]] = {}
        self.reports: list[OrderReport] = []
        self.transfers: dict[str, tuple[TransferRequest, IntentState, datetime]] = {}
        self.begun: dict[str, tuple[str, datetime]] = {}
        self.settlements: list[Settlement] = []
        self.entries: list[LedgerEntry] = []
        self.events: list[JournalEvent] = []
        self.log: list[str] = []
        self._fresh: dict[str, OrderReport] = {}

    async def record_cycle(self, record: CycleRecord) -> None:
        """Keep a cycle."""
        if any(kept.cycle == record.cycle for kept in self.cycles):
            raise JournalFault(f"cycle {record.cycle} is recorded already")
        self.cycles.append(record)
        self.log.append(f"cycle {record.purpose}")

    async def record_intent(self, intent: Intent) -> None:
        """Keep an intent; one client order id only once."""
        if intent.client_order_id in self.intents:
            raise JournalFault(f"intent {intent.client_order_id} is recorded already")
        self.intents[intent.client_order_id] = intent
        self.states[intent.client_order_id] = (IntentState.JOURNALED, intent.at, "")
        self.log.append("intent")

    async def record_state(self, client_order_id: str, state: IntentState, at: datetime, note: str = "") -> None:
        """Keep a state along the graph."""
        now = self.states[client_order_id][0]
        if not may_follow(now, state):
            raise JournalFault(f"{client_order_id}: {state} may not follow {now}")
        self.states[client_order_id] = (state, at, note)
        self.log.append(state)

    async def record_report(self, report: OrderReport) -> None:
        """Keep a report and the state it leads to."""
        known = {fill.trade_id for kept in self.reports for fill in kept.fills}
        fresh = {fill.trade_id: fill for fill in report.fills if fill.trade_id not in known}
        if fresh:
            before = self._fresh.get(report.client_order_id)
            fills = (*(before.fills if before else ()), *fresh.values())
            self._fresh[report.client_order_id] = replace(report, fills=fills)
        self.reports.append(report)
        await self.record_state(report.client_order_id, state_of(report.status), report.at)

    async def record_transfer(
        self, cycle: str, transfer_id: str, request: TransferRequest, state: IntentState, at: datetime
    ) -> None:
        """Keep a step of a transfer."""
        self.begun.setdefault(transfer_id, (cycle, at))
        self.transfers[transfer_id] = (request, state, at)
        self.log.append(f"transfer {state}")

    async def record_settlement(self, settlement: Settlement, entries: tuple[LedgerEntry, ...]) -> None:
        """Keep how a cycle ended."""
        self.settlements.append(settlement)
        self.entries.extend(entries)
        self._fresh.clear()

    async def record_event(self, event: JournalEvent) -> None:
        """Keep an event."""
        self.events.append(event)

    async def unresolved(self) -> tuple[IntentRecord, ...]:
        """Intents without a final state."""
        return tuple(
            IntentRecord(intent=self.intents[i], state=state, changed_at=at)
            for i, (state, at, _) in self.states.items()
            if not state.is_final
        )

    async def unresolved_transfers(self) -> tuple[TransferRecord, ...]:
        """Transfers without a final state."""
        return tuple(
            TransferRecord(
                transfer_id=i,
                cycle=self.begun[i][0],
                request=request,
                state=state,
                begun_at=self.begun[i][1],
                changed_at=at,
            )
            for i, (request, state, at) in self.transfers.items()
            if not state.is_final
        )

    async def sent_since(self, since: datetime) -> tuple[SentOrder, ...]:
        """Orders sent since a moment; values are not needed by those who ask this fake."""
        return tuple(
            SentOrder(
                at=intent.at,
                symbol=intent.request.symbol,
                sleeve=intent.request.sleeve,
                asset=intent.request.symbol.split("/")[0],
                side=intent.request.side,
                quantity=intent.request.quantity,
                filled=sum((r.filled for r in self.reports if r.client_order_id == i), ZERO),
                value=intent.request.quantity * (intent.request.price or ZERO),
                adds_risk=not intent.request.reduce_only
                and (intent.request.sleeve is not Sleeve.CORE or intent.request.side is Side.BUY),
            )
            for i, intent in self.intents.items()
            if intent.at >= since and self.states[i][0] is not IntentState.JOURNALED
        )

    async def transfers_since(self, since: datetime) -> tuple[TransferRequest, ...]:
        """Transfers not refused since a moment."""
        refused = (IntentState.REJECTED, IntentState.ABSENT)
        return tuple(r for r, state, at in self.transfers.values() if at >= since and state not in refused)

    async def unsettled(self) -> tuple[tuple[Intent, OrderReport], ...]:
        """Orders filled since the newest settlement."""
        return tuple((self.intents[name], report) for name, report in self._fresh.items())

    async def last_settlement(self) -> Settlement | None:
        """The newest settlement."""
        return self.settlements[-1] if self.settlements else None

    async def last_prices(self) -> dict[str, PricePoint]:
        """The mids of the newest cycle that was no mere plan."""
        for record in reversed(self.cycles):
            if record.purpose is not Purpose.PLAN:
                quotes = record.snapshot.quotes
                return {symbol: PricePoint(at=record.at, price=quote.mid) for symbol, quote in quotes.items()}
        return {}

    async def cycle(self, cycle: str, purpose: Purpose | None = None) -> CycleRecord:
        """One cycle by its beginning, or the latest."""
        for record in reversed(self.cycles):
            named = cycle == "latest" or record.cycle.startswith(cycle)
            if named and purpose in (None, record.purpose):
                return record
        raise JournalFault(f"there is no cycle {cycle}")

    async def has_cycle(self, cycle: str) -> bool:
        """Whether a cycle is kept."""
        return any(record.cycle == cycle for record in self.cycles)

    async def applied(self, plan: str) -> bool:
        """Whether a plan was applied."""
        return any(record.applies == plan for record in self.cycles)

    async def settled_cycles(self) -> AsyncIterator[Settlement]:
        """Every settlement."""
        for settlement in self.settlements:
            yield settlement

    async def ledger_entries(self) -> AsyncIterator[LedgerEntry]:
        """Every ledger entry."""
        for entry in self.entries:
            yield entry
