"""Every documented key of BingX's answers is in the emulator's, with the same JSON type."""

import json
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from urllib.parse import urlencode

import pytest

from bot.domain.order import OrderType, Side
from tests.emulator.asks import Ask
from tests.emulator.bingx import ROUTES
from tests.emulator.core import Core, NewOrder
from tests.emulator.server import emulated
from tests.vectors import SHARED

FIXTURES = SHARED / "fixtures" / "bingx"
BTC, SOL = {"symbol": "BTC-USDT"}, {"symbol": "SOL-USDT"}
ALWAYS = {"startTs": "1795000000000", "endTs": "1797000000000"}
NOW = {"timeOut": "30", "type": "ACTIVATE"}
LIMIT = {**BTC, "side": "BUY", "type": "LIMIT", "quantity": "0.001", "price": "60000", "timeInForce": "GTC"}
TABLE: tuple[tuple[str, dict[str, str]], ...] = (
    ("Spot/ExchangeData/GetSymbols", {}),
    ("Spot/ExchangeData/GetOrderBook", BTC),
    ("Spot/ExchangeData/GetBookPrice", BTC),
    ("Spot/Account/GetBalances", {}),
    ("Spot/Account/GetTradingFees", BTC),
    ("Spot/Account/GetApiKeyPermissions", {}),
    ("Spot/Account/GetTransfers", {}),
    ("Spot/Account/GetUserId", {}),
    ("Spot/Account/Transfer", {"asset": "USDT", "amount": "1", "fromAccount": "spot", "toAccount": "USDTMPerp"}),
    ("Spot/Trading/GetOpenOrders", BTC),
    ("Spot/Trading/GetOrder", {**BTC, "clientOrderID": "spotrest"}),
    ("Spot/Trading/GetOrders", BTC),
    ("Spot/Trading/GetUserTrades", BTC),
    ("Spot/Trading/PlaceOrder", LIMIT),
    ("Spot/Trading/CancelOrder", {**BTC, "clientOrderID": "spotrest"}),
    ("Spot/Trading/CancelAllOrders", BTC),
    ("Spot/Trading/CancelAllOrdersAfter", NOW),
    ("PerpetualFutures/ExchangeData/GetContracts", {}),
    ("PerpetualFutures/ExchangeData/GetTicker", BTC),
    ("PerpetualFutures/ExchangeData/GetBookTicker", BTC),
    ("PerpetualFutures/ExchangeData/GetOrderBook", BTC),
    ("PerpetualFutures/ExchangeData/GetFundingRate", BTC),
    ("PerpetualFutures/ExchangeData/GetFundingRateHistory", BTC),
    ("PerpetualFutures/ExchangeData/GetOpenInterest", BTC),
    ("PerpetualFutures/ExchangeData/GetKlines", {**BTC, "interval": "1h"}),
    ("PerpetualFutures/ExchangeData/GetMarkPriceKlines", {**BTC, "interval": "1h"}),
    ("PerpetualFutures/Account/GetBalances", {}),
    ("PerpetualFutures/Account/GetBalances2", {}),
    ("PerpetualFutures/Account/GetIncomes", {}),
    ("PerpetualFutures/Account/GetLeverage", BTC),
    ("PerpetualFutures/Account/GetMarginMode", BTC),
    ("PerpetualFutures/Account/GetPositionMode", {}),
    ("PerpetualFutures/Account/GetTradingFees", {}),
    ("PerpetualFutures/Account/SetLeverage", {**BTC, "side": "BOTH", "leverage": "4"}),
    ("PerpetualFutures/Account/SetMarginMode", {**SOL, "marginType": "ISOLATED"}),
    ("PerpetualFutures/Account/SetPositionMode", {"dualSidePosition": "false"}),
    ("PerpetualFutures/Trading/GetPositionAndMarginInfo", BTC),
    ("PerpetualFutures/Trading/GetPositions", {}),
    ("PerpetualFutures/Trading/GetOpenOrders", {}),
    ("PerpetualFutures/Trading/GetOrder", {**BTC, "clientOrderId": "rest"}),
    ("PerpetualFutures/Trading/GetOrders", BTC),
    ("PerpetualFutures/Trading/GetClosedOrders", BTC),
    ("PerpetualFutures/Trading/GetUserTrades", {**BTC, **ALWAYS, "tradingUnit": "COIN"}),
    ("PerpetualFutures/Trading/PlaceOrder", LIMIT),
    ("PerpetualFutures/Trading/CancelOrder", {**BTC, "clientOrderId": "rest"}),
    ("PerpetualFutures/Trading/CancelAllOrder", BTC),
    ("PerpetualFutures/Trading/CancelAllOrdersAfter", NOW),
)
# ccxt asks for the same under another path than the example was taken from.
ELSEWHERE = {
    "Spot/ExchangeData/GetKlines": ("/openApi/spot/v1/market/kline", {**BTC, "interval": "1h"}),
    "Spot/ExchangeData/GetTickers": ("/openApi/spot/v1/ticker/24hr", {}),
}


