"""MEXC's contract orders: four sides, types in numbers, an answer of an id and a time, results by a second look."""

from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.order import OrderStatus, OrderType, Side
from bot.domain.snapshot import MarginMode
from bot.errors import OrderRejected
from tests.emulator.asks import Ask, Reply
from tests.emulator.core import Core, NewOrder, VenueOrder
from tests.emulator.mexc.account import CROSS, HEDGE, ISOLATED, ONE_WAY, bring_leverage
from tests.emulator.mexc.contract_rows import NUMBERS, deal_row, order_id, order_row
from tests.emulator.mexc.memory import memory_of
from tests.emulator.mexc.names import contract_of, contracts, page_of
from tests.emulator.mexc.refusals import contract_order_refused, contract_refused

OPEN_LONG, CLOSE_SHORT, OPEN_SHORT, CLOSE_LONG = 1, 2, 3, 4
TYPES = {
    1: OrderType.LIMIT_IOC,
    2: OrderType.POST_ONLY,
    3: OrderType.LIMIT_IOC,
    4: OrderType.LIMIT_IOC,
    5: OrderType.MARKET,
    6: OrderType.MARKET,
}
_MOST_CANCELS = 50


def _told(data: object) -> Reply:
    return Reply(body={"success": True, "code": 0, "data": data})


def place(ask: Ask, core: Core) -> Reply:
    """Answer POST api/v1/private/order/create; an externalOid that is known answers with the order it has."""
    if memory_of(core).contracts_closed:
        raise contract_refused(1002, "Contract not allow place order!")
    sent = sent_of(ask)
    one = contract_of(core, str(sent.get("symbol", "")))
    ours = str(sent.get("externalOid", ""))
    known = core.by_client_id(ours, one.symbol) if ours else None
    if known is not None:
        return _told({"orderId": order_id(known.number), "ts": core.now_ms()})
    order = placed(core, _wanted(core, one, sent))
    return _told({"orderId": order_id(order.number), "ts": order.created_ms})


def sent_of(ask: Ask) -> dict[str, object]:
    """Return the JSON object of a request; refuse anything else with 600."""
    body = ask.json
    if not isinstance(body, dict):
        raise contract_refused(600, "Param error!")
    return body


def placed(core: Core, order: NewOrder) -> VenueOrder:
    """Place an order; refuse it with the contract API's code."""
    try:
        return core.place(order)
    except OrderRejected as error:
        raise contract_order_refused(error) from error


def _wanted(core: Core, one: Instrument, sent: dict[str, object]) -> NewOrder:
    """Return the order a request asks for."""
    if sent.get("type") not in TYPES:
        raise contract_refused(2029, "Order type error!")
    number = int(str(sent["type"]))
    side, closes = checked_side(core, one, sent)
    is_market = TYPES[number] is OrderType.MARKET
    return NewOrder(
        symbol=one.symbol,
        side=side,
        quantity=positive(sent, "vol", 2011),
        price=None if is_market else positive(sent, "price", 2007),
        type=TYPES[number],
        good_till_cancelled=number == NUMBERS["gtc"],
        reduce_only=closes,
        trigger=None,
        client_id=str(sent.get("externalOid", "")),
    )


def positive(sent: dict[str, object], name: str, code: int) -> Decimal:
    """Return a positive number of a request; refuse anything else with `code`."""
    told = sent.get(name)
    if isinstance(told, bool) or not isinstance(told, int | float) or told <= 0:
        raise contract_refused(code, f"{name} error!")
    return Decimal(str(told))


def checked_side(core: Core, one: Instrument, sent: dict[str, object]) -> tuple[Side, bool]:
    """Return which way an order trades and whether it may only close; refuse what the position mode forbids.

    1 opens a long, 2 closes a short, 3 opens a short, 4 closes a long: closing needs a position of that leg,
    so 4 with a short open is refused and no order with a closing side can open anything.
    """
    number = sent.get("side")
    if number not in (OPEN_LONG, CLOSE_SHORT, OPEN_SHORT, CLOSE_LONG):
        raise contract_refused(2001, "Order direction error!")
    own = HEDGE if core.hedge_mode else ONE_WAY
    if sent.get("positionMode", own) != own or (core.hedge_mode and "reduceOnly" in sent):
        raise contract_refused(2022, "Position type error!")
    held = core.positions().get(one.symbol)
    leg = Decimal(0) if held is None else held.quantity
    if (number == CLOSE_LONG and leg <= 0) or (number == CLOSE_SHORT and leg >= 0):
        raise contract_refused(2009, "Position is not exists or closed.")
    if number in (OPEN_LONG, OPEN_SHORT):
        _set_margin(core, one, sent)
    side = Side.BUY if number in (OPEN_LONG, CLOSE_SHORT) else Side.SELL
    return side, number in (CLOSE_LONG, CLOSE_SHORT) or sent.get("reduceOnly") is True


def _set_margin(core: Core, one: Instrument, sent: dict[str, object]) -> None:
    """Let an opening order bring its margin mode and leverage: isolated needs the leverage, as the venue does."""
    if sent.get("openType") not in (ISOLATED, CROSS):
        raise contract_refused(2002, "Open type error!")
    mode = MarginMode.ISOLATED if sent["openType"] == ISOLATED else MarginMode.CROSS
    if mode is MarginMode.ISOLATED and "leverage" not in sent:
        raise contract_refused(2006, "Leverage ratio error!")
    if mode is not core.margin_mode(one.symbol):
        if one.symbol in core.positions():
            raise contract_refused(2002, "Open type error!")
        core.set_margin_mode(one.symbol, mode)
    if "leverage" in sent:
        bring_leverage(core, one, positive(sent, "leverage", 2006))


