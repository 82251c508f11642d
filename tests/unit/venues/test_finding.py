"""What the venue says of an order, and what a trade cost: unknown is no."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.instrument import WalletKind
from bot.domain.order import Fill, Liquidity, OrderStatus, Side
from bot.errors import NumberRefused
from bot.venues.connect import Connection
from bot.venues.finding import fill_of, status_of
from bot.venues.rows import row_of
from bot.venues.told import told_filled
from bot.venues.trades import fee_of
from bot.venues.translate import in_milliseconds
from tests.builders import NOON, Number, a_perpetual, d
from tests.unit.venues.desk import connected

BYBIT = row_of("bybit").products[WalletKind.LINEAR]
PERP = "BTC/USDT:USDT"


def status(word: str | None, filled: Number = 0, amount: Number = 5, **changes: Any) -> OrderStatus:
    """What a row with that word is, of an order of five."""
    return status_of({"status": word}, replace(BYBIT, status={}, **changes), d(filled), d(amount))


@pytest.mark.parametrize("word", ["open", "closed", "canceled", None, "nonsense"])
def test_an_order_filled_to_the_last_is_filled_whatever_word_is_told(word: str | None) -> None:
    """Of five, five."""
    assert status(word, filled=5) is OrderStatus.FILLED


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("open", OrderStatus.OPEN),
        ("NEW", OrderStatus.OPEN),
        ("canceling", OrderStatus.OPEN),
        ("partially_filled", OrderStatus.OPEN),
        ("untriggered", OrderStatus.OPEN),
        ("closed", OrderStatus.CANCELLED),
        ("canceled", OrderStatus.CANCELLED),
        ("expired", OrderStatus.EXPIRED),
        ("expired_in_match", OrderStatus.EXPIRED),
        ("rejected", OrderStatus.REJECTED),
    ],
)
def test_an_order_not_filled_is_what_its_word_says(word: str, found: OrderStatus) -> None:
    """Closed with two of five filled is cancelled: nothing more comes of it."""
    assert status(word) is found
    assert status(word, filled=2) is found


@pytest.mark.parametrize("word", [None, "", "nonsense"])
def test_a_word_nobody_knows_is_refused(word: str | None) -> None:
    """Neither open nor over."""
    with pytest.raises(NumberRefused, match="which Poise does not know"):
        status(word)


def test_an_order_of_nothing_is_not_filled() -> None:
    """Some venues tell an amount of zero for a market order that was refused."""
    assert status("rejected", amount=0) is OrderStatus.REJECTED


def test_a_row_says_what_the_venues_own_words_mean() -> None:
    """At BingX "failed" ends an order that was taken: no rejection, which only an answer to the order itself is."""
    product = row_of("bingx").products[WalletKind.LINEAR]
    assert status_of({"status": "FAILED"}, product, d(0), d(5)) is OrderStatus.CANCELLED


@pytest.mark.parametrize(
    ("venue", "told", "raw", "found"),
    [
        ("weex", "closed", {"status": "partial_fill"}, OrderStatus.OPEN),
        ("weex", "closed", {"status": "PARTIAL_FILL"}, OrderStatus.OPEN),
        ("weex", "canceled", {"status": "CANCELED"}, OrderStatus.CANCELLED),
        ("bingx", "rejected", {"status": "FAILED"}, OrderStatus.CANCELLED),
        ("mexc", "5", {"state": 5}, OrderStatus.REJECTED),
        ("mexc", "open", {"state": "2"}, OrderStatus.OPEN),
        ("okx", "open", {"state": "live"}, OrderStatus.OPEN),
        ("bybit", "closed", {"orderStatus": "PartiallyFilledCanceled"}, OrderStatus.CANCELLED),
    ],
)
def test_the_venues_own_word_comes_before_what_ccxt_made_of_it(
    venue: str, told: str, raw: dict[str, object], found: OrderStatus
) -> None:
    """An order seen at 0.3 of 1: WEEX's partial_fill is closed to ccxt."""
    product = row_of(venue).products[WalletKind.LINEAR]
    assert status_of({"status": told, "info": raw}, product, d("0.3"), d(1)) is found


def test_a_part_fill_in_spot_at_weex_is_open() -> None:
    """Both hosts may say the word."""
    product = row_of("weex").products[WalletKind.SPOT]
    row = {"status": "closed", "info": {"status": "partial_fill"}}
    assert status_of(row, product, d("0.3"), d(1)) is OrderStatus.OPEN


