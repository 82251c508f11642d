"""The projected book: what it will be once the proposals approved so far are filled.

A `Trial` (trial.py) is a small change laid over the `Book`: it costs the same however large the book is.
The gate reads the trial, and has the book take it over only when every check passes.
"""

from bisect import bisect_left, insort
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple, Protocol

from bot.domain.numbers import ZERO
from bot.domain.order import Side
from bot.risk.coin_wallet import CoinWallet, InverseContract, Margin
from bot.risk.lines import CoinLine, Contract, ContractLine
from bot.risk.stakes import Stake, StakeKey, Terms
from bot.risk.totals import Totals

Ranked = list[tuple[Decimal, str]]
Way = tuple[str, Side]


class Stop(NamedTuple):
    """A reduce-only order waiting at the venue for its trigger: where, which side, how much."""

    way: Way
    quantity: Decimal


class Changes(Protocol):
    """What a trial changes of a book, by asset, symbol, claim or client order id."""

    totals: Totals
    coins: dict[str, CoinLine]
    lines: dict[str, ContractLine]
    wallets: dict[str, CoinWallet]
    free: dict[str, Decimal]
    stakes: dict[StakeKey, Stake]
    stopped: dict[Way, Decimal]
    cancelled: set[str]


@dataclass(slots=True, kw_only=True)
class Book:
    """The book as it stands after what was approved; `free` are unlocked coins of the spot wallet.

    `needs` ranks the cross positions by what a probe move costs them, `tiers` all cross positions by
    the rise at which they reach their next tier. `wallets` are the coin-margined ones by asset; `ratios`,
    `distances` and `rallies` rank their figures. `contracts` and `inverse` hold what may be traded.
    `stakes` is what carry and the overlay claim. `stops` waits at the venue, `stopped` sums it.
    """

    totals: Totals
    stables: frozenset[str]
    terms: Terms
    coins: dict[str, CoinLine] = field(default_factory=dict)
    lines: dict[str, ContractLine] = field(default_factory=dict)
    free: dict[str, Decimal] = field(default_factory=dict)
    contracts: dict[str, Contract] = field(default_factory=dict)
    needs: Ranked = field(default_factory=list)
    tiers: Ranked = field(default_factory=list)
    isolated: set[str] = field(default_factory=set)
    inverse: dict[str, InverseContract] = field(default_factory=dict)
    wallets: dict[str, CoinWallet] = field(default_factory=dict)
    ratios: Ranked = field(default_factory=list)
    distances: Ranked = field(default_factory=list)
    rallies: Ranked = field(default_factory=list)
    stakes: dict[StakeKey, Stake] = field(default_factory=dict)
    stops: dict[str, Stop] = field(default_factory=dict)
    stopped: dict[Way, Decimal] = field(default_factory=dict)

    @property
    def coin_margin(self) -> Margin:
        """The margin figures of the coin-margined wallets: the highest ratio, the nearest moves."""
        return Margin(
            self.ratios[-1][0] if self.ratios else None,
            self.distances[0][0] if self.distances else None,
            self.rallies[0][0] if self.rallies else None,
        )

    def held(self, symbol: str) -> Decimal:
        """Return the signed contracts held, zero where none are."""
        line = self.lines.get(symbol)
        if line is not None:
            return line.quantity
        contract = self.inverse.get(symbol)
        return ZERO if contract is None else held_in(self.wallets, contract)

    def take(self, trial: Changes) -> None:
        """Make the trial the book."""
        self.totals = trial.totals
        self.coins.update(trial.coins)
        self.free.update(trial.free)
        for symbol, line in trial.lines.items():
            self.place(symbol, line)
        for wallet in trial.wallets.values():
            self.place_wallet(wallet)
        for key, stake in trial.stakes.items():
            self.stakes[key] = stake
            if not stake.quantity:
                del self.stakes[key]
        self.stopped.update(trial.stopped)
        for name in trial.cancelled:
            del self.stops[name]

    def place_wallet(self, wallet: CoinWallet) -> None:
        """Put a coin-margined wallet in the book and in the rankings; the totals count it already."""
        ranks = (self.ratios, self.distances, self.rallies)
        old = self.wallets.get(wallet.asset)
        for ranked, figure in zip(ranks, old.margin if old else (), strict=False):
            _leave(ranked, figure, wallet.asset)
        self.wallets[wallet.asset] = wallet
        for ranked, figure in zip(ranks, wallet.margin, strict=True):
            if figure is not None:
                insort(ranked, (figure, wallet.asset))

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


def held_in(wallets: Mapping[str, CoinWallet], contract: InverseContract) -> Decimal:
    """Return the signed coin-margined contracts held in some wallets, zero where none are."""
    wallet = wallets.get(contract.asset)
    line = wallet.lines.get(contract.symbol) if wallet else None
    return line.quantity if line else ZERO
