"""How Bybit takes and cancels orders: it only says that it took them, and an id of ours is taken for ever."""

import re
from collections.abc import Mapping
from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.numbers import down_to_step
from bot.domain.order import OrderStatus, OrderType, Side
from bot.errors import OrderRejected
from tests.emulator.asks import Ask, Reply
from tests.emulator.bybit.memory import let_fall, memory_of
from tests.emulator.bybit.names import Category, category_of, chosen, find
from tests.emulator.bybit.rows import number_from, order_id
from tests.emulator.bybit.settings import body_of, number_of
from tests.emulator.bybit.words import answered, refused, rejected
from tests.emulator.core import Core, NewOrder, VenueOrder

_LINK_ID = re.compile(r"[A-Za-z0-9_-]{1,36}")
_RISES, _FALLS = 1, 2
MOST_OPEN = 500
_WOULD_TAKE = "EC_PostOnlyWillTakeLiquidity"
Sent = Mapping[str, object]


def create(ask: Ask, core: Core) -> Reply:
    """Answer POST v5/order/create with the order's two ids and nothing else."""
    sent = body_of(ask, core)
    one = find(core, category_of(core, sent), str(sent.get("symbol", "")))
    request = _order_of(core, one, sent)
    if any(order.client_id == request.client_id for order, _ in memory_of(core).fallen if request.client_id):
        raise rejected(core, "duplicate-id", is_spot=one.kind.is_spot)
    if len(core.open_orders(one.symbol)) >= MOST_OPEN:
        raise refused(core, 110020, f"Cannot have more than {MOST_OPEN} active orders.")
    try:
        order = core.place(request)
    except OrderRejected as error:
        if error.code != "post-only-would-cross":
            raise rejected(core, error.code, is_spot=one.kind.is_spot) from None
        order = let_fall(core, request, _WOULD_TAKE)
    return answered(core, {"orderId": order_id(one, order.number), "orderLinkId": request.client_id})


def _order_of(core: Core, one: Instrument, sent: Sent) -> NewOrder:
    """Return the order a request means; refuse with 10001 what the venue could not read."""
    side = {"Buy": Side.BUY, "Sell": Side.SELL}.get(str(sent.get("side")))
    if side is None:
        raise refused(core, 10001, "params error: side invalid")
    link_id = str(sent.get("orderLinkId", ""))
    if link_id and not _LINK_ID.fullmatch(link_id):
        raise refused(core, 10001, "OrderLinkID is invalid: at most 36 of A-Z a-z 0-9 _ -")
    is_reducing = sent.get("reduceOnly") is True
    _check_leg(core, one, side, sent)
    trigger = _trigger_of(core, one, side, sent)
    kind, stays = _type_of(core, sent, is_stop=trigger is not None)
    price = number_of(core, sent, "price") if sent.get("orderType") == "Limit" else None
    return NewOrder(
        symbol=one.symbol,
        side=side,
        quantity=_quantity_of(core, one, side, sent),
        price=price,
        type=kind,
        good_till_cancelled=stays,
        reduce_only=is_reducing,
        trigger=trigger,
        client_id=link_id,
    )


def _check_leg(core: Core, one: Instrument, side: Side, sent: Sent) -> None:
    """Refuse a position index that the position mode does not have: one-way 0, hedge 1 (long) or 2 (short)."""
    if one.kind.is_spot:
        return
    leg, closes = sent.get("positionIdx", 0), sent.get("reduceOnly") is True
    long_leg = (side is Side.BUY) != closes
    wanted = 0 if not core.hedge_mode else 1 if long_leg else 2
    if leg != wanted:
        raise refused(core, 10001, "position idx not match position mode")


def _quantity_of(core: Core, one: Instrument, side: Side, sent: Sent) -> Decimal:
    """Return the quantity in order units; of a spot market order it is quote currency unless marketUnit says coins.

    The default of `marketUnit` is quoteCoin for a buy and baseCoin for a sell.
    """
    quantity = number_of(core, sent, "qty")
    if quantity <= 0:
        raise refused(core, 10001, "Qty invalid")
    if not one.kind.is_spot or sent.get("orderType") != "Market":
        return quantity
    unit = sent.get("marketUnit") or ("quoteCoin" if side is Side.BUY else "baseCoin")
    if unit == "baseCoin":
        return quantity
    quote = core.quotes()[one.symbol]
    return down_to_step(quantity / (quote.ask if side is Side.BUY else quote.bid), one.step)


