"""What coins gained: those held as their price moved, and those traded against the price before the trade."""

from collections.abc import Iterable

from bot.attribution.holders import coin_shares, home_of_symbol, parts_of
from bot.attribution.interval import Priced, coins_left
from bot.attribution.tally import Tally, share_out
from bot.domain.ledger import EntryKind, LedgerEntry
from bot.domain.numbers import ONE
from bot.domain.order import Fill, OrderRequest
from bot.domain.plan import Crossing
from bot.domain.record import Source

Trades = dict[tuple[str, str], tuple[OrderRequest, Fill]]


def count_held_coins(tally: Tally, book: Priced) -> None:
    """Count the price moves of what was left: coins × (price now − price then), for each sleeve that held them."""
    for asset, total in sorted(coins_left(book.interval).items()):
        then, now = book.asset(book.then, asset), book.asset(book.now, asset)
        if then is not None and now is not None and then != now:
            share_out(tally, coin_shares(book, asset, total), Source.PRICE, now - then)


def count_spot_trades(tally: Tally, book: Priced, trades: Trades) -> None:
    """Count what spot trades gained on the price seen before them, and the move since, as the ledger booked them.

    Slippage: Σ change × price before, zero for a trade at that price. Price: Σ change × (price now − before).
    A trade someone else made on this account is its coin's own sleeve's.
    """
    for entry in _spot_entries(book):
        traded = trades.get((entry.symbol, entry.reference))
        instrument = book.instruments[entry.symbol]
        shares = parts_of(traded[0], ONE) if traded else {home_of_symbol(book, instrument): ONE}
        now = book.worth(entry.asset)
        before = book.asset(book.before(entry.at), entry.asset)
        before = now if before is None else before
        share_out(tally, shares, Source.SLIPPAGE, entry.change * before)
        share_out(tally, shares, Source.PRICE, entry.change * (now - before))


def _spot_entries(book: Priced) -> Iterable[LedgerEntry]:
    """Yield the two sides of every spot trade; a trade in a coin nobody can price explains nothing."""
    for entry in book.interval.entries:
        instrument = book.instruments.get(entry.symbol)
        if entry.kind is not EntryKind.FILL or instrument is None:
            continue
        if all(book.asset(book.now, asset) is not None for asset in (instrument.base, instrument.quote)):
            yield entry


def count_crossed_coins(tally: Tally, book: Priced, crossing: Crossing) -> None:
    """Count the move since a crossing for those who hold the coins since, and take it from those who did before."""
    move = book.worth(book.instruments[crossing.symbol].base) - crossing.price
    for part in crossing.parts:
        tally[part.sleeve, Source.PRICE] += part.quantity * move
