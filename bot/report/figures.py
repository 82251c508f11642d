"""How numbers, moments and strangers' words are written: one way each, and – for what is not known."""

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

NONE = "–"
HUGE = Decimal(10) ** 15
DIGITS = 8
CUT = "…"
MOST_RISE = Decimal(10)
EXACT_DIGITS = 27  # what a Decimal of the default context can be rounded to

_LONG = re.compile(r"\d+\.\d{9,}")


def money(amount: Decimal | None, places: int = 2) -> str:
    """Return an amount with thousands separators: 23,902.55."""
    if amount is None:
        return NONE
    if not amount.is_finite():
        return str(amount)
    if abs(amount) >= HUGE:
        return f"{amount:.3e}"
    return f"{_rounded(amount, places):,.{places}f}"


def change(amount: Decimal | None, places: int = 2) -> str:
    """Return an amount with its sign: +3.48, -14,730.00, and 0.00 without one."""
    text = money(amount, places)
    return f"+{text}" if amount is not None and amount.is_finite() and _rounded(amount, places) > 0 else text


def percent(share: Decimal | None, places: int = 1) -> str:
    """Return a fraction as per cent: 0.7372 is 73.7%."""
    return NONE if share is None else f"{money(share * 100, places)}%"


def move(share: Decimal | None, places: int = 1) -> str:
    """Return a fraction as per cent with its sign: +38.1%."""
    return NONE if share is None else f"{change(share * 100, places)}%"


def survived(rise: Decimal | None) -> str:
    """Return a rise that is survived with its sign; beyond tenfold the number says nothing more: > +1000%."""
    return f"> +{MOST_RISE * 100:.0f}%" if rise is not None and rise > MOST_RISE else move(rise)


def points(share: Decimal | None, places: int = 1) -> str:
    """Return the size of a difference of two shares in percentage points: 3.9 pt."""
    return NONE if share is None else f"{money(abs(share) * 100, places)} pt"


def times(ratio: Decimal | None, places: int = 2) -> str:
    """Return a leverage: 1.45x."""
    return NONE if ratio is None else f"{money(ratio, places)}x"


def coins(quantity: Decimal | None, digits: int = DIGITS) -> str:
    """Return a quantity in its significant digits, without exponent or trailing zeros: 0.0939, 1,234.5.

    Whole coins are never rounded away.
    """
    if quantity is None:
        return NONE
    if not quantity.is_finite() or abs(quantity) >= HUGE:
        return money(quantity)
    places = max(0, digits - 1 - quantity.adjusted()) if quantity else 0
    text = f"{_rounded(quantity, min(places, 30)):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def price(amount: Decimal | None) -> str:
    """Return a price or an order quantity as it is: every digit, thousands separated."""
    return coins(amount, digits=18)


def moment(at: datetime | None) -> str:
    """Return a moment in UTC, to the second."""
    return NONE if at is None else at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def span(length: timedelta | None) -> str:
    """Return a length of time in its two largest units: 2 s, 3 min 5 s, 2 h 10 min, 4 d 1 h."""
    if length is None:
        return NONE
    seconds = int(length.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    parts = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {unit}")
    return sign + (" ".join(parts[:2]) or "0 s")


def plain_words(text: object, longest: int = 200) -> str:
    """Return what a stranger wrote as one short, harmless line: no control, direction or escape characters."""
    letters = "".join(" " if c.isspace() else c for c in str(text)[: longest * 4])
    shown = "".join("?" if unicodedata.category(c)[0] == "C" else c for c in letters)
    line = " ".join(shown.split())
    return line if len(line) <= longest else line[: longest - 1] + CUT


def symbol_words(symbol: str) -> str:
    """Return an instrument's short name: BTC, BTC perp, BTC coin perp, BTC 260327."""
    pair, _, contract = symbol.partition(":")
    base = pair.partition("/")[0]
    settle, _, expiry = contract.partition("-")
    if not contract:
        return base
    return f"{base} {'coin ' if settle == base else ''}{expiry or 'perp'}"


def short_numbers(words: str) -> str:
    """Return words with numbers of more than eight decimals shortened to eight significant digits."""
    return _LONG.sub(lambda found: coins(Decimal(found.group())), words)


def _rounded(amount: Decimal, places: int) -> Decimal:
    """Return `amount` at `places` decimals, never as a negative zero; huge numbers keep what they have."""
    unit = Decimal(1).scaleb(-places)
    if amount.adjusted() + places >= EXACT_DIGITS:
        return amount
    return amount.quantize(unit, ROUND_HALF_EVEN) + 0
