"""The real ccxt client and the emulated BingX understand each other over HTTP, call by call."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import ccxt.async_support as ccxt
import pytest

from bot.domain.instrument import WalletKind
from bot.domain.snapshot import MarginMode
from tests.emulator.bingx.client import COIN_SWAP, INVERSE, LINEAR, SPOT, SWAP, client, high, low
from tests.emulator.bingx.memory import memory_of
from tests.emulator.server import EmulatedServer, emulated

SYMBOLS = (SPOT, LINEAR, INVERSE)
SIZES = {SPOT: "0.01", LINEAR: "0.01", INVERSE: "1"}


@pytest.fixture
async def server() -> AsyncIterator[EmulatedServer]:
    """A hedged account with 0.1 BTC of coin margin; every path that is asked must be one the emulator knows."""
    async with emulated("bingx", books="hedged") as running:
        running.core.flow("BTC", Decimal("0.1"), WalletKind.INVERSE)
        yield running
        assert running.unknown == []


@pytest.fixture
async def bingx(server: EmulatedServer) -> AsyncIterator[Any]:
    """A client with its markets loaded."""
    async with client(server) as one:
        await one.load_markets()
        yield one


# ── the market ──


async def test_markets_take_three_requests(bingx: Any, server: EmulatedServer) -> None:
    """Spot, linear and coin-margined once each; an inverse contract has its face as size, and no step (VENUES 1)."""
    assert sorted(ask.path.removeprefix("/openApi/") for ask in server.asks) == [
        "cswap/v1/market/contracts",
        "spot/v1/common/symbols",
        "swap/v2/quote/contracts",
    ]
    for symbol in SYMBOLS:
        rules, market = server.core.instruments[symbol], bingx.market(symbol)
        assert market["active"]
        assert Decimal(market["precision"]["price"]) == rules.tick
        assert Decimal(market["limits"]["cost"]["min"]) == rules.min_notional
        assert Decimal(str(market["contractSize"] or 1)) == rules.contract_size
    assert Decimal(bingx.market(LINEAR)["precision"]["amount"]) == server.core.instruments[LINEAR].step
    assert bingx.market(INVERSE)["precision"]["amount"] is None


async def test_prices_are_the_markets(bingx: Any, server: EmulatedServer) -> None:
    """Tickers, best prices and books agree with the market behind; only contracts of one kind come in one list."""
    assert abs(await bingx.fetch_time() - server.core.now_ms()) < 2_000
    for symbol in SYMBOLS:
        quote = server.core.quotes()[symbol]
        for told in (await bingx.fetch_ticker(symbol), (await bingx.fetch_tickers([symbol]))[symbol]):
            assert abs(Decimal(told["bid"]) - quote.bid) < quote.mid / 100
            assert abs(Decimal(told["last"]) - quote.last) < quote.mid / 100
        book = await bingx.fetch_order_book(symbol, 5)
        assert book["bids"][0][0] < book["asks"][0][0] < book["asks"][4][0]
    for symbol in (SPOT, LINEAR):
        assert Decimal((await bingx.fetch_bids_asks([symbol]))[symbol]["ask"]) > 0


async def test_funding_has_its_next_settlement_and_its_interval(bingx: Any, server: EmulatedServer) -> None:
    """The settlement stands in nextFundingTimestamp and nowhere else (VENUES 5)."""
    for symbol in (LINEAR, INVERSE):
        known = server.core.funding()[symbol]
        for rate in ((await bingx.fetch_funding_rates([symbol]))[symbol], await bingx.fetch_funding_rate(symbol)):
            assert Decimal(rate["fundingRate"]) == known.rate
            assert rate["nextFundingTimestamp"] == round(known.next_at.timestamp() * 1000)
            assert rate["fundingTimestamp"] is None
            assert rate["interval"] == "8h"
            assert Decimal(rate["markPrice"]) == pytest.approx(server.core.quotes()[symbol].valuation)


async def test_ccxt_loses_the_marks_of_linear_contracts(bingx: Any) -> None:
    """A row without lastQty is taken for a spot ticker: fetch_mark_prices of a linear contract is empty."""
    assert await bingx.fetch_mark_prices([LINEAR]) == {}
    assert INVERSE in await bingx.fetch_mark_prices([INVERSE])


async def test_the_past_is_told_oldest_first(bingx: Any, server: EmulatedServer) -> None:
    """Bars on the hour with the unfinished one last, settled funding every eight hours, open interest now only."""
    hour = 3_600_000
    begun = 0
    for symbol in SYMBOLS:
        bars = await bingx.fetch_ohlcv(symbol, "1h", limit=4)
        begun = bars[0][0]
        assert begun % hour == 0
        assert [bar[0] - begun for bar in bars] == [0, hour, 2 * hour, 3 * hour]
    assert (await bingx.fetch_ohlcv(LINEAR, "1h", since=begun, limit=2))[0][0] == begun
    assert len(await bingx.fetch_ohlcv(LINEAR, "1h", limit=2, params={"price": "mark"})) == 2
    settled = await bingx.fetch_funding_rate_history(LINEAR, limit=3)
    assert [row["timestamp"] - settled[0]["timestamp"] for row in settled] == [0, 8 * hour, 16 * hour]
    linear, coins = await bingx.fetch_open_interest(LINEAR), await bingx.fetch_open_interest(INVERSE)
    assert linear["openInterestAmount"] is None
    assert Decimal(linear["openInterestValue"]) > 0
    assert Decimal(coins["openInterestAmount"]) > 0


async def test_tiers_and_fees_are_those_of_the_simulator(bingx: Any, server: EmulatedServer) -> None:
    """Tiers come one linear symbol at a time; fees of spot by symbol, of contracts for all."""
    rules = server.core.instruments[LINEAR]
    tiers = await bingx.fetch_market_leverage_tiers(LINEAR)
    assert [Decimal(t["maintenanceMarginRate"]) for t in tiers] == [t.rate for t in rules.tiers]
    assert [Decimal(t["minNotional"]) for t in tiers] == [t.floor for t in rules.tiers]
    for symbol in SYMBOLS:
        fee, known = await bingx.fetch_trading_fee(symbol), server.core.instruments[symbol]
        assert (Decimal(fee["maker"]), Decimal(fee["taker"])) == (known.maker_fee, known.taker_fee)


# ── the account ──


async def test_each_wallet_is_its_own_call(bingx: Any, server: EmulatedServer) -> None:
    """Spot, linear, coin-margined and funding; ccxt's total of a margin wallet leaves profit and frozen money out."""
    assert Decimal((await bingx.fetch_balance())["BTC"]["free"]) == Decimal("0.68")
    linear = await bingx.fetch_balance(SWAP)
    row = linear["info"]["data"][0]
    assert (row["asset"], Decimal(row["balance"])) == ("USDT", 20_000)
    assert Decimal(row["usedMargin"]) == pytest.approx(
        Decimal("0.3") * server.core.quotes()[LINEAR].valuation / 3, abs=1
    )
    assert Decimal((await bingx.fetch_balance(COIN_SWAP))["BTC"]["total"]) == Decimal("0.1")
    assert Decimal((await bingx.fetch_balance({"type": "funding"}))["USDT"]["free"]) == 1000


