"""Amounts by sleeve and source while they are being counted, and the rounding of the books."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal

from bot.domain.order import Sleeve
from bot.domain.record import Source

Tally = dict[tuple[Sleeve, Source], Decimal]

UNIT = Decimal("0.000000000001")  # what amounts are rounded to, so that their sums are exact in 28 digits
_PLACES = -12


def new_tally() -> Tally:
    """Return a tally of nothing."""
    return defaultdict(Decimal)


def share_out(tally: Tally, shares: Mapping[Sleeve, Decimal], source: Source, amount: Decimal) -> None:
    """Count `amount` (quote currency) for each sleeve times its share."""
    for sleeve, share in shares.items():
        tally[sleeve, source] += share * amount


def in_units(amount: Decimal) -> Decimal:
    """Return `amount` rounded to twelve decimals; as it is when it has no finer digits."""
    return amount if int(amount.as_tuple().exponent) >= _PLACES else amount.quantize(UNIT, rounding=ROUND_HALF_EVEN)
