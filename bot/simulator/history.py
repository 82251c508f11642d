"""Recorded bars and funding, read from CSV files as they stream by and packed into arrays.

Files are known by their header, never by their name. Prices are kept as whole hundred-millionths, so that
the text of the file and the Decimal given out are the same number.
"""

import csv
import gzip
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TextIO

from bot.errors import SettingsRefused
from bot.simulator.market import Span

SCALE = Decimal(100_000_000)
_BAR_COLUMNS = ("ts_ms", "venue", "market", "symbol", "timeframe", "high", "low", "close")
_FUNDING_COLUMNS = ("ts_ms", "venue", "symbol", "interval_h", "funding_rate")
_MARKETS = ("spot", "perp_linear")
_MILLISECONDS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000}

_Row = tuple[int, tuple[int, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to read: spot and linear perpetual bars of some assets, and the perpetuals' funding.

    `timeframe` as in the files (1h, 8h, 1d, 1m); `venue` None takes the first, by name, that has all.
    Without `contracts` the perpetuals are left out.
    """

    assets: Sequence[str]
    quote: str = "USDT"
    timeframe: str = "1h"
    venue: str | None = None
    contracts: bool = True

    @property
    def spot(self) -> tuple[str, ...]:
        """The symbols of the spot markets."""
        return tuple(f"{asset}/{self.quote}" for asset in self.assets)

    @property
    def perpetuals(self) -> tuple[str, ...]:
        """The symbols of the perpetuals."""
        return tuple(f"{symbol}:{self.quote}" for symbol in self.spot) if self.contracts else ()

    @property
    def bar_milliseconds(self) -> int:
        """The length of one bar."""
        count, unit = self.timeframe[:-1], self.timeframe[-1:]
        if not count.isdecimal() or unit not in _MILLISECONDS or not int(count):
            raise SettingsRefused(f"timeframe {self.timeframe!r} is none", mend="write 1m, 1h, 4h, 8h or 1d")
        return int(count) * _MILLISECONDS[unit]


@dataclass(slots=True)
class Track:
    """Rows of whole numbers by time (milliseconds), in order once `ordered` was called."""

    times: "array[int]" = field(default_factory=lambda: array("q"))
    columns: "tuple[array[int], ...]" = ()

    def add(self, row: _Row) -> None:
        """Append one row."""
        time, values = row
        if not self.columns:
            self.columns = tuple(array("q") for _ in values)
        self.times.append(time)
        for column, value in zip(self.columns, values, strict=True):
            column.append(value)

    def ordered(self) -> "Track":
        """Return the rows by time, the first where a time occurs twice; itself when they are so already."""
        if all(a < b for a, b in zip(self.times, self.times[1:], strict=False)):
            return self
        rows: dict[int, tuple[int, ...]] = {}
        for time, *values in zip(self.times, *self.columns, strict=True):
            rows.setdefault(time, tuple(values))
        result = Track()
        for time in sorted(rows):
            result.add((time, rows[time]))
        return result

    def last_at(self, time: int) -> int:
        """Return the place of the last row not later than `time`, −1 when there is none."""
        return bisect_right(self.times, time) - 1

    def number(self, column: int, place: int) -> Decimal:
        """Return one number as it was written."""
        return self.columns[column][place] / SCALE

    def span(self, place: int) -> Span:
        """Return low, high and close of one bar."""
        return Span(self.number(0, place), self.number(1, place), self.number(2, place))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What was read: bars by symbol (time is the bar's close), funding by symbol (rate, interval hours)."""

    venue: str
    bars: dict[str, Track]
    funding: dict[str, Track]


def read_history(source: Path | Sequence[Path], wanted: Wanted) -> Recording:
    """Return the history of what is wanted from a folder or some files.

    Raises SettingsRefused when a file cannot be read, holds a number that is none, or nothing complete is found.
    """
    found: dict[tuple[str, str], Track] = {}
    for path in _files(source):
        with _opened(path) as text:
            _read(path, text, wanted, found)
    needed = {*wanted.spot, *wanted.perpetuals, *(f"funding {symbol}" for symbol in wanted.perpetuals)}
    venues = sorted({venue for venue, _ in found} if wanted.venue is None else {wanted.venue})
    for venue in venues:
        if all((venue, name) in found for name in needed):
            series = {name: found[venue, name].ordered() for name in needed}
            return Recording(
                venue=venue,
                bars={name: series[name] for name in (*wanted.spot, *wanted.perpetuals)},
                funding={name: series[f"funding {name}"] for name in wanted.perpetuals},
            )
    missing = sorted(needed - {name for _, name in found})
    raise SettingsRefused(
        f"no venue in {_shown(source)} has {wanted.timeframe} bars of all that is wanted"
        + (f"; nowhere: {', '.join(missing)}" if missing else ""),
        mend="name other assets, another timeframe, or a folder that holds their bars and funding",
    )


def _shown(source: Path | Sequence[Path]) -> str:
    return str(source) if isinstance(source, Path) else ", ".join(str(path) for path in source)


def _files(source: Path | Sequence[Path]) -> tuple[Path, ...]:
    if not isinstance(source, Path):
        return tuple(source)
    if source.is_file():
        return (source,)
    return tuple(sorted([*source.glob("*.csv"), *source.glob("*.csv.gz")]))


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    """Open a text file, compressed or not; a file that cannot be read raises SettingsRefused."""
    try:
        with gzip.open(path, "rt", newline="") if path.suffix == ".gz" else path.open(newline="") as text:
            yield text
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise SettingsRefused(f"{path} cannot be read: {error}", mend="look whether the file is whole") from error


def _read(path: Path, text: TextIO, wanted: Wanted, found: dict[tuple[str, str], Track]) -> None:
    """Add a file's wanted rows to `found`, by (venue, symbol); a file of another kind adds none."""
    reader = csv.reader(text)
    header = next(reader, [])
    rows = None
    if set(_BAR_COLUMNS) <= set(header):
        rows = _bars(reader, [header.index(name) for name in _BAR_COLUMNS], wanted)
    elif set(_FUNDING_COLUMNS) <= set(header):
        rows = _rates(reader, [header.index(name) for name in _FUNDING_COLUMNS], wanted)
    try:
        for venue, name, row in rows or ():
            found.setdefault((venue, name), Track()).add(row)
    except (ValueError, IndexError, OverflowError, InvalidOperation) as error:
        line = f"line {reader.line_num}"
        raise SettingsRefused(f"{path} {line}: {error}", mend="mend the line or leave the file out") from error


def _bars(reader: Iterator[list[str]], places: list[int], wanted: Wanted) -> Iterator[tuple[str, str, _Row]]:
    time, venue, market, symbol, timeframe, high, low, close = places
    symbols, length = {*wanted.spot, *wanted.perpetuals}, wanted.bar_milliseconds
    for row in reader:
        if row[timeframe] == wanted.timeframe and row[symbol] in symbols and row[market] in _MARKETS:
            prices = (_price(row[low]), _price(row[high]), _price(row[close]))
            if not prices[0] <= prices[2] <= prices[1]:
                raise ValueError(f"close {row[close]} is outside low {row[low]} and high {row[high]}")
            yield row[venue], row[symbol], (int(row[time]) + length, prices)


def _rates(reader: Iterator[list[str]], places: list[int], wanted: Wanted) -> Iterator[tuple[str, str, _Row]]:
    time, venue, symbol, interval, rate = places
    for row in reader:
        if row[symbol] in wanted.perpetuals:
            yield row[venue], f"funding {row[symbol]}", (int(row[time]), (_whole(row[rate]), _whole(row[interval])))


def _whole(text: str) -> int:
    """Return a number as whole hundred-millionths; raise ValueError when it has finer digits or is none."""
    scaled = Decimal(text) * SCALE
    if not scaled.is_finite() or scaled != int(scaled):
        raise ValueError(f"{text!r} is no number of at most eight decimals")
    return int(scaled)


def _price(text: str) -> int:
    price = _whole(text)
    if price <= 0:
        raise ValueError(f"price {text} is not above zero")
    return price
