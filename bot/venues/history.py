"""The market's past from the venue's public lists: closed bars, settled funding, open interest in coins."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from bot.domain.instrument import Instrument, kind_of
from bot.domain.reading import FundingPoint, History, Series, SeriesKind, candles_key
from bot.domain.snapshot import Candle, OpenInterest
from bot.errors import NumberRefused, SnapshotUnavailable
from bot.venues.asking import Reader
from bot.venues.connect import Connection
from bot.venues.scope import wallet_of
from bot.venues.translate import EPOCH, decimal, in_milliseconds, maybe, moment

MOST_PAGES = 50
PAGE = 500
FUNDING_PAGE = 100  # what every venue takes
NAMES = {60: "1m", 300: "5m", 900: "15m", 3600: "1h", 14400: "4h", 86400: "1d"}
CALLS = {
    SeriesKind.CANDLES: "fetchOHLCV",
    SeriesKind.FUNDING: "fetchFundingRateHistory",
    SeriesKind.OPEN_INTEREST: "fetchOpenInterestHistory",
}
LONGEST_INTERVAL = timedelta(hours=8)


async def read_history(
    connection: Connection,
    instruments: Mapping[str, Instrument],
    wanted: tuple[Series, ...],
    now: datetime,
    reader: Reader,
) -> History:
    """Return the series asked for, oldest first, closed bars only; one the venue does not have is left out.

    Raises SnapshotUnavailable where a series is there and could not be read.
    """
    possible = [one for one in wanted if _has(connection, one, instruments)]
    found = await asyncio.gather(*(_read(connection, instruments, one, now, reader) for one in possible))
    candles, funding, interest = {}, {}, {}
    for one, points in zip(possible, found, strict=True):
        match one.kind:
            case SeriesKind.CANDLES:
                candles[candles_key(one.symbol, one.seconds)] = points
            case SeriesKind.FUNDING:
                funding[one.symbol] = points
            case SeriesKind.OPEN_INTEREST:
                interest[one.symbol] = points
    return History(candles=candles, funding=funding, open_interest=interest)


def _has(connection: Connection, one: Series, instruments: Mapping[str, Instrument]) -> bool:
    client = connection.clients.get(wallet_of(kind_of(one.symbol)))
    if client is None or one.symbol not in client.markets:
        return False
    call = CALLS[one.kind]
    if not client.has.get(call) or call in connection.access.lacks:
        return False
    match one.kind:
        case SeriesKind.CANDLES:
            return NAMES.get(one.seconds) in (client.timeframes or {})
        case SeriesKind.FUNDING:
            return True
        case SeriesKind.OPEN_INTEREST:
            return one.symbol in instruments


async def _read(
    connection: Connection, instruments: Mapping[str, Instrument], one: Series, now: datetime, reader: Reader
) -> Any:
    client = connection.clients[wallet_of(kind_of(one.symbol))]
    try:
        match one.kind:
            case SeriesKind.CANDLES:
                return await read_candles(client, one, now, reader)
            case SeriesKind.FUNDING:
                begin = now - LONGEST_INTERVAL * (one.count + 1)
                return (await read_funding(connection, one.symbol, (begin, now), reader))[-one.count :]
            case SeriesKind.OPEN_INTEREST:
                return await _read_interest(client, instruments[one.symbol], one, now, reader)
    except NumberRefused as error:
        raise SnapshotUnavailable(f"{one.kind} of {one.symbol}: {error.message}", part=f"{one.kind}") from None


async def read_candles(client: Any, one: Series, now: datetime, reader: Reader) -> tuple[Candle, ...]:
    """Return the newest closed bars of a series, each once, oldest first; a bar still open at `now` is left out."""
    bar = timedelta(seconds=one.seconds)
    begin = now - bar * (one.count + 1)
    found: dict[int, Candle] = {}
    for _ in range(MOST_PAGES):
        rows = await reader.read(
            f"candles of {one.symbol}",
            lambda begin=begin: client.fetch_ohlcv(one.symbol, NAMES[one.seconds], in_milliseconds(begin), PAGE),  # type: ignore[misc]
        )
        bars = [_candle(row, one) for row in rows]
        found.update({in_milliseconds(candle.opened_at): candle for candle in bars})
        newest = max((candle.opened_at for candle in bars), default=None)
        if newest is None or newest + bar >= now - bar or newest + bar <= begin:
            break
        begin = newest + bar
    else:
        raise _cut_short(f"candles of {one.symbol}", one.kind)
    closed = [candle for _, candle in sorted(found.items()) if candle.opened_at + bar <= now]
    return tuple(closed[-one.count :])


def _cut_short(what: str, kind: SeriesKind) -> SnapshotUnavailable:
    return SnapshotUnavailable(f"{what} has more rows than Poise reads at once", part=f"{kind}")


def _candle(row: list[Any], one: Series) -> Candle:
    return Candle(
        symbol=one.symbol,
        opened_at=moment(row[0], "time of a bar"),
        seconds=one.seconds,
        open=decimal(row[1], "open"),
        high=decimal(row[2], "high"),
        low=decimal(row[3], "low"),
        close=decimal(row[4], "close"),
        volume=maybe(row[5], "volume") if len(row) > 5 else None,  # noqa: PLR2004 - the sixth of a row
    )


async def read_funding(
    connection: Connection, symbol: str, span: tuple[datetime, datetime], reader: Reader
) -> tuple[FundingPoint, ...]:
    """Return the settlements of a span, oldest first, each with the hours since the one before: the real interval.

    The first has no settlement before it to measure from and is left out.
    """
    wallet = wallet_of(kind_of(symbol))
    client, page = connection.clients[wallet], connection.row.products[wallet].funding_page
    (begin, now), found = span, dict[int, Decimal]()
    for number in range(1, MOST_PAGES + 1):
        params = {page: number} if page else {}
        rows = await reader.read(
            f"funding of {symbol}",
            lambda begin=begin, params=params: client.fetch_funding_rate_history(  # type: ignore[misc]
                symbol, in_milliseconds(begin), FUNDING_PAGE, params
            ),
        )
        known = len(found)
        for row in rows:
            found[int(decimal(row.get("timestamp"), "time of funding"))] = decimal(
                row.get("fundingRate"), "funding rate"
            )
        if len(found) == known or (page and len(rows) < FUNDING_PAGE):
            break
        begin = begin if page else EPOCH + timedelta(milliseconds=max(found) + 1)
        if begin >= now:
            break
    else:
        raise _cut_short(f"funding of {symbol}", SeriesKind.FUNDING)
    return _with_intervals(symbol, {at: rate for at, rate in found.items() if at <= in_milliseconds(now)})


def _with_intervals(symbol: str, rates: Mapping[int, Decimal]) -> tuple[FundingPoint, ...]:
    return tuple(
        FundingPoint(
            symbol=symbol,
            at=EPOCH + timedelta(milliseconds=at),
            rate=rates[at],
            interval_hours=Decimal(round((at - before) / 3_600_000)),
        )
        for before, at in pairwise(sorted(rates))
        if round((at - before) / 3_600_000) > 0
    )


async def _read_interest(
    client: Any, instrument: Instrument, one: Series, now: datetime, reader: Reader
) -> tuple[OpenInterest, ...]:
    """Return open interest in coins: told as an amount it is in order units; told as a value only, it is left out."""
    begin = now - timedelta(seconds=one.seconds) * (one.count + 1)
    found: dict[int, OpenInterest] = {}
    for _ in range(MOST_PAGES):
        rows = await reader.read(
            f"open interest of {one.symbol}",
            lambda begin=begin: client.fetch_open_interest_history(  # type: ignore[misc]
                one.symbol, NAMES[one.seconds], in_milliseconds(begin), 200
            ),
        )
        known = len(found)
        for row in rows:
            amount = maybe(row.get("openInterestAmount"), "open interest")
            at = moment(row.get("timestamp"), "time of open interest")
            if amount is not None and not instrument.kind.is_inverse:
                coins = amount * instrument.contract_size
                found[in_milliseconds(at)] = OpenInterest(symbol=one.symbol, coins=coins, at=at)
        if len(found) == known:
            break
        begin = EPOCH + timedelta(milliseconds=max(found) + 1)
        if begin >= now:
            break
    else:
        raise _cut_short(f"open interest of {one.symbol}", one.kind)
    return tuple(point for _, point in sorted(found.items()) if point.at <= now)[-one.count :]
