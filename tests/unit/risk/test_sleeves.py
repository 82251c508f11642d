"""Carry and the overlay at the gate: what they claim is neither hedge nor core, and each has its walls."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.memory import TradingState
from bot.domain.order import OrderRequest, Sleeve
from bot.domain.plan import Proposal
from bot.domain.policy import ReserveRules
from bot.domain.rules import CrossHedge
from bot.domain.snapshot import Snapshot
from tests.builders import a_claim, a_memory, a_policy, a_short, d, wide_limits
from tests.unit.risk.words import (
    DATED,
    ETH,
    INVERSE,
    PERP,
    SPOT,
    a_book,
    a_coin_book,
    a_dated,
    a_part,
    a_proposal,
    buy,
    carry_rules,
    claiming,
    codes,
    judged,
    listed,
    numbers,
    quoted,
    said,
    sell,
    tactical_rules,
)

CARRY, TACTICAL, HEDGE = Sleeve.CARRY, Sleeve.TACTICAL, Sleeve.HEDGE
POLICY = a_policy(carry=carry_rules(), tactical=tactical_rules())


def a_leg(order: OrderRequest, sleeve: Sleeve, rule: str = "rule") -> OrderRequest:
    """The order as one sleeve's, all of it."""
    return replace(order, sleeve=sleeve, parts=(a_part(sleeve, order.signed_quantity, rule),))


def a_pair(coins: Any, *, contract: str = PERP) -> Proposal:
    """Spot bought and a contract sold, both at 70,000 and for carry."""
    return a_proposal(a_leg(sell(contract, coins, 70_000), CARRY), a_leg(buy(SPOT, coins, 70_010), CARRY))


def an_exit(coins: Any, **changes: Any) -> Proposal:
    """A pair left: the contract bought back, spot sold."""
    return a_proposal(
        a_leg(buy(PERP, coins, 70_000, reduce_only=True, **changes), CARRY),
        a_leg(sell(SPOT, coins, 69_990), CARRY),
    )


def a_carry_book(coins: Any = 1, **changes: Any) -> Snapshot:
    """10 BTC and a short of 1 hedge, and `coins` more on either side for carry."""
    fields: dict[str, Any] = {
        "spot": {"BTC": 10 + d(coins), "USDT": 200_000},
        "shorts": (a_short("BTC", 1 + d(coins), entry=70_000),),
    }
    return a_book(**(fields | changes))


def carrying(coins: Any = 1) -> Any:
    """The memory of a pair."""
    return claiming(a_claim(CARRY, SPOT, coins), a_claim(CARRY, PERP, -d(coins)))


def test_a_pair_is_approved_and_leaves_delta() -> None:
    """One BTC on either side: nothing but costs changes."""
    verdict = judged(a_pair(1), policy=POLICY)
    assert codes(verdict) == []
    assert verdict.after.crash_loss == verdict.before.crash_loss


def test_a_pair_of_a_dated_contract_is_approved() -> None:
    """Sold at a basis."""
    assert codes(judged(a_pair(1, contract=DATED), snapshot=listed(a_book(), a_dated(), 70_000), policy=POLICY)) == []


def test_carry_is_neither_hedge_nor_core() -> None:
    """10 BTC and a short of 1 are 10 % hedged with 9 more pairs or none: 9 more may be sold, not 9.1."""
    book, memory = a_carry_book(9, futures_usdt=900_000), carrying(9)
    assert codes(judged(sell(PERP, 9, 70_000), snapshot=book, memory=memory, policy=POLICY)) == []
    assert codes(judged(sell(PERP, "9.1", 70_000), snapshot=book, memory=memory, policy=POLICY)) == ["RC12"]


def test_the_coins_of_carry_are_not_hedged_again() -> None:
    """Without its claim the coin bought for carry would let one more be sold."""
    after_pair = (a_pair(1), sell(PERP, "9.01", 70_000))
    book = a_book(spot={"BTC": 10, "USDT": 400_000}, futures_usdt=900_000)
    assert codes(judged(*after_pair, snapshot=book, policy=POLICY)) == ["RC12"]
    assert codes(judged(a_pair(1), sell(PERP, 9, 70_000), snapshot=book, policy=POLICY)) == []


