"""How BingX writes orders and trades: spot, linear and coin-margined each in their own way."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.order import OrderStatus, OrderType, Side
from tests.emulator.bingx.names import order_id, venue_id
from tests.emulator.bingx.words import bare, plain, told
from tests.emulator.core import Core, VenueFill, VenueOrder

ZERO = Decimal(0)
FIRST_TRADE = 36_767_057
HANGZHOU = timezone(timedelta(hours=8))
Row = dict[str, object]
_NO_STOP = {"type": "", "quantity": 0, "stopPrice": 0, "price": 0, "workingType": "", "StopGuaranteed": ""}


def type_of(order: VenueOrder) -> str:
    """Return the venue's type of an order; how long a limit stays is not part of it."""
    if order.request.type is OrderType.STOP:
        return "STOP_MARKET"
    return "MARKET" if order.request.type is OrderType.MARKET else "LIMIT"


def state_of(order: VenueOrder, *, cancelled: str) -> str:
    """Return the venue's word for what became of an order; `cancelled` is spelled in two ways."""
    if order.status is OrderStatus.FILLED:
        return "FILLED"
    if order.status is OrderStatus.OPEN:
        if order.request.trigger is not None:
            return "NEW"
        return "PARTIALLY_FILLED" if order.filled else "PENDING"
    return cancelled


def spot_row(order: VenueOrder, one: Instrument) -> Row:
    """Return a spot order as queries tell it; `fee` is below zero when paid."""
    fee = -sum((fill.fee for fill in order.fills), ZERO)
    coin = one.base if order.request.side is Side.BUY else one.quote
    return {
        "symbol": venue_id(one),
        "orderId": order_id(order.number),
        "price": plain(order.request.price or ZERO),
        "StopPrice": plain(order.request.trigger or ZERO),
        "origQty": plain(order.request.quantity),
        "executedQty": plain(order.filled),
        "cummulativeQuoteQty": plain(_value(order)),
        "status": state_of(order, cancelled="CANCELED"),
        "type": type_of(order),
        "side": order.request.side.upper(),
        "time": order.created_ms,
        "updateTime": order.updated_ms,
        "origQuoteOrderQty": "0",
        "fee": plain(fee),
        "feeAsset": order.fills[0].fee_asset if order.fills else coin,
        "clientOrderID": order.client_id,
        "avgPrice": plain(order.average or ZERO),
    }


def spot_listed(order: VenueOrder, one: Instrument) -> Row:
    """Return a spot order as lists tell it: the fee is a number there."""
    row = spot_row(order, one)
    row.pop("feeAsset")
    return {**row, "fee": bare(Decimal(str(row["fee"])))}


def spot_ack(order: VenueOrder, one: Instrument) -> Row:
    """Return a spot order as its creation and its cancel tell it."""
    row = spot_row(order, one)
    kept = ("symbol", "orderId", "price", "origQty", "executedQty", "cummulativeQuoteQty", "status", "type", "side")
    return {
        **{name: row[name] for name in kept},
        "stopPrice": row["StopPrice"],
        "transactTime": order.created_ms,
        "clientOrderID": order.client_id,
    }


def _value(order: VenueOrder) -> Decimal:
    return sum((fill.quantity * fill.price for fill in order.fills), ZERO)


def contract_row(core: Core, order: VenueOrder, one: Instrument) -> Row:
    """Return a contract order as queries tell it; a stop has no id of ours, `commission` is below zero when paid."""
    stop = order.request.trigger
    fees, profit = (sum((getattr(f, name) for f in order.fills), ZERO) for name in ("fee", "realised"))
    row: Row = {
        "symbol": venue_id(one),
        "orderId": order_id(order.number),
        "side": order.request.side.upper(),
        "positionSide": leg_of(core, order),
        "type": type_of(order),
        "origQty": plain(order.request.quantity),
        "price": plain(order.request.price or stop or ZERO),
        "executedQty": plain(order.filled),
        "avgPrice": told(order.average or ZERO),
        "cumQuote": told(_value(order), 4),
        "stopPrice": "" if stop is None else plain(stop),
        "profit": told(profit),
        "commission": told(-fees),
        "status": state_of(order, cancelled="CANCELLED"),
        "time": order.created_ms,
        "updateTime": order.updated_ms,
        "clientOrderId": "" if stop is not None else order.client_id,
        "leverage": f"{int(core.leverage(one.symbol))}X",
        "takeProfit": dict(_NO_STOP),
        "stopLoss": dict(_NO_STOP),
        "advanceAttr": 0,
        "positionID": 0,
        "takeProfitEntrustPrice": 0,
        "stopLossEntrustPrice": 0,
        "orderType": "",
        "workingType": "MARK_PRICE",
        "trailingStopRate": 0,
        "trailingStopDistance": 0,
        "postOnly": order.request.type is OrderType.POST_ONLY,
        "stopGuaranteed": False,
        "triggerOrderId": 0,
        "isTwap": False,
        "mainOrderId": "",
        "onlyOnePosition": not core.hedge_mode,
        "reduceOnly": order.request.reduce_only and not core.hedge_mode,
    }
    if one.kind.is_inverse:
        return {**row, "orderId": str(row["orderId"]), "quantity": bare(order.request.quantity)}
    return row


