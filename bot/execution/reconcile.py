"""Looking again: every difference between what was expected and what is there gets a name."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.domain.instrument import WalletKind, kind_of
from bot.domain.ledger import FLOWS, EntryKind, LedgerEntry
from bot.domain.numbers import ZERO
from bot.domain.order import OpenOrder, OrderReport, OrderRequest
from bot.domain.policy import Policy
from bot.domain.record import Discrepancy, DiscrepancyKind
from bot.domain.snapshot import Balance, Position, Snapshot
from bot.policy.exposure import spot_price

TOLD_TO = Decimal("0.00000001")  # venues tell balances and changes to eight decimals, each rounded by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What reconciling starts from: the book as it was left, and all that is known to have changed it.

    `left_at` is when that was. `resting` are the client order ids of our own orders that may still be at
    the venue.
    """

    left_at: datetime
    balances: tuple[Balance, ...]
    positions: Mapping[str, Position]
    entries: tuple[LedgerEntry, ...]
    reports: tuple[OrderReport, ...]
    requests: Mapping[str, OrderRequest]
    resting: frozenset[str] = frozenset()


def reconcile(expected: Expectation, after: Snapshot, policy: Policy, equity: Decimal) -> tuple[Discrepancy, ...]:
    """Return every difference, classified; pure.

    Balances must equal the old ones plus the ledger, positions the old ones plus the fills. A value
    is in quote currency; what is unexplained beyond the larger of both tolerances halts openings
    (RC22), an overfill or a fill outside its order always does (RC33).
    """
    tolerance = max(policy.limits.unexplained_value, policy.limits.unexplained_share * equity)
    found = [
        *_flows(expected.entries, after, policy),
        *_balances(expected, after, policy, tolerance),
        *_positions(expected, after, tolerance),
        *_fills(expected),
        *_foreign_orders(expected, after),
    ]
    return tuple(found)


def _price(snapshot: Snapshot, asset: str, quote: str) -> Decimal:
    """Return a price to show a flow with; a coin without one counts as 1, and a flow halts nothing."""
    price = spot_price(snapshot, asset, quote)
    return Decimal(1) if price is None else price


def _flows(entries: tuple[LedgerEntry, ...], after: Snapshot, policy: Policy) -> list[Discrepancy]:
    return [
        Discrepancy(
            kind=DiscrepancyKind.EXTERNAL_FLOW,
            subject=entry.asset,
            expected=ZERO,
            actual=entry.change,
            value=abs(entry.change) * _price(after, entry.asset, policy.quote),
            halts=False,
            note=f"{entry.kind} of {entry.change} {entry.asset} in the {entry.wallet} wallet",
        )
        for entry in entries
        if entry.kind in FLOWS
    ]


def _balances(expected: Expectation, after: Snapshot, policy: Policy, tolerance: Decimal) -> list[Discrepancy]:
    totals: dict[tuple[WalletKind, str], Decimal] = defaultdict(Decimal)
    rounded: dict[tuple[WalletKind, str], Decimal] = defaultdict(lambda: 2 * TOLD_TO)
    for balance in expected.balances:
        totals[balance.wallet, balance.asset] += balance.total
    for entry in expected.entries:
        totals[entry.wallet, entry.asset] += entry.change
        rounded[entry.wallet, entry.asset] += TOLD_TO
    actual: dict[tuple[WalletKind, str], Decimal] = defaultdict(Decimal)
    for balance in after.balances:
        actual[balance.wallet, balance.asset] += balance.total
    found = []
    for wallet, asset in sorted(set(totals) | set(actual)):
        gap = actual[wallet, asset] - totals[wallet, asset]
        if abs(gap) > rounded[wallet, asset]:
            price = spot_price(after, asset, policy.quote)
            value = tolerance + 1 if price is None else abs(gap) * price  # unknown counts as too large
            found.append(
                Discrepancy(
                    kind=DiscrepancyKind.UNEXPLAINED_BALANCE,
                    subject=f"{wallet} {asset}",
                    expected=totals[wallet, asset],
                    actual=actual[wallet, asset],
                    value=value,
                    halts=value > tolerance,
                    note="the balance is not the old one plus the ledger",
                )
            )
    return found


def _positions(expected: Expectation, after: Snapshot, tolerance: Decimal) -> list[Discrepancy]:
    """Compare each position with the one left and the fills since; one found late may be in the one left already."""
    since, late = _contracts_filled(expected)
    found = []
    for symbol in sorted({*expected.positions, *since, *late, *after.positions}):
        left, held = expected.positions.get(symbol), after.positions.get(symbol)
        gap = (held.quantity if held else ZERO) - (left.quantity if left else ZERO) - since.get(symbol, ZERO)
        if gap not in (ZERO, late.get(symbol, ZERO)) and not _was_delivered(symbol, expected, after):
            found.append(_moved_position(symbol, expected, after, gap, tolerance))
    return found


