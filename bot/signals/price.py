"""What closes say: how far from an average, how far below the top, how restless."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from bot.signals.window import Missing, Window

DIGITS = 12  # significant: fewer than a float has, so that another processor's last bits change nothing
HOURS_A_YEAR = Decimal(8760)


def over_average(bars: Window, periods: int) -> Decimal:
    """Return newest close ÷ EMA(periods) − 1: a fraction, negative below the average."""
    return bars.values[-1] / ema(bars.values, periods) - 1


def cross(bars: Window, fast: int, slow: int) -> Decimal:
    """Return EMA(fast) ÷ EMA(slow) − 1: a fraction, positive in a rise. Each EMA begins in its own 4 n + 1 bars."""
    return ema(bars.values[-4 * fast - 1 :], fast) / ema(bars.values[-4 * slow - 1 :], slow) - 1


def drawdown(bars: Window) -> Decimal:
    """Return 1 − newest close ÷ highest close: a fraction of 0 or more."""
    return 1 - bars.values[-1] / max(bars.values)


def volatility(bars: Window, periods: int, bar_hours: int) -> Decimal | Missing:
    """Return the yearly volatility, a fraction: √(EMA(periods) of squared log returns × bars in a year).

    Missing when no close moved: a market that stands still is a fault of the source, not a riskless coin.
    """
    squares = [(later / earlier).ln() ** 2 for earlier, later in pairwise(bars.values)]
    if not any(squares):
        return Missing(why=f"no close moved in {len(bars.values)} bars", at=bars.at)
    return (ema(squares, periods) * HOURS_A_YEAR / bar_hours).sqrt()


def ema(values: Sequence[Decimal], periods: int) -> Decimal:
    """Return the exponential moving average at the last value, k = 2/(n+1), to 12 significant digits.

    Seeded as TA-Lib does: the mean of the first n values stands at the n-th (QUANT 5).
    """
    if periods == 1:  # k is 1, and TA-Lib takes 2 or more
        return values[-1]
    import numpy
    import talib

    averages = talib.EMA(numpy.array([float(value) for value in values]), timeperiod=periods)
    return Decimal(f"{averages[-1]:.{DIGITS}g}")
