"""Reads are tried again, later each time; a write is passed on exactly once."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential,
)

from bot.domain.ledger import LedgerEntry
from bot.domain.order import OrderReport, OrderRequest, TransferReport, TransferRequest
from bot.domain.reading import History, Series
from bot.domain.snapshot import Snapshot
from bot.errors import SnapshotUnavailable
from bot.ports import Clock, Exchange

ATTEMPTS = 5
FIRST_WAIT_SECONDS = 1
LONGEST_WAIT_SECONDS = 30

Answer = TypeVar("Answer")


class PatientExchange:
    """An Exchange whose reads survive a short outage. It never repeats `place`, `cancel` or `transfer`."""

    def __init__(self, exchange: Exchange, clock: Clock, told: Callable[[str], None]) -> None:
        """Read from `exchange`, wait on `clock`, and tell a person of each failed attempt."""
        self._exchange = exchange
        self._clock = clock
        self._told = told

    @property
    def venue(self) -> str:
        """The venue's name."""
        return self._exchange.venue

    @property
    def account(self) -> str:
        """The account's identity."""
        return self._exchange.account

    @property
    def receive_window(self) -> timedelta:
        """How long a sent order may still arrive."""
        return self._exchange.receive_window

    async def snapshot(self) -> Snapshot:
        """Return a complete observation, after several attempts if need be."""
        return await self._read(self._exchange.snapshot)

    async def find(self, client_order_id: str, symbol: str, sent_at: datetime | None = None) -> OrderReport | None:
        """Return what the venue knows of an order."""
        return await self._read(lambda: self._exchange.find(client_order_id, symbol, sent_at))

    async def find_transfer(
        self, transfer_id: str, request: TransferRequest, sent_at: datetime
    ) -> TransferReport | None:
        """Return what the venue knows of a transfer."""
        return await self._read(lambda: self._exchange.find_transfer(transfer_id, request, sent_at))

    async def ledger(self, after: int) -> tuple[LedgerEntry, ...]:
        """Return the balance changes after a sequence."""
        return await self._read(lambda: self._exchange.ledger(after))

    async def history(self, wanted: tuple[Series, ...]) -> History:
        """Return the series asked for."""
        return await self._read(lambda: self._exchange.history(wanted))

    async def place(self, client_order_id: str, request: OrderRequest) -> OrderReport:
        """Send one order once."""
        return await self._exchange.place(client_order_id, request)

    async def cancel(self, client_order_id: str, symbol: str) -> None:
        """Ask for a cancel once."""
        await self._exchange.cancel(client_order_id, symbol)

    async def transfer(self, transfer_id: str, request: TransferRequest) -> TransferReport:
        """Move money once."""
        return await self._exchange.transfer(transfer_id, request)

    async def close(self) -> None:
        """Let go of the connection."""
        await self._exchange.close()

    async def _read(self, read: Callable[[], Awaitable[Answer]]) -> Answer:
        attempts = AsyncRetrying(
            retry=retry_if_exception_type(SnapshotUnavailable),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_exponential(multiplier=FIRST_WAIT_SECONDS, max=LONGEST_WAIT_SECONDS),
            sleep=self._sleep,
            before_sleep=self._tell,
            reraise=True,
        )

        async def once() -> Answer:
            return await read()

        return await attempts(once)

    async def _sleep(self, seconds: float) -> None:
        await self._clock.sleep_until(self._clock.now() + timedelta(seconds=seconds))

    def _tell(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        self._told(f"reading failed ({error}); attempt {state.attempt_number} of {ATTEMPTS}")
