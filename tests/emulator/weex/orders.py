"""WEEX's orders: taken with an id and no word of what became of them; a contract's order names the leg it is for."""

import re
from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.order import OrderStatus, OrderType, Side
from bot.errors import OrderRejected
from tests.emulator.asks import Ask, Refused, Reply
from tests.emulator.core import Core, NewOrder, VenueOrder
from tests.emulator.weex.legs import LONG, SHORT, closes, leg_of, legs_of
from tests.emulator.weex.memory import memory_of
from tests.emulator.weex.names import chosen, found, is_contract, is_sim, number_of, order_id, venue_id
from tests.emulator.weex.words import failure, order_refused, plain, refused, told

Row = dict[str, object]
_ID = re.compile(r"[.A-Z:/a-z0-9_-]{1,36}")
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
TYPES = {"LIMIT": OrderType.LIMIT_IOC, "MARKET": OrderType.MARKET}
_WORDS = {OrderType.MARKET: "MARKET", OrderType.STOP: "STOP_MARKET"}
IN_FORCE = ("GTC", "IOC", "FOK", "POST_ONLY")
MOST = 1000


def place(ask: Ask, core: Core) -> Reply:
    """Answer POST api/v3/order, capi/v3/order and capi/v3/sim/order: an id, or for a contract success false."""
    sent = {str(name): str(value) for name, value in (ask.json or {}).items()}
    one = found(ask, core, sent.get("symbol", ""))
    client_id = sent.get("newClientOrderId", "")
    wanted = _wanted(ask, core, one, sent)
    if is_contract(ask):
        order = placed(core, wanted, sent["positionSide"])
        return acknowledged(order_id(order.number), client_id)
    try:
        order = core.place(wanted)
    except OrderRejected as error:
        body = order_refused(error, client_id).body
        assert isinstance(body, dict)
        raise refused(int(body["errorCode"]), str(body["errorMessage"])) from error
    return Reply(
        body={
            "symbol": venue_id(one),
            "orderId": order_id(order.number),
            "clientOrderId": client_id,
            "transactTime": order.created_ms,
        }
    )


def placed(core: Core, wanted: NewOrder, leg: str) -> VenueOrder:
    """Return a contract's order for a leg; refuse with HTTP 200 and success false what the engine does not take."""
    try:
        order = core.place(wanted)
    except OrderRejected as error:
        raise Refused(order_refused(error, wanted.client_id)) from error
    memory_of(core).legs[order.number] = leg
    return order


def acknowledged(identity: int, client_id: str) -> Reply:
    """Return the answer for a contract's order that was taken: two ids, and not what became of it."""
    ids = {"orderId": str(identity), "clientOrderId": client_id}
    return Reply(body={**ids, "success": True, "errorCode": "", "errorMessage": ""})


def _wanted(ask: Ask, core: Core, one: Instrument, sent: dict[str, str]) -> NewOrder:
    """Return the order a request asks for; refuse unknown words, and a leg that is not held."""
    side = side_of(sent)
    if sent.get("type") not in TYPES:
        raise refused(-1116, "Invalid order type.")
    in_force = sent.get("timeInForce", "GTC")
    if in_force not in IN_FORCE or (in_force == "POST_ONLY" and not is_contract(ask)):
        raise refused(-1115, "Invalid timeInForce.")
    client_id = own_id(sent, "newClientOrderId")
    is_market = sent["type"] == "MARKET"
    quantity = number(sent, "quantity")
    return NewOrder(
        symbol=one.symbol,
        side=side,
        quantity=quantity,
        price=None if is_market else number(sent, "price"),
        type=OrderType.POST_ONLY if in_force == "POST_ONLY" else TYPES[sent["type"]],
        good_till_cancelled=not is_market and in_force == "GTC",
        reduce_only=is_contract(ask) and only_reduces(core, one, sent, quantity, client_id),
        client_id=client_id,
    )


def side_of(sent: dict[str, str]) -> Side:
    """Return which way an order goes; refuse another word with -1117."""
    if sent.get("side") not in ("BUY", "SELL"):
        raise refused(-1117, "Invalid side.")
    return Side(sent["side"].lower())


def own_id(sent: dict[str, str], name: str) -> str:
    """Return our id, which every order must have; refuse it with -1180 where it is missing, long, or strange."""
    client_id = sent.get(name, "")
    if not _ID.fullmatch(client_id):
        raise refused(-1180, "client_oid length must not exceed 40 and must not contain special characters.")
    return client_id


def only_reduces(core: Core, one: Instrument, sent: dict[str, str], quantity: Decimal, client_id: str) -> bool:
    """Whether the netted books must take an order as reduce-only: it closes a leg, and there is no other leg.

    A buy for LONG beside a short opens a second leg. Closing needs a leg that holds as much.
    """
    leg = sent.get("positionSide", "")
    if leg not in (LONG, SHORT):
        raise refused(-1141, "Parameter positionSide cannot be empty.")
    if not closes(side_of(sent), leg):
        if sent.get("reduceOnly") == "True":
            raise Refused(failure("-1128", "Combination of optional parameters invalid.", client_id))
        return False
    held = {one.side: one.size for one in legs_of(core, one.symbol)}
    if held.get(leg, Decimal(0)) < quantity:
        raise Refused(failure("-1142", "FAILED_PRECONDITION: there is no position to close", client_id))
    return len(held) == 1


