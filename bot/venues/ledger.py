"""What changed the balances, read from the venue's own lists, with one sign: received is positive."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from bot.domain.instrument import Instrument, WalletKind
from bot.domain.ledger import EntryKind, LedgerEntry
from bot.errors import NumberRefused, SnapshotUnavailable
from bot.venues.asking import Reader
from bot.venues.connect import Connection
from bot.venues.ledger_rows import Line, at_ms_of, raw_lines, trade_lines
from bot.venues.row import LedgerSource, TradesSource
from bot.venues.snapshot import SEQUENCES_PER_MILLISECOND
from bot.venues.translate import EPOCH, in_milliseconds, rows_of, seek

MOST_PAGES = 200
Span = tuple[datetime, datetime]


async def read_ledger(
    connection: Connection, instruments: Mapping[str, Instrument], after: int, until: datetime, reader: Reader
) -> tuple[LedgerEntry, ...]:
    """Return every change with a sequence above `after`, oldest first, up to `until` (the venue's time).

    A sequence is the millisecond times 1,000 plus the place within it. Raises SnapshotUnavailable for a row that
    cannot be read or a word nobody knows: an unknown change must not be left out of the books.
    """
    if after < 0:
        return ()
    span = (EPOCH + timedelta(milliseconds=after // SEQUENCES_PER_MILLISECOND), until)
    asked = [
        (wallet, source, one)
        for wallet, sources in connection.row.ledger.items()
        if wallet in connection.clients
        for source in sources
        if isinstance(source, TradesSource) or source.call not in connection.access.lacks
        for one in _each(source, instruments, wallet)
    ]
    try:
        found = await asyncio.gather(*(_lines(connection, *one, span, reader) for one in asked))
    except NumberRefused as error:
        raise SnapshotUnavailable(f"the ledger: {error.message}", part="ledger") from None
    lines = [line for some in found for line in some]
    return tuple(entry for entry in numbered(lines) if entry.sequence > after)


def _each(source: LedgerSource | TradesSource, instruments: Mapping[str, Instrument], wallet: WalletKind) -> list[str]:
    """Return the symbols a list is asked for one by one; a list that tells of all is asked once, for none."""
    if isinstance(source, LedgerSource) and not source.each:
        return [""]
    return sorted(symbol for symbol, one in instruments.items() if one.wallet is wallet)


async def _lines(
    connection: Connection,
    wallet: WalletKind,
    source: LedgerSource | TradesSource,
    symbol: str,
    span: Span,
    reader: Reader,
) -> list[Line]:
    """Return one list's changes over a span, window by window, page by page, each row once."""
    client = connection.clients[wallet]
    names = connection.access.asset_names
    found: dict[str, Line] = {}
    for window in windows(span, source.window):
        async for rows in _pages(client, source, symbol, window, reader):
            for row in rows:
                if isinstance(source, TradesSource):
                    lines = trade_lines(row, source, wallet)
                else:
                    lines = raw_lines(client, row, source, wallet)
                for line in lines:
                    found[line.order] = replace(line, asset=names.get(line.asset, line.asset))
    return list(found.values())


def windows(span: Span, longest: timedelta | None) -> list[Span]:
    """Return a span cut into pieces no longer than the venue tells at once."""
    begin, end = span
    if longest is None or end - begin <= longest:
        return [span]
    marks = [begin]
    while marks[-1] < end:
        marks.append(min(marks[-1] + longest, end))
    return list(pairwise(marks))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where in a list to go on: a span, the venue's cursor, the number of the page."""

    begin: datetime
    end: datetime
    cursor: str = ""
    page: int = 1


async def _pages(
    client: Any,
    source: LedgerSource | TradesSource,
    symbol: str,
    window: Span,
    reader: Reader,
) -> Any:
    """Yield pages of rows until one is not full; a page full of one moment cannot be passed, and is refused."""
    place: _Place | None = _Place(begin=window[0], end=window[1])
    for _ in range(MOST_PAGES):
        if place is None:
            return
        cursor = ""
        if isinstance(source, TradesSource):
            rows = await _trades(client, source, symbol, place, reader)
            times = [int(row.get("timestamp") or 0) for row in rows]
        else:
            answer, rows = await _raw(client, source, symbol, place, reader)
            times = [at_ms_of(row, source) for row in rows]
            cursor = str(seek(answer, source.next_cursor) or "") if source.next_cursor else ""
        yield rows
        place = _following(source, place, times, cursor)
    raise SnapshotUnavailable("the ledger has more rows than Poise reads at once", part="ledger")


def _following(source: LedgerSource | TradesSource, place: _Place, times: list[int], cursor: str) -> _Place | None:
    """Return where the next page is, None where there is none; raise SnapshotUnavailable where it cannot be passed."""
    by_cursor = isinstance(source, LedgerSource) and bool(source.next_cursor)
    if len(times) < source.most or (by_cursor and not cursor):
        return None
    if by_cursor:
        return replace(place, cursor=cursor)
    oldest, newest = (EPOCH + timedelta(milliseconds=edge(times)) for edge in (min, max))
    if source.page:
        return replace(place, page=place.page + 1) if oldest >= place.begin else None
    after_oldest = oldest + timedelta(milliseconds=1)  # whether the end is included differs from venue to venue
    if source.newest_first and oldest <= place.begin:
        return None
    can_go_back = isinstance(source, TradesSource) or bool(source.until)
    if source.newest_first and can_go_back and after_oldest < place.end:
        return replace(place, end=after_oldest)
    if not source.newest_first and newest > place.begin:
        return replace(place, begin=newest)
    raise SnapshotUnavailable("the ledger has more rows in one moment than the venue tells at once", part="ledger")


async def _trades(client: Any, source: TradesSource, symbol: str, place: _Place, reader: Reader) -> list[Any]:
    params = dict(source.params)
    if source.window is not None or source.newest_first:
        params[source.until] = in_milliseconds(place.end)
    if source.page:
        params[source.page] = place.page
    rows: list[Any] = await reader.read(
        f"trades of {symbol}",
        lambda: client.fetch_my_trades(symbol, in_milliseconds(place.begin), source.most, params),
    )
    return rows


async def _raw(
    client: Any,
    source: LedgerSource,
    symbol: str,
    place: _Place,
    reader: Reader,
) -> tuple[object, list[Mapping[str, Any]]]:
    params: dict[str, object] = dict(source.params)
    if source.each:
        params[source.each] = client.market(symbol)["id"]
    for name, value in (
        (source.since, in_milliseconds(place.begin)),
        (source.until, in_milliseconds(place.end)),
        (source.limit, source.most),
        (source.cursor, place.cursor),
        (source.page, place.page),
    ):
        if name and value != "":
            params[name] = value
    answer = await reader.read("ledger", lambda: getattr(client, source.call)(params))
    return answer, rows_of(answer, source.rows, "ledger")


def numbered(lines: Iterable[Line]) -> tuple[LedgerEntry, ...]:
    """Return the changes in order of time with their sequences; those of one millisecond by their stable order."""
    by_moment: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        by_moment[line.at_ms].append(line)
    found = []
    for at_ms in sorted(by_moment):
        for place, line in enumerate(sorted(by_moment[at_ms], key=lambda one: one.order)):
            if line.change or line.kind is EntryKind.DELIVERY:
                found.append(
                    LedgerEntry(
                        sequence=at_ms * SEQUENCES_PER_MILLISECOND + place,
                        at=EPOCH + timedelta(milliseconds=at_ms),
                        kind=line.kind,
                        wallet=line.wallet,
                        asset=line.asset,
                        change=line.change,
                        symbol=line.symbol,
                        reference=line.reference,
                    )
                )
    return tuple(found)
