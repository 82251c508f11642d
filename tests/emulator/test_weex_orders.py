"""WEEX's orders through the real client: acknowledged only, in legs, refused with HTTP 200, and never by one code."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import ccxt.async_support as ccxt
import pytest

from bot.domain.numbers import ZERO
from tests.emulator.server import EmulatedServer, emulated
from tests.emulator.weex.client import LINEAR, SPOT, SWAP, client, high, low

IOC = {"timeInForce": "IOC"}
REST = {"timeInForce": "POST_ONLY"}


@pytest.fixture
async def server() -> AsyncIterator[EmulatedServer]:
    """A funded account with 20,000 USDT of margin; every path that is asked must be one the emulator knows."""
    async with emulated("weex", books="funded") as running:
        yield running
        assert running.unknown == []


@pytest.fixture
async def weex(server: EmulatedServer) -> AsyncIterator[Any]:
    """A client with its markets loaded."""
    async with client(server) as one:
        await one.load_markets()
        yield one


async def short(weex: Any, coins: str = "0.05", **params: object) -> Any:
    """Sell a contract at the market."""
    return await weex.create_order(LINEAR, "market", "sell", coins, None, params)


# ── spot ──


async def test_an_order_is_acknowledged_and_no_more(weex: Any) -> None:
    """Id, our id and a time: no status, nothing filled (VENUES 4.3); looked up by our id it is whole."""
    made = await weex.create_order(SPOT, "market", "buy", "0.01", None, {"clientOrderId": "a1"})
    assert (made["clientOrderId"], made["status"], made["filled"]) == ("a1", None, None)
    found = await weex.fetch_order(None, SPOT, {"clientOrderId": "a1"})
    assert (found["id"], found["status"], Decimal(found["filled"])) == (made["id"], "closed", Decimal("0.01"))
    assert (await weex.fetch_order(made["id"], SPOT))["clientOrderId"] == "a1"


async def test_a_spot_fee_is_of_what_came_in(weex: Any, server: EmulatedServer) -> None:
    """The answer names no coin: ccxt says base for a buy and quote for a sale, and the books agree."""
    await weex.create_order(SPOT, "market", "buy", "0.01")
    await weex.create_order(SPOT, "market", "sell", "0.01")
    bought, sold = await weex.fetch_my_trades(SPOT)
    assert (bought["fee"]["currency"], Decimal(bought["fee"]["cost"])) == ("BTC", Decimal("0.00001"))
    assert sold["fee"]["currency"] == "USDT"
    assert [fill.fee_asset for fill in server.core.fills(SPOT)] == ["BTC", "USDT"]
    assert "commissionAsset" not in bought["info"]


async def test_a_price_changes_nothing_of_a_market_order(weex: Any, server: EmulatedServer) -> None:
    """Of the five venues the only one where ccxt drops it (VENUES 0.1)."""
    await weex.create_order(SPOT, "market", "buy", "0.01", "50000")
    (ask,) = [ask for ask in server.asks if ask.method == "POST"]
    assert "price" not in ask.json
    assert ask.json["quantity"] == "0.01"


async def test_a_limit_order_rests_and_is_cancelled_by_our_id(weex: Any, server: EmulatedServer) -> None:
    """Open in its list; a cancel of what is not there is -2200, which ccxt knows."""
    await weex.create_order(SPOT, "limit", "buy", "0.01", low(server, SPOT), {"clientOrderId": "a1"})
    (resting,) = await weex.fetch_open_orders(SPOT)
    assert (resting["clientOrderId"], resting["status"], resting["timeInForce"]) == ("a1", "open", "GTC")
    assert len(await weex.fetch_open_orders(None, None, None, {"type": "spot"})) == 1
    assert (await weex.cancel_order(None, SPOT, {"clientOrderId": "a1"}))["status"] == "canceled"
    with pytest.raises(ccxt.OrderNotFound, match="-2200"):
        await weex.cancel_order(None, SPOT, {"clientOrderId": "a1"})
    with pytest.raises(ccxt.OrderNotFound, match="-2200"):
        await weex.fetch_order(None, SPOT, {"clientOrderId": "b1"})


async def test_immediate_or_cancel_takes_what_is_there(weex: Any, server: EmulatedServer) -> None:
    """Half fills where the book is thin, the rest is cancelled: CANCELED with fills, which is no failure."""
    server.core.thin(SPOT, Decimal("0.005"))
    made = await weex.create_order(SPOT, "limit", "buy", "0.01", high(server, SPOT), IOC)
    found = await weex.fetch_order(made["id"], SPOT)
    assert (found["status"], Decimal(found["filled"])) == ("canceled", Decimal("0.005"))


async def test_spot_has_no_post_only_orders(weex: Any, server: EmulatedServer) -> None:
    """POST_ONLY is a word of contracts; ccxt's postOnly goes out as it is and means nothing."""
    with pytest.raises(ccxt.InvalidOrder, match="-1115"):
        await weex.create_order(SPOT, "limit", "buy", "0.01", low(server, SPOT), REST)


