"""How one coin moves with another: beta, and how much of its risk a hedge with the other would take away."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from bot.domain.numbers import ONE, ZERO
from bot.signals.window import Missing, Window

DECAY = Decimal("0.97")  # of yesterday's weight, the best of those measured out of sample (QUANT 2.3)


def beta_between(coin: Window, other: Window) -> Decimal | Missing:
    """Return the coin's EWMA beta against the other: its per cent for one per cent of the other."""
    pair = _returns(coin, other)
    return pair if isinstance(pair, Missing) else ewma_beta(*pair)


def effectiveness_between(coin: Window, other: Window) -> Decimal | Missing:
    """Return how much of the coin's variance a hedge with the other at its EWMA beta would have taken away."""
    pair = _returns(coin, other)
    return pair if isinstance(pair, Missing) else effectiveness(*pair, ewma_beta(*pair))


def ewma_beta(coin: Sequence[Decimal], other: Sequence[Decimal], decay: Decimal = DECAY) -> Decimal:
    """Return C/V of two series of returns: C ← λC + (1−λ)·y·x, V ← λV + (1−λ)·x² (QUANT 2.1).

    Means are taken as zero; C and V begin with the first product.
    """
    together, alone = coin[0] * other[0], other[0] ** 2
    for mine, others in zip(coin[1:], other[1:], strict=True):
        together = decay * together + (ONE - decay) * mine * others
        alone = decay * alone + (ONE - decay) * others**2
    return together / alone


def effectiveness(coin: Sequence[Decimal], other: Sequence[Decimal], beta: Decimal) -> Decimal:
    """Return 1 − var(y − βx) ÷ var(y), Ederington's (QUANT 2.1): 1 is perfect, below 0 the hedge adds risk."""
    hedged = [mine - beta * others for mine, others in zip(coin, other, strict=True)]
    return ONE - _spread(hedged) / _spread(coin)


def _returns(coin: Window, other: Window) -> tuple[list[Decimal], list[Decimal]] | Missing:
    """Return the simple returns of both over the same bars; Missing when the bars differ or one stands still."""
    if coin.at != other.at:
        older = min(coin.at, other.at)
        return Missing(why=f"the newest bars closed at {coin.at:%d %H:%M} and {other.at:%d %H:%M} UTC", at=older)
    mine, others = _simple(coin), _simple(other)
    if not any(mine) or not any(others):
        return Missing(why=f"no close of one of the two moved in {len(coin.values)} bars", at=coin.at)
    return mine, others


def _simple(bars: Window) -> list[Decimal]:
    return [later / earlier - 1 for earlier, later in pairwise(bars.values)]


def _spread(values: Sequence[Decimal]) -> Decimal:
    """Return the sum of squared distances from the mean."""
    mean = sum(values, ZERO) / len(values)
    return sum(((value - mean) ** 2 for value in values), ZERO)
