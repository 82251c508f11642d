"""Orders from wanted values: limits from the book, slices no larger than the limits, dust left out."""

from dataclasses import dataclass
from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.numbers import buy_limit, down_to_step, sell_limit
from bot.domain.order import OrderRequest, OrderType, Side, Sleeve
from bot.domain.policy import Limits
from bot.domain.snapshot import Quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """One instrument with its quote and what the limits say of a single order there."""

    instrument: Instrument
    quote: Quote
    limits: Limits
    account_equity: Decimal


def limit_price(market: Market, side: Side) -> Decimal:
    """Return the worst price an order may take: the reference price plus the slippage allowed.

    Never outside the price collar, and rounded to the tick on the safe side.
    """
    reach = min(market.limits.max_slippage, market.limits.price_collar)
    if side is Side.BUY:
        return buy_limit(market.quote.valuation * (1 + reach), market.instrument.tick)
    return sell_limit(market.quote.valuation * (1 - reach), market.instrument.tick)


def expected_cost(market: Market, quantity: Decimal, side: Side) -> Decimal:
    """Return the expected cost of taking `quantity` now, in quote currency: taker fee and half-spread."""
    touch = market.quote.ask if side is Side.BUY else market.quote.bid
    notional = abs(market.instrument.notional(quantity, touch))
    slip = abs(touch - market.quote.valuation) / market.quote.valuation
    return notional * (market.instrument.taker_fee + slip)


def largest_order(market: Market, side: Side) -> Decimal:
    """Return the largest notional one order may have, in quote currency, by every size limit."""
    limits = market.limits
    depth = market.quote.ask_depth if side is Side.BUY else market.quote.bid_depth
    bounds = [limits.max_order_value, limits.max_order_share * market.account_equity]
    if depth is not None:
        bounds.append(limits.max_order_depth_share * depth)
    if market.quote.volume_24h is not None:
        bounds.append(limits.max_order_volume_share * market.quote.volume_24h)
    return min(bounds)


def slices(market: Market, quantity: Decimal, side: Side) -> tuple[Decimal, ...]:
    """Return `quantity` cut into equal orders within the size limit, each tradable; empty when it is dust.

    The remainder of the division goes to the first slice. At most as many as may be sent in a minute:
    what is beyond waits for the next cycle.
    """
    instrument, price = market.instrument, limit_price(market, side)
    total = down_to_step(quantity, instrument.step)
    bound = largest_order(market, side)
    if bound <= 0 or not instrument.tradable(total, price):
        return ()
    worth = max(price, market.quote.valuation)  # a sale is judged at the reference price, above its limit
    count = int(abs(instrument.notional(total, worth)) / bound) + 1
    if count == 1:
        return (total,)
    size = down_to_step(total / count, instrument.step)
    if not instrument.tradable(size, price):
        return ()
    remainder = total - size * (count - 1)
    first = remainder if abs(instrument.notional(remainder, worth)) <= bound else size
    return (first, *[size] * (min(count, market.limits.max_orders_per_minute) - 1))


def an_order(
    market: Market, quantity: Decimal, side: Side, *, sleeve: Sleeve, reduce_only: bool = False
) -> OrderRequest:
    """Return a limit-IOC order of `quantity` at the worst acceptable price."""
    return OrderRequest(
        symbol=market.instrument.symbol,
        side=side,
        quantity=quantity,
        price=limit_price(market, side),
        type=OrderType.LIMIT_IOC,
        reduce_only=reduce_only,
        sleeve=sleeve,
    )
