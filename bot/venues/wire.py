"""What goes out: one session of our own, which the guard stands in front of."""

import ssl
from typing import Any, cast

import aiohttp
import certifi

from bot.venues.guard import Wire


def open_wire() -> Wire:
    """Return a session of our own: certificates checked, no proxy of the environment, no cookies, nothing repeated."""
    connector = aiohttp.TCPConnector(ssl=trusted(), limit_per_host=20)
    session = aiohttp.ClientSession(connector=connector, trust_env=False, cookie_jar=aiohttp.DummyCookieJar())
    never_repeat(session)
    wire: Any = session
    return cast("Wire", wire)


def trusted() -> ssl.SSLContext:
    """Return whom we trust: the usual authorities, names checked, and nothing of the environment.

    `ssl.create_default_context` would write the secrets of each connection to the file SSLKEYLOGFILE names.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cafile=certifi.where())
    return context


def never_repeat(session: aiohttp.ClientSession) -> None:
    """Let a session send everything once.

    Of itself aiohttp sends a GET, PUT or DELETE again when a connection it had kept breaks: a cancel would leave
    twice, and each attempt to read count for two. It has no public switch; its own test client sets this one.
    """
    session._retry_connection = False


def sends_once(wire: object) -> bool:
    """Whether a session leaves it to us to ask again."""
    return getattr(wire, "_retry_connection", None) is False
