"""How Binance writes an order down: one row for spot, one for contracts, one for conditional orders."""

from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.order import OrderStatus, OrderType, Side
from tests.emulator.binance.names import exact, pair_of, plain, told, venue_id
from tests.emulator.core import Core
from tests.emulator.orders import VenueFill, VenueOrder

ZERO = Decimal(0)
ALGO_IDS = 2_000_000_000  # conditional orders have ids of their own
_FINAL = {
    OrderStatus.FILLED: "FILLED",
    OrderStatus.CANCELLED: "CANCELED",
    OrderStatus.EXPIRED: "EXPIRED",
    OrderStatus.REJECTED: "REJECTED",
}
_ALGO = {
    OrderStatus.OPEN: "NEW",
    OrderStatus.FILLED: "FINISHED",
    OrderStatus.CANCELLED: "CANCELED",
    OrderStatus.EXPIRED: "EXPIRED",
    OrderStatus.REJECTED: "REJECTED",
}


def status_of(order: VenueOrder) -> str:
    """Return the venue's word for an order's status."""
    if order.status is OrderStatus.OPEN:
        return "PARTIALLY_FILLED" if order.filled else "NEW"
    return _FINAL[order.status]


def spot_row(core: Core, order: VenueOrder) -> dict[str, object]:
    """Return the row of GET api/v3/order."""
    asked, one = order.request, core.instruments[order.request.symbol]
    return {
        "symbol": venue_id(one),
        "orderId": order.number,
        "orderListId": -1,
        "clientOrderId": order.client_id,
        "price": exact(asked.price or ZERO),
        "origQty": exact(asked.quantity),
        "executedQty": exact(order.filled),
        "cummulativeQuoteQty": exact(_value(order)),
        "status": status_of(order),
        "timeInForce": "IOC" if asked.type is OrderType.LIMIT_IOC and not asked.good_till_cancelled else "GTC",
        "type": _SPOT_TYPES[asked.type],
        "side": asked.side.value.upper(),
        "stopPrice": "0.00000000",
        "icebergQty": "0.00000000",
        "time": order.created_ms,
        "updateTime": order.updated_ms,
        "isWorking": True,
        "workingTime": order.created_ms,
        "origQuoteOrderQty": "0.00000000",
        "selfTradePreventionMode": "EXPIRE_MAKER",
    }


_SPOT_TYPES = {OrderType.MARKET: "MARKET", OrderType.POST_ONLY: "LIMIT_MAKER", OrderType.LIMIT_IOC: "LIMIT"}
_QUERY_ONLY = ("stopPrice", "icebergQty", "time", "updateTime", "isWorking", "origQuoteOrderQty")


def spot_result(core: Core, order: VenueOrder, detail: str) -> dict[str, object]:
    """Return what POST api/v3/order answers: ACK, RESULT, or FULL with the fills and their fees."""
    row = {name: value for name, value in spot_row(core, order).items() if name not in _QUERY_ONLY}
    row |= {"transactTime": order.updated_ms}
    if detail == "ACK":
        return {name: row[name] for name in ("symbol", "orderId", "orderListId", "clientOrderId", "transactTime")}
    if detail == "FULL":
        row["fills"] = [
            {
                "price": exact(fill.price),
                "qty": exact(fill.quantity),
                "commission": exact(fill.fee),
                "commissionAsset": fill.fee_asset,
                "tradeId": fill.number,
            }
            for fill in order.fills
        ]
    return row


def spot_cancelled(core: Core, order: VenueOrder) -> dict[str, object]:
    """Return what DELETE api/v3/order answers: the order's own id moves to `origClientOrderId`."""
    row = spot_result(core, order, "RESULT")
    return {**row, "origClientOrderId": order.client_id, "clientOrderId": f"cancel{order.number}"}


def contract_row(core: Core, order: VenueOrder) -> dict[str, object]:
    """Return the row of GET fapi|dapi/v1/order; `cumBase` takes the place of `cumQuote` in COIN-M."""
    asked, one = order.request, core.instruments[order.request.symbol]
    kind = "MARKET" if asked.type in (OrderType.MARKET, OrderType.STOP) else "LIMIT"
    row: dict[str, object] = {
        "orderId": order.number,
        "symbol": venue_id(one),
        "status": status_of(order),
        "clientOrderId": order.client_id if asked.type is not OrderType.STOP else f"algo-{order.number}",
        "price": plain(asked.price or ZERO),
        "avgPrice": told(order.average or ZERO, 5),
        "origQty": plain(asked.quantity),
        "executedQty": plain(order.filled),
        "timeInForce": _force(asked.type, rests=asked.good_till_cancelled),
        "type": kind,
        "reduceOnly": asked.reduce_only,
        "closePosition": False,
        "side": asked.side.value.upper(),
        "positionSide": _leg(core, order),
        "stopPrice": "0",
        "workingType": "CONTRACT_PRICE",
        "priceProtect": False,
        "origType": kind,
        "time": order.created_ms,
        "updateTime": order.updated_ms,
    }
    if one.kind.is_inverse:
        return {**row, "pair": pair_of(one), "cumBase": exact(_coins(one, order))}
    extra = {"priceMatch": "NONE", "selfTradePreventionMode": "EXPIRE_MAKER", "goodTillDate": 0}
    return {**row, **extra, "cumQuote": exact(_value(order))}


