"""The account's own trades in one market, in ccxt's form: from its call, or from the venue's list where that lacks."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from bot.domain.instrument import Instrument
from bot.errors import NumberRefused, SnapshotUnavailable
from bot.venues.asking import Reader
from bot.venues.connect import Connection
from bot.venues.paging import pages
from bot.venues.row import RawTrades
from bot.venues.translate import decimal, in_milliseconds, rows_of, seek, summed

Row = Mapping[str, Any]


async def read_trades(
    connection: Connection, instrument: Instrument, order_id: str, begun: datetime, reader: Reader
) -> Sequence[Row]:
    """Return the trades since `begun`, those of an order among them; `order_id` is the venue's.

    Raises SnapshotUnavailable where they cannot be read, NumberRefused for a trade that does not say when it was.
    """
    client, product = connection.clients[instrument.wallet], connection.row.products[instrument.wallet]
    if product.raw_trades is not None:
        return await _raw(client, product.raw_trades, (instrument.symbol, order_id), begun, reader)
    params = {**product.params, **product.fills.params}
    if "orderId" in params:
        params["orderId"] = order_id
    asked = replace(product.fills, params=params)
    found: dict[object, Row] = {}
    async for rows in pages(client, asked, instrument.symbol, (begun, None), reader, "fills"):
        found.update((row.get("id"), row) for row in rows)
    return tuple(found.values())


async def _raw(client: Any, raw: RawTrades, named: tuple[str, str], begun: datetime, reader: Reader) -> Sequence[Row]:
    market = client.market(named[0])
    asked = {
        **raw.params,
        raw.symbol: market["id"],
        raw.order: named[1],
        raw.since: in_milliseconds(begun),
        raw.until: client.milliseconds(),
    }
    answer = await reader.read("fills", lambda: getattr(client, raw.call)(asked))
    rows = rows_of(answer, raw.rows, "fills")
    if len(rows) >= raw.most:
        raise SnapshotUnavailable(f"fills: the venue tells no more than {raw.most} at once", part="fills")
    return [_parsed(client, market, row, raw) for row in rows]


def _parsed(client: Any, market: Row, row: Row, raw: RawTrades) -> Row:
    """Return a raw trade as ccxt reads it, with its own time and role."""
    told = str(seek(row, raw.at) or "")
    try:
        at = datetime.strptime(told, raw.at_form)  # noqa: DTZ007 - a form without a zone is refused below
    except ValueError:
        raise NumberRefused(f"the time of a trade is {told[:40]!r}") from None
    if at.tzinfo is None:
        raise NumberRefused(f"the time of a trade, {told[:40]!r}, is of no zone")
    role = str(seek(row, raw.role) or "").lower()
    return {**client.parse_trade(row, market), "timestamp": in_milliseconds(at), "takerOrMaker": role}


def fee_of(row: Row, paid: str) -> tuple[Decimal, str]:
    """Return what a trade cost and in which coin; a rebate is negative.

    `paid` is the raw term that says it with its sign, "" where ccxt keeps that.
    """
    told = row.get("fee") or next(iter(row.get("fees") or ()), None) or {}
    asset = str(told.get("currency") or "")
    if not asset:
        raise NumberRefused(f"trade {row.get('id')} tells no coin of its fee")
    return summed(row["info"], (paid,), "fee") if paid else decimal(told.get("cost"), "fee"), asset
