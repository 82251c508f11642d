"""What the emulated WEEX refuses, with the venue's own codes, and what ccxt makes of each."""

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import ccxt.async_support as ccxt
import pytest

from bot.domain.instrument import WalletKind
from bot.domain.order import TransferRequest
from bot.errors import OrderRejected
from tests.emulator.asks import Ask, Refused
from tests.emulator.core import Core
from tests.emulator.server import EmulatedServer, emulated
from tests.emulator.weex import FAULT_CODES, check_signature
from tests.emulator.weex.client import LINEAR, SPOT, SWAP, client, low
from tests.emulator.weex.names import FIRST_ID

ETH = "ETH/USDT:USDT"


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


def signed(core: Core, *, method: str = "GET", query: str = "", body: str = "", **changed: str) -> Ask:
    """Return a request signed as the venue's documents say, reckoned here a second time; `changed` are headers."""
    stamp = changed.get("access-timestamp", str(core.now_ms()))
    where = f"/capi/v3/order?{query}" if query else "/capi/v3/order"
    text = f"{stamp}{method}{where}{body}".encode()
    made = base64.b64encode(hmac.new(core.secrets.secret.encode(), text, hashlib.sha256).digest()).decode()
    headers = {
        "access-key": core.secrets.key,
        "access-passphrase": core.secrets.passphrase,
        "access-timestamp": stamp,
        "access-sign": made,
        "content-type": "application/json",
    }
    headers = {name: value for name, value in {**headers, **changed}.items() if value}
    return Ask(method=method, host="", path="/capi/v3/order", query=query, body=body, headers=headers)


def refusal(core: Core, ask: Ask) -> object:
    """Return the code a signature is refused with, None where it is taken."""
    try:
        check_signature(ask, core)
    except Refused as refused:
        body = refused.reply.body
        assert isinstance(body, dict)
        return body["code"]
    return None


# ── the lock ──


async def test_time_method_path_query_and_body_are_signed(server: EmulatedServer) -> None:
    """The right text is taken; with one of its five parts another, or in another case, it is -1047."""
    core = server.core
    assert refusal(core, signed(core)) is None
    assert refusal(core, signed(core, query="symbol=BTCUSDT&orderId=1")) is None
    assert refusal(core, signed(core, method="POST", body='{"symbol":"BTCUSDT"}')) is None
    good = signed(core, method="POST", body='{"symbol":"BTCUSDT"}')
    for change in (
        {"body": '{"symbol":"ETHUSDT"}'},
        {"query": "a=1"},
        {"path": "/capi/v3/orders"},
        {"method": "DELETE"},
    ):
        fields: dict[str, Any] = {name: getattr(good, name) for name in ("method", "host", "path", "query", "body")}
        assert refusal(core, Ask(**{**fields, **change}, headers=good.headers)) == -1047


@pytest.mark.parametrize(
    ("header", "value", "code"),
    [
        ("access-key", "", -1040),
        ("access-sign", "", -1041),
        ("access-timestamp", "", -1042),
        ("access-timestamp", "yesterday", -1043),
        ("access-key", "another", -1044),
        ("access-passphrase", "another", -1049),
        ("access-sign", "AAAA", -1047),
    ],
)
async def test_each_header_has_its_code(server: EmulatedServer, header: str, value: str, code: int) -> None:
    """Missing, wrong, or no time at all."""
    assert refusal(server.core, signed(server.core, **{header: value})) == code


@pytest.mark.parametrize(("seconds", "code"), [(-29, None), (29, None), (-31, -1046), (31, -1046)])
async def test_a_request_is_taken_for_thirty_seconds(server: EmulatedServer, seconds: int, code: int | None) -> None:
    """Thirty seconds of age, and as much of being ahead."""
    stamp = str(server.core.now_ms() + seconds * 1000)
    assert refusal(server.core, signed(server.core, **{"access-timestamp": stamp})) == code


