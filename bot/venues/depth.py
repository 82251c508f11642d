"""How much rests near the best prices: the gate takes no order whose market's depth is unknown."""

import asyncio
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from bot.domain.instrument import Instrument
from bot.domain.numbers import ZERO
from bot.domain.order import Side
from bot.errors import NumberRefused, SnapshotUnavailable
from bot.venues.asking import Reader
from bot.venues.connect import Connection
from bot.venues.translate import decimal

NEAR = Decimal("0.0025")  # a Quote's depth is counted within 25 basis points of the best price

Depths = dict[str, tuple[Decimal, Decimal]]


async def read_depths(connection: Connection, instruments: Iterable[Instrument], reader: Reader) -> Depths:
    """Return the quote-currency value resting near the best bid and near the best ask, by symbol.

    One order book each, asked together; a book that ends within 25 basis points counts for what it shows.
    """
    wanted = sorted(instruments, key=lambda one: one.symbol)
    found = await asyncio.gather(*(_read(connection, one, reader) for one in wanted))
    return {one.symbol: depths for one, depths in zip(wanted, found, strict=True)}


async def _read(connection: Connection, one: Instrument, reader: Reader) -> tuple[Decimal, Decimal]:
    product, client = connection.row.products[one.wallet], connection.clients[one.wallet]
    part = f"order book of {one.symbol}"
    try:
        book: Any = await reader.read(part, lambda: client.fetch_order_book(one.symbol, product.book_levels))
        return near(one, book.get("bids") or (), Side.SELL), near(one, book.get("asks") or (), Side.BUY)
    except NumberRefused as error:
        raise SnapshotUnavailable(f"{part}: {error.message}", part=part) from None


def near(one: Instrument, levels: Iterable[Sequence[object]], side: Side) -> Decimal:
    """Return the value an order on `side` meets within 25 basis points of the first level; zero for an empty side."""
    total, limit = ZERO, None
    for level in levels:
        price, amount = decimal(level[0], "price of a level"), decimal(level[1], "amount of a level")
        if limit is None:
            limit = price * (1 + side.sign * NEAR)
        if (price - limit) * side.sign > 0:
            break
        total += abs(one.notional(amount, price))
    return total
