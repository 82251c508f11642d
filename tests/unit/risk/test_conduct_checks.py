"""Not too much, not too often, and worth its cost."""

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
    a_proposal,
    a_transfer,
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

ORDER = buy(ETH, 1, 3_500)


def waiting(count: int, symbol: str = SPOT) -> Any:
    """A book with own purchases of 1 BTC (70,000) each waiting far below."""
    orders = tuple(resting(symbol, Side.BUY, 1, 50_000, client_order_id=f"h{n}") for n in range(count))
    return replace(a_book(), open_orders=orders)


@pytest.mark.parametrize(("share", "denied"), [("0.0735", []), ("0.0734", ["RC15"])])
def test_the_value_of_waiting_orders_is_bounded(share: str, denied: list[str]) -> None:
    """1 BTC at mid waits, 3,500 are added: 7.35 % of equity."""
    assert codes(judged(ORDER, snapshot=waiting(1), max_open_order_share=d(share))) == denied


def test_orders_that_stay_in_the_book_add_up() -> None:
    """Two post-only orders of 3,500 wait together; two IOC orders do not."""
    maker = buy(ETH, 1, 3_500, type=OrderType.POST_ONLY)
    assert numbers(judged(maker, maker, max_open_order_share=d("0.005"))) == [1]
    assert numbers(judged(ORDER, ORDER, max_open_order_share=d("0.005"))) == [1, 2]


def test_the_number_of_waiting_orders_is_bounded() -> None:
    """Four in a market, twenty in all; the new one counts."""
    assert codes(judged(buy(SPOT, "0.1", 70_000), snapshot=waiting(4), max_open_orders_per_symbol=4)) == ["RC15"]
    assert codes(judged(buy(SPOT, "0.1", 70_000), snapshot=waiting(3), max_open_orders_per_symbol=4)) == []
    assert codes(judged(ORDER, snapshot=waiting(4), max_open_orders_per_symbol=4)) == []
    assert said(judged(ORDER, snapshot=waiting(4), max_open_orders=4)) == "RC15 max_open_orders: 5, allowed up to 4"
    assert codes(judged(ORDER, snapshot=waiting(3), max_open_orders=4)) == []


def test_waiting_orders_do_not_hold_what_lowers_risk() -> None:
    """A sale and a transfer pass though nothing more may wait."""
    legs = (sell(SPOT, "0.1", 70_000), a_transfer(10))
    rest: dict[str, Any] = {"max_open_orders": 0, "max_open_orders_per_symbol": 0, "max_open_order_share": d(0)}
    assert numbers(judged(*legs, snapshot=waiting(1), **rest)) == [1, 2]


@pytest.mark.parametrize(
    ("seconds", "limit"),
    [(59, "max_orders_per_minute"), (3_599, "max_orders_per_hour"), (86_399, "max_orders_per_day")],
)
def test_orders_of_a_minute_an_hour_and_a_day_are_counted(seconds: int, limit: str) -> None:
    """Two were sent just within the window: a third makes three; a second later they are forgotten."""
    limits: dict[str, Any] = {limit: 2}
    recent = a_memory(sent=tuple(sent(SPOT, Side.SELL, n, seconds_ago=seconds) for n in (1, 2)))
    assert said(judged(ORDER, memory=recent, **limits)) == f"RC17 {limit}: 3, allowed up to 2"
    older = a_memory(sent=tuple(sent(SPOT, Side.SELL, n, seconds_ago=seconds + 1) for n in (1, 2)))
    assert codes(judged(ORDER, memory=older, **limits)) == []


def test_orders_of_the_plan_count_and_transfers_do_not() -> None:
    """Two orders a minute: the third of the plan is denied, lowering risk or not; a transfer is no order."""
    legs = (sell(SPOT, "0.1", 70_000), ORDER, a_transfer(10), ORDER)
    verdict = judged(*legs, max_orders_per_minute=2)
    assert numbers(verdict) == [1, 3, 2]
    assert codes(verdict) == ["RC17"]


