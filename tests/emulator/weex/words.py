"""The words WEEX refuses with: HTTP 400 with code and msg, but an order's refusal comes as HTTP 200, success false."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from bot.errors import OrderRejected
from tests.emulator.asks import Refused, Reply

_UNAUTHORISED = frozenset({-1040, -1041, -1042, -1043, -1044, -1046, -1047, -1049})
# The simulator's word → the code and what the matching engine says to it.
_REJECTIONS: Mapping[str, tuple[str, str]] = {
    "unknown-symbol": ("-1121", "Invalid symbol."),
    "off-grid": ("-1160", "Decimal precision error."),
    "below-minimum": ("-1142", "FAILED_PRECONDITION: order size is below the minimum"),
    "price-missing": ("-1141", "Parameter price cannot be empty."),
    "market-with-price": ("-1128", "Combination of optional parameters invalid."),
    "price-out-of-band": ("-1142", "FAILED_PRECONDITION: price is out of range"),
    "post-only-would-cross": ("-1142", "FAILED_PRECONDITION: post only order would trade at once"),
    "stop-would-trigger": ("-1142", "FAILED_PRECONDITION: trigger price is passed already"),
    "reduce-only": ("-1142", "FAILED_PRECONDITION: there is no position to close"),
    # One code for "not enough" and for a fault of the venue: whoever reads only the code cannot tell.
    "insufficient-balance": ("-1054", "FAILED_PRECONDITION: available amount not enough"),
    "insufficient-margin": ("-1054", "FAILED_PRECONDITION: available amount not enough"),
    "duplicate-id": ("-1142", "DUPLICATE_CLIENT_ORDER_ID"),
    "no-price": ("-1190", "Access forbidden. Please contact support."),
}


def refusal(code: int, message: str) -> Reply:
    """Return the answer for a request that is refused as such."""
    return Reply(body={"code": code, "msg": message}, status=401 if code in _UNAUTHORISED else 400)


def refused(code: int, message: str) -> Refused:
    """Return the exception that makes the server refuse a request."""
    return Refused(refusal(code, message))


def order_refused(error: OrderRejected, client_id: str) -> Reply:
    """Return the answer for an order the matching engine does not take: HTTP 200, no id, success false."""
    code, message = _REJECTIONS.get(error.code, ("-1054", f"emulator: no word for {error.code}: {error.message}"))
    return failure(code, message, client_id)


def failure(code: str, message: str, client_id: str = "") -> Reply:
    """Return an order's refusal."""
    return Reply(
        body={
            "orderId": "",
            "clientOrderId": client_id,
            "success": False,
            "errorCode": code,
            "errorMessage": message,
        }
    )


def plain(number: Decimal) -> str:
    """Return a number without exponent and without trailing zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def told(number: Decimal, decimals: int = 8) -> str:
    """Return a number cut to at most so many decimals."""
    return plain(number.quantize(Decimal(1).scaleb(-decimals), rounding="ROUND_DOWN"))


def places(step: Decimal) -> int:
    """Return the decimals of a power of ten: 0.001 → 3."""
    return max(-int(step.normalize().as_tuple().exponent), 0)


def ms(moment: datetime) -> int:
    """Return a moment in whole milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


FAULT_CODES: Mapping[str, Reply] = {
    "unknown": refusal(-1000, "An unknown error occurred while processing the request."),
    "busy": refusal(-1054, "System error, please retry later."),
    "duplicate": failure("-1142", "DUPLICATE_CLIENT_ORDER_ID"),
    "rate-limit": Reply(body={"code": 429, "msg": "Too many requests"}, status=429),
    "clock": refusal(-1046, "Request timestamp expired."),
    "reject": failure("-1160", "Decimal precision error."),
    "maintenance": Reply(body={"code": -1054, "msg": "System is under maintenance"}, status=503),
    "auth": refusal(-1044, "Invalid ACCESS_KEY."),
}
