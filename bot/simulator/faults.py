"""A venue that fails on purpose, by a script, around any other venue: for tests and drills."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from bot.domain.ledger import LedgerEntry
from bot.domain.numbers import down_to_step
from bot.domain.order import OrderReport, OrderRequest, OrderStatus, TransferReport, TransferRequest
from bot.domain.reading import History, Series
from bot.domain.snapshot import Snapshot
from bot.errors import NumberRefused, OrderRejected, OutcomeUnknown, SnapshotUnavailable
from bot.ports import Exchange


class Request(StrEnum):
    """What can be asked of a venue."""

    SNAPSHOT = "snapshot"
    PLACE = "place"
    FIND = "find"
    CANCEL = "cancel"
    TRANSFER = "transfer"
    FIND_TRANSFER = "find-transfer"
    LEDGER = "ledger"
    HISTORY = "history"


class FaultKind(StrEnum):
    """What goes wrong. The first three befall orders and transfers, the next looks, the rest snapshots."""

    ACCEPTED_THEN_TIMEOUT = "accepted-then-timeout"
    LOST_BEFORE_ARRIVAL = "lost-before-arrival"
    REJECTED = "rejected"
    PARTIAL_FILL = "partial-fill"
    NOT_YET_VISIBLE = "not-yet-visible"
    UNAVAILABLE = "unavailable"
    STALE = "stale"
    NO_BALANCES = "no-balances"
    NO_POSITIONS = "no-positions"
    BAD_NUMBER = "bad-number"
    TRADE_BY_HAND = "trade-by-hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault: it befalls the calls number `call` to `call + times − 1` of one request, counted from 1.

    `text` is the rejection's code, the part that is unavailable, or the symbol whose bid is bad;
    `number` the bad bid, or the share of a partial fill; `by_hand` the order a person places just
    before a snapshot.
    """

    kind: FaultKind
    on: Request
    call: int = 1
    times: int = 1
    text: str = ""
    number: Decimal = Decimal("NaN")
    by_hand: OrderRequest | None = None

    def befalls(self, call: int) -> bool:
        """Whether it befalls call number `call` of its request."""
        return self.call <= call < self.call + self.times