async def test_a_coin_never_held_has_empty_texts(bingx: Any) -> None:
    """USDC is a row without a single number: nothing may be read as zero there by chance."""
    rows = (await bingx.fetch_balance(SWAP))["info"]["data"]
    assert (rows[1]["asset"], rows[1]["balance"], rows[1]["equity"]) == ("USDC", "", "")


async def test_a_short_of_a_one_way_account_is_both_and_below_zero(bingx: Any, server: EmulatedServer) -> None:
    """VENUES 5: side "both", contracts negative; with two legs the side says short and the contracts are positive."""
    (found,) = await bingx.fetch_positions(None, SWAP)
    assert (found["side"], Decimal(found["contracts"])) == ("both", Decimal("-0.3"))
    assert (found["marginMode"], Decimal(found["leverage"])) == ("cross", 3)
    server.core.set_hedge_mode(True)
    (found,) = await bingx.fetch_positions(None, SWAP)
    assert (found["side"], Decimal(found["contracts"])) == ("short", Decimal("0.3"))
    assert await bingx.fetch_positions(None, COIN_SWAP) == []


async def test_settings_are_read_back(bingx: Any, server: EmulatedServer) -> None:
    """Leverage by leg, margin mode by symbol, position mode for all linear contracts; the same again is no error."""
    for _ in range(2):
        await bingx.set_leverage(5, LINEAR, {"side": "BOTH"})
        await bingx.set_leverage(6, INVERSE, {"side": "LONG"})
        await bingx.set_margin_mode("isolated", INVERSE)
    assert (await bingx.fetch_leverage(LINEAR))["longLeverage"] == 5
    assert (await bingx.fetch_leverage(INVERSE))["shortLeverage"] == 6
    assert (await bingx.fetch_margin_mode(INVERSE))["marginMode"] == "isolated"
    assert server.core.margin_mode(INVERSE) is MarginMode.ISOLATED
    assert (await bingx.fetch_position_mode())["hedged"] is False
    await bingx.set_position_mode(False)


