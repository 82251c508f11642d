"""The lock of WEEX: four headers, the signature over time, method, path with query, and body."""

import base64
import hashlib
import hmac

from tests.emulator.asks import Ask
from tests.emulator.core import Core
from tests.emulator.weex.words import refused

WINDOW_MS = 30_000


def check_signature(ask: Ask, core: Core) -> None:
    """Raise Refused with the venue's code when a header is missing, or key, passphrase, time or signature is wrong."""
    names = {"access-key": -1040, "access-sign": -1041, "access-timestamp": -1042}
    for name, code in names.items():
        if not ask.headers.get(name):
            raise refused(code, f"{name.upper()} header is required.")
    _check_key(ask, core)
    stamp = ask.headers["access-timestamp"]
    if not stamp.isdigit():
        raise refused(-1043, "Invalid ACCESS_TIMESTAMP.")
    if abs(core.now_ms() - int(stamp)) > WINDOW_MS:
        raise refused(-1046, "Request timestamp expired.")
    if ask.method in ("POST", "DELETE") and ask.headers.get("content-type") != "application/json":
        raise refused(-1045, "Invalid Content-Type, please use application/json.")
    where = f"{ask.path}?{ask.query}" if ask.query else ask.path
    text = f"{stamp}{ask.method}{where}{ask.body}"
    made = base64.b64encode(hmac.new(core.secrets.secret.encode(), text.encode(), hashlib.sha256).digest()).decode()
    if not hmac.compare_digest(made, ask.headers["access-sign"]):
        raise refused(-1047, "API authentication failed.")


def _check_key(ask: Ask, core: Core) -> None:
    if not hmac.compare_digest(ask.headers["access-key"], core.secrets.key):
        raise refused(-1044, "Invalid ACCESS_KEY.")
    if not hmac.compare_digest(ask.headers.get("access-passphrase", ""), core.secrets.passphrase):
        raise refused(-1049, "API key or passphrase incorrect.")
