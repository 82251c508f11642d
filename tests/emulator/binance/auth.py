"""The lock on Binance's private paths: key in a header, HMAC over what was sent, a time within the window."""

import hashlib
import hmac

from tests.emulator.asks import Ask
from tests.emulator.binance.refusals import refused
from tests.emulator.core import Core

DEFAULT_WINDOW_MS = 5_000
WIDEST_WINDOW_MS = 60_000
AHEAD_MS = 1_000
_WRONG_KEY = "Invalid API-key, IP, or permissions for action."
_MISSING = "Mandatory parameter '{}' was not sent, was empty/null, or malformed."


def check_signature(ask: Ask, core: Core) -> None:
    """Raise Refused with the venue's code when key, time or signature is wrong.

    The signed text is the query and the body, one after the other, without `&signature=…`, which comes last.
    """
    key = ask.headers.get("x-mbx-apikey", "")
    if not key:
        raise refused(-2014, "API-key format invalid.")
    if not hmac.compare_digest(key, core.secrets.key):
        raise refused(-2015, _WRONG_KEY)
    text, _, given = (ask.query + ask.body).rpartition("&signature=")
    if not text:
        raise refused(-1102, _MISSING.format("signature"))
    expected = hmac.new(core.secrets.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, given):
        raise refused(-1022, "Signature for this request is not valid.")
    _check_time({**ask.params, **ask.form}, core.now_ms())


def _check_time(sent: dict[str, str], now_ms: int) -> None:
    if not sent.get("timestamp", "").isdigit():
        raise refused(-1102, _MISSING.format("timestamp"))
    window = int(sent.get("recvWindow", DEFAULT_WINDOW_MS))
    if window > WIDEST_WINDOW_MS:
        raise refused(-1131, "recvWindow must be less than 60000")
    stamp = int(sent["timestamp"])
    if stamp > now_ms + AHEAD_MS:
        raise refused(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
    if now_ms - stamp > window:
        raise refused(-1021, "Timestamp for this request is outside of the recvWindow.")
