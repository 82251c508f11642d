"""What became of a plan's legs, as words and as a sum: planned cost beside the real one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from bot.domain.intent import IntentState
from bot.domain.numbers import ZERO
from bot.domain.order import (
    CancelRequest,
    Fill,
    Leg,
    OrderReport,
    OrderRequest,
    OrderStatus,
    TransferReport,
    TransferRequest,
)
from bot.domain.plan import Approved
from bot.domain.record import CycleRecord
from bot.domain.snapshot import Snapshot
from bot.policy.exposure import spot_price
from bot.report.figures import coins, plain_words, price, symbol_words

Report = OrderReport | TransferReport


class LegOutcome(Protocol):
    """What became of one approved leg; bot.execution.sending.Outcome is one."""

    @property
    def approved(self) -> Approved:
        """The proposal it belongs to."""

    @property
    def leg(self) -> Leg:
        """The leg it is about, as it was sent."""

    @property
    def report(self) -> Report | None:
        """What the venue told, None when there is nothing."""

    @property
    def state(self) -> IntentState | None:
        """The intent's last state; None when nothing was sent or a report says it all."""

    @property
    def note(self) -> str:
        """Why there is no report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How the legs of one plan ended. `cost` is the real one in quote currency, None when a fee has no price."""

    filled: int
    waiting: int
    partly: int
    unfilled: int
    transferred: int
    failed: int
    unknown: int
    skipped: int
    cost: Decimal | None
    planned: Decimal

    @property
    def complete(self) -> bool:
        """Whether every leg was carried out in full."""
        return not (self.partly or self.unfilled or self.failed or self.unknown or self.skipped)


def tally(record: CycleRecord, outcomes: Sequence[LegOutcome]) -> Tally:
    """Return how many legs ended how; approved legs without an outcome count as skipped."""
    ends = [how_it_ended(outcome.report, outcome.state) for outcome in outcomes]
    approved = record.decision.verdict.approved
    legs = sum(len(one.proposal.legs) for one in approved)
    reports = [outcome.report for outcome in outcomes if isinstance(outcome.report, OrderReport)]
    return Tally(
        filled=ends.count("filled"),
        waiting=ends.count("waiting"),
        partly=ends.count("partly"),
        unfilled=ends.count("unfilled"),
        transferred=ends.count("transferred"),
        failed=ends.count("failed"),
        unknown=ends.count("unknown"),
        skipped=ends.count("skipped") + max(legs - len(outcomes), 0),
        cost=real_cost(record.snapshot, [fill for report in reports for fill in report.fills], quote_of(record)),
        planned=sum((one.proposal.cost for one in approved), ZERO),
    )


def quote_of(record: CycleRecord) -> str:
    """Return the currency a cycle was decided in: that of the spot markets its core was valued on."""
    prices = {asset: record.decision.exposure.assets[asset].price for asset in record.decision.drift.assets}
    for symbol, instrument in record.snapshot.instruments.items():
        market = record.snapshot.quotes.get(symbol)
        if instrument.kind.is_spot and market is not None and prices.get(instrument.base) == market.mid:
            return instrument.quote
    return ""


def how_it_ended(report: Report | None, state: IntentState | None) -> str:
    """Return one word: filled, waiting, partly, unfilled, transferred, failed, unknown or skipped."""
    if isinstance(report, TransferReport):
        return "transferred"
    if report is None:
        if state is None:
            return "skipped"
        return "unknown" if state is IntentState.AMBIGUOUS else "failed"
    if report.filled >= report.ordered:
        return "filled"
    if waits(report):
        return "waiting"
    return "partly" if report.filled else "unfilled"


def waits(report: OrderReport) -> bool:
    """Whether an order rests at the venue as it should: a stop that was not reached."""
    return report.status is OrderStatus.OPEN and not report.filled


def real_cost(snapshot: Snapshot, fills: Iterable[Fill], quote: str) -> Decimal | None:
    """Return fees and slippage of fills in quote currency, against the prices the plan was made on.

    Σ fee × price of its asset + side × notional × (fill price ÷ planned price − 1). None where a fee
    asset or an instrument has no price in the snapshot: unknown is not zero.
    """
    total = ZERO
    for fill in fills:
        market, instrument = snapshot.quotes.get(fill.symbol), snapshot.instruments.get(fill.symbol)
        fee_price = spot_price(snapshot, fill.fee_asset, quote)
        if market is None or instrument is None or fee_price is None:
            return None
        planned = market.valuation
        notional = instrument.notional(fill.quantity, planned)
        total += fill.fee * fee_price + fill.side.sign * notional * (fill.price / planned - 1)
    return total


def leg_words(leg: Leg) -> str:
    """Return a leg: sell 0.105 BTC perp; 5,000 USDT spot → linear. Quantities are in order units."""
    if isinstance(leg, TransferRequest):
        return f"{price(leg.amount)} {leg.asset} {leg.source} → {leg.target}"
    if isinstance(leg, CancelRequest):
        return f"cancel a stop of {symbol_words(leg.symbol)}"
    if leg.trigger is not None:
        return f"stop {leg.side} {price(leg.quantity)} {symbol_words(leg.symbol)} at {price(leg.trigger)}"
    return f"{leg.side} {price(leg.quantity)} {symbol_words(leg.symbol)}"


def outcome_words(leg: Leg, report: Report | None, note: str) -> str:
    """Return what became of a leg: filled 69,983.1; 0.05 of 0.105 filled at 69,983.1, expired; the note."""
    if report is None:
        return plain_words(note) or "no answer, no reason given"
    if isinstance(report, TransferReport):
        return "moved"
    if waits(report) or isinstance(leg, CancelRequest):
        return str(report.status)
    average = coins(report.average_price, digits=10)
    if report.filled >= report.ordered:
        return f"filled {average}"
    if report.filled:
        return f"{price(report.filled)} of {price(report.ordered)} filled at {average}, rest {report.status}"
    limit = leg.price if isinstance(leg, OrderRequest) else None
    at = f" at {price(limit)}" if limit is not None else ""
    return f"nothing filled{at}: {report.status}{f' ({plain_words(report.code, 40)})' if report.code else ''}"