async def test_every_resting_order_of_a_market_is_cancelled_at_once(weex: Any, server: EmulatedServer) -> None:
    """Two of them, then one of two by a list of ids."""
    for symbol in (SPOT, LINEAR):
        await weex.create_order(symbol, "limit", "buy", "0.01", low(server, symbol))
        await weex.create_order(symbol, "limit", "buy", "0.02", low(server, symbol))
        assert len(await weex.cancel_all_orders(symbol)) == 2
        made = await weex.create_order(symbol, "limit", "buy", "0.01", low(server, symbol))
        assert [one["id"] for one in await weex.cancel_orders([made["id"]], symbol)] == [made["id"]]
        assert await weex.fetch_open_orders(symbol) == []
    with pytest.raises(ccxt.OrderNotFound, match="FAILED_ORDER_NOT_FOUND"):
        await weex.cancel_orders(["702345678900000001"], SPOT)


async def test_what_has_just_ended_shows_late(weex: Any, server: EmulatedServer) -> None:
    """The list of the past lacks an order for two seconds; asked for by itself it is there at once."""
    server.core.visible_after_ms = 2_000
    made = await weex.create_order(SPOT, "market", "buy", "0.01")
    assert await weex.fetch_closed_orders(SPOT) == []
    assert (await weex.fetch_order(made["id"], SPOT))["status"] == "closed"


# ── contracts: legs ──


async def test_a_sale_opens_the_short_leg_and_a_reduce_only_buy_closes_it(weex: Any, server: EmulatedServer) -> None:
    """0.05 sold, 0.02 bought back for SHORT: 0.03 stay, and the fee is money."""
    await short(weex)
    await weex.create_order(LINEAR, "market", "buy", "0.02", None, {"reduceOnly": True})
    (told,) = await weex.fetch_positions([LINEAR])
    assert (told["side"], Decimal(told["contracts"])) == ("short", Decimal("0.03"))
    sent = [ask.json for ask in server.asks if ask.method == "POST"]
    assert [(one["side"], one["positionSide"]) for one in sent] == [("SELL", "SHORT"), ("BUY", "SHORT")]
    trades = await weex.fetch_my_trades(LINEAR)
    assert [(one["side"], one["info"]["positionSide"]) for one in trades] == [("sell", "SHORT"), ("buy", "SHORT")]
    assert {one["fee"]["currency"] for one in trades} == {"USDT"}


async def test_a_plain_buy_opens_a_long_leg_beside_the_short(weex: Any, server: EmulatedServer) -> None:
    """The trap: two legs of 0.05 and 0.02 stand side by side, and each is closed by itself."""
    await short(weex)
    await weex.create_order(LINEAR, "market", "buy", "0.02")
    sizes = {one["side"]: Decimal(one["contracts"]) for one in await weex.fetch_positions([LINEAR])}
    assert sizes == {"short": Decimal("0.05"), "long": Decimal("0.02")}
    assert server.core.positions()[LINEAR].quantity == Decimal("-0.03")
    await weex.create_order(LINEAR, "market", "sell", "0.02", None, {"reduceOnly": True})
    (told,) = await weex.fetch_positions([LINEAR])
    assert (told["side"], Decimal(told["contracts"])) == ("short", Decimal("0.05"))


async def test_both_legs_may_be_as_much_and_are_closed_together(weex: Any) -> None:
    """0.05 and 0.05: the books behind hold nothing, the venue tells two positions; one request ends both."""
    await short(weex)
    await weex.create_order(LINEAR, "market", "buy", "0.05")
    assert {Decimal(one["contracts"]) for one in await weex.fetch_positions([LINEAR])} == {Decimal("0.05")}
    assert len(await weex.contractPrivatePostCapiV3ClosePositions({"symbol": "BTCUSDT"})) == 2
    assert await weex.fetch_positions([LINEAR]) == []


async def test_closing_needs_a_leg_that_holds_as_much(weex: Any) -> None:
    """Nothing is open; then less than is asked for: HTTP 200, success false, and ccxt sees an InvalidOrder."""
    reduce = {"reduceOnly": True}
    with pytest.raises(ccxt.BadRequest, match="no position to close"):
        await weex.create_order(LINEAR, "market", "buy", "0.02", None, reduce)
    await short(weex, "0.01")
    with pytest.raises(ccxt.BadRequest, match="no position to close"):
        await weex.create_order(LINEAR, "market", "buy", "0.02", None, reduce)


