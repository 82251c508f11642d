"""A market is what a venue shows and what happens between two looks: quotes, funding and the path of prices."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, Protocol

from bot.domain.instrument import Instrument
from bot.domain.numbers import buy_limit, sell_limit
from bot.domain.reading import History, Series
from bot.domain.snapshot import FundingRate, Quote


class Span(NamedTuple):
    """The lowest, highest and last price of one instrument in one step, in quote currency."""

    low: Decimal
    high: Decimal
    last: Decimal


@dataclass(frozen=True, slots=True)
class Step:
    """Where prices went in the step that ended at `at`: marks of contracts, middles of spot markets."""

    at: datetime
    spans: Mapping[str, Span]


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingSettlement:
    """One payment of funding: longs pay shorts `rate` (a fraction of the notional) at `mark`."""

    at: datetime
    symbol: str
    rate: Decimal
    mark: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Liquidity:
    """How well an instrument trades, as modelled.

    `spread` is ask − bid as a fraction of the middle; `depth` the quote-currency value within 25 basis
    points of the best price on either side; `volume_24h` in quote currency.
    """

    spread: Decimal
    depth: Decimal
    volume_24h: Decimal


class Market(Protocol):
    """Prices that do not depend on who asks, how often, or in what order."""

    @property
    def description(self) -> str:
        """What market this is, in one line; equal descriptions mean equal prices."""

    @property
    def instruments(self) -> Mapping[str, Instrument]:
        """What can be traded at any time, by symbol: contracts delivered, and yet to be listed, among them."""

    def instruments_at(self, moment: datetime) -> Mapping[str, Instrument]:
        """Return what is listed at `moment`: a dated contract from its listing until its delivery."""

    def settlement_price(self, symbol: str, at: datetime) -> Decimal:
        """Return the price a dated contract is delivered at, in quote currency: that of its spot market."""

    @property
    def start(self) -> datetime:
        """The first moment with prices."""

    @property
    def end(self) -> datetime | None:
        """The last moment with prices, None when there is none."""

    def quotes(self, moment: datetime) -> dict[str, Quote]:
        """Return every instrument's prices at `moment`; raise SnapshotUnavailable naming what is missing."""

    def funding(self, moment: datetime) -> dict[str, FundingRate]:
        """Return every perpetual's rate as known at `moment`, and when it is next paid."""

    def settlements(self, after: datetime, until: datetime) -> tuple[FundingSettlement, ...]:
        """Return the funding paid later than `after` and not later than `until`, in order of time."""

    def history(self, wanted: tuple[Series, ...], moment: datetime) -> History:
        """Return the series asked for as known at `moment`; what the market does not have is left out."""

    def path(self, after: datetime, until: datetime) -> Iterator[Step]:
        """Yield the steps of the prices later than `after` and not later than `until`, in order of time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What an order meets: the instruments and their quotes at one moment."""

    at: datetime
    instruments: Mapping[str, Instrument]
    quotes: Mapping[str, Quote]

    def marks(self) -> dict[str, Decimal]:
        """Return the price each instrument is valued at, in quote currency."""
        return {symbol: quote.valuation for symbol, quote in self.quotes.items()}


def quote_around(
    instrument: Instrument, middle: Decimal, at: datetime, liquidity: Liquidity, *, index: Decimal | None
) -> Quote:
    """Return the quote of `instrument` with the modelled spread and depth around `middle`, on the tick grid.

    A contract's mark is the middle; `index` is the spot price it follows, None for spot itself.
    """
    half = middle * liquidity.spread / 2
    bid = max(buy_limit(middle - half, instrument.tick), instrument.tick)
    return Quote(
        symbol=instrument.symbol,
        bid=bid,
        ask=max(sell_limit(middle + half, instrument.tick), bid + instrument.tick),
        last=middle,
        at=at,
        mark=None if instrument.kind.is_spot else middle,
        index=index,
        bid_depth=liquidity.depth,
        ask_depth=liquidity.depth,
        volume_24h=liquidity.volume_24h,
    )
