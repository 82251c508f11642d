"""What the book may become: exposure, leverage, hedge and distance to liquidation."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.order import Side
from bot.domain.snapshot import MarginMode
from tests.builders import a_memory, a_policy, a_short, d, wide_limits
from tests.unit.risk.words import (
    ETH,
    PERP,
    SPOT,
    a_book,
    a_proposal,
    a_transfer,
    buy,
    codes,
    judged,
    numbers,
    resting,
    said,
    sell,
    unresolved,
)

GEARED = a_book(shorts=(a_short("BTC", 1, entry=70_000, leverage=10),))


def exposed(share: str, **changes: Any) -> dict[str, Any]:
    """A policy whose BTC may be 48 % of equity (60 % of a core of at most 80 %) and `share` more."""
    return {"policy": a_policy(limits=wide_limits(max_exposure_over_band=d(share)), **changes)}


def test_a_coin_may_not_outgrow_its_band() -> None:
    """BTC is 63 % of equity, 48 % + 15 % are allowed: not one step more."""
    assert codes(judged(buy(SPOT, "0.0001", 70_050), **exposed("0.16"))) == []
    verdict = judged(buy(SPOT, "0.1", 70_050), **exposed("0.15"))
    assert codes(verdict) == ["RC09"]
    assert said(verdict) == "RC09 max_exposure_over_band: BTC 63.70% of equity, allowed up to 63.00%"


def test_an_exposure_beyond_its_band_may_still_be_improved() -> None:
    """Selling spot and selling the contract short both bring BTC nearer, though it is far above."""
    legs = (sell(SPOT, "0.1", 69_950), sell(PERP, "0.1", 69_950))
    assert numbers(judged(*legs, **exposed("0"))) == [1, 2]


def test_all_coins_together_may_not_outgrow_the_core_band() -> None:
    """BTC 35 % and ETH 35 %, each inside its own allowance, are 70 %: a core of at most 60 % allows 65 %."""
    snapshot = a_book(spot={"BTC": 5, "ETH": 100, "USDT": 200_000}, futures_usdt=100_000, shorts=())
    rest = exposed("0.05", core=("0.3", "0.5", "0.6"), assets={"BTC": "0.5", "ETH": "0.5"})
    assert codes(judged(buy(ETH, 1, 3_500), snapshot=snapshot, **rest))[-1] == "RC09"
    wide = exposed("0.5", core=("0.3", "0.5", "0.6"), assets={"BTC": "0.5", "ETH": "0.5"})
    assert codes(judged(buy(ETH, 1, 3_500), snapshot=snapshot, **wide)) == []


def test_orders_in_flight_count_as_filled_against_us() -> None:
    """1 BTC on its way in makes 70 % of 63 %: the next purchase is beyond 65 % (I9)."""
    snapshot = replace(a_book(), open_orders=(resting(SPOT, Side.BUY, 1, 69_000),))
    order = buy(SPOT, "0.01", 70_050)
    assert codes(judged(order, snapshot=snapshot, **exposed("0.17"))) == ["RC09"]
    assert codes(judged(order, **exposed("0.17"))) == []


def test_an_order_known_to_both_sides_counts_once() -> None:
    """The venue shows 0.6 of it, we remember 1: the larger remainder counts."""
    snapshot = replace(a_book(), open_orders=(resting(SPOT, Side.BUY, "0.6", 69_000, client_order_id="h7"),))
    memory = a_memory(unresolved=(unresolved(SPOT, Side.BUY, 1, price=69_000, client_order_id="h7", ambiguous=False),))
    order = buy(SPOT, "0.01", 70_050)
    for share, denied in (("0.23", []), ("0.22", ["RC09"])):
        assert codes(judged(order, snapshot=snapshot, memory=memory, **exposed(share))) == denied


@pytest.mark.parametrize(("quantity", "denied"), [(13, []), ("13.5", ["RC10"])])
def test_gross_leverage_is_bounded(quantity: Any, denied: list[str]) -> None:
    """1 BTC short and 13 more are 980,000 on 1,000,000 of equity less fees; 14.5 are 1,015,000."""
    rest: dict[str, Any] = {"max_gross_leverage": d(1), "max_hedge_ratio": d(9), "max_leverage_setting": d(20)}
    snapshot = a_book(shorts=(a_short("BTC", 1, entry=70_000, leverage=20),))
    assert codes(judged(sell(PERP, quantity, 70_000), snapshot=snapshot, **rest)) == denied


def test_openings_in_flight_count_in_leverage() -> None:
    """7 BTC of shorts waiting leave room for 5 more, not for 7."""
    snapshot = a_book(
        shorts=(a_short("BTC", 1, entry=70_000, leverage=20),),
        open_orders=(resting(PERP, Side.SELL, 7, 71_000),),
    )
    rest: dict[str, Any] = {"max_gross_leverage": d(1), "max_hedge_ratio": d(9), "max_leverage_setting": d(20)}
    assert codes(judged(sell(PERP, 5, 70_000), snapshot=snapshot, **rest)) == []
    assert codes(judged(sell(PERP, "6.5", 70_000), snapshot=snapshot, **rest)) == ["RC10"]


@pytest.mark.parametrize(("quantity", "denied"), [("4.001", []), ("4.002", ["RC12"])])
def test_a_short_is_no_larger_than_its_share_of_the_core(quantity: str, denied: list[str]) -> None:
    """Half of 10 BTC is 5, one step of 0.001 is tolerated, 1 is short already (I10)."""
    snapshot = a_book(futures_usdt=500_000)
    assert codes(judged(sell(PERP, quantity, 70_000), snapshot=snapshot, max_hedge_ratio=d("0.5"))) == denied


def test_spot_sales_in_flight_shrink_what_may_be_hedged() -> None:
    """8 of 10 BTC are on sale: 2 are left to hedge, 1 is hedged, 1.5 more is too much."""
    snapshot = a_book(open_orders=(resting(SPOT, Side.SELL, 8, 75_000),))
    verdict = judged(sell(PERP, "1.5", 70_000), snapshot=snapshot)
    assert said(verdict) == "RC12 max_hedge_ratio: 2.5 BTC short, allowed 100.00% of 2 BTC"
    assert codes(judged(sell(PERP, 1, 70_000), snapshot=snapshot)) == []


def test_shorts_in_flight_count_as_open() -> None:
    """9 more are waiting to be sold short: nothing is left."""
    snapshot = a_book(open_orders=(resting(PERP, Side.SELL, 9, 75_000),), futures_usdt=500_000)
    assert codes(judged(sell(PERP, "0.01", 70_000), snapshot=snapshot)) == ["RC12"]


def test_coins_held_elsewhere_may_be_hedged() -> None:
    """5 BTC in a cold wallet count in the core: 14 more shorts stand against 15."""
    snapshot = a_book(futures_usdt=10**6)
    order = sell(PERP, 14, 70_000)
    assert codes(judged(order, snapshot=snapshot)) == ["RC12"]
    assert codes(judged(order, snapshot=snapshot, policy=a_policy(rules={"held_elsewhere": {"BTC": d(5)}}))) == []


def test_a_sale_that_leaves_too_large_a_hedge_lowers_no_risk() -> None:
    """Selling 9.5 of 10 BTC under a short of 1 is denied though delta shrinks; selling 9 is not."""
    verdict = judged(sell(SPOT, "9.5", 70_000))
    assert said(verdict) == "RC12 max_hedge_ratio: 1 BTC short, allowed 100.00% of 0.5 BTC"
    assert codes(judged(sell(SPOT, 9, 70_000))) == []


def test_an_over_hedged_book_may_be_mended() -> None:
    """12 BTC short against 10: buying back and buying spot both pass, one short more does not."""
    snapshot = a_book(spot={"BTC": 10, "USDT": 400_000}, futures_usdt=10**6, shorts=(a_short("BTC", 12, entry=70_000),))
    legs = (buy(PERP, 1, 70_000), buy(SPOT, "0.5", 70_000), sell(PERP, "0.1", 70_000))
    verdict = judged(*legs, snapshot=snapshot)
    assert numbers(verdict) == [1, 2]
    assert codes(verdict) == ["RC12"]


def test_a_position_stays_away_from_liquidation() -> None:
    """With 100,000 of margin a short of 3 BTC stands 46.9 % away, one of 4 stands 35.0 %: 40 % is asked for.

    Fees off: (99,930 + 50 + 210,000) ÷ 3.015 = 102,813 and (99,895 + 50 + 280,000) ÷ 4.02 = 94,514.
    """
    limits: dict[str, Any] = {"min_liquidation_distance": d("0.4")}
    assert codes(judged(sell(PERP, 2, 70_000), snapshot=GEARED, **limits)) == []
    verdict = judged(sell(PERP, 3, 70_000), snapshot=GEARED, **limits)
    assert codes(verdict) == ["RC13"]
    assert said(verdict) == "RC13 min_liquidation_distance: BTC/USDT:USDT 35.02%, allowed from 40.00%"


def test_one_position_may_bring_another_nearer() -> None:
    """A short of ETH takes margin from the short of 3 BTC that shares its wallet.

    50 ETH: (99,912.50 − 825 + 50 + 210,000) ÷ 3.015 = 102,533: 46.48 % away. 10 ETH leave 46.83 %.
    """
    snapshot = a_book(
        spot={"BTC": 10, "ETH": 100, "USDT": 200_000}, shorts=(a_short("BTC", 3, entry=70_000, leverage=10),)
    )
    limits: dict[str, Any] = {"min_liquidation_distance": d("0.466")}
    assert codes(judged(sell("ETH/USDT:USDT", 10, 3_500), snapshot=snapshot, **limits)) == []
    verdict = judged(sell("ETH/USDT:USDT", 50, 3_500), snapshot=snapshot, **limits)
    assert said(verdict) == "RC13 min_liquidation_distance: BTC/USDT:USDT 46.48%, allowed from 46.60%"


def test_taking_margin_away_may_bring_liquidation_nearer() -> None:
    """60,000 of 100,000 leave 40,000 under a short of 1 BTC: 56 %; 80,000 leave 20,000: 28 %."""
    limits: dict[str, Any] = {"min_liquidation_distance": d("0.4")}
    assert codes(judged(a_transfer(60_000, into=False), snapshot=GEARED, **limits)) == []
    assert codes(judged(a_transfer(80_000, into=False), snapshot=GEARED, **limits)) == ["RC13"]


def test_a_book_near_liquidation_may_be_mended_and_traded_elsewhere() -> None:
    """Under the limit already: buying back, adding margin and buying spot pass, another short does not."""
    snapshot = a_book(shorts=(a_short("BTC", 5, entry=70_000, leverage=10),))
    legs = (
        buy(PERP, "0.1", 70_000, reduce_only=True),
        a_transfer(100),
        buy(ETH, 1, 3_500),
        a_proposal(buy(ETH, 1, 3_500), a_transfer(100)),
        sell(PERP, "0.1", 70_000),
    )
    verdict = judged(*legs, snapshot=snapshot, min_liquidation_distance=d("0.4"))
    assert numbers(verdict) == [1, 2, 3, 4]
    assert codes(verdict) == ["RC13"]


def test_openings_in_flight_count_against_liquidation() -> None:
    """3 BTC waiting to be sold short and 1 held are 4: another 0.1 is too near."""
    snapshot = replace(GEARED, open_orders=(resting(PERP, Side.SELL, 3, 71_000),))
    order = sell(PERP, "0.1", 70_000)
    assert codes(judged(order, snapshot=snapshot, min_liquidation_distance=d("0.4"))) == ["RC13"]
    assert codes(judged(order, snapshot=GEARED, min_liquidation_distance=d("0.4"))) == []


def test_an_isolated_position_is_judged_by_its_own_margin() -> None:
    """1 BTC at 70,000 with 14,000 of its own: 19 % away, whatever else the wallet holds."""
    alone = a_short("BTC", 1, entry=70_000, leverage=5, margin_mode=MarginMode.ISOLATED, isolated_margin=d(14_000))
    snapshot = a_book(shorts=(alone,), futures_usdt=500_000)
    order = sell(PERP, "0.1", 70_000)
    assert codes(judged(order, snapshot=snapshot, min_liquidation_distance=d("0.4"))) == ["RC13"]
    assert codes(judged(order, snapshot=snapshot, min_liquidation_distance=d("0.1"))) == []
    closing = buy(PERP, "0.1", 70_000, reduce_only=True)
    assert codes(judged(closing, snapshot=snapshot, min_liquidation_distance=d("0.4"))) == []


def test_a_long_is_judged_downwards() -> None:
    """A long of 1 BTC with 30,000 of margin is liquidated 43 % lower."""
    snapshot = a_book(futures_usdt=30_000, shorts=())
    order = buy(PERP, 1, 70_000)
    assert codes(judged(order, snapshot=snapshot, min_liquidation_distance=d("0.4"))) == []
    assert codes(judged(order, snapshot=snapshot, min_liquidation_distance=d("0.45"))) == ["RC13"]
