"""What the journal keeps of a cycle, and the differences found when looking again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from bot.domain.memory import Memory, Performance
from bot.domain.order import Sleeve
from bot.domain.plan import Decision
from bot.domain.sleeves import NO_STATE, SleeveState
from bot.domain.snapshot import Balance, Position, Snapshot


class Purpose(StrEnum):
    """What a cycle was for: shown only, applied by a person, or run by the loop."""

    PLAN = "plan"
    APPLY = "apply"
    RUN = "run"


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleRecord:
    """One decided cycle with all it was decided from: enough to decide it again.

    `applies` is the plan an apply cycle carries out, else empty. `code_version` is Poise's own.
    """

    cycle: str
    purpose: Purpose
    applies: str
    venue: str
    account: str
    at: datetime
    code_version: str
    policy_text: str
    snapshot: Snapshot
    memory: Memory
    decision: Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleLine:
    """One cycle on one line: its proposals by verdict, its orders, and the equity it ended with."""

    cycle: str
    purpose: Purpose
    at: datetime
    policy: str
    proposals: int
    approved: int
    denied: int
    orders: int
    filled: int
    equity: Decimal | None


class DiscrepancyKind(StrEnum):
    """What a difference between expected and observed turned out to be."""

    EXTERNAL_FLOW = "external-flow"
    FOREIGN_FILL = "foreign-fill"
    FOREIGN_ORDER = "foreign-order"
    LIQUIDATION = "liquidation"
    OVERFILL = "overfill"
    UNEXPLAINED_BALANCE = "unexplained-balance"
    UNEXPLAINED_POSITION = "unexplained-position"
    FILL_MISMATCH = "fill-mismatch"
    UNEXPLAINED_RESULT = "unexplained-result"


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """One difference found by reconciling. `value` is its size in quote currency; `halts` openings when True."""

    kind: DiscrepancyKind
    subject: str
    expected: Decimal
    actual: Decimal
    value: Decimal
    halts: bool
    note: str


class Source(StrEnum):
    """Where a change of value came from."""

    PRICE = "price"
    BASIS = "basis"
    FUNDING = "funding"
    FEES = "fees"
    SLIPPAGE = "slippage"
    INTEREST = "interest"
    FLOWS = "flows"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfitLine:
    """What one sleeve gained (above zero) or lost from one source, in quote currency."""

    sleeve: Sleeve
    source: Source
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """How a cycle ended: the book as it was left, its flow-adjusted value, and what did not fit.

    `balances` and `positions` are what the next cycle's changes are reckoned from, `prices` what they were
    valued at (by symbol, quote currency). `profits` sum to the change of equity since the last settlement.
    """

    cycle: str
    at: datetime
    epoch: int
    ledger_sequence: int
    performance: Performance
    discrepancies: tuple[Discrepancy, ...]
    balances: tuple[Balance, ...]
    positions: Mapping[str, Position]
    prices: Mapping[str, Decimal] = field(default_factory=dict)
    profits: tuple[ProfitLine, ...] = ()
    sleeves: SleeveState = NO_STATE


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEvent:
    """A fact that is no order: started, stopped, paused, resumed, killed, error, limits changed."""

    at: datetime
    kind: str
    text: str
