"""One text for one value: canonical JSON of any domain value, and back, and its digest.

Decimals and times are strings, mappings are sorted, fields keep their declared order. Equal values
give equal bytes in every process, so a replay can be compared byte by byte.
"""

import hashlib
import json
from collections.abc import Hashable, Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Value = TypeVar("Value")


@cache
def _reader(kind: Hashable) -> "TypeAdapter[Any]":
    """Return the reader of a kind; building one costs milliseconds, so it is kept, and only when needed."""
    from pydantic import TypeAdapter

    return TypeAdapter(kind)  # type: ignore[arg-type]


def _plain(value: Any) -> Any:
    """Return `value` as dictionaries, lists, strings, integers and booleans.

    Mappings are sorted, fields keep their order, and 1.50 and 1.5 are one number. A float is a statistic:
    no value of the domain holds one.
    """
    match value:
        case None | str() | int() | float():
            plain: Any = value
        case Decimal():
            plain = number_text(value)
        case datetime():
            plain = value.isoformat()
        case timedelta():
            plain = int(value.total_seconds())
        case Mapping():
            plain = {key: _plain(value[key]) for key in sorted(value)}
        case tuple() | list():
            plain = [_plain(item) for item in value]
        case _:
            plain = {name: _plain(getattr(value, name)) for name in _fields(type(value))}  # type: ignore[arg-type]
    return plain


@cache
def _fields(kind: Hashable) -> tuple[str, ...]:
    """Return a dataclass's field names, in the order declared; raise TypeError for what is none."""
    return tuple(field.name for field in fields(kind))  # type: ignore[arg-type]


def number_text(number: Decimal) -> str:
    """Return the shortest plain text of a Decimal, without exponent or trailing zeros."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def to_plain(value: object) -> Any:
    """Return a value as JSON-ready dictionaries, lists, strings, integers and booleans."""
    return json.loads(to_text(value))


def to_text(value: object) -> str:
    """Return the canonical JSON text of a value; raise TypeError for what has none."""
    return json.dumps(_plain(value), separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def from_text(kind: type[Value], text: str | bytes) -> Value:
    """Return the value of `kind` that `text` stands for; raise ValueError when it does not."""
    value: Value = _reader(kind).validate_json(text)  # type: ignore[arg-type]
    return value


def digest(text: str) -> str:
    """Return the SHA-256 of a text as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()
