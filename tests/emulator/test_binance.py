"""The real ccxt clients and the emulated Binance understand each other, and its refusals are the venue's own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import ccxt.async_support as ccxt
import pytest

from bot.domain.instrument import WalletKind
from bot.domain.snapshot import MarginMode
from tests.emulator.server import EmulatedServer, emulated

LINEAR, INVERSE, SPOT = "BTC/USDT:USDT", "BTC/USD:BTC", "BTC/USDT"
CLASSES = {"spot": ccxt.binance, "linear": ccxt.binanceusdm, "inverse": ccxt.binancecoinm}


@asynccontextmanager
async def client(server: EmulatedServer, product: str, **wrong: str) -> AsyncIterator[Any]:
    """A real client of one product, its wire bent to the emulator; `wrong` replaces key or secret."""
    secrets = server.core.secrets
    one = CLASSES[product]({"apiKey": secrets.key, "secret": secrets.secret, **wrong})
    one.number, one.enableRateLimit, one.timeout_on_exit = str, False, 0
    one.has["fetchCurrencies"] = False
    one.options |= {"fetchCurrencies": False, "fetchMargins": False, "fetchMarkets": {"types": [product]}}
    one.options["fetchOpenOrders"] = {"warnWithoutSymbol": False}
    one.session, one.own_session = server.wire(), False
    try:
        yield one
    finally:
        await one.session.close()
        await one.close()


@pytest.fixture
async def server() -> AsyncIterator[EmulatedServer]:
    """A funded account with 20,000 USDT and 0.1 BTC in the futures wallets."""
    async with emulated("binance", books="funded") as running:
        async with client(running, "spot") as spot:
            await spot.transfer("USDT", "20000", "spot", "linear")
            await spot.transfer("BTC", "0.1", "spot", "inverse")
        yield running
        assert running.unknown == []


@pytest.fixture
async def spot(server: EmulatedServer) -> AsyncIterator[Any]:
    """The client of the spot product."""
    async with client(server, "spot") as one:
        yield one


@pytest.fixture
async def usdm(server: EmulatedServer) -> AsyncIterator[Any]:
    """The client of the USD-M product."""
    async with client(server, "linear") as one:
        yield one


@pytest.fixture
async def coinm(server: EmulatedServer) -> AsyncIterator[Any]:
    """The client of the COIN-M product."""
    async with client(server, "inverse") as one:
        yield one


async def test_each_product_loads_its_own_markets_in_one_request(server: EmulatedServer) -> None:
    """Grids and contract sizes arrive as the simulator has them."""
    for product, symbol in (("spot", SPOT), ("linear", LINEAR), ("inverse", INVERSE)):
        before = len(server.asks)
        async with client(server, product) as one:
            markets = await one.load_markets()
        rules = server.core.instruments[symbol]
        assert Decimal(markets[symbol]["precision"]["amount"]) == rules.step
        assert Decimal(markets[symbol]["precision"]["price"]) == rules.tick
        assert Decimal(str(markets[symbol]["contractSize"] or 1)) == rules.contract_size
        assert len(server.asks) - before == 1


async def test_the_dated_contracts_keep_their_expiry(usdm: Any, coinm: Any, server: EmulatedServer) -> None:
    """Linear and coin-margined quarters alike, to the millisecond."""
    dated = {s: one.expiry for s, one in server.core.instruments.items() if one.kind.is_dated}
    assert dated
    markets = {**await usdm.load_markets(), **await coinm.load_markets()}
    assert {s: markets[s]["expiry"] for s in dated} == {s: round(e.timestamp() * 1000) for s, e in dated.items() if e}


async def test_the_venues_clock_is_ours(spot: Any, usdm: Any, coinm: Any, server: EmulatedServer) -> None:
    """Each of the three hosts tells the time."""
    for one in (spot, usdm, coinm):
        assert abs(await one.fetch_time() - server.core.now_ms()) < 2_000


async def test_each_wallet_is_told_as_it_is(spot: Any, usdm: Any, coinm: Any, server: EmulatedServer) -> None:
    """Free and total of every coin, in three wallets apart."""
    for one, wallet in ((spot, WalletKind.SPOT), (usdm, WalletKind.LINEAR), (coinm, WalletKind.INVERSE)):
        told = await one.fetch_balance()
        for held in server.core.balances(wallet):
            if held.total:
                assert Decimal(told[held.asset]["free"]) == held.free
                assert Decimal(told[held.asset]["total"]) == held.total


async def test_a_transfer_moves_money_and_shows_in_its_history(spot: Any, server: EmulatedServer) -> None:
    """20,000 and 12.5 more make 20,012.5 USDT in the linear wallet."""
    made = await spot.transfer("USDT", "12.5", "spot", "linear")
    told = await spot.fetch_transfers("USDT", params={"fromAccount": "spot", "toAccount": "linear"})
    assert (told[-1]["id"], Decimal(told[-1]["amount"]), told[-1]["status"]) == (made["id"], Decimal("12.5"), "ok")
    (held,) = (one for one in server.core.balances(WalletKind.LINEAR) if one.asset == "USDT")
    assert held.total == Decimal("20012.5")


async def test_quotes_come_from_the_same_book(spot: Any, usdm: Any, coinm: Any, server: EmulatedServer) -> None:
    """Bids and asks, the book and the day's ticker lie within a hundredth of each other."""
    for one, symbol in ((spot, SPOT), (usdm, LINEAR), (coinm, INVERSE)):
        quote = server.core.quotes()[symbol]
        best = (await one.fetch_bids_asks())[symbol]
        near = quote.mid / 100
        assert abs(Decimal(best["bid"]) - quote.bid) < near
        assert abs(Decimal(best["ask"]) - quote.ask) < near
        book = await one.fetch_order_book(symbol, 5)
        assert Decimal(str(book["bids"][0][0])) < Decimal(str(book["asks"][0][0]))
        ticker = (await one.fetch_tickers())[symbol]
        assert abs(Decimal(ticker["last"]) - quote.last) < near


