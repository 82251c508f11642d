"""What Binance makes of an order's parameters before the matching engine sees it: order types, flags, ids."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from bot.domain.instrument import Instrument
from bot.domain.numbers import down_to_step
from bot.domain.order import OrderType, Side
from tests.emulator.binance.names import Product
from tests.emulator.binance.refusals import refused
from tests.emulator.core import Core
from tests.emulator.orders import NewOrder

_CLIENT_ID = re.compile(r"[.A-Z:/a-z0-9_-]{1,36}")
_MISSING = "Mandatory parameter '{}' was not sent, was empty/null, or malformed."


def needed(params: Mapping[str, str], name: str) -> str:
    """Return a parameter; refuse with -1102 where it is missing."""
    if not params.get(name):
        raise refused(-1102, _MISSING.format(name))
    return params[name]


def number(params: Mapping[str, str], name: str) -> Decimal:
    """Return a parameter as a positive number; refuse with -1100 what is none, with -1111 what is exact beyond 8."""
    text = needed(params, name)
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise refused(-1100, f"Illegal characters found in parameter '{name}'.") from None
    if not value.is_finite() or not re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        raise refused(-1100, f"Illegal characters found in parameter '{name}'.")
    if value <= 0:
        raise refused(-1013, f"Invalid {name}.")
    return value


def client_id(params: Mapping[str, str], name: str, given: str) -> str:
    """Return the order's own id, or one the venue makes up; refuse one outside the pattern."""
    wanted = params.get(name, "")
    if wanted and not _CLIENT_ID.fullmatch(wanted):
        raise refused(-1100, f"Illegal characters found in parameter '{name}'; legal range is '{_CLIENT_ID.pattern}'.")
    return wanted or given


def side_of(params: Mapping[str, str]) -> Side:
    """Return the side; refuse with -1117 what is neither."""
    side = needed(params, "side")
    if side not in ("BUY", "SELL"):
        raise refused(-1117, "Invalid side.")
    return Side(side.lower())


def spot_order(core: Core, one: Instrument, params: Mapping[str, str], given: str) -> NewOrder:
    """Return a spot order: LIMIT with GTC or IOC, LIMIT_MAKER, MARKET by quantity or by quote amount."""
    kind, side = needed(params, "type"), side_of(params)
    own = client_id(params, "newClientOrderId", given)
    if kind == "MARKET":
        if "price" in params:
            raise refused(-1106, "Parameter 'price' sent when not required.")
        quantity = number(params, "quantity") if "quoteOrderQty" not in params else _worth(core, one, side, params)
        return _order(one, side, quantity, OrderType.MARKET, own)
    if kind not in ("LIMIT", "LIMIT_MAKER"):
        raise refused(-1013, f"{kind} orders are not supported for this symbol.")
    quantity, price = number(params, "quantity"), number(params, "price")
    if kind == "LIMIT_MAKER":
        return _order(one, side, quantity, OrderType.POST_ONLY, own, price=price)
    rests = _time_in_force(params, ("GTC", "IOC")) == "GTC"
    return _order(one, side, quantity, OrderType.LIMIT_IOC, own, price=price, rests=rests)


def _worth(core: Core, one: Instrument, side: Side, params: Mapping[str, str]) -> Decimal:
    """Return the coins a quote amount buys or sells: the trap of a market order that carries a price."""
    quote = core.quotes()[one.symbol]
    coins = number(params, "quoteOrderQty") / (quote.ask if side is Side.BUY else quote.bid)
    return down_to_step(coins, one.step)


def contract_order(core: Core, one: Instrument, params: Mapping[str, str], given: str) -> NewOrder:
    """Return a contract order: LIMIT with GTC, IOC or GTX (post-only), or MARKET."""
    kind, side = needed(params, "type"), side_of(params)
    own = client_id(params, "newClientOrderId", given)
    reduces = reduce_only(core, side, params)
    quantity = number(params, "quantity")
    if kind == "MARKET":
        if "price" in params or "timeInForce" in params:
            wrong = "price" if "price" in params else "timeInForce"
            raise refused(-1106, f"Parameter '{wrong}' sent when not required.")
        return _order(one, side, quantity, OrderType.MARKET, own, reduces=reduces)
    if kind != "LIMIT":
        raise refused(-4120, "Order type not supported for this endpoint. Please use the Algo Order API endpoints.")
    price = number(params, "price")
    force = _time_in_force(params, ("GTC", "IOC", "GTX"))
    if force == "GTX":
        return _order(one, side, quantity, OrderType.POST_ONLY, own, price=price, reduces=reduces)
    rests = force == "GTC"
    return _order(one, side, quantity, OrderType.LIMIT_IOC, own, price=price, reduces=reduces, rests=rests)


def stop_order(core: Core, one: Instrument, params: Mapping[str, str], given: str) -> NewOrder:
    """Return a conditional order of type STOP_MARKET: it waits for the mark at `triggerPrice`."""
    if needed(params, "algoType") != "CONDITIONAL":
        raise refused(-1102, _MISSING.format("algoType"))
    side = side_of(params)
    if needed(params, "type") != "STOP_MARKET":
        raise refused(-1116, "Invalid orderType.")
    return NewOrder(
        symbol=one.symbol,
        side=side,
        quantity=number(params, "quantity"),
        price=None,
        type=OrderType.STOP,
        good_till_cancelled=False,
        reduce_only=reduce_only(core, side, params),
        trigger=number(params, "triggerPrice"),
        client_id=client_id(params, "clientAlgoId", given),
    )


def reduce_only(core: Core, side: Side, params: Mapping[str, str]) -> bool:
    """Return whether an order may only reduce; refuse a position side the account's mode does not know (-4061).

    In hedge mode the leg says it: selling LONG and buying SHORT reduce, and `reduceOnly` may not be sent.
    """
    leg = params.get("positionSide", "BOTH")
    if (leg != "BOTH") != core.hedge_mode or leg not in ("BOTH", "LONG", "SHORT"):
        raise refused(-4061, "Order's position side does not match user's setting.")
    flag = params.get("reduceOnly")
    if core.hedge_mode:
        if flag is not None:
            raise refused(-1106, "Parameter 'reduceonly' sent when not required.")
        return (leg == "LONG") == (side is Side.SELL)
    if flag is not None and flag.lower() not in ("true", "false"):
        raise refused(-1130, "Data sent for parameter 'reduceOnly' is not valid.")
    return flag is not None and flag.lower() == "true"


def _time_in_force(params: Mapping[str, str], known: tuple[str, ...]) -> str:
    force = needed(params, "timeInForce")
    if force not in known:
        raise refused(-1115, "Invalid timeInForce.")
    return force


def _order(
    one: Instrument,
    side: Side,
    quantity: Decimal,
    kind: OrderType,
    own: str,
    *,
    price: Decimal | None = None,
    reduces: bool = False,
    rests: bool = False,
) -> NewOrder:
    return NewOrder(
        symbol=one.symbol,
        side=side,
        quantity=quantity,
        price=price,
        type=kind,
        good_till_cancelled=rests,
        reduce_only=reduces,
        trigger=None,
        client_id=own,
    )


def product_order(product: Product, core: Core, one: Instrument, params: Mapping[str, str], given: str) -> NewOrder:
    """Return the order a POST …/order asks for."""
    make = spot_order if product is Product.SPOT else contract_order
    return make(core, one, params, given)
