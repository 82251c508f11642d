"""The chain: every row is sealed to the row before it, over all tables, so that an edit or a gap shows."""

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, String, Table, func, insert, select, text, type_coerce, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

from bot.canonical import number_text
from bot.errors import JournalCorrupt
from bot.journal.columns import moment_text
from bot.journal.database import Database, shown
from bot.journal.tables import FACTS, HeadRow

GENESIS = "0" * 64
CHUNK = 2000
Row = tuple[type[SQLModel], dict[str, Any]]


def table_of(model: type[SQLModel]) -> Table:
    """Return the table a row type is stored in."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table


def seal(previous: str, table: str, values: Mapping[str, Any]) -> str:
    """Return the hash of a row: SHA-256 over the previous hash, the table's name and the row's own columns."""
    plain = {name: _plain(value) for name, value in values.items() if name != "hash"}
    row = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{previous}\x1f{table}\x1f{row}".encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, datetime):
        return moment_text(value)
    return repr(value) if isinstance(value, bytes) else value  # bytes never come from here


async def append(connection: AsyncConnection, rows: list[Row]) -> int:
    """Add rows to their tables and seal them; return the chain's new length. The caller holds the transaction."""
    head = (await connection.execute(select(table_of(HeadRow)))).mappings().one()
    seq, previous = int(head["seq"]), str(head["hash"])
    batches: dict[type[SQLModel], list[dict[str, Any]]] = {}
    for model, values in rows:
        seq += 1
        row = {"seq": seq, **values}
        previous = seal(previous, table_of(model).name, row)
        batches.setdefault(model, []).append({**row, "hash": previous})
    for model, batch in batches.items():
        await connection.execute(insert(table_of(model)), batch)
    await connection.execute(update(table_of(HeadRow)).values(seq=seq, hash=previous))
    return seq


async def verify_chain(database: Database) -> int:
    """Walk the chain from its first row; return its length.

    Raises JournalCorrupt naming the first row that was edited, is missing, or stands beyond the head.
    """
    heads = await database.rows(select(table_of(HeadRow)))
    if len(heads) != 1:
        raise _broken(database, "the record of the chain's head is missing")
    head = heads[0]
    if database.is_sqlite:
        await _check_pages(database)
    previous, seq = GENESIS, 0
    async for table, row in _in_order(database):
        if row["seq"] != seq + 1:
            what = "is there twice" if row["seq"] == seq else "is missing"
            place = seq if row["seq"] == seq else seq + 1
            raise _broken(database, f"row {place} {what}: after {seq} comes {row['seq']} in {table}")
        seq += 1
        previous_seal, previous = previous, row["hash"]
        if seal(previous_seal, table, row) != previous:
            raise _broken(database, f"row {seq} in {table} was changed after it was written")
    if (seq, previous) != (head["seq"], head["hash"]):
        raise _broken(database, f"the chain ends at row {seq}, its head says {head['seq']}")
    return seq


def _broken(database: Database, what: str) -> JournalCorrupt:
    return JournalCorrupt(
        f"the journal {shown(database.url)} is not whole: {what}",
        mend="stop poise, keep the file as evidence, restore the newest backup: deploy/RUNBOOK.md",
    )


async def _check_pages(database: Database) -> None:
    """Have SQLite look through its own pages: a damaged index can hide rows that are still there."""
    told = (await database.read(text("PRAGMA integrity_check(1)"))).scalar_one()
    if told != "ok":
        raise _broken(database, str(told).splitlines()[-1])


async def _in_order(database: Database) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Yield every row of every table by its place in the chain, a bounded number at a time."""
    last = await _largest(database)
    for low in range(0, last, CHUNK):
        found: list[tuple[str, dict[str, Any]]] = []
        for model in FACTS:
            table = table_of(model)
            chosen = select(*_as_stored(table)).where(table.c.seq > low, table.c.seq <= low + CHUNK)
            found.extend((table.name, row) for row in await database.rows(chosen))
        for item in sorted(found, key=lambda pair: pair[1]["seq"]):
            yield item


def _as_stored(table: Table) -> list[ColumnElement[Any]]:
    """Return a table's columns read as they stand on disk: 1 and 1.0 are one number, but not one text."""
    return [
        type_coerce(column, String).label(column.name) if isinstance(column.type, TypeDecorator) else column
        for column in table.columns
    ]


async def _largest(database: Database) -> int:
    largest = 0
    for model in FACTS:
        table = table_of(model)
        largest = max(largest, (await database.read(select(func.max(table.c.seq)))).scalar_one() or 0)
    return largest
