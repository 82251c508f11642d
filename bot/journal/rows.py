"""Rows from values: what each fact looks like in its table."""

import json
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from bot.canonical import digest, to_text
from bot.domain.intent import Intent
from bot.domain.ledger import EntryKind, LedgerEntry
from bot.domain.order import Fill, OrderReport, Side, Sleeve
from bot.domain.plan import Decision
from bot.domain.record import CycleRecord, Settlement
from bot.domain.snapshot import Snapshot
from bot.journal.chain import Row
from bot.journal.tables import (
    CycleRow,
    DecisionRow,
    DiscrepancyRow,
    FillRow,
    FundingPaymentRow,
    InstrumentSetRow,
    IntentRow,
    IntentTermsRow,
    LedgerEntryRow,
    OrderReportRow,
    PolicyRow,
    ProposalRow,
    SettlementRow,
    SnapshotRow,
)


def instruments_text(snapshot: Snapshot) -> str:
    """Return a snapshot's instruments as canonical JSON: they are stored once, not with every snapshot."""
    bare = replace(snapshot, balances=(), positions={}, open_orders=(), quotes={}, funding={})
    return json.dumps(json.loads(to_text(bare))["instruments"], separators=(",", ":"), ensure_ascii=False)


def snapshot_text(snapshot: Snapshot) -> str:
    """Return a snapshot as canonical JSON without its instruments."""
    return to_text(replace(snapshot, instruments={}))


def cycle_rows(record: CycleRecord, instruments: tuple[str, str] | None, *, policy_known: bool) -> list[Row]:
    """Return the rows of a cycle; `instruments` are (digest, text) when they are not stored yet."""
    policy_digest = digest(record.policy_text)
    instruments_digest = instruments[0] if instruments else ""
    rows: list[Row] = []
    if not policy_known:
        text = {"digest": policy_digest, "name": record.decision.policy, "text": record.policy_text}
        rows.append((PolicyRow, text))
    if instruments is not None and instruments[1]:
        rows.append((InstrumentSetRow, {"digest": instruments_digest, "payload": instruments[1]}))
    cycle = {
        "cycle": record.cycle,
        "purpose": record.purpose.value,
        "applies": record.applies,
        "venue": record.venue,
        "account": record.account,
        "at": record.at,
        "code_version": record.code_version,
        "policy_digest": policy_digest,
        "memory": to_text(record.memory),
    }
    snapshot = {
        "cycle": record.cycle,
        "taken_at": record.snapshot.taken_at,
        "epoch": record.snapshot.epoch,
        "instruments": instruments_digest,
        "payload": snapshot_text(record.snapshot),
    }
    rows += [(CycleRow, cycle), (SnapshotRow, snapshot)]
    rows.append((DecisionRow, {"cycle": record.cycle, "payload": to_text(record.decision)}))
    rows += _proposal_rows(record.cycle, record.decision)
    return rows


def _proposal_rows(cycle: str, decision: Decision) -> list[Row]:
    breaches = {item.proposal.number: item.breaches for item in decision.verdict.denied}
    rows: list[Row] = []
    for proposal in decision.plan.proposals:
        found = breaches.get(proposal.number)
        fields: dict[str, Any] = {
            "cycle": cycle,
            "number": proposal.number,
            "sleeve": proposal.sleeve.value,
            "asset": proposal.asset,
            "value": proposal.value,
            "cost": proposal.cost,
            "verdict": "approved" if found is None else "denied",
            "reason": proposal.reason,
            "breaches": "; ".join(str(breach) for breach in found or ()),
        }
        rows.append((ProposalRow, fields))
    for skipped in decision.plan.skipped:
        fields = {
            "cycle": cycle,
            "number": 0,
            "sleeve": skipped.sleeve.value,
            "asset": skipped.asset,
            "value": skipped.value,
            "cost": Decimal(0),
            "verdict": "skipped",
            "reason": skipped.reason,
            "breaches": "",
        }
        rows.append((ProposalRow, fields))
    return rows


def intent_row(intent: Intent, value: Decimal) -> Row:
    """Return the row of an intent; `value` is its notional in quote currency."""
    request = intent.request
    adds_risk = not request.reduce_only and (request.sleeve is not Sleeve.CORE or request.side is Side.BUY)
    return IntentRow, {
        "client_order_id": intent.client_order_id,
        "cycle": intent.cycle,
        "leg": intent.leg,
        "symbol": request.symbol,
        "asset": request.symbol.split("/")[0],
        "sleeve": request.sleeve.value,
        "side": request.side.value,
        "type": request.type.value,
        "quantity": request.quantity,
        "price": request.price,
        "reduce_only": request.reduce_only,
        "value": value,
        "adds_risk": adds_risk,
        "at": intent.at,
    }


def terms_row(intent: Intent) -> Row | None:
    """Return the row of what only some orders have; None for an order with neither trigger nor parts."""
    request = intent.request
    if request.trigger is None and not request.parts:
        return None
    return IntentTermsRow, {
        "client_order_id": intent.client_order_id,
        "trigger": request.trigger,
        "parts": to_text(request.parts),
        "at": intent.at,
    }


def report_row(report: OrderReport) -> Row:
    """Return the row of a venue's report."""
    return OrderReportRow, {
        "client_order_id": report.client_order_id,
        "venue_order_id": report.venue_order_id,
        "symbol": report.symbol,
        "status": report.status.value,
        "ordered": report.ordered,
        "filled": report.filled,
        "code": report.code,
        "at": report.at,
    }


def fill_row(fill: Fill) -> Row:
    """Return the row of a trade."""
    return FillRow, {
        "trade_id": fill.trade_id,
        "client_order_id": fill.client_order_id,
        "symbol": fill.symbol,
        "side": fill.side.value,
        "quantity": fill.quantity,
        "price": fill.price,
        "fee": fill.fee,
        "fee_asset": fill.fee_asset,
        "liquidity": fill.liquidity.value,
        "at": fill.at,
    }


def settlement_rows(settlement: Settlement, entries: Iterable[LedgerEntry]) -> list[Row]:
    """Return the rows of a cycle's end: ledger entries, funding among them, discrepancies, and the settlement."""
    rows: list[Row] = []
    for entry in entries:
        rows.append((LedgerEntryRow, _entry(entry)))
        if entry.kind is EntryKind.FUNDING:
            payment = {
                name: value for name, value in _entry(entry).items() if name not in ("kind", "wallet", "reference")
            }
            rows.append((FundingPaymentRow, payment))
    for one in settlement.discrepancies:
        found = {
            "cycle": settlement.cycle,
            "kind": one.kind.value,
            "subject": one.subject,
            "expected": one.expected,
            "actual": one.actual,
            "value": one.value,
            "halts": one.halts,
            "note": one.note,
        }
        rows.append((DiscrepancyRow, found))
    end = {
        "cycle": settlement.cycle,
        "epoch": settlement.epoch,
        "equity": settlement.performance.equity,
        "unit": settlement.performance.unit,
        "at": settlement.at,
        "payload": to_text(settlement),
    }
    rows.append((SettlementRow, end))
    return rows


def _entry(entry: LedgerEntry) -> dict[str, Any]:
    return {
        "sequence": entry.sequence,
        "kind": entry.kind.value,
        "wallet": entry.wallet.value,
        "asset": entry.asset,
        "change": entry.change,
        "symbol": entry.symbol,
        "reference": entry.reference,
        "at": entry.at,
    }
