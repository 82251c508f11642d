"""Netted wishes as proposals: one order after another, or the two legs of a pair slice by slice."""

from decimal import Decimal
from typing import NamedTuple

from bot.domain.numbers import ONE, ZERO, down_to_step
from bot.domain.order import CancelRequest, OrderRequest, OrderType, Side
from bot.policy.plan.draft import Draft
from bot.policy.plan.netting import Netted, parts_of
from bot.policy.plan.steps import Market, largest_order, limit_price, slices
from bot.policy.plan.stops import guards, stops_ended_by
from bot.policy.plan.wants import StopWish


class Pair(NamedTuple):
    """Two instruments whose orders belong together, by symbol; the first is sent first and sizes the second."""

    first: str
    second: str


class OverlayStops(NamedTuple):
    """The overlay's stops: of positions held, of those about to be opened, and the rules that are leaving."""

    held: tuple[StopWish, ...]
    entering: tuple[StopWish, ...]
    leaving: frozenset[str]


def propose_netted(draft: Draft, netted: Netted, overlay: OverlayStops) -> bool:
    """Propose the orders of one wish, slice by slice; False when it is dust and nothing was proposed.

    A slice that opens for the overlay carries its stop as a second leg, cut to what is filled; the last slice
    of an exit carries the taking back of its stop.
    """
    market = draft.market(netted.symbol)
    sizes = slices(market, abs(netted.quantity), netted.side) if netted.quantity else ()
    left = _held(draft, netted)
    for number, size in enumerate(sizes, start=1):
        order = _order(market, netted, size, left)
        left -= size
        ended: tuple[CancelRequest, ...] = ()
        if number == len(sizes):
            ended = tuple(stops_ended_by(draft, netted.symbol, overlay.held, overlay.leaving))
        stops = guards(draft, order, overlay.entering, ended)
        draft.propose(netted.sleeve, netted.asset, netted.reason, order, *ended, *stops)
    return bool(sizes)


def propose_pair(draft: Draft, first: Netted, second: Netted) -> bool:
    """Propose two wishes as pairs of legs, each pair one child order of both; False when one of them is dust.

    So no more than one child order ever stands without its other leg (I12).
    """
    if not first.quantity or not second.quantity:
        return False
    markets = draft.market(first.symbol), draft.market(second.symbol)
    cut = [slices(m, abs(n.quantity), n.side) for m, n in zip(markets, (first, second), strict=True)]
    if not all(cut):
        return False
    most = max(*(len(sizes) for sizes in cut), _together(draft, markets, (first, second)))
    share = min(sum(s, ZERO) / abs(n.quantity) for s, n in zip(cut, (first, second), strict=True))
    totals = tuple(abs(n.quantity) * min(share, ONE) for n in (first, second))
    lefts = [_held(draft, first), _held(draft, second)]
    largest = _largest(markets[0], first.side), _largest(markets[1], second.side)
    pairs = _cut_together(markets, (totals[0], totals[1]), largest, most)
    for one, two in pairs:
        legs = (_order(markets[0], first, one, lefts[0]), _order(markets[1], second, two, lefts[1]))
        lefts = [lefts[0] - one, lefts[1] - two]
        draft.propose(first.sleeve, first.asset, first.reason, *legs)
    return bool(pairs)


def _together(draft: Draft, markets: tuple[Market, Market], wishes: tuple[Netted, Netted]) -> int:
    """Return into how many pairs two wishes are cut so that both legs of one are within what may be open at once."""
    bound = draft.policy.limits.max_open_order_share * draft.exposure.account_equity
    value = sum(
        (abs(m.instrument.notional(n.quantity, m.quote.valuation)) for m, n in zip(markets, wishes, strict=True)), ZERO
    )
    return int(value / bound) + 1 if bound > 0 else 1


def _largest(market: Market, side: Side) -> Decimal:
    """Return the largest order on one side, in order units: a sale is judged at the reference price."""
    worth = max(limit_price(market, side), market.quote.valuation)
    return largest_order(market, side) / abs(market.instrument.notional(ONE, worth))


def _cut_together(
    markets: tuple[Market, Market], totals: tuple[Decimal, Decimal], largest: tuple[Decimal, Decimal], most: int
) -> tuple[tuple[Decimal, Decimal], ...]:
    """Return both totals cut into pairs: `most` of them, or more where a leg would be larger than one order may be.

    Fewer where a leg would be too small for its market; the gate then judges what is too large.
    """
    for count in range(most, 2 * most + 1):
        pairs = _in_step(markets, totals, count)
        within = all(leg <= most_of for pair in pairs for leg, most_of in zip(pair, largest, strict=True))
        if within and _tradable(markets, pairs):
            return pairs
    fewer = (_in_step(markets, totals, count) for count in range(most, 0, -1))
    return next((pairs for pairs in fewer if _tradable(markets, pairs)), ())


def _in_step(
    markets: tuple[Market, Market], totals: tuple[Decimal, Decimal], count: int
) -> tuple[tuple[Decimal, Decimal], ...]:
    """Return both totals cut into `count` pairs.

    The first leg is cut evenly, to a step; the second follows it, each time to the step below what stands
    against it by then, so that the legs never differ by more than a step.
    """
    steps = [market.instrument.step for market in markets]
    whole = [down_to_step(total, step) for total, step in zip(totals, steps, strict=True)]
    one = [whole[0] - down_to_step(whole[0] * (count - n) / count, steps[0]) for n in range(count + 1)]
    two = [down_to_step(whole[1] * done / whole[0], steps[1]) for done in one]
    return tuple((one[n] - one[n - 1], two[n] - two[n - 1]) for n in range(1, count + 1))


def _tradable(markets: tuple[Market, Market], pairs: tuple[tuple[Decimal, Decimal], ...]) -> bool:
    return all(
        m.instrument.tradable(leg, m.quote.valuation) for pair in pairs for m, leg in zip(markets, pair, strict=True)
    )


def _held(draft: Draft, netted: Netted) -> Decimal:
    """Return the contracts an order on this side would close, unsigned; zero for spot and where it opens."""
    position = draft.snapshot.positions.get(netted.symbol)
    if position is None or position.quantity * netted.quantity >= 0:
        return ZERO
    return abs(position.quantity)


def _order(market: Market, netted: Netted, size: Decimal, left: Decimal) -> OrderRequest:
    """Return a limit-IOC order at the worst acceptable price, reduce-only where it closes what is held."""
    return OrderRequest(
        symbol=netted.symbol,
        side=netted.side,
        quantity=size,
        price=limit_price(market, netted.side),
        type=OrderType.LIMIT_IOC,
        reduce_only=size <= left,
        sleeve=netted.sleeve,
        parts=parts_of(netted, size),
    )
