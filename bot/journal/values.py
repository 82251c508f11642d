"""Values from rows: each fact as the domain knows it."""

from collections.abc import Mapping
from typing import Any

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
    Side,
    Sleeve,
    TransferRequest,
)
from bot.domain.record import Settlement
from bot.domain.snapshot import Snapshot

Columns = Mapping[str, Any]


def to_intent(row: Columns) -> Intent:
    """Return the intent a row stands for."""
    return Intent(
        client_order_id=row["client_order_id"], cycle=row["cycle"], leg=row["leg"], at=row["at"], request=to_order(row)
    )


def to_order(row: Columns) -> OrderRequest:
    """Return the order an intent's row asks for."""
    return OrderRequest(
        symbol=row["symbol"],
        side=Side(row["side"]),
        quantity=row["quantity"],
        price=row["price"],
        type=OrderType(row["type"]),
        reduce_only=row["reduce_only"],
        sleeve=Sleeve(row["sleeve"]),
    )


def to_transfer(row: Columns) -> TransferRequest:
    """Return the transfer a row asks for."""
    return TransferRequest(
        asset=row["asset"],
        amount=row["amount"],
        source=WalletKind(row["source"]),
        target=WalletKind(row["target"]),
        sleeve=Sleeve(row["sleeve"]),
    )


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


def to_settlement(row: Columns) -> Settlement:
    """Return the settlement a row stands for."""
    return from_text(Settlement, row["payload"])


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
