"""Readings of the recorded market, day by day: flips of the slow average, squeezes, years of funding."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain.reading import History, Measure, MeasureKind, Readings, candles_key
from bot.signals import read_measures
from bot.signals.needs import OF_TWO_PRICES
from tests.builders import d
from tests.unit.signals.pasts import DAY, a_measure, value
from tests.unit.signals.recorded import DATA, DAY_SECONDS, recorded_past

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not beside the repository")

SLOW = a_measure(MeasureKind.PRICE_OVER_EMA, 200)
END = datetime(2024, 7, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def past() -> History:
    """Everything, BTC and ETH."""
    return recorded_past()


def each_day(past: History, measures: tuple[Measure, ...], start: datetime) -> Iterator[tuple[datetime, Readings]]:
    """The readings of every day from `start` to the end of the record."""
    for days in range((END - start) // DAY + 1):
        at = start + days * DAY
        yield at, read_measures(measures, past, at, "USDT")


def squeezes(past: History, asset: str) -> list[str]:
    """The days on which open interest rose as in a tenth of 90 days while funding was as in the lowest tenth."""
    measures = (
        a_measure(MeasureKind.INTEREST_PERCENTILE, 3, 90, subject=f"{asset}/USD:{asset}"),
        a_measure(MeasureKind.FUNDING_PERCENTILE, 90, subject=f"{asset}/USDT:USDT"),
    )
    found = []
    for at, (interest, funding) in each_day(past, measures, datetime(2021, 12, 17, tzinfo=UTC)):
        assert interest.value is not None, interest.why
        assert funding.value is not None, funding.why
        if interest.value >= d("0.9") and funding.value <= d("0.1"):
            found.append(f"{at:%Y-%m-%d}")
    return found


@pytest.mark.slow
def test_bitcoin_crosses_its_slow_average_when_charts_say(past: History) -> None:
    """34 crossings in 40 months: below on 19 May 2021, a whole bear market below, above from January 2023."""
    first, crossings, above = None, [], None
    for at, (reading,) in each_day(past, (SLOW,), datetime(2019, 6, 1, tzinfo=UTC)):
        if reading.value is None:
            assert "801 are needed" in reading.why
            continue
        first = first or at
        if above is not None and above != (reading.value > 0):
            crossings.append(f"{at:%Y-%m-%d}")
        above = reading.value > 0
    # 801 closes from 2019-01-01 on: the last of them closed when 2021-03-12 began.
    assert first == datetime(2021, 3, 12, tzinfo=UTC)
    assert len(crossings) == 34
    assert crossings[0] == "2021-05-20"
    assert [day for day in crossings if "2022-04" < day < "2023-02"] == [
        "2022-04-07",
        "2023-01-17",
        "2023-01-19",
        "2023-01-20",
    ]
    assert crossings[-1] == "2023-10-16"


@pytest.mark.slow
def test_squeezes_are_rare_and_the_merge_is_one(past: History) -> None:
    """Ten days of BTC, twelve of ETH in 928: ETH's funding was at its lowest before the Merge of September 2022."""
    bitcoin, ether = squeezes(past, "BTC"), squeezes(past, "ETH")
    assert (len(bitcoin), len(ether)) == (10, 12)
    assert {"2022-09-14", "2022-09-15"} <= set(ether)
    # The 18 months in which QUANT 5 counted one to three.
    assert [day for day in bitcoin if day >= "2023"] == ["2023-03-27", "2023-05-02"]
    assert [day for day in ether if day >= "2023"] == ["2023-03-05", "2023-06-15"]


@pytest.mark.slow
def test_counted_in_dollars_every_squeeze_of_ether_is_lost(past: History) -> None:
    """Squeezes come with falling prices, which hide that coins are added: that is why a History holds coins."""
    closes = {bar.opened_at + DAY: bar.close for bar in past.candles[candles_key("ETH/USDT", DAY_SECONDS)]}
    symbol = "ETH/USD:ETH"
    dollars = tuple(replace(one, coins=one.coins * closes[one.at]) for one in past.open_interest[symbol])
    assert squeezes(replace(past, open_interest={symbol: dollars}), "ETH") == []


@pytest.mark.parametrize(("year", "paid"), [(2021, "0.306"), (2022, "0.042")])
def test_a_year_of_funding_paid_the_short_what_the_record_says(past: History, year: int, paid: str) -> None:
    """30.6 % in 2021, 4.2 % in 2022; the last settlement of a year is stamped as the next begins."""
    measure = a_measure(MeasureKind.FUNDING, 365, subject="BTC/USDT:USDT")
    measured = value(measure, past, datetime(year + 1, 1, 1, tzinfo=UTC))
    assert measured == pytest.approx(d(paid), abs=d("0.0005"))


def test_bitcoins_funding_was_negative_on_28_days_of_18_months(past: History) -> None:
    """As QUANT 5 counted by calendar days, whose last settlement is that of 16:00."""
    measure = a_measure(MeasureKind.FUNDING, 1, subject="BTC/USDT:USDT")
    days = each_day(past, (measure,), datetime(2023, 1, 1, 16, tzinfo=UTC))
    assert sum(reading.value is not None and reading.value < 0 for _, (reading,) in days) == 28


def test_ethers_beta_is_about_one_and_bitcoin_hedges_two_thirds_of_it(past: History) -> None:
    """QUANT 2.3 measured 1.08 and 0.70 over four years; each year's end stands around them."""
    beta, share = (a_measure(kind, 365, subject="ETH", against="BTC") for kind in OF_TWO_PRICES)
    ends = [datetime(year, 1, 1, tzinfo=UTC) for year in (2021, 2022, 2023, 2024)]
    betas = [value(beta, past, end) for end in ends]
    shares = [value(share, past, end) for end in ends]
    assert [round(one, 2) for one in betas] == [d("0.84"), d("0.98"), d("1.42"), d("0.84")]
    assert [round(one, 2) for one in shares] == [d("0.68"), d("0.58"), d("0.78"), d("0.68")]


def test_bitcoins_volatility_and_drawdown_at_the_end_of_2022(past: History) -> None:
    """A quiet 32 % a year, 65 % below the highest close of the year."""
    end = datetime(2023, 1, 1, tzinfo=UTC)
    assert round(value(a_measure(MeasureKind.VOLATILITY, 30), past, end), 3) == d("0.324")
    assert round(value(a_measure(MeasureKind.DRAWDOWN, 365), past, end), 3) == d("0.653")


def test_a_day_taken_out_of_the_record_silences_the_average_until_it_is_past(past: History) -> None:
    """For 801 days no crossing is read over a hole; the reason names it."""
    key = candles_key("BTC/USDT", DAY_SECONDS)
    hole = datetime(2021, 5, 19, tzinfo=UTC)
    holed = replace(past, candles={key: tuple(bar for bar in past.candles[key] if bar.opened_at != hole)})
    (reading,) = read_measures((SLOW,), holed, hole + 700 * DAY, "USDT")
    assert reading.value is None
    assert reading.why == ("BTC/USDT bars of 24 h: a gap, 2021-05-19 00:00 UTC is followed by 2021-05-21 00:00 UTC")
    later = hole + 802 * DAY
    assert value(SLOW, holed, later) == value(SLOW, past, later)
