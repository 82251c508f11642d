"""From snapshot, policy and orders in flight to the projected book before anything is approved."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from bot.domain.instrument import Instrument, WalletKind
from bot.domain.numbers import ZERO, finite, not_negative, positive
from bot.domain.order import OrderType, Side
from bot.domain.policy import Policy
from bot.domain.sleeves import Claim
from bot.domain.snapshot import Balance, Position, Snapshot
from bot.errors import SnapshotUnavailable
from bot.risk.board import Board
from bot.risk.coin_wallet import InverseContract, InverseLine, coin_wallet, inverse_line
from bot.risk.flight import Flight, bought_and_sold
from bot.risk.lines import Contract, coin_line, contract_line
from bot.risk.market import beside_core
from bot.risk.projection import Book, Stop
from bot.risk.stakes import stake_of, terms_of
from bot.risk.totals import Totals

HOURS = 24
PROBE = Decimal("0.1")  # the move needs are ranked by where the policy asks for no distance

Coins = dict[str, Decimal]


@dataclass(slots=True)
class _Count:
    """Coins by asset while they are being counted; `margin` and `purse` are balance and free of a coin's wallet."""

    spot: Coins = field(default_factory=lambda: defaultdict(Decimal))
    margin: Coins = field(default_factory=lambda: defaultdict(Decimal))
    purse: Coins = field(default_factory=lambda: defaultdict(Decimal))
    contracts: Coins = field(default_factory=lambda: defaultdict(Decimal))
    inverse: dict[str, dict[str, InverseLine]] = field(default_factory=lambda: defaultdict(dict))


def book_of(board: Board, policy: Policy, flights: Iterable[Flight] = (), claims: Iterable[Claim] = ()) -> Book:
    """Return the book of a snapshot, in the policy's quote currency; `claims` are carry's and the overlay's.

    Raises SnapshotUnavailable when a core asset, a held contract or an order in flight in either has
    no price, or when the account's equity is not above zero. Other coins without a price count nothing.
    """
    book = Book(totals=Totals(), stables=frozenset((policy.quote, *policy.reserve.assets)), terms=terms_of(policy))
    count = _Count()
    for balance in sorted(board.snapshot.balances, key=lambda held: (held.wallet, held.asset)):
        _count_balance(book, count, balance, board)
    by_symbol = _by_symbol(flights)
    for _, position in sorted(board.snapshot.positions.items()):
        _count_position(book, count, position, board, policy, by_symbol)
    claims = tuple(claims)
    _count_coins(book, count, board, policy, {claim.symbol.partition("/")[0] for claim in claims})
    for claim in claims:
        _count_claim(book, claim, board)
    _count_stops(book, board.snapshot)
    for symbol, some in by_symbol.items():
        _count_flights(book, board, policy, symbol, some)
    totals = book.totals
    totals.purse = min(totals.purse, totals.wallet)
    for name in ("equity", "delta", "worst", "gross", "isolated", "maintenance", "reserve", "elsewhere", "funding"):
        finite(f"the book's {name}", getattr(totals, name))
    if totals.equity <= 0:
        raise SnapshotUnavailable(f"the account's equity is {totals.equity}", part="equity")
    return book


def admit(book: Book, board: Board, policy: Policy, instrument: Instrument) -> None:
    """Let a contract be traded in the book; raise SnapshotUnavailable where its mark is missing. Spot always may."""
    symbol = instrument.symbol
    if instrument.kind.is_inverse and symbol not in book.inverse:
        book.inverse[symbol] = _inverse_contract(board, policy, instrument)
    elif not instrument.kind.is_spot and not instrument.kind.is_inverse and symbol not in book.contracts:
        book.contracts[symbol] = contract_of(board, policy, instrument)


def contract_of(board: Board, policy: Policy, instrument: Instrument) -> Contract:
    """Return the fixed part of a linear contract; raise SnapshotUnavailable where its mark is missing."""
    symbol = instrument.symbol
    mark = board.reference(instrument)
    return Contract(
        symbol,
        instrument.base,
        instrument.contract_size,
        mark,
        instrument.contract_size * mark,
        instrument.tiers,
        _leverage(board, policy, symbol),
        _daily_funding(board, symbol),
        policy.limits.min_liquidation_distance or PROBE,
    )


def _inverse_contract(board: Board, policy: Policy, instrument: Instrument) -> InverseContract:
    symbol = instrument.symbol
    return InverseContract(
        symbol,
        instrument.base,
        instrument.contract_size,
        board.reference(instrument),
        instrument.tiers,
        _leverage(board, policy, symbol),
        _daily_funding(board, symbol),
    )


