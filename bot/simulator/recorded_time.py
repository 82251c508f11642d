"""Moments as the files write them: whole milliseconds since 1970 in UTC."""

from datetime import UTC, datetime, timedelta

_ZERO = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def milliseconds(moment: datetime) -> int:
    """Return a moment in milliseconds since 1970, a part of one left off."""
    return (moment - _ZERO) // MILLISECOND


def moment_of(milliseconds: int) -> datetime:
    """Return the moment in UTC of milliseconds since 1970."""
    return _ZERO + milliseconds * MILLISECOND
