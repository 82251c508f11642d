"""A venue that exists nowhere: the fewest routes that show what the emulator itself does."""

from dataclasses import replace
from decimal import Decimal

from bot.domain.instrument import WalletKind
from bot.domain.order import OrderType, Side, TransferRequest
from bot.errors import OrderRejected
from tests.emulator.asks import Ask, Refused, Reply
from tests.emulator.core import Core, NewOrder, Rules, VenueOrder
from tests.emulator.package import Venue

HOST = "api.neutral.example"
URL = f"https://{HOST}"
KEY = {"Key": "emulated-key"}


def check_signature(ask: Ask, core: Core) -> None:
    """Refuse a request without the account's key."""
    if ask.headers.get("key") != core.secrets.key:
        raise Refused(Reply(body={"error": "key"}, status=401))


def tell_time(ask: Ask, core: Core) -> Reply:
    """Answer with the time."""
    return Reply(body={"now": core.now_ms(), "query": ask.query})


def place(ask: Ask, core: Core) -> Reply:
    """Place a market buy of the coins in the body."""
    order = market_buy(ask.json["symbol"], ask.json["quantity"], ask.json.get("id", ""))
    try:
        return Reply(body=row(core.place(order)))
    except OrderRejected as error:
        raise Refused(Reply(body={"error": error.code}, status=400)) from error


def market_buy(symbol: str, quantity: str, client_id: str = "") -> NewOrder:
    """Return a market buy."""
    return NewOrder(
        symbol=symbol,
        side=Side.BUY,
        quantity=Decimal(quantity),
        price=None,
        type=OrderType.MARKET,
        client_id=client_id,
    )


def row(order: VenueOrder) -> dict[str, object]:
    """Return an order as JSON."""
    return {"number": order.number, "status": order.status, "filled": str(order.filled)}


def find(ask: Ask, core: Core) -> Reply:
    """Answer with the order whose number ends the path."""
    order = core.order(int(ask.path.rpartition("/")[2]))
    if order is None:
        raise Refused(Reply(body={"error": "unknown"}, status=404))
    return Reply(body=row(order))


def transfer(ask: Ask, core: Core) -> Reply:
    """Move USDT from spot to linear."""
    amount = Decimal(ask.form["amount"])
    request = TransferRequest(asset="USDT", amount=amount, source=WalletKind.SPOT, target=WalletKind.LINEAR)
    return Reply(body={"number": core.transfer(request, ask.form["id"]).number})


def stumble(ask: Ask, core: Core) -> Reply:
    """Fail as a handler with a mistake in it does."""
    raise KeyError("a mistake")


_ROUTES = {
    ("GET", "/time"): tell_time,
    ("POST", "/order"): place,
    ("GET", "/order/{number}"): find,
    ("POST", "/transfer"): transfer,
    ("GET", "/stumble"): stumble,
}
_CODES = {
    name: Reply(body={"error": name}, status=400)
    for name in ("unknown", "busy", "duplicate", "rate-limit", "clock", "reject", "maintenance", "auth")
}
NEUTRAL = Venue(
    name="neutral",
    routes=_ROUTES,
    calls={"place": (("POST", "/order"),), "find": (("GET", "/order/{number}"),), "transfer": (("POST", "/transfer"),)},
    fault_codes=_CODES,
    hosts={HOST: "live"},
    check_signature=check_signature,
    private=frozenset(route for route in _ROUTES if route[1] != "/time"),
)


def neutral(rules: Rules) -> Venue:
    """Return the venue with other rules."""
    return replace(NEUTRAL, rules=rules)
