"""What of a venue is looked at: the policy's coins, kinds and quote currency, and what is held besides."""

from types import SimpleNamespace
from typing import Any

import pytest

from bot.domain.instrument import Kind, WalletKind
from bot.errors import NumberRefused
from bot.venues.scope import MOST_HELD, Scope, held_spot, is_wanted, market_kind, symbol_of, wallet_of
from tests.builders import a_spot

SCOPE = Scope(coins=("BTC",), quote="USDT", kinds=frozenset(Kind))


def a_market(kind: Kind = Kind.SPOT, **changes: object) -> dict[str, Any]:
    """A market of bitcoin as ccxt describes it."""
    return {
        "symbol": "BTC/USDT",
        "spot": kind is Kind.SPOT,
        "contract": kind is not Kind.SPOT,
        "future": kind.is_dated,
        "linear": kind in (Kind.LINEAR_PERPETUAL, Kind.LINEAR_FUTURE),
        "inverse": kind.is_inverse,
        "base": "BTC",
        "quote": "USD" if kind.is_inverse else "USDT",
        "settle": None if kind is Kind.SPOT else "BTC" if kind.is_inverse else "USDT",
    } | changes


@pytest.mark.parametrize("kind", Kind)
def test_a_market_is_of_the_kind_it_says(kind: Kind) -> None:
    """Spot, and contracts linear or inverse, with or without an end; each is wanted where all are."""
    assert market_kind(a_market(kind)) is kind
    assert is_wanted(a_market(kind), SCOPE)


@pytest.mark.parametrize(
    "changes", [{"contract": False}, {"option": True}, {"linear": False}], ids=["margin", "option", "quanto"]
)
def test_what_poise_does_not_trade_is_of_no_kind(changes: dict[str, object]) -> None:
    """Margin markets, options, contracts settled in a third coin."""
    market = a_market(Kind.LINEAR_PERPETUAL, **changes)
    assert market_kind(market) is None
    assert not is_wanted(market, SCOPE)


@pytest.mark.parametrize(
    ("kind", "wallet"),
    [
        (Kind.SPOT, WalletKind.SPOT),
        (Kind.LINEAR_PERPETUAL, WalletKind.LINEAR),
        (Kind.LINEAR_FUTURE, WalletKind.LINEAR),
        (Kind.INVERSE_PERPETUAL, WalletKind.INVERSE),
        (Kind.INVERSE_FUTURE, WalletKind.INVERSE),
    ],
)
def test_each_kind_has_its_wallet(kind: Kind, wallet: WalletKind) -> None:
    """Coins, money, and coins as margin."""
    assert wallet_of(kind) is wallet


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        (Kind.SPOT, {"base": "ETH"}),
        (Kind.SPOT, {"quote": "USDC"}),
        (Kind.SPOT, {"active": False}),
        (Kind.LINEAR_PERPETUAL, {"settle": "USDC"}),
        (Kind.LINEAR_PERPETUAL, {"quote": "USDC"}),
        (Kind.INVERSE_PERPETUAL, {"settle": "ETH"}),
    ],
)
def test_a_market_of_another_coin_or_money_is_not_looked_at(kind: Kind, changes: dict[str, object]) -> None:
    """Nor one that is closed."""
    assert not is_wanted(a_market(kind, **changes), SCOPE)


def test_a_kind_the_policy_does_not_name_is_not_looked_at() -> None:
    """A policy of spot alone."""
    spot = Scope(coins=("BTC",), quote="USDT", kinds=frozenset({Kind.SPOT}))
    assert is_wanted(a_market(active=None), spot)
    assert not is_wanted(a_market(Kind.LINEAR_PERPETUAL), spot)


def test_one_id_may_mean_two_markets_and_the_wallet_tells_which() -> None:
    """BTCUSDT is spot and a contract; an id that is not listed is none."""
    both = [a_market(), a_market(Kind.LINEAR_PERPETUAL, symbol="BTC/USDT:USDT")]
    listed = SimpleNamespace(markets_by_id={"BTCUSDT": both, "GONE": None})
    assert symbol_of(listed, "BTCUSDT", WalletKind.SPOT) == "BTC/USDT"
    assert symbol_of(listed, "BTCUSDT", WalletKind.LINEAR) == "BTC/USDT:USDT"
    assert symbol_of(listed, "BTCUSDT", WalletKind.INVERSE) == ""
    assert symbol_of(listed, "GONE", WalletKind.SPOT) == ""
    assert symbol_of(listed, "XYZ", WalletKind.SPOT) == ""


def test_coins_that_are_held_are_valued_whether_named_or_not() -> None:
    """Each once, the quote currency not at all, and what is looked at already neither."""
    spot = a_spot()
    assert held_spot(["XRP", "BTC", "USDT", "ADA", "XRP"], SCOPE, {spot.symbol: spot}) == ("ADA/USDT", "XRP/USDT")


def test_more_strange_coins_than_can_be_read_with_care_are_refused() -> None:
    """Forty are valued, forty-one are not."""
    coins = [f"C{number}" for number in range(MOST_HELD + 1)]
    assert len(held_spot(coins[1:], SCOPE, {})) == 40
    with pytest.raises(NumberRefused, match="the account holds 41 coins the policy does not name"):
        held_spot(coins, SCOPE, {})
