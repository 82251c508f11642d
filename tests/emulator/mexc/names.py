"""How MEXC names and writes what it lists: BTCUSDT in spot, BTC_USDT and BTC_USD as contracts."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import ROUND_CEILING, Decimal

from bot.domain.instrument import Instrument, Kind, MaintenanceTier
from bot.simulator.listing import ladder
from tests.emulator.asks import Ask
from tests.emulator.core import Core
from tests.emulator.mexc.refusals import contract_refused, spot_refused

SIZES = {"BTC": Decimal("0.0001"), "ETH": Decimal("0.01"), "SOL": Decimal("0.1")}
OTHER_SIZE = Decimal(1)
FACES = {"BTC": Decimal(100)}
OTHER_FACE = Decimal(10)
LEAST_SPOT_VALUE = Decimal(1)
TIER_COUNT = 5
WIDER = 10


def regrid(symbol: str, one: Instrument) -> Instrument:
    """Return an instrument in MEXC's own units: whole contracts of 0.0001 BTC, 0.01 ETH; spot from 1 USDT.

    A contract has no least value; its tiers rise evenly, by the same number of contracts and the same rate each.
    """
    if one.kind.is_spot:
        return replace(one, min_notional=LEAST_SPOT_VALUE)
    face = FACES.get(one.base, OTHER_FACE) if one.kind.is_inverse else SIZES.get(one.base, OTHER_SIZE)
    return replace(
        one,
        contract_size=face,
        step=Decimal(1),
        min_quantity=Decimal(1),
        min_notional=Decimal(0),
        tiers=_even(one.tiers),
    )


def _even(tiers: tuple[MaintenanceTier, ...]) -> tuple[MaintenanceTier, ...]:
    """Return tiers that rise evenly from the first: MEXC tells one rate, one width and one rise for all."""
    first, width = tiers[0].rate, tiers[1].floor * WIDER
    return ladder(*((width * level, str(first * (level + 1))) for level in range(TIER_COUNT)))


REGRID = regrid


def is_linear(one: Instrument) -> bool:
    """Whether a contract is margined in its quote currency."""
    return one.kind is Kind.LINEAR_PERPETUAL


def venue_id(one: Instrument) -> str:
    """Return the venue's id of an instrument."""
    return f"{one.base}{one.quote}" if one.kind.is_spot else f"{one.base}_{one.quote}"


def spot_listed(core: Core) -> tuple[Instrument, ...]:
    """Return the spot markets."""
    return tuple(one for one in core.instruments.values() if one.kind.is_spot)


def contracts(core: Core) -> tuple[Instrument, ...]:
    """Return the perpetual contracts, linear and inverse: MEXC has no dated ones."""
    return tuple(one for one in core.instruments.values() if not one.kind.is_spot and not one.kind.is_dated)


def spot_of(core: Core, name: str) -> Instrument:
    """Return the spot market of an id; refuse a missing one with 700004, an unknown one with -1121."""
    if not name:
        raise spot_refused(700004, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.")
    for one in spot_listed(core):
        if venue_id(one) == name:
            return one
    raise spot_refused(-1121, "Invalid symbol.")


def contract_of(core: Core, name: str) -> Instrument:
    """Return the contract of an id; refuse an unknown one with 1001."""
    for one in contracts(core):
        if venue_id(one) == name:
            return one
    raise contract_refused(1001, "Contract does not exist!")


def plain(number: Decimal) -> str:
    """Return a number without exponent and without trailing zeros: spot tells every number as text."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def bare(number: Decimal) -> float | int:
    """Return a number as bare JSON: the contract API tells numbers, not text."""
    return int(number) if number == number.to_integral_value() else float(number)


def places(step: Decimal) -> int:
    """Return the decimals of a power of ten: 0.001 → 3."""
    return max(-int(step.normalize().as_tuple().exponent), 0)


def paged(ask: Ask, rows: list[dict[str, object]]) -> dict[str, object]:
    """Return the page asked for with `page_num` and `page_size`, as the contract API frames one."""
    size, number = _page(ask.params)
    count = int((Decimal(len(rows)) / size).to_integral_value(ROUND_CEILING))
    return {
        "pageSize": size,
        "totalCount": len(rows),
        "totalPage": count,
        "currentPage": number,
        "resultList": rows[(number - 1) * size : number * size],
    }


def page_of(ask: Ask, rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Return the bare rows of the page asked for."""
    size, number = _page(ask.params)
    return rows[(number - 1) * size : number * size]


def _page(params: Mapping[str, str]) -> tuple[int, int]:
    size = int(params.get("page_size", 20))
    if not 1 <= size <= 100:
        raise contract_refused(600, "Param error!")
    return size, max(int(params.get("page_num", 1)), 1)
