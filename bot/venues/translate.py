"""Numbers, times and names enter here once, as text, and become values of ours or are refused."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.errors import NumberRefused, SnapshotUnavailable

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def decimal(value: object, what: str) -> Decimal:
    """Return a number told as text or as a whole number; raise NumberRefused for anything else, NaN and infinity too.

    A float is taken by its shortest text, which is what the venue wrote.
    """
    if isinstance(value, bool) or value is None or value == "":
        raise NumberRefused(f"{what} is missing")
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise NumberRefused(f"{what} is {str(value)[:40]!r}, which is no number") from None
    if not number.is_finite():
        raise NumberRefused(f"{what} is {number}: a finite number is needed")
    return number


def maybe(value: object, what: str) -> Decimal | None:
    """Return a number, or None where the venue says nothing (no field, an empty text)."""
    return None if value is None or value == "" else decimal(value, what)


def positive_or_none(value: object, what: str) -> Decimal | None:
    """Return a number above zero; None where the venue says nothing or zero, as it does for a price it has not."""
    number = maybe(value, what)
    return number if number is not None and number > 0 else None


def moment(milliseconds: object, what: str) -> datetime:
    """Return a time from milliseconds since 1970; raise NumberRefused where there is none."""
    number = decimal(milliseconds, what)
    return EPOCH + timedelta(milliseconds=int(number))


def in_milliseconds(at: datetime) -> int:
    """Return a time as whole milliseconds since 1970."""
    return (at - EPOCH) // timedelta(milliseconds=1)


def seek(tree: object, path: str) -> Any:
    """Return what a dotted path leads to in raw JSON, None where it leads nowhere; "" is the tree itself."""
    found = tree
    for step in path.split(".") if path else ():
        if isinstance(found, Mapping):
            found = found.get(step)
        elif isinstance(found, list) and step.isdigit() and int(step) < len(found):
            found = found[int(step)]
        else:
            return None
    return found


def rows_of(tree: object, path: str, what: str) -> list[Mapping[str, Any]]:
    """Return a list of rows in a raw answer; raise SnapshotUnavailable where there is no list of rows.

    A path may end in {} for a mapping whose values are the rows.
    """
    place = path.removesuffix("{}").removesuffix(".")
    found = seek(tree, place)
    if path.endswith("{}") and isinstance(found, Mapping):
        found = list(found.values())
    if not isinstance(found, list) or not all(isinstance(row, Mapping) for row in found):
        raise SnapshotUnavailable(f"{what}: the answer has no list at {path or 'its top'}", part=what)
    return found


def summed(row: Mapping[str, Any], terms: tuple[str, ...], what: str) -> Decimal:
    """Return the sum of a row's fields; one written "-field" is subtracted. Raises NumberRefused for one missing."""
    total = Decimal(0)
    for term in terms:
        number = decimal(seek(row, term.removeprefix("-")), f"{what} {term.removeprefix('-')}")
        total += -number if term.startswith("-") else number
    return total
