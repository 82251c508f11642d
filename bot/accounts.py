"""The accounts a person has set up: a file each, that names a venue and a mode and holds no key."""

import re
import tomllib
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from bot.domain.mode import Mode
from bot.domain.snapshot import MarginMode
from bot.errors import SettingsRefused

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")
FOLDER = "accounts"
FILE = "account.toml"
USUAL_LEVERAGE = Decimal(3)
MOST_LEVERAGE = Decimal(10)
KEYS = frozenset({"venue", "mode", "margin", "leverage"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account as its file describes it; `mode` is the most it may do: live needs more than a file.

    Contracts are held with `margin` and at most `leverage`, which is set at the venue and read back.
    """

    name: str
    venue: str
    mode: Mode
    margin: MarginMode
    leverage: Decimal

    def text(self) -> str:
        """Return the file's content, commented."""
        return (
            f"# The account {self.name}. Its keys are kept apart: poise keys add {self.name}\n"
            f'venue = "{self.venue}"\n\n'
            "# dry-run: the real account is read, and nothing can be sent. testnet, demo: play money.\n"
            "# live: real money, and only with --live and the account's name typed as well.\n"
            f'mode = "{self.mode}"\n\n'
            "# How contracts are held. Set at the venue before the first order in each, and read back.\n"
            f'margin = "{self.margin}"\n'
            f"leverage = {self.leverage:f}\n"
        )


def account_folder(home: Path, name: str) -> Path:
    """Return where an account's file and journal are; raise SettingsRefused for a name that could lead elsewhere."""
    if not NAME.fullmatch(name):
        raise SettingsRefused(
            f"{name[:40]!r} is no name for an account: small letters, digits and hyphens, at most 31",
            mend="poise accounts add bybit-test --venue bybit --mode testnet",
        )
    return home / FOLDER / name


def account_names(home: Path) -> tuple[str, ...]:
    """Return the accounts that are set up, in order of name."""
    return tuple(sorted(path.parent.name for path in (home / FOLDER).glob(f"*/{FILE}")))


def read_account(home: Path, name: str) -> Account:
    """Return an account; raise SettingsRefused naming the file, the key and the value that cannot be."""
    path = account_folder(home, name) / FILE
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        names = account_names(home)
        have = f"there are {', '.join(names)}" if names else "none is set up"
        raise SettingsRefused(
            f"there is no account {name}: {have}", mend=f"poise accounts add {name} --venue bybit --mode testnet"
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsRefused(f"{path} cannot be read: {error}", mend=f"poise accounts add {name} --force") from None
    return _account(path, name, told)


def _account(path: Path, name: str, told: dict[str, object]) -> Account:
    unknown = sorted(set(told) - KEYS)
    if unknown:
        known = ", ".join(sorted(KEYS))
        raise SettingsRefused(f"{path}: {unknown[0]!r} is no key of an account", mend=f"one of {known}")
    mode, margin = told.get("mode", Mode.DRY_RUN.value), told.get("margin", MarginMode.CROSS.value)
    if mode not in set(Mode) - {Mode.SIMULATED}:
        raise SettingsRefused(f"{path}: mode = {mode!r} is no mode", mend="dry-run, testnet, demo or live")
    if margin not in set(MarginMode):
        raise SettingsRefused(f"{path}: margin = {margin!r} is no way to hold contracts", mend="cross or isolated")
    return Account(
        name=name,
        venue=str(told.get("venue", "")),
        mode=Mode(str(mode)),
        margin=MarginMode(str(margin)),
        leverage=leverage(str(told.get("leverage", USUAL_LEVERAGE)), str(path)),
    )


def leverage(text: str, where: str) -> Decimal:
    """Return a leverage from text: a whole number from 1 to 10; raise SettingsRefused for another."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal(0)
    if number not in range(1, int(MOST_LEVERAGE) + 1):
        raise SettingsRefused(
            f"{where}: leverage = {text[:20]} cannot be", mend=f"a whole number from 1 to {MOST_LEVERAGE}"
        )
    return number


def write_account(home: Path, account: Account, *, force: bool) -> Path:
    """Write an account's file and return its path; an existing one stays unless `force` says otherwise."""
    folder = account_folder(home, account.name)
    path = folder / FILE
    if path.exists() and not force:
        raise SettingsRefused(f"the account {account.name} exists already: {path}", mend="--force writes it anew")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(account.text(), encoding="utf-8")
    except OSError as error:
        raise SettingsRefused(f"{path} cannot be written: {error.strerror}") from error
    return path
