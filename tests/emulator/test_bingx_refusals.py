"""The emulated BingX refuses as the venue does: with the same codes, and only what the venue refuses."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import ccxt.async_support as ccxt
import pytest

from bot.domain.instrument import WalletKind
from tests.emulator.asks import Ask, Refused
from tests.emulator.bingx import FAULT_CODES, check_signature
from tests.emulator.bingx.client import INVERSE, LINEAR, SPOT, client, high, low
from tests.emulator.core import Core
from tests.emulator.server import EmulatedServer, emulated

PATH = "/openApi/spot/v1/trade/openOrders"


@pytest.fixture
async def server() -> AsyncIterator[EmulatedServer]:
    """A hedged account: 0.3 BTC sold short, coins in spot."""
    async with emulated("bingx", books="hedged") as running:
        yield running


@pytest.fixture
async def bingx(server: EmulatedServer) -> AsyncIterator[Any]:
    """A client with its markets loaded."""
    async with client(server) as one:
        await one.load_markets()
        yield one


def signed(core: Core, text: str, *, key: str = "", secret: str = "", host: str = "open-api.bingx.com") -> Ask:
    """A request signed by hand over `text`."""
    mark = hmac.new((secret or core.secrets.secret).encode(), text.encode(), hashlib.sha256).hexdigest()
    headers = {"x-bx-apikey": key or core.secrets.key}
    return Ask(method="GET", host=host, path=PATH, query=f"{text}&signature={mark}", headers=headers)


def code_of(core: Core, ask: Ask) -> int:
    """The code a request is refused with, 0 when it is let in."""
    try:
        check_signature(ask, core)
    except Refused as refused:
        return int(json.loads(refused.reply.text)["code"])
    return 0


def test_a_signature_is_over_the_sorted_query(server: EmulatedServer) -> None:
    """Key, signature, order of the names, time and window each have their code."""
    core, now = server.core, server.core.now_ms()
    good = f"recvWindow=5000&symbol=BTC-USDT&timestamp={now}"
    assert code_of(core, signed(core, good)) == 0
    assert code_of(core, signed(core, good, key="another")) == 100413
    assert code_of(core, signed(core, good, secret="another")) == 100001
    assert code_of(core, signed(core, f"timestamp={now}&symbol=BTC-USDT")) == 100001
    assert code_of(core, signed(core, f"timestamp={now - 6_000}")) == 100421
    assert code_of(core, signed(core, f"recvWindow=60000&timestamp={now - 6_000}")) == 0
    assert code_of(core, signed(core, f"recvWindow=60001&timestamp={now}")) == 100421
    assert code_of(core, signed(core, f"timestamp={now + 3_000}")) == 100421
    assert code_of(core, signed(core, "symbol=BTC-USDT")) == 100421
    unsigned = Ask(method="GET", host="", path=PATH, query=good, headers={"x-bx-apikey": core.secrets.key})
    assert code_of(core, unsigned) == 100412
    assert code_of(core, signed(core, good, host="open-api-vst.bingx.com")) == 100400


async def test_each_path_is_counted_by_itself(bingx: Any) -> None:
    """Two questions a second for a fee rate; the third is refused while other paths still answer."""
    for symbol in (SPOT, "ETH/USDT"):
        await bingx.fetch_trading_fee(symbol)
    with pytest.raises(ccxt.OperationFailed, match="100410"):
        await bingx.fetch_trading_fee("SOL/USDT")
    assert (await bingx.fetch_trading_fee(LINEAR))["taker"]


async def test_wrong_keys_are_told_apart(server: EmulatedServer) -> None:
    """A key nobody has, and a secret that does not fit."""
    async with client(server, apiKey="nobody") as one:
        with pytest.raises(ccxt.AuthenticationError, match="100413"):
            await one.fetch_balance()
    async with client(server, secret="nobody") as one:
        with pytest.raises(ccxt.AuthenticationError, match="100001"):
            await one.fetch_balance()


REJECTED: tuple[tuple[str, str, str, str, str, dict[str, object], str], ...] = (
    (SPOT, "market", "buy", "10", "", {}, "100202"),
    (SPOT, "limit", "buy", "0.00001", "0.99", {}, "100400"),
    (SPOT, "limit", "sell", "0.01", "0.95", {"postOnly": True}, "100400"),
    (SPOT, "market", "buy", "0.01", "", {"clientOrderId": "no-dash"}, "100400"),
    (SPOT, "limit", "buy", "0.01", "0.1", {}, "100440"),
    (LINEAR, "market", "sell", "100", "", {}, "101204"),
    (LINEAR, "limit", "sell", "0.01", "0.95", {"postOnly": True}, "101215"),
    (LINEAR, "market", "buy", "0.01", "", {"clientOrderId": "no_dash"}, "109400"),
    (LINEAR, "market", "sell", "0.01", "", {"reduceOnly": True}, "101290"),
    (LINEAR, "market", "buy", "0.01", "", {"hedged": True}, "109400"),
    (LINEAR, "limit", "buy", "0.01", "0.1", {}, "101211"),
    (INVERSE, "market", "buy", "1", "", {}, "101204"),
)


@pytest.mark.parametrize("case", REJECTED, ids=[f"{row[0]} {row[1]} {row[-1]}" for row in REJECTED])
async def test_a_rejected_order_has_the_venues_code(
    case: tuple[str, str, str, str, str, dict[str, object], str], bingx: Any, server: EmulatedServer
) -> None:
    """Money, minimums, post-only, ids, reduce-only, legs, price bands: spot and contracts say it differently."""
    symbol, kind, side, size, times, params, code = case
    rules, quote = server.core.instruments[symbol], server.core.quotes()[symbol]
    price = str(quote.bid * Decimal(times) // rules.tick * rules.tick) if times else None
    before = len(server.core.orders(symbol))
    with pytest.raises(ccxt.ExchangeError, match=f'"code":{code}'):
        await bingx.create_order(symbol, kind, side, size, price, params)
    assert len(server.core.orders(symbol)) == before


async def test_an_id_of_ours_is_never_taken_twice(bingx: Any) -> None:
    """A filled order's id is not free again, in whatever letters (contracts)."""
    for symbol, first, again, code in ((SPOT, "hspot", "hspot", "109201"), (LINEAR, "habc", "HABC", "101481")):
        await bingx.create_order(symbol, "market", "buy", "0.001", None, {"clientOrderId": first})
        with pytest.raises(ccxt.DuplicateOrderId, match=code):
            await bingx.create_order(symbol, "market", "buy", "0.001", None, {"clientOrderId": again})


