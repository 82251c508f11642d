"""WEEX through the gateway, order by order: what is refused with a code, what is only maybe, what is never sent."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from bot.domain.order import Liquidity, OrderStatus, OrderType, Side
from bot.domain.snapshot import MarginMode
from bot.errors import OrderRejected, OutcomeUnknown, SettingsRefused
from bot.venues.setup import WantedSetting, set_up
from tests.emulator.orders import NewOrder
from tests.emulator.weex.memory import memory_of
from tests.venues.rig import PERP, SPOT, Rig, order, rigged

CREATES = ("/api/v3/order", "/capi/v3/order")
REST = OrderType.POST_ONLY


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    """A funded account, looked at once."""
    async with rigged("weex") as one:
        await one.gateway.snapshot()
        yield one


def creates(rig: Rig) -> int:
    """How many orders were asked for."""
    return len([ask for ask in rig.server.asks if ask.method == "POST" and ask.path in CREATES])


@pytest.mark.parametrize("symbol", [SPOT, PERP])
async def test_an_order_that_may_not_rest_takes_what_is_there(rig: Rig, symbol: str) -> None:
    """Of 0.02 BTC the thin book gives 0.005: the rest expires, whatever the venue calls it, and the fills are told."""
    rig.server.core.thin(symbol, Decimal("0.005"))
    price = rig.price(symbol, "0.99")
    report = await rig.gateway.place("h1", order(symbol, Side.SELL, "0.02", type=OrderType.LIMIT_IOC, price=price))
    assert (report.status, report.filled) == (OrderStatus.CANCELLED, Decimal("0.005"))
    assert sum(fill.quantity for fill in report.fills) == Decimal("0.005")


async def test_a_refusal_has_the_venues_code(rig: Rig) -> None:
    """A post-only order that would trade is -1142, in an answer of HTTP 200; nothing rests, one request left."""
    price = rig.price(PERP, "0.98")
    with pytest.raises(OrderRejected) as refusal:
        await rig.gateway.place("h1", order(PERP, Side.SELL, "0.01", type=REST, price=price))
    assert refusal.value.code == "-1142"
    assert creates(rig) == 1
    assert rig.server.core.open_orders() == ()


async def test_closing_what_is_not_there_is_a_refusal(rig: Rig) -> None:
    """A reduce-only buy without a short leg."""
    with pytest.raises(OrderRejected) as refusal:
        await rig.gateway.place("h1", order(PERP, Side.BUY, "0.01", reduce_only=True))
    assert refusal.value.code == "-1142"


async def test_an_order_met_in_part_is_open_with_its_fills(rig: Rig) -> None:
    """The venue says PARTIALLY_FILLED, a word ccxt does not know: 0.004 of 0.01 are filled as maker, 0.006 rest."""
    asked = order(PERP, Side.SELL, "0.01", type=REST, price=rig.price(PERP, "1.03"))
    await rig.gateway.place("h1", asked)
    (resting,) = rig.server.core.open_orders()
    rig.server.core.fill(resting.number, Decimal("0.004"))
    found = await rig.gateway.find("h1", PERP)
    assert found is not None
    assert (found.status, found.filled, found.fills[0].liquidity) == (
        OrderStatus.OPEN,
        Decimal("0.004"),
        Liquidity.MAKER,
    )
    (told,) = (await rig.gateway.snapshot()).open_orders
    assert told.remaining == Decimal("0.006")
    await rig.gateway.cancel("h1", PERP)
    ended = await rig.gateway.find("h1", PERP)
    assert ended is not None
    assert (ended.status, ended.filled) == (OrderStatus.CANCELLED, Decimal("0.004"))


@pytest.mark.parametrize("word", ["PARTIALLY_FILLED", "PARTIAL_FILL", "partial_fill"])
async def test_a_part_fill_in_spot_is_open_in_any_word_the_venue_has_for_it(word: str, rig: Rig) -> None:
    """The last ccxt takes for "closed", which would be the end of it: 0.03 of 0.1 are filled, 0.07 rest."""
    core = rig.server.core
    memory_of(core).part_word = word
    asked = NewOrder(
        symbol=SPOT,
        side=Side.BUY,
        quantity=Decimal("0.1"),
        price=rig.price(SPOT, "0.97"),
        type=OrderType.LIMIT_IOC,
        good_till_cancelled=True,
        client_id="h1",
    )
    core.fill(core.place(asked).number, Decimal("0.03"))
    found = await rig.gateway.find("h1", SPOT)
    assert found is not None
    assert (found.status, found.filled, found.ordered) == (OrderStatus.OPEN, Decimal("0.03"), Decimal("0.1"))


async def test_an_id_in_use_is_looked_up_and_never_doubled(rig: Rig) -> None:
    """The same order again while the first rests: unknown, found, and one order is there."""
    asked = order(PERP, Side.SELL, "0.01", type=REST, price=rig.price(PERP, "1.03"))
    await rig.gateway.place("h1", asked)
    with pytest.raises(OutcomeUnknown, match="known to the venue already"):
        await rig.gateway.place("h1", asked)
    found = await rig.gateway.find("h1", PERP)
    assert found is not None
    assert found.status is OrderStatus.OPEN
    assert len(rig.server.core.open_orders()) == 1


async def test_no_stop_is_sent_for_a_contract(rig: Rig) -> None:
    """A conditional order is cancelled by the venue's id only: the row has none."""
    given = {"type": OrderType.STOP, "trigger": Decimal(150_000), "reduce_only": True}
    with pytest.raises(OrderRejected) as refusal:
        await rig.gateway.place("h1", order(PERP, Side.BUY, "0.01", **given))
    assert refusal.value.code == "not-sent"
    assert creates(rig) == 0


