"""Margin and liquidation where the published vectors do not reach: edges, and what never happens."""

from decimal import Decimal

import pytest

from bot.domain.instrument import MaintenanceTier
from bot.risk.margin import (
    inverse_liquidation_price,
    liquidation_price,
    maintenance_margin,
    margin_ratio,
    tier_number,
)
from bot.risk.stress import Holding, adverse_move, survivable_move
from tests.builders import LADDER, d

FLAT = (MaintenanceTier(floor=d(0), rate=d("0.005"), deduction=d(0)),)
WHOLE = (MaintenanceTier(floor=d(0), rate=d(1), deduction=d(0)),)


def test_a_floor_opens_its_tier() -> None:
    """50,000 is the second tier; the margin is the same on both sides of the floor."""
    assert tier_number(LADDER, d(49_999)) == 0
    assert tier_number(LADDER, d(50_000)) == 1
    assert maintenance_margin(LADDER, d(50_000)) == d(200)
    assert maintenance_margin(LADDER, d(0)) == 0


def test_a_long_paid_in_full_is_never_liquidated() -> None:
    """1 BTC bought at 70,000 with 70,000: the price would have to be zero."""
    assert liquidation_price(FLAT, wallet=d(70_000), quantity=d(1), entry=d(70_000)) is None


def test_a_rate_of_one_has_no_border() -> None:
    """A long whose whole notional is margin divides by nothing."""
    assert liquidation_price(WHOLE, wallet=d(1), quantity=d(1), entry=d(10)) is None


def test_a_short_below_water_at_every_price_has_no_border() -> None:
    """Owing more than the short brought in, it is liquidated everywhere: no positive price is the border."""
    assert liquidation_price(FLAT, wallet=d(-100), quantity=d(-1), entry=d(10)) is None


def test_a_short_against_its_own_coins_is_never_liquidated() -> None:
    """5 BTC of margin carry 350,000 USD sold at 70,000: a synthetic dollar."""
    assert inverse_liquidation_price(FLAT, wallet=d(5), contracts=d(-3500), face=d(100), entry=d(70_000)) is None
    half = inverse_liquidation_price(FLAT, wallet=d("2.5"), contracts=d(-3500), face=d(100), entry=d(70_000))
    assert half is not None
    assert abs(half - 139_300) < d("0.000001")


def test_the_tier_of_a_coin_margined_position_is_that_of_its_liquidation() -> None:
    """Falling, a long of 350,000 USD grows from 5 to 9.7 coins: past the floor of 8, at 1 % less 0.04."""
    tiers = (FLAT[0], MaintenanceTier(floor=d(8), rate=d("0.01"), deduction=d("0.04")))
    price = inverse_liquidation_price(tiers, wallet=d(5), contracts=d(3500), face=d(100), entry=d(70_000))
    assert price is not None
    assert abs(price - d(3500) * d("1.01") / (d("5.04") / 100 + d(3500) / 70_000)) < d("1e-15")


def test_others_in_the_coin_wallet_count() -> None:
    """Half a coin of others' profit is as good as half a coin of balance."""
    sized = {"contracts": d(-3500), "face": d(100), "entry": d(70_000)}
    assert inverse_liquidation_price(FLAT, wallet=d(2), others=d("0.5"), **sized) == inverse_liquidation_price(
        FLAT, wallet=d("2.5"), **sized
    )


@pytest.mark.parametrize(
    ("margin", "equity", "ratio"), [(100, 1_000, "0.1"), (100, 100, "1"), (100, 50, "1"), (100, -5, "1")]
)
def test_the_ratio_ends_at_liquidation(margin: int, equity: int, ratio: str) -> None:
    """At 1 it is over, and no debt makes it more or less over."""
    assert margin_ratio(d(margin), d(equity)) == d(ratio)


def a_holding(quantity: str, mark: int, *, entry: int | None = None, beta: str = "1") -> Holding:
    """A position of the published ladder."""
    return Holding(d(quantity), d(entry or mark), d(mark), LADDER, d(beta))


