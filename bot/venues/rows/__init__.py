"""One row of data per venue; a row is loaded only when its venue is used."""

from importlib import import_module

from bot.errors import SettingsRefused
from bot.venues.row import VenueRow

NAMES = ("binance", "bybit", "bingx", "weex", "mexc", "okx")


def row_of(name: str) -> VenueRow:
    """Return a venue's row by name; raise SettingsRefused for a venue Poise does not know."""
    if name not in NAMES:
        raise SettingsRefused(f"{name[:40]!r} is no venue Poise knows", mend=f"one of {', '.join(NAMES)}")
    row: VenueRow = import_module(f"bot.venues.rows.{name}").ROW
    return row
