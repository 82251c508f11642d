"""What the time between two looks does to an account: prices reach orders, funding is paid, margin runs out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import chain

from bot.domain.ledger import LedgerEntry
from bot.domain.order import OpenOrder, OrderReport, OrderStatus, Side
from bot.simulator.account import Account, apply_funding
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


def pass_time(account: Account, market: Market, reports: Reports, *, after: datetime, until: datetime) -> Passage:
    """Return the account at `until`, when it was looked at last at `after`.

    At each step of the path resting orders fill first, then margin is checked at the worst prices of the
    step; funding due at a step's end is paid before it. An account with neither contracts nor orders
    is not touched by time. `reports` are those of the resting orders.
    """
    passage = Passage(account, (), {name: reports[name] for name in account.open_orders})
    if until <= after or not (account.positions or account.open_orders):
        return passage
    for event in _in_order(market, after, until):
        if isinstance(event, FundingSettlement):
            instrument = market.instruments[event.symbol]
            after_funding, entries = apply_funding(passage.account, instrument, event)
            passage = replace(passage, account=after_funding, entries=passage.entries + entries)
        else:
            passage = _liquidated(_filled(passage, market, event), market, event)
    return passage


def _in_order(market: Market, after: datetime, until: datetime) -> Iterator[FundingSettlement | Step]:
    """Yield funding and steps by time; where both fall on one moment funding comes first."""
    due = list(market.settlements(after, until))
    for step in market.path(after, until):
        while due and due[0].at <= step.at:
            yield due.pop(0)
        yield step
    yield from chain(due)


def _filled(passage: Passage, market: Market, step: Step) -> Passage:
    for name, order in tuple(passage.account.open_orders.items()):
        if _reached(order, step.spans[order.symbol]):
            instrument, report = market.instruments[order.symbol], passage.reports[name]
            outcome = fill_resting(passage.account, instrument, order, report, step.at)
            passage = Passage(
                outcome.account, passage.entries + outcome.entries, {**passage.reports, name: outcome.report}
            )
    return passage


def _reached(order: OpenOrder, span: Span) -> bool:
    return span.low <= order.price if order.side is Side.BUY else span.high >= order.price


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
