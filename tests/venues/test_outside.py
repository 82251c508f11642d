"""A market outside the policy's scope, traded all the same: what became of an order there is always looked up."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.instrument import WalletKind
from bot.domain.order import OrderStatus, Side, Sleeve, TransferRequest
from bot.domain.order import OrderType as Type
from bot.errors import SnapshotUnavailable
from tests.emulator.orders import NewOrder
from tests.venues.rig import SCOPE, Rig, order, rigged

ETHER = "ETH/USDT:USDT"
MONEY = TransferRequest(
    asset="USDT", amount=Decimal(20_000), source=WalletKind.SPOT, target=WalletKind.LINEAR, sleeve=Sleeve.RESERVE
)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    """A policy of bitcoin alone, and a short of one ether that a person opened."""
    async with rigged("binance", scope=replace(SCOPE, coins=("BTC",))) as one:
        one.server.core.transfer(MONEY, "")
        short = NewOrder(symbol=ETHER, side=Side.SELL, quantity=Decimal(1), price=None, type=Type.MARKET)
        one.server.core.place(short)
        yield one


async def test_an_order_outside_the_scope_is_found_when_the_rules_are_read_again(rig: Rig) -> None:
    """The short is bought back where it is; an hour later the scope's rules are new, and the order is still known."""
    await rig.gateway.snapshot()
    await rig.gateway.place("h1", order(ETHER, Side.BUY, "1", reduce_only=True))
    await rig.pass_time(timedelta(hours=1, seconds=1))
    found = await rig.gateway.find("h1", ETHER)
    assert found is not None
    assert (found.status, found.filled) == (OrderStatus.FILLED, Decimal(1))


async def test_a_new_process_finds_it_before_it_looks_at_anything(rig: Rig) -> None:
    """Recovery asks before the first snapshot: never sent is None, and no market is no answer at all."""
    assert await rig.gateway.find("h1", ETHER) is None
    with pytest.raises(SnapshotUnavailable, match="listed nowhere"):
        await rig.gateway.find("h1", "NOBODY/USDT")
