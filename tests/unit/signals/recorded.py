"""The recorded past of BTC and ETH, from the folder beside the repository."""

import csv
import gzip
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.domain.reading import FundingPoint, History, candles_key
from bot.domain.snapshot import Candle, OpenInterest
from tests.vectors import SHARED

DATA = SHARED / "data"
DAY_SECONDS = 86_400
ASSETS = ("BTC", "ETH")


def recorded_past() -> History:
    """Daily spot bars, funding of the linear perpetuals, and daily open interest of the inverse ones.

    The file has open interest in USD, which moves with the price; a History holds coins, so each day's
    is divided by that day's close here, before anything reads it.
    """
    candles = {candles_key(f"{asset}/USDT", DAY_SECONDS): tuple(_bars(f"{asset}/USDT")) for asset in ASSETS}
    symbols = [f"{asset}/USDT:USDT" for asset in ASSETS]
    return History(
        candles=candles,
        funding={symbol: tuple(_settlements(symbol)) for symbol in symbols},
        open_interest={
            f"{asset}/USD:{asset}": tuple(_interest(asset, candles[candles_key(f"{asset}/USDT", DAY_SECONDS)]))
            for asset in ASSETS
        },
    )


def _bars(symbol: str) -> Iterator[Candle]:
    for row in _rows("spot_1d_binance.csv.gz", symbol):
        prices = {name: Decimal(row[name]) for name in ("open", "high", "low", "close")}
        yield Candle(symbol=symbol, opened_at=_moment(row), seconds=DAY_SECONDS, **prices)


def _settlements(symbol: str) -> Iterator[FundingPoint]:
    for row in _rows("funding_8h.csv.gz", symbol):
        rate, hours = Decimal(row["funding_rate"]), Decimal(row["interval_h"])
        yield FundingPoint(symbol=symbol, at=_moment(row), rate=rate, interval_hours=hours)


def _interest(asset: str, candles: tuple[Candle, ...]) -> Iterator[OpenInterest]:
    closes = {candle.opened_at: candle.close for candle in candles}
    for row in _rows("open_interest_1d.csv.gz", f"{asset}/USD:{asset}"):
        opened = _moment(row)
        coins = Decimal(row["oi_close"]) / closes[opened]
        yield OpenInterest(symbol=row["symbol"], coins=coins, at=opened + timedelta(seconds=DAY_SECONDS))


def _rows(name: str, symbol: str) -> Iterator[dict[str, str]]:
    with gzip.open(DATA / name, "rt", newline="") as text:
        yield from (row for row in csv.DictReader(text) if row["symbol"] == symbol)


def _moment(row: dict[str, str]) -> datetime:
    return datetime.fromtimestamp(int(row["ts_ms"]) / 1000, UTC)
