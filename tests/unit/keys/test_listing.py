"""The list shows every place that has keys, which is used, and why one is refused; it opens nothing."""

import os
from pathlib import Path

from bot.keys.holding import FILE, KEYRING, KEYSTORE, rotate
from bot.keys.keystore import store_path
from bot.keys.listing import Kept, listed
from bot.keys.private import write_private
from tests.unit.keys.desk import ACCOUNT, LATER, canary, fresh, holds_canary, kept, store
from tests.unit.keys.rings import RememberingRing

ENVIRON = {"POISE_BYBIT_TEST_KEY": "ENVIRONKEY1", "POISE_BYBIT_TEST_SECRET": "ENVIRONSECRET1"}


def rows(home: Path, environ: dict[str, str] | None = None, *names: str) -> list[Kept]:
    """The list, in which no secret may ever be."""
    found = listed(home, environ or {}, names)
    assert not holds_canary(str(found))
    return found


def test_nothing_kept_is_an_empty_list(home: Path) -> None:
    """Also for an account that is set up and has no keys."""
    assert rows(home) == []
    assert rows(home, {}, ACCOUNT) == []


def test_every_place_is_shown_and_the_first_is_used(home: Path, ring: RememberingRing) -> None:
    """In the order in which they are asked."""
    for into in (FILE, KEYSTORE, KEYRING):
        kept(home, into)
    folder = home / "systemd"
    folder.mkdir()
    for part in ("key", "secret"):
        (folder / f"poise-{ACCOUNT}-{part}").write_text(f"GIVEN{part}00111")
    found = rows(home, {**ENVIRON, "CREDENTIALS_DIRECTORY": str(folder)}, ACCOUNT)
    assert [(one.where, one.used) for one in found] == [
        (f"key file {home}/keys/bybit-test.toml", True),
        ("systemd's credentials", False),
        ("the encrypted key store", False),
        ("the system's keyring", False),
        ("the environment", False),
    ]
    mine = canary().fingerprint
    assert [one.fingerprint == mine for one in found] == [True, False, False, True, False]
    assert found[2].fingerprint is None


def test_since_when_is_told_where_it_is_known(home: Path, ring: RememberingRing) -> None:
    """The key store and the keyring keep the time, a file has its own, the environment none."""
    for into in (FILE, KEYSTORE, KEYRING):
        kept(home, into)
    os.utime(home / "keys" / "bybit-test.toml", (0, 0))
    assert [one.since for one in rows(home, ENVIRON)] == [
        "1970-01-01T00:00:00+00:00",
        "2026-03-04T05:06:07+00:00",
        "2026-03-04T05:06:07+00:00",
        None,
    ]


def test_keys_that_are_being_changed_are_marked(home: Path, ring: RememberingRing) -> None:
    """In whichever store."""
    for into in (FILE, KEYSTORE, KEYRING):
        kept(home, into)
        rotate(ACCOUNT, fresh(), store(home, into), LATER)
    assert [one.rotating for one in rows(home)] == [True, True, True]


def test_accounts_are_those_set_up_and_those_with_keys(home: Path) -> None:
    """Each once, by name."""
    kept(home, FILE, account="c")
    kept(home, KEYSTORE, account="b")
    assert [one.account for one in rows(home, ENVIRON, ACCOUNT, "d")] == ["b", ACCOUNT, "c"]


def test_a_place_that_is_refused_is_a_row_with_the_reason(home: Path) -> None:
    """It is not used, and nothing after it in its stead; other accounts are still listed."""
    kept(home, FILE)
    kept(home, FILE, account="well")
    (home / "keys" / "bybit-test.toml").chmod(0o644)
    bad, after, well = rows(home, ENVIRON)
    assert bad.trouble == f"{home}/keys/bybit-test.toml can be read by others (mode 644)"
    assert (bad.used, after.where, after.used) == (False, "the environment", False)
    assert (well.account, well.used) == ("well", True)


def test_a_damaged_store_is_a_row_for_each_account(home: Path) -> None:
    """For it could be any's."""
    write_private(store_path(home), "CANARYKEY00111")
    found = rows(home, {}, "a", "b")
    assert [(one.account, one.where, one.used) for one in found] == [
        ("a", "the encrypted key store", False),
        ("b", "the encrypted key store", False),
    ]
    assert all("is damaged" in str(one.trouble) for one in found)
