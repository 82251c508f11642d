"""What a cycle asks of the past: open intents and transfers, what was sent, how the last cycle ended."""

from collections.abc import AsyncIterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, Table, func, select

from bot.domain.intent import Intent, IntentRecord, IntentState, TransferRecord
from bot.domain.ledger import LedgerEntry
from bot.domain.memory import Memory, PricePoint, SentOrder
from bot.domain.order import (
    Fill,
    OrderReport,
    Side,
    Sleeve,
    TransferRequest,
)
from bot.domain.plan import Decision
from bot.domain.record import CycleRecord, Purpose, Settlement
from bot.errors import JournalFault
from bot.journal.chain import table_of
from bot.journal.database import Database
from bot.journal.tables import (
    CycleRow,
    DecisionRow,
    FillRow,
    InstrumentSetRow,
    IntentRow,
    IntentStateRow,
    IntentTermsRow,
    LedgerEntryRow,
    OrderReportRow,
    PolicyRow,
    SettlementRow,
    SnapshotRow,
    TransferRow,
)
from bot.journal.values import (
    Columns,
    observed,
    observed_prices,
    read_back,
    to_entry,
    to_fill,
    to_intent,
    to_parts,
    to_report,
    to_settlement,
    to_transfer,
)

CHUNK = 1000
_UNSETTLED = tuple(state.value for state in IntentState if not state.is_final)
_REFUSED = (IntentState.REJECTED.value, IntentState.ABSENT.value)

_cycle, _intent, _state = table_of(CycleRow), table_of(IntentRow), table_of(IntentStateRow)
_fill, _report, _transfer = table_of(FillRow), table_of(OrderReportRow), table_of(TransferRow)
_settlement, _snapshot, _entry = table_of(SettlementRow), table_of(SnapshotRow), table_of(LedgerEntryRow)
_terms = table_of(IntentTermsRow)


async def read_all(database: Database, statement: Select[Any]) -> list[Columns]:
    """Return the rows of a statement by column name."""
    found: list[Columns] = [*await database.rows(statement)]
    return found


async def read_one(database: Database, statement: Select[Any]) -> Columns | None:
    """Return the first row of a statement, None when there is none."""
    found = await database.rows(statement.limit(1))
    return found[0] if found else None


def whole_intents() -> Select[Any]:
    """Return the choice of all intents, each with its terms where it has some."""
    joined = _intent.outerjoin(_terms, _terms.c.client_order_id == _intent.c.client_order_id)
    return select(_intent, _terms.c.trigger, _terms.c.parts).select_from(joined)


async def unresolved(database: Database) -> tuple[IntentRecord, ...]:
    """Return the intents whose newest state is not final, oldest first."""
    newest = select(func.max(_state.c.seq)).group_by(_state.c.client_order_id)
    still = select(_state).where(_state.c.seq.in_(newest), _state.c.state.in_(_UNSETTLED))
    states = {row["client_order_id"]: row for row in await read_all(database, still)}
    chosen = whole_intents().where(_intent.c.client_order_id.in_(states)).order_by(_intent.c.seq)
    rows = await read_all(database, chosen) if states else []
    return tuple(
        IntentRecord(
            intent=to_intent(row),
            state=IntentState(states[row["client_order_id"]]["state"]),
            changed_at=states[row["client_order_id"]]["at"],
        )
        for row in rows
    )


async def unresolved_transfers(database: Database) -> tuple[TransferRecord, ...]:
    """Return the transfers whose newest state is not final, oldest first."""
    newest = select(func.max(_transfer.c.seq)).group_by(_transfer.c.transfer_id)
    still = select(_transfer).where(_transfer.c.seq.in_(newest), _transfer.c.state.in_(_UNSETTLED))
    rows = {row["transfer_id"]: row for row in await read_all(database, still)}
    named = select(_transfer).where(_transfer.c.transfer_id.in_(rows)).order_by(_transfer.c.seq.desc())
    first = {row["transfer_id"]: row for row in (await read_all(database, named) if rows else [])}
    return tuple(
        TransferRecord(
            transfer_id=begun["transfer_id"],
            cycle=begun["cycle"],
            request=to_transfer(begun),
            state=IntentState(rows[begun["transfer_id"]]["state"]),
            begun_at=begun["at"],
            changed_at=rows[begun["transfer_id"]]["at"],
        )
        for begun in sorted(first.values(), key=lambda row: row["seq"])
    )


