"""BingX's public prices: tickers without marks, marks and funding in one call, best prices, books, open interest."""

from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.snapshot import FundingRate, Quote
from tests.emulator.asks import Ask, Reply
from tests.emulator.bingx.names import Side, chosen, find, side_of, venue_id
from tests.emulator.bingx.words import answered, bare, ms, plain, refused, stamped, told
from tests.emulator.core import Core

LEVELS = 10
LEVEL_GAP = Decimal("0.00025")
DAY_MS = 86_400_000
Row = dict[str, object]


def tickers(ask: Ask, core: Core) -> Reply:
    """Answer GET spot/v1/ticker/24hr, swap/v2/quote/ticker, cswap/v1/market/ticker: one symbol or all.

    Spot tells numbers, contracts text; a linear symbol asked for alone is a row, everything else a list.
    """
    side, wanted, quotes = side_of(ask.path), ask.params.get("symbol", ""), core.quotes()
    rows = [_ticker(core, side, one, quotes[one.symbol]) for one in chosen(core, side, wanted) if one.symbol in quotes]
    if side is Side.SPOT:
        return stamped(core, rows)
    return answered(rows[0] if wanted and side is Side.LINEAR and rows else rows)


def _ticker(core: Core, side: Side, one: Instrument, quote: Quote) -> Row:
    value, now = quote.volume_24h or Decimal(0), core.now_ms()
    coins = value / quote.last
    row: Row = {"symbol": venue_id(one), "priceChange": "0", "priceChangePercent": "0%"}
    bids, asks = levels(one, quote.bid, quote.bid_depth, -1), levels(one, quote.ask, quote.ask_depth, 1)
    numbers = {
        "openPrice": quote.last,
        "highPrice": quote.last,
        "lowPrice": quote.last,
        "lastPrice": quote.last,
        "volume": one.quantity(coins, quote.last) if side is Side.INVERSE else coins,
        "quoteVolume": coins if side is Side.INVERSE else value,
        "askPrice": quote.ask,
        "askQty": asks[0][1],
        "bidPrice": quote.bid,
        "bidQty": bids[0][1],
    }
    if side is Side.SPOT:
        told_as_numbers = {name: bare(number.quantize(Decimal("0.00000001"))) for name, number in numbers.items()}
        return {**row, "priceChange": 0, **told_as_numbers, "openTime": now - DAY_MS, "closeTime": now}
    row |= {name: told(number) for name, number in numbers.items()}
    return {**row, "lastQty": "1", "openTime": now - DAY_MS, "closeTime": now}


def spot_book_tickers(ask: Ask, core: Core) -> Reply:
    """Answer GET spot/v2/quote/bookTicker: best prices of one symbol or of all."""
    quotes, rows = core.quotes(), []
    for one in chosen(core, Side.SPOT, ask.params.get("symbol", "")):
        quote = quotes[one.symbol]
        bid, ask_level = levels(one, quote.bid, quote.bid_depth, -1)[0], levels(one, quote.ask, quote.ask_depth, 1)[0]
        rows.append(
            {
                "time": core.now_ms(),
                "symbol": venue_id(one),
                "bidPrice": plain(bid[0]),
                "bidQty": told(bid[1]),
                "askPrice": plain(ask_level[0]),
                "askQty": told(ask_level[1]),
            }
        )
    return stamped(core, rows)


def book_ticker(ask: Ask, core: Core) -> Reply:
    """Answer GET swap/v2/quote/bookTicker: best prices of one contract, as numbers."""
    one = find(core, Side.LINEAR, ask.params.get("symbol", ""))
    quote = core.quotes()[one.symbol]
    row = {
        "symbol": venue_id(one),
        "bid_price": bare(quote.bid),
        "bid_qty": bare(levels(one, quote.bid, quote.bid_depth, -1)[0][1].quantize(Decimal("0.0001"))),
        "ask_price": bare(quote.ask),
        "ask_qty": bare(levels(one, quote.ask, quote.ask_depth, 1)[0][1].quantize(Decimal("0.0001"))),
        "lastUpdateId": core.now_ms(),
        "time": core.now_ms(),
    }
    return answered({"book_ticker": row})


def premium_index(ask: Ask, core: Core) -> Reply:
    """Answer GET swap/v2/quote/premiumIndex and cswap/v1/market/premiumIndex: mark, index, rate, next settlement.

    One linear symbol is a row, one coin-margined symbol a list of one.
    """
    side, wanted = side_of(ask.path), ask.params.get("symbol", "")
    quotes, rates = core.quotes(), core.funding()
    rows = [_premium(core, one, quotes[one.symbol], rates[one.symbol]) for one in chosen(core, side, wanted)]
    if side is Side.INVERSE:
        return answered(rows, timestamp=core.now_ms())
    return answered(rows[0] if wanted else rows)


def _premium(core: Core, one: Instrument, quote: Quote, rate: FundingRate) -> Row:
    return {
        "symbol": venue_id(one),
        "markPrice": plain(quote.valuation),
        "indexPrice": plain(quote.index or quote.mid),
        "lastFundingRate": f"{rate.rate:.8f}",
        "nextFundingTime": ms(rate.next_at),
        "fundingIntervalHours": int(rate.interval_hours),
        "updateTime": core.now_ms(),
    }


def depth(ask: Ask, core: Core) -> Reply:
    """Answer GET of the three depth paths: levels 2.5 basis points apart; linear asks come highest first."""
    side = side_of(ask.path)
    one = find(core, side, ask.params.get("symbol", ""))
    quote, most, now = core.quotes()[one.symbol], int(ask.params.get("limit") or "20"), core.now_ms()
    if most > 1000:
        raise refused(109400, "Invalid parameters, err:limit: must be at most 1000")
    bids, asks = (
        [[plain(price), told(size)] for price, size in levels(one, best, value, sign)[:most]]
        for best, value, sign in ((quote.bid, quote.bid_depth, -1), (quote.ask, quote.ask_depth, 1))
    )
    if side is Side.SPOT:
        return stamped(core, {"bids": bids, "asks": asks, "ts": now, "lastUpdateId": now})
    data: Row = {"T": now, "bids": bids, "asks": asks[::-1]}
    if side is Side.LINEAR:
        return answered({**data, "bidsCoin": bids, "asksCoin": asks[::-1]})
    return answered(data, timestamp=now)


def levels(one: Instrument, best: Decimal, value: Decimal | None, sign: int) -> list[tuple[Decimal, Decimal]]:
    """Return price and size of each level, the best first; sizes in order units."""
    rows = []
    for number in range(LEVELS):
        price = round(best * (1 + sign * number * LEVEL_GAP) / one.tick) * one.tick
        rows.append((price, one.quantity((value or Decimal(0)) / LEVELS / price, price)))
    return rows


def open_interest(ask: Ask, core: Core) -> Reply:
    """Answer GET swap/v2/quote/openInterest (a value in USDT) and cswap/v1/market/openInterest (coins, in a list)."""
    side = side_of(ask.path)
    one = find(core, side, ask.params.get("symbol", ""))
    quote, now = core.quotes()[one.symbol], core.now_ms()
    value = quote.volume_24h or Decimal(0)
    if side is Side.INVERSE:
        rows = [{"symbol": venue_id(one), "openInterest": f"{value / quote.last:.4f}", "timestamp": now}]
        return answered(rows, timestamp=now)
    return answered({"openInterest": f"{value:.2f}", "symbol": venue_id(one), "time": now})
