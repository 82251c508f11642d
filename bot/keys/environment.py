"""Secrets that are handed to the process: as files by systemd or Docker, or, as a last way, as variables."""

from collections.abc import Mapping, MutableMapping
from pathlib import Path

from bot.errors import CredentialsRefused
from bot.keys.credentials import PARTS, Credentials, from_parts
from bot.keys.keyfile import variable
from bot.keys.private import read_private

DOCKER = Path("/run/secrets")
CREDENTIALS_DIRECTORY = "CREDENTIALS_DIRECTORY"
PASSPHRASE_FILE = "POISE_KEYSTORE_PASSPHRASE_FILE"
PASSPHRASE_NAME = "poise-keystore-passphrase"
ENVIRONMENT = "the environment"


def handed_over(account: str, environ: Mapping[str, str], docker: Path = DOCKER) -> tuple[Credentials, str] | None:
    """Return what systemd ($CREDENTIALS_DIRECTORY/poise-ACCOUNT-key) or Docker (poise_ACCOUNT_key) gave, and where.

    Who may read those files is the service manager's to see to: Docker makes its own readable to all in the container.
    """
    folder = environ.get(CREDENTIALS_DIRECTORY, "")
    places = [(Path(folder), f"poise-{account}-", "systemd's credentials")] if folder else []
    places.append((docker, f"poise_{account.replace('-', '_')}_", "Docker's secrets"))
    for place, begins, where in places:
        found = from_parts({name: secret_text(place / f"{begins}{name}") for name in PARTS}, where)
        if found is not None:
            return found, where
    return None


def secret_text(path: Path) -> str:
    """Return a file's text without its last line end, empty where there is none; unreadable is not the same as none."""
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        raise CredentialsRefused(f"{path} cannot be read: {error.strerror}", mend=f"ls -l {path}") from None
    text = content.decode("utf-8", errors="replace").strip()
    if "\ufffd" in text:
        raise CredentialsRefused(f"{path} is no text", mend="write it anew")
    return text


def names_of(account: str) -> dict[str, str]:
    """Return the environment variables of an account by part: POISE_BYBIT_TEST_KEY and so on."""
    return {part: f"POISE_{variable(account)}_{part.upper()}" for part in PARTS}


def peek(account: str, environ: Mapping[str, str]) -> Credentials | None:
    """Return what the environment has for an account, and leave it there."""
    return from_parts({part: environ.get(name) for part, name in names_of(account).items()}, ENVIRONMENT)


def taken(account: str, environ: MutableMapping[str, str]) -> Credentials | None:
    """Return what the environment has, and take it out of there first: no child process is to inherit it."""
    told = {part: environ.pop(name, None) for part, name in names_of(account).items()}
    return from_parts(told, ENVIRONMENT)


def given_passphrase(environ: Mapping[str, str]) -> str | None:
    """Return the key store's passphrase from the file that is named or from systemd, None where a person is to type it.

    Raises CredentialsRefused where a file is named that is missing, empty, or open to others.
    """
    named = environ.get(PASSPHRASE_FILE, "")
    if named:
        path = Path(named).expanduser()
        text = read_private(path)
        if text is None:
            raise CredentialsRefused(f"{PASSPHRASE_FILE} names {path}, which is not there", mend="check the path")
        if not text.strip():
            raise CredentialsRefused(f"{path} is empty", mend="write the key store's passphrase into it")
        return text.strip()
    folder = environ.get(CREDENTIALS_DIRECTORY, "")
    return (secret_text(Path(folder) / PASSPHRASE_NAME) or None) if folder else None
