"""What became of an order, looked up by our id in the way each venue allows (VENUES 0.4), with its fills and fees."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.domain.instrument import Instrument
from bot.domain.numbers import ZERO
from bot.domain.order import Fill, Liquidity, OrderReport, OrderStatus
from bot.errors import NumberRefused, SnapshotUnavailable
from bot.venues.asking import Absent, Reader
from bot.venues.connect import Connection
from bot.venues.row import FindBy, Params, Product
from bot.venues.told import told_client_id, told_filled, told_side
from bot.venues.trades import fee_of, read_trades
from bot.venues.translate import decimal, moment, seek

Found = Mapping[str, Any] | None
LOOKS_FOR_FILLS = 5
BETWEEN_LOOKS = timedelta(milliseconds=300)
TRADES_BEFORE = timedelta(minutes=1)
SENT_BEFORE = timedelta(minutes=1)  # by another clock than the venue's
TRADES_TOLD = timedelta(days=6)  # the shortest span a venue tells of one order's trades at once is seven days
RAW_WORDS = ("status", "state")
WORDS = {
    "open": OrderStatus.OPEN,
    "closed": OrderStatus.CANCELLED,
    "canceled": OrderStatus.CANCELLED,
    "cancelled": OrderStatus.CANCELLED,
    "canceling": OrderStatus.OPEN,
    "expired": OrderStatus.EXPIRED,
    "expired_in_match": OrderStatus.EXPIRED,
    "rejected": OrderStatus.REJECTED,
    "new": OrderStatus.OPEN,
    "pending": OrderStatus.OPEN,
    "pending_new": OrderStatus.OPEN,
    "untriggered": OrderStatus.OPEN,
    "working": OrderStatus.OPEN,
    "partially_filled": OrderStatus.OPEN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """An order to be looked up by our id; where it was sent long ago, a list of the newest ones proves nothing."""

    instrument: Instrument
    client_order_id: str
    sent_at: datetime | None = None

    @property
    def symbol(self) -> str:
        """Its market."""
        return self.instrument.symbol

    def among(self, rows: Iterable[Mapping[str, Any]], product: Product) -> Found:
        """Return it out of a list, None where it is not there."""
        return next((dict(row) for row in rows if _is_it(row, self.client_order_id, product)), None)

    def refuse_short(self, rows: Sequence[Mapping[str, Any]], most: int) -> None:
        """Raise SnapshotUnavailable where a list of at most so many rows ends before it could come; 0 ends nowhere."""
        if not most or len(rows) < most:
            return
        oldest = min(moment(row.get("timestamp"), "time of an order") for row in rows)
        if self.sent_at is None or oldest > self.sent_at - SENT_BEFORE:
            raise SnapshotUnavailable(
                f"the venue lists its newest {len(rows)} orders in {self.symbol}, {self.client_order_id} is not among "
                f"them and may be older than {oldest:%Y-%m-%d %H:%M} UTC: whether the venue has it cannot be known",
                part="orders",
                mend="look for it at the venue",
            )


async def find_order(connection: Connection, sought: Sought, reader: Reader) -> Found:
    """Return ccxt's order of our id, None where every place the venue keeps orders says that there is none.

    Raises SnapshotUnavailable where that cannot be known: not found is never guessed from a failure.
    """
    if not connection.access.can_find:
        raise SnapshotUnavailable(
            f"{connection.row.title} cannot be asked for an order in {connection.mode}", part="orders"
        )
    product = connection.row.products[sought.instrument.wallet]
    found = await STRATEGIES[product.find](connection, sought, reader)
    if found is None and product.stop_find_params is not None:
        stop = await _by_client_id(connection, sought, reader, dict(product.stop_find_params))
        found = await _fired(connection, sought.instrument, stop, reader)
    if found is not None and not _is_it(found, sought.client_order_id, product):
        raise SnapshotUnavailable(
            f"the venue was asked for {sought.client_order_id} and answered with another order", part="orders"
        )
    return found


async def _fired(connection: Connection, instrument: Instrument, stop: Found, reader: Reader) -> Found:
    """Return the order a stop became when it fired, under the stop's own id; a stop that waits as it is."""
    product, client = connection.row.products[instrument.wallet], connection.clients[instrument.wallet]
    became = str(seek(stop.get("info"), product.stop_became) or "") if stop and product.stop_became else ""
    if stop is None or not became:
        return stop
    order = await _or_none(reader, lambda: client.fetch_order(became, instrument.symbol, dict(product.find_params)))
    if order is None:
        raise SnapshotUnavailable(f"the stop became the order {became}, which the venue does not tell", part="orders")
    return {**order, "clientOrderId": stop.get("clientOrderId")}


