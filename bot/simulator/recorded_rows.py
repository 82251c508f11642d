"""The rows of recorded files: packed into arrays as whole numbers, each checked as it is read.

Numbers are kept as whole hundred-millionths, so that the text of the file and the Decimal given out are
the same number.
"""

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from bot.domain.instrument import Kind, kind_of
from bot.simulator.market import Span
from bot.simulator.recorded_wanted import Wanted

SCALE = Decimal(100_000_000)
LOW, HIGH, CLOSE, OPEN = 0, 1, 2, 3
RATE, INTERVAL = 0, 1
INTEREST, IN_COINS = 0, 1
DAILY = "1d"
BAR_COLUMNS = ("ts_ms", "venue", "market", "symbol", "timeframe", "open", "high", "low", "close")
FUNDING_COLUMNS = ("ts_ms", "venue", "symbol", "interval_h", "funding_rate")
INTEREST_COLUMNS = ("ts_ms", "venue", "symbol", "timeframe", "oi_close", "unit")
_EXPIRY = "expiry_ms"
_DAY_MILLISECONDS = 86_400_000
_MARKETS = {
    "spot": Kind.SPOT,
    "perp_linear": Kind.LINEAR_PERPETUAL,
    "perp_inverse": Kind.INVERSE_PERPETUAL,
    "future_linear": Kind.LINEAR_FUTURE,
    "future_inverse": Kind.INVERSE_FUTURE,
}

Row = tuple[int, tuple[int, ...]]
Found = tuple[str, str, Row]
Lines = Iterator[list[str]]


@dataclass(slots=True)
class Track:
    """Rows of whole numbers by time (milliseconds), in order once `ordered` was called."""

    times: "array[int]" = field(default_factory=lambda: array("q"))
    columns: "tuple[array[int], ...]" = ()

    def add(self, row: Row) -> None:
        """Append one row."""
        time, values = row
        if not self.columns:
            self.columns = tuple(array("q") for _ in values)
        self.times.append(time)
        for column, value in zip(self.columns, values, strict=True):
            column.append(value)

    def ordered(self) -> "Track":
        """Return the rows by time, the first where a time occurs twice; itself when they are so already."""
        if all(a < b for a, b in zip(self.times, self.times[1:], strict=False)):
            return self
        rows: dict[int, tuple[int, ...]] = {}
        for time, *values in zip(self.times, *self.columns, strict=True):
            rows.setdefault(time, tuple(values))
        result = Track()
        for time in sorted(rows):
            result.add((time, rows[time]))
        return result

    def until(self, time: int) -> "Track":
        """Return the rows not later than `time`."""
        result, end = Track(), self.last_at(time) + 1
        result.times = self.times[:end]
        result.columns = tuple(column[:end] for column in self.columns)
        return result

    def last_at(self, time: int) -> int:
        """Return the place of the last row not later than `time`, −1 when there is none."""
        return bisect_right(self.times, time) - 1

    def number(self, column: int, place: int) -> Decimal:
        """Return one number as it was written."""
        return self.columns[column][place] / SCALE

    def span(self, place: int) -> Span:
        """Return low, high and close of one bar."""
        return Span(self.number(LOW, place), self.number(HIGH, place), self.number(CLOSE, place))


def daily_name(symbol: str) -> str:
    """Return the name under which daily bars are kept beside shorter ones."""
    return f"daily {symbol}"


def funding_name(symbol: str) -> str:
    """Return the name under which a perpetual's funding is kept."""
    return f"funding {symbol}"


def interest_name(symbol: str) -> str:
    """Return the name under which a contract's open interest is kept."""
    return f"interest {symbol}"


def rows_of(header: Sequence[str], lines: Lines, wanted: Wanted, expiries: dict[str, int]) -> Iterator[Found]:
    """Yield venue, name and row of every line wanted; nothing for a file of a kind not known.

    A bar's time is its close. Deliveries (milliseconds) are put into `expiries` by symbol. Raises
    ValueError, IndexError or InvalidOperation for a line that is none.
    """
    for columns, read in ((BAR_COLUMNS, _bars), (FUNDING_COLUMNS, _rates), (INTEREST_COLUMNS, _interest)):
        if set(columns) <= set(header):
            places = [header.index(name) for name in columns]
            if read is _bars and _EXPIRY in header:
                lines = _dated(lines, header, wanted, expiries)
            return read(lines, places, wanted)
    return iter(())