def leg_of(core: Core, order: VenueOrder) -> str:
    """Return BOTH in one-way mode, else the leg the order works on."""
    if not core.hedge_mode:
        return "BOTH"
    is_long = (order.request.side is Side.BUY) != order.request.reduce_only
    return "LONG" if is_long else "SHORT"


def contract_ack(core: Core, order: VenueOrder, one: Instrument) -> Row:
    """Return a contract order as its creation tells it: nothing of what became of it."""
    named = "" if order.request.trigger is not None else order.client_id
    row: Row = {
        "symbol": venue_id(one),
        "orderId": order_id(order.number),
        "orderID": str(order_id(order.number)),
        "side": order.request.side.upper(),
        "positionSide": leg_of(core, order),
        "type": type_of(order),
        "clientOrderID": named,
        "clientOrderId": named,
        "workingType": "MARK_PRICE",
    }
    if one.kind.is_inverse:
        stop, price = order.request.trigger or ZERO, order.request.price or ZERO
        numbers = {"price": price, "quantity": order.request.quantity, "stopPrice": stop}
        return {**row, **{name: bare(number) for name, number in numbers.items()}, "timeInForce": ""}
    return row


def spot_trade(fill: VenueFill, one: Instrument) -> Row:
    """Return a spot trade; `commission` is a number below zero when paid, in the coin received."""
    return {
        "symbol": venue_id(one),
        "id": FIRST_TRADE + fill.number,
        "orderId": order_id(fill.order),
        "price": plain(fill.price),
        "qty": plain(fill.quantity),
        "quoteQty": plain(fill.quantity * fill.price),
        "commission": bare(-fill.fee),
        "commissionAsset": fill.fee_asset,
        "time": fill.at_ms,
        "isBuyer": fill.side is Side.BUY,
        "isMaker": fill.maker,
    }


def local_time(at_ms: int, pattern: str) -> str:
    """Return a moment as the venue's servers write it, eight hours ahead of UTC."""
    moment = datetime.fromtimestamp(at_ms // 1000, UTC).astimezone(HANGZHOU)
    return moment.strftime(pattern).replace(".000", f".{at_ms % 1000:03d}")


def linear_fill(core: Core, fill: VenueFill, order: VenueOrder, one: Instrument) -> Row:
    """Return a trade of allFillOrders. It has no id, and `filledTm` says Z of a clock eight hours ahead."""
    return {
        "filledTm": local_time(fill.at_ms, "%Y-%m-%dT%H:%M:%SZ"),
        "volume": plain(fill.quantity),
        "price": plain(fill.price),
        "amount": told(fill.quantity * fill.price, 4),
        "commission": told(-fill.fee),
        "currency": fill.fee_asset,
        "orderId": str(order_id(fill.order)),
        "liquidatedPrice": "",
        "liquidatedMarginRatio": "",
        "filledTime": local_time(fill.at_ms, "%Y-%m-%dT%H:%M:%S.000%z"),
        "clientOrderID": "" if order.request.trigger is not None else fill.client_id,
        "symbol": venue_id(one),
        "workingType": "MARK_PRICE",
        "side": fill.side.upper(),
        "type": type_of(order),
        "positionSide": leg_of(core, order),
        "onlyOnePosition": not core.hedge_mode,
    }


def linear_detail(core: Core, fill: VenueFill, order: VenueOrder, one: Instrument) -> Row:
    """Return a trade of fillHistory: with an id, its role and what it realised."""
    return {
        "symbol": venue_id(one),
        "qty": plain(fill.quantity),
        "price": plain(fill.price),
        "quoteQty": told(fill.quantity * fill.price, 4),
        "commission": told(-fill.fee),
        "commissionAsset": fill.fee_asset,
        "orderId": str(order_id(fill.order)),
        "tradeId": str(FIRST_TRADE + fill.number),
        "filledTime": local_time(fill.at_ms, "%Y-%m-%dT%H:%M:%S.000%z"),
        "side": fill.side.upper(),
        "positionSide": leg_of(core, order),
        "role": "maker" if fill.maker else "taker",
        "realisedPNL": told(fill.realised),
    }


def coin_trade(core: Core, fill: VenueFill, order: VenueOrder, one: Instrument) -> Row:
    """Return a coin-margined trade: `volume` in contracts, `amount` in USD, fee and profit in coins."""
    return {
        "orderId": str(order_id(fill.order)),
        "symbol": venue_id(one),
        "type": type_of(order),
        "side": fill.side.upper(),
        "positionSide": leg_of(core, order),
        "tradeId": str(FIRST_TRADE + fill.number),
        "volume": plain(fill.quantity),
        "tradePrice": plain(fill.price),
        "amount": f"{fill.quantity * one.contract_size:.8f}",
        "realizedPnl": f"{fill.realised:.8f}",
        "commission": f"{-fill.fee:.8f}",
        "currency": one.settle,
        "buyer": fill.side is Side.BUY,
        "maker": fill.maker,
        "tradeTime": fill.at_ms,
    }
