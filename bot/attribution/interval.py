"""The time between two settlements: what was held, what happened, and the prices at its three moments."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.ledger import LedgerEntry
from bot.domain.numbers import ONE, ZERO
from bot.domain.order import Fill, OrderReport, OrderRequest
from bot.domain.plan import Crossing
from bot.domain.record import Settlement
from bot.domain.snapshot import Snapshot

Prices = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """All that attribution is made of.

    `before` is the last settlement, whose sleeves say who held what. `decided` is the snapshot this cycle
    was decided on, `after` the one it ended with, `equity` the account's equity there, in `quote`. `entries`
    are the ledger since `before`, `fills` our orders with the fills not settled yet, `crossings` the plan's.
    `stables` are the assets of the reserve; the quote currency is one in any case. `listed_before` are
    instruments listed when the book was left, for a contract that was delivered and taken off the list since.
    """

    before: Settlement
    decided: Snapshot
    after: Snapshot
    equity: Decimal
    entries: tuple[LedgerEntry, ...]
    fills: tuple[tuple[OrderRequest, OrderReport], ...]
    crossings: tuple[Crossing, ...]
    quote: str
    stables: tuple[str, ...] = ()
    listed_before: Mapping[str, Instrument] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """An interval with its prices looked up once: by symbol, at its start, at the decision and now.

    `instruments` are all that were listed: before, at the decision, or now. `fills` are ours since the last
    settlement with their orders; one found late is in what was left already, and not among them.
    """

    interval: Interval
    then: Prices
    decided: Prices
    now: Prices
    instruments: Mapping[str, Instrument]
    fills: tuple[tuple[OrderRequest, Fill], ...]

    def before(self, at: datetime) -> Prices:
        """Return the prices seen last before a trade: the decision's, or the settlement's for one older than that."""
        return self.decided if at >= self.interval.decided.taken_at else self.then

    def asset(self, prices: Prices, asset: str) -> Decimal | None:
        """Return a coin's price in quote currency: 1 for the quote itself, None where there is no market."""
        return ONE if asset == self.interval.quote else prices.get(f"{asset}/{self.interval.quote}")

    def worth(self, asset: str) -> Decimal:
        """Return a coin's price now, zero where it has none: such a coin is in no equity either."""
        return self.asset(self.now, asset) or ZERO


def priced(interval: Interval) -> Priced:
    """Return an interval with its prices."""
    return Priced(
        interval=interval,
        then=interval.before.prices,
        decided=_valuations(interval.decided),
        now=_valuations(interval.after),
        instruments={**interval.listed_before, **interval.decided.instruments, **interval.after.instruments},
        fills=tuple(_new_fills(interval)),
    )


def _new_fills(interval: Interval) -> Iterator[tuple[OrderRequest, Fill]]:
    booked = {entry.reference for entry in interval.entries}
    for request, report in interval.fills:
        for fill in report.fills:
            if fill.at > interval.before.at or fill.trade_id in booked:
                yield request, fill


def _valuations(snapshot: Snapshot) -> dict[str, Decimal]:
    return {symbol: quote.valuation for symbol, quote in snapshot.quotes.items()}


def opening_prices(snapshot: Snapshot) -> dict[str, Decimal]:
    """Return what the next attribution needs to know of now: marks, else mids, by symbol, in quote currency.

    Only of coins that are held, as balance, contract or resting order: the rest would fill the journal.
    """
    held = {balance.asset for balance in snapshot.balances if balance.total}
    listed = snapshot.instruments
    for symbol in (*snapshot.positions, *(order.symbol for order in snapshot.open_orders)):
        if symbol in listed:
            held.add(listed[symbol].base)
    found = _valuations(snapshot)
    return {symbol: found[symbol] for symbol in sorted(found) if symbol in listed and listed[symbol].base in held}


def coins_left(interval: Interval) -> dict[str, Decimal]:
    """Return the coins left by asset, in all wallets."""
    found: dict[str, Decimal] = {}
    for balance in interval.before.balances:
        found[balance.asset] = found.get(balance.asset, ZERO) + balance.total
    return found


def is_attributable(book: Priced) -> bool:
    """Whether everything left can be compared: what has a price now had one then, and contracts are still listed.

    Settlements written before prices were kept say no.
    """
    held = [asset for asset, total in coins_left(book.interval).items() if total]
    compared = [asset for asset in held if book.asset(book.now, asset) is not None]
    if any(book.asset(book.then, asset) is None for asset in compared):
        return False
    return all(symbol in book.then and symbol in book.instruments for symbol in book.interval.before.positions)
