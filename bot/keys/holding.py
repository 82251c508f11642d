"""Putting keys away, listing them, and changing them without a moment when there is none."""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.errors import CredentialsMissing, CredentialsRefused, SettingsRefused
from bot.keys.credentials import Credentials
from bot.keys.keyfile import key_file, read_file, write_file
from bot.keys.keystore import COST, Entry, entries, new_entry, seal, store_path, unseal, write_entries
from bot.keys.ring import forget_ring, read_ring, write_ring

KEYSTORE, FILE, KEYRING = STORES = ("keystore", "file", "keyring")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One account's keys as a list shows them; `fingerprint` is empty where the store is sealed."""

    account: str
    where: str
    since: str
    fingerprint: str
    rotating: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """Where keys are to be put: which store, from which home, under which passphrase and at what cost of guessing."""

    into: str
    home: Path
    environ: Mapping[str, str]
    phrase: str = field(default="", repr=False)
    cost: int = COST


def keep(account: str, credentials: Credentials, store: Store, now: datetime, *, force: bool = False) -> str:
    """Put credentials away and return where, in words; what is there already stays unless `force` says otherwise."""
    if store.into not in STORES:
        raise SettingsRefused(f"--into {store.into[:20]!r} is no store", mend=", ".join(STORES))
    if not force and holds(account, store):
        raise CredentialsRefused(f"{account} has keys already", mend=f"poise keys rotate {account}, or --force")
    if store.into == FILE:
        path = key_file(account, store.home, store.environ)
        write_file(path, credentials)
        return f"the key file {path}"
    if store.into == KEYRING:
        write_ring(account, credentials)
        return "the system's keyring"
    path = store_path(store.home)
    kept = entries(path)
    _same_phrase(kept, store.phrase)
    write_entries(path, {**kept, account: new_entry(account, credentials, store.phrase, now, store.cost)})
    return f"the encrypted key store {path}"


def holds(account: str, store: Store) -> bool:
    """Whether a store has keys for an account."""
    if store.into == FILE:
        return key_file(account, store.home, store.environ).exists()
    if store.into == KEYRING:
        return read_ring(account) is not None
    return account in entries(store_path(store.home))


def _same_phrase(kept: Mapping[str, Entry], phrase: str) -> None:
    """Raise CredentialsRefused for an empty passphrase, and for one that does not open what is there."""
    if not phrase:
        raise CredentialsRefused("an empty passphrase protects nothing", mend="type one, or --into file")
    for name, entry in list(kept.items())[:1]:
        unseal(name, entry.sealed, phrase)


def listed(home: Path, environ: Mapping[str, str], names: tuple[str, ...]) -> list[Kept]:
    """Return what is kept for each account, the stores in the order they are asked; nothing is unsealed."""
    found = []
    stored = entries(store_path(home))
    for account in sorted({*names, *stored}):
        file = key_file(account, home, environ)
        in_file = read_file(file)
        if in_file is not None:
            found.append(Kept(account=account, where=f"file {file}", since="", fingerprint=in_file.fingerprint))
        if account in stored:
            entry = stored[account]
            found.append(
                Kept(
                    account=account, where="keystore", since=entry.since, fingerprint="", rotating=bool(entry.previous)
                )
            )
        in_ring = read_ring(account)
        if in_ring is not None:
            found.append(Kept(account=account, where="keyring", since="", fingerprint=in_ring.fingerprint))
    return found


def rotate(account: str, credentials: Credentials, home: Path, phrase: str, now: datetime, cost: int = COST) -> None:
    """Put new credentials in the old ones' place and keep the old beside them until the rotation is finished."""
    kept = _held(account, home)
    entry = kept[account]
    unseal(account, entry.sealed, phrase)
    fresh = replace(new_entry(account, credentials, phrase, now, cost), previous=entry.previous or entry.sealed)
    write_entries(store_path(home), {**kept, account: fresh})


def finish(account: str, home: Path) -> None:
    """Forget the old credentials."""
    kept = _held(account, home)
    if kept[account].previous is None:
        raise CredentialsRefused(f"the keys of {account} are not being changed", mend=f"poise keys rotate {account}")
    write_entries(store_path(home), {**kept, account: replace(kept[account], previous=None)})


def abort(account: str, home: Path) -> None:
    """Go back to the old credentials."""
    kept = _held(account, home)
    previous = kept[account].previous
    if previous is None:
        raise CredentialsRefused(f"the keys of {account} are not being changed", mend=f"poise keys rotate {account}")
    write_entries(store_path(home), {**kept, account: replace(kept[account], sealed=previous, previous=None)})


def change_phrase(home: Path, old: str, new: str, cost: int = COST) -> int:
    """Seal every entry again under a new passphrase, all or none; return how many."""
    path = store_path(home)
    kept = entries(path)
    if not new:
        raise CredentialsRefused("an empty passphrase protects nothing", mend="type one")

    def again(name: str, sealed: Mapping[str, Any]) -> dict[str, Any]:
        return seal(name, unseal(name, sealed, old), new, cost)

    fresh = {
        name: replace(one, sealed=again(name, one.sealed), previous=again(name, one.previous) if one.previous else None)
        for name, one in kept.items()
    }
    write_entries(path, fresh)
    return len(fresh)


def forget(account: str, home: Path, environ: MutableMapping[str, str]) -> list[str]:
    """Take an account's keys out of every store that can be written; return where they were."""
    gone = []
    file = key_file(account, home, environ)
    if file.exists():
        file.unlink()
        gone.append(f"the key file {file}")
    kept = entries(store_path(home))
    if kept.pop(account, None) is not None:
        write_entries(store_path(home), kept)
        gone.append("the key store")
    if forget_ring(account):
        gone.append("the keyring")
    if not gone:
        raise CredentialsMissing(f"there are no keys for the account {account}", mend="poise keys list")
    return gone


def _held(account: str, home: Path) -> dict[str, Entry]:
    kept = entries(store_path(home))
    if account not in kept:
        raise CredentialsMissing(f"the key store has nothing for {account}", mend=f"poise keys add {account}")
    return kept
