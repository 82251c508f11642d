"""What the gateway costs on top of ccxt, side by side on one emulator in a process of its own.

`python -m benchmarks.venues` prints it. The emulator answers 20 ms after it was asked, from one core: what many
requests at once take there is its own doing, so the same requests are sent by bare ccxt as a yardstick.
"""

import asyncio
import multiprocessing
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yarl import URL

from benchmarks.clocks import command, medians
from bot.cycle import run_cycle
from bot.domain.instrument import Kind, WalletKind
from bot.domain.mode import Mode
from bot.domain.order import OrderRequest, OrderType, Side, Sleeve
from bot.domain.snapshot import MarginMode
from bot.planning import Parts
from bot.simulator.clock import WallClock
from bot.venues.connect import Connection, Login, connect
from bot.venues.gateway import Gateway
from bot.venues.rows import row_of
from bot.venues.scope import Scope
from bot.venues.setup import WantedSetting
from bot.venues.snapshot import purses_read
from tests.builders import a_policy, d, wide_limits
from tests.emulator.server import emulated
from tests.emulator.wire import EmulatorSession
from tests.fakes import FakeControl, FakeJournal

COINS = ("BTC", "ETH", "SOL", "BNB", "XRP", "ADA", "LINK", "AVAX", "LTC", "TRX")
VENUES = ("binance", "bybit", "bingx", "weex", "mexc")
LATENCY_MS = 20
ORDERS = 15
LOOKS = 7


@dataclass(frozen=True, slots=True)
class Place:
    """Where an emulator listens, and the keys it knows."""

    url: str
    key: str
    secret: str
    passphrase: str


def serve(venue: str, latency_ms: int, told: Any, done: Any) -> None:
    """Answer as a venue until done; then tell when each request came."""

    async def answering() -> None:
        async with emulated(venue, books="funded", coins=COINS) as server:
            server.latency_ms = latency_ms
            secrets = server.core.secrets
            told.put(Place(str(server.url), secrets.key, secrets.secret, secrets.passphrase))
            await asyncio.to_thread(done.wait)
            told.put([ask.at_ms for ask in server.asks])

    asyncio.run(answering())


@contextmanager
def a_venue(venue: str, latency_ms: int) -> Iterator[tuple[Place, Callable[[], list[int]]]]:
    """Yield where an emulated venue answers from a process of its own, and what tells when it was asked."""
    told, done = multiprocessing.Queue(), multiprocessing.Event()
    process = multiprocessing.Process(target=serve, args=(venue, latency_ms, told, done), daemon=True)
    process.start()
    place = told.get(timeout=60)

    def ended() -> list[int]:
        done.set()
        times: list[int] = told.get(timeout=60)
        return times

    try:
        yield place, ended
    finally:
        done.set()
        process.join(10)


def opened(venue: str, place: Place) -> Connection:
    """Return a connection that leads to the emulator; ccxt's limiter, which waits as the venue asks, is off."""
    login = Login(key=place.key, secret=place.secret, passphrase=place.passphrase)
    found = connect(row_of(venue), Mode.LIVE, login, WallClock(), EmulatorSession(URL(place.url)))
    for client in found.all_clients():
        client.enableRateLimit = False
    return found


def a_gateway(connection: Connection) -> Gateway:
    """Return the gateway of ten coins, spot and perpetual."""
    scope = Scope(coins=COINS, quote="USDT", kinds=frozenset({Kind.SPOT, Kind.LINEAR_PERPETUAL}))
    setting = WantedSetting(margin_mode=MarginMode.CROSS, leverage=d(3))
    return Gateway(connection, scope, WallClock(), "bench", setting)


async def taken(work: Callable[[], Awaitable[object]]) -> float:
    """Return the milliseconds of one piece of work."""
    begun = time.perf_counter()
    await work()
    return (time.perf_counter() - begun) * 1000


async def one_order(venue: str, place: Place) -> tuple[float, float]:
    """Return the median milliseconds of an order through the gateway and by bare ccxt: sent, looked up, its fills."""
    connection, bare = opened(venue, place), opened(venue, place)
    gateway = a_gateway(connection)
    ask = (await gateway.snapshot()).quotes["BTC/USDT"].ask
    instrument = (await gateway.snapshot()).instruments["BTC/USDT"]
    price = (ask * d("1.01")) // instrument.tick * instrument.tick
    request = OrderRequest(
        symbol="BTC/USDT",
        side=Side.BUY,
        quantity=instrument.step * 100,
        price=price,
        type=OrderType.LIMIT_IOC,
        reduce_only=False,
        sleeve=Sleeve.CORE,
    )
    for client in bare.all_clients():
        await client.load_markets()
        unguard(client, place)
    client, product = bare.clients[WalletKind.SPOT], bare.row.products[WalletKind.SPOT]
    spelling = product.spellings[OrderType.LIMIT_IOC]
    ours, theirs = [], []

    async def plain(name: str) -> None:
        params = {**product.order_params, **spelling.params, product.client_id: name}
        made = await client.create_order("BTC/USDT", "limit", "buy", f"{request.quantity:f}", f"{price:f}", params)
        told = {"acknowledged": True} if venue == "bybit" else {}  # without it ccxt refuses to ask
        await client.fetch_order(made["id"], "BTC/USDT", {**product.params, **told})
        await client.fetch_my_trades("BTC/USDT", None, None, dict(product.params))

    for number in range(ORDERS):
        ours.append(await taken(lambda number=number: gateway.place(f"h{number:024d}", request)))  # type: ignore[misc]
        theirs.append(await taken(lambda number=number: plain(f"g{number:024d}")))  # type: ignore[misc]
    await connection.close()
    for client in bare.all_clients():
        await client.session.close()
    await bare.close()
    return statistics.median(ours), statistics.median(theirs)


