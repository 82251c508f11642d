"""What a seeded market tells of its past: closed bars, settled funding, open interest; also of before its epoch.

Before the epoch an hourly walk of the same coins, with the same volatilities and correlations, leads up to
the price they stand at there; it has no jumps. Bars finer than an hour exist only since the epoch.
"""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from bot.domain.instrument import Instrument
from bot.domain.snapshot import Candle, OpenInterest
from bot.simulator.walk import STEPS, Coin, Walk, loadings

DAY = timedelta(days=1)
HOURS = 24
INTEREST_COINS = 100_000  # open interest of the modelled market, in coins of a price of 1,000
INTEREST_SWING = 0.1


class Past:
    """The past of some coins since long before `epoch`; every bar is reckoned once."""

    def __init__(self, seed: str, walk: Walk, coins: Sequence[Coin], epoch: datetime) -> None:
        self._seed = seed
        self._walk = walk
        self._coins = {coin.name: coin for coin in coins}
        self._epoch = epoch
        self._starts: dict[str, list[float]] = {}
        self._bars: dict[tuple[str, int, int], tuple[tuple[float, float, float, float], ...]] = {}
        self._told: dict[tuple[str, int, int], Candle] = {}

    def candles(self, instrument: Instrument, seconds: int, count: int, moment: datetime) -> tuple[Candle, ...]:
        """Return the newest `count` bars of a spot market closed at `moment`, oldest first; fewer than a day long.

        Empty where bars of that length do not divide a day, or are finer than a step.
        """
        if seconds <= 0 or 86_400 % seconds or seconds < 86_400 // STEPS:
            return ()
        a_day, bar = 86_400 // seconds, timedelta(seconds=seconds)
        closed = (moment - self._epoch) // bar  # bars closed since the epoch; negative before it
        found = []
        for number in range(closed - count, closed):
            key = (instrument.symbol, seconds, number)
            if key not in self._told:
                day, place = divmod(number, a_day)
                bars = self._day(instrument.base, seconds, day)
                if not bars:
                    continue
                self._told[key] = _candle(instrument, self._epoch + number * bar, seconds, bars[place])
            found.append(self._told[key])
        return tuple(found)

    def interest(self, instrument: Instrument, count: int, moment: datetime) -> tuple[OpenInterest, ...]:
        """Return the open interest of the newest `count` days over at `moment`, in coins, oldest first."""
        today = (moment - self._epoch) // DAY
        mean = INTEREST_COINS * 1_000 / self._coins[instrument.base].price
        found = []
        for day in range(today - count, today):
            swing = Random(f"{self._seed}/{instrument.symbol}/interest/{day}").gauss(0.0, INTEREST_SWING)
            coins = Decimal(f"{mean * math.exp(swing):.3f}")
            found.append(OpenInterest(symbol=instrument.symbol, coins=coins, at=self._epoch + (day + 1) * DAY))
        return tuple(found)

    def premium(self, name: str, day: int, part: int) -> float:
        """Return the mean premium of one third of a day before the epoch: without memory, but as wide as after it."""
        return Random(f"{self._seed}/{name}/premium/{day}/{part}").gauss(0.0001, 0.0005)

    def _day(self, coin: str, seconds: int, day: int) -> tuple[tuple[float, float, float, float], ...]:
        key = (coin, seconds, day)
        if key not in self._bars:
            # The walk draws a day of all coins at once and keeps few: take what it drew of the others too.
            for name in self._coins if day >= 0 else (coin,):
                logs = self._walk.logs(name, day) if day >= 0 else self._before(name, day)
                self._bars[name, seconds, day] = _cut(logs, 86_400 // seconds)
        return self._bars[key]

    def _before(self, coin: str, day: int) -> Sequence[float]:
        """Return the hourly log prices of a day before the epoch, its end among them."""
        starts = self._starts.setdefault(coin, [math.log(self._coins[coin].price)])
        while len(starts) <= -day:
            starts.append(starts[-1] - sum(self._increments(coin, -len(starts))))
        logs = [starts[-day]]
        for increment in self._increments(coin, day):
            logs.append(logs[-1] + increment)
        return logs

    def _increments(self, name: str, day: int) -> list[float]:
        coin = self._coins[name]
        scale = coin.volatility / math.sqrt(365 * HOURS)
        summed = [0.0] * HOURS  # no drift: a walk back would carry it to far higher prices, and bias every trend
        for factor, load in loadings(name):
            stream = Random(f"{self._seed}/{factor}/past/{day}")
            for hour in range(HOURS):
                summed[hour] += scale * load * stream.gauss(0.0, 1.0)
        return summed


def _cut(logs: Sequence[float], parts: int) -> tuple[tuple[float, float, float, float], ...]:
    """Return open, high, low, close of each part of a day; empty where the day is not known that finely."""
    steps = len(logs) - 1
    if steps % parts:
        return ()
    width = steps // parts
    pieces = (logs[i * width : (i + 1) * width + 1] for i in range(parts))
    return tuple(
        (math.exp(piece[0]), math.exp(max(piece)), math.exp(min(piece)), math.exp(piece[-1])) for piece in pieces
    )


def _candle(
    instrument: Instrument, opened_at: datetime, seconds: int, prices: tuple[float, float, float, float]
) -> Candle:
    places = -int(instrument.tick.as_tuple().exponent)
    first, high, low, last = (Decimal(f"{price:.{places}f}") for price in prices)
    return Candle(
        symbol=instrument.symbol, opened_at=opened_at, seconds=seconds, open=first, high=high, low=low, close=last
    )
