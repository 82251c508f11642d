"""Everything out: each table to a file, as CSV, JSON Lines or Parquet, a bounded number of rows at a time."""

import csv
import json
from collections.abc import AsyncIterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.canonical import number_text
from bot.errors import JournalUnwritable, SettingsRefused
from bot.journal.chain import table_of
from bot.journal.database import Database
from bot.journal.tables import FACTS

CHUNK = 1000
# A cell that begins so is a formula to a spreadsheet.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
Rows = list[dict[str, Any]]


async def export(database: Database, folder: Path, kind: str) -> dict[str, int]:
    """Write every table to `folder` in one of the formats; return the rows written of each."""
    writers = {"csv": _write_csv, "jsonl": _write_json_lines, "parquet": _write_parquet}
    if kind not in writers:
        raise SettingsRefused(f"--format is {kind[:40]!r}", mend="choose csv, jsonl or parquet")
    if kind == "parquet":
        _require_pyarrow()
    written = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for model in FACTS:
            table = table_of(model)
            path = folder / f"{table.name}.{kind}"
            names = [column.name for column in table.columns]
            written[table.name] = await writers[kind](path, names, _chunks(database, table))
    except OSError as error:
        raise JournalUnwritable(f"{folder} cannot be written: {error.strerror}", mend="free disk space") from None
    return written


async def _chunks(database: Database, table: Any) -> AsyncIterator[Rows]:
    last = 0
    while True:
        chosen = select(table).where(table.c.seq > last).order_by(table.c.seq).limit(CHUNK)
        rows = await database.rows(chosen)
        if not rows:
            return
        yield rows
        last = rows[-1]["seq"]


def _cell(value: Any) -> Any:
    if isinstance(value, Decimal):
        return number_text(value)
    return value.isoformat() if isinstance(value, datetime) else value


def safe_cell(value: Any) -> Any:
    """Return a CSV cell no spreadsheet takes for a formula: such text gets an apostrophe, numbers stay."""
    cell = _cell(value)
    if not isinstance(cell, str) or not cell.startswith(DANGEROUS):
        return cell
    try:
        Decimal(cell).is_finite()
    except ArithmeticError:
        return f"'{cell}"
    return cell


async def _write_csv(path: Path, names: list[str], chunks: AsyncIterator[Rows]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        async for rows in chunks:
            writer.writerows([safe_cell(row[name]) for name in names] for row in rows)
            count += len(rows)
    return count


async def _write_json_lines(path: Path, _names: list[str], chunks: AsyncIterator[Rows]) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as file:
        async for rows in chunks:
            for row in rows:
                plain = {name: _cell(value) for name, value in row.items()}
                file.write(json.dumps(plain, ensure_ascii=False) + "\n")
            count += len(rows)
    return count


async def _write_parquet(path: Path, names: list[str], chunks: AsyncIterator[Rows]) -> int:
    import pyarrow
    import pyarrow.parquet

    count, writer, schema = 0, None, None
    async for rows in chunks:
        columns = {name: [_cell(row[name]) for row in rows] for name in names}
        batch = pyarrow.table(columns, schema=schema)
        if writer is None:
            # A column that begins empty, as many a limit or trigger does, may hold text further down.
            texts = [
                pyarrow.field(one.name, pyarrow.string()) if one.type == pyarrow.null() else one for one in batch.schema
            ]
            schema = pyarrow.schema(texts)
            batch = batch.cast(schema)
            writer = pyarrow.parquet.ParquetWriter(path, schema)
        writer.write_table(batch)
        count += len(rows)
    if writer is None:
        pyarrow.parquet.write_table(pyarrow.table({name: pyarrow.array([], pyarrow.string()) for name in names}), path)
    else:
        writer.close()
    return count


def _require_pyarrow() -> None:
    from importlib.util import find_spec

    if find_spec("pyarrow") is None:
        raise SettingsRefused("Parquet needs pyarrow, which is not installed", mend='pip install "poise[parquet]"')
