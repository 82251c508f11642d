"""Asking a venue: a read is tried again when it may help, a write is sent once and judged by what came back."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import localcontext
from enum import StrEnum
from typing import Any, TypeVar, cast

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt

from bot.errors import OrderRejected, OutcomeUnknown, RequestForbidden, SnapshotUnavailable
from bot.ports import Clock
from bot.venues.guard import SLOW_DOWN, Silenced, code_of
from bot.venues.row import Codes
from bot.venues.trace import Trace, traced

ATTEMPTS = 3
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 30.0
MESSAGES = ("msg", "retMsg", "message", "errorMessage", "error_msg")

Answered = TypeVar("Answered")


class Verdict(StrEnum):
    """What an answer proves of the request before it."""

    NOT_SENT = "not-sent"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    ABSENT = "absent"
    SLOW_DOWN = "slow-down"
    BUSY = "busy"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A verdict with the venue's code and words, free of addresses and signatures."""

    verdict: Verdict
    code: str
    words: str


def judge(trace: Trace, codes: Codes, error: BaseException) -> Judged:
    """Return what is proved. Only a code on the venue's list proves a rejection; what ccxt made of it, nothing."""
    code = code_of(trace.answer, codes)
    said = _said(trace.answer)
    words = f"{trace.method} {trace.path}: HTTP {trace.status or 'none'}, code {code or 'none'}"
    words += f", {said}" if said else ""
    if isinstance(error, RequestForbidden) and not trace.writes:  # a second write was stopped: the first did leave
        return Judged(verdict=Verdict.NOT_SENT, code="forbidden", words=error.message)
    if not trace.requests:
        return Judged(
            verdict=Verdict.NOT_SENT, code="not-sent", words=f"{type(error).__name__} before anything was sent"
        )
    return Judged(verdict=_verdict(code, said.lower(), codes), code=code, words=words)


def _verdict(code: str, said: str, codes: Codes) -> Verdict:
    """Return what a code means at this venue; some say it only in words."""
    if code in codes.duplicate or any(word in said for word in codes.duplicate_words):
        return Verdict.DUPLICATE
    if code in codes.absent or any(word in said for word in codes.absent_words):
        return Verdict.ABSENT
    if code in codes.slow_down or code in codes.clock:
        return Verdict.SLOW_DOWN
    if code in codes.busy:
        return Verdict.BUSY
    return Verdict.REJECTED if code in codes.rejected else Verdict.UNKNOWN


def _said(answer: object) -> str:
    """Return the venue's own words in an answer, one printable line of at most 120 characters."""
    if not isinstance(answer, dict):
        return ""
    found = next((answer[name] for name in MESSAGES if answer.get(name)), "")
    return "".join(letter if letter.isprintable() else " " for letter in str(found))[:120]


class Refused(Exception):
    """The venue answered with a code that is none of success, and the library took it for an answer all the same."""


async def _tried(call: Callable[[], Awaitable[Answered]], trace: Trace) -> tuple[Answered | None, Exception | None]:
    """Return an answer, or whatever was raised instead of one.

    Whatever a library raises after a request left, its outcome is unknown; and no exception of it, and no code it
    does not know, may make an empty list of a failure. It works in a decimal context of its own: ccxt sets the
    rounding of the one it finds, and what is decided afterwards would not be what a replay decides.
    """
    try:
        with localcontext():
            answer = await call()
    except Exception as error:  # noqa: BLE001
        return None, error
    return (None, Refused()) if trace.refused else (answer, None)