async def test_what_writes_says_that_it_is_json(server: EmulatedServer) -> None:
    """-1045 for a form."""
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert refusal(server.core, signed(server.core, method="POST", body="{}", **form)) == -1045


@pytest.mark.parametrize(
    ("wrong", "code"), [({"apiKey": "x"}, "-1044"), ({"secret": "x"}, "-1047"), ({"password": "x"}, "-1049")]
)
async def test_ccxt_knows_a_wrong_key(server: EmulatedServer, wrong: dict[str, Any], code: str) -> None:
    """AuthenticationError for key, secret and passphrase."""
    async with client(server, **wrong) as one:
        with pytest.raises(ccxt.AuthenticationError, match=code):
            await one.fetch_balance(SWAP)


async def test_the_demo_side_is_locked_too(server: EmulatedServer) -> None:
    """Its four calls are signed like all others."""
    async with client(server, sandbox=True, secret="x") as demo:
        with pytest.raises(ccxt.AuthenticationError, match="-1047"):
            await demo.fetch_positions()


# ── orders ──


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"clientOrderId": "x" * 37}, "-1180"),
        ({"clientOrderId": "späße"}, "-1180"),
        ({"side": "KAUF"}, "-1117"),
        ({"type": "ICEBERG"}, "-1116"),
        ({"timeInForce": "PO"}, "-1115"),
        ({"symbol": "NOSUCHUSDT"}, "-1121"),
        ({"quantity": "viel"}, "-1141"),
    ],
)
async def test_words_that_mean_nothing_are_refused(weex: Any, server: EmulatedServer, params: Any, code: str) -> None:
    """In spot and as a contract, before any order is looked at."""
    for symbol in (SPOT, LINEAR):
        with pytest.raises(ccxt.ExchangeError, match=code):
            await weex.create_order(symbol, "limit", "buy", "0.01", low(server, symbol), params)
    assert server.core.open_orders() == ()


async def test_a_contract_wants_its_leg(weex: Any) -> None:
    """BOTH is no leg; a flag that contradicts the leg is refused with HTTP 200."""
    with pytest.raises(ccxt.ExchangeError, match="-1141"):
        await weex.create_order(LINEAR, "market", "buy", "0.01", None, {"positionSide": "BOTH"})
    with pytest.raises(ccxt.BadRequest, match="-1128"):
        await weex.create_order(LINEAR, "market", "buy", "0.01", None, {"reduceOnly": True, "positionSide": "LONG"})


async def test_a_refused_contract_is_http_200_and_a_refused_spot_order_400(weex: Any) -> None:
    """The same lack of money: ccxt reads the words of the one, and of the other the code alone."""
    with pytest.raises(ccxt.ExchangeError, match='"success":false,"errorCode":"-1054"'):
        await weex.create_order(LINEAR, "market", "sell", "900")
    with pytest.raises(ccxt.InsufficientFunds, match="-1054"):
        await weex.create_order(SPOT, "market", "buy", "900")


async def test_sizes_off_the_grid_or_too_small_are_refused(weex: Any, server: EmulatedServer) -> None:
    """-1160 for a tenth of a step, sent past ccxt's own rounding; -1142 for less than the least."""
    for symbol in (SPOT, LINEAR):
        step = server.core.instruments[symbol].step
        with pytest.raises(ccxt.BadRequest, match="-1160"):
            await weex.create_order(symbol, "market", "buy", "1", None, {"quantity": f"{step + step / 10:f}"})


async def test_an_id_in_use_is_refused_in_words(weex: Any, server: EmulatedServer) -> None:
    """No code is documented for it; once the first rests no more, the same id is taken again."""
    for symbol in (SPOT, LINEAR):
        rest = {"clientOrderId": "a1"}
        await weex.create_order(symbol, "limit", "buy", "0.01", low(server, symbol), rest)
        with pytest.raises(ccxt.BadRequest, match="DUPLICATE"):
            await weex.create_order(symbol, "limit", "buy", "0.01", low(server, symbol), rest)
        await weex.cancel_order(None, symbol, rest)
        await weex.create_order(symbol, "limit", "buy", "0.01", low(server, symbol), rest)


