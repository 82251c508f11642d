"""Everything observed at one moment: complete, or refused. No number here has a default."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from bot.domain.instrument import Instrument, WalletKind
from bot.domain.numbers import finite, not_negative, positive
from bot.domain.order import OpenOrder
from bot.errors import NumberRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Coins of one asset in one wallet; a futures wallet's balance excludes unrealised profit."""

    wallet: WalletKind
    asset: str
    free: Decimal
    locked: Decimal

    def __post_init__(self) -> None:
        """Refuse balances no wallet can hold."""
        if self.wallet is WalletKind.SPOT:
            not_negative(f"{self.wallet} {self.asset} free", self.free)
        else:
            finite(f"{self.wallet} {self.asset} free", self.free)
        not_negative(f"{self.wallet} {self.asset} locked", self.locked)

    @property
    def total(self) -> Decimal:
        """Free and locked coins together."""
        return self.free + self.locked


class MarginMode(StrEnum):
    """Whether a position shares its wallet's margin or has its own."""

    CROSS = "cross"
    ISOLATED = "isolated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """An open contract position: signed contracts, average entry price, leverage setting.

    `isolated_margin` is in the settlement asset, and None for a cross position.
    """

    symbol: str
    quantity: Decimal
    entry_price: Decimal
    margin_mode: MarginMode
    leverage: Decimal
    isolated_margin: Decimal | None = None

    def __post_init__(self) -> None:
        """Refuse positions whose margin could not be reckoned."""
        finite(f"{self.symbol} position", self.quantity)
        positive(f"{self.symbol} entry price", self.entry_price)
        positive(f"{self.symbol} leverage", self.leverage)
        if (self.margin_mode is MarginMode.ISOLATED) != (self.isolated_margin is not None):
            raise NumberRefused(f"{self.symbol}: an isolated position needs its margin, a cross one has none")
        if self.isolated_margin is not None:
            finite(f"{self.symbol} isolated margin", self.isolated_margin)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Prices of one instrument at `at`, the venue's own time.

    `mark` and `index` are None for spot. The depths are the quote-currency value resting within
    25 basis points of the best price on that side; `volume_24h` is in quote currency; None is unknown.
    """

    symbol: str
    bid: Decimal
    ask: Decimal
    last: Decimal
    at: datetime
    mark: Decimal | None = None
    index: Decimal | None = None
    bid_depth: Decimal | None = None
    ask_depth: Decimal | None = None
    volume_24h: Decimal | None = None

    def __post_init__(self) -> None:
        """Refuse prices that are missing, not positive, or crossed."""
        for name in ("bid", "ask", "last"):
            positive(f"{self.symbol} {name}", getattr(self, name))
        for name in ("mark", "index"):
            if getattr(self, name) is not None:
                positive(f"{self.symbol} {name}", getattr(self, name))
        for name in ("bid_depth", "ask_depth", "volume_24h"):
            if getattr(self, name) is not None:
                not_negative(f"{self.symbol} {name}", getattr(self, name))
        if self.bid > self.ask:
            raise NumberRefused(f"{self.symbol} book is crossed: bid {self.bid} above ask {self.ask}")

    @property
    def mid(self) -> Decimal:
        """The middle of bid and ask."""
        return (self.bid + self.ask) / 2

    @property
    def valuation(self) -> Decimal:
        """The price a holding is valued at: mark where the venue has one, else mid."""
        return self.mid if self.mark is None else self.mark


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingRate:
    """Funding of a perpetual: a fraction per interval, positive when longs pay shorts."""

    symbol: str
    rate: Decimal
    interval_hours: Decimal
    next_at: datetime

    def __post_init__(self) -> None:
        """Refuse a rate without its interval."""
        finite(f"{self.symbol} funding rate", self.rate)
        positive(f"{self.symbol} funding interval", self.interval_hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInterest:
    """Open interest in base coins, so that a price move alone does not change it."""

    symbol: str
    coins: Decimal
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Candle:
    """A closed bar. `opened_at` is its open time; `volume` in base coins, None where the source has none."""

    symbol: str
    opened_at: datetime
    seconds: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal | None = None

    def __post_init__(self) -> None:
        """Refuse a bar whose prices contradict each other."""
        for name in ("open", "high", "low", "close"):
            positive(f"{self.symbol} {name}", getattr(self, name))
        if not self.low <= min(self.open, self.close) <= max(self.open, self.close) <= self.high:
            raise NumberRefused(f"{self.symbol} candle {self.opened_at}: open and close outside low and high")


class Wallets(StrEnum):
    """How an account keeps its money.

    Separate: a spot and futures wallets, and money moves between them by a transfer. Apart: the same, and
    nobody can move it through the API. Pooled: one purse stands behind spot and linear futures.
    """

    SEPARATE = "separate"
    APART = "apart"
    POOLED = "pooled"


UNTOLD = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One complete observation of one account and its market.

    Two snapshots of one `epoch` have the same balances and positions; a venue without a counter of account
    events gives a number made of them. Ledger entries up to `ledger_sequence` are in these balances; a
    snapshot journaled before it was told apart counts by its epoch. `clock_offset_seconds` is the venue's
    clock minus ours. Positions hold no zero quantities.
    """

    venue: str
    account: str
    taken_at: datetime
    epoch: int
    clock_offset_seconds: Decimal
    instruments: Mapping[str, Instrument]
    balances: tuple[Balance, ...]
    positions: Mapping[str, Position]
    open_orders: tuple[OpenOrder, ...]
    quotes: Mapping[str, Quote]
    funding: Mapping[str, FundingRate]
    ledger_sequence: int = UNTOLD
    wallets: Wallets = Wallets.SEPARATE

    def __post_init__(self) -> None:
        """Take the epoch for the ledger where only that is told."""
        if self.ledger_sequence == UNTOLD:
            object.__setattr__(self, "ledger_sequence", self.epoch)
