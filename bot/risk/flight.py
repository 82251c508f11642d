"""Orders in flight: resting at the venue, or sent with an outcome nobody knows. They count as filled against us."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from bot.domain.memory import Memory
from bot.domain.numbers import finite, not_negative
from bot.domain.order import OrderType, Side
from bot.domain.snapshot import Snapshot


class Flight(NamedTuple):
    """One order in flight. `locked` is whether the venue has taken its cost out of the free balance already."""

    symbol: str
    side: Side
    remaining: Decimal
    price: Decimal | None
    reduce_only: bool
    locked: bool

    @property
    def signed(self) -> Decimal:
        """What is left to fill, with the side's sign."""
        return self.remaining * self.side.sign


def in_flight(snapshot: Snapshot, memory: Memory) -> tuple[Flight, ...]:
    """Return every order in flight once: by client order id, with the larger of two remainders.

    A stop at rest that can only reduce is none: it meets no book before its trigger, and opens nothing then.
    """
    flights: dict[str, Flight] = {}
    resting = (order for order in snapshot.open_orders if order.type is OrderType.STOP and order.reduce_only)
    stops = {order.client_order_id for order in resting}
    for order in snapshot.open_orders:
        if order.client_order_id in stops:
            continue
        finite(f"{order.symbol} open order price", order.price)
        remaining = not_negative(f"{order.symbol} open order", order.remaining)
        flights[order.client_order_id] = Flight(
            order.symbol, Side(order.side), remaining, order.price, order.reduce_only, locked=True
        )
    for intent in memory.unresolved:
        if intent.client_order_id in stops:
            continue
        known = flights.get(intent.client_order_id)
        remaining = not_negative(f"{intent.symbol} unresolved order", intent.remaining)
        if known is not None:
            flights[intent.client_order_id] = known._replace(remaining=max(remaining, known.remaining))
            continue
        flights[intent.client_order_id] = Flight(
            intent.symbol, Side(intent.side), remaining, intent.price, intent.reduce_only, locked=False
        )
    return tuple(flights.values())


def bought_and_sold(flights: Iterable[Flight]) -> tuple[Decimal, Decimal]:
    """Return the quantities that would be bought and sold if all were filled."""
    bought = sold = Decimal(0)
    for flight in flights:
        if flight.side is Side.BUY:
            bought += flight.remaining
        else:
            sold += flight.remaining
    return bought, sold