def test_core_may_not_sell_what_carry_holds_below_what_is_never_sold() -> None:
    """11 BTC, 1 of carry, 10 never sold: the core sells none of its own, carry all of its."""
    policy = a_policy(carry=carry_rules(), rules={"never_sell": {"BTC": d(10)}})
    book, memory = a_carry_book(), carrying()
    assert codes(judged(sell(SPOT, "0.1", 69_990), snapshot=book, memory=memory, policy=policy)) == ["BK04"]
    assert codes(judged(an_exit(1), snapshot=book, memory=memory, policy=policy)) == []


def test_an_exit_is_held_by_no_limit_of_leverage_or_margin() -> None:
    """A wallet at its end, a spread of 4 %, a market in fright: carry may leave, and a new pair may not come."""
    book = quoted(a_carry_book(futures_usdt=700), PERP, bid=d(68_600), ask=d(71_400))
    limits = wide_limits(max_gross_leverage=d("0.01"), min_liquidation_distance=d("0.4"), max_daily_turnover=d(0))
    policy = replace(POLICY, limits=limits)
    leaving = an_exit(
        "0.999",
    )
    uneven = a_proposal(leaving.legs[0], a_leg(sell(SPOT, "0.9985", 69_990), CARRY))
    for exit_ in (leaving, uneven):
        assert codes(judged(exit_, snapshot=book, memory=carrying(), policy=policy)) == []
    denied = codes(judged(a_pair(1), snapshot=book, memory=carrying(), policy=policy))
    assert {"RC10", "RC13", "RC20", "BK03"} <= set(denied)


def test_an_exit_that_is_no_exit_is_held() -> None:
    """Nobody claims what it closes: the same legs are judged as any others."""
    limits = wide_limits(max_daily_turnover=d(0))
    uneven = a_proposal(a_leg(buy(PERP, "0.999", 70_000), CARRY), a_leg(sell(SPOT, "0.9", 69_990), CARRY))
    policy = replace(POLICY, limits=limits)
    assert codes(judged(uneven, snapshot=a_carry_book(), memory=carrying(), policy=policy)) == []
    assert "RC20" in codes(judged(uneven, snapshot=a_carry_book(), policy=policy))
    hedges_too = a_proposal(replace(buy(PERP, "0.999", 70_000), sleeve=HEDGE), uneven.legs[1])
    assert "RC20" in codes(judged(hedges_too, snapshot=a_carry_book(), memory=carrying(), policy=policy))


def test_an_exit_passes_while_only_reducing_is_allowed() -> None:
    """Leaving the overlay's short raises delta, and is what one wants then."""
    memory = replace(claiming(a_claim(TACTICAL, PERP, -1)), state=TradingState.REDUCING, state_reason="told so")
    leaving = a_leg(buy(PERP, 1, 70_000), TACTICAL)
    assert codes(judged(leaving, memory=memory, policy=POLICY)) == []
    assert codes(judged(replace(leaving, quantity=d(2), parts=()), memory=memory, policy=POLICY))[0] == "STATE"


@pytest.mark.parametrize(("coins", "denied"), [("1.785", []), ("1.786", ["RC42"])])
def test_carry_stays_inside_its_budget(coins: str, denied: list[str]) -> None:
    """25 % of 1,000,000: 1.7857 BTC at 70,000 on both legs, the short at 1x."""
    free = replace(POLICY, reserve=ReserveRules(minimum=d(0), assets=("USDT",)))
    book = a_book(shorts=(a_short("BTC", 1, entry=70_000, leverage=10),))
    assert codes(judged(a_pair(coins), snapshot=book, policy=free)) == denied


def test_capital_counts_the_pairs_held_and_the_leverage_of_the_short() -> None:
    """One BTC is held and binds 140,000; at 2x each binds 105,000, and 1.3 more fit."""
    book = a_carry_book(shorts=(a_short("BTC", 2, entry=70_000, leverage=10),))
    assert said(judged(a_pair(1), snapshot=book, memory=carrying(), policy=POLICY)) == (
        "RC42 carry budget: 26.17%, allowed up to 25.00% of equity"
    )
    twice = a_policy(carry=carry_rules(leverage=d(2)))
    assert codes(judged(a_pair(1), snapshot=book, memory=carrying(), policy=twice)) == []
    tight = a_policy(carry=carry_rules(budget=d("0.01")))
    assert codes(judged(an_exit(1), snapshot=a_carry_book(), memory=carrying(), policy=tight)) == []


