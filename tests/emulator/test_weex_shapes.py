"""Every documented key of WEEX's answers is in the emulator's, with the same JSON type."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlencode

import pytest

from bot.domain.order import OrderType, Side
from tests.emulator.asks import Ask
from tests.emulator.core import Core, NewOrder
from tests.emulator.server import emulated
from tests.emulator.weex import ROUTES
from tests.emulator.weex.names import order_id
from tests.emulator.weex.stops import stop_id
from tests.vectors import SHARED

FIXTURES = SHARED / "fixtures" / "weex"
SPOT, LINEAR = "BTC/USDT", "BTC/USDT:USDT"
# Numbers that these samples tell bare are text in the answers of the venue that ccxt was written by.
TEXT = ("GetExchangeInfo.symbols[]", "GetAccountBills.items[]")
BTC = {"symbol": "BTCUSDT"}
MINUTE = {**BTC, "interval": "1h"}
SELL = {**BTC, "side": "SELL", "positionSide": "SHORT", "type": "MARKET", "quantity": "0.01", "newClientOrderId": "n1"}
STOP = {
    **BTC,
    "side": "BUY",
    "positionSide": "SHORT",
    "type": "STOP_MARKET",
    "quantity": "0.01",
    "triggerPrice": "150000",
    "clientAlgoId": "n2",
    "SlWorkingType": "MARK_PRICE",
}
TABLE: tuple[tuple[str, str, str, dict[str, object]], ...] = (
    ("Spot/ExchangeData/GetAssets", "GET", "/api/v3/coins", {}),
    ("Spot/ExchangeData/GetBookTicker", "GET", "/api/v3/market/ticker/bookTicker", {}),
    ("Spot/ExchangeData/GetExchangeInfo", "GET", "/api/v3/exchangeInfo", {}),
    ("Spot/ExchangeData/GetKlines", "GET", "/api/v3/market/klines", {**MINUTE}),
    ("Spot/ExchangeData/GetOrderBook", "GET", "/api/v3/market/depth", {**BTC}),
    ("Spot/ExchangeData/GetPrices", "GET", "/api/v3/market/ticker/price", {}),
    ("Spot/ExchangeData/GetTickers", "GET", "/api/v3/market/ticker/24hr", {}),
    ("Spot/Account/GetAccountBills", "POST", "/api/v3/account/bills", {}),
    ("Spot/Account/GetAccountInfo", "GET", "/api/v3/account/", {}),
    ("Spot/Trading/GetOpenOrders", "GET", "/api/v3/openOrders", {**BTC}),
    ("Spot/Trading/GetOrder", "GET", "/api/v3/order", {"origClientOrderId": "rest"}),
    ("Spot/Trading/GetOrderHistory", "GET", "/api/v3/allOrders", {**BTC}),
    ("Spot/Trading/GetUserTrades", "GET", "/api/v3/myTrades", {**BTC}),
    ("Spot/Trading/CancelAllSymbolOrders", "DELETE", "/api/v3/openOrders", {**BTC}),
    ("Spot/Trading/CancelOrder", "DELETE", "/api/v3/order", {"orderId": order_id(2)}),
    ("Spot/Trading/CancelOrders", "DELETE", "/api/v3/order/batch", {"orderIds": [order_id(2), 7]}),
    ("Spot/Trading/PlaceOrder", "POST", "/api/v3/order", {**SELL}),
    ("Futures/ExchangeData/GetBookTicker", "GET", "/capi/v3/market/ticker/bookTicker", {}),
    ("Futures/ExchangeData/GetExchangeInfo", "GET", "/capi/v3/market/exchangeInfo", {}),
    ("Futures/ExchangeData/GetFundingRate", "GET", "/capi/v3/market/premiumIndex", {}),
    ("Futures/ExchangeData/GetFundingRateHistory", "GET", "/capi/v3/market/fundingRate", {**BTC}),
    ("Futures/ExchangeData/GetIndexPriceKlines", "GET", "/capi/v3/market/indexPriceKlines", {**MINUTE}),
    ("Futures/ExchangeData/GetMarkPriceKlines", "GET", "/capi/v3/market/markPriceKlines", {**MINUTE}),
    ("Futures/ExchangeData/GetKlineHistory", "GET", "/capi/v3/market/historyKlines", {**MINUTE}),
    ("Futures/ExchangeData/GetKlines", "GET", "/capi/v3/market/klines", {**MINUTE}),
    ("Futures/ExchangeData/GetOpenInterest", "GET", "/capi/v3/market/openInterest", {**BTC}),
    ("Futures/ExchangeData/GetOrderBook", "GET", "/capi/v3/market/depth", {**BTC}),
    ("Futures/ExchangeData/GetPrice", "GET", "/capi/v3/market/symbolPrice", {**BTC}),
    ("Futures/ExchangeData/GetTickers", "GET", "/capi/v3/market/ticker/24hr", {}),
    ("Futures/Account/GetAccountBills", "POST", "/capi/v3/account/income", {}),
    ("Futures/Account/GetAccountConfig", "GET", "/capi/v3/account/accountConfig", {}),
    ("Futures/Account/GetBalances", "GET", "/capi/v3/account/balance", {}),
    ("Futures/Account/GetBalances", "GET", "/capi/v3/sim/balance", {}),
    ("Futures/Account/GetSymbolConfig", "GET", "/capi/v3/account/symbolConfig", {}),
    ("Futures/Account/GetTradingFees", "GET", "/capi/v3/account/commissionRate", {**BTC}),
    ("Futures/Account/SetLeverage", "POST", "/capi/v3/account/leverage", {**BTC, "crossLeverage": 4}),
    (
        "Futures/Account/SetMarginMode",
        "POST",
        "/capi/v3/account/marginType",
        {"symbol": "ETHUSDT", "marginType": "ISOLATED"},
    ),
    ("Futures/Trading/GetPosition", "GET", "/capi/v3/account/position/singlePosition", {**BTC}),
    ("Futures/Trading/GetPositions", "GET", "/capi/v3/account/position/allPosition", {}),
    ("Futures/Trading/GetPositions", "GET", "/capi/v3/sim/position/allPosition", {}),
    ("Futures/Trading/GetOpenOrders", "GET", "/capi/v3/openOrders", {}),
    ("Futures/Trading/GetOrder", "GET", "/capi/v3/order", {"orderId": order_id(3)}),
    ("Futures/Trading/GetOrderHistory", "GET", "/capi/v3/order/history", {}),
    ("Futures/Trading/GetOrderHistory", "GET", "/capi/v3/sim/order/history", {}),
    ("Futures/Trading/GetUserTrades", "GET", "/capi/v3/userTrades", {**BTC}),
    ("Futures/Trading/GetOpenConditionalOrders", "GET", "/capi/v3/openAlgoOrders", {}),
    ("Futures/Trading/GetConditionalOrderHistory", "GET", "/capi/v3/allAlgoOrders", {}),
    ("Futures/Trading/CancelAllConditionalOrders", "DELETE", "/capi/v3/algoOpenOrders", {}),
    ("Futures/Trading/CancelConditionalOrder", "DELETE", "/capi/v3/algoOrder", {"orderId": stop_id(5)}),
    ("Futures/Trading/CancelOrder", "DELETE", "/capi/v3/order", {"origClientOrderId": "open"}),
    ("Futures/Trading/ClosePositions", "POST", "/capi/v3/closePositions", {}),
    ("Futures/Trading/PlaceConditionalOrder", "POST", "/capi/v3/algoOrder", {**STOP}),
    ("Futures/Trading/PlaceOrder", "POST", "/capi/v3/order", {**SELL}),
)


def order(symbol: str, side: Side, client_id: str, **given: object) -> NewOrder:
    """Return a market order of 0.01 coins, or what `given` makes of it."""
    usual: dict[str, object] = {"quantity": Decimal("0.01"), "price": None, "type": OrderType.MARKET}
    return NewOrder(symbol=symbol, side=side, client_id=client_id, **(usual | given))  # type: ignore[arg-type]


@pytest.fixture
async def busy() -> AsyncIterator[Core]:
    """An account with fills in both wallets, resting orders, a stop and one that ended, a deposit, funding paid."""
    async with emulated("weex", books="funded") as server:
        core = server.core
        spot, linear = core.quotes()[SPOT], core.quotes()[LINEAR]
        core.flow("USDT", Decimal(10))
        core.place(order(SPOT, Side.BUY, "buy"))
        core.place(order(SPOT, Side.BUY, "rest", type=OrderType.POST_ONLY, price=spot.bid - 1000))
        core.place(order(LINEAR, Side.SELL, "short", quantity=Decimal("0.03")))
        core.place(order(LINEAR, Side.BUY, "open", type=OrderType.POST_ONLY, price=linear.bid - 1000))
        stop = {"type": OrderType.STOP, "trigger": linear.ask * 2 // 1 * 1, "reduce_only": True}
        for name in ("stop", "ended"):
            core.place(order(LINEAR, Side.BUY, name, **stop))
        core.cancel(6)
        core.live(timedelta(hours=9))
        yield core


@pytest.mark.parametrize(("name", "method", "path", "sent"), TABLE, ids=[f"{row[0]} {row[2]}" for row in TABLE])
async def test_an_answer_has_every_documented_key(
    name: str, method: str, path: str, sent: dict[str, object], busy: Core
) -> None:
    """Names and JSON types of the samples; skipped where the samples are not beside the repository."""
    source = FIXTURES / f"{name}.txt"
    if not source.exists():
        pytest.skip("../shared/fixtures is not beside the repository")
    documented = json.loads(source.read_text(encoding="utf-8").split("\n", 3)[3])
    is_json = method == "POST" or "batch" in path
    query, body = ("", json.dumps(sent)) if is_json else (urlencode(sent), "")
    ask = Ask(method=method, host="", path=path, query=query, body=body, headers={}, at_ms=busy.now_ms())

    told = json.loads(json.dumps(ROUTES[method, path](ask, busy).body))

    assert sorted(_missing(documented, told, name)) == []


def test_every_route_is_compared_or_has_no_sample() -> None:
    """What is left over: the time and the ping, a list nobody moved money for, batches and the demo side's order."""
    compared = {(method, path) for _, method, path, _ in TABLE}
    assert sorted(path for method, path in ROUTES if (method, path) not in compared) == [
        "/api/v3/account/transferRecords",
        "/api/v3/ping",
        "/api/v3/time",
        "/capi/v3/allOpenOrders",
        "/capi/v3/batchOrders",
        "/capi/v3/market/time",
        "/capi/v3/sim/order",
    ]


def _missing(documented: object, told: object, where: str) -> Iterator[str]:
    """Yield each documented key that is absent or of another type; lists are compared row by first row.

    What the sample or the answer leaves open (null) has no type.
    """
    if documented is None or told is None or (isinstance(told, str) and where.rpartition(".")[0].endswith(TEXT)):
        return
    if _kind(documented) != _kind(told):
        yield f"{where}: {_kind(documented)} became {_kind(told)}"
    elif isinstance(documented, dict) and isinstance(told, dict):
        yield from (f"{where}.{key}" for key in documented if key not in told)
        for key in sorted(set(documented) & set(told)):
            yield from _missing(documented[key], told[key], f"{where}.{key}")
    elif isinstance(documented, list) and isinstance(told, list) and documented:
        yield from [f"{where}: an empty list"] if not told else _missing(documented[0], told[0], f"{where}[]")


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "bool"
    return "number" if isinstance(value, int | float) else type(value).__name__
