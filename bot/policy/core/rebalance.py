"""Zero-sum trades that bring breached assets back inside their bands and disturb nothing else."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from bot.domain.numbers import ZERO

Need = tuple[str, Decimal, Decimal]
"""An asset, its displacement (positive) and its half-width."""


def water_fill(total: Decimal, needs: Sequence[Need]) -> dict[str, Decimal]:
    """Return how `total` is shared out, the most relatively displaced first, summing to `total`.

    Amounts bring displacement ÷ half-width down to one common level: amount = max(0, d − level·h).
    Beyond all displacements together the rest is shared by half-width.
    """
    if total <= 0 or not needs:
        return {}
    ranked = sorted(needs, key=lambda need: (-need[1] / need[2], need[0]))
    displaced = widths = level = ZERO
    filled = 0
    for filled, (_, displacement, width) in enumerate(ranked, start=1):
        displaced += displacement
        widths += width
        level = (displaced - total) / widths
        following = ranked[filled] if filled < len(ranked) else None
        if following and level >= following[1] / following[2]:
            break
    amounts = {asset: displacement - level * width for asset, displacement, width in ranked[:filled]}
    return {asset: amount for asset, amount in amounts.items() if amount > 0}


def trades_to_bands(
    displacements: Mapping[str, Decimal],
    half_widths: Mapping[str, Decimal],
    destinations: Mapping[str, Decimal],
) -> dict[str, Decimal]:
    """Return the zero-sum trade of each asset: shares, positive to buy; assets without one are left out.

    A breached asset goes to destination × half-width. What that leaves unbalanced goes to the
    opposite side, water-filled. `displacements` (actual − target) must sum to zero. QUANT 1.2.
    """
    trades: dict[str, Decimal] = {}
    for asset, displacement in displacements.items():
        width = half_widths[asset]
        if abs(displacement) > width:
            inner = width * destinations[asset]
            trades[asset] = -displacement + (inner if displacement > 0 else -inner)
    imbalance = sum(trades.values(), ZERO)
    if imbalance:
        sign = 1 if imbalance < 0 else -1
        left = {asset: displacement + trades.get(asset, ZERO) for asset, displacement in displacements.items()}
        needs = [(asset, abs(x), half_widths[asset]) for asset, x in left.items() if x * sign < 0]
        for asset, amount in water_fill(abs(imbalance), needs).items():
            trades[asset] = trades.get(asset, ZERO) + sign * amount
    return {asset: trade for asset, trade in trades.items() if trade}
