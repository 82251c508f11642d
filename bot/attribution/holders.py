"""Who holds what: claims first, what nobody claims is the core's, the hedge's or the reserve's."""

from decimal import Decimal

from bot.attribution.interval import Priced
from bot.domain.instrument import Instrument
from bot.domain.numbers import ONE, ZERO
from bot.domain.order import OrderRequest, Sleeve

Shares = dict[Sleeve, Decimal]


def home_of(book: Priced, asset: str) -> Sleeve:
    """Return the sleeve of a coin nobody claims: the reserve for money, the core for everything else."""
    return Sleeve.RESERVE if asset in (book.interval.quote, *book.interval.stables) else Sleeve.CORE


def home_of_symbol(book: Priced, instrument: Instrument) -> Sleeve:
    """Return the sleeve of an instrument nobody claims: the hedge for contracts, the coin's own for spot."""
    return home_of(book, instrument.base) if instrument.kind.is_spot else Sleeve.HEDGE


def coin_shares(book: Priced, asset: str, total: Decimal) -> Shares:
    """Return how many of `total` coins each sleeve held: spot claims, and the rest at home."""
    shares: Shares = {}
    for claim in book.interval.before.sleeves.claims:
        instrument = book.instruments.get(claim.symbol)
        if instrument is not None and instrument.kind.is_spot and instrument.base == asset:
            shares[claim.sleeve] = shares.get(claim.sleeve, ZERO) + claim.quantity
    return _with_rest(shares, total, home_of(book, asset))


def contract_shares(book: Priced, symbol: str) -> Shares:
    """Return how many contracts each sleeve held, signed: claims, and the rest the hedge's."""
    shares: Shares = {}
    for claim in book.interval.before.sleeves.claims:
        if claim.symbol == symbol:
            shares[claim.sleeve] = shares.get(claim.sleeve, ZERO) + claim.quantity
    position = book.interval.before.positions.get(symbol)
    return _with_rest(shares, position.quantity if position else ZERO, Sleeve.HEDGE)


def _with_rest(shares: Shares, total: Decimal, home: Sleeve) -> Shares:
    rest = total - sum(shares.values(), ZERO)
    return {**shares, home: shares.get(home, ZERO) + rest}


def parts_of(request: OrderRequest, quantity: Decimal) -> Shares:
    """Return what each sleeve has of `quantity` (signed, order units) filled of an order, in proportion to its parts.

    Parts that pull both ways keep their signs: of a bought 3 that are +5 and −2, a filled 1.5 is +2.5 and −1.
    """
    if not request.parts:
        return {request.sleeve: quantity}
    shares: Shares = {}
    for part in request.parts:
        share = quantity * part.quantity / request.signed_quantity
        shares[part.sleeve] = shares.get(part.sleeve, ZERO) + share
    return shares


def payers_of(request: OrderRequest) -> Shares:
    """Return the fraction of an order's fee each sleeve pays, summing to one: by the size of its part."""
    sizes: Shares = {}
    for part in request.parts:
        sizes[part.sleeve] = sizes.get(part.sleeve, ZERO) + abs(part.quantity)
    return _fractions(sizes) or {request.sleeve: ONE}


def holders_of(book: Priced, symbol: str) -> Shares:
    """Return each sleeve's fraction of what was held of an instrument, summing to one.

    Of what was traded where nothing was held before, and all at home where there is neither. Sleeves on
    opposite sides have fractions above one and below zero: of −3 that are −5 and +2, 5/3 and −2/3.
    """
    instrument = book.instruments[symbol]
    home: Shares = {home_of_symbol(book, instrument): ONE}
    if instrument.kind.is_spot:
        return home
    held = contract_shares(book, symbol)
    if not sum(held.values(), ZERO):
        for request, fill in book.fills:
            if fill.symbol == symbol:
                for sleeve, quantity in parts_of(request, fill.quantity * fill.side.sign).items():
                    held[sleeve] = held.get(sleeve, ZERO) + quantity
    return _fractions(held) or home


def _fractions(shares: Shares) -> Shares:
    total = sum(shares.values(), ZERO)
    return {sleeve: share / total for sleeve, share in shares.items() if share} if total else {}
