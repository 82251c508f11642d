"""The real ccxt client with its wire bent to the emulated WEEX, and prices that rest and prices that trade."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import ccxt.async_support as ccxt

from tests.emulator.server import EmulatedServer

SPOT, LINEAR = "BTC/USDT", "BTC/USDT:USDT"
SWAP = {"type": "swap"}


@asynccontextmanager
async def client(server: EmulatedServer, *, sandbox: bool = False, **wrong: str) -> AsyncIterator[Any]:
    """Yield a real client; `wrong` replaces key, secret or password."""
    secrets = server.core.secrets
    keys = {"apiKey": secrets.key, "secret": secrets.secret, "password": secrets.passphrase}
    one = ccxt.weex({**keys, **wrong})
    one.number = str
    one.enableRateLimit = False
    one.has["fetchCurrencies"] = False
    if sandbox:
        one.set_sandbox_mode(True)
    one.session, one.own_session = server.wire(), False
    try:
        yield one
    finally:
        await one.session.close()
        await one.close()


def low(server: EmulatedServer, symbol: str) -> str:
    """Return a price of whole quote currency, five per cent below the bid: a buy there rests."""
    return str(int(server.core.quotes()[symbol].bid * 95 / 100))


def high(server: EmulatedServer, symbol: str) -> str:
    """Return a price of whole quote currency, one per cent above the ask: a buy there trades."""
    return str(int(server.core.quotes()[symbol].ask * 101 / 100))
