"""What the sleeves remember is kept whole, and what was written before they existed is still read."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.canonical import from_text, to_plain, to_text
from bot.domain.memory import Memory
from bot.domain.order import Sleeve
from bot.domain.plan import Decision
from bot.domain.reading import Measure, MeasureKind, Reading
from bot.domain.record import ProfitLine, Settlement, Source
from bot.domain.sleeves import NO_STATE, Claim, RatioState, Rest, SleeveState
from bot.journal import SqlJournal
from bot.journal.chain import append
from bot.journal.rows import settlement_rows
from tests.builders import NOON, a_memory, d
from tests.unit.journal.conftest import Opener
from tests.unit.journal.facts import LONG, TINY, a_cycle, a_settlement

BEFORE = json.loads(Path(__file__).with_name("written_under_0001.json").read_text(encoding="utf-8"))

STATE = SleeveState(
    claims=(
        Claim(
            sleeve=Sleeve.TACTICAL,
            rule="slow trend",
            symbol="BTC/USDT:USDT",
            quantity=TINY,
            entry=LONG,
            opened_at=NOON,
        ),
    ),
    ratios=(
        RatioState(asset="BTC", target=d("0.5"), active=("below the average",), day="2026-01-01", day_target=d("0.4")),
    ),
    rests=(Rest(rule="slow trend", until=NOON + timedelta(hours=12)),),
    tactical_result=d("-12.5"),
    settled=d("0.1"),
)
TREND = Measure(kind=MeasureKind.PRICE_OVER_EMA, subject="BTC", periods=(200,))
BETA = Measure(kind=MeasureKind.BETA, subject="LINK", periods=(90,), against="BTC")
READINGS = (
    Reading(measure=TREND, value=d("-0.0833333333333"), at=NOON),
    Reading(measure=BETA, value=None, at=None, why="LINK/USDT bars of 24 h: none is known"),
)


def holds(after: Any, before: Any) -> bool:
    """Whether every number and word that was written stands where it stood."""
    if isinstance(before, dict):
        return isinstance(after, dict) and all(name in after and holds(after[name], before[name]) for name in before)
    if isinstance(before, list):
        return len(after) == len(before) and all(map(holds, after, before))
    return bool(after == before)


async def test_a_settlement_keeps_prices_profits_and_what_the_sleeves_remember(
    journal: SqlJournal, opened: Opener
) -> None:
    """In the process that wrote it, and in the next."""
    profits = (ProfitLine(sleeve=Sleeve.CARRY, source=Source.FUNDING, amount=-TINY),)
    settlement = a_settlement(prices={"BTC/USDT": LONG}, profits=profits, sleeves=STATE)
    await journal.record_settlement(settlement, ())
    for reader in (journal, await opened()):
        kept = await reader.last_settlement()
        assert kept == settlement
        assert to_text(kept) == to_text(settlement)


async def test_a_cycle_keeps_what_was_read_and_remembered(journal: SqlJournal, opened: Opener) -> None:
    """A reading that was unavailable stays so, with its reason."""
    record = a_cycle(memory=a_memory(readings=READINGS, sleeves=STATE))
    await journal.record_cycle(record)
    for reader in (journal, await opened()):
        kept = await reader.cycle("c1")
        assert kept.memory == record.memory
        assert to_text(kept.decision) == to_text(record.decision)


async def test_settled_cycles_come_oldest_first_from_the_beginning(journal: SqlJournal, opened: Opener) -> None:
    """More than are read at a time; none in a new journal."""
    assert [one async for one in journal.settled_cycles()] == []
    settlements = [a_settlement(f"c{number}", equity=number + 1) for number in range(1001)]
    async with journal.database.writing() as connection:
        await append(connection, [row for one in settlements for row in settlement_rows(one, ())])
    await journal.record_settlement(a_settlement("last"), ())
    for reader in (journal, await opened()):
        kept = [one async for one in reader.settled_cycles()]
        assert kept == [*settlements, a_settlement("last")]


def test_what_the_first_schema_wrote_of_a_settlement_is_read() -> None:
    """A payload of that time, as it stood on the disk; what it did not know is empty, not guessed."""
    settlement = from_text(Settlement, json.dumps(BEFORE["settlement"]))
    assert settlement.performance.equity == d("99929.73076802")
    assert (settlement.prices, settlement.profits, settlement.sleeves) == ({}, (), NO_STATE)
    assert holds(to_plain(settlement), BEFORE["settlement"])


def test_what_the_first_schema_wrote_of_memory_and_decision_is_read() -> None:
    """Five proposals and their orders, none with a trigger or parts; nothing was read, nothing remembered."""
    memory = from_text(Memory, json.dumps(BEFORE["memory"]))
    assert (memory.readings, memory.sleeves) == ((), NO_STATE)
    assert holds(to_plain(memory), BEFORE["memory"])
    decision = from_text(Decision, json.dumps(BEFORE["decision"]))
    assert len(decision.plan.proposals) == 5
    assert holds(to_plain(decision), BEFORE["decision"])
