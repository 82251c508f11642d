"""Orders at the emulated MEXC through the real ccxt client: spellings, sides, ids, refusals and where ccxt misreads."""

from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from typing import Any

import ccxt.async_support as ccxt
import pytest

from tests.emulator.mexc.memory import memory_of
from tests.emulator.server import EmulatedServer, emulated
from tests.emulator.test_mexc import LINEAR, ONE_WAY, SPOT, SWAP, above, below, client, short

OPEN = {"type": 3, **ONE_WAY}


@pytest.fixture
async def server() -> AsyncIterator[EmulatedServer]:
    """A funded account with 20,000 USDT in the contract wallet."""
    async with emulated("mexc", books="funded") as running:
        async with client(running) as one:
            await one.transfer("USDT", "20000", "spot", "swap")
        yield running
        assert running.unknown == []


@pytest.fixture
async def mexc(server: EmulatedServer) -> AsyncIterator[Any]:
    """The client."""
    async with client(server) as one:
        yield one


async def test_a_spot_ioc_is_a_type_of_its_own_and_answers_without_a_status(mexc: Any, server: EmulatedServer) -> None:
    """0.01 BTC, known by our id, filled in trades whose fee is in the coin bought."""
    params = {"timeInForce": "IOC", "clientOrderId": "ioc1"}
    made = await mexc.create_order(SPOT, "limit", "buy", "0.01", above(server, SPOT), params)
    assert (made["status"], made["filled"]) == (None, None)
    found = await mexc.fetch_order(None, SPOT, {"clientOrderId": "ioc1"})
    assert (found["id"], found["status"], found["clientOrderId"]) == (made["id"], "closed", "ioc1")
    assert found["info"]["type"] == "IMMEDIATE_OR_CANCEL"
    trades = await mexc.fetch_my_trades(SPOT)
    assert {trade["order"] for trade in trades} == {made["id"]}
    assert sum(Decimal(trade["amount"]) for trade in trades) == Decimal("0.01")
    assert {trade["fee"]["currency"] for trade in trades} == {"BTC"}


async def test_a_spot_market_order_is_in_coins_and_in_money_only_with_a_cost(mexc: Any) -> None:
    """0.01 BTC sold; then coins for 50 USDT bought."""
    await mexc.create_order(SPOT, "market", "sell", "0.01", None, {"clientOrderId": "m1"})
    assert Decimal((await mexc.fetch_order(None, SPOT, {"clientOrderId": "m1"}))["filled"]) == Decimal("0.01")
    await mexc.create_market_buy_order_with_cost(SPOT, "50", {"clientOrderId": "m2"})
    spent = Decimal((await mexc.fetch_order(None, SPOT, {"clientOrderId": "m2"}))["cost"])
    assert Decimal(49) < spent <= Decimal(50)


async def test_a_price_beside_a_spot_market_order_turns_coins_into_money(mexc: Any) -> None:
    """0.01 BTC at a price of 5,000 becomes a purchase for 50 USDT."""
    await mexc.create_order(SPOT, "market", "buy", "0.01", "5000", {"clientOrderId": "trap"})
    assert Decimal((await mexc.fetch_order(None, SPOT, {"clientOrderId": "trap"}))["amount"]) < Decimal("0.01")


async def test_a_spot_post_only_order_rests_is_listed_by_symbol_and_cancelled_by_our_id(
    mexc: Any, server: EmulatedServer
) -> None:
    """Listed only by symbol; a second cancel is refused."""
    params = {"postOnly": True, "clientOrderId": "rest1"}
    made = await mexc.create_order(SPOT, "limit", "buy", "0.01", below(server, SPOT), params)
    resting = await mexc.fetch_open_orders(SPOT)
    assert [(one["id"], one["clientOrderId"]) for one in resting] == [(made["id"], "rest1")]
    with pytest.raises(ccxt.BadRequest, match="700004"):
        await mexc.fetch_open_orders()
    await mexc.cancel_order(None, SPOT, {"clientOrderId": "rest1"})
    assert await mexc.fetch_open_orders(SPOT) == []
    assert (await mexc.fetch_order(None, SPOT, {"clientOrderId": "rest1"}))["status"] == "canceled"
    with pytest.raises(ccxt.BadRequest, match="-2011"):
        await mexc.cancel_order(None, SPOT, {"clientOrderId": "rest1"})


