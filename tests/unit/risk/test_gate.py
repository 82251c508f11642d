"""The gate as a whole: order, folding, and a no for everything unknown."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.memory import PricePoint
from bot.domain.order import Side
from bot.domain.plan import Plan
from bot.domain.snapshot import MarginMode
from bot.risk.gate import review
from tests.builders import NOON, a_memory, a_policy, a_quote, a_short, an_inverse_perpetual, d
from tests.unit.risk.words import (
    ETH,
    PERP,
    SPOT,
    a_book,
    a_plan,
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
    unresolved,
)


def test_an_empty_plan_is_approved_as_nothing() -> None:
    """Nothing proposed, nothing said, and the figures of the book."""
    verdict = judged()
    assert (verdict.approved, verdict.denied, verdict.cautions) == ((), (), ())
    assert verdict.before == verdict.after


def test_what_lowers_risk_is_judged_first_and_the_order_kept_within() -> None:
    """Buy, sell, short, close, pay in, buy: the sale, the closing and the transfer come first."""
    legs = (
        buy(ETH, 1, 3_500),
        sell(SPOT, "0.1", 70_000),
        sell(PERP, "0.1", 70_000),
        buy(PERP, "0.1", 70_000, reduce_only=True),
        a_transfer(100),
        buy(ETH, 2, 3_500),
    )
    assert numbers(judged(*legs)) == [2, 4, 5, 1, 3, 6]


def test_each_approval_changes_the_book_the_next_is_judged_on() -> None:
    """Each purchase of 3.5 % passes alone; the third is beyond a turnover of 10 % and the reserve."""
    order = buy(ETH, 10, 3_500)
    verdict = judged(order, order, order, max_daily_turnover=d("0.1"))
    assert numbers(verdict) == [1, 2]
    assert codes(verdict) == ["RC20", "BK02"]


def test_a_denied_proposal_leaves_the_book_as_it_was() -> None:
    """The large one in the middle is denied and takes nothing from the last."""
    verdict = judged(buy(ETH, 10, 3_500), buy(ETH, 100, 3_500), buy(ETH, 10, 3_500), max_daily_turnover=d("0.071"))
    assert numbers(verdict) == [1, 3]


def test_a_proposal_is_judged_whole() -> None:
    """One bad leg denies both."""
    both = a_proposal(sell(SPOT, "0.1", 70_000), sell(PERP, "0.1", 60_000))
    verdict = judged(both)
    assert numbers(verdict) == []
    assert codes(verdict) == ["RC06"]


def test_every_breach_is_named_once() -> None:
    """Too dear, too large, off the tick and not worth it, all at once."""
    bad = a_proposal(buy(ETH, 10, "3800.001"), buy(ETH, 10, "3800.001"), deviation=1)
    verdict = judged(bad, price_collar=d("0.01"), max_order_value=d(10), max_cost_share=d("0.25"))
    assert codes(verdict) == ["RC04", "RC06", "RC06", "RC27"]


def test_denials_stand_in_the_plans_order() -> None:
    """Whenever they were judged."""
    verdict = judged(buy("DOGE/USDT", 1, 1), buy(ETH, 1, 9_000), sell(ETH, 1, 3_500), buy("DOGE/USDT", 1, 1))
    assert [denied.proposal.number for denied in verdict.denied] == [1, 2, 3, 4]


def test_fees_and_spread_lower_equity() -> None:
    """A purchase of 10 ETH at 3,500.35 asked costs 3.50 of spread and 35.00 of fee."""
    verdict = judged(buy(ETH, 10, 3_501))
    before, after = d(630_000), d(630_000) + 35_000
    assert verdict.after.net_delta == after / (1_000_000 - d("3.5") - d("35.0035"))
    assert verdict.before.net_delta == before / 1_000_000


@pytest.mark.parametrize("order", [buy(ETH, 10, 1), sell(SPOT, 1, 9_000_000)])
def test_no_profit_is_expected_of_a_fill(order: Any) -> None:
    """A limit far on the good side does not make the book richer: it is taken to fill at mid."""
    verdict = judged(order)
    delta = 630_000 + (35_000 if order.side is Side.BUY else -70_000)
    assert codes(verdict) == []
    assert verdict.after.net_delta >= d(delta) / 1_000_000


def test_closing_more_than_all_by_a_plain_order_turns_the_position() -> None:
    """A purchase of 1.5 against a short of 1 leaves a long of 0.5: nothing forbids it but exposure."""
    verdict = judged(buy(PERP, "1.5", 70_000))
    assert verdict.after.leverage < verdict.before.leverage
    assert codes(verdict) == []


def test_the_same_symbol_unknown_to_the_book_may_be_opened() -> None:
    """A first short of ETH: no position, no leverage setting yet."""
    snapshot = a_book(spot={"BTC": 10, "ETH": 100, "USDT": 200_000})
    assert codes(judged(sell("ETH/USDT:USDT", 1, 3_500), snapshot=snapshot)) == []


@pytest.mark.parametrize("missing", ["instruments", "quotes"])
def test_a_market_that_is_missing_is_named(missing: str) -> None:
    """Unknown is no, and says what is unknown."""
    snapshot = a_book()
    without = {symbol: value for symbol, value in getattr(snapshot, missing).items() if symbol != ETH}
    change: dict[str, Any] = {missing: without}
    legs = (buy(ETH, 1, 3_500), sell(SPOT, "0.1", 70_000))
    verdict = judged(*legs, snapshot=replace(snapshot, **change))
    if missing == "quotes":
        assert codes(verdict) == ["DATA", "DATA"]  # a core asset without a price: the book has no value
        assert verdict.cautions[0].code == "DATA"
    else:
        assert said(verdict) == (
            "DATA ETH/USDT instrument: ETH/USDT is not listed in the snapshot, allowed known and finite"
        )
        assert numbers(verdict) == [2]


@pytest.mark.parametrize("number", ["NaN", "sNaN", "Infinity", "-Infinity", "-1", "0"])
@pytest.mark.parametrize("field", ["quantity", "price"])
def test_an_order_of_no_number_is_denied(field: str, number: str) -> None:
    """Not a number, endless, negative or nothing."""
    change: dict[str, Any] = {field: Decimal(number)}
    verdict = judged(replace(buy(ETH, 1, 3_500), **change))
    assert numbers(verdict) == []
    assert "DATA" in codes(verdict)


@pytest.mark.parametrize(
    "change",
    [
        {"quantity": None},
        {"quantity": 1.5},
        {"price": "3500"},
        {"side": "hold"},
        {"side": None},
        {"symbol": None},
        {"symbol": ["ETH"]},
        {"type": None},
        {"quantity": Decimal("1E+999999")},
        {"price": Decimal("1E-999999")},
    ],
)
def test_an_order_of_the_wrong_kind_is_denied(change: dict[str, Any]) -> None:
    """Whatever stands where a number, a side or a name should."""
    verdict = judged(replace(buy(ETH, 1, 3_500), **change))
    assert numbers(verdict) == []
    assert codes(verdict)


@pytest.mark.parametrize("legs", [(), (None,), ("BTC",), None, 5])
def test_a_proposal_without_proper_legs_is_denied(legs: Any) -> None:
    """Nothing to judge is nothing to approve."""
    broken = replace(a_proposal(buy(ETH, 1, 3_500)), legs=legs)
    verdict = review(Plan(proposals=(broken,), skipped=()), a_book(), a_policy(), a_memory())
    assert codes(verdict) == ["DATA"]


@pytest.mark.parametrize("amount", ["0", "-5", "NaN", "Infinity"])
def test_a_transfer_of_no_amount_is_denied(amount: str) -> None:
    """Moving nothing, less than nothing or everything there is."""
    assert codes(judged(replace(a_transfer(1), amount=Decimal(amount)))) == ["DATA"]


def test_an_absurd_expectation_is_denied() -> None:
    """The planner's own numbers must be numbers too."""
    assert codes(judged(replace(a_proposal(buy(ETH, 1, 3_500)), cost=Decimal("NaN")))) == ["DATA"]


