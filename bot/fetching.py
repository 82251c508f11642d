"""Public history, fetched into a folder that backtests read: bars, settled funding, open interest, one file a series.

A fetch goes on where the file ends. Bars still open are left out; a hole in what the venue tells is told, not
filled; a file is replaced whole, so that stopping in the middle leaves what was there.
"""

import csv
import gzip
import io
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from bot.domain.instrument import Instrument, Kind, kind_of
from bot.domain.reading import FundingPoint, Series, SeriesKind
from bot.domain.snapshot import Candle, OpenInterest
from bot.errors import SettingsRefused, SnapshotUnavailable
from bot.ports import Clock
from bot.venues.asking import Reader
from bot.venues.connect import Connection
from bot.venues.history import LONGEST_INTERVAL, read_funding, read_history
from bot.venues.markets import load_markets, markets_of, public_rules
from bot.venues.translate import EPOCH, in_milliseconds

MARKETS = {
    Kind.SPOT: "spot",
    Kind.LINEAR_PERPETUAL: "perp_linear",
    Kind.INVERSE_PERPETUAL: "perp_inverse",
    Kind.LINEAR_FUTURE: "future_linear",
    Kind.INVERSE_FUTURE: "future_inverse",
}
BAR_COLUMNS = (
    *("ts_ms", "venue", "market", "symbol", "timeframe", "open", "high", "low", "close", "volume"),
    "expiry_ms",
)
FUNDING_COLUMNS = ("ts_ms", "venue", "symbol", "interval_h", "funding_rate")
INTEREST_COLUMNS = ("ts_ms", "venue", "symbol", "timeframe", "oi_close", "unit")
LONGEST_FETCH = 20_000
MOST_AT_ONCE = 4_000  # rows of one read: a venue that tells a hundred at once is asked forty times

Row = tuple[str, ...]
Point = Candle | FundingPoint | OpenInterest


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One series in the folder: how many rows there are and are new, from when to when, and the holes in it."""

    file: Path
    rows: int
    added: int
    first: datetime | None
    last: datetime | None
    holes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be fetched: a series by its timeframe's name, since a moment."""

    kind: SeriesKind
    symbol: str
    timeframe: str
    seconds: int
    since: datetime


async def public_series(
    connection: Connection, symbols: tuple[str, ...], bars: tuple[str, int], since: datetime, clock: Clock
) -> tuple[dict[str, Instrument], list[Wanted]]:
    """Return the rules of the symbols that are listed, and every series wanted: bars of all, more of perpetuals.

    Only public lists are asked; fees and tiers, which a backtest models, are not.
    """
    reader = Reader(connection.row.codes, clock)
    await load_markets(connection, reader)
    listed = markets_of(connection)
    instruments = {name: public_rules(connection, listed[name]) for name in symbols if name in listed}
    name, seconds = bars
    wanted = [
        Wanted(kind=kind, symbol=symbol, timeframe=name, seconds=seconds, since=since)
        for symbol in symbols
        for kind in _kinds(symbol)
    ]
    return instruments, wanted


def _kinds(symbol: str) -> tuple[SeriesKind, ...]:
    perpetual = kind_of(symbol) in (Kind.LINEAR_PERPETUAL, Kind.INVERSE_PERPETUAL)
    return tuple(SeriesKind) if perpetual else (SeriesKind.CANDLES,)


async def fetch(connection: Connection, instrument: Instrument, wanted: Wanted, folder: Path, clock: Clock) -> Fetched:
    """Bring one series in the folder up to now and return what is there; raise SnapshotUnavailable where it cannot be.

    A row that is there already is never changed.
    """
    path = series_file(folder, connection.row.name, wanted)
    columns = columns_of(wanted.kind)
    kept = read_rows(path, columns)
    begin = max(wanted.since, EPOCH + timedelta(milliseconds=max(kept))) if kept else wanted.since
    now = clock.now()
    if wanted.kind is SeriesKind.FUNDING:
        points: list[tuple[Point, ...]] = [await _funding(connection, wanted, (begin, now), clock)]
    else:
        points = await _bars(connection, instrument, wanted, (begin, now), clock)
    if not any(points):
        untold = f"{connection.row.title} does not tell {wanted.kind} of {wanted.symbol}"
        raise SnapshotUnavailable(untold, part="history")
    fresh = [row_of(point, connection.row.name, instrument, wanted) for point in points[0]]
    merged = {**{int(row[0]): row for row in fresh if int(row[0]) >= in_milliseconds(wanted.since)}, **kept}
    if len(merged) > len(kept):
        write_rows(path, columns, (merged[time] for time in sorted(merged)))
    return _fetched(path, merged, len(merged) - len(kept), wanted)


async def _funding(
    connection: Connection, wanted: Wanted, span: tuple[datetime, datetime], clock: Clock
) -> tuple[FundingPoint, ...]:
    """Return the settlements of a span; one interval more is asked for, since the first one measures the second."""
    reader = Reader(connection.row.codes, clock)
    return await read_funding(connection, wanted.symbol, (span[0] - LONGEST_INTERVAL, span[1]), reader)


