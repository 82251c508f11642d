"""What the time between two looks does to an account: prices reach orders, funding is paid, margin runs out.

Contracts are delivered here too. All of it happens whether or not anybody looks.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from heapq import merge

from bot.domain.ledger import LedgerEntry
from bot.domain.order import OpenOrder, OrderReport, OrderStatus, OrderType, Side
from bot.simulator.account import Account, apply_delivery, apply_funding, without_orders
from bot.simulator.margin import liquidate
from bot.simulator.market import FundingSettlement, Market, Span, Step
from bot.simulator.matching import fill_resting

Reports = Mapping[str, OrderReport]


@dataclass(frozen=True, slots=True)
class Passage:
    """An account after some time: what was booked, in order, and the reports that changed."""

    account: Account
    entries: tuple[LedgerEntry, ...]
    reports: Reports


@dataclass(frozen=True, slots=True)
class Delivery:
    """A dated contract ends: what is held of it is settled at the price of its coin."""

    at: datetime
    symbol: str


Event = FundingSettlement | Step | Delivery


def pass_time(account: Account, market: Market, reports: Reports, *, after: datetime, until: datetime) -> Passage:
    """Return the account at `until`, when it was looked at last at `after`.

    At each step of the path resting orders fill first, then stops, then margin is checked at the worst prices
    of the step; funding due at a step's end is paid before it, deliveries due then come after it. An account
    with neither contracts nor orders is not touched by time. `reports` are those of the resting orders.
    """
    passage = Passage(account, (), {name: reports[name] for name in account.open_orders})
    if until <= after or not (account.positions or account.open_orders):
        return passage
    for event in _in_order(account, market, after, until):
        if not (passage.account.positions or passage.account.open_orders):
            break
        match event:
            case FundingSettlement():
                instrument = market.instruments[event.symbol]
                after_funding, entries = apply_funding(passage.account, instrument, event)
                passage = replace(passage, account=after_funding, entries=passage.entries + entries)
            case Delivery():
                passage = _delivered(passage, market, event)
            case Step():
                passage = _liquidated(_stopped(_filled(passage, market, event), market, event), market, event)
    return passage


def _in_order(account: Account, market: Market, after: datetime, until: datetime) -> Iterator[Event]:
    """Yield funding, steps and deliveries by time; at one moment in this order."""
    return merge(
        market.settlements(after, until),
        market.path(after, until),
        _deliveries(account, market, after, until),
        key=lambda event: event.at,  # of equals the first named comes first
    )


def _deliveries(account: Account, market: Market, after: datetime, until: datetime) -> list[Delivery]:
    """Return the deliveries of what is held or waited for in the time given, in order of time."""
    symbols = {*account.positions, *(order.symbol for order in account.open_orders.values())}
    expiries = ((market.instruments[symbol].expiry, symbol) for symbol in symbols)
    return [Delivery(at, symbol) for at, symbol in sorted((e, s) for e, s in expiries if e and after < e <= until)]


def _delivered(passage: Passage, market: Market, delivery: Delivery) -> Passage:
    """Return the passage with a contract settled and its orders cancelled; its own symbol is listed no more."""
    account, entries = passage.account, passage.entries
    if delivery.symbol in account.positions:
        instrument = market.instruments[delivery.symbol]
        price = market.settlement_price(delivery.symbol, delivery.at)
        account, booked = apply_delivery(account, instrument, price, delivery.at)
        entries += booked
    gone = [name for name, order in account.open_orders.items() if order.symbol == delivery.symbol]
    reports = dict(passage.reports)
    for name in gone:
        reports[name] = replace(reports[name], status=OrderStatus.CANCELLED, at=delivery.at, code="delivered")
    return Passage(without_orders(account, gone), entries, reports)


def _filled(passage: Passage, market: Market, step: Step) -> Passage:
    for name, order in tuple(passage.account.open_orders.items()):
        if order.type is not OrderType.STOP and _reached(order, step.spans[order.symbol]):
            instrument, report = market.instruments[order.symbol], passage.reports[name]
            outcome = fill_resting(passage.account, instrument, order, report, step.at)
            passage = Passage(
                outcome.account, passage.entries + outcome.entries, {**passage.reports, name: outcome.report}
            )
    return passage


def _reached(order: OpenOrder, span: Span) -> bool:
    return span.low <= order.price if order.side is Side.BUY else span.high >= order.price


def _stopped(passage: Passage, market: Market, step: Step) -> Passage:
    """Fire the stops of a step, unless the margin ran out before their price was reached.

    A stop fills at its trigger, or at the step's last price where that is worse: it was jumped over.
    """
    for name, order in tuple(passage.account.open_orders.items()):
        if order.type is not OrderType.STOP:
            continue
        price = _stop_price(order, step.spans[order.symbol])
        if price is None or _closed_before(passage.account, market, step, order.symbol, price):
            continue
        instrument, report = market.instruments[order.symbol], passage.reports[name]
        outcome = fill_resting(passage.account, instrument, order, report, step.at, stop_price=price)
        reports = {**passage.reports, name: outcome.report}
        passage = Passage(outcome.account, passage.entries + outcome.entries, reports)
    return passage


def _closed_before(account: Account, market: Market, step: Step, symbol: str, price: Decimal) -> bool:
    """Whether the margin of a position ran out before its contract came to `price`."""
    if symbol not in account.positions:
        return False
    marks = _worst(account, step) | {symbol: price}
    return symbol not in liquidate(account, market.instruments, marks, step.at)[0].positions


def _stop_price(order: OpenOrder, span: Span) -> Decimal | None:
    """Return the price a stop is filled at in a step, None when its trigger is not reached."""
    if order.side is Side.SELL:
        return min(order.price, span.last) if span.low <= order.price else None
    return max(order.price, span.last) if span.high >= order.price else None


def _liquidated(passage: Passage, market: Market, step: Step) -> Passage:
    if not passage.account.positions:
        return passage
    marks = _worst(passage.account, step)
    account, entries = liquidate(passage.account, market.instruments, marks, step.at)
    if not entries:
        return passage
    reports = dict(passage.reports)
    for name in passage.account.open_orders:
        if name not in account.open_orders:
            reports[name] = replace(reports[name], status=OrderStatus.CANCELLED, at=step.at, code="liquidation")
    return Passage(account, passage.entries + entries, reports)


def _worst(account: Account, step: Step) -> dict[str, Decimal]:
    """Return for each position the price of the step that hurts it most."""
    return {
        symbol: step.spans[symbol].high if position.quantity < 0 else step.spans[symbol].low
        for symbol, position in account.positions.items()
    }