async def test_an_order_that_is_not_there_is_never_order_not_found(mexc: Any) -> None:
    """-2013 in spot, 2040 for contracts: plain exchange errors in ccxt."""
    with pytest.raises(ccxt.ExchangeError, match="-2013") as spot:
        await mexc.fetch_order(None, SPOT, {"clientOrderId": "nobody"})
    with pytest.raises(ccxt.ExchangeError, match="2040") as contract:
        await mexc.contractPrivateGetOrderExternalSymbolExternalOid({"symbol": "BTC_USDT", "external_oid": "nobody"})
    assert not isinstance(spot.value, ccxt.OrderNotFound)
    assert not isinstance(contract.value, ccxt.OrderNotFound)


async def test_spots_closed_orders_show_late_and_ccxt_lists_open_ones_among_them(
    mexc: Any, server: EmulatedServer
) -> None:
    """With a minute's delay the filled one is missing, and the one that is listed is open."""
    server.core.visible_after_ms = 60_000
    await mexc.create_order(SPOT, "market", "buy", "0.001", None, {})
    await mexc.create_order(SPOT, "limit", "buy", "0.01", below(server, SPOT), {"postOnly": True})
    assert [one["status"] for one in await mexc.fetch_closed_orders(SPOT)] == ["open"]


async def test_spots_refusals_have_the_venues_codes(mexc: Any, server: EmulatedServer) -> None:
    """Too small, too much, crossing, out of the band, and an id with spaces."""
    low = below(server, SPOT)
    cases: tuple[tuple[tuple[Any, ...], Mapping[str, object], type[Exception], str], ...] = (
        (("limit", "buy", "0.00001", low), {}, ccxt.InvalidOrder, "30002"),
        (("limit", "buy", "100", low), {}, ccxt.InsufficientFunds, "30004"),
        (("limit", "buy", "0.01", above(server, SPOT)), {"postOnly": True}, ccxt.InvalidOrder, "30041"),
        (("limit", "buy", "0.01", "1000"), {}, ccxt.InvalidOrder, "30087"),
        (("limit", "buy", "0.01", low), {"clientOrderId": "no spaces"}, ccxt.BadRequest, "700008"),
    )
    for (kind, side, amount, price), params, error, code in cases:
        with pytest.raises(error, match=code):
            await mexc.create_order(SPOT, kind, side, amount, price, params)


async def test_a_contract_ioc_needs_its_number_since_ccxt_drops_time_in_force(
    mexc: Any, server: EmulatedServer
) -> None:
    """TimeInForce leaves a resting order of type 1; type 3 ends at once."""
    low = below(server, LINEAR)
    await mexc.create_order(LINEAR, "limit", "buy", 10, low, {"timeInForce": "IOC", "clientOrderId": "gtc", **ONE_WAY})
    assert [one["info"]["externalOid"] for one in await mexc.fetch_open_orders(None, None, None, SWAP)] == ["gtc"]
    await mexc.create_order(LINEAR, "limit", "buy", 10, low, {**OPEN, "clientOrderId": "ioc"})
    found = await external(mexc, "ioc")
    assert (found["orderType"], found["state"], found["dealVol"]) == (3, 4, 0)


async def external(mexc: Any, ours: str) -> Any:
    """What the venue has under our id."""
    answer = await mexc.contractPrivateGetOrderExternalSymbolExternalOid({"symbol": "BTC_USDT", "external_oid": ours})
    return answer["data"]


async def test_a_contract_answers_with_an_id_and_nothing_else(mexc: Any) -> None:
    """Our id and the result are only in the order looked up, where ccxt leaves the side as 3."""
    made = await mexc.create_order(LINEAR, "market", "sell", 100, None, {"type": 5, "clientOrderId": "s1", **ONE_WAY})
    assert (made["clientOrderId"], made["status"], made["filled"]) == (None, None, None)
    found = await mexc.fetch_order(made["id"], LINEAR)
    assert (found["status"], Decimal(found["filled"]), found["side"]) == ("closed", 100, "3")
    assert (found["clientOrderId"], found["info"]["externalOid"]) == (None, "s1")


