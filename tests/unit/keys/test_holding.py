"""Keys are put away once, changed without a moment when there is none, and forgotten everywhere."""

from pathlib import Path

import pytest

from bot.errors import CredentialsMissing, CredentialsRefused, SettingsRefused
from bot.keys.credentials import Credentials
from bot.keys.holding import (
    FILE,
    KEYRING,
    KEYSTORE,
    STORES,
    Store,
    abort,
    change_phrase,
    check_free,
    finish,
    forget,
    keep,
    rotate,
    store_of,
    stores_with,
)
from bot.keys.keystore import store_path
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
from tests.unit.keys.rings import RememberingRing

every_store = pytest.mark.parametrize("into", STORES)


def used(home: Path, account: str = ACCOUNT, phrase: str = PHRASE) -> Credentials:
    """The credentials Poise would sign with."""
    return find_credentials(account, home, {}, lambda _: phrase).credentials


@every_store
def test_what_is_put_away_is_found(home: Path, ring: RememberingRing, into: str) -> None:
    """And the place is named."""
    where = keep(ACCOUNT, canary(), store(home, into), NOW)
    assert same(used(home), canary())
    assert (
        where
        == {
            KEYSTORE: f"the encrypted key store {home}/keystore.json",
            FILE: f"the key file {home}/keys/bybit-test.toml",
            KEYRING: "the system's keyring",
        }[into]
    )
    assert store_of(ACCOUNT, home, {}) == into


def test_a_store_tells_nothing_of_its_passphrase(home: Path) -> None:
    """However it is printed."""
    assert PHRASE not in f"{store(home)} {store(home)!r}"


@every_store
@pytest.mark.parametrize("there", STORES)
def test_keys_that_are_there_are_not_written_over(home: Path, ring: RememberingRing, there: str, into: str) -> None:
    """In whichever store they are: two sets of keys are one too many."""
    kept(home, there)
    error = refusal(lambda: keep(ACCOUNT, fresh(), store(home, into), NOW), CredentialsRefused)
    assert error.message.startswith("bybit-test has keys already, in the ")
    assert error.mend == "poise keys rotate bybit-test, or --force"
    assert same(used(home), canary())


@every_store
def test_unless_a_person_says_so(home: Path, ring: RememberingRing, into: str) -> None:
    """With force."""
    kept(home, into)
    keep(ACCOUNT, fresh(), store(home, into), NOW, force=True)
    assert same(used(home), fresh())


def test_the_place_asked_first_is_told_first(home: Path, ring: RememberingRing) -> None:
    """File, key store, keyring."""
    for into in (KEYRING, KEYSTORE, FILE):
        kept(home, into)
    assert stores_with(ACCOUNT, home, {}) == [FILE, KEYSTORE, KEYRING]
    assert stores_with("other", home, {}) == []


def test_a_store_that_is_none_is_refused(home: Path) -> None:
    """Before anybody types a key."""
    error = refusal(lambda: check_free(ACCOUNT, store(home, "drawer")), SettingsRefused)
    assert error.mend == "keystore, file, keyring"
    refusal(lambda: check_free("../x", store(home)), SettingsRefused)


@pytest.mark.parametrize("phrase", ["", "short"])
def test_a_new_store_needs_a_passphrase_worth_the_name(home: Path, phrase: str) -> None:
    """Eight characters at the least."""
    weak = Store(into=KEYSTORE, home=home, environ={}, phrase=phrase, cost=CHEAP)
    error = refusal(lambda: keep(ACCOUNT, canary(), weak, NOW), CredentialsRefused)
    assert error.message == f"a passphrase of {len(phrase)} characters protects little"
    assert not store_path(home).exists()


def test_all_accounts_of_a_store_have_one_passphrase(home: Path) -> None:
    """A slip would leave one account sealed for good."""
    kept(home, account="a")
    slip = Store(into=KEYSTORE, home=home, environ={}, phrase="horse battery stapel", cost=CHEAP)
    error = refusal(lambda: keep("b", canary(), slip, NOW), CredentialsRefused)
    assert error.message.startswith("the key store does not open for a:")
    assert stores_with("b", home, {}) == []


@every_store
def test_new_keys_are_used_at_once_and_the_old_are_kept(home: Path, ring: RememberingRing, into: str) -> None:
    """Until it is finished; then there is nothing to go back to."""
    kept(home, into)
    rotate(ACCOUNT, fresh(), store(home, into), LATER)
    assert same(used(home), fresh())
    finish(ACCOUNT, store(home, into))
    assert same(used(home), fresh())
    error = refusal(lambda: abort(ACCOUNT, store(home, into), LATER), CredentialsRefused)
    assert error.message == "the keys of bybit-test are not being changed"