async def test_one_of_two_ids_must_be_told(weex: Any) -> None:
    """-1140 for a look-up of nothing."""
    for call in (weex.privateGetApiV3Order, weex.contractPrivateDeleteCapiV3Order):
        with pytest.raises(ccxt.BadRequest, match="-1140"):
            await call({"symbol": "BTCUSDT"})


# ── the rest ──


async def test_margin_that_would_not_do_keeps_the_leverage(weex: Any, server: EmulatedServer) -> None:
    """A short of 1.5 BTC at 5x on 20,000 USDT; at 1x there is too little."""
    await weex.set_leverage(10, LINEAR)
    await weex.create_order(LINEAR, "market", "sell", "1.5")
    with pytest.raises(ccxt.InsufficientFunds, match="-1054"):
        await weex.set_leverage(1, LINEAR)
    assert server.core.leverage(LINEAR) == 10


async def test_an_interval_nobody_knows_is_refused(weex: Any) -> None:
    """-1142 for bars of seven minutes; a book has 15 or 200 levels."""
    with pytest.raises(ccxt.BadRequest, match="-1142"):
        await weex.fetch_ohlcv(SPOT, "7m")
    with pytest.raises(ccxt.BadRequest, match="-1140"):
        await weex.fetch_order_book(SPOT, None, {"limit": 7})


async def test_money_cannot_be_moved_behind_the_venues_back(server: EmulatedServer) -> None:
    """The core itself refuses a transfer: no route leads there."""
    asked = TransferRequest(asset="USDT", amount=Decimal(1), source=WalletKind.SPOT, target=WalletKind.LINEAR)
    with pytest.raises(OrderRejected):
        server.core.transfer(asked, "")


async def test_trades_are_told_a_hundred_at_a_time_and_by_order(weex: Any, server: EmulatedServer) -> None:
    """Of three trades the two newest; those of the first order alone."""
    made = [await weex.create_order(SPOT, "market", "buy", "0.001") for _ in range(3)]
    newest = await weex.privateGetApiV3MyTrades({"symbol": "BTCUSDT", "limit": 2})
    assert [str(row["orderId"]) for row in newest] == [made[2]["id"], made[1]["id"]]
    assert [row["order"] for row in await weex.fetch_order_trades(made[0]["id"], SPOT)] == [made[0]["id"]]
    with pytest.raises(ccxt.ArgumentsRequired, match="-1141"):
        await weex.privateGetApiV3MyTrades({})


async def test_funding_is_told_page_by_page(weex: Any, server: EmulatedServer) -> None:
    """Six settlements of two days, four and then two, by the key of the page before."""
    await weex.create_order(LINEAR, "market", "sell", "0.05")
    server.core.live(timedelta(days=2))
    asked = {"incomeType": "position_funding", "limit": 4}
    first = await weex.contractPrivatePostCapiV3AccountIncome(asked)
    second = await weex.contractPrivatePostCapiV3AccountIncome({**asked, "nextKey": first["nextKey"]})
    ids = [int(row["billId"]) for page in (first, second) for row in page["items"]]
    assert (len(first["items"]), len(second["items"]), second["hasNextPage"]) == (4, 2, False)
    assert ids == sorted(ids, reverse=True)
    assert min(ids) > FIRST_ID


async def test_each_fault_of_the_venue_is_an_error_to_ccxt(server: EmulatedServer) -> None:
    """None of them is taken for an answer when an order is sent."""
    for name in FAULT_CODES:
        async with client(server) as one:
            await one.load_markets()
            fault = {"rate-limit": "venue-rate-limit", "clock": "clock-skew", "reject": "rejected", "auth": "bad-key"}
            known = {"unknown": "venue-unknown", "busy": "venue-busy", **fault}
            server.faults.next("place", known.get(name, name))
            with pytest.raises(ccxt.BaseError):
                await one.create_order(ETH, "market", "sell", "0.01")