async def test_reduce_only_is_a_closing_side_and_can_open_nothing(mexc: Any, server: EmulatedServer) -> None:
    """Nothing to close is refused; 40 of 100 are bought back by side 2; 500 close the 60 that are left."""
    close = {"type": 5, "reduceOnly": True, **ONE_WAY}
    for side in ("buy", "sell"):
        with pytest.raises(ccxt.InvalidOrder, match="2009"):
            await mexc.create_order(LINEAR, "market", side, 10, None, close)
    await short(mexc)
    with pytest.raises(ccxt.InvalidOrder, match="2009"):
        await mexc.create_order(LINEAR, "market", "sell", 10, None, close)
    await mexc.create_order(LINEAR, "market", "buy", 40, None, {**close, "clientOrderId": "back"})
    assert server.core.positions()[LINEAR].quantity == -60
    assert (await external(mexc, "back"))["side"] == 2
    held = await mexc.fetch_positions()
    assert [(one["side"], Decimal(one["contracts"]), one["marginMode"]) for one in held] == [("short", 60, "cross")]
    await mexc.create_order(LINEAR, "market", "buy", 500, None, close)
    assert LINEAR not in server.core.positions()


async def test_in_hedge_mode_ccxt_would_close_the_wrong_leg(mexc: Any, server: EmulatedServer) -> None:
    """Buying to reduce a short becomes side 4, which closes a long; one-way orders are refused there."""
    server.core.set_hedge_mode(True)
    await mexc.create_order(LINEAR, "market", "sell", 10, None, {"type": 5, "hedged": True})
    with pytest.raises(ccxt.InvalidOrder, match="2009"):
        await mexc.create_order(LINEAR, "market", "buy", 10, None, {"type": 5, "hedged": True, "reduceOnly": True})
    with pytest.raises(ccxt.ExchangeError, match="2022"):
        await short(mexc)


async def test_the_side_of_a_contract_trade_is_not_what_ccxt_says(mexc: Any) -> None:
    """Side 2 closes a short and so buys; ccxt says that it sold."""
    await short(mexc)
    await mexc.create_order(LINEAR, "market", "buy", 100, None, {"type": 5, "reduceOnly": True, **ONE_WAY})
    trades = await mexc.fetch_my_trades(LINEAR)
    assert {(one["info"]["side"], one["side"]) for one in trades} == {(3, "3"), (2, "sell")}
    assert all(Decimal(one["fee"]["cost"]) > 0 and one["fee"]["currency"] == "USDT" for one in trades)
    assert all(one["takerOrMaker"] == "taker" for one in trades)


async def test_an_id_used_twice_answers_with_the_order_it_has(mexc: Any, server: EmulatedServer) -> None:
    """One order of 10 contracts, whatever is sent again."""
    params = {"type": 5, "clientOrderId": "twice", **ONE_WAY}
    first = await mexc.create_order(LINEAR, "market", "sell", 10, None, params)
    again = await mexc.create_order(LINEAR, "market", "sell", 10, None, params)
    assert first["id"] == again["id"]
    assert server.core.positions()[LINEAR].quantity == -10


async def test_our_id_cancels_a_resting_contract_order(mexc: Any, server: EmulatedServer) -> None:
    """Cancelled, unknown, and not to be cancelled any more, each with its own code under success true."""
    params = {"postOnly": True, "clientOrderId": "rest", **ONE_WAY}
    made = await mexc.create_order(LINEAR, "limit", "buy", 10, below(server, LINEAR), params)
    asked = [{"symbol": "BTC_USDT", "externalOid": name} for name in ("rest", "nobody", "rest")]
    answer = await mexc.contractPrivatePostOrderCancelWithExternal(asked)
    assert [row["errorCode"] for row in answer["data"]] == [0, 2040, 2041]
    assert (await mexc.fetch_order(made["id"], LINEAR))["status"] == "canceled"
    with pytest.raises(ccxt.InvalidOrder, match="order state cannot be cancelled"):
        await mexc.cancel_order(made["id"], LINEAR)
    with pytest.raises(ccxt.BadRequest, match="600"):
        await mexc.cancel_order(None, LINEAR)


async def test_contract_refusals_come_with_http_200(mexc: Any, server: EmulatedServer) -> None:
    """Margin, post-only, price band, position mode and margin mode."""
    low, high = below(server, LINEAR), above(server, LINEAR)
    cases: tuple[tuple[tuple[Any, ...], Mapping[str, object], type[Exception], str], ...] = (
        (("limit", "buy", 100_000_000, low), OPEN, ccxt.InsufficientFunds, "2005"),
        (("limit", "buy", 10, high), {"postOnly": True, **ONE_WAY}, ccxt.ExchangeError, "2007"),
        (("limit", "buy", 10, "1000"), OPEN, ccxt.InvalidOrder, "2003"),
        (("limit", "buy", 10, low), {**OPEN, "positionMode": 1}, ccxt.ExchangeError, "2022"),
        (("limit", "buy", 10, low), {**OPEN, "openType": 3}, ccxt.ExchangeError, "2002"),
    )
    for (kind, side, amount, price), params, error, code in cases:
        with pytest.raises(error, match=code):
            await mexc.create_order(LINEAR, kind, side, amount, price, params)


