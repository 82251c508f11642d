"""Bands, books, snapshots and intents keep their own rules."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.instrument import WalletKind
from bot.domain.intent import NEXT, IntentState, client_order_id, may_follow, state_of
from bot.domain.memory import next_performance
from bot.domain.order import Fill, Liquidity, OrderReport, OrderRequest, OrderStatus, OrderType, Side, Sleeve
from bot.domain.plan import Breach
from bot.domain.policy import Band
from bot.domain.snapshot import Balance, Candle, FundingRate, MarginMode, Position, Quote
from bot.errors import NumberRefused, PoiseError
from tests.builders import NOON, a_band, a_policy, a_quote, a_short, d


def test_a_band_goes_back_to_its_inner_level_only_when_left() -> None:
    """60 / 70 / 80 with destination 0.75: 85 goes to 77.5, 55 to 62.5, 75 stays."""
    band = a_band("0.6", "0.7", "0.8")
    assert band.inner(d("0.85"), d("0.75")) == d("0.775")
    assert band.inner(d("0.55"), d("0.75")) == d("0.625")
    assert band.inner(d("0.75"), d("0.75")) == d("0.75")


def test_an_inverted_band_is_refused() -> None:
    """Low above target."""
    with pytest.raises(NumberRefused, match="not in rising order"):
        Band(low=d("0.8"), target=d("0.7"), high=d("0.6"))


def test_a_policy_without_hedge_wants_none() -> None:
    """All zero; with one, an override counts for its asset only."""
    assert a_policy(hedge=None).hedge_ratio("BTC") == a_band(0, 0, 0)
    policy = a_policy()
    assert policy.hedge is not None
    hedged = replace(policy, hedge=replace(policy.hedge, overrides={"ETH": a_band(0, "0.5", 1)}))
    assert hedged.hedge_ratio("ETH").target == d("0.5")
    assert hedged.hedge_ratio("BTC").target == d("0.15")


@pytest.mark.parametrize(
    "build",
    [
        lambda: a_quote("BTC/USDT", 100, bid=d(101), ask=d(100)),
        lambda: a_quote("BTC/USDT", 100, last=d(0)),
        lambda: a_quote("BTC/USDT:USDT", 100, mark=d("NaN")),
        lambda: a_quote("BTC/USDT", 100, volume_24h=d(-1)),
        lambda: Balance(wallet=WalletKind.SPOT, asset="BTC", free=d(-1), locked=d(0)),
        lambda: Balance(wallet=WalletKind.LINEAR, asset="USDT", free=d("Infinity"), locked=d(0)),
        lambda: a_short("BTC", "NaN", entry=70_000),
        lambda: a_short("BTC", 1, entry=0),
        lambda: a_short("BTC", 1, entry=70_000, margin_mode=MarginMode.ISOLATED),
        lambda: a_short("BTC", 1, entry=70_000, isolated_margin=d(5)),
        lambda: FundingRate(symbol="X", rate=d("NaN"), interval_hours=d(8), next_at=NOON),
        lambda: FundingRate(symbol="X", rate=d(0), interval_hours=d(0), next_at=NOON),
        lambda: Candle(symbol="X", opened_at=NOON, seconds=60, open=d(5), high=d(4), low=d(3), close=d(4)),
    ],
)
def test_absurd_observations_are_refused(build: "object") -> None:
    """Crossed books, zero and NaN prices, negative balances, positions without margin, impossible bars."""
    with pytest.raises(NumberRefused):
        build()  # type: ignore[operator]


def test_values_that_make_sense_are_taken() -> None:
    """A loss may make a futures wallet negative; an isolated position has its margin; a bar closes inside."""
    assert Balance(wallet=WalletKind.LINEAR, asset="USDT", free=d(-5), locked=d(2)).total == -3
    isolated = a_short("BTC", 1, entry=1, margin_mode=MarginMode.ISOLATED, isolated_margin=d(1))
    assert isinstance(isolated, Position)
    assert Candle(symbol="X", opened_at=NOON, seconds=60, open=d(4), high=d(5), low=d(3), close=d(4)).close == 4
    quote = a_quote("BTC/USDT:USDT", 100, mark=d(101))
    assert (quote.mid, quote.valuation) == (100, 101)
    assert isinstance(quote, Quote)


def a_fill(trade: str, quantity: str, price: int) -> Fill:
    """One taker buy."""
    return Fill(
        trade_id=trade, client_order_id="h1", symbol="BTC/USDT", side=Side.BUY, quantity=d(quantity), price=d(price),
        fee=d(0), fee_asset="BTC", liquidity=Liquidity.TAKER, at=NOON,
    )  # fmt: skip


def test_the_average_price_is_weighted_by_quantity() -> None:
    """One at 100 and three at 104 average 103; nothing filled has no average."""
    report = OrderReport(
        client_order_id="h1", venue_order_id="1", symbol="BTC/USDT", status=OrderStatus.FILLED, ordered=d(4),
        fills=(a_fill("1", "1", 100), a_fill("2", "3", 104)), at=NOON,
    )  # fmt: skip
    assert (report.filled, report.average_price) == (4, 103)
    assert replace(report, fills=()).average_price is None


def test_an_order_knows_its_sign() -> None:
    """Two sold are −2; the opposite of a sale is a purchase."""
    order = OrderRequest(
        symbol="BTC/USDT", side=Side.SELL, quantity=d(2), price=None, type=OrderType.MARKET, reduce_only=False,
        sleeve=Sleeve.CORE,
    )  # fmt: skip
    assert order.signed_quantity == -2
    assert Side.SELL.opposite is Side.BUY
    assert Side.BUY.opposite is Side.SELL


@given(st.text(max_size=30), st.text(max_size=30), st.integers(1, 999), st.integers(1, 9))
def test_a_client_order_id_fits_every_venue(account: str, plan: str, leg: int, attempt: int) -> None:
    """Lower-case letters and digits, at most 28, the first not t; the same inputs give the same id."""
    identity = client_order_id(account, plan, leg, attempt)
    assert len(identity) == 25
    assert identity[0] == "h"
    assert identity.isalnum()
    assert identity == identity.lower()
    assert identity == client_order_id(account, plan, leg, attempt)
    assert identity != client_order_id(account, plan, leg + 1, attempt)


def test_the_intent_graph_absorbs_and_never_goes_back() -> None:
    """I17: nothing leaves a final state but a late fill of an absent one; every venue word has a state."""
    for state in (IntentState.FILLED, IntentState.CANCELLED, IntentState.EXPIRED, IntentState.REJECTED):
        assert state.is_final
        assert not NEXT[state]
        assert may_follow(state, state)
    assert IntentState.ABSENT.is_final
    assert may_follow(IntentState.ABSENT, IntentState.FILLED)
    assert not may_follow(IntentState.FILLED, IntentState.OPEN)
    assert not may_follow(IntentState.JOURNALED, IntentState.FILLED)
    assert not IntentState.SENDING.is_final
    assert {state_of(status) for status in OrderStatus} <= set(IntentState)
    assert OrderStatus.FILLED.is_final
    assert not OrderStatus.OPEN.is_final


def test_a_deposit_is_not_profit() -> None:
    """I21: 1,000 grows to 1,100 and 500 come in: the unit is 1.1 either way."""
    first = next_performance(None, equity=d(1000), flows=d(0), at=NOON)
    plain = next_performance(first, equity=d(1100), flows=d(0), at=NOON)
    funded = next_performance(first, equity=d(1600), flows=d(500), at=NOON)
    assert plain.unit == funded.unit == d("1.1")
    fallen = next_performance(plain, equity=d(990), flows=d(0), at=NOON + timedelta(days=1))
    assert fallen.drawdown == Decimal("0.1")
    assert fallen.day_loss == Decimal("0.1")
    assert (fallen.peak_unit, fallen.day_open_unit) == (d("1.1"), d("1.1"))


def test_errors_and_breaches_read_as_sentences() -> None:
    """What happened and with which value; the mend beside it."""
    error = PoiseError("the disk is full", mend="free some space")
    assert (str(error), error.mend) == ("the disk is full", "free some space")
    assert str(Breach(code="RC10", limit="leverage", allowed="1", actual="2")) == "RC10 leverage: 2, allowed 1"
