"""The emulated Binance refuses with the venue's own codes, and ccxt makes of them what it makes of the real ones."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import ccxt.async_support as ccxt
import pytest

from tests.emulator.server import EmulatedServer, emulated
from tests.emulator.test_binance import INVERSE, LINEAR, SPOT, client

NO_ID: dict[str, Any] = {}


@pytest.fixture
async def server() -> AsyncIterator[EmulatedServer]:
    """A funded account with 2,000 USDT in the linear wallet."""
    async with emulated("binance", books="funded") as running:
        async with client(running, "spot") as spot:
            await spot.transfer("USDT", "2000", "spot", "linear")
        yield running


async def test_a_wrong_key_is_no_key(server: EmulatedServer) -> None:
    """-2015, whatever the signature."""
    async with client(server, "spot", apiKey="another") as one:
        with pytest.raises(ccxt.AuthenticationError, match="-2015"):
            await one.fetch_balance()


async def test_a_wrong_secret_gives_a_wrong_signature(server: EmulatedServer) -> None:
    """-1022, on each of the three hosts."""
    for product in ("spot", "linear", "inverse"):
        async with client(server, product, secret="another") as one:
            with pytest.raises(ccxt.AuthenticationError, match="-1022"):
                await one.fetch_balance()


@pytest.mark.parametrize("late_ms", [20_000, -5_000])
async def test_a_clock_that_is_wrong_is_told(late_ms: int, server: EmulatedServer) -> None:
    """Twenty seconds late or five ahead: -1021."""
    async with client(server, "linear") as one:
        one.options["timeDifference"] = late_ms
        with pytest.raises(ccxt.InvalidNonce, match="-1021"):
            await one.fetch_balance()


async def test_an_id_may_be_used_again_once_its_order_is_filled(server: EmulatedServer) -> None:
    """Two buys under one id: the id alone keeps nobody from buying twice."""
    async with client(server, "spot") as one:
        first = await one.create_order(SPOT, "market", "buy", "0.001", None, {"clientOrderId": "twice"})
        again = await one.create_order(SPOT, "market", "buy", "0.001", None, {"clientOrderId": "twice"})
        found = await one.fetch_order(None, SPOT, {"clientOrderId": "twice"})
    assert first["id"] != again["id"]
    assert found["id"] == again["id"]


@pytest.mark.parametrize(
    ("product", "symbol", "code"), [("spot", SPOT, "Duplicate order"), ("linear", LINEAR, "-4116")]
)
async def test_an_id_of_an_open_order_is_a_duplicate(
    product: str, symbol: str, code: str, server: EmulatedServer
) -> None:
    """Spot says it in words, the futures with -4116."""
    low = str(server.core.quotes()[symbol].bid // 100 * 95)
    own = {"postOnly": True, "clientOrderId": "twice"}
    async with client(server, product) as one:
        await one.create_order(symbol, "limit", "buy", "0.01", low, own)
        with pytest.raises(ccxt.InvalidOrder, match=code):
            await one.create_order(symbol, "limit", "buy", "0.01", low, own)


def near(server: EmulatedServer, symbol: str, part: str) -> str:
    """A price of the whole quote currency at `part` of the bid."""
    return str((server.core.quotes()[symbol].bid * Decimal(part)) // 1)


@pytest.mark.parametrize(
    ("size", "part", "flags", "kind", "code"),
    [
        ("1", None, NO_ID, ccxt.InsufficientFunds, "-2019"),
        ("0.01", None, {"reduceOnly": True}, ccxt.InvalidOrder, "-2022"),
        ("0.001", "0.04", {"postOnly": True}, ccxt.InvalidOrder, "-4164"),
        ("0.01", "1.05", {"postOnly": True}, ccxt.InvalidOrder, "-5022"),
        ("0.01", "0.8", {"postOnly": True}, ccxt.ExchangeError, "-4016"),
        ("0.01", "0.95", {"positionSide": "LONG"}, ccxt.ExchangeError, "-4061"),
        ("0.01", "0.95", {"clientOrderId": "an id of 4 words"}, ccxt.BadRequest, "-1100"),
    ],
)
async def test_a_contract_order_is_refused_in_the_venues_words(
    size: str, part: str | None, flags: dict[str, Any], kind: type[Exception], code: str, server: EmulatedServer
) -> None:
    """Each code is the matching engine's own."""
    async with client(server, "linear") as one:
        price = None if part is None else near(server, LINEAR, part)
        with pytest.raises(kind, match=code):
            await one.create_order(LINEAR, "market" if part is None else "limit", "buy", size, price, flags)


