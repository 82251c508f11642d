"""What a report asks of the journal: every decision that was carried out, its policy, and what was traded."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select

from bot.domain.plan import Decision
from bot.domain.record import Purpose
from bot.journal.chain import table_of
from bot.journal.database import Database
from bot.journal.recall import CHUNK, read_all
from bot.journal.tables import CycleRow, DecisionRow, FillRow, IntentRow, PolicyRow, SettlementRow
from bot.journal.values import read_back

_cycle, _decision, _policy = table_of(CycleRow), table_of(DecisionRow), table_of(PolicyRow)
_fill, _intent, _settlement = table_of(FillRow), table_of(IntentRow), table_of(SettlementRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A cycle that was run or applied: its decision, and the digest its policy's text is stored under."""

    cycle: str
    policy_digest: str
    decision: Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Traded:
    """One fill: its value as decided in quote currency, pro rata of its order's, and the settlement that found it.

    `settled` is that settlement's cycle and epoch, None before there is one.
    """

    at: datetime
    value: Decimal
    settled: tuple[str, int] | None


async def policy_texts(database: Database) -> dict[str, str]:
    """Return every policy's text by its digest."""
    return {row["digest"]: row["text"] for row in await read_all(database, select(_policy))}


async def decided_cycles(database: Database) -> AsyncIterator[Decided]:
    """Yield every decision of a run or an apply, oldest first, a bounded number at a time."""
    last = -1
    while True:
        joined = select(_cycle.c.seq, _cycle.c.cycle, _cycle.c.policy_digest, _decision.c.payload)
        joined = joined.join(_decision, _decision.c.cycle == _cycle.c.cycle)
        chosen = joined.where(_cycle.c.seq > last, _cycle.c.purpose != Purpose.PLAN.value).order_by(_cycle.c.seq)
        rows = await read_all(database, chosen.limit(CHUNK))
        if not rows:
            return
        for row in rows:
            decision = read_back(Decision, row["payload"])
            yield Decided(cycle=row["cycle"], policy_digest=row["policy_digest"], decision=decision)
        last = rows[-1]["seq"]


async def trades(database: Database) -> AsyncIterator[Traded]:
    """Yield every fill with its value, oldest first, a bounded number at a time."""
    later = _settlement.alias()
    following = select(func.min(later.c.seq)).where(later.c.seq > _fill.c.seq).correlate(_fill).scalar_subquery()
    columns = (_fill.c.seq, _fill.c.at, _fill.c.quantity, _intent.c.quantity.label("ordered"), _intent.c.value)
    joined = select(*columns, _settlement.c.cycle, _settlement.c.epoch)
    joined = joined.join(_intent, _intent.c.client_order_id == _fill.c.client_order_id)
    joined = joined.outerjoin(_settlement, _settlement.c.seq == following).order_by(_fill.c.seq)
    last = -1
    while True:
        rows = await read_all(database, joined.where(_fill.c.seq > last).limit(CHUNK))
        if not rows:
            return
        for row in rows:
            settled = None if row["cycle"] is None else (row["cycle"], row["epoch"])
            yield Traded(at=row["at"], value=row["value"] * row["quantity"] / row["ordered"], settled=settled)
        last = rows[-1]["seq"]
