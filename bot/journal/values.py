"""Values from rows: each fact as the domain knows it."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from bot.canonical import from_text
from bot.domain.instrument import WalletKind
from bot.domain.intent import Intent
from bot.domain.ledger import EntryKind, LedgerEntry
from bot.domain.memory import PricePoint
from bot.domain.order import (
    Fill,
    Liquidity,
    OrderReport,
    OrderRequest,
    OrderStatus,
    OrderType,
    Part,
    Side,
    Sleeve,
    TransferRequest,
)
from bot.domain.record import Settlement
from bot.domain.snapshot import Snapshot
from bot.errors import JournalCorrupt, NumberRefused

Value = TypeVar("Value")
Given = ParamSpec("Given")
Columns = Mapping[str, Any]


def _readable(make: Callable[Given, Value]) -> Callable[Given, Value]:
    """Return `make` with what garbled cells raise said as JournalCorrupt."""

    @wraps(make)
    def made(*args: Given.args, **kwargs: Given.kwargs) -> Value:
        try:
            return make(*args, **kwargs)
        except (ValueError, TypeError, LookupError, ArithmeticError, NumberRefused):
            raise JournalCorrupt(
                "a row of the journal cannot be read", mend="poise journal verify says which, and deploy/RUNBOOK.md how"
            ) from None

    return made


@_readable
def to_intent(row: Columns) -> Intent:
    """Return the intent that a row, joined with its terms, stands for."""
    return Intent(
        client_order_id=row["client_order_id"], cycle=row["cycle"], leg=row["leg"], at=row["at"], request=to_order(row)
    )


@_readable
def to_order(row: Columns) -> OrderRequest:
    """Return the order that an intent's row asks for; without terms it has neither trigger nor parts."""
    return OrderRequest(
        symbol=row["symbol"],
        side=Side(row["side"]),
        quantity=row["quantity"],
        price=row["price"],
        type=OrderType(row["type"]),
        reduce_only=row["reduce_only"],
        sleeve=Sleeve(row["sleeve"]),
        trigger=row["trigger"],
        parts=to_parts(row),
    )


@_readable
def to_parts(row: Columns) -> tuple[Part, ...]:
    """Return the sleeves' parts of an order; none where all of it belongs to one."""
    parts: str | None = row["parts"]
    return () if parts is None else from_text(tuple[Part, ...], parts)


@_readable
def to_transfer(row: Columns) -> TransferRequest:
    """Return the transfer a row asks for."""
    return TransferRequest(
        asset=row["asset"],
        amount=row["amount"],
        source=WalletKind(row["source"]),
        target=WalletKind(row["target"]),
        sleeve=Sleeve(row["sleeve"]),
    )


@_readable
def to_fill(row: Columns) -> Fill:
    """Return the trade a row stands for."""
    return Fill(
        trade_id=row["trade_id"],
        client_order_id=row["client_order_id"],
        symbol=row["symbol"],
        side=Side(row["side"]),
        quantity=row["quantity"],
        price=row["price"],
        fee=row["fee"],
        fee_asset=row["fee_asset"],
        liquidity=Liquidity(row["liquidity"]),
        at=row["at"],
    )


@_readable
def to_report(row: Columns, fills: tuple[Fill, ...]) -> OrderReport:
    """Return the report a row stands for, with the fills given."""
    return OrderReport(
        client_order_id=row["client_order_id"],
        venue_order_id=row["venue_order_id"],
        symbol=row["symbol"],
        status=OrderStatus(row["status"]),
        ordered=row["ordered"],
        fills=fills,
        at=row["at"],
        code=row["code"],
    )


def prices_of(snapshot: Snapshot) -> dict[str, PricePoint]:
    """Return the mids of a snapshot."""
    return {symbol: PricePoint(at=snapshot.taken_at, price=quote.mid) for symbol, quote in snapshot.quotes.items()}


@_readable
def to_settlement(row: Columns) -> Settlement:
    """Return the settlement a row stands for."""
    return read_back(Settlement, row["payload"])


@_readable
def read_back(kind: type[Value], text: str) -> Value:
    """Return the value a payload stands for."""
    return from_text(kind, text)


@_readable
def to_entry(row: Columns) -> LedgerEntry:
    """Return the ledger entry a row stands for."""
    return LedgerEntry(
        sequence=row["sequence"],
        at=row["at"],
        kind=EntryKind(row["kind"]),
        wallet=WalletKind(row["wallet"]),
        asset=row["asset"],
        change=row["change"],
        symbol=row["symbol"],
        reference=row["reference"],
    )


@_readable
def observed(payload: str, instruments: str) -> Snapshot:
    """Return the snapshot two payloads stand for."""
    plain = json.loads(payload)
    plain["instruments"] = json.loads(instruments)
    return from_text(Snapshot, json.dumps(plain))


@_readable
def observed_prices(payload: str, at: datetime) -> dict[str, PricePoint]:
    """Return the mids of a snapshot's payload, without making the whole of it."""
    return {
        symbol: PricePoint(at=at, price=(Decimal(quote["bid"]) + Decimal(quote["ask"])) / 2)
        for symbol, quote in json.loads(payload)["quotes"].items()
    }
