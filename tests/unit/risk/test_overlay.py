"""The overlay at the gate: its budget is a wall, its size has an end, and it does not eat the core's band."""

from dataclasses import replace

import pytest

from bot.domain.order import OrderRequest, Sleeve
from tests.builders import a_claim, a_policy, a_short, d, wide_limits
from tests.unit.risk.words import (
    DATED,
    INVERSE,
    PERP,
    SPOT,
    a_book,
    a_coin_book,
    a_dated,
    a_part,
    buy,
    carry_rules,
    claiming,
    codes,
    judged,
    listed,
    said,
    sell,
    tactical_rules,
)

TACTICAL = Sleeve.TACTICAL
POLICY = a_policy(carry=carry_rules(), tactical=tactical_rules())


def a_leg(order: OrderRequest, sleeve: Sleeve, rule: str = "rule") -> OrderRequest:
    """The order as one sleeve's, all of it."""
    return replace(order, sleeve=sleeve, parts=(a_part(sleeve, order.signed_quantity, rule),))


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
