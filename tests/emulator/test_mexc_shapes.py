"""Every documented key of MEXC's answers is in the emulator's, with the same JSON type."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlencode

import pytest

from bot.domain.instrument import WalletKind
from bot.domain.order import OrderType, Side, TransferRequest
from tests.emulator.asks import Ask
from tests.emulator.core import Core, NewOrder
from tests.emulator.mexc import ROUTES
from tests.emulator.mexc.contract_rows import order_id
from tests.emulator.mexc.money import transfer_id
from tests.emulator.server import emulated
from tests.vectors import SHARED

FIXTURES = SHARED / "fixtures" / "mexc"
SPOT, LINEAR = "BTCUSDT", "BTC_USDT"
V1 = "/api/v1"
OWN = f"{V1}/private"
ORDERS = "FuturesApi/Trading"
MONEY = "FuturesApi/Account"
PRICES = "FuturesApi/ExchangeData"
# The sample rows of these answers are templates of zeros and empty texts: names count, types do not.
TEMPLATES = frozenset({"GetOpenOrders", "GetOrderHistory", "GetOrdersById", "GetUserTrades", "GetTriggerOrders"})
# Keys of a template that are not in real rows: the words of a refusal, and the order of a stop not executed yet.
ABSENT = frozenset({"GetTriggerOrders.data[].orderId"})
# Ids that the samples tell as numbers are text for who reads longs without losing digits, as newer samples have it.
TABLE: tuple[tuple[str, str, str, object], ...] = (
    ("SpotApi/ExchangeData/GetServerTime", "GET", "/api/v3/time", {}),
    ("SpotApi/ExchangeData/GetExchangeInfo", "GET", "/api/v3/exchangeInfo", {}),
    ("SpotApi/ExchangeData/GetTicker", "GET", "/api/v3/ticker/24hr", {"symbol": SPOT}),
    ("SpotApi/ExchangeData/GetTickers", "GET", "/api/v3/ticker/24hr", {}),
    ("SpotApi/ExchangeData/GetBookPrices", "GET", "/api/v3/ticker/bookTicker", {}),
    ("SpotApi/ExchangeData/GetOrderBook", "GET", "/api/v3/depth", {"symbol": SPOT}),
    ("SpotApi/ExchangeData/GetKlines", "GET", "/api/v3/klines", {"symbol": SPOT, "interval": "60m"}),
    ("SpotApi/Account/GetAccountInfo", "GET", "/api/v3/account", {}),
    ("SpotApi/Account/GetTradeFeeAsync", "GET", "/api/v3/tradeFee", {"symbol": SPOT}),
    (
        "SpotApi/Account/GetTransferHistory",
        "GET",
        "/api/v3/capital/transfer",
        {"fromAccountType": "SPOT", "toAccountType": "FUTURES"},
    ),
    ("SpotApi/Account/GetTransfer", "GET", "/api/v3/capital/transfer/tranId", {"tranId": transfer_id(1)}),
    (
        "SpotApi/Account/Transfer",
        "POST",
        "/api/v3/capital/transfer",
        {"fromAccountType": "SPOT", "toAccountType": "FUTURES", "asset": "USDT", "amount": "1"},
    ),
    ("SpotApi/Trading/GetOrder", "GET", "/api/v3/order", {"symbol": SPOT, "origClientOrderId": "rest"}),
    ("SpotApi/Trading/GetOrders", "GET", "/api/v3/allOrders", {"symbol": SPOT}),
    ("SpotApi/Trading/GetOpenOrders", "GET", "/api/v3/openOrders", {"symbol": SPOT}),
    ("SpotApi/Trading/GetUserTrades", "GET", "/api/v3/myTrades", {"symbol": SPOT}),
    ("SpotApi/Trading/CancelOrder", "DELETE", "/api/v3/order", {"symbol": SPOT, "origClientOrderId": "rest"}),
    ("SpotApi/Trading/CancelAllOrders", "DELETE", "/api/v3/openOrders", {"symbol": SPOT}),
    (
        "SpotApi/Trading/PlaceOrder",
        "POST",
        "/api/v3/order",
        {"symbol": SPOT, "side": "BUY", "type": "MARKET", "quantity": "0.001"},
    ),
    (f"{PRICES}/GetSymbol", "GET", f"{V1}/contract/detail", {"symbol": LINEAR}),
    (f"{PRICES}/GetSymbols", "GET", f"{V1}/contract/detail", {}),
    (f"{PRICES}/GetTickers", "GET", f"{V1}/contract/ticker", {}),
    (f"{PRICES}/GetFundingRate", "GET", f"{V1}/contract/funding_rate/BTC_USDT", {}),
    (f"{PRICES}/GetFundingRates", "GET", f"{V1}/contract/funding_rate", {}),
    (f"{PRICES}/GetFundingRateHistory", "GET", f"{V1}/contract/funding_rate/history", {"symbol": LINEAR}),
    (f"{PRICES}/GetMarkPrice", "GET", f"{V1}/contract/fair_price/BTC_USDT", {}),
    (f"{PRICES}/GetIndexPrice", "GET", f"{V1}/contract/index_price/BTC_USDT", {}),
    (f"{MONEY}/GetBalances", "GET", f"{OWN}/account/assets", {}),
    (f"{MONEY}/GetTransferHistory", "GET", f"{OWN}/account/transfer_record", {}),
    (f"{MONEY}/GetTradingFees", "GET", f"{OWN}/account/tiered_fee_rate", {"symbol": LINEAR}),
    (f"{MONEY}/GetFundingHistory", "GET", f"{OWN}/position/funding_records", {}),
    (f"{MONEY}/GetLeverage", "GET", f"{OWN}/position/leverage", {"symbol": LINEAR}),
    (f"{MONEY}/GetPositionMode", "GET", f"{OWN}/position/position_mode", {}),
    (
        f"{MONEY}/SetLeverage",
        "POST",
        f"{OWN}/position/change_leverage",
        {"symbol": "ETH_USDT", "leverage": 4, "openType": 2, "positionType": 1},
    ),
    (f"{MONEY}/SetPositionMode", "POST", f"{OWN}/position/change_position_mode", {"positionMode": 2}),
    (f"{ORDERS}/GetPositions", "GET", f"{OWN}/position/open_positions", {}),
    (f"{ORDERS}/GetRiskLimits", "GET", f"{OWN}/account/risk_limit", {}),
    (f"{ORDERS}/GetOpenOrders", "GET", f"{OWN}/order/list/open_orders", {}),
    (f"{ORDERS}/GetOrderHistory", "GET", f"{OWN}/order/list/history_orders", {}),
    (f"{ORDERS}/GetOrder", "GET", f"{OWN}/order/get/{order_id(3)}", {}),
    (f"{ORDERS}/GetOrderByClientOrderId", "GET", f"{OWN}/order/external/BTC_USDT/short", {}),
    (f"{ORDERS}/GetOrdersById", "GET", f"{OWN}/order/batch_query", {"order_ids": order_id(3)}),
    (f"{ORDERS}/GetUserTrades", "GET", f"{OWN}/order/list/order_deals", {"symbol": LINEAR}),
    (f"{ORDERS}/GetOrderTrades", "GET", f"{OWN}/order/deal_details/{order_id(3)}", {}),
    (f"{ORDERS}/GetTriggerOrders", "GET", f"{OWN}/planorder/list/orders", {}),
    (
        f"{ORDERS}/CancelOrdersByClientOrderIds",
        "POST",
        f"{OWN}/order/batch_cancel_with_external",
        [{"symbol": LINEAR, "externalOid": "open"}],
    ),
    (f"{ORDERS}/CancelOrders", "POST", f"{OWN}/order/cancel", [order_id(4)]),
    (f"{ORDERS}/CancelAllOrders", "POST", f"{OWN}/order/cancel_all", {"symbol": LINEAR}),
    (f"{ORDERS}/CancelAllPlannedOrders", "POST", f"{OWN}/planorder/cancel_all", {"symbol": LINEAR}),
    (
        f"{ORDERS}/PlaceOrder",
        "POST",
        f"{OWN}/order/create",
        {"symbol": LINEAR, "vol": 10, "type": 5, "side": 3, "openType": 2},
    ),
)


def handler(method: str, path: str) -> str:
    """Return the route of a path: itself, or the one with names in braces that fits."""
    routes = [route for way, route in ROUTES if way == method]
    return path if path in routes else next(route for route in routes if _fits(route, path))


def _fits(route: str, path: str) -> bool:
    parts, mine = route.split("/"), path.split("/")
    return len(parts) == len(mine) and all(a == b or a.startswith("{") for a, b in zip(parts, mine, strict=True))


def order(symbol: str, side: Side, quantity: str, client_id: str, **given: object) -> NewOrder:
    """A market order of `quantity` order units, or what `given` makes of it."""
    usual: dict[str, object] = {
        "price": None,
        "type": OrderType.MARKET,
        "good_till_cancelled": False,
        "reduce_only": False,
        "trigger": None,
    }
    fields = usual | given
    return NewOrder(symbol=symbol, side=side, quantity=Decimal(quantity), client_id=client_id, **fields)  # type: ignore[arg-type]


@pytest.fixture
async def busy() -> AsyncIterator[Core]:
    """An account with a transfer, fills in both wallets, funding paid, resting orders and a stop."""
    async with emulated("mexc", books="funded") as server:
        core = server.core
        asked = TransferRequest(asset="USDT", amount=Decimal(9000), source=WalletKind.SPOT, target=WalletKind.LINEAR)
        core.transfer(asked, "")
        spot, linear = (core.quotes()[symbol] for symbol in ("BTC/USDT", "BTC/USDT:USDT"))
        core.place(order("BTC/USDT", Side.BUY, "0.001", "buy"))
        core.place(order("BTC/USDT", Side.BUY, "0.001", "rest", type=OrderType.POST_ONLY, price=spot.bid - 1000))
        core.place(order("BTC/USDT:USDT", Side.SELL, "100", "short"))
        core.place(order("BTC/USDT:USDT", Side.BUY, "10", "open", type=OrderType.POST_ONLY, price=linear.bid - 1000))
        stop = {"type": OrderType.STOP, "trigger": linear.ask + 5000, "reduce_only": True}
        core.place(order("BTC/USDT:USDT", Side.BUY, "100", "", **stop))
        core.live(timedelta(hours=9))
        yield core


@pytest.mark.parametrize(("name", "method", "path", "sent"), TABLE, ids=[row[0] for row in TABLE])
async def test_an_answer_has_every_documented_key(name: str, method: str, path: str, sent: object, busy: Core) -> None:
    """Names and JSON types of the samples; skipped where the samples are not beside the repository."""
    source = FIXTURES / f"{name}.txt"
    if not source.exists():
        pytest.skip("../shared/fixtures is not beside the repository")
    documented = json.loads(source.read_text(encoding="utf-8").split("\n", 3)[3].replace("0,\n    }]", "0\n    }]"))
    is_json = method == "POST" and path.startswith("/api/v1")
    query = urlencode(sent) if isinstance(sent, dict) and not is_json else ""
    body = json.dumps(sent) if is_json else ""
    ask = Ask(method=method, host="", path=path, query=query, body=body, headers={}, at_ms=busy.now_ms())

    told = json.loads(json.dumps(ROUTES[method, handler(method, path)](ask, busy).body))

    is_template = name.rpartition("/")[2] in TEMPLATES
    assert sorted(_missing(documented, told, name, typed=not is_template)) == []


def _missing(documented: object, told: object, where: str, *, typed: bool) -> Iterator[str]:
    """Yield each documented key that is absent or of another type; lists are compared row by first row.

    A number that is an id may be told as text: the venue's own samples do both.
    """
    if typed and _kind(documented) != _kind(told) and not where.lower().endswith(("orderid", "id")):
        yield f"{where}: {_kind(documented)} became {_kind(told)}"
    elif isinstance(documented, dict) and isinstance(told, dict):
        yield from (f"{where}.{key}" for key in documented if key not in told and _is_meant(where, key, typed=typed))
        for key in sorted(set(documented) & set(told)):
            if documented[key] is not None and told[key] is not None:
                yield from _missing(documented[key], told[key], f"{where}.{key}", typed=typed)
    elif isinstance(documented, list) and isinstance(told, list) and documented:
        rows = [f"{where}: an empty list"] if not told else _missing(documented[0], told[0], f"{where}[]", typed=typed)
        yield from rows


def _is_meant(where: str, key: str, *, typed: bool) -> bool:
    return f"{where}.{key}".rpartition("/")[2] not in ABSENT and (typed or key != "message")


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "bool"
    return "number" if isinstance(value, int | float) else type(value).__name__
