"""Lines of profit summed: by sleeve, by source, and in all."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from bot.domain.numbers import ZERO
from bot.domain.order import Sleeve
from bot.domain.record import ProfitLine, Source


def by_sleeve(lines: Iterable[ProfitLine]) -> dict[Sleeve, Decimal]:
    """Return what each sleeve gained, in quote currency; a sleeve without a line is left out."""
    found: dict[Sleeve, Decimal] = defaultdict(Decimal)
    for line in lines:
        found[line.sleeve] += line.amount
    return dict(found)


def summed(lines: Iterable[ProfitLine]) -> tuple[ProfitLine, ...]:
    """Return one line for each sleeve and source there are, in their order."""
    tally: dict[tuple[Sleeve, Source], Decimal] = defaultdict(Decimal)
    for line in lines:
        tally[line.sleeve, line.source] += line.amount
    return tuple(
        ProfitLine(sleeve=sleeve, source=source, amount=tally[sleeve, source])
        for sleeve in Sleeve
        for source in Source
        if (sleeve, source) in tally
    )


def total_of(lines: Iterable[ProfitLine], source: Source | None = None) -> Decimal:
    """Return the sum of one source, or of all, in quote currency."""
    return sum((line.amount for line in lines if source in (None, line.source)), ZERO)
