"""From snapshot, policy and orders in flight to the projected book before anything is approved."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from bot.domain.instrument import Instrument, WalletKind
from bot.domain.numbers import ZERO, finite, positive
from bot.domain.order import Side
from bot.domain.policy import Policy
from bot.domain.snapshot import Balance, Position
from bot.errors import SnapshotUnavailable
from bot.risk.board import Board
from bot.risk.flight import Flight, bought_and_sold
from bot.risk.lines import Contract, coin_line, contract_line
from bot.risk.projection import Book
from bot.risk.totals import Totals

HOURS = 24
PROBE = Decimal("0.1")  # the move needs are ranked by where the policy asks for no distance

Coins = dict[str, Decimal]


@dataclass(slots=True)
class _Count:
    """Coins by asset while they are being counted."""

    spot: Coins = field(default_factory=lambda: defaultdict(Decimal))
    margin: Coins = field(default_factory=lambda: defaultdict(Decimal))
    contracts: Coins = field(default_factory=lambda: defaultdict(Decimal))


def book_of(board: Board, policy: Policy, flights: Iterable[Flight] = ()) -> Book:
    """Return the book of a snapshot, in the policy's quote currency.

    Raises SnapshotUnavailable when a core asset, a held contract or an order in flight in either has
    no price, or when the account's equity is not above zero. Other coins without a price count nothing.
    """
    book = Book(totals=Totals(), stables=frozenset((policy.quote, *policy.reserve.assets)))
    count = _Count()
    for balance in sorted(board.snapshot.balances, key=lambda held: (held.wallet, held.asset)):
        _count_balance(book, count, balance, board)
    by_symbol = _by_symbol(flights)
    for _, position in sorted(board.snapshot.positions.items()):
        _count_position(book, count, position, board, policy, by_symbol)
    _count_coins(book, count, board, policy)
    for symbol, some in by_symbol.items():
        _count_flights(book, board, policy, symbol, some)
    totals = book.totals
    totals.purse = min(totals.purse, totals.wallet)
    for name in ("equity", "delta", "worst", "gross", "isolated", "maintenance", "reserve", "elsewhere", "funding"):
        finite(f"the book's {name}", getattr(totals, name))
    if totals.equity <= 0:
        raise SnapshotUnavailable(f"the account's equity is {totals.equity}", part="equity")
    return book


def contract_of(board: Board, policy: Policy, instrument: Instrument) -> Contract:
    """Return the fixed part of a linear contract; raise SnapshotUnavailable where its mark is missing."""
    symbol = instrument.symbol
    mark = board.reference(instrument)
    position = board.snapshot.positions.get(symbol)
    highest = policy.limits.max_leverage_setting
    return Contract(
        symbol,
        instrument.base,
        instrument.contract_size,
        mark,
        instrument.contract_size * mark,
        instrument.tiers,
        highest if position is None else positive(f"{symbol} leverage", position.leverage),
        _daily_funding(board, symbol),
        policy.limits.min_liquidation_distance or PROBE,
    )


def _daily_funding(board: Board, symbol: str) -> Decimal:
    """Return the fraction of notional a long pays per day; zero where the venue names no funding."""
    funding = board.snapshot.funding.get(symbol)
    if funding is None:
        return ZERO
    rate = finite(f"{symbol} funding", funding.rate)
    return rate * HOURS / positive(f"{symbol} funding interval", funding.interval_hours)


def _by_symbol(flights: Iterable[Flight]) -> dict[str, list[Flight]]:
    found: dict[str, list[Flight]] = defaultdict(list)
    for flight in flights:
        found[flight.symbol].append(flight)
    return found


def _count_balance(book: Book, count: _Count, balance: Balance, board: Board) -> None:
    asset, total, totals = balance.asset, balance.total, book.totals
    if balance.wallet is WalletKind.INVERSE:
        count.margin[asset] += total
        return
    price = board.price(asset)
    if balance.wallet is WalletKind.LINEAR:
        if price is None and total:
            raise SnapshotUnavailable(f"{asset} in the linear wallet has no price", part=f"{asset} price")
        totals.wallet += total * (price or ZERO)
        totals.equity += total * (price or ZERO)
        totals.purse += balance.free if asset == board.currency else ZERO
        return
    book.free[asset] = book.free.get(asset, ZERO) + balance.free
    if price is None:
        return
    if asset in book.stables:
        totals.reserve += total * price
        totals.equity += total * price
    else:
        count.spot[asset] += total


def _count_position(
    book: Book,
    count: _Count,
    position: Position,
    board: Board,
    policy: Policy,
    flights: Mapping[str, list[Flight]],
) -> None:
    symbol, quantity = position.symbol, position.quantity
    instrument = board.instrument(symbol)
    if instrument.kind.is_inverse:
        _count_inverse(book, count, position, instrument, board)
        return
    contract = contract_of(board, policy, instrument)
    book.contracts[symbol] = contract
    opening = bought_and_sold(f for f in flights.get(symbol, ()) if not f.reduce_only)
    line = contract_line(contract, quantity, position.entry_price, isolated=position.isolated_margin, flight=opening)
    book.totals.count(line)
    book.place(symbol, line)
    count.contracts[instrument.base] += quantity * contract.size


def _count_inverse(book: Book, count: _Count, position: Position, instrument: Instrument, board: Board) -> None:
    """Count a coin-margined position: its profit is coins of its base, its notional has a fixed face."""
    mark = board.reference(instrument)
    count.margin[instrument.base] += instrument.profit(position.quantity, position.entry_price, mark)
    count.contracts[instrument.base] += instrument.coins(position.quantity, mark)
    notional = instrument.notional(position.quantity, mark)
    book.totals.gross += abs(notional)
    book.totals.worst_gross += abs(notional)
    book.totals.funding -= notional * _daily_funding(board, position.symbol)


def _count_coins(book: Book, count: _Count, board: Board, policy: Policy) -> None:
    elsewhere = policy.core.held_elsewhere
    for asset in sorted({*count.spot, *count.margin, *count.contracts, *policy.core.assets}):
        price = board.price(asset)
        if price is None:
            raise SnapshotUnavailable(f"{asset} has no price in {policy.quote}", part=f"{asset} price")
        outside = elsewhere.get(asset, ZERO)
        owned = count.spot[asset] + count.margin[asset]
        line = coin_line(
            asset,
            price,
            spot=count.spot[asset],
            other=count.margin[asset] + outside,
            contracts=count.contracts[asset],
        )
        book.coins[asset] = line
        book.totals.swap_coin(None, line)
        book.totals.equity += owned * price
        book.totals.elsewhere += outside * price


def _count_flights(book: Book, board: Board, policy: Policy, symbol: str, flights: list[Flight]) -> None:
    """Count one market's orders in flight; those of strangers without a market only lock what the venue says."""
    base = symbol.partition("/")[0]
    if base not in policy.core.assets and (symbol not in board.snapshot.instruments or base not in book.coins):
        return
    instrument = board.instrument(symbol)
    mark = board.reference(instrument)
    coins = [instrument.coins(flight.signed, mark) for flight in flights]
    opening = [c for c, flight in zip(coins, flights, strict=True) if c < 0 and not flight.reduce_only]
    sold = -sum(opening, ZERO)
    is_spot = instrument.kind.is_spot
    old = book.coins[base]
    new = old._replace(
        buying=old.buying + sum((c for c in coins if c > 0), ZERO),
        selling=old.selling - sum((c for c in coins if c < 0), ZERO),
        spot_selling=old.spot_selling + (sold if is_spot else ZERO),
        short_opening=old.short_opening + (ZERO if is_spot else sold),
    ).traded()
    book.totals.swap_coin(old, new)
    book.coins[base] = new
    if is_spot:
        _lock(book, instrument, flights, mark)
    elif instrument.kind.is_inverse:
        book.totals.worst_gross += sum((abs(instrument.notional(f.remaining, mark)) for f in flights), ZERO)
    elif symbol not in book.lines:
        contract = contract_of(board, policy, instrument)
        book.contracts[symbol] = contract
        opening_orders = bought_and_sold(f for f in flights if not f.reduce_only)
        line = contract_line(contract, ZERO, mark, flight=opening_orders)
        book.totals.count(line)
        book.place(symbol, line)


def _lock(book: Book, instrument: Instrument, flights: list[Flight], mark: Decimal) -> None:
    """Take what unseen spot orders may have used from the free coins; the venue took the rest already."""
    for flight in flights:
        if flight.locked:
            continue
        if flight.side is Side.BUY:
            asset = instrument.quote
            used = flight.remaining * (flight.price or mark) * (1 + instrument.taker_fee)
        else:
            asset, used = instrument.base, flight.remaining
        book.free[asset] = book.free.get(asset, ZERO) - used
