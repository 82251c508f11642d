"""What funding and open interest say: who pays to stay in, and how unusual that is for the coin."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from bot.domain.numbers import ZERO
from bot.domain.reading import FundingPoint
from bot.signals.window import DAY, JITTER, Missing, Window

HOURS_A_YEAR = Decimal(8760)

Settled = tuple[FundingPoint, ...]


def yearly_funding(points: Settled) -> Decimal:
    """Return Σ rate ÷ Σ hours × 8,760: a fraction a year, simple, positive when shorts are paid (QUANT 3).

    Over the real intervals: of equal ones this is the mean rate × 8,760 ÷ interval.
    """
    return sum((point.rate for point in points), ZERO) * HOURS_A_YEAR / _hours(points)


def funding_per_8h(point: FundingPoint) -> Decimal:
    """Return a settlement's rate per 8 hours, a fraction of the notional, positive when shorts were paid."""
    return point.rate * 8 / point.interval_hours


def paid_share(points: Settled) -> Decimal:
    """Return the share of intervals in which shorts were paid; a rate of zero pays nobody."""
    return Decimal(sum(point.rate > 0 for point in points)) / len(points)


def funding_percentile(points: Settled, days: int) -> Decimal:
    """Return where the newest day's funding stands among the other days of `days`: 0 lowest, 1 highest.

    Days are 24 hours ending with the newest settlement.
    """
    newest = points[-1].at
    sums = [ZERO] * days
    for point in points:
        sums[_days_before(newest, point.at)] += point.rate
    return standing(sums[0], sums[1:])


def interest_percentile(interest: Window, change: int, look_back: int) -> Decimal | Missing:
    """Return where the newest change over `change` bars stands among the other ones of `look_back`: 0 to 1.

    A change is the logarithm of open interest in coins now ÷ before (QUANT 5). Missing when a value is zero.
    """
    coins = interest.values
    if min(coins) <= 0:
        return Missing(why="open interest of zero coins was reported", at=interest.at)
    changes = [(later / earlier).ln() for earlier, later in zip(coins, coins[change:], strict=False)]
    return standing(changes[-1], changes[-look_back:-1])


def standing(newest: Decimal, others: Sequence[Decimal]) -> Decimal:
    """Return the share of `others` below `newest`, equal ones counted half: 0 lowest, 1 highest.

    Half, because funding rests at one and the same rate for days: then nothing is unusual.
    """
    below = sum(one < newest for one in others)
    equal = sum(one == newest for one in others)
    return (Decimal(below) + Decimal(equal) / 2) / len(others)


def _days_before(newest: datetime, at: datetime) -> int:
    return (newest - at + JITTER) // DAY


def _hours(points: Settled) -> Decimal:
    return sum((point.interval_hours for point in points), ZERO)
