"""The cost of trading beyond the fee: published figures, and what must hold of any order."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.order import Side
from bot.policy.plan.impact import (
    ImpactModel,
    best_schedule,
    implementation_shortfall,
    legging_deviation,
    slices,
    square_root_impact,
)
from tests.builders import d
from tests.vectors import agrees, vector

# The example of Almgren and Chriss: a million shares in five days.
MILLION = d(1_000_000)
PAPER = ImpactModel(
    volatility=d("0.95"),
    permanent=d("0.00000025"),
    temporary=d("0.0000025"),
    half_spread=d("0.0625"),
    risk_aversion=d("0.000001"),
)


def paper(risk_aversion: str) -> ImpactModel:
    """The paper's market, seen by who fears risk so much."""
    return ImpactModel(
        volatility=d("0.95"),
        permanent=d("0.00000025"),
        temporary=d("0.0000025"),
        half_spread=d("0.0625"),
        risk_aversion=d(risk_aversion),
    )


def test_impact_grows_with_the_root_of_size() -> None:
    """350,000 of ten billion a day: 1.86 bp; four times as much, twice that."""
    given_ = vector("sqrt_impact_bps")["inputs"]
    daily = Decimal(given_["sigma_daily"])
    impact = square_root_impact(d(350_000), d(10**10), daily)
    assert agrees("sqrt_impact_bps", impact * 10_000)
    assert abs(square_root_impact(d(1_400_000), d(10**10), daily) - 2 * impact) < d("1e-20")


@pytest.mark.parametrize(("impact", "count"), [("0.0002", 1), ("0.0005", 1), ("0.001", 4), ("0.0012", 6)])
def test_an_order_is_cut_until_no_slice_costs_more_than_the_fee(impact: str, count: int) -> None:
    """At a fee of 5 bp: 10 bp of impact is four slices of 5 bp; 12 bp is 5.76, so six."""
    assert slices(d(impact), d("0.0005")) == count


@pytest.mark.parametrize("seconds", [1, 10, 60])
def test_a_leg_alone_strays_with_the_root_of_time(seconds: int) -> None:
    """At 60 % a year: 1.07, 3.38 and 8.28 bp."""
    assert agrees(f"legging_sd_bps_{seconds}s", legging_deviation(d("0.6"), d(seconds)) * 10_000)


def test_a_buy_that_ran_away_costs_what_it_paid_more_and_what_it_missed() -> None:
    """60 at 100.2 and 30 at 100.5 of 100 decided at 100; the rest would cost 101; 10 bp of fees."""
    cost = implementation_shortfall(
        Side.BUY,
        [(d(60), d("100.2")), (d(30), d("100.5"))],
        quantity=d(100),
        decided=d(100),
        ended=d(101),
        fee_rate=d("0.001"),
    )
    assert agrees("implementation_shortfall_buy", cost.execution, "exec_cost")
    assert agrees("implementation_shortfall_buy", cost.opportunity, "opportunity")
    assert agrees("implementation_shortfall_buy", cost.fees, "fees")
    assert agrees("implementation_shortfall_buy", cost.total, "total")


def test_a_sale_at_a_rising_price_gains() -> None:
    """10 decided at 100, sold at 101: −10; nothing missed, no fee."""
    cost = implementation_shortfall(
        Side.SELL, [(d(10), d(101))], quantity=d(10), decided=d(100), ended=d(150), fee_rate=d(0)
    )
    assert (cost.execution, cost.opportunity, cost.fees, cost.total) == (-10, 0, 0, -10)


@pytest.mark.parametrize("risk_aversion", ["1e-09", "4e-09", "8e-09", "9e-09"])
def test_the_frontier_is_the_printed_one(risk_aversion: str) -> None:
    """Expected cost, variance and half-life of DRIP's output for the paper's example."""
    name, best = f"almgren_chriss_lam{risk_aversion}", best_schedule(MILLION, 5, paper(risk_aversion))
    assert agrees(name, best.cost, "E")
    assert agrees(name, best.variance, "V")
    assert best.half_life is not None
    assert agrees(name, best.half_life, "half_life")


def test_who_fears_risk_sells_first_most() -> None:
    """458,044 of a million in the first of five days at λ = 1e−6."""
    expected = vector("almgren_chriss_lam1e-6_trades")["expected"]
    trades = best_schedule(MILLION, 5, paper("1e-6")).trades
    assert all(abs(ours - Decimal(theirs)) <= 1 for ours, theirs in zip(trades, expected, strict=True))


def test_who_fears_nothing_sells_evenly() -> None:
    """Five times 200,000, which is the cheapest: ½ γ X² + ε X + η~ × 5 × 200,000² = 662,500."""
    even = best_schedule(MILLION, 5, paper("0"))
    assert even.trades == (200_000,) * 5
    assert even.cost == d(125_000) + d(62_500) + d("0.000002375") * 5 * d(200_000) ** 2
    assert even.half_life is None


@given(count=st.integers(1, 30), exponent=st.integers(-9, -5))
def test_every_schedule_sells_all_and_none_is_cheaper_than_the_even_one(count: int, exponent: int) -> None:
    """The trades sum to the order, never grow, and buy less variance with more cost."""
    fearful, even = best_schedule(MILLION, count, paper(f"1e{exponent}")), best_schedule(MILLION, count, paper("0"))
    assert abs(sum(fearful.trades, d(0)) - MILLION) < d("1e-15")
    assert all(before >= after - d("1e-15") for before, after in pairwise(fearful.trades))
    assert fearful.cost >= even.cost - d("1e-12")
    assert fearful.variance <= even.variance + d("1e-9")
