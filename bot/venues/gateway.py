"""One account at one real venue, as the Exchange the rest of Poise knows."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.instrument import Instrument, WalletKind
from bot.domain.ledger import LedgerEntry
from bot.domain.order import OrderReport, OrderRequest, OrderType, TransferReport, TransferRequest
from bot.domain.reading import History, Series
from bot.domain.snapshot import Snapshot, Wallets
from bot.errors import OrderRejected, OutcomeUnknown, PoiseError, SettingsRefused, SnapshotUnavailable
from bot.ports import Clock
from bot.venues.asking import Duplicate, Reader
from bot.venues.balances import purse_of
from bot.venues.connect import Connection
from bot.venues.finding import Sought, find_order, report_of
from bot.venues.history import read_history
from bot.venues.ledger import read_ledger
from bot.venues.orders import send_cancel, send_order
from bot.venues.positions import read_positions
from bot.venues.scope import Scope
from bot.venues.setup import WantedSetting, set_up
from bot.venues.snapshot import Observer
from bot.venues.transfers import find_sent_transfer, send_transfer

LOOKS = 8
CLOCKS_DIFFER = timedelta(seconds=2)
FIRST_LOOK_SECONDS = 0.05
LONGEST_LOOK_SECONDS = 1.0
RESTS = (OrderType.POST_ONLY, OrderType.STOP)


class Gateway:
    """Implements Exchange. `account` is the name a person gave the account, never a key.

    Contracts are brought to `setting` before the first order in each that could open something.
    """

    def __init__(
        self, connection: Connection, scope: Scope, clock: Clock, account: str, setting: WantedSetting | None = None
    ) -> None:
        self._connection = connection
        self._scope = scope
        self._clock = clock
        self._account = account
        self._setting = setting
        self._observer = Observer(connection, scope, clock, account)
        self._ready: set[str] = set()

    @property
    def venue(self) -> str:
        """The venue's name."""
        return self._connection.row.name

    @property
    def account(self) -> str:
        """The account's name."""
        return self._account

    @property
    def receive_window(self) -> timedelta:
        """How long after sending the venue may still accept an order, and a margin for its clock and ours."""
        return self._connection.row.receive_window + CLOCKS_DIFFER

    @property
    def connection(self) -> Connection:
        """What it asks through."""
        return self._connection

    @property
    def requests(self) -> int:
        """How many requests the last snapshot took."""
        return self._observer.requests

    async def symbols(self) -> dict[WalletKind, list[str]]:
        """Return the markets looked at, by wallet."""
        found: dict[WalletKind, list[str]] = {}
        for symbol, one in sorted((await self._observer.instruments()).items()):
            found.setdefault(one.wallet, []).append(symbol)
        return found

    async def snapshot(self) -> Snapshot:
        """Return one moment of account and market."""
        return await self._observer.snapshot()

    async def history(self, wanted: tuple[Series, ...]) -> History:
        """Return the closed bars and settled points asked for."""
        rules = await self._observer.instruments()
        return await read_history(self._connection, rules, wanted, self._clock.now(), self._reader())

    async def place(self, client_order_id: str, request: OrderRequest) -> OrderReport:
        """Send one order once and return what became of it.

        An order that should be done at once is looked at until it is; where that cannot be read, the outcome is
        unknown although the order was taken.
        """
        instrument = await self._instrument(request.symbol)
        await self._refuse_a_second_leg(instrument, request)
        await self._make_ready(instrument, request)
        try:
            await send_order(self._connection, instrument, client_order_id, request, self._setting)
        except Duplicate as error:
            raise OutcomeUnknown(f"the id is known to the venue already: {error.message}") from None
        return await self._outcome(instrument, client_order_id, request)

    async def find(self, client_order_id: str, symbol: str, sent_at: datetime | None = None) -> OrderReport | None:
        """Return what the venue knows of an order, None when it knows of none that can have been sent then."""
        instrument = await self._observer.instrument(symbol)
        reader = self._reader()
        row = await find_order(
            self._connection,
            Sought(instrument=instrument, client_order_id=client_order_id, sent_at=sent_at),
            reader,
        )
        if row is None:
            return None
        return await report_of(self._connection, instrument, client_order_id, row, reader)

    async def cancel(self, client_order_id: str, symbol: str) -> None:
        """Ask for a cancel once; a stop is cancelled where stops are kept."""
        instrument = await self._observer.instrument(symbol)
        row = self._connection.row.products[instrument.wallet]
        stop = False
        if row.stop_find_params is not None:
            sought = Sought(instrument=instrument, client_order_id=client_order_id)
            found = await find_order(self._connection, sought, self._reader())
            stop = found is not None and any(found.get(name) for name in ("triggerPrice", "stopPrice", "stopLossPrice"))
        await send_cancel(self._connection, instrument, client_order_id, stop=stop)

    async def transfer(self, transfer_id: str, request: TransferRequest) -> TransferReport:
        """Move money between own wallets once."""
        return await send_transfer(self._connection, self._clock, transfer_id, request)

    async def find_transfer(
        self, transfer_id: str, request: TransferRequest, sent_at: datetime
    ) -> TransferReport | None:
        """Return what the venue knows of a transfer, None when it knows of none."""
        return await find_sent_transfer(self._connection, transfer_id, request, sent_at, self._reader())

    async def ledger(self, after: int) -> tuple[LedgerEntry, ...]:
        """Return every balance change with a sequence above `after`, in order."""
        rules = await self._observer.instruments()
        until = self._clock.now() + timedelta(seconds=1)
        entries = await read_ledger(self._connection, rules, after, until, self._reader())
        if self._connection.access.purses is not Wallets.POOLED:
            return entries
        return tuple(replace(one, wallet=purse_of(one.asset, self._scope.quote)) for one in entries)

    async def close(self) -> None:
        """Let go of the connection."""
        await self._connection.close()

    def _reader(self) -> Reader:
        return Reader(self._connection.row.codes, self._clock)

    async def _instrument(self, symbol: str) -> Instrument:
        rules: Mapping[str, Instrument] = await self._observer.instruments()
        if symbol not in rules:
            raise OrderRejected(f"{symbol} is not among what was looked at", code="not-sent")
        return rules[symbol]

    async def _refuse_a_second_leg(self, instrument: Instrument, request: OrderRequest) -> None:
        """Raise OrderRejected where a venue of legs would open another one instead of making the open one smaller.

        What is open is asked for now: what was seen last may be older than an order of ours, or of somebody else's.
        """
        if request.reduce_only or not self._connection.row.products[instrument.wallet].position.legs:
            return
        try:
            held = (await read_positions(self._connection, instrument.wallet, self._reader())).get(request.symbol)
        except SnapshotUnavailable as error:
            raise OrderRejected(f"{error.message}; nothing was sent", code="not-sent") from None
        if held is not None and held.quantity * request.side.sign < 0:
            raise OrderRejected(
                f"{request.symbol}: a {request.side} that is not reduce-only would open a second leg beside "
                f"{held.quantity}; nothing was sent",
                code="not-sent",
            )

    async def _make_ready(self, instrument: Instrument, request: OrderRequest) -> None:
        """Bring a contract to the settings asked for before something is opened in it; once in a process."""
        if instrument.kind.is_spot or request.reduce_only or self._setting is None or instrument.symbol in self._ready:
            return
        try:
            await set_up(self._connection, instrument, self._setting, self._reader())
        except (SettingsRefused, SnapshotUnavailable, OutcomeUnknown) as error:
            raise OrderRejected(error.message, code="not-set-up") from None
        self._ready.add(instrument.symbol)

    async def _outcome(self, instrument: Instrument, client_order_id: str, request: OrderRequest) -> OrderReport:
        last: PoiseError | None = None
        sent_at = self._clock.now()
        for look in range(LOOKS):
            if look:
                await self._reader().sleep(min(FIRST_LOOK_SECONDS * 2**look, LONGEST_LOOK_SECONDS))
            try:
                report = await self.find(client_order_id, instrument.symbol, sent_at)
            except SnapshotUnavailable as error:
                last = error
                continue
            if report is not None and (report.status.is_final or request.type in RESTS):
                return report
        why = f": {last.message}" if last else ""
        raise OutcomeUnknown(
            f"{request.symbol}: the venue took the order and does not say what became of it{why}", taken=True
        )
