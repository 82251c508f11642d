"""One fault of a policy file, and how names and values from outside are shown: escaped and shortened."""

import re
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

Path = tuple[str, ...]

LONGEST = 40
SOURCE_LONGEST = 120
TOO_LARGE_TO_PRINT = 10**30
SECOND_DECIMAL = -2
TENTH = Decimal("0.1")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]{1,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong at one key: `says` continues the key's path with what was found and how to mend it."""

    path: Path
    line: int | None
    says: str

    def text(self, source: str, *, with_line: bool = True) -> str:
        """Return the fault as one printable line: file, line, key, what, mend."""
        place = source_text(source) + (f":{self.line}" if self.line and with_line else "")
        subject = f"{path_text(self.path)} " if self.path else ""
        return f"{place}: {subject}{self.says}"


def escaped(text: str, longest: int = LONGEST) -> str:
    """Return `text` in printable ASCII, control and foreign characters escaped, cut after `longest`."""
    cut = text[:longest]
    shown_text = cut.encode("unicode_escape").decode("ascii")
    return shown_text if len(text) <= longest else f"{shown_text}… ({len(text)} characters)"


def source_text(source: str) -> str:
    """Return a file's name as it is, without what cannot be printed, cut after 120 characters."""
    cut = source if len(source) <= SOURCE_LONGEST else f"{source[:SOURCE_LONGEST]}…"
    return "".join(sign if sign.isprintable() else escaped(sign) for sign in cut)


def quoted(text: str) -> str:
    """Return `text` escaped, shortened and in double quotes."""
    cut = escaped(text[:LONGEST]).replace('"', '\\"')
    return f'"{cut}"' if len(text) <= LONGEST else f'"{cut}…" ({len(text)} characters)'


def path_text(path: Path) -> str:
    """Return a key's path as one would write it: core.band.high."""
    return ".".join(key if _BARE_KEY.fullmatch(key) else quoted(key) for key in path)


def shown(value: object) -> str:
    """Return a value found in a file in words that are safe to print."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if abs(value) < TOO_LARGE_TO_PRINT else "a whole number of more than 30 digits"
    if isinstance(value, str):
        return f"the text {quoted(value)}"
    return _shown_other(value)


def _shown_other(value: object) -> str:
    match value:
        case Decimal():
            return escaped(str(value))
        case date() | time():
            return f"the date or time {value.isoformat()}"
        case list():
            return f"a list of {len(value)}"
        case _:
            return "a section"


def figure(number: Decimal) -> str:
    """Return a number as people write shares: no exponent, at least two decimals unless it is whole.

    0.7 gives 0.70, 0.125 stays 0.125, 25000 stays 25000.
    """
    plain = number.normalize()
    if plain == plain.to_integral_value() and abs(plain) > 1:
        return format(plain, "f")
    exponent = plain.as_tuple().exponent
    if isinstance(exponent, int) and exponent > SECOND_DECIMAL:
        plain = plain.quantize(Decimal("0.01"))
    return format(plain, "f")


def bound(number: Decimal) -> str:
    """Return a number in as few digits as it has: 1.0 gives 1, 0.50 gives 0.5."""
    return format(number.normalize(), "f")


def percent(number: Decimal) -> str:
    """Return a fraction as a percentage of at most one decimal: 0.705 gives 70.5 %, 0.70 gives 70 %."""
    return f"{bound((number * 100).quantize(TENTH))} %"
