"""MEXC's plan orders, which serve as stops: they carry no id of ours and expire after a day or a week."""

from bot.domain.order import OrderStatus, OrderType, Side
from tests.emulator.asks import Ask, Reply
from tests.emulator.core import Core, NewOrder
from tests.emulator.mexc.contract_orders import checked_side, placed, positive, resting, sent_of
from tests.emulator.mexc.contract_rows import EXPIRES_HOURS, NUMBERS, order_id, stop_row
from tests.emulator.mexc.names import contract_of, contracts, page_of
from tests.emulator.mexc.refusals import contract_refused

NOT_LESS, NOT_MORE = 1, 2
TRENDS = (1, 2, 3)


def _told(data: object) -> Reply:
    return Reply(body={"success": True, "code": 0, "data": data})


def place(ask: Ask, core: Core) -> Reply:
    """Answer POST api/v1/private/planorder/place: the bare id as text; an id of ours is not kept.

    The emulated venue knows stops that close at the market on the mark only: what triggers in the direction of
    a profit, opens, or follows another price is refused with the code for a wrong trigger type.
    """
    sent = sent_of(ask)
    one = contract_of(core, str(sent.get("symbol", "")))
    if sent.get("executeCycle") not in EXPIRES_HOURS or sent.get("trend") not in TRENDS:
        raise contract_refused(3001, "Trigger price type error!")
    side, closes = checked_side(core, one, sent)
    expected = NOT_LESS if side is Side.BUY else NOT_MORE
    if sent.get("triggerType") != expected or not closes or sent.get("orderType") != NUMBERS["market"]:
        raise contract_refused(3002, "Trigger type error!")
    told = sent.get("triggerPrice")
    order = placed(
        core,
        NewOrder(
            symbol=one.symbol,
            side=side,
            quantity=positive(sent, "vol", 2011),
            price=None,
            type=OrderType.STOP,
            good_till_cancelled=False,
            reduce_only=True,
            trigger=positive({"triggerPrice": float(told) if isinstance(told, str) else told}, "triggerPrice", 3004),
            client_id="",
        ),
    )
    return _told(order_id(order.number))


def listed(ask: Ask, core: Core) -> Reply:
    """Answer GET api/v1/private/planorder/list/orders: by states, newest first."""
    states = {state for state in ask.params.get("states", "").split(",") if state}
    names = [contract_of(core, ask.params["symbol"])] if ask.params.get("symbol") else contracts(core)
    ended = [order for one in names for order in core.orders(one.symbol, int(ask.params.get("start_time", 0)))]
    known = {order.number: order for order in (*ended, *resting(core, "", stops=True))}
    wanted = {one.symbol for one in names}
    stops = [order for order in known.values() if order.request.trigger is not None and order.request.symbol in wanted]
    rows = [stop_row(core, order) for order in sorted(stops, key=lambda order: order.number, reverse=True)]
    return _told(page_of(ask, [row for row in rows if not states or str(row["state"]) in states]))


def cancel(ask: Ask, core: Core) -> Reply:
    """Answer POST api/v1/private/planorder/cancel: a list of contracts and ids; no result is told for each."""
    wanted = ask.json
    if not isinstance(wanted, list) or not wanted:
        raise contract_refused(600, "Param error!")
    for row in wanted:
        _cancel(core, row)
    return Reply(body={"success": True, "code": 0})


def _cancel(core: Core, row: object) -> None:
    name = str(row.get("orderId", "")) if isinstance(row, dict) else ""
    order = core.order(int(name) - NUMBERS["first"]) if name.isdigit() else None
    if order is None or order.request.trigger is None:
        raise contract_refused(2040, "order not exist")
    if order.status is not OrderStatus.OPEN:
        raise contract_refused(2041, "order state cannot be cancelled")
    core.cancel(order.number)


def cancel_all(ask: Ask, core: Core) -> Reply:
    """Answer POST api/v1/private/planorder/cancel_all: of one contract, or of all where none is named."""
    for order in resting(core, str(sent_of(ask).get("symbol", "")), stops=True):
        core.cancel(order.number)
    return Reply(body={"success": True, "code": 0})
