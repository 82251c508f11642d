"""When one order is sane."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.order import OrderType, Side
from tests.builders import a_memory, d
from tests.unit.risk.words import (
    ETH,
    PERP,
    SPOT,
    a_book,
    buy,
    codes,
    judged,
    numbers,
    quoted,
    resting,
    said,
    sell,
    sent,
)


@pytest.mark.parametrize(("quantity", "denied"), [("0.57", []), ("0.58", ["RC04"])])
def test_the_value_of_an_order_is_bounded(quantity: str, denied: list[str]) -> None:
    """0.58 ETH at 3,500 are 2,030: above 2,000."""
    assert codes(judged(buy(ETH, quantity, 3_500), max_order_value=d(2_000))) == denied


def test_the_value_counts_at_the_limit_when_that_is_higher() -> None:
    """A purchase may cost its limit, a sale is worth mid."""
    assert said(judged(buy(ETH, 1, 3_550), max_order_value=d(3_540))) == (
        "RC04 max_order_value: 3550.00, allowed up to 3540.00"
    )
    assert codes(judged(sell(SPOT, "0.1", 69_000), max_order_value=d(7_000))) == []
    assert codes(judged(sell(SPOT, "0.1", 69_000), max_order_value=d(6_999))) == ["RC04"]


@pytest.mark.parametrize(("quantity", "denied"), [("14.28", []), ("14.29", ["RC04"])])
def test_the_share_of_equity_of_an_order_is_bounded(quantity: str, denied: list[str]) -> None:
    """14.29 ETH are 50,015: above 5 % of 1,000,000."""
    assert codes(judged(buy(ETH, quantity, 3_500), max_order_share=d("0.05"))) == denied


@pytest.mark.parametrize(("volume", "denied"), [(700_000, []), (699_000, ["RC05"]), (None, ["RC05"])])
def test_an_order_is_small_against_the_days_volume(volume: int | None, denied: list[str]) -> None:
    """7,000 are 1 % of 700,000."""
    snapshot = quoted(a_book(), SPOT, volume_24h=None if volume is None else d(volume))
    order = buy(SPOT, "0.1", 70_000)
    assert codes(judged(order, snapshot=snapshot, max_order_volume_share=d("0.01"))) == denied


@pytest.mark.parametrize(("depth", "denied"), [(35_000, []), (34_000, ["RC05"]), (None, ["RC05", "RC26"])])
def test_an_order_is_small_against_the_depth(depth: int | None, denied: list[str]) -> None:
    """7,000 are 20 % of 35,000 asked; the other side does not matter."""
    snapshot = quoted(a_book(), SPOT, ask_depth=None if depth is None else d(depth), bid_depth=d(0))
    order = buy(SPOT, "0.1", 70_000)
    assert codes(judged(order, snapshot=snapshot, max_order_depth_share=d("0.2"))) == denied


def test_unknown_liquidity_does_not_hold_a_reduction() -> None:
    """What lowers risk needs no depth; its limit price protects it."""
    snapshot = quoted(a_book(), SPOT, volume_24h=None, bid_depth=None)
    assert codes(judged(sell(SPOT, "0.1", 69_900), snapshot=snapshot)) == []


def test_market_orders_are_denied() -> None:
    """Neither a missing price nor the type of a market order passes."""
    market: dict[str, Any] = {"type": OrderType.MARKET}
    verdict = judged(buy(SPOT, "0.1", None), buy(SPOT, "0.1", 70_000, **market), buy(SPOT, "0.1", None, **market))
    assert codes(verdict) == ["RC06"] * 3
    assert said(verdict) == "RC06 order type: limit-ioc at None, allowed limit orders"


@pytest.mark.parametrize(("price", "denied"), [("70000.01", []), ("70000.005", ["RC06"])])
def test_a_limit_lies_on_the_tick(price: str, denied: list[str]) -> None:
    """The grid of the market is 0.01."""
    assert codes(judged(buy(SPOT, "0.1", price))) == denied


@pytest.mark.parametrize(
    ("order", "denied"),
    [
        (buy(SPOT, "0.1", 70_700), []),
        (buy(SPOT, "0.1", "70700.01"), ["RC06"]),
        (buy(SPOT, "0.1", 60_000), []),
        (sell(SPOT, "0.1", 69_300), []),
        (sell(SPOT, "0.1", "69299.99"), ["RC06"]),
        (sell(SPOT, "0.1", 80_000), []),
        (buy(PERP, "0.1", "70700.1", reduce_only=True), ["RC06"]),
    ],
)
def test_a_limit_is_no_worse_than_the_collar(order: Any, denied: list[str]) -> None:
    """1 % around 70,000: up to 70,700 to buy, down to 69,300 to sell; better prices are free."""
    assert codes(judged(order, price_collar=d("0.01"))) == denied


def test_a_contract_is_judged_by_its_mark() -> None:
    """Mid 70,000 and mark 71,000: 71,700 is inside 1 % of the mark."""
    snapshot = quoted(a_book(), PERP, mark=d(71_000), index=d(71_000))
    order = buy(PERP, "0.1", 71_700, reduce_only=True)
    assert codes(judged(order, snapshot=snapshot, price_collar=d("0.01"))) == []
    assert codes(judged(order, price_collar=d("0.01"))) == ["RC06"]


def test_the_same_side_again_and_again_is_stopped() -> None:
    """Three purchases in 15 minutes are enough; older ones, the other side and slices of one plan are not counted."""
    order = buy(SPOT, "0.1", 70_000)
    three = tuple(sent(SPOT, Side.BUY, n, seconds_ago=800) for n in (1, 2, 3))
    limits: dict[str, Any] = {"max_repeats": 3, "repeat_window_minutes": 15}
    assert said(judged(order, memory=a_memory(sent=three), **limits)) == (
        "RC16 max_repeats: 3 buys of BTC/USDT sent already, allowed fewer than 3 in 15 min"
    )
    assert codes(judged(order, memory=a_memory(sent=three[:2]), **limits)) == []
    assert codes(judged(sell(SPOT, "0.1", 70_000), memory=a_memory(sent=three), **limits)) == []
    old = tuple(replace(one, at=one.at.replace(hour=11, minute=0)) for one in three)
    assert codes(judged(order, memory=a_memory(sent=old), **limits)) == []
    assert numbers(judged(order, order, order, order, **limits)) == [1, 2, 3, 4]


def test_repeated_spot_sales_are_stopped_and_repeated_closing_is_not() -> None:
    """A short closes until it is gone; a runaway seller of spot would not stop by itself."""
    memory = a_memory(sent=tuple(sent(s, side, 1, seconds_ago=60) for s, side in ((SPOT, Side.SELL), (PERP, Side.BUY))))
    legs = (sell(SPOT, "0.1", 70_000), buy(PERP, "0.1", 70_000, reduce_only=True))
    verdict = judged(*legs, memory=memory, max_repeats=1)
    assert codes(verdict) == ["RC16"]
    assert numbers(verdict) == [2]


def test_the_same_order_twice_within_a_minute_is_a_duplicate() -> None:
    """Market, side and quantity equal and 59 s ago; 0.1 and 0.10 are one number."""
    memory = a_memory(sent=(sent(SPOT, Side.BUY, "0.10", seconds_ago=59),))
    order = buy(SPOT, "0.1", 70_000)
    verdict = judged(order, memory=memory, duplicate_window_seconds=60)
    assert said(verdict) == "RC18 duplicate_window_seconds: buy 0.1 BTC/USDT was sent already, allowed one in 60 s"
    assert codes(judged(order, memory=memory, duplicate_window_seconds=59)) == []
    assert codes(judged(buy(SPOT, "0.2", 70_000), memory=memory, duplicate_window_seconds=60)) == []


def test_an_equal_order_still_waiting_is_a_duplicate() -> None:
    """However long ago it was sent."""
    snapshot = replace(a_book(), open_orders=(resting(SPOT, Side.BUY, "0.1", 69_000),))
    assert codes(judged(buy(SPOT, "0.1", 70_000), snapshot=snapshot)) == ["RC18"]


def test_slices_of_one_plan_are_no_duplicates() -> None:
    """The planner cuts a large trade into equal orders."""
    order = buy(SPOT, "0.1", 70_000)
    assert numbers(judged(order, order, duplicate_window_seconds=60)) == [1, 2]


@pytest.mark.parametrize(("depth", "denied"), [(7_000, []), (3_000, ["RC26"]), (0, ["RC26"])])
def test_expected_slippage_is_bounded(depth: int, denied: list[str]) -> None:
    """1 bp half-spread + 12.5 bp × 7,000 ÷ depth: 13.5 bp at 7,000, 30.2 bp at 3,000."""
    snapshot = quoted(a_book(), SPOT, ask_depth=d(depth))
    limits: dict[str, Any] = {"max_slippage": d("0.003"), "max_order_depth_share": d(10**9)}
    found = codes(judged(buy(SPOT, "0.1", 70_000), snapshot=snapshot, **limits))
    assert [code for code in found if code == "RC26"] == denied


@pytest.mark.parametrize(
    ("side", "own", "order", "denied"),
    [
        (Side.SELL, 70_100, buy(SPOT, "0.1", 70_100), ["RC32"]),
        (Side.SELL, 70_200, buy(SPOT, "0.1", 70_100), []),
        (Side.BUY, 69_900, sell(SPOT, "0.1", 69_900), ["RC32"]),
        (Side.BUY, 69_800, sell(SPOT, "0.1", 69_900), []),
        (Side.SELL, 70_100, buy(SPOT, "0.1", None), ["RC06", "RC32"]),
    ],
)
def test_an_order_does_not_meet_an_own_one(side: Side, own: int, order: Any, denied: list[str]) -> None:
    """An own order on the other side that this one would trade with."""
    snapshot = replace(a_book(), open_orders=(resting(SPOT, side, "0.01", own),))
    assert codes(judged(order, snapshot=snapshot)) == denied


@pytest.mark.parametrize(
    ("order", "denied"),
    [
        (buy(SPOT, "0.00008", 70_000), []),
        (buy(SPOT, "0.000085", 70_000), ["BK05"]),
        (buy(SPOT, "0.00007", 70_000), ["BK05"]),
        (sell(PERP, "0.0015", 70_000), ["BK05"]),
        (sell(PERP, "0.001", 70_000), []),
    ],
)
def test_a_quantity_lies_on_the_grid_and_above_the_minimums(order: Any, denied: list[str]) -> None:
    """Steps of 0.00001 BTC and at least 5 USDT on spot, steps of 0.001 on the contract."""
    assert codes(judged(order)) == denied
