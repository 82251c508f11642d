"""The encrypted key store: one file, each account sealed by itself under a passphrase.

A passphrase becomes a key through scrypt, an entry is sealed with ChaCha20-Poly1305 under a nonce of its own;
the account's name is authenticated with it, so that no entry can be moved to another account.
"""

import base64
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.errors import CredentialsRefused
from bot.keys.credentials import Credentials, from_parts, parts_of
from bot.keys.keyfile import check_private, write_private

FILE = "keystore.json"
VERSION = 1
COST = 2**17  # scrypt's n: some 0.3 s and 128 MiB for each guess
LEAST_COST, MOST_COST = 2**10, 2**20
PREVIOUS = "previous"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One account in the store, sealed; `since` is when it was put there."""

    account: str
    since: str
    sealed: Mapping[str, Any]
    previous: Mapping[str, Any] | None


def store_path(home: Path) -> Path:
    """Return where the store is."""
    return home / FILE


def entries(path: Path) -> dict[str, Entry]:
    """Return the sealed entries by account; none where there is no store."""
    if not path.exists():
        return {}
    check_private(path)
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if told["version"] != VERSION:
            raise CredentialsRefused(f"{path} is of version {told['version']}; this Poise reads {VERSION}")
        return {
            name: Entry(account=name, since=one["since"], sealed=one["sealed"], previous=one.get(PREVIOUS))
            for name, one in told["accounts"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        raise CredentialsRefused(f"{path} is damaged", mend="restore its backup, or add the keys again") from None


def write_entries(path: Path, kept: Mapping[str, Entry]) -> None:
    """Write the store whole, readable by its owner only."""
    accounts = {
        name: {"since": one.since, "sealed": one.sealed, **({PREVIOUS: one.previous} if one.previous else {})}
        for name, one in sorted(kept.items())
    }
    write_private(path, json.dumps({"version": VERSION, "accounts": accounts}, indent=2) + "\n")


def seal(account: str, credentials: Credentials, passphrase: str, cost: int = COST) -> dict[str, Any]:
    """Return an account's credentials sealed under a passphrase; every call with another salt and nonce."""
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305  # noqa: PLC0415 - 0.1 s only who seals

    salt, nonce = os.urandom(16), os.urandom(12)
    plain = json.dumps(parts_of(credentials)).encode()
    sealed = ChaCha20Poly1305(_derived(passphrase, salt, cost)).encrypt(nonce, plain, _bound(account))
    return {"cost": cost, "salt": _text(salt), "nonce": _text(nonce), "sealed": _text(sealed)}


def unseal(account: str, sealed: Mapping[str, Any], passphrase: str) -> Credentials:
    """Return what was sealed; raise CredentialsRefused for a wrong passphrase, a changed byte or another's entry."""
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305  # noqa: PLC0415

    try:
        salt, nonce, body = (base64.b64decode(sealed[name], validate=True) for name in ("salt", "nonce", "sealed"))
        key = _derived(passphrase, salt, _cost(sealed["cost"]))
        plain = ChaCha20Poly1305(key).decrypt(nonce, body, _bound(account))
        found = from_parts(json.loads(plain), "the key store")
    except (InvalidTag, ValueError, KeyError, TypeError):
        raise CredentialsRefused(
            f"the key store does not open for {account}: a wrong passphrase, or the file was changed",
            mend="try the passphrase again, or restore keystore.json",
        ) from None
    if found is None:
        raise CredentialsRefused(f"the key store has nothing for {account}", mend=f"poise keys add {account}")
    return found


def _cost(told: object) -> int:
    """Return scrypt's cost; a file must make it neither worthless nor endless."""
    if not isinstance(told, int) or not LEAST_COST <= told <= MOST_COST or told & (told - 1):
        raise ValueError
    return told


def new_entry(account: str, credentials: Credentials, passphrase: str, now: datetime, cost: int = COST) -> Entry:
    """Return a fresh sealed entry."""
    return Entry(
        account=account,
        since=now.isoformat(timespec="seconds"),
        sealed=seal(account, credentials, passphrase, cost),
        previous=None,
    )


def _derived(passphrase: str, salt: bytes, cost: int) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt  # noqa: PLC0415

    return Scrypt(salt=salt, length=32, n=cost, r=8, p=1).derive(passphrase.encode())


def _bound(account: str) -> bytes:
    return f"poise {VERSION} {account}".encode()


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
