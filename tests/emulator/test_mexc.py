"""The real ccxt client and the emulated MEXC understand each other, trap by trap."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import ccxt.async_support as ccxt
import pytest

from bot.domain.instrument import WalletKind
from bot.domain.snapshot import MarginMode
from tests.emulator.server import EmulatedServer, emulated

SPOT, LINEAR, INVERSE = "BTC/USDT", "BTC/USDT:USDT", "BTC/USD:BTC"
SWAP = {"type": "swap"}
ONE_WAY = {"positionMode": 2, "leverage": 5}


@asynccontextmanager
async def client(server: EmulatedServer, **wrong: str) -> AsyncIterator[Any]:
    """A real client, its wire bent to the emulator; `wrong` replaces key or secret."""
    secrets = server.core.secrets
    one = ccxt.mexc({"apiKey": secrets.key, "secret": secrets.secret, **wrong})
    one.number = str
    one.enableRateLimit = False
    one.has["fetchCurrencies"] = False
    one.session, one.own_session = server.wire(), False
    try:
        yield one
    finally:
        await one.session.close()
        await one.close()


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


def below(server: EmulatedServer, symbol: str) -> str:
    """A price of whole quote currency, five per cent below the bid."""
    return str(int(server.core.quotes()[symbol].bid * 95 / 100))


def above(server: EmulatedServer, symbol: str) -> str:
    """A price of whole quote currency, one per cent above the ask."""
    return str(int(server.core.quotes()[symbol].ask * 101 / 100))


async def short(mexc: Any, contracts: int = 100) -> Any:
    """Sell contracts at the market: 100 are 0.01 BTC."""
    return await mexc.create_order(LINEAR, "market", "sell", contracts, None, {"type": 5, **ONE_WAY})


async def test_the_markets_load_in_two_requests_with_the_venues_units(mexc: Any, server: EmulatedServer) -> None:
    """ExchangeInfo and contract/detail; a contract is 0.0001 BTC or 0.01 ETH, a spot order at least 1 USDT."""
    before = len(server.asks)
    markets = await mexc.load_markets()
    assert len(server.asks) - before == 2
    for symbol in (SPOT, LINEAR, INVERSE):
        rules = server.core.instruments[symbol]
        assert Decimal(markets[symbol]["precision"]["amount"]) == rules.step
        assert Decimal(markets[symbol]["precision"]["price"]) == rules.tick
        assert Decimal(str(markets[symbol]["contractSize"] or 1)) == rules.contract_size
    assert Decimal(markets[LINEAR]["contractSize"]) == Decimal("0.0001")
    assert Decimal(markets["ETH/USDT:USDT"]["contractSize"]) == Decimal("0.01")
    assert Decimal(markets[SPOT]["limits"]["cost"]["min"]) == 1


async def test_the_clock_is_ours(mexc: Any, server: EmulatedServer) -> None:
    """The venue's time is the emulator's, to two seconds."""
    assert abs(await mexc.fetch_time() - server.core.now_ms()) < 2_000


async def test_ccxts_total_of_the_contract_wallet_leaves_the_margin_out(mexc: Any) -> None:
    """With 0.01 BTC short, equity is free and margin together; ccxt's total is the free part alone."""
    await short(mexc)
    told = await mexc.fetch_balance(SWAP)
    row = next(one for one in told["info"]["data"] if one["currency"] == "USDT")
    cash, margin, free = (Decimal(str(row[name])) for name in ("cashBalance", "positionMargin", "availableBalance"))
    assert Decimal(str(row["equity"])) - Decimal(str(row["unrealized"])) == cash
    assert margin > 0
    assert Decimal(told["USDT"]["total"]) == free
    assert abs(free + margin - Decimal(str(row["equity"]))) < Decimal("0.001")


async def test_the_spot_wallet_tells_what_is_free(mexc: Any, server: EmulatedServer) -> None:
    """The free USDT of the spot wallet."""
    told = await mexc.fetch_balance({"type": "spot"})
    own = {one.asset: one for one in server.core.balances(WalletKind.SPOT)}
    assert Decimal(told["USDT"]["free"]) == own["USDT"].free


