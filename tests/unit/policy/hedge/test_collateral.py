"""Margin in every futures wallet: its leverage in a band, in money or in coins, within the day's allowance."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.instrument import WalletKind
from bot.domain.order import Sleeve, TransferRequest
from bot.domain.policy import Policy
from bot.domain.snapshot import Balance, MarginMode, Snapshot
from bot.policy.exposure import measure_exposure
from bot.policy.hedge.collateral import Collateral, Purse, leverage_band, may_leave, purses_after, wanted_transfers
from tests.builders import (
    Number,
    a_band,
    a_claim,
    a_perpetual,
    a_policy,
    a_short,
    a_spot,
    an_inverse_perpetual,
    d,
    wide_limits,
)
from tests.unit.policy.pairs import COIN_PERP, PERP, SPOT, a_future, a_market
from tests.unit.policy.pairs import the_policy as a_carry_policy

BTC, USDT = "BTC", "USDT"
FULL = d(1_000_000)  # the equity of `a_book` as long as nothing was gained or lost


def a_hedged_policy(rules: dict[str, Any] | None = None, **changes: Any) -> Policy:
    """Half a hedge, wallets between 1.5x and 3x, back to 2x."""
    policy = a_policy(assets={BTC: 1}, hedge=(0, "0.5", 1), limits=wide_limits(**changes), rules=rules or {})
    assert policy.hedge is not None
    return policy


def a_book(
    *, linear: Number = 0, short: Number = 0, coins: Number = 0, contracts: Number = 0, **changes: Any
) -> Snapshot:
    """A million at 50,000 a coin: 10 BTC, the linear wallet with its short, the coin wallet with its contracts.

    `coins` of the 10 are margin; what is neither coins nor `linear` is free USDT in spot.
    """
    fields: dict[str, Any] = {"entry": 50_000, "free_out": None, "spent": 0} | changes
    held = (
        (WalletKind.SPOT, BTC, 10 - d(coins)),
        (WalletKind.SPOT, USDT, d(500_000) - d(linear) - d(fields["spent"])),
        (WalletKind.LINEAR, USDT, d(linear)),
        (WalletKind.INVERSE, BTC, d(coins)),
    )
    balances = tuple(Balance(wallet=wallet, asset=asset, free=free, locked=d(0)) for wallet, asset, free in held)
    shorts = [a_short(BTC, short, entry=50_000)] if d(short) else []
    if d(contracts):
        shorts.append(a_short(BTC, contracts, entry=fields["entry"], symbol=COIN_PERP))
    listed = (a_spot(), a_perpetual(), an_inverse_perpetual(), a_future())
    return a_market({one.symbol: 50_000 for one in listed}, *listed, balances=balances, shorts=tuple(shorts))


def moves(
    snapshot: Snapshot, changes: dict[str, Number] | None = None, *, policy: Policy | None = None, claims: Any = ()
) -> tuple[Collateral, ...]:
    """The transfers wanted once contracts have changed."""
    rules = policy or a_hedged_policy()
    signed = {symbol: d(quantity) for symbol, quantity in (changes or {}).items()}
    return wanted_transfers(rules, measure_exposure(snapshot, rules, claims), snapshot, signed)


def amounts(found: tuple[Collateral, ...]) -> list[tuple[str, Decimal]]:
    """Asset and amount, positive into futures."""
    return [(one.asset, one.amount) for one in found]


# ── wallets as they will be ──────────────────────────────────────────────────


def test_each_wallet_counts_in_its_own_asset() -> None:
    """One BTC short is 50,000 on 25,000; 1,000 contracts of 100 USD are 2 BTC on one."""
    snapshot = a_book(linear=25_000, short=1, coins=1, contracts=1_000)
    linear, coin = purses_after(a_hedged_policy(), measure_exposure(snapshot, a_hedged_policy()), snapshot, {})
    assert (linear.wallet, linear.asset, linear.price) == (WalletKind.LINEAR, USDT, 1)
    assert (linear.notional, linear.equity) == (50_000, 25_000)
    assert (coin.wallet, coin.asset, coin.price) == (WalletKind.INVERSE, BTC, 50_000)
    assert (coin.notional, coin.equity) == (2, 1)


def test_several_contracts_of_a_wallet_are_added_up_whatever_their_direction() -> None:
    """A short of 1 that grows to 3, and a new dated long of 1: 200,000."""
    snapshot, policy = a_book(linear=25_000, short=1), a_hedged_policy()
    changes = {PERP: d(-2), "BTC/USDT:USDT-260401": d(1)}
    (linear,) = purses_after(policy, measure_exposure(snapshot, policy), snapshot, changes)
    assert linear.notional == 200_000


# ── the band ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("linear", [100_000, 80_000, 50_000])
def test_inside_the_band_nothing_moves(linear: Number) -> None:
    """3 BTC short are 150,000: 1.5x, 1.9x and 3x, both edges included."""
    assert moves(a_book(linear=linear, short=3)) == ()


def test_above_the_band_money_comes_in_to_the_target() -> None:
    """150,000 on 40,000 is 3.75x: 35,000 more make 2x."""
    (found,) = moves(a_book(linear=40_000, short=3))
    assert found.leg == TransferRequest(
        asset=USDT, amount=d(35_000), source=WalletKind.SPOT, target=WalletKind.LINEAR, sleeve=Sleeve.RESERVE
    )
    assert (found.amount, found.value) == (35_000, 35_000)
    assert found.reason == "futures wallet needs 35000.00 USDT more for 2x"


def test_below_the_band_money_goes_out_to_the_target() -> None:
    """150,000 on 150,000 is 1x: 75,000 too much."""
    (found,) = moves(a_book(linear=150_000, short=3))
    assert found.leg is not None
    assert (found.leg.source, found.leg.target, found.leg.amount) == (WalletKind.LINEAR, WalletKind.SPOT, d(75_000))
    assert (found.amount, found.value) == (-75_000, -75_000)
    assert found.reason == "futures wallet holds 75000.00 USDT too much for 2x"


def test_each_wallet_has_its_own_band() -> None:
    """Linear is at 2x and stays; coins at 4x after a loss of half of the margin: 0.5 BTC more make 2x."""
    snapshot = a_book(linear=75_000, short=3, coins=1, contracts=1_000, entry=40_000)
    (found,) = moves(snapshot)
    assert (found.asset, found.amount, found.value) == (BTC, d("0.5"), 25_000)
    assert found.leg is not None
    assert (found.leg.source, found.leg.target) == (WalletKind.SPOT, WalletKind.INVERSE)
    assert found.reason == "BTC futures wallet needs 0.50000000 BTC more for 2x"


def test_coins_beyond_need_come_back() -> None:
    """0.5 BTC of contracts on one coin: 0.75 is too much."""
    (found,) = moves(a_book(coins=1, contracts=250))
    assert (found.amount, found.value) == (d("-0.75"), -37_500)
    assert found.leg is not None
    assert (found.leg.source, found.leg.target, found.leg.amount) == (WalletKind.INVERSE, WalletKind.SPOT, d("0.75"))


def test_a_wallet_without_positions_is_emptied() -> None:
    """Money and coins that nothing stands on."""
    assert amounts(moves(a_book(linear=20_000, coins=2))) == [(USDT, -20_000), (BTC, -2)]


def test_margin_follows_what_is_about_to_be_traded() -> None:
    """1 BTC short is bought back: all 25,000 leave; 3,000 contracts are sold: 3 BTC go in for their 6."""
    assert amounts(moves(a_book(linear=25_000, short=1), {PERP: 1, COIN_PERP: -3_000})) == [(USDT, -25_000), (BTC, 3)]


def test_a_wallet_whose_margin_is_lost_asks_for_all_of_it() -> None:
    """1,000 contracts from 25,000 to 50,000 lose 2 BTC on a margin of one: 1 for its debt and 1 for 2x."""
    assert amounts(moves(a_book(coins=1, contracts=1_000, entry=25_000))) == [(BTC, 2)]


def test_a_wallet_in_debt_without_positions_is_left_to_a_person() -> None:
    """Its position is gone, a debt of 5 USDT is left: no leverage to mend."""
    assert moves(a_book(linear=-5)) == ()


# ── margin for what is opened ────────────────────────────────────────────────


def the_purse(snapshot: Snapshot, changes: dict[str, Number], number: int = 0, **limits: Any) -> Purse:
    """One wallet once contracts have changed; linear first."""
    policy = a_hedged_policy(**limits)
    signed = {symbol: d(quantity) for symbol, quantity in changes.items()}
    return purses_after(policy, measure_exposure(snapshot, policy), snapshot, signed)[number]


def test_what_is_opened_finds_its_margin_though_the_leverage_is_inside_the_band() -> None:
    """2 BTC at 2x tie 50,000; 0.4 more ask 10,000 and a fee of 10. On 55,000 that is 2.2x, and 5,010 too little."""
    assert amounts(moves(a_book(linear=55_000, short=2), {PERP: "-0.4"})) == [(USDT, d(5_010))]
    assert moves(a_book(linear=61_000, short=2), {PERP: "-0.4"}) == ()
    assert moves(a_book(linear=45_000, short=2)) == ()  # nothing is opened: what stands, stands


def test_a_coin_margined_order_asks_for_its_margin_at_the_worst_price() -> None:
    """100,000 USD sold at 40,000 instead of 50,000 are 2.5 BTC: at 10x 0.25, and a fee of 5 bp."""
    coin = the_purse(a_book(coins=1), {COIN_PERP: -1_000}, 1, max_slippage=d("0.2"), price_collar=d("0.2"))
    assert (coin.notional, coin.opening, coin.tied) == (2, d("0.25125"), 0)


def test_a_position_that_is_turned_ties_its_margin_until_then() -> None:
    """Short 1 at 2x: 25,000; 2 are bought, of which 1 opens, at worst at 52,500."""
    linear = the_purse(a_book(linear=40_000, short=1), {PERP: 2})
    assert (linear.notional, linear.opening, linear.tied) == (50_000, d("26276.25"), 25_000)


def test_an_isolated_position_ties_its_own_margin_and_profit() -> None:
    """Short 2 from 60,000 with 50,000 behind it: 20,000 of profit are not the wallet's; half of it is bought back."""
    alone = a_short(BTC, 2, entry=60_000, margin_mode=MarginMode.ISOLATED, isolated_margin=d(50_000))
    book = replace(a_book(linear=80_000), positions={PERP: alone})
    assert the_purse(book, {}).tied == 70_000
    assert the_purse(book, {PERP: 1}).tied == 35_000


