"""What a record tells of its past: closed bars, settled funding, open interest; a hole stays a hole.

Bars longer than those recorded are made of them, each only when every one of its parts is there. Volumes
are not told.
"""

from bisect import bisect_right
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from bot.domain.reading import FundingPoint
from bot.domain.snapshot import Candle, OpenInterest
from bot.simulator.history import Recording
from bot.simulator.recorded_rows import CLOSE, HIGH, IN_COINS, INTEREST, INTERVAL, LOW, OPEN, RATE, Track
from bot.simulator.recorded_time import milliseconds, moment_of

DAY_SECONDS = 86_400


class RecordedPast:
    """The past of a recording whose bars last `bar_seconds`; everything told is reckoned once."""

    def __init__(self, recording: Recording, bar_seconds: int) -> None:
        self._recording = recording
        self._bars: Mapping[str, Track] = {**recording.bars, **recording.dated}
        self._bar_seconds = bar_seconds
        self._funding: dict[str, tuple[FundingPoint, ...]] = {}
        self._interest: dict[str, tuple[OpenInterest | None, ...]] = {}
        self._candles: dict[tuple[str, int], tuple[list[datetime], list[Candle]]] = {}

    def candles(self, symbol: str, seconds: int, count: int, moment: datetime) -> tuple[Candle, ...]:
        """Return the newest `count` recorded bars closed at `moment`, oldest first; none shorter than the record's.

        Days come from the record's own daily bars where it has them, and begin at midnight UTC.
        """
        key = (symbol, seconds)
        if key not in self._candles:
            candles = list(self._made(symbol, seconds))
            self._candles[key] = ([_closed_at(one) for one in candles], candles)
        closes, candles = self._candles[key]
        end = bisect_right(closes, moment)
        return tuple(candles[max(end - count, 0) : end])

    def funding(self, symbol: str, count: int, moment: datetime) -> tuple[FundingPoint, ...]:
        """Return the newest `count` rates settled at `moment`, oldest first."""
        track = self._recording.funding[symbol]
        if symbol not in self._funding:
            self._funding[symbol] = tuple(
                FundingPoint(
                    symbol=symbol,
                    at=moment_of(time),
                    rate=track.number(RATE, place),
                    interval_hours=track.number(INTERVAL, place),
                )
                for place, time in enumerate(track.times)
            )
        end = track.last_at(milliseconds(moment)) + 1
        return self._funding[symbol][max(end - count, 0) : end]

    def interest(self, symbol: str, spot: str, days: int, moment: datetime) -> tuple[OpenInterest, ...]:
        """Return the open interest of the newest `days` days over at `moment`, in coins, oldest first.

        What was recorded in USD is divided by the close of `spot` at the end of that day; a day for which
        that close was not recorded is left out.
        """
        track = self._recording.interest[symbol]
        if symbol not in self._interest:
            coins = ((time, self._coins(track, place, spot)) for place, time in enumerate(track.times))
            self._interest[symbol] = tuple(
                None if held is None else OpenInterest(symbol=symbol, coins=held, at=moment_of(time))
                for time, held in coins
            )
        end = track.last_at(milliseconds(moment)) + 1
        return tuple(one for one in self._interest[symbol][max(end - days, 0) : end] if one is not None)

    def _coins(self, track: Track, place: int, spot: str) -> Decimal | None:
        value = track.number(INTEREST, place)
        if track.number(IN_COINS, place):
            return value
        for closes in (self._recording.daily.get(spot), self._bars[spot]):
            if closes is not None:
                there = closes.last_at(track.times[place])
                if there >= 0 and closes.times[there] == track.times[place]:
                    return value / closes.number(CLOSE, there)
        return None

    def _made(self, symbol: str, seconds: int) -> tuple[Candle, ...]:
        daily = self._recording.daily.get(symbol)
        if seconds == DAY_SECONDS and daily is not None:
            return tuple(
                _candle(symbol, DAY_SECONDS, daily, range(place, place + 1)) for place in range(len(daily.times))
            )
        if seconds < self._bar_seconds or seconds % self._bar_seconds:
            return ()
        return _joined(symbol, self._bars[symbol], self._bar_seconds, seconds)


def _joined(symbol: str, track: Track, bar_seconds: int, seconds: int) -> tuple[Candle, ...]:
    """Return bars of `seconds` counted from 1970, each of a whole number of recorded ones."""
    parts, width = seconds // bar_seconds, seconds * 1000
    candles, place = [], 0
    while place < len(track.times):
        began = (track.times[place] - bar_seconds * 1000) // width * width
        end = track.last_at(began + width) + 1
        whole = end - place == parts and track.times[place] == began + bar_seconds * 1000
        if whole and track.times[end - 1] == began + width:
            candles.append(_candle(symbol, seconds, track, range(place, end)))
        place = max(end, place + 1)
    return tuple(candles)


def _candle(symbol: str, seconds: int, track: Track, places: range) -> Candle:
    return Candle(
        symbol=symbol,
        opened_at=moment_of(track.times[places[-1]]) - timedelta(seconds=seconds),
        seconds=seconds,
        open=track.number(OPEN, places[0]),
        high=max(track.number(HIGH, place) for place in places),
        low=min(track.number(LOW, place) for place in places),
        close=track.number(CLOSE, places[-1]),
    )


def _closed_at(candle: Candle) -> datetime:
    return candle.opened_at + timedelta(seconds=candle.seconds)
