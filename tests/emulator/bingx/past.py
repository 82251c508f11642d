"""BingX's public past: bars newest first with the unfinished one on top, and settled funding."""

from decimal import Decimal

from bot.domain.snapshot import Candle
from tests.emulator.asks import Ask, Reply
from tests.emulator.bingx.names import Side, find, side_of, venue_id
from tests.emulator.bingx.words import answered, bare, ms, plain, refused, stamped, told, whole_of
from tests.emulator.core import Core

SECONDS = {
    "1m": 60,
    "3m": 180,
    "5m": 300,
    "15m": 900,
    "30m": 1800,
    "1h": 3600,
    "2h": 7200,
    "4h": 14_400,
    "6h": 21_600,
    "12h": 43_200,
    "1d": 86_400,
}
MOST_BARS = {Side.SPOT: 1440, Side.LINEAR: 1440, Side.INVERSE: 1000}
MOST_RATES = 1000


def klines(ask: Ask, core: Core) -> Reply:
    """Answer GET spot/v1/market/kline, swap/v3/quote/klines, cswap/v1/market/klines, newest first.

    Spot tells lists of numbers, contracts rows of text. The spot side's days begin at 16:00 UTC unless
    `timeZone` is 0.
    """
    side, bars = side_of(ask.path), _bars(ask, core)
    if side is Side.SPOT:
        return stamped(core, [_spot_bar(bar) for bar in bars])
    rows: list[dict[str, object]] = [
        {**_prices(bar), "volume": told(bar.volume or Decimal(0)), "time": ms(bar.opened_at)} for bar in bars
    ]
    return answered(rows)


def _spot_bar(bar: Candle) -> list[int | float]:
    opened, coins = ms(bar.opened_at), bar.volume or Decimal(0)
    numbers = (bar.open, bar.high, bar.low, bar.close, coins)
    return [opened, *(bare(number) for number in numbers), opened + bar.seconds * 1000 - 1, bare(coins * bar.close)]


def _prices(bar: Candle) -> dict[str, object]:
    return {"open": plain(bar.open), "close": plain(bar.close), "high": plain(bar.high), "low": plain(bar.low)}


def mark_klines(ask: Ask, core: Core) -> Reply:
    """Answer GET swap/v1/market/markPriceKlines: the same bars without an amount."""
    bars = _bars(ask, core)
    return answered(
        [
            {**_prices(bar), "volume": "0.00", "openTime": ms(bar.opened_at), "closeTime": ms(bar.opened_at)}
            for bar in bars
        ]
    )


def _bars(ask: Ask, core: Core) -> list[Candle]:
    """Return the bars asked for, newest first: those from `startTime` on, or the newest up to `endTime`."""
    side, sent = side_of(ask.path), ask.params
    one, seconds = find(core, side, sent.get("symbol", "")), SECONDS.get(sent.get("interval", ""))
    if seconds is None:
        raise refused(109400, "Invalid parameters, err:interval: This field must be one of 1m, 3m, 5m, 15m and so on")
    limit = min(whole_of(sent, "limit", 500), MOST_BARS[side])
    end = whole_of(sent, "endTime", 0) or core.now_ms()
    start = whole_of(sent, "startTime", 0)
    begin = start or end - limit * seconds * 1000
    found = [bar for bar in core.candles(one.symbol, seconds, begin, limit + 1) if begin <= ms(bar.opened_at) <= end]
    return (found[:limit] if start else found[-limit:])[::-1]


def funding_rates(ask: Ask, core: Core) -> Reply:
    """Answer GET swap/v2/quote/fundingRate: settled rates, newest first."""
    sent = ask.params
    one = find(core, Side.LINEAR, sent.get("symbol", ""))
    start, end = whole_of(sent, "startTime", 0), whole_of(sent, "endTime", core.now_ms())
    settled = [(at_ms, rate) for at_ms, rate in core.past_funding(one.symbol) if start <= at_ms <= end]
    most = min(whole_of(sent, "limit", 100), MOST_RATES)
    return answered(
        [
            {"symbol": venue_id(one), "fundingRate": f"{rate:.8f}", "fundingTime": at_ms}
            for at_ms, rate in sorted(settled, reverse=True)[:most]
        ]
    )