def test_what_is_about_to_be_opened_keeps_its_margin_in_the_wallet() -> None:
    """112,500 are too much and 30,000 free; 0.5 BTC more ask 12,512.50 of them."""
    snapshot = a_book(linear=150_000, short=1)
    locked = tuple(
        replace(one, free=d(30_000), locked=d(120_000)) if one.wallet is WalletKind.LINEAR else one
        for one in snapshot.balances
    )
    assert amounts(moves(replace(snapshot, balances=locked), {PERP: "-0.5"})) == [(USDT, d("-17487.5"))]


def test_money_leaves_only_beside_the_margin_of_what_is_opened() -> None:
    """75,000 behind 2 BTC that tie 50,000, and 0.4 more for 10,010: 14,990 may leave, without them anything."""
    snapshot, policy = a_book(linear=75_000, short=2), a_hedged_policy()
    exposure, opened = measure_exposure(snapshot, policy), {PERP: d("-0.4")}
    assert may_leave(policy, exposure, snapshot, opened, d(14_990))
    assert not may_leave(policy, exposure, snapshot, opened, d(14_991))
    assert may_leave(policy, exposure, snapshot, {}, d(70_000))
    assert policy.hedge is not None
    careful = replace(policy, hedge=replace(policy.hedge, leverage=a_band("0.5", 1, "1.5")))
    assert not may_leave(careful, exposure, snapshot, opened, d(14_990))  # 2x is above its band


