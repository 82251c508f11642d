"""What may leave and what may be believed: every request and every answer is checked by the guard."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from yarl import URL

from bot.errors import AnswerUnclear, OrderRejected, RequestForbidden
from bot.simulator.clock import SimulatedClock
from bot.venues.asking import Reader, write
from bot.venues.guard import Silenced, code_of
from bot.venues.trace import current, traced
from tests.venues.lines import ACCESS, CODES, HOST, MOMENT, SIGNED, FakeWire, guarded


async def asked(
    wire: FakeWire, method: str, path: str, headers: Mapping[str, str] | None = None, **options: Any
) -> str:
    """Ask through a guard and return the body."""
    address = path if "://" in path else HOST + path
    async with getattr(guarded(wire), method.lower())(URL(address, encoded=True), headers=headers, **options) as answer:
        text: str = await answer.text()
        return text


# ── what leaves ──


async def test_a_public_read_leaves_as_it_was_asked_and_follows_no_redirect() -> None:
    """Nobody of ours needs to have asked for it; only what is known is passed on."""
    wire = FakeWire()
    assert await asked(wire, "GET", "/market?symbol=BTCUSDT", {"A": "b"}, data=b"x", timeout=3) == '{"code": "0"}'
    ((method, url, options),) = wire.left
    assert (method, url) == ("GET", f"{HOST}/market?symbol=BTCUSDT")
    assert options == {"headers": {"A": "b"}, "data": b"x", "timeout": 3, "allow_redirects": False}


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/market",
        "https://api.venue.example.evil.example/market",
        "https://api.venue.example./market",
        "https://evil.example/https://api.venue.example/market",
        "http://api.venue.example/market",
        "wss://api.venue.example/market",
        "https://api.venue.example:8443/market",
        "https://api.venue.example:80/market",
        "https://somebody@api.venue.example/market",
        "https://:word@api.venue.example/market",
        "https://api.venue.example@evil.example/market",
        "https://127.0.0.1/market",
        "https:///market",
        "/market",
    ],
)
async def test_no_other_host_scheme_port_or_user_is_asked(address: str) -> None:
    """Nothing leaves, and the address that was wanted is not repeated beyond its host."""
    wire = FakeWire()
    with pytest.raises(RequestForbidden, match="not on this mode's list of hosts"):
        guarded(wire).get(address)
    assert wire.left == []


@pytest.mark.parametrize("path", ["/market/../private/order", "//market", "/a//b", "/market%2f..%2fprivate", "/%2e"])
async def test_a_path_that_could_mean_another_is_not_asked(path: str) -> None:
    """Dots, doubled strokes and percent signs are in no path of ours."""
    wire = FakeWire()
    with pytest.raises(RequestForbidden, match="no plain path"):
        guarded(wire).get(HOST + path)
    assert wire.left == []


@pytest.mark.parametrize(
    "options", [{"proxy": "http://proxy.example"}, {"ssl": False}, {"proxy": "socks5://x", "ssl": False}]
)
async def test_no_proxy_and_no_unchecked_certificate(options: dict[str, Any]) -> None:
    """Whoever configured it."""
    wire = FakeWire()
    with pytest.raises(RequestForbidden, match="proxy"):
        guarded(wire).get(f"{HOST}/market", **options)
    assert wire.left == []


# ── what is signed ──


@pytest.mark.parametrize(
    ("path", "headers", "why"),
    [
        ("/market", SIGNED, "private paths"),
        ("/market?signature=abc", {}, "private paths"),
        ("/market?a=1&SIGNATURE=abc", {}, "private paths"),
        ("/private/account", {"x-key": "k"}, "proves this mode"),
        ("/private/account", {"x-key": "k", "x-side": "live"}, "proves this mode"),
        ("/private/account", {**SIGNED, "x-live": "1"}, "another mode"),
    ],
)
async def test_a_signed_request_has_the_paths_and_headers_of_its_mode(
    path: str, headers: dict[str, str], why: str
) -> None:
    """Header names are compared without case, values exactly."""
    wire = FakeWire()
    with traced(may_write=True), pytest.raises(RequestForbidden, match=why):
        guarded(wire).get(HOST + path, headers=headers)
    assert wire.left == []


async def test_a_signed_request_that_no_call_of_ours_asked_for_is_stopped() -> None:
    """Inside a call it leaves, and is counted."""
    wire = FakeWire()
    with pytest.raises(RequestForbidden, match="no call of ours"):
        guarded(wire).get(f"{HOST}/private/account", headers=SIGNED)
    assert wire.left == []
    with traced() as trace:
        await asked(wire, "GET", "/private/account", SIGNED)
    assert (trace.requests, trace.writes, trace.method, trace.path) == (1, 0, "GET", "/private/account")


# ── what changes something ──


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_what_is_not_listed_changes_nothing(method: str) -> None:
    """Not even where something may be written."""
    wire = FakeWire()
    with traced(may_write=True), pytest.raises(RequestForbidden, match="requests that change something"):
        await asked(wire, method, "/private/withdraw", SIGNED)
    assert wire.left == []


async def test_in_dry_run_nothing_that_changes_something_leaves() -> None:
    """Its list is empty; what is only looked at by POST is no change."""
    wire = FakeWire()
    dry = guarded(wire, replace(ACCESS, writes=frozenset()))
    with traced(may_write=True):
        with pytest.raises(RequestForbidden):
            dry.post(f"{HOST}/private/order", headers=SIGNED)
        assert wire.left == []
        dry.post(f"{HOST}/private/look", headers=SIGNED)
    assert len(wire.left) == 1


async def test_an_order_leaves_once_in_one_intent_and_never_in_a_read() -> None:
    """The second is stopped, whoever wants it: a retry of ccxt, a loop, a hook."""
    wire = FakeWire()
    with traced(), pytest.raises(RequestForbidden, match="nothing was to be changed"):
        await asked(wire, "POST", "/private/order", SIGNED)
    with pytest.raises(RequestForbidden, match="nothing was to be changed"):
        await asked(wire, "POST", "/private/order")
    with traced(may_write=True) as trace:
        await asked(wire, "POST", "/private/order", SIGNED)
        with pytest.raises(RequestForbidden, match="second request of one intent"):
            await asked(wire, "DELETE", "/order/17", SIGNED)
    assert (trace.writes, len(wire.left)) == (1, 1)


async def test_a_path_that_ends_in_a_star_is_a_beginning() -> None:
    """An order number follows it."""
    wire = FakeWire()
    with traced(may_write=True):
        await asked(wire, "DELETE", "/order/17", SIGNED)
    assert [method for method, _, _ in wire.left] == ["DELETE"]


async def test_calls_that_run_together_keep_their_own_traces() -> None:
    """One task's permission to write is not another's."""
    wire = FakeWire()

    async def read() -> None:
        with traced():
            await asyncio.sleep(0)
            with pytest.raises(RequestForbidden):
                await asked(wire, "POST", "/private/order", SIGNED)

    async def write() -> None:
        with traced(may_write=True):
            await asyncio.sleep(0)
            await asked(wire, "POST", "/private/order", SIGNED)

    await asyncio.gather(read(), write(), read())
    assert len(wire.left) == 1
    assert current() is None


# ── what is believed ──


@pytest.mark.parametrize(
    ("status", "body", "path"),
    [
        (200, "<html>Just a moment...</html>", "/market"),
        (200, "", "/market"),
        (200, "null", "/market"),
        (200, "true", "/market"),
        (200, '"fine"', "/market"),
        (200, "{}", "/market"),
        (200, "[]", "/market"),
        (200, '{"data": []}', "/market"),
        (200, '{"code": "0"}', "/list"),
        (200, '{"code": "0", "data"', "/market"),
        (302, "", "/market"),
        (302, '{"code": null}', "/market"),
        (404, "{}", "/market"),
        (418, "[]", "/list"),
        (429, "Too Many Requests", "/market"),
        (500, '{"message": "what"}', "/market"),
        (599, "", "/market"),
        (200, '{"code": {"deep": 1}}', "/list"),
    ],
)
async def test_an_answer_that_says_nothing_is_never_taken_for_one(status: int, body: str, path: str) -> None:
    """No JSON, another form than the venue's, or a status without a code of the venue's."""
    wire = FakeWire()
    wire.status, wire.body = status, body
    with traced() as trace, pytest.raises(AnswerUnclear):
        await asked(wire, "GET", path)
    assert (trace.status, trace.answer) == (status, None)
    assert wire.ended == [AnswerUnclear]


@pytest.mark.parametrize(
    ("status", "body", "path"),
    [
        (200, '{"code": "0", "data": 1.10}', "/market"),
        (200, '{"code": 0}', "/market"),
        (200, "[]", "/list"),
        (200, '[{"a": 1}]', "/list"),
        (400, '{"code": "7"}', "/market"),
        (503, '{"error": {"code": 9}}', "/market"),
        (200, '{"code": "7"}', "/list"),
    ],
)
async def test_an_answer_of_the_venues_reaches_ccxt_as_it_came(status: int, body: str, path: str) -> None:
    """And the trace, numbers as they were written."""
    wire = FakeWire()
    wire.status, wire.body, wire.headers = status, body, {"Retry-After": "2"}
    with traced() as trace:
        assert await asked(wire, "GET", path) == body
    assert (trace.status, trace.retry_after) == (status, "2")
    assert trace.answer is not None
    assert wire.ended == [None]


async def test_a_line_that_breaks_is_let_go_of() -> None:
    """Whatever breaks is raised as it is, and nothing of it is in the trace."""
    wire = FakeWire()
    wire.breaks = OSError("the line broke")
    with traced() as trace, pytest.raises(OSError, match="the line broke"):
        await asked(wire, "GET", "/market")
    assert (trace.requests, trace.status) == (1, None)


async def test_a_path_that_carries_no_marker_is_named() -> None:
    """There another dictionary is believed, an empty one never."""
    wire = FakeWire()
    wire.body = '{"time": 1}'
    session = guarded(wire, codes=replace(CODES, unmarked=("/time",)))
    async with session.get(f"{HOST}/time") as answer:
        assert await answer.text() == wire.body
    wire.body = "{}"
    with pytest.raises(AnswerUnclear):
        async with session.get(f"{HOST}/time"):
            pass


def test_a_code_inside_a_list_is_found_by_its_place() -> None:
    """Some venues answer one order with a list of one; a list that is too short has none."""
    codes = replace(CODES, path=("data.0.code",))
    assert code_of({"data": [{"code": 7}]}, codes) == "7"
    assert code_of({"data": []}, codes) == ""
    assert code_of({"data": [{"code": 7}]}, replace(CODES, path=("data.first.code",))) == ""


async def test_where_no_lists_and_no_marker_are_named_any_dictionary_will_do() -> None:
    """Some venues answer with neither."""
    wire = FakeWire()
    wire.body = '{"serverTime": 1}'
    plain = guarded(wire, codes=replace(CODES, lists=(), marker=""))
    async with plain.get(f"{HOST}/market") as answer, answer as same:
        assert (same.status, same.reason) == (200, "told")
    await plain.close()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"code": "7", "error": {"code": "9"}}, "7"),
        ({"error": {"code": 9}}, "9"),
        ({"error": "flat"}, ""),
        ({"code": ["7"]}, ""),
        ({"code": {"code": "7"}}, ""),
        (["7"], ""),
        (None, ""),
    ],
)
def test_the_venues_code_is_the_first_that_is_there(answer: object, code: str) -> None:
    """Empty where there is none."""
    assert code_of(answer, CODES) == code


@pytest.mark.parametrize("status", [418, 429])
async def test_nothing_leaves_while_a_venue_wants_silence(status: int) -> None:
    """Told to wait an hour: after 59 minutes neither a read nor an order leaves, and an order is surely not sent."""
    clock, wire = SimulatedClock(MOMENT), FakeWire()
    session = guarded(wire, clock=clock)
    wire.status, wire.body, wire.headers = status, '{"code": "5"}', {"Retry-After": "3600"}
    async with session.get(f"{HOST}/market"):
        pass
    wire.status, wire.body, wire.headers = 200, '{"code": "0"}', {}
    await clock.sleep_until(MOMENT + timedelta(minutes=59))
    with pytest.raises(Silenced, match="60 s of it are left"):
        session.get(f"{HOST}/market")

    async def send() -> None:
        async with session.post(f"{HOST}/private/order", headers=SIGNED):
            pass

    with pytest.raises(OrderRejected, match="asked for silence"):
        await write(CODES, send)
    assert len(wire.left) == 1
    await clock.sleep_until(MOMENT + timedelta(hours=1))
    await write(CODES, send)
    assert len(wire.left) == 2


async def test_reads_wait_together_for_a_short_silence() -> None:
    """One was told to wait two seconds: another, which nobody told, waits for what is left of them."""
    clock, wire = SimulatedClock(MOMENT), FakeWire()
    session = guarded(wire, clock=clock)
    session.be_silent(2)

    async def look() -> str:
        async with session.get(f"{HOST}/market") as answer:
            return await answer.text()

    assert await Reader(CODES, clock).read("prices", look) == '{"code": "0"}'
    assert (len(wire.left), clock.now() - MOMENT) == (1, timedelta(seconds=2))
