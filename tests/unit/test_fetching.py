"""What a fetched series looks like in its file, and what is never written there."""

import gzip
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.domain.instrument import Instrument, Kind
from bot.domain.reading import FundingPoint, SeriesKind
from bot.domain.snapshot import Candle, OpenInterest
from bot.errors import SettingsRefused
from bot.fetching import (
    BAR_COLUMNS,
    FUNDING_COLUMNS,
    INTEREST_COLUMNS,
    Fetched,
    Point,
    Wanted,
    columns_of,
    fetch,
    fetch_all,
    plain,
    read_rows,
    row_of,
    series_file,
    write_rows,
)
from bot.simulator.clock import SimulatedClock
from tests.builders import a_perpetual, a_spot, an_inverse_perpetual, d
from tests.unit.venues.desk import connected

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
NEW_YEAR_MS = 1_767_225_600_000
HOUR_MS = 3_600_000
HOUR = timedelta(hours=1)
NOW = NEW_YEAR + 10 * HOUR
PERP = "BTC/USDT:USDT"


def wanted(kind: SeriesKind = SeriesKind.CANDLES, symbol: str = "BTC/USDT:USDT") -> Wanted:
    """Hourly points since new year."""
    return Wanted(kind=kind, symbol=symbol, timeframe="1h", seconds=3600, since=NEW_YEAR)


def a_bar(volume: Decimal | None, symbol: str = "BTC/USDT:USDT") -> Candle:
    """The first hour of the year: from 70,000 to 70,100.5."""
    prices = {"open": d(70_000), "high": d("70200.10"), "low": d("69000"), "close": d("70100.5")}
    return Candle(symbol=symbol, opened_at=NEW_YEAR, seconds=3600, volume=volume, **prices)


class Bars:
    """A client that tells these hours of the year as bars, and settlements at those."""

    def __init__(
        self, hours: tuple[int, ...], *, price: int = 1, settled: tuple[int, ...] = (), most: int = 10_000
    ) -> None:
        self.has = {"fetchOHLCV": True, "fetchFundingRateHistory": True}
        self.timeframes = {"1h": "60"}
        self.markets: dict[str, object] = {PERP: {}}
        self.asked, self._most = 0, most
        self._bars = [[NEW_YEAR_MS + hour * HOUR_MS, price, price, price, price, 5] for hour in hours]
        self._settled = [{"timestamp": NEW_YEAR_MS + hour * HOUR_MS, "fundingRate": "0.0001"} for hour in settled]

    async def fetch_ohlcv(self, symbol: str, timeframe: str, since: int, limit: int) -> list[list[int]]:
        """The bars since."""
        self.asked += 1
        return [bar for bar in self._bars if bar[0] >= since][: self._most]

    async def fetch_funding_rate_history(
        self, symbol: str, since: int, limit: int, params: object
    ) -> list[dict[str, object]]:
        """The settlements since."""
        return [row for row in self._settled if int(str(row["timestamp"])) >= since]


async def fetched(folder: Path, client: Bars) -> Fetched:
    """What a fetch at ten in the morning brings."""
    return await fetch(connected(client), a_perpetual(), wanted(), folder, SimulatedClock(NOW))


def hours(*numbers: int) -> dict[int, tuple[str, ...]]:
    """Rows at these hours of the year."""
    times = [NEW_YEAR_MS + number * HOUR_MS for number in numbers]
    return {time: (str(time), "x") for time in times}


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("70000", "70000"),
        ("7E+4", "70000"),
        ("0.00010000", "0.0001"),
        ("1E-8", "0.00000001"),
        ("0.123456789", "0.12345679"),
        ("-0.0001", "-0.0001"),
        ("0", "0"),
    ],
)
def test_a_number_is_plain_text_of_at_most_eight_decimals(number: str, text: str) -> None:
    """Never with an exponent."""
    assert plain(Decimal(number)) == text


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (SeriesKind.CANDLES, "bybit_BTC-USDT-USDT_1h.csv.gz"),
        (SeriesKind.FUNDING, "bybit_BTC-USDT-USDT_funding.csv.gz"),
        (SeriesKind.OPEN_INTEREST, "bybit_BTC-USDT-USDT_interest_1h.csv.gz"),
    ],
)
def test_each_series_has_a_file_of_its_own(tmp_path: Path, kind: SeriesKind, name: str) -> None:
    """Nothing of a symbol leads to another folder."""
    assert series_file(tmp_path, "bybit", wanted(kind)) == tmp_path / name


