"""Do our bands save what QUANT 1.3 promises? Simulated years of weights, traded by our own rules.

Every coin drifts nowhere and is looked at once a step. A rule is charged its cost in basis points of the
book a year, and its tracking error √(x′ Σ x), x being what it leaves displaced until the next look. Rules
are compared at equal tracking error: ours is as wide as makes it stray as far as the other.
`python benchmarks/goals.py` prints all of it in eight minutes.
"""

import random
from collections.abc import Callable, Sequence
from decimal import Decimal
from math import exp, log, sqrt
from typing import NamedTuple

from bot.policy.core.bands import optimal_half_width
from bot.policy.core.rebalance import trades_to_bands

DAYS = 365
FEE = 0.001  # a side, on both legs
TYPICAL = 0.018  # what our rule strays at a risk aversion of 1: where the search begins

Growth = Sequence[tuple[float, ...]]
Rule = Callable[[int, list[float]], list[float] | None]
"""From the step's number and the displacements to the trades, shares of the book; None for no trade."""


class Universe(NamedTuple):
    """Target shares of the book, yearly volatilities and correlations."""

    shares: tuple[float, ...]
    volatilities: tuple[float, ...]
    correlations: tuple[tuple[float, ...], ...]

    def covariance(self) -> list[list[float]]:
        """The yearly covariance of the coins' returns."""
        row = self.volatilities
        return [
            [v * w * c for w, c in zip(row, line, strict=True)] for v, line in zip(row, self.correlations, strict=True)
        ]


class Kept(NamedTuple):
    """What a rule did to a book: yearly tracking error (a fraction), cost (bp of the book), rebalances."""

    error: float
    cost: float
    trades: float

    def loss(self, weight: float) -> float:
        """The objective λ × error² + cost, in basis points."""
        return weight * self.error**2 * 10_000 + self.cost


def alike(count: int, correlation: float) -> tuple[tuple[float, ...], ...]:
    """A correlation matrix in which every pair has the same correlation."""
    return tuple(tuple(1.0 if i == j else correlation for j in range(count)) for i in range(count))


SEED = Universe((0.5, 0.3, 0.2), (0.6, 0.75, 0.95), ((1, 0.8, 0.65), (0.8, 1, 0.7), (0.65, 0.7, 1)))
UNIVERSES = {
    "2 assets 60/40": Universe((0.6, 0.4), (0.6, 0.75), alike(2, 0.8)),
    "3 assets 50/30/20": SEED,
    "3x1/3": Universe((1 / 3, 1 / 3, 1 / 3), SEED.volatilities, SEED.correlations),
    "70/20/10": Universe((0.7, 0.2, 0.1), SEED.volatilities, SEED.correlations),
    "5 assets 40/25/15/10/10": Universe((0.4, 0.25, 0.15, 0.1, 0.1), (0.6, 0.75, 0.95, 1.0, 1.1), alike(5, 0.65)),
}


def growth(universe: Universe, years: int, looks: int, seed: int) -> Growth:
    """The growth factors of every step of so many years, `looks` steps a day, each with a mean of 1."""
    chance, step = random.Random(seed), 1 / (DAYS * looks)
    factor = _triangle(universe.covariance())
    lean = [-v * v * step / 2 for v in universe.volatilities]
    spread = [[entry * sqrt(step) for entry in row] for row in factor]
    made = []
    for _ in range(years * DAYS * looks):
        draws = [chance.gauss(0.0, 1.0) for _ in lean]
        made.append(
            tuple(
                exp(start + sum(entry * draw for entry, draw in zip(row, draws, strict=False)))
                for start, row in zip(lean, spread, strict=True)
            )
        )
    return made


def _triangle(matrix: list[list[float]]) -> list[list[float]]:
    """The rows of the lower Cholesky factor, without the zeros."""
    rows: list[list[float]] = []
    for i, line in enumerate(matrix):
        row: list[float] = []
        for j in range(i + 1):
            rest = line[j] - sum(a * b for a, b in zip(row, rows[j] if j < i else row, strict=False))
            row.append(sqrt(rest) if i == j else rest / rows[j][j])
        rows.append(row)
    return rows


def keep(universe: Universe, path: Growth, looks: int, rule: Rule) -> Kept:
    """Follow the path with a rule and say what it strayed and cost."""
    target, covariance = universe.shares, universe.covariance()
    gaps, shares = [0.0] * len(target), list(target)
    strayed = cost = 0.0
    trades = 0
    for number, factors in enumerate(path, start=1):
        grown = [share * factor for share, factor in zip(shares, factors, strict=True)]
        whole = sum(grown)
        gaps = [value / whole - wanted for value, wanted in zip(grown, target, strict=True)]
        traded = rule(number, gaps)
        if traded is not None:
            gaps = [gap + trade for gap, trade in zip(gaps, traded, strict=True)]
            cost += FEE * sum(map(abs, traded))
            trades += 1
        shares = [wanted + gap for wanted, gap in zip(target, gaps, strict=True)]
        for gap, row in zip(gaps, covariance, strict=True):
            if gap:
                strayed += gap * sum(one * other for one, other in zip(row, gaps, strict=True))
    years = len(path) / (DAYS * looks)
    return Kept(sqrt(strayed / len(path)), cost * 10_000 / years, trades / years)


