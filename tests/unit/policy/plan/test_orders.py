"""Netted wishes as orders: slices with their parts, pairs whose legs never differ by more than a step."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.order import CancelRequest, OrderRequest, OrderType, Side, Sleeve
from bot.domain.snapshot import Position, Snapshot
from bot.policy.exposure import measure_exposure
from bot.policy.plan.draft import Draft
from bot.policy.plan.netting import Netted
from bot.policy.plan.orders import OverlayStops, propose_netted, propose_pair
from bot.policy.plan.wants import StopWish
from tests.builders import Number, a_long, a_memory, a_policy, a_short, a_snapshot, d, wide_limits
from tests.unit.policy.plan.test_netting import a_want, netted
from tests.unit.policy.plan.test_stops import a_resting, a_stop

PERP, SPOT = "BTC/USDT:USDT", "BTC/USDT"
NO_STOPS = OverlayStops((), (), frozenset())


def a_draft(*positions: Position, **limits: Any) -> Draft:
    """An empty plan over 100,000 USDT and 2 BTC at 50,000; 200,000 in all, and some positions."""
    snapshot: Snapshot = a_snapshot(
        price={"BTC": 50_000, "ETH": 2_500}, spot={"BTC": 2, "USDT": 50_000}, futures_usdt=50_000, shorts=positions,
    )  # fmt: skip
    policy = a_policy(limits=wide_limits(**limits))
    return Draft(policy=policy, snapshot=snapshot, exposure=measure_exposure(snapshot, policy), memory=a_memory())


def orders(draft: Draft) -> list[list[tuple[str, str, Decimal]]]:
    """Each proposal's orders as (side, symbol, quantity)."""
    return [
        [(leg.side.value, leg.symbol, leg.quantity) for leg in proposal.legs if isinstance(leg, OrderRequest)]
        for proposal in draft.proposals
    ]


def first_order(draft: Draft) -> OrderRequest:
    """The plan's first order."""
    leg = draft.proposals[0].legs[0]
    assert isinstance(leg, OrderRequest)
    return leg


def a_pair(short: Number, coins: Number) -> tuple[Netted, Netted]:
    """A contract sold and coins bought for carry."""
    return (
        netted(a_want(Sleeve.CARRY, -d(short), rule="pair")),
        netted(a_want(Sleeve.CARRY, coins, rule="pair", symbol=SPOT)),
    )


def test_a_wish_too_large_for_one_order_is_cut() -> None:
    """2 BTC at 50,000 with at most 40,000 an order: three of 0.667, 0.666, 0.666."""
    draft = a_draft(max_order_value=d(40_000))
    assert propose_netted(draft, netted(a_want(Sleeve.HEDGE, "-1.999")), NO_STOPS)
    assert [sizes[0][2] for sizes in orders(draft)] == [d("0.667"), d("0.666"), d("0.666")]


def test_an_order_that_closes_what_is_held_is_reduce_only_and_what_is_beyond_is_not() -> None:
    """Short 1, bought back in two of 0.75: the first reduces, the second would turn the position."""
    draft = a_draft(a_short("BTC", 1, entry=50_000), max_order_value=d(40_000))
    propose_netted(draft, netted(a_want(Sleeve.TACTICAL, "1.5", rule="trend")), NO_STOPS)
    legs = [leg for proposal in draft.proposals for leg in proposal.legs if isinstance(leg, OrderRequest)]
    assert [(leg.quantity, leg.reduce_only) for leg in legs] == [(d("0.75"), True), (d("0.75"), False)]


@pytest.mark.parametrize("quantity", ["0", "0.00005"])
def test_dust_is_not_proposed(quantity: str) -> None:
    """Nothing, and 2.50 USDT."""
    draft = a_draft()
    assert not propose_netted(draft, netted(a_want(Sleeve.HEDGE, quantity)), NO_STOPS)
    assert draft.proposals == []


def test_each_slice_of_an_entry_carries_its_own_stop() -> None:
    """1 BTC in two orders: two stops of a half, so that what is filled is guarded."""
    draft = a_draft(max_order_value=d(30_000))
    wish = StopWish(rule="trend", asset="BTC", symbol=PERP, quantity=d(-1), trigger=d(47_500))
    propose_netted(draft, netted(a_want(Sleeve.TACTICAL, 1, rule="trend")), OverlayStops((), (wish,), frozenset()))
    assert orders(draft) == [
        [("buy", PERP, d("0.5")), ("sell", PERP, d("0.5"))],
        [("buy", PERP, d("0.5")), ("sell", PERP, d("0.5"))],
    ]
    stops = [proposal.legs[1] for proposal in draft.proposals]
    assert all(isinstance(stop, OrderRequest) and stop.type is OrderType.STOP for stop in stops)