def find(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v1/private/order/get/{order_id}; what is not there is refused with 2040."""
    order = by_number(core, ask.path.rsplit("/", 1)[1])
    if order is None:
        raise contract_refused(2040, "order not exist")
    return _told(order_row(core, order))


def find_external(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v1/private/order/external/{symbol}/{external_oid}: our id leads to the order."""
    name, ours = ask.path.rsplit("/", 2)[1:]
    order = core.by_client_id(ours, contract_of(core, name).symbol)
    if order is None:
        raise contract_refused(2040, "order not exist")
    return _told(order_row(core, order))


def find_many(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v1/private/order/batch_query: up to fifty ids, those that are there."""
    found = [by_number(core, name) for name in ask.params.get("order_ids", "").split(",")[:_MOST_CANCELS]]
    return _told([order_row(core, order) for order in found if order is not None])


def by_number(core: Core, name: str) -> VenueOrder | None:
    """Return the contract order of a venue's id, None when there is none; a stop is no order until it triggers."""
    if not name.isdigit():
        raise contract_refused(600, "Param error!")
    order = core.order(int(name) - NUMBERS["first"])
    if order is None or core.instruments[order.request.symbol].kind.is_spot or order.request.trigger is not None:
        return None
    return order


def cancel(ask: Ask, core: Core) -> Reply:
    """Answer POST api/v1/private/order/cancel: a list of ids, each with its own result under success true."""
    wanted = ask.json
    if not isinstance(wanted, list) or not 0 < len(wanted) <= _MOST_CANCELS or None in wanted:
        raise contract_refused(600, "Param error!")
    return _told([_cancelled(core, by_number(core, str(name)), str(name)) for name in wanted])


def cancel_external(ask: Ask, core: Core) -> Reply:
    """Answer POST api/v1/private/order/cancel_with_external: our ids with their contracts, one result for each.

    A single object is taken for a list of one, as the older documents show it.
    """
    wanted = ask.json if isinstance(ask.json, list) else [ask.json]
    results = []
    for row in wanted[:_MOST_CANCELS]:
        if not isinstance(row, dict) or not row.get("externalOid"):
            raise contract_refused(600, "Param error!")
        one = contract_of(core, str(row.get("symbol", "")))
        order = core.by_client_id(str(row["externalOid"]), one.symbol)
        results.append(_cancelled(core, order, "0" if order is None else order_id(order.number)))
    return _told(results)


def _cancelled(core: Core, order: VenueOrder | None, name: str) -> dict[str, object]:
    if order is None:
        return {"orderId": name, "errorCode": 2040, "errorMsg": "order not exist"}
    if order.status is not OrderStatus.OPEN:
        return {"orderId": name, "errorCode": 2041, "errorMsg": "order state cannot be cancelled"}
    core.cancel(order.number)
    return {"orderId": name, "errorCode": 0, "errorMsg": "success"}


def cancel_all(ask: Ask, core: Core) -> Reply:
    """Answer POST api/v1/private/order/cancel_all: of one contract, or of all where none is named."""
    name = str(sent_of(ask).get("symbol", ""))
    for order in resting(core, name):
        core.cancel(order.number)
    return Reply(body={"success": True, "code": 0})


def resting(core: Core, name: str, *, stops: bool = False) -> list[VenueOrder]:
    """Return the resting contract orders of one contract, or of all; stops are kept apart from them."""
    wanted = {contract_of(core, name).symbol} if name else {one.symbol for one in contracts(core)}
    found = [order for order in core.open_orders(None) if order.request.symbol in wanted]
    return [order for order in found if (order.request.trigger is not None) is stops]


def open_orders(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v1/private/order/list/open_orders, with or without a contract in the path; no stops are in it."""
    last = ask.path.rsplit("/", 1)[1]
    name = ask.params.get("symbol", "") if last == "open_orders" else last
    return _told(page_of(ask, [order_row(core, order) for order in resting(core, name)]))


def closed_orders(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v1/private/order/list/history_orders: newest first; what has just ended shows late."""
    states = {state for state in ask.params.get("states", "").split(",") if state}
    names = [contract_of(core, ask.params["symbol"])] if ask.params.get("symbol") else contracts(core)
    start, end = int(ask.params.get("start_time", 0)), int(ask.params.get("end_time", core.now_ms() + 1))
    orders = [order for one in names for order in core.orders(one.symbol, start) if order.request.trigger is None]
    newest = sorted(orders, key=lambda order: order.number, reverse=True)
    rows = [order_row(core, order) for order in newest if order.created_ms <= end]
    return _told(page_of(ask, [row for row in rows if not states or str(row["state"]) in states]))


def deals(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v1/private/order/list/order_deals: trades of one contract, newest first."""
    one = contract_of(core, ask.params.get("symbol", ""))
    start, end = int(ask.params.get("start_time", 0)), int(ask.params.get("end_time", core.now_ms() + 1))
    fills = [fill for fill in core.fills(one.symbol, start) if fill.at_ms <= end]
    return _told(page_of(ask, [deal_row(core, one, fill) for fill in reversed(fills)]))


def order_deals(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v1/private/order/deal_details/{order_id}: the trades of one order."""
    order = by_number(core, ask.path.rsplit("/", 1)[1])
    if order is None:
        raise contract_refused(2040, "order not exist")
    one = core.instruments[order.request.symbol]
    return _told([deal_row(core, one, fill) for fill in order.fills])
