"""The cube-root law and its consequences, against the published figures."""

from decimal import Decimal

import pytest

from bot.policy.core.bands import (
    calendar_outlook,
    clamped_destination,
    fixed_cost_half_width,
    half_width_for,
    looked_at_half_width,
    misfit,
    optimal_half_width,
    outlook,
    relative_volatility,
    universal_half_width,
    yearly_loss,
)
from tests.builders import d
from tests.vectors import agrees, vector


@pytest.mark.parametrize("risk_aversion", [1, 2, 3, 5, 10])
def test_the_edge_of_half_bitcoin_is_the_published_one(risk_aversion: int) -> None:
    """QUANT 1.1's table: 10 bp, one paid leg."""
    width = optimal_half_width(d("0.5"), d("0.001"), d(0), d(risk_aversion))
    assert agrees(f"band_edge_btc50_gamma{risk_aversion}", width)


@pytest.mark.parametrize("share", ["0.5", "0.3", "0.2"])
def test_two_paid_legs_widen_the_band_as_published(share: str) -> None:
    """QUANT 1.2: with 10 bp a side and a risk aversion of 3, kappa is 0.1."""
    width = optimal_half_width(d(share), d("0.001"), d("0.001"), d(3))
    assert agrees(f"band_asset_vs_rest_w{share}", width)


def test_ten_basis_points_and_gamma_three_make_kappa_a_tenth() -> None:
    """Kappa × (w (1 − w))^⅔: for a half, 0.1 × 0.25^⅔ = 3.97 %."""
    assert round(optimal_half_width(d("0.5"), d("0.001"), d("0.001"), d(3)), 4) == d("0.0397")


def test_a_core_of_one_asset_cannot_leave_its_band() -> None:
    """A share of the whole has nothing to drift against."""
    assert optimal_half_width(d(1), d("0.001"), d("0.001"), d(3)) == 1


def test_a_free_trade_still_has_a_width() -> None:
    """Without fees the law gives zero, which would trade on every tick."""
    assert 0 < optimal_half_width(d("0.5"), d(0), d(0), d(3)) < d("0.00011")


@pytest.mark.parametrize("destination", ["1.0", "0.75", "0.5", "0.0"])
def test_width_tracking_cost_and_trades_agree_for_every_destination(destination: str) -> None:
    """The closed forms of QUANT 1.1 against the vectors."""
    name = f"band_general_dest_{destination}"
    alpha, sigma, cost = d(destination), d("0.6"), d("0.001")
    width = half_width_for(d("0.5"), sigma, cost, (d(3), alpha))
    expected = outlook(width, d("0.25") * sigma, cost, alpha)
    assert agrees(name, width, "h")
    assert agrees(name, expected.tracking_error, "rms")
    assert agrees(name, expected.cost * 10_000, "cost_bps")
    assert agrees(name, yearly_loss(expected, sigma, d(3)) * 10_000, "J_bps")
    if vector(name)["expected"]["trades_per_year"] is None:
        assert expected.trades is None
    else:
        assert expected.trades is not None
        assert agrees(name, expected.trades, "trades_per_year")


def test_trading_to_the_target_needs_a_band_1_587_times_as_wide() -> None:
    """h(0) / h(1) = 4^⅓."""
    to_target = half_width_for(d("0.5"), d("0.6"), d("0.001"), (d(3), d(0)))
    to_edge = half_width_for(d("0.5"), d("0.6"), d("0.001"), (d(3), d(1)))
    assert agrees("band_to_target_ratio", to_target / to_edge)


@pytest.mark.parametrize("destination", ["1.0", "0.875", "0.75", "0.5", "0.0"])
def test_going_deeper_costs_more_at_equal_tracking_error(destination: str) -> None:
    """cost(α) / cost(edge) = √(2 (1 + α²)) / (1 + α), reached by widths of equal tracking error."""
    alpha, diffusion, cost = d(destination), d("0.15"), d("0.001")
    edge = outlook(d("0.03"), diffusion, cost, d(1))
    same = edge.tracking_error / outlook(d(1), diffusion, cost, alpha).tracking_error
    multiple = outlook(same, diffusion, cost, alpha).cost / edge.cost
    assert abs(multiple - Decimal(vector(f"band_equal_te_cost_multiple_{destination}")["expected"])) < d("1e-12")


