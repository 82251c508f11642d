"""How Bybit names what it lists: BTCUSDT in spot and linear alike, BTCUSD, BTCUSDT-25DEC26, BTCUSDZ26."""

from collections.abc import Mapping
from enum import StrEnum

from bot.domain.instrument import Instrument, Kind
from tests.emulator.bybit.words import refused
from tests.emulator.core import Core

_QUARTER_LETTERS = {3: "H", 6: "M", 9: "U", 12: "Z"}
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_TYPES = {
    Kind.LINEAR_PERPETUAL: "LinearPerpetual",
    Kind.INVERSE_PERPETUAL: "InversePerpetual",
    Kind.LINEAR_FUTURE: "LinearFutures",
    Kind.INVERSE_FUTURE: "InverseFutures",
}


class Category(StrEnum):
    """The product a call is about; all of them trade from the one unified purse."""

    SPOT = "spot"
    LINEAR = "linear"
    INVERSE = "inverse"


def category_of_kind(kind: Kind) -> Category:
    """Return the category a kind of instrument is listed under."""
    if kind.is_spot:
        return Category.SPOT
    return Category.INVERSE if kind.is_inverse else Category.LINEAR


def category_of(core: Core, params: Mapping[str, object]) -> Category:
    """Return the category a request names; refuse a missing or unknown one with 10001."""
    try:
        return Category(str(params.get("category", "")))
    except ValueError:
        raise refused(core, 10001, "params error: Category is invalid") from None


def contract_type(kind: Kind) -> str:
    """Return the venue's word for a kind of contract."""
    return _TYPES[kind]


def venue_id(instrument: Instrument) -> str:
    """Return the venue's id of an instrument; spot and linear perpetual of one pair share theirs."""
    pair, expiry = f"{instrument.base}{instrument.quote}", instrument.expiry
    if expiry is None:
        return pair
    if instrument.kind.is_inverse and expiry.month in _QUARTER_LETTERS:
        return f"{pair}{_QUARTER_LETTERS[expiry.month]}{expiry:%y}"
    return f"{pair}-{expiry:%d}{_MONTHS[expiry.month - 1]}{expiry:%y}"


def listed(core: Core, category: Category) -> tuple[Instrument, ...]:
    """Return the instruments of one category."""
    return tuple(one for one in core.instruments.values() if category_of_kind(one.kind) is category)


def find(core: Core, category: Category, wanted: str) -> Instrument:
    """Return the instrument of that id; refuse an unknown one as the venue does in that category."""
    for one in listed(core, category):
        if venue_id(one) == wanted:
            return one
    if category is Category.SPOT:
        raise refused(core, 170121, "Invalid symbol.")
    raise refused(core, 10001, "params error: symbol invalid")


def chosen(core: Core, params: Mapping[str, object]) -> tuple[Instrument, ...]:
    """Return what a question is about: one `symbol`, all of a `settleCoin` or `baseCoin`, or the whole category."""
    category = category_of(core, params)
    if params.get("symbol"):
        return (find(core, category, str(params["symbol"])),)
    settle, base = params.get("settleCoin") or None, params.get("baseCoin") or None
    return tuple(one for one in listed(core, category) if settle in (None, one.settle) and base in (None, one.base))
