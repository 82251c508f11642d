"""ccxt sets the rounding of the decimal context it finds: ours must stay as it was, or a replay decides otherwise."""

import decimal

import pytest

from bot.domain.order import OrderType, Side
from bot.simulator.clock import SimulatedClock
from bot.venues.asking import Reader
from bot.venues.rows import row_of
from tests.venues.known import VENUES
from tests.venues.rig import MOMENT, PERP, SPOT, order, rigged


@pytest.mark.parametrize("venue", VENUES)
async def test_the_decimal_context_is_the_same_after_a_session_at_a_venue(venue: str) -> None:
    """Looked, traded, found, ledger read: rounding half even, nothing trapped that was not, 28 digits."""
    before = decimal.getcontext().copy()
    async with rigged(venue) as rig:
        await rig.gateway.snapshot()
        ioc = order(SPOT, Side.SELL, "0.01", type=OrderType.LIMIT_IOC, price=rig.price(SPOT, "0.99"))
        await rig.gateway.place("exact1", ioc)
        assert await rig.gateway.find("exact1", SPOT) is not None
        await rig.gateway.ledger(int(rig.clock.now().timestamp() * 1000) * 1000)
        await rig.gateway.snapshot()
        assert PERP in rig.server.core.instruments
    after = decimal.getcontext()
    assert (after.rounding, after.prec) == (before.rounding, before.prec) == (decimal.ROUND_HALF_EVEN, 28)
    assert after.traps == before.traps


async def test_a_library_that_changes_the_context_changes_only_its_own() -> None:
    """What ccxt does to amounts, done by hand inside a read and outside."""

    async def rounds() -> str:
        decimal.getcontext().rounding = decimal.ROUND_UP
        return "done"

    reader = Reader(row_of("bybit").codes, SimulatedClock(MOMENT))
    assert await reader.read("anything", rounds) == "done"
    assert decimal.getcontext().rounding == decimal.ROUND_HALF_EVEN


@pytest.mark.parametrize("venue", VENUES)
async def test_a_level_of_an_order_book_is_read_to_the_last_digit(venue: str) -> None:
    """Eighteen digits and three behind the point: no float stands between the venue's text and ours."""
    long, less = "123456789012345678.123", "123456789012345678.122"
    async with rigged(venue) as rig:
        for client in rig.gateway.connection.all_clients():
            book = client.parse_order_book({"bids": [[less, "1"], [long, "0.1000000000000000055"]], "asks": []}, SPOT)
            assert book["bids"] == [
                [decimal.Decimal(long), decimal.Decimal("0.1000000000000000055")],
                [decimal.Decimal(less), 1],
            ]
            named = client.parse_order_book({"asks": [{"p": long, "a": "2"}]}, SPOT, None, "bids", "asks", "p", "a")
            assert named["asks"] == [[decimal.Decimal(long), 2]]
