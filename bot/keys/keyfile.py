"""Secrets in files that only their owner may read, and those a service manager hands over."""

import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path

from bot.errors import CredentialsRefused
from bot.keys.credentials import PARTS, Credentials, from_parts, parts_of

OTHERS = stat.S_IRWXG | stat.S_IRWXO
DOCKER = Path("/run/secrets")


def variable(account: str) -> str:
    """Return an account's name as environment variables spell it."""
    return account.upper().replace("-", "_")


def key_file(account: str, home: Path, environ: Mapping[str, str]) -> Path:
    """Return where an account's key file is: POISE_KEY_FILE_ACCOUNT, else HOME/keys/ACCOUNT.toml."""
    named = environ.get(f"POISE_KEY_FILE_{variable(account)}", "")
    return Path(named).expanduser() if named else home / "keys" / f"{account}.toml"


def check_private(path: Path) -> None:
    """Raise CredentialsRefused where anybody but this user could read or replace a secret file."""
    found = path.stat()
    if found.st_mode & OTHERS:
        raise CredentialsRefused(
            f"{path} can be read by others (mode {found.st_mode & 0o777:o})", mend=f"chmod 600 {path}"
        )
    if found.st_uid not in (os.getuid(), 0):
        raise CredentialsRefused(
            f"{path} belongs to user {found.st_uid}, not to you", mend=f"chown {os.getuid()} {path}"
        )
    if path.is_symlink() and path.parent.stat().st_mode & stat.S_IWOTH:
        raise CredentialsRefused(f"{path} is a link in a folder anybody may write", mend="put the file itself there")


def read_file(path: Path) -> Credentials | None:
    """Return the credentials of a key file, None where there is none."""
    if not path.exists():
        return None
    check_private(path)
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):  # what it quotes could be the secret
        raise CredentialsRefused(
            f"{path} is no key file", mend='lines such as key = "…" and secret = "…", or poise keys add --into file'
        ) from None
    unknown = sorted(set(told) - set(PARTS))
    if unknown:
        raise CredentialsRefused(f"{path} has the key {unknown[0][:20]!r}", mend="key, secret and passphrase")
    return from_parts({name: str(value) for name, value in told.items()}, str(path))


def write_file(path: Path, credentials: Credentials) -> None:
    """Write a key file readable by its owner only, whole or not at all."""
    text = "".join(f'{name} = "{escaped(value)}"\n' for name, value in parts_of(credentials).items())
    write_private(path, text)


def escaped(value: str) -> str:
    """Return a value as it stands between the quotes of a TOML text."""
    return value.replace("\\", "\\\\").replace('"', '\\"')


def write_private(path: Path, text: str) -> None:
    """Replace a file by one with this text that nobody else can read, also while it is written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = path.with_name(f".{path.name}.new")
        new.unlink(missing_ok=True)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        raise CredentialsRefused(f"{path} cannot be written: {error.strerror}", mend="name another home") from None


def handed_over(account: str, environ: Mapping[str, str]) -> tuple[Credentials, str] | None:
    """Return what systemd ($CREDENTIALS_DIRECTORY/poise-ACCOUNT-key) or Docker (poise_ACCOUNT_key) gave."""
    folder = environ.get("CREDENTIALS_DIRECTORY", "")
    places = [(Path(folder), f"poise-{account}-", "systemd's credentials")] if folder else []
    places.append((DOCKER, f"poise_{account.replace('-', '_')}_", "Docker's secrets"))
    for place, begins, where in places:
        found = from_parts({name: secret_text(place / f"{begins}{name}") for name in PARTS}, where)
        if found is not None:
            return found, where
    return None


def secret_text(path: Path) -> str:
    """Return a file's text without its last line end, empty where there is none."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
