"""The commands that set accounts up and list them."""

import json
import re
from pathlib import Path

import pytest

from bot.accounts import read_account
from bot.cli.accounts import add, listed
from bot.domain.mode import Mode
from bot.errors import SettingsRefused

Printed = pytest.CaptureFixture[str]


def test_an_account_is_dry_run_unless_another_mode_is_named(tmp_path: Path, capsys: Printed) -> None:
    """The file is there, and what to do next is said."""
    assert add("mine", "bybit", home=tmp_path) == 0
    assert read_account(tmp_path, "mine").mode is Mode.DRY_RUN
    said = capsys.readouterr().out
    assert "poise keys add mine" in said
    assert "poise doctor --account mine" in said


def test_what_a_mode_is_like_is_said_when_it_is_chosen(tmp_path: Path, capsys: Printed) -> None:
    """BingX's demo has linear contracts only."""
    add("mine", "bingx", mode="demo", home=tmp_path)
    assert "note: linear contracts only" in capsys.readouterr().out


def test_as_json_nothing_else_is_printed(tmp_path: Path, capsys: Printed) -> None:
    """One document, which names the file."""
    add("mine", "bingx", mode="demo", home=tmp_path, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["body"] == {
        "name": "mine",
        "venue": "bingx",
        "mode": "demo",
        "file": str(tmp_path / "accounts" / "mine" / "account.toml"),
    }


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"venue": "kraken"}, "'kraken' is no venue Poise knows"),
        ({"mode": "paper"}, "--mode 'paper' is no mode"),
        ({"mode": "simulated"}, "--mode 'simulated' is no mode"),
        ({"margin": "portfolio"}, "--margin 'portfolio' is no way to hold contracts"),
        ({"leverage": "20"}, "--leverage: leverage = 20 cannot be"),
        ({"venue": "mexc", "mode": "testnet"}, "MEXC has no testnet"),
        ({"name": "../x"}, "'../x' is no name for an account"),
    ],
)
def test_what_cannot_be_is_refused_before_a_file_is_written(tmp_path: Path, given: dict[str, str], said: str) -> None:
    """Every option by itself, and a mode the venue has not."""
    with pytest.raises(SettingsRefused, match=re.escape(said)):
        add(**{"name": "mine", "venue": "bybit"} | given, home=tmp_path)  # type: ignore[arg-type]
    assert not (tmp_path / "accounts").exists()


def test_an_account_that_is_there_stays_without_force(tmp_path: Path) -> None:
    """With it the file is written anew."""
    add("mine", "bybit", home=tmp_path)
    with pytest.raises(SettingsRefused, match="exists already"):
        add("mine", "bybit", mode="testnet", home=tmp_path)
    add("mine", "bybit", mode="testnet", margin="isolated", leverage="2", home=tmp_path, force=True)
    assert read_account(tmp_path, "mine").mode is Mode.TESTNET


def test_without_accounts_the_list_says_what_poise_works_on(tmp_path: Path, capsys: Printed) -> None:
    """The simulated venue, and how to set one up."""
    assert listed(home=tmp_path) == 0
    said = capsys.readouterr().out
    assert "simulated venue" in said
    assert "poise accounts add" in said


def test_the_list_has_a_line_for_each_account(tmp_path: Path, capsys: Printed) -> None:
    """Name, venue, mode, margin and leverage."""
    add("zebra", "bybit", mode="testnet", margin="isolated", leverage="2", home=tmp_path)
    add("ant", "okx", home=tmp_path)
    capsys.readouterr()
    listed(home=tmp_path)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines == [["ant", "okx", "dry-run", "cross", "3x"], ["zebra", "bybit", "testnet", "isolated", "2x"]]


def test_the_list_as_json_has_the_same(tmp_path: Path, capsys: Printed) -> None:
    """Leverage as text, as every number."""
    add("ant", "okx", home=tmp_path)
    capsys.readouterr()
    listed(home=tmp_path, as_json=True)
    (one,) = json.loads(capsys.readouterr().out)["body"]["accounts"]
    assert one == {"name": "ant", "venue": "okx", "mode": "dry-run", "margin": "cross", "leverage": "3"}