def left(wallet: Decimal, holdings: tuple[Holding, ...], move: Decimal) -> Decimal:
    """Equity less margin after a joint move, written out."""
    total = wallet
    for h in holdings:
        price = max(h.mark * (1 + h.beta * move), d(0))
        total += h.quantity * (price - h.entry) - maintenance_margin(h.tiers, abs(h.quantity) * price)
    return total


@pytest.mark.parametrize(
    ("wallet", "holdings", "up"),
    [
        (100_000, (a_holding("-3", 70_000),), True),
        (100_000, (a_holding("-8.5", 70_000),), True),
        (105_000, (a_holding("-5", 70_000), a_holding("-50", 3_500, beta="1.1")), True),
        (30_000, (a_holding("-5", 70_000), a_holding("4", 70_000)), True),
        (40_000, (a_holding("1", 70_000), a_holding("-5", 3_500, beta="2")), False),
        (40_000, (a_holding("9", 70_000), a_holding("20", 3_500, beta="0.5")), False),
        (1_000, (a_holding("1", 100, entry=50), a_holding("-1000", 1, beta="3")), True),
    ],
)
def test_the_joint_move_is_where_nothing_is_left(wallet: int, holdings: tuple[Holding, ...], up: bool) -> None:
    """Put into the equation it leaves nothing, and less of it leaves something."""
    move = survivable_move(d(wallet), holdings, up=up)
    assert move is not None
    signed = move if up else -move
    assert abs(left(d(wallet), holdings, signed)) < d("1e-12")
    for part in ("0.25", "0.5", "0.9", "0.999"):
        assert left(d(wallet), holdings, signed * d(part)) > 0


@pytest.mark.parametrize(
    ("wallet", "holdings", "up"),
    [
        (100_000, (), True),
        (100_000, (a_holding("1", 70_000),), True),
        (70_001, (a_holding("1", 70_000),), False),
        (1_000, (a_holding("-1", 70_000),), False),
        (100_000, (a_holding("0", 70_000),), False),
    ],
)
def test_some_books_survive_everything(wallet: int, holdings: tuple[Holding, ...], up: bool) -> None:
    """Longs in a rally, shorts in a fall, what is paid in full, and nothing at all."""
    assert survivable_move(d(wallet), holdings, up=up) is None


def test_a_wallet_at_its_margin_survives_nothing() -> None:
    """It is liquidated where it stands, whichever way prices go."""
    assert survivable_move(d(1_000), (a_holding("-5", 70_000),), up=True) == 0
    assert survivable_move(d(1_000), (a_holding("-5", 70_000),), up=False) == 0


@pytest.mark.parametrize("quantity", ["-1", "-5", "-8.5", "-50", "1", "5", "8.6", "50"])
@pytest.mark.parametrize("wallet", [3_000, 60_000, 590_000])
def test_the_mark_form_finds_the_same_border(quantity: str, wallet: int) -> None:
    """The move against a position and its liquidation price are one number (QUANT 4.1)."""
    held, mark = d(quantity), d(70_000)
    gross = abs(held) * mark
    spare = d(wallet) - maintenance_margin(LADDER, gross)
    move = adverse_move(LADDER, gross=gross, spare=spare, short=held < 0)
    price = liquidation_price(LADDER, wallet=d(wallet), quantity=held, entry=mark)
    if spare <= 0:
        assert move == 0
    elif move is None:
        assert price is None
    else:
        assert price is not None
        assert abs(mark * (1 + move if held < 0 else 1 - move) - price) < d("1e-15")


def test_a_tier_without_a_border_inside_it_has_none() -> None:
    """A ladder that leaves gaps gives no answer rather than a wrong one."""
    gap = (MaintenanceTier(floor=d(60), rate=d("0.1"), deduction=d(0)),)
    assert adverse_move(gap, gross=d(100), spare=d(80), short=False) is None
