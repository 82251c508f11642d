"""The wishes of several sleeves in one instrument: one order, its parts exact; what cancels out needs none."""

from decimal import Decimal

import pytest

from bot.domain.order import Part, Side, Sleeve, cut_parts
from bot.policy.plan.netting import Netted, crossed, net, parts_of
from bot.policy.plan.wants import Want
from tests.builders import Number, d

PERP = "BTC/USDT:USDT"


def a_want(sleeve: Sleeve, quantity: Number, *, rule: str = "", symbol: str = PERP, leaves: bool = False) -> Want:
    """A wish of a sleeve."""
    return Want(
        sleeve=sleeve, rule=rule, asset="BTC", symbol=symbol, quantity=d(quantity), reason=f"{sleeve} says so",
        leaves=leaves,
    )  # fmt: skip


def netted(*wants: Want) -> Netted:
    """The one netted wish of one instrument."""
    (one,) = net(wants).values()
    return one


def told(parts: tuple[Part, ...]) -> list[tuple[str, str, Decimal]]:
    """Parts in short."""
    return [(part.sleeve.value, part.rule, part.quantity) for part in parts]


def test_three_sleeves_become_one_order_with_three_parts() -> None:
    """Hedge −3, carry −1, overlay +1: sell 3, of which each has its own."""
    one = netted(
        a_want(Sleeve.HEDGE, -3), a_want(Sleeve.CARRY, -1, rule="pair"), a_want(Sleeve.TACTICAL, 1, rule="trend")
    )
    assert (one.quantity, one.side, one.sleeve) == (-3, Side.SELL, Sleeve.HEDGE)
    assert told(parts_of(one, d(3))) == [("hedge", "", -3), ("carry", "pair", -1), ("tactical", "trend", 1)]
    assert one.reason == "hedge -3: hedge says so; carry -1: carry says so; tactical +1: tactical says so"


def test_the_parts_of_a_slice_are_in_proportion_and_sum_exactly() -> None:
    """A third of it: −1, −1/3 and +1/3 to twelve places, the last part taking what rounding leaves."""
    one = netted(a_want(Sleeve.HEDGE, -3), a_want(Sleeve.CARRY, -1), a_want(Sleeve.TACTICAL, 1))
    parts = parts_of(one, d(1))
    assert sum(part.quantity for part in parts) == -1
    assert parts[1].quantity == d("-0.333333333333")


def test_what_one_sleeve_wants_alone_needs_no_parts_unless_it_claims() -> None:
    """The hedge is what nobody claims; carry's own order says whose it is."""
    assert parts_of(netted(a_want(Sleeve.HEDGE, -3)), d(3)) == ()
    assert told(parts_of(netted(a_want(Sleeve.CARRY, -3, rule="pair")), d(3))) == [("carry", "pair", -3)]
    assert cut_parts((), d(3)) == ()


def test_instruments_are_netted_apart_and_in_the_order_wanted() -> None:
    """Spot and contract of one coin are two orders."""
    found = net((a_want(Sleeve.HEDGE, -1), a_want(Sleeve.CORE, 1, symbol="BTC/USDT"), a_want(Sleeve.CARRY, -1)))
    assert {symbol: one.quantity for symbol, one in found.items()} == {PERP: -2, "BTC/USDT": 1}


def test_an_order_leaves_only_when_every_part_of_it_does() -> None:
    """A part that enters may be put off; the whole then is no exit."""
    assert netted(a_want(Sleeve.CARRY, 1, leaves=True)).leaves
    assert not netted(a_want(Sleeve.CARRY, 2, leaves=True), a_want(Sleeve.TACTICAL, 1)).leaves


def test_wishes_that_cancel_out_change_their_sleeve_without_an_order() -> None:
    """The core sells one coin, carry buys one."""
    one = netted(a_want(Sleeve.CORE, -1), a_want(Sleeve.CARRY, 1, rule="pair"))
    crossing = crossed(one, d(70_000))
    assert crossing is not None
    assert (crossing.symbol, crossing.price) == (PERP, 70_000)
    assert told(crossing.parts) == [("core", "", -1), ("carry", "pair", 1)]


@pytest.mark.parametrize(("core", "carry", "met"), [("-1.0004", "1", "1"), ("-1", "1.0004", "1")])
def test_of_unequal_wishes_the_smaller_is_met(core: str, carry: str, met: str) -> None:
    """What is left over is dust on either side."""
    crossing = crossed(netted(a_want(Sleeve.CORE, core), a_want(Sleeve.CARRY, carry)), d(70_000))
    assert crossing is not None
    assert [part.quantity for part in crossing.parts] == [-d(met), d(met)]


def test_sellers_alone_meet_nobody() -> None:
    """Two sleeves sell dust."""
    assert crossed(netted(a_want(Sleeve.CORE, -1), a_want(Sleeve.CARRY, -1)), d(1)) is None
