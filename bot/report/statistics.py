"""Statistics of returns, in float: shares and ratios, never money. 365 days a year; the market never closes.

Formulas and their names are QUANT 2.1 and 7. The accumulators keep a few numbers, not the series.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

YEAR = 365

MOST_ADDED = 1_000


@dataclass(slots=True)
class Moments:
    """Count, mean and squared deviations of numbers seen one by one (Welford), and their downside.

    `below` is Σ min(x, 0)². Variances divide by n − 1.
    """

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0
    below: float = 0.0

    def add(self, number: float) -> None:
        """Count one number."""
        self.count += 1
        gap = number - self.mean
        self.mean += gap / self.count
        self.squares += gap * (number - self.mean)
        self.below += min(number, 0.0) ** 2

    @property
    def deviation(self) -> float | None:
        """The sample standard deviation, None below two numbers."""
        return sqrt(self.squares / (self.count - 1)) if self.count > 1 else None

    @property
    def volatility(self) -> float | None:
        """The deviation of daily returns as a yearly one: σ × √365."""
        return None if self.deviation is None else self.deviation * sqrt(YEAR)

    @property
    def sharpe(self) -> float | None:
        """Mean ÷ deviation × √365, without a riskless rate; None where nothing varies."""
        return self.mean / self.deviation * sqrt(YEAR) if self.deviation else None

    @property
    def sortino(self) -> float | None:
        """Mean ÷ √(Σ min(r, 0)² ÷ n) × √365, the downside over all n; None without a loss."""
        return self.mean / sqrt(self.below / self.count) * sqrt(YEAR) if self.below else None


def moments(numbers: Iterable[float]) -> Moments:
    """Return the moments of all numbers."""
    seen = Moments()
    for number in numbers:
        seen.add(number)
    return seen


def effectiveness(hedged: Moments, unhedged: Moments) -> float | None:
    """Return the hedge effectiveness 1 − var(hedged) ÷ var(unhedged); None where there was nothing to hedge.

    Ederington; 1 removes all variance, below 0 adds some. Coins that vary a thousand times less than the book
    are dust, and no hedge of theirs is measured against them.
    """
    if not unhedged.squares or hedged.squares > MOST_ADDED * unhedged.squares:
        return None
    return 1 - hedged.squares / unhedged.squares


def minimum_variance_ratio(spot: Sequence[float], futures: Sequence[float]) -> float | None:
    """Return h* = cov(ΔS, ΔF) ÷ var(ΔF), None where the future never varied. QUANT 2.1."""
    mean_s, mean_f = sum(spot) / len(spot), sum(futures) / len(futures)
    variance = sum((f - mean_f) ** 2 for f in futures)
    if not variance:
        return None
    return sum((s - mean_s) * (f - mean_f) for s, f in zip(spot, futures, strict=True)) / variance


def max_drawdown(values: Iterable[float]) -> float:
    """Return the deepest fall from a peak, min(value ÷ highest so far − 1): zero or negative."""
    peak, deepest = 0.0, 0.0
    for value in values:
        peak = max(peak, value)
        deepest = min(deepest, value / peak - 1) if peak else deepest
    return deepest


def time_weighted(periods: Iterable[tuple[float, float]]) -> float:
    """Return Π (end ÷ start) − 1; each period starts after its flow and ends before the next one."""
    growth = 1.0
    for start, end in periods:
        growth *= end / start
    return growth - 1


def modified_dietz(start: float, end: float, days: float, flows: Sequence[tuple[float, float]]) -> float:
    """Return (V1 − V0 − F) ÷ (V0 + Σ w F), w = (days − day) ÷ days; `flows` are (day, amount), deposits positive."""
    total = sum(amount for _, amount in flows)
    weighted = sum(amount * (days - day) / days for day, amount in flows)
    return (end - start - total) / (start + weighted)


def annualised(growth: float, days: float) -> float:
    """Return a return over `days` as a compound yearly one: (1 + r)^(365 ÷ days) − 1; a total loss stays one."""
    return float(max(1 + growth, 0.0) ** (YEAR / days)) - 1
