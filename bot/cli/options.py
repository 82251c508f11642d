"""The options commands share, each said once."""

import re
from collections.abc import Coroutine
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from bot.accounts import account_folder, read_account
from bot.domain.mode import Mode
from bot.errors import SettingsRefused
from bot.settings import (
    RealAccount,
    Settings,
    Simulation,
    account_name,
    database_url,
    default_home,
    make_home,
    policy_path,
)

T = TypeVar("T")
SEED = 7
NAME = re.compile(r"[a-z0-9]{1,20}")
# Powers of ten between which an amount, a price or a move means something.
SMALLEST, LARGEST = -12, 15

Home = Annotated[
    Path | None,
    typer.Option("--home", help="Folder of journal, account and switch (POISE_HOME).", show_default=False),
]
PolicyPath = Annotated[
    Path | None,
    typer.Option(
        "--policy", "-p", help="Policy file (POISE_POLICY, else HOME/policy.toml, else balanced).", show_default=False
    ),
]
Account = Annotated[
    str | None,
    typer.Option(
        "--account", "-a", help="Account at a real venue (POISE_ACCOUNT, else the simulated venue).", show_default=False
    ),
]
Live = Annotated[
    bool, typer.Option("--live", help="Real money; the account's file must say so too, and you type its name.")
]
Confirm = Annotated[
    str | None,
    typer.Option("--confirm", help="The account's name, typed here where nobody can be asked.", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Print data only, as one JSON document.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Seed of the simulated market (7).", show_default=False)]
Recorded = Annotated[
    Path | None,
    typer.Option("--data", help="Folder of recorded market history to run on instead.", show_default=False),
]
Bars = Annotated[
    str | None,
    typer.Option(
        "--bars",
        help="Length of the recorded bars (1h): 1d, or 4h:linear-perpetual to take spot from that contract's price.",
        show_default=False,
    ),
]
Begin = Annotated[
    str | None,
    typer.Option("--from", help="Where recorded history begins: 2023-06-01 or 2023-06-01T08:00.", show_default=False),
]
Cash = Annotated[
    str | None,
    typer.Option(
        "--cash", help="Start a new simulated account with this much of the quote currency.", show_default=False
    ),
]


def root(home: Path | None) -> Path:
    """Return the folder of the switch and of all accounts: it needs no account, policy or journal."""
    return make_home(home or default_home())


def settings(
    home: Path | None,
    policy: Path | None = None,
    *,
    seed: int | None = None,
    recorded: Path | None = None,
    bars: str | None = None,
    begin: str | None = None,
    cash: str | None = None,
    paced: bool = False,
    account: str | None = None,
    live: bool = False,
    confirm: str | None = None,
) -> Settings:
    """Return the settings of one command; raise SettingsRefused naming the option that cannot work."""
    base = root(home)
    real = _real(account_name(account), base, live=live, confirm=confirm)
    if real is not None and (seed, recorded, bars, begin, cash) != (None,) * 5:
        raise SettingsRefused(
            f"the account {real.name} is at a real venue: --seed, --data, --bars, --from and --cash are for the "
            "simulated one",
            mend="leave --account away, or those",
        )
    folder = base if real is None else make_home(account_folder(base, real.name))
    if recorded is not None and not is_there(recorded):
        raise SettingsRefused(f"--data {str(recorded)[:80]!r}: there is no such folder", mend="check the path")
    simulation = Simulation(
        seed=SEED if seed is None else seed,
        seed_given=seed is not None,
        recorded=recorded,
        bars=bars,
        begin=None if begin is None else moment("--from", begin),
        cash=None if cash is None else amount("--cash", cash),
        paced=paced,
    )
    return Settings(
        home=folder,
        database=database_url(folder),
        policy=policy_path(policy, folder, base),
        simulation=simulation,
        real=real,
    )


def cancelling(home: Path | None, name: str | None) -> Settings:
    """Return the settings to cancel own orders with: a live account's too, since a kill takes risk away only."""
    if name is None:
        return settings(home)
    live = read_account(root(home), name).mode is Mode.LIVE
    return settings(home, account=name, live=live, confirm=name)


def _real(name: str | None, home: Path, *, live: bool, confirm: str | None) -> RealAccount | None:
    """Return the account at a real venue that is meant, None for the simulated one."""
    if name is None:
        if live or confirm:
            raise SettingsRefused("--live and --confirm are for an account at a venue", mend="--account NAME")
        return None
    read_account(home, name)
    return RealAccount(name=name, home=home, live=live, confirmed=confirm or "")


def finished(work: Coroutine[None, None, T]) -> T:
    """Run a command's work to its end; asyncio is imported here, since help and version do without it."""
    import asyncio

    return asyncio.run(work)


def cycle_name(text: str) -> str:
    """Return a cycle's name or its beginning; what cannot be one is refused, above all the empty word of a script."""
    if not NAME.fullmatch(text):
        raise SettingsRefused(f"{text[:40]!r} is no name of a plan or cycle", mend="poise history")
    return text


def is_there(path: Path) -> bool:
    """Return whether there is such a file; raise SettingsRefused for a path that cannot be one."""
    try:
        return path.exists()
    except OSError as error:
        raise SettingsRefused(f"{str(path)[:80]!r} is no path: {error.strerror}", mend="name another file") from None


def moment(option: str, text: str) -> datetime:
    """Return a moment in UTC from ISO text; a day alone is its midnight."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise SettingsRefused(
            f"{option} is {text[:40]!r}, which is no date", mend=f"{option} 2024-01-31 or {option} 2024-01-31T08:00"
        ) from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def amount(option: str, text: str) -> Decimal:
    """Return a positive amount of money from text; thousands separators are not taken."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        raise SettingsRefused(f"{option} is {text[:40]!r}, which is no number", mend=f"{option} 100000") from None
    if not found.is_finite() or found <= 0:
        raise SettingsRefused(f"{option} is {text[:40]!r}: it must be above zero", mend=f"{option} 100000")
    return bounded(option, found)


def bounded(option: str, number: Decimal) -> Decimal:
    """Return a number of a size that means something; refuse 1e400 before anything is reckoned with it."""
    if number and not SMALLEST <= number.adjusted() < LARGEST:
        raise SettingsRefused(
            f"{option} is {number:.3g}: it must lie between 1e{SMALLEST} and 1e{LARGEST}", mend=f"{option} 100"
        )
    return number


def numbers(option: str, text: str) -> tuple[Decimal, ...]:
    """Return the numbers of a list such as -10000,+10000 or -20%,10%; a per cent sign divides by 100."""
    found = []
    for part in text.split(","):
        word = part.strip()
        try:
            number = Decimal(word.removesuffix("%"))
        except InvalidOperation:
            raise SettingsRefused(f"{option} has {word[:40]!r}, which is no number", mend=f"{option} 0,50") from None
        if not number.is_finite():
            raise SettingsRefused(f"{option} has {word[:40]!r}: a finite number is needed", mend=f"{option} 0,50")
        number = bounded(option, number)
        found.append(number / 100 if word.endswith("%") else number)
    return tuple(found)
