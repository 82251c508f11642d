"""A number the venue does not tell is unknown and never zero: no position, no fill is read out of it."""

import pytest

from bot.domain.order import OrderType, Side
from bot.errors import SnapshotUnavailable
from tests.venues.rig import PERP, SPOT, order, rigged
from tests.venues.withheld import withhold

COUNTS = {
    "binance": "positionAmt",
    "bingx": "positionAmt",
    "bybit": "size",
    "mexc": "holdVol",
    "weex": "size",
}
FILLED = {
    "binance": ("executedQty",),
    "bingx": ("executedQty",),
    "bybit": ("cumExecQty", "leavesQty"),
    "mexc": ("executedQty", "dealVol"),
    "weex": ("executedQty",),
}


@pytest.mark.parametrize("venue", sorted(COUNTS))
async def test_a_position_whose_count_is_null_is_not_none_and_not_guessed(venue: str) -> None:
    """A short is open: while its count is withheld there is no snapshot."""
    async with rigged(venue, books="hedged") as rig:
        assert (await rig.gateway.snapshot()).positions
        withhold(rig.server, "positions", COUNTS[venue])
        with pytest.raises(SnapshotUnavailable, match="contracts is missing"):
            await rig.gateway.snapshot()


@pytest.mark.parametrize("venue", sorted(FILLED))
async def test_an_order_whose_fill_is_null_is_not_taken_for_one_that_was_not_filled(venue: str) -> None:
    """Immediate or cancelled, and over: what became of it stays unknown until it is told."""
    async with rigged(venue) as rig:
        await rig.gateway.snapshot()
        ioc = order(SPOT, Side.BUY, "0.01", type=OrderType.LIMIT_IOC, price=rig.price(SPOT, "0.9"))
        await rig.gateway.place("hold1", ioc)
        withhold(rig.server, "find", *FILLED[venue])
        with pytest.raises(SnapshotUnavailable, match="filled is missing"):
            await rig.gateway.find("hold1", SPOT)


@pytest.mark.parametrize("venue", ["binance", "bybit", "mexc"])
async def test_a_contract_order_that_was_filled_is_not_read_without_its_fill(venue: str) -> None:
    """Half a hedge is sold, the number is null: neither nothing nor all of it is taken for true."""
    async with rigged(venue, books="hedged") as rig:
        step = rig.server.core.instruments[PERP].step
        await rig.gateway.snapshot()
        await rig.gateway.place("hold2", order(PERP, Side.SELL, 20 * step))
        withhold(rig.server, "find", *FILLED[venue])
        with pytest.raises(SnapshotUnavailable, match="filled is missing"):
            await rig.gateway.find("hold2", PERP)
