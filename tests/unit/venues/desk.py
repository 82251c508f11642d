"""A venue's row with a client written by hand behind it: nothing is sent anywhere."""

from datetime import datetime
from typing import Any

from bot.domain.instrument import WalletKind
from bot.domain.mode import Mode
from bot.simulator.clock import SimulatedClock
from bot.venues.asking import Reader
from bot.venues.connect import Connection
from bot.venues.rows import row_of
from tests.builders import NOON


class NoWire:
    """A wire that leads nowhere."""

    def request(self, method: str, url: Any, **options: Any) -> Any:
        """Fail: nothing is to be sent."""
        raise AssertionError(f"{method} {url} was to be sent")

    async def close(self) -> None:
        """Nothing is open."""


def connected(client: Any, wallet: WalletKind = WalletKind.LINEAR, venue: str = "bybit") -> Connection:
    """A venue in dry-run with that client for a wallet."""
    row = row_of(venue)
    return Connection(
        row=row, mode=Mode.DRY_RUN, access=row.access[Mode.DRY_RUN], clients={wallet: client}, wire=NoWire()
    )


def reader(connection: Connection, now: datetime = NOON) -> Reader:
    """A reader of that venue's answers on a clock that stands still."""
    return Reader(connection.row.codes, SimulatedClock(now))
