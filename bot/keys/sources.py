"""Where an account's credentials are: asked in one order, and the place that had them is named."""

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path

from bot.errors import CredentialsMissing, CredentialsRefused
from bot.keys.credentials import Credentials
from bot.keys.environment import ENVIRONMENT, PASSPHRASE_FILE, given_passphrase, handed_over, taken
from bot.keys.keyfile import key_file, named_file, read_file
from bot.keys.keystore import entries, store_path, unseal
from bot.keys.ring import ask_ring

Ask = Callable[[str], str]
QUESTION = "Passphrase of the key store"
KEY_STORE = "the encrypted key store"
KEYRING = "the system's keyring"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Credentials and the place they came from, in words."""

    credentials: Credentials
    where: str


def find_credentials(account: str, home: Path, environ: MutableMapping[str, str], ask: Ask | None = None) -> Found:
    """Return an account's credentials from the first place that has them.

    Key file, what a service manager hands over, encrypted store, keyring, environment. `ask` asks a person for
    the store's passphrase; None where nobody can be asked. Raises CredentialsMissing where no place has any,
    CredentialsRefused where one has them and they must not be used: the next place is not asked then.
    """
    found = in_file(account, home, environ) or _given(account, environ) or _stored(account, home, environ, ask)
    if found is not None:
        return found
    answer = ask_ring(account)
    if answer.held is not None:
        return Found(credentials=answer.held.current, where=KEYRING)
    last = taken(account, environ)
    if last is not None:
        return Found(credentials=last, where=ENVIRONMENT)
    raise CredentialsMissing(
        f"there are no keys for the account {account}: no file, nothing handed over, nothing in the key store, "
        f"nothing in the keyring{f' ({answer.silent})' if answer.silent else ''}, nothing in the environment",
        mend=f"poise keys add {account}",
    )


def in_file(account: str, home: Path, environ: Mapping[str, str]) -> Found | None:
    """Return the credentials of the account's key file; one that is named and not there is refused."""
    path = key_file(account, home, environ)
    found = read_file(path)
    if found is not None:
        return Found(credentials=found, where=f"the key file {path}")
    if named_file(account, environ) is not None:
        raise CredentialsRefused(
            f"the key file {path} is named for {account} and is not there",
            mend=f"poise keys add {account} --into file, or name the right one",
        )
    return None


def _given(account: str, environ: Mapping[str, str]) -> Found | None:
    found = handed_over(account, environ)
    return None if found is None else Found(credentials=found[0], where=found[1])


def _stored(account: str, home: Path, environ: Mapping[str, str], ask: Ask | None) -> Found | None:
    entry = entries(store_path(home)).get(account)
    if entry is None:
        return None
    return Found(credentials=unseal(account, entry.current, passphrase(environ, ask)), where=KEY_STORE)


def passphrase(environ: Mapping[str, str], ask: Ask | None) -> str:
    """Return the store's passphrase: from a file that is named, from systemd, else asked of a person."""
    given = given_passphrase(environ)
    if given is not None:
        return given
    if ask is None:
        raise CredentialsRefused(
            "the key store needs its passphrase, and there is nobody to ask", mend=f"{PASSPHRASE_FILE}=FILE, mode 600"
        )
    return ask(QUESTION).strip()
