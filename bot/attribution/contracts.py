"""What contracts gained: the coin's price, the basis, and trades against the mark before them."""

from dataclasses import dataclass
from decimal import Decimal

from bot.attribution.holders import contract_shares, holders_of, parts_of
from bot.attribution.interval import Priced, Prices
from bot.attribution.tally import Tally, new_tally, share_out
from bot.domain.instrument import Instrument
from bot.domain.ledger import EntryKind
from bot.domain.numbers import ZERO
from bot.domain.order import Sleeve
from bot.domain.plan import Crossing
from bot.domain.record import Source
from bot.domain.snapshot import Position

_RESULTS = frozenset({EntryKind.REALISED, EntryKind.DELIVERY})
_TRACES = _RESULTS | {EntryKind.FEE, EntryKind.LIQUIDATION}


@dataclass(frozen=True, slots=True)
class _Point:
    """A contract's mark and its coin's spot price at one moment, spot None where there is no market."""

    mark: Decimal
    spot: Decimal | None


@dataclass(frozen=True, slots=True)
class _Contract:
    """One contract with what it needs to be valued: `settle` is the price of its settlement asset now."""

    instrument: Instrument
    book: Priced
    now: _Point
    settle: Decimal

    def gained(self, quantity: Decimal, since: _Point) -> tuple[Decimal, Decimal]:
        """Return what holding `quantity` gained since a moment, in quote currency: by price, and by basis.

        Price: coins × (spot now − spot then); basis: the rest, which for linear contracts is coins × the
        change of (mark − spot) and for a coin-margined one leaves nothing where mark and spot move together.
        """
        total = self.instrument.profit(quantity, since.mark, self.now.mark) * self.settle
        if self.now.spot is None or since.spot is None:
            return total, ZERO
        price = self.instrument.coins(quantity, since.mark) * (self.now.spot - since.spot)
        return price, total - price

    def count(self, tally: Tally, sleeve: Sleeve, quantity: Decimal, since: _Point) -> None:
        """Count what a sleeve gained by holding `quantity` since a moment."""
        price, basis = self.gained(quantity, since)
        tally[sleeve, Source.PRICE] += price
        tally[sleeve, Source.BASIS] += basis

    def point(self, prices: Prices) -> _Point | None:
        """Return mark and spot of some prices, None where the contract has no mark in them."""
        mark = prices.get(self.instrument.symbol)
        return None if mark is None else _Point(mark, self.book.asset(prices, self.instrument.base))


def count_contracts(tally: Tally, book: Priced) -> None:
    """Count every contract that was held, traded or settled."""
    interval = book.interval
    touched = {*interval.before.positions, *interval.after.positions}
    touched |= {fill.symbol for _, fill in book.fills}
    touched |= {entry.symbol for entry in interval.entries if entry.kind in _TRACES}
    for symbol in sorted(touched):
        instrument = book.instruments.get(symbol)
        if instrument is not None and not instrument.kind.is_spot:
            contract = _contract(book, instrument)
            if contract is not None:
                _count_contract(tally, contract)


def _contract(book: Priced, instrument: Instrument) -> _Contract | None:
    """Return a contract as it is now, None where no moment has a mark.

    One without a mark now was delivered: it counts as having moved with its coin, and what it was settled
    at shows as basis.
    """
    spot, symbol = book.asset(book.now, instrument.base), instrument.symbol
    settle = book.worth(instrument.settle)
    mark = book.now.get(symbol)
    for prices in (book.decided, book.then):
        if mark is None and symbol in prices:
            old = book.asset(prices, instrument.base)
            mark = prices[symbol] if spot is None or old is None else prices[symbol] * spot / old
    return None if mark is None else _Contract(instrument, book, _Point(mark, spot), settle)


def _count_contract(tally: Tally, contract: _Contract) -> None:
    own = new_tally()
    _count_held(own, contract)
    _count_trades(own, contract)
    _count_strange(own, contract)
    for key, amount in own.items():
        tally[key] += amount


def _count_held(own: Tally, contract: _Contract) -> None:
    """Count what was left, at the marks; and coin profits not realised yet, as the coin's own price moved."""
    book, symbol = contract.book, contract.instrument.symbol
    start = contract.point(book.then)
    if start is None:
        return
    for sleeve, quantity in contract_shares(book, symbol).items():
        contract.count(own, sleeve, quantity, start)
    move = contract.settle - (book.asset(book.then, contract.instrument.settle) or contract.settle)
    share_out(own, _profits(contract, start), Source.PRICE, move)