# ── bounds ───────────────────────────────────────────────────────────────────


def test_crumbs_are_not_worth_a_transfer() -> None:
    """Below 0.1 % of a million: 999 in an idle wallet stay; 1,001 leave. 2,000 on 600 are 3.3x and need 400."""
    assert moves(a_book(linear=999)) == ()
    assert amounts(moves(a_book(linear=1_001))) == [(USDT, -1_001)]
    assert moves(a_book(linear=600, short="0.04")) == ()


def test_no_more_leaves_a_wallet_than_is_free_there() -> None:
    """75,000 are too much, 30,000 of 150,000 are free."""
    snapshot = a_book(linear=150_000, short=3)
    locked = tuple(
        replace(one, free=d(30_000), locked=d(120_000)) if one.wallet is WalletKind.LINEAR else one
        for one in snapshot.balances
    )
    assert amounts(moves(replace(snapshot, balances=locked))) == [(USDT, -30_000)]


def test_no_more_enters_a_wallet_than_is_free_in_spot() -> None:
    """35,000 are needed, 20,000 are there."""
    assert amounts(moves(a_book(linear=40_000, short=3, spent=440_000))) == [(USDT, 20_000)]


def test_coins_that_are_promised_elsewhere_are_no_margin() -> None:
    """Of 9 BTC in spot 7 are never sold and 1.8 are carry's: 0.2 go in where 0.5 are needed."""
    snapshot = a_book(coins=1, contracts=1_000, entry=40_000)
    policy = a_hedged_policy(rules={"never_sell": {BTC: d(7)}})
    carried = (a_claim(Sleeve.CARRY, SPOT, "1.8"),)
    assert amounts(moves(snapshot, policy=policy, claims=carried)) == [(BTC, d("0.2"))]
    assert moves(snapshot, policy=a_hedged_policy(rules={"never_sell": {BTC: d(9)}})) == ()


