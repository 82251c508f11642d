"""How BingX finds, lists and cancels orders: spot by our id for two hours only, closed ones in a list of their own."""

from collections.abc import Iterable, Mapping

from bot.domain.instrument import Instrument
from bot.domain.order import OrderStatus
from tests.emulator.asks import Ask, Reply
from tests.emulator.bingx.names import Side, chosen, find, number_from, side_of
from tests.emulator.bingx.order_rows import contract_row, spot_ack, spot_listed, spot_row
from tests.emulator.bingx.settings import ring
from tests.emulator.bingx.words import answered, refused, spot_answered, whole_of
from tests.emulator.core import Core, VenueOrder

DAY_MS = 86_400_000
ID_LIFE_MS = 2 * 3_600_000  # how long spot finds an order by our id
WEEK_MS = 7 * DAY_MS
_GONE = "the order you want to cancel is FILLED or CANCELLED already, or is not a valid order id ,please verify"
Row = dict[str, object]


def _named(core: Core, side: Side, one: Instrument, sent: Mapping[str, str]) -> VenueOrder | None:
    """Return the order a request names: the venue's id goes before ours, which contracts keep in lower case."""
    ring(core)
    given = sent.get("clientOrderID") or sent.get("clientOrderId") or ""
    if sent.get("orderId"):
        number = number_from(sent["orderId"])
        if number is None:
            raise refused(109400, "Invalid parameters, err:orderId: must be an integer")
        order = core.order(number) if number > 0 else None
    elif given:
        order = core.by_client_id(given if side is Side.SPOT else given.lower(), one.symbol)
        if order is not None and side is Side.SPOT and order.created_ms < core.now_ms() - ID_LIFE_MS:
            order = None
    else:
        raise refused(80001, "orderId and clientOrderID are both empty")
    return order if order is not None and order.request.symbol == one.symbol else None


def find_spot(ask: Ask, core: Core) -> Reply:
    """Answer GET spot/v1/trade/query, in whatever state the order is; 100404 where there is none."""
    one = find(core, Side.SPOT, ask.params.get("symbol", ""))
    order = _named(core, Side.SPOT, one, ask.params)
    if order is None:
        raise refused(100404, " order not exist")
    return spot_answered(spot_row(order, one))


def cancel_spot(ask: Ask, core: Core) -> Reply:
    """Answer POST spot/v1/trade/cancel; 100404 for an order that does not rest."""
    one = find(core, Side.SPOT, ask.params.get("symbol", ""))
    order = _named(core, Side.SPOT, one, ask.params)
    if order is None or order.status is not OrderStatus.OPEN:
        raise refused(100404, _GONE)
    return spot_answered(spot_ack(core.cancel(order.number), one))


def find_contract(ask: Ask, core: Core) -> Reply:
    """Answer GET swap/v2/trade/order and cswap/v1/trade/orderDetail; 80016 where there is none."""
    side = side_of(ask.path)
    one = find(core, side, ask.params.get("symbol", ""))
    order = _named(core, side, one, ask.params)
    if order is None:
        raise refused(80016, "order does not exist")
    return answered({"order": contract_row(core, order, one)})


def cancel_contract(ask: Ask, core: Core) -> Reply:
    """Answer DELETE swap/v2/trade/order and cswap/v1/trade/cancelOrder: 109414 unknown, 80018 already filled."""
    side = side_of(ask.path)
    one = find(core, side, ask.params.get("symbol", ""))
    order = _named(core, side, one, ask.params)
    if order is None:
        raise refused(109414, "order not exist")
    if order.status is not OrderStatus.OPEN:
        raise refused(80018, "order is already filled, The order doesn't exist")
    return answered({"order": contract_row(core, core.cancel(order.number), one)})


def open_orders(ask: Ask, core: Core) -> Reply:
    """Answer GET of the three openOrders paths, of one symbol or of all, stops among them."""
    ring(core)
    side = side_of(ask.path)
    found = [
        (order, one)
        for one in chosen(core, side, ask.params.get("symbol", ""))
        for order in core.open_orders(one.symbol)
    ]
    rows = _rows(core, side, found)
    return spot_answered({"orders": rows}) if side is Side.SPOT else answered({"orders": rows})


def closed_orders(ask: Ask, core: Core) -> Reply:
    """Answer GET spot/v1/trade/historyOrders, swap/v2/trade/allOrders, cswap/v1/trade/orderHistory.

    Newest first, a week back; what has just ended shows late. Linear lists hold resting orders too.
    """
    ring(core)
    side, sent = side_of(ask.path), ask.params
    end = whole_of(sent, "endTime", core.now_ms())
    start = whole_of(sent, "startTime", end - WEEK_MS)
    if side is Side.LINEAR and end - start > WEEK_MS:
        raise refused(109400, "Invalid parameters, err:the query range is more than seven days")
    most = whole_of(sent, "pageSize" if side is Side.SPOT else "limit", 100 if side is Side.SPOT else 500)
    found = [
        (order, one)
        for one in chosen(core, side, sent.get("symbol", ""))
        for order in core.orders(one.symbol, start)
        if order.created_ms <= end and (side is Side.LINEAR or order.status is not OrderStatus.OPEN)
    ]
    newest = sorted(found, key=lambda pair: pair[0].number, reverse=True)[: min(most, 1000)]
    rows = _rows(core, side, newest)
    return spot_answered({"orders": rows}) if side is Side.SPOT else answered({"orders": rows})


def _rows(core: Core, side: Side, found: Iterable[tuple[VenueOrder, Instrument]]) -> list[Row]:
    if side is Side.SPOT:
        return [spot_listed(order, one) for order, one in found]
    return [contract_row(core, order, one) for order, one in found]


def cancel_all(ask: Ask, core: Core) -> Reply:
    """Answer POST spot/v1/trade/cancelOpenOrders, DELETE swap/v2/trade/allOpenOrders, DELETE cswap/v1/..."""
    side = side_of(ask.path)
    ended = [
        (core.cancel(order.number), one)
        for one in chosen(core, side, ask.params.get("symbol", ""))
        for order in core.open_orders(one.symbol)
    ]
    if side is Side.SPOT:
        return spot_answered({"orders": [spot_ack(order, one) for order, one in ended]})
    return answered({"success": _rows(core, side, ended), "failed": None})
