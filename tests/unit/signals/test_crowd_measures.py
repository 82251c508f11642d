"""What funding and open interest say, in figures that can be checked by hand."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.reading import Measure, MeasureKind
from bot.errors import NumberRefused
from bot.signals.crowd import standing
from tests.builders import NOON, d
from tests.unit.signals.pasts import DAY, HOUR, PERPETUAL, a_measure, a_past, interest, rates, read, value
from tests.vectors import agrees, vector


def of_funding(kind: MeasureKind, *periods: int) -> Measure:
    """A measure of the perpetual's funding."""
    return a_measure(kind, *periods, subject=PERPETUAL)


YEARLY = of_funding(MeasureKind.FUNDING, 1)
SQUEEZE = a_measure(MeasureKind.INTEREST_PERCENTILE, 1, 3, subject=PERPETUAL)


def test_one_basis_point_per_eight_hours_is_the_vectors_year() -> None:
    """0.01 % × 8,760 ÷ 8 = 10.95 %."""
    inputs = vector("funding_apr_simple")["inputs"]
    past = a_past(funding=rates([Decimal(inputs["rate"])] * 3, hours=inputs["interval_hours"]))
    assert agrees("funding_apr_simple", value(YEARLY, past))


@pytest.mark.parametrize(("hours", "yearly"), [(8, "0.1095"), (4, "0.219"), (2, "0.438"), (1, "0.876")])
def test_a_year_has_as_many_settlements_as_the_interval_makes(hours: int, yearly: str) -> None:
    """The same rate every four hours costs twice as much."""
    assert value(YEARLY, a_past(funding=rates(["0.0001"] * (24 // hours), hours=hours))) == d(yearly)


def test_a_day_of_two_intervals_is_weighed_by_its_hours() -> None:
    """8 h at 4 bp, then four times 4 h at 1 bp: 8 bp in 24 h, 29.2 % a year."""
    mixed = [*rates(["0.0004"], end=NOON - 16 * HOUR), *rates(["0.0001"] * 4, hours=4)]
    assert value(YEARLY, a_past(funding=mixed)) == d("0.292")


def test_the_newest_rate_alone_per_eight_hours() -> None:
    """1 bp for four hours is 2 bp for eight; nothing older is needed."""
    measure = of_funding(MeasureKind.FUNDING_8H)
    assert value(measure, a_past(funding=rates(["0.0009", "0.0001"], hours=4))) == d("0.0002")
    assert value(measure, a_past(funding=rates(["-0.0003"]))) == d("-0.0003")


def test_the_paid_share_counts_what_shorts_received() -> None:
    """Of three settlements one pays the short, one costs it, one is zero."""
    assert value(of_funding(MeasureKind.PAID_SHARE, 1), a_past(funding=rates(["0.0001", "-0.0001", "0"]))) == d(
        "0.333333333333"
    )


def test_funding_far_below_its_own_history_stands_at_zero() -> None:
    """Three days of 3, 6 and now −3 bp: the lowest; turned round, the highest; in the middle, a half."""
    measure = of_funding(MeasureKind.FUNDING_PERCENTILE, 3)
    low, middle, high = ["-0.0001"] * 3, ["0.0001"] * 3, ["0.0002"] * 3
    assert value(measure, a_past(funding=rates([*middle, *high, *low]))) == 0
    assert value(measure, a_past(funding=rates([*middle, *low, *high]))) == 1
    assert value(measure, a_past(funding=rates([*low, *high, *middle]))) == d("0.5")


def test_funding_that_rests_is_not_unusual() -> None:
    """The same rate for days stands in the middle, not at an end."""
    assert value(of_funding(MeasureKind.FUNDING_PERCENTILE, 5), a_past(funding=rates(["0.0001"] * 15))) == d("0.5")


def test_settlements_stamped_some_milliseconds_late_are_on_time() -> None:
    """As venues do: neither a gap nor a settlement too many."""
    late = [
        replace(point, at=point.at + timedelta(milliseconds=3 * place % 7))
        for place, point in enumerate(rates(["0.0001"] * 9))
    ]
    assert value(of_funding(MeasureKind.FUNDING, 2), a_past(funding=late), NOON + HOUR) == d("0.1095")


def test_a_missing_settlement_is_no_reading() -> None:
    """The one of 04:00."""
    with_hole = rates(["0.0001"] * 6)
    del with_hole[-2]
    reading = read(of_funding(MeasureKind.FUNDING, 1), a_past(funding=with_hole))
    assert (reading.value, reading.at) == (None, NOON)
    assert reading.why == (f"{PERPETUAL} funding: a gap, 2025-12-31 20:00 UTC is followed by 2026-01-01 12:00 UTC")


def test_a_settlement_told_twice_is_no_reading() -> None:
    """It would count double."""
    twice = rates(["0.0001"] * 3)
    assert "a gap" in read(YEARLY, a_past(funding=[*twice[:2], twice[1], twice[2]])).why


def test_funding_of_fewer_days_is_no_reading() -> None:
    """A day asked for, sixteen hours known."""
    reading = read(YEARLY, a_past(funding=rates(["0.0001"] * 2)))
    assert reading.value is None
    assert reading.why == (
        f"{PERPETUAL} funding: begins 2026-01-01 04:00 UTC, less than 1 days before 2026-01-01 12:00 UTC"
    )


def test_old_funding_is_no_reading() -> None:
    """Two intervals after the newest settlement it still holds, a second later it does not."""
    past = a_past(funding=rates(["0.0001"] * 3))
    assert value(YEARLY, past, NOON + 16 * HOUR) == d("0.1095")
    for measure in (YEARLY, of_funding(MeasureKind.FUNDING_8H)):
        reading = read(measure, past, NOON + 16 * HOUR + HOUR / 3600)
        assert reading.why == f"{PERPETUAL} funding: the newest is of 2026-01-01 12:00 UTC, more than two intervals ago"


def test_unknown_funding_is_no_reading() -> None:
    """None known, or none yet."""
    assert read(YEARLY, a_past()).why == f"{PERPETUAL} funding: none is known"
    assert read(YEARLY, a_past(funding=rates(["0.0001"] * 3)), NOON - DAY).value is None


def test_a_settlement_to_come_is_not_looked_at() -> None:
    """A rate published ahead of its time counts only from then on."""
    ahead = [*rates(["0.0001"] * 3), *rates(["0.9"], end=NOON + 8 * HOUR)]
    assert value(YEARLY, a_past(funding=ahead)) == d("0.1095")


def test_rising_open_interest_stands_where_its_own_history_puts_it() -> None:
    """+10 %, +10 %, then +20 %: the highest; a rise of 5 % the lowest; 10 % again in the middle."""
    for newest, stands in ((1452, 1), (d("1270.5"), 0), (1331, "0.5")):
        assert value(SQUEEZE, a_past(open_interest=interest([1000, 1100, 1210, newest]))) == d(stands)


def test_a_change_over_some_bars_is_compared_with_changes_as_long() -> None:
    """Over two days: +10 % after 0 %, from 100, 100, 100, 110."""
    measure = a_measure(MeasureKind.INTEREST_PERCENTILE, 2, 2, subject=PERPETUAL)
    assert value(measure, a_past(open_interest=interest([100, 100, 100, 110]))) == 1


def test_open_interest_in_finer_steps_is_read_at_the_measures_own() -> None:
    """Every twelve hours, because another rule asked so: the days are the same."""
    fine = interest([1000, 1, 1100, 1, 1210, 1, 1452], hours=12)
    assert value(SQUEEZE, a_past(open_interest=fine)) == 1


def test_open_interest_with_a_gap_too_short_or_old_is_no_reading() -> None:
    """Each with its reason."""
    whole = interest([900, 1000, 1100, 1210, 1452])
    assert "a gap, 2025-12-29" in read(SQUEEZE, a_past(open_interest=[*whole[:2], *whole[3:]])).why
    assert "2 closed, 4 are needed" in read(SQUEEZE, a_past(open_interest=whole[3:])).why
    assert "more than two bars ago" in read(SQUEEZE, a_past(open_interest=whole), NOON + 3 * DAY).why
    assert read(SQUEEZE, a_past()).why == f"{PERPETUAL} open interest every 24 h: none is known"


def test_open_interest_of_zero_is_no_reading() -> None:
    """A market nobody is in has no change to measure."""
    reading = read(SQUEEZE, a_past(open_interest=interest([1000, 0, 1210, 1452])))
    assert (reading.value, reading.why) == (None, "open interest of zero coins was reported")


@pytest.mark.parametrize(
    "measure",
    [
        of_funding(MeasureKind.FUNDING_PERCENTILE, 1),
        of_funding(MeasureKind.FUNDING),
        of_funding(MeasureKind.INTEREST_PERCENTILE, 3),
        of_funding(MeasureKind.INTEREST_PERCENTILE, 3, 1),
    ],
)
def test_a_history_of_one_is_refused(measure: Measure) -> None:
    """Something to be compared with is needed."""
    past = a_past(funding=rates(["0.0001"] * 9), open_interest=interest([1, 2, 3, 4, 5]))
    with pytest.raises(NumberRefused, match="or more"):
        read(measure, past)


def test_equal_ones_count_half() -> None:
    """One below, two equal, one above: (1 + 1) ÷ 4."""
    assert standing(d(2), [d(1), d(2), d(2), d(3)]) == d("0.5")