def test_a_sleeve_without_a_section_opens_nothing_and_may_leave() -> None:
    """No [carry], no [tactical]: what is left of them is closed, nothing is added."""
    assert said(judged(a_pair(1))) == (
        f"RC41 carry rules: {PERP} opened, allowed nothing: the policy has no such section"
    )
    assert codes(judged(a_leg(buy(PERP, 1, 70_000), TACTICAL))) == ["RC41"]
    assert codes(judged(an_exit(1), snapshot=a_carry_book(), memory=carrying())) == []
    leaving = a_leg(buy(PERP, 1, 70_000), TACTICAL)
    assert codes(judged(leaving, memory=claiming(a_claim(TACTICAL, PERP, -1)))) == []


def test_a_sleeve_opens_the_coins_it_names() -> None:
    """BTC is carry's and the overlay's, ETH is not."""
    order = a_leg(buy("ETH/USDT:USDT", 1, 3_500), TACTICAL)
    assert said(judged(order, policy=POLICY)) == "RC41 tactical rules: ETH/USDT:USDT opened, allowed BTC"


@pytest.mark.parametrize(("coins", "denied"), [("1.421", []), ("1.424", ["RC43"])])
def test_the_overlay_stays_inside_its_wall(coins: str, denied: list[str]) -> None:
    """1 % of 1,000,000 is 10,000: a long loses 7,000 + 31.50 of fee per BTC in a fall of 10 %, at most 1.422."""
    policy = a_policy(tactical=tactical_rules())
    assert codes(judged(a_leg(buy(PERP, coins, 70_000), TACTICAL), policy=policy)) == denied


def test_what_the_overlay_has_lost_is_gone_from_its_wall_and_profit_does_not_widen_it() -> None:
    """6,500 of 10,000 lost leave 3,500: 0.49 BTC; 6,500 won leave 10,000."""
    for result, coins, denied in ((-6_500, "0.497", []), (-6_500, "0.5", ["RC43"]), (6_500, "1.43", ["RC43"])):
        memory = claiming(tactical_result=d(result))
        assert codes(judged(a_leg(buy(PERP, coins, 70_000), TACTICAL), memory=memory, policy=POLICY)) == denied
    spent = claiming(tactical_result=d(-12_000))
    assert said(judged(a_leg(buy(PERP, "0.1", 70_000), TACTICAL), memory=spent, policy=POLICY)).endswith(
        "703.15 lost in a move of 10.00%, allowed 0.00 USDT"
    )


def test_every_position_of_the_overlay_counts_against_its_own_shock() -> None:
    """A long entered at 80,000 loses 17,031.50 in the fall, a short 7,038.50 in the rise: not even a short more."""
    memory = claiming(a_claim(TACTICAL, PERP, 1, entry=d(80_000)), a_claim(TACTICAL, DATED, -1))
    book = listed(a_book(), a_dated(), 70_000)
    short = a_leg(sell(PERP, "0.1", 70_000), TACTICAL, "other")
    assert said(judged(short, snapshot=book, memory=memory, policy=POLICY)).startswith(
        "RC43 tactical budget: 24773.85 lost in a move of 10.00%"
    )


def test_a_profit_beyond_the_shock_loses_nothing() -> None:
    """A long entered at 50,000 would still gain 13,000 after the fall: 1.42 more may be bought, not 1.43."""
    memory = claiming(a_claim(TACTICAL, PERP, "0.1", entry=d(50_000)))
    for coins, denied in (("1.42", []), ("1.43", ["RC43"])):
        order = a_leg(buy(PERP, coins, 70_000), TACTICAL, "other")
        assert codes(judged(order, memory=memory, policy=POLICY)) == denied


def test_a_shock_to_nothing_loses_all_of_a_long() -> None:
    """A move of 100 % leaves no price: 70,000 for each BTC, 0.14 BTC of 10,000."""
    policy = a_policy(tactical=tactical_rules(shock=d(1)))
    assert codes(judged(a_leg(buy(PERP, "0.142", 70_000), TACTICAL), policy=policy)) == []
    assert codes(judged(a_leg(buy(PERP, "0.143", 70_000), TACTICAL), policy=policy)) == ["RC43"]


def test_the_overlay_has_a_largest_size() -> None:
    """20 % of 1,000,000 is 2.857 BTC, however small the shock."""
    small = a_policy(tactical=tactical_rules(shock=d("0.001")))
    assert codes(judged(a_leg(buy(PERP, "2.857", 70_000), TACTICAL), policy=small)) == []
    assert said(judged(a_leg(buy(PERP, "2.858", 70_000), TACTICAL), policy=small)) == (
        "RC43 tactical max_notional: 20.01%, allowed up to 20.00% of equity"
    )


