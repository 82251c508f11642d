"""One row of a venue's list as changes of balances."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.domain.instrument import WalletKind
from bot.domain.ledger import EntryKind
from bot.errors import NumberRefused
from bot.venues.row import LedgerSource, TradesSource
from bot.venues.scope import symbol_of
from bot.venues.translate import decimal, in_milliseconds, maybe, seek, summed

END_OF_SECOND = timedelta(milliseconds=999)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One change before it has its number: `order` keeps changes of one millisecond apart, the same each time."""

    at_ms: int
    order: str
    kind: EntryKind
    wallet: WalletKind
    asset: str
    change: Decimal
    symbol: str
    reference: str


def raw_lines(client: Any, row: Mapping[str, Any], source: LedgerSource, wallet: WalletKind) -> Iterator[Line]:
    """Yield a raw row's changes; raise NumberRefused for a word nobody knows and for a number that is missing."""
    if source.only is not None and str(seek(row, source.only[0])) not in source.only[1]:
        return
    kind = _kind(row, source)
    if kind is None:
        return
    at_ms = at_ms_of(row, source)
    asset = source.fixed_asset or str(seek(row, source.asset) or "").upper()
    if not asset:
        raise NumberRefused("a change of no coin")
    mine = source.wallets.get(str(seek(row, source.product) or ""), wallet)
    symbol = symbol_of(client, str(seek(row, source.symbol) or ""), mine) if source.symbol else ""
    reference = str(seek(row, source.reference) or seek(row, source.other_reference or source.reference) or "")
    parts = [(source.change, kind, source.sign), *source.splits] if source.change else list(source.splits)
    for place, (name, what, sign) in enumerate(parts):
        change = maybe(seek(row, name), f"{what} of a change")
        if change:
            yield Line(
                at_ms=at_ms,
                order=f"{source.call} {asset} {what} {symbol} {reference or at_ms} {place}",
                kind=what,
                wallet=mine,
                asset=asset,
                change=change * sign,
                symbol=symbol,
                reference=reference or f"{what}-{symbol or asset}-{at_ms}",
            )


def at_ms_of(row: Mapping[str, Any], source: LedgerSource) -> int:
    """Return when a change was, in milliseconds since 1970; raise NumberRefused where the row does not say.

    A time written out to the second is the end of that second: counted a little late is better than never.
    """
    told = seek(row, source.at)
    if not source.at_form:
        return int(decimal(told, "time of a change"))
    try:
        at = datetime.strptime(str(told), source.at_form).replace(tzinfo=UTC) + END_OF_SECOND
    except ValueError:
        raise NumberRefused(f"the time of a change is {str(told)[:40]!r}") from None
    return in_milliseconds(at)


def _kind(row: Mapping[str, Any], source: LedgerSource) -> EntryKind | None:
    if not source.kinds:
        return source.fixed_kind
    word = " ".join(str(seek(row, name) or "") for name in source.kind.split()).strip()
    if word not in source.kinds:
        raise NumberRefused(f"a change of the kind {word[:40]!r}, which Poise does not know")
    return source.kinds[word]


def trade_lines(row: Mapping[str, Any], source: TradesSource, wallet: WalletKind) -> Iterator[Line]:
    """Yield a trade's changes: what was exchanged or realised, and the fee; raise NumberRefused for what is missing."""
    symbol, reference = str(row["symbol"]), str(row["id"])
    at_ms = int(decimal(row.get("timestamp"), "time of a trade"))

    def line(place: int, kind: EntryKind, asset: str, change: Decimal) -> Line:
        return Line(
            at_ms=at_ms,
            order=f"trade {symbol} {reference} {place}",
            kind=kind,
            wallet=wallet,
            asset=asset,
            change=change,
            symbol=symbol,
            reference=reference,
        )

    sign = 1 if row["side"] == "buy" else -1
    pair, _, settle = symbol.partition(":")
    base, _, quote = pair.partition("/")
    if wallet is WalletKind.SPOT:
        amount, price = decimal(row.get("amount"), "amount of a trade"), decimal(row.get("price"), "price of a trade")
        yield line(0, EntryKind.FILL, base, sign * amount)
        yield line(1, EntryKind.FILL, quote, -sign * amount * price)
    elif source.profit:
        profit = maybe(seek(row["info"], source.profit), "profit of a trade")
        if profit:
            yield line(2, EntryKind.REALISED, settle.partition("-")[0], profit)
    if source.fees:
        for place, fee in enumerate(row.get("fees") or [row.get("fee") or {}]):
            paid = summed(row["info"], (source.paid,), "fee") if source.paid else decimal(fee.get("cost"), "fee")
            yield line(3 + place, EntryKind.FEE, str(fee["currency"]), -paid)
