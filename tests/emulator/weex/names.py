"""How WEEX names what it lists: BTCUSDT on both hosts, BTCSUSDT on its demo side; amounts are coins everywhere."""

from dataclasses import replace
from decimal import Decimal

from bot.domain.instrument import Instrument, Kind
from tests.emulator.asks import Ask
from tests.emulator.core import Core
from tests.emulator.weex.words import refused

LEAST_CONTRACTS = Decimal("0.001")
CONTRACT_VALUE = Decimal("0.0001")  # told as contractVal, and nothing is counted in it
FIRST_ID = 702_345_678_900_000_000


def regrid(_symbol: str, one: Instrument) -> Instrument:
    """Return an instrument as WEEX lists it: contracts counted in coins, no least value told."""
    if one.kind.is_spot:
        return replace(one, min_notional=Decimal(0), min_quantity=max(one.step, one.min_quantity))
    return replace(one, contract_size=Decimal(1), min_notional=Decimal(0))


REGRID = regrid


def is_contract(ask: Ask) -> bool:
    """Whether a request is for the contract host's paths."""
    return ask.path.startswith("/capi/")


def is_sim(ask: Ask) -> bool:
    """Whether a request is for the demo side."""
    return ask.path.startswith("/capi/v3/sim/")


def venue_id(one: Instrument, *, sim: bool = False) -> str:
    """Return the venue's id of an instrument."""
    return f"{one.base}S{one.quote}" if sim else f"{one.base}{one.quote}"


def listed(core: Core, *, contracts: bool) -> tuple[Instrument, ...]:
    """Return the spot markets, or the linear perpetuals: WEEX has no other contracts."""
    kind = Kind.LINEAR_PERPETUAL if contracts else Kind.SPOT
    return tuple(one for one in core.instruments.values() if one.kind is kind)


def chosen(ask: Ask, core: Core) -> tuple[Instrument, ...]:
    """Return the market a request names, all where it names none; refuse an unknown one with -1121."""
    name = ask.params.get("symbol", "")
    return (found(ask, core, name),) if name else listed(core, contracts=is_contract(ask))


def found(ask: Ask, core: Core, name: str) -> Instrument:
    """Return the market of an id on the host asked; refuse an unknown one with -1121."""
    for one in listed(core, contracts=is_contract(ask)):
        if venue_id(one, sim=is_sim(ask)) == name:
            return one
    raise refused(-1121, "Invalid symbol.")


def order_id(number: int) -> int:
    """Return the venue's id of an order."""
    return FIRST_ID + number


def number_of(identity: object) -> int:
    """Return the number of an order's id, −1 for what is none."""
    text = str(identity or "")
    return int(text) - FIRST_ID if text.isdigit() else -1
