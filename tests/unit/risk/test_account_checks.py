"""What stops the whole account, and what it lets through."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.memory import Memory, Performance, TradingState
from bot.domain.order import Side
from bot.domain.snapshot import Snapshot
from tests.builders import a_memory, a_policy, a_quote, d, wide_limits
from tests.unit.risk.words import (
    ETH,
    PERP,
    SPOT,
    a_book,
    a_transfer,
    buy,
    codes,
    judged,
    numbers,
    said,
    sell,
    unresolved,
)

OPENING = buy(ETH, 1, 3_501)
LOWERING = sell(SPOT, "0.1", 69_900)
CLOSING = buy(PERP, "0.5", 70_100, reduce_only=True)


def performance(*, unit: str, peak: str = "1", opened: str = "1", day: str = "2026-01-01") -> Performance:
    """A flow-adjusted value on the day of the tests."""
    return Performance(equity=d(1), unit=d(unit), peak_unit=d(peak), day=day, day_open_unit=d(opened))


def test_halted_denies_everything() -> None:
    """While halted nothing is sent, not even what lowers risk."""
    verdict = judged(OPENING, LOWERING, CLOSING, memory=a_memory(state=TradingState.HALTED, state_reason="killed"))
    assert numbers(verdict) == []
    assert "STATE trading state: halted: killed, allowed active or reducing" in map(str, verdict.denied[0].breaches)


def test_reducing_lets_only_what_lowers_risk_through() -> None:
    """While reducing, sales, reduce-only orders and margin pass; purchases and new shorts do not."""
    legs = (OPENING, LOWERING, CLOSING, a_transfer(1_000), sell(PERP, "0.1", 69_900), a_transfer(10, into=False))
    verdict = judged(*legs, memory=a_memory(state=TradingState.REDUCING))
    assert numbers(verdict) == [2, 3, 4]
    assert codes(verdict) == ["STATE"] * 3
    assert said(verdict) == "STATE trading state: reducing, allowed active"


@pytest.mark.parametrize(("unit", "denied"), [("0.951", []), ("0.95", ["RC21"]), ("0.90", ["RC21"])])
def test_a_loss_of_the_day_stops_openings(unit: str, denied: list[str]) -> None:
    """At 5 % since midnight nothing is opened; selling goes on."""
    memory = a_memory(performance=performance(unit=unit))
    verdict = judged(OPENING, LOWERING, memory=memory, max_daily_loss=d("0.05"))
    assert codes(verdict) == denied
    assert 2 in numbers(verdict)


def test_yesterdays_loss_is_no_loss_of_today() -> None:
    """The opening value of an earlier day says nothing of today."""
    memory = a_memory(performance=performance(unit="0.5", day="2025-12-31"))
    assert codes(judged(OPENING, memory=memory, max_daily_loss=d("0.05"))) == []


@pytest.mark.parametrize(("peak", "denied"), [("1.1", []), ("1.25", ["RC21"])])
def test_a_fall_from_the_peak_stops_openings(peak: str, denied: list[str]) -> None:
    """From 1.25 down to 1 is 20 %: beyond 15 %."""
    memory = a_memory(performance=performance(unit="1", peak=peak))
    verdict = judged(OPENING, memory=memory, max_drawdown=d("0.15"))
    assert codes(verdict) == denied


def test_a_large_plan_waits_for_a_person_as_a_whole() -> None:
    """11 % of equity is traded unattended: purchases and spot sales wait, a reduce-only order does not."""
    legs = (buy(ETH, 10, 3_500), sell(SPOT, 1, 70_000), buy(PERP, "0.1", 70_000, reduce_only=True))
    verdict = judged(*legs, approval_above=d("0.1"))
    assert numbers(verdict) == [3]
    assert codes(verdict) == ["RC25", "RC25"]
    assert said(verdict) == (
        "RC25 approval_above: 11.20%; a person may do it: poise apply, allowed 10.00% of equity unattended"
    )
    assert numbers(judged(*legs, approval_above=d("0.112"))) == [2, 3, 1]
    assert numbers(judged(*legs, memory=a_memory(attended=True), approval_above=d("0.1"))) == [2, 3, 1]


def with_reserve(price: str) -> tuple[Snapshot, dict[str, Any]]:
    """A book with a second reserve asset at a price."""
    snapshot = a_book()
    quotes = {**snapshot.quotes, "USDC/USDT": a_quote("USDC/USDT", price)}
    policy = a_policy(limits=wide_limits(max_peg_gap=d("0.01")))
    return replace(snapshot, quotes=quotes), {
        "policy": replace(policy, reserve=replace(policy.reserve, assets=("USDT", "USDC", "DAI")))
    }


@pytest.mark.parametrize(("price", "denied"), [("0.995", []), ("1.02", ["RC30"]), ("0.97", ["RC30"])])
def test_a_lost_peg_stops_openings(price: str, denied: list[str]) -> None:
    """A reserve asset more than 1 % from 1 stops openings; one without a market is not looked at."""
    snapshot, rest = with_reserve(price)
    verdict = judged(OPENING, LOWERING, snapshot=snapshot, **rest)
    assert codes(verdict) == denied


@pytest.mark.parametrize(("offset", "denied"), [("1", []), ("-1", []), ("1.001", ["RC39"]), ("-2", ["RC39"])])
def test_clocks_that_differ_stop_everything(offset: str, denied: list[str]) -> None:
    """The venue's clock may be a second off either way."""
    verdict = judged(CLOSING, snapshot=replace(a_book(), clock_offset_seconds=d(offset)))
    assert codes(verdict) == denied


def ambiguous(count: int) -> Memory:
    """A memory of orders with unknown outcomes on ETH."""
    return a_memory(
        unresolved=tuple(unresolved(ETH, Side.BUY, "0.01", price=3_500, client_order_id=f"h{n}") for n in range(count))
    )


@pytest.mark.parametrize(("count", "denied"), [(2, []), (3, ["RC19"])])
def test_too_many_unknown_outcomes_freeze_openings(count: int, denied: list[str]) -> None:
    """Three orders of unknown outcome stop openings in other markets too, and no sale."""
    verdict = judged(buy(SPOT, "0.1", 70_100), LOWERING, memory=ambiguous(count), max_unresolved=3)
    assert codes(verdict) == denied
    assert 2 in numbers(verdict)
