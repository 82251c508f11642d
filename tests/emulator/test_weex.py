"""The real ccxt client and the emulated WEEX understand each other over HTTP: prices, wallets, settings, books."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.instrument import WalletKind
from bot.domain.snapshot import MarginMode
from tests.emulator.server import EmulatedServer, emulated
from tests.emulator.weex.client import LINEAR, SPOT, SWAP, client

SYMBOLS = (SPOT, LINEAR)
HOUR_MS = 3_600_000


@pytest.fixture
async def server() -> AsyncIterator[EmulatedServer]:
    """A hedged account, 0.3 BTC short; every path that is asked must be one the emulator knows."""
    async with emulated("weex", books="hedged") as running:
        yield running
        assert running.unknown == []


@pytest.fixture
async def weex(server: EmulatedServer) -> AsyncIterator[Any]:
    """A client with its markets loaded."""
    async with client(server) as one:
        await one.load_markets()
        yield one


# ── the market ──


async def test_markets_take_two_requests_and_their_contract_size_lies(weex: Any, server: EmulatedServer) -> None:
    """One question to each host; contractVal says 0.0001 although every amount is in coins (VENUES 0.5)."""
    assert sorted(ask.path for ask in server.asks) == ["/api/v3/exchangeInfo", "/capi/v3/market/exchangeInfo"]
    assert {ask.host for ask in server.asks} == {"api-spot.weex.com", "api-contract.weex.com"}
    for symbol in SYMBOLS:
        rules, market = server.core.instruments[symbol], weex.market(symbol)
        assert market["active"]
        assert Decimal(market["precision"]["price"]) == rules.tick
        assert Decimal(market["precision"]["amount"]) == rules.step
        assert Decimal(market["limits"]["amount"]["min"]) == rules.min_quantity
        assert market["limits"]["cost"]["min"] is None
    assert Decimal(weex.market(LINEAR)["contractSize"]) == Decimal("0.0001")
    assert server.core.instruments[LINEAR].contract_size == 1


async def test_prices_are_the_markets(weex: Any, server: EmulatedServer) -> None:
    """Tickers, best prices, marks and books agree with the market behind; a contract's ticker tells no bid."""
    assert abs(await weex.fetch_time() - server.core.now_ms()) < 2_000
    assert abs(await weex.fetch_time(SWAP) - server.core.now_ms()) < 2_000
    for symbol in SYMBOLS:
        quote = server.core.quotes()[symbol]
        ticker, best = await weex.fetch_ticker(symbol), (await weex.fetch_bids_asks([symbol]))[symbol]
        assert Decimal(ticker["last"]) == quote.last
        assert (Decimal(best["bid"]), Decimal(best["ask"])) == (quote.bid, quote.ask)
        book = await weex.fetch_order_book(symbol, 50)
        assert str(book["bids"][0][0]) == f"{quote.bid.normalize():f}"
        assert book["bids"][1][0] < book["bids"][0][0] < book["asks"][0][0] < book["asks"][1][0]
    mark, ticker = server.core.quotes()[LINEAR].valuation, await weex.fetch_ticker(LINEAR)
    assert ticker["bid"] is None
    assert Decimal(ticker["markPrice"]) == mark
    assert Decimal((await weex.fetch_mark_prices([LINEAR]))[LINEAR]["markPrice"]) == mark
    assert Decimal((await weex.fetch_mark_price(LINEAR))["markPrice"]) == mark
    assert Decimal((await weex.fetch_last_prices([SPOT]))[SPOT]["price"]) == server.core.quotes()[SPOT].last


async def test_funding_now_is_told_as_if_it_were_paid_now(weex: Any, server: EmulatedServer) -> None:
    """`fundingTimestamp` is this moment; the settlement is nextFundingTimestamp, and the forecast nextFundingRate."""
    known = server.core.funding()[LINEAR]
    told = (await weex.fetch_funding_rates([LINEAR]))[LINEAR]
    assert abs(told["fundingTimestamp"] - server.core.now_ms()) < 2_000
    assert told["nextFundingTimestamp"] == round(known.next_at.timestamp() * 1000)
    assert Decimal(told["nextFundingRate"]) == known.rate
    assert told["interval"] == "8h"


