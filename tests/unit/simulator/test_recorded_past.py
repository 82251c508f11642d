"""What a record tells of its past: closed bars only, holes as holes, open interest in coins."""

from datetime import datetime
from pathlib import Path

import pytest

from bot.domain.instrument import Kind
from bot.domain.reading import History, Series, SeriesKind, candles_key
from bot.domain.snapshot import Candle
from bot.errors import SettingsRefused
from bot.simulator.recorded import RecordedMarket, recorded_market
from bot.simulator.recorded_wanted import USUAL_KINDS, Wanted
from tests.builders import d
from tests.unit.simulator.records import BARS, DAY, HOUR, INTEREST, INVERSE, LINEAR, MIDNIGHT, SPOT, at, bars, hourly
from tests.unit.simulator.records import written as write

FOUR_HOURS = 4 * 3600


def btc(folder: Path) -> RecordedMarket:
    """The recorded market of BTC, spot and linear."""
    return recorded_market(folder, Wanted(assets=("BTC",)))


def asked(kind: SeriesKind, symbol: str, seconds: int, count: int) -> tuple[Series, ...]:
    """One series."""
    return (Series(kind=kind, symbol=symbol, seconds=seconds, count=count),)


def candles(market: RecordedMarket, seconds: int, count: int, moment: datetime) -> tuple[Candle, ...]:
    """The spot candles told at a moment."""
    told = market.history(asked(SeriesKind.CANDLES, SPOT, seconds, count), moment)
    return told.candles[candles_key(SPOT, seconds)]


def test_only_closed_bars_are_told_the_newest_last(tmp_path: Path) -> None:
    """At 09:59 the bar of 08:00 is the newest: it opened at 107, closed at 108, between 106 and 110."""
    told = candles(btc(hourly(tmp_path)), 3600, 2, MIDNIGHT + 10 * HOUR - HOUR / 60)
    assert [one.opened_at for one in told] == [MIDNIGHT + 7 * HOUR, MIDNIGHT + 8 * HOUR]
    newest = told[-1]
    assert (newest.open, newest.high, newest.low, newest.close, newest.volume) == (107, 110, 106, 108, None)


def test_longer_bars_are_made_of_the_recorded_ones(tmp_path: Path) -> None:
    """Four hours from 04:00: opened at 103, highest 109, lowest 102, closed at 107; known at 08:00, not before."""
    market = btc(hourly(tmp_path))
    assert len(candles(market, FOUR_HOURS, 9, MIDNIGHT + 8 * HOUR - HOUR / 60)) == 1
    bar = candles(market, FOUR_HOURS, 1, MIDNIGHT + 8 * HOUR)[0]
    assert bar.opened_at == MIDNIGHT + 4 * HOUR
    assert (bar.open, bar.high, bar.low, bar.close) == (103, 109, 102, 107)


@pytest.mark.parametrize("hour", [4, 5, 7])
def test_a_hole_leaves_no_longer_bar_over_it(tmp_path: Path, hour: int) -> None:
    """Whichever of its hours is missing: that of 04:00 to 08:00 is not made up."""
    told = candles(btc(hourly(tmp_path, missing=(hour,))), FOUR_HOURS, 3, MIDNIGHT + 12 * HOUR)
    assert [one.opened_at for one in told] == [MIDNIGHT, MIDNIGHT + 8 * HOUR]


def test_a_day_is_known_once_it_is_over(tmp_path: Path) -> None:
    """Midnight's last second does not know it."""
    market = btc(hourly(tmp_path))
    assert candles(market, 86_400, 5, MIDNIGHT + DAY - HOUR / 3600) == ()
    assert [one.close for one in candles(market, 86_400, 5, MIDNIGHT + DAY)] == [123]


def test_days_come_from_the_records_own_daily_bars_where_it_has_them(tmp_path: Path) -> None:
    """They reach further back than the hours."""
    daily = bars("spot", SPOT, {-48: 90, -24: 95}, timeframe="1d")
    write(hourly(tmp_path), "daily.csv", BARS, daily)
    told = candles(btc(tmp_path), 86_400, 5, MIDNIGHT + DAY)
    assert [(one.opened_at, one.close) for one in told] == [(MIDNIGHT - 2 * DAY, 90), (MIDNIGHT - DAY, 95)]


@pytest.mark.parametrize("seconds", [60, 5400])
def test_bars_that_hours_cannot_make_are_not_told(tmp_path: Path, seconds: int) -> None:
    """Minutes, and an hour and a half."""
    assert candles(btc(hourly(tmp_path)), seconds, 5, MIDNIGHT + DAY) == ()


