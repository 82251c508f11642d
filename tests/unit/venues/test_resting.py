"""An order that rests is known by our id, by what remains of it, and by its trigger where it is a stop."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.instrument import WalletKind
from bot.domain.order import OpenOrder, OrderType, Side
from bot.errors import NumberRefused, SnapshotUnavailable
from bot.venues.resting import read_resting, resting_order
from bot.venues.row import Product
from bot.venues.rows import row_of
from tests.builders import d
from tests.unit.venues.desk import connected, reader

PERP = "BTC/USDT:USDT"
PRODUCT = row_of("bybit").products[WalletKind.LINEAR]


def a_row(**changes: object) -> dict[str, Any]:
    """A buy of five at 70,000, of which two are filled."""
    return {
        "id": "991",
        "clientOrderId": "Poise1",
        "symbol": PERP,
        "side": "buy",
        "amount": "5",
        "filled": "2",
        "price": "70000",
        "reduceOnly": False,
        "info": {},
    } | changes


def read(**changes: object) -> OpenOrder | None:
    """What a row says."""
    return resting_order(a_row(**changes), PRODUCT)


ORDER = OpenOrder(
    client_order_id="Poise1",
    symbol=PERP,
    side=Side.BUY,
    remaining=d(3),
    price=d(70_000),
    reduce_only=False,
    type=OrderType.POST_ONLY,
)


def test_what_remains_is_what_is_not_filled() -> None:
    """Of five two are filled: three remain."""
    assert read() == ORDER
    assert read(filled="") == replace(ORDER, remaining=d(5))


@pytest.mark.parametrize("filled", ["5", "6"])
def test_an_order_of_which_nothing_remains_does_not_rest(filled: str) -> None:
    """A list may be a moment behind."""
    assert read(filled=filled, price=None) is None


def test_an_id_is_ours_or_else_the_venues_own() -> None:
    """In small letters where the venue keeps it so; without any it is no order."""
    found = resting_order(a_row(), PRODUCT, lower_case=True)
    assert found == replace(ORDER, client_order_id="poise1")
    assert read(clientOrderId=None) == replace(ORDER, client_order_id="991")
    with pytest.raises(NumberRefused, match="an order without an id"):
        read(clientOrderId=None, id=None)


@pytest.mark.parametrize("name", ["triggerPrice", "stopPrice", "stopLossPrice"])
def test_a_stop_has_its_trigger_for_a_price_and_reduces_where_it_says_so(name: str) -> None:
    """It has no price of its own; a person's stop that opens something is in flight like any order."""
    wanted = replace(ORDER, price=d(65_000), reduce_only=True, type=OrderType.STOP)
    assert read(**{name: "65000"}, price=None, reduceOnly=True) == wanted
    assert read(**{name: "65000"}, price=None, info={"closePosition": "true"}) == wanted
    assert read(**{name: "65000"}, price=None) == replace(wanted, reduce_only=False)


def test_a_trigger_of_zero_is_none() -> None:
    """Venues write zero where there is none."""
    assert read(triggerPrice="0", stopPrice="", stopLossPrice=None) == ORDER


@pytest.mark.parametrize(("name", "said"), [("amount", "amount is missing"), ("price", "price is missing")])
def test_a_number_that_is_missing_is_refused(name: str, said: str) -> None:
    """And never zero."""
    with pytest.raises(NumberRefused, match=said):
        resting_order(a_row() | {name: None}, PRODUCT)


@pytest.mark.parametrize("side", ["", None, "both", "BUY"])
def test_a_side_nobody_knows_is_refused(side: str | None) -> None:
    """Neither buy nor sell."""
    with pytest.raises(NumberRefused, match="its side is"):
        read(side=side)


def test_the_venues_own_words_say_what_ccxt_drops() -> None:
    """At MEXC side 4 sells and only closes, side 3 sells and opens; our id is externalOid; side 9 is nobody's."""
    product = row_of("mexc").products[WalletKind.LINEAR]
    sides = {number: product.side_words.get(str(number)) for number in (1, 2, 3, 4)}
    assert sides == {1: Side.BUY, 2: Side.BUY, 3: Side.SELL, 4: Side.SELL}
    row = a_row(clientOrderId=None, side=None)
    found = resting_order(row | {"info": {"side": 4, "externalOid": "Poise2"}}, product)
    assert found == replace(ORDER, client_order_id="Poise2", side=Side.SELL, reduce_only=True)
    opened = resting_order(row | {"info": {"side": 3, "externalOid": "Poise2"}}, product)
    assert opened == replace(ORDER, client_order_id="Poise2", side=Side.SELL)
    for info in ({"side": 9}, {}):
        with pytest.raises(NumberRefused, match="its side is"):
            resting_order(row | {"info": info}, product)


class Told:
    """A client that tells these rows, whatever is asked."""

    def __init__(self, *rows: dict[str, Any]) -> None:
        self.rows = list(rows)
        self.asked: list[object] = []

    async def fetch_open_orders(self, symbol: object, since: None, limit: None, params: object) -> Any:
        """All rows."""
        self.asked.append(symbol)
        return self.rows


async def resting(client: Told, **changes: Any) -> tuple[OpenOrder, ...]:
    """Every order of the linear wallet, of a product with those changes."""
    connection = connected(client)
    product: Product = replace(PRODUCT, **changes)
    row = replace(connection.row, products={WalletKind.LINEAR: product})
    return await read_resting(replace(connection, row=row), WalletKind.LINEAR, ("b", "a"), reader(connection))


async def test_an_order_in_two_lists_is_one_order() -> None:
    """Plain ones and stops are asked for apart, and each list tells it."""
    client = Told(a_row(), a_row(filled="5"))
    assert await resting(client, resting=({}, {"trigger": True})) == (ORDER,)
    assert client.asked == [None, None]


async def test_two_orders_without_our_id_are_two() -> None:
    """Each by the venue's own number, in order."""
    found = await resting(Told(a_row(id="7", clientOrderId=""), a_row(id="5", clientOrderId="")), resting=({},))
    assert [one.client_order_id for one in found] == ["5", "7"]


async def test_a_venue_that_lists_them_by_symbol_is_asked_for_each() -> None:
    """In order."""
    client = Told()
    assert await resting(client, resting=({},), resting_each=True) == ()
    assert client.asked == ["a", "b"]


async def test_a_list_as_long_as_the_venue_tells_may_not_be_all() -> None:
    """Two of at most two: there may be a third."""
    rows = (a_row(), a_row(id="992"))
    assert len(await resting(Told(*rows), resting=({},), resting_most=3)) == 2
    with pytest.raises(SnapshotUnavailable, match="the venue tells no more than 2 at once"):
        await resting(Told(*rows), resting=({},), resting_most=2)


async def test_an_order_that_cannot_be_read_names_its_symbol() -> None:
    """An amount is missing."""
    with pytest.raises(SnapshotUnavailable, match=f"linear open orders: {PERP}: amount is missing"):
        await resting(Told(a_row(amount=None)))
