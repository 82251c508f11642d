"""Where an account's credentials are: asked in one order, and the place that had them is named."""

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path

from bot.errors import CredentialsMissing, CredentialsRefused
from bot.keys.credentials import PARTS, Credentials, from_parts
from bot.keys.keyfile import check_private, handed_over, key_file, read_file, secret_text, variable
from bot.keys.keystore import entries, store_path, unseal
from bot.keys.ring import read_ring

Ask = Callable[[str], str]
PASSPHRASE_FILE = "POISE_KEYSTORE_PASSPHRASE_FILE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Credentials and the place they came from, in words."""

    credentials: Credentials
    where: str


def find_credentials(account: str, home: Path, environ: MutableMapping[str, str], ask: Ask | None = None) -> Found:
    """Return an account's credentials from the first place that has them.

    Key file, what a service manager hands over, encrypted store, keyring, environment. `ask` asks a person for
    the store's passphrase; None where nobody can be asked. Raises CredentialsMissing where no place has any,
    CredentialsRefused where one has them and they must not be used.
    """
    path = key_file(account, home, environ)
    found = read_file(path)
    if found is not None:
        return Found(credentials=found, where=f"the key file {path}")
    given = handed_over(account, environ)
    if given is not None:
        return Found(credentials=given[0], where=given[1])
    entry = entries(store_path(home)).get(account)
    if entry is not None:
        phrase = passphrase(environ, ask)
        return Found(credentials=unseal(account, entry.sealed, phrase), where="the encrypted key store")
    found = read_ring(account)
    if found is not None:
        return Found(credentials=found, where="the system's keyring")
    found = from_environment(account, environ)
    if found is not None:
        return Found(credentials=found, where="the environment")
    raise CredentialsMissing(f"there are no keys for the account {account}", mend=f"poise keys add {account}")


def from_environment(account: str, environ: MutableMapping[str, str]) -> Credentials | None:
    """Return what the environment has, and take it out of there: no child process is to inherit it."""
    names = {part: f"POISE_{variable(account)}_{part.upper()}" for part in PARTS}
    found = from_parts({part: environ.get(name) for part, name in names.items()}, "the environment")
    for name in names.values():
        environ.pop(name, None)
    return found


def passphrase(environ: Mapping[str, str], ask: Ask | None) -> str:
    """Return the store's passphrase: from a file that is named, from systemd, else asked of a person."""
    named = environ.get(PASSPHRASE_FILE, "")
    if named:
        path = Path(named).expanduser()
        if not path.exists():
            raise CredentialsRefused(f"{PASSPHRASE_FILE} names {path}, which is not there", mend="check the path")
        check_private(path)
        return secret_text(path)
    folder = environ.get("CREDENTIALS_DIRECTORY", "")
    given = secret_text(Path(folder) / "poise-keystore-passphrase") if folder else ""
    if given:
        return given
    if ask is None:
        raise CredentialsRefused(
            "the key store needs its passphrase, and there is nobody to ask", mend=f"{PASSPHRASE_FILE}=FILE, mode 600"
        )
    return ask("Passphrase of the key store")
