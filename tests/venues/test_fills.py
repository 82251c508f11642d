"""What lists that have an end tell of one order: all of its trades, and never that it is not there."""

from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.order import OrderStatus, OrderType, Side
from bot.errors import SnapshotUnavailable
from tests.emulator.orders import NewOrder, VenueOrder
from tests.venues.rig import PERP, SPOT, Rig, order, rigged

VENUES = ("binance", "bybit", "bingx", "mexc", "weex")
LOTS = {SPOT: Decimal("0.0002"), PERP: Decimal("0.001")}


async def a_resting_buy(rig: Rig, symbol: str, lots: int) -> VenueOrder:
    """Rest a buy of so many lots below the market, of the contract to make a short smaller; return the venue's own."""
    size = LOTS[symbol] / (await rig.gateway.snapshot()).instruments[symbol].contract_size * lots
    low = rig.price(symbol, "0.96")
    asked = order(symbol, Side.BUY, size, type=OrderType.POST_ONLY, price=low, reduce_only=symbol == PERP)
    await rig.gateway.place("h1", asked)
    (resting,) = rig.server.core.open_orders(symbol)
    return resting


@pytest.mark.parametrize("venue", VENUES)
async def test_an_order_that_filled_after_eight_days_is_told_with_its_trade(venue: str) -> None:
    """Asked from the day it was made, a venue tells of seven days: the trade of the eighth would not be among them."""
    async with rigged(venue, books="hedged") as rig:
        resting = await a_resting_buy(rig, PERP, 20)
        await rig.pass_time(timedelta(days=8))
        rig.server.core.fill(resting.number, resting.request.quantity)
        found = await rig.gateway.find("h1", PERP)
    assert found is not None
    assert found.status is OrderStatus.FILLED
    assert [fill.quantity for fill in found.fills] == [found.ordered]


@pytest.mark.parametrize(
    ("venue", "symbol", "lots"),
    [("mexc", SPOT, 130), ("mexc", PERP, 130), ("weex", PERP, 130), ("bingx", SPOT, 510), ("bybit", PERP, 130)],
)
async def test_an_order_of_more_trades_than_a_page_has_is_told_whole(venue: str, symbol: str, lots: int) -> None:
    """A lot a second: 130 trades where a page has a hundred, 510 where it has five hundred."""
    async with rigged(venue, books="hedged") as rig:
        resting = await a_resting_buy(rig, symbol, lots)
        for _ in range(lots):
            await rig.pass_time(timedelta(seconds=1))
            rig.server.core.fill(resting.number, resting.request.quantity / lots)
        found = await rig.gateway.find("h1", symbol)
    assert found is not None
    assert (found.status, len(found.fills)) == (OrderStatus.FILLED, lots)
    assert {fill.quantity * lots for fill in found.fills} == {found.ordered}


@pytest.mark.parametrize(("venue", "symbol"), [("bingx", SPOT), ("weex", PERP)])
async def test_a_full_list_of_newer_orders_does_not_prove_that_an_older_one_never_was(venue: str, symbol: str) -> None:
    """A hundred orders in a hundred minutes: one sent before may be the 101st, one sent after them is not there."""
    async with rigged(venue, books="hedged") as rig:
        await rig.gateway.snapshot()
        sent_at = rig.clock.now()
        for _ in range(100):
            await rig.pass_time(timedelta(minutes=1))
            sold = NewOrder(symbol=symbol, side=Side.SELL, quantity=LOTS[symbol], price=None, type=OrderType.MARKET)
            rig.server.core.place(sold)
        await rig.pass_time(timedelta(minutes=1))
        for moment in (sent_at, None):
            with pytest.raises(SnapshotUnavailable, match="its newest 100 orders"):
                await rig.gateway.find("never", symbol, moment)
        assert await rig.gateway.find("never", symbol, rig.clock.now()) is None
