"""MEXC's spot orders: an answer without status or fills, IOC spelt as a type, no stops."""

import re
from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.numbers import down_to_step
from bot.domain.order import OrderStatus, OrderType, Side
from bot.errors import OrderRejected
from tests.emulator.asks import Ask, Reply
from tests.emulator.core import Core, NewOrder, VenueFill, VenueOrder
from tests.emulator.mexc.names import plain, spot_of, venue_id
from tests.emulator.mexc.refusals import spot_order_refused, spot_refused

TYPES = {
    "LIMIT": OrderType.LIMIT_IOC,
    "IMMEDIATE_OR_CANCEL": OrderType.LIMIT_IOC,
    "FILL_OR_KILL": OrderType.LIMIT_IOC,
    "LIMIT_MAKER": OrderType.POST_ONLY,
    "MARKET": OrderType.MARKET,
}
_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
_FIRST = 342_252_993_005_000_000
WEEK_MS = 7 * 86_400_000
MONTH_MS = 30 * 86_400_000


def order_id(number: int) -> str:
    """Return the venue's id of a spot order."""
    return f"C02__{_FIRST + number}"


def place(ask: Ask, core: Core) -> Reply:
    """Answer POST api/v3/order: the id and what was asked, never what became of it."""
    sent = ask.params
    one = spot_of(core, sent.get("symbol", ""))
    order = _placed(core, _wanted(core, one, sent))
    return Reply(
        body={
            "symbol": venue_id(one),
            "orderId": order_id(order.number),
            "orderListId": -1,
            "price": plain(order.request.price or Decimal(0)),
            "origQty": plain(order.request.quantity),
            "type": sent["type"],
            "side": sent["side"],
            "transactTime": order.created_ms,
        }
    )


def place_test(ask: Ask, core: Core) -> Reply:
    """Answer POST api/v3/order/test: the words are checked, nothing is placed."""
    _wanted(core, spot_of(core, ask.params.get("symbol", "")), ask.params)
    return Reply(body={})


def _placed(core: Core, order: NewOrder) -> VenueOrder:
    try:
        return core.place(order)
    except OrderRejected as error:
        raise spot_order_refused(error) from error


def _wanted(core: Core, one: Instrument, sent: dict[str, str]) -> NewOrder:
    """Return the order a request asks for; refuse unknown words and numbers that are none."""
    if sent.get("side") not in ("BUY", "SELL"):
        raise spot_refused(-1128, "Combination of optional parameters invalid.")
    if sent.get("type") not in TYPES:
        raise spot_refused(30041, "current order type can not place order")
    client_id = sent.get("newClientOrderId", "")
    if client_id and not _ID.fullmatch(client_id):
        raise spot_refused(700008, "Illegal characters found in parameter 'newClientOrderId'")
    is_market = sent["type"] == "MARKET"
    side = Side(sent["side"].lower())
    return NewOrder(
        symbol=one.symbol,
        side=side,
        quantity=_quantity(core, one, side, sent),
        price=None if is_market else _number(sent, "price", 10_097),
        type=TYPES[sent["type"]],
        good_till_cancelled=sent["type"] == "LIMIT",
        reduce_only=False,
        trigger=None,
        client_id=client_id,
    )


def _quantity(core: Core, one: Instrument, side: Side, sent: dict[str, str]) -> Decimal:
    """Return the quantity in coins: told in coins, or for a market order as a sum of quote currency to spend."""
    if "quantity" in sent:
        return _number(sent, "quantity", 10_095)
    if sent["type"] != "MARKET":
        raise spot_refused(10_095, "amount cannot be null")
    quote = core.quotes()[one.symbol]
    price = quote.ask if side is Side.BUY else quote.bid
    return down_to_step(_number(sent, "quoteOrderQty", 10_095) / price, one.step)


