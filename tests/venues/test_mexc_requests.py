"""What goes over the wire to MEXC, byte for byte but for times and signatures: approved once, compared ever after."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from bot.domain.order import OrderType, Side
from bot.domain.reading import Series, SeriesKind
from bot.domain.snapshot import MarginMode
from bot.venues.gateway import Gateway
from tests.golden import matches
from tests.venues.rig import PERP, SCOPE, SETTING, SPOT, Rig, order, rigged
from tests.venues.test_mexc import CONTRACTS, SPOT_WALLET, move
from tests.venues.wire_text import Page

ETHER = "ETH/USDT:USDT"
Step = tuple[str, Callable[[], Awaitable[object]]]


def steps(rig: Rig) -> list[Step]:
    """Return a session: look, set up, trade every kind of order, find, cancel, move money, read books and past."""
    gateway = rig.gateway
    setting = replace(SETTING, margin_mode=MarginMode.ISOLATED)
    isolated = Gateway(gateway.connection, SCOPE, rig.clock, "mine", setting)
    low, high = rig.price(SPOT, "0.97"), rig.price(PERP, "1.03")
    spot_ioc = order(SPOT, Side.SELL, "0.003", type=OrderType.LIMIT_IOC, price=rig.price(SPOT, "0.99"))
    spot_rest = order(SPOT, Side.BUY, "0.002", type=OrderType.POST_ONLY, price=low)
    ioc = order(PERP, Side.BUY, "100", type=OrderType.LIMIT_IOC, price=rig.price(PERP, "1.01"))
    close_ioc = replace(ioc, reduce_only=True)
    rest = order(PERP, Side.SELL, "100", type=OrderType.POST_ONLY, price=high)
    close_rest = order(PERP, Side.BUY, "50", type=OrderType.POST_ONLY, price=rig.price(PERP, "0.97"), reduce_only=True)
    past = (
        Series(kind=SeriesKind.CANDLES, symbol=SPOT, seconds=86_400, count=30),
        Series(kind=SeriesKind.CANDLES, symbol=PERP, seconds=3600, count=24),
        Series(kind=SeriesKind.FUNDING, symbol=PERP, seconds=0, count=12),
    )
    return [
        ("first snapshot", gateway.snapshot),
        ("transfer to contracts", lambda: gateway.transfer("t1", move("10000"))),
        ("transfer back", lambda: gateway.transfer("t2", move("100", CONTRACTS, SPOT_WALLET))),
        ("find a transfer", lambda: gateway.find_transfer("t1", move("10000"), rig.clock.now())),
        ("market buy in spot", lambda: gateway.place("a1", order(SPOT, Side.BUY, "0.01"))),
        ("market sale in spot", lambda: gateway.place("a2", order(SPOT, Side.SELL, "0.005"))),
        ("limit or cancel in spot", lambda: gateway.place("a3", spot_ioc)),
        ("post-only in spot", lambda: gateway.place("a4", spot_rest)),
        ("cancel in spot by our id", lambda: gateway.cancel("a4", SPOT)),
        ("short, set up before", lambda: gateway.place("a5", order(PERP, Side.SELL, "500"))),
        ("reduce the short", lambda: gateway.place("a6", order(PERP, Side.BUY, "100", reduce_only=True))),
        ("limit or cancel of a contract", lambda: gateway.place("a7", ioc)),
        ("limit or cancel that closes", lambda: gateway.place("a8", close_ioc)),
        ("post-only of a contract", lambda: gateway.place("a9", rest)),
        ("post-only that closes", lambda: gateway.place("b1", close_rest)),
        ("cancel of a contract by our id", lambda: gateway.cancel("a9", PERP)),
        ("isolated long, set up before", lambda: isolated.place("b2", order(ETHER, Side.BUY, "10"))),
        ("close the isolated long", lambda: isolated.place("b3", order(ETHER, Side.SELL, "10", reduce_only=True))),
        ("find what was never sent", lambda: gateway.find("b4", PERP)),
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
    async with rigged("mexc") as rig:
        rig.server.core.set_hedge_mode(True)
        for name, act in steps(rig):
            before = len(rig.server.asks)
            await act()
            page.add(name, rig.server.asks[before:])
    assert page.count >= 32
    assert matches("requests/mexc", page.text)


async def test_every_order_at_mexc_carries_our_id_and_no_default_is_left_to_chance() -> None:
    """Position mode, margin mode and leverage are said outright: left out, the venue takes a two-way account."""
    async with rigged("mexc") as rig:
        for _, act in steps(rig):
            await act()
        asked = rig.server.asks
    spot = [ask.params for ask in asked if (ask.method, ask.path) == ("POST", "/api/v3/order")]
    contracts = [ask.json for ask in asked if ask.path.endswith("/order/create")]
    assert (len(spot), len(contracts)) == (4, 8)
    for one in spot:
        assert one["newClientOrderId"]
        assert ("price" in one) == (one["type"] != "MARKET")
        assert "quoteOrderQty" not in one
    for one in contracts:
        assert one["externalOid"]
        assert one["positionMode"] == 2
        assert one["openType"] in (1, 2)
        assert one["leverage"] == 5
        assert ("price" in one) == (one["type"] != 5)
        assert one["type"] in (2, 3, 5)
        assert "reduceOnly" not in one
    assert {one["side"] for one in contracts} == {1, 2, 3, 4}
