"""When a market may be traded."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.memory import PricePoint
from bot.domain.order import Side, Sleeve
from tests.builders import (
    NOON,
    a_memory,
    a_policy,
    a_quote,
    a_short,
    a_spot,
    an_inverse_perpetual,
    d,
)
from tests.unit.risk.words import (
    DATED,
    INVERSE,
    INVERSE_DATED,
    PERP,
    SPOT,
    a_book,
    a_coin_book,
    a_dated,
    a_part,
    a_proposal,
    buy,
    carry_rules,
    codes,
    judged,
    listed,
    quoted,
    ruled,
    said,
    sell,
    unresolved,
)

OPENING = buy(SPOT, "0.1", 70_050)
LOWERING = sell(SPOT, "0.1", 69_950)
SHORTING = sell(PERP, "0.1", 69_950)
CLOSING = buy(PERP, "0.1", 70_050, reduce_only=True)


def test_a_coin_that_is_not_in_the_policy_is_not_traded() -> None:
    """SOL has a market and no place in the policy."""
    snapshot = a_book(price={"BTC": 70_000, "ETH": 3_500, "SOL": 150})
    verdict = judged(buy("SOL/USDT", 1, 150), snapshot=snapshot)
    assert said(verdict) == (
        "RC03 instruments: SOL is not in the policy, "
        "allowed spot and contracts of BTC, ETH in USDT, coin-margined ones in USD"
    )


@pytest.mark.parametrize("symbol", [SPOT, PERP, INVERSE, DATED, INVERSE_DATED])
def test_spot_and_every_kind_of_contract_is_traded(symbol: str) -> None:
    """Linear ones in the policy's quote, coin-margined ones in USD, perpetual and dated."""
    quantity = 1 if "USD:" in symbol else "0.1"
    assert codes(judged(sell(symbol, quantity, 69_950), snapshot=a_coin_book())) == []


def test_a_coin_margined_contract_against_another_currency_is_not_traded() -> None:
    """USD counts as the quote currency, euros do not."""
    other = an_inverse_perpetual(symbol="BTC/EUR:BTC", quote="EUR")
    verdict = judged(sell("BTC/EUR:BTC", 1, 70_000), snapshot=listed(a_coin_book(), other, 70_000))
    assert said(verdict) == (
        "RC03 instruments: BTC/EUR:BTC is not traded in USD and settled in BTC, "
        "allowed spot and contracts of BTC, ETH in USDT, coin-margined ones in USD"
    )


def test_coins_of_carry_and_the_overlay_may_be_traded_too() -> None:
    """SOL is no core coin: as carry's it may be bought with its short, as nobody's it may not."""
    snapshot = a_book(price={"BTC": 70_000, "ETH": 3_500, "SOL": 150})
    pair = a_proposal(
        sell("SOL/USDT:USDT", 10, 149, sleeve=Sleeve.CARRY, parts=(a_part(Sleeve.CARRY, -10),)),
        buy("SOL/USDT", 10, 151, sleeve=Sleeve.CARRY, parts=(a_part(Sleeve.CARRY, 10),)),
    )
    assert codes(judged(pair, snapshot=snapshot, policy=a_policy(carry=carry_rules(assets=("SOL",))))) == []
    assert codes(judged(pair, snapshot=snapshot)) == ["RC03"] * 2


def test_another_quote_currency_is_not_traded() -> None:
    """A market in USDC is no market of a policy in USDT."""
    other = a_spot(symbol="BTC/USDC", quote="USDC", settle="USDC")
    snapshot = a_book()
    more = replace(
        snapshot,
        instruments={**snapshot.instruments, "BTC/USDC": other},
        quotes={**snapshot.quotes, "BTC/USDC": a_quote("BTC/USDC", 70_000)},
    )
    assert codes(judged(sell("BTC/USDC", "0.1", 70_000), snapshot=more)) == ["RC03"]


@pytest.mark.parametrize(("volume", "denied"), [(10_000_000, []), (9_999_999, ["RC03"]), (None, ["RC03"])])
def test_a_thin_market_is_not_entered(volume: int | None, denied: list[str]) -> None:
    """10 million a day are enough, an unknown volume is not; leaving is always possible."""
    snapshot = quoted(a_book(), SPOT, volume_24h=None if volume is None else d(volume))
    limits: dict[str, Any] = {"min_volume_24h": d(10_000_000), "max_order_volume_share": d(1)}
    verdict = judged(OPENING, snapshot=snapshot, **limits)
    assert [code for code in codes(verdict) if code == "RC03"] == denied
    assert codes(judged(LOWERING, snapshot=snapshot, **limits)) == []


