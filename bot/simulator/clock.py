"""Two clocks: one that jumps to where it is told, and the one on the wall."""

import asyncio
from datetime import UTC, datetime


class SimulatedClock:
    """A clock that stands still until someone sleeps, and then jumps.

    `start` is its first moment, aware and UTC. With `paced` it really waits the difference before it jumps.
    """

    def __init__(self, start: datetime, *, paced: bool = False) -> None:
        self._now = start
        self._paced = paced

    def now(self) -> datetime:
        """Return the moment the clock stands at."""
        return self._now

    async def sleep_until(self, moment: datetime) -> None:
        """Move the clock to `moment`; leave it where it is when that has passed."""
        seconds = (moment - self._now).total_seconds()
        await asyncio.sleep(seconds if self._paced and seconds > 0 else 0)
        self._now = max(self._now, moment)


class WallClock:
    """The time of this computer, in UTC."""

    def now(self) -> datetime:
        """Return this moment."""
        return datetime.now(UTC)  # noqa: TID251 - this is the Clock that all others are told to ask

    async def sleep_until(self, moment: datetime) -> None:
        """Return when `moment` has come; at once when it has passed."""
        await asyncio.sleep(max(0.0, (moment - self.now()).total_seconds()))
