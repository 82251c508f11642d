"""What closes say, and when they say nothing: figures that can be checked by hand."""

from decimal import Decimal

import pytest

from bot.domain.reading import Measure, MeasureKind
from bot.errors import NumberRefused
from bot.signals import read_measures
from bot.signals.price import ema
from tests.builders import NOON, d
from tests.unit.signals.pasts import DAY, HOUR, a_bar, a_measure, a_past, bars, read, value
from tests.vectors import vector

OVER_TWO_DAYS = a_measure(MeasureKind.PRICE_OVER_EMA, 2)
NINE = [10] * 8 + [13]


def close_to(expected: Decimal, tolerance: str = "1e-11") -> object:
    """Within a tolerance, as pytest compares."""
    return pytest.approx(expected, abs=d(tolerance))


def test_the_price_over_its_average() -> None:
    """Closes of 10, then 13: with two days k is 2/3, the average 12, the price 1/12 above it."""
    assert value(OVER_TWO_DAYS, a_past(candles=bars(NINE))) == d("0.0833333333333")


def test_the_average_of_one_day_is_the_close() -> None:
    """So the price is neither over nor under it."""
    assert value(a_measure(MeasureKind.PRICE_OVER_EMA, 1), a_past(candles=bars(NINE))) == 0


def test_the_cross_compares_two_averages() -> None:
    """One day against two: 13 ÷ 12 − 1; the other way round 12 ÷ 13 − 1."""
    past = a_past(candles=bars(NINE))
    assert value(a_measure(MeasureKind.EMA_CROSS, 1, 2), past) == d("0.0833333333333")
    assert value(a_measure(MeasureKind.EMA_CROSS, 2, 1), past) == d("-0.0769230769231")


def test_the_drawdown_counts_from_the_highest_close_of_its_days() -> None:
    """From 200 to 80 is 60 %; within the last three days, from 100, it is 20 %."""
    past = a_past(candles=bars([200, 100, 90, 80]))
    assert value(a_measure(MeasureKind.DRAWDOWN, 4), past) == d("0.6")
    assert value(a_measure(MeasureKind.DRAWDOWN, 3), past) == d("0.2")


def test_at_its_top_a_coin_has_no_drawdown() -> None:
    """Zero, which is a value and not an absence."""
    assert value(a_measure(MeasureKind.DRAWDOWN, 2), a_past(candles=bars([90, 100]))) == 0


@pytest.mark.parametrize(("hours", "a_year"), [(24, 365), (4, 2190), (1, 8760)])
def test_volatility_is_yearly_whatever_the_bars(hours: int, a_year: int) -> None:
    """Every close 1 % above the last: ln 1.01 times the root of the bars in a year."""
    past = a_past(candles=bars([d("1.01") ** power for power in range(9)], hours=hours))
    measured = value(a_measure(MeasureKind.VOLATILITY, 2, bar_hours=hours), past)
    assert measured == close_to(d("1.01").ln() * d(a_year).sqrt(), "1e-10")


def test_the_newest_days_weigh_most_in_volatility() -> None:
    """The same move counts more on the last day than three days before."""
    late, early = [100] * 8 + [110], [100] * 5 + [110] * 4
    measure = a_measure(MeasureKind.VOLATILITY, 2)
    assert value(measure, a_past(candles=bars(late))) > value(measure, a_past(candles=bars(early)))


def test_a_market_that_stands_still_has_no_volatility_to_tell() -> None:
    """A source that repeats one close is broken; it is not a riskless coin."""
    reading = read(a_measure(MeasureKind.VOLATILITY, 2), a_past(candles=bars([100] * 9)))
    assert (reading.value, reading.why) == (None, "no close moved in 9 bars")


def test_a_reading_names_the_close_it_was_made_of() -> None:
    """The newest closed bar, which closed two hours ago."""
    assert read(OVER_TWO_DAYS, a_past(candles=bars(NINE)), NOON + 2 * HOUR).at == NOON


def test_an_open_bar_is_not_looked_at() -> None:
    """A bar that closes a second from now changes nothing, however high it stands."""
    closed = bars(NINE)
    with_open = [*closed, a_bar(99, NOON + DAY)]
    at = NOON + DAY - HOUR / 3600
    assert read(OVER_TWO_DAYS, a_past(candles=with_open), at) == read(OVER_TWO_DAYS, a_past(candles=closed), at)


def test_longer_history_changes_no_reading() -> None:
    """Another rule that asks for more bars must not move this one: always 4 n + 1 are read."""
    longer = a_past(candles=bars([500, 1, 70, *NINE]))
    assert read(OVER_TWO_DAYS, longer) == read(OVER_TWO_DAYS, a_past(candles=bars(NINE)))


def test_too_few_bars_are_no_reading() -> None:
    """Eight of the nine."""
    reading = read(OVER_TWO_DAYS, a_past(candles=bars(NINE[1:])))
    assert (reading.value, reading.at) == (None, NOON)
    assert reading.why == "BTC/USDT bars of 24 h: 8 closed, 9 are needed"