async def test_tickers_tell_mark_index_and_funding_of_contracts_in_their_raw_rows(
    mexc: Any, server: EmulatedServer
) -> None:
    """fairPrice, indexPrice and fundingRate are there, and ccxt drops the mark; one symbol alone works too."""
    spot, contracts = await mexc.fetch_tickers([SPOT, "ETH/USDT"]), await mexc.fetch_tickers([LINEAR, INVERSE])
    assert Decimal(spot[SPOT]["bid"]) < Decimal(spot[SPOT]["ask"])
    info = contracts[LINEAR]["info"]
    quote = server.core.quotes()[LINEAR]
    assert abs(Decimal(str(info["fairPrice"])) / quote.valuation - 1) < Decimal("0.001")
    assert {"indexPrice", "fundingRate"} <= set(info)
    assert contracts[LINEAR].get("markPrice") is None
    alone = await mexc.fetch_tickers([LINEAR])
    assert set(alone) == {LINEAR}


async def test_the_best_prices_of_spot_come_alone(mexc: Any) -> None:
    """BookTicker of two markets."""
    told = await mexc.fetch_bids_asks([SPOT, "ETH/USDT"])
    assert Decimal(told[SPOT]["bid"]) < Decimal(told[SPOT]["ask"])


async def test_books_rise_and_fall_from_the_best_price(mexc: Any) -> None:
    """Bids fall, asks rise, and they do not cross, in spot and in both kinds of contract."""
    for symbol in (SPOT, LINEAR, INVERSE):
        book = await mexc.fetch_order_book(symbol)
        bids, asks = ([Decimal(row[0]) for row in book[side]] for side in ("bids", "asks"))
        assert bids == sorted(bids, reverse=True)
        assert asks == sorted(asks)
        assert bids[0] < asks[0]


async def test_funding_comes_with_its_real_interval_one_contract_at_a_time(mexc: Any, server: EmulatedServer) -> None:
    """Rate, 8 hours, and a settlement ahead of now."""
    told = await mexc.fetch_funding_rate(LINEAR)
    own = server.core.funding()[LINEAR]
    assert Decimal(told["fundingRate"]) == own.rate
    assert told["interval"] == "8h"
    assert told["fundingTimestamp"] > server.core.now_ms()
    assert (await mexc.fetch_funding_interval(LINEAR))["interval"] == "8h"


async def test_past_funding_and_candles_are_told(mexc: Any, server: EmulatedServer) -> None:
    """Twenty settlements 8 hours apart; twenty hourly bars of last, mark and index price."""
    rates = await mexc.fetch_funding_rate_history(LINEAR, None, 20)
    assert len(rates) == 20
    assert len({one["timestamp"] % 28_800_000 for one in rates}) == 1
    since = server.core.now_ms() - 30 * 3_600_000
    for symbol, params in ((SPOT, {}), (LINEAR, {}), (LINEAR, {"price": "mark"}), (LINEAR, {"price": "index"})):
        bars = await mexc.fetch_ohlcv(symbol, "1h", since, 20, params)
        assert len(bars) == 20
        assert all(bar[0] % 3_600_000 == 0 for bar in bars)


async def test_tiers_rise_evenly_and_their_floors_are_contracts(mexc: Any, server: EmulatedServer) -> None:
    """Five tiers; floor times contract size times mark is the floor in USDT, to a thousandth."""
    told = (await mexc.fetch_leverage_tiers([LINEAR]))[LINEAR]
    rules, mark = server.core.instruments[LINEAR], server.core.quotes()[LINEAR].valuation
    assert len(told) == len(rules.tiers)
    for row, tier in zip(told, rules.tiers, strict=True):
        assert abs(Decimal(row["maintenanceMarginRate"]) - tier.rate) < Decimal("1e-9")
        floor = Decimal(row["minNotional"]) * rules.contract_size * mark
        assert abs(floor - tier.floor) <= tier.floor / 1000


async def test_spot_fees_are_told_contract_fees_are_not(mexc: Any) -> None:
    """0.1 % as a taker in spot; ccxt has no call for contracts."""
    fee = await mexc.fetch_trading_fee(SPOT)
    assert Decimal(fee["taker"]) == Decimal("0.001")
    with pytest.raises(ccxt.NotSupported):
        await mexc.fetch_trading_fee(LINEAR)


