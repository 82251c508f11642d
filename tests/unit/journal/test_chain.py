"""Whoever gets past the database's own refusal is found by the chain."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from bot.errors import JournalCorrupt, JournalFault
from bot.journal import SqlJournal
from bot.journal.chain import table_of
from bot.journal.schema import MESSAGE
from bot.journal.tables import FACTS
from tests.unit.journal.conftest import Opener
from tests.unit.journal.facts import every_fact

Deed = Callable[[sqlite3.Connection], object]
TABLES = sorted(table_of(model).name for model in FACTS)


def name(model: type[SQLModel]) -> str:
    """Return a table's name for the test's id."""
    return str(table_of(model).name)


async def tamper(opened: Opener, path: Path, *deeds: str) -> SqlJournal:
    """Fill a journal, close it, drop its triggers, run statements on the file, open it again."""
    journal = await opened()
    await every_fact(journal)
    assert await journal.verify() == await journal.rows()
    await journal.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        for deed in deeds:
            assert connection.execute(deed).rowcount != 0
    return await opened()


@pytest.mark.parametrize("model", FACTS, ids=name)
async def test_an_edited_cell_is_found_in_every_column(model: type[SQLModel], opened: Opener, tmp_path: Path) -> None:
    """Whatever stands there afterwards: another value, garbage, nothing, or bytes."""
    table = table_of(model)
    journal = await tamper(opened, tmp_path / "j.db")
    with closing(sqlite3.connect(tmp_path / "j.db", isolation_level=None)) as connection:
        row = connection.execute(f"SELECT seq FROM {table.name} ORDER BY seq").fetchone()[0]
        for column in (column for column in table.columns if column.name != "seq"):
            change = f"UPDATE {table.name} SET {column.name} = ? WHERE seq = ?"
            kept = connection.execute(f"SELECT {column.name} FROM {table.name} WHERE seq = ?", (row,)).fetchone()[0]
            for other in (1 - kept,) if str(column.type) == "BOOLEAN" else ("77", "x", "", b"\xff", 987):
                if other == kept:
                    continue
                connection.execute(change, (other, row))
                with pytest.raises(JournalCorrupt, match="not whole"):
                    await journal.verify()
            connection.execute(change, (kept, row))
    assert await journal.verify() == await journal.rows()


@pytest.mark.parametrize(
    ("deed", "told"),
    [
        ("DELETE FROM event WHERE seq = (SELECT min(seq) FROM event)", "is missing"),
        ("DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)", "the chain ends at row"),
        ("DELETE FROM policy_text WHERE seq = 1", "row 1 is missing"),
        ("INSERT INTO event SELECT 1 + max(seq), 'started', 'me', at, hash FROM event", "was changed"),
        ("INSERT INTO event SELECT 5 + max(seq), 'started', 'me', at, hash FROM event", "is missing"),
        ("INSERT INTO event SELECT 3, 'started', 'me', at, hash FROM event LIMIT 1", "row 3 is there twice"),
        ("UPDATE chain_head SET hash = '" + "1" * 64 + "'", "the chain ends at row"),
        ("UPDATE chain_head SET seq = seq - 1", "the chain ends at row"),
        ("DELETE FROM chain_head", "head is missing"),
    ],
)
async def test_rows_taken_out_or_put_in_are_found(deed: str, told: str, opened: Opener, tmp_path: Path) -> None:
    """In the middle, at either end, and at the head."""
    journal = await tamper(opened, tmp_path / "j.db", deed)
    with pytest.raises(JournalCorrupt, match=told) as caught:
        await journal.verify()
    assert "RUNBOOK" in caught.value.mend


async def test_two_swapped_rows_are_found(opened: Opener, tmp_path: Path) -> None:
    """Each is whole in itself; their order is not."""
    journal = await tamper(opened, tmp_path / "j.db")
    await journal.close()
    with closing(sqlite3.connect(tmp_path / "j.db")) as connection, connection:
        low, high = [row[0] for row in connection.execute("SELECT seq FROM event ORDER BY seq")]
        for old, new in ((low, -1), (high, low), (-1, high)):
            connection.execute("UPDATE event SET seq = ? WHERE seq = ?", (new, old))
    journal = await opened()
    with pytest.raises(JournalCorrupt, match="in event was changed"):
        await journal.verify()


async def test_a_tail_cut_off_together_with_its_head_cannot_be_seen(opened: Opener, tmp_path: Path) -> None:
    """The chain's known limit: such a journal is one that simply ended earlier; backups elsewhere show it."""
    before = "(SELECT hash FROM ledger_entry ORDER BY seq DESC LIMIT 1)"
    cut = [
        f"DELETE FROM {table} WHERE seq > (SELECT max(seq) FROM ledger_entry)"
        for table in ("funding_payment", "discrepancy", "settlement", "event")
    ]
    head = f"UPDATE chain_head SET seq = (SELECT max(seq) FROM ledger_entry), hash = {before}"
    journal = await tamper(opened, tmp_path / "j.db", *cut, head)
    assert await journal.verify() == await journal.rows()


@pytest.mark.parametrize("table", TABLES)
async def test_the_database_itself_refuses_to_change_or_delete(table: str, opened: Opener, tmp_path: Path) -> None:
    """Also to one who comes with another tool."""
    journal = await opened()
    await every_fact(journal)
    await journal.close()
    with closing(sqlite3.connect(tmp_path / "j.db")) as connection:
        for deed in (f"UPDATE {table} SET hash = ''", f"DELETE FROM {table}"):
            with pytest.raises(sqlite3.IntegrityError, match=MESSAGE):
                connection.execute(deed)


async def test_a_journal_without_its_last_write_still_continues(opened: Opener) -> None:
    """A refused write leaves no gap: the next row follows the last kept one."""
    journal = await opened()
    await every_fact(journal)
    rows = await journal.rows()
    with pytest.raises(JournalFault):
        await every_fact(journal)
    assert await journal.rows() == rows == await journal.verify()
