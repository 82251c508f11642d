"""How wide a band should be, and what a band of that width costs: the cube-root law of QUANT 1.

w share, σ yearly volatility, γ relative risk aversion, ε one-way cost as a fraction of the trade,
α destination (0 trades back to the target, 1 to the edge), s = w (1 − w) σ.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from bot.domain.numbers import ONE, ZERO

THIRD = ONE / 3
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


@dataclass(frozen=True, slots=True, kw_only=True)
class BandOutlook:
    """What a band is expected to do in a year: fractions of the book, and trades (None when α = 1)."""

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


def clamped_destination(destination: Decimal, half_width_value: Decimal, min_notional: Decimal) -> Decimal:
    """Return a destination deep enough that the trade from the edge is worth the venue's minimum.

    α ≤ 1 − minimum / (W h), never below 0; `half_width_value` is W h in quote currency. QUANT 1.1.
    """
    if half_width_value <= 0:
        return ZERO
    return max(ZERO, min(destination, 1 - min_notional / half_width_value))
