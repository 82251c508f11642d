"""The key store opens for its passphrase and for the account it was sealed for, and for no changed byte."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from bot.errors import CredentialsRefused, SettingsRefused
from bot.keys.holding import rotate
from bot.keys.keystore import COST, Entry, entries, seal, seal_again, store_path, unseal, write_entries
from bot.keys.private import write_private
from bot.keys.sources import find_credentials
from tests.unit.keys.desk import (
    ACCOUNT,
    CHEAP,
    LATER,
    NOW,
    PHRASE,
    canary,
    fresh,
    holds_canary,
    kept,
    refusal,
    same,
    store,
)

SEALED = seal(ACCOUNT, canary(), PHRASE, NOW, CHEAP)
DOES_NOT_OPEN = "the key store does not open for bybit-test: a wrong passphrase, or the file was changed"


def opened(home: Path, phrase: str = PHRASE) -> object:
    """What Poise would use of the store."""
    return find_credentials(ACCOUNT, home, {}, lambda _: phrase)


def rewritten(home: Path, change: Callable[[dict[str, Any]], object]) -> str:
    """Why the store is not read after its file was changed in this way, its form being kept."""
    path = store_path(home)
    document = json.loads(path.read_text())
    change(document)
    write_private(path, json.dumps(document, indent=2) + "\n")
    return refusal(lambda: opened(home), CredentialsRefused).message.replace(str(path), "FILE")


def test_what_is_sealed_is_what_is_opened() -> None:
    """With the passphrase and without; the time is told without opening."""
    assert same(unseal(ACCOUNT, SEALED, PHRASE), canary())
    assert same(unseal("a", seal("a", fresh(), PHRASE, NOW, CHEAP), PHRASE), fresh())
    assert SEALED.since == "2026-03-04T05:06:07+00:00"


def test_nothing_of_the_secret_is_in_the_file(home: Path) -> None:
    """Nor the passphrase it is sealed under; mode 600."""
    kept(home)
    text = store_path(home).read_text()
    assert not holds_canary(text)
    assert PHRASE not in text
    assert store_path(home).stat().st_mode & 0o777 == 0o600


def test_no_two_seals_are_alike() -> None:
    """Another salt and another nonce each time: equal secrets do not show."""
    again = seal(ACCOUNT, canary(), PHRASE, NOW, CHEAP)
    assert {again.salt, again.nonce, again.body}.isdisjoint({SEALED.salt, SEALED.nonce, SEALED.body})


@pytest.mark.parametrize("phrase", ["horse battery stapl", "Horse battery staple", ""])
def test_a_wrong_passphrase_is_refused(phrase: str) -> None:
    """With what to do about it."""
    error = refusal(lambda: unseal(ACCOUNT, SEALED, phrase), CredentialsRefused)
    assert error.message == DOES_NOT_OPEN
    assert "restore keystore.json" in error.mend


def test_a_letter_typed_on_another_keyboard_is_the_same_letter() -> None:
    """é as one sign, and as e with an accent after it."""
    assert same(unseal(ACCOUNT, seal(ACCOUNT, canary(), "caf\u00e9 noir", NOW, CHEAP), "cafe\u0301 noir"), canary())


def test_an_entry_of_another_account_is_refused(home: Path) -> None:
    """The name is authenticated with what is sealed: live keys cannot be moved to where a test is meant."""
    kept(home)

    path = store_path(home)
    document = json.loads(path.read_text())
    document["accounts"]["live"] = document["accounts"][ACCOUNT]
    write_private(path, json.dumps(document, indent=2) + "\n")
    found = entries(path)
    assert set(found) == {ACCOUNT, "live"}
    error = refusal(lambda: unseal("live", found["live"].current, PHRASE), CredentialsRefused)
    assert error.message.startswith("the key store does not open for live")


def test_every_byte_of_the_file_counts(home: Path) -> None:
    """One bit of one byte, each in its turn: also a space between two lines."""
    kept(home)
    whole = store_path(home).read_bytes()
    for place in range(len(whole)):
        assert_refused(home, whole, place, 1)


def test_any_changed_byte_is_refused(home: Path) -> None:
    """Whichever of its 255 other values it takes."""
    kept(home)
    whole = store_path(home).read_bytes()

    @settings(max_examples=200)
    @given(place=some.integers(min_value=0, max_value=len(whole) - 1), mask=some.integers(min_value=1, max_value=255))
    def claim(place: int, mask: int) -> None:
        assert_refused(home, whole, place, mask)

    claim()


def assert_refused(home: Path, whole: bytes, place: int, mask: int) -> None:
    """Change one byte of the store's file and claim that no keys come out of it."""
    changed = bytearray(whole)
    changed[place] ^= mask
    store_path(home).write_bytes(bytes(changed))
    told = refusal(lambda: opened(home), SettingsRefused).message
    # A changed name is another account's entry, and this account has none.
    assert any(why in told for why in ("damaged", "does not open", "newer version", "no text", "are no keys")), told


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda d: d["accounts"][ACCOUNT]["current"].update(since="2020-01-01T00:00:00+00:00"), DOES_NOT_OPEN),
        (lambda d: d["accounts"][ACCOUNT]["current"].update(cost=2 * CHEAP), DOES_NOT_OPEN),
        (lambda d: d["accounts"][ACCOUNT]["current"].update(since=5), "FILE is damaged or was changed"),
        (lambda d: d["accounts"][ACCOUNT]["current"].update(cost=2**30), "FILE is damaged or was changed"),
        (lambda d: d["accounts"][ACCOUNT]["current"].update(cost=1), "FILE is damaged or was changed"),
        (lambda d: d["accounts"][ACCOUNT]["current"].update(cost=3000), "FILE is damaged or was changed"),
        (lambda d: d["accounts"][ACCOUNT]["current"].update(cost=True), "FILE is damaged or was changed"),
        (lambda d: d["accounts"][ACCOUNT]["current"].update(salt="AAAA"), "FILE is damaged or was changed"),
        (lambda d: d["accounts"][ACCOUNT]["current"].update(nonce=7), "FILE is damaged or was changed"),
        (lambda d: d["accounts"][ACCOUNT]["current"].update(body="CANARY!"), "FILE is damaged or was changed"),
        (lambda d: d["accounts"][ACCOUNT]["current"].update(more="x"), "FILE is damaged or was changed"),
        (lambda d: d["accounts"][ACCOUNT]["current"].pop("salt"), "FILE is damaged or was changed"),
        (lambda d: d["accounts"][ACCOUNT].pop("current"), "FILE is damaged or was changed"),
        (lambda d: d["accounts"].update({ACCOUNT: 1}), "FILE is damaged or was changed"),
        (lambda d: d["accounts"].update({"No Name": d["accounts"][ACCOUNT]}), "FILE is damaged or was changed"),
        (lambda d: d.update(accounts=[]), "FILE is damaged or was changed"),
        (lambda d: d.update(version=0), "FILE is damaged or was changed"),
        (lambda d: d.update(version="9"), "FILE is damaged or was changed"),
        (lambda d: d.update(version=2), "FILE is of a newer version, 2"),
    ],
)
def test_what_was_changed_in_the_file_is_refused(
    home: Path, change: Callable[[dict[str, Any]], object], why: str
) -> None:
    """The time and the cost are sealed with the keys; the rest must be exactly as it was written."""
    kept(home)
    assert rewritten(home, change) == why