def number(sent: dict[str, str], name: str) -> Decimal:
    """Return a number of a request; refuse what is missing or none with -1141."""
    text = sent.get(name, "")
    if not _NUMBER.fullmatch(text):
        raise refused(-1141, f"Parameter {name} cannot be empty.")
    return Decimal(text)


def find(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/order by either id, capi/v3/order by the venue's own; what is not there is −2200 or −3200."""
    if is_contract(ask) and not ask.params.get("orderId"):
        raise refused(-1141, "Parameter orderId cannot be empty.")
    order = _found(ask, core, ask.params)
    if order is None:
        raise refused(-3200 if is_contract(ask) else -2200, "Order does not exist.")
    return Reply(body=row_of(ask, core, order))


def _found(ask: Ask, core: Core, sent: dict[str, str]) -> VenueOrder | None:
    ours, theirs = sent.get("origClientOrderId", ""), sent.get("orderId", "")
    if not ours and not theirs:
        raise refused(-1140, "Either orderId or origClientOrderId must be sent.")
    for one in chosen(ask, core):
        order = core.order(number_of(theirs)) if theirs else core.by_client_id(ours, one.symbol)
        if order is not None and order.request.symbol == one.symbol and not is_waiting(order):
            return order
    return None


def is_waiting(order: VenueOrder) -> bool:
    """Whether an order is a stop that has not become an order yet: it has an id of another kind till then."""
    return order.request.trigger is not None and not order.filled


def cancel(ask: Ask, core: Core) -> Reply:
    """Answer DELETE api/v3/order and capi/v3/order, by either id."""
    order = _found(ask, core, ask.params)
    if order is None or order.status is not OrderStatus.OPEN:
        raise refused(-3200 if is_contract(ask) else -2200, "Order does not exist.")
    core.cancel(order.number)
    named = {"origClientOrderId": order.client_id} if ask.params.get("origClientOrderId") else {}
    if is_contract(ask):
        told_ids = {"orderId": str(order_id(order.number)), "origClientOrderId": order.client_id}
        return Reply(body={**told_ids, "success": True, "errorCode": "", "errorMessage": ""})
    return Reply(body={**(named or {"orderId": order_id(order.number)}), "status": "CANCELED"})


def open_orders(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/openOrders and capi/v3/openOrders; stops are kept elsewhere."""
    rows = [
        row_of(ask, core, order)
        for one in chosen(ask, core)
        for order in core.open_orders(one.symbol)
        if order.request.trigger is None
    ]
    return Reply(body=rows)


def history(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v3/allOrders (open ones too), capi/v3/order/history and its demo twin (closed ones only)."""
    start, end = int(ask.params.get("startTime", 0)), int(ask.params.get("endTime", core.now_ms() + 1))
    orders = [order for one in chosen(ask, core) for order in core.orders(one.symbol, start) if order.created_ms <= end]
    if is_contract(ask):
        orders = [order for order in orders if order.status is not OrderStatus.OPEN]
    most = min(int(ask.params.get("limit", 500)), MOST)
    newest = sorted(orders, key=lambda order: order.number, reverse=True)[:most]
    return Reply(body=[row_of(ask, core, order) for order in newest])


def status_of(core: Core, order: VenueOrder) -> str:
    """Return the venue's word: PARTIALLY_FILLED is unknown to ccxt; what ended is CANCELED whatever it filled."""
    if order.status is OrderStatus.OPEN:
        return memory_of(core).part_word if order.filled else "NEW"
    return "FILLED" if order.status is OrderStatus.FILLED else "CANCELED"


def row_of(ask: Ask, core: Core, order: VenueOrder) -> Row:
    """Return an order as the host asked tells it."""
    asked = order.request
    one = core.instruments[asked.symbol]
    spent = sum((fill.quantity * fill.price for fill in order.fills), Decimal(0))
    row: Row = {
        "symbol": venue_id(one, sim=is_sim(ask)),
        "orderId": order_id(order.number),
        "clientOrderId": "" if asked.trigger is not None else order.client_id,
        "price": plain(asked.price or Decimal(0)),
        "origQty": plain(asked.quantity),
        "executedQty": plain(order.filled),
        "status": status_of(core, order),
        "timeInForce": _in_force(asked),
        "type": _WORDS.get(asked.type, "LIMIT"),
        "side": asked.side.value.upper(),
        "time": order.created_ms,
        "updateTime": order.updated_ms,
    }
    if not is_contract(ask):
        return {**row, "cummulativeQuoteQty": told(spent), "isWorking": order.status is OrderStatus.OPEN}
    leg = leg_of(core, order)
    return {
        **row,
        "avgPrice": told(order.average or Decimal(0)),
        "cumQuote": told(spent),
        "reduceOnly": closes(asked.side, leg),
        "positionSide": leg,
        "stopPrice": plain(asked.trigger or Decimal(0)),
        "workingType": "CONTRACT_PRICE",
    }


def _in_force(asked: NewOrder) -> str:
    if asked.type is OrderType.POST_ONLY:
        return "POST_ONLY"
    return "GTC" if asked.good_till_cancelled else "IOC"
