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
SPOT, PERP = "BTC/USDT", "BTC/USDT:USDT"
BTC, HOURS = {"symbol": "BTCUSDT"}, {"symbol": "BTCUSDT", "interval": "1h"}
# Numbers that these samples tell bare are text in the answers of the venue that ccxt was written by.
TEXT = frozenset({"GetExchangeInfo.symbols[]", "GetAccountBills.items[]"})
# Who cancels by our id is answered with our id: the sample is of a cancel by the venue's.
CANCELLED = {**BTC, "orderId": "first"}
TABLE: tuple[tuple[str, dict[str, str]], ...] = (
    ("Spot/ExchangeData/GetAssets", {}),
    ("Spot/ExchangeData/GetExchangeInfo", {}),
    ("Spot/ExchangeData/GetTickers", BTC),
    ("Spot/ExchangeData/GetPrices", BTC),
    ("Spot/ExchangeData/GetBookTicker", BTC),
    ("Spot/ExchangeData/GetOrderBook", BTC),
    ("Spot/ExchangeData/GetKlines", HOURS),
    ("Spot/Account/GetAccountInfo", {}),
    ("Spot/Account/GetAccountBills", {}),
    ("Spot/Trading/GetOrder", {**BTC, "origClientOrderId": "spot"}),
    ("Spot/Trading/GetOrderHistory", BTC),
    ("Spot/Trading/GetOpenOrders", BTC),
    ("Spot/Trading/GetUserTrades", BTC),
    ("Spot/Trading/CancelOrder", CANCELLED),
    ("Spot/Trading/CancelAllSymbolOrders", BTC),
    ("Spot/Trading/PlaceOrder", {**BTC, "side": "BUY", "type": "MARKET", "quantity": "0.001", "newClientOrderId": "a"}),
    ("Futures/ExchangeData/GetExchangeInfo", {}),
    ("Futures/ExchangeData/GetTickers", BTC),
    ("Futures/ExchangeData/GetPrice", BTC),
    ("Futures/ExchangeData/GetBookTicker", BTC),
    ("Futures/ExchangeData/GetOrderBook", BTC),
    ("Futures/ExchangeData/GetKlines", HOURS),
    ("Futures/ExchangeData/GetKlineHistory", HOURS),
    ("Futures/ExchangeData/GetMarkPriceKlines", HOURS),
    ("Futures/ExchangeData/GetIndexPriceKlines", HOURS),
    ("Futures/ExchangeData/GetFundingRate", BTC),
    ("Futures/ExchangeData/GetFundingRateHistory", BTC),
    ("Futures/ExchangeData/GetOpenInterest", BTC),
    ("Futures/Account/GetBalances", {}),
    ("Futures/Account/GetAccountConfig", {}),
    ("Futures/Account/GetSymbolConfig", BTC),
    ("Futures/Account/GetTradingFees", BTC),
    ("Futures/Account/GetAccountBills", {}),
    ("Futures/Account/SetMarginMode", {"symbol": "ETHUSDT", "marginType": "ISOLATED"}),
    ("Futures/Account/SetLeverage", {"symbol": "ETHUSDT", "marginType": "CROSSED", "crossLeverage": "7"}),
    ("Futures/Trading/GetPositions", {}),
    ("Futures/Trading/GetPosition", BTC),
    ("Futures/Trading/GetOrder", {**BTC, "origClientOrderId": "short"}),
    ("Futures/Trading/GetOrderHistory", BTC),
    ("Futures/Trading/GetOpenOrders", BTC),
    ("Futures/Trading/GetUserTrades", BTC),
    ("Futures/Trading/CancelOrder", CANCELLED),
    (
        "Futures/Trading/PlaceOrder",
        {
            **BTC,
            "side": "SELL",
            "positionSide": "SHORT",
            "type": "MARKET",
            "quantity": "0.001",
            "newClientOrderId": "b",
        },
    ),
    (
        "Futures/Trading/PlaceConditionalOrder",
        {
            **BTC,
            "side": "BUY",
            "positionSide": "SHORT",
            "type": "STOP_MARKET",
            "quantity": "0.001",
            "clientAlgoId": "c",
            "triggerPrice": "90000",
            "SlWorkingType": "MARK_PRICE",
        },
    ),
    ("Futures/Trading/GetOpenConditionalOrders", BTC),
    ("Futures/Trading/GetConditionalOrderHistory", BTC),
    ("Futures/Trading/CancelConditionalOrder", {"orderId": "stop"}),
    ("Futures/Trading/CancelAllConditionalOrders", BTC),
    ("Futures/Trading/ClosePositions", BTC),
)


