"""Orders at the emulated Binance: filled with fees, refused with codes, found by ids taken only while they rest."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.order import OrderReport, OrderStatus, OrderType, Side
from bot.errors import OrderRejected, OutcomeUnknown
from bot.venues.gateway import Gateway
from tests.emulator.server import EmulatedServer
from tests.venues.binance_desk import INVERSE, LINEAR, SIZES, SPOT, binance, gateway_at, order, priced, stop


@pytest.fixture
async def server() -> AsyncIterator[EmulatedServer]:
    """The emulated Binance with money in three wallets."""
    async with binance() as running:
        yield running


@pytest.fixture
async def gateway(server: EmulatedServer) -> AsyncIterator[Gateway]:
    """A live gateway."""
    async with gateway_at(server) as one:
        yield one


@pytest.mark.parametrize("side", [Side.BUY, Side.SELL])
@pytest.mark.parametrize("symbol", [SPOT, LINEAR, INVERSE])
async def test_a_market_order_is_filled_with_its_fee(
    symbol: str, side: Side, gateway: Gateway, server: EmulatedServer
) -> None:
    """Spot buys pay in the coin, spot sells in money, contracts in what they settle in."""
    report = await gateway.place("hmarket1", order(symbol, side, SIZES[symbol]))
    known = server.core.by_client_id("hmarket1", symbol)
    assert known is not None
    assert (report.status, report.filled) == (OrderStatus.FILLED, Decimal(SIZES[symbol]))
    assert [(f.price, f.fee, f.fee_asset) for f in report.fills] == [(f.price, f.fee, f.fee_asset) for f in known.fills]
    paid_in = {SPOT: "BTC" if side is Side.BUY else "USDT", LINEAR: "USDT", INVERSE: "BTC"}[symbol]
    assert {fill.fee_asset for fill in report.fills} == {paid_in}


async def test_an_order_filled_in_part_tells_of_the_part(gateway: Gateway, server: EmulatedServer) -> None:
    """0.005 of 0.02 BTC were there; the rest expired."""
    server.core.thin(LINEAR, Decimal("0.005"))
    report = await gateway.place("hpart1", order(LINEAR, Side.SELL, "0.02", priced(server, LINEAR, "0.99")))
    assert (report.status, report.filled, report.ordered) == (OrderStatus.EXPIRED, Decimal("0.005"), Decimal("0.02"))


async def test_a_reduce_only_order_closes_and_opens_nothing(gateway: Gateway, server: EmulatedServer) -> None:
    """Of 0.4 BTC asked, the 0.3 that were short are bought; without a position the venue refuses with -2022."""
    report = await gateway.place("hshut1", order(LINEAR, Side.BUY, "0.4", reduce_only=True))
    assert report.filled == Decimal("0.3")
    assert LINEAR not in (await gateway.snapshot()).positions
    with pytest.raises(OrderRejected) as refused:
        await gateway.place("hshut2", order(LINEAR, Side.BUY, "0.1", reduce_only=True))
    assert refused.value.code == "-2022"


@pytest.mark.parametrize("symbol", [SPOT, LINEAR, INVERSE])
async def test_a_post_only_order_rests_until_it_is_cancelled(
    symbol: str, gateway: Gateway, server: EmulatedServer
) -> None:
    """It is found, shown and cancelled by our id; a second cancel is no error, an id that never was is None."""
    price = priced(server, symbol, "0.95")
    made = await gateway.place("hrest1", order(symbol, Side.BUY, SIZES[symbol], price, type=OrderType.POST_ONLY))
    assert made.status is OrderStatus.OPEN
    (resting,) = (await gateway.snapshot()).open_orders
    assert (resting.client_order_id, resting.symbol, resting.price) == ("hrest1", symbol, price)
    assert (resting.remaining, resting.type) == (Decimal(SIZES[symbol]), OrderType.POST_ONLY)
    await gateway.cancel("hrest1", symbol)
    await gateway.cancel("hrest1", symbol)
    found = await gateway.find("hrest1", symbol)
    assert found is not None
    assert found.status is OrderStatus.CANCELLED
    assert await gateway.find("hnever", symbol) is None


async def test_a_stop_rests_among_the_stops_and_is_cancelled_there(gateway: Gateway, server: EmulatedServer) -> None:
    """It is shown with its trigger as its price, and found by our id, in linear and coin-margined contracts."""
    await gateway.place("hopen1", order(INVERSE, Side.SELL, "3"))
    for symbol, size in ((LINEAR, "0.3"), (INVERSE, "3")):
        made = await gateway.place("hstop1", stop(server, symbol, "1.05", size))
        assert made.status is OrderStatus.OPEN
    shown = {one.symbol: one for one in (await gateway.snapshot()).open_orders}
    assert {one.type for one in shown.values()} == {OrderType.STOP}
    kept = server.core.by_client_id("hstop1", LINEAR)
    assert kept is not None
    assert shown[LINEAR].price == kept.request.trigger
    for symbol in (LINEAR, INVERSE):
        await gateway.cancel("hstop1", symbol)
        found = await gateway.find("hstop1", symbol)
        assert found is not None
        assert found.status is OrderStatus.CANCELLED


async def test_a_stop_that_fired_tells_of_the_order_it_became(gateway: Gateway, server: EmulatedServer) -> None:
    """Its fills are those of another order at the venue, and ours by its id."""
    await gateway.place("hstop2", stop(server, LINEAR, "1.002", "0.3"))
    found: OrderReport | None = None
    for _ in range(60):
        server.core.live(timedelta(hours=4))
        found = await gateway.find("hstop2", LINEAR)
        if found is not None and found.status.is_final:
            break
    assert found is not None
    assert (found.status, found.filled) == (OrderStatus.FILLED, Decimal("0.3"))
    assert {fill.client_order_id for fill in found.fills} == {"hstop2"}


@pytest.mark.parametrize("symbol", [SPOT, LINEAR, INVERSE])
async def test_an_id_in_use_is_looked_up_and_never_sent_again(
    symbol: str, gateway: Gateway, server: EmulatedServer
) -> None:
    """The venue says that it knows the id: the outcome is unknown, and the order is there."""
    asked = order(symbol, Side.BUY, SIZES[symbol], priced(server, symbol, "0.95"), type=OrderType.POST_ONLY)
    await gateway.place("htwice", asked)
    with pytest.raises(OutcomeUnknown):
        await gateway.place("htwice", asked)
    found = await gateway.find("htwice", symbol)
    assert found is not None
    assert len(server.core.open_orders(symbol)) == 1


@pytest.mark.parametrize(
    ("symbol", "asked", "part", "code"),
    [
        (SPOT, {"quantity": "90"}, None, "-2010"),
        (SPOT, {"quantity": "0.00001", "type": OrderType.POST_ONLY}, "0.95", "-1013"),
        (SPOT, {"quantity": "0.01", "type": OrderType.POST_ONLY}, "1.05", "-2010"),
        (SPOT, {"quantity": "0.01"}, "0.8", "-1013"),
        (LINEAR, {"quantity": "5"}, None, "-2019"),
        (LINEAR, {"quantity": "0.01", "type": OrderType.POST_ONLY}, "1.05", "-5022"),
        (LINEAR, {"quantity": "0.01"}, "0.8", "-4016"),
        (INVERSE, {"quantity": "900"}, None, "-2019"),
    ],
)
async def test_a_definite_no_is_a_rejection_with_its_code(
    symbol: str, asked: dict[str, Any], part: str | None, code: str, gateway: Gateway, server: EmulatedServer
) -> None:
    """And nothing is there afterwards."""
    price = None if part is None else priced(server, symbol, part)
    with pytest.raises(OrderRejected) as refused:
        await gateway.place("hno", order(symbol, Side.BUY, price=price, **asked))
    assert refused.value.code == code
    assert await gateway.find("hno", symbol) is None
