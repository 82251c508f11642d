"""How wide a band should be, and what a band of that width costs: the cube-root law of QUANT 1.

w share, σ yearly volatility, γ relative risk aversion, ε one-way cost as a fraction of the trade,
α destination (0 trades back to the target, 1 to the edge), s = w (1 − w) σ.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from bot.domain.numbers import ONE, ZERO

THIRD = ONE / 3
PI = Decimal("3.141592653589793238462643383")
BETWEEN_LOOKS = Decimal("0.5825971579390106")  # −ζ(½) ÷ √(2π), Broadie, Glasserman and Kou
SMALLEST = Decimal("0.0001")


@lru_cache(maxsize=8192)
def optimal_half_width(share: Decimal, fee: Decimal, counter_fee: Decimal, risk_aversion: Decimal) -> Decimal:
    """Return the half-width h of the band around `share`, in the same unit as the share.

    h = (3 (ε + ε_counter) / (2 γ) · (w (1 − w))²)^⅓; the volatility cancels. QUANT 1.2.
    A share of the whole, or a trade that costs nothing, has no such optimum: a whole core of one asset
    cannot drift and gets the width 1, a free trade gets the smallest width there is a use for.
    """
    if share >= 1:
        return ONE
    product = 3 * (fee + counter_fee) / (2 * risk_aversion) * (share * (1 - share)) ** 2
    return max(product, SMALLEST**3) ** THIRD


def half_width_for(share: Decimal, volatility: Decimal, cost: Decimal, terms: tuple[Decimal, Decimal]) -> Decimal:
    """Return the optimal half-width for a destination; `terms` are (risk aversion, destination).

    h = (6 ε s² / (γ σ² (1 + α)(1 + α²)))^⅓. QUANT 1.1; at α = 1 it is `optimal_half_width`.
    """
    risk_aversion, destination = terms
    spread = (share * (1 - share) * volatility) ** 2
    curvature = risk_aversion * volatility**2 * (1 + destination) * (1 + destination**2)
    return (6 * cost * spread / curvature) ** THIRD


def universal_half_width(diffusion: Decimal, variance: Decimal, cost: Decimal, risk_aversion: Decimal) -> Decimal:
    """Return the half-width that is best for any exposure kept near a target, in the unit of the exposure.

    h = (3 ε s² / (2 γ a))^⅓: `diffusion` s is how far the exposure strays in a year untouched, `variance`
    a what one unit of it too much costs in yearly variance. For a hedge of H in another coin s = β H σ_rel
    and a = σ² of that coin (QUANT 2.3); for a share of the book it is `optimal_half_width` (QUANT 1.1).
    """
    return (3 * cost * diffusion**2 / (2 * risk_aversion * variance)) ** THIRD


def relative_volatility(one: Decimal, other: Decimal, correlation: Decimal) -> Decimal:
    """Return the yearly volatility of one coin's return less the other's: √(σ₁² + σ₂² − 2 ρ σ₁ σ₂)."""
    return (one**2 + other**2 - 2 * correlation * one * other).sqrt()


def fixed_cost_half_width(share: Decimal, fixed_cost: Decimal, risk_aversion: Decimal) -> Decimal:
    """Return the half-width where every trade costs the same, `fixed_cost` F being a share of the book.

    h = (12 F s² / (γ σ²))^¼ = (12 F (w (1 − w))² / γ)^¼, trading back to the target. QUANT 1.1.
    """
    return (12 * fixed_cost * (share * (1 - share)) ** 2 / risk_aversion).sqrt().sqrt()


def looked_at_half_width(half_width: Decimal, diffusion: Decimal, interval: Decimal) -> Decimal:
    """Return the half-width to use when one looks only every `interval` years, never below 0.

    h − 0.5826 s √dt: between two looks a share strays past its edge by so much on average. QUANT 1.1.
    """
    return max(ZERO, half_width - BETWEEN_LOOKS * diffusion * interval.sqrt())


def misfit(multiple: Decimal) -> Decimal:
    """Return how many times the least yearly loss a band of `multiple` × the best width loses.

    J(k h*) / J* = k² / 3 + 2 / (3 k); 1 at k = 1. QUANT 1.1.
    """
    return multiple**2 / 3 + 2 / (3 * multiple)


@dataclass(frozen=True, slots=True, kw_only=True)
class BandOutlook:
    """What a rule is expected to do in a year: fractions of the book, and trades (None when α = 1)."""

    tracking_error: Decimal
    cost: Decimal
    trades: Decimal | None


def outlook(half_width: Decimal, diffusion: Decimal, cost: Decimal, destination: Decimal) -> BandOutlook:
    """Return the expected tracking error, cost and trades of one year; `diffusion` is s = w (1 − w) σ.

    rms² = h² (1 + α²) / 6; cost = ε s² / (h (1 + α)); trades = s² / (h² (1 − α²)). QUANT 1.1.
    """
    squared = diffusion**2
    inside = 1 - destination**2
    return BandOutlook(
        tracking_error=half_width * ((1 + destination**2) / 6).sqrt(),
        cost=cost * squared / (half_width * (1 + destination)),
        trades=squared / (half_width**2 * inside) if inside else None,
    )


def calendar_outlook(interval: Decimal, diffusion: Decimal, cost: Decimal) -> BandOutlook:
    """Return the same for trading back to the target every `interval` years, whatever the drift.

    rms = s √(T / 2); cost = ε s √(2 / (π T)); 1 / T trades. QUANT 1.1.
    """
    return BandOutlook(
        tracking_error=diffusion * (interval / 2).sqrt(),
        cost=cost * diffusion * (2 / (PI * interval)).sqrt(),
        trades=1 / interval,
    )


def yearly_loss(expected: BandOutlook, volatility: Decimal, risk_aversion: Decimal) -> Decimal:
    """Return what a rule costs in a year with its straying counted as a cost, a fraction of the book.

    J = γ σ² / 2 × rms² + cost, `volatility` σ that of one unit too much. QUANT 1.
    """
    return risk_aversion * (volatility * expected.tracking_error) ** 2 / 2 + expected.cost


def clamped_destination(destination: Decimal, half_width_value: Decimal, min_notional: Decimal) -> Decimal:
    """Return a destination deep enough that the trade from the edge is worth the venue's minimum.

    α ≤ 1 − minimum / (W h), never below 0; `half_width_value` is W h in quote currency. QUANT 1.1.
    """
    if half_width_value <= 0:
        return ZERO
    return max(ZERO, min(destination, 1 - min_notional / half_width_value))
