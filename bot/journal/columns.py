"""Column types that lose nothing: decimals as their shortest text, moments in UTC, always aware."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Dialect, String
from sqlalchemy.types import TypeDecorator

from bot.canonical import number_text


class DecimalText(TypeDecorator[Decimal]):
    """An exact Decimal, stored as text: SQLite would make a REAL of it and round."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        """Return the text to store."""
        return None if value is None else number_text(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:
        """Return the number that was stored."""
        return None if value is None else Decimal(value)


class Moment(TypeDecorator[datetime]):
    """An aware moment in UTC, stored as text of one width, so that texts sort as times do."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Return the text to store; a moment without a zone is refused."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return moment_text(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Return the moment that was stored."""
        return None if value is None else datetime.fromisoformat(value)


def moment_text(moment: datetime) -> str:
    """Return a moment as text with microseconds and zone, in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