async def test_the_position_mode_is_one_way_and_changes_only_with_nothing_open(
    mexc: Any, server: EmulatedServer
) -> None:
    """Hedge and back with nothing open; with a short open it is refused."""
    assert (await mexc.fetch_position_mode())["hedged"] is False
    await mexc.set_position_mode(True)
    assert server.core.hedge_mode
    await mexc.set_position_mode(False)
    await short(mexc)
    with pytest.raises(ccxt.ExchangeError, match="8835"):
        await mexc.set_position_mode(True)


async def test_leverage_is_set_leg_by_leg_and_brings_the_margin_mode(mexc: Any, server: EmulatedServer) -> None:
    """Seven, isolated, in two requests; three, cross, by the margin mode's call."""
    for leg in (1, 2):
        await mexc.set_leverage(7, LINEAR, {"openType": 1, "positionType": leg})
    told = await mexc.fetch_leverage(LINEAR)
    assert (told["longLeverage"], told["shortLeverage"], told["marginMode"]) == (7, 7, "isolated")
    await mexc.set_margin_mode("cross", LINEAR, {"leverage": 3, "direction": "short"})
    assert server.core.margin_mode(LINEAR) is MarginMode.CROSS
    assert server.core.leverage(LINEAR) == 3


async def test_a_key_tells_nothing_of_its_rights(mexc: Any) -> None:
    """The call has no documented answer, so the emulator gives none."""
    with pytest.raises(ccxt.ExchangeError, match="730003"):
        await mexc.spotPrivatePostApiKeyInfo()


async def test_transfers_are_found_by_their_way_without_an_id_of_ours(mexc: Any) -> None:
    """12.5 USDT from contracts to spot; the contract wallet's own list tells it and the 20,000 that came."""
    made = await mexc.transfer("USDT", "12.5", "swap", "spot")
    back = {"fromAccountType": "FUTURES", "toAccountType": "SPOT"}
    rows = await mexc.fetch_transfers("USDT", None, 50, back)
    assert [(row["id"], row["amount"], row["fromAccount"]) for row in rows] == [(made["id"], "12.5", "swap")]
    assert rows[0]["info"]["clientTranId"] is None
    assert (await mexc.spotPrivateGetCapitalTransferTranId({"tranId": made["id"]}))["asset"] == "USDT"
    inside = await mexc.fetch_transfers("USDT", None, 50, {**back, **SWAP})
    assert sorted(row["fromAccount"] for row in inside) == ["spot", "swap"]


async def test_a_transfer_of_more_than_is_free_is_refused(mexc: Any) -> None:
    """Fifty million USDT, and a wallet that is none."""
    with pytest.raises(ccxt.InsufficientFunds, match="10101"):
        await mexc.transfer("USDT", "50000000", "spot", "swap")
    with pytest.raises(ccxt.ExchangeError, match="10103"):
        await mexc.transfer("USDT", "1", "spot", "inverse")


async def test_what_came_from_outside_is_told_apart(mexc: Any, server: EmulatedServer) -> None:
    """A deposit of 250 USDT and a withdrawal of 100."""
    server.core.flow("USDT", Decimal(250))
    server.core.flow("USDT", Decimal(-100))
    deposits = await mexc.spotPrivateGetCapitalDepositHisrec()
    withdrawals = await mexc.spotPrivateGetCapitalWithdrawHistory()
    assert [(row["amount"], row["status"]) for row in deposits] == [("250", 5)]
    assert [(row["amount"], row["status"]) for row in withdrawals] == [("100", 7)]


async def test_funding_paid_is_negative_and_received_positive(mexc: Any, server: EmulatedServer) -> None:
    """A short of 0.1 BTC over one settlement: received where the rate is positive."""
    await short(mexc, 1000)
    server.core.live(timedelta(hours=9))
    told = await mexc.fetch_funding_history(LINEAR, None, 100)
    rate = Decimal(str(told[0]["info"]["rate"]))
    assert (Decimal(told[0]["amount"]) > 0) == (rate > 0)
    assert told[0]["code"] is None
    assert await mexc.fetch_funding_history("ETH/USDT:USDT") == []
