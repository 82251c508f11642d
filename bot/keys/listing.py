"""What is kept where: every place that has an account's keys, and which of them is used."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from bot.errors import CredentialsRefused
from bot.keys.credentials import Credentials
from bot.keys.environment import ENVIRONMENT, handed_over, peek
from bot.keys.keyfile import accounts_with_files, key_file, read_held
from bot.keys.keystore import entries, store_path
from bot.keys.ring import ask_ring
from bot.keys.sources import KEY_STORE, KEYRING


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One place that has keys of one account, as a list shows it.

    `fingerprint` is None where the place is sealed, `since` (ISO, UTC) where it does not know. `used` says that this
    is the place the keys are taken from, `rotating` that the ones before are kept, `trouble` why it is refused.
    """

    account: str
    where: str
    since: str | None = None
    fingerprint: str | None = None
    used: bool = False
    rotating: bool = False
    trouble: str | None = None


def listed(home: Path, environ: Mapping[str, str], names: tuple[str, ...]) -> list[Kept]:
    """Return what is kept for each account, the places in the order they are asked; nothing is unsealed.

    `names` are accounts that are set up; those with a file or an entry of their own are looked at as well.
    """
    accounts = sorted({*names, *accounts_with_files(home), *_sealed_names(home)})
    return [one for account in accounts for one in kept_for(account, home, environ)]


def _sealed_names(home: Path) -> tuple[str, ...]:
    """Return the accounts of the key store, none where it cannot be read: each account's row then says why."""
    try:
        return tuple(entries(store_path(home)))
    except CredentialsRefused:
        return ()


def kept_for(account: str, home: Path, environ: Mapping[str, str]) -> list[Kept]:
    """Return the places that have keys of one account, the one that is used marked."""
    looks: tuple[tuple[str, Callable[[], Kept | None]], ...] = (
        (f"key file {key_file(account, home, environ)}", lambda: _file(account, home, environ)),
        ("handed over", lambda: _given(account, environ)),
        (KEY_STORE, lambda: _stored(account, home)),
        (KEYRING, lambda: _ring(account)),
        (ENVIRONMENT, lambda: _named(account, peek(account, environ), ENVIRONMENT)),
    )
    found = [one for where, look in looks if (one := _looked(account, where, look)) is not None]
    # A place that is refused stops the search: what comes after it is not used in its stead.
    return [replace(one, used=place == 0 and one.trouble is None) for place, one in enumerate(found)]


def _looked(account: str, where: str, look: Callable[[], Kept | None]) -> Kept | None:
    try:
        return look()
    except CredentialsRefused as error:
        return Kept(account=account, where=where, trouble=error.message)


def _file(account: str, home: Path, environ: Mapping[str, str]) -> Kept | None:
    path = key_file(account, home, environ)
    held = read_held(path)
    if held is None:
        return None
    changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return Kept(
        account=account,
        where=f"key file {path}",
        since=changed.isoformat(timespec="seconds"),
        fingerprint=held.current.fingerprint,
        rotating=held.previous is not None,
    )


def _given(account: str, environ: Mapping[str, str]) -> Kept | None:
    found = handed_over(account, environ)
    return None if found is None else _named(account, *found)


def _named(account: str, credentials: Credentials | None, where: str) -> Kept | None:
    if credentials is None:
        return None
    return Kept(account=account, where=where, fingerprint=credentials.fingerprint)


def _stored(account: str, home: Path) -> Kept | None:
    entry = entries(store_path(home)).get(account)
    if entry is None:
        return None
    return Kept(account=account, where=KEY_STORE, since=entry.current.since, rotating=entry.previous is not None)


def _ring(account: str) -> Kept | None:
    held = ask_ring(account).held
    if held is None:
        return None
    return Kept(
        account=account,
        where=KEYRING,
        since=held.since,
        fingerprint=held.current.fingerprint,
        rotating=held.previous is not None,
    )
