"""Readings from a history: every measure with its value, or with what is missing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal

from bot.domain.reading import History, Measure, MeasureKind, Reading, Readings
from bot.signals import crowd, pairs, price
from bot.signals.needs import bar_seconds, bars_needed, checked_periods, price_symbol
from bot.signals.window import Missing, Window, closed_bars, interest_points, newest_funding, settled_funding

ROUNDING = Context(prec=price.DIGITS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What a reading is made of: the history, the moment it is made at, and the quote currency of prices."""

    history: History
    at: datetime
    quote: str


Found = tuple[Decimal | Missing, datetime]


def read_measures(measures: tuple[Measure, ...], history: History, at: datetime, quote: str) -> Readings:
    """Return a reading of every measure, in order, from bars and points that were closed at `at`.

    A value has 12 significant digits; its unit and sign are those of its kind. It is None, with the reason
    and the moment in words, when bars are too few, have a gap, or end more than two bars before `at`.
    Raises NumberRefused when a measure's periods are not of its kind.
    """
    past = Past(history=history, at=at, quote=quote)
    return tuple(_reading(measure, _READERS[measure.kind](measure, past)) for measure in measures)


def _reading(measure: Measure, found: Found | Missing) -> Reading:
    value, at = found if isinstance(found, tuple) else (found, None)
    if isinstance(value, Missing):
        return Reading(measure=measure, value=None, at=value.at, why=value.why)
    return Reading(measure=measure, value=ROUNDING.plus(value), at=at)


def _bars(measure: Measure, subject: str, past: Past) -> Window | Missing:
    symbol, seconds = price_symbol(subject, past.quote), bar_seconds(measure)
    return closed_bars(past.history, symbol, seconds, count=bars_needed(measure), at=past.at)


def _of_price(say: Callable[[Measure, Window], Decimal | Missing]) -> "Reader":
    def read(measure: Measure, past: Past) -> Found | Missing:
        bars = _bars(measure, measure.subject, past)
        return bars if isinstance(bars, Missing) else (say(measure, bars), bars.at)

    return read


def _of_two(say: Callable[[Window, Window], Decimal | Missing]) -> "Reader":
    def read(measure: Measure, past: Past) -> Found | Missing:
        coin, other = (_bars(measure, subject, past) for subject in (measure.subject, measure.against))
        if isinstance(coin, Missing):
            return coin
        return other if isinstance(other, Missing) else (say(coin, other), coin.at)

    return read


def _of_funding(say: Callable[[Measure, crowd.Settled], Decimal]) -> "Reader":
    def read(measure: Measure, past: Past) -> Found | Missing:
        points = settled_funding(past.history, measure.subject, days=checked_periods(measure)[0], at=past.at)
        return points if isinstance(points, Missing) else (say(measure, points), points[-1].at)

    return read


def _of_newest_funding(measure: Measure, past: Past) -> Found | Missing:
    newest = newest_funding(past.history, measure.subject, at=past.at)
    return newest if isinstance(newest, Missing) else (crowd.funding_per_8h(newest), newest.at)


def _of_interest(measure: Measure, past: Past) -> Found | Missing:
    change, look_back = checked_periods(measure)
    count, seconds = bars_needed(measure), bar_seconds(measure)
    interest = interest_points(past.history, measure.subject, seconds, count=count, at=past.at)
    if isinstance(interest, Missing):
        return interest
    return crowd.interest_percentile(interest, change, look_back), interest.at


Reader = Callable[[Measure, Past], Found | Missing]

_READERS: dict[MeasureKind, Reader] = {
    MeasureKind.PRICE_OVER_EMA: _of_price(lambda measure, bars: price.over_average(bars, *measure.periods)),
    MeasureKind.EMA_CROSS: _of_price(lambda measure, bars: price.cross(bars, *measure.periods)),
    MeasureKind.DRAWDOWN: _of_price(lambda _, bars: price.drawdown(bars)),
    MeasureKind.VOLATILITY: _of_price(
        lambda measure, bars: price.volatility(bars, measure.periods[0], measure.bar_hours)
    ),
    MeasureKind.FUNDING: _of_funding(lambda _, points: crowd.yearly_funding(points)),
    MeasureKind.FUNDING_8H: _of_newest_funding,
    MeasureKind.PAID_SHARE: _of_funding(lambda _, points: crowd.paid_share(points)),
    MeasureKind.FUNDING_PERCENTILE: _of_funding(
        lambda measure, points: crowd.funding_percentile(points, *measure.periods)
    ),
    MeasureKind.INTEREST_PERCENTILE: _of_interest,
    MeasureKind.BETA: _of_two(pairs.beta_between),
    MeasureKind.EFFECTIVENESS: _of_two(pairs.effectiveness_between),
}
