"""Stops that wait at the venue: the ones that should be there are placed, those that should not are taken back."""

from collections.abc import Container, Iterable, Iterator
from decimal import Decimal

from bot.domain.numbers import ZERO, down_to_step
from bot.domain.order import CancelRequest, Leg, OpenOrder, OrderRequest, OrderType, Part, Side, Sleeve
from bot.domain.plan import Advice
from bot.policy.plan.draft import Draft
from bot.policy.plan.wants import StopWish

OURS = "h"  # every id we give begins with it (bot.domain.intent)


def propose_stops(draft: Draft, wishes: tuple[StopWish, ...], leaving: Container[str]) -> None:
    """Propose to cancel stops nobody wishes any more, then to place those that are missing.

    Rules that are `leaving` keep the stop they have until they are out, and get no new one.

    A stop is reduce-only, so it can cover no more than the position will hold on its side after the orders
    proposed so far; where another sleeve's opposite holding leaves less, the rest is said: it works only
    while Poise runs.
    """
    resting = [order for order in draft.snapshot.open_orders if _is_ours(order)]
    missing = list(wishes)
    for order in resting:
        match = next((wish for wish in missing if _covers(draft, order, wish)), None)
        if match is None:
            leg = CancelRequest(client_order_id=order.client_order_id, symbol=order.symbol, sleeve=Sleeve.TACTICAL)
            draft.cancel(leg, order.symbol.partition("/")[0], "the stop's position or trigger has changed")
        else:
            missing.remove(match)
    covered: dict[str, Decimal] = {}
    for wish in missing:
        if wish.rule not in leaving:
            _place(draft, wish, covered)


def stops_ended_by(draft: Draft, symbol: str, wishes: Iterable[StopWish], leaving: Container[str]) -> Iterator[Leg]:
    """Yield the taking back of each stop that the exits in one instrument make needless.

    It follows the exit as a leg of its own, and is sent only when that was filled whole.
    """
    for wish in wishes:
        if wish.symbol != symbol or wish.rule not in leaving:
            continue
        for order in draft.snapshot.open_orders:
            if _is_ours(order) and _covers(draft, order, wish):
                yield CancelRequest(client_order_id=order.client_order_id, symbol=symbol, sleeve=Sleeve.TACTICAL)


def _is_ours(order: OpenOrder) -> bool:
    return order.type is OrderType.STOP and order.client_order_id.startswith(OURS)


def _covers(draft: Draft, order: OpenOrder, wish: StopWish) -> bool:
    same = (order.symbol, order.side, order.price) == (wish.symbol, _side(wish), wish.trigger)
    step = draft.snapshot.instruments[wish.symbol].step if same else ZERO
    return same and order.remaining == down_to_step(abs(wish.quantity), step)


def _place(draft: Draft, wish: StopWish, covered: dict[str, Decimal]) -> None:
    instrument = draft.snapshot.instruments[wish.symbol]
    side = _side(wish)
    wanted = down_to_step(abs(wish.quantity), instrument.step)
    room = max(-_held_after(draft, wish.symbol) * side.sign, ZERO) - covered.get(wish.symbol, ZERO)
    size = down_to_step(min(wanted, max(room, ZERO)), instrument.step)
    if size < wanted:
        text = (
            f"{wish.rule}: its stop at {wish.trigger} covers {size} of {wanted} at the venue, since another sleeve "
            "holds the other side; the rest works only while Poise runs"
        )
        draft.advice.append(Advice(sleeve=Sleeve.TACTICAL, subject=wish.rule, text=text))
    if not size:
        return
    covered[wish.symbol] = covered.get(wish.symbol, ZERO) + size
    draft.propose(Sleeve.TACTICAL, wish.asset, f"stop of {wish.rule} at {wish.trigger}", _stop(wish, size))


def _stop(wish: StopWish, size: Decimal) -> OrderRequest:
    side = _side(wish)
    return OrderRequest(
        symbol=wish.symbol,
        side=side,
        quantity=size,
        price=None,
        type=OrderType.STOP,
        reduce_only=True,
        sleeve=Sleeve.TACTICAL,
        trigger=wish.trigger,
        parts=(Part(sleeve=Sleeve.TACTICAL, rule=wish.rule, quantity=size * side.sign),),
    )


def _side(wish: StopWish) -> Side:
    return Side.BUY if wish.quantity > 0 else Side.SELL


def guards(draft: Draft, order: OrderRequest, wishes: Iterable[StopWish]) -> Iterator[OrderRequest]:
    """Yield the stops that go with an entry: for each rule's part of it, as far as the position will hold it.

    What another sleeve's opposite holding leaves uncovered is said when the next cycle looks at it.
    """
    step = draft.snapshot.instruments[order.symbol].step
    after = _held_after(draft, order.symbol) + order.signed_quantity
    for wish in wishes:
        opened = sum((part.quantity for part in order.parts if part.rule == wish.rule), ZERO)
        room = max(-after * _side(wish).sign, ZERO)
        size = down_to_step(min(abs(opened), room), step) if opened * wish.quantity < 0 else ZERO
        if size and wish.symbol == order.symbol:
            after += size * _side(wish).sign
            yield _stop(wish, size)


def _held_after(draft: Draft, symbol: str) -> Decimal:
    """Return the signed contracts held once every order proposed so far is filled."""
    position = draft.snapshot.positions.get(symbol)
    held = position.quantity if position else ZERO
    for proposal in draft.proposals:
        for leg in proposal.legs:
            if isinstance(leg, OrderRequest) and leg.symbol == symbol and leg.type is not OrderType.STOP:
                held += leg.signed_quantity
    return held