def _is_it(found: Mapping[str, Any], client_order_id: str, product: Product) -> bool:
    return told_client_id(found, product).lower() == client_order_id.lower()


async def _plain(connection: Connection, sought: Sought, reader: Reader) -> Found:
    product = connection.row.products[sought.instrument.wallet]
    return await _by_client_id(connection, sought, reader, dict(product.find_params))


async def _by_client_id(connection: Connection, sought: Sought, reader: Reader, params: dict[str, object]) -> Found:
    client = connection.clients[sought.instrument.wallet]
    identity = params.pop("id", None)
    asked = {**params, "clientOrderId": sought.client_order_id}
    found: Found = await _or_none(reader, lambda: client.fetch_order(identity, sought.symbol, asked))
    return found


async def _open_then_closed(connection: Connection, sought: Sought, reader: Reader) -> Found:
    """Look through lists that are asked for our id alone."""
    product = connection.row.products[sought.instrument.wallet]
    return await _through_lists(connection, sought, reader, {product.cancel_client_id: sought.client_order_id})


async def _through_lists(connection: Connection, sought: Sought, reader: Reader, more: Params) -> Found:
    """Look among the open ones, then among the closed, then among the open again: it may change place in between."""
    client = connection.clients[sought.instrument.wallet]
    product = connection.row.products[sought.instrument.wallet]
    asked = {**product.find_params, **more}
    opened, closed = (client.fetch_open_orders, 0), (client.fetch_canceled_and_closed_orders, product.orders_most)
    for place, most in (opened, closed, opened):
        rows = await reader.read(
            "orders",
            lambda place=place, most=most: place(sought.symbol, None, most or None, dict(asked)),  # type: ignore[misc]
        )
        if found := sought.among(rows, product):
            return found
        sought.refuse_short(rows, most)
    return None


async def _lists_twice(connection: Connection, sought: Sought, reader: Reader) -> Found:
    """Look among all open orders, all closed ones, and through both again: it may change place in between.

    Lists without a single row prove nothing of one that is missing in them: an empty answer may be a broken one.
    """
    client = connection.clients[sought.instrument.wallet]
    product = connection.row.products[sought.instrument.wallet]
    places = ((client.fetch_open_orders, 0), (client.fetch_canceled_and_closed_orders, product.orders_most))
    for _ in range(2):
        seen = 0
        for place, most in places:
            rows = await reader.read(
                "orders",
                lambda place=place, most=most: place(None, None, most or None, dict(product.find_params)),  # type: ignore[misc]
            )
            if found := sought.among(rows, product):
                return found
            sought.refuse_short(rows, most)
            seen += len(rows)
        if not seen:
            raise SnapshotUnavailable(
                f"the venue lists no order at all: whether it has {sought.client_order_id} cannot be known",
                part="orders",
                mend="look for it at the venue; once any order was made there, its lists are believed",
            )
    return None


async def _raw_call(connection: Connection, sought: Sought, reader: Reader) -> Found:
    client = connection.clients[sought.instrument.wallet]
    product = connection.row.products[sought.instrument.wallet]
    raw = product.raw_find
    if raw is None:
        raise SnapshotUnavailable(f"the row of {connection.row.name} names no call to find an order", part="orders")
    market = client.market(sought.symbol)
    asked = {**product.find_params, raw.symbol: market["id"], raw.client_id: sought.client_order_id}
    answer = await _or_none(reader, lambda: getattr(client, raw.call)(asked))
    row = seek(answer, raw.order) if answer is not None else None
    if row is None or row in ({}, []):
        return None
    parsed: Mapping[str, Any] = client.parse_order(row, market)
    return parsed


async def _raw_call_then_scan(connection: Connection, sought: Sought, reader: Reader) -> Found:
    """Look by our id, which some venues forget after hours, and then through the lists."""
    found = await _raw_call(connection, sought, reader)
    return found or await _through_lists(connection, sought, reader, {})


async def _or_none(reader: Reader, call: Callable[[], Awaitable[Any]]) -> Any:
    try:
        return await reader.read("orders", call)
    except Absent:
        return None


