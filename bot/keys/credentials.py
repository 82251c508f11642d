"""What signs an account's requests: a value that tells nothing of itself."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.errors import CredentialsRefused

PLAIN = re.compile(r"[\x21-\x7e]{8,512}")
PARTS = ("key", "secret", "passphrase")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """An API key with its secret, and the passphrase some venues want. Printing it shows a fingerprint, no more."""

    key: str = field(repr=False)
    secret: str = field(repr=False)
    passphrase: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Refuse what cannot be a key, without saying what it was."""
        for name in PARTS:
            value = getattr(self, name)
            if value is not None and not PLAIN.fullmatch(value):
                raise CredentialsRefused(
                    f"the {name} is {len(value)} characters and has 8 to 512 letters, digits and signs without spaces",
                    mend="copy it again from the venue's page",
                )

    @property
    def fingerprint(self) -> str:
        """Eight characters that name this key and cannot be turned back into it."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:8]

    def __repr__(self) -> str:
        """Say which key, not what it is."""
        return f"Credentials({self.fingerprint})"

    __str__ = __repr__

    def __reduce__(self) -> str | tuple[object, ...]:
        """Refuse to be pickled."""
        raise CredentialsRefused("credentials are not written anywhere by accident")


def from_parts(told: Mapping[str, str | None], where: str) -> Credentials | None:
    """Return credentials from named parts, None where there is neither key nor secret; half of them is refused."""
    key, secret = (told.get("key") or "").strip(), (told.get("secret") or "").strip()
    if not key and not secret:
        return None
    if not key or not secret:
        missing = "secret" if key else "key"
        raise CredentialsRefused(f"{where} has no {missing}", mend="poise keys add ACCOUNT")
    return Credentials(key=key, secret=secret, passphrase=(told.get("passphrase") or "").strip() or None)


def parts_of(credentials: Credentials) -> dict[str, str]:
    """Return the parts by name, for a store to seal; there is nothing for the passphrase where there is none."""
    found = {"key": credentials.key, "secret": credentials.secret}
    return found if credentials.passphrase is None else {**found, "passphrase": credentials.passphrase}
