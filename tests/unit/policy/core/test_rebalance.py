"""Zero-sum trades back to the band, water-filled over the opposite side."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.core.rebalance import trades_to_bands, water_fill
from tests.builders import d
from tests.vectors import vector


@pytest.mark.parametrize("number", range(5))
def test_the_trade_is_the_published_projection(number: int) -> None:
    """The five band_projection vectors."""
    one = vector(f"band_projection_{number}")
    names = "abc"
    displacements = {n: Decimal(x) for n, x in zip(names, one["inputs"]["x"], strict=True)}
    widths = {n: Decimal(h) for n, h in zip(names, one["inputs"]["h"], strict=True)}
    trades = trades_to_bands(displacements, widths, dict.fromkeys(names, Decimal(one["inputs"]["alpha"])))
    for name, expected in zip(names, one["expected"], strict=True):
        assert abs(trades.get(name, Decimal(0)) - Decimal(expected)) <= Decimal(one["tolerance"])


def test_the_most_displaced_is_filled_first() -> None:
    """6 against widths of 1: the one displaced by 9 comes down to 3, the other, already at 3, gets nothing."""
    assert water_fill(d(6), [("near", d(3), d(1)), ("far", d(9), d(1))]) == {"far": d(6)}


def test_filling_more_than_is_missing_shares_the_rest_by_width() -> None:
    """10 where 2 and 2 are missing with widths 1 and 2: 6 more, shared 2 and 4."""
    assert water_fill(d(10), [("a", d(2), d(1)), ("b", d(2), d(2))]) == {"a": d(4), "b": d(6)}


def test_nothing_to_fill_fills_nothing() -> None:
    """No total, or nobody in need."""
    assert water_fill(d(0), [("a", d(1), d(1))]) == {}
    assert water_fill(d(1), []) == {}


shares = st.lists(st.integers(min_value=-80, max_value=80), min_size=2, max_size=8)


@given(shares)
def test_trades_sum_to_zero_and_leave_everything_inside(numbers: list[int]) -> None:
    """Whatever the displacements, after the trade none is outside and nothing was created."""
    names = [f"a{i}" for i in range(len(numbers))]
    raw = [d(number) / 1000 for number in numbers]
    mean = sum(raw, d(0)) / len(raw)
    displacements = {n: x - mean for n, x in zip(names, raw, strict=True)}
    widths = dict.fromkeys(names, d("0.03"))
    trades = trades_to_bands(displacements, widths, dict.fromkeys(names, d("0.75")))
    assert abs(sum(trades.values(), d(0))) < d("1e-20")
    assert all(abs(displacements[n] + trades.get(n, d(0))) <= d("0.03") + d("1e-20") for n in names)


@given(shares)
def test_inside_every_band_nothing_trades(numbers: list[int]) -> None:
    """I26 for the core: displacements within the widths give no trade."""
    names = [f"a{i}" for i in range(len(numbers))]
    displacements = {n: d(number) / 10_000 for n, number in zip(names, numbers, strict=True)}
    widths = dict.fromkeys(names, d("0.03"))
    assert trades_to_bands(displacements, widths, dict.fromkeys(names, d("0.75"))) == {}
