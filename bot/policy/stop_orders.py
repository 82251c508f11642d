"""Stops that wait at the venue: the ones that should be there are placed, those that should not are taken back."""

from decimal import Decimal

from bot.domain.numbers import ZERO, down_to_step
from bot.domain.order import CancelRequest, OpenOrder, OrderRequest, OrderType, Part, Side, Sleeve
from bot.domain.plan import Advice
from bot.policy.draft import Draft
from bot.policy.wants import StopWish

OURS = "h"  # every id we give begins with it (bot.domain.intent)


def propose_stops(draft: Draft, wishes: tuple[StopWish, ...]) -> None:
    """Propose to cancel stops nobody wishes any more, then to place those that are missing.

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
        _place(draft, wish, covered)


def _is_ours(order: OpenOrder) -> bool:
    return order.type is OrderType.STOP and order.client_order_id.startswith(OURS)


def _covers(draft: Draft, order: OpenOrder, wish: StopWish) -> bool:
    side = Side.BUY if wish.quantity > 0 else Side.SELL
    same = (order.symbol, order.side, order.price) == (wish.symbol, side, wish.trigger)
    step = draft.snapshot.instruments[wish.symbol].step if same else ZERO
    return same and order.remaining == down_to_step(abs(wish.quantity), step)


def _place(draft: Draft, wish: StopWish, covered: dict[str, Decimal]) -> None:
    instrument = draft.snapshot.instruments[wish.symbol]
    side = Side.BUY if wish.quantity > 0 else Side.SELL
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
    order = OrderRequest(
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
    draft.propose(Sleeve.TACTICAL, wish.asset, f"stop of {wish.rule} at {wish.trigger}", order)


def _held_after(draft: Draft, symbol: str) -> Decimal:
    """Return the signed contracts held once every order proposed so far is filled."""
    position = draft.snapshot.positions.get(symbol)
    held = position.quantity if position else ZERO
    for proposal in draft.proposals:
        for leg in proposal.legs:
            if isinstance(leg, OrderRequest) and leg.symbol == symbol and leg.type is not OrderType.STOP:
                held += leg.signed_quantity
    return held
