"""The same journal on SQLite and on a real PostgreSQL: facts, refusals, chain, lease, schema."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from alembic import command
from bot.canonical import to_text
from bot.domain.intent import IntentRecord
from bot.errors import AccountHeld, JournalCorrupt, JournalFault, JournalNewer, JournalUnwritable
from bot.journal import SqlJournal
from bot.journal.chain import table_of
from bot.journal.database import Database, connect, shown
from bot.journal.lease import hold_account
from bot.journal.migrate import bring_forward, configuration
from bot.journal.schema import HEAD, MESSAGE
from bot.journal.tables import FACTS, metadata
from tests.builders import NOON
from tests.integration.conftest import Opener
from tests.unit.journal.facts import (
    LONG,
    STATES,
    TINY,
    a_fill,
    a_report,
    a_run_cycle,
    a_settlement,
    a_stop,
    an_entry,
    an_intent,
    every_fact,
    sent,
)

TABLES = tuple(str(table_of(model).name) for model in FACTS)


async def told(database: Database, query: str) -> list[tuple[object, ...]]:
    """Return the rows of a query."""
    return [tuple(row) for row in (await database.read(text(query))).all()]


async def test_facts_come_back_and_are_the_same_when_opened_again(url: str, opened: Opener) -> None:
    """Exact numbers, moments, open intents, new fills, the last settlement."""
    journal = await opened(url)
    assert (await journal.rows(), await journal.verify()) == (0, 0)
    await sent(journal, an_intent("h1", quantity=LONG))
    await journal.record_intent(an_intent("h2"))
    await journal.record_report(a_report(a_fill("t1", quantity=TINY), a_fill("t1", quantity=TINY)))
    entries = (an_entry(0, change=-TINY), an_entry(1, change=LONG))
    with pytest.raises(JournalFault, match="recorded already"):
        await journal.record_intent(an_intent("h1"))
    with pytest.raises(JournalFault, match="cannot become"):
        await journal.record_state("h1", STATES.OPEN, NOON)
    for reader in (journal, await opened(url)):
        assert await reader.unresolved() == (
            IntentRecord(intent=an_intent("h2"), state=STATES.JOURNALED, changed_at=NOON),
        )
        assert await reader.unsettled() == ((an_intent("h1", quantity=LONG), a_report(a_fill("t1", quantity=TINY))),)
        assert [one.filled for one in await reader.sent_since(NOON)] == [TINY]
    await journal.record_settlement(a_settlement(), entries)
    again = await opened(url)
    assert [entry async for entry in again.ledger_entries()] == list(entries)
    assert await again.last_settlement() == a_settlement()
    assert await again.unsettled() == ()
    assert await again.verify() == await again.rows()


async def test_a_whole_cycle_of_a_running_bot_comes_back_equal(url: str, opened: Opener) -> None:
    """Byte for byte, and the chain is whole."""
    journal = await opened(url)
    record = await a_run_cycle(journal)
    again = await opened(url)
    kept = await again.cycle("latest")
    for before, after in zip(
        (record.snapshot, record.memory, record.decision), (kept.snapshot, kept.memory, kept.decision), strict=True
    ):
        assert to_text(after) == to_text(before)
    assert await again.verify() == await again.rows() > 20
    assert len(await again.orders_of(record.cycle)) > 2


async def test_every_table_refuses_to_change_or_delete(url: str, opened: Opener) -> None:
    """The database says no by itself."""
    journal = await opened(url)
    await every_fact(journal)
    for table in TABLES:
        for deed in (f"UPDATE {table} SET hash = ''", f"DELETE FROM {table}"):
            with pytest.raises(JournalFault, match=MESSAGE):
                async with journal.database.writing() as connection:
                    await connection.execute(text(deed))
    assert await journal.verify() == await journal.rows()


async def unfenced(journal: SqlJournal, deed: str) -> None:
    """Run a statement as one who may drop triggers."""
    async with journal.database.writing() as connection:
        for table in TABLES:
            names = (
                [f"{table}_no_update", f"{table}_no_delete"] if journal.database.is_sqlite else [f"{table}_append_only"]
            )
            for name in names:
                on = "" if journal.database.is_sqlite else f" ON {table}"
                await connection.execute(text(f"DROP TRIGGER IF EXISTS {name}{on}"))
        await connection.execute(text(deed))


@pytest.mark.parametrize(
    ("deed", "what"),
    [
        ("UPDATE fill SET quantity = '9' WHERE order_of = 'h1'", "in fill was changed"),
        ("UPDATE fill SET quantity = 'much'", "was changed"),
        ("DELETE FROM intent WHERE seq = (SELECT max(seq) FROM intent)", "is missing"),
        ("DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)", "the chain ends at row"),
        ("UPDATE chain_head SET seq = seq + 1", "the chain ends at row"),
    ],
)
async def test_the_chain_finds_what_got_past_the_triggers(url: str, opened: Opener, deed: str, what: str) -> None:
    """An edit, a garbled cell, a gap, a cut, a false head."""
    journal = await opened(url)
    await every_fact(journal)
    await unfenced(journal, deed.replace("order_of", "client_order_id"))
    with pytest.raises(JournalCorrupt, match=what):
        await journal.verify()


WRITER = """
import asyncio, sys
from bot.domain.record import JournalEvent
from bot.journal import open_journal
from tests.builders import NOON

