"""A gateway with an emulated venue behind it, on one clock that stands still until it is moved."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.domain.instrument import Kind, WalletKind
from bot.domain.mode import Mode
from bot.domain.order import OrderRequest, OrderType, Side, Sleeve
from bot.domain.snapshot import MarginMode, Snapshot
from bot.simulator.clock import SimulatedClock
from bot.venues.connect import Login, connect
from bot.venues.gateway import Gateway
from bot.venues.rows import row_of
from bot.venues.scope import Scope
from bot.venues.setup import WantedSetting
from tests.emulator.server import EmulatedServer, emulated

MOMENT = datetime(2026, 11, 23, 10, tzinfo=UTC)
SPOT, PERP = "BTC/USDT", "BTC/USDT:USDT"
KINDS = frozenset({Kind.SPOT, Kind.LINEAR_PERPETUAL, Kind.LINEAR_FUTURE})
SCOPE = Scope(coins=("BTC", "ETH"), quote="USDT", kinds=KINDS)
SETTING = WantedSetting(margin_mode=MarginMode.CROSS, leverage=Decimal(5))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """A gateway and the venue behind it."""

    gateway: Gateway
    server: EmulatedServer
    clock: SimulatedClock

    def price(self, symbol: str, times: str) -> Decimal:
        """Return a price on the tick, that many times the best ask."""
        tick = self.server.core.instruments[symbol].tick
        return (self.server.core.quotes()[symbol].ask * Decimal(times) // tick) * tick

    def paths(self, since: int = 0) -> list[str]:
        """Return what was asked, in order, from the ask numbered `since`."""
        return [f"{ask.method} {ask.path}" for ask in self.server.asks[since:]]

    def holding(self, asset: str) -> Decimal:
        """Return all of an asset at the venue, in every wallet, without unrealised profit."""
        core = self.server.core
        return sum((b.total for wallet in WalletKind for b in core.balances(wallet) if b.asset == asset), Decimal(0))

    async def pass_time(self, passed: timedelta) -> None:
        """Let the clock of both go on."""
        await self.clock.sleep_until(self.clock.now() + passed)


@asynccontextmanager
async def rigged(
    venue: str, *, books: str = "funded", mode: Mode = Mode.LIVE, scope: Scope = SCOPE
) -> AsyncIterator[Rig]:
    """Yield a gateway to an emulated account; every path it asks must be one the venue has."""
    clock = SimulatedClock(MOMENT)
    async with emulated(venue, books=books, now=clock.now) as server:
        secrets = server.core.secrets
        login = Login(key=secrets.key, secret=secrets.secret, passphrase=secrets.passphrase)
        connection = connect(row_of(venue), mode, login, clock, server.wire())
        for client in connection.all_clients():
            client.enableRateLimit = False  # the venue is on this machine: nobody's limits are spared by waiting
        gateway = Gateway(connection, scope, clock, "mine", SETTING)
        try:
            yield Rig(gateway=gateway, server=server, clock=clock)
        finally:
            await gateway.close()
        assert server.unknown == []


def order(symbol: str, side: Side, quantity: str | Decimal, **given: object) -> OrderRequest:
    """Return a market order of the core sleeve, or what `given` makes of it."""
    fields: dict[str, object] = {
        "price": None,
        "type": OrderType.MARKET,
        "reduce_only": False,
        "sleeve": Sleeve.CORE,
        **given,
    }
    return OrderRequest(symbol=symbol, side=side, quantity=Decimal(quantity), **fields)  # type: ignore[arg-type]


def held(snapshot: Snapshot, asset: str) -> Decimal:
    """Return all of an asset in a snapshot, in coins."""
    return sum((one.total for one in snapshot.balances if one.asset == asset), Decimal(0))
