"""The journal: values in, rows on disk, values out. Every write is durable when the call returns."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.canonical import digest
from bot.domain.instrument import Instrument
from bot.domain.intent import Intent, IntentRecord, IntentState, TransferRecord, may_follow, state_of
from bot.domain.ledger import LedgerEntry
from bot.domain.memory import PricePoint, SentOrder
from bot.domain.order import Fill, OrderReport, TransferRequest
from bot.domain.record import CycleLine, CycleRecord, JournalEvent, Purpose, Settlement
from bot.domain.snapshot import Quote
from bot.errors import JournalFault
from bot.journal import reading, recall
from bot.journal.chain import append, table_of, verify_chain
from bot.journal.database import Database
from bot.journal.known import Asked, Known
from bot.journal.rows import cycle_rows, fill_row, instruments_text, intent_row, report_row, settlement_rows, terms_row
from bot.journal.tables import EventRow, FillRow, InstrumentSetRow, IntentRow, IntentStateRow, PolicyRow, TransferRow
from bot.journal.values import prices_of

NEVER = datetime.min.replace(tzinfo=UTC)


class SqlJournal:
    """Implements ports.Journal over one database connection."""

    def __init__(self, database: Database) -> None:
        """Write to and read from `database`; `open_journal` makes one."""
        self.database = database
        self._known: dict[type[InstrumentSetRow] | type[PolicyRow], set[str]] = {
            InstrumentSetRow: set(),
            PolicyRow: set(),
        }
        self._instruments: dict[str, Instrument] = {}
        self._quotes: dict[str, Quote] = {}
        self._instruments_text: tuple[object, str, str] = (None, "", "")
        self._past = Known()

    async def record_cycle(self, record: CycleRecord) -> None:
        """Write a cycle in one transaction."""
        async with self.database.writing() as connection:
            named, text = self._instruments_of(record)
            policy = digest(record.policy_text)
            policy_known = await self._is_known(connection, PolicyRow, policy)
            instruments_known = await self._is_known(connection, InstrumentSetRow, named)
            new = (named, "" if instruments_known else text)
            await append(connection, cycle_rows(record, new, policy_known=policy_known))
        self._known[PolicyRow].add(policy)
        self._known[InstrumentSetRow].add(named)
        self._instruments = dict(record.snapshot.instruments)
        self._quotes = dict(record.snapshot.quotes)
        if record.purpose is not Purpose.PLAN:
            self._past.prices.learn(prices_of(record.snapshot))

    def _instruments_of(self, record: CycleRecord) -> tuple[str, str]:
        """Return digest and text of a snapshot's instruments; the same mapping is not written out twice."""
        kept, named, text = self._instruments_text
        if kept is not record.snapshot.instruments:
            text = instruments_text(record.snapshot)
            named = digest(text)
            self._instruments_text = (record.snapshot.instruments, named, text)
        return named, text

    async def _is_known(
        self, connection: AsyncConnection, model: type[InstrumentSetRow] | type[PolicyRow], named: str
    ) -> bool:
        if named in self._known[model]:
            return True
        table = table_of(model)
        found = await connection.execute(select(table.c.seq).where(table.c.digest == named))
        return found.first() is not None

    async def record_intent(self, intent: Intent) -> None:
        """Write an intent, its terms and its first state; refuse a client order id that exists."""
        state = {
            "client_order_id": intent.client_order_id,
            "state": IntentState.JOURNALED.value,
            "at": intent.at,
            "note": "",
        }
        async with self.database.writing() as connection:
            table = table_of(IntentRow)
            kept = select(table.c.seq).where(table.c.client_order_id == intent.client_order_id)
            if (await connection.execute(kept)).first() is not None:
                raise JournalFault(
                    f"intent {intent.client_order_id} is recorded already: one request per intent", mend="poise history"
                )
            terms = terms_row(intent)
            rows = [intent_row(intent, self._value(intent)), *((terms,) if terms else ()), (IntentStateRow, state)]
            await append(connection, rows)
        self._past.began(intent)

    def _value(self, intent: Intent) -> Decimal:
        """Return an order's notional in quote currency, at its limit or trigger, else at the price its cycle saw."""
        request = intent.request
        instrument, quote = self._instruments.get(request.symbol), self._quotes.get(request.symbol)
        asked = request.price if request.price is not None else request.trigger
        price = asked if asked is not None else (quote.valuation if quote is not None else None)
        if price is None:
            raise JournalFault(
                f"intent {intent.client_order_id} has no price to be valued by: {request.symbol} was not observed",
                mend="poise plan",
            )
        return abs(instrument.notional(request.quantity, price) if instrument else request.quantity * price)

    async def record_state(self, client_order_id: str, state: IntentState, at: datetime, note: str = "") -> None:
        """Write that an intent changed state, along the graph only."""
        async with self.database.writing() as connection:
            await _step(connection, client_order_id, state, at, note)
        self._past.stepped(client_order_id, state, at)

    async def record_report(self, report: OrderReport) -> None:
        """Write a report with the fills not known yet, and the state it leads to.

        The venue is the truth: a report that contradicts a final state keeps its fills, and the state stands.
        """
        async with self.database.writing() as connection:
            known = await _known_fills(connection, report.client_order_id)
            fresh = [fill for fill in _once(report.fills) if fill.trade_id not in known]
            await append(connection, [report_row(report), *(fill_row(fill) for fill in fresh)])
            now = await _state_now(connection, report.client_order_id)
            after = state_of(report.status) if may_follow(now, state_of(report.status)) else now
            await _step(connection, report.client_order_id, after, report.at, report.code)
        self._past.stepped(report.client_order_id, after, report.at)
        if fresh:
            self._past.fresh_fills = True

    async def record_transfer(
        self, cycle: str, transfer_id: str, request: TransferRequest, state: IntentState, at: datetime
    ) -> None:
        """Write a step of a transfer."""
        step = {
            "transfer_id": transfer_id,
            "cycle": cycle,
            "asset": request.asset,
            "amount": request.amount,
            "source": request.source.value,
            "target": request.target.value,
            "sleeve": request.sleeve.value,
            "state": state.value,
            "at": at,
        }
        async with self.database.writing() as connection:
            await append(connection, [(TransferRow, step)])
        self._past.moved(cycle, transfer_id, request, (state, at))

    async def record_settlement(self, settlement: Settlement, entries: tuple[LedgerEntry, ...]) -> None:
        """Write how a cycle ended."""
        async with self.database.writing() as connection:
            await append(connection, settlement_rows(settlement, entries))
        self._past.settlement.learn((settlement,))
        self._past.fresh_fills = False

    async def record_event(self, event: JournalEvent) -> None:
        """Write an event."""
        async with self.database.writing() as connection:
            await append(connection, [(EventRow, {"kind": event.kind, "text": event.text, "at": event.at})])

    async def unresolved(self) -> tuple[IntentRecord, ...]:
        """Return the intents without a final state, oldest first."""

        async def ask() -> dict[str, IntentRecord]:
            return {one.intent.client_order_id: one for one in await recall.unresolved(self.database)}

        return tuple((await self._past.intents.get(ask)).values())

    async def unresolved_transfers(self) -> tuple[TransferRecord, ...]:
        """Return the transfers without a final state, oldest first."""

        async def ask() -> dict[str, TransferRecord]:
            return {one.transfer_id: one for one in await recall.unresolved_transfers(self.database)}

        return tuple((await self._past.transfers.get(ask)).values())

    async def sent_since(self, since: datetime) -> tuple[SentOrder, ...]:
        """Return the orders sent since a moment, oldest first."""
        if await self._nothing_since(since, self._past.last_intent, IntentRow):
            return ()
        return await recall.sent_since(self.database, since)

    async def transfers_since(self, since: datetime) -> tuple[TransferRequest, ...]:
        """Return the transfers sent since a moment that were not refused."""
        if await self._nothing_since(since, self._past.last_transfer, TransferRow):
            return ()
        return await recall.transfers_since(self.database, since)

    async def _nothing_since(
        self, since: datetime, newest: Asked[datetime], model: type[IntentRow] | type[TransferRow]
    ) -> bool:
        """Whether the newest row of a kind is older than `since`."""

        async def ask() -> datetime:
            return await recall.newest_moment(self.database, table_of(model)) or NEVER

        return await newest.get(ask) < since

    async def unsettled(self) -> tuple[tuple[Intent, OrderReport], ...]:
        """Return the orders with fills recorded after the newest settlement, each with only those fills."""
        if self._past.fresh_fills is False:
            return ()
        return await recall.unsettled(self.database)

    async def last_settlement(self) -> Settlement | None:
        """Return how the newest settled cycle ended."""

        async def ask() -> tuple[Settlement, ...]:
            found = await recall.last_settlement(self.database)
            return () if found is None else (found,)

        settled = await self._past.settlement.get(ask)
        return settled[0] if settled else None

    async def last_prices(self) -> dict[str, PricePoint]:
        """Return the mids of the newest cycle that was run or applied."""
        return await self._past.prices.get(lambda: recall.last_prices(self.database))

    async def cycle(self, cycle: str, purpose: Purpose | None = None) -> CycleRecord:
        """Return one cycle by id, its beginning, or 'latest'."""
        return await recall.cycle(self.database, cycle, purpose)

    async def has_cycle(self, cycle: str) -> bool:
        """Whether a cycle of exactly this id is recorded."""
        return await recall.has_cycle(self.database, cycle)

    async def applied(self, plan: str) -> bool:
        """Whether a plan was applied already."""
        return await recall.applied(self.database, plan)

    def settled_cycles(self) -> AsyncIterator[Settlement]:
        """Return every settlement ever recorded, oldest first."""
        return recall.settled_cycles(self.database)

    def ledger_entries(self) -> AsyncIterator[LedgerEntry]:
        """Return every ledger entry ever recorded, oldest first."""
        return recall.ledger_entries(self.database)

    async def verify(self) -> int:
        """Walk the whole chain; return its length, raise JournalCorrupt at the first fault."""
        return await verify_chain(self.database)

    async def cycles(self, limit: int) -> tuple[CycleLine, ...]:
        """Return the newest cycles, newest first."""
        return await reading.cycles(self.database, limit)

    async def orders_of(self, cycle: str) -> tuple[reading.ToldOrder, ...]:
        """Return a cycle's orders and what became of them."""
        return await reading.orders_of(self.database, cycle)

    async def settlement_of(self, cycle: str) -> Settlement | None:
        """Return how a cycle ended, None when it has not."""
        return await reading.settlement_of(self.database, cycle)

    async def rows(self) -> int:
        """Return how many facts are recorded."""
        return await reading.rows(self.database)

    async def backup(self, target: Path) -> int:
        """Write a verified copy to a file; return its rows."""
        from bot.journal.backup import backup

        return await backup(self.database, target)

    async def export(self, folder: Path, kind: str) -> dict[str, int]:
        """Write every table to a folder as csv, jsonl or parquet; return the rows written of each."""
        from bot.journal.export import export

        return await export(self.database, folder, kind)

    async def close(self) -> None:
        """Let go of the database."""
        await self.database.close()


