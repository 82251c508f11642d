"""The simulated venue with what an account at a real one can do besides: settings, plain limits, part fills."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from bot.domain.instrument import WalletKind
from bot.domain.ledger import LedgerEntry
from bot.domain.numbers import ZERO
from bot.domain.order import Liquidity, OpenOrder, OrderReport, OrderRequest, OrderStatus, OrderType
from bot.domain.snapshot import Balance
from bot.errors import OrderRejected
from bot.simulator.acceptance import check_order, spot_free
from bot.simulator.account import Account, MarginSetting, Purse, reducible, with_order, with_position
from bot.simulator.margin import maintenance, purse_of, standing, unrealised
from bot.simulator.market import Scene
from bot.simulator.matching import Outcome, Trade, fill_order, place_order, walk_book
from bot.simulator.venue import SimulatedVenue


class EmulatedAccount(SimulatedVenue):
    """One account; every method first brings it up to the clock's moment."""

    def look(self) -> tuple[Account, Scene]:
        """Return what the account holds and what an order meets now."""
        scene = self._now()
        return self._account, scene

    def report(self, name: str) -> OrderReport:
        """Return what became of an order that was accepted under `name`."""
        return self._records.reports[name]

    def entries(self, after: int) -> tuple[LedgerEntry, ...]:
        """Return the ledger entries with a sequence above `after`, in order."""
        return self._records.since(after, self._account.sequence)

    def balances(self) -> tuple[Balance, ...]:
        """Return every purse as it is kept, unrealised profit excluded."""
        return tuple(self._balances(self._now()))

    def unrealised(self, symbol: str) -> Decimal:
        """Return the profit of a position at the mark, in its settlement asset; zero without one."""
        account, scene = self.look()
        held = account.positions.get(symbol)
        if held is None:
            return ZERO
        return unrealised(scene.instruments[symbol], held, scene.marks()[symbol])

    def maintenance(self, purse: Purse) -> Decimal:
        """Return the maintenance margin of all positions a purse margins, in its asset."""
        account, scene = self.look()
        marks = scene.marks()
        needed = (
            maintenance(scene.instruments[symbol], held.quantity, marks[symbol])
            for symbol, held in account.positions.items()
            if purse_of(scene.instruments[symbol]) == purse
        )
        return sum(needed, ZERO)

    def accept(self, name: str, request: OrderRequest, *, rests: bool, most: Decimal | None) -> OrderReport:
        """Place an order; with `rests` what it cannot take rests, and it takes at most `most` when that is given."""
        scene = self._open()
        takes = request.type in (OrderType.LIMIT_IOC, OrderType.MARKET)
        if takes and (rests or most is not None):
            outcome = _taken(self._account, scene, name, request, most)
            outcome = _rested(outcome, request) if rests else outcome
        else:
            outcome = place_order(self._account, scene, name, request)
        self._records.know(outcome.report)
        self._become(outcome.account, outcome.entries)
        return outcome.report

    def fill_resting(self, name: str, quantity: Decimal) -> None:
        """Let somebody meet a resting order: `quantity` of it fills at its own price, as maker."""
        scene = self._now()
        order = self._account.open_orders[name]
        size = min(quantity, order.remaining)
        account = with_order(self._account, replace(order, remaining=order.remaining - size))
        outcome = fill_order(
            Outcome(account, (), self._records.reports[name]),
            scene.instruments[order.symbol],
            order.side,
            Trade(size, order.price),
            Liquidity.MAKER,
            scene.at,
        )
        self._records.know(outcome.report)
        self._become(outcome.account, outcome.entries)

    def margin(self, symbol: str) -> MarginSetting:
        """Return how new contracts of a symbol are margined."""
        return self._account.setting(symbol)

    def set_margin(self, symbol: str, wanted: MarginSetting) -> None:
        """Set leverage and margin mode; raise OrderRejected while they cannot be changed.

        Codes: position-open and orders-open for a mode, insufficient-margin for a leverage.
        """
        account, scene = self.look()
        if wanted.mode is not account.setting(symbol).mode:
            _check_closed(account, symbol)
        changed = replace(account, settings={**account.settings, symbol: wanted})
        held = account.positions.get(symbol)
        if held is not None:
            changed = with_position(changed, symbol, replace(held, leverage=wanted.leverage))
        purse = purse_of(scene.instruments[symbol])
        if standing(changed, scene.instruments, scene.marks(), purse).free < min(
            standing(account, scene.instruments, scene.marks(), purse).free, ZERO
        ):
            raise OrderRejected(f"{wanted.leverage} is too little for what is open", code="insufficient-margin")
        self._become(changed, ())

    def move_unseen(self, moves: Iterable[tuple[Purse, Purse, Decimal]]) -> None:
        """Move coins between purses that the venue shows as one: nothing is booked."""
        balances = dict(self._account.balances)
        for source, target, amount in moves:
            balances[source] = balances.get(source, ZERO) - amount
            balances[target] = balances.get(target, ZERO) + amount
        if balances != self._account.balances:
            self._become(replace(self._account, balances=balances), ())

    def movable(self) -> Mapping[Purse, Decimal]:
        """Return what may leave each purse, never below zero: spot coins not locked, free margin without profit."""
        account, scene = self.look()
        free: dict[Purse, Decimal] = {}
        for wallet, asset in account.balances:
            if wallet is WalletKind.SPOT:
                amount = spot_free(account, scene.instruments, asset)
            else:
                amount = standing(account, scene.instruments, scene.marks(), (wallet, asset)).movable
            free[wallet, asset] = max(amount, ZERO)
        return free


def _check_closed(account: Account, symbol: str) -> None:
    if symbol in account.positions:
        raise OrderRejected(f"{symbol} has a position", code="position-open")
    if any(order.symbol == symbol for order in account.open_orders.values()):
        raise OrderRejected(f"{symbol} has resting orders", code="orders-open")


def _taken(account: Account, scene: Scene, name: str, request: OrderRequest, most: Decimal | None) -> Outcome:
    """Return what an order takes at once from the book, the rest of it expired."""
    instrument = check_order(account, scene, request)
    account = replace(account, orders=account.orders + 1)
    report = OrderReport(
        client_order_id=name,
        venue_order_id=f"o{account.orders}",
        symbol=request.symbol,
        status=OrderStatus.EXPIRED,
        ordered=request.quantity,
        fills=(),
        at=scene.at,
    )
    outcome = Outcome(account, (), report)
    size = _size(account, request, most)
    for trade in walk_book(instrument, scene.quotes[request.symbol], request.side, size, request.price):
        outcome = fill_order(outcome, instrument, request.side, trade, Liquidity.TAKER, scene.at)
    return outcome


def _size(account: Account, request: OrderRequest, most: Decimal | None) -> Decimal:
    size = request.quantity if most is None else min(request.quantity, most)
    return min(size, reducible(account, request.symbol, request.side)) if request.reduce_only else size


def _rested(outcome: Outcome, request: OrderRequest) -> Outcome:
    """Return the outcome with what was not filled resting at its price."""
    left = request.quantity - outcome.report.filled
    done = request.reduce_only and not reducible(outcome.account, request.symbol, request.side)
    if not left or done or request.price is None:
        return outcome
    order = OpenOrder(
        client_order_id=outcome.report.client_order_id,
        symbol=request.symbol,
        side=request.side,
        remaining=left,
        price=request.price,
        reduce_only=request.reduce_only,
    )
    report = replace(outcome.report, status=OrderStatus.OPEN)
    return Outcome(with_order(outcome.account, order), outcome.entries, report)
