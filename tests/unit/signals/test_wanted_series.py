"""What is asked of the venue: the fewest series that every reading can be made of."""

import subprocess
import sys

import pytest

from bot.domain.reading import Measure, MeasureKind, Series, SeriesKind
from bot.errors import NumberRefused
from bot.signals import read_measures, wanted_series
from bot.signals.needs import OF_TWO_PRICES
from tests.architecture.sources import ROOT
from tests.builders import NOON
from tests.unit.signals.pasts import PERPETUAL, a_measure, a_past, bars, interest, rates


def wanted(*measures: Measure) -> tuple[Series, ...]:
    """The series wanted for measures in USDT."""
    return wanted_series(measures, "USDT")


def series(kind: SeriesKind, symbol: str, count: int, *, hours: int = 24) -> Series:
    """A series of bars so many hours long."""
    return Series(kind=kind, symbol=symbol, seconds=hours * 3600, count=count)


def test_no_measures_want_nothing() -> None:
    """And a policy without rules asks the venue for no history."""
    assert wanted() == ()


def test_an_average_wants_four_times_its_days_and_one() -> None:
    """801 for 200 days, and two more in case the venue counts the running bar."""
    assert wanted(a_measure(MeasureKind.PRICE_OVER_EMA, 200)) == (series(SeriesKind.CANDLES, "BTC/USDT", 803),)
    assert wanted(a_measure(MeasureKind.EMA_CROSS, 20, 50)) == (series(SeriesKind.CANDLES, "BTC/USDT", 203),)


def test_measures_of_one_coin_share_the_longest_series() -> None:
    """Fast, slow and drawdown of BTC are one request."""
    asked = wanted(
        a_measure(MeasureKind.PRICE_OVER_EMA, 20),
        a_measure(MeasureKind.PRICE_OVER_EMA, 200),
        a_measure(MeasureKind.DRAWDOWN, 90),
    )
    assert asked == (series(SeriesKind.CANDLES, "BTC/USDT", 803),)


def test_bars_of_another_length_are_another_series() -> None:
    """Daily and four-hourly."""
    asked = wanted(a_measure(MeasureKind.DRAWDOWN, 90), a_measure(MeasureKind.DRAWDOWN, 30, bar_hours=4))
    assert set(asked) == {
        series(SeriesKind.CANDLES, "BTC/USDT", 92),
        series(SeriesKind.CANDLES, "BTC/USDT", 32, hours=4),
    }


def test_a_beta_wants_the_bars_of_both() -> None:
    """Ninety returns are ninety-one bars; effectiveness shares them."""
    asked = wanted(*(a_measure(kind, 90, subject="LINK", against="BTC") for kind in OF_TWO_PRICES))
    assert asked == (series(SeriesKind.CANDLES, "BTC/USDT", 93), series(SeriesKind.CANDLES, "LINK/USDT", 93))


def test_a_symbol_is_asked_for_as_it_is() -> None:
    """Where the measure is of a contract's own price."""
    asked = wanted(a_measure(MeasureKind.DRAWDOWN, 5, subject=PERPETUAL))
    assert asked == (series(SeriesKind.CANDLES, PERPETUAL, 7),)


def test_funding_reaches_back_even_when_it_settles_every_hour() -> None:
    """Seven days of 24 settlements; the newest alone has a day's worth to be found in."""
    (week,) = wanted(
        a_measure(MeasureKind.FUNDING, 7, subject=PERPETUAL), a_measure(MeasureKind.FUNDING_8H, subject=PERPETUAL)
    )
    assert (week.kind, week.count) == (SeriesKind.FUNDING, 170)
    (newest,) = wanted(a_measure(MeasureKind.FUNDING_8H, subject=PERPETUAL))
    assert newest.count == 26


def test_open_interest_is_asked_for_once_in_the_step_all_are_made_of() -> None:
    """Daily and every eighteen hours: every six hours, as far back as the longer."""
    daily = a_measure(MeasureKind.INTEREST_PERCENTILE, 3, 90, subject=PERPETUAL)
    other = a_measure(MeasureKind.INTEREST_PERCENTILE, 3, 30, subject=PERPETUAL, bar_hours=18)
    assert wanted(daily, other) == (series(SeriesKind.OPEN_INTEREST, PERPETUAL, 95 * 4, hours=6),)
    assert wanted(daily) == (series(SeriesKind.OPEN_INTEREST, PERPETUAL, 95),)


EVERY_KIND = (
    a_measure(MeasureKind.PRICE_OVER_EMA, 3),
    a_measure(MeasureKind.EMA_CROSS, 2, 3),
    a_measure(MeasureKind.DRAWDOWN, 5),
    a_measure(MeasureKind.VOLATILITY, 3),
    a_measure(MeasureKind.FUNDING, 2, subject=PERPETUAL),
    a_measure(MeasureKind.FUNDING_8H, subject=PERPETUAL),
    a_measure(MeasureKind.PAID_SHARE, 2, subject=PERPETUAL),
    a_measure(MeasureKind.FUNDING_PERCENTILE, 2, subject=PERPETUAL),
    a_measure(MeasureKind.INTEREST_PERCENTILE, 2, 4, subject=PERPETUAL),
    a_measure(MeasureKind.BETA, 5, subject="LINK", against="BTC"),
    a_measure(MeasureKind.EFFECTIVENESS, 5, subject="LINK", against="BTC"),
)


@pytest.mark.parametrize("measure", EVERY_KIND, ids=lambda measure: str(measure.kind))
def test_what_is_wanted_is_enough_to_read(measure: Measure) -> None:
    """Given exactly the count wanted, less the margin, every kind of measure has its reading."""
    made = []
    funding, points = [], []
    for one in wanted(measure):
        ramp = [100 + place % 7 for place in range(one.count - 2)]
        if one.kind is SeriesKind.CANDLES:
            made += bars(ramp, symbol=one.symbol)
        elif one.kind is SeriesKind.FUNDING:
            funding = rates(ramp, hours=1)
        else:
            points = interest(ramp)
    past = a_past(candles=made, funding=funding, open_interest=points)
    (reading,) = read_measures((measure,), past, NOON, "USDT")
    assert (reading.value is not None, reading.why) == (True, "")


def test_every_kind_is_tried() -> None:
    """A new kind of measure needs its line above."""
    assert {measure.kind for measure in EVERY_KIND} == set(MeasureKind)


def test_periods_of_another_kind_are_refused() -> None:
    """Before anything is asked of the venue."""
    with pytest.raises(NumberRefused, match="1 or more and 1 or more"):
        wanted(a_measure(MeasureKind.EMA_CROSS, 20))


def test_the_libraries_are_loaded_by_the_first_average_only() -> None:
    """Importing the room, and reading what needs no average, loads neither."""
    program = (
        "import sys; from tests.unit.signals.pasts import *;"
        "value(a_measure(MeasureKind.DRAWDOWN, 2), a_past(candles=bars([100, 80])));"
        "print({'numpy', 'talib'} & set(sys.modules));"
        "value(a_measure(MeasureKind.PRICE_OVER_EMA, 2), a_past(candles=bars([100] * 9)));"
        "print({'numpy', 'talib'} <= set(sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=True, text=True)
    assert said.stdout.split() == ["set()", "True"]
