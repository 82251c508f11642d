"""How much a tactical rule opens: each bound alone, and the stop against a liquidation of its own."""

from typing import Any

import pytest

from bot.domain.instrument import Instrument, MaintenanceTier
from bot.domain.order import Side
from bot.domain.rules import Sizing, TacticalRule, TacticalRules
from bot.domain.snapshot import MarginMode, Position
from bot.policy.tactical.size import Room, Size, stop_against_liquidation, tactical_size
from tests.builders import Number, a_perpetual, a_short, an_inverse_perpetual, d
from tests.overlay import a_tactical_rule, an_overlay

COIN = a_perpetual(taker_fee=d(0))


def the_rules(**changes: Any) -> TacticalRules:
    """The overlay's own numbers: shock 20 %, largest size 15 %."""
    rules = an_overlay(**changes).tactical
    assert rules is not None
    return rules


def a_room(**changes: Number) -> Room:
    """Plenty of room on 100,000, bitcoin at 50,000, volatility 60 %, no costs."""
    fields: dict[str, Number] = {
        "equity": 100_000,
        "wall": 10**6,
        "notional": 10**6,
        "mark": 50_000,
        "reach": 0,
        "rate": 0,
        "volatility": "0.6",
    }
    return Room(**{name: d(number) for name, number in (fields | changes).items()})


def sized(rule: TacticalRule | None = None, instrument: Instrument = COIN, **room: Number) -> Size:
    """The size of a rule with a room."""
    return tactical_size(rule or a_tactical_rule(), the_rules(), instrument, a_room(**room))


def test_no_more_is_lost_at_the_stop_than_the_rule_risks() -> None:
    """0.5 % of 100,000 over 5 % of 50,000: 500 / 2,500 is 0.2 bitcoin."""
    size = sized()
    assert (size.quantity, size.entry, size.stop) == (d("0.2"), 50_000, 47_500)
    assert size.bound == "0.50% of equity lost at the stop"


def test_the_costs_of_both_trades_make_it_smaller() -> None:
    """1 % of 50,000 and of 47,500 are 975 more a coin: 500 / 3,475 is 0.143."""
    assert sized(rate="0.01").quantity == d("0.143")


def test_slippage_makes_the_entry_worse_for_either_side() -> None:
    """Entered at 51,000: its 5 % are 2,550, 0.196 bitcoin, bought or sold."""
    assert sized(reach="0.02").quantity == d("0.196")
    short = sized(a_tactical_rule(side=Side.SELL), reach="0.02")
    assert (short.quantity, short.stop) == (d("0.196"), 53_550)


def test_the_wall_holds_when_the_stop_is_jumped() -> None:
    """From 50,000 to a fifth below 47,500 is 12,000 a coin: 600 of wall carry 0.05; a short 13,000, to 63,000."""
    size = sized(wall=600)
    assert size.quantity == d("0.05")
    assert size.bound == "600.00 left of the overlay's budget if the price jumps 20% past the stop"
    assert sized(a_tactical_rule(side=Side.SELL), wall=650).quantity == d("0.05")


def test_the_overlay_has_a_largest_size() -> None:
    """1,000 left of it: 0.02."""
    size = sized(notional=1_000)
    assert (size.quantity, size.bound) == (d("0.02"), "1000.00 left of the overlay's largest size")


def test_a_fraction_of_kelly_is_a_cap() -> None:
    """3.6 % a year at 60 % is a tenth of equity, a quarter of it 2,500: 0.05."""
    size = sized(a_tactical_rule(expected_return=d("0.036")))
    assert (size.quantity, size.bound) == (d("0.05"), "2.5% of equity, 0.25 of Kelly's bet")
    assert sized(a_tactical_rule(expected_return=d(0))).quantity == 0


def test_a_target_of_volatility_bounds_only_rules_that_are_sized_so() -> None:
    """3 % of volatility at 60 % is a twentieth of equity: 0.1; never more than the overlay's 15 %."""
    calm = a_tactical_rule(sizing=Sizing.VOLATILITY, volatility=d("0.03"))
    size = sized(calm)
    assert (size.quantity, size.bound) == (d("0.1"), "5.0% of equity for a volatility of 3%")
    still = a_tactical_rule(sizing=Sizing.VOLATILITY, risk=d("0.05"), kelly_fraction=d(9))
    assert sized(still).quantity == d("0.3")


def test_what_is_left_of_nothing_is_nothing() -> None:
    """A wall that is used up opens no position the other way."""
    assert sized(wall=-5).quantity == 0


def test_a_coin_margined_size_is_whole_contracts() -> None:
    """502 lost at 5 % is 10,040 of face: 100 contracts of 100 and the rest is cut; 498 are 99."""
    assert sized(a_tactical_rule(risk=d("0.00498")), instrument=an_inverse_perpetual()).quantity == 99
    assert sized(a_tactical_rule(risk=d("0.00502")), instrument=an_inverse_perpetual()).quantity == 100


def a_stop(position: Position | None) -> tuple[bool, str]:
    """A stop at 47,500 of 0.1 from 50,000 with a maintenance of 1 %."""
    tiers = (MaintenanceTier(floor=d(0), rate=d("0.01"), deduction=d(0)),)
    size = Size(quantity=d("0.1"), bound="", entry=d(50_000), stop=d(47_500))
    return stop_against_liquidation(a_perpetual(tiers=tiers), size, position)


def isolated(leverage: int) -> Position:
    """A position with margin of its own."""
    mode = {"margin_mode": MarginMode.ISOLATED, "isolated_margin": d(100)}
    return a_short("BTC", "0.1", entry=50_000, leverage=leverage, **mode)


@pytest.mark.parametrize(("leverage", "fits", "margins"), [(5, True, "14.2"), (10, True, "4.1"), (20, False, "-1.0")])
def test_a_stop_must_lie_well_inside_a_liquidation_of_its_own(leverage: int, fits: bool, margins: str) -> None:
    """At 10x liquidated at 45,454.5: 2,045.5 away, 4.1 margins of 500; at 20x before the stop."""
    assert a_stop(isolated(leverage)) == (
        fits,
        f"its stop is {margins} maintenance margins inside the liquidation at {leverage}x",
    )


def test_a_shared_wallet_has_no_liquidation_of_its_own() -> None:
    """Then it is said that this was not checked; the risk gate reckons the whole wallet."""
    for position in (None, a_short("BTC", 1, entry=50_000)):
        fits, text = a_stop(position)
        assert fits
        assert "not checked" in text
