"""Journals that are closed when the test ends, however it ends."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.journal import SqlJournal, open_journal

Opener = Callable[[], Awaitable[SqlJournal]]


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Opener]:
    """Return what opens the test's journal, once or again."""
    async with AsyncExitStack() as stack:

        async def open_it() -> SqlJournal:
            journal = await open_journal(tmp_path / "j.db")
            stack.push_async_callback(journal.close)
            return journal

        yield open_it


@pytest.fixture
async def journal(opened: Opener) -> SqlJournal:
    """Return a new journal."""
    return await opened()
