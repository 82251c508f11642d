"""One sender for one account in one journal, by whatever name the journal is opened."""

from pathlib import Path

import pytest

from bot.errors import AccountHeld
from bot.journal.database import shown
from bot.journal.lease import hold_account


async def test_another_name_of_the_same_file_is_no_second_journal(tmp_path: Path) -> None:
    """A link to the journal leads to the same lock: two senders would double every order."""
    journal, link = tmp_path / "journal.db", tmp_path / "link.db"
    journal.touch()
    link.symlink_to(journal)
    async with hold_account(f"sqlite:///{journal}", "main"):
        with pytest.raises(AccountHeld):
            async with hold_account(f"sqlite:///{link}", "main"):
                pass
    async with hold_account(f"sqlite:///{link}", "main"):
        pass


def test_a_password_is_not_shown_wherever_it_stands_in_an_address() -> None:
    """PostgreSQL takes one after the question mark too."""
    told = shown("postgresql://me@host/poise?password=hunter2&sslmode=require")
    assert told == "postgresql://me@host/poise"
