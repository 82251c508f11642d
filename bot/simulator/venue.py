"""The simulated venue: one account in one market, brought up to the clock's moment before every answer."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from bot.domain.instrument import WalletKind
from bot.domain.ledger import LedgerEntry
from bot.domain.numbers import ZERO
from bot.domain.order import OrderReport, OrderRequest, OrderStatus, TransferReport, TransferRequest
from bot.domain.reading import History, Series
from bot.domain.snapshot import Balance, Snapshot
from bot.errors import NumberRefused, OrderRejected, SettingsRefused, SnapshotUnavailable
from bot.ports import Clock
from bot.simulator.acceptance import check_transfer, removable, spot_locked
from bot.simulator.account import Account, Purse, apply_flow, apply_transfer, without_orders
from bot.simulator.margin import purse_of, standing
from bot.simulator.market import Market, Scene
from bot.simulator.matching import place_order
from bot.simulator.passage import pass_time
from bot.simulator.records import Records

RECEIVE_WINDOW = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueState:
    """All the venue must remember to go on later: the account at a moment, and what is told of the past."""

    account: Account
    moment: datetime
    entries: tuple[LedgerEntry, ...] = ()
    reports: tuple[OrderReport, ...] = ()
    transfers: tuple[TransferReport, ...] = ()


class SimulatedVenue:
    """Implements Exchange over a Market, a Clock and the state it begins with.

    `account` is the identity shown to people. `on_change` is called with the new state whenever balances,
    positions, orders or records changed, before the answer is given.
    """

    def __init__(
        self,
        market: Market,
        clock: Clock,
        state: VenueState,
        *,
        account: str = "sim",
        on_change: Callable[[VenueState], None] | None = None,
    ) -> None:
        self._market = market
        self._clock = clock
        self._name = account
        self._on_change = on_change
        self._account = state.account
        self._moment = state.moment
        self._records = Records(state.entries, state.reports, state.transfers)
        self._scene: Scene | None = None
        unknown = {*state.account.positions, *(o.symbol for o in state.account.open_orders.values())}
        if unlisted := sorted(unknown - set(market.instruments)):
            raise SettingsRefused(
                f"the simulated account holds {', '.join(unlisted)}, which its market does not list",
                mend="use the market the account was saved with, or begin a new account",
            )

    @property
    def venue(self) -> str:
        """The venue's name."""
        return "sim"

    @property
    def account(self) -> str:
        """The account's identity."""
        return self._name

    @property
    def receive_window(self) -> timedelta:
        """How long after sending the venue may still accept an order."""
        return RECEIVE_WINDOW

    @property
    def state(self) -> VenueState:
        """What to save: everything as of the last answer."""
        return VenueState(
            account=self._account,
            moment=self._moment,
            entries=self._records.entries,
            reports=tuple(self._records.reports.values()),
            transfers=tuple(self._records.transfers.values()),
        )

    async def snapshot(self) -> Snapshot:
        """Return the account and its market now; raise SnapshotUnavailable naming a price that is missing."""
        try:
            return self._observed(self._now())
        except NumberRefused as error:
            raise SnapshotUnavailable(error.message, part="numbers") from error

    async def place(self, client_order_id: str, request: OrderRequest) -> OrderReport:
        """Place one order; raise OrderRejected with the venue's code when it does not accept it.

        An id that was accepted before is refused with `duplicate-id`, whatever became of that order.
        """
        scene = self._open()
        if client_order_id in self._records.reports:
            raise OrderRejected(f"client order id {client_order_id} was used before", code="duplicate-id")
        outcome = place_order(self._account, scene, client_order_id, request)
        self._records.know(outcome.report)
        self._become(outcome.account, outcome.entries)
        return outcome.report

    async def find(
        self,
        client_order_id: str,
        symbol: str,
        sent_at: datetime | None = None,  # noqa: ARG002 - nothing is forgotten here
    ) -> OrderReport | None:
        """Return what became of an order, None when none of that id and symbol was accepted."""
        self._now()
        report = self._records.reports.get(client_order_id)
        return report if report is not None and report.symbol == symbol else None

    async def cancel(self, client_order_id: str, symbol: str) -> None:
        """Cancel a resting order; one that rests no more is left as it is."""
        scene = self._now()
        order = self._account.open_orders.get(client_order_id)
        if order is None or order.symbol != symbol:
            return
        report = self._records.reports[client_order_id]
        self._records.know(replace(report, status=OrderStatus.CANCELLED, at=scene.at))
        self._become(without_orders(self._account, [client_order_id]), ())

    async def transfer(self, transfer_id: str, request: TransferRequest) -> TransferReport:
        """Move money between own wallets; raise OrderRejected when it is not free to move."""
        scene = self._open()
        if transfer_id in self._records.transfers:
            raise OrderRejected(f"transfer id {transfer_id} was used before", code="duplicate-id")
        check_transfer(self._account, scene, request)
        report = TransferReport(transfer_id=transfer_id, request=request, at=scene.at)
        self._records.moved(report)
        self._become(*apply_transfer(self._account, scene.at, transfer_id, request))
        return report

    async def find_transfer(
        self,
        transfer_id: str,
        request: TransferRequest,  # noqa: ARG002 - this venue keeps our ids, and needs no likeness
        sent_at: datetime,  # noqa: ARG002
    ) -> TransferReport | None:
        """Return a transfer that was made, None when there was none of that id."""
        return self._records.transfers.get(transfer_id)

    async def ledger(self, after: int) -> tuple[LedgerEntry, ...]:
        """Return every balance change with a sequence above `after`, in order."""
        self._now()
        return self._records.since(after, self._account.sequence)

    async def history(self, wanted: tuple[Series, ...]) -> History:
        """Return the closed bars and settled points asked for, as the market knows them at this moment."""
        return self._market.history(wanted, self._now().at)

    async def close(self) -> None:
        """Tell `on_change` the state one last time."""
        if self._on_change is not None:
            self._on_change(self.state)

    def deposit(self, wallet: WalletKind, asset: str, amount: Decimal) -> None:
        """Add coins from outside: a flow, not a profit."""
        scene = self._now()
        if not amount.is_finite() or amount <= 0:
            raise OrderRejected(f"a deposit of {amount} {asset} brings nothing", code="below-minimum")
        self._become(*apply_flow(self._account, scene.at, wallet, asset, amount))

    def withdraw(self, wallet: WalletKind, asset: str, amount: Decimal) -> None:
        """Take coins out of the account: a flow, not a loss; raise OrderRejected when they are not free."""
        scene = self._now()
        free = removable(self._account, scene, wallet, asset)
        if not amount.is_finite() or not 0 < amount <= free:
            raise OrderRejected(f"{amount} {asset} cannot leave, free are {free}", code="insufficient-balance")
        self._become(*apply_flow(self._account, scene.at, wallet, asset, -amount))

    def forget_before(self, sequence: int) -> None:
        """Drop ledger entries that every reader has seen: those with a sequence below `sequence`."""
        self._records.forget_before(sequence)

    def _observed(self, scene: Scene) -> Snapshot:
        return Snapshot(
            venue=self.venue,
            account=self._name,
            taken_at=scene.at,
            epoch=self._account.sequence,
            clock_offset_seconds=ZERO,
            instruments=scene.instruments,
            balances=tuple(self._balances(scene)),
            positions=dict(self._account.positions),
            open_orders=tuple(self._account.open_orders.values()),
            quotes=scene.quotes,
            funding=self._market.funding(scene.at),
        )

    def _open(self) -> Scene:
        """Return the scene a write meets; raise OrderRejected where the market has no prices."""
        try:
            return self._now()
        except SnapshotUnavailable as error:
            raise OrderRejected(error.message, code="no-price") from error

    def _now(self) -> Scene:
        """Bring the account up to the clock's moment and return what an order meets there."""
        until = max(self._clock.now(), self._moment)
        if self._scene is not None and self._scene.at == until:
            return self._scene
        reports = self._records.reports
        passage = pass_time(self._account, self._market, reports, after=self._moment, until=until)
        self._moment = until
        for report in passage.reports.values():
            self._records.know(report)
        if passage.account is not self._account:
            self._become(passage.account, passage.entries)
        self._scene = Scene(at=until, instruments=self._market.instruments_at(until), quotes=self._market.quotes(until))
        return self._scene

    def _become(self, account: Account, entries: tuple[LedgerEntry, ...]) -> None:
        self._account = account
        self._records.post(entries)
        if self._on_change is not None:
            self._on_change(self.state)

    def _balances(self, scene: Scene) -> Iterator[Balance]:
        marks = scene.marks()
        for purse in sorted(self._purses(scene)):
            wallet, asset = purse
            total = self._account.balance(wallet, asset)
            locked = self._locked(marks, purse)
            yield Balance(wallet=wallet, asset=asset, free=total - locked, locked=locked)

    def _locked(self, marks: Mapping[str, Decimal], purse: Purse) -> Decimal:
        wallet, asset = purse
        if wallet is WalletKind.SPOT:
            return spot_locked(self._account, self._market.instruments, asset)
        return standing(self._account, self._market.instruments, marks, purse).locked

    def _purses(self, scene: Scene) -> set[Purse]:
        """Return every wallet and asset ever held, and those the market trades in even when empty."""
        instruments = scene.instruments.values()
        spot = {(WalletKind.SPOT, i.quote) for i in instruments if i.kind.is_spot}
        margined = {purse_of(i) for i in instruments if not i.kind.is_spot}
        return {*self._account.balances, *spot, *margined}
