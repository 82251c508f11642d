"""What can be paid, and what must stay."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.instrument import WalletKind
from bot.domain.order import Side, TransferRequest
from tests.builders import a_memory, a_policy, a_short, d
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
    said,
    sell,
    unresolved,
)

NO_RESERVE = a_policy()
NO_RESERVE = replace(NO_RESERVE, reserve=replace(NO_RESERVE.reserve, minimum=d(0)))


@pytest.mark.parametrize(("quantity", "denied"), [("2.854", []), ("2.8543", ["BK01"])])
def test_a_purchase_is_paid_from_free_money_with_its_fee(quantity: str, denied: list[str]) -> None:
    """200,000 ÷ (70,000 × 1.001) = 2.85428 BTC."""
    assert codes(judged(buy(SPOT, quantity, 70_000), policy=NO_RESERVE)) == denied


def test_a_purchase_is_locked_at_its_limit() -> None:
    """2.85 BTC cost 199,700 at mid and 201,687 at a limit of 70,700: the venue asks for the latter."""
    assert said(judged(buy(SPOT, "2.85", 70_700), policy=NO_RESERVE)) == (
        "BK01 free balance: 201696.495 USDT, allowed 200000 USDT free"
    )


def test_a_sale_is_covered_by_free_coins() -> None:
    """10 BTC are free, no more, whatever is expected."""
    assert codes(judged(sell(ETH, 1, 3_500))) == ["BK01"]
    snapshot = a_book(shorts=())
    assert codes(judged(sell(SPOT, 10, 70_000), snapshot=snapshot)) == []
    assert codes(judged(sell(SPOT, "10.1", 70_000), snapshot=snapshot))[-1] == "BK01"


def test_money_of_an_approved_sale_pays_the_next_purchase() -> None:
    """50 USDT are free; a sale of 7,000 comes first, and 6,900 are bought with it."""
    snapshot = a_book(spot={"BTC": 10, "USDT": 50})
    legs = (buy(ETH, "1.97", 3_500), sell(SPOT, "0.1", 70_000))
    assert numbers(judged(*legs, snapshot=snapshot, policy=NO_RESERVE)) == [2, 1]
    assert codes(judged(legs[0], snapshot=snapshot, policy=NO_RESERVE)) == ["BK01"]


def test_money_is_spent_once() -> None:
    """Two purchases of 119,000 do not fit into 200,000."""
    order = buy(SPOT, "1.7", 70_000)
    verdict = judged(order, order, policy=NO_RESERVE)
    assert numbers(verdict) == [1]
    assert codes(verdict) == ["BK01"]


@pytest.mark.parametrize(
    ("side", "remaining", "denied"),
    [(Side.BUY, 2, ["BK01"]), (Side.BUY, "0.1", []), (Side.SELL, 9, [])],
)
def test_money_of_an_unseen_order_may_be_gone(side: Side, remaining: Any, denied: list[str]) -> None:
    """An order nobody can find may have taken 140,140 of the 200,000."""
    memory = a_memory(unresolved=(unresolved(SPOT, side, remaining, ambiguous=False),))
    order = buy(ETH, 20, 3_500)
    assert codes(judged(order, policy=NO_RESERVE, memory=memory)) == denied


def test_coins_of_an_unseen_sale_may_be_gone() -> None:
    """9 of 10 BTC may be sold already: 1.5 cannot be."""
    memory = a_memory(unresolved=(unresolved(SPOT, Side.SELL, 9, price=75_000, ambiguous=False),))
    assert codes(judged(sell(SPOT, "1.5", 70_000), snapshot=a_book(shorts=()), memory=memory)) == ["BK01"]


@pytest.mark.parametrize(("quantity", "denied"), [("1.42", []), ("1.43", ["BK02"])])
def test_a_purchase_leaves_the_reserve_its_minimum(quantity: str, denied: list[str]) -> None:
    """10 % of 1,000,000 stay: 99,900 can be spent, 1.43 BTC cost 100,200."""
    assert codes(judged(buy(SPOT, quantity, 70_000))) == denied


def test_a_sale_needs_no_reserve() -> None:
    """Below the minimum already, coins may be sold and margin moved."""
    snapshot = a_book(spot={"BTC": 10, "USDT": 50_000})
    assert numbers(judged(sell(SPOT, "0.1", 70_000), a_transfer(1_000), snapshot=snapshot)) == [1, 2]
    assert said(judged(buy(SPOT, "0.1", 70_000), snapshot=snapshot)).startswith(
        "BK02 reserve minimum: 5.06% would be left, allowed from 10.00% of equity"
    )


@pytest.mark.parametrize(("quantity", "denied"), [("12.9", []), ("13.3", ["BK03"])])
def test_an_opening_has_its_initial_margin(quantity: str, denied: list[str]) -> None:
    """At 10x a wallet of 100,000 less fees carries 995,000: 70,000 are held, 13.2 BTC more are 924,000."""
    snapshot = a_book(shorts=(a_short("BTC", 1, entry=70_000, leverage=10),))
    assert codes(judged(sell(PERP, quantity, 70_000), snapshot=snapshot, max_hedge_ratio=d(9))) == denied


def test_closing_needs_no_margin() -> None:
    """A wallet under water may still buy back (F75)."""
    snapshot = a_book(futures_usdt=1_000, shorts=(a_short("BTC", 1, entry=69_000),))
    assert codes(judged(buy(PERP, "0.5", 70_000, reduce_only=True), snapshot=snapshot)) == []


def test_coins_that_are_never_sold_stay() -> None:
    """4 of 10 BTC are never sold: 6 may be, and 6.1 may not; sales in flight count."""
    policy = a_policy(rules={"never_sell": {"BTC": d(4)}})
    snapshot = a_book(shorts=())
    assert codes(judged(sell(SPOT, 6, 70_000), snapshot=snapshot, policy=policy)) == []
    assert said(judged(sell(SPOT, "6.1", 70_000), snapshot=snapshot, policy=policy)) == (
        "BK04 never_sell: 3.9 BTC would be left, allowed from 4 BTC"
    )
    memory = a_memory(unresolved=(unresolved(SPOT, Side.SELL, 1, price=75_000, ambiguous=False),))
    assert codes(judged(sell(SPOT, "5.5", 70_000), snapshot=snapshot, policy=policy, memory=memory)) == ["BK04"]
    assert codes(judged(buy(SPOT, 1, 70_000), snapshot=snapshot, policy=policy)) == []


@pytest.mark.parametrize(
    ("order", "denied"),
    [
        (buy(PERP, 1, 70_000, reduce_only=True), []),
        (buy(PERP, "1.001", 70_000, reduce_only=True), ["BK06"]),
        (sell(PERP, "0.1", 70_000, reduce_only=True), ["BK06"]),
        (buy("ETH/USDT:USDT", 1, 3_500, reduce_only=True), ["BK06"]),
        (sell(SPOT, "0.1", 70_000, reduce_only=True), ["BK06"]),
    ],
)
def test_a_reduce_only_order_never_opens(order: Any, denied: list[str]) -> None:
    """Against the short of 1 BTC, and no larger (I11)."""
    assert codes(judged(order)) == denied


def test_reduce_only_orders_of_one_plan_share_the_position() -> None:
    """0.6 and 0.6 are more than 1: the second would open."""
    order = buy(PERP, "0.6", 70_000, reduce_only=True)
    verdict = judged(order, order)
    assert numbers(verdict) == [1]
    assert said(verdict) == "BK06 reduce-only: 0.6, allowed against a position of -0.4, at most all of it"


@pytest.mark.parametrize(("amount", "denied"), [(50_000, []), (51_000, ["RC14"])])
def test_the_futures_wallet_holds_no_more_than_its_share(amount: int, denied: list[str]) -> None:
    """100,000 and 50,000 are 15 % of equity; protecting or not, more does not go in."""
    assert codes(judged(a_transfer(amount), max_futures_margin_share=d("0.15"))) == denied


def test_a_full_futures_wallet_may_be_emptied() -> None:
    """10 % is above 5 % already: out is the way to go."""
    assert codes(judged(a_transfer(1_000, into=False), max_futures_margin_share=d("0.05"))) == []


@pytest.mark.parametrize(("moved", "denied"), [(50_000, []), (50_001, ["RC37"])])
def test_a_days_transfers_are_bounded(moved: int, denied: list[str]) -> None:
    """10 % of equity a day: 50,000 were moved, 50,000 are to be."""
    memory = a_memory(transferred=d(moved))
    assert codes(judged(a_transfer(50_000), memory=memory, max_daily_transfer=d("0.1"))) == denied


def test_transfers_of_a_plan_add_up() -> None:
    """30,000 in and 30,000 out are 60,000."""
    legs = (a_transfer(30_000), a_transfer(30_000, into=False))
    assert numbers(judged(*legs, max_daily_transfer=d("0.05"))) == [1]


@pytest.mark.parametrize(
    ("asset", "source", "target"),
    [
        ("BTC", WalletKind.SPOT, WalletKind.LINEAR),
        ("USDT", WalletKind.SPOT, WalletKind.INVERSE),
        ("USDT", WalletKind.INVERSE, WalletKind.SPOT),
        ("USDT", WalletKind.SPOT, WalletKind.SPOT),
        ("BTC", WalletKind.LINEAR, WalletKind.INVERSE),
        ("SOL", WalletKind.SPOT, WalletKind.INVERSE),
    ],
)
def test_money_moves_to_the_wallet_that_counts_in_it(asset: str, source: WalletKind, target: WalletKind) -> None:
    """The quote currency to the linear wallet, coins of the policy to the coin-margined one, and no other way."""
    leg = TransferRequest(asset=asset, amount=d(1), source=source, target=target)
    verdict = judged(leg)
    assert codes(verdict) == ["RC37"]
    assert said(verdict).endswith("allowed USDT between spot and linear, BTC, ETH between spot and inverse")


def test_a_transfer_is_covered_by_what_is_free() -> None:
    """200,000 lie in the spot wallet and 100,000 in the futures wallet."""
    assert codes(judged(a_transfer(200_000))) == []
    assert codes(judged(a_transfer(200_001))) == ["BK01"]
    snapshot = a_book(shorts=())
    assert codes(judged(a_transfer(100_000, into=False), snapshot=snapshot)) == []
    assert codes(judged(a_transfer(100_001, into=False), snapshot=snapshot)) == ["BK03", "BK01"]


def test_a_transfer_leaves_the_initial_margin() -> None:
    """A short of 70,000 at 2x binds 35,000: 65,000 may go, 65,001 may not."""
    assert codes(judged(a_transfer(65_000, into=False))) == []
    assert said(judged(a_transfer(65_001, into=False))) == (
        "BK03 initial margin: 1.00 USDT missing, allowed covered by the futures wallet"
    )


def test_margin_of_the_same_proposal_counts() -> None:
    """The legs of a proposal are judged together, in their order."""
    snapshot = a_book(futures_usdt=0, shorts=())
    alone = sell(PERP, 1, 70_000)
    assert codes(judged(alone, snapshot=snapshot)) == ["BK03"]
    assert codes(judged(a_proposal(a_transfer(35_000), alone), snapshot=snapshot)) == []
