"""Recorded history shows only what had closed, names what is missing, and is exact to the digit."""

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.instrument import Kind
from bot.errors import SettingsRefused, SnapshotUnavailable
from bot.simulator.recorded import RecordedMarket, recorded_market
from bot.simulator.recorded_wanted import Wanted
from tests.builders import d

MIDNIGHT = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
BARS = "ts_ms,venue,market,symbol,timeframe,open,high,low,close,volume"
FUNDING = "ts_ms,venue,symbol,interval_h,funding_rate,mark_price"
SPOT_ONLY = frozenset({Kind.SPOT})
SPOT, PERP = "BTC/USDT", "BTC/USDT:USDT"


def a_bar(hour: int, market: str, symbol: str, prices: str, *, venue: str = "binance") -> str:
    """One line of hourly bars: open, high, low, close."""
    opened = int((MIDNIGHT + hour * HOUR).timestamp() * 1000)
    return f"{opened},{venue},{market},{symbol},1h,{prices},"


def a_rate(hour: int, rate: str) -> str:
    """One line of funding, eight-hourly."""
    return f"{int((MIDNIGHT + hour * HOUR).timestamp() * 1000)},binance,{PERP},8,{rate},"


def write(folder: Path, *, missing: tuple[int, ...] = (), hours: int = 20) -> Path:
    """A folder with BTC bars: spot closes at 100 + hour, the perpetual half a unit lower."""
    bars = [BARS]
    for hour in range(hours):
        if hour not in missing:
            spot, perp = 100 + hour, f"{99 + hour}.5"
            bars.append(a_bar(hour, "spot", SPOT, f"{spot},{spot + 2},{spot - 2},{spot}"))
            bars.append(a_bar(hour, "perp_linear", PERP, f"{perp},{spot + 3},{spot - 3},{perp}"))
    (folder / "bars.csv").write_text("\n".join(bars) + "\n", encoding="utf-8")
    rates = "\n".join([FUNDING, a_rate(0, "0.0001"), a_rate(8, "-1.609e-05"), a_rate(16, "0.0003")])
    with gzip.open(folder / "rates.csv.gz", "wt", encoding="utf-8") as file:
        file.write(rates + "\n")
    (folder / "other.csv").write_text("pair,tick\nBTC,1\n", encoding="utf-8")
    (folder / "empty.csv").write_text("", encoding="utf-8")
    return folder


def btc(folder: Path, **changes: object) -> RecordedMarket:
    """The recorded market of BTC."""
    return recorded_market(folder, Wanted(assets=("BTC",), **changes))  # type: ignore[arg-type]


def test_a_price_is_the_close_of_the_last_closed_bar(tmp_path: Path) -> None:
    """The bar of 03:00 closes at 04:00: until then the price is that of 02:00."""
    market = btc(write(tmp_path))
    assert market.quotes(MIDNIGHT + 4 * HOUR)[SPOT].last == 103
    assert market.quotes(MIDNIGHT + 4 * HOUR - timedelta(milliseconds=1))[SPOT].last == 102


def test_quotes_carry_spread_mark_and_index(tmp_path: Path) -> None:
    """1 bp around 103 on the tick of 0.01; the index of the perpetual is the spot close."""
    quotes = btc(write(tmp_path)).quotes(MIDNIGHT + 4 * HOUR)
    assert (quotes[SPOT].bid, quotes[SPOT].ask) == (d("102.99"), d("103.01"))
    assert (quotes[PERP].mark, quotes[PERP].index, quotes[SPOT].mark) == (d("102.5"), d(103), None)


def test_it_lasts_from_the_first_to_the_last_close(tmp_path: Path) -> None:
    """Twenty bars from midnight: 01:00 to 20:00."""
    market = btc(write(tmp_path))
    assert (market.start, market.end) == (MIDNIGHT + HOUR, MIDNIGHT + 20 * HOUR)
    assert market.description == "recorded binance 1h BTC in USDT 2024-01-01..2024-01-01 spread=1bp"


def test_one_missing_bar_is_bridged_and_two_are_unavailable(tmp_path: Path) -> None:
    """Without the bars of 05:00 and 06:00 the close of 05:00 may be two hours old, not more."""
    market = btc(write(tmp_path, missing=(5, 6)))
    assert market.quotes(MIDNIGHT + 7 * HOUR)[SPOT].last == 104
    with pytest.raises(SnapshotUnavailable, match=r"BTC/USDT price at 2024-01-01T07:00:01") as missing:
        market.quotes(MIDNIGHT + 7 * HOUR + timedelta(seconds=1))
    assert missing.value.part == "BTC/USDT price"
    assert market.quotes(MIDNIGHT + 8 * HOUR)[SPOT].last == 107


def test_a_longer_gap_may_be_allowed(tmp_path: Path) -> None:
    """Stated, not assumed."""
    market = recorded_market(write(tmp_path, missing=(5, 6)), Wanted(assets=("BTC",)), max_gap=3 * HOUR)
    assert market.quotes(MIDNIGHT + 7 * HOUR + timedelta(minutes=59))[SPOT].last == 104


def test_there_is_nothing_before_the_start(tmp_path: Path) -> None:
    """No bar has closed at midnight."""
    market = btc(write(tmp_path))
    with pytest.raises(SnapshotUnavailable):
        market.quotes(MIDNIGHT)
    with pytest.raises(SnapshotUnavailable):
        list(market.settlements(MIDNIGHT - HOUR, MIDNIGHT))
    with pytest.raises(SnapshotUnavailable):
        market.funding(MIDNIGHT - HOUR)


