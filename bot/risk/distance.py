"""How near liquidation is, read from the running totals of the projected book."""

from collections.abc import Iterator
from decimal import Decimal
from heapq import heappop, heappush

from bot.domain.numbers import ONE, ZERO
from bot.risk.lines import ContractLine
from bot.risk.projection import Book
from bot.risk.stress import adverse_move
from bot.risk.totals import Totals
from bot.risk.trial import Trial


def distance(line: ContractLine, totals: Totals) -> Decimal | None:
    """Return the move against a position that liquidates it, a fraction of its mark; None when none does."""
    if not line.gross:
        return None
    spare = totals.spare
    if line.isolated is not None:
        spare = line.isolated + line.profit - line.maintenance
    return adverse_move(line.contract.tiers, gross=line.gross, spare=spare, short=line.quantity < 0)


def worst_distance(line: ContractLine, totals: Totals) -> Decimal | None:
    """Return the same once every order in flight that may open is filled; isolated ones bring their own margin."""
    if line.isolated is not None:
        return distance(line, totals)
    return adverse_move(line.contract.tiers, gross=line.worst_gross, spare=totals.worst_spare, short=line.short)


def nearest_after(trial: Trial) -> ContractLine | None:
    """Return the cross position that needs most for a probe move after the trial, None where none is held."""
    changed = [line for line in trial.lines.values() if line.isolated is None and line.worst_gross]
    for _, symbol in reversed(trial.book.needs):
        if symbol not in trial.lines:
            changed.append(trial.book.lines[symbol])
            break
    return max(changed, key=lambda line: (line.need, line.contract.symbol), default=None)


def cross_rally(book: Book, corners: int | None = None) -> Decimal | None:
    """Return the joint rise of all coins that liquidates the shared linear wallet, None when none does.

    Exact: the positions are passed in the order in which they reach their next tier. With `corners`,
    at most so many are passed, and what is returned then is a rise that is survived at least.
    """
    totals = book.totals
    spare, slope, move = totals.spare, totals.slope, ZERO
    if spare <= 0 and book.needs:
        return ZERO
    for passed, (corner, bend) in enumerate(_corners(book)):
        reached = spare + slope * (corner - move)
        if reached <= 0:
            break
        if passed == corners:
            return move
        spare, slope, move = reached, slope - bend, corner
    return move - spare / slope if slope < 0 else None


def _corners(book: Book) -> Iterator[tuple[Decimal, Decimal]]:
    """Yield each rise at which a position reaches a tier, nearest first, and the margin per rise it adds."""
    later: list[tuple[Decimal, str, int]] = []
    for move, symbol in book.tiers:
        while later and later[0][0] <= move:
            yield _pass(book, later, heappop(later))
        yield _pass(book, later, (move, symbol, book.lines[symbol].tier + 1))
    while later:
        yield _pass(book, later, heappop(later))


def _pass(
    book: Book, later: list[tuple[Decimal, str, int]], corner: tuple[Decimal, str, int]
) -> tuple[Decimal, Decimal]:
    """Return one corner and its bend, and remember the same position's next one."""
    move, symbol, tier = corner
    line = book.lines[symbol]
    tiers = line.contract.tiers
    if tier + 1 < len(tiers):
        heappush(later, (tiers[tier + 1].floor / line.gross - ONE, symbol, tier + 1))
    return move, line.gross * (tiers[tier].rate - tiers[tier - 1].rate)