def unguard(client: Any, place: Place) -> None:
    """Let a client go to the emulator without our guard: the yardstick is ccxt alone."""
    client.session = EmulatorSession(URL(place.url))


async def one_look(venue: str, place: Place) -> tuple[float, float, int]:
    """Return the median milliseconds of a snapshot and of bare ccxt asking the same at once, and its requests."""
    connection, bare = opened(venue, place), opened(venue, place)
    gateway = a_gateway(connection)
    await gateway.snapshot()
    symbols = await gateway.symbols()
    for client in bare.all_clients():
        await client.load_markets()
        unguard(client, place)
    ours, theirs = [], []
    for _ in range(LOOKS):
        ours.append(await taken(gateway.snapshot))
        theirs.append(await taken(lambda: bare_look(bare, symbols)))
    await connection.close()
    for client in bare.all_clients():
        await client.session.close()
    await bare.close()
    return statistics.median(ours), statistics.median(theirs), gateway.requests


async def bare_look(bare: Connection, symbols: dict[WalletKind, list[str]]) -> None:
    """Ask what a snapshot asks, in its two waves, and make nothing of it."""
    first: list[Awaitable[object]] = [bare.all_clients()[0].fetch_time()]
    for wallet, client in bare.clients.items():
        product, names = bare.row.products[wallet], symbols.get(wallet, [])
        first += [client.fetch_positions(None, dict(params)) for params in product.positions]
        first += [
            client.fetch_open_orders(name, None, None, dict(params))
            for params in product.resting
            for name in (names if product.resting_each else [None])
        ]
        first += [client.fetch_order_book(name, product.book_levels) for name in names]
        for read in product.market_reads if names else ():
            if read.raw is not None:
                first.append(client.request(read.raw.path, list(read.raw.section), "GET", dict(read.params)))
            elif read.each:
                first += [getattr(client, read.call)(name, dict(read.params)) for name in names]
            else:
                first.append(getattr(client, read.call)(None if read.everything else names, dict(read.params)))
    await asyncio.gather(*first, *balances(bare))
    await asyncio.gather(*balances(bare))


def balances(bare: Connection) -> list[Awaitable[object]]:
    """Return the questions for every purse."""
    rows = bare.row.products
    return [bare.clients[wallet].fetch_balance(dict(rows[wallet].balance.params)) for wallet in purses_read(bare)]


async def one_cycle(venue: str, place: Place) -> tuple[float, float, int]:
    """Return when a cycle from funded spot to a hedged book began and ended (seconds since 1970), and its legs."""
    gateway = a_gateway(opened(venue, place))
    policy = a_policy(assets=dict.fromkeys(COINS, 1), hedge=(0, "0.15", "0.2"), limits=wide_limits())
    parts = Parts(
        policy=policy,
        policy_text="bench",
        exchange=gateway,
        journal=FakeJournal(),
        clock=WallClock(),
        control=FakeControl(),
    )
    await gateway.snapshot()
    begun = WallClock().now().timestamp()
    report = await run_cycle(parts)
    ended = WallClock().now().timestamp()
    await gateway.close()
    return begun, ended, len(report.outcomes)


def trips(times: list[int], begun: float, ended: float) -> int:
    """Return how many round trips of a cycle had to wait for one another: requests that did not overlap."""
    count, free_at = 0, 0
    for at in sorted(one for one in times if begun * 1000 <= one <= ended * 1000):
        if at >= free_at:
            count, free_at = count + 1, at + LATENCY_MS
    return count


def imports(home: Path) -> None:
    """Print what loading one venue's class costs against all of ccxt, each in a process of its own."""
    ours = "from bot.venues.library import venue_class; venue_class('bybit')"
    works = {"all": command("-c", "import ccxt.async_support", home=home), "one": command("-c", ours, home=home)}
    seconds = medians(7, works)
    more = f"import ccxt.async_support {seconds['all'] * 1000:.0f} ms: {seconds['one'] / seconds['all']:.2f} x"
    tell("one venue's class", f"{seconds['one'] * 1000:.0f} ms", more)


def measure(venue: str) -> None:
    """Print one venue's figures."""
    with a_venue(venue, 0) as (place, _ended):
        ours, theirs = asyncio.run(one_order(venue, place))
    tell(f"{venue}: one order", f"{ours:.1f} ms", f"bare ccxt {theirs:.1f} ms: {ours / theirs:.2f} x (at most 1.5)")
    with a_venue(venue, LATENCY_MS) as (place, _ended):
        ours, theirs, requests = asyncio.run(one_look(venue, place))
    bare = f"the same by bare ccxt {theirs:.0f} ms: {ours / theirs:.2f} x"
    tell(f"{venue}: one look", f"{ours:.0f} ms", f"10 coins, {requests} requests, 2 round trips of 20 ms; {bare}")
    with a_venue(venue, LATENCY_MS) as (place, ended):
        begun, done, legs = asyncio.run(one_cycle(venue, place))
        count = trips(ended(), begun, done)
    least, took = count * LATENCY_MS, (done - begun) * 1000
    tell(
        f"{venue}: one cycle",
        f"{took:.0f} ms",
        f"{legs} legs, {count} round trips in turn = {least} ms: {took / least:.2f} x",
    )


def tell(what: str, figure: str, more: str) -> None:
    """Print one line."""
    print(f"{what:<22} {figure:>9}   {more}", flush=True)


if __name__ == "__main__":
    for name in sys.argv[1:] or VENUES:
        measure(name)