@every_store
def test_aborting_brings_the_old_keys_back(home: Path, ring: RememberingRing, into: str) -> None:
    """And forgets the new."""
    kept(home, into)
    rotate(ACCOUNT, fresh(), store(home, into), LATER)
    abort(ACCOUNT, store(home, into), LATER)
    assert same(used(home), canary())
    refusal(lambda: finish(ACCOUNT, store(home, into)), CredentialsRefused)


@every_store
def test_a_second_change_before_the_first_is_finished_keeps_the_oldest(
    home: Path, ring: RememberingRing, into: str
) -> None:
    """The ones in between never worked: nobody goes back to them."""
    kept(home, into)
    rotate(ACCOUNT, fresh("WRONG"), store(home, into), LATER)
    rotate(ACCOUNT, fresh(), store(home, into), LATER)
    abort(ACCOUNT, store(home, into), LATER)
    assert same(used(home), canary())


@every_store
def test_changing_keys_to_themselves_is_refused(home: Path, ring: RememberingRing, into: str) -> None:
    """It says so by the fingerprint."""
    kept(home, into)
    error = refusal(lambda: rotate(ACCOUNT, canary(), store(home, into), LATER), CredentialsRefused)
    assert error.message == f"the key {canary().fingerprint} is in use already"


@every_store
def test_keys_that_are_not_there_cannot_be_changed(home: Path, ring: RememberingRing, into: str) -> None:
    """Neither begun, nor finished, nor aborted."""
    at = store(home, into)
    for work in (
        lambda: rotate(ACCOUNT, fresh(), at, NOW),
        lambda: finish(ACCOUNT, at),
        lambda: abort(ACCOUNT, at, NOW),
    ):
        assert refusal(work, CredentialsMissing).mend == "poise keys add bybit-test"


def test_a_wrong_passphrase_changes_nothing(home: Path) -> None:
    """Else new and old would be sealed under two."""
    kept(home)
    before = store_path(home).read_bytes()
    wrong = Store(into=KEYSTORE, home=home, environ={}, phrase="another passphrase", cost=CHEAP)
    refusal(lambda: rotate(ACCOUNT, fresh(), wrong, LATER), CredentialsRefused)
    refusal(lambda: change_phrase(home, "another passphrase", "a third passphrase", CHEAP), CredentialsRefused)
    assert store_path(home).read_bytes() == before


def test_a_new_passphrase_is_every_account_s(home: Path) -> None:
    """Also of the keys before those in use."""
    kept(home, account="a")
    kept(home)
    rotate(ACCOUNT, fresh(), store(home), LATER)
    assert change_phrase(home, PHRASE, "another passphrase", CHEAP) == 2
    assert same(used(home, "a", "another passphrase"), canary())
    assert same(used(home, phrase="another passphrase"), fresh())
    abort(ACCOUNT, store(home), LATER)
    assert same(used(home, phrase="another passphrase"), canary())
    refusal(lambda: used(home), CredentialsRefused)


def test_a_passphrase_of_no_store_cannot_be_changed(home: Path) -> None:
    """Nor to one that protects little."""
    assert refusal(lambda: change_phrase(home, PHRASE, PHRASE), CredentialsMissing).message == "there is no key store"
    refusal(lambda: change_phrase(home, PHRASE, "short"), CredentialsRefused)


def test_keys_handed_over_from_outside_are_changed_outside(home: Path) -> None:
    """By systemd, Docker, or as variables."""
    environ = {"POISE_BYBIT_TEST_KEY": "ENVIRONKEY1", "POISE_BYBIT_TEST_SECRET": "ENVIRONSECRET1"}
    folder = home / "systemd"
    folder.mkdir()
    for part in ("key", "secret"):
        (folder / f"poise-{ACCOUNT}-{part}").write_text(f"GIVEN{part}00111")
    for given in (environ, {"CREDENTIALS_DIRECTORY": str(folder)}):
        error = refusal(lambda given=given: store_of(ACCOUNT, home, given), CredentialsMissing)  # type: ignore[misc]
        assert "handed to Poise from outside" in error.message
    assert "no keys" in refusal(lambda: store_of(ACCOUNT, home, {}), CredentialsMissing).message


def test_what_is_forgotten_is_gone_from_every_store(home: Path, ring: RememberingRing) -> None:
    """And from the disk; other accounts keep theirs."""
    kept(home, account="other")
    for into in STORES:
        kept(home, into)
    assert forget(ACCOUNT, home, {}) == [
        f"the key file {home}/keys/bybit-test.toml",
        "the key store",
        "the keyring",
    ]
    refusal(lambda: used(home), CredentialsMissing)
    assert same(used(home, "other"), canary())
    assert not any(holds_canary(path.read_text()) for path in home.rglob("*") if path.is_file())


def test_what_is_not_there_cannot_be_forgotten(home: Path) -> None:
    """It is said: a person may have mistyped the name."""
    assert refusal(lambda: forget(ACCOUNT, home, {}), CredentialsMissing).mend == "poise keys list"
    refusal(lambda: forget("../x", home, {}), SettingsRefused)
