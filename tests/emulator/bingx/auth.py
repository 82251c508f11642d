"""The lock on BingX's private paths: every parameter in the sorted query, signed, the signature last."""

import hashlib
import hmac
from urllib.parse import unquote

from tests.emulator.asks import Ask
from tests.emulator.bingx.memory import memory_of
from tests.emulator.bingx.names import DEMO
from tests.emulator.bingx.words import refused
from tests.emulator.core import Core

WINDOW_MS = 5_000
WIDEST_WINDOW_MS = 60_000
AHEAD_MS = 1_000
A_SECOND = {
    "/openApi/api/v3/asset/transferRecord": 2,
    "/openApi/spot/v1/user/commissionRate": 2,
    "/openApi/swap/v2/user/commissionRate": 5,
    "/openApi/swap/v1/maintMarginRatio": 5,
    "/openApi/spot/v1/trade/myTrades": 5,
    "/openApi/swap/v2/trade/fillHistory": 5,
}
_NOT_IN_DEMO = ("/openApi/spot/", "/openApi/cswap/", "/openApi/fund/", "/openApi/api/")


def check_signature(ask: Ask, core: Core) -> None:
    """Raise Refused with the venue's code when key, time or signature is wrong.

    The signed text is the sorted query without its signature, undone of its percent signs; a POST has it in its
    query as well, and no body. Codes: 100413 key, 100412 no signature, 100001 wrong one, 100421 time.
    """
    key, sent = ask.headers.get("x-bx-apikey", ""), ask.params
    if not hmac.compare_digest(key, core.secrets.key):
        raise refused(100413, "Incorrect apiKey, please check your valid api key")
    text, mark, given = ask.query.rpartition("&signature=")
    if not mark or not given or ask.body:
        raise refused(100412, "Null signature")
    names = [part.partition("=")[0] for part in text.split("&")]
    if names != sorted(names) or not hmac.compare_digest(_signature(core, unquote(text)), given):
        raise refused(100001, "Signature verification failed due to signature mismatch")
    _check_time(core, sent.get("timestamp", ""), sent.get("recvWindow", str(WINDOW_MS)))
    _check_pace(ask, core)
    if ask.host == DEMO and ask.path.startswith(_NOT_IN_DEMO):
        raise refused(100400, "this api is not supported in the simulated environment")


def _check_pace(ask: Ask, core: Core) -> None:
    """Refuse with 100410 what is asked of one path more often than it may be within a second."""
    most = A_SECOND.get(ask.path)
    if most is None:
        return
    asked, now = memory_of(core).asked_ms, core.now_ms()
    recent = [at_ms for at_ms in asked.get(ask.path, []) if at_ms > now - 1000]
    asked[ask.path] = [*recent, now]
    if len(recent) >= most:
        raise refused(100410, "rate limited")


def _signature(core: Core, text: str) -> str:
    return hmac.new(core.secrets.secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def _check_time(core: Core, stamp: str, window: str) -> None:
    """Server − window ≤ timestamp < server + 1000 ms, else 100421."""
    if not stamp.isdigit() or not window.isdigit() or int(window) > WIDEST_WINDOW_MS:
        raise refused(100421, "Null timestamp or timestamp mismatch")
    now = core.now_ms()
    if not now - int(window) <= int(stamp) < now + AHEAD_MS:
        raise refused(100421, f"Null timestamp or timestamp mismatch: {stamp} at {now}")
