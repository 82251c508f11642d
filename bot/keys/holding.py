"""Putting keys away, and changing them without a moment when there is none."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from bot.errors import CredentialsMissing, CredentialsRefused, SettingsRefused
from bot.keys.credentials import Credentials, Held
from bot.keys.environment import handed_over, peek
from bot.keys.keyfile import key_file, read_held, variable, write_file
from bot.keys.keystore import COST, Entry, entries, seal, seal_again, store_path, unseal, write_entries
from bot.keys.private import one_at_a_time, remove_private
from bot.keys.ring import ask_ring, forget_ring, write_ring

Kept = TypeVar("Kept")
KEYSTORE, FILE, KEYRING = STORES = ("keystore", "file", "keyring")
ASKED = (FILE, KEYSTORE, KEYRING)  # the order in which find_credentials asks them
LEAST_PHRASE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """Where keys are put: which store, from which home, under which passphrase and at what cost of guessing."""

    into: str
    home: Path
    environ: Mapping[str, str]
    phrase: str = field(default="", repr=False)
    cost: int = COST

    def named(self, account: str) -> str:
        """Return the place in words."""
        if self.into == FILE:
            return f"the key file {key_file(account, self.home, self.environ)}"
        return "the system's keyring" if self.into == KEYRING else f"the encrypted key store {store_path(self.home)}"


def stores_with(account: str, home: Path, environ: Mapping[str, str]) -> list[str]:
    """Return which stores have keys of an account, in the order they are asked; none is unsealed."""
    has = {
        FILE: read_held(key_file(account, home, environ)) is not None,
        KEYSTORE: account in entries(store_path(home)),
        KEYRING: ask_ring(account).held is not None,
    }
    return [name for name in ASKED if has[name]]


def check_free(account: str, store: Store, *, force: bool = False) -> None:
    """Raise where keys cannot be put into a store: no such store, a name that is none, keys that are there already."""
    variable(account)
    if store.into not in STORES:
        raise SettingsRefused(f"--into {store.into[:20]!r} is no store", mend=", ".join(STORES))
    have = [] if force else stores_with(account, store.home, store.environ)
    if have:
        where = replace(store, into=have[0]).named(account)
        raise CredentialsRefused(
            f"{account} has keys already, in {where}", mend=f"poise keys rotate {account}, or --force"
        )


def keep(account: str, credentials: Credentials, store: Store, now: datetime, *, force: bool = False) -> str:
    """Put credentials away and return where, in words; what is there already stays unless `force` says otherwise."""
    with one_at_a_time(store.home):
        check_free(account, store, force=force)
        if store.into == KEYSTORE:
            path = store_path(store.home)
            kept = entries(path)
            check_phrase(kept, store.phrase)
            entry = Entry(current=seal(account, credentials, store.phrase, now, store.cost))
            write_entries(path, {**kept, account: entry})
        else:
            _write(account, store, Held(current=credentials, since=now.isoformat(timespec="seconds")))
    return store.named(account)


def check_phrase(kept: Mapping[str, Entry], phrase: str) -> None:
    """Raise CredentialsRefused for a passphrase that does not open what is there, or is too short for a new store."""
    if not kept:
        check_new_phrase(phrase)
    for name, entry in list(kept.items())[:1]:
        unseal(name, entry.current, phrase)


def check_new_phrase(phrase: str) -> None:
    """Raise CredentialsRefused for a passphrase that would be guessed."""
    if len(phrase) < LEAST_PHRASE:
        raise CredentialsRefused(
            f"a passphrase of {len(phrase)} characters protects little", mend="several words, or --into file"
        )


def store_of(account: str, home: Path, environ: Mapping[str, str]) -> str:
    """Return which store an account's keys are used from; raise CredentialsMissing where no store has them."""
    variable(account)
    found = stores_with(account, home, environ)
    if found:
        return found[0]
    if handed_over(account, environ) is not None or peek(account, environ) is not None:
        raise CredentialsMissing(
            f"the keys of {account} are handed to Poise from outside, where it cannot change them",
            mend="change them in the service's settings, then start it anew",
        )
    raise CredentialsMissing(f"there are no keys for the account {account}", mend=f"poise keys add {account}")


