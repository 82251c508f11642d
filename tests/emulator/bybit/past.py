"""Bybit's public past: bars newest first with the unfinished one on top, settled funding, open interest."""

from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.snapshot import Candle
from tests.emulator.asks import Ask, Reply
from tests.emulator.bybit.names import category_of, find, venue_id
from tests.emulator.bybit.paging import Row, whole
from tests.emulator.bybit.prices import open_interest_of
from tests.emulator.bybit.words import answered, listed_answer, ms, plain, refused, told
from tests.emulator.core import Core

SECONDS = {
    "1": 60,
    "3": 180,
    "5": 300,
    "15": 900,
    "30": 1800,
    "60": 3600,
    "120": 7200,
    "240": 14_400,
    "360": 21_600,
    "720": 43_200,
    "D": 86_400,
}
INTEREST_SECONDS = {"5min": 300, "15min": 900, "30min": 1800, "1h": 3600, "4h": 14_400, "1d": 86_400}
MOST_BARS = 1000
MOST_RATES = 200
MOST_INTEREST = 200


def _asked(ask: Ask, core: Core) -> Instrument:
    return find(core, category_of(core, ask.params), ask.params.get("symbol", ""))


def kline(ask: Ask, core: Core) -> Reply:
    """Answer GET v5/market/kline: open time, prices, volume in coins and turnover (an inverse one the other way)."""
    one, bars = _bars(ask, core)
    rows = []
    for bar in bars:
        coins, value = bar.volume or Decimal(0), (bar.volume or Decimal(0)) * bar.close
        amounts = (value, coins) if one.kind.is_inverse else (coins, value)
        rows.append([*_prices(bar), *(told(amount) for amount in amounts)])
    return _told(ask, core, one, rows)


def price_kline(ask: Ask, core: Core) -> Reply:
    """Answer GET v5/market/mark-price-kline and index-price-kline: the same bars without amounts."""
    one, bars = _bars(ask, core)
    return _told(ask, core, one, [_prices(bar) for bar in bars])


def _told(ask: Ask, core: Core, one: Instrument, rows: list[list[str]]) -> Reply:
    return answered(core, {"symbol": venue_id(one), "category": ask.params["category"], "list": rows})


def _prices(bar: Candle) -> list[str]:
    return [str(ms(bar.opened_at)), *(plain(price) for price in (bar.open, bar.high, bar.low, bar.close))]


def _bars(ask: Ask, core: Core) -> tuple[Instrument, list[Candle]]:
    """Return the bars asked for, newest first: those from `start` on, or the newest up to `end`."""
    one, seconds = _asked(ask, core), SECONDS.get(ask.params.get("interval", ""))
    if seconds is None:
        raise refused(core, 10001, "Invalid period!")
    limit = min(whole(core, ask.params, "limit", 200) or 200, MOST_BARS)
    end = whole(core, ask.params, "end", None) or core.now_ms()
    start = whole(core, ask.params, "start", None)
    begin = end - limit * seconds * 1000 if start is None else start
    found = [bar for bar in core.candles(one.symbol, seconds, begin, limit + 1) if begin <= ms(bar.opened_at) <= end]
    return one, found[:limit][::-1] if start is not None else found[-limit:][::-1]


def funding_history(ask: Ask, core: Core) -> Reply:
    """Answer GET v5/market/funding/history, newest first; a startTime without an endTime is refused."""
    one = _asked(ask, core)
    start, end = whole(core, ask.params, "startTime", None), whole(core, ask.params, "endTime", None)
    if start is not None and end is None:
        raise refused(core, 10001, "params error: EndTime is required")
    limit = whole(core, ask.params, "limit", MOST_RATES) or MOST_RATES
    settled = [
        (at_ms, rate)
        for at_ms, rate in core.past_funding(one.symbol)
        if (start or 0) <= at_ms <= (core.now_ms() if end is None else end)
    ]
    rows: list[Row] = [
        {"symbol": venue_id(one), "fundingRate": told(rate), "fundingRateTimestamp": str(at_ms)}
        for at_ms, rate in sorted(settled, reverse=True)[: min(limit, MOST_RATES)]
    ]
    return answered(core, {"category": ask.params["category"], "list": rows})


def open_interest(ask: Ask, core: Core) -> Reply:
    """Answer GET v5/market/open-interest: coins of a linear contract, USD of an inverse one, newest first.

    The list walks backwards from endTime; a lone startTime is not read (the venue's own way).
    """
    one, seconds = _asked(ask, core), INTEREST_SECONDS.get(ask.params.get("intervalTime", ""))
    if seconds is None:
        raise refused(core, 10001, "params error: intervalTime invalid")
    end = whole(core, ask.params, "endTime", None)
    start = whole(core, ask.params, "startTime", 0) if end is not None else 0
    limit = min(whole(core, ask.params, "limit", 50) or 50, MOST_INTEREST)
    step, last = seconds * 1000, min(end or core.now_ms(), core.now_ms())
    moments = [at for at in range(last - last % step, last - last % step - limit * step, -step) if at >= (start or 0)]
    amount = open_interest_of(one, core.quotes()[one.symbol])
    rows: list[Row] = [{"openInterest": told(amount), "timestamp": str(at)} for at in moments]
    reply = listed_answer(core, ask.params["category"], rows)
    body = reply.body
    assert isinstance(body, dict)
    return Reply(body={**body, "result": {"symbol": venue_id(one), **body["result"]}})
