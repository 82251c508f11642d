"""A desk at the emulated Binance: the server, a gateway to it, and orders to send."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

from bot.domain.instrument import Kind, WalletKind
from bot.domain.mode import Mode
from bot.domain.order import OrderRequest, OrderType, Side, Sleeve, TransferRequest
from bot.ports import Clock
from bot.simulator.clock import WallClock
from bot.venues.connect import Login, connect
from bot.venues.gateway import Gateway
from bot.venues.rows import row_of
from bot.venues.scope import Scope
from bot.venues.setup import WantedSetting
from tests.emulator.server import EmulatedServer, emulated

SPOT, LINEAR, INVERSE = "BTC/USDT", "BTC/USDT:USDT", "BTC/USD:BTC"
SIZES = {SPOT: "0.01", LINEAR: "0.02", INVERSE: "3"}
SCOPE = Scope(coins=("BTC", "ETH", "SOL"), quote="USDT", kinds=frozenset(Kind))
CLOCK = WallClock()


@asynccontextmanager
async def binance(clock: Clock = CLOCK) -> AsyncIterator[EmulatedServer]:
    """100,000 USDT of which coins, 20,000 USDT in the linear wallet against 0.3 BTC sold short, 0.1 BTC inverse."""
    async with emulated("binance", books="hedged", now=clock.now) as running:
        running.core.transfer(moving("BTC", "0.1", WalletKind.SPOT, WalletKind.INVERSE), "")
        yield running
        assert running.unknown == []


@asynccontextmanager
async def gateway_at(
    server: EmulatedServer,
    mode: Mode = Mode.LIVE,
    *,
    setting: WantedSetting | None = None,
    kind: type[Gateway] = Gateway,
    scope: Scope = SCOPE,
    clock: Clock = CLOCK,
) -> AsyncIterator[Gateway]:
    """A gateway of its own to the account at the server."""
    secrets = server.core.secrets
    login = Login(key=secrets.key, secret=secrets.secret)
    connection = connect(row_of("binance"), mode, login, clock, server.wire())
    gateway = kind(connection, scope, clock, "test", setting)
    try:
        yield gateway
    finally:
        await gateway.close()


def order(symbol: str, side: Side, quantity: str, price: Decimal | None = None, **given: Any) -> OrderRequest:
    """A market order, or with a price one that never rests."""
    kind = OrderType.MARKET if price is None else OrderType.LIMIT_IOC
    usual: dict[str, Any] = {"type": kind, "reduce_only": False, "sleeve": Sleeve.HEDGE}
    return OrderRequest(symbol=symbol, side=side, quantity=Decimal(quantity), price=price, **{**usual, **given})


def moving(asset: str, amount: str, source: WalletKind, target: WalletKind) -> TransferRequest:
    """A transfer."""
    return TransferRequest(asset=asset, amount=Decimal(amount), source=source, target=target)


def priced(server: EmulatedServer, symbol: str, part: str) -> Decimal:
    """A price on the grid at `part` of the bid."""
    tick = server.core.instruments[symbol].tick
    return (server.core.quotes()[symbol].bid * Decimal(part) // tick) * tick


def stop(server: EmulatedServer, symbol: str, part: str, quantity: str) -> OrderRequest:
    """A stop that buys a short back once the mark is at `part` of the bid."""
    trigger = priced(server, symbol, part)
    return order(symbol, Side.BUY, quantity, type=OrderType.STOP, reduce_only=True, trigger=trigger)
