"""What contracts need to stay open, and what happens when they no longer have it.

Written without a look at `bot.risk`, so that the one can check the other.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.ledger import EntryKind, LedgerEntry
from bot.domain.numbers import ZERO
from bot.domain.snapshot import Position
from bot.simulator.account import Account, Booked, Line, Purse, book, with_position, without_orders
from bot.simulator.position import margin_of, to_unit

# The share of the notional a venue takes for closing a position (Binance BTCUSDT, 2025-03).
LIQUIDATION_FEE = Decimal("0.0125")

Instruments = Mapping[str, Instrument]
Marks = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One futures wallet: what it has and what its cross positions need, all in its own asset.

    `balance` includes the margin of isolated positions, which is `isolated`; `profit` is the unrealised
    profit of cross positions; `initial` their initial margin at the mark and `entered` at their entry;
    `reserved` the initial margin of resting orders that open.
    """

    balance: Decimal
    isolated: Decimal
    profit: Decimal
    maintenance: Decimal
    initial: Decimal
    entered: Decimal
    reserved: Decimal

    @property
    def equity(self) -> Decimal:
        """What stands behind the cross positions, unrealised profit counted."""
        return self.balance - self.isolated + self.profit

    @property
    def free(self) -> Decimal:
        """What new positions may use: unrealised profit counts."""
        return self.equity - self.initial - self.reserved

    @property
    def movable(self) -> Decimal:
        """What may leave the wallet: unrealised profit does not count, unrealised loss does."""
        return min(self.free, self.free - self.profit)

    @property
    def locked(self) -> Decimal:
        """What positions and orders hold of the balance, reckoned at entry so that it moves with trades only."""
        return self.isolated + self.entered + self.reserved


def maintenance(instrument: Instrument, quantity: Decimal, mark: Decimal) -> Decimal:
    """Return the maintenance margin in the settlement asset: notional × rate − deduction of its tier."""
    notional = instrument.settlement_notional(quantity, mark)
    tier = instrument.tiers[0]
    for higher in instrument.tiers:
        if higher.floor > notional:
            break
        tier = higher
    return notional * tier.rate - tier.deduction


def unrealised(instrument: Instrument, position: Position, mark: Decimal) -> Decimal:
    """Return a position's profit at the mark, in the settlement asset."""
    return instrument.profit(position.quantity, position.entry_price, mark)


def purse_of(instrument: Instrument) -> Purse:
    """Return the wallet and asset that margin a contract."""
    return instrument.wallet, instrument.settle


def standing(account: Account, instruments: Instruments, marks: Marks, purse: Purse) -> Standing:
    """Return how one futures wallet stands at the marks."""
    isolated = profit = needed = initial = entered = ZERO
    for symbol, position in account.positions.items():
        instrument = instruments[symbol]
        if purse_of(instrument) != purse:
            continue
        if position.isolated_margin is not None:
            isolated += position.isolated_margin
            continue
        mark = marks[symbol]
        profit += unrealised(instrument, position, mark)
        needed += maintenance(instrument, position.quantity, mark)
        initial += instrument.settlement_notional(position.quantity, mark) / position.leverage
        entered += margin_of(instrument, position)
    return Standing(
        balance=account.balance(*purse),
        isolated=isolated,
        profit=profit,
        maintenance=needed,
        initial=initial,
        entered=entered,
        reserved=_reserved(account, instruments, purse),
    )


def _reserved(account: Account, instruments: Instruments, purse: Purse) -> Decimal:
    total = ZERO
    for order in account.open_orders.values():
        instrument = instruments[order.symbol]
        if instrument.kind.is_spot or order.reduce_only or purse_of(instrument) != purse:
            continue
        leverage = account.setting(order.symbol).leverage
        total += instrument.settlement_notional(order.remaining, order.price) / leverage
    return to_unit(total)


def liquidate(account: Account, instruments: Instruments, marks: Marks, at: datetime) -> Booked:
    """Return the account after closing, at the mark, everything whose equity fell to its maintenance margin.

    An isolated position is closed alone; a cross wallet is closed whole. The fee takes at most what is
    left; what is missing is covered, so that no wallet ends below zero. Resting orders of a closed
    wallet are cancelled.
    """
    entries: list[LedgerEntry] = []
    for symbol, position in account.positions.items():
        margin, instrument = position.isolated_margin, instruments[symbol]
        if margin is None:
            continue
        equity = margin + unrealised(instrument, position, marks[symbol])
        if equity <= maintenance(instrument, position.quantity, marks[symbol]):
            account, booked = _close(account, instruments, marks, at, (position,))
            entries += booked
    for purse in _cross_purses(account, instruments):
        wallet = standing(account, instruments, marks, purse)
        if wallet.equity <= wallet.maintenance:
            account, booked = _close(account, instruments, marks, at, _cross(account, instruments, purse))
            entries += booked
    return account, tuple(entries)


def _cross(account: Account, instruments: Instruments, purse: Purse) -> tuple[Position, ...]:
    return tuple(
        position
        for symbol, position in account.positions.items()
        if position.isolated_margin is None and purse_of(instruments[symbol]) == purse
    )


def _cross_purses(account: Account, instruments: Instruments) -> tuple[Purse, ...]:
    held = (s for s, position in account.positions.items() if position.isolated_margin is None)
    return tuple(sorted({purse_of(instruments[symbol]) for symbol in held}))


def _close(
    account: Account, instruments: Instruments, marks: Marks, at: datetime, closed: tuple[Position, ...]
) -> Booked:
    """Close positions that share one margin: profits first, then the fee, then the cover of what is missing."""
    purse = purse_of(instruments[closed[0].symbol])
    before = account.balance(*purse)
    own = closed[0].isolated_margin
    backing = own if own is not None else before - standing(account, instruments, marks, purse).isolated
    account = _without(account, instruments, closed)
    entries: list[LedgerEntry] = []
    for position in closed:
        profit = unrealised(instruments[position.symbol], position, marks[position.symbol])
        account, booked = _booked(account, at, position, Line(EntryKind.REALISED, *purse, profit))
        entries += booked
    for position in closed:
        left = backing + account.balance(*purse) - before
        notional = instruments[position.symbol].settlement_notional(position.quantity, marks[position.symbol])
        change = -min(notional * LIQUIDATION_FEE, left)
        account, booked = _booked(account, at, position, Line(EntryKind.LIQUIDATION, *purse, change))
        entries += booked
    return account, tuple(entries)


def _booked(account: Account, at: datetime, position: Position, line: Line) -> Booked:
    reference = f"liquidation-{position.symbol}-{at:%Y%m%dT%H%M%S}"
    return book(account, at, [line], symbol=position.symbol, reference=reference)


def _without(account: Account, instruments: Instruments, closed: Iterable[Position]) -> Account:
    symbols = {position.symbol for position in closed}
    for symbol in symbols:
        account = with_position(account, symbol, None)
    purses = {purse_of(instruments[symbol]) for symbol in symbols}
    orders = (o for o in account.open_orders.values() if not instruments[o.symbol].kind.is_spot)
    return without_orders(account, [o.client_order_id for o in orders if purse_of(instruments[o.symbol]) in purses])