def _was_delivered(symbol: str, expected: Expectation, after: Snapshot) -> bool:
    """Whether a dated contract ended at its expiry: the ledger says so, and nothing of it is held any more."""
    ended = any(entry.kind is EntryKind.DELIVERY and entry.symbol == symbol for entry in expected.entries)
    return ended and symbol not in after.positions


def _contracts_filled(expected: Expectation) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """Return the contracts filled since the book was left, and those that may have been filled before."""
    since: dict[str, Decimal] = defaultdict(Decimal)
    late: dict[str, Decimal] = defaultdict(Decimal)
    booked = {entry.reference for entry in expected.entries}
    for fill in (fill for report in expected.reports for fill in report.fills):
        if not kind_of(fill.symbol).is_spot:
            fresh = fill.at > expected.left_at or fill.trade_id in booked
            (since if fresh else late)[fill.symbol] += fill.quantity * fill.side.sign
    return since, late


def _moved_position(
    symbol: str, expected: Expectation, after: Snapshot, gap: Decimal, tolerance: Decimal
) -> Discrepancy:
    """Name why a position is not what our fills made it: liquidated, traded by someone else, or unknown."""
    kinds = {entry.kind for entry in expected.entries if entry.symbol == symbol}
    ours = {fill.trade_id for report in expected.reports for fill in report.fills}
    foreign = any(
        entry.kind in (EntryKind.FILL, EntryKind.FEE, EntryKind.REALISED) and entry.reference not in ours
        for entry in expected.entries
        if entry.symbol == symbol
    )
    quote, instrument = after.quotes.get(symbol), after.instruments.get(symbol)
    value = abs(instrument.notional(gap, quote.valuation)) if quote and instrument else tolerance + 1
    if EntryKind.LIQUIDATION in kinds:
        kind, note = DiscrepancyKind.LIQUIDATION, "the venue closed it: what it hedged is open now"
    elif foreign:
        kind, note = DiscrepancyKind.FOREIGN_FILL, "someone else traded it on this account"
    else:
        kind, note = DiscrepancyKind.UNEXPLAINED_POSITION, "no fill explains it"
    held = after.positions.get(symbol)
    actual = held.quantity if held else ZERO
    return Discrepancy(
        kind=kind,
        subject=symbol,
        expected=actual - gap,
        actual=actual,
        value=value,
        halts=kind is not DiscrepancyKind.FOREIGN_FILL and value > tolerance,
        note=note,
    )


def _fills(expected: Expectation) -> list[Discrepancy]:
    """Compare what was filled with what was asked: size, side and price (RC33)."""
    found = []
    for report in expected.reports:
        request = expected.requests[report.client_order_id]
        if report.filled > request.quantity:
            found.append(_fill_fault(DiscrepancyKind.OVERFILL, report, request.quantity, report.filled))
        for fill in report.fills:
            worse = request.price is not None and (fill.price - request.price) * request.side.sign > 0
            if fill.side is not request.side or fill.symbol != request.symbol or worse:
                limit = request.price if request.price is not None else fill.price
                found.append(_fill_fault(DiscrepancyKind.FILL_MISMATCH, report, limit, fill.price))
    return found


def _fill_fault(kind: DiscrepancyKind, report: OrderReport, expected: Decimal, actual: Decimal) -> Discrepancy:
    return Discrepancy(
        kind=kind,
        subject=f"{report.symbol} {report.client_order_id}",
        expected=expected,
        actual=actual,
        value=abs(actual - expected),
        halts=True,
        note="the fill does not match the order that was sent",
    )


def _foreign_orders(expected: Expectation, after: Snapshot) -> list[Discrepancy]:
    return [
        Discrepancy(
            kind=DiscrepancyKind.FOREIGN_ORDER,
            subject=order.symbol,
            expected=ZERO,
            actual=order.remaining,
            value=_worth(order, after),
            halts=False,
            note=f"order {order.client_order_id} is none of ours",
        )
        for order in after.open_orders
        if order.client_order_id not in expected.requests and order.client_order_id not in expected.resting
    ]


def _worth(order: OpenOrder, after: Snapshot) -> Decimal:
    """Return an order's value in quote currency, as that of coins where its instrument is not known."""
    instrument = after.instruments.get(order.symbol)
    return instrument.notional(order.remaining, order.price) if instrument else order.remaining * order.price
