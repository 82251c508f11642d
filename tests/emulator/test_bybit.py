"""The real ccxt client and the emulated Bybit understand each other over HTTP, call by call."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import ccxt.async_support as ccxt
import pytest

from bot.domain.ledger import EntryKind
from bot.domain.snapshot import MarginMode
from tests.emulator.bybit.client import IN_INVERSE, INVERSE, LINEAR, SPOT, client
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


async def test_markets_take_five_requests_and_no_option_is_asked_for(bybit: Any, server: EmulatedServer) -> None:
    """Lean start-up: spot once, linear and inverse twice each (a second list of what is about to be listed)."""
    assert [ask.path for ask in server.asks] == ["/v5/market/instruments-info"] * 5
    for symbol in (SPOT, LINEAR, INVERSE):
        rules = server.core.instruments[symbol]
        market = bybit.market(symbol)
        assert Decimal(market["precision"]["amount"]) == rules.step
        assert Decimal(market["precision"]["price"]) == rules.tick
        assert Decimal(str(market["contractSize"] or 1)) == rules.contract_size
    assert Decimal(bybit.market(SPOT)["limits"]["cost"]["min"]) == server.core.instruments[SPOT].min_notional
    assert bybit.market(INVERSE)["limits"]["cost"]["min"] is None


async def test_dated_contracts_keep_their_expiry(bybit: Any, server: EmulatedServer) -> None:
    """BTCUSDT-25DEC26 and BTCUSDZ26 come back with the day they are delivered."""
    dated = {symbol: one.expiry for symbol, one in server.core.instruments.items() if one.kind.is_dated}
    assert dated
    assert {s: bybit.market(s)["expiry"] for s in dated} == {
        s: round(expiry.timestamp() * 1000) for s, expiry in dated.items() if expiry is not None
    }


async def test_one_purse_is_told_whatever_wallet_is_asked_for(bybit: Any, server: EmulatedServer) -> None:
    """Spot, linear and inverse balances are one call and one number; FUND is another wallet."""
    told = [await bybit.fetch_balance(params) for params in ({}, {"type": "swap"}, IN_INVERSE)]
    assert len({one["USDT"]["total"] for one in told}) == 1
    assert {ask.params["accountType"] for ask in server.asks if "wallet-balance" in ask.path} == {"UNIFIED"}
    fund = await bybit.fetch_balance({"type": "funding"})
    assert Decimal(fund["USDT"]["free"]) == memory_of(server.core).funds["USDT"]


async def test_the_first_private_call_asks_what_kind_of_account_it_is(bybit: Any, server: EmulatedServer) -> None:
    """Two questions before the first balance, and the answer is a unified account 2.0."""
    await bybit.fetch_balance()
    assert [ask.path for ask in server.asks[5:]] == [
        "/v5/user/query-api",
        "/v5/account/info",
        "/v5/account/wallet-balance",
    ]
    assert (bybit.options["enableUnifiedAccount"], bybit.options["unifiedMarginStatus"]) == (True, 6)


async def test_quotes_marks_funding_and_its_interval_come_with_the_tickers(bybit: Any, server: EmulatedServer) -> None:
    """One list a category has all prices, the rate, its next settlement; the interval is in the listing."""
    assert abs(await bybit.fetch_time() - server.core.now_ms()) < 2_000
    for symbol in (SPOT, LINEAR, INVERSE):
        quote = server.core.quotes()[symbol]
        near = quote.mid / 100
        for told in ((await bybit.fetch_tickers([symbol]))[symbol], await bybit.fetch_ticker(symbol)):
            assert abs(Decimal(told["bid"]) - quote.bid) < near
            assert abs(Decimal(told["ask"]) - quote.ask) < near
        assert symbol in await bybit.fetch_bids_asks([symbol])
        book = await bybit.fetch_order_book(symbol, 5)
        assert Decimal(str(book["bids"][0][0])) < Decimal(str(book["asks"][0][0]))
    for symbol in (LINEAR, INVERSE):
        rate = (await bybit.fetch_funding_rates([symbol]))[symbol]
        known = server.core.funding()[symbol]
        assert Decimal(rate["fundingRate"]) == known.rate
        assert rate["fundingTimestamp"] == round(known.next_at.timestamp() * 1000)
        assert rate["interval"] == f"{known.interval_hours.normalize():f}h"


async def test_tiers_and_fees_are_those_of_the_simulator(bybit: Any, server: EmulatedServer) -> None:
    """Risk limits page by page and by symbol say the same; fees are the account's own."""
    for symbol, params in ((LINEAR, {}), (INVERSE, IN_INVERSE)):
        rules = server.core.instruments[symbol]
        for tiers in (
            (await bybit.fetch_leverage_tiers([symbol], params))[symbol],
            await bybit.fetch_market_leverage_tiers(symbol),
        ):
            assert [Decimal(str(t["maintenanceMarginRate"])) for t in tiers] == [t.rate for t in rules.tiers]
            assert [Decimal(str(t["minNotional"])) for t in tiers] == [t.floor for t in rules.tiers]
        assert Decimal((await bybit.fetch_trading_fee(symbol))["taker"]) == rules.taker_fee
    assert Decimal((await bybit.fetch_trading_fee(SPOT))["taker"]) == server.core.instruments[SPOT].taker_fee
    assert LINEAR in await bybit.fetch_trading_fees({"category": "linear"})


