"""Words to build a past with: closes, rates and open interest at equal steps, ending at noon."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from bot.domain.reading import FundingPoint, History, Measure, MeasureKind, Reading, candles_key
from bot.domain.snapshot import Candle, OpenInterest
from bot.signals import read_measures
from tests.builders import NOON, Number, d

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
PERPETUAL = "BTC/USDT:USDT"


def a_bar(close: Number, closed_at: datetime, *, symbol: str = "BTC/USDT", seconds: int = 86_400) -> Candle:
    """A bar that opened and closed at one price."""
    opened_at, price = closed_at - timedelta(seconds=seconds), d(close)
    return Candle(symbol=symbol, opened_at=opened_at, seconds=seconds, open=price, high=price, low=price, close=price)


def bars(closes: Sequence[Number], *, symbol: str = "BTC/USDT", end: datetime = NOON, hours: int = 24) -> list[Candle]:
    """Bars with these closes, the last closed at `end`."""
    step = hours * HOUR
    moments = [end - step * (len(closes) - 1 - place) for place in range(len(closes))]
    pairs = zip(closes, moments, strict=True)
    return [a_bar(close, moment, symbol=symbol, seconds=hours * 3600) for close, moment in pairs]


def rates(
    numbers: Sequence[Number], *, hours: int = 8, end: datetime = NOON, symbol: str = PERPETUAL
) -> list[FundingPoint]:
    """Settlements with these rates, `hours` apart, the last at `end`."""
    return [
        FundingPoint(
            symbol=symbol, at=end - hours * HOUR * (len(numbers) - 1 - place), rate=d(rate), interval_hours=d(hours)
        )
        for place, rate in enumerate(numbers)
    ]


def interest(coins: Sequence[Number], *, hours: int = 24, end: datetime = NOON) -> list[OpenInterest]:
    """Open interest in coins, `hours` apart, the last at `end`."""
    return [
        OpenInterest(symbol=PERPETUAL, coins=d(number), at=end - hours * HOUR * (len(coins) - 1 - place))
        for place, number in enumerate(coins)
    ]


def a_past(
    *,
    candles: Sequence[Candle] = (),
    funding: Sequence[FundingPoint] = (),
    open_interest: Sequence[OpenInterest] = (),
) -> History:
    """A history of what is given, by symbol (and by symbol and seconds)."""
    keys = dict.fromkeys(candles_key(one.symbol, one.seconds) for one in candles)
    return History(
        candles={key: tuple(one for one in candles if candles_key(one.symbol, one.seconds) == key) for key in keys},
        funding={PERPETUAL: tuple(funding)} if funding else {},
        open_interest={PERPETUAL: tuple(open_interest)} if open_interest else {},
    )


def a_measure(
    kind: MeasureKind, *periods: int, subject: str = "BTC", bar_hours: int = 24, against: str = ""
) -> Measure:
    """A measure of BTC over daily bars."""
    return Measure(kind=kind, subject=subject, periods=periods, bar_hours=bar_hours, against=against)


def read(measure: Measure, history: History, at: datetime = NOON) -> Reading:
    """The reading of one measure."""
    (reading,) = read_measures((measure,), history, at, "USDT")
    return reading


def value(measure: Measure, history: History, at: datetime = NOON) -> Decimal:
    """The value of one measure; the test fails with the reason when it is unavailable."""
    reading = read(measure, history, at)
    assert reading.value is not None, reading.why
    return reading.value
