"""The journal's schema: made at once when new, brought forward by Alembic when old, refused when newer."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import JournalFault, JournalNewer
from bot.journal.chain import GENESIS, table_of
from bot.journal.database import Database, shown
from bot.journal.tables import FACTS, HeadRow, metadata

HEAD = "0001"
KNOWN = (HEAD,)
ALEMBIC = Path(__file__).resolve().parents[2] / "alembic"
MESSAGE = "the journal is append only"


async def prepare(database: Database) -> None:
    """Bring the schema to this Poise's version; one statement suffices when it is there already.

    Raises JournalNewer for a version this Poise does not know.
    """
    version = await _version(database)
    if version == HEAD:
        return
    if version is None:
        await _create(database)
        return
    if version not in KNOWN:
        raise JournalNewer(
            f"the journal {shown(database.url)} has schema {version}, this Poise knows up to {HEAD}",
            mend="use the newer Poise that wrote it",
        )


async def _version(database: Database) -> str | None:
    try:
        found = await database.read(text("SELECT version_num FROM alembic_version"))
    except JournalFault as error:
        if "no such table" in error.message or "does not exist" in error.message:
            return None
        raise
    version: str | None = found.scalar_one_or_none()
    return version


async def _create(database: Database) -> None:
    async with database.writing() as connection:
        tables = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        if "alembic_version" in tables:  # another process made it while we waited for our turn
            return
        if tables:
            raise JournalFault(
                f"{shown(database.url)} holds tables that are no journal of Poise: {', '.join(sorted(tables)[:5])}",
                mend="name another database",
            )
        await connection.run_sync(metadata.create_all)
        await _begin_chain(connection)
        await connection.run_sync(fence)
        await connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        await connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})


async def _begin_chain(connection: AsyncConnection) -> None:
    await connection.execute(table_of(HeadRow).insert().values(id=1, seq=0, hash=GENESIS))


def fence(connection: Connection) -> None:
    """Make the database itself refuse to change or delete a fact; the chain finds what gets past it."""
    if connection.dialect.name == "sqlite":
        for model in FACTS:
            name = table_of(model).name
            for deed in ("UPDATE", "DELETE"):
                connection.execute(
                    text(
                        f"CREATE TRIGGER {name}_no_{deed.lower()} BEFORE {deed} ON {name} "
                        f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
                    )
                )
        return
    connection.execute(
        text(
            "CREATE FUNCTION poise_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{MESSAGE}'; END $$"
        )
    )
    for model in FACTS:
        name = table_of(model).name
        connection.execute(
            text(
                f"CREATE TRIGGER {name}_append_only BEFORE UPDATE OR DELETE ON {name} "
                "FOR EACH ROW EXECUTE FUNCTION poise_append_only()"
            )
        )