def test_settled_funding_is_told_with_its_interval(tmp_path: Path) -> None:
    """At 15:59 the rate of 16:00 is not known."""
    told = btc(hourly(tmp_path)).history(asked(SeriesKind.FUNDING, LINEAR, 0, 5), MIDNIGHT + 16 * HOUR - HOUR / 60)
    points = told.funding[LINEAR]
    assert [(one.at, one.rate, one.interval_hours) for one in points] == [
        (MIDNIGHT, d("0.0001"), 8),
        (MIDNIGHT + 8 * HOUR, d("0.0002"), 8),
    ]


def test_what_was_not_recorded_is_left_out(tmp_path: Path) -> None:
    """Neither a coin nobody recorded nor open interest nor the funding of a contract not listed."""
    wanted = (
        *asked(SeriesKind.CANDLES, "ETH/USDT", 3600, 5),
        *asked(SeriesKind.FUNDING, INVERSE, 0, 5),
        *asked(SeriesKind.OPEN_INTEREST, INVERSE, 86_400, 5),
    )
    told = btc(hourly(tmp_path)).history(wanted, MIDNIGHT + DAY)
    assert told == History(candles={}, funding={}, open_interest={})


def interest(folder: Path, unit: str, *, opened: datetime = MIDNIGHT) -> Path:
    """One day of open interest beside the hourly bars."""
    line = f"{at(opened)},binance,{INVERSE},1d,1,2,1,24600,{unit}"
    write(hourly(folder), "interest.csv", INTEREST, [line])
    return folder


@pytest.mark.parametrize(("unit", "coins"), [("USD", 200), ("BTC", 24_600)])
def test_open_interest_is_told_in_coins_once_the_day_is_over(tmp_path: Path, unit: str, coins: int) -> None:
    """24,600 USD at that day's close of 123 are 200 coins; what is in coins already stays."""
    market = btc(interest(tmp_path, unit))
    wanted = asked(SeriesKind.OPEN_INTEREST, INVERSE, 86_400, 5)
    assert market.history(wanted, MIDNIGHT + DAY - HOUR / 60).open_interest[INVERSE] == ()
    told = market.history(wanted, MIDNIGHT + DAY).open_interest[INVERSE]
    assert [(one.coins, one.at) for one in told] == [(coins, MIDNIGHT + DAY)]


def test_a_daily_close_values_open_interest_before_the_hours_begin(tmp_path: Path) -> None:
    """Two days before, spot closed at 100: 246 coins."""
    write(tmp_path, "daily.csv", BARS, bars("spot", SPOT, {-48: 100}, timeframe="1d"))
    market = btc(interest(tmp_path, "USD", opened=MIDNIGHT - 2 * DAY))
    told = market.history(asked(SeriesKind.OPEN_INTEREST, INVERSE, 86_400, 5), MIDNIGHT + DAY).open_interest[INVERSE]
    assert [one.coins for one in told] == [246]


def test_open_interest_in_usd_without_a_close_is_a_hole(tmp_path: Path) -> None:
    """Nobody recorded the price of that day's end, so nobody knows how many coins it was."""
    market = btc(interest(tmp_path, "USD", opened=MIDNIGHT - 2 * DAY))
    told = market.history(asked(SeriesKind.OPEN_INTEREST, INVERSE, 86_400, 5), MIDNIGHT + DAY)
    assert told.open_interest[INVERSE] == ()


def test_open_interest_in_another_unit_is_no_line(tmp_path: Path) -> None:
    """A number of contracts says nothing without their face."""
    with pytest.raises(SettingsRefused, match=r"interest\.csv line 2: open interest in 'contracts'"):
        btc(interest(tmp_path, "contracts"))


def test_a_venues_bars_that_do_not_open_at_midnight_make_no_days(tmp_path: Path) -> None:
    """Eight hours from 20:00, 04:00 and 12:00, as one venue keeps them."""
    kinds = USUAL_KINDS - {Kind.LINEAR_PERPETUAL}
    write(tmp_path, "bars.csv", BARS, bars("spot", SPOT, {4: 1_000, 12: 1_001, 20: 1_002, 28: 1_003}, timeframe="8h"))
    market = recorded_market(tmp_path, Wanted(assets=("BTC",), timeframe="8h", kinds=kinds))
    assert candles(market, 86_400, 5, MIDNIGHT + 2 * DAY) == ()
