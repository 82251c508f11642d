"""Credentials are used and never shown."""

import copy
import dataclasses
import json
import logging
import pickle
from collections.abc import Callable

import pytest

from bot.canonical import to_plain
from bot.errors import CredentialsRefused
from bot.keys.credentials import Credentials, Held, from_parts, parts_of
from bot.keys.sources import Found
from tests.unit.keys.desk import CANARIES, canary, fresh, holds_canary, refusal, same


def test_they_print_as_a_fingerprint_and_nothing_else() -> None:
    """The first eight hexadecimal digits of SHA-256 of the key: printf CANARYKEY00111 | sha256sum."""
    assert canary().fingerprint == "cf2763a1"
    assert [str(canary()), repr(canary()), f"{canary()}"] == ["Credentials(cf2763a1)"] * 3


@pytest.mark.parametrize(
    "holder", [Found(credentials=canary(), where="here"), Held(current=canary(), previous=canary())]
)
def test_what_holds_them_prints_no_more(holder: object) -> None:
    """A dataclass around them shows the fingerprint."""
    assert "cf2763a1" in repr(holder)
    assert not holds_canary(repr(holder))


def test_two_keys_have_two_fingerprints() -> None:
    """So that a person sees which is meant."""
    assert canary().fingerprint != fresh().fingerprint


@pytest.mark.parametrize("write", [pickle.dumps, copy.copy, copy.deepcopy])
def test_they_are_neither_pickled_nor_copied(write: Callable[[object], object]) -> None:
    """What leaves the process by accident goes through one of these."""
    assert "by accident" in refusal(lambda: write(canary()), CredentialsRefused).message


def test_nothing_turns_them_into_json() -> None:
    """Not the library, not the journal's own writer, not what takes dataclasses apart."""
    with pytest.raises(TypeError):
        json.dumps(canary())
    with pytest.raises(TypeError):
        to_plain(Found(credentials=canary(), where="here"))
    with pytest.raises(CredentialsRefused):
        dataclasses.asdict(Found(credentials=canary(), where="here"))
    with pytest.raises(TypeError):
        vars(canary())


def test_a_log_line_shows_the_fingerprint(caplog: pytest.LogCaptureFixture) -> None:
    """Whichever way they are put into it."""
    logging.getLogger("poise").warning("with %s and %r", canary(), canary())
    assert caplog.messages == ["with Credentials(cf2763a1) and Credentials(cf2763a1)"]


@pytest.mark.parametrize("part", ["key", "secret", "passphrase"])
@pytest.mark.parametrize("value", ["CANARY", "CANARYKEY00111 2", "CANARYKEY00111\n", "CANARYKEY00111é", "x" * 513, ""])
def test_what_can_be_no_key_is_refused_and_not_repeated(part: str, value: str) -> None:
    """Too short, too long, with spaces, line ends, or letters no venue uses."""
    parts = {"key": "KEYKEYKEY1", "secret": "SECRETSECRET1", "passphrase": "PASSPASSPASS"}
    error = refusal(lambda: Credentials(**{**parts, part: value}), CredentialsRefused)
    assert error.message.startswith(f"the {part} has {len(value)} characters")


def test_parts_make_credentials_and_credentials_parts() -> None:
    """There and back, with the passphrase and without; spaces around them are not theirs."""
    for one in (canary(), fresh()):
        assert same(from_parts(parts_of(one), "here"), one)
    assert same(from_parts({"key": " FRESHKEY00111\n", "secret": "FRESHSECRET00222", "passphrase": ""}, "x"), fresh())


def test_no_parts_are_no_credentials() -> None:
    """A passphrase alone signs nothing."""
    assert from_parts({}, "here") is None
    assert from_parts({"key": "", "secret": None, "passphrase": CANARIES[2]}, "here") is None


@pytest.mark.parametrize(("there", "missing"), [("key", "secret"), ("secret", "key")])
def test_half_a_pair_is_refused(there: str, missing: str) -> None:
    """It says which half is missing, and where."""
    error = refusal(lambda: from_parts({there: CANARIES[0]}, "the place"), CredentialsRefused)
    assert error.message == f"the place has no {missing}"


def test_a_part_that_is_no_text_is_refused() -> None:
    """A number in a key file is a key without its quotes."""
    error = refusal(lambda: from_parts({"key": 12345678901, "secret": "x"}, "the place"), CredentialsRefused)
    assert error.message == "the place has a key that is no text"
