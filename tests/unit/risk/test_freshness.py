"""What makes a saved plan stale, said with both values."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.instrument import WalletKind
from bot.domain.order import Leg, Side
from bot.domain.snapshot import Balance, Snapshot
from bot.risk.freshness import stale
from tests.builders import NOON, a_short, d, wide_limits
from tests.unit.risk.words import ETH, PERP, SPOT, a_book, a_plan, a_transfer, buy, quoted, resting, ruled

PLANNED = a_book()


def differences(now: Snapshot, *legs: Leg, planned: Snapshot = PLANNED, **limits: Any) -> list[str]:
    """What is said of a plan of these legs, by default a purchase of ETH and a transfer."""
    plan = a_plan(*(legs or (buy(ETH, 1, 3_500), a_transfer(10))))
    return [str(breach) for breach in stale(planned, now, plan, wide_limits(**limits))]


def test_a_world_that_stood_still_lets_the_plan_be_applied() -> None:
    """The same snapshot, seconds later."""
    assert differences(replace(PLANNED, taken_at=NOON + timedelta(seconds=60))) == []


def test_a_plan_lives_no_longer_than_its_time() -> None:
    """60 seconds and not one more; nor does it come from the future."""
    assert differences(replace(PLANNED, taken_at=NOON + timedelta(seconds=61))) == [
        "RC24 plan_ttl_seconds: 61.0 s old, allowed 0 to 60 s"
    ]
    assert differences(replace(PLANNED, taken_at=NOON - timedelta(seconds=1))) == [
        "RC24 plan_ttl_seconds: -1.0 s old, allowed 0 to 60 s"
    ]


@pytest.mark.parametrize(("seconds", "said"), [(15, 0), (16, 1)])
def test_the_new_snapshot_is_of_now(seconds: int, said: int) -> None:
    """RC23: what was read 16 seconds ago is too old to act on."""
    limits = wide_limits(max_snapshot_age_seconds=d(15))
    found = stale(PLANNED, PLANNED, a_plan(buy(ETH, 1, 3_500)), limits, at=NOON + timedelta(seconds=seconds))
    assert [breach.code for breach in found] == ["RC23"] * said


def balances(**spot: str) -> Snapshot:
    """The book with other spot balances."""
    return a_book(spot={asset: coins for asset, coins in ({"BTC": "10", "USDT": "200000"} | spot).items() if coins})


def test_a_changed_balance_is_named_with_both_values() -> None:
    """A deposit, a withdrawal, a coin that came, a coin that went."""
    assert differences(balances(BTC="9.70")) == ["RC24 balances: BTC balance changed 10 -> 9.7, allowed BTC balance 10"]
    assert differences(balances(ETH="8.21")) == ["RC24 balances: ETH balance changed 0 -> 8.21, allowed ETH balance 0"]
    assert differences(balances(BTC="")) == ["RC24 balances: BTC balance changed 10 -> 0, allowed BTC balance 10"]


def test_coins_that_were_locked_are_named() -> None:
    """The total stayed and less is free: something is using it."""
    locked = tuple(replace(b, free=d(7), locked=d(3)) if b.asset == "BTC" else b for b in PLANNED.balances)
    assert differences(replace(PLANNED, balances=locked)) == [
        "RC24 balances: BTC balance free changed 10 -> 7, allowed BTC balance free 10"
    ]


def test_a_futures_balance_says_its_wallet() -> None:
    """Funding was paid."""
    assert differences(a_book(futures_usdt=99_990)) == [
        "RC24 balances: USDT balance (linear) changed 100000 -> 99990, allowed USDT balance (linear) 100000"
    ]


def test_two_rows_of_one_coin_are_one_balance() -> None:
    """How the venue splits a balance does not matter."""
    halves = tuple(Balance(wallet=WalletKind.SPOT, asset="BTC", free=d(5), locked=d(0)) for _ in range(2))
    others = tuple(b for b in PLANNED.balances if b.asset != "BTC")
    assert differences(replace(PLANNED, balances=(*halves, *others))) == []


def test_an_account_event_makes_it_stale() -> None:
    """Even one that changed no balance we see."""
    assert differences(replace(PLANNED, epoch=3)) == [
        "RC24 epoch: account events changed 0 -> 3, allowed account events 0"
    ]


def test_another_account_makes_it_stale() -> None:
    """A plan of the simulated venue is not applied elsewhere."""
    assert differences(replace(PLANNED, account="other")) == [
        "RC24 account: account changed sim/sim-test -> sim/other, allowed account sim/sim-test"
    ]


def test_a_changed_position_makes_it_stale() -> None:
    """Its size or its leverage setting; a new one and one that went."""
    assert differences(a_book(shorts=(a_short("BTC", "0.9", entry=70_000),))) == [
        "RC24 positions: BTC/USDT:USDT position changed -1 cross 2x -> -0.9 cross 2x, "
        "allowed BTC/USDT:USDT position -1 cross 2x"
    ]
    assert len(differences(a_book(shorts=(a_short("BTC", 1, entry=70_000, leverage=3),)))) == 1
    assert differences(a_book(shorts=()))[0].startswith(
        "RC24 positions: BTC/USDT:USDT position changed -1 cross 2x -> 0"
    )


def test_a_changed_open_order_makes_it_stale() -> None:
    """One that came, and one that was filled in part."""
    order = resting(SPOT, Side.BUY, 1, 60_000)
    waiting = replace(PLANNED, open_orders=(order,))
    assert differences(waiting, planned=waiting) == []
    assert differences(waiting) == [
        "RC24 open orders: order h2 changed none -> buy 1 BTC/USDT at 60000, allowed order h2 none"
    ]
    part = replace(PLANNED, open_orders=(replace(order, remaining=d("0.4"), reduce_only=True),))
    assert differences(part, planned=waiting) == [
        "RC24 open orders: order h2 changed buy 1 BTC/USDT at 60000 -> "
        "buy 0.4 BTC/USDT at 60000 reduce-only, allowed order h2 buy 1 BTC/USDT at 60000"
    ]


def test_changed_rules_of_a_traded_market_make_it_stale() -> None:
    """A coarser step, a new minimum, a market that was taken off; other markets do not matter."""
    assert differences(ruled(PLANNED, ETH, step=d("0.1"))) == [
        "RC24 instrument rules: ETH/USDT step changed 0.00001 -> 0.1, allowed ETH/USDT step 0.00001"
    ]
    assert differences(ruled(PLANNED, PERP, step=d("0.1"))) == []
    without = {symbol: i for symbol, i in PLANNED.instruments.items() if symbol != ETH}
    assert differences(replace(PLANNED, instruments=without)) == [
        "RC24 instrument rules: ETH/USDT changed listed -> not listed, allowed ETH/USDT listed"
    ]
    gone = replace(PLANNED, instruments=without)
    assert differences(gone, planned=gone) == []


@pytest.mark.parametrize(
    ("bid", "ask", "said"),
    [
        ("3517", "3518", []),
        ("3518", "3518", ["RC24 max_plan_price_drift: ETH/USDT moved 0.51%, 3500 -> 3518, allowed 0.50%"]),
        ("3480", "3482", ["RC24 max_plan_price_drift: ETH/USDT moved 0.54%, 3500 -> 3481, allowed 0.50%"]),
    ],
)
def test_a_price_that_left_makes_it_stale(bid: str, ask: str, said: list[str]) -> None:
    """Half a percent from the planned mid, either way."""
    assert differences(quoted(PLANNED, ETH, bid=d(bid), ask=d(ask))) == said


def test_a_contract_is_compared_by_its_mark() -> None:
    """Its mid may wander."""
    order = buy(PERP, "0.1", 70_000)
    assert differences(quoted(PLANNED, PERP, bid=d(69_000), ask=d(69_100)), order) == []
    assert len(differences(quoted(PLANNED, PERP, mark=d(69_000)), order)) == 1


def test_a_price_that_is_missing_makes_it_stale() -> None:
    """Unknown is no."""
    without = replace(PLANNED, quotes={symbol: q for symbol, q in PLANNED.quotes.items() if symbol != ETH})
    assert differences(without) == ["RC24 max_plan_price_drift: ETH/USDT has no quote to compare, allowed 0.50%"]


def test_all_differences_are_named_at_once() -> None:
    """A person sees everything that moved."""
    now = quoted(replace(a_book(futures_usdt=1), epoch=9, taken_at=NOON + timedelta(hours=1)), ETH, bid=Decimal(3_000))
    assert [line.split(":")[0] for line in differences(now)] == [
        "RC24 plan_ttl_seconds",
        "RC24 epoch",
        "RC24 balances",
        "RC24 max_plan_price_drift",
    ]