async def test_leverage_is_set_for_a_contract_and_read_back(bybit: Any) -> None:
    """The same again is 110043, more than the first tier allows 110013."""
    for symbol in (LINEAR, INVERSE):
        await bybit.set_leverage(7, symbol)
        assert (await bybit.fetch_leverage(symbol))["shortLeverage"] == 7
        with pytest.raises(ccxt.BadRequest, match="110043"):
            await bybit.set_leverage(7, symbol)
        with pytest.raises(ccxt.BadRequest, match="110013"):
            await bybit.set_leverage(500, symbol)


async def test_the_margin_mode_is_the_whole_accounts(bybit: Any, server: EmulatedServer) -> None:
    """Set for one contract, it holds for all; the same again is accepted."""
    assert (await bybit.fetch_margin_mode(LINEAR))["marginMode"] == "cross"
    await bybit.set_margin_mode("isolated", LINEAR)
    assert (await bybit.fetch_margin_mode("ETH/USDT:USDT"))["marginMode"] == "isolated"
    assert server.core.margin_mode(INVERSE) is MarginMode.ISOLATED
    await bybit.set_margin_mode("isolated", LINEAR)


async def test_the_position_mode_changes_only_while_flat(bybit: Any) -> None:
    """110025 for no change, 110024 with a position; in hedge mode each order names its leg."""
    with pytest.raises(ccxt.NoChange, match="110025"):
        await bybit.set_position_mode(False)
    await bybit.create_order(LINEAR, "market", "sell", "0.01")
    with pytest.raises(ccxt.ExchangeError, match="110024"):
        await bybit.set_position_mode(True)
    await bybit.create_order(LINEAR, "market", "buy", "0.01", None, {"reduceOnly": True})
    await bybit.set_position_mode(True)
    with pytest.raises(ccxt.BadRequest, match="10001"):
        await bybit.create_order(LINEAR, "market", "sell", "0.01")
    await bybit.create_order(LINEAR, "market", "sell", "0.01", None, {"hedged": True})
    (held,) = await bybit.fetch_positions()
    assert (held["side"], held["hedged"], held["info"]["positionIdx"]) == ("short", True, 2)


async def test_the_log_of_the_purse_adds_up_to_the_purse(bybit: Any, server: EmulatedServer) -> None:
    """Per row change = cashFlow + funding − fee, and all changes together are what the balance moved by."""
    before = await bybit.fetch_balance()
    await bybit.create_order(SPOT, "market", "buy", "0.01")
    await bybit.create_order(LINEAR, "market", "sell", "0.02")
    await bybit.create_order(LINEAR, "market", "buy", "0.02", None, {"reduceOnly": True})
    after = await bybit.fetch_balance()
    rows = (await bybit.private_get_v5_account_transaction_log({"limit": 50, "type": "TRADE"}))["result"]["list"]
    for coin in ("USDT", "BTC"):
        changes = [Decimal(row["change"]) for row in rows if row["currency"] == coin]
        moved = Decimal(after[coin]["total"]) - Decimal(before[coin]["total"])
        assert abs(sum(changes, Decimal(0)) - moved) < Decimal("0.00000001")
    for row in rows:
        parts = Decimal(row["cashFlow"]) - Decimal(row["fee"])
        assert Decimal(row["change"]) == parts
    told = await bybit.fetch_ledger("USDT", None, 50)
    assert {one["type"] for one in told if one["info"]["type"] == "TRADE"} == {"trade"}


async def test_the_log_tells_a_day_unless_asked_and_a_week_at_most(bybit: Any, server: EmulatedServer) -> None:
    """A longer span is refused, and a page of one has a cursor to the next."""
    week = 7 * 24 * 3_600_000
    with pytest.raises(ccxt.BadRequest, match="10001"):
        await bybit.fetch_ledger(None, server.core.now_ms() - 2 * week, 50, {"endTime": server.core.now_ms()})
    await bybit.create_order(SPOT, "market", "buy", "0.01")
    first = await bybit.private_get_v5_account_transaction_log({"limit": 1})
    second = await bybit.private_get_v5_account_transaction_log(
        {"limit": 1, "cursor": first["result"]["nextPageCursor"]}
    )
    assert first["result"]["list"][0]["id"] != second["result"]["list"][0]["id"]


