"""How Bybit writes orders and trades: ids by category, its own words for states, "" for what is not there."""

import re
from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.order import OrderStatus, OrderType
from tests.emulator.bybit.names import venue_id
from tests.emulator.bybit.paging import Row
from tests.emulator.bybit.words import plain, told
from tests.emulator.core import Core, VenueFill, VenueOrder

_SPOT_FROM = 1_616_024_000_000_000_000
_UUID = re.compile(r"fd4300ae-7847-404e-b947-([0-9a-f]{12})")
_EXEC = "e0cbe81d-0f18-5866-9415-"
_STOP_LEG = "UNKNOWN"


def order_id(one: Instrument, number: int) -> str:
    """Return the venue's id of an order: a long number in spot, a UUID for contracts."""
    return str(_SPOT_FROM + number) if one.kind.is_spot else f"fd4300ae-7847-404e-b947-{number:012x}"


def number_from(one: Instrument, text: str) -> int | None:
    """Return the core's number of an id, None where the id is none of ours (ccxt sends the word None)."""
    if one.kind.is_spot:
        return int(text) - _SPOT_FROM if text.isdigit() else None
    found = _UUID.fullmatch(text)
    return int(found.group(1), 16) if found else None


def exec_id(one: Instrument, number: int) -> str:
    """Return the venue's id of a trade."""
    return str(2_210_000_000_000_000_000 + number) if one.kind.is_spot else f"{_EXEC}{number:012x}"


def is_stop(order: VenueOrder) -> bool:
    """Whether an order came as a conditional one."""
    return order.request.type is OrderType.STOP


def status_word(order: VenueOrder, *, is_spot: bool) -> str:
    """Return the venue's word for a state; only spot has one for partly filled and then cancelled."""
    status = order.status
    if status is OrderStatus.FILLED:
        return "Filled"
    if status is OrderStatus.REJECTED:
        return "Rejected"
    if status is OrderStatus.OPEN:
        if is_stop(order) and not order.filled:
            return "Untriggered"
        return "PartiallyFilled" if order.filled else "New"
    if is_stop(order) and not order.filled:
        return "Deactivated"
    return "PartiallyFilledCanceled" if order.filled and is_spot else "Cancelled"


def _force(order: VenueOrder) -> str:
    if order.request.type is OrderType.POST_ONLY:
        return "PostOnly"
    return "GTC" if order.request.good_till_cancelled else "IOC"


def order_row(core: Core, one: Instrument, order: VenueOrder, reason: str = "") -> Row:
    """Return an order as v5/order/realtime and v5/order/history write it; a spot row has no tpslMode."""
    request, left = order.request, order.request.quantity - order.filled
    is_closed = order.status is not OrderStatus.OPEN
    if not reason:
        fell = is_closed and not order.filled and request.type is OrderType.LIMIT_IOC
        reason = "EC_NoImmediateQtyToFill" if fell else "EC_NoError"
    value = sum((_value(one, fill) for fill in order.fills), Decimal(0))
    fees = _fees(order.fills)
    row: Row = {
        "orderId": order_id(one, order.number),
        "orderLinkId": order.client_id,
        "blockTradeId": "",
        "symbol": venue_id(one),
        "price": plain(request.price) if request.price is not None else "0",
        "qty": plain(request.quantity),
        "side": str(request.side).capitalize(),
        "isLeverage": "0" if one.kind.is_spot else "",
        "positionIdx": 0,
        "orderStatus": status_word(order, is_spot=one.kind.is_spot),
        "cancelType": "CancelByUser" if order.status is OrderStatus.CANCELLED else "UNKNOWN",
        "rejectReason": reason,
        "avgPrice": told(order.average, 12) if order.average is not None else "",
        "leavesQty": "0" if is_closed else plain(left),
        "leavesValue": "0" if is_closed else told(_cost(one, left, request.price or Decimal(0))),
        "cumExecQty": plain(order.filled),
        "cumExecValue": told(value),
        "cumExecFee": told(sum(fees.values(), Decimal(0)), 12),
        "cumFeeDetail": {asset: told(fee, 12) for asset, fee in fees.items()},
        "timeInForce": _force(order),
        "orderType": "Limit" if request.price is not None else "Market",
        "stopOrderType": "Stop" if is_stop(order) else "",
        "orderIv": "",
        "triggerPrice": plain(request.trigger) if request.trigger is not None else "",
        "takeProfit": "",
        "stopLoss": "",
        "tpTriggerBy": "",
        "slTriggerBy": "",
        "triggerDirection": 0 if request.trigger is None else 1 if request.side.sign > 0 else 2,
        "triggerBy": "" if request.trigger is None else "MarkPrice",
        "lastPriceOnCreated": "",
        "reduceOnly": request.reduce_only,
        "closeOnTrigger": False,
        "smpType": "None",
        "smpGroup": 0,
        "smpOrderId": "",
        "tpLimitPrice": "",
        "slLimitPrice": "",
        "placeType": "",
        "createdTime": str(order.created_ms),
        "updatedTime": str(order.updated_ms),
    }
    if one.kind.is_spot:
        return {**row, "marketUnit": "" if request.price is not None else "baseCoin"}
    return {**row, "tpslMode": "", "createType": "CreateByUser", "positionIdx": _leg(core, order)}


