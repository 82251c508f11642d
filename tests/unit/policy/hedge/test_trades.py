"""What is sold short and bought back: the inverse trap, dated contracts rolled, and several contracts at once."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from bot.domain.instrument import Instrument, Kind, WalletKind
from bot.domain.order import OrderRequest, Side, Sleeve, TransferRequest
from bot.domain.plan import Plan
from bot.domain.policy import Policy
from bot.domain.sleeves import Claim, SleeveState
from bot.domain.snapshot import Balance, Position, Snapshot
from bot.policy.exposure import measure_exposure
from bot.policy.gather import gather_wishes
from bot.policy.hedge.trades import HedgeTrade, HedgeView, wanted_hedge_trades
from bot.policy.plan.planner import draft_plan
from bot.policy.targets import set_targets
from tests.builders import (
    Number,
    a_band,
    a_claim,
    a_memory,
    a_perpetual,
    a_policy,
    a_short,
    a_spot,
    an_inverse_perpetual,
    d,
)
from tests.unit.policy.hedge.test_markets import FAR, NEAR, hedged_with
from tests.unit.policy.pairs import COIN_PERP, DATED, PERP, SPOT, a_future, a_market

INVERSE, LINEAR, FUTURE = Kind.INVERSE_PERPETUAL, Kind.LINEAR_PERPETUAL, Kind.LINEAR_FUTURE


def ten_bitcoins(price: Number, *listed: Instrument, **changes: Any) -> Snapshot:
    """10 BTC in spot and these contracts, everything at one price, 100,000 in the linear wallet."""
    every = (a_spot(), *listed)
    fields: dict[str, Any] = {"spot": {"BTC": 10, "USDT": 300_000}, "futures_usdt": 100_000}
    return a_market({one.symbol: price for one in every}, *every, **(fields | changes))


def trades(
    policy: Policy, snapshot: Snapshot, *claims: Claim, bought: Number = 0, view: HedgeView | None = None
) -> tuple[HedgeTrade, ...]:
    """The hedges to change; `bought` is what the core buys of bitcoin, in quote currency."""
    exposure = measure_exposure(snapshot, policy, claims)
    values = {"BTC": d(bought)} if bought else {}
    return wanted_hedge_trades(policy, exposure, snapshot, values, view or HedgeView(claims=claims))


def sizes(found: tuple[HedgeTrade, ...]) -> list[tuple[str, Decimal, Decimal]]:
    """Symbol, coins and order size."""
    return [(one.symbol, one.coins, one.quantity) for one in found]


def plan_of(policy: Policy, snapshot: Snapshot, *claims: Claim) -> Plan:
    """The whole plan with the hedge viewed as a cycle views it."""
    memory = a_memory(sleeves=SleeveState(claims=claims))
    exposure = measure_exposure(snapshot, policy, claims)
    targets = set_targets(policy, exposure, snapshot, memory)
    wishes = gather_wishes(policy, exposure, targets, snapshot, memory)
    return draft_plan(policy, exposure, targets, snapshot, memory, wishes)


def legs(plan: Plan) -> list[tuple[str, str, Decimal]]:
    """Every order of a plan in its order, leg after leg."""
    every = (leg for proposal in plan.proposals for leg in proposal.legs)
    return [(leg.side.value, leg.symbol, leg.quantity) for leg in every if isinstance(leg, OrderRequest)]


# ── coin-margined ────────────────────────────────────────────────────────────

NO_SLACK: dict[str, Any] = {"outer": d("0.01"), "inner": d(0)}  # back to the target itself


def half_hedged_in_coins(price: Number) -> Snapshot:
    """8 BTC in spot, 2 as margin, and 3,500 contracts of 100 USD sold at 70,000: 5 BTC."""
    balances = (
        Balance(wallet=WalletKind.SPOT, asset="BTC", free=d(8), locked=d(0)),
        Balance(wallet=WalletKind.INVERSE, asset="BTC", free=d(2), locked=d(0)),
        Balance(wallet=WalletKind.SPOT, asset="USDT", free=d(300_000), locked=d(0)),
    )
    short = a_short("BTC", 3_500, entry=70_000, symbol=COIN_PERP)
    return ten_bitcoins(price, an_inverse_perpetual(), balances=balances, shorts=(short,))


def test_a_coin_margined_hedge_is_left_alone_when_the_price_moves() -> None:
    """At 80,000 its face is 4.375 BTC, but with its loss in coins 5 of 10 are short: the trap of QUANT 2.4."""
    policy = hedged_with(INVERSE, **NO_SLACK)
    for price in (56_000, 70_000, 80_000, 140_000):
        assert trades(policy, half_hedged_in_coins(price)) == ()
    assert sizes(trades(hedged_with(INVERSE, ratio=a_band(0, "0.6", 1), **NO_SLACK), half_hedged_in_coins(80_000))) == [
        (COIN_PERP, d(1), d(800))
    ]


def test_a_new_coin_margined_hedge_asks_for_its_coins_first() -> None:
    """5 BTC are 3,500 contracts of 100 USD; at 2x they take 2.5 BTC from spot, before the hedge is sold."""
    snapshot = ten_bitcoins(70_000, an_inverse_perpetual(), futures_usdt=0)
    plan = plan_of(hedged_with(INVERSE, **NO_SLACK), snapshot)
    first, second = (proposal.legs[0] for proposal in plan.proposals)
    assert isinstance(first, TransferRequest)
    assert (first.asset, first.amount, first.source, first.target) == (
        "BTC", d("2.5"), WalletKind.SPOT, WalletKind.INVERSE,
    )  # fmt: skip
    assert isinstance(second, OrderRequest)
    assert (second.side, second.symbol, second.quantity) == (Side.SELL, COIN_PERP, d(3_500))
    assert second.sleeve is Sleeve.HEDGE


def test_a_coin_margined_hedge_is_bought_back_by_its_share_of_the_contracts() -> None:
    """From 5 to 4 BTC is a fifth of 3,500 contracts, whatever the price."""
    policy = hedged_with(INVERSE, ratio=a_band(0, "0.4", 1), **NO_SLACK)
    (trade,) = trades(policy, half_hedged_in_coins(80_000))
    assert (trade.coins, trade.quantity, trade.side, trade.reduces) == (d(-1), d(700), Side.BUY, True)


# ── dated ────────────────────────────────────────────────────────────────────


def a_dated_book(*shorts: Position, policy: Policy | None = None, **limits: Any) -> tuple[Policy, Snapshot]:
    """10 BTC, contracts of 4, 90 and 180 days, and these shorts; half is to be hedged in dated contracts."""
    market = ten_bitcoins(70_000, a_future(NEAR, 4), a_future(), a_future(FAR, 180), a_perpetual(), shorts=shorts)
    return policy or hedged_with(FUTURE, limits=limits, **NO_SLACK), market


def short_of(symbol: str, coins: Number) -> Position:
    """So many coins short in one contract from 70,000."""
    return a_short("BTC", coins, entry=70_000, symbol=symbol)


def test_a_new_dated_hedge_goes_into_the_nearest_contract_beyond_the_window() -> None:
    """5 of 10 BTC, in 90 days."""
    policy, market = a_dated_book()
    assert sizes(trades(policy, market)) == [(DATED, d(5), d(5))]


def test_a_contract_about_to_expire_is_rolled_as_a_pair() -> None:
    """4 BTC short with 4 days left: bought back there, sold in the contract of 90 days, in one proposal."""
    policy, market = a_dated_book(short_of(NEAR, 4))
    (trade,) = trades(policy, market)
    assert (trade.symbol, trade.quantity, trade.rolls_from, trade.rolled) == (DATED, d(4), NEAR, d(4))
    assert trade.reason == f"rolls {NEAR}, which expires in 4.0 days"
    assert not trade.reduces
    (proposal,) = [one for one in plan_of(policy, market).proposals if one.sleeve is Sleeve.HEDGE]
    assert len(proposal.legs) == 2
    assert legs(plan_of(policy, market)) == [("buy", NEAR, d(4)), ("sell", DATED, d(4))]


def test_a_gap_waits_while_its_contract_rolls() -> None:
    """4 of 5 BTC are short: only the 4 are rolled; the fifth is sold in the next cycle."""
    policy, market = a_dated_book(short_of(NEAR, 4))
    assert [one.coins for one in trades(policy, market)] == [d(4)]
    policy, rolled = a_dated_book(short_of(DATED, 4))
    assert sizes(trades(policy, rolled)) == [(DATED, d(1), d(1))]


def test_a_roll_goes_slice_by_slice() -> None:
    """280,000 in orders of at most 150,000: bought 2, sold 2, and again; never more than one order apart."""
    policy, market = a_dated_book(short_of(NEAR, 4), max_order_value=d(150_000))
    pair = [("buy", NEAR, d(2)), ("sell", DATED, d(2))]
    assert legs(plan_of(policy, market)) == [*pair, *pair]


def test_a_perpetual_and_a_far_contract_are_not_rolled() -> None:
    """2 BTC in 180 days and 3 in the perpetual are 5: nothing to do, although new hedges would go elsewhere."""
    policy, market = a_dated_book(short_of(FAR, 2), short_of(PERP, 3))
    assert trades(policy, market) == ()


def test_a_long_about_to_expire_is_not_rolled() -> None:
    """6 BTC short in 90 days, 1 long in 4 days: 5 are hedged, and the long is delivered."""
    long = replace(short_of(NEAR, 1), quantity=d(1))
    policy, market = a_dated_book(short_of(DATED, 6), long)
    assert trades(policy, market) == ()


# ── several contracts ────────────────────────────────────────────────────────


def test_shorts_are_bought_back_where_they_stand_the_nearest_expiry_first() -> None:
    """Of 8 BTC short 3 are too many: 2 in 90 days, then 1 of the perpetual's 6."""
    policy, market = a_dated_book(short_of(DATED, 2), short_of(PERP, 6), policy=hedged_with(LINEAR, **NO_SLACK))
    found = trades(policy, market)
    assert sizes(found) == [(DATED, d(-2), d(2)), (PERP, d(-1), d(1))]
    assert {one.side for one in found} == {Side.BUY}


