"""What a report asks of the journal: every decision that was carried out, and what each fill was worth."""

import pytest

from bot.domain.record import Purpose
from bot.journal import SqlJournal, history
from tests.builders import NOON, d
from tests.unit.journal.facts import a_cycle, a_fill, a_report, a_run_cycle, a_settlement, an_intent, sent


async def test_decisions_that_were_carried_out_come_oldest_first_with_their_policy(journal: SqlJournal) -> None:
    """Plans that were only shown are left out."""
    for number, purpose in ((1, Purpose.RUN), (2, Purpose.PLAN), (3, Purpose.APPLY)):
        record = a_cycle(f"c{number}", purpose=purpose, policy_text=f"policy {number}")
        await journal.record_cycle(record)
    found = [one async for one in history.decided_cycles(journal.database)]
    assert [one.cycle for one in found] == ["c1", "c3"]
    assert found[0].decision == a_cycle("c1").decision
    texts = await history.policy_texts(journal.database)
    assert [texts[one.policy_digest] for one in found] == ["policy 1", "policy 3"]


async def test_a_fill_is_worth_its_share_of_what_its_order_was_decided_at(journal: SqlJournal) -> None:
    """An order of 0.1 BTC at 70,000, filled by a quarter and a half, one before a settlement and one after."""
    await journal.record_cycle(a_cycle("c1"))
    await sent(journal, an_intent("h1"))
    first, second = a_fill("t1", quantity="0.025"), a_fill("t2", quantity="0.05")
    await journal.record_report(a_report(first))
    await journal.record_settlement(a_settlement("c1", epoch=4), ())
    await journal.record_report(a_report(first, second))
    found = [(one.at, one.value, one.settled) async for one in history.trades(journal.database)]
    assert found == [(NOON, d(1_750), ("c1", 4)), (NOON, d(3_500), None)]


async def test_an_empty_journal_has_no_history(journal: SqlJournal) -> None:
    """Neither decisions nor trades."""
    assert [one async for one in history.decided_cycles(journal.database)] == []
    assert [one async for one in history.trades(journal.database)] == []
    assert await history.policy_texts(journal.database) == {}


@pytest.mark.parametrize("chunk", [1, 2, 1000])
async def test_many_rows_come_a_few_at_a_time_and_all_of_them(
    journal: SqlJournal, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the number read at once."""
    monkeypatch.setattr(history, "CHUNK", chunk)
    for number in range(5):
        await journal.record_cycle(a_cycle(f"c{number}", purpose=Purpose.RUN))
    assert [one.cycle async for one in history.decided_cycles(journal.database)] == [f"c{n}" for n in range(5)]


async def test_a_real_cycle_has_a_decision_and_trades_worth_their_notional(journal: SqlJournal) -> None:
    """One cycle of a whole bot on this journal."""
    record = await a_run_cycle(journal)
    (one,) = [one async for one in history.decided_cycles(journal.database)]
    assert one.decision == record.decision
    worth = [trade.value async for trade in history.trades(journal.database)]
    assert worth
    assert all(value > 0 for value in worth)
