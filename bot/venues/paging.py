"""Lists that a venue tells page by page: by time in either direction, by its cursor, or by the number of a page."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.errors import SnapshotUnavailable
from bot.venues.asking import Reader
from bot.venues.ledger_rows import at_ms_of
from bot.venues.row import LedgerSource, TradesSource
from bot.venues.translate import EPOCH, in_milliseconds, rows_of, seek

MOST_PAGES = 200
Source = LedgerSource | TradesSource
Rows = list[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in a list to go on: a span, the venue's cursor, the number of the page. Without an end it is now."""

    begin: datetime
    end: datetime | None
    cursor: str = ""
    page: int = 1


async def pages(
    client: Any, source: Source, symbol: str, span: tuple[datetime, datetime | None], reader: Reader, part: str
) -> AsyncIterator[Rows]:
    """Yield pages of rows until one is not full; rows at the edge of two may come twice.

    Raises SnapshotUnavailable naming `part` where a page cannot be read, for one that is full of a single moment and
    cannot be passed, and after MOST_PAGES.
    """
    place: Place | None = Place(begin=span[0], end=span[1])
    for _ in range(MOST_PAGES):
        if place is None:
            return
        cursor = ""
        if isinstance(source, TradesSource):
            rows = await _trades(client, source, symbol, place, reader, part)
            times = [int(row.get("timestamp") or 0) for row in rows]
        else:
            answer, rows = await _raw(client, source, symbol, place, reader, part)
            times = [at_ms_of(row, source) for row in rows]
            cursor = str(seek(answer, source.next_cursor) or "") if source.next_cursor else ""
        yield rows
        place = following(source, place, times, cursor, part)
    raise SnapshotUnavailable(f"{part}: there are more rows than Poise reads at once", part=part)


def following(source: Source, place: Place, times: list[int], cursor: str, part: str) -> Place | None:
    """Return where the next page is, None where there is none; raise SnapshotUnavailable where it cannot be passed.

    `times` are those of the page before, in milliseconds.
    """
    by_cursor = isinstance(source, LedgerSource) and bool(source.next_cursor)
    if not source.most or len(times) < source.most or (by_cursor and not cursor):
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
    if source.newest_first and can_go_back and (place.end is None or after_oldest < place.end):
        return replace(place, end=after_oldest)
    if not source.newest_first and newest > place.begin:
        return replace(place, begin=newest)
    raise SnapshotUnavailable(f"{part}: there are more rows in one moment than the venue tells at once", part=part)


async def _trades(client: Any, source: TradesSource, symbol: str, place: Place, reader: Reader, part: str) -> Rows:
    params = dict(source.params)
    if place.end is not None and (source.window is not None or source.newest_first):
        params[source.until] = in_milliseconds(place.end)
    if source.page:
        params[source.page] = place.page
    begin, most = in_milliseconds(place.begin), source.most or None
    rows: Rows = await reader.read(part, lambda: client.fetch_my_trades(symbol, begin, most, params))
    return rows


async def _raw(
    client: Any, source: LedgerSource, symbol: str, place: Place, reader: Reader, part: str
) -> tuple[object, Rows]:
    params: dict[str, object] = dict(source.params)
    if source.each:
        params[source.each] = client.market(symbol)["id"]
    for name, value in (
        (source.since, in_milliseconds(place.begin)),
        (source.until, "" if place.end is None else in_milliseconds(place.end)),
        (source.limit, source.most),
        (source.cursor, place.cursor),
        (source.page, place.page),
    ):
        if name and value != "":
            params[name] = value
    answer = await reader.read(part, lambda: getattr(client, source.call)(params))
    return answer, rows_of(answer, source.rows, part)