class FaultyExchange:
    """Implements Exchange around another one, failing as the script says and as asked otherwise.

    `requests` counts the requests to place or transfer for each client id, lost ones included, and
    `calls` those of each kind.
    """

    def __init__(self, inner: Exchange, faults: Iterable[Fault] = ()) -> None:
        self._inner = inner
        self._faults = tuple(faults)
        self._ordered: dict[str, Decimal] = {}
        self._last: Snapshot | None = None
        self.requests: Counter[str] = Counter()
        self.calls: Counter[Request] = Counter()

    @property
    def venue(self) -> str:
        """The inner venue's name."""
        return self._inner.venue

    @property
    def account(self) -> str:
        """The inner account's identity."""
        return self._inner.account

    @property
    def receive_window(self) -> timedelta:
        """The inner venue's receive window."""
        return self._inner.receive_window

    async def snapshot(self) -> Snapshot:
        """Return the inner snapshot, spoilt as the script says."""
        fault = self._next(Request.SNAPSHOT)
        if fault is not None and fault.kind is FaultKind.STALE and self._last is not None:
            return self._last
        if fault is not None and fault.by_hand is not None:
            await self._inner.place(f"byhand{self.calls[Request.SNAPSHOT]}", fault.by_hand)
        snapshot = await self._inner.snapshot()
        self._last = snapshot
        return snapshot if fault is None else _spoilt(snapshot, fault)

    async def place(self, client_order_id: str, request: OrderRequest) -> OrderReport:
        """Place at the inner venue unless the script lets the order fail or get lost."""
        self.requests[client_order_id] += 1
        fault = self._next(Request.PLACE)
        if fault is None:
            return await self._inner.place(client_order_id, request)
        _stop_before(fault, client_order_id)
        if fault.kind is FaultKind.PARTIAL_FILL:
            return await self._part(client_order_id, request, fault.number)
        report = await self._inner.place(client_order_id, request)
        _stop_after(fault, client_order_id)
        return report

    async def find(self, client_order_id: str, symbol: str, sent_at: datetime | None = None) -> OrderReport | None:
        """Return what the inner venue knows, or None while the script hides it."""
        if self._next(Request.FIND) is not None:
            return None
        report = await self._inner.find(client_order_id, symbol, sent_at)
        return None if report is None else self._as_ordered(report)

    async def cancel(self, client_order_id: str, symbol: str) -> None:
        """Cancel at the inner venue, unless the script loses the request or its answer."""
        fault = self._next(Request.CANCEL)
        if fault is not None:
            _stop_before(fault, client_order_id)
        await self._inner.cancel(client_order_id, symbol)
        if fault is not None:
            _stop_after(fault, client_order_id)

    async def transfer(self, transfer_id: str, request: TransferRequest) -> TransferReport:
        """Transfer at the inner venue unless the script lets it fail or get lost."""
        self.requests[transfer_id] += 1
        fault = self._next(Request.TRANSFER)
        if fault is not None:
            _stop_before(fault, transfer_id)
        report = await self._inner.transfer(transfer_id, request)
        if fault is not None:
            _stop_after(fault, transfer_id)
        return report

    async def find_transfer(
        self, transfer_id: str, request: TransferRequest, sent_at: datetime
    ) -> TransferReport | None:
        """Return what the inner venue knows, or None while the script hides it."""
        if self._next(Request.FIND_TRANSFER) is not None:
            return None
        return await self._inner.find_transfer(transfer_id, request, sent_at)

    async def ledger(self, after: int) -> tuple[LedgerEntry, ...]:
        """Return the inner ledger unless the script makes it unavailable."""
        if self._next(Request.LEDGER) is not None:
            raise SnapshotUnavailable("the ledger does not answer", part="ledger")
        return await self._inner.ledger(after)

    async def history(self, wanted: tuple[Series, ...]) -> History:
        """Return the inner history unless the script makes it unavailable."""
        if self._next(Request.HISTORY) is not None:
            raise SnapshotUnavailable("the history does not answer", part="history")
        return await self._inner.history(wanted)

    async def close(self) -> None:
        """Close the inner venue."""
        await self._inner.close()

    def _next(self, request: Request) -> Fault | None:
        self.calls[request] += 1
        call = self.calls[request]
        return next((fault for fault in self._faults if fault.on is request and fault.befalls(call)), None)

    async def _part(self, client_order_id: str, request: OrderRequest, share: Decimal) -> OrderReport:
        """Place only a share of the order, and tell of it as an order of the whole that expired."""
        step = (await self._inner.snapshot()).instruments[request.symbol].step
        self._ordered[client_order_id] = request.quantity
        part = request.cut_to(down_to_step(request.quantity * share, step))
        return self._as_ordered(await self._inner.place(client_order_id, part))

    def _as_ordered(self, report: OrderReport) -> OrderReport:
        ordered = self._ordered.get(report.client_order_id)
        if ordered is None:
            return report
        status = OrderStatus.EXPIRED if report.status.is_final else report.status
        return replace(report, ordered=ordered, status=status)


def _stop_before(fault: Fault, name: str) -> None:
    """Raise what keeps a request from arriving."""
    if fault.kind is FaultKind.REJECTED:
        raise OrderRejected(f"{name} rejected by the script", code=fault.text)
    if fault.kind is FaultKind.LOST_BEFORE_ARRIVAL:
        raise OutcomeUnknown(f"{name}: no answer")


def _stop_after(fault: Fault, name: str) -> None:
    """Raise what keeps the answer to an accepted request from arriving."""
    if fault.kind is FaultKind.ACCEPTED_THEN_TIMEOUT:
        raise OutcomeUnknown(f"{name}: no answer")


def _spoilt(snapshot: Snapshot, fault: Fault) -> Snapshot:
    """Return the snapshot as the fault leaves it; a number no venue can mean raises SnapshotUnavailable."""
    if fault.kind is FaultKind.UNAVAILABLE:
        raise SnapshotUnavailable(f"{fault.text} does not answer", part=fault.text)
    if fault.kind is FaultKind.NO_BALANCES:
        return replace(snapshot, balances=())
    if fault.kind is FaultKind.NO_POSITIONS:
        return replace(snapshot, positions={})
    if fault.kind is not FaultKind.BAD_NUMBER:
        return snapshot
    try:
        quote = replace(snapshot.quotes[fault.text], bid=fault.number)
    except NumberRefused as error:
        raise SnapshotUnavailable(error.message, part=f"{fault.text} quote") from error
    return replace(snapshot, quotes={**snapshot.quotes, fault.text: quote})
