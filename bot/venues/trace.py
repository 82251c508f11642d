"""What one call of ours sent and was answered, so that an outcome is judged by the wire, not by a library's guess."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Trace:
    """The requests of one call, as they happen. `writes` counts those that left and may change something.

    `refused`: some answer had a code that is none of success, whatever a library makes of it.
    """

    may_write: bool
    writes: int = 0
    requests: int = 0
    method: str = ""
    host: str = ""
    path: str = ""
    status: int | None = None
    answer: object = None
    retry_after: str = ""
    refused: bool = False


_TRACE: ContextVar[Trace | None] = ContextVar("trace", default=None)


@contextmanager
def traced(*, may_write: bool = False) -> Iterator[Trace]:
    """Yield a trace that the transport fills with what this task asks inside; only `may_write` lets a write leave."""
    trace = Trace(may_write=may_write)
    token = _TRACE.set(trace)
    try:
        yield trace
    finally:
        _TRACE.reset(token)


def current() -> Trace | None:
    """Return the trace of the call at work, None when there is none: then nothing private may leave."""
    return _TRACE.get()
