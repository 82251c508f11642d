"""The first place that has an account's keys wins and is named; one that must not be used ends the search."""

from pathlib import Path

import pytest

from bot.errors import CredentialsMissing, CredentialsRefused, SettingsRefused
from bot.keys.holding import FILE, KEYRING, keep
from bot.keys.keyfile import write_file
from bot.keys.keystore import store_path
from bot.keys.private import write_private
from bot.keys.sources import Found, find_credentials, passphrase
from tests.unit.keys.desk import ACCOUNT, NOW, PHRASE, canary, fresh, holds_canary, kept, refusal, same, store
from tests.unit.keys.rings import RememberingRing


def handed(home: Path) -> dict[str, str]:
    """An environment in which systemd hands over keys named GIVEN."""
    folder = home / "systemd"
    folder.mkdir()
    for part in ("key", "secret"):
        (folder / f"poise-{ACCOUNT}-{part}").write_text(f"GIVEN{part}00111")
    return {"CREDENTIALS_DIRECTORY": str(folder)}


def found(home: Path, environ: dict[str, str] | None = None) -> Found:
    """What is found by who is asked for the passphrase of these claims."""
    return find_credentials(ACCOUNT, home, {} if environ is None else environ, lambda _: PHRASE)


def test_each_place_is_asked_in_its_turn(home: Path, ring: RememberingRing) -> None:
    """All five have keys; each time the one that answered is emptied, and the next answers."""
    environ = {"POISE_BYBIT_TEST_KEY": "ENVIRONKEY1", "POISE_BYBIT_TEST_SECRET": "ENVIRONSECRET1"}
    environ |= handed(home)
    for into in ("keystore", FILE, KEYRING):
        keep(ACCOUNT, fresh(into.upper()), store(home, into), NOW, force=True)
    file = home / "keys" / "bybit-test.toml"

    asked = [found(home, environ)]
    file.unlink()
    asked.append(found(home, environ))
    del environ["CREDENTIALS_DIRECTORY"]
    asked.append(found(home, environ))
    store_path(home).unlink()
    asked.append(found(home, environ))
    ring.kept.clear()
    asked.append(found(home, environ))

    assert [(one.credentials.key, one.where) for one in asked] == [
        ("FILEKEY00111", f"the key file {file}"),
        ("GIVENkey00111", "systemd's credentials"),
        ("KEYSTOREKEY00111", "the encrypted key store"),
        ("KEYRINGKEY00111", "the system's keyring"),
        ("ENVIRONKEY1", "the environment"),
    ]
    assert environ == {}


def test_where_no_place_has_any_each_is_named(home: Path) -> None:
    """With why the keyring said nothing, and what to type."""
    error = refusal(lambda: found(home), CredentialsMissing)
    assert error.message == (
        "there are no keys for the account bybit-test: no file, nothing handed over, nothing in the key store, "
        "nothing in the keyring (no keyring works here), nothing in the environment"
    )
    assert error.mend == "poise keys add bybit-test"


def test_a_keyring_that_answers_needs_no_excuse(home: Path, ring: RememberingRing) -> None:
    """It has nothing, and that is all."""
    assert "nothing in the keyring, nothing" in refusal(lambda: found(home), CredentialsMissing).message


def test_keys_that_must_not_be_used_end_the_search(home: Path) -> None:
    """A file open to others: the environment is not asked in its stead, and keeps what it has."""
    environ = {"POISE_BYBIT_TEST_KEY": "ENVIRONKEY1", "POISE_BYBIT_TEST_SECRET": "ENVIRONSECRET1"}
    kept(home, FILE)
    (home / "keys" / "bybit-test.toml").chmod(0o640)
    assert "chmod 600" in refusal(lambda: found(home, environ), CredentialsRefused).mend
    assert len(environ) == 2


def test_a_file_that_is_named_and_not_there_is_refused(home: Path) -> None:
    """A slip in its name must not have other keys used."""
    kept(home)
    environ = {"POISE_KEY_FILE_BYBIT_TEST": str(home / "nowhere.toml")}
    error = refusal(lambda: found(home, environ), CredentialsRefused)
    assert error.message == f"the key file {home}/nowhere.toml is named for bybit-test and is not there"


def test_a_file_that_is_named_is_used(home: Path, tmp_path: Path) -> None:
    """Before the one in the home folder."""
    kept(home, FILE)
    write_file(tmp_path / "k.toml", fresh())
    assert same(found(home, {"POISE_KEY_FILE_BYBIT_TEST": str(tmp_path / "k.toml")}).credentials, fresh())


def test_a_store_that_does_not_open_ends_the_search(home: Path) -> None:
    """A wrong passphrase is no reason to take keys from elsewhere."""
    kept(home)
    error = refusal(lambda: find_credentials(ACCOUNT, home, {}, lambda _: "wrong"), CredentialsRefused)
    assert "does not open" in error.message


def test_the_store_is_not_opened_for_an_account_it_has_nothing_of(home: Path) -> None:
    """Nobody is asked for its passphrase."""
    kept(home, account="other")
    assert "no keys" in refusal(lambda: find_credentials(ACCOUNT, home, {}, None), CredentialsMissing).message


def test_where_nobody_can_be_asked_a_file_is_needed(home: Path) -> None:
    """A service that starts at night."""
    kept(home)
    error = refusal(lambda: find_credentials(ACCOUNT, home, {}, None), CredentialsRefused)
    assert error.mend == "POISE_KEYSTORE_PASSPHRASE_FILE=FILE, mode 600"
    write_private(home / "phrase", f"{PHRASE}\n")
    environ = {"POISE_KEYSTORE_PASSPHRASE_FILE": str(home / "phrase")}
    assert same(find_credentials(ACCOUNT, home, environ, None).credentials, canary())


def test_a_person_is_asked_one_question() -> None:
    """Spaces around what is typed are no part of it."""
    asked = []

    def answer(question: str) -> str:
        asked.append(question)
        return f" {PHRASE} "

    assert passphrase({}, answer) == PHRASE
    assert asked == ["Passphrase of the key store"]


@pytest.mark.parametrize("name", ["../bybit", "BYBIT", ""])
def test_a_name_that_is_none_is_refused_before_anything_is_looked_at(home: Path, name: str) -> None:
    """Nothing outside the home folder is read."""
    refusal(lambda: find_credentials(name, home, {}, None), SettingsRefused)


def test_what_was_found_shows_nothing(home: Path) -> None:
    """A fingerprint and the place."""
    kept(home, FILE)
    assert not holds_canary(f"{found(home)} {found(home)!r}")
