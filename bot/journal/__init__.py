"""Memory on disk: append only, hash-chained, exact."""

from contextlib import AsyncExitStack
from pathlib import Path

from bot.journal.store import SqlJournal

__all__ = ["SqlJournal", "open_journal"]


async def open_journal(url: str | Path) -> SqlJournal:
    """Return the journal at a path or database URL, made when new, brought forward when old.

    Raises JournalFault when it cannot be reached, is damaged, or was written by a newer Poise.
    """
    from bot.journal.database import connect
    from bot.journal.schema import prepare

    async with AsyncExitStack() as undo:
        database = await connect(str(url))
        undo.push_async_callback(database.close)
        await prepare(database)
        undo.pop_all()
    return SqlJournal(database)
