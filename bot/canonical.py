"""One text for one value: canonical JSON of any domain value, and back, and its digest.

Decimals and times are strings, mappings are sorted, fields keep their declared order. Equal values
give equal bytes in every process, so a replay can be compared byte by byte.
"""

import hashlib
import json
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import TypeAdapter

Value = TypeVar("Value")


_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}


def _adapter(kind: Any) -> TypeAdapter[Any]:
    """Return the one reader and writer of a kind; building it costs milliseconds, so it is kept."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def _plain(value: Any) -> Any:
    """Return `value` with sorted mappings and normalised Decimals: 1.50 and 1.5 are one number."""
    if isinstance(value, dict):
        return {key: _plain(value[key]) for key in sorted(value)}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return number_text(value)
    return value


def number_text(number: Decimal) -> str:
    """Return the shortest plain text of a Decimal, without exponent or trailing zeros."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def to_plain(value: object) -> Any:
    """Return a domain value as JSON-ready dictionaries, lists, strings, integers and booleans."""
    plain = _adapter(type(value)).dump_python(value, mode="python")
    return json.loads(_text(plain))


def _text(plain: Any) -> str:
    return json.dumps(_plain(plain), separators=(",", ":"), ensure_ascii=False, default=str, allow_nan=False)


def to_text(value: object) -> str:
    """Return the canonical JSON text of a domain value."""
    return _text(_adapter(type(value)).dump_python(value, mode="python"))


def from_text(kind: type[Value], text: str | bytes) -> Value:
    """Return the value of `kind` that `text` stands for; raise ValueError when it does not."""
    value: Value = _adapter(kind).validate_json(text)
    return value


def digest(text: str) -> str:
    """Return the SHA-256 of a text as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()
