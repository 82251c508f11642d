"""A wire that leads nowhere: it keeps what would have left and answers what it is told."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from yarl import URL

from bot.domain.instrument import WalletKind
from bot.domain.snapshot import Wallets
from bot.ports import Clock
from bot.simulator.clock import SimulatedClock
from bot.venues.guard import GuardedSession
from bot.venues.row import Access, Codes, Sandbox

MOMENT = datetime(2026, 11, 23, 10, tzinfo=UTC)
HOST = "https://api.venue.example"
MARKS = frozenset({"x-key", "signature"})
ACCESS = Access(
    sandbox=Sandbox.HEADER,
    hosts=frozenset({"api.venue.example"}),
    private=("/private/", "/order/"),
    writes=frozenset({"POST /private/order", "DELETE /order/*"}),
    reads_by_post=frozenset({"POST /private/look"}),
    headers={"X-Side": "demo"},
    without=frozenset({"X-Live"}),
    wallets=frozenset({WalletKind.SPOT}),
    purses=Wallets.SEPARATE,
)
CODES = Codes(
    path=("code", "error.code"),
    fine=frozenset({"0"}),
    rejected=frozenset({"7"}),
    duplicate=frozenset({"8"}),
    absent=frozenset({"9"}),
    slow_down=frozenset({"5"}),
    busy=frozenset({"3"}),
    clock=frozenset({"4"}),
    duplicate_words=("sent twice",),
    absent_words=("no such order",),
    lists=("/list",),
    marker="code",
)
SIGNED = {"X-KEY": "k", "X-SIDE": "demo"}


class FakeWire:
    """Stands for a session. `left` is what would have gone out: method, address and options."""

    def __init__(self) -> None:
        self.left: list[tuple[str, str, Mapping[str, Any]]] = []
        self.status = 200
        self.body = '{"code": "0"}'
        self.headers: dict[str, str] = {}
        self.breaks: Exception | None = None
        self.ended: list[type[BaseException] | None] = []
        self._retry_connection = False

    def request(self, method: str, url: Any, **options: Any) -> "FakeAnswer":
        """Keep a request and return its answer."""
        self.left.append((method, str(url), options))
        return FakeAnswer(self, URL(str(url)))

    async def close(self) -> None:
        """Nothing is held."""


class FakeAnswer:
    """What a session's request is: a context manager that yields the response."""

    def __init__(self, wire: FakeWire, url: URL) -> None:
        self._wire = wire
        self.url = url
        self.status, self.headers, self.reason = wire.status, wire.headers, "told"

    async def text(self, errors: str = "strict") -> str:
        """Return the body."""
        return self._wire.body

    async def __aenter__(self) -> Self:
        if self._wire.breaks is not None:
            raise self._wire.breaks
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trail: TracebackType | None
    ) -> None:
        self._wire.ended.append(kind)


def guarded(
    wire: FakeWire, access: Access = ACCESS, codes: Codes = CODES, clock: Clock | None = None
) -> GuardedSession:
    """Return a guard in front of a wire; without a clock of the test's, time stands still."""
    return GuardedSession(wire, access, codes, MARKS, clock or SimulatedClock(MOMENT))