def test_the_destination_gives_way_to_the_venue_minimum() -> None:
    """10,000 of wealth, 3.15 % of width and a minimum of 50: at most 1 − 50/315 = 0.841."""
    allowed = clamped_destination(d("0.9"), d(10_000) * d("0.0315"), d(50))
    assert agrees("min_notional_alpha", allowed)
    assert clamped_destination(d("0.75"), d(315), d(50)) == d("0.75")
    assert clamped_destination(d("0.75"), d(40), d(50)) == 0
    assert clamped_destination(d("0.75"), d(0), d(50)) == 0


def test_a_calendar_strays_and_costs_as_published() -> None:
    """Half of the book at 60 % volatility, back to the target every 30 days: 3.04 % and 4.17 bp a year."""
    monthly = calendar_outlook(d(30) / 365, d("0.15"), d("0.001"))
    assert agrees("calendar_rms", monthly.tracking_error)
    assert agrees("calendar_cost_bps", monthly.cost * 10_000)
    assert monthly.trades is not None
    assert round(monthly.trades, 2) == d("12.17")


@pytest.mark.parametrize("days", [1, 7, 30, 365])
def test_a_calendar_costs_almost_twice_the_edge_at_equal_tracking_error(days: int) -> None:
    """√(12 ÷ π) = 1.954 whatever the interval: the band saves 48.8 %."""
    diffusion, cost = d("0.15"), d("0.001")
    calendar = calendar_outlook(d(days) / 365, diffusion, cost)
    edge = outlook(calendar.tracking_error * d(3).sqrt(), diffusion, cost, d(1))
    assert abs(edge.tracking_error - calendar.tracking_error) < d("1e-20")
    assert agrees("calendar_equal_te_cost_multiple", calendar.cost / edge.cost)


def test_a_fixed_cost_alone_has_a_fourth_root() -> None:
    """12 × 1 bp × 0.25² ÷ 3 = 0.000025, whose fourth root is 7.07 %."""
    assert agrees("fixed_cost_band", fixed_cost_half_width(d("0.5"), d("0.0001"), d(3)))


def test_who_looks_once_a_day_needs_a_narrower_band() -> None:
    """3.15 % becomes 2.69 %; who looks once in ten years would need none at all."""
    assert agrees("discrete_monitor_shift", looked_at_half_width(d("0.0315"), d("0.15"), d(1) / 365))
    assert looked_at_half_width(d("0.0315"), d("0.15"), d(10)) == 0


@pytest.mark.parametrize("multiple", ["0.5", "2"])
def test_a_band_of_the_wrong_width_loses_as_published(multiple: str) -> None:
    """Half the width 42 % more, twice the width 67 % more; the outlook says so too."""
    assert agrees(f"band_loss_misspec_{multiple}", misfit(d(multiple)))
    sigma, gamma = d("0.6"), d(3)
    best = half_width_for(d("0.5"), sigma, d("0.001"), (gamma, d(1)))
    least, wrong = (
        yearly_loss(outlook(best * k, d("0.15"), d("0.001"), d(1)), sigma, gamma) for k in (d(1), d(multiple))
    )
    assert abs(wrong / least - misfit(d(multiple))) < d("1e-20")


def test_a_hedge_in_another_coin_has_the_published_band() -> None:
    """20 % of equity in a coin of 95 %, hedged with one of 60 %, ρ 0.65: 2.48 % of equity, 12 % of the hedge."""
    apart = relative_volatility(d("0.95"), d("0.6"), d("0.65"))
    beta = d("0.65") * d("0.95") / d("0.6")
    width = universal_half_width(beta * d("0.2") * apart, d("0.6") ** 2, d("0.0005"), d(3))
    assert agrees("cross_hedge_band", width)


def test_the_universal_law_is_the_edge_of_a_share() -> None:
    """With s = w (1 − w) σ and a = σ² the volatility cancels."""
    width = universal_half_width(d("0.15"), d("0.36"), d("0.001"), d(3))
    assert abs(width - optimal_half_width(d("0.5"), d("0.001"), d(0), d(3))) < d("1e-20")


def test_coins_that_move_alike_do_not_move_apart() -> None:
    """Same volatility, correlation 1; opposite ones move apart by both."""
    assert relative_volatility(d("0.6"), d("0.6"), d(1)) == 0
    assert relative_volatility(d("0.6"), d("0.6"), d(-1)) == d("1.2")
