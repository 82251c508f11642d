"""An account's file: what may stand in it, what it means, and what is refused."""

from decimal import Decimal
from pathlib import Path

import pytest

from bot.accounts import Account, account_folder, account_names, leverage, read_account, write_account
from bot.domain.mode import Mode
from bot.domain.snapshot import MarginMode
from bot.errors import SettingsRefused


def an_account(name: str = "mine", mode: Mode = Mode.TESTNET) -> Account:
    """An account at Bybit, isolated, at most fivefold."""
    return Account(name=name, venue="bybit", mode=mode, margin=MarginMode.ISOLATED, leverage=Decimal(5))


def written(home: Path, text: str) -> Path:
    """The file of the account "mine" with this content."""
    path = home / "accounts" / "mine" / "account.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("mode", [Mode.DRY_RUN, Mode.TESTNET, Mode.DEMO, Mode.LIVE])
def test_what_is_written_is_read_again(tmp_path: Path, mode: Mode) -> None:
    """Every mode that a file may have."""
    path = write_account(tmp_path, an_account(mode=mode), force=False)
    assert path == tmp_path / "accounts" / "mine" / "account.toml"
    assert read_account(tmp_path, "mine") == an_account(mode=mode)


def test_a_file_that_names_only_the_venue_is_dry_run_cross_and_threefold(tmp_path: Path) -> None:
    """What nobody said is the careful choice: nothing can be sent."""
    written(tmp_path, 'venue = "okx"\n')
    usual = Account(name="mine", venue="okx", mode=Mode.DRY_RUN, margin=MarginMode.CROSS, leverage=Decimal(3))
    assert read_account(tmp_path, "mine") == usual


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('venue = "bybit"\nmode = "Live"\n', "mode = 'Live' is no mode"),
        ('venue = "bybit"\nmode = "simulated"\n', "mode = 'simulated' is no mode"),
        ('venue = "bybit"\nmode = true\n', "mode = True is no mode"),
        ('venue = "bybit"\nmargin = "portfolio"\n', "margin = 'portfolio' is no way to hold contracts"),
        ('venue = "bybit"\nleverage = 11\n', "leverage = 11 cannot be"),
        ('venue = "bybit"\nkey = "abc"\n', "'key' is no key of an account"),
        ("venue = \n", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_is_refused_with_its_path(tmp_path: Path, text: str, said: str) -> None:
    """A word nobody knows is never taken for the usual one."""
    path = written(tmp_path, text)
    with pytest.raises(SettingsRefused) as refused:
        read_account(tmp_path, "mine")
    assert said in refused.value.message
    assert str(path) in refused.value.message
    assert refused.value.mend


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """A byte that is in no UTF-8."""
    written(tmp_path, "").write_bytes(b'venue = "\xff"')
    with pytest.raises(SettingsRefused, match="cannot be read"):
        read_account(tmp_path, "mine")


def test_an_account_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    """First none is set up, then one is."""
    with pytest.raises(SettingsRefused, match="there is no account other: none is set up"):
        read_account(tmp_path, "other")
    write_account(tmp_path, an_account(), force=False)
    with pytest.raises(SettingsRefused, match="there is no account other: there are mine"):
        read_account(tmp_path, "other")


def test_accounts_are_listed_by_name(tmp_path: Path) -> None:
    """A folder without a file is no account."""
    for name in ("zebra", "ant"):
        write_account(tmp_path, an_account(name), force=False)
    (tmp_path / "accounts" / "empty").mkdir()
    assert account_names(tmp_path) == ("ant", "zebra")


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", "Mine", "-a", "a b", "a" * 32, "mine\n", "miné"])
def test_a_name_that_could_lead_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    """A name becomes a folder: it is small letters, digits and hyphens, at most 31."""
    with pytest.raises(SettingsRefused, match="is no name for an account"):
        account_folder(tmp_path, name)


@pytest.mark.parametrize("name", ["a", "7", "bybit-test", "a" * 31])
def test_a_plain_name_is_a_folder_under_accounts(tmp_path: Path, name: str) -> None:
    """One letter is enough, and 31 are not too many."""
    assert account_folder(tmp_path, name) == tmp_path / "accounts" / name


@pytest.mark.parametrize("text", ["1", "3", "10", "10.0"])
def test_a_whole_leverage_from_one_to_ten_is_taken(text: str) -> None:
    """10.0 is ten."""
    assert leverage(text, "--leverage") == Decimal(text)


@pytest.mark.parametrize("text", ["0", "-1", "11", "2.5", "x", "", "NaN", "Infinity", "1e9"])
def test_another_leverage_is_refused(text: str) -> None:
    """A fraction, a name, nothing, and more than ten."""
    with pytest.raises(SettingsRefused, match="--leverage: leverage = "):
        leverage(text, "--leverage")


def test_an_account_is_written_over_only_when_asked_for(tmp_path: Path) -> None:
    """The file of a live account is not lost to a slip."""
    write_account(tmp_path, an_account(mode=Mode.LIVE), force=False)
    with pytest.raises(SettingsRefused, match="exists already"):
        write_account(tmp_path, an_account(), force=False)
    assert read_account(tmp_path, "mine").mode is Mode.LIVE
    write_account(tmp_path, an_account(), force=True)
    assert read_account(tmp_path, "mine").mode is Mode.TESTNET


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "accounts").write_text("", encoding="utf-8")
    with pytest.raises(SettingsRefused, match="cannot be written"):
        write_account(tmp_path, an_account(), force=False)


def test_the_folder_of_an_account_is_its_owners_alone(tmp_path: Path) -> None:
    """Nobody else may look into it."""
    path = write_account(tmp_path, an_account(), force=False)
    assert path.parent.stat().st_mode & 0o077 == 0
