"""Two times: the market's, which begins at one fixed moment in every run, and the one everybody outside sees."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot.simulation import FIRST_MOMENT

# Where the market stands when an emulator starts: its prices then are the same in every run.
BASE = FIRST_MOMENT + timedelta(days=15)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def to_ms(moment: datetime) -> int:
    """Return a moment in whole milliseconds since 1970, UTC."""
    return (moment - EPOCH) // _MS


def from_ms(at_ms: int) -> datetime:
    """Return the moment of a number of milliseconds since 1970, UTC."""
    return EPOCH + at_ms * _MS


class MarketClock:
    """Implements Clock in the market's time. `now` tells the time outside; both run equally fast, in whole ms."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._outside = now
        self._started = from_ms(to_ms(now()))
        self._ahead = timedelta(0)

    @property
    def started(self) -> datetime:
        """When the emulator started, outside time."""
        return self._started

    @property
    def ahead(self) -> timedelta:
        """How much more time passed in the market than outside."""
        return self._ahead

    @property
    def shift(self) -> timedelta:
        """What is to be added to the market's time for the time outside."""
        return self._started - BASE - self._ahead

    def outside(self) -> datetime:
        """Return this moment as the outside sees it."""
        return from_ms(to_ms(self._outside()))

    def now(self) -> datetime:
        """Return this moment in the market."""
        return self.outside() - self.shift

    def live(self, passed: timedelta) -> None:
        """Let time pass in the market only: everything that was is told to be that much longer ago."""
        self._ahead += from_ms(passed // _MS) - EPOCH

    async def sleep_until(self, moment: datetime) -> None:
        """Return when `moment` of the market has come."""
        await asyncio.sleep(max(0.0, (moment - self.now()).total_seconds()))
