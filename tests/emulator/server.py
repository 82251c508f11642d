"""The local server: it records what it is asked, answers as the venue does, and misbehaves as it is told."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from datetime import datetime

from aiohttp import web
from yarl import URL

from bot.simulator.clock import WallClock
from tests.emulator.asks import REAL_HOST, Ask, Refused, Reply, Route
from tests.emulator.core import Core
from tests.emulator.faults import Fault, FaultPlan, Manner
from tests.emulator.package import Venue, core_of, venue_of
from tests.emulator.wire import EmulatorSession

_RESET = struct.pack("ii", 1, 0)  # linger for no time: closing sends RST
_LONGEST_BODY = 1_000_000
WALL = WallClock()


class EmulatedServer:
    """A venue on 127.0.0.1. `asks` is everything received, `unknown` what no route or host of the venue answers.

    `latency_ms` is the way there and back: half of it passes before an ask is answered, half of it before the answer
    leaves, and what the emulator itself takes is part of the second half. `broken` are the errors of handlers: a
    fault of the emulator.
    """

    def __init__(self, venue: Venue, core: Core) -> None:
        self.core = core
        self.venue = venue
        self.faults = FaultPlan(venue.calls)
        self.latency_ms = 0
        self.asks: list[Ask] = []
        self.unknown: list[Ask] = []
        self.broken: list[Exception] = []
        self.url = URL()
        self._stopping = asyncio.Event()
        self._runner: web.AppRunner | None = None

    def wire(self) -> EmulatorSession:
        """Return a new session whose every request comes here; whoever asked for it closes it."""
        return EmulatorSession(self.url)

    async def start(self) -> None:
        """Listen on a free port."""
        app = web.Application(client_max_size=_LONGEST_BODY)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = URL.build(scheme="http", host=host, port=port)

    async def stop(self) -> None:
        """Let go of whatever still hangs, and of the port."""
        self._stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        came = asyncio.get_running_loop().time()
        ask = await self._received(request)
        self.asks.append(ask)
        await _until(came + self.latency_ms / 2000)
        response = await self._responded(request, ask)
        await _until(came + self.latency_ms / 1000)
        return response

    async def _responded(self, request: web.Request, ask: Ask) -> web.StreamResponse:
        route = self._route(ask)
        if route is None:
            self.unknown.append(ask)
            return _sent(Reply(body=f"emulator: nothing answers {ask.method} {ask.host}{ask.path}", status=404))
        fault = self.faults.take(route)
        if fault is None:
            return _sent(self._answer(route, ask))
        reply = self._answer(route, ask) if fault.accepted else Reply(body="")
        if fault.manner is Manner.REPLY:
            return _sent(fault.answer(ask, self.venue.fault_codes))
        return await self._misbehave(request, fault, reply)

    async def _received(self, request: web.Request) -> Ask:
        path, _, query = request.raw_path.partition("?")
        headers = {name.lower(): value for name, value in request.headers.items()}
        return Ask(
            method=request.method,
            host=headers.get(REAL_HOST, ""),
            path=path,
            query=query,
            body=await request.text(),
            headers=headers,
            at_ms=self.core.now_ms(),
        )

    def _route(self, ask: Ask) -> Route | None:
        """Return the route of an ask; one that names no real host came by another way and is let in."""
        if ask.host and self.venue.hosts and ask.host not in self.venue.hosts:
            return None
        return self.venue.route(ask.method, ask.path)

    def _answer(self, route: Route, ask: Ask) -> Reply:
        try:
            if self.venue.is_private(route):
                self.venue.check_signature(ask, self.core)
            return self.venue.routes[route](ask, self.core)
        except Refused as refused:
            return refused.reply
        except Exception as error:  # noqa: BLE001 - told when the server stops: it is the emulator's, not the venue's
            self.broken.append(error)
            return Reply(body=f"emulator: {error!r} at {ask.method} {ask.path}", status=500)

    async def _misbehave(self, request: web.Request, fault: Fault, reply: Reply) -> web.StreamResponse:
        match fault.manner:
            case Manner.HANG:
                await self._stopping.wait()
            case Manner.RESET:
                _reset(request)
            case Manner.CUT_LENGTH | Manner.CUT_CHUNKED:
                return await _cut(request, reply, chunked=fault.manner is Manner.CUT_CHUNKED)
            case Manner.CUT_JSON:
                return _sent(Reply(body=reply.text[: len(reply.text) // 2], status=reply.status))
            case Manner.BROKEN_GZIP:
                return web.Response(body=b"no gzip at all", headers={"Content-Encoding": "gzip"})
            case Manner.CLOSED | Manner.REPLY:
                pass
        _close(request)
        return web.Response()


async def _until(moment: float) -> None:
    """Return when the loop's clock says so many seconds; at once when it does already."""
    left = moment - asyncio.get_running_loop().time()
    if left > 0:
        await asyncio.sleep(left)


def _sent(reply: Reply) -> web.Response:
    """Return an answer as it goes out: JSON unless it is a text or says otherwise."""
    headers = dict(reply.headers)
    headers.setdefault("Content-Type", "text/plain" if isinstance(reply.body, str) else "application/json")
    return web.Response(body=reply.text.encode(), status=reply.status, headers=headers)


def _close(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.close()


def _reset(request: web.Request) -> None:
    if request.transport is not None:
        line = request.transport.get_extra_info("socket")
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        request.transport.abort()


async def _cut(request: web.Request, reply: Reply, *, chunked: bool) -> web.StreamResponse:
    """Send the head and half of an answer and close: short of its length, or without its last chunk."""
    body = reply.text.encode()
    response = web.StreamResponse(status=reply.status, headers={"Content-Type": "application/json"})
    if chunked:
        response.enable_chunked_encoding()
    else:
        response.content_length = len(body) + 1
    await response.prepare(request)
    await response.write(body[: len(body) // 2 + 1])
    _close(request)
    return response


@asynccontextmanager
async def emulated(
    venue: str | Venue,
    *,
    books: str = "funded",
    seed: int | str = 7,
    now: Callable[[], datetime] = WALL.now,
    coins: Collection[str] = (),
) -> AsyncIterator[EmulatedServer]:
    """Yield the running server of a venue: "funded", "hedged" or "empty" books, `coins` besides BTC, ETH and SOL.

    The market begins at the same prices in every run of a seed. At the end an error of a handler is raised.
    """
    described = venue_of(venue) if isinstance(venue, str) else venue
    server = EmulatedServer(described, core_of(described, books=books, seed=seed, now=now, coins=coins))
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
    if server.broken:
        raise server.broken[0]