async def test_funding_is_told_with_its_mark_and_its_next_settlement(
    usdm: Any, coinm: Any, server: EmulatedServer
) -> None:
    """Only contracts with another interval than eight hours are listed with one."""
    for one, symbol in ((usdm, LINEAR), (coinm, INVERSE)):
        rate = (await one.fetch_funding_rates())[symbol]
        known = server.core.funding()[symbol]
        assert Decimal(rate["fundingRate"]) == known.rate
        assert rate["fundingTimestamp"] == round(known.next_at.timestamp() * 1000)
        assert symbol in await one.fetch_mark_prices()
        assert symbol not in await one.fetch_funding_intervals()  # eight hours is the rule, and rules are not listed


async def test_tiers_and_fees_are_those_of_the_simulator(
    spot: Any, usdm: Any, coinm: Any, server: EmulatedServer
) -> None:
    """Every maintenance rate, and the taker fee of each product."""
    for one, symbol in ((usdm, LINEAR), (coinm, INVERSE)):
        tiers = (await one.fetch_leverage_tiers())[symbol]
        rules = server.core.instruments[symbol]
        assert [Decimal(str(t["maintenanceMarginRate"])) for t in tiers] == [t.rate for t in rules.tiers]
        assert Decimal((await one.fetch_trading_fee(symbol))["taker"]) == rules.taker_fee
    assert Decimal((await spot.fetch_trading_fees())[SPOT]["taker"]) == server.core.instruments[SPOT].taker_fee


async def test_leverage_and_margin_mode_are_set_and_read_back(usdm: Any, coinm: Any, server: EmulatedServer) -> None:
    """Asked for twice, the margin mode is said to need no change."""
    for one, symbol in ((usdm, LINEAR), (coinm, INVERSE)):
        await one.set_leverage(7, symbol)
        await one.set_margin_mode("isolated", symbol)
        assert (await one.fetch_leverages())[symbol]["shortLeverage"] == 7
        assert (await one.fetch_margin_modes([symbol]))[symbol]["marginMode"] == "isolated"
        assert server.core.margin_mode(symbol) is MarginMode.ISOLATED
        with pytest.raises(ccxt.MarginModeAlreadySet):
            await one.set_margin_mode("isolated", symbol)


async def test_the_position_mode_is_told_and_changes_only_while_flat(usdm: Any, coinm: Any) -> None:
    """-4059 when it is so already, -4068 while a position is open."""
    for one, symbol, size in ((usdm, LINEAR, "0.01"), (coinm, INVERSE, "1")):
        assert (await one.fetch_position_mode())["hedged"] is False
        with pytest.raises(ccxt.ExchangeError, match="-4059"):
            await one.set_position_mode(False)
        await one.create_order(symbol, "market", "sell", size)
        with pytest.raises(ccxt.ExchangeError, match="-4068"):
            await one.set_position_mode(True)


async def test_a_market_buy_pays_its_fee_in_the_coin_it_bought(spot: Any, server: EmulatedServer) -> None:
    """A thousandth of 0.01 BTC is 0.00001 BTC."""
    made = await spot.create_order(SPOT, "market", "buy", "0.01", None, {"clientOrderId": "abuy1"})
    assert (made["status"], made["clientOrderId"], Decimal(made["filled"])) == ("closed", "abuy1", Decimal("0.01"))
    (trade,) = [t for t in await spot.fetch_my_trades(SPOT) if t["order"] == made["id"]]
    assert trade["fee"]["currency"] == "BTC"
    assert Decimal(trade["fee"]["cost"]) == Decimal("0.00001")


