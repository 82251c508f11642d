"""Every request is checked before it leaves and every answer before it is believed.

ccxt calls an aiohttp session; this one stands in its place. What is not on the mode's list of hosts,
paths and headers never reaches the wire, whatever ccxt, a configuration or a venue's redirect wants; an
answer that is no answer of the venue's (a page of HTML, an empty body, an unknown status) is never taken
for an empty list or a success (RELIABILITY M1 to M3).
"""

import json
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from datetime import timedelta
from types import TracebackType
from typing import Any, Protocol, Self
from urllib.parse import urlsplit

from bot.errors import AnswerUnclear, RequestForbidden
from bot.ports import Clock
from bot.venues.row import Access, Codes
from bot.venues.trace import Trace, current
from bot.venues.translate import EPOCH

SLOW_DOWN = frozenset({418, 429})


class Silenced(RequestForbidden):
    """A venue asked for silence; `seconds` of it are left."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class Wire(Protocol):
    """What sends: an aiohttp session, or one that leads to an emulator."""

    def request(self, method: str, url: Any, **options: Any) -> Any:
        """Return a context manager that yields the response."""

    async def close(self) -> None:
        """Let go of the connections."""


class GuardedSession:
    """The session ccxt is given. `auth_marks` are the headers and parameters that make a request a signed one."""

    def __init__(self, wire: Wire, access: Access, codes: Codes, auth_marks: frozenset[str], clock: Clock) -> None:
        self._wire = wire
        self._access = access
        self._codes = codes
        self._auth_marks = auth_marks
        self._clock = clock
        self._silent_until = EPOCH
        self.headers: dict[str, str] = {}

    def get(self, url: object, **options: object) -> "_Asked":
        """Ask, after checking."""
        return self._ask("GET", url, options)

    def post(self, url: object, **options: object) -> "_Asked":
        """Ask, after checking."""
        return self._ask("POST", url, options)

    def put(self, url: object, **options: object) -> "_Asked":
        """Ask, after checking."""
        return self._ask("PUT", url, options)

    def delete(self, url: object, **options: object) -> "_Asked":
        """Ask, after checking."""
        return self._ask("DELETE", url, options)

    def patch(self, url: object, **options: object) -> "_Asked":
        """Ask, after checking."""
        return self._ask("PATCH", url, options)

    async def close(self) -> None:
        """Leave the wire open: its owner closes it."""

    def be_silent(self, seconds: float) -> None:
        """Let nothing leave for so long: who asks on while a venue wants silence is kept out for longer."""
        self._silent_until = max(self._silent_until, self._clock.now() + timedelta(seconds=seconds))

    def _ask(self, method: str, url: object, options: Mapping[str, Any]) -> "_Asked":
        silent = (self._silent_until - self._clock.now()).total_seconds()
        if silent > 0:
            raise Silenced(f"the venue asked for silence, {silent:.0f} s of it are left: nothing was sent", silent)
        headers = {str(name): str(value) for name, value in (options.get("headers") or {}).items()}
        trace = check_request(self._access, self._auth_marks, method, str(url), headers)
        if options.get("proxy") or options.get("ssl") is False:
            raise RequestForbidden("a request through a proxy or without checking certificates is never sent")
        sent = self._wire.request(
            method,
            url,
            data=options.get("data"),
            headers=headers,
            timeout=options.get("timeout"),
            allow_redirects=False,
        )
        return _Asked(sent, self._codes, trace, self.be_silent)


def check_request(
    access: Access, auth_marks: frozenset[str], method: str, url: str, headers: Mapping[str, str]
) -> Trace | None:
    """Return the trace of a request that may leave, None for a public one outside any; else raise RequestForbidden."""
    parts = urlsplit(url)
    host, path = parts.hostname or "", parts.path
    if parts.scheme != "https" or parts.port not in (None, 443) or "@" in parts.netloc or host not in access.hosts:
        raise RequestForbidden(f"{host[:80]} is not on this mode's list of hosts: nothing was sent")
    if ".." in path or "//" in path or "%" in path:
        raise RequestForbidden(f"the path {path[:80]!r} is no plain path: nothing was sent")
    trace = current()
    names = {name.lower() for name in headers} | {pair.partition("=")[0].lower() for pair in parts.query.split("&")}
    signed = bool(names & auth_marks)
    if signed:
        _check_signed(access, path, headers)
    if method != "GET" and not _listed(access.reads_by_post, method, path):
        _check_write(access, method, path, trace)
    if signed and trace is None:
        raise RequestForbidden(f"{method} {path} is signed, and no call of ours asked for it: nothing was sent")
    if trace is not None:
        trace.requests += 1
        trace.method, trace.host, trace.path = method, host, path
        trace.status, trace.answer, trace.retry_after = None, None, ""
    return trace


def _check_signed(access: Access, path: str, headers: Mapping[str, str]) -> None:
    if not path.startswith(access.private):
        raise RequestForbidden(f"{path} is not on this mode's list of private paths: nothing was sent")
    found = {name.lower(): value for name, value in headers.items()}
    for name, value in access.headers.items():
        if found.get(name.lower()) != value:
            raise RequestForbidden(f"the header {name}: {value}, which proves this mode, is missing: nothing was sent")
    for name in access.without:
        if name.lower() in found:
            raise RequestForbidden(f"the header {name} belongs to another mode: nothing was sent")


def _check_write(access: Access, method: str, path: str, trace: Trace | None) -> None:
    if not _listed(access.writes, method, path):
        raise RequestForbidden(f"{method} {path} is not on this mode's list of requests that change something")
    if trace is None or not trace.may_write:
        raise RequestForbidden(f"{method} {path} changes something, and nothing was to be changed: nothing was sent")
    if trace.writes:
        raise RequestForbidden(f"{method} {path} would be the second request of one intent: it was not sent")
    trace.writes += 1


def _listed(listed: frozenset[str], method: str, path: str) -> bool:
    asked = f"{method} {path}"
    return asked in listed or any(one.endswith("*") and asked.startswith(one[:-1]) for one in listed)


class _Asked:
    """The context manager ccxt enters: sends, reads the whole answer, checks it."""

    def __init__(self, sent: Any, codes: Codes, trace: Trace | None, be_silent: Callable[[float], None]) -> None:
        self._sent = sent
        self._codes = codes
        self._trace = trace
        self._be_silent = be_silent
        self._opened = AsyncExitStack()

    async def __aenter__(self) -> "Answer":
        async with AsyncExitStack() as opened:
            response = await opened.enter_async_context(self._sent)
            wait = str(response.headers.get("Retry-After", ""))
            if response.status in SLOW_DOWN and wait.isdigit():
                self._be_silent(float(wait))
            if self._trace is not None:
                self._trace.status, self._trace.retry_after = response.status, wait
            text = await response.text(errors="replace")
            answer = checked(response.status, text, self._codes, response.url.path)
            self._opened = opened.pop_all()
        if self._trace is not None:
            self._trace.answer = answer
            self._trace.refused |= code_of(answer, self._codes) not in {"", *self._codes.fine}
        return Answer(response, text)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trail: TracebackType | None
    ) -> None:
        await self._opened.__aexit__(kind, error, trail)


class Answer:
    """A checked answer with what ccxt reads of it."""

    def __init__(self, response: Any, text: str) -> None:
        self.status: int = response.status
        self.reason: str = response.reason
        self.headers = response.headers
        self._text = text

    async def text(self, **_: object) -> str:
        """Return the body."""
        return self._text

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None


def checked(status: int, text: str, codes: Codes, path: str) -> object:
    """Return what an answer says; raise AnswerUnclear where it says nothing.

    It must be JSON; below 300, or carry a code of the venue's; a list only where the venue answers with
    lists; a dictionary must not be empty and must have the venue's marker.
    """
    try:
        answer = json.loads(text, parse_float=str, parse_int=str)
    except ValueError:
        raise AnswerUnclear(f"HTTP {status} to {path} with a body that is no JSON") from None
    code = code_of(answer, codes)
    if not 200 <= status < 300 and not code:  # noqa: PLR2004 - HTTP's own
        raise AnswerUnclear(f"HTTP {status} to {path} without a code of the venue's")
    if code and code not in codes.fine:
        return answer
    is_list = path.endswith(codes.lists) if codes.lists else False
    if isinstance(answer, list) and is_list:
        return answer
    if isinstance(answer, dict) and answer and not is_list and _is_marked(answer, codes, path):
        return answer
    raise AnswerUnclear(f"HTTP {status} to {path} with {str(text)[:20]!r}, where the venue answers otherwise")


def _is_marked(answer: Mapping[str, object], codes: Codes, path: str) -> bool:
    """Whether a dictionary has the venue's marker, or need not have it."""
    return not codes.marker or codes.marker in answer or path.endswith(codes.unmarked)


def code_of(answer: object, codes: Codes) -> str:
    """Return the venue's code in an answer, empty where there is none."""
    if not isinstance(answer, dict):
        return ""
    for path in codes.path:
        found: object = answer
        for step in path.split("."):
            if isinstance(found, list):
                found = found[int(step)] if step.isdigit() and int(step) < len(found) else None
            else:
                found = found.get(step) if isinstance(found, dict) else None
        if found is not None and not isinstance(found, (dict, list)):
            return str(found)
    return ""