@pytest.mark.parametrize(("turnover", "denied"), [("0.0135", []), ("0.0134", ["RC20"])])
def test_the_turnover_of_a_day_is_bounded(turnover: str, denied: list[str]) -> None:
    """10,000 were traded and 3,500 are to be: 1.35 % of equity."""
    memory = a_memory(sent=(sent(SPOT, Side.BUY, 1, seconds_ago=3_600, value=10_000),))
    assert codes(judged(ORDER, memory=memory, max_daily_turnover=d(turnover))) == denied


def test_only_what_was_filled_is_turnover() -> None:
    """A tenth of the order was filled: 1,000 of 10,000."""
    part = replace(sent(SPOT, Side.BUY, 1, seconds_ago=3_600, value=10_000), filled=d("0.1"))
    none = replace(part, filled=d(0))
    memory = a_memory(sent=(part, none))
    assert codes(judged(ORDER, memory=memory, max_daily_turnover=d("0.0045"))) == []
    assert codes(judged(ORDER, memory=memory, max_daily_turnover=d("0.0044"))) == ["RC20"]


def test_the_plan_adds_up_and_what_lowers_risk_still_passes() -> None:
    """A sale of 7,000 comes first and counts; a purchase of 3,500 is then beyond 1 %."""
    legs = (ORDER, sell(SPOT, "0.1", 70_000))
    verdict = judged(*legs, max_daily_turnover=d("0.01"))
    assert numbers(verdict) == [2]
    assert said(verdict) == "RC20 max_daily_turnover: 1.05%, allowed up to 1.00% of equity"


@pytest.mark.parametrize(("deviation", "denied"), [(16, []), (15, ["RC27"])])
def test_a_trade_is_worth_its_cost(deviation: int, denied: list[str]) -> None:
    """3,500 cost 3.50 fee, 0.35 half-spread and a little depth: under a quarter of 16, over one of 15."""
    assert codes(judged(a_proposal(ORDER, deviation=deviation), max_cost_share=d("0.25"))) == denied


def test_the_higher_estimate_of_cost_counts() -> None:
    """The planner expects 5 where the gate reckons 3.85."""
    verdict = judged(a_proposal(ORDER, deviation=16, cost=5), max_cost_share=d("0.25"))
    assert said(verdict) == "RC27 max_cost_share: 5.00 to correct 16.00 USDT, allowed up to 25.00%"


def test_lowering_risk_need_not_pay() -> None:
    """A sale that corrects nothing passes."""
    assert codes(judged(a_proposal(sell(SPOT, "0.1", 70_000), deviation=0), max_cost_share=d("0.25"))) == []


def test_a_dear_carry_is_cautioned_and_not_denied() -> None:
    """−30 bp per 8 hours are −328.5 % a year for the short; an unknown funding is said too."""
    snapshot = a_book()
    paying = replace(snapshot, funding={PERP: replace(snapshot.funding[PERP], rate=d("-0.003"))})
    verdict = judged(sell(PERP, "0.1", 70_000), snapshot=paying, min_funding_apr=d("-0.3"))
    assert codes(verdict) == []
    assert [(c.code, c.text) for c in verdict.cautions] == [
        ("RC28", "BTC/USDT:USDT: a short is paid -328.50% a year, below min_funding_apr -30.00%")
    ]
    unknown = replace(snapshot, funding={})
    assert [c.code for c in judged(sell(PERP, "0.1", 70_000), snapshot=unknown).cautions] == ["RC28"]
    assert judged(sell(PERP, "0.1", 70_000), min_funding_apr=d("-0.3")).cautions == ()
    closing = buy(PERP, "0.1", 70_000, reduce_only=True)
    assert judged(closing, snapshot=paying, min_funding_apr=d("-0.3")).cautions == ()


def test_funding_is_yearly_by_the_venues_own_interval() -> None:
    """1 bp per hour is 87.6 % a year, not 10.95 %."""
    snapshot = a_book()
    hourly = replace(snapshot.funding[PERP], rate=d("-0.0001"), interval_hours=d(1))
    verdict = judged(
        sell(PERP, "0.1", 70_000), snapshot=replace(snapshot, funding={PERP: hourly}), min_funding_apr=d("-0.5")
    )
    assert "-87.60% a year" in verdict.cautions[0].text


def test_quoted_changes_one_quote() -> None:
    """The words of these tests do what they say."""
    assert quoted(a_book(), SPOT, bid=d(1)).quotes[SPOT].bid == 1
