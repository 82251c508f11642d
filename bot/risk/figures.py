"""The risk of a book in seven figures, before a plan and after each of its steps."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from bot.domain.instrument import WalletKind
from bot.domain.numbers import ONE, ZERO
from bot.domain.plan import RiskFigures
from bot.domain.policy import Policy
from bot.domain.snapshot import Position, Snapshot
from bot.risk.board import Board
from bot.risk.distance import cross_rally, distance
from bot.risk.margin import inverse_liquidation_price, maintenance_margin, margin_ratio
from bot.risk.measure import book_of
from bot.risk.projection import Book

CRASH = Decimal("-0.2")
CORNERS = 4  # tier changes passed for the figures of a step; more only before and after a plan
NOTHING = RiskFigures(
    net_delta=ZERO,
    leverage=ZERO,
    margin_ratio=None,
    liquidation_distance=None,
    survives_rally=None,
    crash_loss=ZERO,
    funding_per_day=ZERO,
)


class Margin(NamedTuple):
    """Margin ratio, nearest liquidation and joint rally of some wallets; None where nothing is held."""

    ratio: Decimal | None
    distance: Decimal | None
    rally: Decimal | None


def figures(snapshot: Snapshot, policy: Policy) -> RiskFigures:
    """Return the risk of the book as it is, exactly; raise SnapshotUnavailable when it cannot be measured.

    `net_delta` is of equity with the coins held elsewhere, `leverage` of the account's equity, as the
    limits are. `crash_loss` is −20 % of net delta's value: a hedge gains what its coins lose.
    `survives_rally` is the nearest of the shared wallet (joint, betas 1), isolated shorts, and each
    coin-margined wallet.
    """
    board = Board(snapshot=snapshot, currency=policy.quote)
    return figures_of(book_of(board, policy), coin_margined(board))


def figures_of(book: Book, coin: Margin) -> RiskFigures:
    """Return the exact figures of a projected book; the cost grows with its positions."""
    return in_all(book, _margin(book, coin, book.lines, None))


def margin_of_step(book: Book, coin: Margin, changed: Iterable[str]) -> Margin:
    """Return the margin figures of a projected book between the steps of a plan, at a cost that does not grow.

    Two are bounds where the exact figure would need every position. The distance is that of the
    positions changed and of the shared wallet's most needy one, which is the nearest where tiers are
    alike. The rally is exact while at most 4 tiers change on the way, else a rise survived at least.
    """
    symbols = {*changed, *(symbol for _, symbol in book.needs[-1:]), *book.isolated}
    return _margin(book, coin, symbols & book.lines.keys(), CORNERS)


def in_all(book: Book, margin: Margin) -> RiskFigures:
    """Return the seven figures: those of exposure from the running totals, those of margin as given."""
    totals = book.totals
    return RiskFigures(
        net_delta=totals.delta / totals.whole,
        leverage=totals.gross / totals.equity,
        margin_ratio=margin.ratio,
        liquidation_distance=margin.distance,
        survives_rally=margin.rally,
        crash_loss=CRASH * totals.delta,
        funding_per_day=totals.funding,
    )


def _margin(book: Book, coin: Margin, symbols: Iterable[str], corners: int | None) -> Margin:
    totals = book.totals
    moves = [distance(book.lines[symbol], totals) for symbol in symbols]
    rises = [distance(line, totals) for symbol in book.isolated if (line := book.lines[symbol]).quantity < 0]
    ratios = [coin.ratio]
    if totals.maintenance > 0:
        ratios.append(margin_ratio(totals.maintenance, totals.futures_equity))
    rally = cross_rally(book, corners) if book.needs else None
    return Margin(
        max((ratio for ratio in ratios if ratio is not None), default=None),
        _nearest((*moves, coin.distance)),
        _nearest((rally, coin.rally, *rises)),
    )


def _nearest(moves: Iterable[Decimal | None]) -> Decimal | None:
    return min((move for move in moves if move is not None), default=None)


def coin_margined(board: Board) -> Margin:
    """Return the margin figures of the coin-margined wallets, which no proposal of this release changes."""
    wallets: dict[str, list[Position]] = defaultdict(list)
    for _, position in sorted(board.snapshot.positions.items()):
        instrument = board.instrument(position.symbol)
        if instrument.kind.is_inverse:
            wallets[instrument.settle].append(position)
    parts = [_one_coin(board, settle, positions) for settle, positions in wallets.items()]
    ratios = [part.ratio for part in parts if part.ratio is not None]
    return Margin(
        max(ratios, default=None),
        _nearest(part.distance for part in parts),
        _nearest(part.rally for part in parts),
    )


def _one_coin(board: Board, settle: str, positions: list[Position]) -> Margin:
    """Return one coin's wallet; every position in it is taken to share it."""
    balance = sum(
        (b.total for b in board.snapshot.balances if b.wallet is WalletKind.INVERSE and b.asset == settle), ZERO
    )
    profits, margins = {}, {}
    for position in positions:
        instrument = board.instrument(position.symbol)
        mark = board.reference(instrument)
        notional = instrument.settlement_notional(position.quantity, mark)
        profits[position.symbol] = instrument.profit(position.quantity, position.entry_price, mark)
        margins[position.symbol] = maintenance_margin(instrument.tiers, notional)
    equity, margin = balance + sum(profits.values(), ZERO), sum(margins.values(), ZERO)
    moves, rises = [], []
    for position in positions:
        others = (equity - balance - profits[position.symbol]) - (margin - margins[position.symbol])
        move = ZERO if equity <= margin else _inverse_distance(board, position, balance, others)
        moves.append(move)
        rises.append(move if position.quantity < 0 else None)
    return Margin(margin_ratio(margin, equity), _nearest(moves), _nearest(rises))


def _inverse_distance(board: Board, position: Position, balance: Decimal, others: Decimal) -> Decimal | None:
    instrument = board.instrument(position.symbol)
    mark = board.reference(instrument)
    price = inverse_liquidation_price(
        instrument.tiers,
        wallet=balance,
        contracts=position.quantity,
        face=instrument.contract_size,
        entry=position.entry_price,
        others=others,
    )
    return None if price is None else abs(price / mark - ONE)
