"""Orders at the emulated Bybit through the real client: taken, found, filled, cancelled."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import ccxt.async_support as ccxt
import pytest

from tests.emulator.bybit.client import IN_INVERSE, INVERSE, LINEAR, SPOT, client, high, low
from tests.emulator.bybit.memory import memory_of
from tests.emulator.server import EmulatedServer, emulated


@pytest.fixture
async def server() -> AsyncIterator[EmulatedServer]:
    """A funded unified account; every path that is asked must be one the emulator knows."""
    async with emulated("bybit", books="funded") as running:
        yield running
        assert running.unknown == []


@pytest.fixture
async def bybit(server: EmulatedServer) -> AsyncIterator[Any]:
    """A client with its markets loaded."""
    async with client(server) as one:
        await one.load_markets()
        yield one


async def test_an_order_is_only_acknowledged(bybit: Any) -> None:
    """The answer to an order has two ids; that it filled is learned by asking."""
    made = await bybit.create_order(SPOT, "market", "buy", "0.01", None, {"clientOrderId": "buy-1"})
    assert (made["clientOrderId"], made["status"], made["filled"]) == ("buy-1", None, None)
    found = await bybit.fetch_open_orders(SPOT, params={"orderLinkId": "buy-1"})
    assert [(one["status"], Decimal(one["filled"])) for one in found] == [("closed", Decimal("0.01"))]


async def test_a_spot_buy_pays_its_fee_in_the_coin_and_a_sale_in_the_quote_currency(bybit: Any) -> None:
    """0.1 % of what comes in, in what comes in."""
    for side, coin in (("buy", "BTC"), ("sell", "USDT")):
        made = await bybit.create_order(SPOT, "market", side, "0.01")
        (trade,) = await bybit.fetch_my_trades(SPOT, None, None, {"orderId": made["id"]})
        assert (trade["fee"]["currency"], trade["takerOrMaker"]) == (coin, "taker")
        paid = Decimal(trade["amount"]) if side == "buy" else Decimal(trade["cost"])
        assert Decimal(trade["fee"]["cost"]) == paid * Decimal("0.001")


async def test_a_price_makes_a_market_order_one_of_quote_currency(bybit: Any, server: EmulatedServer) -> None:
    """VENUES 0.1: amount × price is spent, on a sale too."""
    price = server.core.quotes()[SPOT].ask
    for side in ("buy", "sell"):
        made = await bybit.create_order(SPOT, "market", side, "0.01", str(price * 2))
        (told,) = await bybit.fetch_open_orders(SPOT, params={"orderId": made["id"]})
        assert abs(Decimal(told["filled"]) - Decimal("0.02")) < Decimal("0.001")


async def test_contracts_open_reduce_and_close(bybit: Any) -> None:
    """A short opens, closes, and cannot be reduced once it is gone; ccxt is told neither mode nor liquidation."""
    for symbol, size, params in ((LINEAR, "0.02", {}), (INVERSE, "300", IN_INVERSE)):
        await bybit.create_order(symbol, "market", "sell", size)
        (held,) = await bybit.fetch_positions(None, params)
        assert (held["symbol"], held["side"], Decimal(held["contracts"])) == (symbol, "short", Decimal(size))
        assert (held["hedged"], held["marginMode"], held["liquidationPrice"]) == (False, None, None)
        await bybit.create_order(symbol, "market", "buy", size, None, {"reduceOnly": True})
        assert await bybit.fetch_positions(None, params) == []
        with pytest.raises(ccxt.InvalidOrder, match="110017"):
            await bybit.create_order(symbol, "market", "buy", size, None, {"reduceOnly": True})
        assert len(await bybit.fetch_my_trades(symbol)) == 2


async def test_an_immediate_or_cancel_order_never_rests(bybit: Any, server: EmulatedServer) -> None:
    """Off the book it is cancelled, with the venue's own reason."""
    for symbol, size in ((SPOT, "0.01"), (LINEAR, "0.01"), (INVERSE, "100")):
        made = await bybit.create_order(symbol, "limit", "buy", size, low(server, symbol), {"timeInForce": "IOC"})
        (told,) = await bybit.fetch_open_orders(symbol, params={"orderId": made["id"]})
        assert (told["status"], Decimal(told["filled"])) == ("canceled", 0)
        assert told["info"]["rejectReason"] == "EC_NoImmediateQtyToFill"


async def test_a_post_only_order_that_would_take_is_accepted_and_then_cancelled(
    bybit: Any, server: EmulatedServer
) -> None:
    """Bybit says yes first; only the history tells that it fell."""
    for symbol, size in ((SPOT, "0.01"), (LINEAR, "0.01")):
        own = {"postOnly": True, "clientOrderId": f"cross-{len(symbol)}"}
        await bybit.create_order(symbol, "limit", "buy", size, high(server, symbol), own)
        (told,) = await bybit.fetch_canceled_and_closed_orders(symbol, params={"orderLinkId": own["clientOrderId"]})
        assert (told["status"], told["info"]["rejectReason"]) == ("canceled", "EC_PostOnlyWillTakeLiquidity")


