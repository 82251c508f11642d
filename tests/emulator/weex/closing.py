"""WEEX's ways to end many things at once: every resting order of a market, several by id, whole positions."""

from bot.domain.order import OrderStatus, OrderType, Side
from tests.emulator.asks import Ask, Reply
from tests.emulator.core import Core, NewOrder, VenueOrder
from tests.emulator.weex.legs import SHORT, legs_of
from tests.emulator.weex.names import chosen, found, is_contract, listed, number_of, order_id
from tests.emulator.weex.orders import is_waiting, placed
from tests.emulator.weex.words import refused

Row = dict[str, object]
MOST = 50


def cancel_all(ask: Ask, core: Core) -> Reply:
    """Answer DELETE api/v3/openOrders, which wants a market, and capi/v3/allOpenOrders."""
    if not is_contract(ask) and not ask.params.get("symbol"):
        raise refused(-1141, "Parameter symbol cannot be empty.")
    resting = [order for one in chosen(ask, core) for order in core.open_orders(one.symbol) if not is_waiting(order)]
    return Reply(body=[_ended(core, order, contract=is_contract(ask)) for order in resting])


def cancel_several(ask: Ask, core: Core) -> Reply:
    """Answer DELETE api/v3/order/batch and capi/v3/batchOrders: a body with ids, a result for each."""
    sent, contract = ask.json or {}, is_contract(ask)
    names = sent.get("orderIdList" if contract else "orderIds") or []
    ours = sent.get("origClientOrderIdList" if contract else "origClientOrderIds") or []
    if not 0 < len(names) + len(ours) <= MOST:
        raise refused(-1140, "Parameter validation failed. limit must be between 1 and 50.")
    markets = listed(core, contracts=contract)
    found_ones = [core.order(number_of(name)) for name in names]
    by_ours = [next(filter(None, (core.by_client_id(name, one.symbol) for one in markets)), None) for name in ours]
    rows = [
        _one(core, order, name, contract) for order, name in zip((*found_ones, *by_ours), (*names, *ours), strict=True)
    ]
    return Reply(body={"orderList": rows})


def _one(core: Core, order: VenueOrder | None, name: object, contract: bool) -> Row:
    if order is not None and order.status is OrderStatus.OPEN:
        return _ended(core, order, contract=contract)
    if contract:
        return {"orderId": name, "success": False, "errorCode": "-3200", "errorMessage": "Order does not exist."}
    return {"orderId": name, "status": "FAILED", "errorMsg": "FAILED_ORDER_NOT_FOUND"}


def _ended(core: Core, order: VenueOrder, *, contract: bool) -> Row:
    core.cancel(order.number)
    if contract:
        return {"orderId": order_id(order.number), "success": True, "errorCode": "", "errorMessage": ""}
    return {"orderId": order_id(order.number), "status": "CANCELED"}


def close_positions(ask: Ask, core: Core) -> Reply:
    """Answer POST capi/v3/closePositions: a market order for each leg."""
    name = str((ask.json or {}).get("symbol", ""))
    markets = (found(ask, core, name),) if name else listed(core, contracts=True)
    rows = []
    for one in markets:
        legs = legs_of(core, one.symbol)
        for place, leg in enumerate(legs):
            wanted = NewOrder(
                symbol=one.symbol,
                side=Side.BUY if leg.side == SHORT else Side.SELL,
                quantity=leg.size,
                price=None,
                type=OrderType.MARKET,
                reduce_only=place == len(legs) - 1 and len(legs) == 1,
            )
            order = placed(core, wanted, leg.side)
            rows.append(
                {
                    "positionId": order.number,
                    "successOrderId": order_id(order.number),
                    "errorMessage": "",
                    "success": True,
                }
            )
    return Reply(body=rows)
