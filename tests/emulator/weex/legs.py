"""Long and short of one contract stand side by side at WEEX: which leg an order works on, and what each leg holds.

The books behind net the two; a leg's size is reckoned from the orders that were sent for it, and its profit is
told as netted.
"""

from decimal import Decimal
from typing import NamedTuple

from bot.domain.numbers import ZERO
from bot.domain.order import Side
from tests.emulator.core import Core, VenueFill, VenueOrder
from tests.emulator.weex.memory import memory_of

LONG, SHORT = "LONG", "SHORT"


class Leg(NamedTuple):
    """One leg: its side, its size in coins, and its mean entry price in quote currency."""

    side: str
    size: Decimal
    entry: Decimal


def leg_of(core: Core, order: VenueOrder) -> str:
    """Return the leg an order works on; of one that came by another way than the venue's, what its flag means."""
    asked = order.request
    meant = LONG if (asked.side is Side.BUY) != asked.reduce_only else SHORT
    return memory_of(core).legs.get(order.number, meant)


def closes(side: Side, leg: str) -> bool:
    """Whether an order closes the leg it works on: a buy of the short one, a sell of the long one."""
    return (side is Side.BUY) == (leg == SHORT)


def legs_of(core: Core, symbol: str) -> tuple[Leg, ...]:
    """Return the legs of a contract that hold anything, the one that is more than the other first."""
    held = core.positions().get(symbol)
    net = ZERO if held is None else held.quantity
    fills = core.fills(symbol)
    begun = net - sum((_signed(fill) for fill in fills), ZERO)
    flows = {side: sum((_signed(fill) for fill in fills if _leg(core, fill) == side), ZERO) for side in (LONG, SHORT)}
    sizes = {LONG: max(begun, ZERO) + flows[LONG], SHORT: max(-begun, ZERO) - flows[SHORT]}
    first = LONG if net > 0 else SHORT
    entry = ZERO if held is None else held.entry_price
    found = [Leg(side, sizes[side], entry if side == first else _mean(core, symbol, side)) for side in (LONG, SHORT)]
    return tuple(sorted((leg for leg in found if leg.size > 0), key=lambda leg: leg.side != first))


def _signed(fill: VenueFill) -> Decimal:
    return fill.quantity * fill.side.sign


def _leg(core: Core, fill: VenueFill) -> str:
    order = core.order(fill.order)
    return "" if order is None else leg_of(core, order)


def _mean(core: Core, symbol: str, side: str) -> Decimal:
    """Return the mean price of what opened a leg."""
    opened = [fill for fill in core.fills(symbol) if _leg(core, fill) == side and not closes(fill.side, side)]
    total = sum((fill.quantity for fill in opened), ZERO)
    return sum((fill.quantity * fill.price for fill in opened), ZERO) / total if total else ZERO
