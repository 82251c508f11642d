"""The words MEXC refuses with: spot by HTTP 400 with code and msg, contracts by HTTP 200 with success false."""

from collections.abc import Mapping

from bot.errors import OrderRejected
from tests.emulator.asks import Refused, Reply

_UNAUTHORISED = frozenset({401, 10072, 700007})
_FORBIDDEN = frozenset({403, 406})


def spot_refusal(code: int, message: str) -> Reply:
    """Return the spot API's answer for a refusal."""
    status = 401 if code in _UNAUTHORISED else 403 if code in _FORBIDDEN else 400
    return Reply(body={"code": code, "msg": message}, status=status)


def contract_refusal(code: int, message: str) -> Reply:
    """Return the contract API's answer for a refusal: always with HTTP 200."""
    return Reply(body={"success": False, "code": code, "message": message})


def spot_refused(code: int, message: str) -> Refused:
    """Return the exception that makes the server answer with a spot refusal."""
    return Refused(spot_refusal(code, message))


def contract_refused(code: int, message: str) -> Refused:
    """Return the exception that makes the server answer with a contract refusal."""
    return Refused(contract_refusal(code, message))


# The simulator's word → what the spot and the contract matching engine say to it.
_SPOT = {
    "unknown-symbol": (-1121, "Invalid symbol."),
    "off-grid": (400, "quantity scale is invalid"),
    "below-minimum": (30002, "The minimum transaction volume cannot be less than:1USDT"),
    "price-out-of-band": (30087, "Order price exceeds allowed range"),
    "post-only-would-cross": (30041, "current order type can not place order"),
    "insufficient-balance": (30004, "Insufficient position"),
    "duplicate-id": (-2010, "Duplicate order sent."),
    "no-price": (30016, "trading disabled"),
}
_CONTRACT = {
    "unknown-symbol": (1001, "Contract does not exist!"),
    "off-grid": (2015, "Price or quantity precision error!"),
    "below-minimum": (2008, "The order quantity is less than the minimum!"),
    "price-out-of-band": (2003, "Bid price is great than max allow price"),
    "post-only-would-cross": (2007, "Order price error!"),
    "stop-would-trigger": (3004, "Trigger price error!"),
    "reduce-only": (2009, "Position is not exists or closed."),
    "insufficient-margin": (2005, "Insufficient balance!"),
    "no-price": (1002, "Contract not allow place order!"),
}
_TRANSFER = {
    "below-minimum": (10102, "amount cannot be zero or negative"),
    "insufficient-balance": (10101, "Insufficient balance"),
    "insufficient-margin": (10101, "Insufficient balance"),
}


def spot_order_refused(error: OrderRejected) -> Refused:
    """Return the spot API's refusal for a word of the simulator."""
    return spot_refused(*_said(_SPOT, error))


def contract_order_refused(error: OrderRejected) -> Refused:
    """Return the contract API's refusal for a word of the simulator."""
    return contract_refused(*_said(_CONTRACT, error))


def transfer_refused(error: OrderRejected) -> Refused:
    """Return the refusal of a transfer."""
    return spot_refused(*_said(_TRANSFER, error))


def _said(words: Mapping[str, tuple[int, str]], error: OrderRejected) -> tuple[int, str]:
    return words.get(error.code, (-1128, f"emulator: no venue code for {error.code}: {error.message}"))


FAULT_CODES: Mapping[str, Reply] = {
    "unknown": contract_refusal(500, "Internal error"),
    "busy": contract_refusal(501, "System busy, please try again later"),
    "duplicate": spot_refusal(-2010, "Duplicate order sent."),
    "rate-limit": contract_refusal(510, "Requests are too frequent, please try again later"),
    "clock": spot_refusal(700003, "Timestamp for this request is outside of the recvWindow."),
    "reject": contract_refusal(2005, "Insufficient balance!"),
    "maintenance": Reply(body={"code": 500, "message": "Under maintenance, please try again later"}, status=200),
    "auth": spot_refusal(10072, "Api key info invalid"),
}