STRATEGIES = {
    FindBy.CLIENT_ID: _plain,
    FindBy.OPEN_THEN_CLOSED: _open_then_closed,
    FindBy.RAW_CALL: _raw_call,
    FindBy.RAW_CALL_THEN_SCAN: _raw_call_then_scan,
    FindBy.LISTS_TWICE: _lists_twice,
}


def status_of(row: Mapping[str, Any], product: Product, filled: Decimal, amount: Decimal) -> OrderStatus:
    """Return what the venue says of an order: our own reading of status, filled and amount (VENUES 4.4).

    Where the venue's row has a meaning for its raw word, or else for ccxt's, that is meant, and ccxt's word otherwise.
    Raises NumberRefused for a word nobody knows: unknown is no.
    """
    if filled >= amount > 0:
        return OrderStatus.FILLED
    told = str(row.get("status") or "").lower()
    raw = (str(seek(row.get("info"), name) or "").lower() for name in RAW_WORDS)
    word = next((product.status[one] for one in (*raw, told) if one in product.status), told)
    found = WORDS.get(word)
    if found is None:
        raise NumberRefused(f"its status is {told[:30]!r}, which Poise does not know")
    return found


async def report_of(
    connection: Connection, instrument: Instrument, client_order_id: str, row: Mapping[str, Any], reader: Reader
) -> OrderReport:
    """Return an order's report with all its fills and fees; raise SnapshotUnavailable where they do not add up yet."""
    product = connection.row.products[instrument.wallet]
    try:
        amount = decimal(row.get("amount"), "amount")
        filled = told_filled(row, product)
        status = status_of(row, product, filled, amount)
        fills = await _fills(connection, instrument, client_order_id, row, filled, reader) if filled else ()
        at = moment(row.get("lastUpdateTimestamp") or row.get("timestamp"), "time of the order")
    except NumberRefused as error:
        raise SnapshotUnavailable(f"order {client_order_id}: {error.message}", part="orders") from None
    return OrderReport(
        client_order_id=client_order_id,
        venue_order_id=str(row["id"]),
        symbol=instrument.symbol,
        status=status,
        ordered=amount,
        fills=fills,
        at=max([at, *(fill.at for fill in fills)]),
    )


def _begun(row: Mapping[str, Any]) -> datetime:
    """Return the moment since which an order's trades are asked for.

    A stop rests for weeks before it trades, and from the time it was made a venue tells of seven days only: what
    changed it last, its last trade, is the end of those that are asked for.
    """
    made = moment(row.get("timestamp"), "time of the order") - TRADES_BEFORE
    changed = row.get("lastUpdateTimestamp")
    return max(made, moment(changed, "time of the order") - TRADES_TOLD) if changed else made


async def _fills(
    connection: Connection,
    instrument: Instrument,
    client_order_id: str,
    row: Mapping[str, Any],
    filled: Decimal,
    reader: Reader,
) -> tuple[Fill, ...]:
    """Return the trades of an order, looked for until they sum to what was filled."""
    begun = _begun(row)
    found: tuple[Fill, ...] = ()
    for look in range(LOOKS_FOR_FILLS):
        if look:
            await reader.sleep(BETWEEN_LOOKS.total_seconds())
        rows = await read_trades(connection, instrument, str(row["id"]), begun, reader)
        mine = [one for one in rows if str(one.get("order")) == str(row["id"])]
        found = tuple(fill_of(one, instrument, client_order_id, connection) for one in mine)
        if sum((fill.quantity for fill in found), ZERO) == filled:
            return found
    raise SnapshotUnavailable(
        f"order {client_order_id} is filled by {filled}, its trades tell of "
        f"{sum((fill.quantity for fill in found), ZERO)}",
        part="fills",
    )


def fill_of(row: Mapping[str, Any], instrument: Instrument, client_order_id: str, connection: Connection) -> Fill:
    """Return one trade; raise NumberRefused where its fee or its coin is missing: a fee is never taken to be zero."""
    product = connection.row.products[instrument.wallet]
    fee, told = fee_of(row, product.paid)
    asset = connection.access.asset_names.get(told, told)
    return Fill(
        trade_id=str(row["id"]),
        client_order_id=client_order_id,
        symbol=instrument.symbol,
        side=told_side(row, product),
        quantity=decimal(row.get("amount"), "amount of a trade"),
        price=decimal(row.get("price"), "price of a trade"),
        fee=fee,
        fee_asset=asset,
        liquidity=Liquidity.MAKER if row.get("takerOrMaker") == "maker" else Liquidity.TAKER,
        at=moment(row.get("timestamp"), "time of a trade"),
    )
