"""An account's keys in a file of its own, mode 600."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from bot.errors import CredentialsRefused, SettingsRefused
from bot.keys.credentials import PARTS, Credentials, Held, from_parts, parts_of
from bot.keys.private import read_private, write_private

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")
FOLDER = "keys"
PREVIOUS = "previous"
LINES = 'lines such as key = "…" and secret = "…"'
ABOUT = "# The API keys of one account. Only its owner may read this file: mode 600.\n"


def variable(account: str) -> str:
    """Return an account's name as environment variables spell it; raise SettingsRefused for what is no name.

    The name is not repeated: a key may have been pasted in its place.
    """
    if not NAME.fullmatch(account):
        raise SettingsRefused(
            "that is no name for an account: small letters, digits and hyphens, at most 31",
            mend="a name such as bybit-test; a key is never typed on the command line",
        )
    return account.upper().replace("-", "_")


def named_file(account: str, environ: Mapping[str, str]) -> Path | None:
    """Return the key file that POISE_KEY_FILE_ACCOUNT names, None where it names none."""
    named = environ.get(f"POISE_KEY_FILE_{variable(account)}", "")
    return Path(named).expanduser() if named else None


def key_file(account: str, home: Path, environ: Mapping[str, str]) -> Path:
    """Return where an account's key file is: POISE_KEY_FILE_ACCOUNT, else HOME/keys/ACCOUNT.toml."""
    return named_file(account, environ) or home / FOLDER / f"{account}.toml"


def accounts_with_files(home: Path) -> tuple[str, ...]:
    """Return the accounts that have a key file in the home folder."""
    return tuple(path.stem for path in (home / FOLDER).glob("*.toml") if NAME.fullmatch(path.stem))


def read_file(path: Path) -> Credentials | None:
    """Return the credentials of a key file that are in use, None where there is none."""
    held = read_held(path)
    return None if held is None else held.current


def read_held(path: Path) -> Held | None:
    """Return what a key file holds, None where there is none; raise CredentialsRefused without quoting any of it."""
    text = read_private(path)
    if text is None:
        return None
    told = _table(text)
    if told is None:
        raise CredentialsRefused(f"{path} is no key file", mend=f"{LINES}, or poise keys add NAME --into file --force")
    before = told.pop(PREVIOUS, None)
    if before is not None and not isinstance(before, dict):
        raise CredentialsRefused(f"{path} has a {PREVIOUS} that is no table", mend="delete that line")
    for part in (told, before or {}):
        if not set(part) <= set(PARTS):
            raise CredentialsRefused(f"{path} has a line that is none of {', '.join(PARTS)}", mend=LINES)
    current = from_parts(told, str(path))
    if current is None:
        raise CredentialsRefused(f"{path} has no key and no secret", mend=LINES)
    return Held(current=current, previous=from_parts(before or {}, f"the previous part of {path}"))


def _table(text: str) -> dict[str, object] | None:
    """Return what TOML says, None where it is none: the parser's own error may quote a line."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None


def write_file(path: Path, credentials: Credentials, previous: Credentials | None = None) -> None:
    """Write a key file readable by its owner only, whole or not at all."""
    text = ABOUT + _lines(credentials)
    write_private(path, text if previous is None else f"{text}\n[{PREVIOUS}]\n{_lines(previous)}")


def _lines(credentials: Credentials) -> str:
    return "".join(f'{name} = "{escaped(value)}"\n' for name, value in parts_of(credentials).items())


def escaped(value: str) -> str:
    """Return a value as it stands between the quotes of a TOML text."""
    return value.replace("\\", "\\\\").replace('"', '\\"')
