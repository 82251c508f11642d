"""The real ccxt client at the emulated BingX, and prices beside its books."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import ccxt.async_support as ccxt

from tests.emulator.server import EmulatedServer

SPOT, LINEAR, INVERSE = "BTC/USDT", "BTC/USDT:USDT", "BTC/USD:BTC"
SWAP = {"type": "swap"}
COIN_SWAP = {"type": "swap", "subType": "inverse"}


@asynccontextmanager
async def client(server: EmulatedServer, *, demo: bool = False, **wrong: str) -> AsyncIterator[Any]:
    """A real client, its wire bent to the emulator; `wrong` replaces key or secret."""
    secrets = server.core.secrets
    one = ccxt.bingx({"apiKey": secrets.key, "secret": secrets.secret, **wrong})
    one.number, one.enableRateLimit = str, False
    one.has["fetchCurrencies"] = False
    if demo:
        one.set_sandbox_mode(True)
    one.session, one.own_session = server.wire(), False
    try:
        yield one
    finally:
        await one.session.close()
        await one.close()


def low(server: EmulatedServer, symbol: str) -> str:
    """A price five per cent below the best bid, on the tick."""
    tick = server.core.instruments[symbol].tick
    return str((server.core.quotes()[symbol].bid * Decimal("0.95") // tick) * tick)


def high(server: EmulatedServer, symbol: str) -> str:
    """A price five per cent above the best ask, on the tick."""
    tick = server.core.instruments[symbol].tick
    return str((server.core.quotes()[symbol].ask * Decimal("1.05") // tick) * tick)
