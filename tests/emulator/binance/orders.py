"""Binance's order paths: place, look up, cancel, and the lists of open and closed orders."""

from collections.abc import Mapping

from bot.domain.order import OrderStatus, OrderType
from bot.errors import OrderRejected
from tests.emulator.asks import Ask, Refused, Reply
from tests.emulator.binance import countdown
from tests.emulator.binance.asked_order import needed, number, product_order, stop_order
from tests.emulator.binance.names import Product, chosen, instrument_of, product_of
from tests.emulator.binance.order_rows import (
    ALGO_IDS,
    algo_result,
    algo_row,
    contract_result,
    contract_row,
    spot_cancelled,
    spot_result,
    spot_row,
)
from tests.emulator.binance.refusals import order_refused, refused
from tests.emulator.core import Core
from tests.emulator.orders import NewOrder, VenueOrder

MADE_UP = "web_{}"  # the id the venue gives an order that came without one
NO_ORDER = (-2013, "Order does not exist.")
UNKNOWN_SENT = (-2011, "Unknown order sent.")


def sent(ask: Ask) -> Mapping[str, str]:
    """Return the parameters of a request, wherever they stand."""
    return {**ask.params, **ask.form}


def place(ask: Ask, core: Core) -> Reply:
    """Answer POST api|fapi|dapi/v1…/order."""
    params, product = sent(ask), product_of(ask)
    one = instrument_of(core, product, params)
    order = _placed(core, product, product_order(product, core, one, params, MADE_UP.format(core.now_ms())))
    detail = params.get("newOrderRespType", "FULL" if product is Product.SPOT else "ACK")
    row = spot_result if product is Product.SPOT else contract_result
    return Reply(body=row(core, order, detail))


def try_order(ask: Ask, core: Core) -> Reply:
    """Answer POST …/order/test: the parameters are checked, nothing is sent on."""
    params, product = sent(ask), product_of(ask)
    product_order(product, core, instrument_of(core, product, params), params, "test")
    return Reply(body={})


def _placed(core: Core, product: Product, order: NewOrder) -> VenueOrder:
    try:
        return core.place(order)
    except OrderRejected as error:
        raise order_refused(error, spot=product is Product.SPOT) from error


def place_stop(ask: Ask, core: Core) -> Reply:
    """Answer POST fapi|dapi/v1/algoOrder."""
    params, product = sent(ask), product_of(ask)
    one = instrument_of(core, product, params)
    order = _placed(core, product, stop_order(core, one, params, MADE_UP.format(core.now_ms())))
    return Reply(body=algo_result(core, order))


def find(ask: Ask, core: Core) -> Reply:
    """Answer GET …/order by `orderId` or `origClientOrderId`: the newest order of that id."""
    return Reply(body=_row(core, _wanted(ask, core, absent=refused(*NO_ORDER))))


def cancel(ask: Ask, core: Core) -> Reply:
    """Answer DELETE …/order; an order that rests no more is as unknown as one that never was (-2011)."""
    order = _wanted(ask, core, absent=refused(*UNKNOWN_SENT))
    if order.status is not OrderStatus.OPEN:
        raise refused(*UNKNOWN_SENT)
    gone = core.cancel(order.number)
    if product_of(ask) is Product.SPOT:
        return Reply(body=spot_cancelled(core, gone))
    return Reply(body=contract_result(core, gone, "RESULT"))


def cancel_all(ask: Ask, core: Core) -> Reply:
    """Answer DELETE api/v3/openOrders and fapi|dapi/v1/allOpenOrders of one symbol."""
    product = product_of(ask)
    one = instrument_of(core, product, sent(ask))
    gone = [core.cancel(order.number) for order in core.open_orders(one.symbol) if not is_stop(order)]
    if product is not Product.SPOT:
        return Reply(body={"code": 200, "msg": "The operation of cancel all open order is done."})
    if not gone:
        raise refused(*UNKNOWN_SENT)
    return Reply(body=[spot_cancelled(core, order) for order in gone])


