"""A copy of the journal: made while it is in use, verified before it takes its name."""

import asyncio
import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from bot.errors import JournalUnwritable, SettingsRefused
from bot.journal import open_journal
from bot.journal.database import Database, sqlite_path


async def backup(database: Database, target: Path) -> int:
    """Write a verified copy of a SQLite journal to `target`; return its rows.

    Raises SettingsRefused when the target exists or the journal is not SQLite.
    """
    source = sqlite_path(database.url)
    if source is None:
        raise SettingsRefused(
            "the journal is in PostgreSQL", mend="pg_dump --format=custom, then verify the restored copy"
        )
    if target.exists():
        raise SettingsRefused(f"{target} exists already", mend="name a new file")
    fresh = target.with_name(f".{target.name}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(copy_file, source, fresh)
        copy = await open_journal(fresh)
        try:
            rows = await copy.verify()
        finally:
            await copy.close()
        fresh.replace(target)
    except (OSError, sqlite3.Error) as error:
        raise JournalUnwritable(f"{target} cannot be written: {error}", mend="free disk space") from None
    finally:
        for leftover in (fresh, *(fresh.with_name(fresh.name + end) for end in ("-wal", "-shm"))):
            with suppress(OSError):  # what kept the copy from being written also keeps it from being there
                leftover.unlink(missing_ok=True)
    return rows


def copy_file(source: Path, fresh: Path) -> None:
    """Copy a SQLite file while it is in use, and flush the copy to the disk."""
    os.close(os.open(fresh, os.O_CREAT | os.O_RDWR | os.O_TRUNC, 0o600))
    with closing(sqlite3.connect(source)) as origin, closing(sqlite3.connect(fresh)) as copy:
        origin.backup(copy)
    with fresh.open("rb") as written:
        os.fsync(written.fileno())