async def test_a_contracts_order_is_looked_up_by_the_venues_id_only(weex: Any) -> None:
    """Ccxt would send ours alone, which is -1141; what is not there is -3200, an InvalidOrder to ccxt (VENUES 6)."""
    made = await short(weex, clientOrderId="a1")
    found = await weex.fetch_order(made["id"], LINEAR)
    assert (found["clientOrderId"], found["status"], found["reduceOnly"]) == ("a1", "closed", False)
    with pytest.raises(ccxt.ArgumentsRequired):
        await weex.fetch_order(None, LINEAR, {"clientOrderId": "a1"})
    with pytest.raises(ccxt.ArgumentsRequired, match="-1141"):
        await weex.fetch_order("0", LINEAR, {"clientOrderId": "a1"})
    with pytest.raises(ccxt.InvalidOrder, match="-3200"):
        await weex.fetch_order("702345678900000099", LINEAR)
    (listed,) = await weex.fetch_canceled_and_closed_orders(LINEAR)
    assert (listed["id"], listed["clientOrderId"]) == (made["id"], "a1")


async def test_post_only_rests_or_is_refused(weex: Any, server: EmulatedServer) -> None:
    """Below the book it rests and a cancel by our id ends it; above the book it would trade."""
    await weex.create_order(LINEAR, "limit", "buy", "0.01", low(server, LINEAR), {**REST, "clientOrderId": "a1"})
    (resting,) = await weex.fetch_open_orders(LINEAR)
    assert (resting["timeInForce"], resting["info"]["positionSide"]) == ("POST_ONLY", "LONG")
    assert (await weex.cancel_order(None, LINEAR, {"clientOrderId": "a1"}))["status"] == "canceled"
    assert (await weex.fetch_canceled_orders(LINEAR))[0]["clientOrderId"] == "a1"
    with pytest.raises(ccxt.BadRequest, match="post only"):
        await weex.create_order(LINEAR, "limit", "buy", "0.01", high(server, LINEAR), REST)


# ── conditional orders ──


async def test_a_stop_waits_in_a_list_of_its_own_and_becomes_another_order(weex: Any, server: EmulatedServer) -> None:
    """Not among open orders, with an id of its own; when the mark passes it closes the leg as a new order."""
    await short(weex)
    trigger = str(int(server.core.quotes()[LINEAR].ask * 2))
    params = {"stopLossPrice": trigger, "triggerPriceType": "mark", "clientOrderId": "s1"}
    made = await weex.create_order(LINEAR, "market", "buy", "0.05", None, params)
    assert await weex.fetch_open_orders(LINEAR) == []
    (waiting,) = await weex.fetch_open_orders(LINEAR, None, None, {"trigger": True})
    assert (waiting["id"], waiting["clientOrderId"], waiting["status"]) == (made["id"], "s1", "open")
    assert (Decimal(waiting["stopLossPrice"]), waiting["reduceOnly"]) == (Decimal(trigger), True)
    with pytest.raises(ccxt.InvalidOrder, match="-3200"):
        await weex.fetch_order(made["id"], LINEAR)
    with pytest.raises(ccxt.ArgumentsRequired, match="requires an id"):
        await weex.cancel_order(None, LINEAR, {"trigger": True, "clientOrderId": "s1"})
    await weex.cancel_order(made["id"], LINEAR, {"trigger": True})
    assert (await weex.contractPrivateGetCapiV3AllAlgoOrders())["orders"][0]["algoStatus"] == "CANCELED"


async def test_all_stops_are_cancelled_at_once(weex: Any, server: EmulatedServer) -> None:
    """One request; on another price than the mark the emulator takes none."""
    await short(weex)
    trigger = str(int(server.core.quotes()[LINEAR].ask * 2))
    with pytest.raises(ccxt.InvalidOrder, match="-1116"):
        await weex.create_order(LINEAR, "market", "buy", "0.05", None, {"stopLossPrice": trigger})
    params = {"stopLossPrice": trigger, "triggerPriceType": "mark"}
    await weex.create_order(LINEAR, "market", "buy", "0.05", None, params)
    assert len(await weex.cancel_all_orders(LINEAR, {"trigger": True})) == 1
    assert await weex.fetch_open_orders(LINEAR, None, None, {"trigger": True}) == []


# ── the simulated side ──


async def test_the_simulated_side_has_four_calls(server: EmulatedServer) -> None:
    """Balance, order, positions, past orders, in a coin and under ids of its own; everything else is not there."""
    async with client(server, sandbox=True) as demo:
        await demo.load_markets()
        assert Decimal((await demo.fetch_balance())["USDT"]["total"]) == 20_000
        made = await demo.create_order(LINEAR, "market", "sell", "0.05")
        (told,) = await demo.fetch_positions()
        assert (told["symbol"], told["info"]["symbol"], told["side"]) == (LINEAR, "BTCSUSDT", "short")
        assert [one["id"] for one in await demo.fetch_closed_orders(LINEAR, None, None, SWAP)] == [made["id"]]
        for call in (demo.fetch_open_orders, demo.fetch_leverage, demo.fetch_my_trades):
            with pytest.raises(ccxt.NotSupported):
                await call(LINEAR)
        private = [ask.path for ask in server.asks if "access-key" in ask.headers]
    assert private
    assert all(path.startswith("/capi/v3/sim/") for path in private)
    assert server.core.positions()[LINEAR].quantity + Decimal("0.05") == ZERO