async def newest_moment(database: Database, table: Table) -> datetime | None:
    """Return the newest `at` of a table, None when it is empty."""
    row = await read_one(database, select(table.c.at).order_by(table.c.at.desc()))
    return row["at"] if row else None


async def sent_since(database: Database, since: datetime) -> tuple[SentOrder, ...]:
    """Return the orders sent since a moment, oldest first, with what was filled of them."""
    recent = whole_intents().where(_intent.c.at >= since).order_by(_intent.c.seq)
    rows = await read_all(database, recent)
    if not rows:
        return ()
    identities = [row["client_order_id"] for row in rows]
    sent = select(_state.c.client_order_id).where(
        _state.c.client_order_id.in_(identities), _state.c.state == IntentState.SENDING.value
    )
    left = {row["client_order_id"] for row in await read_all(database, sent)}
    filled = await _filled(database, identities)
    return tuple(
        SentOrder(
            at=row["at"],
            symbol=row["symbol"],
            sleeve=Sleeve(row["sleeve"]),
            asset=row["asset"],
            side=Side(row["side"]),
            quantity=row["quantity"],
            filled=filled.get(row["client_order_id"], Decimal(0)),
            value=row["value"],
            adds_risk=row["adds_risk"],
            trigger=row["trigger"],
            parts=to_parts(row),
        )
        for row in rows
        if row["client_order_id"] in left
    )


