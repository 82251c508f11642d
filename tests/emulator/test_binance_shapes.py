"""Every documented key of Binance's answers is in the emulator's, with the same JSON type."""

import json
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest

from bot.domain.instrument import WalletKind
from bot.domain.order import OrderType, Side, TransferRequest
from tests.emulator.asks import Ask
from tests.emulator.binance import ROUTES
from tests.emulator.core import Core
from tests.emulator.orders import NewOrder
from tests.emulator.server import emulated
from tests.vectors import SHARED

Row = dict[str, Any]
FIXTURES = SHARED / "fixtures" / "binance"
# Keys of an example that our orders, wallets and symbols do not have: trailing stops, isolated legs, filters, rates.
ABSENT = {
    "UsdFutures/Trading/PlaceOrder": {"activatePrice", "priceRate"},
    "UsdFutures/Trading/GetOrder": {"activatePrice", "priceRate"},
    "UsdFutures/Trading/GetOpenOrders": {"activatePrice", "priceRate"},
    "UsdFutures/Trading/CancelOrder": {"activatePrice", "priceRate"},
    "CoinFutures/Trading/PlaceOrder": {"activatePrice", "priceRate"},
    "CoinFutures/Trading/GetOrder": {"activatePrice", "priceRate"},
    "UsdFutures/ExchangeData/GetExchangeInfo": {"MAX_NUM_ALGO_ORDERS"},
    # The example is of a retired version; the documentation of /dapi/v2 spells it qtyFloor, and so does ccxt.
    "CoinFutures/Account/GetBrackets": {"qtylFloor"},
}