def limit(symbol: str, side: Side, price: Decimal, client_id: str) -> NewOrder:
    """A plain limit order of 0.001."""
    return NewOrder(
        symbol=symbol,
        side=side,
        quantity=Decimal("0.001"),
        price=price,
        type=OrderType.LIMIT_IOC,
        good_till_cancelled=True,
        client_id=client_id,
    )


@pytest.fixture
async def busy() -> AsyncIterator[Core]:
    """An account with a short, trades in both wallets, resting orders and a transfer."""
    async with emulated("bingx", books="hedged") as server:
        core = server.core
        for symbol in ("BTC/USDT", "BTC/USDT:USDT"):
            quote = core.quotes()[symbol]
            ask, below = quote.ask, quote.bid - 1000
            core.place(limit(symbol, Side.BUY, ask + 100, "taken" if ":" in symbol else "spottaken"))
            core.place(limit(symbol, Side.BUY, below, "rest" if ":" in symbol else "spotrest"))
        told(core, "POST", "/openApi/api/asset/v1/transfer", dict(dict(TABLE)["Spot/Account/Transfer"]))
        yield core


def told(core: Core, method: str, path: str, params: dict[str, str]) -> object:
    """What the emulator answers, as JSON."""
    ask = Ask(method=method, host="", path=path, query=urlencode(params), at_ms=core.now_ms())
    return json.loads(json.dumps(ROUTES[method, path](ask, core).body))


def documented(name: str) -> tuple[str, str, object]:
    """Method, path and answer of the venue's example."""
    source = FIXTURES / f"{name}.txt"
    if not source.exists():
        pytest.skip("../shared/fixtures is not beside the repository")
    method, path, _, body = source.read_text(encoding="utf-8").split("\n", 3)
    return method, path, json.loads(body)


@pytest.mark.parametrize(("name", "params"), TABLE, ids=[row[0] for row in TABLE])
async def test_an_answer_has_every_documented_key(name: str, params: dict[str, str], busy: Core) -> None:
    """Every key of the venue's example is there under the example's own path, with the same JSON type."""
    method, path, expected = documented(name)
    assert sorted(missing(expected, told(busy, method, path, params), name)) == []


@pytest.mark.parametrize("name", sorted(ELSEWHERE))
async def test_the_same_rows_come_under_the_path_that_ccxt_asks(name: str, busy: Core) -> None:
    """Two lists of spot have moved from version to version with their rows unchanged."""
    path, params = ELSEWHERE[name]
    method, _, expected = documented(name)
    changed = {"priceChangePercent"}
    assert sorted(m for m in missing(expected, told(busy, method, path, params), name) if m not in changed) == []


def missing(expected: object, given: object, where: str) -> Iterator[str]:
    """Yield each documented key that is absent or of another type; lists are compared by their first rows."""
    if kind_of(expected) != kind_of(given):
        yield f"{where}: {kind_of(expected)} became {kind_of(given)}"
    elif isinstance(expected, dict) and isinstance(given, dict):
        for key, value in expected.items():
            if key in given:
                yield from missing(value, given[key], f"{where}.{key}")
            else:
                yield f"{where}.{key}: missing"
    elif isinstance(expected, list) and isinstance(given, list) and expected:
        if given:
            yield from missing(expected[0], given[0], f"{where}[0]")
        else:
            yield f"{where}: an empty list"


def kind_of(value: object) -> str:
    """The JSON type of a value."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return {str: "string", dict: "object", list: "list", type(None): "null"}[type(value)]
