"""What changed the balances, read from the venue's own lists, with one sign: received is positive."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from bot.domain.instrument import Instrument, WalletKind
from bot.domain.ledger import EntryKind, LedgerEntry
from bot.errors import NumberRefused, SnapshotUnavailable
from bot.venues.asking import Reader
from bot.venues.connect import Connection
from bot.venues.ledger_rows import Line, raw_lines, trade_lines
from bot.venues.paging import pages
from bot.venues.row import LedgerSource, TradesSource
from bot.venues.snapshot import SEQUENCES_PER_MILLISECOND
from bot.venues.translate import EPOCH

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
    part = f"trades of {symbol}" if isinstance(source, TradesSource) else "ledger"
    found: dict[str, Line] = {}
    for window in windows(span, source.window):
        async for rows in pages(client, source, symbol, window, reader, part):
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
