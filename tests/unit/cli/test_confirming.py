"""Real money is asked for by name, by a person at a terminal or with --confirm, and by nothing else."""

import io
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from bot.accounts import Account, write_account
from bot.cli.confirming import MONEY, mode_of, told_and_confirmed
from bot.domain.mode import Mode
from bot.domain.snapshot import MarginMode
from bot.errors import SettingsRefused
from bot.settings import RealAccount, Settings, Simulation

Printed = pytest.CaptureFixture[str]
ASKED = """
from pathlib import Path
from bot.cli.confirming import told_and_confirmed
from bot.settings import RealAccount
from tests.unit.cli.test_confirming import chosen
real = RealAccount(name="mine", home=Path({home!r}), live=True)
print("confirmed", repr(told_and_confirmed(chosen(Path({home!r}), real), as_json={as_json}).real.confirmed))
"""


def chosen(home: Path, real: RealAccount | None) -> Settings:
    """Settings with that account."""
    simulation = Simulation(seed=1, seed_given=False, recorded=None, begin=None, cash=None, paced=False)
    return Settings(home=home, database="", policy=home / "policy.toml", simulation=simulation, real=real)


def with_account(home: Path, mode: Mode, *, live: bool = False, typed: str = "") -> Settings:
    """Settings with the account "mine", whose file says that mode."""
    account = Account(name="mine", venue="bybit", mode=mode, margin=MarginMode.CROSS, leverage=Decimal(3))
    write_account(home, account, force=True)
    return chosen(home, RealAccount(name="mine", home=home, live=live, confirmed=typed))


@contextmanager
def nobody_at_the_terminal() -> Iterator[None]:
    """Standard input is an empty file, as in a service."""
    before, sys.stdin = sys.stdin, io.StringIO()
    try:
        yield
    finally:
        sys.stdin = before


def test_without_an_account_nothing_is_said_and_the_mode_is_simulated(tmp_path: Path, capsys: Printed) -> None:
    """The settings come back as they are."""
    simulated = chosen(tmp_path, None)
    assert told_and_confirmed(simulated, as_json=False) is simulated
    assert mode_of(simulated) == "simulated"
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("mode", [Mode.DRY_RUN, Mode.TESTNET, Mode.DEMO])
def test_without_the_flag_the_account_is_told_on_stderr_and_nobody_is_asked(
    tmp_path: Path, capsys: Printed, mode: Mode
) -> None:
    """The name, the venue, the mode and what money it is; standard output stays for what was asked."""
    settings = with_account(tmp_path, mode)
    with nobody_at_the_terminal():
        assert told_and_confirmed(settings, as_json=False) is settings
    assert mode_of(settings) == mode.value
    assert capsys.readouterr() == ("", f"Account mine at bybit, {mode}: {MONEY[mode]}.\n\n")


def test_a_live_account_without_the_flag_is_told_to_be_dry_run(tmp_path: Path, capsys: Printed) -> None:
    """Nobody is asked, for nothing can be sent."""
    settings = with_account(tmp_path, Mode.LIVE)
    with nobody_at_the_terminal():
        assert told_and_confirmed(settings, as_json=False) is settings
    assert mode_of(settings) == "dry-run"
    assert "dry-run: the real account, looked at only" in capsys.readouterr().err


@pytest.mark.parametrize("as_json", [True, False])
def test_real_money_with_nobody_to_ask_is_refused(tmp_path: Path, as_json: bool) -> None:
    """--live in a service needs --confirm."""
    settings = with_account(tmp_path, Mode.LIVE, live=True)
    with nobody_at_the_terminal(), pytest.raises(SettingsRefused) as refused:
        told_and_confirmed(settings, as_json=as_json)
    assert "nobody to ask" in refused.value.message
    assert refused.value.mend == "--confirm NAME"


def test_what_was_given_with_confirm_is_not_asked_again(tmp_path: Path, capsys: Printed) -> None:
    """REAL MONEY is said all the same."""
    settings = with_account(tmp_path, Mode.LIVE, live=True, typed="mine")
    with nobody_at_the_terminal():
        assert told_and_confirmed(settings, as_json=False) is settings
    assert mode_of(settings) == "live"
    assert capsys.readouterr().err == "Account mine at bybit, live: REAL MONEY.\n\n"


def test_as_json_says_nothing_on_stderr(tmp_path: Path, capsys: Printed) -> None:
    """A program that reads JSON gave --confirm."""
    told_and_confirmed(with_account(tmp_path, Mode.LIVE, live=True, typed="mine"), as_json=True)
    assert capsys.readouterr() == ("", "")


def test_another_name_with_confirm_is_refused(tmp_path: Path) -> None:
    """The name is the account's, to the letter."""
    with pytest.raises(SettingsRefused, match="'Mine' is not 'mine'"):
        told_and_confirmed(with_account(tmp_path, Mode.LIVE, live=True, typed="Mine"), as_json=False)


@pytest.mark.parametrize("mode", [Mode.DRY_RUN, Mode.TESTNET, Mode.DEMO])
def test_the_flag_for_an_account_that_is_not_live_is_refused(tmp_path: Path, mode: Mode) -> None:
    """Whatever was confirmed."""
    settings = with_account(tmp_path, mode, live=True, typed="mine")
    for call in (lambda: told_and_confirmed(settings, as_json=False), lambda: mode_of(settings)):
        with pytest.raises(SettingsRefused, match="--live is given"):
            call()


def test_a_person_at_a_terminal_is_asked_and_what_was_typed_counts(tmp_path: Path) -> None:
    """The right name goes on, another is refused; with --json a terminal is not asked either."""
    with_account(tmp_path, Mode.LIVE)
    said, complained = at_a_terminal(tmp_path, "mine", as_json=False)
    assert said == "confirmed 'mine'\n"
    assert "Type the account's name" in complained
    assert "REAL MONEY" in complained
    said, complained = at_a_terminal(tmp_path, "yes", as_json=False)
    assert said == ""
    assert "'yes' is not 'mine'" in complained
    said, complained = at_a_terminal(tmp_path, "mine", as_json=True)
    assert said == ""
    assert "nobody to ask" in complained


def at_a_terminal(home: Path, typed: str, *, as_json: bool) -> tuple[str, str]:
    """What a person sees on both streams, who types that and Enter."""
    ours, theirs = pty.openpty()
    try:
        os.write(ours, f"{typed}\n".encode())
        script = ASKED.format(home=str(home), as_json=as_json)
        done = subprocess.run(
            [sys.executable, "-c", script], stdin=theirs, capture_output=True, text=True, timeout=60, check=False
        )
    finally:
        os.close(ours)
        os.close(theirs)
    return done.stdout.lstrip(), done.stderr