@pytest.mark.parametrize("told", [None, ""])
def test_what_is_filled_must_be_told(told: str | None) -> None:
    """By the venue itself, where ccxt says nothing for it; and zero is told."""
    product = row_of("binance").products[WalletKind.LINEAR]
    with pytest.raises(NumberRefused, match="filled is missing"):
        told_filled({"filled": "0", "info": {"executedQty": told}}, product)
    assert told_filled({"filled": "0", "info": {"executedQty": "0"}}, product) == 0
    plain_product = replace(product, told_filled="", stop_became="")
    with pytest.raises(NumberRefused, match="filled is missing"):
        told_filled({"filled": told, "info": {}}, plain_product)
    assert told_filled({"filled": "2", "info": {}}, plain_product) == 2


@pytest.mark.parametrize("became", ["", None])
def test_of_a_stop_that_waits_nothing_is_filled(became: str | None) -> None:
    """Its own row at Binance has no such number; what it becomes has one."""
    product = row_of("binance").products[WalletKind.LINEAR]
    assert told_filled({"filled": "0", "info": {"actualOrderId": became}}, product) == 0
    with pytest.raises(NumberRefused, match="filled is missing"):
        told_filled({"filled": "0", "info": {"actualOrderId": "77"}}, product)


def a_trade(**changes: object) -> dict[str, Any]:
    """A sale of two at 70,000 that cost 7 tether, at noon."""
    return {
        "id": 31,
        "side": "sell",
        "amount": "2",
        "price": "70000",
        "fee": {"cost": "7", "currency": "USDT"},
        "takerOrMaker": "maker",
        "timestamp": in_milliseconds(NOON),
        "info": {"commission": "-7"},
    } | changes


def plain() -> Connection:
    """A venue whose trades ccxt reads right."""
    connection = connected(None)
    product = replace(BYBIT, paid="", side_words={})
    return replace(connection, row=replace(connection.row, products={WalletKind.LINEAR: product}))


FILL = Fill(
    trade_id="31",
    client_order_id="a1",
    symbol=PERP,
    side=Side.SELL,
    quantity=d(2),
    price=d(70_000),
    fee=d(7),
    fee_asset="USDT",
    liquidity=Liquidity.MAKER,
    at=NOON,
)


def test_a_trade_is_a_fill_of_our_order() -> None:
    """With its fee, its coin, and whether it made or took."""
    assert fill_of(a_trade(), a_perpetual(), "a1", plain()) == FILL


@pytest.mark.parametrize("role", ["taker", None, ""])
def test_a_trade_that_does_not_say_it_made_is_one_that_took(role: str | None) -> None:
    """The dearer of the two."""
    found = fill_of(a_trade(takerOrMaker=role), a_perpetual(), "a1", plain())
    assert found.liquidity is Liquidity.TAKER


def test_play_money_is_called_what_it_stands_for() -> None:
    """VST of BingX's demo is tether."""
    connection = plain()
    connection = replace(connection, access=replace(connection.access, asset_names={"VST": "USDT"}))
    trade = a_trade(fee={"cost": "7", "currency": "VST"})
    assert fill_of(trade, a_perpetual(), "a1", connection) == FILL


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"fee": None}, "trade 31 tells no coin of its fee"),
        ({"fee": {"cost": "7"}}, "trade 31 tells no coin of its fee"),
        ({"fee": {"currency": "USDT"}}, "fee is missing"),
        ({"amount": None}, "amount of a trade is missing"),
        ({"price": ""}, "price of a trade is missing"),
        ({"timestamp": None}, "time of a trade is missing"),
        ({"side": "both"}, "its side is"),
    ],
)
def test_a_trade_with_something_missing_is_refused(changes: dict[str, object], said: str) -> None:
    """A fee that is not told is not zero."""
    with pytest.raises(NumberRefused, match=said):
        fill_of(a_trade(**changes), a_perpetual(), "a1", plain())


def test_a_fee_may_be_in_a_list_and_a_rebate_is_negative() -> None:
    """The raw term keeps the sign that ccxt drops: −commission of −7 is 7 paid, of 3 is 3 received."""
    listed = a_trade(fee=None, fees=[{"cost": "7", "currency": "USDT"}])
    assert fee_of(listed, "") == (7, "USDT")
    assert fee_of(a_trade(), "-commission") == (7, "USDT")
    assert fee_of(a_trade(info={"commission": "3"}), "-commission") == (-3, "USDT")


def test_a_trade_at_noon_is_at_noon() -> None:
    """To the millisecond."""
    found = fill_of(a_trade(timestamp=in_milliseconds(NOON) + 1), a_perpetual(), "a1", plain())
    assert found.at == NOON + timedelta(milliseconds=1)
