"""The four doors to the outside: a venue, a journal, a clock and a control switch."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.intent import Intent, IntentRecord, IntentState, TransferRecord
from bot.domain.ledger import LedgerEntry
from bot.domain.memory import PricePoint, SentOrder, TradingState
from bot.domain.order import OrderReport, OrderRequest, TransferReport, TransferRequest
from bot.domain.reading import History, Series
from bot.domain.record import CycleRecord, JournalEvent, Purpose, Settlement
from bot.domain.snapshot import Snapshot


class Exchange(Protocol):
    """One account at one venue. Reads may be repeated; `place` and `transfer` are called once per id."""

    @property
    def venue(self) -> str:
        """The venue's name, as shown to people."""

    @property
    def account(self) -> str:
        """The account's stable identity: never a key."""

    @property
    def receive_window(self) -> timedelta:
        """How long after sending the venue may still accept an order."""

    async def snapshot(self) -> Snapshot:
        """Return a complete observation; raise SnapshotUnavailable naming the part that is missing."""

    async def history(self, wanted: tuple[Series, ...]) -> History:
        """Return the closed bars and settled points asked for; a series the venue does not have is left out."""

    async def place(self, client_order_id: str, request: OrderRequest) -> OrderReport:
        """Send one order once. Raise OrderRejected on a definite no, OutcomeUnknown on anything unclear."""

    async def find(self, client_order_id: str, symbol: str, sent_at: datetime | None = None) -> OrderReport | None:
        """Return what the venue knows of an order, None when it knows of none.

        Where a venue lists its newest orders only, one sent before the oldest of them is not taken for none:
        SnapshotUnavailable says so. Without `sent_at` no full list proves that there is none.
        """

    async def cancel(self, client_order_id: str, symbol: str) -> None:
        """Ask for a cancel. What became of the order is read with `find`, never from this answer."""

    async def transfer(self, transfer_id: str, request: TransferRequest) -> TransferReport:
        """Move money between own wallets once. Raise OrderRejected or OutcomeUnknown as `place` does."""

    async def find_transfer(
        self, transfer_id: str, request: TransferRequest, sent_at: datetime
    ) -> TransferReport | None:
        """Return what the venue knows of a transfer, None when it knows of none.

        A venue that keeps no ids of ours knows it by what was moved, which way and when.
        """

    async def ledger(self, after: int) -> tuple[LedgerEntry, ...]:
        """Return every balance change with a sequence above `after`, in order."""

    async def close(self) -> None:
        """Let go of the connection."""


class Journal(Protocol):
    """The append-only memory. Every write is durable when the call returns; a failed write raises JournalFault."""

    async def record_cycle(self, record: CycleRecord) -> None:
        """Write cycle, snapshot, policy, memory and decision in one transaction."""

    async def record_intent(self, intent: Intent) -> None:
        """Write an intent; raise JournalFault when its client order id exists already."""

    async def record_state(self, client_order_id: str, state: IntentState, at: datetime, note: str = "") -> None:
        """Write that an intent changed state."""

    async def record_report(self, report: OrderReport) -> None:
        """Write the venue's report, its fills not known yet, and the state it leads to, in one transaction."""

    async def record_transfer(
        self, cycle: str, transfer_id: str, request: TransferRequest, state: IntentState, at: datetime
    ) -> None:
        """Write a step of a transfer: journaled, sending, filled, rejected, ambiguous or absent."""

    async def record_settlement(self, settlement: Settlement, entries: tuple[LedgerEntry, ...]) -> None:
        """Write how a cycle ended: ledger entries (funding among them), discrepancies, performance."""

    async def record_event(self, event: JournalEvent) -> None:
        """Write an event."""

    async def unresolved(self) -> tuple[IntentRecord, ...]:
        """Return the intents without a final state, oldest first."""

    async def unresolved_transfers(self) -> tuple[TransferRecord, ...]:
        """Return the transfers without a final state, oldest first."""

    async def sent_since(self, since: datetime) -> tuple[SentOrder, ...]:
        """Return the orders sent since a moment, oldest first."""

    async def transfers_since(self, since: datetime) -> tuple[TransferRequest, ...]:
        """Return the transfers sent since a moment that were not refused."""

    async def unsettled(self) -> tuple[tuple[Intent, OrderReport], ...]:
        """Return the orders with fills recorded after the newest settlement, each with only those fills."""

    async def last_settlement(self) -> Settlement | None:
        """Return how the newest settled cycle ended, None in a new journal."""

    async def last_prices(self) -> dict[str, PricePoint]:
        """Return the mids of the newest recorded cycle of purpose run or apply, by symbol."""

    async def cycle(self, cycle: str, purpose: Purpose | None = None) -> CycleRecord:
        """Return one cycle by id or unambiguous prefix, or 'latest' (of a purpose, where one is given).

        Raises JournalFault when there is none.
        """

    async def has_cycle(self, cycle: str) -> bool:
        """Whether a cycle of exactly this id is recorded."""

    async def applied(self, plan: str) -> bool:
        """Whether a plan was applied already."""

    def settled_cycles(self) -> AsyncIterator[Settlement]:
        """Return every settlement ever recorded, oldest first."""

    def ledger_entries(self) -> AsyncIterator[LedgerEntry]:
        """Return every ledger entry ever recorded, oldest first."""


class Clock(Protocol):
    """Time, given and not taken. Always UTC and aware."""

    def now(self) -> datetime:
        """Return this moment."""

    async def sleep_until(self, moment: datetime) -> None:
        """Return when `moment` has come; at once when it has passed."""


class Control(Protocol):
    """The switch a person holds: it needs no journal, no venue and no policy to work."""

    def state(self) -> tuple[TradingState, str]:
        """Return what may be done now, and the reason a person or a check gave."""

    def restrict(self, state: TradingState, reason: str) -> None:
        """Latch a stricter state until a person resumes; never loosens."""