async def test_a_stop_of_somebody_else_is_seen(rig: Rig) -> None:
    """It rests in a list of its own, and is told with its trigger as an order that can only reduce."""
    await rig.gateway.place("h1", order(PERP, Side.SELL, "0.05"))
    trigger = rig.price(PERP, "1.5")
    rig.server.core.place(
        NewOrder(
            symbol=PERP,
            side=Side.BUY,
            quantity=Decimal("0.05"),
            price=None,
            type=OrderType.STOP,
            reduce_only=True,
            trigger=trigger,
            client_id="theirs",
        )
    )
    (stop,) = (await rig.gateway.snapshot()).open_orders
    assert (stop.client_order_id, stop.type, stop.price) == ("theirs", OrderType.STOP, trigger)
    assert stop.reduce_only


async def test_isolated_margin_is_set_and_read_back(rig: Rig) -> None:
    """Isolated at 4x for a fresh contract; positions then tell their own margin without profit."""
    rig.gateway._setting = WantedSetting(margin_mode=MarginMode.ISOLATED, leverage=Decimal(4))
    await rig.gateway.place("h1", order(PERP, Side.SELL, "0.05"))
    assert (rig.server.core.margin_mode(PERP), rig.server.core.leverage(PERP)) == (MarginMode.ISOLATED, 4)
    position = (await rig.gateway.snapshot()).positions[PERP]
    value = Decimal("0.05") * position.entry_price
    assert (position.margin_mode, position.leverage) == (MarginMode.ISOLATED, 4)
    assert position.isolated_margin is not None
    assert abs(position.isolated_margin - value / 4) < value / 1000


async def test_positions_kept_apart_are_refused_before_anything_is_sent(rig: Rig) -> None:
    """SEPARATED makes a position of every order; Poise does not set it back, a person does."""
    instrument = (await rig.gateway.snapshot()).instruments[PERP]
    memory_of(rig.server.core).apart.add(PERP)
    wanted = WantedSetting(margin_mode=MarginMode.CROSS, leverage=Decimal(5))
    with pytest.raises(SettingsRefused, match="one-way"):
        await set_up(rig.gateway.connection, instrument, wanted, rig.gateway._reader())
    with pytest.raises(OrderRejected) as refusal:
        await rig.gateway.place("h1", order(PERP, Side.SELL, "0.05"))
    assert refusal.value.code == "not-set-up"
    assert creates(rig) == 0