async def main():
    journal = await open_journal(sys.argv[1])
    for number in range(40):
        await journal.record_event(JournalEvent(at=NOON, kind="started", text=f"{sys.argv[2]} {number}"))
    await journal.close()

asyncio.run(main())
"""


async def test_two_processes_that_write_at_once_leave_one_whole_chain(url: str, opened: Opener) -> None:
    """They even make the journal at once; every event of both is there, each in its writer's order."""
    writers = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", WRITER, url, name, stderr=subprocess.PIPE)
        for name in ("a", "b")
    ]
    for writer in writers:
        _, err = await writer.communicate()
        assert writer.returncode == 0, err.decode()
    journal = await opened(url)
    assert await journal.verify() == 80
    texts = [str(row[0]) for row in await told(journal.database, "SELECT text FROM event ORDER BY seq")]
    for name in ("a", "b"):
        assert [one for one in texts if one.startswith(name)] == [f"{name} {number}" for number in range(40)]


HOLDER = """
import asyncio, sys
from bot.journal.lease import hold_account

async def main():
    async with hold_account(sys.argv[1], "sim-1"):
        print("held", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


@contextmanager
def holder(url: str) -> Iterator["subprocess.Popen[str]"]:
    """Another process that holds the account."""
    child = subprocess.Popen([sys.executable, "-c", HOLDER, url], stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        yield child
    finally:
        child.kill()
        child.communicate()


async def test_one_process_holds_an_account_until_it_dies(url: str) -> None:
    """The second is refused, another account is free, and SIGKILL frees it."""
    with holder(url) as child:
        with pytest.raises(AccountHeld, match="holds account sim-1") as caught:
            async with hold_account(url, "sim-1"):
                pass
        assert "://" in url or f"(pid {child.pid})" in caught.value.message
        async with hold_account(url, "sim-2"):
            pass
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    await asyncio.sleep(0.2)
    for _ in range(2):
        async with hold_account(url, "sim-1"):
            with pytest.raises(AccountHeld):
                async with hold_account(url, "sim-1"):
                    pass


async def drawn(database: Database) -> set[str]:
    """Return the database's tables, indexes and triggers as text, whatever their spacing and quoting."""
    if database.is_sqlite:
        rows = await told(database, "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
    else:
        rows = await told(
            database,
            "SELECT 'column', table_name || '.' || column_name, concat_ws(' ', ordinal_position, data_type,"
            " is_nullable, character_maximum_length, column_default)"
            " FROM information_schema.columns WHERE table_schema = 'public'",
        )
        rows += await told(database, "SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'")
        rows += await told(database, "SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger")
        rows += await told(
            database, "SELECT 'function', proname, prosrc FROM pg_proc WHERE proname = 'poise_append_only'"
        )
    return {re.sub(r"[\s\"]+", "", "/".join(map(str, row))) for row in rows if "alembic_version" not in str(row[1])}


@pytest.fixture
def other(url: str, request: pytest.FixtureRequest) -> str:
    """Return a second place on the same kind of database."""
    if "://" not in url:
        return f"{url}.other"
    place: str = request.getfixturevalue("postgres").database()
    return place


async def test_a_journal_brought_forward_equals_one_made_at_once_and_the_models(
    url: str, other: str, opened: Opener
) -> None:
    """Three descriptions of one schema, by three ways into it."""
    at_once = await opened(other)
    wanted = await drawn(at_once.database)
    database = await connect(url)
    async with database.writing() as connection:
        await connection.run_sync(lambda sync: command.upgrade(configuration(sync), "head"))
        await connection.run_sync(_equals_models)
    assert await drawn(database) == wanted
    await database.close()
    journal = await opened(url)
    await every_fact(journal)
    assert await journal.verify() == await journal.rows()


def _equals_models(connection: Connection) -> None:
    assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []


async def test_an_empty_version_table_means_a_migration_that_never_was(url: str, other: str, opened: Opener) -> None:
    """Opening brings it forward; a SQLite file is copied beside itself first."""
    database = await connect(url)
    async with database.writing() as connection:
        await connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    await database.close()
    journal = await opened(url)
    assert await drawn(journal.database) == await drawn((await opened(other)).database)
    assert await told(journal.database, "SELECT version_num FROM alembic_version") == [(HEAD,)]
    await bring_forward(journal.database)
    await every_fact(journal)


async def test_a_journal_of_the_first_schema_is_brought_forward_with_all_its_rows(
    url: str, other: str, opened: Opener
) -> None:
    """Chain, open orders and fills stay as they were; a stop can be recorded; a SQLite file is copied first."""
    database = await connect(url)
    async with database.writing() as connection:
        await connection.run_sync(lambda sync: command.upgrade(configuration(sync), "0001"))
    old = SqlJournal(database)
    await every_fact(old, terms=False)
    await old.record_intent(an_intent("h9"))
    rows, head = await old.rows(), await told(database, "SELECT hash FROM chain_head")
    await old.close()

    journal = await opened(url)
    assert await journal.verify() == await journal.rows() == rows
    assert await told(journal.database, "SELECT hash FROM chain_head") == head
    assert await drawn(journal.database) == await drawn((await opened(other)).database)
    assert [one.intent for one in await journal.unresolved()] == [an_intent("h9")]
    assert [one.parts for one in await journal.sent_since(NOON)] == [(), ()]
    await journal.record_intent(a_stop())
    with pytest.raises(JournalFault, match=MESSAGE):
        await told(journal.database, "DELETE FROM intent_terms")
    assert [one.intent for one in await (await opened(url)).unresolved()] == [an_intent("h9"), a_stop()]
    assert await journal.verify() == rows + 3
    if "://" not in url:
        copy = await connect(f"{url}.before-upgrade")
        assert await told(copy, "SELECT version_num FROM alembic_version") == [("0001",)]
        assert await told(copy, "SELECT seq, hash FROM chain_head") == [(rows, head[0][0])]
        await copy.close()


async def test_a_newer_journal_is_left_alone(url: str, opened: Opener) -> None:
    """It says which version it is, and which is known here."""
    journal = await opened(url)
    async with journal.database.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(JournalNewer, match=f"has schema 9999, this Poise knows up to {HEAD}"):
        await opened(url)


async def test_a_database_that_belongs_to_others_is_left_alone(url: str, opened: Opener) -> None:
    """Its tables are named, and none is added."""
    database = await connect(url)
    async with database.writing() as connection:
        await connection.execute(text("CREATE TABLE recipes (name TEXT)"))
    with pytest.raises(JournalFault, match="no journal of Poise: recipes"):
        await opened(url)
    with pytest.raises(JournalFault, match="cycle"):
        await told(database, "SELECT * FROM cycle")
    await database.close()


def test_the_newest_script_is_the_schema_this_poise_makes(url: str) -> None:
    """HEAD follows the migrations."""
    from bot.journal.migrate import SCRIPTS

    assert ScriptDirectory(str(SCRIPTS)).get_heads() == [HEAD]


@pytest.mark.postgres
async def test_a_server_that_cannot_be_reached_is_said_without_the_password(opened: Opener) -> None:
    """Neither in the message nor in its mend, for journal and lease."""
    url = "postgresql://me:hunter2@127.0.0.1:1/poise"
    with pytest.raises(JournalUnwritable, match="cannot be reached") as caught:
        await opened(url)
    with pytest.raises(JournalUnwritable) as also:
        async with hold_account(url, "sim-1"):
            pass
    for error in (caught.value, also.value):
        assert "hunter2" not in f"{error.message} {error.mend} {error!r}"
    assert shown(url) == "postgresql://me:***@127.0.0.1:1/poise"


@pytest.mark.postgres
async def test_a_database_that_does_not_exist_is_a_fault(postgres: object, opened: Opener) -> None:
    """The server's own words, as a sentence."""
    from tests.pg import Postgres

    assert isinstance(postgres, Postgres)
    url = postgres.database()
    missing = re.sub(r"poise_\d+", "nowhere", url)
    with pytest.raises(JournalFault, match="nowhere"):
        await opened(missing)
    with pytest.raises(JournalFault, match="nowhere"):
        async with hold_account(missing, "sim-1"):
            pass