SPOT, LINEAR, INVERSE = "BTCUSDT", "BTCUSDT", "BTCUSD_PERP"
ORDER = {"orderId": "1"}
TABLE: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("Spot/ExchangeData/GetServerTime", "GET", "/api/v3/time", {}),
    ("Spot/ExchangeData/GetExchangeInfo", "GET", "/api/v3/exchangeInfo", {}),
    ("UsdFutures/ExchangeData/GetExchangeInfo", "GET", "/fapi/v1/exchangeInfo", {}),
    ("CoinFutures/ExchangeData/GetExchangeInfo", "GET", "/dapi/v1/exchangeInfo", {}),
    ("Spot/ExchangeData/GetTicker", "GET", "/api/v3/ticker/24hr", {"symbol": SPOT}),
    ("UsdFutures/ExchangeData/GetTicker", "GET", "/fapi/v1/ticker/24hr", {"symbol": LINEAR}),
    ("CoinFutures/ExchangeData/GetTickers", "GET", "/dapi/v1/ticker/24hr", {}),
    ("Spot/ExchangeData/GetBookPrice", "GET", "/api/v3/ticker/bookTicker", {"symbol": SPOT}),
    ("UsdFutures/ExchangeData/GetBookPrice", "GET", "/fapi/v1/ticker/bookTicker", {"symbol": LINEAR}),
    ("CoinFutures/ExchangeData/GetBookPrices", "GET", "/dapi/v1/ticker/bookTicker", {}),
    ("UsdFutures/ExchangeData/GetOrderBook", "GET", "/fapi/v1/depth", {"symbol": LINEAR}),
    ("CoinFutures/ExchangeData/GetOrderBook", "GET", "/dapi/v1/depth", {"symbol": INVERSE}),
    ("Spot/ExchangeData/GetKlines", "GET", "/api/v3/klines", {"symbol": SPOT, "interval": "1h"}),
    ("UsdFutures/ExchangeData/GetKlines", "GET", "/fapi/v1/klines", {"symbol": LINEAR, "interval": "1h"}),
    ("CoinFutures/ExchangeData/GetKlines", "GET", "/dapi/v1/klines", {"symbol": INVERSE, "interval": "1h"}),
    ("UsdFutures/ExchangeData/GetMarkPrice", "GET", "/fapi/v1/premiumIndex", {"symbol": LINEAR}),
    ("CoinFutures/ExchangeData/GetMarkPrices", "GET", "/dapi/v1/premiumIndex", {}),
    ("UsdFutures/ExchangeData/GetFundingRates", "GET", "/fapi/v1/fundingRate", {"symbol": LINEAR}),
    ("CoinFutures/ExchangeData/GetFundingRates", "GET", "/dapi/v1/fundingRate", {"symbol": INVERSE}),
    ("UsdFutures/ExchangeData/GetOpenInterest", "GET", "/fapi/v1/openInterest", {"symbol": LINEAR}),
    ("CoinFutures/ExchangeData/GetOpenInterest", "GET", "/dapi/v1/openInterest", {"symbol": INVERSE}),
    (
        "UsdFutures/ExchangeData/GetOpenInterestHistory",
        "GET",
        "/futures/data/openInterestHist",
        {"symbol": LINEAR, "period": "1d"},
    ),
    (
        "CoinFutures/ExchangeData/GetOpenInterestHistory",
        "GET",
        "/futures/data/openInterestHist",
        {"pair": "BTCUSD", "contractType": "PERPETUAL", "period": "1d"},
    ),
    ("Spot/Account/GetAccountInfo", "GET", "/api/v3/account", {}),
    ("UsdFutures/Account/GetAccountInfoV3", "GET", "/fapi/v3/account", {}),
    ("CoinFutures/Account/GetAccountInfo", "GET", "/dapi/v1/account", {}),
    ("CoinFutures/Account/GetPositionInformation", "GET", "/dapi/v1/positionRisk", {}),
    ("UsdFutures/Account/GetBrackets", "GET", "/fapi/v1/leverageBracket", {}),
    ("CoinFutures/Account/GetBrackets", "GET", "/dapi/v2/leverageBracket", {}),
    ("UsdFutures/Account/GetAccountConfiguration", "GET", "/fapi/v1/accountConfig", {}),
    ("UsdFutures/Account/GetUserCommissionRate", "GET", "/fapi/v1/commissionRate", {"symbol": LINEAR}),
    ("CoinFutures/Account/GetUserCommissionRate", "GET", "/dapi/v1/commissionRate", {"symbol": INVERSE}),
    ("CoinFutures/Account/GetPositionMode", "GET", "/dapi/v1/positionSide/dual", {}),
    ("UsdFutures/Account/GetMultiAssetsMode", "GET", "/fapi/v1/multiAssetsMargin", {}),
    ("UsdFutures/Account/GetIncomeHistory", "GET", "/fapi/v1/income", {}),
    ("Spot/Account/GetTransfers", "GET", "/sapi/v1/asset/transfer", {"type": "MAIN_UMFUTURE"}),
    ("Spot/Account/GetTradeFee", "GET", "/sapi/v1/asset/tradeFee", {}),
    ("Spot/Account/GetAPIKeyPermissions", "GET", "/sapi/v1/account/apiRestrictions", {}),
    ("Spot/Account/GetBnbBurnStatus", "GET", "/sapi/v1/bnbBurn", {}),
    ("Spot/Trading/GetOrder", "GET", "/api/v3/order", {"symbol": SPOT, "origClientOrderId": "spotbuy"}),
    ("Spot/Trading/GetOrders", "GET", "/api/v3/allOrders", {"symbol": SPOT}),
    ("Spot/Trading/GetUserTrades", "GET", "/api/v3/myTrades", {"symbol": SPOT}),
    ("UsdFutures/Trading/GetOrder", "GET", "/fapi/v1/order", {"symbol": LINEAR, "origClientOrderId": "short"}),
    ("CoinFutures/Trading/GetOrder", "GET", "/dapi/v1/order", {"symbol": INVERSE, "origClientOrderId": "coin"}),
    ("UsdFutures/Trading/GetOpenOrders", "GET", "/fapi/v1/openOrders", {"symbol": LINEAR}),
    ("UsdFutures/Trading/GetUserTrades", "GET", "/fapi/v1/userTrades", {"symbol": LINEAR}),
    ("CoinFutures/Trading/GetUserTrades", "GET", "/dapi/v1/userTrades", {"symbol": INVERSE}),
    ("UsdFutures/Trading/GetConditionalOrder", "GET", "/fapi/v1/algoOrder", {"clientAlgoId": "stop"}),
    ("UsdFutures/Trading/GetOpenConditionalOrders", "GET", "/fapi/v1/openAlgoOrders", {}),
    ("UsdFutures/Account/ChangeInitialLeverage", "POST", "/fapi/v1/leverage", {"symbol": LINEAR, "leverage": "7"}),
    ("CoinFutures/Account/ChangeInitialLeverage", "POST", "/dapi/v1/leverage", {"symbol": INVERSE, "leverage": "7"}),
    (
        "UsdFutures/Account/ChangeMarginType",
        "POST",
        "/fapi/v1/marginType",
        {"symbol": "ETHUSDT", "marginType": "ISOLATED"},
    ),
    (
        "UsdFutures/Trading/CancelAllOrdersAfterTimeout",
        "POST",
        "/fapi/v1/countdownCancelAll",
        {"symbol": "ETHUSDT", "countdownTime": "100000"},
    ),
    (
        "Spot/Account/Transfer",
        "POST",
        "/sapi/v1/asset/transfer",
        {"type": "MAIN_UMFUTURE", "asset": "USDT", "amount": "1"},
    ),
    (
        "Spot/Trading/PlaceOrder",
        "POST",
        "/api/v3/order",
        {"symbol": SPOT, "side": "BUY", "type": "MARKET", "quantity": "0.001", "newOrderRespType": "FULL"},
    ),
    (
        "UsdFutures/Trading/PlaceOrder",
        "POST",
        "/fapi/v1/order",
        {"symbol": LINEAR, "side": "SELL", "type": "MARKET", "quantity": "0.001"},
    ),
    (
        "CoinFutures/Trading/PlaceOrder",
        "POST",
        "/dapi/v1/order",
        {"symbol": INVERSE, "side": "SELL", "type": "MARKET", "quantity": "1"},
    ),
    ("UsdFutures/Trading/CancelOrder", "DELETE", "/fapi/v1/order", {"symbol": LINEAR, "origClientOrderId": "rest"}),
    ("UsdFutures/Trading/CancelConditionalOrder", "DELETE", "/fapi/v1/algoOrder", {"clientAlgoId": "stop"}),
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
    fields = usual | given
    return NewOrder(symbol=symbol, side=side, quantity=Decimal(quantity), client_id=client_id, **fields)  # type: ignore[arg-type]


