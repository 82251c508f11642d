"""Beta and effectiveness: how much of a coin's risk another coin's contract takes away."""

from collections.abc import Sequence
from decimal import Decimal

from bot.domain.reading import MeasureKind
from bot.domain.snapshot import Candle
from bot.signals.pairs import effectiveness, ewma_beta
from tests.builders import NOON, Number, d
from tests.unit.signals.pasts import DAY, a_measure, a_past, bars, read, value
from tests.vectors import agrees, vector

BETA = a_measure(MeasureKind.BETA, 3, subject="LINK", against="BTC")
EFFECTIVENESS = a_measure(MeasureKind.EFFECTIVENESS, 3, subject="LINK", against="BTC")
BTC = [100, 110, 99, 99]  # +10 %, −10 %, 0 %


def both(link: Sequence[Number], btc: Sequence[Number] = BTC) -> list[Candle]:
    """Daily bars of both coins."""
    return [*bars(btc), *bars(link, symbol="LINK/USDT")]


def returns(name: str, key: str) -> list[Decimal]:
    """The returns of a vector."""
    return [Decimal(number) for number in vector(name)["inputs"][key]]


def test_a_coin_that_moves_twice_as_far_has_beta_two_and_hedges_wholly() -> None:
    """+20 %, −20 %, 0 % against +10 %, −10 %, 0 %."""
    past = a_past(candles=both([100, 120, 96, 96]))
    assert value(BETA, past) == 2
    assert value(EFFECTIVENESS, past) == 1


def test_a_coin_that_goes_its_own_way_hedges_nothing() -> None:
    """0 %, 0 %, +20 %: beta 0, so the hedge is none and takes nothing away."""
    past = a_past(candles=both([100, 100, 100, 120]))
    assert value(BETA, past) == 0
    assert value(EFFECTIVENESS, past) == 0


def test_beta_is_that_of_the_vector() -> None:
    """Eight returns, λ = 0.97."""
    assert agrees("ewma_beta", ewma_beta(returns("ewma_beta", "y"), returns("ewma_beta", "x")))


def test_effectiveness_is_that_of_the_vectors() -> None:
    """At the regression's ratio and at one."""
    spot, futures = returns("mvhr_ols", "spot"), returns("mvhr_ols", "fut")
    assert agrees("hedge_effectiveness_ols", effectiveness(spot, futures, Decimal(vector("mvhr_ols")["expected"])))
    assert agrees("hedge_effectiveness_naive", effectiveness(spot, futures, d(1)))


def test_bars_of_different_days_are_not_compared() -> None:
    """LINK's newest bar is a day older than BTC's."""
    candles = [*bars(BTC), *bars([100, 120, 96, 96], symbol="LINK/USDT", end=NOON - DAY)]
    reading = read(BETA, a_past(candles=candles))
    assert (reading.value, reading.at) == (None, NOON - DAY)
    assert reading.why == "the newest bars closed at 31 12:00 and 01 12:00 UTC"


def test_a_coin_that_stands_still_has_no_beta() -> None:
    """Whichever of the two repeats one close."""
    for candles in (both([100] * 4), both([100, 120, 96, 96], [100] * 4)):
        assert read(BETA, a_past(candles=candles)).why == "no close of one of the two moved in 4 bars"
        assert read(EFFECTIVENESS, a_past(candles=candles)).value is None


def test_what_is_missing_of_either_is_said() -> None:
    """The coin's own bars first, then the other's."""
    assert read(BETA, a_past(candles=bars(BTC))).why == "LINK/USDT bars of 24 h: none is known"
    alone = bars([100, 120, 96, 96], symbol="LINK/USDT")
    assert read(BETA, a_past(candles=alone)).why == "BTC/USDT bars of 24 h: none is known"
