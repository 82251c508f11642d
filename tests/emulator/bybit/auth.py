"""The lock on Bybit's private paths: four headers, HMAC over time, key, window and what was sent."""

import hashlib
import hmac

from tests.emulator.asks import Ask
from tests.emulator.bybit.words import refused
from tests.emulator.core import Core

AHEAD_MS = 1_000
DEMO = "api-demo.bybit.com"
TESTNET = "api-testnet.bybit.com"
LIVE = "api.bybit.com"
# What play money cannot do: the demo host answers these with 10032 (VENUES 2).
_NOT_IN_DEMO = (
    "/v5/asset/transfer/",
    "/v5/account/fee-rate",
    "/v5/user/query-api",
    "/v5/order/disconnected-cancel-all",
)


def is_private(path: str) -> bool:
    """Whether a path needs a signature: everything but the market's own."""
    return not path.startswith("/v5/market/")


def check_signature(ask: Ask, core: Core) -> None:
    """Raise Refused with the venue's code when key, time or signature is wrong; public paths need none.

    The signed text is timestamp + key + window + (the raw query of a GET, the raw body of a POST).
    """
    if not is_private(ask.path):
        return
    key, stamp = ask.headers.get("x-bapi-api-key", ""), ask.headers.get("x-bapi-timestamp", "")
    window, given = ask.headers.get("x-bapi-recv-window", "5000"), ask.headers.get("x-bapi-sign", "")
    if not stamp.isdigit() or not window.isdigit() or not given:
        raise refused(core, 10001, "empty value: apiTimestamp[] apiKey[] apiSignature[]")
    if not hmac.compare_digest(key, core.secrets.key):
        raise refused(core, 10003, "API key is invalid.")
    _check_time(core, int(stamp), int(window))
    text = f"{stamp}{key}{window}{ask.body if ask.method == 'POST' else ask.query}"
    expected = hmac.new(core.secrets.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, given):
        raise refused(core, 10004, "error sign! please check your signature generation algorithm.")
    if ask.host == DEMO and ask.path.startswith(_NOT_IN_DEMO):
        raise refused(core, 10032, "Demo trading are not supported.")


def _check_time(core: Core, stamp: int, window: int) -> None:
    """Server − window ≤ timestamp < server + 1000 ms, else 10002."""
    now = core.now_ms()
    if not now - window <= stamp < now + AHEAD_MS:
        raise refused(
            core,
            10002,
            "invalid request, please check your server timestamp or recv_window param. "
            f"req_timestamp[{stamp}],server_timestamp[{now}],recv_window[{window}]",
        )