async def _filled(database: Database, identities: list[str]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    chosen = select(_fill.c.client_order_id, _fill.c.quantity).where(_fill.c.client_order_id.in_(identities))
    for row in await read_all(database, chosen):
        found[row["client_order_id"]] = found.get(row["client_order_id"], Decimal(0)) + row["quantity"]
    return found


async def transfers_since(database: Database, since: datetime) -> tuple[TransferRequest, ...]:
    """Return the transfers begun since a moment that were not refused."""
    refused = select(_transfer.c.transfer_id).where(_transfer.c.state.in_(_REFUSED))
    chosen = select(_transfer).where(
        _transfer.c.at >= since,
        _transfer.c.state == IntentState.JOURNALED.value,
        _transfer.c.transfer_id.not_in(refused),
    )
    return tuple(to_transfer(row) for row in await read_all(database, chosen.order_by(_transfer.c.seq)))


async def unsettled(database: Database) -> tuple[tuple[Intent, OrderReport], ...]:
    """Return the orders with fills recorded after the newest settlement, each with only those fills."""
    settled = select(func.coalesce(func.max(_settlement.c.seq), 0)).scalar_subquery()
    fills = await read_all(database, select(_fill).where(_fill.c.seq > settled).order_by(_fill.c.seq))
    if not fills:
        return ()
    by_order: dict[str, list[Fill]] = {}
    for row in fills:
        by_order.setdefault(row["client_order_id"], []).append(to_fill(row))
    intents = await read_all(database, whole_intents().where(_intent.c.client_order_id.in_(by_order)))
    reports = await read_all(
        database, select(_report).where(_report.c.client_order_id.in_(by_order)).order_by(_report.c.seq)
    )
    newest = {row["client_order_id"]: row for row in reports}
    return tuple(
        (to_intent(row), to_report(newest[row["client_order_id"]], tuple(by_order[row["client_order_id"]])))
        for row in sorted(intents, key=lambda row: row["seq"])
    )


async def last_settlement(database: Database) -> Settlement | None:
    """Return the newest settlement."""
    row = await read_one(database, select(_settlement).order_by(_settlement.c.seq.desc()))
    return None if row is None else to_settlement(row)


async def last_prices(database: Database) -> dict[str, PricePoint]:
    """Return the mids of the newest cycle that was run or applied."""
    newest = await read_one(
        database, select(_cycle.c.cycle).where(_cycle.c.purpose != Purpose.PLAN.value).order_by(_cycle.c.seq.desc())
    )
    if newest is None:
        return {}
    row = await read_one(database, select(_snapshot).where(_snapshot.c.cycle == newest["cycle"]))
    if row is None:
        return {}
    return observed_prices(row["payload"], row["taken_at"])


async def cycle(database: Database, named: str, purpose: Purpose | None) -> CycleRecord:
    """Return one cycle by id, its beginning, or 'latest'; raise JournalFault when it is unknown or ambiguous."""
    chosen = select(_cycle).order_by((_cycle.c.cycle == named).desc(), _cycle.c.seq.desc())
    if purpose is not None:
        chosen = chosen.where(_cycle.c.purpose == purpose.value)
    if named != "latest":
        chosen = chosen.where(_cycle.c.cycle.startswith(named, autoescape=True))
    rows = await read_all(database, chosen.limit(2))
    exact = [row for row in rows if row["cycle"] == named]
    if not rows:
        what = "no cycle is recorded yet" if named == "latest" else f"no cycle {named[:40]!r} is recorded"
        raise JournalFault(what, mend="poise history" if named != "latest" else "poise plan")
    if len(rows) > 1 and named != "latest" and not exact:
        raise JournalFault(f"{named[:40]!r} begins more than one cycle's name", mend="poise history")
    return await _record(database, (exact or rows)[0])


async def _record(database: Database, row: Columns) -> CycleRecord:
    seen = await read_one(database, select(_snapshot).where(_snapshot.c.cycle == row["cycle"]))
    decision, policy = table_of(DecisionRow), table_of(PolicyRow)
    decided = await read_one(database, select(decision).where(decision.c.cycle == row["cycle"]))
    text = await read_one(database, select(policy).where(policy.c.digest == row["policy_digest"]))
    if seen is None or decided is None or text is None:
        raise JournalFault(f"cycle {row['cycle']} is not whole in the journal", mend="poise journal verify")
    sets = table_of(InstrumentSetRow)
    instruments = await read_one(database, select(sets).where(sets.c.digest == seen["instruments"]))
    return CycleRecord(
        cycle=row["cycle"],
        purpose=Purpose(row["purpose"]),
        applies=row["applies"],
        venue=row["venue"],
        account=row["account"],
        at=row["at"],
        code_version=row["code_version"],
        policy_text=text["text"],
        snapshot=observed(seen["payload"], instruments["payload"] if instruments else "{}"),
        memory=read_back(Memory, row["memory"]),
        decision=read_back(Decision, decided["payload"]),
    )


async def has_cycle(database: Database, named: str) -> bool:
    """Whether a cycle of exactly this id is recorded."""
    return await read_one(database, select(_cycle.c.seq).where(_cycle.c.cycle == named)) is not None


async def applied(database: Database, plan: str) -> bool:
    """Whether a plan was applied already."""
    return await read_one(database, select(_cycle.c.seq).where(_cycle.c.applies == plan)) is not None


async def ledger_entries(database: Database) -> AsyncIterator[LedgerEntry]:
    """Yield every ledger entry, oldest first, a bounded number at a time."""
    last = -1
    while True:
        chosen = select(_entry).where(_entry.c.seq > last).order_by(_entry.c.seq).limit(CHUNK)
        rows = await read_all(database, chosen)
        if not rows:
            return
        for row in rows:
            yield to_entry(row)
        last = rows[-1]["seq"]


async def settled_cycles(database: Database) -> AsyncIterator[Settlement]:
    """Yield every settlement, oldest first, a bounded number at a time."""
    last = -1
    while True:
        chosen = select(_settlement).where(_settlement.c.seq > last).order_by(_settlement.c.seq).limit(CHUNK)
        rows = await read_all(database, chosen)
        if not rows:
            return
        for row in rows:
            yield to_settlement(row)
        last = rows[-1]["seq"]