def calendar(steps: int) -> Rule:
    """Back to the target every so many steps."""
    return lambda number, gaps: [-gap for gap in gaps] if number % steps == 0 else None


def threshold(widths: Sequence[float]) -> Rule:
    """Everything back to the target when one share has strayed further than its width."""

    def rule(_: int, gaps: list[float]) -> list[float] | None:
        if all(abs(gap) <= width for gap, width in zip(gaps, widths, strict=True)):
            return None
        return [-gap for gap in gaps]

    return rule


def our_widths(universe: Universe, risk_aversion: float) -> list[Decimal]:
    """What `optimal_half_width` says of every share at 10 bp a side."""
    fee, gamma = Decimal(str(FEE)), Decimal(repr(risk_aversion))
    return [optimal_half_width(Decimal(repr(share)), fee, fee, gamma) for share in universe.shares]


def bands(widths: Sequence[Decimal], destination: float) -> Rule:
    """Our rule: the trades of `trades_to_bands` when a share has strayed further than its width."""
    names = [f"asset {n}" for n in range(len(widths))]
    edges, of = [float(width) for width in widths], dict(zip(names, widths, strict=True))
    inner = dict.fromkeys(names, Decimal(str(destination)))

    def rule(_: int, gaps: list[float]) -> list[float] | None:
        if all(abs(gap) <= edge for gap, edge in zip(gaps, edges, strict=True)):
            return None
        trades = trades_to_bands({n: Decimal(gap) for n, gap in zip(names, gaps, strict=True)}, of, inner)
        return [float(trades.get(name, 0)) for name in names]

    return rule


def at_equal_error(universe: Universe, path: Growth, looks: int, destination: float, error: float) -> Kept:
    """Our rule as wide as strays `error`: cost and rebalances read from two widths near it.

    The error grows as the width, the width as the cube root of 1 ÷ risk aversion.
    """
    gamma = (TYPICAL / error) ** 3
    one = keep(universe, path, looks, bands(our_widths(universe, gamma), destination))
    gamma *= (one.error / error) ** 3
    other = keep(universe, path, looks, bands(our_widths(universe, gamma), destination))
    part = log(error / one.error) / log(other.error / one.error)
    return Kept(error, _between(one.cost, other.cost, part), _between(one.trades, other.trades, part))


def _between(one: float, other: float, part: float) -> float:
    return one * exp(part * log(other / one))


def saving(baseline: Kept, ours: Kept) -> float:
    """The fraction of the baseline's cost that ours does not spend."""
    return 1 - ours.cost / baseline.cost


def baselines(universe: Universe) -> dict[str, Rule]:
    """The four rules of others that ours is held against."""
    return {
        "every 7 days": calendar(7),
        "every 30 days": calendar(30),
        "beyond 5 %": threshold([0.05] * len(universe.shares)),
        "beyond a quarter": threshold([share / 4 for share in universe.shares]),
    }


def least_loss(path: Growth, weight: float) -> float:
    """The least λ × error² + cost of our rule on the seed book, λ being `weight`, in basis points.

    Our width is that of a continuous look at γ = 2 λ; with daily looks somewhat less is best.
    """
    tried = []
    for narrower in (1.0, 0.96, 0.92):
        widths = our_widths(SEED, 2 * weight / narrower**3)
        tried.append(keep(SEED, path, 1, bands(widths, 1.0)).loss(weight))
    return min(tried)


def main() -> None:
    """Print the figures of QUANT 1.3 as our own rule makes them."""
    path = growth(SEED, 3000, 1, seed=1)
    print("Cost in bp of the book a year, rebalances a year; 3,000 years, looked at daily")
    for name, rule in baselines(SEED).items():
        compare(name, (SEED, path, 1), rule)
    print("\nLoss λ × error² + cost in bp, to the edge, at the best width")
    for weight in (0.5, 1.0, 2.0, 4.0):
        print(f"  λ {weight}: {least_loss(path, weight):.2f}")
    print("\n150 years, looked at hourly")
    compare("every day", (SEED, growth(SEED, 150, 24, seed=2), 24), calendar(24))
    for name, universe in UNIVERSES.items():
        print(f"\n{name}, 1,000 years, looked at daily")
        path = growth(universe, 1000, 1, seed=3)
        for baseline, rule in baselines(universe).items():
            compare(baseline, (universe, path, 1), rule, destinations=(0.75,))


def compare(
    name: str, world: tuple[Universe, Growth, int], rule: Rule, destinations: tuple[float, ...] = (1.0, 0.75, 0.5)
) -> None:
    """Print one rule of others, and ours at its tracking error for each destination."""
    theirs = keep(*world, rule)
    print(f"  {name:<17} error {theirs.error:.3%}  cost {theirs.cost:5.2f} in {theirs.trades:.1f}", flush=True)
    for destination in destinations:
        ours = at_equal_error(*world, destination, theirs.error)
        share = f"{saving(theirs, ours):.1%} saved"
        print(
            f"    bands to {destination:<4}                cost {ours.cost:5.2f} in {ours.trades:.1f}  {share}",
            flush=True,
        )


if __name__ == "__main__":
    main()
