"""How Binance names what it lists: BTCUSDT, BTCUSDT_261225, BTCUSD_PERP, BTCUSD_261225."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

from bot.domain.instrument import Instrument, Kind, WalletKind
from tests.emulator.asks import Ask
from tests.emulator.binance.refusals import refused
from tests.emulator.core import Core


class Product(StrEnum):
    """The three sets of paths, each with its own wallet, ids and rows."""

    SPOT = "api"
    LINEAR = "fapi"
    INVERSE = "dapi"

    @property
    def wallet(self) -> WalletKind:
        """The wallet this product trades from."""
        return {Product.SPOT: WalletKind.SPOT, Product.LINEAR: WalletKind.LINEAR}.get(self, WalletKind.INVERSE)


def product_of(ask: Ask) -> Product:
    """Return the product a path belongs to: its first segment says it."""
    return Product(ask.path.split("/")[1])


def product_of_kind(kind: Kind) -> Product:
    """Return the product a kind of instrument is traded in."""
    if kind.is_spot:
        return Product.SPOT
    return Product.INVERSE if kind.is_inverse else Product.LINEAR


def venue_id(instrument: Instrument) -> str:
    """Return the venue's id of an instrument."""
    pair = pair_of(instrument)
    if instrument.expiry is not None:
        return f"{pair}_{instrument.expiry:%y%m%d}"
    return f"{pair}_PERP" if instrument.kind.is_inverse else pair


def pair_of(instrument: Instrument) -> str:
    """Return the underlying pair: BTCUSDT or BTCUSD."""
    return f"{instrument.base}{instrument.quote}"


def listed(core: Core, product: Product) -> tuple[Instrument, ...]:
    """Return the instruments of one product."""
    return tuple(one for one in core.instruments.values() if product_of_kind(one.kind) is product)


def instrument_of(core: Core, product: Product, params: Mapping[str, str]) -> Instrument:
    """Return the instrument a request names in `symbol`; refuse a missing one with -1102, an unknown with -1121."""
    wanted = params.get("symbol", "")
    if not wanted:
        raise refused(-1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.")
    for one in listed(core, product):
        if venue_id(one) == wanted:
            return one
    raise refused(-1121, "Invalid symbol.")


def chosen(core: Core, product: Product, params: Mapping[str, str]) -> tuple[Instrument, ...]:
    """Return the instruments a market-wide question is about: one `symbol`, a JSON list of `symbols`, or all."""
    if params.get("symbol"):
        return (instrument_of(core, product, params),)
    if params.get("symbols"):
        names = [name.strip('"[] ') for name in params["symbols"].split(",")]
        return tuple(instrument_of(core, product, {"symbol": name}) for name in names)
    pair = params.get("pair", "")
    return tuple(one for one in listed(core, product) if pair in ("", pair_of(one)))


def told(number: Decimal, places: int = 8) -> str:
    """Return a number as the venue writes it: fixed point with `places` decimals, cut toward zero."""
    return f"{number.quantize(Decimal(1).scaleb(-places), rounding='ROUND_DOWN'):f}"


def exact(number: Decimal) -> str:
    """Return a number with at least 8 decimals and all of its 12 where the books have them: amounts, fees, marks."""
    text = f"{number.quantize(Decimal(1).scaleb(-12)):f}"
    whole, _, rest = text.partition(".")
    return f"{whole}.{rest[:8]}{rest[8:].rstrip('0')}"


def plain(number: Decimal) -> str:
    """Return a number without exponent and without trailing zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