def contract_result(core: Core, order: VenueOrder, detail: str) -> dict[str, object]:
    """Return what POST …/order answers: ACK shows nothing filled yet, RESULT the outcome without fees."""
    row = {**contract_row(core, order), "cumQty": plain(order.filled)}
    del row["time"]
    if detail != "RESULT":
        cum = "cumBase" if "cumBase" in row else "cumQuote"
        row |= {"status": "NEW", "executedQty": "0", "cumQty": "0", "avgPrice": "0.00", cum: "0"}
    return row


def _force(kind: OrderType, *, rests: bool) -> str:
    if kind is OrderType.POST_ONLY:
        return "GTX"
    return "IOC" if kind is OrderType.LIMIT_IOC and not rests else "GTC"


def _leg(core: Core, order: VenueOrder) -> str:
    if not core.hedge_mode:
        return "BOTH"
    return "LONG" if (order.request.side is Side.BUY) != order.request.reduce_only else "SHORT"


def _value(order: VenueOrder) -> Decimal:
    return sum((fill.quantity * fill.price for fill in order.fills), ZERO)


def _coins(one: Instrument, order: VenueOrder) -> Decimal:
    return sum((one.coins(fill.quantity, fill.price) for fill in order.fills), ZERO)


def algo_row(core: Core, order: VenueOrder) -> dict[str, object]:
    """Return the row of GET fapi|dapi/v1/algoOrder: a triggered one names the order that came of it."""
    asked = order.request
    came = order.status is OrderStatus.FILLED or bool(order.fills)
    return {
        **algo_result(core, order),
        "algoStatus": "FINISHED" if came else _ALGO[order.status],
        "actualOrderId": str(order.number) if came else "",
        "actualPrice": told(order.average or ZERO, 5),
        "actualQty": plain(order.filled),
        "actualType": "MARKET" if came else "",
        "tpTriggerPrice": "0.000",
        "tpPrice": "0.000",
        "slTriggerPrice": "0.000",
        "slPrice": "0.000",
        "tpOrderType": "",
        "triggerTime": order.updated_ms if came else 0,
        "quantity": plain(asked.quantity),
    }


def algo_result(core: Core, order: VenueOrder) -> dict[str, object]:
    """Return what POST and DELETE fapi|dapi/v1/algoOrder answer."""
    asked, one = order.request, core.instruments[order.request.symbol]
    return {
        "algoId": ALGO_IDS + order.number,
        "clientAlgoId": order.client_id,
        "algoType": "CONDITIONAL",
        "orderType": "STOP_MARKET",
        "symbol": venue_id(one),
        "side": asked.side.value.upper(),
        "positionSide": _leg(core, order),
        "timeInForce": "GTC",
        "quantity": plain(asked.quantity),
        "algoStatus": _ALGO[order.status],
        "triggerPrice": plain(asked.trigger or ZERO),
        "price": "0.00",
        "icebergQuantity": None,
        "selfTradePreventionMode": "EXPIRE_MAKER",
        "workingType": "MARK_PRICE",
        "priceMatch": "NONE",
        "closePosition": False,
        "priceProtect": False,
        "reduceOnly": asked.reduce_only,
        "activatePrice": "",
        "callbackRate": "",
        "createTime": order.created_ms,
        "updateTime": order.updated_ms,
        "triggerTime": 0,
        "goodTillDate": 0,
    }


def trade_row(core: Core, fill: VenueFill) -> dict[str, object]:
    """Return the row of api/v3/myTrades or fapi|dapi/v1/userTrades; a fee paid is positive."""
    one = core.instruments[fill.symbol]
    row: dict[str, object] = {
        "symbol": venue_id(one),
        "id": fill.number,
        "orderId": fill.order,
        "price": plain(fill.price),
        "qty": plain(fill.quantity),
        "commission": exact(fill.fee),
        "commissionAsset": fill.fee_asset,
        "time": fill.at_ms,
    }
    bought = fill.side is Side.BUY
    if one.kind.is_spot:
        flags = {"orderListId": -1, "isBuyer": bought, "isMaker": fill.maker, "isBestMatch": True}
        return {**row, "quoteQty": exact(fill.quantity * fill.price), **flags}
    row |= {
        "side": fill.side.value.upper(),
        "positionSide": "BOTH",
        "realizedPnl": exact(fill.realised),
        "buyer": bought,
        "maker": fill.maker,
    }
    if one.kind.is_inverse:
        coins = exact(one.coins(fill.quantity, fill.price))
        return {**row, "pair": pair_of(one), "marginAsset": one.settle, "baseQty": coins}
    return {**row, "quoteQty": exact(fill.quantity * fill.price)}
