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
    PERP,
    SPOT,
    a_book,
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
