"""The newest closed bars and settled points of a series: whole, or missing with the reason."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from bot.domain.reading import FundingPoint, History, candles_key

# Venues stamp a settlement some milliseconds after the full hour.
JITTER = timedelta(minutes=1)
DAY = timedelta(days=1)

Point = tuple[datetime, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Why something cannot be read, and the newest moment that is known of it."""

    why: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Values at equal steps without a gap, oldest first; `at` is the moment of the newest."""

    values: tuple[Decimal, ...]
    at: datetime


def closed_bars(history: History, symbol: str, seconds: int, *, count: int, at: datetime) -> Window | Missing:
    """Return the closes of the newest `count` bars that were closed at `at`, in quote currency."""
    step = timedelta(seconds=seconds)
    candles = history.candles.get(candles_key(symbol, seconds), ())
    closes = [(candle.opened_at + step, candle.close) for candle in candles if candle.opened_at + step <= at]
    return _whole(f"{symbol} bars of {_hours(step)}", closes, step, count=count, at=at)


def interest_points(history: History, symbol: str, seconds: int, *, count: int, at: datetime) -> Window | Missing:
    """Return the newest `count` values of open interest in coins, `seconds` apart, counted from the newest."""
    step = timedelta(seconds=seconds)
    known = [(one.at, one.coins) for one in history.open_interest.get(symbol, ()) if one.at <= at]
    # The series may come in finer steps, because another measure asked for them.
    points = [(moment, coins) for moment, coins in known if (known[-1][0] - moment + JITTER) % step <= 2 * JITTER]
    return _whole(f"{symbol} open interest every {_hours(step)}", points, step, count=count, at=at)


def newest_funding(history: History, symbol: str, *, at: datetime) -> FundingPoint | Missing:
    """Return the newest settlement, Missing when it is more than two of its intervals old."""
    known = [point for point in history.funding.get(symbol, ()) if point.at <= at]
    if not known:
        return Missing(why=f"{symbol} funding: none is known")
    newest = known[-1]
    if at - newest.at > 2 * _interval(newest):
        late = f"the newest is of {_moment(newest.at)}, more than two intervals ago"
        return Missing(why=f"{symbol} funding: {late}", at=newest.at)
    return newest


def settled_funding(history: History, symbol: str, *, days: int, at: datetime) -> tuple[FundingPoint, ...] | Missing:
    """Return the settlements of the newest `days` days, oldest first, their intervals filling the days.

    The days end with the newest settlement, since nothing is known of the interval that is running.
    """
    newest = newest_funding(history, symbol, at=at)
    if isinstance(newest, Missing):
        return newest
    start = newest.at - days * DAY
    points = tuple(point for point in history.funding[symbol] if start + JITTER < point.at <= newest.at)
    for earlier, later in pairwise(points):
        # Where the venue changes its interval, the time between may be the old or the new one.
        shorter, longer = sorted((_interval(earlier), _interval(later)))
        if not shorter - JITTER <= later.at - earlier.at <= longer + JITTER:
            return _gap(f"{symbol} funding", earlier.at, later.at, newest.at)
    if points[0].at - _interval(points[0]) > start + JITTER:
        begins = f"begins {_moment(points[0].at)}, less than {days} days before {_moment(newest.at)}"
        return Missing(why=f"{symbol} funding: {begins}", at=newest.at)
    return points


def _whole(name: str, points: list[Point], step: timedelta, *, count: int, at: datetime) -> Window | Missing:
    """Return the newest `count` values when they are fresh, gapless and enough; the reason when not."""
    if not points:
        return Missing(why=f"{name}: none is known")
    newest = points[-1][0]
    if at - newest > 2 * step:
        return Missing(why=f"{name}: the newest is of {_moment(newest)}, more than two bars ago", at=newest)
    kept = points[-count:]
    for (earlier, _), (later, _) in pairwise(kept):
        if abs(later - earlier - step) > JITTER:
            return _gap(name, earlier, later, newest)
    if len(kept) < count:
        return Missing(why=f"{name}: {len(kept)} closed, {count} are needed", at=newest)
    return Window(values=tuple(value for _, value in kept), at=newest)


def _gap(name: str, earlier: datetime, later: datetime, newest: datetime) -> Missing:
    return Missing(why=f"{name}: a gap, {_moment(earlier)} is followed by {_moment(later)}", at=newest)


def _interval(point: FundingPoint) -> timedelta:
    return timedelta(seconds=int(point.interval_hours * 3600))


def _hours(step: timedelta) -> str:
    return f"{step // timedelta(hours=1)} h"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