def find_stop(ask: Ask, core: Core) -> Reply:
    """Answer GET fapi|dapi/v1/algoOrder by `algoId` or `clientAlgoId`."""
    return Reply(body=algo_row(core, _wanted_stop(ask, core, refused(*NO_ORDER))))


def cancel_stop(ask: Ask, core: Core) -> Reply:
    """Answer DELETE fapi|dapi/v1/algoOrder."""
    order = _wanted_stop(ask, core, refused(*UNKNOWN_SENT))
    if order.status is not OrderStatus.OPEN:
        raise refused(*UNKNOWN_SENT)
    return Reply(body=algo_result(core, core.cancel(order.number)))


def open_orders(ask: Ask, core: Core) -> Reply:
    """Answer GET …/openOrders: stops are not among them."""
    countdown.let_pass(core)
    resting = [order for order in _resting(ask, core) if not is_stop(order)]
    return Reply(body=[_row(core, order) for order in resting])


def open_stops(ask: Ask, core: Core) -> Reply:
    """Answer GET fapi|dapi/v1/openAlgoOrders."""
    return Reply(body=[algo_row(core, order) for order in _resting(ask, core) if is_stop(order)])


def _resting(ask: Ask, core: Core) -> list[VenueOrder]:
    symbols = [one.symbol for one in chosen(core, product_of(ask), ask.params)]
    return [order for symbol in symbols for order in core.open_orders(symbol)]


def all_orders(ask: Ask, core: Core) -> Reply:
    """Answer GET …/allOrders of one symbol, oldest first; an order shows only some time after it was made."""
    return Reply(body=[_row(core, order) for order in _listed(ask, core) if not is_stop(order)])


def all_stops(ask: Ask, core: Core) -> Reply:
    """Answer GET fapi|dapi/v1/allAlgoOrders of one symbol."""
    return Reply(body=[algo_row(core, order) for order in _listed(ask, core) if is_stop(order)])


def _listed(ask: Ask, core: Core) -> list[VenueOrder]:
    one = instrument_of(core, product_of(ask), ask.params)
    since, until = int(ask.params.get("startTime", "0")), int(ask.params.get("endTime", core.now_ms()))
    first = int(ask.params.get("orderId", "0"))
    found = [o for o in core.orders(one.symbol, since) if o.created_ms <= until and o.number >= first]
    return found[-int(ask.params.get("limit", "500")) :]


def is_stop(order: VenueOrder) -> bool:
    """Whether an order is a conditional one, with its own paths and ids."""
    return order.request.type is OrderType.STOP


def _row(core: Core, order: VenueOrder) -> dict[str, object]:
    if core.instruments[order.request.symbol].kind.is_spot:
        return spot_row(core, order)
    return contract_row(core, order)


def _wanted(ask: Ask, core: Core, *, absent: Refused) -> VenueOrder:
    """Return the order asked for; a stop is none of these until it has fired, and then only by its number."""
    params = sent(ask)
    one = instrument_of(core, product_of(ask), params)
    if not params.get("orderId") and not params.get("origClientOrderId"):
        raise refused(-1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!")
    if params.get("orderId"):
        order = core.order(int(number(params, "orderId")))
        hidden = order is not None and is_stop(order) and not order.fills
    else:
        order = core.by_client_id(params["origClientOrderId"], one.symbol)
        hidden = order is not None and is_stop(order)
    if order is None or hidden or order.request.symbol != one.symbol:
        raise absent
    return order


def _wanted_stop(ask: Ask, core: Core, absent: Refused) -> VenueOrder:
    params, product = sent(ask), product_of(ask)
    if params.get("algoId"):
        order = core.order(int(number(params, "algoId")) - ALGO_IDS)
    else:
        own = needed(params, "clientAlgoId")
        found = [core.by_client_id(own, one.symbol) for one in chosen(core, product, params)]
        order = next((one for one in found if one is not None), None)
    if order is None or not is_stop(order):
        raise absent
    return order
