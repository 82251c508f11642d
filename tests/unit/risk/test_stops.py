"""Stops that wait at the venue, and taking orders back."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.memory import TradingState
from bot.domain.order import OpenOrder, OrderType, Side
from bot.domain.snapshot import Snapshot
from tests.builders import a_memory, d
from tests.unit.risk.words import (
    INVERSE,
    PERP,
    SPOT,
    a_book,
    a_cancel,
    a_coin_book,
    a_proposal,
    a_stop,
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

AT_80 = a_stop(Side.BUY, 1, 80_000)


def a_waiting_stop(quantity: Any = 1, side: Side = Side.BUY, **changes: Any) -> OpenOrder:
    """A stop at rest over the short of 1 BTC."""
    fields: dict[str, Any] = {"type": OrderType.STOP, "reduce_only": True}
    return resting(PERP, side, quantity, 80_000, **(fields | changes))


def guarded(*stops: OpenOrder) -> Snapshot:
    """The book of a short of 1 BTC with stops at rest."""
    return a_book(open_orders=stops)


def test_a_stop_over_a_position_is_approved_whatever_the_limits_of_orders() -> None:
    """It is no order with a price, trades nothing now, and protects: only its own bounds hold it."""
    tight: dict[str, Any] = {
        "max_order_value": d(1),
        "price_collar": d(0),
        "max_gross_leverage": d(0),
        "max_daily_turnover": d(0),
        "approval_above": d(0),
        "max_open_order_share": d(0),
        "max_open_orders_per_symbol": 0,
    }
    verdict = judged(AT_80, **tight)
    assert codes(verdict) == []
    assert verdict.after == verdict.before


@pytest.mark.parametrize(
    ("stop", "denied"),
    [
        (a_stop(Side.BUY, 1, 70_000), ["RC06"]),
        (a_stop(Side.BUY, 1, "70000.1"), []),
        (a_stop(Side.BUY, 1, "70000.11"), ["RC06"]),
        (a_stop(Side.BUY, "1.001", 80_000), ["BK06"]),
        (a_stop(Side.SELL, 1, 60_000), ["BK06"]),
        (a_stop(Side.SELL, 1, 80_000), ["RC06", "BK06"]),
        (a_stop(Side.BUY, "0.0005", 80_000), ["BK05"]),
    ],
)
def test_a_stop_waits_on_the_right_side_of_the_mark_and_never_opens(stop: Any, denied: list[str]) -> None:
    """The mark is 70,000, the position a short of 1 BTC, the step 0.001 BTC."""
    assert sorted(codes(judged(stop))) == sorted(denied)


def test_a_trigger_on_the_wrong_side_is_said() -> None:
    """A short is stopped above its mark."""
    assert said(judged(a_stop(Side.BUY, 1, 60_000))) == "RC06 trigger: 60000, allowed above the mark of 70000"
    long = replace(a_book(), positions={PERP: replace(a_book().positions[PERP], quantity=d(1))})
    stop = a_stop(Side.SELL, 1, 75_000)
    assert said(judged(stop, snapshot=long)) == "RC06 trigger: 75000, allowed below the mark of 70000"


def test_stops_of_one_side_never_close_more_than_is_held() -> None:
    """0.6 of 1 BTC wait already: 0.4 more may, 0.5 may not; two of 0.4 in one plan may not both."""
    snapshot = guarded(a_waiting_stop("0.6"))
    assert codes(judged(a_stop(Side.BUY, "0.4", 80_000), snapshot=snapshot)) == []
    assert said(judged(a_stop(Side.BUY, "0.5", 80_000), snapshot=snapshot)) == (
        "BK06 reduce-only: 0.5, allowed against a position of -1, at most all of it, "
        "0.6 of it waiting to be stopped already"
    )
    twice = judged(a_stop(Side.BUY, "0.4", 80_000), a_stop(Side.BUY, "0.4", 81_000), snapshot=snapshot)
    assert (numbers(twice), codes(twice)) == ([1], ["BK06"])


def test_a_stop_taken_back_makes_room_for_another() -> None:
    """In one proposal or in two; taking back the same one twice makes no more room."""
    snapshot = guarded(a_waiting_stop(), a_waiting_stop("0.5", Side.SELL, client_order_id="h3"))
    assert numbers(judged(a_cancel(), AT_80, snapshot=snapshot)) == [1, 2]
    assert codes(judged(a_proposal(a_cancel(), AT_80), snapshot=snapshot)) == []
    twice = judged(a_cancel(), a_proposal(a_cancel(), a_cancel(), AT_80, AT_80), snapshot=snapshot)
    assert (numbers(twice), codes(twice)) == ([1], ["BK06"])


def test_a_stop_follows_the_order_it_guards() -> None:
    """Bought 2 over a short of 1 in the same plan: the long of 1 is stopped at 65,000, wherever the plan says it."""
    stop = a_stop(Side.SELL, 1, 65_000)
    assert numbers(judged(stop, buy(PERP, 2, 70_000))) == [2, 1]
    assert codes(judged(stop)) == ["BK06"]


def test_an_order_keeps_its_turn_whatever_becomes_of_its_stop() -> None:
    """An exit that ends its stop comes before purchases, an entry with its stop before the money that leaves."""
    leaves = a_proposal(buy(PERP, 1, 70_000, reduce_only=True), a_cancel())
    assert numbers(judged(buy(SPOT, 1, 70_000), leaves, snapshot=guarded(a_waiting_stop()))) == [2, 1]
    enters = a_proposal(sell(PERP, 1, 70_000), a_stop(Side.BUY, 1, 80_000))
    assert numbers(judged(enters, a_transfer(1_000, into=False))) == [1, 2]


def test_a_stop_of_a_coin_margined_position_is_judged_in_contracts() -> None:
    """Short 700 contracts: 700 may be stopped, 701 not; after 100 are bought back 600."""
    snapshot = a_coin_book(-700)
    assert codes(judged(a_stop(Side.BUY, 700, 80_000, INVERSE), snapshot=snapshot)) == []
    assert codes(judged(a_stop(Side.BUY, 701, 80_000, INVERSE), snapshot=snapshot)) == ["BK06"]
    after = (buy(INVERSE, 100, 70_000, reduce_only=True), a_stop(Side.BUY, 700, 80_000, INVERSE))
    assert codes(judged(*after, snapshot=snapshot)) == ["BK06"]
    together = a_proposal(buy(INVERSE, 100, 70_000, reduce_only=True), a_stop(Side.BUY, 600, 80_000, INVERSE))
    assert codes(judged(together, snapshot=snapshot)) == []
    linear = a_proposal(buy(PERP, "0.5", 70_000, reduce_only=True), a_stop(Side.BUY, "0.5", 80_000))
    assert codes(judged(linear)) == []


def test_a_stop_where_nothing_is_held_is_denied() -> None:
    """Of either kind of contract; and spot has no position to stop."""
    assert codes(judged(a_stop(Side.BUY, 1, 80_000, INVERSE), snapshot=a_coin_book())) == ["BK06"]
    assert codes(judged(a_stop(Side.SELL, 1, 60_000, SPOT))) == ["BK06"]


def test_a_stop_of_a_coin_that_is_not_in_the_policy_is_denied() -> None:
    """SOL has a market and no place."""
    snapshot = a_book(price={"BTC": 70_000, "ETH": 3_500, "SOL": 150})
    assert codes(judged(a_stop(Side.SELL, 1, 140, "SOL/USDT:USDT"), snapshot=snapshot)) == ["RC03"]


def test_a_stop_at_rest_is_no_order_in_flight() -> None:
    """It changes no exposure, meets no own order and takes no room of others."""
    order = sell(PERP, 1, 70_000)
    plain, waiting = judged(order), judged(order, snapshot=guarded(a_waiting_stop()), max_open_orders_per_symbol=1)
    assert codes(waiting) == []
    assert waiting.after == plain.after
    assert codes(judged(sell(PERP, "0.1", 79_999), snapshot=guarded(a_waiting_stop()), price_collar=d(1))) == []


def test_a_stop_whose_sending_is_not_resolved_yet_is_the_one_at_rest() -> None:
    """Seen at the venue it is a stop, whatever the journal remembers."""
    memory = a_memory(unresolved=(unresolved(PERP, Side.BUY, 1, client_order_id="h2", ambiguous=False),))
    snapshot = guarded(a_waiting_stop())
    assert judged(sell(PERP, 1, 70_000), snapshot=snapshot, memory=memory).after == judged(sell(PERP, 1, 70_000)).after


def test_a_stop_does_not_trade_with_an_own_order() -> None:
    """A sale waits at 75,000; the stop buys only when the mark is at 80,000."""
    assert codes(judged(AT_80, snapshot=guarded(resting(PERP, Side.SELL, 1, 75_000)))) == []


@pytest.mark.parametrize("state", list(TradingState))
def test_taking_an_order_back_is_always_allowed(state: TradingState) -> None:
    """Halted too, and of an order nobody knows; the plan of a person or not."""
    memory = a_memory(state=state)
    for cancel in (a_cancel(), a_cancel("h9")):
        assert codes(judged(cancel, snapshot=guarded(a_waiting_stop()), memory=memory, approval_above=d(0))) == []


def test_an_order_taken_back_may_still_fill_before_it_is() -> None:
    """A sale of 1 BTC waits beside a short of 1: 8 more may be sold against 10 BTC, cancelled or not."""
    snapshot = a_book(futures_usdt=900_000, open_orders=(resting(PERP, Side.SELL, 1, 75_000),))
    assert codes(judged(a_cancel(), sell(PERP, "8.1", 70_000), snapshot=snapshot)) == ["RC12"]


def test_while_halted_a_stop_is_not_placed() -> None:
    """Nothing is sent then but cancellations."""
    assert codes(judged(AT_80, memory=a_memory(state=TradingState.HALTED))) == ["STATE"]
    assert codes(judged(AT_80, memory=a_memory(state=TradingState.REDUCING))) == []
