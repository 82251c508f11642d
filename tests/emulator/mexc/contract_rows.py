"""How the contract API writes orders, trades and stops: bare numbers, ids as text."""

from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.order import OrderStatus, OrderType, Side
from bot.domain.snapshot import MarginMode
from tests.emulator.core import Core, VenueFill, VenueOrder
from tests.emulator.mexc.account import CROSS, HEDGE, ISOLATED, ONE_WAY, position_number
from tests.emulator.mexc.names import bare, venue_id

NUMBERS = {"first": 739_113_577_038_000_000, "gtc": 1, "post-only": 2, "ioc": 3, "market": 5}
DEAL_FIRST = 9_466_700_000
PENDING, FILLED, CANCELLED, INVALID = 2, 3, 4, 5
UNTRIGGERED, STOP_CANCELLED, EXECUTED = 1, 2, 3
EXPIRES_HOURS = {1: 24, 2: 168}


def order_id(number: int) -> str:
    """Return the venue's id of a contract order: a long told as text."""
    return str(NUMBERS["first"] + number)


def side_number(side: Side, *, closes: bool) -> int:
    """Return 1 for opening a long, 2 for closing a short, 3 for opening a short, 4 for closing a long."""
    if side is Side.BUY:
        return 2 if closes else 1
    return 4 if closes else 3


def _type_number(order: VenueOrder) -> int:
    kind = order.request.type
    if kind is OrderType.LIMIT_IOC:
        return NUMBERS["gtc"] if order.request.good_till_cancelled else NUMBERS["ioc"]
    return NUMBERS["post-only"] if kind is OrderType.POST_ONLY else NUMBERS["market"]


def _state(status: OrderStatus) -> int:
    if status is OrderStatus.OPEN:
        return PENDING
    if status is OrderStatus.FILLED:
        return FILLED
    return INVALID if status is OrderStatus.REJECTED else CANCELLED


def _open_type(core: Core, symbol: str) -> int:
    return ISOLATED if core.margin_mode(symbol) is MarginMode.ISOLATED else CROSS


def _fees(order: VenueOrder, *, maker: bool) -> Decimal:
    return sum((fill.fee for fill in order.fills if fill.maker is maker), Decimal(0))


def order_row(core: Core, order: VenueOrder) -> dict[str, object]:
    """Return an order: our id is `externalOid`, quantities are contracts, fees positive when paid."""
    asked, one = order.request, core.instruments[order.request.symbol]
    return {
        "orderId": order_id(order.number),
        "symbol": venue_id(one),
        "positionId": position_number(core, one.symbol),
        "price": bare(asked.price or order.average or Decimal(0)),
        "vol": bare(asked.quantity),
        "leverage": bare(core.leverage(one.symbol)),
        "side": side_number(asked.side, closes=asked.reduce_only),
        "category": 1,
        "orderType": _type_number(order),
        "dealAvgPrice": bare(order.average or Decimal(0)),
        "dealVol": bare(order.filled),
        "orderMargin": 0,
        "takerFee": bare(_fees(order, maker=False)),
        "makerFee": bare(_fees(order, maker=True)),
        "profit": bare(sum((fill.realised for fill in order.fills), Decimal(0))),
        "feeCurrency": one.settle,
        "openType": _open_type(core, one.symbol),
        "state": _state(order.status),
        "externalOid": order.client_id or f"_m_{order.number:032x}",
        "errorCode": 0,
        "usedMargin": 0,
        "createTime": order.created_ms,
        "updateTime": order.updated_ms,
        "stopLossPrice": 0,
        "takeProfitPrice": 0,
        "positionMode": HEDGE if core.hedge_mode else ONE_WAY,
        "reduceOnly": asked.reduce_only,
    }


def deal_row(core: Core, one: Instrument, fill: VenueFill) -> dict[str, object]:
    """Return a trade: side in the four numbers, fee positive when paid."""
    order = core.order(fill.order)
    closes = order is not None and order.request.reduce_only
    return {
        "id": str(DEAL_FIRST + fill.number),
        "symbol": venue_id(one),
        "side": side_number(fill.side, closes=closes),
        "vol": bare(fill.quantity),
        "price": bare(fill.price),
        "feeCurrency": fill.fee_asset,
        "fee": bare(fill.fee),
        "timestamp": fill.at_ms,
        "profit": bare(fill.realised),
        "category": 1,
        "orderId": order_id(fill.order),
        "positionMode": HEDGE if core.hedge_mode else ONE_WAY,
        "taker": not fill.maker,
        "isTaker": not fill.maker,
        "opponentOrderId": 0,
    }


def stop_state(status: OrderStatus) -> int:
    """Return a stop's state: 1 waits, 2 was cancelled, 3 was executed."""
    if status is OrderStatus.OPEN:
        return UNTRIGGERED
    return EXECUTED if status is OrderStatus.FILLED else STOP_CANCELLED


def stop_row(core: Core, order: VenueOrder) -> dict[str, object]:
    """Return a stop: there is no field for our id in it, and `orderId` is there only once it was executed."""
    asked, one = order.request, core.instruments[order.request.symbol]
    executed = {"orderId": order_id(order.number)} if order.status is OrderStatus.FILLED else {}
    return {
        **executed,
        "id": order_id(order.number),
        "symbol": venue_id(one),
        "leverage": bare(core.leverage(one.symbol)),
        "side": side_number(asked.side, closes=asked.reduce_only),
        "triggerPrice": bare(asked.trigger or Decimal(0)),
        "price": 0,
        "vol": bare(asked.quantity),
        "openType": _open_type(core, one.symbol),
        "triggerType": 1 if asked.side is Side.BUY else 2,
        "state": stop_state(order.status),
        "executeCycle": EXPIRES_HOURS[2],
        "trend": 2,
        "orderType": NUMBERS["market"],
        "errorCode": 0,
        "createTime": order.created_ms,
        "updateTime": order.updated_ms,
        "positionMode": HEDGE if core.hedge_mode else ONE_WAY,
        "reduceOnly": asked.reduce_only,
    }
