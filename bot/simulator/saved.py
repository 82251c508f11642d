"""A simulated account on disk: one JSON file, replaced whole or not at all, readable by its owner only."""

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from bot.canonical import from_text, to_text
from bot.domain.instrument import WalletKind
from bot.domain.ledger import LedgerEntry
from bot.domain.order import OpenOrder, OrderReport, TransferReport
from bot.domain.snapshot import Position
from bot.errors import NumberRefused, SettingsRefused
from bot.simulator.account import Account, MarginSetting
from bot.simulator.venue import VenueState

VERSION = 1
# How much of the past goes into the file; all of it would make every change slow to save.
SAVED_ENTRIES = 1_000
SAVED_REPORTS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedVenue:
    """A venue's state and the words that say which market it lived in (seed, coins, …), as the saver gave them."""

    market: Mapping[str, str]
    state: VenueState


@dataclass(frozen=True, slots=True, kw_only=True)
class _Holding:
    wallet: WalletKind
    asset: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """What the file holds, field by field."""

    version: int
    market: dict[str, str]
    moment: datetime
    sequence: int
    orders: int
    balances: tuple[_Holding, ...]
    positions: dict[str, Position]
    open_orders: dict[str, OpenOrder]
    settings: dict[str, MarginSetting]
    entries: tuple[LedgerEntry, ...]
    reports: tuple[OrderReport, ...]
    transfers: tuple[TransferReport, ...]


def save_venue(path: Path, saved: SavedVenue) -> None:
    """Write a venue to `path` so that a crash leaves either the old file or the new one.

    Kept are the newest 1,000 ledger entries, and 200 orders and transfers besides those resting. Raises
    SettingsRefused when the file cannot be written.
    """
    account, state = saved.state.account, saved.state
    page = _Page(
        version=VERSION,
        market=dict(saved.market),
        moment=state.moment,
        sequence=account.sequence,
        orders=account.orders,
        balances=tuple(_Holding(wallet=w, asset=a, amount=n) for (w, a), n in account.balances.items()),
        positions=dict(account.positions),
        open_orders=dict(account.open_orders),
        settings=dict(account.settings),
        entries=state.entries[-SAVED_ENTRIES:],
        reports=_newest(state.reports),
        transfers=state.transfers[-SAVED_REPORTS:],
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, to_text(page))
    except OSError as error:
        raise SettingsRefused(
            f"the simulated account cannot be saved to {path}: {error.strerror}",
            mend="choose a folder that can be written, or make room on the disk",
        ) from error


def load_venue(path: Path) -> SavedVenue | None:
    """Return the venue saved at `path`, None when there is no file.

    Raises SettingsRefused when it is damaged, or was written by a newer Poise.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise _damaged(path) from error
    page = _page(path, text)
    account = Account(
        balances={(held.wallet, held.asset): held.amount for held in page.balances},
        positions=page.positions,
        open_orders=page.open_orders,
        settings=page.settings,
        sequence=page.sequence,
        orders=page.orders,
    )
    state = VenueState(
        account=account,
        moment=page.moment,
        entries=page.entries,
        reports=page.reports,
        transfers=page.transfers,
    )
    return SavedVenue(market=page.market, state=state)


def _newest(reports: tuple[OrderReport, ...]) -> tuple[OrderReport, ...]:
    resting = tuple(report for report in reports[:-SAVED_REPORTS] if not report.status.is_final)
    return resting + reports[-SAVED_REPORTS:]


def _page(path: Path, text: str) -> _Page:
    try:
        version = json.loads(text)["version"]
        if isinstance(version, int) and version > VERSION:
            raise SettingsRefused(
                f"{path} is of version {version}, this Poise knows {VERSION}", mend="use the newer Poise that wrote it"
            )
        page = from_text(_Page, text)
        return replace(page, moment=_aware(page.moment))
    except (ValueError, KeyError, TypeError, RecursionError, NumberRefused) as error:
        raise _damaged(path) from error


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment


def _damaged(path: Path) -> SettingsRefused:
    return SettingsRefused(
        f"{path} is no saved simulated account", mend=f"move it away to begin anew: mv {path} {path}.damaged"
    )


def _replace(path: Path, text: str) -> None:
    """Write beside the file, flush to the disk, then put the new one in its place. Such files are 0600."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    written = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        written.replace(path)
    except OSError:
        with suppress(OSError):
            written.unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
