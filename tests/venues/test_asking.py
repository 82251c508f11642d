"""What is made of an answer: a write is judged by the venue's own code alone, a read is tried again where it helps."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from bot.errors import OrderRejected, OutcomeUnknown, SnapshotUnavailable
from bot.simulator.clock import SimulatedClock
from bot.venues.asking import ATTEMPTS, Absent, Duplicate, Reader, write
from tests.venues.lines import CODES, HOST, SIGNED, FakeWire, guarded
from tests.venues.rig import MOMENT


class LibraryError(Exception):
    """What a library raises, with an address and a signature in its words."""


def sending(wire: FakeWire, method: str = "POST", path: str = "/private/order") -> Callable[[], Awaitable[str]]:
    """Return a call that asks as a library does: whatever is not code 0 becomes an exception with all of it inside."""

    async def send() -> str:
        async with getattr(guarded(wire), method.lower())(HOST + path, headers=SIGNED) as answer:
            text: str = await answer.text()
        if '"0"' not in text:
            raise LibraryError(f"{HOST}{path}?signature=5ec2e7 {text}")
        return text

    return send


def answering(body: str, status: int = 200) -> FakeWire:
    """Return a wire with an answer."""
    wire = FakeWire()
    wire.body, wire.status = body, status
    return wire


# ── one request that changes something ──


async def test_what_the_venue_confirms_is_returned() -> None:
    """One request left."""
    wire = answering('{"code": "0"}')
    assert await write(CODES, sending(wire)) == '{"code": "0"}'
    assert len(wire.left) == 1


@pytest.mark.parametrize("code", ["4", "5", "7", "9"])
@pytest.mark.parametrize("status", [200, 400, 503])
async def test_only_a_code_on_the_venues_list_is_a_no(code: str, status: int) -> None:
    """Rejected, wrong clock, too many requests, not there: whatever the status."""
    wire = answering(f'{{"code": "{code}", "msg": "no\\u0000 \\n reason"}}', status)
    with pytest.raises(OrderRejected, match=f"code {code}, no    reason") as refused:
        await write(CODES, sending(wire))
    assert refused.value.code == code
    assert len(wire.left) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ('{"code": "6"}', 200),
        ('{"code": "3", "msg": "the system is busy"}', 200),
        ('{"code": "6", "msg": "order rejected"}', 400),
        ('{"code": "-1"}', 500),
        ("", 200),
        ("<html>", 403),
        ("Too Many Requests", 429),
        ("{}", 200),
        ("[7]", 200),
        ('{"error": "7"}', 400),
    ],
)
async def test_everything_else_is_unknown_and_is_not_sent_again(body: str, status: int) -> None:
    """An unknown code, one that says "busy", a page, a status without a code: the order may be there."""
    wire = answering(body, status)
    with pytest.raises(OutcomeUnknown) as unknown:
        await write(CODES, sending(wire))
    assert not isinstance(unknown.value, Duplicate)
    assert len(wire.left) == 1


@pytest.mark.parametrize("body", ['{"code": "8"}', '{"code": "7", "message": "This ID was SENT TWICE."}'])
async def test_an_id_the_venue_knows_is_a_duplicate_by_code_or_by_words(body: str) -> None:
    """Which is an unknown outcome, and more."""
    with pytest.raises(Duplicate):
        await write(CODES, sending(answering(body)))


async def test_words_say_what_a_code_does_not() -> None:
    """An order that is not there, under a code that means much else."""
    with pytest.raises(OrderRejected, match="No such order"):
        await write(CODES, sending(answering('{"code": "6", "msg": "No such order."}')))


async def test_a_line_that_breaks_after_sending_is_unknown() -> None:
    """However the library calls it."""
    wire = FakeWire()
    wire.breaks = ConnectionResetError("reset")
    with pytest.raises(OutcomeUnknown, match="HTTP none, code none"):
        await write(CODES, sending(wire))


async def test_what_was_stopped_before_it_left_is_no_order() -> None:
    """By the guard, or by the library before it asked anything, or with only a read behind it."""
    wire = answering('{"code": "0"}')
    with pytest.raises(OrderRejected) as refused:
        await write(CODES, sending(wire, path="/private/withdraw"))
    assert (refused.value.code, wire.left) == ("forbidden", [])

    async def falls() -> None:
        raise LibraryError("symbol not found: secret")

    with pytest.raises(OrderRejected, match=r"^LibraryError before anything was sent$") as refused:
        await write(CODES, falls)
    assert refused.value.code == "not-sent"

    for code in ("6", "3"):
        with pytest.raises(OrderRejected) as refused:
            await write(CODES, sending(answering(f'{{"code": "{code}"}}'), "GET", "/private/settings"))
        assert refused.value.code == "not-sent"


async def test_a_repetition_that_was_stopped_leaves_the_first_request_unknown() -> None:
    """It left and nobody answered: that the second did not leave says nothing of it."""
    wire = FakeWire()
    wire.breaks = ConnectionResetError("reset")

    async def twice() -> None:
        with suppress(ConnectionResetError):
            await sending(wire)()
        await sending(wire)()

    with pytest.raises(OutcomeUnknown):
        await write(CODES, twice)
    assert len(wire.left) == 1


@pytest.mark.parametrize(("code", "expected"), [("7", OrderRejected), ("6", OutcomeUnknown)])
async def test_a_refusal_that_the_library_takes_for_an_answer_is_none(code: str, expected: type[Exception]) -> None:
    """Some venues refuse in a form their library does not know; nothing is made of it, neither order nor empty list."""

    async def careless(method: str) -> list[str]:
        wire = answering(f'{{"code": "{code}"}}')
        async with getattr(guarded(wire), method)(f"{HOST}/private/order", headers=SIGNED):
            return []

    with pytest.raises(expected):
        await write(CODES, lambda: careless("post"))
    with pytest.raises(SnapshotUnavailable, match=f"code {code}"):
        await reader_and_clock()[0].read("positions", lambda: careless("get"))


async def test_no_words_of_a_library_reach_what_poise_says() -> None:
    """They carry addresses, and with them signatures."""
    with pytest.raises(OutcomeUnknown) as unknown:
        await write(CODES, sending(answering('{"code": "6", "msg": "what"}')))
    assert "5ec2e7" not in str(unknown.value)
    assert (unknown.value.__cause__, unknown.value.__context__) == (None, None)


# ── reads ──


class Line(FakeWire):
    """A wire whose answers come one after another, the last again and again."""

    def __init__(self, *answers: tuple[int, str]) -> None:
        super().__init__()
        self._answers = list(answers)

    def request(self, method: str, url: object, **options: object) -> object:  # type: ignore[override]
        """Answer with the next."""
        self.status, self.body = self._answers[0]
        self._answers = self._answers[1:] or self._answers
        return super().request(method, url, **options)


def reader_and_clock() -> tuple[Reader, SimulatedClock]:
    """Return a reader and the clock it waits on."""
    clock = SimulatedClock(MOMENT)
    return Reader(CODES, clock), clock


FINE = (200, '{"code": "0"}')


@pytest.mark.parametrize(
    "passing",
    [
        (200, "<html>"),
        (429, "slow"),
        (418, '{"code": "6"}'),
        (500, '{"code": "6"}'),
        (200, '{"code": "5"}'),
        (200, '{"code": "3"}'),
        (302, ""),
    ],
)
async def test_a_read_is_tried_again_where_it_may_help(passing: tuple[int, str]) -> None:
    """Half a second later, then a second later; the third answer counts."""
    reader, clock = reader_and_clock()
    wire = Line(passing, passing, FINE)
    assert await reader.read("prices", sending(wire, "GET", "/private/x")) == FINE[1]
    assert (reader.requests, len(wire.left), (clock.now() - MOMENT).total_seconds()) == (3, 3, 1.5)


async def test_trying_comes_to_an_end_and_names_the_part() -> None:
    """Three attempts."""
    reader, _ = reader_and_clock()
    wire = Line((503, "Service Unavailable"))
    with pytest.raises(SnapshotUnavailable, match="prices could not be read") as missing:
        await reader.read("prices", sending(wire, "GET", "/private/x"))
    assert (missing.value.part, len(wire.left)) == ("prices", ATTEMPTS)
    assert missing.value.__cause__ is None


async def test_a_venue_that_says_how_long_to_wait_is_waited_for() -> None:
    """Seven seconds instead of half a one; words count for nothing."""
    for told, waited in (("7", 7.0), ("soon", 0.5)):
        reader, clock = reader_and_clock()
        wire = Line((429, "slow"), FINE)
        wire.headers = {"Retry-After": told}
        await reader.read("prices", sending(wire, "GET", "/private/x"))
        assert (clock.now() - MOMENT).total_seconds() == waited


async def test_a_venue_that_wants_an_hour_of_silence_is_not_asked_again_in_thirty_seconds() -> None:
    """More than thirty seconds are not waited for: the part is missing, and the mend says how long."""
    reader, clock = reader_and_clock()
    wire = Line((418, "banned"), FINE)
    wire.headers = {"Retry-After": "3600"}
    with pytest.raises(SnapshotUnavailable) as missing:
        await reader.read("prices", sending(wire, "GET", "/private/x"))
    assert missing.value.mend == "wait 3600 s, as the venue asks"
    assert (len(wire.left), clock.now()) == (1, MOMENT)


@pytest.mark.parametrize("body", ['{"code": "7"}', '{"code": "6"}', '{"code": "8"}'])
async def test_a_refusal_is_not_asked_again(body: str) -> None:
    """It would be the same."""
    reader, _ = reader_and_clock()
    wire = Line((400, body))
    with pytest.raises(SnapshotUnavailable):
        await reader.read("prices", sending(wire, "GET", "/private/x"))
    assert len(wire.left) == 1


async def test_what_is_not_there_is_an_answer_of_its_own() -> None:
    """By the venue's code."""
    reader, _ = reader_and_clock()
    with pytest.raises(Absent):
        await reader.read("orders", sending(Line((400, '{"code": "9"}')), "GET", "/private/x"))


async def test_what_poise_itself_refuses_is_passed_on_as_it_is() -> None:
    """And a read that falls before it asked anything names its part, once."""
    reader, _ = reader_and_clock()
    calls = 0

    async def refuses() -> None:
        raise SnapshotUnavailable("two legs", part="positions")

    async def falls() -> None:
        nonlocal calls
        calls += 1
        raise LibraryError("no such market")

    with pytest.raises(SnapshotUnavailable, match=r"^two legs$"):
        await reader.read("prices", refuses)
    with pytest.raises(SnapshotUnavailable, match=r"^prices could not be read: LibraryError before"):
        await reader.read("prices", falls)
    assert calls == 1
