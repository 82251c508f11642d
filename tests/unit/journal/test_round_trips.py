"""What goes into the journal comes out of it: exact numbers, exact moments, whole cycles."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from bot.canonical import to_text
from bot.domain.intent import IntentState
from bot.domain.record import JournalEvent
from bot.errors import JournalFault
from bot.journal import SqlJournal
from bot.journal.chain import table_of
from bot.journal.tables import InstrumentSetRow, PolicyRow
from tests.builders import NOON, a_snapshot, d
from tests.unit.journal.conftest import Opener
from tests.unit.journal.facts import LONG, TINY, a_cycle, a_run_cycle, a_settlement, an_entry, an_intent


@pytest.mark.parametrize("number", [LONG, TINY, -TINY, d("1E+30"), d("0.10"), d(0)])
async def test_a_decimal_comes_back_exactly(journal: SqlJournal, number: Decimal) -> None:
    """SQLite would round it; the journal keeps it as text."""
    entry = replace(an_entry(), change=number)
    await journal.record_settlement(a_settlement(), (entry,))
    assert [kept async for kept in journal.ledger_entries()] == [entry]
    await journal.verify()


async def test_a_moment_comes_back_as_the_same_moment_in_utc(journal: SqlJournal, opened: Opener) -> None:
    """To the microsecond, from whatever zone it was given in."""
    seen = datetime(2026, 3, 29, 3, 0, 0, 1, tzinfo=timezone(timedelta(hours=2)))
    await journal.record_intent(an_intent(at=seen))
    await journal.close()
    again = await opened()
    (kept,) = await again.unresolved()
    assert kept.intent.at == seen
    assert kept.intent.at.tzinfo is UTC


async def test_a_moment_without_a_zone_is_refused(journal: SqlJournal) -> None:
    """Nobody could say when it was."""
    with pytest.raises(JournalFault, match="no time zone"):
        await journal.record_event(JournalEvent(at=NOON.replace(tzinfo=None), kind="started", text=""))
    assert await journal.rows() == 0
    assert await journal.verify() == 0


async def test_a_whole_cycle_of_a_running_bot_comes_back_equal(journal: SqlJournal, opened: Opener) -> None:
    """Snapshot, memory and decision have the same canonical text, in the same process and in the next."""
    record = await a_run_cycle(journal)
    for _ in range(2):
        kept = await journal.cycle("latest")
        assert to_text(kept.snapshot) == to_text(record.snapshot)
        assert to_text(kept.memory) == to_text(record.memory)
        assert to_text(kept.decision) == to_text(record.decision)
        assert kept == replace(record, snapshot=kept.snapshot, memory=kept.memory, decision=kept.decision)
        assert await journal.verify() == await journal.rows()
        await journal.close()
        journal = await opened()


async def _count(journal: SqlJournal, model: type[InstrumentSetRow] | type[PolicyRow]) -> int:
    return int((await journal.database.read(select(func.count()).select_from(table_of(model)))).scalar_one())


async def test_instruments_and_policy_are_stored_once_for_many_cycles(opened: Opener) -> None:
    """Also over a restart; another policy and another set are stored beside them."""
    for part in ("a", "b"):
        journal = await opened()
        for number in range(3):
            await journal.record_cycle(a_cycle(f"{part}{number}"))
        assert (await _count(journal, InstrumentSetRow), await _count(journal, PolicyRow)) == (1, 1)
        await journal.close()
    journal = await opened()
    other = a_cycle(
        "c0", policy_text="another", snapshot=a_snapshot(spot={"BTC": 1}, price={"BTC": 1, "ETH": 1, "SOL": 1})
    )
    await journal.record_cycle(other)
    assert (await _count(journal, InstrumentSetRow), await _count(journal, PolicyRow)) == (2, 2)
    assert await journal.cycle("c0") == other
    assert (await journal.cycle("a0")).policy_text == "a policy"


async def test_an_intent_comes_back_with_its_state(journal: SqlJournal, opened: Opener) -> None:
    """A market order has no price, and keeps none."""
    await journal.record_cycle(a_cycle())
    intent = an_intent(price=None, quantity=LONG, reduce_only=True)
    await journal.record_intent(intent)
    await journal.close()
    again = await opened()
    (kept,) = await again.unresolved()
    assert (kept.intent, kept.state, kept.changed_at) == (intent, IntentState.JOURNALED, NOON)
