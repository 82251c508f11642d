"""Joint moves of a whole wallet: betas of every sign, coin-margined wallets, and both sides of one symbol."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.instrument import MaintenanceTier
from bot.risk.margin import inverse_liquidation_price, liquidation_price, maintenance_margin
from bot.risk.stress import CoinHolding, Holding, cross_prices, inverse_survivable_move, survivable_move
from tests.builders import LADDER, d

FLAT = (MaintenanceTier(floor=d(0), rate=d("0.005"), deduction=d(0)),)
COIN_LADDER = (
    MaintenanceTier(floor=d(0), rate=d("0.004"), deduction=d(0)),
    MaintenanceTier(floor=d(5), rate=d("0.01"), deduction=d("0.03")),
    MaintenanceTier(floor=d(20), rate=d("0.05"), deduction=d("0.83")),
)
TINY = d("1e-18")


def a_coin_holding(
    contracts: int, *, entry: int = 70_000, mark: int = 70_000, tiers: tuple[MaintenanceTier, ...] = FLAT
) -> CoinHolding:
    """Contracts of 100 USD."""
    return CoinHolding(d(contracts), d(100), d(entry), d(mark), tiers)


def coins_left(balance: Decimal, holdings: tuple[CoinHolding, ...], move: Decimal) -> Decimal:
    """Equity less margin in coins after the coin moved, written out."""
    total = balance
    for h in holdings:
        price = h.mark * (1 + move)
        total += h.contracts * h.face * (1 / h.entry - 1 / price)
        total -= maintenance_margin(h.tiers, abs(h.contracts) * h.face / price)
    return total


@pytest.mark.parametrize(("collateral", "border"), [("4", 348_250), ("2.5", 139_300), ("1", "87062.5")])
def test_a_coin_margined_short_survives_as_far_as_its_liquidation_price(collateral: str, border: int | str) -> None:
    """350,000 USD sold at 70,000: EP × (1 − MMR) ÷ (1 − 1/L), at 1.25x, 2x and 5x."""
    rise = inverse_survivable_move(d(collateral), [a_coin_holding(-3500)], up=True)
    assert rise is not None
    assert abs(d(70_000) * (1 + rise) - d(border)) < d("1e-15")


def test_a_short_against_its_own_coins_survives_every_rally() -> None:
    """Five coins sold short against five coins are a dollar, whatever the coin does."""
    assert inverse_survivable_move(d(5), [a_coin_holding(-3500)], up=True) is None
    assert inverse_survivable_move(d(5), [a_coin_holding(-3500)], up=False) is None


def test_a_coin_margined_long_dies_of_half_a_fall() -> None:
    """At 1x: EP × (1 + MMR) ÷ (1 + 1/L) = 70,000 × 1.005 ÷ 2 = 35,175, a fall of 49.75 %."""
    fall = inverse_survivable_move(d(5), [a_coin_holding(3500)], up=False)
    assert fall is not None
    assert abs(fall - d("0.4975")) < TINY


def test_a_dated_short_shields_a_perpetual_long_of_the_same_coin() -> None:
    """Equal and opposite at one price, only their margins are left: 2 × 5 × 0.5 % at the start."""
    pair = [a_coin_holding(3500), a_coin_holding(-3500)]
    assert inverse_survivable_move(d("0.06"), pair, up=True) is None
    fall = inverse_survivable_move(d("0.06"), pair, up=False)
    assert fall is not None
    assert abs(fall - (1 - d("0.05") / d("0.06"))) < TINY


def test_a_coin_wallet_at_its_margin_survives_nothing() -> None:
    """0.025 coins of margin are needed and 0.02 are there."""
    assert inverse_survivable_move(d("0.02"), [a_coin_holding(-3500)], up=True) == 0
    assert inverse_survivable_move(d("0.02"), [a_coin_holding(-3500)], up=False) == 0


def test_an_empty_or_flat_coin_wallet_survives_everything() -> None:
    """Coins that carry nothing cannot be liquidated."""
    for up in (True, False):
        assert inverse_survivable_move(d(1), [], up=up) is None
        assert inverse_survivable_move(d(1), [a_coin_holding(0)], up=up) is None


@given(
    contracts=st.integers(-30_000, 30_000).filter(bool),
    entry=st.integers(20_000, 120_000),
    hundredths=st.integers(1, 3_000),
    up=st.booleans(),
)
def test_one_coin_margined_position_agrees_with_its_liquidation_price(
    contracts: int, entry: int, hundredths: int, up: bool
) -> None:
    """Walking the corners and trying each tier find the same border, where it lies on the side looked at."""
    balance, held = d(hundredths) / 100, a_coin_holding(contracts, entry=entry, tiers=COIN_LADDER)
    move = inverse_survivable_move(balance, [held], up=up)
    price = inverse_liquidation_price(
        COIN_LADDER, wallet=balance, contracts=held.contracts, face=held.face, entry=held.entry
    )
    if move is None:
        assert price is None or (price < held.mark) is up
    elif move:
        assert price is not None
        assert abs(held.mark * (1 + move if up else 1 - move) / price - 1) < d("1e-15")
    else:
        assert coins_left(balance, (held,), d(0)) <= 0


@given(
    sizes=st.lists(st.integers(-8_000, 8_000), min_size=1, max_size=4),
    hundredths=st.integers(1, 2_000),
    up=st.booleans(),
)
def test_the_move_of_a_coin_wallet_is_where_nothing_is_left(sizes: list[int], hundredths: int, up: bool) -> None:
    """Put into the equation it leaves nothing; less of it leaves something."""
    holdings = tuple(
        a_coin_holding(size, entry=60_000 + 9_000 * n, mark=70_000 + 350 * n, tiers=COIN_LADDER)
        for n, size in enumerate(sizes)
    )
    balance = d(hundredths) / 100
    move = inverse_survivable_move(balance, holdings, up=up)
    if not move:
        far = d(10) ** 6 if up else -(1 - d("0.000001"))
        assert coins_left(balance, holdings, d(0)) <= 0 if move == 0 else coins_left(balance, holdings, far) > 0
        return
    signed = move if up else -move
    if abs(signed) < d(1_000):
        assert abs(coins_left(balance, holdings, signed)) < d("1e-12")
    assert all(coins_left(balance, holdings, signed * d(part)) > 0 for part in ("0.3", "0.9", "0.9999"))


@pytest.mark.parametrize("up", [True, False])
def test_a_negative_beta_is_the_same_book_with_the_market_turned_round(up: bool) -> None:
    """8.5 BTC short at −1.5 lose in a fall what they lose at 1.5 in a rally, tiers and all."""
    turned = Holding(d("-8.5"), d(70_000), d(70_000), LADDER, d("-1.5"))
    straight = turned._replace(beta=d("1.5"))
    assert survivable_move(d(60_000), [turned], up=up) == survivable_move(d(60_000), [straight], up=not up)


def test_a_cross_position_dies_at_its_liquidation_price_while_the_others_stand_still() -> None:
    """5 BTC and 50 ETH short in 105,000: 90,393.03 if only BTC rises, the price of the formula (QUANT 4.1)."""
    bitcoin = Holding(d(-5), d(70_000), d(70_000), LADDER)
    ether = Holding(d(-50), d(3_500), d(3_500), LADDER, d("1.1"))
    borders = cross_prices(d(105_000), [bitcoin], [ether])
    one_way = liquidation_price(
        LADDER,
        wallet=d(105_000),
        quantity=d(-5),
        entry=d(70_000),
        others_margin=maintenance_margin(LADDER, d(175_000)),
    )
    assert one_way is not None
    assert borders.below is None
    assert borders.above is not None
    assert abs(borders.above - one_way) < TINY
    assert round(borders.above, 2) == d("90393.03")


def test_in_hedge_mode_both_sides_bring_their_margin() -> None:
    """3 BTC long and 5 short from 70,000 with 60,000, 0.5 % flat, by the venue's published formula.

    (60,000 − 3 × 70,000 + 5 × 70,000) ÷ (3 × 0.005 + 5 × 0.005 − 3 + 5) = 200,000 ÷ 2.04 = 98,039.2.
    Netted to 2 short it would be said to live to (60,000 + 140,000) ÷ 2.01 = 99,502.5.
    """
    legs = [Holding(d(q), d(70_000), d(70_000), FLAT) for q in (3, -5)]
    borders = cross_prices(d(60_000), legs)
    assert borders.below is None
    assert borders.above is not None
    assert abs(borders.above - d(200_000) / d("2.04")) < TINY
    netted = cross_prices(d(60_000), [legs[0]._replace(quantity=d(-2))]).above
    assert netted is not None
    assert abs(netted - d(200_000) / d("2.01")) < TINY


def test_in_hedge_mode_each_side_has_the_tier_of_its_own_notional() -> None:
    """7 long and 7 short of the ladder: both are worth 700,000 at 100,000, the third tier twice, not 1.4 million once.

    Price moves cancel, so the wallet dies where 2 × (7 P × 0.0065 − 950) = 7,200: at P = 100,000.
    """
    legs = [Holding(d(q), d(70_000), d(70_000), LADDER) for q in (7, -7)]
    borders = cross_prices(d(7_200), legs)
    assert borders.below is None
    assert borders.above is not None
    assert abs(borders.above - d(100_000)) < d("1e-15")


def test_with_both_sides_open_a_border_may_lie_on_each_side() -> None:
    """10,000 long and 500 short of a coin at 10,000: a fall takes the long, and a steep ladder a rally too."""
    steep = (FLAT[0], MaintenanceTier(floor=d(200_000_000), rate=d(1), deduction=d(199_000_000)))
    legs = [Holding(d(q), d(10_000), d(10_000), steep) for q in (10_000, -500)]
    borders = cross_prices(d(1_000_000), legs)
    assert borders.below is not None
    assert borders.below < 10_000
    assert borders.above is not None
    assert borders.above > 20_000


def test_paid_in_full_a_long_has_no_price_that_takes_it() -> None:
    """The border would be zero, which is no price."""
    assert cross_prices(d(70_000), [Holding(d(1), d(70_000), d(70_000), LADDER)]) == (None, None)


def test_at_its_margin_already_the_mark_is_the_border() -> None:
    """5 BTC need 1,700 at 70,000; 1,000 are there."""
    assert cross_prices(d(1_000), [Holding(d(-5), d(70_000), d(70_000), LADDER)]) == (70_000, 70_000)


@given(
    long=st.integers(0, 3_000),
    short=st.integers(0, 3_000),
    other=st.integers(-2_000, 2_000),
    wallet=st.integers(10_000, 50_000_000),
)
def test_between_the_borders_the_wallet_lives_and_at_them_nothing_is_left(
    long: int, short: int, other: int, wallet: int
) -> None:
    """One-way or both sides open, beside another symbol that stands still: the equation, written out."""
    legs = [Holding(d(q) / 10, d(entry), d(70_000), LADDER) for q, entry in ((long, 66_000), (-short, 73_000))]
    beside = Holding(d(other), d(3_400), d(3_500), LADDER)
    fixed = d(wallet) + beside.quantity * 100 - maintenance_margin(LADDER, abs(beside.quantity) * 3_500)

    def left(price: Decimal) -> Decimal:
        made = sum((leg.quantity * (price - leg.entry) for leg in legs), d(0))
        return fixed + made - sum((maintenance_margin(LADDER, abs(leg.quantity) * price) for leg in legs), d(0))

    borders = cross_prices(d(wallet), legs, [beside])
    if left(d(70_000)) <= 0:
        assert borders == (70_000, 70_000)
        return
    for border, sign in ((borders.below, -1), (borders.above, 1)):
        if border is None:
            assert left(d("0.01") if sign < 0 else d(10**9)) > 0
        else:
            assert abs(left(border)) < d("1e-12")
            assert left(border - sign * abs(border - 70_000) / 1_000) > 0
