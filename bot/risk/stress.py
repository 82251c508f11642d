"""What a whole linear wallet survives when every coin moves at once (QUANT 4.1, joint shock)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from bot.domain.instrument import MaintenanceTier
from bot.domain.numbers import ONE, ZERO
from bot.risk.margin import tier_number


class Holding(NamedTuple):
    """One cross position of a linear wallet: signed coins, prices in quote currency, beta to the common move."""

    quantity: Decimal
    entry: Decimal
    mark: Decimal
    tiers: Sequence[MaintenanceTier]
    beta: Decimal = ONE


class _Corner(NamedTuple):
    """A move at which a tier changes or a price reaches zero, and by how much the slope changes there."""

    move: Decimal
    bend: Decimal


def survivable_move(wallet: Decimal, holdings: Sequence[Holding], *, up: bool) -> Decimal | None:
    """Return the joint rise (or fall) that liquidates the wallet, a fraction; None when none does.

    Solves WB + Σ q × (mark × (1 + βx) − EP) = Σ MM(x) for the smallest x ≥ 0 upward, −x downward.
    Prices stop at zero. Both sides are piecewise linear and continuous, so the corners are walked in
    order and the answer is exact; zero when the wallet is at or below its margin already.
    """
    spare, slope = wallet, ZERO
    corners: list[_Corner] = []
    for holding in holdings:
        spare += holding.quantity * (holding.mark - holding.entry) - _margin(holding)
        slope += _slope(holding, up=up)
        corners.extend(_corners(holding, up=up))
    if spare <= 0:
        return ZERO
    return _first_root(spare, slope, sorted(corners))


def _first_root(spare: Decimal, slope: Decimal, corners: Sequence[_Corner]) -> Decimal | None:
    """Return where the line that starts at `spare` and bends at the corners first reaches zero."""
    move = ZERO
    for corner in corners:
        reached = spare + slope * (corner.move - move)
        if reached <= 0:
            break
        spare, slope, move = reached, slope + corner.bend, corner.move
    return move - spare / slope if slope < 0 else None


def _notional(holding: Holding) -> Decimal:
    return abs(holding.quantity) * holding.mark


def _margin(holding: Holding) -> Decimal:
    tier = holding.tiers[tier_number(holding.tiers, _notional(holding))]
    return _notional(holding) * tier.rate - tier.deduction


def _slope(holding: Holding, *, up: bool) -> Decimal:
    """Return by how much equity less margin changes for a move of 1, at the start."""
    tier = holding.tiers[tier_number(holding.tiers, _notional(holding))]
    gain = (holding.quantity - abs(holding.quantity) * tier.rate) * holding.mark * holding.beta
    return gain if up else -gain


def _corners(holding: Holding, *, up: bool) -> list[_Corner]:
    """Return the moves at which one position leaves a tier, or, falling, is worth nothing."""
    notional, tiers = _notional(holding), holding.tiers
    scale = notional * holding.beta
    if not scale:
        return []
    now = tier_number(tiers, notional)
    if up:
        return [
            _Corner((tiers[n].floor - notional) / scale, -scale * (tiers[n].rate - tiers[n - 1].rate))
            for n in range(now + 1, len(tiers))
        ]
    falling = [
        _Corner((notional - tiers[n].floor) / scale, -scale * (tiers[n].rate - tiers[n - 1].rate))
        for n in range(now, 0, -1)
    ]
    flat = (holding.quantity - abs(holding.quantity) * tiers[0].rate) * holding.mark * holding.beta
    return [*falling, _Corner(ONE / holding.beta, flat)]


def adverse_move(tiers: Sequence[MaintenanceTier], *, gross: Decimal, spare: Decimal, short: bool) -> Decimal | None:
    """Return the move against one position that uses up `spare`, a fraction of its mark; None when none does.

    `gross` is its notional at the mark, `spare` the equity above maintenance margin it can lose.
    Short: N(1 + d) × (1 + MMR) − cum = spare + MM(N) + N; long: N(1 − d) × (1 − MMR) + cum =
    N − spare − MM(N), the tier being that of the notional reached. The mark form of QUANT 4.1.
    """
    if spare <= 0:
        return ZERO
    number = tier_number(tiers, gross)
    start = spare + gross * tiers[number].rate - tiers[number].deduction
    return _rise(tiers, number, gross, start) if short else _fall(tiers, number, gross, start)


def _rise(tiers: Sequence[MaintenanceTier], number: int, gross: Decimal, start: Decimal) -> Decimal:
    last = len(tiers) - 1
    while True:
        reached = (start + gross + tiers[number].deduction) / (ONE + tiers[number].rate)
        if number == last or reached <= tiers[number + 1].floor:
            return reached / gross - ONE
        number += 1


def _fall(tiers: Sequence[MaintenanceTier], number: int, gross: Decimal, start: Decimal) -> Decimal | None:
    for tier in reversed(tiers[: number + 1]):
        reached = (gross - start - tier.deduction) / (ONE - tier.rate)
        if reached >= tier.floor:
            return ONE - reached / gross if reached > 0 else None
    return None
