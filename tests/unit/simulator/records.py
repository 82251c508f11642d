"""Small recorded files, whose figures one can check by hand."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

MIDNIGHT = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
BARS = "ts_ms,venue,market,symbol,timeframe,open,high,low,close,volume"
DATED = f"{BARS},expiry_ms"
FUNDING = "ts_ms,venue,symbol,interval_h,funding_rate,mark_price"
INTEREST = "ts_ms,venue,symbol,timeframe,oi_open,oi_high,oi_low,oi_close,unit"
SPOT, LINEAR, INVERSE = "BTC/USDT", "BTC/USDT:USDT", "BTC/USD:BTC"
FUTURE = "BTC/USDT:USDT-240101"


def at(moment: datetime) -> int:
    """A moment as the files write it."""
    return int(moment.timestamp() * 1000)


def bars(market: str, symbol: str, closes: dict[int, int], *, timeframe: str = "1h", last: str = "") -> list[str]:
    """Lines of bars by the hour they open: each opens one lower than it closes and swings by two."""
    ends = f",{last}" if last else ""
    return [
        f"{at(MIDNIGHT + hour * HOUR)},binance,{market},{symbol},{timeframe},"
        f"{close - 1},{close + 2},{close - 2},{close},{ends}"
        for hour, close in closes.items()
    ]


def rates(symbol: str, hours: dict[int, str]) -> list[str]:
    """Lines of eight-hourly funding."""
    return [f"{at(MIDNIGHT + hour * HOUR)},binance,{symbol},8,{rate}," for hour, rate in hours.items()]


def written(folder: Path, name: str, header: str, lines: list[str]) -> None:
    """A file of those lines."""
    (folder / name).write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")


def hourly(folder: Path, *, hours: int = 24, missing: tuple[int, ...] = ()) -> Path:
    """A day of spot and both perpetuals: spot closes at 100 + hour, linear at 200 + hour, inverse at 300 + hour."""
    kept = [hour for hour in range(hours) if hour not in missing]
    lines = [
        *bars("spot", SPOT, {hour: 100 + hour for hour in kept}),
        *bars("perp_linear", LINEAR, {hour: 200 + hour for hour in kept}),
        *bars("perp_inverse", INVERSE, {hour: 300 + hour for hour in kept}),
    ]
    written(folder, "bars.csv", BARS, lines)
    paid = {0: "0.0001", 8: "0.0002", 16: "0.0003"}
    written(folder, "rates.csv", FUNDING, [*rates(LINEAR, paid), *rates(INVERSE, paid)])
    return folder


def dated(folder: Path, *, first: int = 4, expiry: int = 8, beyond: int = 3) -> Path:
    """A contract listed by a first bar, delivered at 08:00, with bars that go on after its delivery."""
    lines = bars(
        "future_linear",
        FUTURE,
        {hour: 400 + hour for hour in range(first, expiry + beyond)},
        last=str(at(MIDNIGHT + expiry * HOUR)),
    )
    written(folder, "dated.csv", DATED, lines)
    return folder
