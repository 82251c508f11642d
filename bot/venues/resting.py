"""Orders that rest at the venue, stops among them, by our ids where they are ours."""

import asyncio
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from bot.domain.instrument import WalletKind
from bot.domain.numbers import ZERO
from bot.domain.order import OpenOrder, OrderType
from bot.errors import NumberRefused, SnapshotUnavailable
from bot.venues.asking import Reader
from bot.venues.connect import Connection
from bot.venues.row import Product
from bot.venues.told import told_client_id, told_closing, told_side
from bot.venues.translate import decimal, maybe, positive_or_none


async def read_resting(
    connection: Connection, wallet: WalletKind, symbols: Iterable[str], reader: Reader
) -> tuple[OpenOrder, ...]:
    """Return every order that rests in a wallet's markets; raise SnapshotUnavailable for one that cannot be read.

    Where the venue lists them only by symbol, the symbols are those looked at.
    """
    product, client = connection.row.products[wallet], connection.clients[wallet]
    names: list[str | None] = [*sorted(symbols)] if product.resting_each else [None]
    part = f"{wallet} open orders"
    answers = await asyncio.gather(
        *(
            reader.read(
                part,
                lambda params=params, name=name: client.fetch_open_orders(name, None, None, dict(params)),  # type: ignore[misc]
            )
            for params in product.resting
            for name in names
        )
    )
    if product.resting_most and any(len(answer) >= product.resting_most for answer in answers):
        raise SnapshotUnavailable(f"{part}: the venue tells no more than {product.resting_most} at once", part=part)
    found: dict[str, OpenOrder] = {}
    for row in (row for answer in answers for row in answer):
        try:
            order = resting_order(row, product, lower_case=connection.row.lower_cases_ids)
        except NumberRefused as error:
            raise SnapshotUnavailable(f"{part}: {row.get('symbol')}: {error.message}", part=part) from None
        if order is not None:
            found[f"{order.symbol} {row.get('id')}"] = order
    return tuple(found[key] for key in sorted(found))


def resting_order(row: Mapping[str, Any], product: Product, *, lower_case: bool = False) -> OpenOrder | None:
    """Return one resting order, None when nothing of it remains; raise NumberRefused where a number is missing.

    An order without a client id of somebody's is known by the venue's own.
    """
    amount, filled = decimal(row.get("amount"), "amount"), maybe(row.get("filled"), "filled") or ZERO
    remaining = amount - filled
    if remaining <= 0:
        return None
    trigger = _trigger(row)
    identity = told_client_id(row, product) or str(row.get("id") or "")
    if not identity:
        raise NumberRefused("an order without an id")
    return OpenOrder(
        client_order_id=identity.lower() if lower_case else identity,
        symbol=str(row["symbol"]),
        side=told_side(row, product),
        remaining=remaining,
        price=trigger if trigger is not None else decimal(row.get("price"), "price"),
        reduce_only=told_closing(row, product),
        type=OrderType.POST_ONLY if trigger is None else OrderType.STOP,
    )


def _trigger(row: Mapping[str, Any]) -> Decimal | None:
    for name in ("triggerPrice", "stopPrice", "stopLossPrice"):
        found = positive_or_none(row.get(name), name)
        if found is not None:
            return found
    return None