async def test_the_past_is_told_as_it_was(weex: Any, server: EmulatedServer) -> None:
    """Bars on the hour, the unfinished one last; settled rates eight hours apart; open interest in coins."""
    for symbol in SYMBOLS:
        bars = await weex.fetch_ohlcv(symbol, "1h", limit=4)
        assert [bar[0] - bars[0][0] for bar in bars] == [0, HOUR_MS, 2 * HOUR_MS, 3 * HOUR_MS]
        assert bars[0][0] % HOUR_MS == 0
    since = server.core.now_ms() - 10 * HOUR_MS
    for params in ({"historical": True}, {"price": "mark"}, {"price": "index"}):
        assert len(await weex.fetch_ohlcv(LINEAR, "1h", since, 3, params)) == 3
    settled = await weex.fetch_funding_rate_history(LINEAR, limit=3)
    assert [row["timestamp"] - settled[0]["timestamp"] for row in settled] == [0, 8 * HOUR_MS, 16 * HOUR_MS]
    assert Decimal((await weex.fetch_open_interest(LINEAR))["openInterestAmount"]) > 0
    assert (await weex.fetch_status())["status"] == "ok"


async def test_coins_are_listed_for_who_asks(weex: Any) -> None:
    """The list that a lean start leaves out."""
    weex.has["fetchCurrencies"] = True
    assert {"BTC", "USDT"} <= set(await weex.fetch_currencies())


async def test_fees_of_contracts_are_told_and_those_of_spot_are_not(weex: Any, server: EmulatedServer) -> None:
    """Maker and taker of a contract; for spot there is no call, only the schedule."""
    fee, rules = await weex.fetch_trading_fee(LINEAR), server.core.instruments[LINEAR]
    assert (Decimal(fee["maker"]), Decimal(fee["taker"])) == (rules.maker_fee, rules.taker_fee)
    assert weex.has["fetchLeverageTiers"] is False


# ── the account ──


async def test_a_wallet_is_what_was_put_in_without_open_profit(weex: Any, server: EmulatedServer) -> None:
    """20,000 USDT of margin whatever the short stands at: equity is balance and unrealizePnl together."""
    told = await weex.fetch_balance(SWAP)
    (row,) = told["info"]
    equity = server.core.wallet_equity(WalletKind.LINEAR, "USDT")
    assert Decimal(row["balance"]) == 20_000
    assert abs(Decimal(row["balance"]) + Decimal(row["unrealizePnl"]) - equity) < Decimal("0.000001")
    assert Decimal(row["availableBalance"]) < 20_000
    assert Decimal(row["frozen"]) == 0
    spot = {one.asset: one.free for one in server.core.balances(WalletKind.SPOT)}
    assert Decimal((await weex.fetch_balance({"type": "spot"}))["BTC"]["free"]) == spot["BTC"].quantize(Decimal("1e-8"))


async def test_a_position_is_a_leg_with_its_value_at_entry(weex: Any, server: EmulatedServer) -> None:
    """0.3 BTC short in coins; ccxt finds the entry from openValue, and neither mark nor maintenance margin."""
    (told,) = await weex.fetch_positions()
    own = server.core.positions()[LINEAR]
    assert (told["side"], Decimal(told["contracts"]), told["hedged"]) == ("short", Decimal("0.3"), False)
    assert Decimal(told["entryPrice"]) == own.entry_price
    assert Decimal(told["notional"]) == own.entry_price * Decimal("0.3")
    assert (told["markPrice"], told["maintenanceMargin"], told["marginMode"]) == (None, None, "cross")
    assert (await weex.fetch_position(LINEAR))["side"] == "short"
    assert await weex.fetch_positions_for_symbol("ETH/USDT:USDT") == []