def _profits(contract: _Contract, start: _Point) -> dict[Sleeve, Decimal]:
    """Return the unrealised profit each sleeve began with, in the settlement asset: claims from their own entry."""
    book, instrument = contract.book, contract.instrument
    shares: dict[Sleeve, Decimal] = {}
    for claim in book.interval.before.sleeves.claims:
        if claim.symbol == instrument.symbol:
            profit = instrument.profit(claim.quantity, claim.entry, start.mark)
            shares[claim.sleeve] = shares.get(claim.sleeve, ZERO) + profit
    whole = _unrealised(instrument, book.interval.before.positions.get(instrument.symbol), start.mark)
    rest = whole - sum(shares.values(), ZERO)
    return {**shares, Sleeve.HEDGE: shares.get(Sleeve.HEDGE, ZERO) + rest}


def _unrealised(instrument: Instrument, position: Position | None, mark: Decimal) -> Decimal:
    """Return a position's profit at a mark, in the settlement asset."""
    return ZERO if position is None else instrument.profit(position.quantity, position.entry_price, mark)


def _count_trades(own: Tally, contract: _Contract) -> None:
    """Count our fills: slippage against the mark before them, then what was held of them since."""
    book, instrument = contract.book, contract.instrument
    for request, fill in book.fills:
        if fill.symbol == instrument.symbol:
            before = contract.point(book.before(fill.at)) or contract.now
            for sleeve, quantity in parts_of(request, fill.quantity * fill.side.sign).items():
                lost = instrument.profit(quantity, fill.price, before.mark) * contract.settle
                own[sleeve, Source.SLIPPAGE] += lost
                contract.count(own, sleeve, quantity, before)


def _count_strange(own: Tally, contract: _Contract) -> None:
    """Count what the venue or someone else traded, where the ledger shows it: its price is what is left over.

    A delivery is the basis come to its end; a liquidation or a stranger's trade is slippage. Without a trace
    in the ledger it stays unexplained.
    """
    book, instrument = contract.book, contract.instrument
    ours = {fill.trade_id for _, fill in book.fills}
    entries = [entry for entry in book.interval.entries if entry.symbol == instrument.symbol]
    strange = {entry.kind for entry in entries if entry.reference not in ours} & _TRACES
    if strange and _traded_elsewhere(contract):
        source = Source.BASIS if EntryKind.DELIVERY in strange else Source.SLIPPAGE
        left = _result(contract) - sum(own.values(), ZERO)
        share_out(own, holders_of(book, instrument.symbol), source, left)


def _traded_elsewhere(contract: _Contract) -> Decimal:
    """Return the contracts by which the position moved beyond our fills, signed."""
    book, symbol = contract.book, contract.instrument.symbol
    left, held = book.interval.before.positions.get(symbol), book.interval.after.positions.get(symbol)
    filled = sum((fill.quantity * fill.side.sign for _, fill in book.fills if fill.symbol == symbol), ZERO)
    return (held.quantity if held else ZERO) - (left.quantity if left else ZERO) - filled


def _result(contract: _Contract) -> Decimal:
    """Return what a contract's wallet and unrealised profit gained by it, in quote currency, fees and funding apart."""
    book, instrument = contract.book, contract.instrument
    settled = sum(
        (e.change for e in book.interval.entries if e.symbol == instrument.symbol and e.kind in _RESULTS), ZERO
    )
    after = _unrealised(instrument, book.interval.after.positions.get(instrument.symbol), contract.now.mark)
    start = contract.point(book.then)
    if start is None:
        return (settled + after) * contract.settle
    before = _unrealised(instrument, book.interval.before.positions.get(instrument.symbol), start.mark)
    then = book.asset(book.then, instrument.settle) or contract.settle
    return (settled + after) * contract.settle - before * then


def count_crossed_contracts(tally: Tally, book: Priced, crossing: Crossing) -> None:
    """Count the move since a crossing for those who hold the contracts since, and take it from those who did."""
    contract = _contract(book, book.instruments[crossing.symbol])
    if contract is not None:
        spot = book.asset(book.decided, contract.instrument.base)
        for part in crossing.parts:
            contract.count(tally, part.sleeve, part.quantity, _Point(crossing.price, spot))
