"""Thirty ways an answer goes wrong, each either after the venue did what it was asked or instead of doing it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tests.emulator.asks import Ask, Reply, Route

HTML = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


class Manner(StrEnum):
    """What is done to the wire; REPLY sends a whole answer, only not the right one."""

    REPLY = "reply"
    HANG = "hang"
    RESET = "reset"
    CLOSED = "closed"
    CUT_LENGTH = "cut-length"
    CUT_CHUNKED = "cut-chunked"
    CUT_JSON = "cut-json"
    BROKEN_GZIP = "broken-gzip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault. `accepted`: the venue did it, and only the answer is wrong.

    `reply` is what is answered; where it is None and the manner is REPLY, the venue's own answer named `code` is.
    """

    name: str
    accepted: bool
    manner: Manner = Manner.REPLY
    reply: Reply | None = None
    code: str = ""

    def answer(self, ask: Ask, codes: Mapping[str, Reply]) -> Reply:
        """Return the wrong answer to an ask."""
        if self.name == "redirect":
            return Reply(body="", status=302, headers={"Location": f"https://elsewhere.invalid{ask.path}"})
        return codes[self.code] if self.reply is None else self.reply


def _page(status: int, title: str) -> Reply:
    return Reply(body=HTML.format(title), status=status, headers={"Content-Type": "text/html"})


def _after(name: str, manner: Manner = Manner.REPLY, *, reply: Reply | None = None, code: str = "") -> Fault:
    return Fault(name=name, accepted=True, manner=manner, reply=reply, code=code)


def _instead(name: str, *, reply: Reply | None = None, code: str = "") -> Fault:
    return Fault(name=name, accepted=False, reply=reply, code=code)


_ALL = (
    _after("hang", Manner.HANG),
    _after("reset", Manner.RESET),
    _after("closed", Manner.CLOSED),
    _after("cut-length", Manner.CUT_LENGTH),
    _after("cut-chunked", Manner.CUT_CHUNKED),
    _after("html-200", reply=_page(200, "Just a moment...")),
    _after("empty-200", reply=Reply(body="")),
    _after("null-200", reply=Reply(body=None)),
    _after("cut-json-200", Manner.CUT_JSON),
    _after("broken-gzip", Manner.BROKEN_GZIP),
    _after("object-200", reply=Reply(body={})),
    _after("list-200", reply=Reply(body=[])),
    _after("http-500", reply=Reply(body="Internal Server Error", status=500)),
    _after("http-502-html", reply=_page(502, "502 Bad Gateway")),
    _after("http-503", reply=Reply(body="Service Unavailable", status=503)),
    _after("http-504", reply=_page(504, "504 Gateway Time-out")),
    _after("http-520", reply=_page(520, "Web server is returning an unknown error")),
    _after("http-524", reply=_page(524, "A timeout occurred")),
    _after("http-599", reply=Reply(body="", status=599)),
    _after("venue-unknown", code="unknown"),
    _after("venue-busy", code="busy"),
    _after("duplicate", code="duplicate"),
    _instead("http-429", reply=Reply(body="Too Many Requests", status=429, headers={"Retry-After": "1"})),
    _instead("http-403-html", reply=_page(403, "403 Forbidden")),
    _instead("venue-rate-limit", code="rate-limit"),
    _instead("clock-skew", code="clock"),
    _instead("rejected", code="reject"),
    _instead("redirect"),
    _instead("maintenance", code="maintenance"),
    _instead("bad-key", code="auth"),
)
FAULTS: Mapping[str, Fault] = {fault.name: fault for fault in _ALL}
ACCEPTED = tuple(name for name, fault in FAULTS.items() if fault.accepted)
NOT_ACCEPTED = tuple(name for name, fault in FAULTS.items() if not fault.accepted)


class FaultPlan:
    """Which of the next answers go wrong. `calls` names the routes of each call."""

    def __init__(self, calls: Mapping[str, tuple[Route, ...]]) -> None:
        self._calls = calls
        self._due: list[tuple[str, Fault]] = []

    @property
    def pending(self) -> tuple[tuple[str, str], ...]:
        """The calls and faults still to come."""
        return tuple((call, fault.name) for call, fault in self._due)

    def next(self, call: str, fault: str, times: int = 1) -> None:
        """Let the next `times` answers to a call go wrong; one route of it is as good as another."""
        if call not in self._calls:
            raise ValueError(f"call {call!r}: the venue has {', '.join(self._calls)}")
        if fault not in FAULTS:
            raise ValueError(f"fault {fault!r}: there are {', '.join(FAULTS)}")
        self._due.extend([(call, FAULTS[fault])] * times)

    def clear(self) -> None:
        """Let all that is left go right."""
        self._due.clear()

    def take(self, route: Route) -> Fault | None:
        """Return the fault due for a route and strike it from the plan, None when the answer shall be right."""
        for place, (call, fault) in enumerate(self._due):
            if route in self._calls[call]:
                del self._due[place]
                return fault
        return None
