"""What goes out: one session of our own, which the guard stands in front of."""

import ssl
from typing import Any, cast

import aiohttp
import certifi

from bot.venues.guard import Wire


def open_wire() -> Wire:
    """Return a session of our own: certificates checked, no proxy of the environment, no cookies kept."""
    trusted = ssl.create_default_context(cafile=certifi.where())
    connector = aiohttp.TCPConnector(ssl=trusted, limit_per_host=20)
    wire: Any = aiohttp.ClientSession(connector=connector, trust_env=False, cookie_jar=aiohttp.DummyCookieJar())
    return cast("Wire", wire)
