"""The emulated Bybit refuses as the venue does: with the same codes, and only what the venue refuses."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import ccxt.async_support as ccxt
import pytest

from tests.emulator.asks import Ask, Refused
from tests.emulator.bybit import FAULT_CODES, check_signature
from tests.emulator.bybit.client import INVERSE, LINEAR, SPOT, client, low
from tests.emulator.core import Core
from tests.emulator.server import EmulatedServer, emulated

PATH = "/v5/order/realtime"


@pytest.fixture
async def server() -> AsyncIterator[EmulatedServer]:
    """A funded unified account."""
    async with emulated("bybit", books="funded") as running:
        yield running


@pytest.fixture
async def bybit(server: EmulatedServer) -> AsyncIterator[Any]:
    """A client with its markets loaded."""
    async with client(server) as one:
        await one.load_markets()
        yield one


def signed(core: Core, *, query: str = "category=linear", late_ms: int = 0, **wrong: str) -> Ask:
    """A request signed by hand, `late_ms` old when it comes; `wrong` replaces a header."""
    stamp, window = str(core.now_ms() - late_ms), "5000"
    text = f"{stamp}{core.secrets.key}{window}{query}"
    headers = {
        "x-bapi-api-key": core.secrets.key,
        "x-bapi-timestamp": stamp,
        "x-bapi-recv-window": window,
        "x-bapi-sign": hmac.new(core.secrets.secret.encode(), text.encode(), hashlib.sha256).hexdigest(),
        **wrong,
    }
    return Ask(method="GET", host="api.bybit.com", path=PATH, query=query, headers=headers, at_ms=core.now_ms())


def code_of(refusal: Refused) -> int:
    """The venue's code in a refusal."""
    code = json.loads(refusal.reply.text)["retCode"]
    assert isinstance(code, int)
    return code


@pytest.mark.parametrize(
    ("late_ms", "wrong", "code"),
    [
        (0, {"x-bapi-api-key": "another"}, 10003),
        (0, {"x-bapi-sign": "0" * 64}, 10004),
        (0, {"x-bapi-sign": ""}, 10001),
        (0, {"x-bapi-timestamp": "now"}, 10001),
        (5_500, {}, 10002),
        (-1_500, {}, 10002),
    ],
)
async def test_a_wrong_key_time_or_signature_has_its_own_code(
    late_ms: int, wrong: dict[str, str], code: int, server: EmulatedServer
) -> None:
    """Key 10003, signature 10004, time 10002, something missing 10001."""
    with pytest.raises(Refused) as refusal:
        check_signature(signed(server.core, late_ms=late_ms, **wrong), server.core)
    assert code_of(refusal.value) == code


async def test_a_signature_covers_what_was_sent(server: EmulatedServer) -> None:
    """A signature of one query does not open another; four seconds late is within the window."""
    check_signature(signed(server.core), server.core)
    check_signature(signed(server.core, late_ms=4_000), server.core)
    ask = signed(server.core)
    forged = Ask(method="GET", host=ask.host, path=PATH, query="category=spot", headers=ask.headers, at_ms=ask.at_ms)
    with pytest.raises(Refused) as refusal:
        check_signature(forged, server.core)
    assert code_of(refusal.value) == 10004


async def test_a_wrong_key_is_an_authentication_error_to_ccxt(server: EmulatedServer) -> None:
    """Both codes reach ccxt as what they are."""
    async with client(server, apiKey="another") as one:
        with pytest.raises(ccxt.AuthenticationError, match="10003"):
            await one.fetch_balance()
    async with client(server, secret="another") as one:
        with pytest.raises(ccxt.AuthenticationError, match="10004"):
            await one.fetch_balance()


