"""Every kind of the recorded files beside the repository, and what they tell of their past."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.instrument import Kind
from bot.domain.reading import Series, SeriesKind
from bot.simulator.recorded import RecordedMarket, recorded_market
from bot.simulator.recorded_wanted import USUAL_KINDS, Wanted
from tests.builders import d
from tests.vectors import SHARED

DATA = SHARED / "data"
MIDNIGHT = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
INVERSE = "BTC/USD:BTC"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not beside the repository")


@pytest.fixture(scope="module")
def hourly() -> RecordedMarket:
    """BTC and ETH, hour by hour, with their dated contracts."""
    return recorded_market(DATA, Wanted(assets=("BTC", "ETH"), kinds=USUAL_KINDS | {Kind.LINEAR_FUTURE}))


def test_eight_quarterly_contracts_are_delivered_on_fridays_at_eight(hourly: RecordedMarket) -> None:
    """Two coins, four quarters; each quoted until the hour of its delivery and not in it."""
    dated = [one for one in hourly.instruments.values() if one.expiry is not None]
    assert len(dated) == 8
    for one in dated:
        assert one.expiry is not None
        assert (one.expiry.weekday(), one.expiry.hour) == (4, 8)
        assert one.symbol in hourly.quotes(one.expiry - HOUR)
        assert one.symbol not in hourly.quotes(one.expiry)


def test_contracts_come_and_go(hourly: RecordedMarket) -> None:
    """At New Year the March and June contracts of 2024 are listed."""
    listed = {symbol for symbol, one in hourly.instruments_at(MIDNIGHT).items() if one.expiry is not None}
    assert listed == {f"{coin}/USDT:USDT-{day}" for coin in ("BTC", "ETH") for day in ("240329", "240628")}


def test_a_last_trade_is_off_what_it_is_delivered_at(hourly: RecordedMarket) -> None:
    """BTC-240628 traded last at 61,440; spot stood at 61,350.01."""
    expiry = datetime(2024, 6, 28, 8, tzinfo=UTC)
    step = next(hourly.path(expiry - HOUR, expiry))
    assert step.spans["BTC/USDT:USDT-240628"].last == 61_440
    assert hourly.settlement_price("BTC/USDT:USDT-240628", expiry) == d("61350.01")


def test_a_slow_average_has_its_800_days_though_the_hours_begin_in_2023(hourly: RecordedMarket) -> None:
    """From the daily file: 800 bars without a gap, the last of 1 June 2023."""
    wanted = Series(kind=SeriesKind.CANDLES, symbol="BTC/USDT", seconds=86_400, count=800)
    told = hourly.history((wanted,), datetime(2023, 6, 2, tzinfo=UTC)).candles["BTC/USDT 86400"]
    days = [one.opened_at for one in told]
    assert days == [datetime(2023, 6, 1, tzinfo=UTC) - timedelta(days=back) for back in reversed(range(800))]


def test_open_interest_is_in_coins_by_the_close_of_its_day(hourly: RecordedMarket) -> None:
    """The newest at New Year is of 31 December; coins times that day's close is the file's USD again."""
    wanted = Series(kind=SeriesKind.OPEN_INTEREST, symbol=INVERSE, seconds=86_400, count=1)
    newest = hourly.history((wanted,), MIDNIGHT).open_interest[INVERSE][-1]
    close = hourly.quotes(MIDNIGHT)["BTC/USDT"].last
    assert newest.at == MIDNIGHT
    usd = newest.coins * close
    assert abs(usd - usd.to_integral_value()) < d("1e-6")
    assert 10_000 < newest.coins < 100_000


def test_eight_hourly_bars_hold_both_perpetuals_and_the_funding_of_both() -> None:
    """Binance from 2023: linear and coin-margined within a per cent of spot."""
    kinds = USUAL_KINDS | {Kind.INVERSE_PERPETUAL}
    market = recorded_market(DATA, Wanted(assets=("BTC", "ETH"), timeframe="8h", kinds=kinds))
    quotes = market.quotes(MIDNIGHT)
    for coin in ("BTC", "ETH"):
        spot = quotes[f"{coin}/USDT"].last
        for symbol in (f"{coin}/USDT:USDT", f"{coin}/USD:{coin}"):
            assert abs(quotes[symbol].valuation / spot - 1) < d("0.01")
            assert symbol in market.funding(MIDNIGHT)


def test_four_hourly_perpetuals_stand_for_spot_only_when_asked() -> None:
    """From 2020; the description says so."""
    wanted = Wanted(assets=("BTC",), timeframe="4h", spot_from=Kind.LINEAR_PERPETUAL)
    market = recorded_market(DATA, wanted)
    assert market.start == datetime(2020, 1, 1, 4, tzinfo=UTC)
    assert "spot-from=linear-perpetual" in market.description


def test_a_missing_first_hour_of_a_month_is_bridged_not_filled() -> None:
    """The coin-margined hours lack 00:00 of 1 September 2020: the price of midnight stands, the day has no bar."""
    kinds = frozenset({Kind.SPOT, Kind.INVERSE_PERPETUAL})
    wanted = Wanted(assets=("BTC",), kinds=kinds, spot_from=Kind.INVERSE_PERPETUAL, funding=False)
    market = recorded_market(DATA, wanted)
    first = datetime(2020, 9, 1, tzinfo=UTC)
    assert market.quotes(first + HOUR)[INVERSE].mark == market.quotes(first)[INVERSE].mark
    series = Series(kind=SeriesKind.CANDLES, symbol=INVERSE, seconds=86_400, count=3)
    told = market.history((series,), first + timedelta(days=2)).candles[f"{INVERSE} 86400"]
    assert [one.opened_at.day for one in told] == [30, 31, 2]
