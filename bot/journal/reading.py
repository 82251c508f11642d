"""What a person asks of the journal: the cycles, and what became of their orders."""

from dataclasses import dataclass

from sqlalchemy import func, select

from bot.domain.intent import Intent, IntentState
from bot.domain.order import Fill
from bot.domain.record import CycleLine, Purpose, Settlement
from bot.journal.chain import table_of
from bot.journal.database import Database
from bot.journal.recall import read_all, read_one, whole_intents
from bot.journal.tables import (
    CycleRow,
    FillRow,
    HeadRow,
    IntentRow,
    IntentStateRow,
    PolicyRow,
    ProposalRow,
    SettlementRow,
)
from bot.journal.values import Columns, to_fill, to_intent, to_settlement

_cycle, _policy, _proposal = table_of(CycleRow), table_of(PolicyRow), table_of(ProposalRow)
_intent, _state, _fill = table_of(IntentRow), table_of(IntentStateRow), table_of(FillRow)
_settlement = table_of(SettlementRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldOrder:
    """An intent with its newest state, the note that came with it, and its fills."""

    intent: Intent
    state: IntentState
    note: str
    fills: tuple[Fill, ...]


async def cycles(database: Database, limit: int) -> tuple[CycleLine, ...]:
    """Return the newest cycles, newest first."""
    chosen = select(_cycle).order_by(_cycle.c.seq.desc()).limit(limit)
    return tuple([await _line(database, row) for row in await read_all(database, chosen)])


async def _line(database: Database, row: Columns) -> CycleLine:
    named = row["cycle"]
    counted = select(_proposal.c.verdict, func.count().label("count")).where(_proposal.c.cycle == named)
    verdicts = {r["verdict"]: r["count"] for r in await read_all(database, counted.group_by(_proposal.c.verdict))}
    policy = await read_one(database, select(_policy.c.name).where(_policy.c.digest == row["policy_digest"]))
    orders = await orders_of(database, named)
    ended = await settlement_of(database, named)
    approved, denied = verdicts.get("approved", 0), verdicts.get("denied", 0)
    return CycleLine(
        cycle=named,
        purpose=Purpose(row["purpose"]),
        at=row["at"],
        policy=policy["name"] if policy else "",
        proposals=approved + denied,
        approved=approved,
        denied=denied,
        orders=len(orders),
        filled=sum(order.state is IntentState.FILLED for order in orders),
        equity=ended.performance.equity if ended else None,
    )


async def orders_of(database: Database, cycle: str) -> tuple[ToldOrder, ...]:
    """Return a cycle's orders in the order of its plan."""
    rows = await read_all(database, whole_intents().where(_intent.c.cycle == cycle).order_by(_intent.c.seq))
    return tuple([await _told(database, row) for row in rows])


async def _told(database: Database, row: Columns) -> ToldOrder:
    named = row["client_order_id"]
    states = select(_state).where(_state.c.client_order_id == named).order_by(_state.c.seq.desc())
    newest = await read_one(database, states)
    fills = await read_all(database, select(_fill).where(_fill.c.client_order_id == named).order_by(_fill.c.seq))
    return ToldOrder(
        intent=to_intent(row),
        state=IntentState(newest["state"]) if newest else IntentState.JOURNALED,
        note=newest["note"] if newest else "",
        fills=tuple(to_fill(fill) for fill in fills),
    )


async def settlement_of(database: Database, cycle: str) -> Settlement | None:
    """Return how a cycle ended, None when it has not."""
    chosen = select(_settlement).where(_settlement.c.cycle == cycle).order_by(_settlement.c.seq.desc())
    row = await read_one(database, chosen)
    return None if row is None else to_settlement(row)


async def rows(database: Database) -> int:
    """Return the length of the chain: how many facts are recorded."""
    head = await read_one(database, select(table_of(HeadRow)))
    return int(head["seq"]) if head else 0
