"""Recorded bars, funding and open interest, read from CSV files as they stream by.

Files are known by their header, never by their name. Everything is of one venue.
"""

import csv
import gzip
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import InvalidOperation
from pathlib import Path
from typing import TextIO

from bot.domain.instrument import Kind, kind_of
from bot.errors import SettingsRefused
from bot.simulator.recorded_rows import INTERVAL, Track, daily_name, funding_name, interest_name, rows_of
from bot.simulator.recorded_wanted import PERPETUALS, Wanted

Tracks = Mapping[str, Track]
HOUR_MILLISECONDS = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What was read of one venue, by symbol; the time of a bar is its close, of a rate its settlement.

    `dated` are bars of contracts up to their delivery (`expiries`, milliseconds). `daily` are bars of spot
    beside shorter ones. `interest` is open interest with its unit. `start` is the first moment with a price
    of every spot market and perpetual and a rate of every perpetual, `end` the last they all have a bar to.
    """

    venue: str
    start: int
    end: int
    bars: Tracks
    dated: Tracks
    expiries: Mapping[str, int]
    funding: Tracks
    daily: Tracks
    interest: Tracks


def read_history(source: Path | Sequence[Path], wanted: Wanted) -> Recording:
    """Return the history of what is wanted from a folder or some files.

    Raises SettingsRefused when a file cannot be read, holds a number that is none, or nothing complete is found.
    """
    found: dict[tuple[str, str], Track] = {}
    expiries: dict[str, int] = {}
    for path in _files(source):
        with _opened(path) as text:
            _read(path, text, wanted, found, expiries)
    venues = sorted({venue for venue, _ in found} if wanted.venue is None else {wanted.venue})
    lacking: list[tuple[str, ...]] = []
    for venue in venues:
        tracks = {name: track.ordered() for (where, name), track in found.items() if where == venue}
        missing = _missing(tracks, expiries, wanted)
        if not missing:
            return _recording(venue, tracks, expiries, wanted)
        lacking.append(missing)
    nowhere = sorted(set(lacking[0]).intersection(*lacking)) if lacking else []
    raise SettingsRefused(
        f"no venue in {_shown(source)} has {wanted.timeframe} bars of all that is wanted"
        + (f"; nowhere: {', '.join(nowhere)}" if nowhere else ""),
        mend="name other assets, another timeframe, or a folder that holds their bars and funding",
    )


def _needed(asset: str, wanted: Wanted) -> Iterator[str]:
    """Yield the name of each track an asset cannot do without, that of its spot prices first."""
    yield wanted.symbol(asset, wanted.spot_from or Kind.SPOT)
    for kind in PERPETUALS:
        if kind in wanted.kinds:
            symbol = wanted.symbol(asset, kind)
            yield symbol
            if wanted.funding:
                yield funding_name(symbol)


def _missing(tracks: Tracks, expiries: Mapping[str, int], wanted: Wanted) -> tuple[str, ...]:
    """Return what a venue lacks of all that is wanted: names of tracks, and kinds with no contract at all."""
    tracked = [name for asset in wanted.assets for name in _needed(asset, wanted) if name not in tracks]
    there = {kind_of(symbol) for symbol in expiries if symbol in tracks}
    return (*tracked, *(kind for kind in sorted(wanted.kinds) if kind.is_dated and kind not in there))


def _recording(venue: str, tracks: Tracks, expiries: Mapping[str, int], wanted: Wanted) -> Recording:
    """Return the complete tracks of a venue: everything needed, and what is optional where it lasts as long."""
    source = wanted.spot_from or Kind.SPOT
    bars = {wanted.symbol(asset, Kind.SPOT): tracks[wanted.symbol(asset, source)] for asset in wanted.assets}
    for symbol in wanted.perpetuals(wanted.kinds):
        bars[symbol] = tracks[symbol]
    rates = _rates(bars, tracks, wanted)
    start = max(one.times[0] for one in (*bars.values(), *rates.values()))
    end = min(one.times[-1] for one in bars.values())
    if start >= end:
        raise SettingsRefused(
            f"{venue} recorded {wanted.timeframe} bars and funding of what is wanted, but not for the same time",
            mend="name another timeframe, or files of one time",
        )
    for symbol in wanted.perpetuals(wanted.optional - wanted.kinds):
        if _lasts(symbol, tracks, wanted, start, end):
            bars[symbol] = tracks[symbol]
    dated = {symbol: tracks[symbol].until(expiry) for symbol, expiry in sorted(expiries.items()) if symbol in tracks}
    watched = wanted.perpetuals(frozenset(PERPETUALS))
    return Recording(
        venue=venue,
        start=start,
        end=end,
        bars=bars,
        dated={symbol: track for symbol, track in dated.items() if track.times and track.times[0] < end},
        expiries=expiries,
        funding=_rates(bars, tracks, wanted),
        daily={symbol: tracks[daily_name(symbol)] for symbol in wanted.spot if daily_name(symbol) in tracks},
        interest={symbol: tracks[interest_name(symbol)] for symbol in watched if interest_name(symbol) in tracks},
    )


def _rates(bars: Tracks, tracks: Tracks, wanted: Wanted) -> Tracks:
    perpetuals = [symbol for symbol in bars if not kind_of(symbol).is_spot]
    return {symbol: tracks[funding_name(symbol)] for symbol in perpetuals} if wanted.funding else {}


def _lasts(symbol: str, tracks: Tracks, wanted: Wanted, start: int, end: int) -> bool:
    """Whether a perpetual has bars, and rates if any are wanted, from `start` to `end`."""
    names = (symbol, funding_name(symbol)) if wanted.funding else (symbol,)
    if not all(name in tracks and tracks[name].times[0] <= start for name in names):
        return False
    if wanted.funding:
        rates = tracks[funding_name(symbol)]
        if rates.times[-1] + int(rates.number(INTERVAL, -1) * HOUR_MILLISECONDS) < end:
            return False
    return tracks[symbol].times[-1] >= end


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


def _read(
    path: Path, text: TextIO, wanted: Wanted, found: dict[tuple[str, str], Track], expiries: dict[str, int]
) -> None:
    """Add a file's wanted rows to `found`, by (venue, name); a file of another kind adds none."""
    reader = csv.reader(text)
    header = next(reader, [])
    try:
        for venue, name, row in rows_of(header, reader, wanted, expiries):
            found.setdefault((venue, name), Track()).add(row)
    except (ValueError, IndexError, OverflowError, InvalidOperation) as error:
        line = f"line {reader.line_num}"
        raise SettingsRefused(f"{path} {line}: {error}", mend="mend the line or leave the file out") from error
