"""The return on the money that was there: money-weighted, the one rate that makes all flows come out."""

from collections.abc import Sequence

LOWEST, HIGHEST = -0.999_999, 1e6  # returns of a period between which the rate is looked for
ROUNDS = 200


def money_weighted(start: float, end: float, flows: Sequence[tuple[float, float]]) -> float | None:
    """Return the rate r of the period with start (1 + r) + Σ flow (1 + r)^w = end, None where no rate does it.

    `flows` are (w, amount): the share of the period that was left, deposits positive. QUANT 7: IRR.
    """

    def gap(rate: float) -> float:
        return start * (1 + rate) + sum(amount * float((1 + rate) ** left) for left, amount in flows) - end

    low, high = LOWEST, HIGHEST
    if gap(low) * gap(high) > 0:
        return None
    rises = gap(high) > gap(low)
    for _ in range(ROUNDS):
        middle = (low + high) / 2
        if (gap(middle) < 0) is rises:
            low = middle
        else:
            high = middle
    return (low + high) / 2