def test_a_coin_margined_position_of_the_overlay_loses_coins_at_the_price_it_falls_to() -> None:
    """Long 700 at 70,000: at 63,000 it has lost 70,000 × (1/63,000 − 1/70,000) BTC, worth 7,000, and a fee of 35."""
    policy = a_policy(tactical=tactical_rules(budget=d("0.0064")))
    book = a_coin_book(-700)
    assert codes(judged(a_leg(buy(INVERSE, 700, 70_000), TACTICAL), snapshot=book, policy=policy)) == []
    tight = a_policy(tactical=tactical_rules(budget=d("0.00639")))
    assert said(judged(a_leg(buy(INVERSE, 700, 70_000), TACTICAL), snapshot=book, policy=tight)) == (
        "RC43 tactical budget: 7035.00 lost in a move of 10.00%, allowed 7029.00 USDT"
    )


def test_the_overlay_does_not_eat_the_core_s_band() -> None:
    """10 BTC are 70 % of equity where 48 % and 25 % more are allowed: one more may be the overlay's, not the core's."""
    policy = replace(POLICY, limits=wide_limits(max_exposure_over_band=d("0.25")))
    book = a_book(shorts=())
    assert codes(judged(a_leg(buy(PERP, 1, 70_000), TACTICAL), snapshot=book, policy=policy)) == []
    assert codes(judged(buy(PERP, 1, 70_000), snapshot=book, policy=policy)) == ["RC09"]
    held = a_book(shorts=(a_short("BTC", -1, entry=70_000),))
    memory = claiming(a_claim(TACTICAL, PERP, 1))
    assert codes(judged(buy(SPOT, "0.4", 70_010), snapshot=held, memory=memory, policy=policy)) == []
    assert codes(judged(buy(SPOT, "0.5", 70_010), snapshot=held, memory=memory, policy=policy)) == ["RC09"]


def test_an_order_of_several_sleeves_changes_each_one_s_share() -> None:
    """2 BTC sold, 1 for the hedge and 1 for the overlay: 8 more hedge 10 BTC fully."""
    both = replace(sell(PERP, 2, 70_000), sleeve=HEDGE, parts=(a_part(HEDGE, -1, ""), a_part(TACTICAL, -1)))
    book = a_book(futures_usdt=900_000)
    assert codes(judged(both, sell(PERP, 8, 70_000), snapshot=book, policy=POLICY)) == []
    assert codes(judged(both, sell(PERP, "8.1", 70_000), snapshot=book, policy=POLICY)) == ["RC12"]


def test_an_order_without_parts_is_its_sleeve_s() -> None:
    """It closes what its sleeve holds in that market, rule by rule, and opens the rest."""
    claims = (a_claim(TACTICAL, PERP, -1, rule="a"), a_claim(TACTICAL, PERP, "-0.5", rule="b"))
    memory = claiming(*claims, a_claim(CARRY, PERP, -1))
    book = a_book(shorts=(a_short("BTC", 3, entry=70_000),))
    order = replace(buy(PERP, "1.2", 70_000), sleeve=TACTICAL)
    assert codes(judged(order, snapshot=book, memory=memory)) == []
    more = replace(buy(PERP, "1.6", 70_000), sleeve=TACTICAL)
    assert codes(judged(more, snapshot=book, memory=memory)) == ["RC41"]


def test_a_claim_that_turns_is_an_opening() -> None:
    """Long 1 in the wall, sold 2: the rule is short 1 at the new price."""
    memory = claiming(a_claim(TACTICAL, PERP, 1, entry=d(60_000)))
    turn = a_leg(sell(PERP, 2, 70_000), TACTICAL)
    book = a_book(shorts=(a_short("BTC", 1, entry=70_000, leverage=10),))
    assert codes(judged(turn, snapshot=book, memory=memory, policy=POLICY)) == []
    tight = a_policy(tactical=tactical_rules(budget=d("0.007")))
    assert said(judged(turn, snapshot=book, memory=memory, policy=tight)) == (
        "RC43 tactical budget: 7038.50 lost in a move of 10.00%, allowed 7000.00 USDT"
    )