async def write(codes: Codes, call: Callable[[], Awaitable[Answered]]) -> Answered:
    """Send one request that changes something, once.

    Raises OrderRejected where a code proves that it was not accepted, or where nothing left; Duplicate where the
    venue knows the id already; OutcomeUnknown for everything else, whatever kind of exception ccxt made of it.
    """
    with traced(may_write=True) as trace:
        answer, error = await _tried(call, trace)
    if error is None:
        return cast("Answered", answer)
    found = judge(trace, codes, error)
    if not trace.writes and found.verdict in (Verdict.UNKNOWN, Verdict.BUSY):
        found = Judged(verdict=Verdict.NOT_SENT, code="not-sent", words=found.words)
    if found.verdict is Verdict.DUPLICATE:
        raise Duplicate(found.words)
    if found.verdict in (Verdict.NOT_SENT, Verdict.REJECTED, Verdict.SLOW_DOWN, Verdict.ABSENT):
        raise OrderRejected(found.words, code=found.code)
    raise OutcomeUnknown(found.words)


class Duplicate(OutcomeUnknown):
    """The venue has an order of this id already: it is looked up, and nothing is sent again."""


class Absent(SnapshotUnavailable):
    """The venue knows nothing of what was looked up: an answer where something was looked for, else a part missing."""


class _Passing(SnapshotUnavailable):
    """A read failed in a way that may pass; `wait_seconds` is what the venue asked for, 0 when it did not say."""

    def __init__(self, message: str, *, part: str, wait_seconds: float) -> None:
        super().__init__(message, part=part)
        self.wait_seconds = wait_seconds


class Reader:
    """Reads with patience. `told` is how many requests left since it was made."""

    def __init__(self, codes: Codes, clock: Clock, attempts: int = ATTEMPTS) -> None:
        self._codes = codes
        self._clock = clock
        self._attempts = attempts
        self.requests = 0

    async def read(self, part: str, call: Callable[[], Awaitable[Any]]) -> Any:
        """Return an answer; raise SnapshotUnavailable naming `part`, or Absent where a code says: not there."""
        patience = AsyncRetrying(
            retry=retry_if_exception(lambda error: isinstance(error, _Passing)),
            stop=stop_after_attempt(self._attempts),
            wait=_wait,
            sleep=self.sleep,
            reraise=True,
        )

        async def once() -> Any:
            return await self._once(part, call)

        try:
            return await patience(once)
        except _Passing as error:
            raise SnapshotUnavailable(error.message, part=part) from None

    async def _once(self, part: str, call: Callable[[], Awaitable[Any]]) -> Any:
        with traced() as trace:
            answer, error = await _tried(call, trace)
        self.requests += trace.requests
        if error is None:
            return answer
        if isinstance(error, SnapshotUnavailable):
            raise error
        found = judge(trace, self._codes, error)
        if found.verdict is Verdict.ABSENT:
            raise Absent(found.words, part=part)
        message = f"{part} could not be read: {found.words}"
        wait = error.seconds if isinstance(error, Silenced) else _seconds(trace.retry_after)
        if wait > LONGEST_WAIT_SECONDS:
            raise SnapshotUnavailable(message, part=part, mend=f"wait {wait:.0f} s, as the venue asks")
        if found.verdict in (Verdict.SLOW_DOWN, Verdict.BUSY) or isinstance(error, Silenced) or _passes(trace):
            raise _Passing(message, part=part, wait_seconds=wait)
        raise SnapshotUnavailable(message, part=part, mend="poise doctor --account NAME")

    async def sleep(self, seconds: float) -> None:
        """Return when so many seconds have passed on the clock."""
        await self._clock.sleep_until(self._clock.now() + timedelta(seconds=seconds))


def _passes(trace: Trace) -> bool:
    """Whether a failure may be over soon: no answer at all, too many requests, or a fault of the venue's servers."""
    if not trace.requests:
        return False
    return trace.status is None or trace.answer is None or trace.status in SLOW_DOWN or trace.status >= 500  # noqa: PLR2004


def _seconds(retry_after: str) -> float:
    return float(retry_after) if retry_after.isdigit() else 0.0


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.wait_seconds if isinstance(error, _Passing) else 0.0
    usual = FIRST_WAIT_SECONDS * 2 ** (state.attempt_number - 1)
    return float(max(asked, usual))
