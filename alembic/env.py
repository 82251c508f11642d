"""How Alembic reaches the journal: on the connection it is given, or on the one POISE_DATABASE_URL names."""

import asyncio
import os

from sqlalchemy import Connection

from alembic import context
from bot.journal.database import connect
from bot.journal.tables import metadata


def migrate(connection: Connection) -> None:
    """Run the migrations on a connection whose transaction the caller holds."""
    context.configure(connection=connection, target_metadata=metadata, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


async def migrate_named() -> None:
    """Run the migrations on the database the environment names."""
    database = await connect(os.environ["POISE_DATABASE_URL"])
    try:
        async with database.writing() as connection:
            await connection.run_sync(migrate)
    finally:
        await database.close()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    asyncio.run(migrate_named())
