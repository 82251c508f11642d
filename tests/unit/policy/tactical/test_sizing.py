"""Sizes of tactical positions, by the published formulas and by hand."""

import pytest

from bot.domain.instrument import MaintenanceTier
from bot.policy.tactical.sizing import (
    inverse_stop_size,
    isolated_liquidation,
    kelly_weight,
    kept_growth,
    linear_stop_size,
    stop_room,
    stop_size,
    volatility_weight,
)
from tests.builders import a_perpetual, an_inverse_perpetual, d
from tests.vectors import agrees


def test_sizes_agree_with_the_shared_vectors() -> None:
    """QUANT 5: a third of equity at 60 % for 20 %, Kelly 0.72, half of it keeps 75 %, 2,000 USDT lose 100 at a stop."""
    assert agrees("vol_target_weight", volatility_weight(d("0.2"), d("0.6"), d(1)))
    assert agrees("kelly_full", kelly_weight(d("0.3"), d("0.04"), d("0.6")))
    assert agrees("kelly_half_growth_share", kept_growth(d("0.5")))
    assert agrees("stop_size_linear", linear_stop_size(d(100), entry=d(70_000), stop=d(66_500)))
    assert agrees("stop_size_inverse", inverse_stop_size(d("0.01"), entry=d(70_000), stop=d(66_500), face=d(100)))


def test_a_coin_that_does_not_move_and_a_bet_that_loses_are_not_bet_on() -> None:
    """Without volatility nothing is known of the risk; a negative expectation is no position the other way."""
    assert volatility_weight(d("0.2"), d(0), d(1)) == 0
    assert volatility_weight(d("0.2"), d("0.1"), d("0.15")) == d("0.15")
    assert kelly_weight(d("0.3"), d("0.04"), d(0)) == 0
    assert kelly_weight(d("0.01"), d("0.04"), d("0.6")) == 0


def test_the_costs_of_both_trades_belong_to_the_loss_at_the_stop() -> None:
    """100 → 90 loses 10, and 1 % of 100 and of 90 are 1.90 more: 119 lose 10 coins, 10 contracts of 1."""
    linear = a_perpetual("SOL")
    assert stop_size(linear, d(119), entry=d(100), stop=d(90), rate=d("0.01")) == 10
    assert stop_size(a_perpetual("SOL", contract_size=d(10)), d(119), entry=d(100), stop=d(90), rate=d("0.01")) == 1


def test_a_coin_margined_position_loses_coins_valued_at_the_stop() -> None:
    """10 contracts of 100 USD from 100 to 80: 1000 × (1/80 − 1/100) = 2.5 coins, at 80 worth 200."""
    inverse = an_inverse_perpetual("SOL")
    assert stop_size(inverse, d(200), entry=d(100), stop=d(80), rate=d(0)) == 10
    assert stop_size(inverse, d(200), entry=d(100), stop=d(80), rate=d("0.01")) < 10


@pytest.mark.parametrize(
    ("side", "leverage", "inverse", "price"),
    [
        (-1, 2, False, "104478"),
        (-1, 5, False, "83582"),
        (-1, 2, True, "139300"),
        (-1, 5, True, "87063"),
        (1, 2, False, "35176"),
        (1, 2, True, "46900"),
    ],
)
def test_an_isolated_position_is_liquidated_where_its_margin_ends(
    side: int, leverage: int, inverse: bool, price: str
) -> None:
    """From 70,000 with a maintenance of 0.5 %: the shorts are those printed in QUANT 2.4."""
    found = isolated_liquidation(entry=d(70_000), side=side, leverage=d(leverage), rate=d("0.005"), inverse=inverse)
    assert abs(found - d(price)) <= d("0.5")


def test_an_unlevered_position_is_never_liquidated() -> None:
    """A long that is paid in full only at zero, a coin-margined short with all its coins nowhere."""
    assert isolated_liquidation(entry=d(70_000), side=1, leverage=d(1), rate=d("0.005"), inverse=False) == 0
    assert isolated_liquidation(entry=d(70_000), side=-1, leverage=d(1), rate=d("0.005"), inverse=True).is_infinite()


def test_the_room_of_a_stop_is_counted_in_maintenance_margins() -> None:
    """Long 100 at 4x with 1 %: liquidated at 75 / 0.99 = 75.76; a stop at 80 has 4.24 margins, one at 75 none."""
    coin = a_perpetual("SOL", tiers=(MaintenanceTier(floor=d(0), rate=d("0.01"), deduction=d(0)),))
    room = stop_room(coin, entry=d(100), stop=d(80), leverage=d(4), notional=d(1000))
    assert round(room, 2) == d("4.24")
    assert stop_room(coin, entry=d(100), stop=d(75), leverage=d(4), notional=d(1000)) < 0
    short = stop_room(coin, entry=d(100), stop=d(110), leverage=d(4), notional=d(1000))
    assert round(short, 2) == d("13.76")


def test_a_larger_position_needs_more_room() -> None:
    """The second tier asks 2 %: the border is nearer and each margin larger."""
    tiers = (
        MaintenanceTier(floor=d(0), rate=d("0.01"), deduction=d(0)),
        MaintenanceTier(floor=d(50_000), rate=d("0.02"), deduction=d(500)),
    )
    coin = a_perpetual("SOL", tiers=tiers)
    small = stop_room(coin, entry=d(100), stop=d(80), leverage=d(4), notional=d(49_999))
    assert stop_room(coin, entry=d(100), stop=d(80), leverage=d(4), notional=d(50_000)) < small / 2