async def test_an_account_may_not_be_allowed_to_trade_contracts_at_all(mexc: Any, server: EmulatedServer) -> None:
    """1002 for an account without the permission; under maintenance, as contract orders were for years."""
    await mexc.load_markets()
    server.faults.next("place", "maintenance")
    with pytest.raises(ccxt.OnMaintenance):
        await short(mexc)
    memory_of(server.core).contracts_closed = True
    with pytest.raises(ccxt.InvalidOrder, match="Contract not allow place order!"):
        await short(mexc)


async def test_a_stop_is_a_plan_order_without_an_id_of_ours(mexc: Any, server: EmulatedServer) -> None:
    """It rests among the plan orders alone, without our id, and is cancelled by the venue's."""
    await short(mexc)
    trigger = {"triggerPrice": above(server, LINEAR), "triggerType": 1, "trend": 2, "executeCycle": 2}
    params = {**trigger, "reduceOnly": True, "orderType": 5, "clientOrderId": "mine", **ONE_WAY}
    made = await mexc.create_order(LINEAR, "market", "buy", 100, None, params)
    assert await mexc.fetch_open_orders(None, None, None, SWAP) == []
    stops = await mexc.fetch_open_orders(None, None, None, {**SWAP, "trigger": True})
    assert [(one["id"], one["clientOrderId"], one["info"]["side"]) for one in stops] == [(made["id"], None, 2)]
    assert "externalOid" not in stops[0]["info"]
    await mexc.cancel_order(made["id"], LINEAR, {"trigger": True})
    assert await mexc.fetch_open_orders(None, None, None, {**SWAP, "trigger": True}) == []
    with pytest.raises(ccxt.ExchangeError, match="2041"):
        await mexc.cancel_order(made["id"], LINEAR, {"trigger": True})


@pytest.mark.parametrize("wrong", [{"triggerType": 2}, {"reduceOnly": False}, {"executeCycle": 9}, {"trend": 7}])
async def test_a_stop_that_could_open_or_take_profit_is_refused(
    wrong: dict[str, object], mexc: Any, server: EmulatedServer
) -> None:
    """Wrong way, not closing, an unknown lifetime, an unknown price."""
    await short(mexc)
    trigger = {"triggerPrice": above(server, LINEAR), "triggerType": 1, "trend": 2, "executeCycle": 2}
    with pytest.raises(ccxt.ExchangeError, match=r"300[12]"):
        await mexc.create_order(LINEAR, "market", "buy", 100, None, {**trigger, "reduceOnly": True, **ONE_WAY, **wrong})


async def test_a_whole_contract_market_is_cancelled_at_once(mexc: Any, server: EmulatedServer) -> None:
    """Two resting orders, then none, and two among the cancelled."""
    for name in ("a", "b"):
        params = {"postOnly": True, "clientOrderId": name, **ONE_WAY}
        await mexc.create_order(LINEAR, "limit", "buy", 10, below(server, LINEAR), params)
    closed = await mexc.fetch_orders(LINEAR)
    await mexc.cancel_all_orders(LINEAR)
    assert await mexc.fetch_open_orders(None, None, None, SWAP) == []
    assert len(await mexc.fetch_canceled_orders(LINEAR)) == 2
    assert len(closed) <= 2


@pytest.mark.parametrize(("wrong", "spot", "contract"), [("apiKey", "10072", "402"), ("secret", "700002", "602")])
async def test_a_wrong_key_or_secret_is_told_apart(
    wrong: str, spot: str, contract: str, server: EmulatedServer
) -> None:
    """Each lock has its own codes."""
    async with client(server, **{wrong: "another"}) as one:
        with pytest.raises(ccxt.ExchangeError, match=spot):
            await one.fetch_balance()
        with pytest.raises(ccxt.AuthenticationError, match=contract):
            await one.fetch_balance(SWAP)


@pytest.mark.parametrize("off_ms", [20_000, -5_000])
async def test_a_clock_that_is_wrong_is_told(off_ms: int, server: EmulatedServer) -> None:
    """Twenty seconds late, and five ahead."""
    async with client(server) as one:
        one.options["timeDifference"] = off_ms
        with pytest.raises(ccxt.InvalidNonce, match="700003"):
            await one.fetch_balance()
        with pytest.raises(ccxt.BadRequest, match="513"):
            await one.fetch_balance(SWAP)
