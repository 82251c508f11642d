"""What the journal refuses, and what it answers about the past: each against facts made by hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.domain.intent import NEXT, IntentRecord, IntentState
from bot.domain.memory import PricePoint
from bot.domain.order import OrderStatus, Side, Sleeve
from bot.domain.record import JournalEvent, Purpose
from bot.errors import JournalFault
from bot.journal import SqlJournal, open_journal
from bot.journal.chain import table_of
from bot.journal.tables import FillRow
from tests.builders import NOON, a_snapshot, d
from tests.unit.journal.conftest import Opener
from tests.unit.journal.facts import (
    STATES,
    a_cycle,
    a_fill,
    a_report,
    a_settlement,
    a_stop,
    a_transfer,
    after,
    an_entry,
    an_intent,
    every_fact,
    sent,
)

# A way to each state from the beginning, along the graph.
WAYS: dict[IntentState, tuple[IntentState, ...]] = {
    STATES.JOURNALED: (),
    STATES.SENDING: (STATES.SENDING,),
    STATES.ABSENT: (STATES.ABSENT,),
    **{state: (STATES.SENDING, state) for state in NEXT[STATES.SENDING]},
}


async def answers(journal: SqlJournal) -> tuple[object, ...]:
    """Everything a cycle asks of the past."""
    return (
        await journal.unresolved(),
        await journal.unresolved_transfers(),
        await journal.sent_since(NOON),
        await journal.sent_since(after(60)),
        await journal.transfers_since(NOON),
        await journal.transfers_since(after(60)),
        await journal.unsettled(),
        await journal.last_settlement(),
        await journal.last_prices(),
    )


async def asked_again(journal: SqlJournal, opened: Opener) -> SqlJournal:
    """Close and open the journal, and find the same answers: nothing lived only in memory."""
    before = await answers(journal)
    await journal.close()
    again = await opened()
    assert await answers(again) == before
    return again


async def test_a_second_intent_with_one_client_order_id_is_refused(journal: SqlJournal, opened: Opener) -> None:
    """One request per intent, over all process lives; and nothing of the second is kept."""
    await journal.record_intent(an_intent())
    for _ in range(2):
        with pytest.raises(JournalFault, match="h1 is recorded already"):
            await journal.record_intent(an_intent(quantity=d(9)))
        assert await journal.rows() == 2
        journal = await asked_again(journal, opened)


@pytest.mark.parametrize("now", list(IntentState))
async def test_every_allowed_step_is_taken_and_every_other_refused(
    journal: SqlJournal, opened: Opener, now: IntentState
) -> None:
    """The graph of bot.domain.intent, both ways."""
    await journal.unresolved()
    for target in IntentState:
        name = f"h-{target}"
        await journal.record_intent(an_intent(name))
        for state in WAYS[now]:
            await journal.record_state(name, state, NOON)
        rows = await journal.rows()
        if target in NEXT[now]:
            await journal.record_state(name, target, after(1), "why")
            assert await journal.rows() == rows + 1
        elif target is now and target is not IntentState.SENDING:
            await journal.record_state(name, target, after(1))
            assert await journal.rows() == rows
        else:
            with pytest.raises(JournalFault, match=r"cannot become|one request per intent"):
                await journal.record_state(name, target, after(1))
            assert await journal.rows() == rows
    kept = {record.intent.client_order_id: record.state for record in await journal.unresolved()}
    expected = {f"h-{target}": target if target in NEXT[now] else now for target in IntentState}
    assert kept == {name: state for name, state in expected.items() if not state.is_final}
    await asked_again(journal, opened)


async def test_an_unknown_intent_takes_no_state_and_no_report(journal: SqlJournal) -> None:
    """And its report is not half written."""
    with pytest.raises(JournalFault, match="no intent h9"):
        await journal.record_state("h9", STATES.SENDING, NOON)
    with pytest.raises(JournalFault, match="no intent h1"):
        await journal.record_report(a_report(a_fill()))
    assert await journal.rows() == 0


async def test_a_report_against_a_final_state_keeps_its_fills(journal: SqlJournal) -> None:
    """The venue is the truth: a filled order cannot be open again, but a late fill of it counts."""
    await sent(journal, an_intent())
    await journal.record_report(a_report(a_fill("t1")))
    await journal.record_report(a_report(a_fill("t2"), status=OrderStatus.OPEN))
    (order,) = await journal.orders_of("c1")
    assert (order.state, order.fills) == (IntentState.FILLED, (a_fill("t1"), a_fill("t2")))
    assert await journal.unresolved() == ()


async def test_an_intent_is_being_sent_once(journal: SqlJournal) -> None:
    """I2: a second sending of one intent is refused before any request."""
    await sent(journal, an_intent())
    with pytest.raises(JournalFault, match="one request per intent"):
        await journal.record_state(an_intent().client_order_id, IntentState.SENDING, NOON)


TOLD = tuple(a_fill(f"t{number}", quantity=f"0.0{number}") for number in (1, 2, 3, 4))


@settings(max_examples=25)
@given(reports=st.lists(st.lists(st.sampled_from(TOLD), max_size=6), max_size=4))
async def test_repeated_and_permuted_fills_leave_the_same_rows(
    tmp_path_factory: pytest.TempPathFactory, reports: list[list[object]]
) -> None:
    """I18: whatever the order and however often they are told, each trade is kept once."""
    journal = await open_journal(tmp_path_factory.mktemp("fills") / "j.db")
    await sent(journal, an_intent())
    for fills in reports:
        await journal.record_report(a_report(*fills, status=OrderStatus.OPEN))  # type: ignore[arg-type]
    await journal.record_report(a_report(*TOLD))
    kept = (await journal.database.read(select(table_of(FillRow).c.trade_id, table_of(FillRow).c.quantity))).all()
    assert sorted(kept) == [(fill.trade_id, fill.quantity) for fill in TOLD]
    ((_, report),) = await journal.unsettled()
    assert report.filled == d("0.10")
    await journal.verify()
    await journal.close()


async def test_one_trade_id_on_two_orders_is_two_trades(journal: SqlJournal) -> None:
    """A venue numbers trades per market; two orders may share a number."""
    for order in ("h1", "h2"):
        await sent(journal, an_intent(order))
        await journal.record_report(a_report(a_fill(order=order), order=order))
    assert len(await journal.unsettled()) == 2


async def test_unresolved_are_those_without_a_final_state_oldest_first(journal: SqlJournal, opened: Opener) -> None:
    """Asked before and after, with and without what this process remembers."""
    assert await journal.unresolved() == ()
    for name in ("h1", "h2", "h3", "h4"):
        await journal.record_intent(an_intent(name))
    await journal.record_state("h2", STATES.ABSENT, after(1))
    await journal.record_state("h3", STATES.SENDING, after(2))
    await journal.record_state("h4", STATES.SENDING, after(3))
    await journal.record_state("h4", STATES.AMBIGUOUS, after(4))
    expected = (
        IntentRecord(intent=an_intent("h1"), state=STATES.JOURNALED, changed_at=NOON),
        IntentRecord(intent=an_intent("h3"), state=STATES.SENDING, changed_at=after(2)),
        IntentRecord(intent=an_intent("h4"), state=STATES.AMBIGUOUS, changed_at=after(4)),
    )
    assert await journal.unresolved() == expected
    journal = await asked_again(journal, opened)
    await journal.record_report(a_report(order="h2", status=OrderStatus.OPEN, at=after(5)))  # it did arrive
    assert [r.intent.client_order_id for r in await journal.unresolved()] == ["h1", "h2", "h3", "h4"]
    await journal.record_report(a_report(a_fill(order="h2"), order="h2"))
    assert await journal.unresolved() == expected
    await asked_again(journal, opened)


async def test_sent_orders_are_those_that_left_with_their_value_and_fills(journal: SqlJournal, opened: Opener) -> None:
    """An intent never sent does not count; an inclusive beginning; 0.1 BTC at 70,000 are 7,000."""
    assert await journal.sent_since(NOON) == ()
    await journal.record_cycle(a_cycle())
    await sent(journal, an_intent("h1", at=after(-1)))
    await sent(journal, an_intent("h2", at=after(60)))
    await journal.record_intent(an_intent("h3", at=after(60)))
    await sent(journal, an_intent("h4", at=after(61), side=Side.SELL, sleeve=Sleeve.HEDGE, price=None))
    await sent(journal, an_intent("h5", at=after(62), side=Side.SELL))
    part = a_report(a_fill("t1", order="h2", quantity="0.04"), order="h2", status=OrderStatus.OPEN)
    await journal.record_report(part)
    first, second, third = await journal.sent_since(after(60))
    assert (first.at, first.quantity, first.filled, first.value) == (after(60), d("0.1"), d("0.04"), d(7000))
    assert (first.symbol, first.asset, first.sleeve, first.side) == ("BTC/USDT", "BTC", Sleeve.CORE, Side.BUY)
    assert (second.value, second.filled) == (d(7000), 0)  # a market order, valued at the mark its cycle saw
    assert [one.adds_risk for one in (first, second, third)] == [True, True, False]
    assert await journal.sent_since(after(100)) == ()
    await asked_again(journal, opened)


async def test_a_clock_that_steps_back_hides_no_order(journal: SqlJournal, opened: Opener) -> None:
    """What left at 12:01 is found from 12:00 on, though a later intent carries an earlier time."""
    await sent(journal, an_intent("h1", at=after(60)))
    await sent(journal, an_intent("h2", at=after(-60)))
    await journal.record_transfer("c1", "x1", a_transfer(1), STATES.JOURNALED, after(60))
    await journal.record_transfer("c1", "x2", a_transfer(2), STATES.JOURNALED, after(-60))
    assert [one.at for one in await journal.sent_since(NOON)] == [after(60)]
    assert await journal.transfers_since(NOON) == (a_transfer(1),)
    journal = await asked_again(journal, opened)
    await sent(journal, an_intent("h3", at=after(-60)))
    assert [one.at for one in await journal.sent_since(NOON)] == [after(60)]


async def test_transfers_open_and_sent(journal: SqlJournal, opened: Opener) -> None:
    """A refused one is not counted, one that goes on is; begun when it was journaled."""
    assert await journal.unresolved_transfers() == ()
    for name, steps in {
        "x1": (STATES.JOURNALED, STATES.SENDING, STATES.FILLED),
        "x2": (STATES.JOURNALED, STATES.SENDING, STATES.REJECTED),
        "x3": (STATES.JOURNALED, STATES.SENDING, STATES.AMBIGUOUS),
        "x4": (STATES.JOURNALED, STATES.ABSENT),
        "x5": (STATES.JOURNALED,),
    }.items():
        for number, state in enumerate(steps):
            await journal.record_transfer("c1", name, a_transfer(int(name[1])), state, after(number))
    assert await journal.transfers_since(NOON) == (a_transfer(1), a_transfer(3), a_transfer(5))
    assert await journal.transfers_since(after(0.5)) == ()
    open_now = await journal.unresolved_transfers()
    assert [(one.transfer_id, one.state, one.begun_at) for one in open_now] == [
        ("x3", STATES.AMBIGUOUS, NOON),
        ("x5", STATES.JOURNALED, NOON),
    ]
    assert open_now[0].request == a_transfer(3)
    await asked_again(journal, opened)


async def test_the_open_transfers_come_in_the_order_they_began(journal: SqlJournal, opened: Opener) -> None:
    """Whichever of them moved last."""
    for name in ("x1", "x2"):
        await journal.record_transfer("c1", name, a_transfer(), STATES.JOURNALED, NOON)
    await journal.unresolved_transfers()
    await journal.record_transfer("c1", "x1", a_transfer(), STATES.SENDING, after(1))
    assert [one.transfer_id for one in await journal.unresolved_transfers()] == ["x1", "x2"]
    await asked_again(journal, opened)


async def test_unsettled_fills_are_those_after_the_newest_settlement(journal: SqlJournal, opened: Opener) -> None:
    """Each order comes with only its new fills."""
    assert await journal.unsettled() == ()
    await sent(journal, an_intent())
    await journal.record_report(a_report(a_fill("t1"), status=OrderStatus.OPEN))
    ((intent, report),) = await journal.unsettled()
    assert (intent, report) == (an_intent(), a_report(a_fill("t1"), status=OrderStatus.OPEN))
    await journal.record_settlement(a_settlement(), ())
    assert await journal.unsettled() == ()
    journal = await asked_again(journal, opened)
    await journal.record_report(a_report(a_fill("t1"), a_fill("t2")))
    assert await journal.unsettled() == ((an_intent(), a_report(a_fill("t2"))),)
    await asked_again(journal, opened)


async def test_the_last_settlement_is_the_newest(journal: SqlJournal, opened: Opener) -> None:
    """None in a new journal."""
    assert await journal.last_settlement() is None
    await journal.record_settlement(a_settlement("c1"), ())
    await journal.record_settlement(a_settlement("c2", equity=200), ())
    assert await journal.last_settlement() == a_settlement("c2", equity=200)
    assert await journal.settlement_of("c1") == a_settlement("c1")
    assert await journal.settlement_of("c") is None
    await asked_again(journal, opened)


async def test_last_prices_are_of_the_newest_cycle_that_was_no_mere_plan(journal: SqlJournal, opened: Opener) -> None:
    """Mids, at the moment the snapshot was taken."""
    assert await journal.last_prices() == {}
    for number, purpose in enumerate((Purpose.RUN, Purpose.APPLY, Purpose.PLAN)):
        snapshot = a_snapshot(spot={"BTC": 1}, price={"BTC": 100 + number, "ETH": 1}, at=after(number))
        await journal.record_cycle(a_cycle(f"c{number}", purpose=purpose, snapshot=snapshot))
    assert (await journal.last_prices())["BTC/USDT"] == PricePoint(at=after(1), price=d(101))
    await asked_again(journal, opened)


async def test_a_cycle_is_found_by_its_beginning(journal: SqlJournal) -> None:
    """By its whole name even where that begins others; an ambiguous beginning and an unknown one are refused."""
    with pytest.raises(JournalFault, match="no cycle is recorded yet"):
        await journal.cycle("latest")
    for name, purpose in {"ab": Purpose.PLAN, "abc": Purpose.RUN, "abd": Purpose.RUN, "x%_": Purpose.APPLY}.items():
        await journal.record_cycle(a_cycle(name, purpose=purpose))
    assert (await journal.cycle("ab")).cycle == "ab"
    assert (await journal.cycle("abc")).cycle == "abc"
    assert (await journal.cycle("x")).cycle == "x%_"
    assert (await journal.cycle("x%")).cycle == "x%_"
    assert (await journal.cycle("latest")).cycle == "x%_"
    assert (await journal.cycle("latest", Purpose.RUN)).cycle == "abd"
    assert (await journal.cycle("a", Purpose.PLAN)).cycle == "ab"
    with pytest.raises(JournalFault, match="'a' begins more than one"):
        await journal.cycle("a")
    for unknown in ("b", "%", "abcd", "_b"):
        with pytest.raises(JournalFault, match="is recorded"):
            await journal.cycle(unknown)


async def test_a_cycle_name_is_recorded_once(journal: SqlJournal) -> None:
    """The second is refused and leaves nothing."""
    await journal.record_cycle(a_cycle())
    rows = await journal.rows()
    with pytest.raises(JournalFault):
        await journal.record_cycle(a_cycle(policy_text="another"))
    assert await journal.rows() == rows
    await journal.record_cycle(a_cycle("c2", policy_text="another"))
    assert (await journal.cycle("c2")).policy_text == "another"
    await journal.verify()


async def test_has_cycle_and_applied_ask_for_whole_names(journal: SqlJournal) -> None:
    """A beginning is not enough."""
    await journal.record_cycle(a_cycle("plan-1", purpose=Purpose.PLAN))
    await journal.record_cycle(a_cycle("apply-1", purpose=Purpose.APPLY, applies="plan-1"))
    assert [await journal.has_cycle(name) for name in ("plan-1", "apply-1", "plan", "")] == [True, True, False, False]
    assert [await journal.applied(name) for name in ("plan-1", "apply-1", "plan")] == [True, False, False]


async def test_ledger_entries_come_oldest_first_from_all_settlements(journal: SqlJournal) -> None:
    """More than are read at a time, none twice."""
    entries = tuple(an_entry(number) for number in range(1500))
    await journal.record_settlement(a_settlement("c1"), entries[:1200])
    await journal.record_settlement(a_settlement("c2"), entries[1200:])
    assert tuple([entry async for entry in journal.ledger_entries()]) == entries
    assert await journal.verify() == 1500 + 2 * 2


async def test_the_lists_a_person_reads(journal: SqlJournal) -> None:
    """Cycles newest first, an order with its newest state, note and fills, the length of the chain."""
    await every_fact(journal)
    newest, oldest = await journal.cycles(5)
    assert (newest.cycle, oldest.cycle) == ("c2", "c1")
    assert (await journal.cycles(1)) == (newest,)
    assert (newest.purpose, newest.at, newest.policy, newest.equity) == (Purpose.RUN, NOON, "test", d(100))
    assert (newest.orders, newest.filled) == (2, 1)
    decision = (await journal.cycle("c2")).decision
    assert newest.approved == len(decision.verdict.approved)
    assert newest.denied == len(decision.verdict.denied)
    assert newest.proposals == len(decision.plan.proposals) > 0
    order, stop = await journal.orders_of("c1")
    assert (order.intent.client_order_id, order.state, order.note) == ("h1", STATES.FILLED, "")
    assert order.fills == (a_fill("t1"),)
    assert (stop.intent, stop.state) == (a_stop("s1", cycle="c1"), STATES.JOURNALED)
    assert await journal.orders_of("c9") == ()
    await journal.record_cycle(a_cycle("c3"))
    assert (await journal.cycles(1))[0].equity is None
    await journal.record_intent(an_intent("h3", cycle="c3"))
    await journal.record_state("h3", STATES.ABSENT, NOON, "the run ended")
    assert [(one.state, one.note) for one in await journal.orders_of("c3")] == [(STATES.ABSENT, "the run ended")]
    rows = await journal.rows()
    await journal.record_event(JournalEvent(at=NOON, kind="stopped", text=""))
    assert await journal.rows() == rows + 1 == await journal.verify()
