"""WEEX's conditional orders: ids of their own, kept in lists of their own, cancelled by the venue's id only.

The emulated venue knows those that close a leg at the market on the mark; another is refused with -1116.
"""

from decimal import Decimal

from bot.domain.order import OrderStatus, OrderType
from tests.emulator.asks import Ask, Reply
from tests.emulator.core import Core, NewOrder, VenueOrder
from tests.emulator.weex.legs import leg_of
from tests.emulator.weex.names import chosen, found, order_id, venue_id
from tests.emulator.weex.orders import acknowledged, number, only_reduces, own_id, placed, side_of
from tests.emulator.weex.words import plain, refused

Row = dict[str, object]
FIRST_STOP = 812_345_678_900_000_000
WORDS = {OrderStatus.OPEN: "UNTRIGGERED", OrderStatus.FILLED: "TRIGGERED"}


def stop_id(number: int) -> int:
    """Return the venue's id of a conditional order."""
    return FIRST_STOP + number


def place(ask: Ask, core: Core) -> Reply:
    """Answer POST capi/v3/algoOrder: the conditional order's id, or success false."""
    sent = {str(name): str(value) for name, value in (ask.json or {}).items()}
    one, side = found(ask, core, sent.get("symbol", "")), side_of(sent)
    client_id, quantity = own_id(sent, "clientAlgoId"), number(sent, "quantity")
    if sent.get("type") != "STOP_MARKET" or sent.get("SlWorkingType") != "MARK_PRICE":
        raise refused(-1116, "Invalid order type. (the emulator knows STOP_MARKET on MARK_PRICE)")
    if not only_reduces(core, one, sent, quantity, client_id):
        raise refused(-1116, "Invalid order type. (the emulator knows stops that close)")
    wanted = NewOrder(
        symbol=one.symbol,
        side=side,
        quantity=quantity,
        price=None,
        type=OrderType.STOP,
        reduce_only=True,
        trigger=number(sent, "triggerPrice"),
        client_id=client_id,
    )
    return acknowledged(stop_id(placed(core, wanted, sent["positionSide"]).number), client_id)


def stops(ask: Ask, core: Core) -> list[VenueOrder]:
    """Return the conditional orders of the market a request names, or of all, newest first."""
    orders = [order for one in chosen(ask, core) for order in core.orders(one.symbol)]
    kept = [order for order in orders if order.request.trigger is not None]
    return sorted(kept, key=lambda order: order.number, reverse=True)


def open_stops(ask: Ask, core: Core) -> Reply:
    """Answer GET capi/v3/openAlgoOrders: those that wait."""
    waiting = [order for order in stops(ask, core) if order.status is OrderStatus.OPEN]
    return Reply(body=[stop_row(core, order) for order in waiting])


def all_stops(ask: Ask, core: Core) -> Reply:
    """Answer GET capi/v3/allAlgoOrders: those that wait no more."""
    ended = [order for order in stops(ask, core) if order.status is not OrderStatus.OPEN]
    return Reply(body={"orders": [stop_row(core, order) for order in ended], "hasMore": False})


def cancel(ask: Ask, core: Core) -> Reply:
    """Answer DELETE capi/v3/algoOrder: by the venue's id, no other is documented."""
    name = ask.params.get("orderId", "")
    if not name.isdigit():
        raise refused(-1141, "Parameter orderId cannot be empty.")
    order = core.order(int(name) - FIRST_STOP)
    if order is None or order.request.trigger is None or order.status is not OrderStatus.OPEN:
        raise refused(-3200, "Order does not exist.")
    core.cancel(order.number)
    ids = {"orderId": name, "origClientOrderId": order.client_id}
    return Reply(body={**ids, "success": True, "errorCode": "", "errorMessage": ""})


def cancel_all(ask: Ask, core: Core) -> Reply:
    """Answer DELETE capi/v3/algoOpenOrders."""
    rows = []
    for order in stops(ask, core):
        if order.status is OrderStatus.OPEN:
            core.cancel(order.number)
            rows.append({"orderId": stop_id(order.number), "success": True, "errorCode": "", "errorMessage": ""})
    return Reply(body=rows)


def stop_row(core: Core, order: VenueOrder) -> Row:
    """Return a conditional order; `actualOrderId` is the order it became."""
    asked = order.request
    is_fired = order.status is OrderStatus.FILLED
    return {
        "algoId": stop_id(order.number),
        "clientAlgoId": order.client_id,
        "algoType": "CONDITIONAL",
        "orderType": "STOP_MARKET",
        "symbol": venue_id(core.instruments[asked.symbol]),
        "side": asked.side.value.upper(),
        "positionSide": leg_of(core, order),
        "timeInForce": "IOC",
        "quantity": plain(asked.quantity),
        "algoStatus": WORDS.get(order.status, "CANCELED"),
        "actualOrderId": order_id(order.number) if is_fired else None,
        "actualPrice": plain(order.average or Decimal(0)),
        "triggerPrice": plain(asked.trigger or Decimal(0)),
        "price": "0",
        "tpTriggerPrice": "0",
        "tpPrice": "0",
        "slTriggerPrice": "0",
        "slPrice": "0",
        "tpOrderType": None,
        "workingType": "MARK_PRICE",
        "closePosition": False,
        "reduceOnly": True,
        "createTime": order.created_ms,
        "updateTime": order.updated_ms,
        "triggerTime": order.updated_ms if is_fired else 0,
    }
