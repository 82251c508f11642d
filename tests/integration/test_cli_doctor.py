"""`poise doctor` as a person types it: for the simulated venue, and for an account with keys at an emulated one."""

import json
from pathlib import Path

import pytest

from bot.keys.keyfile import read_file
from tests.emulator.shell import ACCOUNT, a_shell
from tests.shell import poise, well


def test_without_an_account_nothing_can_reach_an_exchange(home: Path) -> None:
    """Policy, disk and journal are looked at."""
    told = well("doctor").out
    assert "none named: the simulated venue, nothing can reach an exchange" in told
    assert told.splitlines()[-1].endswith(" 0 in the way.")
    assert well("doctor", "--json").body["healthy"] is True


def test_an_account_without_keys_is_in_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Code 4, with the command that mends it."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    well("accounts", "add", "bybit-test", "--venue", "bybit", "--mode", "testnet")
    told = poise("doctor", "--account", "bybit-test", "--quiet")
    assert told.code == 4
    assert "there are no keys for the account bybit-test" in told.out
    assert "help: poise keys add bybit-test" in told.out


def test_an_account_with_keys_is_examined_and_no_key_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key by its fingerprint, and what the venue says it may do."""
    with a_shell("bybit", tmp_path / "mine", monkeypatch) as shell:
        keys = read_file(shell.home / "keys" / f"{ACCOUNT}.toml")
        assert keys is not None
        told, document = shell.poise("doctor"), shell.poise("doctor", "--json")
    assert told.code == 0, told.out + told.err
    assert f"{keys.fingerprint} from the key file" in told.out
    assert "this key cannot withdraw" in told.out
    assert json.loads(document.out)["body"]["healthy"] is True
    for text in (told.out, told.err, document.out, document.err):
        assert keys.key not in text
        assert keys.secret not in text
