"""How an order meets the modelled book: level by level, each worse than the last, never beyond its limit."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.ledger import LedgerEntry
from bot.domain.numbers import ZERO, buy_limit, down_to_step, sell_limit
from bot.domain.order import Fill, Liquidity, OpenOrder, OrderReport, OrderRequest, OrderStatus, OrderType, Side
from bot.domain.snapshot import Quote
from bot.errors import OrderRejected
from bot.simulator.acceptance import check_order, spot_free
from bot.simulator.account import Account, apply_fill, fee_of, reducible, with_order
from bot.simulator.market import Scene

# The depth within 25 bp lies in ten equal levels, 2.5 bp apart; the book goes on so up to 10 %.
LEVELS = 10
LEVEL_GAP = Decimal("0.00025")
LAST_LEVEL = 400


@dataclass(frozen=True, slots=True)
class Outcome:
    """An account after something happened to an order, with what was booked and what the venue says of it."""

    account: Account
    entries: tuple[LedgerEntry, ...]
    report: OrderReport


@dataclass(frozen=True, slots=True)
class Trade:
    """A quantity in order units at a price, before it is anyone's fill."""

    quantity: Decimal
    price: Decimal


def walk_book(
    instrument: Instrument, quote: Quote, side: Side, quantity: Decimal, limit: Decimal | None
) -> tuple[Trade, ...]:
    """Return the trades an order of `quantity` makes at once, best price first, none beyond `limit`.

    The book is whole again for the next order. A quote of unknown depth has nothing to trade with.
    """
    trades, left = [], quantity
    for price, value in _levels(instrument, quote, side):
        beyond = limit is not None and (price - limit) * side.sign > 0
        if left <= 0 or beyond:
            break
        size = min(left, instrument.quantity(value / price, price))
        if size > 0:
            trades.append(Trade(size, price))
            left -= size
    return tuple(trades)


def _levels(instrument: Instrument, quote: Quote, side: Side) -> Iterator[tuple[Decimal, Decimal]]:
    """Yield price and quote-currency value of each level of the side an order takes from."""
    best, depth, to_grid = (
        (quote.ask, quote.ask_depth, sell_limit) if side is Side.BUY else (quote.bid, quote.bid_depth, buy_limit)
    )
    if depth is None:
        return
    for number in range(LAST_LEVEL):
        price = to_grid(best * (1 + side.sign * number * LEVEL_GAP), instrument.tick)
        if price > 0:
            yield price, depth / LEVELS


def place_order(account: Account, scene: Scene, client_order_id: str, request: OrderRequest) -> Outcome:
    """Return what becomes of a new order; raise OrderRejected when the venue does not accept it.

    Post-only orders and stops rest, all others trade at once and what is left expires. A reduce-only order
    trades at most the position it reduces; the report still says what was asked for.
    """
    instrument = check_order(account, scene, request)
    account = replace(account, orders=account.orders + 1)
    report = OrderReport(
        client_order_id=client_order_id,
        venue_order_id=f"o{account.orders}",
        symbol=request.symbol,
        status=OrderStatus.OPEN,
        ordered=request.quantity,
        fills=(),
        at=scene.at,
    )
    waits_at = request.trigger or (request.price if request.type is OrderType.POST_ONLY else None)
    if waits_at is not None:
        order = OpenOrder(
            client_order_id=client_order_id,
            symbol=request.symbol,
            side=request.side,
            remaining=request.quantity,
            price=waits_at,
            reduce_only=request.reduce_only,
            type=request.type,
        )
        return Outcome(with_order(account, order), (), report)
    return _take(account, scene, instrument, request, report)


def _take(
    account: Account, scene: Scene, instrument: Instrument, request: OrderRequest, report: OrderReport
) -> Outcome:
    quantity = request.quantity
    if request.reduce_only:
        quantity = min(quantity, reducible(account, request.symbol, request.side))
    trades = walk_book(instrument, scene.quotes[request.symbol], request.side, quantity, request.price)
    if request.type is OrderType.MARKET:
        _check_affordable(account, scene, instrument, request.side, trades)
    outcome = Outcome(account, (), replace(report, status=OrderStatus.EXPIRED))
    for trade in trades:
        outcome = fill_order(outcome, instrument, request.side, trade, Liquidity.TAKER, scene.at)
    return outcome


def _check_affordable(
    account: Account, scene: Scene, instrument: Instrument, side: Side, trades: tuple[Trade, ...]
) -> None:
    """Raise OrderRejected when the trades of a spot market buy cost more than is free."""
    if not instrument.kind.is_spot or side is Side.SELL:
        return
    cost = sum((trade.quantity * trade.price for trade in trades), ZERO)
    free = spot_free(account, scene.instruments, instrument.quote)
    if cost > free:
        raise OrderRejected(f"the book asks {cost} {instrument.quote}, free are {free}", code="insufficient-balance")


def fill_order(
    outcome: Outcome, instrument: Instrument, side: Side, trade: Trade, role: Liquidity, at: datetime
) -> Outcome:
    """Return the outcome after one more trade of its order: booked, and told in the report."""
    report = outcome.report
    fee, asset = fee_of(instrument, side, trade.quantity, trade.price, role)
    fill = Fill(
        trade_id=f"{report.venue_order_id}-{len(report.fills) + 1}",
        client_order_id=report.client_order_id,
        symbol=report.symbol,
        side=side,
        quantity=trade.quantity,
        price=trade.price,
        fee=fee,
        fee_asset=asset,
        liquidity=role,
        at=at,
    )
    account, entries = apply_fill(outcome.account, instrument, fill)
    told = replace(report, fills=(*report.fills, fill), at=at)
    if told.filled == told.ordered:
        told = replace(told, status=OrderStatus.FILLED)
    return Outcome(account, outcome.entries + entries, told)


def fill_resting(
    account: Account,
    instrument: Instrument,
    order: OpenOrder,
    report: OrderReport,
    at: datetime,
    *,
    stop_price: Decimal | None = None,
) -> Outcome:
    """Return what becomes of a resting order the market has reached: filled whole at its price, as maker.

    A stop fills as taker at `stop_price`. A reduce-only one fills at most what is left of the position; the
    rest, or all of it, is cancelled.
    """
    quantity = order.remaining
    if order.reduce_only:
        quantity = down_to_step(min(quantity, reducible(account, order.symbol, order.side)), instrument.step)
    account = with_order(account, replace(order, remaining=ZERO))
    outcome = Outcome(account, (), replace(report, status=OrderStatus.CANCELLED, at=at))
    if not quantity:
        return outcome
    if stop_price is not None:
        return fill_order(outcome, instrument, order.side, Trade(quantity, stop_price), Liquidity.TAKER, at)
    return fill_order(outcome, instrument, order.side, Trade(quantity, order.price), Liquidity.MAKER, at)