async def _known_fills(connection: AsyncConnection, client_order_id: str) -> set[str]:
    table = table_of(FillRow)
    found = await connection.execute(select(table.c.trade_id).where(table.c.client_order_id == client_order_id))
    return {row[0] for row in found}


def _once(fills: tuple[Fill, ...]) -> tuple[Fill, ...]:
    """Return the fills with repetitions of a trade id taken out."""
    return tuple({fill.trade_id: fill for fill in reversed(fills)}.values())[::-1]


async def _state_now(connection: AsyncConnection, client_order_id: str) -> IntentState:
    """Return an intent's newest state; raise JournalFault when there is no such intent."""
    table = table_of(IntentStateRow)
    newest = select(func.max(table.c.seq)).where(table.c.client_order_id == client_order_id).scalar_subquery()
    now = (await connection.execute(select(table.c.state).where(table.c.seq == newest))).scalar_one_or_none()
    if now is None:
        raise JournalFault(f"no intent {client_order_id} is recorded", mend="poise journal verify")
    return IntentState(now)


async def _step(connection: AsyncConnection, client_order_id: str, state: IntentState, at: datetime, note: str) -> None:
    """Append a state if the graph allows it; standing still writes nothing, but sending happens once."""
    now = await _state_now(connection, client_order_id)
    if now is state is IntentState.SENDING:
        raise JournalFault(f"intent {client_order_id} is being sent: one request per intent", mend="poise status")
    if not may_follow(now, state):
        raise JournalFault(f"intent {client_order_id} is {now}: it cannot become {state}", mend="poise journal verify")
    if now is not state:
        row = {"client_order_id": client_order_id, "state": state.value, "at": at, "note": note}
        await append(connection, [(IntentStateRow, row)])
