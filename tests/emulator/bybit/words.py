"""How Bybit speaks: one envelope around every answer, with its own code whatever the HTTP status says."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from tests.emulator.asks import Refused, Reply
from tests.emulator.core import Core

# The simulator's words in Bybit's: (code and message for contracts, code and message for spot).
_REJECTIONS: Mapping[str, tuple[tuple[int, str], tuple[int, str]]] = {
    "unknown-symbol": ((10001, "params error: symbol invalid"), (170121, "Invalid symbol.")),
    "off-grid": ((10001, "Qty or price invalid"), (170137, "Order volume decimal too long.")),
    "below-minimum": (
        (110094, "Order does not meet minimum order value"),
        (170140, "Order value exceeded lower limit."),
    ),
    "price-missing": (
        (10001, "params error: price required"),
        (170130, "Data sent for parameter 'price' is not valid."),
    ),
    "market-with-price": ((10001, "params error: price"), (170130, "Data sent for parameter 'price' is not valid.")),
    "price-out-of-band": ((110003, "Order price exceeds the allowable range."), (170132, "Order price too high.")),
    "stop-would-trigger": (
        (110093, "expect Falling, but trigger_price >= current"),
        (170130, "Trigger price invalid."),
    ),
    "reduce-only": ((110017, "current position is zero, cannot fix reduce-only order qty"), (170130, "reduceOnly")),
    "insufficient-balance": ((110007, "ab not enough for new order"), (170131, "Balance insufficient.")),
    "insufficient-margin": ((110007, "ab not enough for new order"), (170131, "Balance insufficient.")),
    "duplicate-id": ((110072, "OrderLinkedID is duplicate"), (170141, "Duplicate clientOrderId.")),
    "no-price": ((110065, "No trading is allowed at the current time"), (170101, "Trading is not open.")),
}


def answered(core: Core, result: object, *, code: int = 0, message: str = "OK") -> Reply:
    """Return an answer in the envelope all v5 calls share; `time` is the venue's, in milliseconds."""
    return Reply(body=envelope(core.now_ms(), result, code=code, message=message))


def envelope(now_ms: int, result: object, *, code: int = 0, message: str = "OK") -> dict[str, object]:
    """Return the envelope itself."""
    return {"retCode": code, "retMsg": message, "result": result, "retExtInfo": {}, "time": now_ms}


def listed_answer(core: Core, category: str, rows: list[dict[str, object]], cursor: str = "") -> Reply:
    """Return a list of one category with the cursor to its next page, "" on the last."""
    return answered(core, {"category": category, "list": rows, "nextPageCursor": cursor})


def refused(core: Core, code: int, message: str) -> Refused:
    """Return the refusal with that code: HTTP 200, an empty result, and the code in the envelope."""
    return Refused(answered(core, {}, code=code, message=message))


def rejected(core: Core, word: str, *, is_spot: bool) -> Refused:
    """Return the venue's refusal for the simulator's word for it."""
    code, message = _REJECTIONS[word][1 if is_spot else 0]
    return refused(core, code, message)


def plain(number: Decimal) -> str:
    """Return a number without exponent and without trailing zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def told(number: Decimal, places: int = 8) -> str:
    """Return a number with at most `places` decimals, cut toward zero."""
    return plain(number.quantize(Decimal(1).scaleb(-places), rounding="ROUND_DOWN"))


def ms(moment: datetime) -> int:
    """Return a moment in integer milliseconds UTC."""
    return round(moment.timestamp() * 1000)
