"""What a seeded market tells of its past: the same bars, funding and open interest, whoever asks and when."""

import itertools
import random
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from bot.domain.reading import History, Series, SeriesKind, candles_key
from bot.domain.snapshot import Candle
from bot.simulator.synthetic import EPOCH, SyntheticMarket, synthetic_market
from bot.simulator.walk import Coin
from tests.builders import d
from tests.unit.simulator.test_synthetic_kinds import DAY, MARKET, the_market

HOUR = timedelta(hours=1)


def candles(
    symbol: str, seconds: int, count: int, moment: datetime, market: SyntheticMarket = MARKET
) -> tuple[Candle, ...]:
    """The bars of one symbol as told at a moment."""
    wanted = Series(kind=SeriesKind.CANDLES, symbol=symbol, seconds=seconds, count=count)
    return market.history((wanted,), moment).candles.get(candles_key(symbol, seconds), ())


def one_series(kind: SeriesKind, symbol: str, count: int, moment: datetime, seconds: int = 86_400) -> History:
    """What the market tells of one series."""
    return MARKET.history((Series(kind=kind, symbol=symbol, seconds=seconds, count=count),), moment)


@pytest.mark.parametrize("seconds", [3_600, 4 * 3_600, 86_400], ids=["1h", "4h", "1d"])
def test_bars_join_at_the_epoch(seconds: int) -> None:
    """Each opens where the last closed, that after the epoch too, and high and low hold all four."""
    bars = candles("BTC/USDT", seconds, 40, EPOCH + 20 * timedelta(seconds=seconds))
    assert len(bars) == 40
    assert bars[19].close == bars[20].open == d(70_000)
    for before, after in itertools.pairwise(bars):
        assert before.close == after.open
        assert after.opened_at - before.opened_at == timedelta(seconds=seconds)
    for bar in bars:
        assert bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high
        assert bar.low < bar.high


def test_only_closed_bars_are_told() -> None:
    """A second before midnight the day is not over; at midnight it is the newest."""
    midnight = EPOCH + 9 * DAY
    assert candles("BTC/USDT", 86_400, 3, midnight - timedelta(seconds=1))[-1].opened_at == EPOCH + 7 * DAY
    assert candles("BTC/USDT", 86_400, 3, midnight)[-1].opened_at == EPOCH + 8 * DAY
    assert candles("BTC/USDT", 86_400, 3, EPOCH - 5 * DAY)[-1].opened_at == EPOCH - 6 * DAY


def test_bars_are_made_of_the_prices_that_were_quoted() -> None:
    """A day closes at the price of its midnight, and no quote of the day was beyond its high and low."""
    (bar,) = candles("BTC/USDT", 86_400, 1, EPOCH + 5 * DAY)
    quoted = [
        MARKET.quotes(EPOCH + 4 * DAY + minutes * timedelta(minutes=5))["BTC/USDT"].last for minutes in range(288)
    ]
    assert bar.open == quoted[0]
    assert bar.close == MARKET.quotes(EPOCH + 5 * DAY)["BTC/USDT"].last
    assert (bar.low, bar.high) == (min(*quoted, bar.close), max(*quoted, bar.close))


def test_long_bars_are_made_of_short_ones() -> None:
    """24 of an hour, or 6 of four, make the day: before the epoch and after."""
    for end in (EPOCH - 2 * DAY, EPOCH + 3 * DAY):
        (day,) = candles("ETH/USDT", 86_400, 1, end)
        for seconds, count in ((3_600, 24), (14_400, 6)):
            parts = candles("ETH/USDT", seconds, count, end)
            assert (parts[0].open, parts[-1].close) == (day.open, day.close)
            assert (max(p.high for p in parts), min(p.low for p in parts)) == (day.high, day.low)


def test_bars_finer_than_an_hour_begin_at_the_epoch() -> None:
    """Of the last four quarters of an hour two are told; before the epoch there are none."""
    told = candles("BTC/USDT", 900, 4, EPOCH + HOUR / 2)
    assert [bar.opened_at for bar in told] == [EPOCH, EPOCH + HOUR / 4]
    assert candles("BTC/USDT", 900, 4, EPOCH) == ()
    assert len(candles("BTC/USDT", 3_600, 4, EPOCH)) == 4


@pytest.mark.parametrize("seconds", [0, -60, 60, 7_000, 864])
def test_bars_that_do_not_divide_a_day_of_five_minutes_are_not_told(seconds: int) -> None:
    """None, backward, a minute, an odd length, and a hundredth of a day."""
    assert candles("BTC/USDT", seconds, 4, EPOCH + DAY) == ()


