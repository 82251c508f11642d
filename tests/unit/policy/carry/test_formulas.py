"""The formulas of carry against the published vectors, and what they say at their edges."""

from decimal import Decimal

import pytest

from bot.policy.carry.formulas import (
    CarryTerms,
    CashAndCarry,
    break_even_days,
    carry_on_capital,
    cash_and_carry,
    compound_basis,
    fair_perpetual_ratio,
    funding_break_even_days,
    funding_compounded,
    funding_yearly,
    inverse_funding,
    linear_funding,
    log_basis,
    perpetual_break_even_days,
    simple_basis,
    venue_funding_rate,
)
from tests.builders import d
from tests.vectors import agrees, vector

QUARTER = (d(70_000), d(71_750), d(90))
EIGHT = d(8)


def test_the_basis_of_a_quarter_in_three_words() -> None:
    """2.5 % over 90 days: 10.14 % simple, 10.53 % compound, 10.01 % continuous."""
    assert agrees("basis_simple_annual", simple_basis(*QUARTER))
    assert agrees("basis_compound_annual", compound_basis(*QUARTER))
    assert agrees("basis_log_annual", log_basis(*QUARTER))


def worked() -> CashAndCarry:
    """The quarter at spot 10 bp, futures 5 bp, a third of margin."""
    margin = Decimal(vector("cash_carry_locked")["inputs"]["margin"])
    terms = CarryTerms(spot_fee=d("0.001"), contract_fee=d("0.0005"), margin=margin)
    return cash_and_carry(*QUARTER, terms)


@pytest.mark.parametrize(
    ("key", "figure"),
    [("pnl", "locked"), ("capital", "capital"), ("period_return", "period_return"), ("annual", "yearly_return")],
)
def test_a_basis_of_ten_per_cent_is_a_trade_of_six_and_a_half(key: str, figure: str) -> None:
    """1,536.50 on 93,986.67: fees and margin take a third of what the screen promises."""
    assert agrees("cash_carry_locked", getattr(worked(), figure), key)


def test_what_leaving_costs_beyond_fees_is_taken_off() -> None:
    """10 bp of 71,750 are 71.75."""
    plain = CarryTerms(spot_fee=d(0), contract_fee=d(0), margin=d("0.5"))
    spread = CarryTerms(spot_fee=d(0), contract_fee=d(0), margin=d("0.5"), exit_spread=d("0.001"))
    assert cash_and_carry(*QUARTER, plain).locked - cash_and_carry(*QUARTER, spread).locked == d("71.75")


def test_a_short_receives_a_positive_funding_in_its_own_money() -> None:
    """35 USDT for 5 coins at 70,000; 0.0005 coins for the same short in contracts of 100 USD."""
    assert agrees("funding_payment_short", linear_funding(d(-5), d(70_000), d("0.0001")))
    assert agrees("funding_payment_inverse_short", inverse_funding(d(-3_500), d(100), d(70_000), d("0.0001")))
    assert linear_funding(d(5), d(70_000), d("0.0001")) == -35


def test_a_funding_rate_a_year_by_its_real_interval() -> None:
    """1 bp per 8 h is 10.95 %, put back 11.57 %; per hour it is eight times as much."""
    assert agrees("funding_apr_simple", funding_yearly(d("0.0001"), EIGHT))
    assert agrees("funding_apy_compound", funding_compounded(d("0.0001"), EIGHT))
    assert funding_yearly(d("0.0001"), d(1)) == d("0.876")


def test_days_until_the_fees_are_earned() -> None:
    """30 bp at 3 bp a day: ten days, and never when the short pays."""
    assert agrees("funding_breakeven_days", funding_break_even_days(d("0.003"), d("0.0001"), EIGHT) or d(0))
    assert funding_break_even_days(d("0.003"), d("-0.0001"), EIGHT) is None
    assert break_even_days(d("0.003"), d("0.1095")) == 10
    assert break_even_days(d("0.003"), d(0)) is None


@pytest.mark.parametrize(
    "name",
    [
        "funding_rate_formula_P0.0002",
        "funding_rate_formula_P0.001",
        "funding_rate_formula_P-0.0003",
        "funding_rate_formula_P-0.001",
        "funding_rate_formula_P0.0",
    ],
)
def test_the_funding_a_venue_makes_of_a_premium_is_flat_in_the_middle(name: str) -> None:
    """1 bp whenever the premium lies between −4 and +6 bp."""
    asked = vector(name)["inputs"]
    rate = venue_funding_rate(*(Decimal(asked[part]) for part in ("premium", "interest", "clamp")))
    assert agrees(name, rate)


def test_a_perpetual_paid_three_times_a_day_stands_close_to_spot() -> None:
    """9 parts in 100,000 at money of 10 %."""
    assert agrees("perp_fair_ratio", fair_perpetual_ratio(d(1_095), d("0.1"), d(0), d(0)))


def test_carry_counts_both_legs_capital() -> None:
    """10.95 % at three times is 8.21 %, at one time half."""
    assert agrees("carry_on_capital", carry_on_capital(d("0.1095"), d(3)))
    assert carry_on_capital(d("0.1"), d(1)) == d("0.05")


def test_a_long_perpetual_is_cheaper_only_for_days() -> None:
    """10 bp saved at 3 bp a day: 3.3 days; for ever where longs are paid."""
    per_day = d("0.0001") * 3
    found = perpetual_break_even_days(d("0.002"), d("0.001"), per_day)
    assert found is not None
    assert agrees("instrument_breakeven_days_long", found)
    assert perpetual_break_even_days(d("0.002"), d("0.001"), d("-0.0001")) is None
