"""Entering, holding, mending and leaving pairs: two legs are one, and what is unknown changes nothing."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bot.domain.instrument import Kind
from bot.domain.order import Sleeve
from bot.domain.reading import Readings
from bot.domain.sleeves import SleeveState
from bot.policy.carry.entry import CarryWishes, capital_used, held_pairs, wanted_carry
from bot.policy.plan.wants import PairWant, Want
from tests.builders import Number, a_claim, a_memory, a_perpetual, a_policy, a_spot, an_inverse_perpetual, d
from tests.unit.policy.pairs import (
    COIN_PERP,
    DATED,
    PERP,
    SPOT,
    a_future,
    a_market,
    carried,
    close,
    the_policy,
    the_rules,
    told,
)

RICH: Mapping[str, Number] = {SPOT: 70_000, PERP: 70_000, DATED: 73_500}  # 20 % a year for a quarter
EVEN = carried(DATED, "-0.1", "0.1")
EVEN_PERP = carried(PERP, "-0.1", "0.1")


def wanted(
    state: SleeveState = SleeveState(),  # noqa: B008
    prices: Mapping[str, Number] = RICH,
    readings: Readings = (),
    *,
    equity: Number = 100_000,
    rules: Mapping[str, Any] | None = None,
    market: tuple[Any, ...] = (),
    **changes: Any,
) -> CarryWishes:
    """What carry wants of a book of 100,000 USDT."""
    snapshot = a_market(prices, *market, **changes)
    return wanted_carry(the_policy(**(rules or {})), snapshot, a_memory(sleeves=state, readings=readings), d(equity))


def legs(pair: PairWant) -> tuple[tuple[str, Decimal], tuple[str, Decimal]]:
    """The symbols and quantities of a pair, the contract first."""
    return (pair.contract.symbol, pair.contract.quantity), (pair.spot.symbol, pair.spot.quantity)


def only(wishes: CarryWishes) -> Want:
    """The single leg that is wanted, and nothing else."""
    assert not wishes.pairs
    (one,) = wishes.alone
    assert one.sleeve is Sleeve.CARRY
    assert one.leaves
    return one


def test_the_best_pair_is_entered_within_the_budget_on_both_grids() -> None:
    """20,000 at (70,070 + 36,750) a coin: 0.187 contracts; 0.18718 coins leave 0.18699 after the fee."""
    wishes = wanted()
    (pair,) = wishes.pairs
    assert legs(pair) == ((DATED, d("-0.187")), (SPOT, d("0.18718")))
    assert abs(d("0.18718") * d("0.999") - d("0.187")) <= d("0.001")
    assert (pair.contract.rule, pair.spot.rule, pair.spot.leaves) == (DATED, DATED, False)
    assert "stands 5.00% over spot, 90.0 days from delivery" in pair.contract.reason


def test_a_perpetual_is_entered_for_its_funding() -> None:
    """20,000 at 105,070 a coin."""
    (pair,) = wanted(readings=told("0.3", "0.9"), rules={"kinds": (Kind.LINEAR_PERPETUAL,)}).pairs
    assert legs(pair) == ((PERP, d("-0.190")), (SPOT, d("0.19019")))
    assert "paid shorts 30.0% a year" in pair.contract.reason


def test_one_pair_of_a_coin_in_a_cycle() -> None:
    """Both would do; the better one takes the room, the other waits."""
    (pair,) = wanted(readings=told("0.5", "0.9")).pairs
    assert pair.contract.symbol == PERP


def test_what_does_not_pay_enough_is_not_entered() -> None:
    """Ten per cent of basis at 2x is 5.9 % on capital."""
    assert wanted(prices={**RICH, DATED: 71_750}) == CarryWishes()


def test_a_dated_contract_inside_the_roll_window_is_not_opened() -> None:
    """Two days from delivery, where the policy allows nothing under three."""
    near = (a_spot(), a_future(days=2))
    rules = {"min_days": d(1)}
    assert wanted(prices={SPOT: 70_000, DATED: 73_500}, market=near, rules=rules) == CarryWishes()


def test_a_pair_too_small_for_an_order_is_not_entered() -> None:
    """20 USDT are not a thousandth of a coin; and a spot market may ask for more than is left."""
    assert wanted(equity=100) == CarryWishes()
    picky = (a_spot(min_notional=d(50_000)), a_future())
    assert wanted(prices={SPOT: 70_000, DATED: 73_500}, market=picky) == CarryWishes()


def test_a_pair_grows_while_a_tenth_of_the_budget_is_free() -> None:
    """0.1 coins take 10,675 of 20,000: 0.087 more. Of 11,500 only 825 are left."""
    (pair,) = wanted(EVEN).pairs
    assert legs(pair)[0] == (DATED, d("-0.087"))
    assert wanted(EVEN, equity=57_500) == CarryWishes()


def test_capital_counts_both_legs() -> None:
    """0.1 × 70,000 + 0.1 × 73,500 / 2; a delivered contract only its coins."""
    market, policy = a_market(RICH), the_policy()
    assert capital_used(the_rules(), market, held_pairs(policy, market, EVEN.claims)) == 10_675
    gone = a_market({SPOT: 70_000}, a_spot())
    assert capital_used(the_rules(), gone, held_pairs(policy, gone, EVEN.claims)) == 7_000


def test_the_bigger_leg_is_cut_to_the_smaller_one_before_anything_else() -> None:
    """Too much spot is sold, too much short bought back; nothing is added."""
    more_spot = only(wanted(carried(DATED, "-0.1", "0.15")))
    assert (more_spot.symbol, more_spot.quantity) == (SPOT, d("-0.05"))
    assert more_spot.reason == f"0.05 BTC more than {DATED} is short"
    more_short = only(wanted(carried(DATED, "-0.15", "0.1")))
    assert (more_short.symbol, more_short.quantity) == (DATED, d("0.05"))
    assert more_short.rule == DATED


def test_a_leg_without_the_other_is_closed() -> None:
    """Whichever was filled alone."""
    assert only(wanted(carried(DATED, 0, "0.1"))).quantity == d("-0.1")
    assert only(wanted(carried(DATED, "-0.1", 0))).quantity == d("0.1")


def test_a_claim_that_is_long_by_mistake_sells_no_more_spot_than_there_is() -> None:
    """Its coins go, and nothing is bought or sold besides."""
    assert only(wanted(carried(DATED, "0.1", "0.1"))).quantity == d("-0.1")
    assert wanted(carried(DATED, "0.1", 0), equity=1) == CarryWishes()


def test_a_step_of_difference_is_even() -> None:
    """A thousandth is the contract's step."""
    assert wanted(carried(DATED, "-0.1", "0.1009"), equity=50_000).alone == ()
    assert wanted(carried(DATED, "-0.1", "0.1011"), equity=50_000).alone != ()