def _type_of(core: Core, sent: Sent, *, is_stop: bool) -> tuple[OrderType, bool]:
    """Return the core's type of an order, and whether a limit stays in the book."""
    name, force = sent.get("orderType"), sent.get("timeInForce")
    if name == "Market":
        return (OrderType.STOP if is_stop else OrderType.MARKET), False
    if name != "Limit" or is_stop:
        raise refused(core, 10001, "params error: orderType invalid (stops are market orders here)")
    kinds = {"PostOnly": OrderType.POST_ONLY, "IOC": OrderType.LIMIT_IOC, "GTC": OrderType.LIMIT_IOC, None: None}
    kind = kinds.get(force if isinstance(force, str) else None) or OrderType.LIMIT_IOC
    return kind, force in (None, "GTC")


def _trigger_of(core: Core, one: Instrument, side: Side, sent: Sent) -> Decimal | None:
    """Return a stop's trigger. Its direction must fit its side and the mark: 110092 and 110093 where it does not."""
    if not sent.get("triggerPrice"):
        return None
    trigger, direction = number_of(core, sent, "triggerPrice"), sent.get("triggerDirection")
    if one.kind.is_spot or sent.get("triggerBy") != "MarkPrice" or sent.get("reduceOnly") is not True:
        raise refused(core, 10001, "the emulator knows reduce-only contract stops by MarkPrice, and no others")
    if direction != (_RISES if side is Side.BUY else _FALLS):
        raise refused(core, 10001, "triggerDirection invalid: the emulator knows stops, not profit targets")
    mark = core.quotes()[one.symbol].valuation
    if direction == _RISES and trigger <= mark:
        raise refused(core, 110092, f"expect Rising, but trigger_price[{trigger}] <= current[{mark}]")
    if direction == _FALLS and trigger >= mark:
        raise refused(core, 110093, f"expect Falling, but trigger_price[{trigger}] >= current[{mark}]")
    return trigger


def cancel(ask: Ask, core: Core) -> Reply:
    """Answer POST v5/order/cancel with the two ids; an order that is not open is unknown here."""
    sent = body_of(ask, core)
    one = find(core, category_of(core, sent), str(sent.get("symbol", "")))
    order = _named(core, one, sent)
    if order is None or order.status is not OrderStatus.OPEN:
        if one.kind.is_spot:
            raise refused(core, 170213, "Order does not exist.")
        raise refused(core, 110001, "order not exists or too late to cancel")
    core.cancel(order.number)
    return answered(core, {"orderId": order_id(one, order.number), "orderLinkId": order.client_id})


def _named(core: Core, one: Instrument, sent: Sent) -> VenueOrder | None:
    """Return the order a request names: the venue's id goes before ours."""
    if not (sent.get("orderId") or sent.get("orderLinkId")):
        raise refused(core, 10001, "params error: orderId or orderLinkId must be passed")
    if sent.get("orderId"):
        number = number_from(one, str(sent["orderId"]))
        order = None if number is None else core.order(number)
    else:
        order = core.by_client_id(str(sent["orderLinkId"]), one.symbol)
    return order if order is not None and order.request.symbol == one.symbol else None


def cancel_all(ask: Ask, core: Core) -> Reply:
    """Answer POST v5/order/cancel-all of a symbol, a coin or a whole category."""
    sent = body_of(ask, core)
    category = category_of(core, sent)
    if category is Category.LINEAR and not (sent.get("symbol") or sent.get("settleCoin") or sent.get("baseCoin")):
        raise refused(core, 10001, "params error: symbol, settleCoin or baseCoin must be passed")
    rows = []
    for one in chosen(core, sent):
        for order in core.open_orders(one.symbol):
            core.cancel(order.number)
            rows.append({"orderId": order_id(one, order.number), "orderLinkId": order.client_id})
    return answered(core, {"list": rows, "success": "1"})