def test_one_contract_is_enough_when_it_holds_what_is_too_much() -> None:
    """Of 6 BTC short 1 is too many: half of the 2 in 90 days; the perpetual is left alone."""
    policy, market = a_dated_book(short_of(DATED, 2), short_of(PERP, 4), policy=hedged_with(LINEAR, **NO_SLACK))
    assert sizes(trades(policy, market)) == [(DATED, d(-1), d(1))]


def test_shorts_are_bought_back_even_where_no_contract_takes_new_ones() -> None:
    """Only 4 days are listed: 6 of 10 BTC short become 5; 4 stay 4, and are not rolled into nothing."""
    policy = hedged_with(FUTURE, **NO_SLACK)
    over = ten_bitcoins(70_000, a_future(NEAR, 4), shorts=(short_of(NEAR, 6),))
    assert sizes(trades(policy, over)) == [(NEAR, d(-1), d(1))]
    under = ten_bitcoins(70_000, a_future(NEAR, 4), shorts=(short_of(NEAR, 4),))
    assert trades(policy, under) == ()
    assert trades(policy, ten_bitcoins(70_000)) == ()


def test_the_chosen_contract_takes_new_hedges() -> None:
    """The perpetual is named by the choice, although dated contracts are first."""
    policy, market = a_dated_book()
    assert sizes(trades(policy, market, view=HedgeView(chosen={"BTC": PERP}))) == [(PERP, d(5), d(5))]


