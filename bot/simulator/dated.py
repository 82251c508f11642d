"""The quarterly calendar of dated contracts: which are listed when, and what they are called."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.domain.instrument import Instrument

DELIVERY_HOUR = 8
QUARTER_ENDS = (3, 6, 9, 12)
LISTED_AT_ONCE = 2
FRIDAY = 4
DAYS_A_YEAR = 365
QUARTERS_SIMULATED = 24


def last_friday(year: int, month: int) -> datetime:
    """Return the last Friday of a month at 08:00 UTC, when venues deliver their quarterly contracts."""
    following = datetime(year + month // 12, month % 12 + 1, 1, DELIVERY_HOUR, tzinfo=UTC)
    last = following - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - FRIDAY) % 7)


def quarterly(after: datetime, count: int = QUARTERS_SIMULATED) -> tuple[datetime, ...]:
    """Return the next `count` deliveries later than `after`, the nearest first."""
    years = range(after.year, after.year + count // 4 + 2)
    found = (last_friday(year, month) for year in years for month in QUARTER_ENDS)
    return tuple(sorted(moment for moment in found if moment > after))[:count]


def listed_from(expiry: datetime) -> datetime:
    """Return when a quarterly contract is listed: at the delivery two quarters before its own."""
    return quarterly(expiry - timedelta(days=200), 3)[0]


def listed(instrument: Instrument, deliveries: tuple[datetime, ...], moment: datetime) -> bool:
    """Whether a contract is listed at `moment`: a dated one while it is among the two next to be delivered."""
    if instrument.expiry is None:
        return True
    ahead = [delivery for delivery in deliveries if delivery > moment][:LISTED_AT_ONCE]
    return instrument.expiry in ahead


def years_left(expiry: datetime, moment: datetime) -> Decimal:
    """Return the years until delivery, never below zero."""
    seconds = max((expiry - moment) // timedelta(seconds=1), 0)
    return Decimal(seconds) / (DAYS_A_YEAR * 86_400)
