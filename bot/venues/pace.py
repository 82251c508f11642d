"""So many requests a second of one path, where the venue counts each path by itself: the rest wait their turn."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from bot.ports import Clock

SLACK = 1.1  # requests do not arrive as evenly as they leave


class Pace:
    """When a path may be asked next. `rates` are requests a second by ccxt's name of a path; others need not wait."""

    def __init__(self, clock: Clock, rates: Mapping[str, int]) -> None:
        self._clock = clock
        self._rates = rates
        self._next: dict[tuple[str, ...], datetime] = {}
        self._turns: defaultdict[tuple[str, ...], asyncio.Lock] = defaultdict(asyncio.Lock)

    @asynccontextmanager
    async def turn(self, section: tuple[str, ...], path: str) -> AsyncIterator[None]:
        """Be there when a path of a section may be asked; one at a time, in the order they come."""
        rate = self._rates.get(path)
        if not rate:
            yield
            return
        name = (*section, path)
        async with self._turns[name]:
            at = self._next.get(name)
            if at is not None and at > self._clock.now():
                await self._clock.sleep_until(at)
            self._next[name] = self._clock.now() + timedelta(seconds=SLACK / rate)
            yield


def keep_pace(client: Any, pace: Pace) -> None:
    """Let a ccxt client wait its turn before a request is signed: a signature is good for seconds only."""
    send = client.fetch2

    async def fetch2(path: str, api: Any = "public", *further: Any, **named: Any) -> Any:
        async with pace.turn(tuple(api) if isinstance(api, list) else (str(api),), path):
            return await send(path, api, *further, **named)

    client.fetch2 = fetch2
