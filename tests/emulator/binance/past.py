"""Binance's public past: bars, settled funding rates and open interest."""

from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.snapshot import Candle
from tests.emulator.asks import Ask, Reply
from tests.emulator.binance.listing import contract_type
from tests.emulator.binance.names import (
    Product,
    chosen,
    exact,
    instrument_of,
    pair_of,
    plain,
    product_of,
    told,
    venue_id,
)
from tests.emulator.binance.prices import DAY_MS, ms
from tests.emulator.binance.refusals import refused
from tests.emulator.core import Core

ZERO = Decimal(0)
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
    "8h": 28_800,
    "12h": 43_200,
    "1d": 86_400,
}
MOST_BARS = 1000


def klines(ask: Ask, core: Core) -> Reply:
    """Answer GET …/klines: arrays of open time, prices, volume and counts, oldest first."""
    one = instrument_of(core, product_of(ask), ask.params)
    interval = ask.params.get("interval", "")
    if interval not in SECONDS:
        raise refused(-1120, "Invalid interval.")
    most = min(int(ask.params.get("limit", "500")), MOST_BARS)
    until = int(ask.params.get("endTime", core.now_ms()))
    bars = core.candles(one.symbol, SECONDS[interval], int(ask.params.get("startTime", "0")), most)
    return Reply(body=[_bar(bar) for bar in bars if ms(bar.opened_at) <= until])


def _bar(bar: Candle) -> list[object]:
    volume = bar.volume or ZERO
    value = volume * bar.close
    opened = ms(bar.opened_at)
    prices = [plain(price) for price in (bar.open, bar.high, bar.low, bar.close)]
    taken = (told(volume / 2), told(value / 2))
    return [opened, *prices, told(volume), opened + bar.seconds * 1000 - 1, told(value), 10, *taken, "0"]


def funding_rates(ask: Ask, core: Core) -> Reply:
    """Answer GET …/fundingRate of one symbol, oldest first: from `startTime` on, else the newest."""
    one = instrument_of(core, product_of(ask), ask.params)
    since, most = int(ask.params.get("startTime", "0")), min(int(ask.params.get("limit", "100")), 1000)
    until = int(ask.params.get("endTime", core.now_ms()))
    found = [(at, rate) for at, rate in core.past_funding(one.symbol) if since <= at <= until]
    mark = exact(core.quotes()[one.symbol].valuation)
    rows = [
        {"symbol": venue_id(one), "fundingTime": at, "fundingRate": told(rate), "markPrice": mark} for at, rate in found
    ]
    return Reply(body=rows[:most] if since else rows[-most:])


def interest(core: Core, one: Instrument, day: int) -> Decimal:
    """Return the modelled open interest in order units: 50,000 coins and a thousand more each day of a week."""
    coins = Decimal(50_000 + 1_000 * (day % 7))
    return one.quantity(coins, core.quotes()[one.symbol].last)


def open_interest(ask: Ask, core: Core) -> Reply:
    """Answer GET …/openInterest of one symbol, in order units: coins in USD-M, contracts in COIN-M."""
    product = product_of(ask)
    one = instrument_of(core, product, ask.params)
    body: dict[str, object] = {
        "symbol": venue_id(one),
        "openInterest": plain(interest(core, one, core.now_ms() // DAY_MS)),
        "time": core.now_ms(),
    }
    if product is Product.INVERSE:
        body |= {"pair": pair_of(one), "contractType": contract_type(core, one)}
    return Reply(body=body)


def open_interest_history(ask: Ask, core: Core) -> Reply:
    """Answer GET futures/data/openInterestHist: USD-M by symbol, COIN-M by pair and contract type; 30 days at most."""
    period = SECONDS.get(ask.params.get("period", ""))
    if period is None:
        raise refused(-1130, "Data sent for parameter 'period' is not valid.")
    one = _subject(ask, core)
    step = period * 1000
    now = core.now_ms()
    last = min(int(ask.params.get("endTime", now)), now) // step
    first = max(-(-int(ask.params.get("startTime", "0")) // step), (now - 30 * DAY_MS) // step)
    most = min(int(ask.params.get("limit", "30")), 500)
    return Reply(body=[_interest_row(core, one, at * step) for at in range(max(first, last - most + 1), last + 1)])


def _subject(ask: Ask, core: Core) -> Instrument:
    if "symbol" in ask.params:
        return instrument_of(core, Product.LINEAR, ask.params)
    for one in chosen(core, Product.INVERSE, {"pair": ask.params.get("pair", "?")}):
        if contract_type(core, one) == ask.params.get("contractType"):
            return one
    raise refused(-1121, "Invalid symbol.")


def _interest_row(core: Core, one: Instrument, at_ms: int) -> dict[str, object]:
    amount = interest(core, one, at_ms // DAY_MS)
    value = told(abs(one.settlement_notional(amount, core.quotes()[one.symbol].last)))
    row: dict[str, object] = {"sumOpenInterest": plain(amount), "sumOpenInterestValue": value}
    if one.kind.is_inverse:
        return {"pair": pair_of(one), "contractType": contract_type(core, one), **row, "timestamp": at_ms}
    return {"symbol": venue_id(one), **row, "timestamp": str(at_ms)}