def _number(sent: dict[str, str], name: str, code: int) -> Decimal:
    text = sent.get(name, "")
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        raise spot_refused(code, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")
    return Decimal(text)


def find(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/order by orderId or origClientOrderId; what is not there is refused with -2013."""
    one = spot_of(core, ask.params.get("symbol", ""))
    order = _found(core, one, ask.params)
    if order is None:
        raise spot_refused(-2013, "Order does not exist.")
    return Reply(body=_order_row(one, order))


def _found(core: Core, one: Instrument, sent: dict[str, str]) -> VenueOrder | None:
    ours, theirs = sent.get("origClientOrderId", ""), sent.get("orderId", "")
    if not ours and not theirs:
        raise spot_refused(700004, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null")
    if theirs:
        digits = theirs.removeprefix("C02__")
        order = core.order(int(digits) - _FIRST) if digits.isdigit() else None
    else:
        order = core.by_client_id(ours, one.symbol)
    return order if order is not None and order.request.symbol == one.symbol else None


def cancel(ask: Ask, core: Core) -> Reply:
    """Answer DELETE api/v3/order; one that is not there or rests no more is refused with -2011."""
    one = spot_of(core, ask.params.get("symbol", ""))
    order = _found(core, one, ask.params)
    if order is None or order.status is not OrderStatus.OPEN:
        raise spot_refused(-2011, "Unknown order sent.")
    return Reply(body=_cancelled_row(one, core.cancel(order.number)))


def cancel_all(ask: Ask, core: Core) -> Reply:
    """Answer DELETE api/v3/openOrders: every resting order of one market."""
    one = spot_of(core, ask.params.get("symbol", ""))
    return Reply(body=[_cancelled_row(one, core.cancel(order.number)) for order in core.open_orders(one.symbol)])


def open_orders(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/openOrders: the resting orders of one market; the symbol must be named."""
    one = spot_of(core, ask.params.get("symbol", ""))
    return Reply(body=[_order_row(one, order) for order in core.open_orders(one.symbol)])


def all_orders(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/allOrders: at most seven days, newest first; what has just ended shows late."""
    one = spot_of(core, ask.params.get("symbol", ""))
    end = int(ask.params.get("endTime", core.now_ms() + 1))
    start = int(ask.params.get("startTime", end - WEEK_MS))
    if end - start > WEEK_MS + 1:
        raise spot_refused(400, "The query time interval cannot exceed 7 days")
    rows = [order for order in core.orders(one.symbol, start) if order.created_ms <= end]
    most = min(int(ask.params.get("limit", 500)), 1000)
    return Reply(body=[_order_row(one, order) for order in reversed(rows)][:most])


def my_trades(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/myTrades: at most a hundred of the last thirty days, newest first."""
    one = spot_of(core, ask.params.get("symbol", ""))
    end = int(ask.params.get("endTime", core.now_ms() + 1))
    start = max(int(ask.params.get("startTime", 0)), core.now_ms() - MONTH_MS)
    fills = [fill for fill in core.fills(one.symbol, start) if fill.at_ms <= end]
    if ask.params.get("orderId"):
        fills = [fill for fill in fills if order_id(fill.order) == ask.params["orderId"]]
    most = min(int(ask.params.get("limit", 100)), 100)
    return Reply(body=[_fill_row(one, fill) for fill in reversed(fills)][:most])


def _status(order: VenueOrder) -> str:
    if order.status is OrderStatus.OPEN:
        return "PARTIALLY_FILLED" if order.filled else "NEW"
    if order.status is OrderStatus.FILLED:
        return "FILLED"
    return "PARTIALLY_CANCELED" if order.filled else "CANCELED"


def _type(order: VenueOrder) -> str:
    kind = order.request.type
    if kind is OrderType.LIMIT_IOC:
        return "LIMIT" if order.request.good_till_cancelled else "IMMEDIATE_OR_CANCEL"
    return "MARKET" if kind is OrderType.MARKET else "LIMIT_MAKER"


def _spent(order: VenueOrder) -> Decimal:
    return sum((fill.quantity * fill.price for fill in order.fills), Decimal(0))


def _order_row(one: Instrument, order: VenueOrder) -> dict[str, object]:
    return {
        "symbol": venue_id(one),
        "orderId": order_id(order.number),
        "orderListId": -1,
        "clientOrderId": order.client_id or None,
        "price": plain(order.request.price or Decimal(0)),
        "origQty": plain(order.request.quantity),
        "executedQty": plain(order.filled),
        "cummulativeQuoteQty": plain(_spent(order)),
        "status": _status(order),
        "timeInForce": None,
        "type": _type(order),
        "side": order.request.side.upper(),
        "stopPrice": None,
        "icebergQty": None,
        "time": order.created_ms,
        "updateTime": order.updated_ms,
        "isWorking": True,
        "origQuoteOrderQty": "0",
    }


def _cancelled_row(one: Instrument, order: VenueOrder) -> dict[str, object]:
    """Return a cancelled order as the answer to its cancel tells it: our id stands in `origClientOrderId`."""
    return {
        "symbol": venue_id(one),
        "origClientOrderId": order.client_id or None,
        "orderId": order_id(order.number),
        "orderListId": -1,
        "clientOrderId": None,
        "price": plain(order.request.price or Decimal(0)),
        "origQty": plain(order.request.quantity),
        "executedQty": plain(order.filled),
        "cummulativeQuoteQty": plain(_spent(order)),
        "status": _status(order),
        "timeInForce": None,
        "type": _type(order),
        "side": order.request.side.upper(),
    }


def _fill_row(one: Instrument, fill: VenueFill) -> dict[str, object]:
    return {
        "symbol": venue_id(one),
        "id": f"{_FIRST + fill.number}X1",
        "orderId": order_id(fill.order),
        "orderListId": -1,
        "price": plain(fill.price),
        "qty": plain(fill.quantity),
        "quoteQty": plain(fill.quantity * fill.price),
        "commission": plain(fill.fee),
        "commissionAsset": fill.fee_asset,
        "time": fill.at_ms,
        "isBuyer": fill.side is Side.BUY,
        "isMaker": fill.maker,
        "isBestMatch": True,
        "isSelfTrade": False,
        "clientOrderId": fill.client_id or None,
    }
