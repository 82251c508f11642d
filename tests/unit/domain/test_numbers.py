"""Numbers are checked where they enter and rounded once, toward less risk."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.numbers import buy_limit, down_to_step, finite, not_negative, positive, sell_limit
from bot.errors import NumberRefused
from tests.builders import d

amounts = st.decimals(min_value=-(10**9), max_value=10**9, allow_nan=False, allow_infinity=False, places=12)
steps = st.sampled_from([d("0.00001"), d("0.001"), d("0.1"), d(1), d(5)])


@given(amounts, steps)
def test_a_quantity_is_never_rounded_up(quantity: Decimal, step: Decimal) -> None:
    """Cut toward zero, onto the grid, by less than a step."""
    cut = down_to_step(quantity, step)
    assert cut % step == 0
    assert abs(cut) <= abs(quantity) < abs(cut) + step


@given(st.decimals(min_value="0.01", max_value=10**6, places=8), steps)
def test_a_limit_is_never_rounded_toward_a_worse_price(price: Decimal, tick: Decimal) -> None:
    """A buyer's limit is at most the price meant, a seller's at least."""
    assert price - tick < buy_limit(price, tick) <= price
    assert price <= sell_limit(price, tick) < price + tick


@pytest.mark.parametrize("number", [d("NaN"), d("Infinity"), d("-Infinity"), 1.5, "1", None])
def test_what_is_no_finite_decimal_is_refused_by_name(number: Any) -> None:
    """NaN, infinities, floats, strings and nothing."""
    with pytest.raises(NumberRefused, match="equity"):
        finite("equity", number)


def test_signs_are_checked() -> None:
    """Zero is no price, and a negative balance is none."""
    assert positive("price", d(1)) == 1
    assert not_negative("balance", d(0)) == 0
    with pytest.raises(NumberRefused, match="must be above zero"):
        positive("price", d(0))
    with pytest.raises(NumberRefused, match="must not be negative"):
        not_negative("balance", d(-1))