def test_an_unknown_volume_passes_where_none_is_asked_for() -> None:
    """A limit of zero asks nothing of the volume; its share of the order then still does."""
    verdict = judged(OPENING, snapshot=quoted(a_book(), SPOT, volume_24h=None))
    assert codes(verdict) == ["RC05"]


@pytest.mark.parametrize(
    ("last", "seconds", "denied"),
    [(66_700, 60, []), (66_600, 60, ["RC07"]), (66_600, 61, []), (74_000, 10, ["RC07"])],
)
def test_a_jump_within_the_window_stops_openings(last: int, seconds: int, denied: list[str]) -> None:
    """From 66,600 to 70,000 is 5.1 %; after the window it is history."""
    memory = a_memory(last_prices={SPOT: PricePoint(at=NOON - timedelta(seconds=seconds), price=d(last))})
    limits: dict[str, Any] = {"max_price_jump": d("0.05"), "jump_window_seconds": 60}
    assert codes(judged(OPENING, memory=memory, **limits)) == denied
    assert codes(judged(LOWERING, memory=memory, **limits)) == []


@pytest.mark.parametrize(("seconds", "denied"), [(10, []), (11, ["RC08"]), (-11, ["RC08"])])
def test_an_old_price_is_no_price(seconds: int, denied: list[str]) -> None:
    """Eleven seconds old, or from the future: even a sale waits."""
    snapshot = quoted(a_book(), SPOT, at=NOON - timedelta(seconds=seconds))
    assert codes(judged(LOWERING, snapshot=snapshot, max_quote_age_seconds=d(10))) == denied


def test_part_of_a_second_counts() -> None:
    """A limit of 0.5 s is half a second."""
    snapshot = quoted(a_book(), SPOT, at=NOON - timedelta(milliseconds=600))
    assert said(judged(LOWERING, snapshot=snapshot, max_quote_age_seconds=d("0.5"))) == (
        "RC08 max_quote_age_seconds: 0.6 s, allowed 0.5 s"
    )


@pytest.mark.parametrize(("bid", "denied"), [(69_700, []), (69_600, ["RC08"])])
def test_a_wide_book_is_not_entered(bid: int, denied: list[str]) -> None:
    """69,600 bid to 70,007 asked is a spread of 0.58 %."""
    snapshot = quoted(a_book(), SPOT, bid=d(bid))
    assert codes(judged(buy(SPOT, "0.1", 69_900), snapshot=snapshot, max_spread=d("0.005"))) == denied
    assert codes(judged(sell(SPOT, "0.1", 69_900), snapshot=snapshot, max_spread=d("0.005"))) == []


@pytest.mark.parametrize(("index", "denied"), [(69_400, []), (69_200, ["RC08"]), (None, ["RC08"])])
def test_a_mark_away_from_its_index_is_not_entered(index: int | None, denied: list[str]) -> None:
    """70,000 over 69,200 is 1.16 %; an index nobody knows is no index."""
    snapshot = quoted(a_book(), PERP, index=None if index is None else d(index))
    assert codes(judged(SHORTING, snapshot=snapshot, max_mark_index_gap=d("0.01"))) == denied
    assert codes(judged(CLOSING, snapshot=snapshot, max_mark_index_gap=d("0.01"))) == []


@pytest.mark.parametrize(("leverage", "denied"), [(3, []), (5, ["RC11"])])
def test_a_high_leverage_setting_is_not_opened_with(leverage: int, denied: list[str]) -> None:
    """The venue is set to 5x where 3x is allowed: nothing is opened, closing goes on."""
    snapshot = a_book(shorts=(a_short("BTC", 1, entry=70_000, leverage=leverage),))
    assert codes(judged(SHORTING, snapshot=snapshot, max_leverage_setting=d(3))) == denied
    assert codes(judged(CLOSING, snapshot=snapshot, max_leverage_setting=d(3))) == []


def test_one_unknown_outcome_freezes_its_market() -> None:
    """Neither purchase nor sale of spot while an order there is ambiguous; other markets go on (I5)."""
    memory = a_memory(unresolved=(unresolved(SPOT, Side.BUY, "0.01", price=69_000),))
    assert codes(judged(OPENING, LOWERING, buy("ETH/USDT", 1, 3_500), memory=memory)) == ["RC19", "RC19"]


def test_a_reduce_only_order_passes_a_frozen_market() -> None:
    """It cannot open anything, whatever became of the other."""
    memory = a_memory(unresolved=(unresolved(PERP, Side.SELL, "0.01", price=71_000),))
    verdict = judged(CLOSING, SHORTING, memory=memory)
    assert codes(verdict) == ["RC19"]
    assert verdict.denied[0].proposal.number == 2


def test_an_order_on_its_way_is_no_ambiguous_one() -> None:
    """Sent and not yet answered is not unknown."""
    memory = a_memory(unresolved=(unresolved(SPOT, Side.BUY, "0.01", price=70_000, ambiguous=False),))
    assert codes(judged(OPENING, memory=memory)) == []


