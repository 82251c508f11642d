"""How much of the past each measure needs, and the fewest series that hold it all."""

from collections.abc import Iterator
from math import gcd

from bot.domain.reading import Measure, MeasureKind, Series, SeriesKind
from bot.errors import NumberRefused

HOUR_SECONDS = 3600
# A venue may answer a moment later than it was asked, with a bar more: the count must still reach back.
MARGIN = 2
# Venues settle every 8, 4, 2 or 1 hours and shorten that in wild markets, just when a rule must know.
MOST_SETTLEMENTS_A_DAY = 24

OF_FUNDING = (
    MeasureKind.FUNDING,
    MeasureKind.FUNDING_8H,
    MeasureKind.PAID_SHARE,
    MeasureKind.FUNDING_PERCENTILE,
)
OF_TWO_PRICES = (MeasureKind.BETA, MeasureKind.EFFECTIVENESS)

# The least each period may be; FUNDING_8H is about the newest settlement and reads none.
_LEAST: dict[MeasureKind, tuple[int, ...]] = {
    MeasureKind.PRICE_OVER_EMA: (1,),
    MeasureKind.EMA_CROSS: (1, 1),
    MeasureKind.DRAWDOWN: (1,),
    MeasureKind.VOLATILITY: (1,),
    MeasureKind.FUNDING: (1,),
    MeasureKind.PAID_SHARE: (1,),
    MeasureKind.FUNDING_PERCENTILE: (2,),
    MeasureKind.INTEREST_PERCENTILE: (1, 2),
    MeasureKind.BETA: (2,),
    MeasureKind.EFFECTIVENESS: (2,),
}


def wanted_series(measures: tuple[Measure, ...], quote: str) -> tuple[Series, ...]:
    """Return the fewest series that the measures can be read from, in a fixed order; counts have a margin.

    Prices are those of the spot market against `quote`, funding and open interest of the symbol named.
    Raises NumberRefused when a measure's periods are not of its kind.
    """
    longest: dict[tuple[SeriesKind, str, int], int] = {}
    for measure in measures:
        for one in _needed(measure, quote):
            key = (one.kind, one.symbol, one.seconds)
            longest[key] = max(one.count, longest.get(key, 0))
    series = (
        Series(kind=kind, symbol=symbol, seconds=seconds, count=count)
        for (kind, symbol, seconds), count in sorted(longest.items())
    )
    return _one_interest_each(tuple(series))


def price_symbol(subject: str, quote: str) -> str:
    """Return the spot market of an asset against `quote`; a symbol stays what it is."""
    return subject if "/" in subject else f"{subject}/{quote}"


def bar_seconds(measure: Measure) -> int:
    """Return the length of the measure's bars in seconds."""
    return measure.bar_hours * HOUR_SECONDS


def bars_needed(measure: Measure) -> int:
    """Return how many closed bars a measure of prices or open interest is made of.

    Exponential averages of n bars need 4 n + 1: their beginning then weighs (1 − 2/(n+1))^(3n+1) of the
    result, 0.25 % for n = 200 (QUANT 5). Changes need one bar more than there are changes.
    """
    periods = checked_periods(measure)
    match measure.kind:
        case MeasureKind.DRAWDOWN:
            return periods[0]
        case MeasureKind.BETA | MeasureKind.EFFECTIVENESS:
            return periods[0] + 1
        case MeasureKind.INTEREST_PERCENTILE:
            return sum(periods)
        case _:
            return 4 * max(periods) + 1


def checked_periods(measure: Measure) -> tuple[int, ...]:
    """Return the measure's periods; raise NumberRefused when there are too few, too many, or one is too short."""
    least = _LEAST.get(measure.kind, measure.periods)
    fits = len(least) == len(measure.periods) and measure.bar_hours >= 1
    if not fits or any(one < floor for one, floor in zip(measure.periods, least, strict=True)):
        asked = f"{measure.kind} of {measure.subject} over {measure.periods} bars of {measure.bar_hours} h"
        raise NumberRefused(f"{asked}: it takes {' and '.join(f'{floor} or more' for floor in least)}")
    return measure.periods


def _needed(measure: Measure, quote: str) -> Iterator[Series]:
    """Yield the series of one measure."""
    if measure.kind in OF_FUNDING:
        days = max(checked_periods(measure), default=1) if measure.kind is not MeasureKind.FUNDING_8H else 1
        count = days * MOST_SETTLEMENTS_A_DAY + MARGIN
        yield Series(kind=SeriesKind.FUNDING, symbol=measure.subject, seconds=0, count=count)
        return
    count, seconds = bars_needed(measure) + MARGIN, bar_seconds(measure)
    if measure.kind is MeasureKind.INTEREST_PERCENTILE:
        yield Series(kind=SeriesKind.OPEN_INTEREST, symbol=measure.subject, seconds=seconds, count=count)
        return
    subjects = (measure.subject, measure.against) if measure.kind in OF_TWO_PRICES else (measure.subject,)
    for subject in subjects:
        yield Series(kind=SeriesKind.CANDLES, symbol=price_symbol(subject, quote), seconds=seconds, count=count)


def _one_interest_each(series: tuple[Series, ...]) -> tuple[Series, ...]:
    """Return the series with one of open interest for each symbol, in steps that every asked one is made of.

    A History holds open interest by symbol alone.
    """
    interest: dict[str, list[Series]] = {}
    for one in series:
        if one.kind is SeriesKind.OPEN_INTEREST:
            interest.setdefault(one.symbol, []).append(one)
    others = tuple(one for one in series if one.kind is not SeriesKind.OPEN_INTEREST)
    return (*others, *(_finest(group) for group in interest.values()))


def _finest(group: list[Series]) -> Series:
    step = gcd(*(one.seconds for one in group))
    count = max(one.count * one.seconds // step for one in group)
    return Series(kind=SeriesKind.OPEN_INTEREST, symbol=group[0].symbol, seconds=step, count=count)
