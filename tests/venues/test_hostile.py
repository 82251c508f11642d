"""A hostile configuration: whatever is set after connecting, nothing leaves for another host and no secret is told."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pytest

from bot.domain.mode import Mode
from bot.domain.order import Side
from bot.errors import OutcomeUnknown, PoiseError, RequestForbidden, SettingsRefused, SnapshotUnavailable
from bot.simulator.clock import SimulatedClock
from bot.venues.connect import Login, connect, prove
from bot.venues.gateway import Gateway
from bot.venues.rows import row_of
from bot.venues.wire import open_wire
from tests.emulator.server import EmulatedServer, emulated
from tests.emulator.wire import EmulatorSession
from tests.venues.bending import CHANGES, EVIL, moved
from tests.venues.canary import CANARY, leaked, listening, secrets_sent
from tests.venues.known import VENUES
from tests.venues.lines import FakeWire
from tests.venues.rig import MOMENT, PERP, SCOPE, order

SANDBOXES = [(v, mode) for v in VENUES for mode in row_of(v).access if mode not in (Mode.LIVE, Mode.DRY_RUN)]


@dataclass(frozen=True, slots=True)
class Place:
    """A gateway that was opened well, before anybody changes it."""

    gateway: Gateway
    server: EmulatedServer
    wire: EmulatorSession

    @property
    def clients(self) -> tuple[Any, ...]:
        """Ccxt's clients."""
        return self.gateway.connection.all_clients()

    def strangers(self) -> set[str]:
        """Return the hosts that were asked and are not on the mode's list."""
        return set(self.wire.hosts) - self.gateway.connection.access.hosts

    def clear(self) -> None:
        """Forget what was asked so far."""
        self.wire.hosts.clear()
        self.server.asks.clear()


@asynccontextmanager
async def opened(venue: str, mode: Mode = Mode.LIVE) -> AsyncIterator[Place]:
    """Yield a gateway to an emulated account with canaries for keys."""
    clock = SimulatedClock(MOMENT)
    async with emulated(venue, now=clock.now) as server:
        server.core.secrets = CANARY
        login = Login(key=CANARY.key, secret=CANARY.secret, passphrase=CANARY.passphrase)
        wire = server.wire()
        connection = connect(row_of(venue), mode, login, clock, wire)
        gateway = Gateway(connection, SCOPE, clock, "mine")
        for client in connection.all_clients():
            client.enableRateLimit = False
        try:
            yield Place(gateway, server, wire)
        finally:
            await gateway.close()


async def try_everything(place: Place) -> list[PoiseError]:
    """Read, buy and look; return what was refused. Nothing but what Poise says on purpose may come out."""
    refused: list[PoiseError] = []
    for call in (
        place.gateway.snapshot(),
        place.gateway.place("hostile1", order(PERP, Side.BUY, "1")),
        place.gateway.find("hostile1", PERP),
        place.gateway.ledger(int(MOMENT.timestamp()) * 1_000_000),
    ):
        try:
            await call
        except PoiseError as error:
            refused.append(error)
    return refused


# ── addresses ──


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__.strip("_"))
@pytest.mark.parametrize("venue", VENUES)
async def test_nothing_leaves_once_the_way_was_bent(venue: str, change: Callable[[Any], None]) -> None:
    """Addresses, proxies, sessions, changed in ccxt after it was connected: nothing is read or sent any more."""
    async with opened(venue) as place:
        await place.gateway.snapshot()
        place.clear()
        for client in place.clients:
            change(client)
        refused = await try_everything(place)
        assert len(refused) == 4, refused
        assert (place.server.asks, place.wire.hosts) == ([], [])


@pytest.mark.parametrize("venue", VENUES)
async def test_another_hostname_is_no_way_out(venue: str) -> None:
    """Where ccxt puts it into the address nothing leaves; elsewhere nothing changes."""
    async with opened(venue) as place:
        await place.gateway.snapshot()
        place.clear()
        for client in place.clients:
            client.hostname = EVIL
        await try_everything(place)
        assert place.strangers() == set()


@pytest.mark.parametrize(("venue", "mode"), SANDBOXES)
async def test_a_sandbox_that_is_turned_off_afterwards_sends_nothing_to_the_real_side(venue: str, mode: Mode) -> None:
    """The library then has the addresses of real money; the mode's list has not."""
    async with opened(venue, mode) as place:
        for client in place.clients:
            for off in (client.set_sandbox_mode, client.enable_demo_trading):
                with suppress(Exception):  # some venues refuse to turn off what was never on
                    off(False)
        await try_everything(place)
        assert place.strangers() == set()
        assert {ask.host for ask in place.server.asks} <= place.gateway.connection.access.hosts


@pytest.mark.parametrize("venue", VENUES)
async def test_a_redirect_is_not_followed(venue: str) -> None:
    """Neither a read nor an order goes where an answer points."""
    async with opened(venue) as place:
        for call in ("balances", "quotes"):
            place.server.faults.next(call, "redirect", 50)
            with pytest.raises(SnapshotUnavailable):
                await place.gateway.snapshot()
            place.server.faults.clear()
        assert place.strangers() == set()


