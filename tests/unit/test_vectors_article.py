"""The article's Scenario A and B on one page: ten BTC at 70,000, five of them sold short, with the right figures."""

from bot.risk.margin import liquidation_price
from bot.whatif import HedgeTerms, WhatIf, what_if
from tests.builders import LADDER, d
from tests.vectors import agrees

TEN, PRICE, HALF = d(10), d(70_000), d("0.5")
AT_TWO = HedgeTerms(tiers=LADDER, leverage=d(2))
FIVE_PERCENT = HedgeTerms(tiers=LADDER, margin_share=d("0.05"))


def after(price: int, terms: HedgeTerms) -> WhatIf:
    """The half-hedged coins at another price."""
    (row,) = what_if(TEN, PRICE, [d(price)], [HALF], terms)
    return row


def test_scenarios_a_and_b_come_out_right() -> None:
    """Half of a loss is taken away, not most of it, and half of a gain is given away, not all."""
    fall, rally = after(60_000, AT_TWO), after(80_000, AT_TWO)

    # A: the article says −70,000 of coins, −20,000 net and "the majority" buffered.
    assert (fall.spot_profit, fall.futures_profit, fall.net) == (-100_000, 50_000, -50_000)
    assert fall.unhedged == -100_000
    # B: here it is right, but the upside is halved, not capped.
    assert (rally.spot_profit, rally.futures_profit, rally.net) == (100_000, -50_000, 50_000)
    assert rally.unhedged == 100_000

    # Its own 5 % of margin, 36,842 at 9.5x, is liquidated at about +10 %: before Scenario B is reached.
    scarce = after(80_000, FIVE_PERCENT)
    assert round(scarce.margin) == 36_842
    assert scarce.liquidation_price is not None
    assert round(scarce.liquidation_price) == 76_993
    assert scarce.liquidated
    assert round(scarce.net) == 100_000 - 36_842
    assert not rally.liquidated


def test_the_page_and_the_formula_agree_on_where_it_dies() -> None:
    """76,993.45: five BTC short at 70,000 with 700,000 × 5 ÷ 95."""
    margin = TEN * PRICE * 5 / 95
    price = liquidation_price(LADDER, wallet=margin, quantity=d(-5), entry=PRICE)
    assert price is not None
    assert agrees("seed_5pct_margin_50pct_hedge_liq", price)
    assert price == after(80_000, FIVE_PERCENT).liquidation_price


def test_a_tenth_of_the_price_is_half_of_the_margin_at_five_times() -> None:
    """The article's only sum on leverage, and right: 35,000 of 70,000."""
    row = after(77_000, HedgeTerms(tiers=LADDER, leverage=d(5)))
    assert agrees("seed_leverage_5x_10pct", -row.futures_profit / row.margin)
