"""How BingX takes orders: spot in coins or money, contracts with a leg, ids of ours never twice, stops without one."""

import re
from collections.abc import Mapping
from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.numbers import down_to_step
from bot.domain.order import OrderType
from bot.domain.order import Side as Way
from bot.errors import OrderRejected
from tests.emulator.asks import Ask, Reply
from tests.emulator.bingx.memory import memory_of
from tests.emulator.bingx.names import Side, find, side_of
from tests.emulator.bingx.order_rows import contract_ack, spot_ack
from tests.emulator.bingx.settings import ring
from tests.emulator.bingx.words import answered, number_of, refused, rejected, spot_answered
from tests.emulator.core import Core, NewOrder, VenueOrder

_SPOT_ID = re.compile(r"[A-Za-z0-9_]{1,40}")
_CONTRACT_ID = re.compile(r"[A-Za-z0-9]{1,40}")
_FORCES = {
    "": OrderType.LIMIT_IOC,
    "GTC": OrderType.LIMIT_IOC,
    "IOC": OrderType.LIMIT_IOC,
    "PostOnly": OrderType.POST_ONLY,
}
STOPS = ("STOP_MARKET",)
Sent = Mapping[str, str]


def place_spot(ask: Ask, core: Core) -> Reply:
    """Answer POST spot/v1/trade/order with the order as it stands, and without its fee."""
    ring(core)
    sent = ask.params
    one = find(core, Side.SPOT, sent.get("symbol", ""))
    kind = sent.get("type", "")
    if kind not in ("MARKET", "LIMIT"):
        raise refused(100400, "type is invalid (the emulator knows MARKET and LIMIT)")
    given = sent.get("newClientOrderId", "")
    if given and not _SPOT_ID.fullmatch(given):
        raise refused(100400, "newClientOrderId is invalid: letters, numbers and _, 1 to 40")
    way = _way(sent, 100400)
    price, order_type = _price_and_type(sent, 100400)
    order = NewOrder(
        symbol=one.symbol,
        side=way,
        quantity=_spot_quantity(core, one, way, sent),
        price=None if price is None else down_to_step(price, one.tick),
        type=order_type,
        good_till_cancelled=kind == "LIMIT" and sent.get("timeInForce", "") in ("", "GTC"),
        client_id=given,
    )
    return spot_answered(spot_ack(_placed(core, order, is_spot=True), one))


def _spot_quantity(core: Core, one: Instrument, way: Way, sent: Sent) -> Decimal:
    """Return the quantity in coins, cut to the step as the venue does; `quantity` goes before `quoteOrderQty`."""
    if sent.get("quantity"):
        return _above_zero(down_to_step(number_of(sent, "quantity", 100400), one.step))
    if sent.get("type") != "MARKET":
        raise refused(100400, "check param fail:entrust volume and value is 0.0")
    quote = core.quotes()[one.symbol]
    price = quote.ask if way is Way.BUY else quote.bid
    return _above_zero(down_to_step(number_of(sent, "quoteOrderQty", 100400) / price, one.step))


def _above_zero(quantity: Decimal) -> Decimal:
    if not quantity:
        raise refused(100400, "check limit entrust value fail, entrust volume too low")
    return quantity


def place_contract(ask: Ask, core: Core) -> Reply:
    """Answer POST swap/v2/trade/order and cswap/v1/trade/order: ids and the order's words, never what became of it."""
    ring(core)
    side = side_of(ask.path)
    one = find(core, side, ask.params.get("symbol", ""))
    order = _placed(core, contract_order(core, one, ask.params), is_spot=False)
    row = contract_ack(core, order, one)
    if side is Side.INVERSE:
        return Reply(body={"code": 0, "msg": "", **row})
    return answered({"order": row})


def check_contract(ask: Ask, core: Core) -> Reply:
    """Answer POST swap/v2/trade/order/test: the words are checked, nothing is placed."""
    one = find(core, Side.LINEAR, ask.params.get("symbol", ""))
    contract_order(core, one, ask.params)
    return answered({"order": {"symbol": ask.params["symbol"], "orderId": 0, "type": ask.params["type"]}})


def contract_order(core: Core, one: Instrument, sent: Sent) -> NewOrder:
    """Return the order a request means; refuse with 109400 what the venue could not read."""
    kind = sent.get("type", "")
    if kind not in ("MARKET", "LIMIT", *STOPS):
        raise refused(109400, "Invalid parameters, err:type (the emulator knows MARKET, LIMIT and STOP_MARKET)")
    way, is_stop = _way(sent, 109400), kind in STOPS
    price, order_type = (None, OrderType.STOP) if is_stop else _price_and_type(sent, 109400)
    trigger = _trigger(sent) if is_stop else None
    reduces = _reduces(core, way, sent)
    if is_stop and not reduces:
        raise refused(109400, "the emulator knows stops that close, and no others")
    return NewOrder(
        symbol=one.symbol,
        side=way,
        quantity=number_of(sent, "quantity", 80014),
        price=price,
        type=order_type,
        good_till_cancelled=kind == "LIMIT" and sent.get("timeInForce", "") in ("", "GTC"),
        reduce_only=reduces,
        trigger=trigger,
        client_id="" if is_stop or memory_of(core).drops_ids else _contract_id(sent),
    )


def _contract_id(sent: Sent) -> str:
    """Return our id in lower case: the venue keeps no other."""
    given = sent.get("clientOrderID") or sent.get("clientOrderId") or ""
    if given and not _CONTRACT_ID.fullmatch(given):
        raise refused(109400, "Invalid parameters, err:clientOrderID: letters and numbers, 1 to 40")
    return given.lower()


def _trigger(sent: Sent) -> Decimal:
    if sent.get("workingType", "MARK_PRICE") != "MARK_PRICE":
        raise refused(109400, "the emulator knows stops by MARK_PRICE, and no others")
    return number_of(sent, "stopPrice", 109400)


def _reduces(core: Core, way: Way, sent: Sent) -> bool:
    """Return whether an order can only reduce; refuse a leg or a flag that the position mode does not have.

    With two legs selling the long one or buying the short one closes it, and reduceOnly must not be sent.
    """
    leg, flag = sent.get("positionSide", "BOTH"), sent.get("reduceOnly", "").lower() == "true"
    if not core.hedge_mode:
        if leg != "BOTH":
            raise refused(109400, "In the One-way mode, the 'PositionSide' field can only be set to BOTH.")
        return flag
    if leg not in ("LONG", "SHORT"):
        raise refused(109400, "In the Hedge mode, the 'PositionSide' field can only be set to LONG or SHORT.")
    if "reduceOnly" in sent:
        raise refused(109400, "In the Hedge mode, the 'ReduceOnly' field can not be filled.")
    return (leg == "LONG") != (way is Way.BUY)


def _way(sent: Sent, code: int) -> Way:
    word = sent.get("side", "")
    if word not in ("BUY", "SELL"):
        raise refused(code, "Invalid parameters, err:side: This field must be one of BUY, SELL")
    return Way(word.lower())


def _price_and_type(sent: Sent, code: int) -> tuple[Decimal | None, OrderType]:
    if sent["type"] == "MARKET":
        return None, OrderType.MARKET
    force = sent.get("timeInForce", "")
    if force not in _FORCES:
        raise refused(code, "Invalid parameters, err:timeInForce (the emulator knows GTC, IOC and PostOnly)")
    return number_of(sent, "price", code), _FORCES[force]


def _placed(core: Core, order: NewOrder, *, is_spot: bool) -> VenueOrder:
    try:
        return core.place(order)
    except OrderRejected as error:
        raise rejected(error, is_spot=is_spot) from error