@pytest.mark.parametrize("venue", VENUES)
async def test_after_closing_nothing_is_asked(venue: str) -> None:
    """The library opens no session of its own behind the guard."""
    async with opened(venue) as place:
        await place.gateway.snapshot()
        await place.gateway.close()
        place.clear()
        assert len(await try_everything(place)) == 4
        assert (place.server.asks, place.wire.hosts) == ([], [])
        assert [client.session for client in place.clients] == [None] * len(place.clients)


# ── the modes ──


@pytest.mark.parametrize("venue", VENUES)
async def test_a_client_on_the_other_side_proves_no_mode(venue: str) -> None:
    """Real addresses prove no sandbox, and a strange address nothing at all."""
    row = row_of(venue)
    async with opened(venue) as place:
        client = place.clients[0]
        for mode, access in row.access.items():
            if access.hosts.isdisjoint(row.access[Mode.LIVE].hosts):
                with pytest.raises(SettingsRefused, match="cannot be proved"):
                    prove(client, row, row.access[mode])
        client.urls["api"] = moved(client.urls["api"])
        with pytest.raises(SettingsRefused, match="cannot be proved"):
            prove(client, row, row.access[Mode.LIVE])


@pytest.mark.parametrize("venue", VENUES)
async def test_a_session_that_would_repeat_is_not_used(venue: str) -> None:
    """Of itself aiohttp sends a DELETE again when a kept connection breaks; ours does not, and another is refused."""
    wire = FakeWire()
    wire._retry_connection = True
    with pytest.raises(SettingsRefused, match="repeat"):
        connect(row_of(venue), Mode.LIVE, None, SimulatedClock(MOMENT), wire)
    assert wire.left == []


@pytest.mark.parametrize("fault", ["hang", "reset", "closed", "http-503", "empty-200"])
@pytest.mark.parametrize("venue", VENUES)
async def test_an_order_leaves_once_even_if_ccxt_is_told_to_repeat(venue: str, fault: str) -> None:
    """Retries turned on behind our back: the second request of one intent is stopped."""
    async with opened(venue) as place:
        await place.gateway.snapshot()
        for client in place.clients:
            client.options["maxRetriesOnFailure"] = 3
            client.timeout = 300
        place.server.faults.next("place", fault)
        place.clear()
        size = place.server.core.instruments[PERP].min_quantity * 20
        with suppress(OutcomeUnknown):
            await place.gateway.place("hostile2", order(PERP, Side.BUY, size))
        routes = place.server.venue.calls["place"]
        sent = [a for a in place.server.asks if place.server.venue.route(a.method, a.path) in routes]
        assert len(sent) == 1
        assert len(place.server.core.orders(PERP)) <= 1


# ── secrets ──

FAULTS = (
    "bad-key",
    "clock-skew",
    "html-200",
    "cut-json-200",
    "reset",
    "hang",
    "redirect",
    "venue-unknown",
    "http-502-html",
)


@pytest.mark.parametrize("venue", VENUES)
async def test_no_secret_is_logged_printed_or_raised(venue: str) -> None:
    """With every log at DEBUG and ccxt verbose, through answers of all kinds: no key, secret or signature is told."""
    async with opened(venue) as place:
        with listening() as heard:
            for client in place.clients:
                client.verbose = True
                client.timeout = 300
            await place.gateway.snapshot()
            for fault in FAULTS:
                for call in ("balances", "place", "quotes"):
                    place.server.faults.next(call, fault, 3)
                for error in await try_everything(place):
                    heard.error(error)
                place.server.faults.clear()
            heard.said += [repr(place.gateway), repr(place.gateway.connection.row), repr(place.clients)]
        secrets = secrets_sent(place.server.asks, place.gateway.connection.row)
    assert len(secrets) > 20
    assert len(heard.said) > 50
    assert leaked(heard, secrets) == []


def test_a_login_shows_nothing_of_itself() -> None:
    """However it is printed."""
    login = Login(key=CANARY.key, secret=CANARY.secret, passphrase=CANARY.passphrase)
    assert "canary" not in f"{login} {login!r} {[login]} {{'login': {login}}}"


# ── the environment ──


async def test_a_proxy_of_the_environment_is_never_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A trap that listens where every such variable points hears nothing."""
    heard: list[bytes] = []

    async def trap(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(100))
        writer.close()

    server = await asyncio.start_server(trap, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        closed = nobody.getsockname()[1]
        wire = open_wire()
        try:
            with pytest.raises(OSError, match="Cannot connect"):
                async with wire.request("GET", f"https://127.0.0.1:{closed}/"):
                    pass
        finally:
            await wire.close()
    server.close()
    await server.wait_closed()
    assert heard == []


def test_the_guard_is_what_stops_a_proxy_of_the_library() -> None:
    """One sentence for all of them."""
    from bot.venues.connect import no_socks

    with pytest.raises(RequestForbidden, match="socks5 proxy"):
        no_socks("socks5://user:word@evil.example")