@pytest.mark.parametrize(
    ("point", "columns", "row"),
    [
        (
            a_bar(d("12.5")),
            BAR_COLUMNS,
            "1767225600000 bybit perp_linear BTC/USDT:USDT 1h 70000 70200.1 69000 70100.5 12.5 -",
        ),
        (
            FundingPoint(symbol="BTC/USDT:USDT", at=NEW_YEAR, rate=d("-0.00010"), interval_hours=d(8)),
            FUNDING_COLUMNS,
            "1767225600000 bybit BTC/USDT:USDT 8 -0.0001",
        ),
        (
            OpenInterest(symbol="BTC/USDT:USDT", coins=d("54321.0"), at=NEW_YEAR),
            INTEREST_COLUMNS,
            "1767225600000 bybit BTC/USDT:USDT 1h 54321 BTC",
        ),
    ],
)
def test_a_point_is_a_row_under_the_columns_of_its_kind(point: Point, columns: tuple[str, ...], row: str) -> None:
    """A dash stands for an empty field here."""
    found = row_of(point, "bybit", a_perpetual(), wanted())
    assert list(found) == row.removesuffix("-").split(" ")
    assert len(found) == len(columns)


def test_the_columns_are_those_of_the_kind() -> None:
    """Bars, funding, open interest."""
    found = [columns_of(kind) for kind in (SeriesKind.CANDLES, SeriesKind.FUNDING, SeriesKind.OPEN_INTEREST)]
    assert found == [BAR_COLUMNS, FUNDING_COLUMNS, INTEREST_COLUMNS]


def test_an_unknown_volume_is_empty_and_never_zero() -> None:
    """A volume of zero is a zero."""
    place = BAR_COLUMNS.index("volume")
    assert row_of(a_bar(None), "bybit", a_perpetual(), wanted())[place] == ""
    assert row_of(a_bar(d(0)), "bybit", a_perpetual(), wanted())[place] == "0"


@pytest.mark.parametrize(
    ("one", "market", "expiry"),
    [
        (a_spot(), "spot", ""),
        (a_perpetual(), "perp_linear", ""),
        (an_inverse_perpetual(), "perp_inverse", ""),
        (
            a_perpetual(symbol="BTC/USDT:USDT-260101", kind=Kind.LINEAR_FUTURE, expiry=NEW_YEAR),
            "future_linear",
            "1767225600000",
        ),
        (
            an_inverse_perpetual(symbol="BTC/USD:BTC-260101", kind=Kind.INVERSE_FUTURE, expiry=NEW_YEAR),
            "future_inverse",
            "1767225600000",
        ),
    ],
)
def test_a_bar_says_which_market_it_is_of_and_when_that_ends(one: Instrument, market: str, expiry: str) -> None:
    """Only a dated future has an end."""
    found = row_of(a_bar(d(1), one.symbol), "bybit", one, wanted(symbol=one.symbol))
    assert (found[2], found[3], found[-1]) == (market, one.symbol, expiry)


def test_what_is_written_is_read_again_by_time(tmp_path: Path) -> None:
    """In a folder that was not there; the same rows make the same bytes, and nothing else is left behind."""
    path = tmp_path / "deep" / "a.csv.gz"
    rows = hours(0, 1)
    write_rows(path, ("ts_ms", "x"), rows.values())
    first = path.read_bytes()
    assert read_rows(path, ("ts_ms", "x")) == rows
    write_rows(path, ("ts_ms", "x"), rows.values())
    assert path.read_bytes() == first
    assert [one.name for one in path.parent.iterdir()] == ["a.csv.gz"]


def test_no_file_is_no_rows(tmp_path: Path) -> None:
    """The first fetch begins with nothing."""
    assert read_rows(tmp_path / "a.csv.gz", BAR_COLUMNS) == {}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"ts_ms,x\n1,2\n",
        gzip.compress(b""),
        gzip.compress(b"ts_ms,y\n1,2\n"),
        gzip.compress(b"ts_ms,x\nsoon,2\n"),
        gzip.compress(b"ts_ms,x\n\n"),
        gzip.compress(b"ts_ms,x\n1,\xff\n"),
        gzip.compress(b"ts_ms,x\n" + b"1,2\n" * 1000)[:-12],
    ],
    ids=["empty", "not packed", "packed nothing", "other columns", "no time", "blank line", "no text", "cut off"],
)
def test_a_file_that_is_none_of_the_series_is_refused_and_stays(tmp_path: Path, content: bytes) -> None:
    """It is never written over."""
    path = tmp_path / "a.csv.gz"
    path.write_bytes(content)
    with pytest.raises(SettingsRefused, match="is no file of this series"):
        read_rows(path, ("ts_ms", "x"))
    assert path.read_bytes() == content


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(SettingsRefused, match="cannot be written"):
        write_rows(tmp_path / "file" / "a.csv.gz", BAR_COLUMNS, [])