async def test_a_price_turns_a_market_order_into_an_amount_of_quote(spot: Any, server: EmulatedServer) -> None:
    """0.01 BTC at twice the price buys 0.02: the trap the gateway must not step into."""
    price = server.core.quotes()[SPOT].ask
    made = await spot.create_order(SPOT, "market", "buy", "0.01", str(price * 2))
    assert abs(Decimal(made["filled"]) - Decimal("0.02")) < Decimal("0.001")


async def test_contracts_open_reduce_and_close(usdm: Any, coinm: Any, server: EmulatedServer) -> None:
    """A reduce-only order without a position is refused with -2022."""
    for one, symbol, size in ((usdm, LINEAR, "0.02"), (coinm, INVERSE, "3")):
        made = await one.create_order(symbol, "market", "sell", size, None, {"clientOrderId": "open1"})
        assert Decimal(made["filled"]) == Decimal(size)
        (held,) = await one.fetch_positions()
        assert (held["side"], Decimal(held["contracts"])) == ("short", Decimal(size))
        await one.create_order(symbol, "market", "buy", size, None, {"reduceOnly": True, "clientOrderId": "shut1"})
        assert await one.fetch_positions() == []
        with pytest.raises(ccxt.ExchangeError, match="-2022"):
            await one.create_order(symbol, "market", "buy", size, None, {"reduceOnly": True})
        assert len(await one.fetch_my_trades(symbol)) == 2


async def test_an_immediate_or_cancel_order_never_rests(spot: Any, usdm: Any, server: EmulatedServer) -> None:
    """Five percent below the bid nothing is filled, and nothing is left."""
    for one, symbol in ((spot, SPOT), (usdm, LINEAR)):
        quote, tick = server.core.quotes()[symbol], server.core.instruments[symbol].tick
        low = (quote.bid * Decimal("0.95") // tick) * tick
        made = await one.create_order(symbol, "limit", "buy", "0.01", str(low), {"timeInForce": "IOC"})
        assert (made["status"], Decimal(made["filled"])) == ("expired", 0)


async def test_a_resting_order_is_found_and_cancelled_by_its_own_id(
    spot: Any, usdm: Any, coinm: Any, server: EmulatedServer
) -> None:
    """Cancelled twice it is unknown, and so is an id that never was."""
    for one, symbol, size in ((spot, SPOT, "0.01"), (usdm, LINEAR, "0.01"), (coinm, INVERSE, "2")):
        tick = server.core.instruments[symbol].tick
        low = str((server.core.quotes()[symbol].bid * Decimal("0.95") // tick) * tick)
        await one.create_order(symbol, "limit", "buy", size, low, {"postOnly": True, "clientOrderId": "rest1"})
        own = {"clientOrderId": "rest1"}
        assert (await one.fetch_order(None, symbol, own))["status"] == "open"
        assert [order["clientOrderId"] for order in await one.fetch_open_orders()] == ["rest1"]
        assert (await one.cancel_order(None, symbol, own))["status"] == "canceled"
        assert (await one.fetch_order(None, symbol, own))["status"] == "canceled"
        assert await one.fetch_open_orders() == []
        with pytest.raises(ccxt.OrderNotFound):
            await one.cancel_order(None, symbol, own)
        with pytest.raises(ccxt.OrderNotFound):
            await one.fetch_order(None, symbol, {"clientOrderId": "never"})


async def test_a_stop_has_paths_and_ids_of_its_own(usdm: Any, coinm: Any, server: EmulatedServer) -> None:
    """It is no open order and no order, until it has fired."""
    for one, symbol, size in ((usdm, LINEAR, "0.02"), (coinm, INVERSE, "3")):
        await one.create_order(symbol, "market", "sell", size)
        tick = server.core.instruments[symbol].tick
        high = str((server.core.quotes()[symbol].ask * Decimal("1.05") // tick) * tick)
        asked = {"triggerPrice": high, "reduceOnly": True, "clientOrderId": "stop1", "workingType": "MARK_PRICE"}
        made = await one.create_order(symbol, "market", "buy", size, None, asked)
        assert (made["clientOrderId"], made["status"]) == ("stop1", "open")
        assert await one.fetch_open_orders() == []
        own = {"clientOrderId": "stop1", "trigger": True}
        assert [order["id"] for order in await one.fetch_open_orders(params={"trigger": True})] == [made["id"]]
        assert (await one.fetch_order(None, symbol, own))["triggerPrice"] == high
        with pytest.raises(ccxt.OrderNotFound):
            await one.fetch_order(None, symbol, {"clientOrderId": "stop1"})
        assert (await one.cancel_order(None, symbol, own))["status"] == "canceled"
