"""One connection, told to be durable and asked whether it is; database errors become sentences."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Executable, Result, event, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import JournalCorrupt, JournalFault, JournalUnwritable

BUSY_MILLISECONDS = 5000
APPEND_LOCK = 7_070_011  # names the journal's right to append among PostgreSQL's advisory locks
# The pragma, how it is set, and what reading it back must give.
PRAGMAS = (
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", 2),
    ("foreign_keys", "ON", 1),
    ("busy_timeout", str(BUSY_MILLISECONDS), BUSY_MILLISECONDS),
)
_UNWRITABLE = ("disk is full", "readonly", "read-only", "locked", "unable to open", "disk I/O error", "No space left")
_CORRUPT = ("malformed", "not a database", "corrupt")


def async_url(url: str) -> str:
    """Return the URL with its asynchronous driver; a bare path is a SQLite file."""
    if "://" not in url:
        return f"sqlite+aiosqlite:///{url}"
    for plain, driver in (
        ("sqlite", "sqlite+aiosqlite"),
        ("postgresql", "postgresql+asyncpg"),
        ("postgres", "postgresql+asyncpg"),
    ):
        if url.startswith(f"{plain}://"):
            return f"{driver}://{url.split('://', 1)[1]}"
    return url


def sqlite_path(url: str) -> Path | None:
    """Return the file of a SQLite journal, None for another database."""
    parsed = make_url(async_url(url))
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


def shown(url: str) -> str:
    """Return the URL for people: without its password."""
    path = sqlite_path(url)
    return str(path) if path else make_url(url).render_as_string(hide_password=True)


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

    async def read(self, statement: Executable) -> Result[Any]:
        """Return the rows of a statement, read at once."""
        async with self._turn:
            try:
                return await self._connection.execute(statement)
            except (SQLAlchemyError, OSError) as error:
                raise fault(error, self.url) from None

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """Yield the connection in a transaction that alone may append; durable when the block ends well."""
        async with self._turn:
            try:
                await self._connection.exec_driver_sql("BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN")
                ending = "ROLLBACK"
                try:
                    if not self.is_sqlite:
                        await self._connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({APPEND_LOCK})")
                    yield self._connection
                    ending = "COMMIT"
                finally:
                    await self._connection.exec_driver_sql(ending)
            except (SQLAlchemyError, OSError) as error:
                raise fault(error, self.url) from None

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
