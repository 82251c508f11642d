"""A market of recorded history: at any moment only bars that have closed are known.

Prices, funding and their times are the record's. Spread, depth and volume are modelled, and so are the
trading rules: the files do not hold them.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from bot.domain.instrument import Instrument, Kind, kind_of
from bot.domain.reading import FundingPoint, History, Series, SeriesKind, candles_key
from bot.domain.snapshot import Candle, FundingRate, OpenInterest, Quote
from bot.errors import SnapshotUnavailable
from bot.simulator.history import Recording, read_history
from bot.simulator.listing import dated_future, inverse_perpetual, liquidity, perpetual, spot_market
from bot.simulator.market import FundingSettlement, Span, Step, quote_around
from bot.simulator.recorded_past import RecordedPast
from bot.simulator.recorded_rows import CLOSE, INTERVAL, RATE, Track
from bot.simulator.recorded_time import MILLISECOND, milliseconds, moment_of
from bot.simulator.recorded_wanted import USUAL_KINDS, Wanted

SPREAD_BP = Decimal(1)
DAY_SECONDS = 86_400


def recorded_market(
    source: Path | Sequence[Path],
    wanted: Wanted,
    *,
    spread_bp: Decimal = SPREAD_BP,
    max_gap: timedelta | None = None,
) -> "RecordedMarket":
    """Return the market of the bars and funding found in a folder or in some files.

    A price older than `max_gap` (two bars when None) is unavailable. Raises SettingsRefused when the
    files do not hold what is wanted.
    """
    history = read_history(source, wanted)
    gap = max_gap or 2 * wanted.bar_milliseconds * MILLISECOND
    return RecordedMarket(history, wanted, spread_bp=spread_bp, max_gap=gap)


class RecordedMarket:
    """Implements Market; made by `recorded_market`."""

    def __init__(self, recording: Recording, wanted: Wanted, *, spread_bp: Decimal, max_gap: timedelta) -> None:
        self._bars = {**recording.bars, **recording.dated}
        self._funding = recording.funding
        self._watched = recording.interest
        self._past = RecordedPast(recording, wanted.bar_milliseconds // 1000)
        self._max_gap = max_gap
        self._quote = wanted.quote
        first = {symbol.partition("/")[0]: recording.bars[symbol].number(CLOSE, 0) for symbol in wanted.spot}
        self._instruments = {
            symbol: _rules(symbol, wanted.quote, first[symbol.partition("/")[0]], recording) for symbol in self._bars
        }
        self._liquidity = {symbol: liquidity(i, spread_bp) for symbol, i in self._instruments.items()}
        self._start, self._end = moment_of(recording.start), moment_of(recording.end)
        assets = ",".join(wanted.assets)
        self._description = (
            f"recorded {recording.venue} {wanted.timeframe} {assets} in {wanted.quote}"
            f" {self._start:%Y-%m-%d}..{self._end:%Y-%m-%d} spread={spread_bp}bp{_more(recording, wanted)}"
        )

    @property
    def description(self) -> str:
        """What was recorded where and when, in one line."""
        return self._description

    @property
    def instruments(self) -> Mapping[str, Instrument]:
        """The spot markets, perpetuals and dated contracts of all times, with modelled rules."""
        return self._instruments

    @property
    def start(self) -> datetime:
        """The first moment at which every spot market and perpetual has a closed bar, and every perpetual a rate."""
        return self._start

    @property
    def end(self) -> datetime:
        """The close of the last bar that every spot market and perpetual has."""
        return self._end

    def quotes(self, moment: datetime) -> dict[str, Quote]:
        """Return quotes around the close of the last closed bar of each instrument listed at `moment`.

        Raises SnapshotUnavailable naming symbol and moment when that bar is missing or too old.
        """
        listed = self.instruments_at(moment)
        closes = {symbol: self._close(symbol, moment) for symbol in listed}
        return {
            symbol: quote_around(
                instrument,
                closes[symbol],
                moment,
                self._liquidity[symbol],
                index=None if instrument.kind.is_spot else closes[self._spot_of(instrument)],
            )
            for symbol, instrument in listed.items()
        }

    def funding(self, moment: datetime) -> dict[str, FundingRate]:
        """Return the rates last paid: the ones about to be paid are not known before their time."""
        rates = {}
        for symbol, series in self._funding.items():
            place = series.last_at(milliseconds(moment))
            interval = series.number(INTERVAL, place) if place >= 0 else Decimal(0)
            next_at = moment_of(series.times[place]) + timedelta(hours=int(interval)) if place >= 0 else self._start
            if place < 0 or moment - next_at > self._max_gap:
                raise _unavailable(f"{symbol} funding", moment)
            rates[symbol] = FundingRate(
                symbol=symbol,
                rate=series.number(RATE, place),
                interval_hours=interval,
                next_at=max(next_at, moment),
            )
        return rates

    def settlements(self, after: datetime, until: datetime) -> tuple[FundingSettlement, ...]:
        """Return the funding recorded in the time given, at the perpetual's close known then."""
        paid = []
        for symbol, series in self._funding.items():
            for place in _between(series, after, until):
                at = moment_of(series.times[place])
                rate, mark = series.number(RATE, place), self._known(symbol, at)
                paid.append(FundingSettlement(at=at, symbol=symbol, rate=rate, mark=mark))
        return tuple(sorted(paid, key=lambda payment: (payment.at, payment.symbol)))

    def instruments_at(self, moment: datetime) -> Mapping[str, Instrument]:
        """Return what is listed at `moment`: a dated contract from its first close until its delivery."""
        return {
            symbol: one
            for symbol, one in self._instruments.items()
            if one.expiry is None or (moment < one.expiry and self._bars[symbol].times[0] <= milliseconds(moment))
        }

    def settlement_price(self, symbol: str, at: datetime) -> Decimal:
        """Return the close of the coin's spot market at `at`, in quote currency.

        Venues settle on an average of the last half hour, which the record does not hold.
        """
        return self._known(self._spot_of(self._instruments[symbol]), at)

    def history(self, wanted: tuple[Series, ...], moment: datetime) -> History:
        """Return the series asked for as known at `moment`; what was not recorded is left out."""
        candles: dict[str, tuple[Candle, ...]] = {}
        funding: dict[str, tuple[FundingPoint, ...]] = {}
        interest: dict[str, tuple[OpenInterest, ...]] = {}
        for one in wanted:
            if one.kind is SeriesKind.CANDLES and one.symbol in self._bars:
                told = self._past.candles(one.symbol, one.seconds, one.count, moment)
                candles[candles_key(one.symbol, one.seconds)] = told
            elif one.kind is SeriesKind.FUNDING and one.symbol in self._funding:
                funding[one.symbol] = self._past.funding(one.symbol, one.count, moment)
            elif one.kind is SeriesKind.OPEN_INTEREST and one.symbol in self._watched:
                days = -(-one.count * one.seconds // DAY_SECONDS)
                spot = f"{one.symbol.partition('/')[0]}/{self._quote}"
                interest[one.symbol] = self._past.interest(one.symbol, spot, days, moment)
        return History(candles=candles, funding=funding, open_interest=interest)

    def path(self, after: datetime, until: datetime) -> Iterator[Step]:
        """Yield one step for each moment a bar closes, with lows and highs; where one is missing, the last close.

        The worst prices of several instruments in one bar are taken as if they came together.
        """
        closes = [series.times[place] for series in self._bars.values() for place in _between(series, after, until)]
        for time in sorted(set(closes)):
            yield Step(moment_of(time), {symbol: self._span(symbol, time) for symbol in self._priced(time)})

    def _priced(self, time: int) -> Iterator[str]:
        """Yield what has a price in the step that ends at `time`: a contract delivered just then its last."""
        for symbol, instrument in self._instruments.items():
            expiry = instrument.expiry
            if expiry is None or self._bars[symbol].times[0] <= time <= milliseconds(expiry):
                yield symbol

    def _spot_of(self, instrument: Instrument) -> str:
        return f"{instrument.base}/{self._quote}"

    def _span(self, symbol: str, time: int) -> Span:
        series = self._bars[symbol]
        place = series.last_at(time)
        if place >= 0 and series.times[place] == time:
            return series.span(place)
        known = self._known(symbol, moment_of(time))
        return Span(known, known, known)

    def _known(self, symbol: str, moment: datetime) -> Decimal:
        """Return the last close however old it is: what was settled then was settled at some price."""
        series = self._bars[symbol]
        place = series.last_at(milliseconds(moment))
        if place < 0:
            raise _unavailable(f"{symbol} price", moment)
        return series.number(CLOSE, place)

    def _close(self, symbol: str, moment: datetime) -> Decimal:
        series = self._bars[symbol]
        place = series.last_at(milliseconds(moment))
        if place < 0 or moment - moment_of(series.times[place]) > self._max_gap:
            raise _unavailable(f"{symbol} price", moment)
        return series.number(CLOSE, place)


def _between(series: Track, after: datetime, until: datetime) -> range:
    """Return the places of the rows later than `after` and not later than `until`."""
    return range(series.last_at(milliseconds(after)) + 1, series.last_at(milliseconds(until)) + 1)


def _rules(symbol: str, quote: str, price: Decimal, recording: Recording) -> Instrument:
    """Return the modelled rules of an instrument whose coin stood at `price` when the record began."""
    kind, asset = kind_of(symbol), symbol.partition("/")[0]
    if kind.is_dated:
        listed_at, expiry = moment_of(recording.dated[symbol].times[0]), moment_of(recording.expiries[symbol])
        return dated_future(kind, asset, quote, price, listed_at=listed_at, expiry=expiry)
    if kind is Kind.INVERSE_PERPETUAL:
        return inverse_perpetual(asset, price)
    return spot_market(asset, quote, price) if kind.is_spot else perpetual(asset, quote, price)


def _more(recording: Recording, wanted: Wanted) -> str:
    """Return what is unusual about a market, in words: more kinds, spot from elsewhere, no funding."""
    kinds = {kind_of(symbol) for symbol in (*recording.bars, *recording.dated)} - USUAL_KINDS
    words = f" kinds=+{','.join(sorted(kinds))}" if kinds else ""
    if wanted.spot_from is not None:
        words += f" spot-from={wanted.spot_from}"
    return words if wanted.funding else f"{words} without-funding"


def _unavailable(part: str, moment: datetime) -> SnapshotUnavailable:
    return SnapshotUnavailable(
        f"no recorded {part} at {moment.isoformat()}",
        part=part,
        mend="begin later, end earlier, or allow a longer gap in the record",
    )