async def test_a_key_tells_its_rights(bingx: Any, server: EmulatedServer) -> None:
    """Whether it may withdraw, and whether it is bound to addresses."""
    memory_of(server.core).may_withdraw = True
    rights = (await bingx.accountV1PrivateGetAccountApiPermissions())["data"]
    assert (rights["enableWithdrawals"], rights["ipRestrict"]) == (True, True)
    listed = (await bingx.accountV1PrivateGetApiKeyQuery())["data"]["apiInfos"][0]
    assert 5 in listed["permissions"]


# ── orders ──


@pytest.mark.parametrize("symbol", SYMBOLS)
async def test_an_order_goes_from_its_creation_to_its_trades(symbol: str, bingx: Any) -> None:
    """At the market, an IOC limit and a post-only one; spot answers at once with what was filled, contracts do not."""
    made = await bingx.create_order(symbol, "market", "buy", SIZES[symbol], None, {"clientOrderId": "habc1"})
    assert made["clientOrderId"] == "habc1"
    assert made["status"] == ("closed" if symbol == SPOT else None)
    found = await bingx.fetch_order(made["id"], symbol)
    assert (found["status"], Decimal(found["filled"])) == ("closed", Decimal(SIZES[symbol]))
    trades = await bingx.fetch_my_trades(symbol, params={"orderId": made["id"]})
    assert sum(Decimal(trade["amount"]) for trade in trades) == Decimal(SIZES[symbol])
    assert {trade["fee"]["currency"] for trade in trades} == {{SPOT: "BTC", LINEAR: "USDT", INVERSE: "BTC"}[symbol]}


@pytest.mark.parametrize("symbol", SYMBOLS)
async def test_an_order_rests_until_it_is_cancelled_by_our_id(symbol: str, bingx: Any, server: EmulatedServer) -> None:
    """It is in the open list, then cancelled, then in the list of the closed."""
    price = high(server, symbol)
    await bingx.create_order(
        symbol, "limit", "sell", SIZES[symbol], price, {"clientOrderId": "hrest", "postOnly": True}
    )
    (resting,) = await bingx.fetch_open_orders(symbol)
    assert (resting["clientOrderId"], Decimal(resting["price"])) == ("hrest", Decimal(price))
    ended = await bingx.cancel_order(None, symbol, {"clientOrderId": "hrest"})
    assert ended["status"] == "canceled"
    closed = await bingx.fetch_canceled_and_closed_orders(symbol)
    assert [one["clientOrderId"] for one in closed] == ["hrest"]
    assert await bingx.fetch_open_orders(symbol) == []