async def test_an_id_of_ours_is_taken_for_ever_whatever_became_of_the_order(bybit: Any, server: EmulatedServer) -> None:
    """Filled or fallen: 170141 in spot, 110072 for contracts."""
    for symbol, code in ((SPOT, "170141"), (LINEAR, "110072")):
        own = {"clientOrderId": f"once-{len(symbol)}"}
        await bybit.create_order(symbol, "market", "sell", "0.01", None, own)
        with pytest.raises(ccxt.InvalidOrder, match=code):
            await bybit.create_order(symbol, "market", "sell", "0.01", None, own)
        fallen = {"postOnly": True, "clientOrderId": f"fell-{len(symbol)}"}
        quote = server.core.quotes()[symbol]
        price = str(quote.ask.quantize(Decimal("0.1")) + 50)
        for refused in (False, True):
            if not refused:
                await bybit.create_order(symbol, "limit", "buy", "0.01", price, fallen)
                continue
            with pytest.raises(ccxt.InvalidOrder, match=code):
                await bybit.create_order(symbol, "limit", "buy", "0.01", price, fallen)


@pytest.mark.parametrize(
    ("symbol", "quantity", "code"),
    [(SPOT, "0.00001", "170140"), (LINEAR, "50", "110007"), (SPOT, "50", "170131")],
)
async def test_an_order_too_small_or_too_large_is_refused_with_a_code(
    symbol: str, quantity: str, code: str, bybit: Any, server: EmulatedServer
) -> None:
    """Below one dollar 170140; beyond the purse 170131 in spot, 110007 for contracts."""
    price = low(server, symbol)
    with pytest.raises(ccxt.ExchangeError, match=code):
        await bybit.create_order(symbol, "limit", "buy", quantity, price)


async def test_a_contract_below_the_least_value_is_refused(bybit: Any) -> None:
    """110094: below five dollars."""
    with pytest.raises(ccxt.ExchangeError, match="110094"):
        await bybit.create_order("SOL/USDT:USDT", "market", "buy", "0.01")


async def test_an_unreadable_request_is_refused_by_name(bybit: Any, server: EmulatedServer) -> None:
    """10001 for each field out of its words, and nothing is opened."""
    usual = {"category": "linear", "symbol": "BTCUSDT", "side": "Buy", "orderType": "Market", "qty": "0.01"}
    for wrong in (
        {"category": "futures"},
        {"symbol": "NOSUCH"},
        {"side": "buy"},
        {"qty": "many"},
        {"qty": "0"},
        {"orderType": "Stop"},
        {"orderLinkId": "x" * 37},
        {"orderLinkId": "no spaces"},
        {"positionIdx": 1},
        {"triggerPrice": "1"},
    ):
        with pytest.raises(ccxt.BadRequest, match="10001"):
            await bybit.private_post_v5_order_create({**usual, **wrong})
    with pytest.raises(ccxt.InvalidOrder, match="170121"):
        await bybit.private_post_v5_order_create({**usual, "category": "spot", "symbol": "NOSUCH"})
    assert server.core.positions() == {}


async def test_a_linear_list_must_be_asked_for_by_symbol_or_coin(bybit: Any) -> None:
    """10001 without symbol, base or settlement coin."""
    for call in (bybit.private_get_v5_order_realtime, bybit.private_get_v5_position_list):
        with pytest.raises(ccxt.BadRequest, match="10001"):
            await call({"category": "linear"})


async def test_hedge_mode_is_not_for_inverse_contracts(bybit: Any) -> None:
    """110029."""
    with pytest.raises(ccxt.ExchangeError, match="110029"):
        await bybit.set_position_mode(True, INVERSE)


def test_the_faults_speak_the_venues_codes() -> None:
    """What the fault plan answers is what the venue would."""
    codes = {name: json.loads(reply.text)["retCode"] for name, reply in FAULT_CODES.items()}
    assert codes == {
        "unknown": 10016,
        "busy": 10000,
        "duplicate": 110072,
        "rate-limit": 10006,
        "clock": 10002,
        "reject": 110007,
        "maintenance": 10019,
        "auth": 10003,
    }
