"""Prices and funding, merged from as few calls as the venue allows; what is missing is named, never filled in."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.domain.instrument import Instrument, Kind, WalletKind
from bot.domain.snapshot import FundingRate, Quote
from bot.errors import NumberRefused, SnapshotUnavailable
from bot.venues.asking import Reader
from bot.venues.connect import Connection
from bot.venues.row import MarketRead, RawRows
from bot.venues.translate import decimal, moment, positive_or_none, rows_of, seek

UNIFIED = {
    "bid": ("bid",),
    "ask": ("ask",),
    "last": ("last", "close"),
    "volume": ("quoteVolume",),
    "mark": ("markPrice",),
    "index": ("indexPrice",),
    "rate": ("fundingRate",),
    "interval_hours": ("interval",),
}
PERPETUALS = (Kind.LINEAR_PERPETUAL, Kind.INVERSE_PERPETUAL)


@dataclass(slots=True)
class Seen:
    """What the calls said of one symbol so far, and when the first of them was answered."""

    numbers: dict[str, Decimal] = field(default_factory=dict)
    next_funding: list[datetime] = field(default_factory=list)
    at: datetime | None = None


async def read_market(
    connection: Connection, wallet: WalletKind, symbols: Iterable[str], reader: Reader
) -> dict[str, Seen]:
    """Return what a wallet's market calls say of the symbols; calls run together."""
    product, client = connection.row.products[wallet], connection.clients[wallet]
    wanted = sorted(symbols)
    if not wanted:
        return {}
    asked = [(read, one) for read in product.market_reads for one in (wanted if read.each else [""])]
    answers = await asyncio.gather(*(_ask(client, read, one, wanted, reader) for read, one in asked))
    found: dict[str, Seen] = {symbol: Seen() for symbol in wanted}
    for (read, one), answer in zip(asked, answers, strict=True):
        rows = {one: answer} if read.each else _by_symbol(answer)
        for symbol in wanted:
            if symbol in rows:
                _merge(found[symbol], rows[symbol], read)
            for name, number in read.otherwise.items():
                found[symbol].numbers.setdefault(name, number)
    return found


async def _ask(client: Any, read: MarketRead, one: str, wanted: list[str], reader: Reader) -> Any:
    if read.raw is not None:
        return await _raw_list(client, read, read.raw, reader)
    call, params = getattr(client, read.call), dict(read.params)
    if read.each:
        return await reader.read(f"{read.call} of {one}", lambda: call(one, params))
    return await reader.read(read.call, lambda: call(None if read.everything else wanted, params))


async def _raw_list(client: Any, read: MarketRead, raw: RawRows, reader: Reader) -> Mapping[str, Mapping[str, Any]]:
    """Return the rows of a public list by unified symbol; markets ccxt does not know are left out."""
    answer = await reader.read(read.call, lambda: client.request(raw.path, list(raw.section), "GET", dict(read.params)))
    listed = client.markets_by_id
    rows = ((str(seek(row, raw.market)), row) for row in rows_of(answer, raw.rows, read.call))
    return {str(listed[name][0]["symbol"]): {"info": row} for name, row in rows if listed.get(name)}


def _by_symbol(answer: object) -> Mapping[str, Mapping[str, Any]]:
    if isinstance(answer, Mapping):
        return answer
    if isinstance(answer, list):
        return {str(row.get("symbol")): row for row in answer}
    raise SnapshotUnavailable("prices came in no form Poise knows", part="quotes")


def _merge(seen: Seen, row: Mapping[str, Any], read: MarketRead) -> None:
    """Add what a row says that was not said before."""
    info = row.get("info") or {}
    for name, places in UNIFIED.items():
        raw = (
            seek(info, read.fields[name]) if name in read.fields else next((row[p] for p in places if row.get(p)), None)
        )
        if name in seen.numbers or raw is None or raw == "":
            continue
        text = str(raw).removesuffix("h") if name == "interval_hours" else raw
        seen.numbers[name] = decimal(text, name) * read.scale.get(name, Decimal(1))
    for raw in (seek(info, read.fields["next_ms"]),) if "next_ms" in read.fields else _next_settlements(row):
        if raw:
            seen.next_funding.append(moment(raw, "next funding"))
    told = seek(info, read.fields["at_ms"]) if "at_ms" in read.fields else None
    if told:
        at = moment(told, "time of the quote")
        seen.at = at if seen.at is None else min(seen.at, at)


def _next_settlements(row: Mapping[str, Any]) -> tuple[object, ...]:
    return (row.get("nextFundingTimestamp"), row.get("fundingTimestamp"))


def quote_of(instrument: Instrument, seen: Seen, received: datetime) -> Quote:
    """Return an instrument's quote, dated by the venue where it says when, else by when it was received.

    Raises SnapshotUnavailable naming the price that is missing. A contract needs its mark.
    """
    symbol, numbers = instrument.symbol, seen.numbers
    wanted = ("bid", "ask", "last") if instrument.kind.is_spot else ("bid", "ask", "last", "mark")
    for name in wanted:
        if positive_or_none(numbers.get(name), name) is None:
            raise SnapshotUnavailable(f"the venue tells no {name} of {symbol}", part=f"{name} of {symbol}")
    try:
        return Quote(
            symbol=symbol,
            bid=numbers["bid"],
            ask=numbers["ask"],
            last=numbers["last"],
            at=received if seen.at is None else min(seen.at, received),
            mark=None if instrument.kind.is_spot else numbers["mark"],
            index=None if instrument.kind.is_spot else positive_or_none(numbers.get("index"), "index"),
            volume_24h=numbers.get("volume"),
        )
    except NumberRefused as error:
        raise SnapshotUnavailable(error.message, part=f"quote of {symbol}") from None


def funding_of(instrument: Instrument, seen: Seen, now: datetime) -> FundingRate | None:
    """Return a perpetual's funding with its real interval; None for what has no funding.

    The next settlement is the first told that lies ahead (VENUES 5: the fields differ in meaning). Where the
    venue tells no interval it cannot be guessed: SnapshotUnavailable.
    """
    if instrument.kind not in PERPETUALS:
        return None
    ahead = sorted(at for at in seen.next_funding if at > now - timedelta(seconds=1))
    missing = [name for name in ("rate", "interval_hours") if name not in seen.numbers]
    if missing or not ahead:
        what = missing[0] if missing else "next settlement"
        raise SnapshotUnavailable(
            f"the venue tells no funding {what} of {instrument.symbol}", part=f"funding of {instrument.symbol}"
        )
    return FundingRate(
        symbol=instrument.symbol,
        rate=seen.numbers["rate"],
        interval_hours=seen.numbers["interval_hours"],
        next_at=ahead[0],
    )
