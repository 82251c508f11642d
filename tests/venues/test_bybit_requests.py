"""What goes over the wire to Bybit, byte for byte but for times and signatures: approved once, compared ever after."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.domain.order import OrderType, Side
from bot.domain.reading import Series, SeriesKind
from tests.golden import matches
from tests.venues.rig import PERP, SPOT, Rig, order, rigged
from tests.venues.wire_text import Page

DATED = "BTC/USDT:USDT-"
Step = tuple[str, Callable[[], Awaitable[object]]]


def steps(rig: Rig) -> list[Step]:
    """Return a session: look, set up, trade every kind of order, find, cancel, read the books and the past."""
    gateway, core = rig.gateway, rig.server.core
    dated = next(symbol for symbol in core.instruments if symbol.startswith(DATED))
    low, high = rig.price(SPOT, "0.97"), rig.price(PERP, "1.2")
    resting = order(SPOT, Side.BUY, "0.002", type=OrderType.POST_ONLY, price=low)
    short_rest = order(PERP, Side.SELL, "0.01", type=OrderType.POST_ONLY, price=rig.price(PERP, "1.03"))
    stop = order(PERP, Side.BUY, "0.02", type=OrderType.STOP, trigger=high, reduce_only=True)
    ioc = order(SPOT, Side.SELL, "0.003", type=OrderType.LIMIT_IOC, price=rig.price(SPOT, "0.99"))
    perp_ioc = order(PERP, Side.BUY, "0.01", type=OrderType.LIMIT_IOC, price=rig.price(PERP, "1.01"))
    past = (
        Series(kind=SeriesKind.CANDLES, symbol=SPOT, seconds=86_400, count=30),
        Series(kind=SeriesKind.CANDLES, symbol=PERP, seconds=3600, count=24),
        Series(kind=SeriesKind.FUNDING, symbol=PERP, seconds=0, count=12),
        Series(kind=SeriesKind.OPEN_INTEREST, symbol=PERP, seconds=86_400, count=10),
    )
    return [
        ("first snapshot", gateway.snapshot),
        ("market buy in spot", lambda: gateway.place("a1", order(SPOT, Side.BUY, "0.01"))),
        ("market sale in spot", lambda: gateway.place("a2", order(SPOT, Side.SELL, "0.005"))),
        ("limit or cancel in spot", lambda: gateway.place("a3", ioc)),
        ("post-only in spot", lambda: gateway.place("a4", resting)),
        ("cancel in spot by our id", lambda: gateway.cancel("a4", SPOT)),
        ("short, set up before", lambda: gateway.place("a5", order(PERP, Side.SELL, "0.05"))),
        ("reduce the short", lambda: gateway.place("a6", order(PERP, Side.BUY, "0.01", reduce_only=True))),
        ("limit or cancel of a contract", lambda: gateway.place("a7", perp_ioc)),
        ("post-only of a contract", lambda: gateway.place("a8", short_rest)),
        ("stop by the mark", lambda: gateway.place("a9", stop)),
        ("find a stop by our id", lambda: gateway.find("a9", PERP)),
        ("cancel a stop by our id", lambda: gateway.cancel("a9", PERP)),
        ("short of a dated contract", lambda: gateway.place("b1", order(dated, Side.SELL, "0.01"))),
        ("find what was never sent", lambda: gateway.find("b2", PERP)),
        ("snapshot with positions", gateway.snapshot),
        ("ledger of an hour", lambda: gateway.ledger(_hour_ago(rig))),
        ("history", lambda: gateway.history(past)),
    ]


def _hour_ago(rig: Rig) -> int:
    """Return the sequence of a ledger entry an hour ago."""
    return int((rig.clock.now() - timedelta(hours=1)).timestamp() * 1000) * 1000


async def test_every_request_is_as_it_was_approved() -> None:
    """At least 32 of them, each shape once; `GOLDEN=write` approves what is sent now."""
    page = Page()
    async with rigged("bybit") as rig:
        rig.server.core.set_hedge_mode(True)
        for name, act in steps(rig):
            before = len(rig.server.asks)
            await act()
            page.add(name, rig.server.asks[before:])
    assert page.count >= 32
    assert matches("requests/bybit", page.text)


async def test_every_order_at_bybit_carries_our_id_and_no_default_is_left_to_chance() -> None:
    """Unit, time in force, direction and trigger are said outright; the venue's defaults are of another kind."""
    async with rigged("bybit") as rig:
        for _, act in steps(rig):
            await act()
        sent = [ask.json for ask in rig.server.asks if ask.path == "/v5/order/create"]
    assert len(sent) == 10
    for one in sent:
        assert one["orderLinkId"]
        assert ("price" in one) == (one["orderType"] == "Limit")
        if one["orderType"] == "Limit":
            assert one["timeInForce"] in ("IOC", "PostOnly")
        elif one["category"] == "spot":
            assert one["marketUnit"] == "baseCoin"
        if "triggerPrice" in one:
            assert (one["triggerBy"], one["triggerDirection"], one["reduceOnly"]) == ("MarkPrice", 1, True)