def rotate(account: str, credentials: Credentials, store: Store, now: datetime) -> None:
    """Put new credentials in the old ones' place and keep the old beside them until the rotation is finished.

    A second rotation before that keeps the oldest: the ones in between were never finished.
    """
    with one_at_a_time(store.home):
        if store.into == KEYSTORE:
            kept = _stored(account, store.home)
            old = kept[account]
            _check_other(unseal(account, old.current, store.phrase), credentials)
            fresh = seal(account, credentials, store.phrase, now, store.cost)
            entry = Entry(current=fresh, previous=old.previous or old.current)
            write_entries(store_path(store.home), {**kept, account: entry})
            return
        held = _read(account, store)
        _check_other(held.current, credentials)
        since = now.isoformat(timespec="seconds")
        _write(account, store, Held(current=credentials, previous=held.previous or held.current, since=since))


def _check_other(old: Credentials, new: Credentials) -> None:
    if (old.key, old.secret, old.passphrase) == (new.key, new.secret, new.passphrase):
        raise CredentialsRefused(f"the key {new.fingerprint} is in use already", mend="make a new key at the venue")


def finish(account: str, store: Store) -> None:
    """Forget the old credentials."""
    with one_at_a_time(store.home):
        if store.into == KEYSTORE:
            kept = _stored(account, store.home)
            _changing(account, kept[account].previous)
            write_entries(store_path(store.home), {**kept, account: replace(kept[account], previous=None)})
            return
        held = _read(account, store)
        _changing(account, held.previous)
        _write(account, store, replace(held, previous=None))


def abort(account: str, store: Store, now: datetime) -> None:
    """Go back to the old credentials."""
    with one_at_a_time(store.home):
        if store.into == KEYSTORE:
            kept = _stored(account, store.home)
            entry = Entry(current=_changing(account, kept[account].previous))
            write_entries(store_path(store.home), {**kept, account: entry})
            return
        before = _changing(account, _read(account, store).previous)
        _write(account, store, Held(current=before, since=now.isoformat(timespec="seconds")))


def change_phrase(home: Path, old: str, new: str, cost: int = COST) -> int:
    """Seal every entry again under a new passphrase, all or none; return how many accounts."""
    check_new_phrase(new)
    with one_at_a_time(home):
        kept = entries(store_path(home))
        if not kept:
            raise CredentialsMissing("there is no key store", mend="poise keys add NAME")
        fresh = {
            name: Entry(
                current=seal_again(name, one.current, old, new, cost),
                previous=None if one.previous is None else seal_again(name, one.previous, old, new, cost),
            )
            for name, one in kept.items()
        }
        write_entries(store_path(home), fresh)
    return len(fresh)


def forget(account: str, home: Path, environ: Mapping[str, str]) -> list[str]:
    """Take an account's keys out of every store that has them; return where they were."""
    variable(account)
    gone = []
    with one_at_a_time(home):
        file = key_file(account, home, environ)
        if remove_private(file):
            gone.append(f"the key file {file}")
        kept = entries(store_path(home))
        if kept.pop(account, None) is not None:
            write_entries(store_path(home), kept)
            gone.append("the key store")
        if forget_ring(account):
            gone.append("the keyring")
    if not gone:
        raise CredentialsMissing(f"no store has keys of the account {account}", mend="poise keys list")
    return gone


def _changing(account: str, previous: Kept | None) -> Kept:
    if previous is None:
        raise CredentialsRefused(f"the keys of {account} are not being changed", mend=f"poise keys rotate {account}")
    return previous


def _stored(account: str, home: Path) -> dict[str, Entry]:
    kept = entries(store_path(home))
    if account not in kept:
        raise CredentialsMissing(f"the key store has nothing for {account}", mend=f"poise keys add {account}")
    return kept


def _read(account: str, store: Store) -> Held:
    path = key_file(account, store.home, store.environ)
    held = read_held(path) if store.into == FILE else ask_ring(account).held
    if held is None:
        raise CredentialsMissing(f"{store.named(account)} has nothing for {account}", mend=f"poise keys add {account}")
    return held


def _write(account: str, store: Store, held: Held) -> None:
    if store.into == FILE:
        write_file(key_file(account, store.home, store.environ), held.current, held.previous)
    else:
        write_ring(account, held)