async def _bars(
    connection: Connection, instrument: Instrument, wanted: Wanted, span: tuple[datetime, datetime], clock: Clock
) -> list[tuple[Point, ...]]:
    begin, now = span
    count = int((now - begin).total_seconds() // wanted.seconds) + 1
    if count > LONGEST_FETCH:
        raise SettingsRefused(
            f"{wanted.symbol} {wanted.timeframe} since {begin:%Y-%m-%d} is {count:,} rows; {LONGEST_FETCH:,} is most",
            mend="a later --since, or a longer --timeframe",
        )
    reader = Reader(connection.row.codes, clock)
    found: list[Point] = []
    for first in range(0, count, MOST_AT_ONCE):
        rows = min(MOST_AT_ONCE, count - first)
        end = min(begin + timedelta(seconds=wanted.seconds) * (first + rows), now)
        series = Series(kind=wanted.kind, symbol=wanted.symbol, seconds=wanted.seconds, count=rows)
        told = await read_history(connection, {instrument.symbol: instrument}, (series,), end, reader)
        found.extend(point for points in told.candles.values() for point in points)
        found.extend(point for points in told.open_interest.values() for point in points)
    return [tuple(found)]


def columns_of(kind: SeriesKind) -> Row:
    """Return the columns of a series' file."""
    match kind:
        case SeriesKind.CANDLES:
            return BAR_COLUMNS
        case SeriesKind.FUNDING:
            return FUNDING_COLUMNS
        case SeriesKind.OPEN_INTEREST:
            return INTEREST_COLUMNS


def series_file(folder: Path, venue: str, wanted: Wanted) -> Path:
    """Return where a series is kept: bybit_BTC-USDT-USDT_1h.csv.gz, ..._funding.csv.gz."""
    name = wanted.symbol.replace("/", "-").replace(":", "-")
    what = "funding" if wanted.kind is SeriesKind.FUNDING else wanted.timeframe
    what = f"interest_{what}" if wanted.kind is SeriesKind.OPEN_INTEREST else what
    return folder / f"{venue}_{name}_{what}.csv.gz"


def row_of(point: Point, venue: str, instrument: Instrument, wanted: Wanted) -> Row:
    """Return one point as a row of its file; an unknown volume is empty, never zero."""
    match point:
        case Candle():
            expiry = "" if instrument.expiry is None else str(in_milliseconds(instrument.expiry))
            prices = (plain(point.open), plain(point.high), plain(point.low), plain(point.close))
            volume = "" if point.volume is None else plain(point.volume)
            time, market = str(in_milliseconds(point.opened_at)), MARKETS[instrument.kind]
            return (time, venue, market, instrument.symbol, wanted.timeframe, *prices, volume, expiry)
        case FundingPoint():
            hours, rate = plain(point.interval_hours), plain(point.rate)
            return (str(in_milliseconds(point.at)), venue, instrument.symbol, hours, rate)
        case OpenInterest():
            time, coins = str(in_milliseconds(point.at)), plain(point.coins)
            return (time, venue, instrument.symbol, wanted.timeframe, coins, instrument.base)


def plain(number: Decimal) -> str:
    """Return a number as text without an exponent, at most eight decimals, as recorded files have it."""
    return f"{number.quantize(Decimal('0.00000001')).normalize():f}"


def read_rows(path: Path, columns: Row) -> dict[int, Row]:
    """Return the rows of a file by time, none where there is no file; raise SettingsRefused for one that is none."""
    if not path.exists():
        return {}
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            lines = list(csv.reader(file))
        rows = {int(line[0]): tuple(line) for line in lines[1:]} if tuple(lines[0]) == columns else None
    except (OSError, EOFError, ValueError, IndexError):
        rows = None
    if rows is None:
        raise SettingsRefused(f"{path} is no file of this series", mend="move it away and fetch again")
    return rows


def write_rows(path: Path, columns: Row, rows: Iterable[Row]) -> None:
    """Replace a file by one with these rows, whole or not at all; the same rows make the same bytes."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))
        new.replace(path)
    except OSError as error:
        raise SettingsRefused(f"{path} cannot be written: {error.strerror}") from None


def _fetched(path: Path, rows: dict[int, Row], added: int, wanted: Wanted) -> Fetched:
    times = sorted(rows)
    holes = 0
    if times and wanted.kind is not SeriesKind.FUNDING:
        holes = (times[-1] - times[0]) // (wanted.seconds * 1000) + 1 - len(times)
    moments = [EPOCH + timedelta(milliseconds=time) for time in (times[0], times[-1])] if times else [None, None]
    return Fetched(file=path, rows=len(rows), added=added, first=moments[0], last=moments[1], holes=holes)


async def fetch_all(
    connection: Connection, instruments: dict[str, Instrument], wanted: Iterable[Wanted], folder: Path, clock: Clock
) -> AsyncIterator[Fetched | str]:
    """Yield each series as it is done, one after the other; one the venue does not tell is a sentence instead."""
    for one in wanted:
        instrument = instruments.get(one.symbol)
        if instrument is None:
            yield f"{one.symbol} is not listed at {connection.row.title}"
            continue
        try:
            yield await fetch(connection, instrument, one, folder, clock)
        except SnapshotUnavailable as error:
            yield error.message
