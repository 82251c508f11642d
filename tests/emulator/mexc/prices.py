"""What MEXC tells of prices: spot tickers and books, contract tickers with mark and index, funding, candles."""

from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.snapshot import Candle, Quote
from tests.emulator.asks import Ask, Reply
from tests.emulator.core import Core
from tests.emulator.mexc.names import (
    bare,
    contract_of,
    contracts,
    is_linear,
    paged,
    plain,
    spot_listed,
    spot_of,
    venue_id,
)
from tests.emulator.mexc.refusals import contract_refused, spot_refused

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
SPOT_INTERVALS = {"1m": 60, "5m": 300, "15m": 900, "30m": 1800, "60m": 3600, "4h": 14_400, "1d": 86_400}
CONTRACT_INTERVALS = {"Min1": 60, "Min5": 300, "Min15": 900, "Min30": 1800, "Min60": 3600, "Hour4": 14_400}
CONTRACT_INTERVALS |= {"Hour8": 28_800, "Day1": 86_400}
MOST_SPOT_CANDLES = 500
MOST_CONTRACT_CANDLES = 2000
LEVELS = 5


def _told(data: object) -> Reply:
    return Reply(body={"success": True, "code": 0, "data": data})


def spot_tickers(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/ticker/24hr: a list, or one ticker where a symbol is named."""
    quotes, name = core.quotes(), ask.params.get("symbol", "")
    if name:
        one = spot_of(core, name)
        return Reply(body=_spot_ticker(core, one, quotes[one.symbol]))
    return Reply(body=[_spot_ticker(core, one, quotes[one.symbol]) for one in spot_listed(core)])


def _spot_ticker(core: Core, one: Instrument, quote: Quote) -> dict[str, object]:
    volume = None if quote.volume_24h is None else plain(quote.volume_24h)
    return {
        "symbol": venue_id(one),
        "priceChange": "0",
        "priceChangePercent": "0",
        "prevClosePrice": plain(quote.last),
        "lastPrice": plain(quote.last),
        "bidPrice": plain(quote.bid),
        "bidQty": "",
        "askPrice": plain(quote.ask),
        "askQty": "",
        "openPrice": plain(quote.last),
        "highPrice": plain(quote.last),
        "lowPrice": plain(quote.last),
        "volume": None if quote.volume_24h is None else plain(quote.volume_24h / quote.last),
        "quoteVolume": volume,
        "openTime": core.now_ms() - DAY_MS,
        "closeTime": core.now_ms(),
        "count": None,
    }


def book_tickers(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/ticker/bookTicker: a list, or one row where a symbol is named."""
    quotes, name = core.quotes(), ask.params.get("symbol", "")
    if name:
        one = spot_of(core, name)
        return Reply(body=_best(one, quotes[one.symbol]))
    return Reply(body=[_best(one, quotes[one.symbol]) for one in spot_listed(core)])


def _best(one: Instrument, quote: Quote) -> dict[str, object]:
    return {
        "symbol": venue_id(one),
        "bidPrice": plain(quote.bid),
        "bidQty": plain(one.step * 100),
        "askPrice": plain(quote.ask),
        "askQty": plain(one.step * 100),
    }


def spot_depth(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/depth."""
    one = spot_of(core, ask.params.get("symbol", ""))
    bids, asks = _levels(one, core.quotes()[one.symbol])
    return Reply(
        body={
            "lastUpdateId": core.now_ms(),
            "bids": [[plain(price), plain(size)] for price, size in bids],
            "asks": [[plain(price), plain(size)] for price, size in asks],
            "timestamp": core.now_ms(),
        }
    )


def contract_depth(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v1/contract/depth/{symbol}: price, contracts, number of orders."""
    one = contract_of(core, ask.path.rsplit("/", 1)[1])
    bids, asks = _levels(one, core.quotes()[one.symbol])
    return _told(
        {
            "asks": [[bare(price), bare(size), 1] for price, size in asks],
            "bids": [[bare(price), bare(size), 1] for price, size in bids],
            "version": core.now_ms(),
            "timestamp": core.now_ms(),
        }
    )


def _levels(one: Instrument, quote: Quote) -> tuple[list[tuple[Decimal, Decimal]], list[tuple[Decimal, Decimal]]]:
    """Return five levels a tick apart on each side, which hold the depth within 25 basis points between them."""
    sides = []
    for price, depth, way in ((quote.bid, quote.bid_depth, -1), (quote.ask, quote.ask_depth, 1)):
        size = one.quantity((depth or price) / LEVELS / price, price) or one.step
        sides.append([(price + way * one.tick * step, size) for step in range(LEVELS)])
    return sides[0], sides[1]


def contract_tickers(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v1/contract/ticker: a list, or one ticker where a symbol is named."""
    name = ask.params.get("symbol", "")
    if name:
        return _told(_contract_ticker(core, contract_of(core, name)))
    return _told([_contract_ticker(core, one) for one in contracts(core)])


def _contract_ticker(core: Core, one: Instrument) -> dict[str, object]:
    """Return a contract's ticker: volume24 in contracts, amount24 in quote currency (in coins of an inverse one)."""
    quote, rate = core.quotes()[one.symbol], core.funding()[one.symbol]
    value = quote.volume_24h or Decimal(0)
    count = one.quantity(value / quote.last, quote.last)
    return {
        "symbol": venue_id(one),
        "lastPrice": bare(quote.last),
        "bid1": bare(quote.bid),
        "ask1": bare(quote.ask),
        "volume24": bare(count),
        "amount24": bare(value if is_linear(one) else value / quote.last),
        "holdVol": bare(count),
        "lower24Price": bare(quote.last),
        "high24Price": bare(quote.last),
        "riseFallRate": 0,
        "riseFallValue": 0,
        "indexPrice": bare(_index(quote)),
        "fairPrice": bare(quote.valuation),
        "fundingRate": bare(rate.rate),
        "maxBidPrice": bare(quote.valuation * Decimal("1.1")),
        "minAskPrice": bare(quote.valuation * Decimal("0.9")),
        "timestamp": core.now_ms(),
    }


def _index(quote: Quote) -> Decimal:
    return quote.valuation if quote.index is None else quote.index


def fair_price(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v1/contract/fair_price/{symbol}: the mark."""
    one = contract_of(core, ask.path.rsplit("/", 1)[1])
    mark = core.quotes()[one.symbol].valuation
    return _told({"symbol": venue_id(one), "fairPrice": bare(mark), "timestamp": core.now_ms()})


def index_price(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v1/contract/index_price/{symbol}."""
    one = contract_of(core, ask.path.rsplit("/", 1)[1])
    index = _index(core.quotes()[one.symbol])
    return _told({"symbol": venue_id(one), "indexPrice": bare(index), "timestamp": core.now_ms()})


def funding_rate(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v1/contract/funding_rate/{symbol}: the rate of the running cycle."""
    return _told(_rate_row(core, contract_of(core, ask.path.rsplit("/", 1)[1])))


def funding_rates(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v1/contract/funding_rate: every contract's rate; ccxt has no call for it."""
    return _told([_rate_row(core, one) for one in contracts(core)])


def _rate_row(core: Core, one: Instrument) -> dict[str, object]:
    rate = core.funding()[one.symbol]
    return {
        "symbol": venue_id(one),
        "fundingRate": bare(rate.rate),
        "maxFundingRate": 0.001,
        "minFundingRate": -0.001,
        "collectCycle": bare(rate.interval_hours),
        "nextSettleTime": int(rate.next_at.timestamp() * 1000),
        "timestamp": core.now_ms(),
    }


def funding_history(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v1/contract/funding_rate/history: settled rates, newest first."""
    one = contract_of(core, ask.params.get("symbol", ""))
    settled = core.past_funding(one.symbol)
    rows: list[dict[str, object]] = [
        {"symbol": venue_id(one), "fundingRate": bare(rate), "settleTime": at_ms} for at_ms, rate in reversed(settled)
    ]
    return _told(paged(ask, rows))


def spot_candles(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/klines: at most 500 bars, the last one unfinished; the end is not included."""
    one = spot_of(core, ask.params.get("symbol", ""))
    seconds = SPOT_INTERVALS.get(ask.params.get("interval", ""))
    if seconds is None:
        raise spot_refused(-1121, "Invalid interval.")
    most = min(int(ask.params.get("limit", MOST_SPOT_CANDLES)), MOST_SPOT_CANDLES)
    end = int(ask.params.get("endTime", core.now_ms() + 1))
    start = int(ask.params.get("startTime", end - most * seconds * 1000))
    bars = [bar for bar in core.candles(one.symbol, seconds, start, most) if _opened(bar) < end]
    return Reply(
        body=[
            [
                _opened(bar),
                plain(bar.open),
                plain(bar.high),
                plain(bar.low),
                plain(bar.close),
                plain(bar.volume or Decimal(0)),
                _opened(bar) + seconds * 1000,
                plain((bar.volume or Decimal(0)) * bar.close),
            ]
            for bar in bars
        ]
    )


def contract_candles(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v1/contract/kline/{symbol} and its fair_price and index_price forms: columns, times in seconds."""
    one = contract_of(core, ask.path.rsplit("/", 1)[1])
    seconds = CONTRACT_INTERVALS.get(ask.params.get("interval", "Min1"))
    if seconds is None:
        raise contract_refused(600, "Param error!")
    end = int(ask.params.get("end", core.now_ms() // 1000))
    start = int(ask.params.get("start", end - MOST_CONTRACT_CANDLES * seconds))
    bars = core.candles(one.symbol, seconds, start * 1000, MOST_CONTRACT_CANDLES)
    kept = [bar for bar in bars if _opened(bar) // 1000 <= end]
    volumes = [one.quantity(bar.volume or Decimal(0), bar.close) for bar in kept]
    return _told(
        {
            "time": [_opened(bar) // 1000 for bar in kept],
            "open": [bare(bar.open) for bar in kept],
            "close": [bare(bar.close) for bar in kept],
            "high": [bare(bar.high) for bar in kept],
            "low": [bare(bar.low) for bar in kept],
            "vol": [bare(volume) for volume in volumes],
            "amount": [bare(volume * one.contract_size) for volume in volumes],
        }
    )


def _opened(bar: Candle) -> int:
    return int(bar.opened_at.timestamp() * 1000)