def order(symbol: str, side: Side, quantity: str, client_id: str, **given: object) -> NewOrder:
    """A market order of `quantity` coins, or what `given` makes of it."""
    fields: dict[str, object] = {"price": None, "type": OrderType.MARKET} | given
    return NewOrder(symbol=symbol, side=side, quantity=Decimal(quantity), client_id=client_id, **fields)  # type: ignore[arg-type]


@pytest.fixture
async def busy() -> AsyncIterator[Core]:
    """An account with money come in, fills in both wallets, funding paid, resting orders, a stop and one withdrawn."""
    async with emulated("weex", books="funded") as server:
        core = server.core
        core.flow("USDT", Decimal(250))
        core.place(order(SPOT, Side.BUY, "0.001", "spot"))
        core.place(order(PERP, Side.SELL, "0.01", "short"))
        low, high = (Decimal(int(core.quotes()[PERP].bid) + way) for way in (-5_000, 5_000))
        resting = {"type": OrderType.LIMIT_IOC, "good_till_cancelled": True}
        core.place(order(SPOT, Side.BUY, "0.001", "rest", price=low, **resting))
        core.place(order(PERP, Side.SELL, "0.01", "rest", price=high, **resting))
        for name in ("gone", "stop"):
            stop = {"type": OrderType.STOP, "trigger": high, "reduce_only": True}
            made = core.place(order(PERP, Side.BUY, "0.01", name, **stop))
            if name == "gone":
                core.cancel(made.number)
        core.live(timedelta(hours=9))
        yield core


def sent_to(core: Core, path: str, sent: dict[str, str]) -> dict[str, str]:
    """Return what is sent, with the venue's ids for the words that stand for what rests."""
    ids = {"first": ("rest", order_id), "stop": ("stop", stop_id)}
    if sent.get("orderId") not in ids:
        return sent
    ours, theirs = ids[sent["orderId"]]
    resting = core.by_client_id(ours, PERP if path.startswith("/capi/") else SPOT)
    assert resting is not None
    return {**sent, "orderId": str(theirs(resting.number))}


def asked(method: str, path: str, sent: dict[str, str]) -> Ask:
    """Return a request: JSON where it is posted, a query else."""
    body = json.dumps(sent) if method == "POST" else ""
    return Ask(method=method, host="", path=path, query="" if body else urlencode(sent), body=body, headers={})


@pytest.mark.parametrize(("name", "sent"), TABLE, ids=[row[0] for row in TABLE])
async def test_an_answer_has_every_documented_key(name: str, sent: dict[str, str], busy: Core) -> None:
    """Names and JSON types of the samples; skipped where the samples are not beside the repository."""
    source = FIXTURES / f"{name}.txt"
    if not source.exists():
        pytest.skip("../shared/fixtures is not beside the repository")
    method, path, _, text = source.read_text(encoding="utf-8").split("\n", 3)
    ask = asked(method.upper(), path, sent_to(busy, path, sent))

    told = json.loads(json.dumps(ROUTES[ask.method, path](ask, busy).body))

    assert sorted(_missing(json.loads(text), told, name.rpartition("/")[2])) == []


def _missing(documented: object, told: object, where: str) -> Iterator[str]:
    """Yield each documented key that is absent or of another type; lists are compared row by first row.

    What the sample or the answer leaves open (null) has no type.
    """
    if documented is None or told is None or (where.rpartition(".")[0] in TEXT and isinstance(told, str)):
        return
    if _kind(documented) != _kind(told):
        yield f"{where}: {_kind(documented)} became {_kind(told)}"
    elif isinstance(documented, dict) and isinstance(told, dict):
        yield from (f"{where}.{key}: missing" for key in documented if key not in told)
        for key in sorted(set(documented) & set(told)):
            yield from _missing(documented[key], told[key], f"{where}.{key}")
    elif isinstance(documented, list) and isinstance(told, list) and documented:
        yield from _missing(documented[0], told[0], f"{where}[]") if told else [f"{where}: an empty list"]


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "bool"
    return "number" if isinstance(value, int | float) else type(value).__name__
