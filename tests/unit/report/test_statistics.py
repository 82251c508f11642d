"""Statistics against their vectors."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.report.statistics import (
    annualised,
    effectiveness,
    max_drawdown,
    minimum_variance_ratio,
    modified_dietz,
    moments,
    time_weighted,
)
from tests.vectors import agrees, vector

RETURNS = st.lists(st.floats(-0.2, 0.2), min_size=2, max_size=60)


def inputs(name: str) -> dict[str, Any]:
    """A vector's inputs."""
    found: dict[str, Any] = vector(name)["inputs"]
    return found


def floats(numbers: list[Any]) -> list[float]:
    """The numbers as floats."""
    return [float(number) for number in numbers]


def exactly(number: float | None) -> Decimal:
    """The digits of a float."""
    assert number is not None
    return Decimal(repr(number))


def test_sharpe_and_sortino_of_daily_returns() -> None:
    """√365, n − 1, downside over all n."""
    assert agrees("sharpe_daily365", exactly(moments(floats(inputs("sharpe_daily365")["returns"])).sharpe))
    assert agrees("sortino_daily365", exactly(moments(floats(inputs("sortino_daily365")["returns"])).sortino))


def test_tracking_error_is_the_volatility_of_the_difference() -> None:
    """Against the benchmark's returns."""
    one = inputs("tracking_error")
    gaps = [float(r) - float(b) for r, b in zip(one["returns"], one["bench"], strict=True)]
    assert agrees("tracking_error", exactly(moments(gaps).volatility))


def test_the_deepest_fall() -> None:
    """From the highest value before it."""
    assert agrees("max_drawdown", exactly(max_drawdown(floats(inputs("max_drawdown")["nav"]))))


def test_time_and_money_weighted_returns() -> None:
    """Sub-periods linked; flows weighted by the days they were there."""
    periods = [(float(start), float(end)) for start, end, _ in inputs("twr")["sub"]]
    assert agrees("twr", exactly(time_weighted(periods)))
    one = inputs("modified_dietz")
    flows = [(float(day), float(amount)) for day, amount in one["flows"]]
    found = modified_dietz(float(one["V0"]), float(one["V1"]), float(one["days"]), flows)
    assert agrees("modified_dietz", exactly(found), "ret")


def test_the_minimum_variance_ratio_and_what_it_takes_away() -> None:
    """OLS, and the naive ratio of 1."""
    one = inputs("mvhr_ols")
    spot, future = floats(one["spot"]), floats(one["fut"])
    ratio = minimum_variance_ratio(spot, future)
    assert agrees("mvhr_ols", exactly(ratio))
    assert ratio is not None
    pairs = list(zip(spot, future, strict=True))
    best = effectiveness(moments([s - ratio * f for s, f in pairs]), moments(spot))
    naive = effectiveness(moments([s - f for s, f in pairs]), moments(spot))
    assert agrees("hedge_effectiveness_ols", exactly(best))
    assert agrees("hedge_effectiveness_naive", exactly(naive))


def test_what_never_varied_has_no_ratio() -> None:
    """None, not infinity."""
    still = moments([0.0, 0.0])
    assert (still.sharpe, still.sortino, effectiveness(still, still)) == (None, None, None)
    assert minimum_variance_ratio([0.1, 0.2], [0.1, 0.1]) is None
    assert moments([0.1]).volatility is None
    assert max_drawdown([]) == 0


def test_a_total_loss_annualises_to_a_total_loss() -> None:
    """And a doubling in half a year to a quadrupling."""
    assert annualised(-1.0, 100) == -1
    assert annualised(1.0, 182.5) == pytest.approx(3)


@given(RETURNS)
def test_moments_agree_with_two_passes(returns: list[float]) -> None:
    """One by one, the deviation is the textbook's."""
    mean = sum(returns) / len(returns)
    variance = sum((r - mean) ** 2 for r in returns) / (len(returns) - 1)
    assert moments(returns).deviation == pytest.approx(variance**0.5, abs=1e-9)


def test_dust_is_nothing_to_hedge() -> None:
    """A book that moves by per cents, and coins of it that move it by millionths."""
    book, dust = moments([0.01, -0.02, 0.03]), moments([1e-6, -2e-6, 1e-6])
    assert effectiveness(book, dust) is None
