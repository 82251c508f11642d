"""What signs an account's requests: a value that tells nothing of itself."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.errors import CredentialsRefused

PLAIN = re.compile(r"[\x21-\x7e]{8,512}")
PARTS = ("key", "secret", "passphrase")


class Credentials:
    """An API key with its secret, and the passphrase some venues want. Printing it shows a fingerprint, no more.

    It is no dataclass on purpose: what turns dataclasses into JSON, dictionaries or copies finds nothing here.
    """

    __slots__ = ("key", "passphrase", "secret")

    def __init__(self, *, key: str, secret: str, passphrase: str | None = None) -> None:
        """Refuse what cannot be a key, without saying what it was."""
        for name, value in zip(PARTS, (key, secret, passphrase), strict=True):
            if value is not None and not PLAIN.fullmatch(value):
                raise CredentialsRefused(
                    f"the {name} has {len(value)} characters; it needs 8 to 512 letters, digits and signs, no spaces",
                    mend="copy it again from the venue's page",
                )
        self.key = key
        self.secret = secret
        self.passphrase = passphrase

    @property
    def fingerprint(self) -> str:
        """Eight characters that name this key and cannot be turned back into it."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:8]

    def __repr__(self) -> str:
        """Say which key, not what it is."""
        return f"Credentials({self.fingerprint})"

    def __reduce__(self) -> str | tuple[object, ...]:
        """Refuse to be pickled or copied."""
        raise CredentialsRefused("credentials are not written anywhere by accident")


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a store holds of one account: the credentials in use, and those before them while they are changed.

    `since` is when those in use were put there, ISO text in UTC; None where the store does not know.
    """

    current: Credentials
    previous: Credentials | None = None
    since: str | None = None


def from_parts(told: Mapping[str, object], where: str) -> Credentials | None:
    """Return credentials from named parts, None where there is neither key nor secret; half of them is refused."""
    texts = {name: _text(told.get(name), name, where) for name in PARTS}
    missing = [name for name in ("key", "secret") if not texts[name]]
    if len(missing) == 1:
        raise CredentialsRefused(f"{where} has no {missing[0]}", mend="key and secret are needed, both")
    if missing:
        return None
    return Credentials(key=texts["key"], secret=texts["secret"], passphrase=texts["passphrase"] or None)


def _text(value: object, name: str, where: str) -> str:
    if value is not None and not isinstance(value, str):
        raise CredentialsRefused(f"{where} has a {name} that is no text", mend="write it between quotes")
    return (value or "").strip()


def parts_of(credentials: Credentials) -> dict[str, str]:
    """Return the parts by name, for a store to seal; there is nothing for the passphrase where there is none."""
    found = {"key": credentials.key, "secret": credentials.secret}
    return found if credentials.passphrase is None else {**found, "passphrase": credentials.passphrase}
