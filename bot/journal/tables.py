"""One append-only table for each kind of fact. Rows are for storing: values go in and come out elsewhere.

Every row has `seq`, its place in the one chain over all tables, and `hash`, which seals it to the row before.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Column, MetaData, String, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.journal.columns import DecimalText, Moment

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
metadata: MetaData = SQLModel.metadata


class Fact(SQLModel):
    """What all rows share: they are written and read as columns, so pydantic need not prepare to check them."""

    model_config = {"defer_build": True}


def _seq() -> Any:
    return Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))


def _hash() -> Any:
    return Field(sa_column=Column(String(64), nullable=False))


def _number(*, nullable: bool = False) -> Any:
    return Field(sa_column=Column(DecimalText, nullable=nullable))


def _moment(*, index: bool = False) -> Any:
    return Field(sa_column=Column(Moment, nullable=False, index=index))


def _text() -> Any:
    return Field(sa_column=Column(Text, nullable=False))


def _large(*, index: bool = False) -> Any:
    return Field(sa_column=Column(BigInteger, nullable=False, index=index))


class CycleRow(Fact, table=True):
    """A decided cycle; `memory` is canonical JSON."""

    __tablename__ = "cycle"
    seq: int = _seq()
    cycle: str = Field(unique=True)
    purpose: str = Field(index=True)
    applies: str = Field(index=True)
    venue: str
    account: str
    at: datetime = _moment(index=True)
    code_version: str
    policy_digest: str
    memory: str = _text()
    hash: str = _hash()


class SnapshotRow(Fact, table=True):
    """What a cycle observed, as canonical JSON without its instruments, which `instruments` refers to."""

    __tablename__ = "snapshot"
    seq: int = _seq()
    cycle: str = Field(index=True)
    taken_at: datetime = _moment()
    epoch: int = _large()
    instruments: str
    payload: str = _text()
    hash: str = _hash()


class InstrumentSetRow(Fact, table=True):
    """A set of instruments, stored once, by the digest of its canonical JSON."""

    __tablename__ = "instrument_set"
    seq: int = _seq()
    digest: str = Field(unique=True)
    payload: str = _text()
    hash: str = _hash()


class PolicyRow(Fact, table=True):
    """A policy's text, stored once, by its digest."""

    __tablename__ = "policy_text"
    seq: int = _seq()
    digest: str = Field(unique=True)
    name: str
    text: str = _text()
    hash: str = _hash()


class DecisionRow(Fact, table=True):
    """A cycle's decision as canonical JSON."""

    __tablename__ = "decision"
    seq: int = _seq()
    cycle: str = Field(index=True)
    payload: str = _text()
    hash: str = _hash()


class ProposalRow(Fact, table=True):
    """A proposal with the gate's verdict: approved, or denied with its breaches, or skipped with its reason."""

    __tablename__ = "proposal"
    seq: int = _seq()
    cycle: str = Field(index=True)
    number: int
    sleeve: str
    asset: str
    value: Decimal = _number()
    cost: Decimal = _number()
    verdict: str
    reason: str = _text()
    breaches: str = _text()
    hash: str = _hash()


class IntentRow(Fact, table=True):
    """One order to be sent at most once. `value` is its notional in quote currency when it was decided."""

    __tablename__ = "intent"
    seq: int = _seq()
    client_order_id: str = Field(unique=True)
    cycle: str = Field(index=True)
    leg: int
    symbol: str
    asset: str
    sleeve: str
    side: str
    type: str
    quantity: Decimal = _number()
    price: Decimal | None = _number(nullable=True)
    reduce_only: bool
    value: Decimal = _number()
    adds_risk: bool
    at: datetime = _moment(index=True)
    hash: str = _hash()


class IntentTermsRow(Fact, table=True):
    """What only some orders have: a stop's trigger, and the sleeves an order serves as canonical JSON."""

    __tablename__ = "intent_terms"
    seq: int = _seq()
    client_order_id: str = Field(unique=True)
    trigger: Decimal | None = _number(nullable=True)
    parts: str = _text()
    at: datetime = _moment()
    hash: str = _hash()