@pytest.mark.parametrize(("days", "denied"), [(30, []), (29, ["RC29"])])
def test_a_new_listing_is_not_entered(days: int, denied: list[str]) -> None:
    """29 days on the venue are too few."""
    snapshot = ruled(a_book(), SPOT, listed_at=NOON - timedelta(days=days))
    assert codes(judged(OPENING, snapshot=snapshot, min_days_since_listing=d(30))) == denied


def test_a_dated_contract_is_new_every_quarter_and_may_be_entered() -> None:
    """Listed yesterday and 90 days from its expiry: its coin is as old as ever."""
    fresh = a_dated(90, listed_at=NOON - timedelta(days=1))
    snapshot = listed(a_book(), fresh, 70_000)
    assert codes(judged(sell(DATED, "0.1", 69_950), snapshot=snapshot, min_days_since_listing=d(30))) == []


def test_an_unknown_listing_date_is_cautioned() -> None:
    """Few venues date their spot markets: the person is told, and the trade goes on."""
    verdict = judged(OPENING, min_days_since_listing=d(30))
    assert codes(verdict) == []
    assert [str(caution.text) for caution in verdict.cautions] == [
        "BTC/USDT: listing date not known; min_days_since_listing 30 not checked"
    ]


@pytest.mark.parametrize(("days", "denied"), [(3, []), (2, ["RC29"]), (0, ["RC29", "RC29"])])
def test_a_contract_about_to_expire_is_not_opened(days: int, denied: list[str]) -> None:
    """Three days are enough, two are not, and at its expiry it is delivered."""
    snapshot = listed(a_book(), a_dated(days), 70_000)
    assert codes(judged(sell(DATED, "0.1", 69_950), snapshot=snapshot, min_days_to_expiry=d(3))) == denied


def test_a_contract_about_to_expire_may_be_closed_and_rolled() -> None:
    """A short of 1 BTC expiring tomorrow is bought back and sold in the next contract, in one proposal."""
    near = a_dated(1, symbol="BTC/USDT:USDT-260102")
    held = a_short("BTC", 1, entry=70_000, symbol=near.symbol)
    snapshot = listed(listed(a_book(shorts=(held,)), near, 70_000), a_dated(), 70_400)
    close = buy(near.symbol, 1, 70_050, reduce_only=True)
    assert codes(judged(close, snapshot=snapshot)) == []
    assert codes(judged(a_proposal(close, sell(DATED, 1, 70_350)), snapshot=snapshot)) == []
    assert codes(judged(sell(near.symbol, "0.1", 69_950), snapshot=snapshot)) == ["RC29"]


def test_a_delivered_contract_is_not_traded_at_all() -> None:
    """Past its expiry not even a reduction is sent."""
    held = a_short("BTC", 1, entry=70_000, symbol=DATED)
    snapshot = listed(a_book(shorts=(held,)), a_dated(-1), 70_000)
    verdict = judged(buy(DATED, 1, 70_050, reduce_only=True), snapshot=snapshot)
    assert said(verdict) == "RC29 expiry: expired 2025-12-31 12:00, allowed before its expiry"


def test_a_dated_contract_may_stand_above_its_index_but_not_off_its_own_mid() -> None:
    """Its basis of 5 % is what it is bought for; a mark 5 % off its own bid and ask is wrong."""
    snapshot = quoted(listed(a_book(), a_dated(), 73_500), DATED, index=d(70_000))
    assert codes(judged(sell(DATED, "0.1", 73_450), snapshot=snapshot, max_mark_index_gap=d("0.01"))) == []
    off = quoted(snapshot, DATED, mark=d(77_200))
    assert codes(judged(sell(DATED, "0.1", 76_000), snapshot=off, max_mark_index_gap=d("0.01"))) == ["RC08"]


def test_a_dated_short_is_not_cautioned_for_funding() -> None:
    """It pays none; the perpetual's unknown funding is said."""
    snapshot = replace(listed(a_book(), a_dated(), 70_000), funding={})
    cautioned = judged(sell(DATED, "0.1", 69_950), SHORTING, snapshot=snapshot).cautions
    assert [str(caution.text) for caution in cautioned] == [
        f"{PERP}: the funding a short pays or receives is not known"
    ]


def test_a_contract_without_a_mark_is_not_traded() -> None:
    """No reference, no order: not even a reduction; unknown is no."""
    snapshot = quoted(a_book(shorts=()), PERP, mark=None)
    verdict = judged(SHORTING, OPENING, snapshot=snapshot)
    assert said(verdict) == ("DATA BTC/USDT:USDT mark: BTC/USDT:USDT has no mark price, allowed known and finite")
    assert codes(verdict) == ["DATA"]
