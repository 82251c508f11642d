"""The books closed: every source summed by sleeve, and what is left over named unexplained."""

from collections.abc import Iterable
from decimal import Decimal

from bot.attribution.coins import Trades, count_crossed_coins, count_held_coins, count_spot_trades
from bot.attribution.contracts import count_contracts, count_crossed_contracts
from bot.attribution.holders import Shares, holders_of, home_of, payers_of
from bot.attribution.interval import Interval, Priced, is_attributable, priced
from bot.attribution.tally import UNIT, Tally, in_units, new_tally, share_out
from bot.domain.ledger import EntryKind, LedgerEntry
from bot.domain.numbers import ONE, ZERO
from bot.domain.order import Sleeve
from bot.domain.record import ProfitLine, Source

ACCEPTED_ROUNDING = Decimal("0.000000001")  # quote currency, besides one unit of the books for each ledger entry

_SOURCES = {
    EntryKind.FEE: Source.FEES,
    EntryKind.LIQUIDATION: Source.FEES,
    EntryKind.FUNDING: Source.FUNDING,
    EntryKind.INTEREST: Source.INTEREST,
    EntryKind.DEPOSIT: Source.FLOWS,
    EntryKind.WITHDRAWAL: Source.FLOWS,
}


def attribute_cycle(interval: Interval) -> tuple[ProfitLine, ...]:
    """Return the change of equity between two settlements by sleeve and source, in quote currency. QUANT 7.

    The amounts, each in units of 1e-12, sum exactly to equity now − equity then, both in those units. What no
    source explains is one line UNEXPLAINED under the reserve, which belongs to the account as a whole; up to
    1e-9, and one unit of the books for each ledger entry, it is rounding and goes into the largest line.
    Nothing is returned where something held had no price then, or is listed no more: nothing is invented.
    """
    book = priced(interval)
    if not is_attributable(book):
        return ()
    tally = new_tally()
    trades: Trades = {(fill.symbol, fill.trade_id): (request, fill) for request, fill in book.fills}
    count_held_coins(tally, book)
    count_spot_trades(tally, book, trades)
    count_contracts(tally, book)
    _count_crossings(tally, book)
    for entry in interval.entries:
        if entry.kind in _SOURCES:
            amount = entry.change * book.worth(entry.asset)
            share_out(tally, _bearers(book, entry, trades), _SOURCES[entry.kind], amount)
    return _closed(tally, book)


def _count_crossings(tally: Tally, book: Priced) -> None:
    for crossing in book.interval.crossings:
        instrument = book.instruments[crossing.symbol]
        count = count_crossed_coins if instrument.kind.is_spot else count_crossed_contracts
        count(tally, book, crossing)


def _bearers(book: Priced, entry: LedgerEntry, trades: Trades) -> Shares:
    """Return who bears an entry: the parts of its order, else who held the instrument, else the coin's own sleeve."""
    traded = trades.get((entry.symbol, entry.reference))
    if traded is not None:
        return payers_of(traded[0])
    if entry.symbol in book.instruments:
        return holders_of(book, entry.symbol)
    return {home_of(book, entry.asset): ONE}


def _closed(tally: Tally, book: Priced) -> tuple[ProfitLine, ...]:
    """Return the lines in the order of sleeves and sources, with what is left over put where it belongs."""
    interval = book.interval
    amounts = {key: in_units(amount) for key, amount in tally.items() if in_units(amount)}
    change = in_units(interval.equity) - in_units(interval.before.performance.equity)
    left = change - sum(amounts.values(), ZERO)
    rounding = ACCEPTED_ROUNDING + sum((UNIT * book.worth(entry.asset) for entry in interval.entries), ZERO)
    nobody = (Sleeve.RESERVE, Source.UNEXPLAINED)
    place = max(amounts, key=lambda key: abs(amounts[key]), default=nobody) if abs(left) <= rounding else nobody
    amounts[place] = amounts.get(place, ZERO) + left
    sleeves, sources = list(Sleeve), list(Source)
    ordered = sorted(amounts, key=lambda key: (sleeves.index(key[0]), sources.index(key[1])))
    return tuple(ProfitLine(sleeve=key[0], source=key[1], amount=amounts[key]) for key in ordered if amounts[key])


def unexplained(lines: Iterable[ProfitLine]) -> Decimal:
    """Return what no source explains, signed, in quote currency: what the books alarm on."""
    return sum((line.amount for line in lines if line.source is Source.UNEXPLAINED), ZERO)
