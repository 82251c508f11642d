"""The words Binance refuses with: a code, a sentence, and the HTTP status they come with."""

from collections.abc import Mapping

from bot.errors import OrderRejected
from tests.emulator.asks import Refused, Reply

_UNAUTHORISED = frozenset({-2014, -2015})
_BUSY = frozenset({-1007, -1008, -1001})


def refusal(code: int, message: str) -> Reply:
    """Return the venue's answer for a refusal."""
    status = 401 if code in _UNAUTHORISED else 503 if code in _BUSY else 400
    return Reply(body={"code": code, "msg": message}, status=status)


def refused(code: int, message: str) -> Refused:
    """Return the exception that makes the server answer with a refusal."""
    return Refused(refusal(code, message))


# The simulator's word → what the spot and the futures matching engine say to it.
_SPOT = {
    "unknown-symbol": (-1121, "Invalid symbol."),
    "off-grid": (-1013, "Filter failure: LOT_SIZE"),
    "below-minimum": (-1013, "Filter failure: NOTIONAL"),
    "price-out-of-band": (-1013, "Filter failure: PERCENT_PRICE_BY_SIDE"),
    "post-only-would-cross": (-2010, "Order would immediately match and take."),
    "stop-would-trigger": (-2010, "Stop price would trigger immediately."),
    "insufficient-balance": (-2010, "Account has insufficient balance for requested action."),
    "duplicate-id": (-2010, "Duplicate order sent."),
    "no-price": (-2010, "Market is closed."),
}
_FUTURES = {
    "unknown-symbol": (-1121, "Invalid symbol."),
    "off-grid": (-1111, "Precision is over the maximum defined for this asset."),
    "below-minimum": (-4164, "Order's notional must be no smaller than 5 (unless you choose reduce only)."),
    "price-out-of-band": (-4016, "Limit price can't be higher than the cap."),
    "post-only-would-cross": (
        -5022,
        "Due to the order could not be executed as maker, the Post Only order will be rejected. "
        "The order will not be recorded in the order history",
    ),
    "stop-would-trigger": (-2021, "Order would immediately trigger."),
    "reduce-only": (-2022, "ReduceOnly Order is rejected."),
    "insufficient-margin": (-2019, "Margin is insufficient."),
    "duplicate-id": (-4116, "ClientOrderId is duplicated."),
    "no-price": (-4108, "Symbol is not in trading status."),
}
_TRANSFER = {
    "below-minimum": (-5011, "The transfer amount must be greater than zero."),
    "off-grid": (-1111, "Precision is over the maximum defined for this asset."),
    "unknown-wallet": (-5001, "Don't allow transfer to micro assets."),
    "insufficient-balance": (-5013, "Asset transfer fail: insufficient balance"),
    "insufficient-margin": (-5013, "Asset transfer fail: insufficient balance"),
}


def order_refused(error: OrderRejected, *, spot: bool) -> Refused:
    """Return the venue's refusal for a word of the simulator."""
    code, message = _said(_SPOT if spot else _FUTURES, error)
    return refused(code, message)


def transfer_refused(error: OrderRejected) -> Refused:
    """Return the venue's refusal of a transfer."""
    return refused(*_said(_TRANSFER, error))


def _said(words: Mapping[str, tuple[int, str]], error: OrderRejected) -> tuple[int, str]:
    return words.get(error.code, (-1102, f"emulator: no venue code for {error.code}: {error.message}"))


FAULT_CODES: Mapping[str, Reply] = {
    "unknown": refusal(-1007, "Timeout waiting for response from backend server. Send status unknown."),
    "busy": refusal(-1008, "Server is currently overloaded with other requests. Please try again in a few minutes."),
    "duplicate": refusal(-4116, "ClientOrderId is duplicated."),
    "rate-limit": Reply(
        body={"code": -1003, "msg": "Too many requests; current limit is 2400 requests per minute."},
        status=429,
        headers={"Retry-After": "1"},
    ),
    "clock": refusal(-1021, "Timestamp for this request is outside of the recvWindow."),
    "reject": refusal(-2019, "Margin is insufficient."),
    "maintenance": refusal(-1016, "This service is no longer available."),
    "auth": refusal(-2015, "Invalid API-key, IP, or permissions for action."),
}
