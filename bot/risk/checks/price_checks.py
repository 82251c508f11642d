"""Is the price of this order sane? Checks of type, grid, collar and trigger."""

from bot.domain.numbers import ONE
from bot.domain.order import OrderType, Side
from bot.domain.plan import Breach
from bot.risk.case import Case
from bot.risk.checks.control import Control, percent, plain
from bot.risk.market import Trade

Subject = tuple[Trade, Case]


def market_order(subject: Subject) -> Breach | None:
    """RC06: an order has a limit price; a stop, which only closes, has a trigger instead."""
    order = subject[0].order
    if order.type is OrderType.STOP:
        return None
    if order.price is not None and order.type in (OrderType.LIMIT_IOC, OrderType.POST_ONLY):
        return None
    return Breach(code="RC06", limit="order type", allowed="limit orders", actual=f"{order.type} at {order.price}")


def off_tick(subject: Subject) -> Breach | None:
    """RC06: the limit, or a stop's trigger, lies on the venue's price grid."""
    trade = subject[0]
    tick, price = trade.market.instrument.tick, trade.order.price or trade.order.trigger
    if price is None or not price % tick:
        return None
    return Breach(code="RC06", limit="tick", allowed=f"multiples of {plain(tick)}", actual=plain(price))


def outside_collar(subject: Subject) -> Breach | None:
    """RC06: a purchase may not pay, nor a sale take, worse than the collar from mid or mark."""
    trade = subject[0]
    order, reference, collar = trade.order, trade.market.reference, trade.market.limits.price_collar
    if order.price is None:
        return None
    if order.side is Side.BUY:
        bound, wrong, word = reference * (ONE + collar), order.price > reference * (ONE + collar), "up to"
    else:
        bound, wrong, word = reference * (ONE - collar), order.price < reference * (ONE - collar), "down to"
    if not wrong:
        return None
    allowed = f"{word} {plain(bound)}, {percent(collar)} from {plain(reference)}"
    return Breach(code="RC06", limit="price_collar", allowed=allowed, actual=plain(order.price))


def wrong_trigger(subject: Subject) -> Breach | None:
    """RC06: a stop that sells waits below the mark, one that buys above it; else it would trade at once."""
    order, mark = subject[0].order, subject[0].market.reference
    if order.trigger is None or (order.trigger - mark) * order.side.sign > 0:
        return None
    allowed = f"{'above' if order.side is Side.BUY else 'below'} the mark of {plain(mark)}"
    return Breach(code="RC06", limit="trigger", allowed=allowed, actual=plain(order.trigger))


PRICE_CONTROLS: tuple[Control[Subject], ...] = (
    Control(
        code="RC06",
        limits=(),
        unit="",
        refuses="market orders",
        retail="-",
        fund="-",
        source="RTS 6 Art. 15",
        spares=None,
        check=market_order,
    ),
    Control(
        code="RC06",
        limits=(),
        unit="tick",
        refuses="a limit price off the venue's price grid",
        retail="-",
        fund="-",
        source="Nautilus",
        spares=None,
        check=off_tick,
    ),
    Control(
        code="RC06",
        limits=("price_collar",),
        unit="share of mid (spot) or mark (contracts)",
        refuses="a limit price worse than that",
        retail="1% (others 2.5%)",
        fund="0.5% (others 1.5%)",
        source="RTS 6 Art. 15",
        spares=None,
        check=outside_collar,
    ),
    Control(
        code="RC06",
        limits=(),
        unit="price",
        refuses="a stop whose trigger is on the wrong side of the mark",
        retail="-",
        fund="-",
        source="Nautilus",
        spares=None,
        check=wrong_trigger,
    ),
)