def test_the_rate_known_is_the_one_last_paid(tmp_path: Path) -> None:
    """At 09:00 that of 08:00, next paid at 16:00; what 16:00 will pay is not known."""
    rate = btc(write(tmp_path)).funding(MIDNIGHT + 9 * HOUR)[PERP]
    assert (rate.rate, rate.interval_hours, rate.next_at) == (d("-0.00001609"), 8, MIDNIGHT + 16 * HOUR)


def test_a_rate_that_should_have_been_replaced_is_unavailable(tmp_path: Path) -> None:
    """Nothing was recorded for the next midnight: two hours later the old rate is no longer shown."""
    market = btc(write(tmp_path, hours=40))
    assert market.funding(MIDNIGHT + 26 * HOUR)[PERP].rate == d("0.0003")
    with pytest.raises(SnapshotUnavailable, match="funding"):
        market.funding(MIDNIGHT + 27 * HOUR)


def test_funding_is_settled_at_the_perpetuals_close(tmp_path: Path) -> None:
    """At 08:00 the last closed bar is that of 07:00, closed at 106.5."""
    paid = btc(write(tmp_path)).settlements(MIDNIGHT + HOUR, MIDNIGHT + 16 * HOUR)
    assert [(p.at, p.rate, p.mark) for p in paid] == [
        (MIDNIGHT + 8 * HOUR, d("-0.00001609"), d("106.5")),
        (MIDNIGHT + 16 * HOUR, d("0.0003"), d("114.5")),
    ]


def test_the_path_shows_the_lows_and_highs_of_each_bar(tmp_path: Path) -> None:
    """From 04:00 to 06:00 two bars end; their extremes lie between the looks."""
    steps = list(btc(write(tmp_path)).path(MIDNIGHT + 4 * HOUR, MIDNIGHT + 6 * HOUR))
    assert [step.at.hour for step in steps] == [5, 6]
    assert steps[0].spans[PERP] == (d(101), d(107), d("103.5"))


def test_the_path_bridges_one_missing_bar_with_the_last_close(tmp_path: Path) -> None:
    """The perpetual lacks 05:00: at 06:00 it stands at its close of 05:00."""
    folder = write(tmp_path)
    text = (folder / "bars.csv").read_text(encoding="utf-8").splitlines()
    gone = str(int((MIDNIGHT + 5 * HOUR).timestamp() * 1000))
    kept = [line for line in text if not (line.startswith(gone) and PERP in line)]
    (folder / "bars.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    step = next(s for s in btc(folder).path(MIDNIGHT + 5 * HOUR, MIDNIGHT + 6 * HOUR))
    assert step.spans[PERP] == (d("103.5"), d("103.5"), d("103.5"))
    assert step.spans[SPOT].last == 105


def test_rows_in_disorder_and_repeated_are_put_right(tmp_path: Path) -> None:
    """The file turned upside down with one line twice is the same market."""
    folder = write(tmp_path)
    header, *lines = (folder / "bars.csv").read_text(encoding="utf-8").splitlines()
    (folder / "bars.csv").write_text("\n".join([header, *reversed(lines), lines[4]]) + "\n", encoding="utf-8")
    market = btc(folder)
    assert [market.quotes(MIDNIGHT + h * HOUR)[SPOT].last for h in (1, 9, 20)] == [100, 108, 119]


def test_spot_alone_needs_no_perpetuals(tmp_path: Path) -> None:
    """Without contracts neither their bars nor their funding are asked for."""
    market = recorded_market([write(tmp_path) / "bars.csv"], Wanted(assets=("BTC",), kinds=SPOT_ONLY))
    assert list(market.instruments) == [SPOT]
    assert market.funding(MIDNIGHT + HOUR) == {}


def test_one_file_may_be_given(tmp_path: Path) -> None:
    """A path that is no folder is read as a file."""
    folder = write(tmp_path)
    assert recorded_market(folder / "bars.csv", Wanted(assets=("BTC",), kinds=SPOT_ONLY)).end is not None


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(assets=("ETH",)),
        Wanted(assets=("BTC",), timeframe="4h"),
        Wanted(assets=("BTC",), venue="okx"),
        Wanted(assets=("BTC",), timeframe="1 fortnight"),
    ],
)
def test_what_is_not_there_is_refused(tmp_path: Path, wanted: Wanted) -> None:
    """Another coin, bar length or venue."""
    with pytest.raises(SettingsRefused):
        recorded_market(write(tmp_path), wanted)


@pytest.mark.parametrize(
    "prices", ["1,2,1,nan", "1,2,1,0", "1,2,1,-1", "1,2,1,x", "1,2,1,", "1,2,1,3", "1,2,1,1.123456789"]
)
def test_a_line_that_is_no_bar_is_named(tmp_path: Path, prices: str) -> None:
    """File and line are in the message; nothing is read as zero."""
    folder = write(tmp_path)
    with (folder / "bars.csv").open("a", encoding="utf-8") as file:
        file.write(a_bar(30, "spot", SPOT, prices) + "\n")
    with pytest.raises(SettingsRefused, match=r"bars\.csv line 42"):
        btc(folder)


def test_a_short_line_is_named(tmp_path: Path) -> None:
    """A line that was cut off."""
    folder = write(tmp_path)
    with (folder / "bars.csv").open("a", encoding="utf-8") as file:
        file.write("1704067200000,binance\n")
    with pytest.raises(SettingsRefused, match="line 42"):
        btc(folder)


def test_a_broken_archive_is_named(tmp_path: Path) -> None:
    """A cut gzip file is no end of history."""
    folder = write(tmp_path)
    whole = (folder / "rates.csv.gz").read_bytes()
    (folder / "rates.csv.gz").write_bytes(whole[:-12])
    with pytest.raises(SettingsRefused, match=r"rates\.csv\.gz cannot be read"):
        btc(folder)