async def test_a_stop_the_mark_has_passed_would_fire_at_once(server: EmulatedServer) -> None:
    """-2021."""
    async with client(server, "linear") as one:
        await one.create_order(LINEAR, "market", "sell", "0.01")
        asked = {"triggerPrice": near(server, LINEAR, "0.95"), "reduceOnly": True}
        with pytest.raises(ccxt.OrderImmediatelyFillable, match="-2021"):
            await one.create_order(LINEAR, "market", "buy", "0.01", None, asked)


@pytest.mark.parametrize(
    ("size", "part", "flags", "kind", "code"),
    [
        ("90", None, NO_ID, ccxt.InsufficientFunds, "insufficient balance"),
        ("0.00001", "0.95", NO_ID, ccxt.BadRequest, "NOTIONAL"),
        ("0.01", "1.05", {"postOnly": True}, ccxt.OrderImmediatelyFillable, "immediately match"),
        ("0.01", "0.8", NO_ID, ccxt.InvalidOrder, "PERCENT_PRICE"),
    ],
)
async def test_a_spot_order_is_refused_in_the_venues_words(
    size: str, part: str | None, flags: dict[str, Any], kind: type[Exception], code: str, server: EmulatedServer
) -> None:
    """Spot says most things with -2010 and -1013, and a sentence."""
    async with client(server, "spot") as one:
        price = None if part is None else near(server, SPOT, part)
        with pytest.raises(kind, match=code):
            await one.create_order(SPOT, "market" if part is None else "limit", "buy", size, price, flags)


async def test_leverage_beyond_the_brackets_is_refused(server: EmulatedServer) -> None:
    """SOL's first bracket allows less than 120."""
    async with client(server, "linear") as one:
        await one.load_markets()
        with pytest.raises(ccxt.BadRequest, match="-4028"):
            await one.set_leverage(120, "SOL/USDT:USDT")


async def test_a_transfer_of_more_than_is_free_is_refused(server: EmulatedServer) -> None:
    """-5013."""
    async with client(server, "spot") as one:
        with pytest.raises(ccxt.InsufficientFunds, match="-5013"):
            await one.transfer("USDT", "900000000", "spot", "linear")


async def test_what_was_received_is_positive_in_the_books(server: EmulatedServer) -> None:
    """A transfer in counts up, a commission counts down."""
    async with client(server, "linear") as one:
        await one.create_order(LINEAR, "market", "sell", "0.01")
        rows = await one.fetch_ledger()
        by_kind = {row["info"]["incomeType"]: Decimal(row["info"]["income"]) for row in rows}
    assert by_kind["TRANSFER"] == 2000
    assert by_kind["COMMISSION"] < 0


async def test_trades_more_than_a_window_apart_are_refused(server: EmulatedServer) -> None:
    """24 hours in spot, 7 days in the futures."""
    day = 24 * 3_600_000
    until = server.core.now_ms()
    async with client(server, "spot") as one:
        with pytest.raises(ccxt.BadRequest, match="-1127"):
            await one.fetch_my_trades(SPOT, until - 2 * day, None, {"endTime": until})
    async with client(server, "linear") as one:
        with pytest.raises(ccxt.BadRequest, match="-4165"):
            await one.fetch_my_trades(LINEAR, until - 8 * day, None, {"endTime": until})


async def test_the_past_is_told_as_bars_rates_and_open_interest(server: EmulatedServer) -> None:
    """As many as were asked for, oldest first, rates eight hours apart."""
    for product, symbol in (("linear", LINEAR), ("inverse", INVERSE)):
        async with client(server, product) as one:
            bars = await one.fetch_ohlcv(symbol, "1d", limit=5)
            rates = await one.fetch_funding_rate_history(symbol, limit=6)
            interest = await one.fetch_open_interest_history(symbol, "1d", limit=4)
            now = await one.fetch_open_interest(symbol)
        assert [len(bars), len(rates), len(interest)] == [5, 6, 4]
        assert bars == sorted(bars)
        assert rates[1]["timestamp"] - rates[0]["timestamp"] == 8 * 3_600_000
        assert now["openInterestAmount"] is not None


async def test_the_dead_mans_switch_cancels_what_rests_when_it_runs_out(server: EmulatedServer) -> None:
    """A countdown of one millisecond has run out at the next look."""
    async with client(server, "linear") as one:
        await one.create_order(LINEAR, "limit", "buy", "0.01", near(server, LINEAR, "0.95"), {"postOnly": True})
        await one.fapiPrivatePostCountdownCancelAll({"symbol": "BTCUSDT", "countdownTime": "1"})
        await one.fetch_time()
        assert await one.fetch_open_orders(LINEAR) == []


async def test_the_rights_of_the_key_are_told(server: EmulatedServer) -> None:
    """It trades, it may not withdraw, and it is bound to addresses."""
    async with client(server, "spot") as one:
        rights = await one.sapiGetAccountApiRestrictions()
    assert (rights["enableWithdrawals"], rights["ipRestrict"], rights["enableFutures"]) == (False, True, True)
