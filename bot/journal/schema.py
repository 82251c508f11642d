"""The journal's schema: made at once when new, brought forward by Alembic when old, refused when newer."""

from sqlalchemy import Connection, inspect, text

from bot.errors import JournalFault, JournalNewer
from bot.journal.chain import GENESIS, table_of
from bot.journal.database import Database, shown
from bot.journal.tables import FACTS, HeadRow, metadata

HEAD = "0002"
KNOWN = ("0001", HEAD)
MESSAGE = "the journal is append only"


async def prepare(database: Database) -> None:
    """Bring the schema to this Poise's version; one statement suffices when it is there already.

    Raises JournalNewer for a version this Poise does not know.
    """
    versions = await _versions(database)
    if versions == (HEAD,):
        return
    if versions is None:
        await _create(database)
        return
    if any(version not in KNOWN for version in versions):
        raise JournalNewer(
            f"the journal {shown(database.url)} has schema {', '.join(versions)}, this Poise knows up to {HEAD}",
            mend="use the newer Poise that wrote it",
        )
    from bot.journal.migrate import bring_forward

    await bring_forward(database)


async def _versions(database: Database) -> tuple[str, ...] | None:
    """Return the recorded schema versions, none before the first migration, None without their table."""
    try:
        found = await database.read(text("SELECT version_num FROM alembic_version"))
    except JournalFault as error:
        if "no such table" in error.message or "does not exist" in error.message:
            return None
        raise
    return tuple(found.scalars().all())


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
        await connection.run_sync(begin)
        await connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        await connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})


def begin(connection: Connection) -> None:
    """Begin the chain, and fence its tables."""
    connection.execute(table_of(HeadRow).insert().values(id=1, seq=0, hash=GENESIS))
    fence(connection)


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
