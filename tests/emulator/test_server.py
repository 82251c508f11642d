"""The emulated server: what it hears, whom it lets in, and the wire that leads to it and nowhere else."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.emulator.neutral import HOST, KEY, NEUTRAL, URL
from tests.emulator.server import EmulatedServer, emulated
from tests.emulator.wire import EmulatorSession


@pytest.fixture
async def server() -> AsyncIterator[EmulatedServer]:
    """A funded account at a venue that exists nowhere."""
    async with emulated(NEUTRAL, books="funded") as running:
        yield running


@pytest.fixture
async def wire(server: EmulatedServer) -> AsyncIterator[EmulatorSession]:
    """A session bent to it."""
    session = server.wire()
    yield session
    await session.close()


async def test_a_request_arrives_byte_for_byte_with_its_real_host(
    server: EmulatedServer, wire: EmulatorSession
) -> None:
    """A signature is over these bytes: nothing is decoded or sorted on the way."""
    async with wire.get(f"{URL}/time?b=%2F&a=1+2&a=%E2%82%AC", headers={"X-Own": "Me"}) as response:
        told = await response.json()
    (ask,) = server.asks
    assert told["query"] == ask.query == "b=%2F&a=1+2&a=%E2%82%AC"
    assert (ask.method, ask.host, ask.path, ask.headers["x-own"]) == ("GET", HOST, "/time", "Me")
    assert ask.params == {"b": "/", "a": "€"}
    assert wire.hosts == [HOST]


async def test_a_body_is_read_as_a_form_or_as_json(server: EmulatedServer, wire: EmulatorSession) -> None:
    """Whichever it is, it is not the other."""
    await wire.post(f"{URL}/transfer", data="amount=10&id=a", headers=KEY)
    await wire.post(f"{URL}/order", data='{"symbol":"BTC/USDT","quantity":"0.01"}', headers=KEY)
    form, order = server.asks
    assert (form.form, form.json) == ({"amount": "10", "id": "a"}, None)
    assert (order.form, order.json["symbol"]) == ({}, "BTC/USDT")


async def test_a_part_of_a_path_can_stand_for_any_name(server: EmulatedServer, wire: EmulatorSession) -> None:
    """/order/{number} answers /order/1 and /order/2."""
    await wire.post(f"{URL}/order", json={"symbol": "BTC/USDT", "quantity": "0.01"}, headers=KEY)
    async with wire.get(f"{URL}/order/1", headers=KEY) as response:
        assert await response.json() == {"number": 1, "status": "filled", "filled": "0.01"}
    async with wire.get(f"{URL}/order/2", headers=KEY) as response:
        assert (response.status, await response.json()) == (404, {"error": "unknown"})
    assert server.unknown == []


@pytest.mark.parametrize("url", [f"{URL}/nowhere", f"{URL}/order/", f"{URL}/order/1/2", "https://other.example/time"])
async def test_what_no_route_and_no_host_answers_is_remembered(
    server: EmulatedServer, wire: EmulatorSession, url: str
) -> None:
    """Too short, too long, and a host the venue does not have."""
    async with wire.get(url, headers=KEY) as response:
        assert response.status == 404
    assert [ask.path for ask in server.unknown] == [url.removeprefix(URL).removeprefix("https://other.example")]


async def test_only_private_routes_ask_for_the_key(server: EmulatedServer, wire: EmulatorSession) -> None:
    """The time is anybody's, an order is not."""
    async with wire.get(f"{URL}/time") as response:
        assert response.status == 200
    async with wire.post(f"{URL}/order", json={"symbol": "BTC/USDT", "quantity": "0.01"}) as response:
        assert (response.status, await response.json()) == (401, {"error": "key"})
    assert server.core.orders("BTC/USDT") == ()


async def test_an_answer_takes_as_long_as_the_latency(server: EmulatedServer, wire: EmulatorSession) -> None:
    """Half of 60 ms before the venue reads its clock, half of them after; a clock of milliseconds may lose one."""
    server.latency_ms = 60
    begun = asyncio.get_running_loop().time()
    async with wire.get(f"{URL}/time") as response:
        told = (await response.json())["now"]
    assert told - server.asks[0].at_ms >= 29
    assert asyncio.get_running_loop().time() - begun >= 0.06


async def test_the_wire_passes_on_what_the_session_behind_it_has(wire: EmulatorSession) -> None:
    """Headers, cookies, whether it is closed; and every method leads to the emulator."""
    assert not wire.closed
    assert dict(wire.headers) == {}
    assert len(wire.cookie_jar) == 0
    for method in ("put", "patch", "delete"):
        async with getattr(wire, method)(f"{URL}/time") as response:
            assert response.status == 404
    await wire.close()
    assert wire.closed


async def test_the_wire_follows_no_redirect_out_of_the_emulator(server: EmulatedServer, wire: EmulatorSession) -> None:
    """Even a caller that follows redirects gets nowhere."""
    server.faults.next("transfer", "redirect")
    with pytest.raises(aiohttp.ClientConnectorError, match=r"elsewhere\.invalid"):
        await wire.post(f"{URL}/transfer", data="amount=10&id=a", headers=KEY)


async def stumbled() -> None:
    """Ask an emulator for what its handler fails at; the caller sees a 500 first."""
    async with emulated(NEUTRAL, books="empty") as server:
        wire = server.wire()
        async with wire.get(f"{URL}/stumble", headers=KEY) as response:
            assert response.status == 500
        await wire.close()


async def test_a_mistake_in_a_handler_is_raised_at_the_end() -> None:
    """It must not be taken for the venue's own 500."""
    with pytest.raises(KeyError, match="a mistake"):
        await stumbled()


async def test_unheard_of_books_are_refused() -> None:
    """With the books there are."""
    with pytest.raises(ValueError, match="funded, hedged or empty"):
        async with emulated(NEUTRAL, books="full"):
            pass
