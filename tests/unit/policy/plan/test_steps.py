"""Orders from values: the price limit, the largest order, the slices; and the contract a hedge uses."""

from typing import Any

from bot.domain.instrument import Kind
from bot.domain.order import Side
from bot.policy.exposure import measure_exposure
from bot.policy.hedge.markets import perpetual_symbol
from bot.policy.hedge.trades import wanted_hedge_trades
from bot.policy.plan.steps import Market, expected_cost, largest_order, limit_price, slices
from tests.builders import a_policy, a_quote, a_short, a_snapshot, a_spot, d, wide_limits


def a_market(**quote: Any) -> Market:
    """Bitcoin at 50,000 with the widest limits: 100,000 of equity."""
    return Market(
        instrument=a_spot(), quote=a_quote("BTC/USDT", 50_000, **quote), limits=wide_limits(), account_equity=d(100_000)
    )


def test_a_limit_is_the_price_plus_the_slippage_allowed_on_the_safe_side() -> None:
    """5 % of 50,000: at most 52,500 to buy, at least 47,500 to sell."""
    assert limit_price(a_market(), Side.BUY) == 52_500
    assert limit_price(a_market(), Side.SELL) == 47_500


def test_the_largest_order_is_the_smallest_of_all_bounds() -> None:
    """Ten times the equity, unless the depth or the day's volume is thinner; what is unknown bounds nothing here."""
    assert largest_order(a_market(), Side.BUY) == 1_000_000
    assert largest_order(a_market(ask_depth=d(5_000)), Side.BUY) == 50_000
    assert largest_order(a_market(volume_24h=d(7_000)), Side.SELL) == 7_000
    assert largest_order(a_market(ask_depth=None, bid_depth=None, volume_24h=None), Side.SELL) == 1_000_000


def test_the_expected_cost_is_the_fee_and_half_the_spread() -> None:
    """1 BTC at 50,005: 10 bp of fee and 1 bp of half-spread are about 55."""
    assert round(expected_cost(a_market(), d(1), Side.BUY), 1) == d("55.0")


def test_nothing_is_cut_from_nothing() -> None:
    """No depth at all: no order."""
    assert slices(a_market(ask_depth=d(0)), d(1), Side.BUY) == ()


def test_a_perpetual_is_settled_in_the_quote_currency_or_in_its_own_coin() -> None:
    """The two spellings every venue's perpetual has here."""
    assert perpetual_symbol("BTC", "USDT", Kind.LINEAR_PERPETUAL) == "BTC/USDT:USDT"
    assert perpetual_symbol("BTC", "USDT", Kind.INVERSE_PERPETUAL) == "BTC/USD:BTC"


def test_a_hedge_of_nothing_needs_nothing() -> None:
    """No core coins and no short: no trade; a short without coins is bought back whole."""
    policy = a_policy()
    empty = a_snapshot(spot={"USDT": 100_000}, price={"BTC": 50_000, "ETH": 2_500})
    assert wanted_hedge_trades(policy, measure_exposure(empty, policy), empty, {}) == ()
    naked = a_snapshot(
        spot={"USDT": 90_000}, price={"BTC": 50_000, "ETH": 2_500}, futures_usdt=10_000,
        shorts=(a_short("BTC", "0.1", entry=50_000),),
    )  # fmt: skip
    (trade,) = wanted_hedge_trades(policy, measure_exposure(naked, policy), naked, {})
    assert (trade.reduces, trade.coins) == (True, d("-0.1"))
