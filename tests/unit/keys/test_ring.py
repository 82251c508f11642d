"""The system's keyring, through the real library: one that works, one that is not there, one that fails."""

import json
import sys

import keyring
import pytest

from bot.errors import CredentialsRefused
from bot.keys.credentials import Held
from bot.keys.ring import NOT_INSTALLED, ask_ring, forget_ring, write_ring
from tests.unit.keys.desk import ACCOUNT, CANARIES, canary, fresh, refusal, same
from tests.unit.keys.rings import BrokenRing, ForgetfulRing, RememberingRing, StubbornRing


def test_what_it_is_given_it_gives_back(ring: RememberingRing) -> None:
    """Under the service poise and the account's name, with the ones before and the time."""
    write_ring(ACCOUNT, Held(current=fresh(), previous=canary(), since="2026-03-04"))
    held = ask_ring(ACCOUNT).held
    assert held is not None
    assert same(held.current, fresh())
    assert same(held.previous, canary())
    assert held.since == "2026-03-04"
    assert list(ring.kept) == [("poise", ACCOUNT)]


def test_without_a_rotation_there_are_none_before(ring: RememberingRing) -> None:
    """Nor a time, where somebody else wrote the entry."""
    ring.kept["poise", ACCOUNT] = json.dumps({"key": CANARIES[0], "secret": CANARIES[1], "passphrase": CANARIES[2]})
    held = ask_ring(ACCOUNT).held
    assert held is not None
    assert same(held.current, canary())
    assert (held.previous, held.since) == (None, None)


def test_an_account_it_does_not_know_is_none(ring: RememberingRing) -> None:
    """It answered: that is no failure."""
    answer = ask_ring("other")
    assert (answer.held, answer.silent) == (None, None)


@pytest.mark.parametrize("text", ["", "CANARYKEY00111", "[1]", "{}", '{"since": "CANARYKEY00111"}', "[" * 100_000])
def test_a_damaged_entry_is_refused_and_not_quoted(ring: RememberingRing, text: str) -> None:
    """Other keys are not used in its stead."""
    ring.kept["poise", ACCOUNT] = text
    error = refusal(lambda: ask_ring(ACCOUNT), CredentialsRefused)
    assert error.message == "the keyring's entry for bybit-test is damaged"


def test_no_keyring_is_a_reason_and_no_crash() -> None:
    """As on a server; and nothing can be put there."""
    assert ask_ring(ACCOUNT).silent == "no keyring works here"
    error = refusal(lambda: write_ring(ACCOUNT, Held(current=canary())), CredentialsRefused)
    assert (error.message, error.mend) == ("the keyring took nothing: no keyring works here", "--into keystore")
    assert not forget_ring(ACCOUNT)


def test_a_library_that_is_not_installed_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra: the mend says how to get it."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert ask_ring(ACCOUNT).silent == NOT_INSTALLED
    error = refusal(lambda: write_ring(ACCOUNT, Held(current=canary())), CredentialsRefused)
    assert "pip install 'poise[keyring]'" in error.mend
    assert not forget_ring(ACCOUNT)


def test_a_keyring_that_fails_tells_the_kind_of_failure_alone() -> None:
    """Its own words may quote what it was given."""
    keyring.set_keyring(BrokenRing())
    assert ask_ring(ACCOUNT).silent == "it failed (ConnectionError)"
    error = refusal(lambda: write_ring(ACCOUNT, Held(current=canary())), CredentialsRefused)
    assert error.message == "the keyring took nothing: it failed (ConnectionError)"


def test_a_keyring_that_forgets_is_found_out() -> None:
    """Keys that were put there and are not are no keys."""
    keyring.set_keyring(ForgetfulRing())
    error = refusal(lambda: write_ring(ACCOUNT, Held(current=canary())), CredentialsRefused)
    assert error.message == "the keyring took nothing: it does not give back what it was given"


def test_an_account_is_forgotten_once(ring: RememberingRing) -> None:
    """The second time there is none."""
    write_ring(ACCOUNT, Held(current=canary()))
    assert forget_ring(ACCOUNT)
    assert ring.kept == {}
    assert not forget_ring(ACCOUNT)


def test_a_keyring_that_lets_nothing_go_is_said() -> None:
    """A person must not believe that the keys are gone."""
    keyring.set_keyring(StubbornRing())
    write_ring(ACCOUNT, Held(current=canary()))
    error = refusal(lambda: forget_ring(ACCOUNT), CredentialsRefused)
    assert error.message == "the keyring does not let go of bybit-test: it failed (PasswordDeleteError)"