def _leverage(board: Board, policy: Policy, symbol: str) -> Decimal:
    """Return the venue's setting of a position, the highest allowed where nothing is held."""
    position = board.snapshot.positions.get(symbol)
    if position is None:
        return policy.limits.max_leverage_setting
    return positive(f"{symbol} leverage", position.leverage)


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
        count.purse[asset] += balance.free
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
    opening = bought_and_sold(f for f in flights.get(symbol, ()) if not f.reduce_only)
    if instrument.kind.is_inverse:
        admit(book, board, policy, instrument)
        coin_margined = inverse_line(
            book.inverse[symbol], quantity, position.entry_price, isolated=position.isolated_margin, flight=opening
        )
        count.inverse[instrument.base][symbol] = coin_margined
        count.contracts[instrument.base] += coin_margined.coins
        return
    admit(book, board, policy, instrument)
    contract = book.contracts[symbol]
    line = contract_line(contract, quantity, position.entry_price, isolated=position.isolated_margin, flight=opening)
    book.totals.count(line)
    book.place(symbol, line)
    count.contracts[instrument.base] += quantity * contract.size


def _count_claim(book: Book, claim: Claim, board: Board) -> None:
    """Count what a rule holds; a contract no longer listed was delivered, and its claim goes with the next cycle."""
    instrument = board.snapshot.instruments.get(claim.symbol)
    if instrument is None or instrument.base not in book.coins or not claim.quantity:
        return
    quantity, entry = finite(f"{claim.symbol} claim", claim.quantity), positive(f"{claim.symbol} entry", claim.entry)
    stake = stake_of(instrument, quantity, entry=entry, reference=board.reference(instrument), terms=book.terms)
    book.stakes[claim.sleeve, claim.rule, claim.symbol] = stake
    book.totals.swap_stake(claim.sleeve, None, stake)
    line = book.coins[instrument.base]
    book.coins[line.asset] = line.claimed_by(claim.sleeve, stake.coins, is_spot=instrument.kind.is_spot)
    book.totals.swap_coin(line, book.coins[line.asset])


def _count_stops(book: Book, snapshot: Snapshot) -> None:
    for order in snapshot.open_orders:
        if order.type is OrderType.STOP:
            way = (order.symbol, Side(order.side))
            remaining = not_negative(f"{order.symbol} stop", order.remaining)
            book.stops[order.client_order_id] = Stop(way, remaining)
            book.stopped[way] = book.stopped.get(way, ZERO) + remaining


def _count_coins(book: Book, count: _Count, board: Board, policy: Policy, claimed: set[str]) -> None:
    elsewhere = policy.core.held_elsewhere
    held = {*count.spot, *count.margin, *count.contracts, *policy.core.assets}
    for asset in sorted({*held, *_priced(board, {*claimed, *beside_core(policy)} - held)}):
        price = board.price(asset)
        if price is None:
            raise SnapshotUnavailable(f"{asset} has no price in {policy.quote}", part=f"{asset} price")
        outside = elsewhere.get(asset, ZERO)
        line = coin_line(
            asset,
            price,
            spot=count.spot[asset],
            other=count.margin.get(asset, ZERO) + outside,
            contracts=count.contracts[asset],
        )
        book.coins[asset] = line
        book.totals.swap_coin(None, line)
        book.totals.equity += count.spot[asset] * price
        if asset in count.margin or asset in count.inverse:
            balance = count.margin[asset]
            wallet = coin_wallet(asset, price, balance, min(count.purse[asset], balance), count.inverse.get(asset, {}))
            book.totals.swap_wallet(None, wallet)
            book.place_wallet(wallet)
        book.totals.elsewhere += outside * price


def _priced(board: Board, assets: Iterable[str]) -> Iterable[str]:
    """Return those assets that have a price: one without a market cannot be traded, and stops nothing else."""
    return (asset for asset in assets if board.price(asset) is not None)


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
    else:
        admit(book, board, policy, instrument)
        _await(book, instrument, mark, bought_and_sold(f for f in flights if not f.reduce_only))


def _await(book: Book, instrument: Instrument, mark: Decimal, opening: tuple[Decimal, Decimal]) -> None:
    """Count openings in flight where nothing is held yet; a held position's line counts them already."""
    symbol, asset = instrument.symbol, instrument.base
    if instrument.kind.is_inverse:
        old = book.wallets.get(asset)
        if old is None or symbol not in old.lines:
            wallet = old or coin_wallet(asset, book.coins[asset].price, ZERO, ZERO, {})
            wallet = wallet.holding(inverse_line(book.inverse[symbol], ZERO, mark, flight=opening))
            book.totals.swap_wallet(old, wallet)
            book.place_wallet(wallet)
    elif symbol not in book.lines:
        line = contract_line(book.contracts[symbol], ZERO, mark, flight=opening)
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