def _leg(core: Core, order: VenueOrder) -> int:
    if not core.hedge_mode:
        return 0
    return 1 if (order.request.side.sign > 0) != order.request.reduce_only else 2


def _cost(one: Instrument, quantity: Decimal, price: Decimal) -> Decimal:
    """Return quantity at a price in quote currency, of an inverse contract in coins."""
    return abs(one.coins(quantity, price)) if one.kind.is_inverse and price else abs(one.notional(quantity, price))


def _value(one: Instrument, fill: VenueFill) -> Decimal:
    return _cost(one, fill.quantity, fill.price)


def _fees(fills: tuple[VenueFill, ...]) -> dict[str, Decimal]:
    """Return what was paid in each coin."""
    paid: dict[str, Decimal] = {}
    for fill in fills:
        paid[fill.fee_asset] = paid.get(fill.fee_asset, Decimal(0)) + fill.fee
    return paid


def trade_row(core: Core, one: Instrument, fill: VenueFill) -> Row:
    """Return a trade as v5/execution/list writes it. `feeCurrency` is told for spot only; ccxt reads neither."""
    order = core.order(fill.order)
    assert order is not None
    value = _value(one, fill)
    row: Row = {
        "symbol": venue_id(one),
        "orderType": "Limit" if order.request.price is not None else "Market",
        "underlyingPrice": "",
        "orderLinkId": fill.client_id,
        "side": str(fill.side).capitalize(),
        "indexPrice": "",
        "orderId": order_id(one, fill.order),
        "stopOrderType": "Stop" if is_stop(order) else _STOP_LEG,
        "leavesQty": "0",
        "execTime": str(fill.at_ms),
        "feeCurrency": fill.fee_asset if one.kind.is_spot else "",
        "isMaker": fill.maker,
        "execFee": told(fill.fee, 12),
        "feeRate": plain(one.maker_fee if fill.maker else one.taker_fee),
        "execId": exec_id(one, fill.number),
        "tradeIv": "",
        "blockTradeId": "",
        "markPrice": plain(fill.price),
        "execPrice": plain(fill.price),
        "markIv": "",
        "orderQty": plain(order.request.quantity),
        "orderPrice": plain(order.request.price or Decimal(0)),
        "execValue": told(value),
        "execType": "Trade",
        "execQty": plain(fill.quantity),
        "closedSize": "" if one.kind.is_spot else "0",
        "extraFees": "",
        "seq": fill.number,
    }
    return row if one.kind.is_spot else {**row, "createType": "CreateByUser"}
