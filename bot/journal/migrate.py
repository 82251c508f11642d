"""Bringing an older journal forward: Alembic, one transaction, a copy kept beside a SQLite file."""

from pathlib import Path

from alembic.config import Config
from sqlalchemy import Connection

from alembic import command
from bot.journal.database import Database, sqlite_path

SCRIPTS = Path(__file__).resolve().parents[2] / "alembic"


def configuration(connection: Connection) -> Config:
    """Return Alembic's configuration for a connection; there is no ini file to forget."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    return config


async def bring_forward(database: Database, revision: str = "head") -> None:
    """Upgrade to `revision`; a SQLite journal with rows is copied to <journal>.before-upgrade first."""
    path = sqlite_path(database.url)
    if path is not None and path.stat().st_size:
        from bot.journal.backup import copy_file

        copy_file(path, path.with_name(f"{path.name}.before-upgrade"))
    async with database.writing() as connection:
        await connection.run_sync(lambda sync: command.upgrade(configuration(sync), revision))
