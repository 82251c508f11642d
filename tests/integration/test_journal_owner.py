"""A journal is of one account at one venue: nobody else writes in it, above all not a venue that is made up."""

from pathlib import Path

import pytest

from tests.emulator.shell import a_shell
from tests.shell import poise, well


def test_the_simulated_venue_does_not_settle_what_a_real_account_left_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It knows of none of that account's orders, and would conclude that they never arrived."""
    home = tmp_path / "real"
    with a_shell("bybit", home, monkeypatch) as shell:
        assert shell.poise("plan").code == 0
    monkeypatch.setenv("POISE_DATABASE_URL", str(home / "accounts" / "mine" / "journal.db"))
    told = poise("run", "--cycles", "1")
    assert told.code == 65
    assert "this journal is of the account mine at bybit" in told.said


def test_a_real_account_does_not_write_in_the_journal_of_the_simulated_one(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other way round, with the same words."""
    well("plan")
    monkeypatch.setenv("POISE_DATABASE_URL", str(home / "journal.db"))
    with a_shell("bybit", tmp_path / "real", monkeypatch) as shell:
        told = shell.poise("plan")
    assert told.code == 65
    assert "give each account a database of its own" in told.err