def test_the_days_allowance_is_shared_between_the_wallets() -> None:
    """A million less 25,000 of loss, 5 % of it: 48,750. Linear takes its 35,000, coins the rest: 0.275 of 0.5."""
    snapshot = a_book(linear=40_000, short=3, coins=1, contracts=1_000, entry=40_000)
    policy = a_hedged_policy(max_daily_transfer=d("0.05"))
    assert amounts(moves(snapshot, policy=policy)) == [(USDT, 35_000), (BTC, d("0.275"))]
    assert amounts(moves(snapshot, policy=a_hedged_policy(max_daily_transfer=d("0.03")))) == [(USDT, 29_250)]


def test_what_comes_back_counts_in_the_allowance_too() -> None:
    """5 % of a million: 50,000 of the 75,000 too much come back."""
    policy = a_hedged_policy(max_daily_transfer=d("0.05"))
    assert amounts(moves(a_book(linear=150_000, short=3), policy=policy)) == [(USDT, -50_000)]


def test_no_more_is_margin_than_the_limit_allows() -> None:
    """5 % of a million may be margin, 40,000 are: 10,000 go in where 35,000 are needed."""
    policy = a_hedged_policy(max_futures_margin_share=d("0.05"))
    assert amounts(moves(a_book(linear=40_000, short=3), policy=policy)) == [(USDT, 10_000)]
    assert moves(a_book(linear=50_000, short=4), policy=policy) == ()


def test_what_one_wallet_gives_back_makes_room_for_the_other() -> None:
    """146,250 may be margin and 175,000 are: once 75,000 have left, the 0.5 BTC that are needed may go in."""
    snapshot = a_book(linear=150_000, short=3, coins=1, contracts=1_000, entry=40_000)
    policy = a_hedged_policy(max_futures_margin_share=d("0.15"))
    assert amounts(moves(snapshot, policy=policy)) == [(USDT, -75_000), (BTC, d("0.5"))]


def test_amounts_are_cut_to_a_cent_and_to_a_satoshi() -> None:
    """1.23457 BTC of 61,728.5 at 2x are 30,864.25; a third of a coin in contracts."""
    linear, coin = moves(a_book(), {PERP: "-1.23457", COIN_PERP: -333})
    assert linear.amount == d("30864.25")
    assert coin.amount == d("0.333")
    assert moves(a_book(), {PERP: "-1.234567"})[0].amount == d("30864.17")


# ── whose wallets ────────────────────────────────────────────────────────────


def test_a_transfer_that_is_only_advised_has_no_leg() -> None:
    """The same figures, for a person to act on."""
    policy = a_hedged_policy()
    assert policy.hedge is not None
    advising = replace(policy, hedge=replace(policy.hedge, advise_transfers=True))
    (found,) = moves(a_book(linear=40_000, short=3), policy=advising)
    assert (found.leg, found.amount) == (None, 35_000)


def test_a_policy_without_contracts_moves_nothing() -> None:
    """No hedge, no carry, no overlay: the wallet is a person's own affair."""
    assert moves(a_book(linear=20_000), policy=a_policy(assets={BTC: 1}, hedge=None)) == ()


def test_carry_alone_keeps_its_wallets_in_the_usual_band() -> None:
    """1.5x to 3x, back to 2x, where no hedge says another."""
    assert leverage_band(a_carry_policy()) == a_band("1.5", 2, 3)
    assert amounts(moves(a_book(linear=40_000, short=3), policy=a_carry_policy())) == [(USDT, 35_000)]


def test_the_hedges_own_band_counts_where_there_is_one() -> None:
    """Never above 1x: 150,000 on 40,000 need 110,000 more."""
    policy = a_hedged_policy()
    assert policy.hedge is not None
    careful = replace(policy, hedge=replace(policy.hedge, leverage=a_band("0.5", 1, 1)))
    assert amounts(moves(a_book(linear=40_000, short=3), policy=careful)) == [(USDT, 110_000)]