async def test_orders_that_are_not_there_have_three_codes(bingx: Any) -> None:
    """Spot 100404, a contract asked for 80016, one to be cancelled 109414; a filled one 80018."""
    with pytest.raises(ccxt.ExchangeError, match="100404"):
        await bingx.spotV1PrivateGetTradeQuery({"symbol": "BTC-USDT", "clientOrderID": "nobody"})
    with pytest.raises(ccxt.OrderNotFound, match="80016"):
        await bingx.swapV2PrivateGetTradeOrder({"symbol": "BTC-USDT", "clientOrderId": "nobody"})
    for symbol, code in ((SPOT, "100404"), (LINEAR, "109414")):
        with pytest.raises(ccxt.ExchangeError, match=code):
            await bingx.cancel_order(None, symbol, {"clientOrderId": "nobody"})
    for symbol, code in ((SPOT, "100404"), (LINEAR, "80018")):
        await bingx.create_order(symbol, "market", "buy", "0.01", None, {"clientOrderId": f"hdone{code}"})
        with pytest.raises(ccxt.ExchangeError, match=code):
            await bingx.cancel_order(None, symbol, {"clientOrderId": f"hdone{code}"})


async def test_ccxts_way_of_asking_by_our_id_is_refused(bingx: Any) -> None:
    """VENUES 0.4: fetch_order(None) sends orderId=None, which is no number."""
    with pytest.raises(ccxt.BadRequest, match="109400"):
        await bingx.fetch_order(None, LINEAR, {"clientOrderId": "habc"})