def test_the_coins_of_a_delivered_contract_are_sold() -> None:
    """Gone from the list, or past its expiry."""
    gone = only(wanted(EVEN, prices={SPOT: 70_000}, market=(a_spot(),)))
    assert (gone.symbol, gone.quantity, gone.rule) == (SPOT, d("-0.1"), DATED)
    assert "was delivered" in gone.reason
    assert only(wanted(EVEN, market=(a_spot(), a_perpetual(), a_future(days=0)))).quantity == d("-0.1")


def test_dust_of_a_delivered_pair_is_left_where_it_is() -> None:
    """3 USDT of coins are no order."""
    assert wanted(carried(DATED, 0, "0.00004"), equity=1).alone == ()


def test_near_delivery_a_pair_waits() -> None:
    """Two days left and nothing to earn: delivery costs no trade."""
    flat = {SPOT: 70_000, PERP: 70_000, DATED: 70_000}
    assert wanted(EVEN, flat, market=(a_spot(), a_future(days=2))) == CarryWishes()


def test_a_basis_that_has_come_in_early_is_left() -> None:
    """0.2 % over 60 days is 1.2 % a year on spot, 0.8 % on capital: less than 2 %."""
    early = {SPOT: 70_000, PERP: 70_000, DATED: 70_140}
    wishes = wanted(EVEN, early, market=(a_spot(), a_perpetual(), a_future(days=60)))
    (pair,) = wishes.pairs
    assert legs(pair) == ((DATED, d("0.1")), (SPOT, d("-0.1")))
    assert pair.contract.leaves
    assert pair.spot.leaves
    assert pair.spot.reason == "0.8% a year is still to be earned until delivery in 60.0 days, less than 2.0%"


def test_a_leg_too_small_for_an_order_lets_the_other_go_alone() -> None:
    """Below the contract's minimum, coins are sold alone; below both, nothing is."""
    early, big = {SPOT: 70_000, DATED: 70_140}, d(1)
    alone = wanted(EVEN, early, market=(a_spot(), a_future(min_quantity=big)))
    assert only(alone).symbol == SPOT
    assert wanted(EVEN, early, market=(a_spot(min_quantity=big), a_future(min_quantity=big)), equity=1) == CarryWishes()