# ── what is hedged ───────────────────────────────────────────────────────────


def test_what_carry_is_short_is_not_the_hedge() -> None:
    """6 BTC short, one of them carry's against its own coin: 5 of 9 core coins, half is 4.5."""
    claims = (a_claim(Sleeve.CARRY, PERP, -1), a_claim(Sleeve.CARRY, SPOT, 1))
    market = ten_bitcoins(70_000, a_perpetual(), shorts=(short_of(PERP, 6),))
    assert sizes(trades(hedged_with(LINEAR, **NO_SLACK), market, *claims)) == [(PERP, d("-0.5"), d("0.5"))]


def test_coins_about_to_be_bought_are_counted() -> None:
    """70,000 buy an eleventh coin: 5.5."""
    policy = hedged_with(LINEAR, **NO_SLACK)
    assert sizes(trades(policy, ten_bitcoins(70_000, a_perpetual()), bought=70_000)) == [(PERP, d("5.5"), d("5.5"))]


def test_the_ratio_of_the_targets_counts_where_rules_drive_it() -> None:
    """0.6 of 10 instead of half."""
    view = HedgeView(ratios={"BTC": a_band(0, "0.6", 1)})
    found = trades(hedged_with(LINEAR, **NO_SLACK), ten_bitcoins(70_000, a_perpetual()), view=view)
    assert sizes(found) == [(PERP, d(6), d(6))]


def test_coins_without_a_contract_are_added_and_said() -> None:
    """One coin stands for others: 6 are sold short."""
    view = HedgeView(crossed={"BTC": d(1)})
    (trade,) = trades(hedged_with(LINEAR, **NO_SLACK), ten_bitcoins(70_000, a_perpetual()), view=view)
    assert trade.quantity == 6
    assert trade.reason == (
        "50% of 10.000 BTC short is the target, 0.0% is held; 1.000 BTC stand for coins without a contract"
    )


def test_without_a_hedge_in_the_policy_nothing_is_sold_short() -> None:
    """Whatever the book."""
    assert trades(a_policy(assets={"BTC": 1}, hedge=None), ten_bitcoins(70_000, a_perpetual())) == ()
