"""A market of recorded history: at any moment only bars that have closed are known.

Prices, funding and their times are the record's. Spread, depth and volume are modelled, and so are the
trading rules: the files do not hold them.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from heapq import merge
from itertools import groupby
from pathlib import Path

from bot.domain.instrument import Instrument
from bot.domain.reading import History, Series
from bot.domain.snapshot import FundingRate, Quote
from bot.errors import SnapshotUnavailable
from bot.simulator.history import Recording, Track, Wanted, read_history
from bot.simulator.listing import liquidity, perpetual, spot_market
from bot.simulator.market import FundingSettlement, Span, Step, quote_around

SPREAD_BP = Decimal(1)
_RATE, _INTERVAL = 0, 1
_CLOSE = 2
_ZERO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


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
    gap = max_gap or 2 * wanted.bar_milliseconds * _MILLISECOND
    return RecordedMarket(history, wanted, spread_bp=spread_bp, max_gap=gap)


def _milliseconds(moment: datetime) -> int:
    return (moment - _ZERO_TIME) // _MILLISECOND


def _moment(milliseconds: int) -> datetime:
    return _ZERO_TIME + milliseconds * _MILLISECOND


class RecordedMarket:
    """Implements Market; made by `recorded_market`."""

    def __init__(self, history: Recording, wanted: Wanted, *, spread_bp: Decimal, max_gap: timedelta) -> None:
        self._bars = history.bars
        self._funding = history.funding
        self._max_gap = max_gap
        self._instruments: dict[str, Instrument] = {}
        for asset, symbol in zip(wanted.assets, wanted.spot, strict=True):
            price = self._bars[symbol].number(_CLOSE, 0)
            self._instruments[symbol] = spot_market(asset, wanted.quote, price)
            if wanted.contracts:
                contract = perpetual(asset, wanted.quote, price)
                self._instruments[contract.symbol] = contract
        self._liquidity = {symbol: liquidity(i, spread_bp) for symbol, i in self._instruments.items()}
        series = (*self._bars.values(), *self._funding.values())
        self._start = _moment(max(one.times[0] for one in series))
        self._end = _moment(min(one.times[-1] for one in self._bars.values()))
        assets = ",".join(wanted.assets)
        self._description = (
            f"recorded {history.venue} {wanted.timeframe} {assets} in {wanted.quote}"
            f" {self._start:%Y-%m-%d}..{self._end:%Y-%m-%d} spread={spread_bp}bp"
        )

    @property
    def description(self) -> str:
        """What was recorded where and when, in one line."""
        return self._description

    @property
    def instruments(self) -> Mapping[str, Instrument]:
        """The spot markets and perpetuals, with modelled rules."""
        return self._instruments

    @property
    def start(self) -> datetime:
        """The first moment at which every instrument has a closed bar and every perpetual a rate."""
        return self._start

    @property
    def end(self) -> datetime:
        """The close of the last bar that every instrument has."""
        return self._end

    def quotes(self, moment: datetime) -> dict[str, Quote]:
        """Return quotes around the close of each instrument's last closed bar.

        Raises SnapshotUnavailable naming symbol and moment when that bar is missing or too old.
        """
        closes = {symbol: self._close(symbol, moment) for symbol in self._instruments}
        return {
            symbol: quote_around(
                instrument,
                closes[symbol],
                moment,
                self._liquidity[symbol],
                index=None if instrument.kind.is_spot else closes[f"{instrument.base}/{instrument.quote}"],
            )
            for symbol, instrument in self._instruments.items()
        }

    def funding(self, moment: datetime) -> dict[str, FundingRate]:
        """Return the rates last paid: the ones about to be paid are not known before their time."""
        rates = {}
        for symbol, series in self._funding.items():
            place = series.last_at(_milliseconds(moment))
            interval = series.number(_INTERVAL, place) if place >= 0 else Decimal(0)
            next_at = _moment(series.times[place]) + timedelta(hours=int(interval)) if place >= 0 else self._start
            if place < 0 or moment - next_at > self._max_gap:
                raise _unavailable(f"{symbol} funding", moment)
            rates[symbol] = FundingRate(
                symbol=symbol,
                rate=series.number(_RATE, place),
                interval_hours=interval,
                next_at=max(next_at, moment),
            )
        return rates

    def settlements(self, after: datetime, until: datetime) -> tuple[FundingSettlement, ...]:
        """Return the funding recorded in the time given, at the perpetual's close known then."""
        paid = []
        for symbol, series in self._funding.items():
            for place in _between(series, after, until):
                at = _moment(series.times[place])
                rate, mark = series.number(_RATE, place), self._known(symbol, at)
                paid.append(FundingSettlement(at=at, symbol=symbol, rate=rate, mark=mark))
        return tuple(sorted(paid, key=lambda payment: (payment.at, payment.symbol)))

    def instruments_at(self, moment: datetime) -> Mapping[str, Instrument]:
        """Return what is listed at `moment`: a dated contract until its delivery."""
        return {s: one for s, one in self._instruments.items() if one.expiry is None or moment < one.expiry}

    def settlement_price(self, symbol: str, at: datetime) -> Decimal:
        """Return the middle of the coin's spot market at `at`, in quote currency."""
        instrument = self._instruments[symbol]
        return self._known(f"{instrument.base}/{instrument.quote}", at)

    def history(self, wanted: tuple[Series, ...], moment: datetime) -> History:  # noqa: ARG002
        """Return the series asked for as known at `moment`."""
        return History(candles={}, funding={}, open_interest={})

    def path(self, after: datetime, until: datetime) -> Iterator[Step]:
        """Yield one step for each moment a bar closes, with lows and highs; where one is missing, the last close.

        The worst prices of several instruments in one bar are taken as if they came together.
        """
        closes = [self._bars[symbol].times for symbol in self._bars]
        places = [_between(self._bars[symbol], after, until) for symbol in self._bars]
        times = merge(*([times[place] for place in part] for times, part in zip(closes, places, strict=True)))
        for time, _ in groupby(times):
            yield Step(_moment(time), {symbol: self._span(symbol, time) for symbol in self._bars})

    def _span(self, symbol: str, time: int) -> Span:
        series = self._bars[symbol]
        place = series.last_at(time)
        if place >= 0 and series.times[place] == time:
            return series.span(place)
        known = self._known(symbol, _moment(time))
        return Span(known, known, known)

    def _known(self, symbol: str, moment: datetime) -> Decimal:
        """Return the last close however old it is: what was settled then was settled at some price."""
        series = self._bars[symbol]
        place = series.last_at(_milliseconds(moment))
        if place < 0:
            raise _unavailable(f"{symbol} price", moment)
        return series.number(_CLOSE, place)

    def _close(self, symbol: str, moment: datetime) -> Decimal:
        series = self._bars[symbol]
        place = series.last_at(_milliseconds(moment))
        if place < 0 or moment - _moment(series.times[place]) > self._max_gap:
            raise _unavailable(f"{symbol} price", moment)
        return series.number(_CLOSE, place)


def _between(series: Track, after: datetime, until: datetime) -> range:
    """Return the places of the rows later than `after` and not later than `until`."""
    return range(series.last_at(_milliseconds(after)) + 1, series.last_at(_milliseconds(until)) + 1)


def _unavailable(part: str, moment: datetime) -> SnapshotUnavailable:
    return SnapshotUnavailable(
        f"no recorded {part} at {moment.isoformat()}",
        part=part,
        mend="begin later, end earlier, or allow a longer gap in the record",
    )