async def test_ids_are_lower_cased_on_contracts_and_kept_in_spot(bingx: Any, server: EmulatedServer) -> None:
    """VENUES 4.1: what is asked for in capitals is found in small letters, and the echo is small."""
    for symbol, told in ((SPOT, "HaBC"), (LINEAR, "habc")):
        made = await bingx.create_order(symbol, "market", "buy", "0.01", None, {"clientOrderId": "HaBC"})
        assert made["clientOrderId"] == told
    found = await bingx.swapV2PrivateGetTradeOrder({"symbol": "BTC-USDT", "clientOrderId": "HABC"})
    assert found["data"]["order"]["clientOrderId"] == "habc"
    assert server.core.by_client_id("habc", SPOT) is None


async def test_spot_forgets_our_id_after_two_hours(bingx: Any, server: EmulatedServer) -> None:
    """The venue's own id still leads to the order."""
    made = await bingx.create_order(SPOT, "market", "buy", "0.01", None, {"clientOrderId": "hold"})
    asked = {"symbol": "BTC-USDT", "clientOrderID": "hold"}
    assert (await bingx.spotV1PrivateGetTradeQuery(asked))["data"]["status"] == "FILLED"
    server.core.live(timedelta(hours=3))
    with pytest.raises(ccxt.ExchangeError, match="100404"):
        await bingx.spotV1PrivateGetTradeQuery(asked)
    assert (await bingx.fetch_order(made["id"], SPOT))["id"] == made["id"]


async def test_a_stop_keeps_no_id_of_ours(bingx: Any, server: EmulatedServer) -> None:
    """Ids are for MARKET and LIMIT only; the stop stands in the same open list and is cancelled by the venue's id."""
    params = {"clientOrderId": "hstop", "stopLossPrice": high(server, LINEAR), "reduceOnly": True}
    made = await bingx.create_order(LINEAR, "market", "buy", "0.1", None, params)
    assert made["info"]["clientOrderID"] == ""
    (resting,) = await bingx.fetch_open_orders(LINEAR)
    assert (resting["id"], resting["clientOrderId"], resting["reduceOnly"]) == (made["id"], None, True)
    assert Decimal(resting["stopLossPrice"]) == Decimal(high(server, LINEAR))
    assert (await bingx.cancel_order(made["id"], LINEAR))["status"] == "canceled"


async def test_a_market_price_turns_coins_into_money(bingx: Any, server: EmulatedServer) -> None:
    """VENUES 0.1: with a price 0.01 × price USDT are spent; without one 0.01 coins are bought."""
    made = await bingx.create_order(SPOT, "market", "buy", "0.01", 5000, {})
    assert server.asks[-1].params["quoteOrderQty"] == "50"
    assert Decimal(made["filled"]) < Decimal("0.001")


async def test_linear_trades_have_no_id_and_a_clock_eight_hours_ahead(bingx: Any, server: EmulatedServer) -> None:
    """`filledTm` says Z of Hangzhou's clock (the fixture's own `filledTime` and id show it); fillHistory tells both."""
    made = await bingx.create_order(LINEAR, "market", "buy", "0.01", None, {})
    (trade,) = await bingx.fetch_my_trades(LINEAR)
    assert (trade["id"], trade["takerOrMaker"]) == (None, None)
    assert 0 <= trade["timestamp"] - server.core.now_ms() + 2_000 - 8 * 3_600_000 < 3_000
    now = server.core.now_ms()
    asked = {"symbol": "BTC-USDT", "startTs": now - 60_000, "endTs": now, "orderId": made["id"]}
    (row,) = (await bingx.swapV2PrivateGetTradeFillHistory(asked))["data"]["fill_history_orders"]
    assert (row["orderId"], row["role"]) == (made["id"], "taker")
    assert row["filledTime"].endswith("+0800")
    assert row["tradeId"].isdigit()


