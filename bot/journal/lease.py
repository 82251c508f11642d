"""The right to send for an account: one process at a time holds it, and it dies with the process."""

import fcntl
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from bot.errors import AccountHeld, JournalUnwritable
from bot.journal.database import async_url, fault, sqlite_path


@asynccontextmanager
async def hold_account(url: str, account: str) -> AsyncIterator[None]:
    """Hold the right to send for `account` while the block runs; raise AccountHeld when another process has it."""
    path = sqlite_path(url)
    if path is not None:
        with_lock = _hold_file(_lock_of(path.resolve(), account), account)
    else:
        with_lock = _hold_in_database(url, account)
    async with with_lock:
        yield


def _lock_of(path: Path, account: str) -> Path:
    """Return the lock beside a journal's own file, by whatever name that was opened."""
    return path.with_name(f"{path.name}.{_short(account)}.lock")


def _short(account: str) -> str:
    return hashlib.sha256(account.encode()).hexdigest()[:12]


def _held(account: str, holder: str) -> AccountHeld:
    return AccountHeld(
        f"another process{holder} holds account {account}",
        mend="stop it first, or look with poise status; two senders would double every order",
    )


@asynccontextmanager
async def _hold_file(path: Path, account: str) -> AsyncIterator[None]:
    try:
        handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise JournalUnwritable(
            f"the lock {path} cannot be opened: {error.strerror}", mend="check the folder"
        ) from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            pid = os.pread(handle, 20, 0).decode(errors="replace").strip()
            raise _held(account, f" (pid {pid})" if pid.isdigit() else "") from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)


@asynccontextmanager
async def _hold_in_database(url: str, account: str) -> AsyncIterator[None]:
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.ext.asyncio import create_async_engine

    key = int.from_bytes(hashlib.sha256(account.encode()).digest()[:8], signed=True)
    engine = create_async_engine(async_url(url), isolation_level="AUTOCOMMIT", hide_parameters=True)
    async with AsyncExitStack() as opened:
        opened.push_async_callback(engine.dispose)
        try:
            connection = await opened.enter_async_context(engine.connect())
            taken = (await connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({key})")).scalar_one()
        except (SQLAlchemyError, OSError) as error:
            raise fault(error, url) from None
        if not taken:
            raise _held(account, "")
        yield