class IntentStateRow(Fact, table=True):
    """A state an intent came to."""

    __tablename__ = "intent_state"
    seq: int = _seq()
    client_order_id: str = Field(index=True)
    state: str
    at: datetime = _moment()
    note: str = _text()
    hash: str = _hash()


class OrderReportRow(Fact, table=True):
    """What the venue told of an order."""

    __tablename__ = "order_report"
    seq: int = _seq()
    client_order_id: str = Field(index=True)
    venue_order_id: str
    symbol: str
    status: str
    ordered: Decimal = _number()
    filled: Decimal = _number()
    code: str
    at: datetime = _moment()
    hash: str = _hash()


class FillRow(Fact, table=True):
    """One trade of one order, known once."""

    __tablename__ = "fill"
    __table_args__ = (UniqueConstraint("client_order_id", "symbol", "trade_id"),)
    seq: int = _seq()
    trade_id: str
    client_order_id: str
    symbol: str
    side: str
    quantity: Decimal = _number()
    price: Decimal = _number()
    fee: Decimal = _number()
    fee_asset: str
    liquidity: str
    at: datetime = _moment()
    hash: str = _hash()


class FundingPaymentRow(Fact, table=True):
    """One funding settlement; received is positive."""

    __tablename__ = "funding_payment"
    seq: int = _seq()
    sequence: int = _large()
    symbol: str
    asset: str
    change: Decimal = _number()
    at: datetime = _moment(index=True)
    hash: str = _hash()


class TransferRow(Fact, table=True):
    """A step of a transfer between own wallets."""

    __tablename__ = "transfer"
    seq: int = _seq()
    transfer_id: str = Field(index=True)
    cycle: str = Field(index=True)
    asset: str
    amount: Decimal = _number()
    source: str
    target: str
    sleeve: str
    state: str
    at: datetime = _moment(index=True)
    hash: str = _hash()


class LedgerEntryRow(Fact, table=True):
    """One change of one balance, as the venue booked it."""

    __tablename__ = "ledger_entry"
    seq: int = _seq()
    sequence: int = _large()
    kind: str
    wallet: str
    asset: str
    change: Decimal = _number()
    symbol: str
    reference: str
    at: datetime = _moment()
    hash: str = _hash()


class DiscrepancyRow(Fact, table=True):
    """A difference found by reconciling."""

    __tablename__ = "discrepancy"
    seq: int = _seq()
    cycle: str = Field(index=True)
    kind: str
    subject: str
    expected: Decimal = _number()
    actual: Decimal = _number()
    value: Decimal = _number()
    halts: bool
    note: str = _text()
    hash: str = _hash()


class SettlementRow(Fact, table=True):
    """How a cycle ended; `payload` is the whole settlement as canonical JSON."""

    __tablename__ = "settlement"
    seq: int = _seq()
    cycle: str = Field(index=True)
    epoch: int = _large()
    equity: Decimal = _number()
    unit: Decimal = _number()
    at: datetime = _moment(index=True)
    payload: str = _text()
    hash: str = _hash()


class EventRow(Fact, table=True):
    """A fact that is no order."""

    __tablename__ = "event"
    seq: int = _seq()
    kind: str
    text: str = _text()
    at: datetime = _moment()
    hash: str = _hash()


class HeadRow(Fact, table=True):
    """The one row that changes: the chain's length and its last hash."""

    __tablename__ = "chain_head"
    id: int = Field(primary_key=True)
    seq: int = _large()
    hash: str = _hash()


FACTS: tuple[type[SQLModel], ...] = (
    CycleRow,
    SnapshotRow,
    InstrumentSetRow,
    PolicyRow,
    DecisionRow,
    ProposalRow,
    IntentRow,
    IntentTermsRow,
    IntentStateRow,
    OrderReportRow,
    FillRow,
    FundingPaymentRow,
    TransferRow,
    LedgerEntryRow,
    DiscrepancyRow,
    SettlementRow,
    EventRow,
)
