"""How Bybit tells of orders: a list of open ones, recent ones by id, and a history that comes later."""

from collections.abc import Mapping

from bot.domain.instrument import Instrument
from bot.domain.order import OrderStatus
from tests.emulator.asks import Ask, Reply
from tests.emulator.bybit.memory import memory_of
from tests.emulator.bybit.names import Category, category_of, chosen
from tests.emulator.bybit.paging import Row, page, window
from tests.emulator.bybit.rows import is_stop, number_from, order_row
from tests.emulator.bybit.words import listed_answer, refused
from tests.emulator.core import Core, VenueOrder

RECENT = 500
Found = tuple[Instrument, VenueOrder, str]


def realtime(ask: Ask, core: Core) -> Reply:
    """Answer GET v5/order/realtime: open orders only, unless asked by an id; then the newest 500 of any state.

    After a restart of the venue the closed ones are gone from here and only in the history.
    """
    category, params = category_of(core, ask.params), ask.params
    by_id = bool(params.get("orderId") or params.get("orderLinkId"))
    if category is Category.LINEAR and not (by_id or {"symbol", "baseCoin", "settleCoin"} & set(params)):
        raise refused(core, 10001, "Missing some parameters that must be filled in, symbol, settleCoin or baseCoin")
    found = _matching(core, category, params, every_order(core))
    since = memory_of(core).restarted_ms
    if not by_id and params.get("openOnly") not in ("1", "2"):
        found = [item for item in found if item[1].status is OrderStatus.OPEN]
    recent = [item for item in found if item[1].status is OrderStatus.OPEN or item[1].updated_ms >= since][:RECENT]
    return _told(core, category, params, recent)


def history(ask: Ask, core: Core) -> Reply:
    """Answer GET v5/order/history: closed orders, a week at a time, each only some time after it closed."""
    category, params = category_of(core, ask.params), ask.params
    span = window(core, params, most_days=7, usual_days=7)
    known_until = core.now_ms() - core.visible_after_ms
    closed = [order for order in every_order(core) if order.status is not OrderStatus.OPEN]
    shown = [order for order in closed if order.updated_ms <= known_until and span.holds(order.created_ms)]
    found = _matching(core, category, params, shown)
    return _told(core, category, params, found)


def _told(core: Core, category: Category, params: Mapping[str, str], found: list[Found]) -> Reply:
    rows: list[Row] = [order_row(core, one, order, reason) for one, order, reason in found]
    shown, cursor = page(core, params, rows, usual=20, most=50)
    return listed_answer(core, category, shown, cursor)


def every_order(core: Core) -> list[VenueOrder]:
    """Return all orders ever taken, those that never met the book among them."""
    found: list[VenueOrder] = []
    while (order := core.order(len(found) + 1)) is not None:
        found.append(order)
    return [*found, *(order for order, _ in memory_of(core).fallen)]


def _matching(core: Core, category: Category, params: Mapping[str, str], among: list[VenueOrder]) -> list[Found]:
    """Return the orders asked for, newest first. An id goes before everything else, the venue's before ours."""
    wanted = {} if params.get("orderId") or params.get("orderLinkId") else params
    named = {one.symbol: one for one in chosen(core, {**wanted, "category": str(category)})}
    reasons = {order.number: reason for order, reason in memory_of(core).fallen}
    found = [
        (named[order.request.symbol], order, reasons.get(order.number, ""))
        for order in among
        if order.request.symbol in named and _is_asked_for(named[order.request.symbol], order, params)
    ]
    return sorted(found, key=lambda item: (item[1].created_ms, item[1].number), reverse=True)


def _is_asked_for(one: Instrument, order: VenueOrder, params: Mapping[str, str]) -> bool:
    if params.get("orderFilter") and (params["orderFilter"] == "StopOrder") != is_stop(order):
        return False
    if params.get("orderId"):
        return number_from(one, params["orderId"]) == order.number
    return not params.get("orderLinkId") or params["orderLinkId"] == order.client_id
