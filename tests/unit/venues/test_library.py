"""One venue's class is loaded out of the library, and none of the other hundred; its lines of keys never appear."""

import subprocess
import sys

import pytest

from bot.venues.rows import NAMES, row_of

CLASSES = sorted({client.ccxt_id for name in NAMES for client in row_of(name).clients})
LOADED = """
import logging, sys
from bot.venues.library import venue_class
found = venue_class({name!r})
logging.basicConfig(level=logging.DEBUG, stream=sys.stdout)
logger = logging.getLogger("ccxt.base.exchange")
logger.setLevel(logging.DEBUG)
logger.debug("apiKey=SECRET")
logger.warning("heard")
print(found.__name__)
beside = ("base", "static_dependencies", "abstract")
print(sorted({{one.split(".")[2] for one in sys.modules if one.startswith("ccxt.async_support.")}} - set(beside)))
"""
WHOLE = """
import ccxt.async_support
from bot.venues.library import venue_class
print(venue_class("bybit") is ccxt.async_support.bybit)
"""
MISSING = """
from bot.venues.library import venue_class
venue_class("bybit")
import ccxt
print(hasattr(ccxt, "RateLimitExceeded"), hasattr(ccxt, "Exchange"), hasattr(ccxt, "kraken"))
"""


def told(script: str) -> list[str]:
    """What a process of its own prints, line by line."""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.splitlines()


@pytest.mark.parametrize("name", CLASSES)
def test_only_one_venues_class_is_loaded_and_no_key_is_logged(name: str) -> None:
    """Also where somebody sets the library's logger to DEBUG: a warning is heard, a key is not."""
    heard, found, loaded = told(LOADED.format(name=name))
    assert heard.endswith("heard")
    assert found == name
    assert name in loaded
    assert not [one for one in ("kraken", "coinbase", "deribit") if one in loaded]
    assert len(loaded.split(",")) <= 2, loaded


def test_where_all_of_the_library_is_loaded_already_that_is_used() -> None:
    """The class is the library's own."""
    assert told(WHOLE) == ["True"]


def test_of_the_librarys_top_only_its_root_and_its_exceptions_are_there() -> None:
    """Nothing else is imported by asking for it."""
    assert told(MISSING) == ["True True False"]
