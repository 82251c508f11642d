"""Each of the thirty faults looks as it should on the wire, and says truly whether the order was taken."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.emulator.faults import ACCEPTED, FAULTS, NOT_ACCEPTED
from tests.emulator.neutral import KEY, NEUTRAL, URL
from tests.emulator.server import EmulatedServer, emulated

ORDER = {"symbol": "BTC/USDT", "quantity": "0.01"}
# What a caller sees: status and text, or the error aiohttp raises.
ANSWERS = {
    "empty-200": (200, ""),
    "null-200": (200, "null"),
    "object-200": (200, "{}"),
    "list-200": (200, "[]"),
    "cut-json-200": (200, '{"number":1,"status":"f'),  # half of the order's 46 characters
    "http-500": (500, "Internal Server Error"),
    "http-503": (503, "Service Unavailable"),
    "http-599": (599, ""),
    "http-429": (429, "Too Many Requests"),
    "venue-unknown": (400, '{"error":"unknown"}'),
    "venue-busy": (400, '{"error":"busy"}'),
    "duplicate": (400, '{"error":"duplicate"}'),
    "venue-rate-limit": (400, '{"error":"rate-limit"}'),
    "clock-skew": (400, '{"error":"clock"}'),
    "rejected": (400, '{"error":"reject"}'),
    "maintenance": (400, '{"error":"maintenance"}'),
    "bad-key": (400, '{"error":"auth"}'),
}
PAGES = {"html-200": 200, "http-502-html": 502, "http-504": 504, "http-520": 520, "http-524": 524, "http-403-html": 403}
BREAKS = {
    "hang": TimeoutError,
    "reset": aiohttp.ClientOSError,
    "closed": aiohttp.ServerDisconnectedError,
    "cut-length": aiohttp.ClientPayloadError,
    "cut-chunked": aiohttp.ClientPayloadError,
    "broken-gzip": aiohttp.ClientPayloadError,
}


@pytest.fixture
async def server() -> AsyncIterator[EmulatedServer]:
    """A funded account at a venue that exists nowhere."""
    async with emulated(NEUTRAL, books="funded") as running:
        yield running


async def ask(server: EmulatedServer, timeout_seconds: float = 5) -> tuple[int, str, dict[str, str]]:
    """Send the order; return status, text and headers of the answer."""
    wire = server.wire()
    try:
        timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        async with wire.post(f"{URL}/order", json=ORDER, headers=KEY, timeout=timeout, allow_redirects=False) as got:
            return got.status, await got.text(), dict(got.headers)
    finally:
        await wire.close()


def taken(server: EmulatedServer) -> int:
    """How many orders the venue took."""
    return len(server.core.orders("BTC/USDT"))


def test_there_are_thirty_faults_and_each_is_looked_at_here() -> None:
    """Twenty-two after the venue did it, eight instead."""
    assert len(FAULTS) == 30
    assert len(ACCEPTED) + len(NOT_ACCEPTED) == 30
    assert {*ANSWERS, *PAGES, *BREAKS, "redirect"} == set(FAULTS)


@pytest.mark.parametrize("fault", ANSWERS)
async def test_a_wrong_answer_is_told_whole(server: EmulatedServer, fault: str) -> None:
    """Status and text are the fault's; the order was taken where the fault says so."""
    server.faults.next("place", fault)
    status, text, _ = await ask(server)
    assert (status, text) == ANSWERS[fault]
    assert taken(server) == (1 if fault in ACCEPTED else 0)


@pytest.mark.parametrize("fault", PAGES)
async def test_a_page_comes_instead_of_an_answer(server: EmulatedServer, fault: str) -> None:
    """HTML in place of JSON, as a proxy before the venue sends it."""
    server.faults.next("place", fault)
    status, text, headers = await ask(server)
    assert (status, headers["Content-Type"]) == (PAGES[fault], "text/html")
    assert text.startswith("<html>")
    assert taken(server) == (1 if fault in ACCEPTED else 0)


@pytest.mark.parametrize("fault", BREAKS)
async def test_a_broken_line_is_an_error_and_the_order_was_taken(server: EmulatedServer, fault: str) -> None:
    """The caller sees an exception, the venue has one order more."""
    server.faults.next("place", fault)
    with pytest.raises(BREAKS[fault]):
        await ask(server, timeout_seconds=0.3 if fault == "hang" else 5)
    assert taken(server) == 1


async def test_a_redirect_names_another_host_and_nothing_was_taken(server: EmulatedServer) -> None:
    """The address it names can exist nowhere."""
    server.faults.next("place", "redirect")
    status, _, headers = await ask(server)
    assert (status, headers["Location"]) == (302, "https://elsewhere.invalid/order")
    assert taken(server) == 0


async def test_too_many_requests_say_when_to_come_again(server: EmulatedServer) -> None:
    """After one second."""
    server.faults.next("place", "http-429")
    _, _, headers = await ask(server)
    assert headers["Retry-After"] == "1"


async def test_only_the_answers_planned_go_wrong_and_in_their_order(server: EmulatedServer) -> None:
    """Two faults of one kind, one of another, then the fourth order is answered rightly."""
    server.faults.next("place", "http-500", times=2)
    server.faults.next("place", "empty-200")
    server.faults.next("find", "null-200")
    assert server.faults.pending[0] == ("place", "http-500")
    assert [(await ask(server))[0] for _ in range(3)] == [500, 500, 200]
    assert (await ask(server))[1] == '{"number":4,"status":"filled","filled":"0.01"}'
    assert server.faults.pending == (("find", "null-200"),)
    server.faults.clear()
    assert server.faults.pending == ()


async def test_a_refused_order_stays_refused_behind_a_fault(server: EmulatedServer) -> None:
    """0.000001 BTC is below the step: the handler's no is hidden by the 500, but it was a no."""
    server.core.thin("BTC/USDT", server.core.instruments["BTC/USDT"].step)
    server.faults.next("place", "http-500")
    wire = server.wire()
    async with wire.post(f"{URL}/order", json={**ORDER, "quantity": "0.000001"}, headers=KEY) as got:
        assert got.status == 500
    await wire.close()
    assert taken(server) == 0


async def test_a_hanging_answer_holds_up_no_other(server: EmulatedServer) -> None:
    """The second order is answered while the first still waits."""
    server.faults.next("place", "hang")
    first = asyncio.create_task(ask(server, timeout_seconds=1))
    await asyncio.sleep(0.05)
    assert (await ask(server))[0] == 200
    with pytest.raises(TimeoutError):
        await first


def test_an_unheard_of_call_or_fault_is_refused(server: EmulatedServer) -> None:
    """A misspelt fault must not be a test that passes."""
    with pytest.raises(ValueError, match="place, find, transfer"):
        server.faults.next("plaice", "hang")
    with pytest.raises(ValueError, match="hang, reset, closed"):
        server.faults.next("place", "hung")