def test_funding_that_flipped_or_dried_up_is_left() -> None:
    """Half the intervals; and 1 % a year is 0.7 % on capital."""
    flipped = wanted(EVEN_PERP, readings=told("0.1", "0.5")).pairs
    assert legs(flipped[0]) == ((PERP, d("0.1")), (SPOT, d("-0.1")))
    assert flipped[0].spot.reason == "funding flipped: the short was paid in 50%, 70% are asked"
    dry = wanted(EVEN_PERP, readings=told("0.01", "0.9")).pairs
    assert dry[0].spot.reason.startswith("0.7% a year is still to be earned by 30 days of funding")


def test_a_pair_that_still_pays_is_held() -> None:
    """4.5 % on capital is too little to enter and enough to stay."""
    assert wanted(EVEN_PERP, {SPOT: 70_000, PERP: 70_000}, told("0.0675", "0.9")) == CarryWishes()


def test_what_cannot_be_judged_is_held_and_said_and_nothing_is_entered() -> None:
    """A gap in the funding is no reason to trade, nor is a missing price."""
    gap = wanted(EVEN_PERP, readings=told(None, "0.9"))
    assert (gap.pairs, gap.alone) == ((), ())
    (advice,) = gap.advice
    assert "cannot be judged: its funding over 30 days is unknown (a gap" in advice.text
    silent = wanted(EVEN_PERP, prices={PERP: 70_000, DATED: 73_500})
    assert [one.text for one in silent.advice] == [f"carry of {PERP}: nothing is done, it has no prices"]


def test_while_something_is_left_nothing_is_entered() -> None:
    """The perpetual goes now, the rich quarter is entered in the next cycle."""
    wishes = wanted(EVEN_PERP, readings=told("0.01", "0.9"))
    assert [pair.contract.symbol for pair in wishes.pairs] == [PERP]


def test_two_pairs_of_a_coin_are_left_one_after_the_other() -> None:
    """They share one spot order."""
    both = SleeveState(claims=(*EVEN_PERP.claims, *EVEN.claims))
    flat = {SPOT: 70_000, PERP: 70_000, DATED: 70_000}
    wishes = wanted(both, flat, told("0.01", "0.9"))
    assert len(wishes.pairs) == 1


def test_a_leg_alone_is_closed_before_another_pair_of_its_coin_is_left() -> None:
    """The perpetual has dried up, and 0.05 coins stand for nothing."""
    both = SleeveState(claims=(*EVEN_PERP.claims, *carried(DATED, "-0.1", "0.15").claims))
    one = only(wanted(both, readings=told("0.01", "0.9")))
    assert (one.symbol, one.quantity, one.rule) == (SPOT, d("-0.05"), DATED)


def test_a_pair_the_policy_names_no_longer_is_left() -> None:
    """Its carry rules are gone, or its coin or kind is; near delivery it waits all the same."""
    memory, bare = a_memory(sleeves=EVEN), a_policy(assets={"BTC": 1})
    (pair,) = wanted_carry(bare, a_market(RICH), memory, d(100_000)).pairs
    assert legs(pair) == ((DATED, d("0.1")), (SPOT, d("-0.1")))
    assert pair.spot.reason == "the policy's carry names it no longer"
    assert wanted(EVEN, rules={"kinds": (Kind.LINEAR_PERPETUAL,)}).pairs == (pair,)
    assert wanted(EVEN, rules={"assets": ("ETH",)}).pairs == (pair,)
    near = a_market({SPOT: 70_000, DATED: 73_500}, a_spot(), a_future(days=2))
    assert wanted_carry(bare, near, memory, d(100_000)) == CarryWishes()
    assert wanted_carry(a_policy(), a_market(RICH), a_memory(), d(1)) == CarryWishes()


def test_a_coin_margined_pair_somebody_holds_is_counted_at_its_entry() -> None:
    """70 contracts of 100 USD sold at 70,000 are 0.1 coins, wherever the price is now."""
    market = a_market({SPOT: 80_000, COIN_PERP: 80_000}, a_spot(), an_inverse_perpetual())
    (pair,) = held_pairs(the_policy(), market, carried(COIN_PERP, -70, "0.1").claims)
    assert close(pair.short_coins, "0.1")


def test_other_sleeves_claims_are_not_carry_s() -> None:
    """A tactical long of the same contract is no leg."""
    state = SleeveState(claims=(a_claim(Sleeve.TACTICAL, DATED, 1),))
    assert wanted(state, prices={**RICH, DATED: 70_000}) == CarryWishes()
