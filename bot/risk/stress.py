"""What a whole wallet survives when every coin in it moves at once (QUANT 4.1, joint shock), exactly.

A linear wallet counts in the quote currency and is linear in the move. A coin-margined wallet counts
in its coin and is linear in 1 ÷ price. Margin is piecewise linear in both, so the corners where a tier
changes are walked in order.
"""

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


class CoinHolding(NamedTuple):
    """One position of a coin-margined wallet: signed contracts of `face` quote currency, tiers in coins."""

    contracts: Decimal
    face: Decimal
    entry: Decimal
    mark: Decimal
    tiers: Sequence[MaintenanceTier]


class Borders(NamedTuple):
    """The prices of one symbol below and above which its wallet is liquidated, None where there is none."""

    below: Decimal | None
    above: Decimal | None


class _Corner(NamedTuple):
    """A move at which a tier changes or a price reaches zero, and by how much the slope changes there."""

    move: Decimal
    bend: Decimal


def survivable_move(wallet: Decimal, holdings: Sequence[Holding], *, up: bool) -> Decimal | None:
    """Return the joint rise (or fall) that liquidates the wallet, a fraction; None when none does.

    Solves WB + Σ q × (mark × (1 + βx) − EP) = Σ MM(x) for the smallest x ≥ 0 upward, −x downward.
    Prices stop at zero. Both sides are piecewise linear and continuous, so the corners are walked in
    order and the answer is exact; zero when the wallet is at or below its margin already. A beta of
    zero stands still, a negative one moves the other way.
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


def inverse_survivable_move(balance: Decimal, holdings: Sequence[CoinHolding], *, up: bool) -> Decimal | None:
    """Return the rise (or fall) of the coin that liquidates its coin-margined wallet, a fraction; None when none does.

    `balance` and tiers are in the coin, which every contract of the wallet follows alike (perpetual and
    dated). With y = 1 ÷ (1 + x), B + Σ n F × (1 ÷ EP − y ÷ mark) = Σ MM(|n| F y ÷ mark) is solved for the
    first y from 1 toward 0 (a rise) or upward (a fall). A short against its own coins has none. QUANT 4.2.
    """
    spare, slope = balance, ZERO
    corners: list[_Corner] = []
    for holding in holdings:
        coins = holding.contracts * holding.face / holding.mark
        number = tier_number(holding.tiers, abs(coins))
        tier = holding.tiers[number]
        gained = holding.contracts * holding.face / holding.entry - coins
        spare += gained - abs(coins) * tier.rate + tier.deduction
        slope -= coins + abs(coins) * tier.rate  # of y: a higher y is a lower price
        corners.extend(_coin_corners(holding.tiers, abs(coins), number, up=up))
    if spare <= 0:
        return ZERO
    gone = _first_root(spare, -slope if up else slope, sorted(corners))
    if gone is None:
        return None
    if not up:
        return gone / (ONE + gone)
    return gone / (ONE - gone) if gone < ONE else None


def cross_prices(wallet: Decimal, legs: Sequence[Holding], others: Sequence[Holding] = ()) -> Borders:
    """Return the prices of one symbol between which its cross wallet lives while the other symbols stand still.

    `legs` are its position, or in hedge mode its long and its short, at one mark: each brings its own
    margin, each in the tier of its own notional at the border. WB − TMM + UPNL + Σ cum − Σ q × EP over
    Σ |q| × MMR − Σ q; Binance FAQ b3c689c1f50a44cabb3a84e663b81d93. Both sides open, a border may lie on
    each side; at or below its margin already, both are the mark.
    """
    mark = legs[0].mark
    still = [*(leg._replace(beta=ONE) for leg in legs), *(other._replace(beta=ZERO) for other in others)]
    fall, rise = survivable_move(wallet, still, up=False), survivable_move(wallet, still, up=True)
    return Borders(
        None if fall is None or fall >= ONE else mark * (ONE - fall),
        None if rise is None else mark * (ONE + rise),
    )


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
    pace = abs(holding.beta)
    scale = notional * pace
    if not scale:
        return []
    now = tier_number(tiers, notional)
    if up is (holding.beta > 0):
        return [
            _Corner((tiers[n].floor - notional) / scale, -scale * (tiers[n].rate - tiers[n - 1].rate))
            for n in range(now + 1, len(tiers))
        ]
    falling = [
        _Corner((notional - tiers[n].floor) / scale, -scale * (tiers[n].rate - tiers[n - 1].rate))
        for n in range(now, 0, -1)
    ]
    flat = (holding.quantity - abs(holding.quantity) * tiers[0].rate) * holding.mark * pace
    return [*falling, _Corner(ONE / pace, flat)]


def _coin_corners(tiers: Sequence[MaintenanceTier], coins: Decimal, now: int, *, up: bool) -> list[_Corner]:
    """Return by how much 1 ÷ price has moved, and the bend, where unsigned coins reach another tier."""
    if not coins:
        return []
    if up:
        return [
            _Corner(ONE - tiers[n].floor / coins, -coins * (tiers[n].rate - tiers[n - 1].rate))
            for n in range(now, 0, -1)
        ]
    return [
        _Corner(tiers[n].floor / coins - ONE, -coins * (tiers[n].rate - tiers[n - 1].rate))
        for n in range(now + 1, len(tiers))
    ]


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
