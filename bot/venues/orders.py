"""One order, spelled as the venue spells it, sent once; and cancels by our id."""

from typing import Any

from bot.domain.instrument import Instrument
from bot.domain.order import OrderRequest, OrderType
from bot.errors import OrderRejected, OutcomeUnknown
from bot.venues.asking import write
from bot.venues.connect import Connection
from bot.venues.row import Product, Spelling
from bot.venues.setup import WantedSetting


def spelled(product: Product, request: OrderRequest) -> Spelling:
    """Return how the venue spells an order's type; raise OrderRejected, before anything is sent, where it has none."""
    found = product.spellings.get(request.type)
    if found is None:
        raise OrderRejected(f"the venue takes no {request.type} order for {request.symbol}", code="not-sent")
    return found


def order_params(
    product: Product, client_order_id: str, request: OrderRequest, setting: WantedSetting | None = None
) -> dict[str, object]:
    """Return the parameters of create_order besides symbol, type, side, amount and price.

    Raises OrderRejected where a reduce-only order could not be asked for as one: it must not open anything.
    """
    spelling = spelled(product, request)
    params: dict[str, object] = {**product.order_params, **spelling.params, product.client_id: client_order_id}
    if setting is not None and product.order_margin:
        params[product.order_margin] = setting.margin_mode.value
    if setting is not None and product.order_leverage:
        params[product.order_leverage] = int(setting.leverage)
    if request.trigger is not None:
        params[spelling.trigger] = f"{request.trigger:f}"
    if request.reduce_only:
        if product.reduce_only is None:
            raise OrderRejected(f"the venue takes no reduce-only order for {request.symbol}", code="not-sent")
        params.update(product.reduce_only)
    return params


def check_grid(instrument: Instrument, request: OrderRequest) -> None:
    """Raise OrderRejected for a size or a price off the venue's grid: ccxt would cut it in silence."""
    for name, number, grid in (("size", request.quantity, instrument.step), ("price", request.price, instrument.tick)):
        if number is not None and (number <= 0 or number % grid):
            raise OrderRejected(f"{request.symbol}: the {name} {number} is no multiple of {grid}", code="not-sent")
    if request.quantity < instrument.min_quantity:
        raise OrderRejected(
            f"{request.symbol}: {request.quantity} is below the least of {instrument.min_quantity}", code="not-sent"
        )
    if (request.price is None) != (request.type in (OrderType.MARKET, OrderType.STOP)):
        raise OrderRejected(f"{request.symbol}: a {request.type} order and the price {request.price}", code="not-sent")


async def send_order(
    connection: Connection,
    instrument: Instrument,
    client_order_id: str,
    request: OrderRequest,
    setting: WantedSetting | None = None,
) -> dict[str, Any]:
    """Send one order once and return ccxt's answer, which has the venue's id.

    A market order never carries a price: with one, most venues take the amount for money (VENUES 0.1). Raises
    OrderRejected, Duplicate or OutcomeUnknown as `write` does; an answer without an id is unknown, and so is
    one that echoes another id than ours.
    """
    check_grid(instrument, request)
    product = connection.row.products[instrument.wallet]
    client = connection.clients[instrument.wallet]
    spelling, params = spelled(product, request), order_params(product, client_order_id, request, setting)
    price = None if request.price is None else f"{request.price:f}"

    async def send() -> dict[str, Any]:
        answer: dict[str, Any] = await client.create_order(
            request.symbol, spelling.type, request.side.value, f"{request.quantity:f}", price, params
        )
        return answer

    answer = await write(connection.row.codes, send)
    if not answer.get("id"):
        raise OutcomeUnknown(f"{request.symbol}: the venue answered without an order id")
    echoed = answer.get("clientOrderId")
    if product.echoes_id and not echoed:
        raise OutcomeUnknown(f"{request.symbol}: the venue took the order, and not our id with it")
    if echoed and str(echoed).lower() != client_order_id.lower():
        raise OutcomeUnknown(f"{request.symbol}: the venue answered for the order {str(echoed)[:40]!r}, not ours")
    return answer


async def send_cancel(connection: Connection, instrument: Instrument, client_order_id: str, *, stop: bool) -> None:
    """Ask once for a cancel; an order not there any more is no error. Raises OrderRejected or OutcomeUnknown."""
    if not connection.access.can_cancel:
        raise OrderRejected(f"{connection.row.title} takes no cancel in {connection.mode}", code="not-sent")
    product, client = connection.row.products[instrument.wallet], connection.clients[instrument.wallet]

    async def send() -> object:
        if product.raw_cancel is not None:
            asked = {
                product.raw_cancel.symbol: client.market(instrument.symbol)["id"],
                product.raw_cancel.client_id: client_order_id,
            }
            sent: object = [asked] if product.raw_cancel.as_list else asked
            raw: object = await getattr(client, product.raw_cancel.call)(sent)
            return raw
        params: dict[str, object] = {**product.params, product.cancel_client_id: client_order_id}
        if stop and product.stop_find_params is not None:
            params.update(product.stop_find_params)
        answer: object = await client.cancel_order(None, instrument.symbol, params)
        return answer

    try:
        await write(connection.row.codes, send)
    except OrderRejected as error:
        if error.code not in connection.row.codes.absent:
            raise