async def test_set_up_is_refused_while_anything_is_open(bingx: Any, server: EmulatedServer) -> None:
    """Margin mode and position mode cannot change with a position; leverage has its widest and its leg."""
    with pytest.raises(ccxt.BadRequest, match="80001"):
        await bingx.set_margin_mode("isolated", LINEAR)
    with pytest.raises(ccxt.BadRequest, match="80001"):
        await bingx.set_position_mode(True)
    with pytest.raises(ccxt.ExchangeError, match="101414"):
        await bingx.set_leverage(126, LINEAR, {"side": "BOTH"})
    with pytest.raises(ccxt.BadRequest, match="109400"):
        await bingx.set_leverage(5, LINEAR, {"side": "LONG"})
    with pytest.raises(ccxt.BadRequest, match="109400"):
        await bingx.set_leverage(5, INVERSE, {"side": "BOTH"})
    assert server.core.leverage(LINEAR) == 3


async def test_transfers_and_timers_are_refused_beyond_their_bounds(bingx: Any, server: EmulatedServer) -> None:
    """More than there is, an account nobody has, a timer too short."""
    with pytest.raises(ccxt.ExchangeError, match="100437"):
        await bingx.transfer("USDT", 1_000_000, "spot", "linear")
    with pytest.raises(ccxt.ExchangeError, match="100437"):
        await bingx.transfer("USDT", 1_000_000, "funding", "spot")
    with pytest.raises(ccxt.BadRequest, match="100400"):
        await bingx.transfer("USDT", 1, "spot", "nowhere")
    with pytest.raises(ccxt.BadRequest, match="109400"):
        await bingx.cancel_all_orders_after(5_000)
    assert server.core.transfers() == ()
    assert server.core.wallet_equity(WalletKind.SPOT, "USDT") > 0


async def test_lists_have_their_longest_time(bingx: Any, server: EmulatedServer) -> None:
    """Linear orders a week, linear trades a month, and both ends of it must be named."""
    now, day = server.core.now_ms(), 86_400_000
    asked = {"symbol": "BTC-USDT", "limit": 10, "startTime": now - 8 * day, "endTime": now}
    with pytest.raises(ccxt.BadRequest, match="109400"):
        await bingx.swapV2PrivateGetTradeAllOrders(asked)
    with pytest.raises(ccxt.BadRequest, match="109400"):
        await bingx.swapV2PrivateGetTradeFillHistory({"symbol": "BTC-USDT"})
    with pytest.raises(ccxt.BadRequest, match="109400"):
        await bingx.fetch_my_trades(LINEAR, now - 31 * day)


async def test_a_stop_must_lie_beyond_the_mark_and_close(bingx: Any, server: EmulatedServer) -> None:
    """A stop that buys needs a trigger above the mark; what would open is not known here."""
    for trigger, reduces, code in ((low(server, LINEAR), True, "110412"), (high(server, LINEAR), False, "109400")):
        params = {"stopLossPrice": trigger, **({"reduceOnly": True} if reduces else {})}
        with pytest.raises(ccxt.ExchangeError, match=code):
            await bingx.create_order(LINEAR, "market", "buy", "0.1", None, params)


def test_only_busy_words_leave_the_outcome_open() -> None:
    """80012 is "margin is not enough" and "the system is busy" alike; 100500 is the order system's silence."""
    codes = {name: json.loads(reply.text)["code"] for name, reply in FAULT_CODES.items()}
    assert codes["unknown"] == 80012
    assert codes["busy"] == 100500
    assert codes["duplicate"] == 101481
    assert codes["rate-limit"] == 100410
