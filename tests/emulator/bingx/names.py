"""How BingX names what it lists: BTC-USDT in spot and linear contracts alike, BTC-USD in coin-margined ones."""

from dataclasses import replace
from decimal import Decimal
from enum import StrEnum

from bot.domain.instrument import Instrument, Kind
from tests.emulator.asks import Ask
from tests.emulator.bingx.words import refused
from tests.emulator.core import Core

LIVE, DEMO = "open-api.bingx.com", "open-api-vst.bingx.com"
_FIRST_ORDER = 1_735_950_529_000_000_000
_SPOT_MINIMUM, _LINEAR_MINIMUM = Decimal(5), Decimal(2)
_FACES = {"BTC": Decimal(100)}
_FACE = Decimal(10)


class Side(StrEnum):
    """The three APIs of the venue, each with its own paths."""

    SPOT = "spot"
    LINEAR = "swap"
    INVERSE = "cswap"


_KINDS = {Side.SPOT: Kind.SPOT, Side.LINEAR: Kind.LINEAR_PERPETUAL, Side.INVERSE: Kind.INVERSE_PERPETUAL}
_UNKNOWN = {Side.SPOT: 100421, Side.LINEAR: 109425, Side.INVERSE: 100400}


def side_of(path: str) -> Side:
    """Return the API a path belongs to; what is neither is the spot side's."""
    name = path.removeprefix("/openApi/").partition("/")[0]
    return Side(name) if name in tuple(Side) else Side.SPOT


def venue_id(one: Instrument) -> str:
    """Return the venue's id of an instrument."""
    return f"{one.base}-{one.quote}"


def listed(core: Core, side: Side) -> tuple[Instrument, ...]:
    """Return the instruments of one API."""
    return tuple(one for one in core.instruments.values() if one.kind is _KINDS[side])


def find(core: Core, side: Side, wanted: str) -> Instrument:
    """Return the instrument of that id; refuse an unknown one as that API does."""
    for one in listed(core, side):
        if venue_id(one) == wanted:
            return one
    raise refused(_UNKNOWN[side], f"{wanted} not exist, please verify it in api: /openApi/{side}")


def chosen(core: Core, side: Side, wanted: str) -> tuple[Instrument, ...]:
    """Return one instrument by its id, all of the API where none is named."""
    return (find(core, side, wanted),) if wanted else listed(core, side)


def money(ask: Ask, asset: str) -> str:
    """Return what an asset is called where it is asked for: play money is VST."""
    return "VST" if ask.host == DEMO and asset == "USDT" else asset


def order_id(number: int) -> int:
    """Return the venue's id of an order: nineteen digits, more than a double holds."""
    return _FIRST_ORDER + number


def number_from(text: str) -> int | None:
    """Return the order's number for the venue's id of it, None for what is no such id."""
    return int(text) - _FIRST_ORDER if text.isdigit() else None


def regrid(symbol: str, one: Instrument) -> Instrument:
    """Return an instrument with the venue's minimums; a coin-margined contract is 100 USD of BTC, 10 of others."""
    if one.kind.is_spot:
        return replace(one, min_notional=_SPOT_MINIMUM)
    if not one.kind.is_inverse:
        return replace(one, min_notional=_LINEAR_MINIMUM)
    face = _FACES.get(one.base, _FACE)
    return replace(one, contract_size=face, min_notional=face, step=Decimal(1), min_quantity=Decimal(1))
