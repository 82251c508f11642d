"""WEEX's public prices: day tickers, best prices, books, marks with funding in one list, bars, settled funding."""

from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.snapshot import Candle, Quote
from tests.emulator.asks import Ask, Reply
from tests.emulator.core import Core
from tests.emulator.weex.names import chosen, found, is_contract, venue_id
from tests.emulator.weex.words import ms, plain, refused, told

LEVELS = 10
LEVEL_GAP = Decimal("0.00025")
DAY_MS = 86_400_000
MOST_BARS = 1000
SECONDS = {
    "1m": 60,
    "5m": 300,
    "15m": 900,
    "30m": 1800,
    "1h": 3600,
    "2h": 7200,
    "4h": 14_400,
    "6h": 21_600,
    "8h": 28_800,
    "12h": 43_200,
    "1d": 86_400,
}
Row = dict[str, object]


def tickers(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/market/ticker/24hr and capi/v3/market/ticker/24hr, always as a list."""
    quotes = core.quotes()
    return Reply(body=[_ticker(ask, core, one, quotes[one.symbol]) for one in chosen(ask, core)])


def _ticker(ask: Ask, core: Core, one: Instrument, quote: Quote) -> Row:
    value, now = quote.volume_24h or Decimal(0), core.now_ms()
    row: Row = {
        "symbol": venue_id(one),
        "priceChange": "0",
        "priceChangePercent": "0",
        "lastPrice": plain(quote.last),
        "openPrice": plain(quote.last),
        "highPrice": plain(quote.last),
        "lowPrice": plain(quote.last),
        "volume": told(value / quote.last),
        "quoteVolume": told(value),
        "openTime": now - DAY_MS,
        "closeTime": now,
    }
    if is_contract(ask):
        return {**row, "markPrice": plain(quote.valuation), "indexPrice": plain(quote.index or quote.mid)}
    return {**row, **_best(one, quote), "count": 1}


def book_tickers(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/market/ticker/bookTicker and capi/v3/market/ticker/bookTicker."""
    quotes = core.quotes()
    rows = [
        {"symbol": venue_id(one), **_best(one, quotes[one.symbol]), "time": core.now_ms()} for one in chosen(ask, core)
    ]
    return Reply(body=rows)


def _best(one: Instrument, quote: Quote) -> Row:
    bid, ask = levels(one, quote.bid, quote.bid_depth, -1)[0], levels(one, quote.ask, quote.ask_depth, 1)[0]
    return {"bidPrice": bid[0], "bidQty": bid[1], "askPrice": ask[0], "askQty": ask[1]}


def last_prices(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/market/ticker/price."""
    quotes = core.quotes()
    return Reply(body=[{"symbol": venue_id(one), "price": plain(quotes[one.symbol].last)} for one in chosen(ask, core)])


def symbol_price(ask: Ask, core: Core) -> Reply:
    """Answer GET capi/v3/market/symbolPrice: the index price unless the mark is asked for."""
    one = found(ask, core, ask.params.get("symbol", ""))
    quote = core.quotes()[one.symbol]
    price = quote.valuation if ask.params.get("priceType") == "MARK" else quote.index or quote.mid
    return Reply(body={"symbol": venue_id(one), "price": plain(price), "time": core.now_ms()})


def levels(one: Instrument, best: Decimal, value: Decimal | None, sign: int) -> list[list[str]]:
    """Return price and coins of each level as text, the best first."""
    rows = []
    for number in range(LEVELS):
        price = round(best * (1 + sign * number * LEVEL_GAP) / one.tick) * one.tick
        rows.append([plain(price), told((value or Decimal(0)) / LEVELS / price)])
    return rows


def depth(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/market/depth and capi/v3/market/depth: 15 levels, or 200 where they are asked for."""
    one = found(ask, core, ask.params.get("symbol", ""))
    if ask.params.get("limit", "15") not in ("15", "200"):
        raise refused(-1140, "Parameter validation failed. limit must be 15 or 200.")
    quote = core.quotes()[one.symbol]
    return Reply(
        body={
            "asks": levels(one, quote.ask, quote.ask_depth, 1),
            "bids": levels(one, quote.bid, quote.bid_depth, -1),
            "lastUpdateId": core.now_ms(),
        }
    )


def premium_index(ask: Ask, core: Core) -> Reply:
    """Answer GET capi/v3/market/premiumIndex: mark, index, the last rate and the forecast, minutes of a cycle."""
    quotes, rates = core.quotes(), core.funding()
    rows = [
        {
            "symbol": venue_id(one),
            "markPrice": plain(quotes[one.symbol].valuation),
            "indexPrice": plain(quotes[one.symbol].index or quotes[one.symbol].mid),
            "forecastFundingRate": f"{rates[one.symbol].rate:.8f}",
            "lastFundingRate": f"{rates[one.symbol].rate:.8f}",
            "interestRate": "0.0001",
            "nextFundingTime": ms(rates[one.symbol].next_at),
            "time": core.now_ms(),
            "collectCycle": int(rates[one.symbol].interval_hours * 60),
        }
        for one in chosen(ask, core)
    ]
    return Reply(body=rows)


def funding_history(ask: Ask, core: Core) -> Reply:
    """Answer GET capi/v3/market/fundingRate: settled rates, newest first."""
    one = found(ask, core, ask.params.get("symbol", ""))
    start, end = int(ask.params.get("startTime", 0)), int(ask.params.get("endTime", core.now_ms()))
    most = min(int(ask.params.get("limit", 100)), 1000)
    settled = [(at_ms, rate) for at_ms, rate in core.past_funding(one.symbol) if start <= at_ms <= end]
    kept = sorted(settled)[:most] if "startTime" in ask.params else sorted(settled)[-most:]
    rows = [
        {"symbol": venue_id(one), "fundingRate": f"{rate:.8f}", "fundingTime": at_ms, "markPrice": "0"}
        for at_ms, rate in reversed(kept)
    ]
    return Reply(body=rows)


def klines(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/market/klines, capi/v3/market/klines and historyKlines: lists of text, oldest first."""
    one, seconds = found(ask, core, ask.params.get("symbol", "")), SECONDS.get(ask.params.get("interval", ""))
    if seconds is None:
        raise refused(-1142, "Parameter interval is invalid.")
    most = min(int(ask.params.get("limit", 100)), MOST_BARS)
    end = int(ask.params.get("endTime", core.now_ms()))
    start = int(ask.params.get("startTime", end - most * seconds * 1000))
    bars = [bar for bar in core.candles(one.symbol, seconds, start, MOST_BARS + 1) if start <= ms(bar.opened_at) <= end]
    kept = bars[:most] if "startTime" in ask.params else bars[-most:]
    return Reply(body=[_bar(bar) for bar in kept])


def _bar(bar: Candle) -> list[object]:
    opened = ms(bar.opened_at)
    prices = [plain(price) for price in (bar.open, bar.high, bar.low, bar.close)]
    coins = bar.volume or Decimal(0)
    return [opened, *prices, told(coins), opened + bar.seconds * 1000 - 1, told(coins * bar.close), 1, "0", "0"]


def open_interest(ask: Ask, core: Core) -> Reply:
    """Answer GET capi/v3/market/openInterest, in coins."""
    one = found(ask, core, ask.params.get("symbol", ""))
    quote = core.quotes()[one.symbol]
    coins = told((quote.volume_24h or Decimal(0)) / quote.last)
    return Reply(body={"symbol": venue_id(one), "openInterest": coins, "time": core.now_ms()})
