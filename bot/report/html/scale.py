"""Where a value stands on an axis, and which values are worth a tick."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil, floor, log10

STEPS = (1, 2, 2.5, 5, 10)
LONG = 75  # days from which the time axis names months
YEARS = 900  # days from which it names years
MONTHS = 12
ALIKE = 1e-9  # values nearer than this, as a share of their size, are one value to the eye


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight line from values to places on a drawing, in its units."""

    low: float
    high: float
    start: float
    end: float

    def place(self, value: float) -> float:
        """Return where a value stands."""
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


def nice_ticks(low: float, high: float, count: int = 5) -> tuple[float, ...]:
    """Return about `count` round values that enclose low and high, rising by one step of 1, 2, 2.5 or 5 × 10^n."""
    if not high - low > max(abs(low), abs(high)) * ALIKE:
        low, high = low - (abs(low) or 1.0) / 10, high + (abs(high) or 1.0) / 10
    rough = (high - low) / count
    power = 10.0 ** floor(log10(rough))
    step = next(size * power for size in STEPS if size * power >= rough * (1 - 1e-9))
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return tuple(round(number * step, 12) for number in range(first, last + 1))


def time_ticks(start: datetime, end: datetime, count: int = 6) -> tuple[tuple[datetime, str], ...]:
    """Return about `count` moments of the time from start to end with their names: days, months or years in UTC."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    days = (end - start).total_seconds() / 86_400
    if days < LONG:
        return _days(start, end, count)
    firsts = [one for one in _months(start, end) if start <= one <= end]
    if days >= YEARS:
        january = [one for one in firsts if one.month == 1]
        return tuple((one, f"{one:%Y}") for one in january[:: ceil(len(january) / count) or 1])
    return tuple((one, f"{one:%b %Y}") for one in firsts[:: ceil(len(firsts) / count)])


def _months(start: datetime, end: datetime) -> list[datetime]:
    first = start.year * MONTHS + start.month - 1
    last = end.year * MONTHS + end.month - 1
    return [datetime(n // MONTHS, n % MONTHS + 1, 1, tzinfo=UTC) for n in range(first, last + 1)]


def _days(start: datetime, end: datetime, count: int) -> tuple[tuple[datetime, str], ...]:
    """Return midnights, or hours where there are hardly any."""
    hours = (end - start).total_seconds() / 3600
    step = next((size for size in (1, 3, 6, 12, 24, 48, 120, 240, 360) if hours / size <= count), 480)
    at = start.replace(hour=0, minute=0, second=0, microsecond=0)
    found = []
    while at <= end:
        if at >= start:
            found.append((at, f"{at.day} {at:%b}" if at.hour == 0 else f"{at:%H:%M}"))
        at += timedelta(hours=step)
    return tuple(found)
