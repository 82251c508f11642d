"""When the disk, the file or another process stands against the journal: named, and nothing half written."""

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest

from bot.domain.record import JournalEvent
from bot.errors import JournalCorrupt, JournalFault, JournalUnwritable
from bot.journal import database as journal_database
from bot.journal import open_journal
from tests.builders import NOON
from tests.integration.conftest import Opener
from tests.unit.journal.facts import a_cycle, a_report, a_run_cycle, an_intent, every_fact, sent


def an_event(words: str = "start") -> JournalEvent:
    """An event at noon."""
    return JournalEvent(at=NOON, kind="started", text=words)


async def a_closed_journal(path: Path) -> bytes:
    """Fill a journal and close it; return its file."""
    journal = await open_journal(path)
    await every_fact(journal)
    await journal.close()
    return path.read_bytes()  # noqa: ASYNC240 - a test's own small file


@pytest.mark.parametrize("setting", ["journal_mode", "synchronous", "foreign_keys", "busy_timeout"])
async def test_a_setting_that_does_not_take_is_refused(
    setting: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Durability is read back, not hoped for."""
    wanted = tuple((name, value, "9" if name == setting else read) for name, value, read in journal_database.PRAGMAS)
    monkeypatch.setattr(journal_database, "PRAGMAS", wanted)
    with pytest.raises(JournalFault, match=f"has {setting} .*, needed is 9"):
        await open_journal(tmp_path / "j.db")


async def test_the_file_is_its_owners_only(tmp_path: Path, opened: Opener) -> None:
    """With whatever mask, and its logs too."""
    before = os.umask(0)
    try:
        journal = await opened(str(tmp_path / "deep" / "j.db"))
        await journal.record_event(an_event())
    finally:
        os.umask(before)
    files = sorted((tmp_path / "deep").iterdir())
    assert [file.name for file in files] == ["j.db", "j.db-shm", "j.db-wal"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


async def test_a_locked_journal_is_said_and_nothing_is_half_written(
    tmp_path: Path, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another writer holds it beyond the wait; afterwards the same write succeeds."""
    shorter = tuple(("busy_timeout", "50", 50) if row[0] == "busy_timeout" else row for row in journal_database.PRAGMAS)
    monkeypatch.setattr(journal_database, "PRAGMAS", shorter)
    journal = await opened(str(tmp_path / "j.db"))
    await sent(journal, an_intent())
    rows = await journal.rows()
    with closing(sqlite3.connect(tmp_path / "j.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for write in (
            journal.record_event(an_event()),
            journal.record_cycle(a_cycle()),
            journal.record_report(a_report()),
        ):
            with pytest.raises(JournalUnwritable, match="locked"):
                await write
        assert await journal.rows() == rows
        other.execute("ROLLBACK")
    await journal.record_cycle(a_cycle())
    assert await journal.verify() == await journal.rows() > rows


async def test_a_file_that_is_no_database_is_corrupt(tmp_path: Path) -> None:
    """And stays as it is."""
    path = tmp_path / "j.db"
    path.write_bytes(b"dear diary, " * 500)
    with pytest.raises(JournalCorrupt, match="is damaged") as caught:
        await open_journal(path)
    assert "backup" in caught.value.mend
    assert path.read_bytes() == b"dear diary, " * 500


async def test_flipped_bytes_are_found_on_opening_or_verifying(tmp_path: Path) -> None:
    """One byte in every few pages: a named fault, or it stood where nothing is kept; never a raw exception."""
    path = tmp_path / "j.db"
    whole = await a_closed_journal(path)
    found = 0
    used = [place for place, byte in enumerate(whole) if byte]
    for place in used[:: len(used) // 40]:
        damaged = bytearray(whole)
        damaged[place] ^= 0x5A
        path.write_bytes(damaged)
        for end in ("-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)
        try:
            journal = await open_journal(path)
            try:
                rows = await journal.verify()
                assert rows == await journal.rows()
            finally:
                await journal.close()
        except JournalFault:
            found += 1
    assert found > 30


FILLER = """
import asyncio, resource, signal, sys
from bot.domain.record import JournalEvent
from bot.errors import JournalUnwritable
from bot.journal import open_journal
from tests.builders import NOON

async def main():
    journal = await open_journal(sys.argv[1])
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, resource.RLIM_INFINITY))
    event = JournalEvent(at=NOON, kind="started", text="x" * 20_000)
    kept = 0
    for _ in range(100):
        try:
            await journal.record_event(event)
        except JournalUnwritable as error:
            print("full", error.message)
            break
        kept += 1
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    await journal.record_event(event)
    print(kept + 1, await journal.rows(), await journal.verify())
    await journal.close()

asyncio.run(main())
"""


async def test_a_full_disk_is_said_and_the_journal_goes_on_when_there_is_room(tmp_path: Path, opened: Opener) -> None:
    """The failed write leaves nothing; the next one works, in the same process."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", FILLER, str(tmp_path / "j.db"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, err = await child.communicate()
    assert child.returncode == 0, err.decode()
    first, last = out.decode().splitlines()
    assert first.startswith("full the journal")
    kept, rows, verified = map(int, last.split())
    assert kept == rows == verified > 5
    assert await (await opened(str(tmp_path / "j.db"))).verify() == rows


async def test_a_log_cut_anywhere_loses_only_its_end(tmp_path: Path) -> None:
    """What is left is whole: a shorter chain, never a broken one. Power failing mid-write looks like this."""
    journal = await open_journal(tmp_path / "j.db")
    lengths = []
    for _ in range(12):
        await journal.record_event(an_event())
        lengths.append(await journal.rows())
    (tmp_path / "cut").mkdir()
    log = (tmp_path / "j.db-wal").read_bytes()
    file = (tmp_path / "j.db").read_bytes()
    await journal.close()
    seen = set()
    for part in range(25):
        for stale in (tmp_path / "cut").iterdir():
            stale.unlink()
        (tmp_path / "cut" / "j.db").write_bytes(file)
        (tmp_path / "cut" / "j.db-wal").write_bytes(log[: len(log) * part // 24])
        shorter = await open_journal(tmp_path / "cut" / "j.db")
        assert await shorter.verify() == await shorter.rows()
        seen.add(await shorter.rows())
        await shorter.record_event(an_event())
        await shorter.verify()
        await shorter.close()
    assert seen <= {0, *lengths}
    assert max(seen) == lengths[-1]


async def test_a_folder_in_place_of_the_file_is_said(tmp_path: Path) -> None:
    """Likewise a file in place of the folder."""
    with pytest.raises(JournalUnwritable, match="cannot be opened: Is a directory"):
        await open_journal(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalUnwritable, match="cannot be opened"):
        await open_journal(tmp_path / "file" / "j.db")


@pytest.mark.parametrize("place", ["with space/j.db", "what?/j.db", "a%20b/j.db", "tag#1/j.db", "gr\u00fcn/j@x:1.db"])
async def test_any_path_is_just_a_path(tmp_path: Path, place: str, opened: Opener) -> None:
    """Marks that mean something in a URL mean nothing in a file's name."""
    journal = await opened(str(tmp_path / place))
    await journal.record_event(an_event())
    assert (tmp_path / place).is_file()
    assert await journal.verify() == 1


@pytest.mark.parametrize("place", ["mysql://me:hunter2@host/x", "://", "nonsense://", "postgresql://[me", "sqlite://"])
async def test_an_address_of_nothing_poise_knows_is_a_fault(place: str) -> None:
    """Not an exception of some library; and no password is shown."""
    with pytest.raises(JournalFault) as caught:
        await open_journal(place)
    assert "hunter2" not in str(caught.value)


HOSTILE = {
    "newline": "one\ntwo\r\nthree",
    "sql": "'); DROP TABLE event; --",
    "html": "<script>alert(1)</script>",
    "path": "../../etc/passwd",
    "nul": "before\0after",
    "surrogate": "lone \ud800 surrogate",
    "long": "x" * 10_000,
    "control": "\x1b[2J\x07",
    "empty": "",
}


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE.keys())
async def test_hostile_words_come_back_or_are_refused(words: str, url: str, opened: Opener) -> None:
    """Kept as they are or a JournalFault; the journal is whole and goes on either way."""
    journal = await opened(url)
    kept = []
    writes: dict[str, Callable[[], Awaitable[None]]] = {
        "event": lambda: journal.record_event(an_event(words)),
        "policy": lambda: journal.record_cycle(a_cycle("c1", policy_text=words)),
        "intent": lambda: journal.record_intent(an_intent(words)),
    }
    for name, write in writes.items():
        try:
            await write()
            kept.append(name)
        except JournalFault:
            continue
    if "\0" not in words and "\ud800" not in words:
        assert kept == ["event", "policy", "intent"]
    if "policy" in kept:
        assert (await (await opened(url)).cycle("c1")).policy_text == words
    if "intent" in kept:
        assert [one.intent.client_order_id for one in await (await opened(url)).unresolved()] == [words]
    await journal.record_event(an_event())
    assert await journal.verify() == await journal.rows()


async def test_a_garbled_payload_is_a_fault_for_whoever_reads_it(tmp_path: Path, opened: Opener) -> None:
    """A cycle, a settlement, a price: each says that it cannot be read."""
    journal = await opened(str(tmp_path / "j.db"))
    record = await a_run_cycle(journal)
    await journal.close()
    with closing(sqlite3.connect(tmp_path / "j.db")) as connection, connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        for table in ("snapshot", "settlement", "decision"):
            connection.execute(f"UPDATE {table} SET payload = '[1'")
        connection.execute("UPDATE intent SET side = 'sideways'")
        connection.execute("UPDATE ledger_entry SET kind = 'gift'")
    journal = await opened(str(tmp_path / "j.db"))
    reads: tuple[Callable[[], Awaitable[object]], ...] = (
        lambda: journal.cycle("latest"),
        journal.last_settlement,
        lambda: journal.settlement_of(record.cycle),
        journal.last_prices,
        lambda: journal.orders_of(record.cycle),
        lambda: journal.cycles(1),
        lambda: anext(aiter(journal.ledger_entries())),
    )
    for read in reads:
        with pytest.raises(JournalCorrupt):
            await read()


async def test_a_copy_without_its_log_is_an_earlier_whole_journal(tmp_path: Path, opened: Opener) -> None:
    """Copied carelessly, it still opens; `poise journal backup` copies with care."""
    journal = await opened(str(tmp_path / "j.db"))
    await every_fact(journal)
    shutil.copy(tmp_path / "j.db", tmp_path / "copy.db")
    copy = await opened(str(tmp_path / "copy.db"))
    assert await copy.verify() == await copy.rows()
