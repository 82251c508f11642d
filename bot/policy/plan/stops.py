"""Stops that wait at the venue: the ones that should be there are placed, those that should not are taken back."""

from collections.abc import Container, Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from bot.domain.intent import is_own_id
from bot.domain.numbers import ZERO, down_to_step
from bot.domain.order import CancelRequest, OpenOrder, OrderRequest, OrderType, Part, Side, Sleeve
from bot.domain.plan import Advice
from bot.policy.plan.draft import Draft
from bot.policy.plan.wants import StopWish

NEAR = Decimal("0.001")  # of a trigger: a stop as near as that is not moved, since meanwhile nothing would guard


class _Due(NamedTuple):
    """A stop that should rest at the venue, and how much of it can: unsigned order units."""

    wish: StopWish
    size: Decimal


def propose_stops(draft: Draft, wishes: tuple[StopWish, ...], leaving: Container[str]) -> None:
    """Propose to cancel stops nobody wishes any more, then to place those that are missing.

    Rules that are `leaving` keep the stop they have until they are out, and get no new one. A stop whose
    trigger is within a thousandth of the wished one is left alone: an entry is filled a little beside the
    price its stop was reckoned from.

    A stop is reduce-only, so it can cover no more than the position will hold on its side after the orders
    proposed so far; where an opposite holding leaves less, or too little for the venue to take, the rest is
    said: it works only while Poise runs.
    """
    guarding = [wish for wish in wishes if wish.rule in leaving]
    unused = [order for order in draft.snapshot.open_orders if _is_ours(order)]
    missing = []
    for due in _due(draft, (wish for wish in wishes if wish.rule not in leaving)):
        fitting = _fitting(due, unused)
        unused = [order for order in unused if order not in fitting]
        if not fitting:
            missing.append(due)
    for order in unused:
        if not any(_is_near(order, wish) for wish in guarding):
            leg = CancelRequest(client_order_id=order.client_order_id, symbol=order.symbol, sleeve=Sleeve.TACTICAL)
            draft.cancel(leg, order.symbol.partition("/")[0], "the stop's position or trigger has changed")
    for wish, size in missing:
        draft.propose(Sleeve.TACTICAL, wish.asset, f"stop of {wish.rule} at {wish.trigger}", _stop(wish, size))


def stops_ended_by(
    draft: Draft, symbol: str, wishes: Iterable[StopWish], leaving: Container[str]
) -> Iterator[CancelRequest]:
    """Yield the taking back of each stop that the exits in one instrument make needless.

    It follows the exit as a leg of its own, and is sent only when that was filled whole.
    """
    ended = [wish for wish in wishes if wish.symbol == symbol and wish.rule in leaving]
    for order in draft.snapshot.open_orders:
        if _is_ours(order) and any(_is_near(order, wish) for wish in ended):
            yield CancelRequest(client_order_id=order.client_order_id, symbol=symbol, sleeve=Sleeve.TACTICAL)


def guards(
    draft: Draft, order: OrderRequest, wishes: Iterable[StopWish], ended: Iterable[CancelRequest] = ()
) -> Iterator[OrderRequest]:
    """Yield the stops that go with an entry: for each rule's part of it, as far as the position will hold it.

    Slices are counted together, so that no crumb of a step is left without a stop. What rests already on
    that side, but for the stops that `ended` takes back before, has its share of the position. What another
    holding leaves uncovered, or what is too little to rest, is said when the next cycle looks at it.
    """
    instrument = draft.snapshot.instruments[order.symbol]
    gone = {leg.client_order_id for leg in ended}
    after, rests = _held_after(draft, order.symbol) + order.signed_quantity, _resting(draft, order.symbol, gone)
    for wish in (wish for wish in wishes if wish.symbol == order.symbol):
        side = _side(wish)
        opened = _part(order, wish.rule) + _proposed(draft, wish)
        room = max(-after * side.sign, ZERO) - rests[side]
        size = down_to_step(max(min(-opened * side.sign, room), ZERO), instrument.step)
        if instrument.tradable(size, wish.trigger):
            rests[side] += size
            yield _stop(wish, size)


def _is_ours(order: OpenOrder) -> bool:
    return order.type is OrderType.STOP and is_own_id(order.client_order_id)


def _is_near(order: OpenOrder, wish: StopWish) -> bool:
    same = (order.symbol, order.side) == (wish.symbol, _side(wish))
    return same and abs(order.price - wish.trigger) <= NEAR * wish.trigger


def _fitting(due: _Due, resting: list[OpenOrder]) -> list[OpenOrder]:
    """Return the stops that are the one that is due: one of its size, or together those of its slices."""
    near = [order for order in resting if _is_near(order, due.wish)]
    same = next((order for order in near if order.remaining == due.size), None)
    if same is not None:
        return [same]
    return near if sum((order.remaining for order in near), ZERO) == due.size else []


def _due(draft: Draft, wishes: Iterable[StopWish]) -> Iterator[_Due]:
    """Yield the stops that can rest, and say what of the others works only while Poise runs."""
    covered: dict[str, Decimal] = {}
    for wish in wishes:
        instrument, before = draft.snapshot.instruments[wish.symbol], covered.get(wish.symbol, ZERO)
        wanted = down_to_step(abs(wish.quantity), instrument.step)
        room = max(-_held_after(draft, wish.symbol) * _side(wish).sign - before, ZERO)
        size = down_to_step(min(wanted, room), instrument.step)
        if not instrument.tradable(size, wish.trigger):
            size = down_to_step(ZERO, instrument.step)
        if size < wanted:
            _say(draft, wish, size, wanted)
        if size:
            covered[wish.symbol] = before + size
            yield _Due(wish, size)


def _say(draft: Draft, wish: StopWish, size: Decimal, wanted: Decimal) -> None:
    text = (
        f"{wish.rule}: its stop at {wish.trigger} covers {size} of {wanted} at the venue, since others hold the "
        "other side or it is too small; the rest works only while Poise runs"
    )
    draft.advice.append(Advice(sleeve=Sleeve.TACTICAL, subject=wish.rule, text=text))


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


def _resting(draft: Draft, symbol: str, gone: Container[str]) -> dict[Side, Decimal]:
    """Return what rests as stops of one instrument, or is proposed to, by side: unsigned order units."""
    found = dict.fromkeys(Side, ZERO)
    for order in draft.snapshot.open_orders:
        if order.symbol == symbol and order.type is OrderType.STOP and order.client_order_id not in gone:
            found[order.side] += order.remaining
    for leg in _orders(draft, symbol):
        if leg.type is OrderType.STOP:
            found[leg.side] += leg.quantity
    return found


def _proposed(draft: Draft, wish: StopWish) -> Decimal:
    """Return what the orders proposed so far open for a rule less what their stops guard, signed."""
    return sum((_part(leg, wish.rule) for leg in _orders(draft, wish.symbol)), ZERO)


def _part(order: OrderRequest, rule: str) -> Decimal:
    return sum((part.quantity for part in order.parts if part.rule == rule), ZERO)


def _held_after(draft: Draft, symbol: str) -> Decimal:
    """Return the signed contracts held once every order proposed so far is filled."""
    position = draft.snapshot.positions.get(symbol)
    held = position.quantity if position else ZERO
    return held + sum((leg.signed_quantity for leg in _orders(draft, symbol) if leg.type is not OrderType.STOP), ZERO)


def _orders(draft: Draft, symbol: str) -> Iterator[OrderRequest]:
    for proposal in draft.proposals:
        for leg in proposal.legs:
            if isinstance(leg, OrderRequest) and leg.symbol == symbol:
                yield leg
