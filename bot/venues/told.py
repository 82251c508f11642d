"""What an order or a trade says of itself: ccxt's reading, or the raw word where ccxt drops or misreads it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bot.domain.numbers import ZERO
from bot.domain.order import Side
from bot.errors import NumberRefused
from bot.venues.row import Product
from bot.venues.translate import decimal, seek


def told_client_id(row: Mapping[str, Any], product: Product) -> str:
    """Return our id in an order, empty where it has none."""
    raw = seek(row.get("info"), product.told_client_id) if product.told_client_id else None
    return str(row.get("clientOrderId") or raw or "")


def told_side(row: Mapping[str, Any], product: Product) -> Side:
    """Return which way an order or a trade goes; raise NumberRefused for a word nobody knows."""
    if product.side_words:
        word = _raw_side(row)
        found = product.side_words.get(word)
    else:
        word = str(row.get("side") or "")
        found = Side(word) if word in tuple(Side) else None
    if found is None:
        raise NumberRefused(f"its side is {word[:20]!r}")
    return found


def told_closing(row: Mapping[str, Any], product: Product) -> bool:
    """Whether an order can only reduce: said so, or one that closes whatever is open when it fires."""
    closes = str(seek(row.get("info"), "closePosition") or "").lower() == "true"
    return bool(row.get("reduceOnly")) or closes or _raw_side(row) in product.closing_words


def told_filled(row: Mapping[str, Any], product: Product) -> Decimal:
    """Return what of an order is filled; raise NumberRefused where that is not told: nothing filled says zero.

    A stop that waits in a row of its own trades under another order, once it fires: until then nothing is filled.
    """
    info = row.get("info")
    if (
        product.stop_became
        and isinstance(info, Mapping)
        and product.stop_became in info
        and not info[product.stop_became]
    ):
        return ZERO
    return decimal(seek(info, product.told_filled) if product.told_filled else row.get("filled"), "filled")


def _raw_side(row: Mapping[str, Any]) -> str:
    told = seek(row.get("info"), "side")
    return "" if told is None else str(told)