async def test_money_moves_between_fund_and_the_purse_once_for_each_id(bybit: Any, server: EmulatedServer) -> None:
    """The same transfer id again is 131214; accounts that are not there are refused."""
    before = Decimal((await bybit.fetch_balance())["USDT"]["total"])
    identity = {"transferId": "42c0cfb0-6bca-c242-bc76-4e6df6cbcb16"}
    made = await bybit.transfer("USDT", "12.5", "funding", "unified", identity)
    assert made["id"] == identity["transferId"]
    assert Decimal((await bybit.fetch_balance())["USDT"]["total"]) == before + Decimal("12.5")
    with pytest.raises(ccxt.BadRequest, match="131214"):
        await bybit.transfer("USDT", "12.5", "funding", "unified", identity)
    (told,) = await bybit.fetch_transfers("USDT")
    assert (told["id"], Decimal(told["amount"]), told["status"]) == (made["id"], Decimal("12.5"), "ok")
    with pytest.raises(ccxt.InsufficientFunds):
        await bybit.transfer("USDT", "5000", "funding", "unified")
    with pytest.raises(ccxt.NotSupported):
        await bybit.transfer("USDT", "1", "unified", "swap")


async def test_bars_come_with_the_unfinished_one_last(bybit: Any, server: EmulatedServer) -> None:
    """Hour on hour without a gap, the last one still open."""
    for symbol in (SPOT, LINEAR, INVERSE):
        bars = await bybit.fetch_ohlcv(symbol, "1h", None, 5)
        opened = [bar[0] for bar in bars]
        assert opened == sorted(opened)
        assert {later - sooner for sooner, later in pairwise(opened)} == {3_600_000}
        assert opened[-1] <= server.core.now_ms() < opened[-1] + 3_600_000
    assert len(await bybit.fetch_mark_ohlcv(LINEAR, "1h", None, 5)) == 5
    assert len(await bybit.fetch_index_ohlcv(LINEAR, "1h", None, 5)) == 5


async def test_past_funding_and_open_interest_are_told(bybit: Any, server: EmulatedServer) -> None:
    """Newest first on the wire, oldest first from ccxt; a lone startTime is refused."""
    for symbol in (LINEAR, INVERSE):
        rates = await bybit.fetch_funding_rate_history(symbol, None, 5)
        assert len(rates) == 5
        assert [one["timestamp"] for one in rates] == sorted(one["timestamp"] for one in rates)
        past = await bybit.fetch_open_interest_history(symbol, "1d", None, 5)
        assert len(past) == 5
        assert (await bybit.fetch_open_interest(symbol))["symbol"] == symbol
    with pytest.raises(ccxt.BadRequest, match="10001"):
        await bybit.public_get_v5_market_funding_history({"category": "linear", "symbol": "BTCUSDT", "startTime": 1})


async def test_the_switch_for_silence_watches_no_rest_client(bybit: Any, server: EmulatedServer) -> None:
    """It is taken and told again; it watches only a private stream."""
    await bybit.cancel_all_orders_after(40_000)
    assert memory_of(server.core).silence_seconds == 40
    assert (await bybit.private_get_v5_account_info())["result"]["timeWindow"] == 40


async def test_play_money_cannot_transfer_nor_tell_fees_nor_rights(server: EmulatedServer) -> None:
    """VENUES 2: the demo host answers these with 10032."""
    async with client(server, demo=True) as one:
        await one.load_markets()
        await one.fetch_balance()
        for call in (
            one.transfer("USDT", "1", "funding", "unified"),
            one.fetch_trading_fee(LINEAR),
            one.private_get_v5_user_query_api(),
        ):
            with pytest.raises(ccxt.ExchangeError, match="10032"):
                await call
    assert {ask.host for ask in server.asks} == {"api-demo.bybit.com"}


async def test_a_paid_funding_is_positive_among_trades_and_negative_in_the_log(
    bybit: Any, server: EmulatedServer
) -> None:
    """VENUES 5: execFee counts what was paid, the log what was received."""
    await bybit.create_order(LINEAR, "market", "sell", "0.1")
    server.core.live(timedelta(hours=8))
    (known,) = [entry for entry in server.core.ledger() if entry.kind is EntryKind.FUNDING]
    (told,) = await bybit.fetch_funding_history(LINEAR)
    assert Decimal(told["amount"]) == -known.change != 0
    rows = (await bybit.private_get_v5_account_transaction_log({"type": "SETTLEMENT"}))["result"]["list"]
    assert [(Decimal(row["funding"]), Decimal(row["change"]), row["symbol"]) for row in rows] == [
        (known.change, known.change, "BTCUSDT")
    ]