def test_the_last_slice_of_an_exit_takes_its_stop_back() -> None:
    """Long 1 is sold in two orders; the stop stays until the second."""
    draft = a_draft(a_long("BTC", 1, entry=50_000), max_order_value=d(30_000))
    draft.snapshot = replace(draft.snapshot, open_orders=(a_resting(),))
    overlay = OverlayStops((a_stop(),), (), frozenset({"trend"}))
    propose_netted(draft, netted(a_want(Sleeve.TACTICAL, -1, rule="trend", leaves=True)), overlay)
    assert [len(proposal.legs) for proposal in draft.proposals] == [1, 2]
    assert isinstance(draft.proposals[1].legs[1], CancelRequest)


def test_a_pair_is_one_proposal_of_two_legs_the_contract_first() -> None:
    """Sell 0.5, buy 0.5: their value and cost together."""
    draft = a_draft()
    assert propose_pair(draft, *a_pair("0.5", "0.5"))
    assert orders(draft) == [[("sell", PERP, d("0.5")), ("buy", SPOT, d("0.5"))]]
    assert draft.proposals[0].value == 50_000
    assert first_order(draft).parts[0].rule == "pair"


def test_the_second_leg_follows_the_first_to_the_step_below() -> None:
    """Four pairs of 0.25 against 1.00001 coins: after each, the coins are at most what is short."""
    draft = a_draft(max_order_value=d(14_000))
    propose_pair(draft, *a_pair(1, "1.00001"))
    assert [[size for _, _, size in pair] for pair in orders(draft)] == [
        [d("0.25"), d("0.25000")],
        [d("0.25"), d("0.25000")],
        [d("0.25"), d("0.25000")],
        [d("0.25"), d("0.25001")],
    ]


def test_a_remainder_goes_to_the_first_pair() -> None:
    """0.401 in four: 0.101, then 0.100 each."""
    draft = a_draft(max_order_value=d(5_500))
    propose_pair(draft, *a_pair("0.401", "0.401"))
    assert [pair[0][2] for pair in orders(draft)] == [d("0.101"), d("0.100"), d("0.100"), d("0.100")]


@pytest.mark.parametrize(("bound", "pairs"), [(6_000, 9), (5_850, 10)])
def test_a_coarse_leg_makes_no_order_of_the_other_too_large(bound: int, pairs: int) -> None:
    """0.089 short against a whole coin: nine times 0.010 at most, against 0.112 coins, 5,899 at 52,500; or ten."""
    draft = a_draft(max_order_value=d(bound))
    propose_pair(draft, *a_pair("0.089", 1))
    found = orders(draft)
    assert len(found) == pairs
    assert max(coins for _, (_, _, coins) in found) * 52_500 <= bound
    assert sum(short for (_, _, short), _ in found) == d("0.089")


def test_both_legs_of_a_pair_stay_within_what_may_be_open_at_once() -> None:
    """10 % of 200,000 is 20,000: 0.6 BTC on both sides are 60,000, and three pairs would touch it."""
    draft = a_draft(max_open_order_share=d("0.1"))
    propose_pair(draft, *a_pair("0.6", "0.6"))
    assert len(draft.proposals) == 4
    assert all(proposal.value <= 20_000 for proposal in draft.proposals)


def test_where_nothing_may_be_open_the_pair_is_left_to_the_gate() -> None:
    """A limit of zero cuts nothing: the gate says no."""
    draft = a_draft(max_open_order_share=d(0))
    assert propose_pair(draft, *a_pair("0.5", "0.5"))
    assert len(draft.proposals) == 1


@pytest.mark.parametrize(("short", "coins"), [("0", "1"), ("1", "0"), ("0.00005", "1"), ("1", "0.00001")])
def test_a_pair_of_which_one_leg_is_dust_is_no_pair(short: str, coins: str) -> None:
    """Nothing is proposed; the legs are looked at alone."""
    draft = a_draft()
    assert not propose_pair(draft, *a_pair(short, coins))
    assert draft.proposals == []


def test_pairs_are_fewer_where_a_leg_would_be_too_small() -> None:
    """Six pairs would be 0.0001 coins of 5 USDT at most each: what cannot be cut so far is cut less."""
    draft = a_draft(max_order_value=d(60))
    assert propose_pair(draft, *a_pair("0.006", "0.0006"))
    assert all(size * 50_000 >= 5 for pair in orders(draft) for _, _, size in pair)


def test_a_pair_that_can_be_cut_into_nothing_tradable_is_none() -> None:
    """The coins, cut with the contract to what may be sent in a minute, are below the smallest order."""
    draft = a_draft(max_order_value=d(60), max_orders_per_minute=1)
    assert not propose_pair(draft, *a_pair(1, "0.00011"))


def test_the_side_of_a_wish_is_that_of_its_sum() -> None:
    """Two sell, one buys more."""
    assert netted(a_want(Sleeve.HEDGE, -1), a_want(Sleeve.CARRY, 3)).side is Side.BUY