def test_a_gap_is_no_reading_and_says_where_it_is() -> None:
    """One day missing: the bar that closed on 29 December."""
    with_hole = bars([10, *NINE])
    del with_hole[-4]
    reading = read(OVER_TWO_DAYS, a_past(candles=with_hole))
    assert reading.value is None
    assert reading.why == ("BTC/USDT bars of 24 h: a gap, 2025-12-28 12:00 UTC is followed by 2025-12-30 12:00 UTC")


def test_a_gap_before_the_bars_needed_does_not_matter() -> None:
    """The hole is older than the nine bars."""
    with_hole = bars([10, 10, 10, *NINE])
    del with_hole[1]
    assert value(OVER_TWO_DAYS, a_past(candles=with_hole)) == d("0.0833333333333")


def test_a_bar_told_twice_is_no_reading() -> None:
    """A source that repeats a bar cannot be trusted with the rest."""
    twice = bars(NINE)
    twice.insert(4, twice[4])
    assert read(OVER_TWO_DAYS, a_past(candles=twice)).value is None


def test_bars_that_ended_long_ago_are_no_reading() -> None:
    """Two bars after the newest close it still holds; a second later it does not."""
    past = a_past(candles=bars(NINE))
    assert value(OVER_TWO_DAYS, past, NOON + 2 * DAY) > 0
    reading = read(OVER_TWO_DAYS, past, NOON + 2 * DAY + HOUR / 3600)
    assert reading.value is None
    assert reading.why == "BTC/USDT bars of 24 h: the newest is of 2026-01-01 12:00 UTC, more than two bars ago"


def test_an_unknown_series_is_no_reading() -> None:
    """Nothing known is said so; it has no moment."""
    reading = read(OVER_TWO_DAYS, a_past())
    assert (reading.value, reading.at, reading.why) == (None, None, "BTC/USDT bars of 24 h: none is known")


def test_four_hour_bars_are_another_series() -> None:
    """A measure of four-hour bars does not read daily ones."""
    measure = a_measure(MeasureKind.PRICE_OVER_EMA, 2, bar_hours=4)
    assert read(measure, a_past(candles=bars(NINE))).value is None
    assert value(measure, a_past(candles=bars(NINE, hours=4))) == d("0.0833333333333")


def test_every_measure_has_its_reading_in_order() -> None:
    """What cannot be read does not take the others with it."""
    measures = (a_measure(MeasureKind.DRAWDOWN, 9), a_measure(MeasureKind.DRAWDOWN, 10), OVER_TWO_DAYS)
    readings = read_measures(measures, a_past(candles=bars(NINE)), NOON, "USDT")
    assert tuple(reading.measure for reading in readings) == measures
    assert [reading.value is None for reading in readings] == [False, True, False]


@pytest.mark.parametrize(
    "measure",
    [
        a_measure(MeasureKind.PRICE_OVER_EMA),
        a_measure(MeasureKind.PRICE_OVER_EMA, 20, 50),
        a_measure(MeasureKind.EMA_CROSS, 20),
        a_measure(MeasureKind.DRAWDOWN, 0),
        a_measure(MeasureKind.DRAWDOWN, 5, bar_hours=0),
    ],
)
def test_periods_of_another_kind_are_refused(measure: Measure) -> None:
    """That is a fault of the policy, not of the market."""
    with pytest.raises(NumberRefused, match="or more"):
        read(measure, a_past(candles=bars(NINE)))


def test_an_average_begins_as_ta_libs_does() -> None:
    """The published ten-day series: every value from the tenth close on, the first the mean of ten."""
    one = vector("ema10_sma_seeded")
    prices, periods = [Decimal(price) for price in one["inputs"]["prices"]], one["inputs"]["n"]
    ours = [ema(prices[: periods + place], periods) for place in range(len(one["expected"]))]
    expected = [Decimal(number) for number in one["expected"]]
    # Printed to six decimals, so they agree within half of the last one.
    assert all(abs(mine - told) <= d("5.1e-7") for mine, told in zip(ours, expected, strict=True))
    assert ours[0] == sum(prices[:periods]) / periods


@pytest.mark.parametrize("name", ["ema10_adjust_false_last", "ema10_adjust_true_last"])
def test_other_beginnings_give_other_averages(name: str) -> None:
    """Thirty closes after another beginning the ten-day average still differs in the fourth digit."""
    one = vector(name)
    prices = [Decimal(price) for price in one["inputs"]["prices"]]
    assert d("1e-4") < abs(ema(prices, 10) - Decimal(one["expected"])) < d("3e-3")


def test_the_beginning_weighs_what_the_formula_says() -> None:
    """A seed 1 higher leaves (1 − 2/201)^m after m bars: 13.5 % after 200, under 0.04 % after 800."""
    one = vector("ema200_seed_weight_left")
    for after, weight in zip(one["inputs"]["bars_after_seed"], one["expected"], strict=True):
        raised = ema([d(101)] * 200 + [d(100)] * after, 200) - 100
        assert raised == close_to(Decimal(weight), "1e-9")
