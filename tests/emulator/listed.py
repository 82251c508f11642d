"""A seeded market as one venue lists it: with that venue's contract sizes and grids, dated contracts renamed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.numbers import buy_limit, sell_limit
from bot.domain.reading import History, Series
from bot.domain.snapshot import FundingRate, Quote
from bot.simulator.market import FundingSettlement, Span, Step
from bot.simulator.synthetic import SyntheticMarket

Regrid = Callable[[str, Instrument], Instrument]
_DELIVERY_HOUR = 8
# Prices move in steps of so long, the first a minute after the start: a test meets the same ones however slow it is.
_BEAT = timedelta(minutes=1)


def as_it_is(symbol: str, one: Instrument) -> Instrument:
    """Return an instrument with the simulator's own rules."""
    return one


def told_expiry(expiry: datetime, shift: timedelta) -> datetime:
    """Return when a contract is delivered as the outside is told: at the 08:00 UTC nearest to the shifted moment."""
    day = expiry + shift + timedelta(hours=12 - _DELIVERY_HOUR)
    return day.replace(hour=_DELIVERY_HOUR, minute=0, second=0, microsecond=0)


class ListedMarket:
    """Implements Market over another one; `shift` is what is added to its time before anybody outside sees it.

    Prices and what is listed stand still within a minute.
    """

    def __init__(self, inner: SyntheticMarket, regrid: Regrid, shift: timedelta) -> None:
        self._inner = inner
        self._names = {symbol: _name(one, shift) for symbol, one in inner.instruments.items()}
        self._inner_names = {name: symbol for symbol, name in self._names.items()}
        self._instruments = {
            (name := self._names[symbol]): regrid(name, replace(one, symbol=name))
            for symbol, one in inner.instruments.items()
        }
        self._now: tuple[datetime, Mapping[str, Instrument], dict[str, Quote]] | None = None

    @property
    def description(self) -> str:
        """What market this is."""
        return self._inner.description

    @property
    def instruments(self) -> Mapping[str, Instrument]:
        """What can be traded at any time, by the venue's symbols; expiries are in the market's own time."""
        return self._instruments

    @property
    def start(self) -> datetime:
        """The first moment with prices."""
        return self._inner.start

    @property
    def end(self) -> None:
        """None: it goes on for ever."""
        return

    def instruments_at(self, moment: datetime) -> Mapping[str, Instrument]:
        """Return what is listed at a moment."""
        return self._beat(moment)[1]

    def settlement_price(self, symbol: str, at: datetime) -> Decimal:
        """Return the price a dated contract is delivered at, in quote currency."""
        return self._inner.settlement_price(self._inner_names[symbol], at)

    def quotes(self, moment: datetime) -> dict[str, Quote]:
        """Return the prices at a moment, on the venue's grid."""
        return {name: replace(quote, at=moment) for name, quote in self._beat(moment)[2].items()}

    def _beat(self, moment: datetime) -> tuple[datetime, Mapping[str, Instrument], dict[str, Quote]]:
        """Return the beat a moment lies in, what is listed and the prices."""
        at = max(moment - (moment - self.start) % _BEAT, self.start)
        if self._now is None or self._now[0] != at:
            listed = {self._names[s]: self._instruments[self._names[s]] for s in self._inner.instruments_at(at)}
            shown = ((self._names[symbol], quote) for symbol, quote in self._inner.quotes(at).items())
            self._now = (at, listed, {name: self._regridded(name, quote) for name, quote in shown})
        return self._now

    def funding(self, moment: datetime) -> dict[str, FundingRate]:
        """Return every perpetual's rate at a moment."""
        rates = self._inner.funding(moment)
        return {self._names[symbol]: replace(rate, symbol=self._names[symbol]) for symbol, rate in rates.items()}

    def settlements(self, after: datetime, until: datetime) -> tuple[FundingSettlement, ...]:
        """Return the funding paid in the time given."""
        return tuple(
            replace(one, symbol=self._names[one.symbol], mark=self._price(self._names[one.symbol], one.mark))
            for one in self._inner.settlements(after, until)
        )

    def history(self, wanted: tuple[Series, ...], moment: datetime) -> History:
        """Return the series asked for; only spot and perpetuals have any, and their names are the same here."""
        return self._inner.history(wanted, moment)

    def path(self, after: datetime, until: datetime) -> Iterator[Step]:
        """Yield the steps of the prices in the time given."""
        for step in self._inner.path(after, until):
            named = ((self._names[symbol], span) for symbol, span in step.spans.items())
            yield Step(step.at, {name: Span(*(self._price(name, price) for price in span)) for name, span in named})

    def _price(self, name: str, price: Decimal) -> Decimal:
        tick = self._instruments[name].tick
        return max((price / tick).to_integral_value() * tick, tick)

    def _regridded(self, name: str, quote: Quote) -> Quote:
        tick = self._instruments[name].tick
        bid = max(buy_limit(quote.bid, tick), tick)
        return replace(
            quote,
            symbol=name,
            bid=bid,
            ask=max(sell_limit(quote.ask, tick), bid + tick),
            last=self._price(name, quote.last),
            mark=None if quote.mark is None else self._price(name, quote.mark),
        )


def _name(one: Instrument, shift: timedelta) -> str:
    """Return a symbol; that of a dated contract ends in the day it is delivered on as told outside."""
    if one.expiry is None:
        return one.symbol
    return f"{one.symbol.rpartition('-')[0]}-{told_expiry(one.expiry, shift):%y%m%d}"
