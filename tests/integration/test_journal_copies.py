"""Copies and exports: equal to the journal, safe to open, never over something else."""

import csv
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.domain.record import JournalEvent
from bot.errors import JournalCorrupt, JournalUnwritable, SettingsRefused
from bot.journal.chain import append
from bot.journal.export import safe_cell
from bot.journal.rows import intent_row
from tests.builders import NOON, d
from tests.integration.conftest import Opener
from tests.unit.journal.facts import LONG, a_settlement, an_entry, an_intent, every_fact

FORMULA = "=HYPERLINK(1)"


async def test_a_backup_equals_the_journal_and_replaces_nothing(tmp_path: Path, opened: Opener) -> None:
    """Taken while the journal is open; private; no leftovers."""
    journal = await opened(str(tmp_path / "j.db"))
    await every_fact(journal)
    target = tmp_path / "copies" / "one.db"
    assert await journal.backup(target) == await journal.rows()
    assert [file.name for file in sorted(target.parent.iterdir())] == ["one.db"]
    assert target.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(tmp_path / "j.db")) as one, closing(sqlite3.connect(target)) as other:
        assert list(one.iterdump()) == list(other.iterdump())
    with pytest.raises(SettingsRefused, match="exists already"):
        await journal.backup(target)
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalUnwritable, match="cannot be written"):
        await journal.backup(tmp_path / "file" / "two.db")


async def test_a_broken_journal_is_not_passed_on_as_a_backup(tmp_path: Path, opened: Opener) -> None:
    """The copy is verified before it gets its name."""
    journal = await opened(str(tmp_path / "j.db"))
    await every_fact(journal)
    async with journal.database.writing() as connection:
        await connection.execute(text("UPDATE chain_head SET seq = seq + 1"))
    with pytest.raises(JournalCorrupt):
        await journal.backup(tmp_path / "copies" / "one.db")
    assert list((tmp_path / "copies").iterdir()) == []


@pytest.mark.postgres
async def test_a_journal_in_postgres_is_backed_up_with_its_own_tool(
    request: pytest.FixtureRequest, opened: Opener, tmp_path: Path
) -> None:
    """The refusal names it."""
    journal = await opened(request.getfixturevalue("postgres").database())
    with pytest.raises(SettingsRefused, match="PostgreSQL") as caught:
        await journal.backup(tmp_path / "one.db")
    assert "pg_dump" in caught.value.mend


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
async def test_an_export_has_every_row_of_every_table(kind: str, tmp_path: Path, url: str, opened: Opener) -> None:
    """More than are read at a time; exact numbers; formulas defused in CSV only."""
    journal = await opened(url)
    await every_fact(journal)
    await journal.record_settlement(a_settlement("c9"), tuple(an_entry(n, change=-LONG) for n in range(1100)))
    await journal.record_event(JournalEvent(at=NOON, kind="error", text=FORMULA))
    written = await journal.export(tmp_path / "out", kind)
    assert sum(written.values()) == await journal.rows()
    read = {name: await _read(tmp_path / "out" / f"{name}.{kind}") for name in written}
    assert {name: len(rows) for name, rows in read.items()} == written
    assert read["ledger_entry"][-1]["change"] == f"-{LONG}"
    assert read["event"][-1]["text"] == (f"'{FORMULA}" if kind == "csv" else FORMULA)


async def test_a_column_that_begins_empty_is_exported_whole(tmp_path: Path, opened: Opener) -> None:
    """A thousand market orders, then one with a limit: Parquet must not take the column for an empty one."""
    journal = await opened(str(tmp_path / "j.db"))
    orders = [an_intent(f"h{number}", price=None) for number in range(1000)]
    async with journal.database.writing() as connection:
        await append(connection, [intent_row(order, d(1)) for order in (*orders, an_intent("limit"))])
    for kind in ("csv", "jsonl", "parquet"):
        await journal.export(tmp_path / kind, kind)
        prices = [row["price"] for row in await _read(tmp_path / kind / f"intent.{kind}")]
        assert (prices[0] or None, prices[999] or None, prices[1000]) == (None, None, "70000")


async def _read(path: Path) -> list[dict[str, object]]:
    if path.suffix == ".parquet":
        import pyarrow.parquet

        rows: list[dict[str, object]] = pyarrow.parquet.read_table(path).to_pylist()
        return rows
    with path.open(encoding="utf-8", newline="") as file:
        return [dict(row) for row in csv.DictReader(file)] if path.suffix == ".csv" else [json.loads(s) for s in file]


async def test_an_empty_journal_is_exported_and_an_unknown_format_refused(tmp_path: Path, opened: Opener) -> None:
    """Every file is there, with no row in it."""
    journal = await opened(str(tmp_path / "j.db"))
    for kind in ("csv", "jsonl", "parquet"):
        written = await journal.export(tmp_path / kind, kind)
        assert set(written.values()) == {0}
        assert len(list((tmp_path / kind).iterdir())) == len(written) == 17
    with pytest.raises(SettingsRefused, match="--format is 'xls'"):
        await journal.export(tmp_path / "out", "xls")
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalUnwritable):
        await journal.export(tmp_path / "file" / "out", "csv")


@pytest.mark.parametrize("cell", ["=1+1", "+cmd", "-x", "@sum", "\tx", "\rx", "-1-1", "+"])
def test_a_formula_gets_an_apostrophe(cell: str) -> None:
    """Whatever it begins with."""
    assert safe_cell(cell) == f"'{cell}"


@pytest.mark.parametrize(
    ("cell", "kept"), [("-1.5", "-1.5"), (d("-1E-18"), "-0.000000000000000001"), (7, 7), ("a=b", "a=b")]
)
def test_a_number_and_plain_words_stay(cell: object, kept: object) -> None:
    """A number below zero is no formula."""
    assert safe_cell(cell) == kept
