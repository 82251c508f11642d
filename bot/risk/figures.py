"""The risk of a book in seven figures, before a plan and after each of its steps."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from bot.domain.numbers import ZERO
from bot.domain.plan import Liquidation, RiskFigures
from bot.domain.policy import Policy
from bot.domain.snapshot import Snapshot
from bot.risk.board import Board
from bot.risk.coin_wallet import Margin, Reached, nearest, nearest_line, reached
from bot.risk.distance import cross_rally, distance
from bot.risk.lines import ContractLine
from bot.risk.margin import margin_ratio
from bot.risk.measure import book_of
from bot.risk.projection import Book
from bot.risk.totals import Totals

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


class StepMargin(NamedTuple):
    """The margin figures of all futures wallets; None where nothing is held. `end` is the nearest liquidation."""

    ratio: Decimal | None
    distance: Decimal | None
    rally: Decimal | None
    end: Reached | None


def figures(snapshot: Snapshot, policy: Policy) -> RiskFigures:
    """Return the risk of the book as it is, exactly; raise SnapshotUnavailable when it cannot be measured.

    `net_delta` is of equity with the coins held elsewhere, `leverage` of the account's equity, as the
    limits are. `crash_loss` is −20 % of net delta's value: a hedge gains what its coins lose.
    `survives_rally` is the nearest of the shared wallet (joint, betas 1), isolated shorts, and each
    coin-margined wallet.
    """
    return figures_of(book_of(Board(snapshot=snapshot, currency=policy.quote), policy))


def figures_of(book: Book) -> RiskFigures:
    """Return the exact figures of a projected book; the cost grows with its positions."""
    return in_all(book, _margin(book, book.lines, None))


def margin_of_step(book: Book, changed: Iterable[str]) -> StepMargin:
    """Return the margin figures of a projected book between the steps of a plan, at a cost that does not grow.

    Two are bounds where the exact figure would need every position. The distance is that of the
    positions changed and of the shared wallet's most needy one, which is the nearest where tiers are
    alike. The rally is exact while at most 4 tiers change on the way, else a rise survived at least.
    Those of the coin-margined wallets are exact.
    """
    symbols = {*changed, *(symbol for _, symbol in book.needs[-1:]), *book.isolated}
    return _margin(book, symbols & book.lines.keys(), CORNERS)


def in_all(book: Book, margin: StepMargin) -> RiskFigures:
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
        liquidation=None if margin.end is None else Liquidation(symbol=margin.end.symbol, price=margin.end.price),
        futures_equity=totals.futures_equity + sum((wallet.value for wallet in book.wallets.values()), ZERO),
    )


def _margin(book: Book, symbols: Iterable[str], corners: int | None) -> StepMargin:
    totals, coin = book.totals, book.coin_margin
    ends = [_end(book.lines[symbol], totals) for symbol in symbols]
    rises = [distance(line, totals) for symbol in book.isolated if (line := book.lines[symbol]).quantity < 0]
    ratios = [coin.ratio]
    if totals.maintenance > 0:
        ratios.append(margin_ratio(totals.maintenance, totals.futures_equity))
    rally = cross_rally(book, corners) if book.needs else None
    ends.append(_coin_end(book, coin))
    end = min((one for one in ends if one is not None), default=None)
    return StepMargin(
        max((ratio for ratio in ratios if ratio is not None), default=None),
        None if end is None else end.move,
        nearest((rally, coin.rally, *rises)),
        end,
    )


def _end(line: ContractLine, totals: Totals) -> Reached | None:
    return reached(line.contract.symbol, line.contract.mark, distance(line, totals), short=line.quantity < 0)


def _coin_end(book: Book, coin: Margin) -> Reached | None:
    """Return where the nearest coin-margined position ends; the rankings know its wallet."""
    return None if coin.distance is None else nearest_line(book.wallets[book.distances[0][1]])
