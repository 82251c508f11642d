"""Bybit's public prices: one tickers call tells quotes, marks, indices, funding and open interest; and the book."""

from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.snapshot import FundingRate, Quote
from tests.emulator.asks import Ask, Reply
from tests.emulator.bybit.names import Category, category_of, chosen, find, venue_id
from tests.emulator.bybit.words import answered, ms, plain, told
from tests.emulator.core import Core

LEVELS = 10
LEVEL_GAP = Decimal("0.00025")
UPDATE_ID = 243_781
OPEN_INTEREST_DAYS = Decimal(1)  # open interest modelled as one day's volume


def tickers(ask: Ask, core: Core) -> Reply:
    """Answer GET v5/market/tickers of one category or one symbol."""
    category, quotes, rates = category_of(core, ask.params), core.quotes(), core.funding()
    rows: list[dict[str, object]] = []
    for one in chosen(core, ask.params):
        quote = quotes.get(one.symbol)
        if quote is None:
            continue
        row = _common_row(one, quote)
        rows.append({**row, **_contract_part(one, quote, rates.get(one.symbol))} if category != Category.SPOT else row)
    return answered(core, {"category": category, "list": rows})


def _common_row(one: Instrument, quote: Quote) -> dict[str, object]:
    """Return what both kinds tell. Turnover is in quote currency, of an inverse contract in coins."""
    value, last = quote.volume_24h or Decimal(0), plain(quote.last)
    coins = value / quote.last
    row: dict[str, object] = {
        "symbol": venue_id(one),
        **_best(one, quote),
        "lastPrice": last,
        "prevPrice24h": last,
        "price24hPcnt": "0",
        "highPrice24h": last,
        "lowPrice24h": last,
        "turnover24h": told(coins if one.kind.is_inverse else value),
        "volume24h": told(value if one.kind.is_inverse else coins),
    }
    if one.kind.is_spot:
        row["usdIndexPrice"] = plain(quote.mid)
    return row


def _best(one: Instrument, quote: Quote) -> dict[str, object]:
    bids, asks = _side(one, quote.bid, quote.bid_depth, -1), _side(one, quote.ask, quote.ask_depth, 1)
    return {
        "bid1Price": plain(quote.bid),
        "bid1Size": bids[0][1],
        "ask1Price": plain(quote.ask),
        "ask1Size": asks[0][1],
    }


def open_interest_of(one: Instrument, quote: Quote) -> Decimal:
    """Return the open interest the venue tells: coins of a linear contract, USD of an inverse one."""
    value = (quote.volume_24h or Decimal(0)) * OPEN_INTEREST_DAYS
    return value if one.kind.is_inverse else value / quote.last


def _contract_part(one: Instrument, quote: Quote, rate: FundingRate | None) -> dict[str, object]:
    """Return what only contracts tell; a dated one has neither rate nor next funding."""
    mark, interest = quote.mark or quote.mid, open_interest_of(one, quote)
    return {
        "indexPrice": plain(quote.index or quote.mid),
        "markPrice": plain(mark),
        "prevPrice1h": plain(quote.last),
        "openInterest": told(interest),
        "openInterestValue": told(interest / mark if one.kind.is_inverse else interest * mark),
        "fundingRate": "" if rate is None else told(rate.rate),
        "nextFundingTime": "0" if rate is None else str(ms(rate.next_at)),
        "fundingIntervalHour": "" if rate is None else plain(rate.interval_hours),
        "fundingCap": "" if rate is None else "0.00375",
        "predictedDeliveryPrice": "",
        "basisRate": "",
        "basis": "",
        "deliveryFeeRate": "" if one.expiry is None else "0.0005",
        "deliveryTime": "0" if one.expiry is None else str(ms(one.expiry)),
    }


def order_book(ask: Ask, core: Core) -> Reply:
    """Answer GET v5/market/orderbook: levels 2.5 basis points apart, as the simulator trades them."""
    one = find(core, category_of(core, ask.params), ask.params.get("symbol", ""))
    quote, most = core.quotes()[one.symbol], int(ask.params.get("limit", "25"))
    now = core.now_ms()
    return answered(
        core,
        {
            "s": venue_id(one),
            "b": _side(one, quote.bid, quote.bid_depth, -1)[:most],
            "a": _side(one, quote.ask, quote.ask_depth, 1)[:most],
            "ts": now,
            "u": UPDATE_ID,
            "seq": now,
            "cts": now,
        },
    )


def _side(one: Instrument, best: Decimal, value: Decimal | None, sign: int) -> list[list[str]]:
    """Return price and size of each level; sizes in order units (USD of an inverse contract)."""
    rows = []
    for number in range(LEVELS):
        price = round(best * (1 + sign * number * LEVEL_GAP) / one.tick) * one.tick
        coins = (value or Decimal(0)) / LEVELS / price
        rows.append([plain(price), plain(one.quantity(coins, price))])
    return rows