async def test_a_resting_order_is_found_and_cancelled_by_its_own_id(bybit: Any, server: EmulatedServer) -> None:
    """Listed, found by the venue's id, cancelled by ours, gone from the list, kept in the history."""
    # Without a settlement coin ccxt asks for the inverse orders settled in USDT, and there are none.
    coin = {**IN_INVERSE, "settleCoin": "BTC"}
    for symbol, size, params in ((SPOT, "0.01", {"type": "spot"}), (LINEAR, "0.01", {}), (INVERSE, "200", coin)):
        own = {"orderLinkId": f"rest-{len(symbol)}"}
        made = await bybit.create_order(
            symbol, "limit", "buy", size, low(server, symbol), {"postOnly": True, "clientOrderId": own["orderLinkId"]}
        )
        assert [one["id"] for one in await bybit.fetch_open_orders(None, None, None, params)] == [made["id"]]
        told = await bybit.fetch_order(made["id"], symbol, {"acknowledged": True})
        assert (told["status"], told["clientOrderId"]) == ("open", own["orderLinkId"])
        await bybit.cancel_order(None, symbol, own)
        assert await bybit.fetch_open_orders(None, None, None, params) == []
        (told,) = await bybit.fetch_canceled_and_closed_orders(symbol, params=own)
        assert told["status"] == "canceled"
        with pytest.raises(ccxt.OrderNotFound):
            await bybit.cancel_order(None, symbol, own)


async def test_the_word_none_is_no_order(bybit: Any) -> None:
    """The client sends orderId=None, and the venue looks at that before our id."""
    await bybit.create_order(LINEAR, "market", "sell", "0.01", None, {"clientOrderId": "mine"})
    with pytest.raises(ccxt.OrderNotFound):
        await bybit.fetch_order(None, LINEAR, {"acknowledged": True, "clientOrderId": "mine"})


async def test_a_stop_waits_beside_the_others_and_is_cancelled_like_them(bybit: Any, server: EmulatedServer) -> None:
    """One list has stops and limits; the trigger must lie on the far side of the mark."""
    await bybit.create_order(LINEAR, "market", "sell", "0.02")
    asked = {
        "triggerPrice": high(server, LINEAR),
        "triggerDirection": "ascending",
        "triggerBy": "MarkPrice",
        "reduceOnly": True,
        "clientOrderId": "stop-1",
    }
    made = await bybit.create_order(LINEAR, "market", "buy", "0.02", None, asked)
    for params in ({}, {"trigger": True}):
        (told,) = await bybit.fetch_open_orders(LINEAR, params=params)
        assert (told["id"], told["clientOrderId"], told["info"]["orderStatus"]) == (made["id"], "stop-1", "Untriggered")
        assert Decimal(told["triggerPrice"]) == Decimal(str(asked["triggerPrice"]))
    await bybit.cancel_order(None, LINEAR, {"orderLinkId": "stop-1"})
    (told,) = await bybit.fetch_canceled_and_closed_orders(LINEAR, params={"orderLinkId": "stop-1"})
    assert (told["status"], told["info"]["orderStatus"]) == ("canceled", "Deactivated")
    wrong = {**asked, "triggerPrice": low(server, LINEAR), "clientOrderId": "stop-2"}
    with pytest.raises(ccxt.InvalidOrder, match="110092"):
        await bybit.create_order(LINEAR, "market", "buy", "0.02", None, wrong)


async def test_the_history_of_orders_comes_later_than_the_list_by_id(bybit: Any, server: EmulatedServer) -> None:
    """For a minute a filled order is in neither list without its id."""
    server.core.visible_after_ms = 60_000
    own = {"orderLinkId": "late"}
    await bybit.create_order(LINEAR, "market", "sell", "0.01", None, {"clientOrderId": "late"})
    assert await bybit.fetch_canceled_and_closed_orders(LINEAR, params=own) == []
    assert [one["status"] for one in await bybit.fetch_open_orders(LINEAR, params=own)] == ["closed"]
    assert await bybit.fetch_open_orders(LINEAR) == []


async def test_after_a_restart_of_the_venue_only_the_history_knows_closed_orders(
    bybit: Any, server: EmulatedServer
) -> None:
    """The list by id forgets what closed before; the history does not."""
    own = {"orderLinkId": "before"}
    await bybit.create_order(LINEAR, "market", "sell", "0.01", None, {"clientOrderId": "before"})
    memory_of(server.core).restarted_ms = server.core.now_ms() + 1
    assert await bybit.fetch_open_orders(LINEAR, params=own) == []
    assert [one["status"] for one in await bybit.fetch_canceled_and_closed_orders(LINEAR, params=own)] == ["closed"]


async def test_an_order_that_fills_in_part_keeps_what_it_got(bybit: Any, server: EmulatedServer) -> None:
    """Cut short by a thin book: spot has a word of its own for it, contracts say Cancelled."""
    for symbol, word in ((SPOT, "PartiallyFilledCanceled"), (LINEAR, "Cancelled")):
        server.core.thin(symbol, Decimal("0.004"))
        made = await bybit.create_order(symbol, "limit", "buy", "0.01", high(server, symbol), {"timeInForce": "IOC"})
        (told,) = await bybit.fetch_open_orders(symbol, params={"orderId": made["id"]})
        assert (told["info"]["orderStatus"], Decimal(told["filled"])) == (word, Decimal("0.004"))
        (trade,) = await bybit.fetch_my_trades(symbol, None, None, {"orderId": made["id"]})
        assert Decimal(trade["amount"]) == Decimal("0.004")
