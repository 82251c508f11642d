"""The projected book: what it will be once the proposals approved so far are filled.

A `Trial` is a small change laid over the `Book`: it costs the same however large the book is. The gate
reads the trial, and has the book take it over only when every check passes.
"""

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from bot.domain.instrument import WalletKind
from bot.domain.numbers import ZERO
from bot.domain.order import OrderRequest, Side, TransferRequest
from bot.errors import SnapshotUnavailable
from bot.risk.lines import CoinLine, Contract, ContractLine, contract_line
from bot.risk.market import Trade
from bot.risk.totals import Totals

Ranked = list[tuple[Decimal, str]]


@dataclass(slots=True, kw_only=True)
class Book:
    """The book as it stands after what was approved; `free` are unlocked coins of the spot wallet.

    `needs` ranks the cross positions by what a probe move costs them, `tiers` all cross positions by
    the rise at which they reach their next tier. `contracts` holds what may be traded.
    """

    totals: Totals
    stables: frozenset[str]
    coins: dict[str, CoinLine] = field(default_factory=dict)
    lines: dict[str, ContractLine] = field(default_factory=dict)
    free: dict[str, Decimal] = field(default_factory=dict)
    contracts: dict[str, Contract] = field(default_factory=dict)
    needs: Ranked = field(default_factory=list)
    tiers: Ranked = field(default_factory=list)
    isolated: set[str] = field(default_factory=set)

    def take(self, trial: "Trial") -> None:
        """Make the trial the book."""
        self.totals = trial.totals
        self.coins.update(trial.coins)
        self.free.update(trial.free)
        for symbol, line in trial.lines.items():
            self.place(symbol, line)

    def place(self, symbol: str, line: ContractLine) -> None:
        """Put a contract's line in the book and in the rankings; the totals count it already."""
        old = self.lines.pop(symbol, None)
        self.isolated.discard(symbol)
        if old is not None and old.isolated is None:
            _leave(self.needs, old.need, symbol)
            _leave(self.tiers, old.leaves_tier, symbol)
        if line.is_flat:
            return
        self.lines[symbol] = line
        if line.isolated is not None:
            self.isolated.add(symbol)
        else:
            insort(self.needs, (line.need, symbol))
            if line.leaves_tier is not None:
                insort(self.tiers, (line.leaves_tier, symbol))


def _leave(ranked: Ranked, key: Decimal | None, symbol: str) -> None:
    if key is not None:
        del ranked[bisect_left(ranked, (key, symbol))]


class Shortfall(NamedTuple):
    """A leg that cannot be paid: what it takes and what is free."""

    asset: str
    needed: Decimal
    free: Decimal


class Reduction(NamedTuple):
    """A reduce-only leg and the signed contracts held when its turn comes."""

    order: OrderRequest
    held: Decimal

    @property
    def holds(self) -> bool:
        """Whether it makes a position smaller and does not turn it."""
        against = self.held * self.order.side.sign < 0
        return against and self.order.quantity <= abs(self.held)


