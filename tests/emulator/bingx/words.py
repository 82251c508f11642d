"""How BingX speaks: code, msg and data in one envelope with HTTP 200, numbers now as numbers and now as text."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation

from bot.errors import OrderRejected
from tests.emulator.asks import Refused, Reply
from tests.emulator.core import Core

# The simulator's words in BingX's: (code and message of the contract side, code and message of the spot side).
_REJECTIONS: Mapping[str, tuple[tuple[int, str], tuple[int, str]]] = {
    "unknown-symbol": ((109425, "symbol not exist, please verify it"), (100421, "contract not exist")),
    "off-grid": ((101400, "Order size error"), (100400, "check param fail")),
    "below-minimum": (
        (101400, "Please ensure that the minimum nominal value of the order placed must be greater than 2u"),
        (100400, "check limit entrust value fail, entrust volume too low"),
    ),
    "price-missing": ((109400, "Invalid parameters, price is required"), (100400, "price can't be lte 0")),
    "market-with-price": ((109400, "Invalid parameters, price"), (100400, "check param fail")),
    "price-out-of-band": (
        (101211, "Order price should be lower than the limit"),
        (100440, "check price diverge fail, entrustPrice to high"),
    ),
    "post-only-would-cross": (
        (101215, "The Maker (Post Only) order ensures that the user always acts as a maker. It will be canceled."),
        (100400, "the Maker (Post Only) order would immediately match"),
    ),
    "stop-would-trigger": (
        (110412, "Stop Loss price should be greater than the current price"),
        (100400, "stopPrice invalid"),
    ),
    "reduce-only": (
        (101290, "The Reduce Only order can only decrease the position and not be used to open a position."),
        (100400, "reduceOnly is not for spot"),
    ),
    "insufficient-balance": (
        (101204, "Insufficient margin"),
        (100202, "Insufficient assets, please verify the assets status"),
    ),
    "insufficient-margin": ((101204, "Insufficient margin"), (100202, "Insufficient assets")),
    "duplicate-id": (
        (101481, "clientOrderID cannot be repeated"),
        (109201, "The same order number is only allowed to be submitted once within 1 second."),
    ),
    "no-price": ((101415, "This trading pair is suspended from opening new position"), (100490, "symbol is offline")),
}


def answered(data: object, **beside: object) -> Reply:
    """Return a successful answer; `beside` stands next to `data` in the envelope."""
    return Reply(body={"code": 0, "msg": "", **beside, "data": data})


def spot_answered(data: object) -> Reply:
    """Return a successful answer of the spot API, whose envelope has one field more."""
    return Reply(body={"code": 0, "msg": "", "debugMsg": "", "data": data})


def stamped(core: Core, data: object) -> Reply:
    """Return a successful answer of the APIs that say when it was given."""
    return Reply(body={"code": 0, "timestamp": core.now_ms(), "data": data})


def said(code: int, message: str, status: int = 200) -> Reply:
    """Return an answer with a code that is not 0."""
    return Reply(body={"code": code, "msg": message, "debugMsg": "", "data": {}}, status=status)


def refused(code: int, message: str) -> Refused:
    """Return the refusal with that code: HTTP 200 and the code in the envelope."""
    return Refused(said(code, message))


def rejected(error: OrderRejected, *, is_spot: bool) -> Refused:
    """Return the venue's refusal of an order for the simulator's word for it."""
    return refused(*_REJECTIONS[error.code][1 if is_spot else 0])


def plain(number: Decimal) -> str:
    """Return a number without exponent and without trailing zeros."""
    text = f"{number or Decimal(0):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def told(number: Decimal, places: int = 8) -> str:
    """Return a number with at most `places` decimals, cut toward zero."""
    return plain(number.quantize(Decimal(1).scaleb(-places), rounding="ROUND_DOWN"))


def bare(number: Decimal) -> int | float:
    """Return a number as JSON writes one without quotes."""
    return int(number) if number == number.to_integral_value() else float(number)


def decimals(step: Decimal) -> int:
    """Return how many decimals a step of the form 0.001 has."""
    return max(-int(step.normalize().as_tuple().exponent), 0)


def ms(moment: datetime) -> int:
    """Return a moment in integer milliseconds UTC."""
    return round(moment.timestamp() * 1000)


def number_of(sent: Mapping[str, str], name: str, code: int) -> Decimal:
    """Return a number above zero that was sent as text; refuse anything else with `code`."""
    try:
        number = Decimal(sent.get(name, ""))
    except InvalidOperation:
        raise refused(code, f"Invalid parameters, err:{name}: must be a number") from None
    if not number.is_finite() or number <= 0:
        raise refused(code, f"Invalid parameters, err:{name}: must be greater than 0")
    return number


def whole_of(sent: Mapping[str, str], name: str, usual: int, code: int = 109400) -> int:
    """Return a whole number that was sent, `usual` where none was; refuse anything else with `code`."""
    text = sent.get(name, "")
    if not text:
        return usual
    if not text.isdigit():
        raise refused(code, f"Invalid parameters, err:{name}: must be an integer")
    return int(text)