@pytest.mark.parametrize("broken", [None, 5, "x", ()])
@pytest.mark.parametrize("place", range(4))
def test_garbage_in_any_place_denies_everything(place: int, broken: Any) -> None:
    """The gate never raises: it says no (I14)."""
    things: list[Any] = [a_plan(sell(SPOT, "0.1", 70_000)), a_book(), a_policy(), a_memory()]
    things[place] = broken
    verdict = review(*things)
    assert verdict.approved == ()
    assert verdict.cautions[0].code == "DATA"
    assert len(verdict.denied) == (0 if place == 0 else 1)


def test_a_limit_that_is_no_number_denies_everything() -> None:
    """A NaN in the limits would compare as anything."""
    policy = a_policy()
    broken = replace(policy, limits=replace(policy.limits, max_gross_leverage=Decimal("NaN")))
    assert codes(judged(sell(SPOT, "0.1", 70_000), policy=broken)) == ["DATA"]


def test_a_remembered_price_that_is_no_number_denies_its_market() -> None:
    """The control that cannot tell says so."""
    memory = a_memory(last_prices={ETH: PricePoint(at=NOON, price=Decimal("NaN"))})
    verdict = judged(buy(ETH, 1, 3_500), sell(SPOT, "0.1", 70_000), memory=memory)
    assert numbers(verdict) == [2]
    assert said(verdict).startswith("DATA RC07 numbers: ")