async def test_two_legs_are_closed_by_the_leg_and_not_by_a_flag(bingx: Any, server: EmulatedServer) -> None:
    """With two legs ccxt's hedged=True sends the leg; buying the short one reduces it."""
    server.core.set_hedge_mode(True)
    await bingx.create_order(LINEAR, "market", "buy", "0.1", None, {"hedged": True, "reduceOnly": True})
    assert server.asks[-1].params["positionSide"] == "SHORT"
    assert "reduceOnly" not in server.asks[-1].params
    assert server.core.positions()[LINEAR].quantity == Decimal("-0.2")


async def test_the_timer_cancels_what_rests(bingx: Any, server: EmulatedServer) -> None:
    """Ten to 120 seconds, for spot and for linear contracts apart; closing it leaves the orders."""
    await bingx.create_order(SPOT, "limit", "buy", "0.01", low(server, SPOT), {"clientOrderId": "hdead"})
    await bingx.cancel_all_orders_after(30_000)
    assert (await bingx.cancel_all_orders_after(0))["data"]["status"] == "CLOSED"
    told = await bingx.cancel_all_orders_after(30_000, SWAP)
    assert told["data"]["status"] == "ACTIVATED"
    assert len(await bingx.fetch_open_orders(SPOT)) == 1
    memory = memory_of(server.core)
    memory.silent_at_ms = dict.fromkeys(memory.silent_at_ms, 0)
    assert len(await bingx.fetch_open_orders(SPOT)) == 1
    await bingx.cancel_all_orders_after(30_000)
    memory.silent_at_ms = dict.fromkeys(memory.silent_at_ms, 0)
    assert await bingx.fetch_open_orders(SPOT) == []


# ── money ──


async def test_money_moves_between_the_wallets_and_is_recorded_by_way(bingx: Any, server: EmulatedServer) -> None:
    """No id of ours goes with a transfer; the record is asked one way at a time."""
    made = await bingx.transfer("USDT", 10, "spot", "linear")
    assert {"fromAccount": "spot", "toAccount": "USDTMPerp"}.items() <= server.asks[-1].params.items()
    assert server.core.wallet_equity(WalletKind.LINEAR, "USDT") == pytest.approx(Decimal(20_010), abs=5)
    (found,) = await bingx.fetch_transfers("USDT", params={"fromAccount": "spot", "toAccount": "linear"})
    assert (found["id"], Decimal(found["amount"]), found["status"]) == (made["id"], 10, "ok")
    assert await bingx.fetch_transfers("USDT", params={"fromAccount": "linear", "toAccount": "spot"}) == []
    await bingx.transfer("USDT", 5, "funding", "spot")
    assert memory_of(server.core).funds["USDT"] == 995


async def test_a_short_receives_what_a_positive_rate_pays(bingx: Any, server: EmulatedServer) -> None:
    """Received is above zero: over a day with its funding the income of a short has the sign of the rate."""
    server.core.live(timedelta(hours=25))
    paid = await bingx.fetch_funding_history(LINEAR)
    booked = [entry.change for entry in server.core.ledger() if entry.kind == "funding"]
    assert [Decimal(row["amount"]) for row in paid] == pytest.approx(booked)
    assert len(paid) == 3


# ── the simulated environment ──


async def test_play_money_trades_linear_contracts_only(server: EmulatedServer) -> None:
    """Sandbox: the VST host, no spot or coin-margined market, the money is called VST (VENUES 2)."""
    async with client(server, demo=True) as demo:
        await demo.load_markets()
        assert {market["linear"] for market in demo.markets.values()} == {True}
        assert (await demo.fetch_balance(SWAP))["info"]["data"][0]["asset"] == "VST"
        await demo.create_order(LINEAR, "market", "buy", "0.01", None, {})
        with pytest.raises(ccxt.BadSymbol):
            await demo.create_order(SPOT, "market", "buy", "0.01", None, {})
        with pytest.raises(ccxt.BadRequest, match="100400"):
            await demo.fetch_balance({"type": "spot"})
    assert {ask.host for ask in server.asks} == {"open-api-vst.bingx.com"}