async def test_leverage_and_margin_mode_are_set_and_read_back(weex: Any, server: EmulatedServer) -> None:
    """Seven, isolated, where nothing is open; 500 is too much; with a position the margin mode stays."""
    name = "ETH/USDT:USDT"
    await weex.set_margin_mode("isolated", name)
    await weex.set_leverage(7, name, {"marginMode": "isolated"})
    told = await weex.fetch_leverage(name)
    assert (told["marginMode"], told["longLeverage"], told["shortLeverage"]) == ("isolated", "7", "7")
    assert (await weex.fetch_margin_mode(name))["marginMode"] == "isolated"
    assert (server.core.margin_mode(name), server.core.leverage(name)) == (MarginMode.ISOLATED, 7)
    with pytest.raises(Exception, match="-3313"):
        await weex.set_leverage(500, name)
    with pytest.raises(Exception, match="FAILED_PRECONDITION"):
        await weex.set_margin_mode("isolated", LINEAR)
    assert LINEAR in await weex.fetch_leverages([LINEAR, name])


async def test_positions_are_kept_together_or_apart_by_contract(weex: Any) -> None:
    """What ccxt calls hedged is SEPARATED: each order its own position; it is set with the margin mode."""
    name = "SOL/USDT:USDT"
    assert (await weex.fetch_position_mode(name))["hedged"] is False
    await weex.set_position_mode(True, name, {"marginMode": "cross"})
    assert (await weex.fetch_position_mode(name))["hedged"] is True
    assert (await weex.fetch_position_mode(LINEAR))["hedged"] is False
    assert (await weex.contractPrivateGetCapiV3AccountAccountConfig())["dualSidePosition"] is True


# ── the books ──


async def test_funding_received_is_positive(weex: Any, server: EmulatedServer) -> None:
    """A short of 0.3 BTC over one settlement receives where the rate is positive."""
    server.core.live(timedelta(hours=9))
    rate = server.core.past_funding(LINEAR)[-1][1]
    since = server.core.now_ms() - 10 * HOUR_MS
    rows = await weex.fetch_funding_history(LINEAR, since)
    assert rows
    assert all((Decimal(row["amount"]) > 0) == (rate > 0) for row in rows[-1:])
    assert rows[-1]["code"] == "USDT"
    assert await weex.fetch_funding_history("ETH/USDT:USDT", since) == []


async def test_one_end_of_a_span_alone_is_refused(weex: Any, server: EmulatedServer) -> None:
    """StartTime and endTime work as a pair only (ccxt fills the end, and not for its ledger)."""
    with pytest.raises(Exception, match="-1128"):
        await weex.fetch_ledger(None, server.core.now_ms() - HOUR_MS, None, {"type": "swap"})


async def test_what_came_into_the_spot_wallet_is_told(weex: Any, server: EmulatedServer) -> None:
    """A deposit of 250 USDT and a withdrawal of 100; a time as `before`, which is a bill's number, hides both."""
    server.core.flow("USDT", Decimal(250))
    server.core.flow("USDT", Decimal(-100))
    rows = await weex.fetch_ledger(None, None, None, {"type": "spot"})
    assert sorted((row["type"], row["direction"], row["amount"]) for row in rows) == [
        ("deposit", "in", "250"),
        ("withdrawal", "out", "100"),
    ]
    assert await weex.fetch_transfers("USDT") == []
    now = server.core.now_ms()
    assert len(await weex.fetch_ledger(None, now - HOUR_MS, None, {"type": "spot"})) == 2
    assert await weex.privatePostApiV3AccountBills({"before": now + HOUR_MS}) == []


async def test_no_request_moves_money_between_the_wallets(weex: Any) -> None:
    """Ccxt has no transfer for WEEX: a person moves it."""
    with pytest.raises(Exception, match="not supported"):
        await weex.transfer("USDT", "1", "spot", "swap")
