"""The two locks of MEXC: a signed query in spot, a signed body or sorted query in the contract API."""

import hashlib
import hmac
from urllib.parse import parse_qsl

from tests.emulator.asks import Ask
from tests.emulator.core import Core
from tests.emulator.mexc.refusals import contract_refused, spot_refused

DEFAULT_WINDOW_MS = 5_000
WIDEST_WINDOW_MS = 60_000
CONTRACT_WINDOW_MS = 10_000
AHEAD_MS = 1_000
_SIGN = "Signature for this request is not valid."
_LATE = "Timestamp for this request is outside of the recvWindow."


def is_contract(ask: Ask) -> bool:
    """Whether a request is for the contract API."""
    return ask.path.startswith("/api/v1/")


def check_signature(ask: Ask, core: Core) -> None:
    """Raise Refused with the venue's code when key, time or signature is wrong."""
    if is_contract(ask):
        _check_contract(ask, core)
    else:
        _check_spot(ask, core)


def _mac(core: Core, text: str) -> str:
    return hmac.new(core.secrets.secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def _check_spot(ask: Ask, core: Core) -> None:
    """Check a spot request: everything is in the query, also for POST and DELETE; the signature comes last."""
    key = ask.headers.get("x-mexc-apikey", "")
    if not hmac.compare_digest(key, core.secrets.key):
        raise spot_refused(10072, "Api key info invalid")
    if ask.method != "GET" and ask.headers.get("content-type") != "application/json":
        raise spot_refused(700013, "Invalid content Type.")
    text, _, given = ask.query.rpartition("&signature=")
    if not text or ask.body:
        raise spot_refused(700004, "Mandatory parameter 'signature' was not sent, was empty/null, or malformed.")
    if not hmac.compare_digest(_mac(core, text), given):
        raise spot_refused(700002, _SIGN)
    _check_spot_time(dict(parse_qsl(text)), core.now_ms())


def _check_spot_time(sent: dict[str, str], now_ms: int) -> None:
    if not sent.get("timestamp", "").isdigit():
        raise spot_refused(700004, "Mandatory parameter 'timestamp' was not sent, was empty/null, or malformed.")
    window = int(sent.get("recvWindow", DEFAULT_WINDOW_MS))
    if window > WIDEST_WINDOW_MS:
        raise spot_refused(700005, "recvWindow must less than 60000")
    stamp = int(sent["timestamp"])
    if stamp > now_ms + AHEAD_MS or now_ms - stamp > window:
        raise spot_refused(700003, _LATE)


def _check_contract(ask: Ask, core: Core) -> None:
    """Check a contract request: HMAC over key, time and the JSON body, or the query with sorted names for GET."""
    key, stamp = ask.headers.get("apikey", ""), ask.headers.get("request-time", "")
    if not hmac.compare_digest(key, core.secrets.key):
        raise contract_refused(402, "Api key info invalid")
    if not stamp.isdigit():
        raise contract_refused(600, "Param error!")
    text = ask.body if ask.method == "POST" else _sorted(ask.query)
    given = ask.headers.get("signature", "")
    if not hmac.compare_digest(_mac(core, key + stamp + text), given):
        raise contract_refused(602, "Signature verification failed!")
    if not -AHEAD_MS <= core.now_ms() - int(stamp) <= CONTRACT_WINDOW_MS:
        raise contract_refused(513, "Request-Time is outside of the window.")


def _sorted(query: str) -> str:
    return "&".join(sorted(query.split("&"))) if query else ""
