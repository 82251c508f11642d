"""The encrypted key store: one file, each account sealed by itself under a passphrase.

A passphrase becomes a key through scrypt, an entry is sealed with ChaCha20-Poly1305 under a salt and a nonce of its
own. The account's name, the time and the cost are authenticated with it: nothing can be moved to another account,
and no byte of an entry changed. The file is read only in exactly the form in which it is written.
"""

import base64
import json
import os
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from pathlib import Path

from bot.errors import CredentialsRefused
from bot.keys.credentials import Credentials, from_parts, parts_of
from bot.keys.keyfile import NAME
from bot.keys.private import read_private, remove_private, write_private

FILE = "keystore.json"
VERSION = 1
COST = 2**17  # scrypt's n with r = 8 and p = 1: 128 MiB and some 0.3 s for each guess
LEAST_COST, MOST_COST = 2**10, 2**18
SALT_BYTES, NONCE_BYTES = 16, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """One account's credentials as they lie in the file; `since` is when they were put there, the rest base64."""

    since: str
    cost: int
    salt: str
    nonce: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the store holds of one account: the credentials in use and, while they are changed, those before."""

    current: Sealed
    previous: Sealed | None = None


def store_path(home: Path) -> Path:
    """Return where the store is."""
    return home / FILE


def entries(path: Path) -> dict[str, Entry]:
    """Return the sealed entries by account; none where there is no store."""
    text = read_private(path)
    if text is None:
        return {}
    document = _document(text)
    version = document.get("version")
    if type(version) is int and version > VERSION:
        raise CredentialsRefused(f"{path} is of a newer version, {version:.6g}", mend="use the Poise that wrote it")
    found = _accounts(document)
    if not found or _text(found) != text:
        raise CredentialsRefused(f"{path} is damaged or was changed", mend="restore its backup, or add the keys again")
    return found


def _document(text: str) -> dict[str, object]:
    """Return what the file says, nothing where it is no JSON object."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _accounts(document: Mapping[str, object]) -> dict[str, Entry]:
    """Return the entries, none where one of them is not in the form it was written in."""
    accounts = document.get("accounts")
    found = {}
    for name, parts in accounts.items() if isinstance(accounts, dict) else ():
        sealed = {part: _sealed(told) for part, told in parts.items()} if isinstance(parts, dict) else {}
        current = sealed.get("current")
        if current is None or not NAME.fullmatch(name):
            return {}
        found[name] = Entry(current=current, previous=sealed.get("previous"))
    return found


def _sealed(told: object) -> Sealed | None:
    if not isinstance(told, dict) or list(told) != [field.name for field in fields(Sealed)]:
        return None
    sealed = Sealed(**told)
    lengths = [len(_bytes(text)) for text in (sealed.salt, sealed.nonce, sealed.body)]
    well = lengths[:2] == [SALT_BYTES, NONCE_BYTES] and lengths[2] and _may_cost(sealed.cost)
    return sealed if well and isinstance(sealed.since, str) else None


def _may_cost(cost: object) -> bool:
    """Whether a file's cost is a power of two that is neither worthless nor endless."""
    return type(cost) is int and LEAST_COST <= cost <= MOST_COST and not cost & (cost - 1)


def write_entries(path: Path, kept: Mapping[str, Entry]) -> None:
    """Write the store whole, readable by its owner only; without any entry there is no file."""
    if kept:
        write_private(path, _text(kept))
    else:
        remove_private(path)


def _text(kept: Mapping[str, Entry]) -> str:
    accounts = {}
    for name, entry in sorted(kept.items()):
        parts = {"current": asdict(entry.current)}
        accounts[name] = parts if entry.previous is None else {**parts, "previous": asdict(entry.previous)}
    return json.dumps({"version": VERSION, "accounts": accounts}, indent=2) + "\n"


def seal(account: str, credentials: Credentials, passphrase: str, now: datetime, cost: int = COST) -> Sealed:
    """Return an account's credentials sealed under a passphrase; every call with another salt and nonce."""
    since = now.isoformat(timespec="seconds")
    return _seal(account, parts_of(credentials), passphrase, since, cost)


def _seal(account: str, parts: Mapping[str, str], passphrase: str, since: str, cost: int) -> Sealed:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305  # noqa: PLC0415 - 0.1 s only who seals

    salt, nonce = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
    empty = Sealed(since=since, cost=cost, salt=_base64(salt), nonce=_base64(nonce), body="")
    plain = json.dumps(parts).encode()
    body = ChaCha20Poly1305(_derived(passphrase, empty)).encrypt(nonce, plain, _bound(account, empty))
    return replace(empty, body=_base64(body))


def seal_again(account: str, sealed: Sealed, old: str, new: str, cost: int = COST) -> Sealed:
    """Return the same credentials of the same time, sealed under a new passphrase."""
    return _seal(account, parts_of(unseal(account, sealed, old)), new, sealed.since, cost)


def unseal(account: str, sealed: Sealed, passphrase: str) -> Credentials:
    """Return what was sealed; raise CredentialsRefused for a wrong passphrase, a changed byte or another's entry."""
    plain = _opened(account, sealed, passphrase)
    found = None if plain is None else from_parts(json.loads(plain), "the key store")
    if found is None:
        raise CredentialsRefused(
            f"the key store does not open for {account}: a wrong passphrase, or the file was changed",
            mend=f"type the passphrase again, or restore {FILE} from its backup",
        )
    return found


def _opened(account: str, sealed: Sealed, passphrase: str) -> bytes | None:
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305  # noqa: PLC0415

    try:
        cipher = ChaCha20Poly1305(_derived(passphrase, sealed))
        return cipher.decrypt(_bytes(sealed.nonce), _bytes(sealed.body), _bound(account, sealed))
    except InvalidTag:
        return None


def _derived(passphrase: str, sealed: Sealed) -> bytes:
    """Return the key a passphrase stands for; one spelling of its letters, whichever keyboard typed them."""
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt  # noqa: PLC0415

    spelled = unicodedata.normalize("NFC", passphrase).encode()
    return Scrypt(salt=_bytes(sealed.salt), length=32, n=sealed.cost, r=8, p=1).derive(spelled)


def _bound(account: str, sealed: Sealed) -> bytes:
    """Return what is authenticated beside the credentials: whose they are, since when, and at which cost."""
    return json.dumps(["poise", VERSION, account, sealed.since, sealed.cost]).encode()


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _bytes(text: object) -> bytes:
    """Return the bytes of base64 in its one proper spelling, none for anything else."""
    try:
        found = base64.b64decode(str(text), validate=True)
    except ValueError:
        return b""
    return found if _base64(found) == text else b""