def test_a_short_in_a_contract_nobody_can_price_in_flight_denies_everything() -> None:
    """An order resting in a core market without a mark cannot be counted."""
    snapshot = quoted(a_book(shorts=()), PERP, mark=None)
    verdict = judged(
        sell(SPOT, "0.1", 70_000), snapshot=replace(snapshot, open_orders=(resting(PERP, Side.SELL, 1, 71_000),))
    )
    assert codes(verdict) == ["DATA"]


def test_a_strangers_order_is_only_counted() -> None:
    """A DOGE order of the owner, in no market of ours, takes room among the waiting ones and nothing else."""
    snapshot = replace(a_book(), open_orders=(resting("DOGE/USDT", Side.BUY, 1_000, 1),))
    assert codes(judged(buy(ETH, 1, 3_500), snapshot=snapshot)) == []
    assert codes(judged(buy(ETH, 1, 3_500), snapshot=snapshot, max_open_orders=1)) == ["RC15"]
    assert codes(judged(buy(ETH, 1, 3_500), snapshot=snapshot, max_open_order_share=d("0.0044"))) == ["RC15"]


def test_a_coin_margined_order_in_flight_counts_in_exposure() -> None:
    """100 contracts of 100 USD waiting are 10,000 of gross notional and 0.14 BTC."""
    snapshot = a_book()
    inverse = an_inverse_perpetual()
    snapshot = replace(
        snapshot,
        instruments={**snapshot.instruments, inverse.symbol: inverse},
        quotes={**snapshot.quotes, inverse.symbol: a_quote(inverse.symbol, 70_000)},
        open_orders=(resting(inverse.symbol, Side.SELL, 100, 70_000),),
    )
    order = sell(PERP, "0.1", 70_000)
    assert codes(judged(order, snapshot=snapshot, max_gross_leverage=d("0.0871"))) == []
    assert codes(judged(order, snapshot=snapshot, max_gross_leverage=d("0.0869"))) == ["RC10"]


def test_a_market_intent_in_flight_counts_at_the_reference() -> None:
    """Its price is not known; its coins are."""
    memory = a_memory(unresolved=(unresolved(PERP, Side.SELL, 9, ambiguous=False),))
    assert codes(judged(sell(PERP, "0.1", 75_000), snapshot=a_book(futures_usdt=900_000), memory=memory)) == ["RC12"]


@pytest.mark.parametrize("remaining", ["-1", "NaN", "Infinity"])
def test_an_order_in_flight_of_no_amount_denies_everything(remaining: str) -> None:
    """What may still be filled is a number, zero or more."""
    snapshot = replace(a_book(), open_orders=(resting(SPOT, Side.BUY, remaining, 60_000),))
    assert codes(judged(sell(SPOT, "0.1", 70_000), snapshot=snapshot)) == ["DATA"]


def test_an_endless_isolated_margin_denies_everything() -> None:
    """It would stand infinitely far from liquidation."""
    alone = a_short("BTC", 1, entry=70_000, margin_mode=MarginMode.ISOLATED, isolated_margin=d(1))
    object.__setattr__(alone, "isolated_margin", Decimal("Infinity"))
    assert codes(judged(sell(PERP, "0.1", 70_000), snapshot=a_book(shorts=(alone,)))) == ["DATA"]


def test_a_trade_that_would_eat_all_equity_is_denied() -> None:
    """A fee larger than the account is absurd."""
    snapshot = a_book()
    dear = replace(snapshot.instruments[ETH], taker_fee=d(300))
    verdict = judged(buy(ETH, 1, 3_500), snapshot=replace(snapshot, instruments={**snapshot.instruments, ETH: dear}))
    assert "DATA" in codes(verdict)