@pytest.fixture
async def busy() -> AsyncIterator[Core]:
    """An account with a transfer, fills of three products, a resting order and a stop."""
    async with emulated("binance", books="funded") as server:
        core = server.core
        for wallet, asset, amount in ((WalletKind.LINEAR, "USDT", 9000), (WalletKind.INVERSE, "BTC", "0.1")):
            asked = TransferRequest(asset=asset, amount=Decimal(amount), source=WalletKind.SPOT, target=wallet)
            core.transfer(asked, "")
        core.place(order("BTC/USDT", Side.BUY, "0.001", "spotbuy"))
        core.place(order("BTC/USDT:USDT", Side.SELL, "0.01", "short"))
        core.place(order("BTC/USD:BTC", Side.SELL, "1", "coin"))
        quote = core.quotes()["BTC/USDT:USDT"]
        low, high = quote.bid - 1000, quote.ask + 1000
        core.place(order("BTC/USDT:USDT", Side.BUY, "0.01", "rest", type=OrderType.POST_ONLY, price=low))
        stop = {"type": OrderType.STOP, "trigger": high, "reduce_only": True}
        core.place(order("BTC/USDT:USDT", Side.BUY, "0.01", "stop", **stop))
        yield core


@pytest.mark.parametrize(("name", "method", "path", "params"), TABLE, ids=[row[0] for row in TABLE])
async def test_an_answer_has_every_documented_key(
    name: str, method: str, path: str, params: dict[str, str], busy: Core
) -> None:
    """The documented example and our answer, key by key."""
    source = FIXTURES / f"{name}.txt"
    if not source.exists():
        pytest.skip("../shared/fixtures is not beside the repository")
    documented = json.loads(source.read_text(encoding="utf-8").split("\n", 3)[3])
    text = urlencode(params)
    ask = Ask(
        method=method,
        host="",
        path=path,
        query="" if method == "POST" else text,
        body=text if method == "POST" else "",
        headers={},
        at_ms=busy.now_ms(),
    )

    told = json.loads(json.dumps(ROUTES[method, path](ask, busy).body))

    assert sorted(_missing(documented, told, name, ABSENT.get(name, set()))) == []


def _missing(documented: object, told: object, where: str, absent: set[str]) -> Iterator[str]:
    """Yield each documented key that is absent or of another type; lists are compared row by first row."""
    if _kind(documented) != _kind(told):
        yield f"{where}: {_kind(documented)} became {_kind(told)}"
    elif isinstance(documented, dict) and isinstance(told, dict):
        yield from _missing_keys(documented, told, where, absent)
    elif isinstance(documented, list) and isinstance(told, list) and documented:
        yield from _missing_rows(documented, told, where, absent)


def _missing_keys(documented: Row, told: Row, where: str, absent: set[str]) -> Iterator[str]:
    for key in sorted(set(documented) - absent):
        if key not in told:
            yield f"{where}.{key}"
        elif documented[key] is not None and told[key] is not None:
            yield from _missing(documented[key], told[key], f"{where}.{key}", absent)


def _missing_rows(documented: list[Any], told: list[Any], where: str, absent: set[str]) -> Iterator[str]:
    if not told:
        yield f"{where}: an empty list"
    elif isinstance(documented[0], dict) and "filterType" in documented[0]:
        named = {row["filterType"]: row for row in told}
        for row in documented:
            if row["filterType"] not in absent:
                yield from _missing(row, named.get(row["filterType"], {}), f"{where}.{row['filterType']}", absent)
    else:
        yield from _missing(documented[0], told[0], f"{where}[]", absent)


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "bool"
    return "number" if isinstance(value, int | float) else type(value).__name__