def test_adding_to_a_claim_averages_its_entry() -> None:
    """1 at 80,000 and 1 at 70,000: 75,000, so a fall to 63,000 loses 24,000 and 63 of fee."""
    memory = claiming(a_claim(TACTICAL, PERP, 1, entry=d(80_000)))
    policy = a_policy(tactical=tactical_rules(budget=d("0.02")))
    assert said(judged(a_leg(buy(PERP, 1, 70_000), TACTICAL), memory=memory, policy=policy)).startswith(
        "RC43 tactical budget: 24063.00 lost"
    )


def test_one_leg_alone_stands_for_one_order_only() -> None:
    """I12: the contract of the first pair may wait for its coins, not that of the second too."""
    leg = a_leg(sell(PERP, "0.5", 70_000), CARRY)
    verdict = judged(leg, leg, policy=POLICY)
    assert (numbers(verdict), codes(verdict)) == ([1], ["RC44"])
    assert said(verdict) == ("RC44 unhedged carry: 1 BTC without the other leg, allowed one order of 0.5 BTC")


def test_the_legs_of_a_pair_alternate() -> None:
    """Contract, spot, contract, spot: 0.5 open at most; contract, contract, spot, spot: 1 open."""
    one, two = a_leg(sell(PERP, "0.5", 70_000), CARRY), a_leg(buy(SPOT, "0.5", 70_010), CARRY)
    assert codes(judged(a_proposal(one, two, one, two), policy=POLICY)) == []
    assert codes(judged(a_proposal(one, one, two, two), policy=POLICY)) == ["RC44"]


def test_an_uneven_pair_may_be_made_even() -> None:
    """The contract was delivered: a coin of spot is left, and may be sold in halves."""
    memory = claiming(a_claim(CARRY, SPOT, 1), a_claim(CARRY, "BTC/USDT:USDT-251226", -1))
    rest = a_leg(sell(SPOT, "0.5", 69_990), CARRY)
    assert codes(judged(rest, rest, memory=memory, policy=POLICY)) == []


def test_claims_on_nothing_and_of_unknown_coins_are_let_be() -> None:
    """A claim of zero, and one in a coin without a market: the book is judged without them."""
    gone = a_dated(symbol="SOL/USDT:USDT-260327", base="SOL")
    book = a_book()
    book = replace(book, instruments={**book.instruments, gone.symbol: gone})
    memory = claiming(a_claim(CARRY, PERP, 0), a_claim(CARRY, gone.symbol, -1))
    assert codes(judged(sell(PERP, "0.1", 70_000), snapshot=book, memory=memory, policy=POLICY)) == []


def a_cross_policy() -> Any:
    """ETH has no contract of its own: BTC hedges it, its beta 2 at most."""
    rules = a_policy().hedge
    assert rules is not None
    cross = CrossHedge(against={"ETH": "BTC"}, days=90, beta_low=d("0.5"), beta_high=d(2), min_effectiveness=d("0.4"))
    return replace(a_policy(), hedge=replace(rules, cross=cross))


def test_a_coin_hedged_with_another_s_contract_gives_room_there() -> None:
    """100 ETH at 3,500 and a beta of 2 are 10 BTC: 19 may be sold besides the one, 19.1 not; without ETH 9."""
    book = a_book(spot={"BTC": 10, "ETH": 100, "USDT": 200_000}, futures_usdt=900_000)
    policy = a_cross_policy()
    assert codes(judged(sell(PERP, 19, 70_000), snapshot=book, policy=policy)) == []
    assert codes(judged(sell(PERP, "19.1", 70_000), snapshot=book, policy=policy)) == ["RC12"]
    assert codes(judged(sell(PERP, 19, 70_000), snapshot=book)) == ["RC12"]


def test_a_coin_hedged_with_another_s_contract_is_not_sold_from_under_it() -> None:
    """All 10 BTC and 100 ETH are hedged: an ETH less leaves the short too large."""
    book = a_book(
        spot={"BTC": 10, "ETH": 100, "USDT": 200_000},
        futures_usdt=900_000,
        shorts=(a_short("BTC", 20, entry=70_000),),
    )
    assert codes(judged(sell(ETH, 1, 3_499), snapshot=book, policy=a_cross_policy())) == ["RC12"]
    free = replace(book, positions={PERP: a_short("BTC", 15, entry=70_000)})
    assert codes(judged(sell(ETH, 1, 3_499), snapshot=free, policy=a_cross_policy(), memory=a_memory())) == []
