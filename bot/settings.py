"""Where things are and which venue is meant: flags first, then the environment, then the defaults."""

import os
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

from bot.errors import SettingsRefused

HOME = "POISE_HOME"
ACCOUNT = "POISE_ACCOUNT"
DATABASE = "POISE_DATABASE_URL"
POLICY = "POISE_POLICY"
DATABASES = ("sqlite", "postgresql", "postgres")


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """What the simulated venue simulates; `seed_given` says whether a person chose the seed.

    `recorded` is a folder of recorded history, None for the seeded synthetic market; `bars` how long its
    bars last (None: an hour), and after a colon the contract that stands for spot. `cash` starts the
    account with that much of the quote currency, None with the demonstration book. `begin` is where
    recorded history starts. `paced` lets simulated time pass as slowly as real time.
    """

    seed: int
    seed_given: bool
    recorded: Path | None
    begin: datetime | None
    cash: Decimal | None
    paced: bool
    bars: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RealAccount:
    """Which account at a real venue is meant; `home` is the folder its file and its keys are found from.

    `live` is the flag, `confirmed` the account's name as a person typed it: with the file's own word they are
    the three switches of real money.
    """

    name: str
    home: Path
    live: bool = False
    confirmed: str = ""


def switch_of(root: Path) -> Path:
    """Return the file of the pause and kill switch of everything below a folder."""
    return root / "switch.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything `app.py` needs to build the parts; `real` is None for the simulated venue.

    `home` holds what belongs to one account: its journal and its beat. The switch is everybody's: what stops
    one stops all, and needs no account named.
    """

    home: Path
    database: str
    policy: Path
    simulation: Simulation
    real: RealAccount | None = None

    @property
    def switch(self) -> Path:
        """The file of the pause and kill switch."""
        return switch_of(self.home if self.real is None else self.real.home)

    @property
    def account(self) -> Path:
        """The file the simulated account lives in."""
        return self.home / "account.json"

    @property
    def heartbeat(self) -> Path:
        """The file whose age says whether the loop is alive."""
        return self.home / "heartbeat"


def default_home() -> Path:
    """Return the folder for journal, account and switch: POISE_HOME, else the platform's place for data."""
    named = os.environ.get(HOME, "")
    if named:
        return Path(named).expanduser()
    from platformdirs import user_data_path

    return user_data_path("poise", appauthor=False)


def make_home(home: Path) -> Path:
    """Return the home folder, made readable to its owner only; raise SettingsRefused when it cannot be used."""
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SettingsRefused(
            f"the home folder {home} cannot be made: {error.strerror}", mend=f"set {HOME} to a folder you may write"
        ) from error
    if not os.access(home, os.W_OK | os.X_OK):
        raise SettingsRefused(f"the home folder {home} cannot be written", mend=f"set {HOME} to a folder you may write")
    return home


def database_url(home: Path) -> str:
    """Return where the journal is: POISE_DATABASE_URL, else a SQLite file in the home folder.

    Raises SettingsRefused for a kind of database Poise does not know, without repeating the address.
    """
    url = os.environ.get(DATABASE, "") or str(home / "journal.db")
    kind, address, _ = url.partition("://")
    if address and kind.partition("+")[0] not in DATABASES:
        raise SettingsRefused(
            f"{DATABASE} begins with {kind[:20]!r}, which is no database Poise knows",
            mend=f"{DATABASE}=postgresql://user@host/name, or a path for SQLite",
        )
    try:
        urlsplit(url).port  # noqa: B018  reading it is the check
    except ValueError:
        raise SettingsRefused(
            f"{DATABASE} has no port that is a number", mend="write %2F for / and %40 for @ in a password"
        ) from None
    return url


def policy_path(named: Path | None, *homes: Path) -> Path:
    """Return which policy is meant: the flag, POISE_POLICY, the first home's policy.toml, else the shipped one."""
    if named is not None:
        return named
    from_environment = os.environ.get(POLICY, "")
    if from_environment:
        return Path(from_environment).expanduser()
    own = (home / "policy.toml" for home in homes)
    return next((path for path in own if path.exists()), shipped_policy("balanced"))


def account_name(named: str | None) -> str | None:
    """Return which account at a real venue is meant: the flag, else POISE_ACCOUNT, else none: the simulated one."""
    return named or os.environ.get(ACCOUNT, "") or None


def shipped_policy(name: str) -> Path:
    """Return the path of a policy that comes with Poise."""
    return Path(__file__).resolve().parent.parent / "policies" / f"{name}.toml"
