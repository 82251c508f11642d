"""What the simulated venue remembers: its ledger, orders and transfers, the newest ones, in bounded memory."""

from collections.abc import Iterable
from itertools import islice

from bot.domain.ledger import LedgerEntry
from bot.domain.order import OrderReport, TransferReport
from bot.errors import SnapshotUnavailable

KEPT_ENTRIES = 100_000
KEPT_ORDERS = 10_000


class Records:
    """The last 100,000 ledger entries, 10,000 orders and 10,000 transfers; resting orders are never dropped."""

    def __init__(
        self,
        entries: Iterable[LedgerEntry] = (),
        reports: Iterable[OrderReport] = (),
        transfers: Iterable[TransferReport] = (),
    ) -> None:
        self._entries = list(entries)
        self._reports = {report.client_order_id: report for report in reports}
        self._transfers = {report.transfer_id: report for report in transfers}

    @property
    def reports(self) -> dict[str, OrderReport]:
        """The orders known, by client order id, oldest first."""
        return self._reports

    @property
    def transfers(self) -> dict[str, TransferReport]:
        """The transfers known, by id, oldest first."""
        return self._transfers

    @property
    def entries(self) -> tuple[LedgerEntry, ...]:
        """The ledger entries kept, oldest first."""
        return tuple(self._entries)

    def post(self, entries: Iterable[LedgerEntry]) -> None:
        """Add entries to the ledger; the oldest tenth goes when it is full."""
        self._entries.extend(entries)
        if len(self._entries) > KEPT_ENTRIES:
            del self._entries[: KEPT_ENTRIES // 10]

    def know(self, report: OrderReport) -> None:
        """Remember what became of an order; the oldest settled ones go when there are too many."""
        self._reports[report.client_order_id] = report
        if len(self._reports) > KEPT_ORDERS + KEPT_ORDERS // 10:
            settled = (name for name, old in self._reports.items() if old.status.is_final)
            for name in tuple(islice(settled, KEPT_ORDERS // 10)):
                del self._reports[name]

    def moved(self, report: TransferReport) -> None:
        """Remember a transfer."""
        self._transfers[report.transfer_id] = report
        if len(self._transfers) > KEPT_ORDERS:
            del self._transfers[next(iter(self._transfers))]

    def since(self, after: int, last: int) -> tuple[LedgerEntry, ...]:
        """Return the entries with a sequence above `after`, `last` being that of the newest ever booked.

        Raises SnapshotUnavailable when some of them are no longer kept: a gap is never passed over.
        """
        wanted = last - max(after, 0)
        if wanted <= 0:
            return ()
        if wanted > len(self._entries) and after >= 0:
            oldest = last - len(self._entries) + 1
            raise SnapshotUnavailable(f"the ledger begins at {oldest}, asked for all after {after}", part="ledger")
        return tuple(self._entries[-wanted:])

    def forget_before(self, sequence: int) -> None:
        """Drop the entries with a sequence below `sequence`."""
        kept = 0
        while kept < len(self._entries) and self._entries[kept].sequence < sequence:
            kept += 1
        del self._entries[:kept]