def _dated(lines: Lines, header: Sequence[str], wanted: Wanted, expiries: dict[str, int]) -> Lines:
    """Yield the lines, remembering when each contract is delivered; a line that says otherwise is no line."""
    symbol, expiry = header.index("symbol"), header.index(_EXPIRY)
    known: set[tuple[str, str]] = set()
    for row in lines:
        said = (row[symbol], row[expiry])
        if said not in known and row[expiry] and wanted.takes(row[symbol]):
            known.add(said)
            delivery = int(row[expiry])
            if expiries.setdefault(row[symbol], delivery) != delivery:
                raise ValueError(f"{row[symbol]} is delivered at {delivery} and at {expiries[row[symbol]]}")
        yield row


def _bars(lines: Lines, places: list[int], wanted: Wanted) -> Iterator[Found]:
    time, venue, market, symbol, timeframe, *prices = places
    names = _names(wanted)
    for row in lines:
        name, length = names(row[market], row[symbol], row[timeframe])
        if name:
            opened, high, low, close = (_price(row[place]) for place in prices)
            if not low <= close <= high or not low <= opened <= high:
                raise ValueError(
                    f"open {row[prices[0]]} or close {row[prices[3]]} is outside low {row[prices[2]]}"
                    f" and high {row[prices[1]]}"
                )
            yield row[venue], name, (int(row[time]) + length, (low, high, close, opened))


def _names(wanted: Wanted) -> Callable[[str, str, str], tuple[str, int]]:
    """Return what says under which name a bar is kept, empty for none, and how many milliseconds it lasts."""
    known: dict[tuple[str, str, str], tuple[str, int]] = {}
    length = wanted.bar_milliseconds

    def named(market: str, symbol: str, timeframe: str) -> tuple[str, int]:
        key = (market, symbol, timeframe)
        if key not in known:
            known[key] = ("", 0)
            if _MARKETS.get(market) is kind_of(symbol) and wanted.takes(symbol):
                if timeframe == wanted.timeframe:
                    known[key] = (symbol, length)
                elif timeframe == DAILY and market == Kind.SPOT and length < _DAY_MILLISECONDS:
                    known[key] = (daily_name(symbol), _DAY_MILLISECONDS)
        return known[key]

    return named


def _rates(lines: Lines, places: list[int], wanted: Wanted) -> Iterator[Found]:
    time, venue, symbol, interval, rate = places
    for row in lines:
        if not kind_of(row[symbol]).is_dated and wanted.takes(row[symbol]):
            yield row[venue], funding_name(row[symbol]), (int(row[time]), (_whole(row[rate]), _whole(row[interval])))


def _interest(lines: Lines, places: list[int], wanted: Wanted) -> Iterator[Found]:
    """Yield the open interest of each day over; of coin-margined contracts too when only linear ones are traded."""
    time, venue, symbol, timeframe, value, unit = places
    watched = {*wanted.perpetuals(frozenset({Kind.LINEAR_PERPETUAL, Kind.INVERSE_PERPETUAL}))}
    for row in lines:
        if row[symbol] in watched and row[timeframe] == DAILY:
            if row[unit] not in ("USD", row[symbol].partition("/")[0]):
                raise ValueError(f"open interest in {row[unit]!r} is neither in USD nor in coins")
            in_coins = _whole("0" if row[unit] == "USD" else "1")
            known_at = int(row[time]) + _DAY_MILLISECONDS
            yield row[venue], interest_name(row[symbol]), (known_at, (_whole(row[value]), in_coins))


def _whole(text: str) -> int:
    """Return a number as whole hundred-millionths; raise ValueError when it has finer digits or is none."""
    scaled = Decimal(text) * SCALE
    if not scaled.is_finite() or scaled != int(scaled):
        raise ValueError(f"{text!r} is no number of at most eight decimals")
    return int(scaled)


def _price(text: str) -> int:
    price = _whole(text)
    if price <= 0:
        raise ValueError(f"price {text} is not above zero")
    return price
