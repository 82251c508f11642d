"""What leaves for Binance, word for word: every request of a day's work, as it stood on the wire."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal

from bot.domain.instrument import Kind, WalletKind
from bot.domain.order import OrderType, Side
from bot.domain.reading import Series, SeriesKind
from bot.domain.snapshot import MarginMode
from bot.simulator.clock import SimulatedClock
from bot.venues.asking import Reader
from bot.venues.gateway import Gateway
from bot.venues.key_rights import examine_key
from bot.venues.rows import row_of
from bot.venues.scope import Scope
from bot.venues.setup import WantedSetting
from tests.emulator.asks import Ask
from tests.emulator.server import EmulatedServer
from tests.golden import matches
from tests.venues.binance_desk import INVERSE, LINEAR, SIZES, SPOT, binance, gateway_at, moving, order, priced, stop

MOMENT = datetime(2026, 11, 23, 10, tzinfo=UTC)
MASKED = frozenset({"timestamp", "signature", "recvWindow"})
SCOPE = Scope(coins=("BTC",), quote="USDT", kinds=frozenset({Kind.SPOT, Kind.LINEAR_PERPETUAL, Kind.INVERSE_PERPETUAL}))
SETTING = WantedSetting(margin_mode=MarginMode.ISOLATED, leverage=Decimal(4))


class Day:
    """What was asked, step by step; a request seen before is written once."""

    def __init__(self, server: EmulatedServer) -> None:
        self._server = server
        self._told: set[str] = set()
        self._blocks: list[str] = []

    @asynccontextmanager
    async def step(self, name: str) -> AsyncIterator[None]:
        """Write down what is asked within, in an order that does not depend on chance."""
        begun = len(self._server.asks)
        yield
        new = {text for ask in self._server.asks[begun:] if (text := written(ask)) not in self._told}
        self._told |= new
        self._blocks += [f"# {name}\n{text}\n" for text in sorted(new)]

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(self._blocks)

    def __len__(self) -> int:
        return len(self._blocks)


def written(ask: Ask) -> str:
    """A request as text: method, host, path, its parameters sorted, what is secret or of the moment masked."""
    params = {**ask.params, **ask.form}
    lines = [f"{ask.method} https://{ask.host}{ask.path}"]
    lines += ["  X-MBX-APIKEY: *"] if "x-mbx-apikey" in ask.headers else []
    where = "body" if ask.body else "query"
    lines += [f"  {where} {name}={'*' if name in MASKED else value}" for name, value in sorted(params.items())]
    return "\n".join(lines)


async def _orders(day: Day, gateway: Gateway, server: EmulatedServer, symbols: Iterable[str]) -> None:
    for symbol in symbols:
        name, size = symbol.replace("/", " "), SIZES[symbol]
        for side in (Side.SELL, Side.BUY):
            async with day.step(f"{side} {name} at the market"):
                await gateway.place(f"h{side}", order(symbol, side, size))
        async with day.step(f"buy {name} at a limit, at once or not at all"):
            await gateway.place("hioc", order(symbol, Side.BUY, size, priced(server, symbol, "0.95")))
        async with day.step(f"buy {name} post-only"):
            resting = order(symbol, Side.BUY, size, priced(server, symbol, "0.95"), type=OrderType.POST_ONLY)
            await gateway.place("hrest", resting)
        async with day.step(f"cancel {name}"):
            await gateway.cancel("hrest", symbol)


async def _contracts(day: Day, gateway: Gateway, server: EmulatedServer) -> None:
    for symbol in (LINEAR, INVERSE):
        name, size = symbol.replace("/", " "), SIZES[symbol]
        await gateway.place("hopen", order(symbol, Side.SELL, size))
        async with day.step(f"a stop that buys {name} back"):
            await gateway.place("hstop", stop(server, symbol, "1.05", size))
        async with day.step(f"cancel the stop in {name}"):
            await gateway.cancel("hstop", symbol)
        async with day.step(f"close {name}"):
            await gateway.place("hshut", order(symbol, Side.BUY, size, reduce_only=True))


async def _money(day: Day, gateway: Gateway) -> None:
    spot = WalletKind.SPOT
    ways = (("USDT", "10", WalletKind.LINEAR), ("BTC", "0.001", WalletKind.INVERSE))
    for asset, amount, wallet in ways:
        for request in (moving(asset, amount, spot, wallet), moving(asset, amount, wallet, spot)):
            async with day.step(f"move {asset} from {request.source} to {request.target}"):
                made = await gateway.transfer("t1", request)
                await gateway.find_transfer("t1", request, made.at)


async def test_every_request_of_a_days_work_is_as_approved() -> None:
    """Reading, trading, stops, set-up, money, the ledger, the past and the key's rights: each request once."""
    clock = SimulatedClock(MOMENT)
    async with binance(clock) as server, gateway_at(server, scope=SCOPE, clock=clock) as gateway:
        day = Day(server)
        async with day.step("snapshot"):
            seen = await gateway.snapshot()
        await _orders(day, gateway, server, (SPOT, LINEAR, INVERSE))
        await _contracts(day, gateway, server)
        await _money(day, gateway)
        async with day.step("the ledger"):
            await gateway.ledger(seen.ledger_sequence)
        async with day.step("the past"):
            await gateway.history(_series())
        wanted = gateway_at(server, scope=SCOPE, clock=clock, setting=SETTING)
        async with wanted as careful, day.step("set up before opening"):
            await careful.place("hset", order(INVERSE, Side.SELL, "1"))
        reader = Reader(row_of("binance").codes, clock)
        async with day.step("the rights of the key"):
            await examine_key(gateway.connection, reader, clock.now())
    assert len(day) >= 60
    assert matches("requests/binance", day.text)


def _series() -> tuple[Series, ...]:
    hours, day = 3600, 86_400
    return (
        Series(kind=SeriesKind.CANDLES, symbol=SPOT, seconds=day, count=5),
        Series(kind=SeriesKind.CANDLES, symbol=LINEAR, seconds=hours, count=5),
        Series(kind=SeriesKind.FUNDING, symbol=LINEAR, seconds=0, count=4),
        Series(kind=SeriesKind.FUNDING, symbol=INVERSE, seconds=0, count=4),
        Series(kind=SeriesKind.OPEN_INTEREST, symbol=LINEAR, seconds=day, count=4),
        Series(kind=SeriesKind.OPEN_INTEREST, symbol=INVERSE, seconds=day, count=4),
    )
