"""Binance's public prices: tickers, best bids and asks, books, marks and funding."""

from datetime import datetime
from decimal import Decimal

from bot.domain.instrument import Instrument, Kind
from bot.domain.snapshot import FundingRate, Quote
from tests.emulator.asks import Ask, Reply
from tests.emulator.binance.names import (
    Product,
    chosen,
    exact,
    instrument_of,
    listed,
    pair_of,
    plain,
    product_of,
    told,
    venue_id,
)
from tests.emulator.core import Core

DAY_MS = 24 * 3_600_000
UPDATE_ID = 1_027_024
LEVELS = 10
LEVEL_GAP = Decimal("0.00025")
USUAL_HOURS = 8


def ms(moment: datetime) -> int:
    """Return a moment in integer milliseconds UTC."""
    return round(moment.timestamp() * 1000)


def _answer(ask: Ask, rows: list[dict[str, object]], *, always_list: bool) -> Reply:
    """One symbol asked for is answered with one object, except where the venue always answers with a list."""
    single = "symbol" in ask.params and not always_list
    return Reply(body=rows[0] if single else rows)


def ticker_24hr(ask: Ask, core: Core) -> Reply:
    """Answer GET …/ticker/24hr: the futures rows carry neither bid nor ask, and COIN-M answers with a list."""
    product, quotes = product_of(ask), core.quotes()
    wanted = [one for one in chosen(core, product, ask.params) if one.symbol in quotes]
    rows = [_day_row(core, product, one, quotes[one.symbol]) for one in wanted]
    return _answer(ask, rows, always_list=product is Product.INVERSE)


def _day_row(core: Core, product: Product, one: Instrument, quote: Quote) -> dict[str, object]:
    price, volume = plain(quote.last), quote.volume_24h or Decimal(0)
    row: dict[str, object] = {
        "symbol": venue_id(one),
        "priceChange": "0",
        "priceChangePercent": "0.000",
        "weightedAvgPrice": price,
        "lastPrice": price,
        "lastQty": plain(one.min_quantity),
        "openPrice": price,
        "highPrice": price,
        "lowPrice": price,
        "openTime": core.now_ms() - DAY_MS,
        "closeTime": core.now_ms(),
        "firstId": 1,
        "lastId": 76,
        "count": 76,
    }
    if product is Product.INVERSE:
        contracts = told(volume / one.contract_size, 0)
        return {**row, "pair": pair_of(one), "volume": contracts, "baseVolume": told(volume / quote.last)}
    row |= {"volume": told(volume / quote.last), "quoteVolume": exact(volume)}
    if product is Product.SPOT:
        row |= {**_best(one, quote), "prevClosePrice": price}
    return row


def _best(one: Instrument, quote: Quote) -> dict[str, object]:
    """Return best bid and ask with a tenth of the modelled depth behind each."""
    sizes = [(depth or Decimal(0)) / LEVELS for depth in (quote.bid_depth, quote.ask_depth)]
    return {
        "bidPrice": plain(quote.bid),
        "bidQty": plain(one.quantity(sizes[0] / quote.bid, quote.bid)),
        "askPrice": plain(quote.ask),
        "askQty": plain(one.quantity(sizes[1] / quote.ask, quote.ask)),
    }


def book_ticker(ask: Ask, core: Core) -> Reply:
    """Answer GET …/ticker/bookTicker; the spot rows carry no time."""
    product, quotes = product_of(ask), core.quotes()
    rows: list[dict[str, object]] = []
    for one in chosen(core, product, ask.params):
        if one.symbol not in quotes:
            continue
        row: dict[str, object] = {"symbol": venue_id(one), **_best(one, quotes[one.symbol])}
        if product is not Product.SPOT:
            row |= {"lastUpdateId": UPDATE_ID, "time": core.now_ms()}
        if product is Product.INVERSE:
            row |= {"pair": pair_of(one)}
        rows.append(row)
    return _answer(ask, rows, always_list=product is Product.INVERSE)


def depth(ask: Ask, core: Core) -> Reply:
    """Answer GET …/depth: ten levels a side, 2.5 basis points apart, as the simulator trades them."""
    product = product_of(ask)
    one = instrument_of(core, product, ask.params)
    quote = core.quotes()[one.symbol]
    most = int(ask.params.get("limit", "100"))
    body: dict[str, object] = {
        "lastUpdateId": UPDATE_ID,
        "bids": _side(one, quote.bid, quote.bid_depth, -1)[:most],
        "asks": _side(one, quote.ask, quote.ask_depth, 1)[:most],
    }
    if product is not Product.SPOT:
        body |= {"E": core.now_ms(), "T": core.now_ms()}
    if product is Product.INVERSE:
        body |= {"symbol": venue_id(one), "pair": pair_of(one)}
    return Reply(body=body)


def _side(one: Instrument, best: Decimal, value: Decimal | None, sign: int) -> list[list[str]]:
    rows = []
    for number in range(LEVELS):
        steps = round(best * (1 + sign * number * LEVEL_GAP) / one.tick)
        price = steps * one.tick
        size = one.quantity((value or Decimal(0)) / LEVELS / price, price)
        rows.append([plain(price), plain(size)])
    return rows


def premium_index(ask: Ask, core: Core) -> Reply:
    """Answer GET …/premiumIndex: marks, indices and the rate as it stands; dated contracts have no rate."""
    product, quotes, rates = product_of(ask), core.quotes(), core.funding()
    rows = [
        _mark_row(core, one, quotes[one.symbol], rates.get(one.symbol))
        for one in chosen(core, product, ask.params)
        if one.symbol in quotes
    ]
    return _answer(ask, rows, always_list=product is Product.INVERSE)


def _mark_row(core: Core, one: Instrument, quote: Quote, rate: FundingRate | None) -> dict[str, object]:
    row: dict[str, object] = {
        "symbol": venue_id(one),
        "markPrice": exact(quote.mark or quote.mid),
        "indexPrice": exact(quote.index or quote.mid),
        "estimatedSettlePrice": exact(quote.index or quote.mid),
        "lastFundingRate": "" if rate is None else exact(rate.rate),
        "interestRate": "" if rate is None else "0.00010000",
        "nextFundingTime": 0 if rate is None else ms(rate.next_at),
        "time": core.now_ms(),
    }
    return {**row, "pair": pair_of(one)} if one.kind.is_inverse else row


def funding_info(ask: Ask, core: Core) -> Reply:
    """Answer GET …/fundingInfo: only the contracts whose interval or caps are not the usual ones."""
    product, rates = product_of(ask), core.funding()
    return Reply(
        body=[
            {
                "symbol": venue_id(one),
                "adjustedFundingRateCap": "0.02500000",
                "adjustedFundingRateFloor": "-0.02500000",
                "fundingIntervalHours": int(rates[one.symbol].interval_hours),
                "disclaimer": False,
            }
            for one in listed(core, product)
            if one.symbol in rates and rates[one.symbol].interval_hours != USUAL_HOURS
        ]
    )


def ping(ask: Ask, core: Core) -> Reply:
    """Answer GET …/ping."""
    return Reply(body={})


def is_perpetual(one: Instrument) -> bool:
    """Whether an instrument pays funding."""
    return one.kind in (Kind.LINEAR_PERPETUAL, Kind.INVERSE_PERPETUAL)
