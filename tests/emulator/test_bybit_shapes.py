"""Every documented key of Bybit's answers is in the emulator's, with the same JSON type."""

import json
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest

from bot.domain.order import OrderType, Side
from tests.emulator.asks import Ask
from tests.emulator.bybit import ROUTES
from tests.emulator.core import Core, NewOrder
from tests.emulator.server import emulated
from tests.vectors import SHARED

FIXTURES = SHARED / "fixtures" / "bybit"
LINEAR, INVERSE, SPOT = {"category": "linear"}, {"category": "inverse"}, {"category": "spot"}
BTC = {"symbol": "BTCUSDT"}
ORDER = {**LINEAR, **BTC, "side": "Sell", "orderType": "Market", "qty": "0.001", "orderLinkId": "placed"}
MOVE = {
    "transferId": "42c0cfb0-6bca-c242-bc76-4e6df6cbcb16",
    "coin": "USDT",
    "amount": "1",
    "fromAccountType": "FUND",
    "toAccountType": "UNIFIED",
}
TABLE: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("ExchangeData/GetSpotSymbols", "/v5/market/instruments-info", SPOT),
    ("ExchangeData/GetLinearInverseSymbols", "/v5/market/instruments-info", LINEAR),
    ("ExchangeData/GetSpotTickers", "/v5/market/tickers", SPOT),
    ("ExchangeData/GetLinearInverseTickers", "/v5/market/tickers", INVERSE),
    ("ExchangeData/GetRiskLimit", "/v5/market/risk-limit", INVERSE),
    ("ExchangeData/GetOrderbook", "/v5/market/orderbook", {**LINEAR, **BTC}),
    ("ExchangeData/GetKlines", "/v5/market/kline", {**INVERSE, "symbol": "BTCUSD", "interval": "60"}),
    ("ExchangeData/GetMarkPriceKlines", "/v5/market/mark-price-kline", {**LINEAR, **BTC, "interval": "60"}),
    (
        "ExchangeData/GetIndexPriceKlines",
        "/v5/market/index-price-kline",
        {**INVERSE, "symbol": "BTCUSD", "interval": "60"},
    ),
    ("ExchangeData/GetFundingRateHistory", "/v5/market/funding/history", {**LINEAR, **BTC}),
    ("ExchangeData/GetOpenInterest", "/v5/market/open-interest", {**LINEAR, **BTC, "intervalTime": "1d"}),
    ("Account/GetBalances", "/v5/account/wallet-balance", {"accountType": "UNIFIED"}),
    ("Account/GetMarginAccountInfo", "/v5/account/info", {}),
    ("Account/GetFeeRate", "/v5/account/fee-rate", {**LINEAR, **BTC}),
    ("Account/GetApiKeyInfo", "/v5/user/query-api", {}),
    ("Account/GetTransactionHistory", "/v5/account/transaction-log", {}),
    ("Trading/GetPositions", "/v5/position/list", {**LINEAR, "settleCoin": "USDT"}),
    ("Trading/GetOrders", "/v5/order/realtime", {**LINEAR, "settleCoin": "USDT"}),
    ("Trading/GetOrderHistory", "/v5/order/history", {**LINEAR, **BTC}),
    ("Trading/GetUserTrades", "/v5/execution/list", {**LINEAR, **BTC}),
)
POSTED: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("Trading/PlaceOrder", "/v5/order/create", {**ORDER}),
    ("Trading/CancelOrder", "/v5/order/cancel", {**LINEAR, **BTC, "orderLinkId": "rest"}),
    ("Trading/CancelAllOrder", "/v5/order/cancel-all", {**LINEAR, "settleCoin": "USDT"}),
    ("Trading/SetDisconnectCancelAll", "/v5/order/disconnected-cancel-all", {"timeWindow": 40}),
    ("Account/SetLeverage", "/v5/position/set-leverage", {**LINEAR, **BTC, "buyLeverage": "7", "sellLeverage": "7"}),
)


def order(symbol: str, side: Side, quantity: str, client_id: str, **given: object) -> NewOrder:
    """A market order of `quantity` order units, or what `given` makes of it."""
    usual: dict[str, object] = {
        "price": None,
        "type": OrderType.MARKET,
        "good_till_cancelled": False,
        "reduce_only": False,
        "trigger": None,
    }
    fields: dict[str, Any] = usual | given
    return NewOrder(symbol=symbol, side=side, quantity=Decimal(quantity), client_id=client_id, **fields)


@pytest.fixture
async def busy() -> AsyncIterator[Core]:
    """An account with a short, an inverse short, a resting order and a stop."""
    async with emulated("bybit", books="funded") as server:
        core = server.core
        core.place(order("BTC/USDT", Side.BUY, "0.001", "spotbuy"))
        core.place(order("BTC/USDT:USDT", Side.SELL, "0.01", "short"))
        quote = core.quotes()["BTC/USDT:USDT"]
        low, high = quote.bid - 1000, quote.ask + 1000
        core.place(order("BTC/USDT:USDT", Side.BUY, "0.01", "rest", type=OrderType.POST_ONLY, price=low))
        core.place(
            order("BTC/USDT:USDT", Side.BUY, "0.01", "stop", type=OrderType.STOP, trigger=high, reduce_only=True)
        )
        yield core


def _told(method: str, path: str, core: Core, query: str = "", body: str = "") -> object:
    ask = Ask(method=method, host="", path=path, query=query, body=body, headers={}, at_ms=core.now_ms())
    return json.loads(json.dumps(ROUTES[method, path](ask, core).body))


def _documented(name: str) -> object:
    source = FIXTURES / f"{name}.txt"
    if not source.exists():
        pytest.skip("../shared/fixtures is not beside the repository")
    return json.loads(source.read_text(encoding="utf-8").split("\n", 3)[3])


@pytest.mark.parametrize(("name", "path", "params"), TABLE, ids=[row[0] for row in TABLE])
async def test_an_answer_has_every_documented_key(name: str, path: str, params: dict[str, str], busy: Core) -> None:
    """Every key of the venue's example is there, with the same JSON type."""
    told = _told("GET", path, busy, query=urlencode(params))
    assert sorted(_missing(_documented(name), told, name)) == []


@pytest.mark.parametrize(("name", "path", "sent"), POSTED, ids=[row[0] for row in POSTED])
async def test_a_write_is_answered_with_every_documented_key(
    name: str, path: str, sent: dict[str, object], busy: Core
) -> None:
    """The same of answers to requests that change something."""
    told = _told("POST", path, busy, body=json.dumps(sent))
    assert sorted(_missing(_documented(name), told, name)) == []


def _missing(documented: object, told: object, where: str) -> Iterator[str]:
    """Yield each documented key that is absent or of another type; lists are compared by their first rows."""
    if _kind(documented) != _kind(told):
        yield f"{where}: {_kind(documented)} became {_kind(told)}"
    elif isinstance(documented, dict) and isinstance(told, dict):
        for key, value in documented.items():
            if key not in told:
                yield f"{where}.{key}: missing"
            else:
                yield from _missing(value, told[key], f"{where}.{key}")
    elif isinstance(documented, list) and isinstance(told, list) and documented:
        if not told:
            yield f"{where}: an empty list"
        else:
            yield from _missing(documented[0], told[0], f"{where}[0]")


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return {str: "string", dict: "object", list: "list", type(None): "null"}[type(value)]