class Trial:
    """The book after one more proposal, laid over the book without changing it."""

    __slots__ = ("book", "coins", "free", "lines", "orders", "reductions", "shortfalls", "totals", "trades")

    def __init__(self, book: Book) -> None:
        self.book = book
        self.totals = book.totals.copy()
        self.coins: dict[str, CoinLine] = {}
        self.lines: dict[str, ContractLine] = {}
        self.free: dict[str, Decimal] = {}
        self.trades: list[Trade] = []
        self.shortfalls: list[Shortfall] = []
        self.reductions: list[Reduction] = []

    def coin(self, asset: str) -> CoinLine:
        """Return the coin's line; raise SnapshotUnavailable when the book cannot tell its price."""
        line = self.coins.get(asset) or self.book.coins.get(asset)
        if line is None:
            raise SnapshotUnavailable(f"{asset} has no price", part=f"{asset} price")
        return line

    def line(self, symbol: str) -> ContractLine | None:
        """Return the contract's line, None where nothing is held."""
        return self.lines.get(symbol) or self.book.lines.get(symbol)

    def free_of(self, asset: str) -> Decimal:
        """Return the free coins of the spot wallet."""
        free = self.free.get(asset)
        return self.book.free.get(asset, ZERO) if free is None else free

    def trade(self, trade: Trade) -> None:
        """Fill one order at its expected price, its fee paid."""
        self.trades.append(trade)
        if trade.market.instrument.kind.is_spot:
            self._trade_spot(trade)
        else:
            self._trade_contract(trade)
        totals = self.totals
        totals.turnover += trade.value
        totals.orders += 1
        if trade.rests:
            totals.resting += trade.value

    def move(self, transfer: TransferRequest) -> None:
        """Carry out one transfer between the spot and the linear wallet."""
        totals, amount, asset = self.totals, transfer.amount, transfer.asset
        free, reserve = self.free_of(asset), asset in self.book.stables
        into = transfer.target is WalletKind.LINEAR
        available = free if into else totals.purse
        if amount > available:
            self.shortfalls.append(Shortfall(asset, amount, available))
        signed = amount if into else -amount
        self.free[asset] = free - signed
        totals.reserve -= signed if reserve else ZERO
        totals.wallet += signed
        totals.purse += signed
        totals.moved += amount

    def _trade_spot(self, trade: Trade) -> None:
        order, instrument, totals = trade.order, trade.market.instrument, self.totals
        coin = self.coin(instrument.base)
        cost = order.quantity * trade.price
        if order.side is Side.BUY:
            self._check_free(instrument.quote, trade.locked)
            paid, coins = -cost - trade.fee, order.quantity
        else:
            self._check_free(instrument.base, order.quantity)
            paid, coins = cost - trade.fee, -order.quantity
        self.free[instrument.base] = self.free_of(instrument.base) + coins
        self.free[instrument.quote] = self.free_of(instrument.quote) + paid
        self._replace_coin(coin, coin.traded(spot=coins))
        totals.reserve += paid
        totals.equity += paid + coins * coin.price

    def _check_free(self, asset: str, needed: Decimal) -> None:
        free = self.free_of(asset)
        if needed > free:
            self.shortfalls.append(Shortfall(asset, needed, free))

    def _replace_coin(self, old: CoinLine, new: CoinLine) -> None:
        self.totals.swap_coin(old, new)
        self.coins[new.asset] = new

    def _trade_contract(self, trade: Trade) -> None:
        order, totals = trade.order, self.totals
        contract = self.book.contracts[order.symbol]
        old = self.line(order.symbol) or contract_line(contract, ZERO, contract.mark)
        if order.reduce_only:
            self.reductions.append(Reduction(order, old.quantity))
        coin = self.coin(contract.base)
        before = totals.initial
        new, realised = filled(old, order.signed_quantity, trade.price)
        totals.drop(old)
        totals.count(new)
        self.lines[order.symbol] = new
        gain = realised - trade.fee
        totals.wallet += gain
        totals.equity += gain
        totals.purse += gain - (totals.initial - before)
        self._replace_coin(coin, coin.traded(contracts=order.signed_quantity * contract.size))


def filled(line: ContractLine, signed: Decimal, price: Decimal) -> tuple[ContractLine, Decimal]:
    """Return the line after `signed` contracts traded at `price`, and the profit realised.

    Opening averages the entry price by quantity; closing leaves it and realises
    closed × size × (price − entry). An isolated margin grows by notional ÷ leverage and shrinks in
    proportion.
    """
    contract, held, after = line.contract, line.quantity, line.quantity + signed
    closed = ZERO if held * signed >= 0 else min(abs(held), abs(signed))
    opened = abs(signed) - closed
    realised = closed * contract.size * (price - line.entry) * (1 if held > 0 else -1)
    entry = line.entry
    if opened:
        kept = abs(held) - closed
        entry = (kept * line.entry + opened * price) / abs(after)
    isolated = line.isolated
    if isolated is not None:
        isolated = isolated * (abs(held) - closed) / abs(held) if closed else isolated
        isolated += opened * contract.size * price / contract.leverage
    new = contract_line(contract, after, entry, isolated=isolated, flight=(line.buying, line.selling))
    return new, realised
