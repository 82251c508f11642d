"""One connection, told to be durable and asked whether it is; database errors become sentences."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Executable, Result, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import JournalCorrupt, JournalFault, JournalUnwritable

BUSY_MILLISECONDS = 5000
APPEND_LOCK = 7_070_011  # names the journal's right to append among PostgreSQL's advisory locks
DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
}
_PLACES = "give a path, or postgresql://user@host/database"
# The pragma, how it is set, and what reading it back must give.
PRAGMAS = (
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", 2),
    ("foreign_keys", "ON", 1),
    ("busy_timeout", str(BUSY_MILLISECONDS), BUSY_MILLISECONDS),
)
_UNWRITABLE = ("disk is full", "readonly", "read-only", "locked", "unable to open", "disk I/O error", "No space left")
_CORRUPT = ("malformed", "not a database", "corrupt", "Could not decode", "unsupported file format")


def async_url(url: str) -> URL:
    """Return the URL with its asynchronous driver; a bare path is a SQLite file.

    Raises JournalFault for an address of nothing Poise can keep a journal in.
    """
    if "://" not in url:
        return URL.create("sqlite+aiosqlite", database=url)
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise JournalFault("the journal's address cannot be read", mend=_PLACES) from None
    driver = DRIVERS.get(parsed.drivername.split("+")[0])
    if driver is None:
        raise JournalFault(f"the journal cannot be kept in {parsed.drivername[:40]!r}", mend=_PLACES)
    return parsed.set(drivername=driver)


def sqlite_path(url: str) -> Path | None:
    """Return the file of a SQLite journal, None for another database."""
    parsed = async_url(url)
    return Path(parsed.database) if parsed.drivername == DRIVERS["sqlite"] and parsed.database else None


def shown(url: str) -> str:
    """Return the URL for people: without its password, and without what follows the ?, where one may stand too."""
    path = sqlite_path(url)
    return str(path) if path else make_url(url).set(query={}).render_as_string(hide_password=True)


def fault(error: Exception, url: str) -> JournalFault:
    """Return what a database error means, in words without bound values."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    text = str(origin).splitlines()[0] if str(origin) else type(origin).__name__
    place = shown(url)
    if any(word in text for word in _CORRUPT):
        return JournalCorrupt(
            f"the journal {place} is damaged: {text}",
            mend="move it away and restore the newest backup: deploy/RUNBOOK.md",
        )
    if any(word in text for word in _UNWRITABLE):
        return JournalUnwritable(
            f"the journal {place} cannot be written: {text}",
            mend="free disk space, check its rights, close other writers",
        )
    if isinstance(origin, OSError):
        return JournalUnwritable(
            f"the journal {place} cannot be reached: {text}", mend="start the database, check its address"
        )
    return JournalFault(f"the journal {place} refused: {text}", mend="poise journal verify")


class Database:
    """A connection to one journal, used by one task at a time."""

    def __init__(self, url: str, engine: AsyncEngine, connection: AsyncConnection) -> None:
        """Hold a connection; made by `connect`."""
        self.url = url
        self._engine = engine
        self._connection = connection
        self._turn = asyncio.Lock()
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._file = _identity(url)

    async def read(self, statement: Executable) -> Result[Any]:
        """Return the rows of a statement, read at once."""
        async with self._turn:
            try:
                return await self._connection.execute(statement)
            except (SQLAlchemyError, OSError, UnicodeError) as error:
                raise fault(error, self.url) from None

    async def rows(self, statement: Executable) -> list[dict[str, Any]]:
        """Return the rows of a statement by column name; raise JournalCorrupt where a cell is no such value."""
        found = await self.read(statement)
        try:
            return [dict(row) for row in found.mappings()]
        except (ValueError, TypeError, ArithmeticError) as error:
            raise JournalCorrupt(
                f"the journal {shown(self.url)} is not whole: a cell cannot be read: {type(error).__name__}",
                mend="stop poise, keep the file as evidence, restore the newest backup: deploy/RUNBOOK.md",
            ) from None

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """Yield the connection in a transaction that alone may append; durable when the block ends well."""
        async with self._turn:
            if self._file != _identity(self.url):
                raise JournalUnwritable(
                    f"the journal {shown(self.url)} was moved or replaced while in use: what is written would be lost",
                    mend="put it back, then start poise again",
                )
            try:
                await self._connection.exec_driver_sql("BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN")
                durable = False
                try:
                    if not self.is_sqlite:
                        await self._connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({APPEND_LOCK})")
                    yield self._connection
                    await self._connection.exec_driver_sql("COMMIT")
                    durable = True
                finally:
                    if not durable:
                        await self._undo()
            except (SQLAlchemyError, OSError, UnicodeError) as error:
                raise fault(error, self.url) from None

    async def _undo(self) -> None:
        """Roll back; a database that has done so by itself, as on a full disk, need not be told."""
        with suppress(SQLAlchemyError, OSError):
            await self._connection.exec_driver_sql("ROLLBACK")

    async def close(self) -> None:
        """Let go of the connection and its engine."""
        await self._connection.close()
        await self._engine.dispose()


async def connect(url: str) -> Database:
    """Return a connection to a journal; a SQLite file is made if missing, readable by its owner only.

    Raises JournalFault when it cannot be reached or would not be durable.
    """
    path = sqlite_path(url)
    if path is not None:
        _make_private(path)
    engine = create_async_engine(async_url(url), isolation_level="AUTOCOMMIT", hide_parameters=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _set_pragmas)
    try:
        connection = await engine.connect()
    except (SQLAlchemyError, OSError) as error:
        await engine.dispose()
        raise fault(error, url) from None
    database = Database(url, engine, connection)
    try:
        if database.is_sqlite:
            await _check_pragmas(database)
    except JournalFault:
        await database.close()
        raise
    return database


def _identity(url: str) -> tuple[int, int] | None:
    """Return which file a SQLite journal is, None when it is not there or no file."""
    path = sqlite_path(url)
    try:
        found = path.stat() if path else None
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found else None


def _make_private(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise JournalUnwritable(
            f"the journal {path} cannot be opened: {error.strerror}", mend="check the folder's rights and free space"
        ) from None


def _set_pragmas(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    for name, value, _expected in PRAGMAS:
        cursor.execute(f"PRAGMA {name}={value}")
    cursor.close()


async def _check_pragmas(database: Database) -> None:
    """Read back what was set: a setting that did not take would lose what it was set for."""
    from sqlalchemy import text

    for name, _, expected in PRAGMAS:
        found = (await database.read(text(f"PRAGMA {name}"))).scalar_one()
        if found != expected:
            raise JournalFault(
                f"the journal {shown(database.url)} has {name} {found}, needed is {expected}",
                mend="put the journal on a local disk",
            )
