"""The past as a venue tells it: bars that begin on the hour outside, the last one unfinished, and settled funding."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.reading import Series, SeriesKind, candles_key
from bot.domain.snapshot import Candle
from bot.simulator.market import Market
from bot.simulator.synthetic import EPOCH as MARKET_EPOCH
from tests.emulator.times import BASE, EPOCH, MarketClock, to_ms

MOST_BARS = 5_000
SETTLEMENTS = 270  # three months of 8 hours


class Past:
    """What one market tells of its past, told in the time outside."""

    def __init__(self, market: Market, clock: MarketClock) -> None:
        self._market = market
        self._clock = clock

    def candles(self, one: Instrument, seconds: int, since_ms: int, limit: int, price: Decimal) -> tuple[Candle, ...]:
        """Return bars of `seconds`, oldest first, the running one last with `price` as its close.

        With a `since_ms` the first `limit` bars opened at it or later, with 0 the newest `limit`. Contracts
        have the bars of their coin's spot market. Empty for bars that are finer than five minutes or do not
        divide a day; bars finer than an hour reach fifteen days back.
        """
        bar = timedelta(seconds=seconds)
        running = (self._clock.outside() - EPOCH) // bar
        first = -(-since_ms // (seconds * 1000)) if since_ms else running + 1 - limit
        first = max(first, running + 1 - MOST_BARS)
        if limit <= 0 or first > running:
            return ()
        known = self._by_number(one, seconds, running - first + 2)
        if not known:
            return ()
        bars: list[Candle] = []
        close = known[min(known)].open
        for number in range(max(first - 1, min(known)), running + 1):
            found = known.get(number) if number < running else None
            found = found or _flat(one, seconds, close, price)
            bars.append(replace(found, symbol=one.symbol, opened_at=EPOCH + number * bar))
            close = found.close
        return tuple([candle for candle in bars if candle.opened_at >= EPOCH + first * bar][:limit])

    def _by_number(self, one: Instrument, seconds: int, count: int) -> dict[int, Candle]:
        """Return the market's closed bars by their number outside: those that ran at the start have the same."""
        bar, clock = timedelta(seconds=seconds), self._clock
        moved = (clock.started - EPOCH) // bar - (BASE - MARKET_EPOCH) // bar - clock.ahead // bar
        spots = (other for other in self._market.instruments.values() if other.kind.is_spot)
        spot = next(other.symbol for other in spots if other.base == one.base)
        wanted = Series(kind=SeriesKind.CANDLES, symbol=spot, seconds=seconds, count=count)
        told = self._market.history((wanted,), clock.now()).candles.get(candles_key(spot, seconds), ())
        return {(candle.opened_at - MARKET_EPOCH) // bar + moved: candle for candle in told}

    def settled(self, symbol: str) -> tuple[tuple[int, Decimal], ...]:
        """Return the settled funding of three months: milliseconds outside and rate, oldest first."""
        wanted = Series(kind=SeriesKind.FUNDING, symbol=symbol, seconds=0, count=SETTLEMENTS)
        points = self._market.history((wanted,), self._clock.now()).funding.get(symbol, ())
        return tuple((to_ms(point.at + self._clock.shift), point.rate) for point in points)


def _flat(one: Instrument, seconds: int, opened: Decimal, close: Decimal) -> Candle:
    """Return a bar that is known only by where it began and where the price stands now."""
    return Candle(
        symbol=one.symbol,
        opened_at=EPOCH,
        seconds=seconds,
        open=opened,
        high=max(opened, close),
        low=min(opened, close),
        close=close,
    )
