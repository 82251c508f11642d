"""What goes over the wire to WEEX, byte for byte but for times and signatures: approved once, compared ever after."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal

from bot.domain.order import OrderType, Side
from bot.domain.reading import Series, SeriesKind
from bot.domain.snapshot import MarginMode
from bot.venues.setup import WantedSetting
from tests.golden import matches
from tests.venues.rig import PERP, SPOT, Rig, order, rigged
from tests.venues.wire_text import Page

ISOLATED = WantedSetting(margin_mode=MarginMode.ISOLATED, leverage=Decimal(4))
Step = tuple[str, Callable[[], Awaitable[object]]]


def steps(rig: Rig) -> list[Step]:
    """Return a session: look, move money, set up, trade every kind of order, find, cancel, read books and past."""
    gateway, rest = rig.gateway, OrderType.POST_ONLY
    short_rest = order(PERP, Side.SELL, "0.01", type=rest, price=rig.price(PERP, "1.03"))
    ioc = order(SPOT, Side.SELL, "0.003", type=OrderType.LIMIT_IOC, price=rig.price(SPOT, "0.99"))
    perp_ioc = order(PERP, Side.SELL, "0.01", type=OrderType.LIMIT_IOC, price=rig.price(PERP, "0.99"))
    past = (
        Series(kind=SeriesKind.CANDLES, symbol=SPOT, seconds=86_400, count=30),
        Series(kind=SeriesKind.CANDLES, symbol=PERP, seconds=3600, count=24),
        Series(kind=SeriesKind.FUNDING, symbol=PERP, seconds=0, count=12),
    )
    return [
        ("first snapshot", gateway.snapshot),
        ("market buy in spot", lambda: gateway.place("a1", order(SPOT, Side.BUY, "0.01"))),
        ("market sale in spot", lambda: gateway.place("a2", order(SPOT, Side.SELL, "0.005"))),
        ("limit or cancel in spot", lambda: gateway.place("a3", ioc)),
        ("short, set up before", lambda: gateway.place("a5", order(PERP, Side.SELL, "0.05"))),
        ("reduce the short", lambda: gateway.place("a6", order(PERP, Side.BUY, "0.01", reduce_only=True))),
        ("limit or cancel of a contract", lambda: gateway.place("a7", perp_ioc)),
        ("post-only of a contract", lambda: gateway.place("a8", short_rest)),
        ("cancel a contract's order by our id", lambda: gateway.cancel("a8", PERP)),
        ("find what was never sent, in spot", lambda: gateway.find("b1", SPOT)),
        ("find what was never sent, a contract", lambda: gateway.find("b2", PERP)),
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
    async with rigged("weex") as rig:
        rig.gateway._setting = ISOLATED
        for name, act in steps(rig):
            before = len(rig.server.asks)
            await act()
            page.add(name, rig.server.asks[before:])
    assert page.count >= 32
    assert matches("requests/weex", page.text)


async def test_every_order_at_weex_carries_our_id_and_no_default_is_left_to_chance() -> None:
    """Everything stands in the body; amount, time in force and leg are said outright, and no price at the market."""
    async with rigged("weex") as rig:
        for _, act in steps(rig):
            await act()
        asked = [ask for ask in rig.server.asks if ask.method == "POST" and ask.path.endswith("/order")]
    assert len(asked) == 7
    for ask in asked:
        one = ask.json
        assert one["newClientOrderId"]
        assert one["quantity"]
        assert ("price" in one) == ("timeInForce" in one) == (one["type"] == "LIMIT")
        assert one.get("timeInForce", "IOC") in ("IOC", "POST_ONLY")
        assert ask.path.startswith("/api/") or one["positionSide"] in ("LONG", "SHORT")