@pytest.mark.parametrize(("told", "holes"), [((0,), 0), ((0, 1, 2), 0), ((0, 1, 4), 2), ((1, 9), 7)])
async def test_the_bars_missing_between_the_first_and_the_last_are_counted(
    tmp_path: Path, told: tuple[int, ...], holes: int
) -> None:
    """Of hours 0, 1 and 4 two are missing; nothing is put in their place."""
    found = await fetched(tmp_path, Bars(told))
    assert (found.rows, found.added, found.holes) == (len(told), len(told), holes)
    assert (found.first, found.last) == (NEW_YEAR + told[0] * HOUR, NEW_YEAR + told[-1] * HOUR)
    assert len(read_rows(found.file, BAR_COLUMNS)) == len(told)


async def test_a_fetch_goes_on_where_the_file_ends_and_changes_no_row_that_is_there(tmp_path: Path) -> None:
    """Hours 0 to 2 are there at a price of 1; told again from 2 to 4 at 2, only 3 and 4 are new."""
    await fetched(tmp_path, Bars((0, 1, 2), price=1))
    client = Bars((0, 1, 2, 3, 4), price=2)
    found = await fetched(tmp_path, client)
    assert (found.rows, found.added, found.holes) == (5, 2, 0)
    place = BAR_COLUMNS.index("close")
    assert [row[place] for row in read_rows(found.file, BAR_COLUMNS).values()] == ["1", "1", "1", "2", "2"]


async def test_a_fetch_that_finds_nothing_new_leaves_the_file_alone(tmp_path: Path) -> None:
    """Not even its time changes."""
    first = await fetched(tmp_path, Bars((0, 1)))
    before = first.file.stat()
    again = await fetched(tmp_path, Bars((0, 1)))
    assert (again.rows, again.added) == (2, 0)
    assert (first.file.stat().st_mtime_ns, first.file.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


async def test_what_was_before_the_day_asked_for_is_not_kept(tmp_path: Path) -> None:
    """The venue tells the last hour of the old year as well."""
    found = await fetched(tmp_path, Bars((-1, 0, 1)))
    assert (found.rows, found.first) == (2, NEW_YEAR)


async def test_more_bars_than_a_fetch_may_take_are_refused_before_anything_is_asked(tmp_path: Path) -> None:
    """20,001 hours have passed, and the hour that is open makes 20,002; 20,000 are most."""
    long_ago = replace(wanted(), since=NOW - 20_001 * HOUR)
    client = Bars((0,))
    with pytest.raises(SettingsRefused, match="is 20,002 rows; 20,000 is most"):
        await fetch(connected(client), a_perpetual(), long_ago, tmp_path, SimulatedClock(NOW))
    assert client.asked == 0


async def test_a_past_longer_than_one_read_is_fetched_in_several(tmp_path: Path) -> None:
    """9,000 hours of which a hundred are told at once: no hour is missing, none is there twice."""
    since = wanted().since - 9_000 * HOUR
    past = Bars(tuple(range(-9_000, 0)), most=100)
    found = await fetch(
        connected(past), a_perpetual(), replace(wanted(), since=since), tmp_path, SimulatedClock(NEW_YEAR)
    )
    assert (found.rows, found.holes, found.first, found.last) == (9_000, 0, since, NEW_YEAR - HOUR)


async def test_a_series_the_venue_does_not_tell_is_said_and_no_file_is_made(tmp_path: Path) -> None:
    """Neither one it has no call for, nor one it tells nothing of."""
    for client, kind in ((Bars(()), SeriesKind.CANDLES), (Bars((0,)), SeriesKind.OPEN_INTEREST)):
        told = fetch_all(connected(client), {PERP: a_perpetual()}, [wanted(kind)], tmp_path, SimulatedClock(NOW))
        assert [one async for one in told] == [f"Bybit does not tell {kind} of BTC/USDT:USDT"]
    assert not series_file(tmp_path, "bybit", wanted()).exists()


async def test_a_symbol_that_is_not_listed_is_said_and_the_next_is_fetched(tmp_path: Path) -> None:
    """A sentence first, then a series."""
    both = [wanted(symbol="XYZ/USDT:USDT"), wanted()]
    told = fetch_all(connected(Bars((0,))), {PERP: a_perpetual()}, both, tmp_path, SimulatedClock(NOW))
    sentence, series = [one async for one in told]
    assert sentence == "XYZ/USDT:USDT is not listed at Bybit"
    assert isinstance(series, Fetched)
    assert series.rows == 1


async def test_funding_has_no_holes_for_its_intervals_change(tmp_path: Path) -> None:
    """Settlements eight hours and one hour apart are both as they should be; each has its own interval."""
    client = Bars((), settled=(-8, 0, 8, 9))
    found = await fetch(connected(client), a_perpetual(), wanted(SeriesKind.FUNDING), tmp_path, SimulatedClock(NOW))
    assert (found.rows, found.holes, found.first) == (3, 0, NEW_YEAR)
    hours = [row[FUNDING_COLUMNS.index("interval_h")] for row in read_rows(found.file, FUNDING_COLUMNS).values()]
    assert hours == ["8", "8", "1"]