def test_the_past_is_the_same_in_any_order_of_asking() -> None:
    """Newest first, oldest first, with other series between: the same bars, funding and open interest."""
    wanted = [
        Series(kind=kind, symbol=symbol, seconds=seconds, count=30)
        for kind, symbol, seconds in (
            (SeriesKind.CANDLES, "BTC/USDT", 86_400),
            (SeriesKind.CANDLES, "SOL/USDT", 14_400),
            (SeriesKind.FUNDING, "ETH/USDT:USDT", 0),
            (SeriesKind.OPEN_INTEREST, "BTC/USDT:USDT", 86_400),
        )
    ]
    asked = [(series, EPOCH + timedelta(hours=hours)) for series in wanted for hours in (-500, 1, 90, 700)]
    in_order = {(one.symbol, one.seconds, at): the_market().history((one,), at) for one, at in asked}
    random.Random(3).shuffle(asked)
    other = the_market()
    assert {(one.symbol, one.seconds, at): other.history((one,), at) for one, at in asked} == in_order


def test_a_coins_past_does_not_depend_on_its_company() -> None:
    """Ether alone has the bars of ether among three."""
    alone = synthetic_market(7, ("ETH",))
    moment = EPOCH + 3 * DAY
    assert candles("ETH/USDT", 86_400, 10, moment, alone) == candles("ETH/USDT", 86_400, 10, moment)


def test_the_past_is_as_wild_as_the_present() -> None:
    """Daily moves of bitcoin over 400 days before the epoch: 60 % a year, within an eighth."""
    closes = [float(bar.close) for bar in candles("BTC/USDT", 86_400, 401, EPOCH)]
    moves = [after / before - 1 for before, after in itertools.pairwise(closes)]
    yearly = (sum(move * move for move in moves) / len(moves) * 365) ** 0.5
    assert yearly == pytest.approx(0.6, abs=0.075)


def test_another_seed_has_another_past() -> None:
    """Both lead up to 70,000."""
    mine, theirs = (candles("BTC/USDT", 86_400, 5, EPOCH, the_market(seed=seed)) for seed in (7, 8))
    assert mine[0] != theirs[0]
    assert mine[-1].close == theirs[-1].close == d(70_000)


def test_funding_points_are_eight_hours_apart_across_the_epoch() -> None:
    """Sixty of them, thirty before; oldest first, the newest settled at the moment or before."""
    points = one_series(SeriesKind.FUNDING, "BTC/USDT:USDT", 60, EPOCH + 10 * DAY + HOUR).funding["BTC/USDT:USDT"]
    assert len(points) == 60
    assert {after.at - before.at for before, after in itertools.pairwise(points)} == {timedelta(hours=8)}
    assert (points[-1].at, points[29].at) == (EPOCH + 10 * DAY, EPOCH)
    assert {point.interval_hours for point in points} == {d(8)}


def test_the_funding_told_is_the_funding_paid() -> None:
    """Rate by rate, since the epoch, of the coin-margined perpetual too."""
    until = EPOCH + 6 * DAY
    for symbol in ("BTC/USDT:USDT", "BTC/USD:BTC"):
        told = one_series(SeriesKind.FUNDING, symbol, 18, until).funding[symbol]
        paid = [(one.at, one.rate) for one in MARKET.settlements(EPOCH, until) if one.symbol == symbol]
        assert [(point.at, point.rate) for point in told] == paid


def test_open_interest_is_in_coins_once_a_day_and_only_of_days_over() -> None:
    """About 100,000,000 of value: 1,429 bitcoin at 70,000; four-hourly counts are whole days' worth."""
    noon = EPOCH + 3 * DAY + 12 * HOUR
    told = one_series(SeriesKind.OPEN_INTEREST, "BTC/USDT:USDT", 90, noon).open_interest["BTC/USDT:USDT"]
    assert [one.at for one in told] == [EPOCH + 3 * DAY - n * DAY for n in reversed(range(90))]
    mean = sum((one.coins for one in told), Decimal(0)) / 90
    assert abs(mean / (d(100_000_000) / 70_000) - 1) < d("0.05")
    few = one_series(SeriesKind.OPEN_INTEREST, "BTC/USDT:USDT", 7, noon, 14_400).open_interest["BTC/USDT:USDT"]
    assert few == told[-2:]


def test_what_the_market_does_not_have_is_left_out() -> None:
    """An unknown symbol, bars of a contract, funding of a dated one or of spot, open interest of spot."""
    for kind, symbol in (
        (SeriesKind.CANDLES, "DOGE/USDT"),
        (SeriesKind.CANDLES, "BTC/USDT:USDT"),
        (SeriesKind.FUNDING, "BTC/USDT"),
        (SeriesKind.FUNDING, "BTC/USDT:USDT-260327"),
        (SeriesKind.OPEN_INTEREST, "BTC/USDT"),
    ):
        told = one_series(kind, symbol, 5, EPOCH + DAY)
        assert (told.candles, told.funding, told.open_interest) == ({}, {}, {})


def test_a_coin_that_stands_still_has_bars_that_do() -> None:
    """A volatility of zero: open, high, low and close are the price."""
    market = synthetic_market(7, [Coin(name="ABC", price=2.0, volatility=0.0)])
    assert {
        (bar.open, bar.high, bar.low, bar.close) for bar in candles("ABC/USDT", 86_400, 6, EPOCH + 3 * DAY, market)
    } == {(d(2), d(2), d(2), d(2))}
