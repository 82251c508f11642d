"""Loads one venue's class out of ccxt, and none of the other hundred.

`import ccxt` reads every venue it knows: more than a second. Its packages are therefore set up without
running their `__init__`, only the names that ccxt's own parts ask of them are put there, and the wanted
module is imported below them. Where somebody has imported all of ccxt already, that is used as it is.
"""

import importlib
import importlib.util
import logging
import sys
from types import ModuleType
from typing import Any

PINNED = "4.5.90"


def venue_class(ccxt_id: str) -> Any:
    """Return ccxt's asynchronous class of one venue. Its logger, which prints keys at DEBUG, is pinned above that."""
    _prepare()
    for name in ("ccxt", "ccxt.base.exchange"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.WARNING)
        logger.addFilter(_above_debug)
    module = importlib.import_module(f"ccxt.async_support.{ccxt_id}")
    return getattr(module, ccxt_id)


def _above_debug(record: logging.LogRecord) -> bool:
    """Whether a record may be written: ccxt's DEBUG lines carry keys, whatever level somebody sets later."""
    return record.levelno > logging.DEBUG


def _prepare() -> None:
    if "ccxt" in sys.modules:
        return
    found = importlib.util.find_spec("ccxt")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("ccxt is not installed")
    places = list(found.submodule_search_locations)
    package = _bare("ccxt", places)
    package.__getattr__ = _asked_of_ccxt  # type: ignore[method-assign]
    _bare("ccxt.async_support", [f"{place}/async_support" for place in places])


def _asked_of_ccxt(name: str) -> object:
    """Return what ccxt's own parts take from its top: its root class and its exceptions."""
    for part in ("ccxt.base.errors", "ccxt.base.exchange"):
        found: object = getattr(importlib.import_module(part), name, None)
        if found is not None:
            return found
    raise AttributeError(f"module 'ccxt' has no attribute {name!r}")


def _bare(name: str, places: list[str]) -> ModuleType:
    module = ModuleType(name)
    module.__path__ = places
    sys.modules[name] = module
    return module