@pytest.mark.parametrize("text", ["", "CANARYKEY00111", "[]", "{", "[" * 100_000, '{"accounts": {}, "version": 1}'])
def test_what_is_no_store_is_refused(home: Path, text: str) -> None:
    """It is not taken for an empty one, and written over."""
    write_private(store_path(home), text)
    assert "is damaged" in refusal(lambda: entries(store_path(home)), CredentialsRefused).message


def test_a_store_that_others_may_read_is_refused(home: Path) -> None:
    """They could try passphrases at leisure."""
    kept(home)
    store_path(home).chmod(0o644)
    assert "chmod 600" in refusal(lambda: entries(store_path(home)), CredentialsRefused).mend


def test_a_store_without_entries_is_no_file(home: Path) -> None:
    """And no file is a store without entries."""
    assert entries(store_path(home)) == {}
    kept(home)
    write_entries(store_path(home), {})
    assert not store_path(home).exists()


def test_each_account_is_sealed_by_itself(home: Path) -> None:
    """A damaged seal takes no other account with it."""
    kept(home, account="a")
    kept(home, account="b")
    path = store_path(home)
    both = entries(path)
    write_entries(path, {"a": both["b"], "b": both["b"]})
    assert same(unseal("b", entries(path)["b"].current, PHRASE), canary())


def test_the_ones_before_are_sealed_as_well(home: Path) -> None:
    """Both open, each as of its own time."""
    kept(home)
    rotate(ACCOUNT, fresh(), store(home), LATER)
    entry = entries(store_path(home))[ACCOUNT]
    assert isinstance(entry, Entry)
    assert entry.previous is not None
    assert same(unseal(ACCOUNT, entry.previous, PHRASE), canary())
    assert [entry.current.since[:10], entry.previous.since[:10]] == ["2026-04-05", "2026-03-04"]


def test_sealing_again_keeps_the_time_and_changes_the_passphrase() -> None:
    """The old one opens no longer."""
    again = seal_again(ACCOUNT, SEALED, PHRASE, "another passphrase", CHEAP)
    assert again.since == SEALED.since
    assert same(unseal(ACCOUNT, again, "another passphrase"), canary())
    refusal(lambda: unseal(ACCOUNT, again, PHRASE), CredentialsRefused)


def test_a_real_guess_costs_128_mib() -> None:
    """Scrypt needs 128 · n · r bytes; n is 2 to the 17th and r is 8."""
    assert 128 * COST * 8 == 128 * 2**20
