"""Laws of an intent's life: one way through the graph, one book however often its fills are told (I17, I18)."""

import asyncio
import random
import re
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.intent import NEXT, Intent, IntentState, client_order_id, may_follow, state_of
from bot.domain.order import Fill, Liquidity, OrderReport, OrderRequest, OrderStatus, OrderType, Side, Sleeve
from bot.domain.record import DiscrepancyKind
from bot.errors import JournalFault
from bot.execution.reconcile import Expectation, reconcile
from bot.execution.recover import recover
from bot.simulator.clock import SimulatedClock
from tests.builders import NOON, a_policy, a_short, a_snapshot, d
from tests.fakes import FakeJournal

NAME, PERP = "h1", "BTC/USDT:USDT"
states = st.sampled_from(IntentState)
seconds = st.integers(0, 10)
ORDER_OF_STATES = (IntentState.JOURNALED, IntentState.SENDING, IntentState.AMBIGUOUS)
ORDER = OrderRequest(
    symbol=PERP, side=Side.SELL, quantity=d(10), price=d(60_000), type=OrderType.LIMIT_IOC, reduce_only=False,
    sleeve=Sleeve.HEDGE,
)  # fmt: skip
INTENT = Intent(client_order_id=NAME, cycle="c1", leg=1, request=ORDER, at=NOON)


def a_fill(number: int, quantity: int) -> Fill:
    """Trade number `number` of the order."""
    return Fill(
        trade_id=f"t{number}", client_order_id=NAME, symbol=PERP, side=Side.SELL, quantity=d(quantity),
        price=d(70_000 + number), fee=d(number), fee_asset="USDT", liquidity=Liquidity.TAKER, at=NOON,
    )  # fmt: skip


def a_report(status: OrderStatus, *fills: Fill) -> OrderReport:
    """What the venue tells of the order."""
    return OrderReport(
        client_order_id=NAME, venue_order_id="o1", symbol=PERP, status=status, ordered=d(10), fills=fills, at=NOON
    )


async def told(events: list[IntentState]) -> tuple[FakeJournal, list[IntentState]]:
    """A journal that was told of every event, and the states it was in after each."""
    journal = FakeJournal()
    await journal.record_intent(INTENT)
    seen = [IntentState.JOURNALED]
    for event in events:
        with suppress(JournalFault):
            await journal.record_state(NAME, event, NOON)
        seen.append(journal.states[NAME][0])
    return journal, seen


@given(st.lists(states, max_size=12))
def test_whatever_is_told_an_intent_moves_along_the_graph(events: list[IntentState]) -> None:
    """Every step is allowed, and a final state but absent is never left (I17)."""
    _, seen = asyncio.run(told(events))
    for before, after in pairwise(seen):
        assert may_follow(before, after)
        if before.is_final and before is not IntentState.ABSENT:
            assert after is before


@given(st.lists(states, max_size=12))
def test_what_was_told_may_be_told_again_at_once(events: list[IntentState]) -> None:
    """Each event doubled: the same states in the same order (I17)."""
    _, once = asyncio.run(told(events))
    _, twice = asyncio.run(told([event for event in events for _ in range(2)]))
    assert twice[::2] == once


@given(st.lists(states, max_size=12))
def test_an_intent_without_a_final_state_is_unresolved_and_no_other(events: list[IntentState]) -> None:
    """Nothing is forgotten and nothing lingers."""
    journal, seen = asyncio.run(told(events))
    names = [record.intent.client_order_id for record in asyncio.run(journal.unresolved())]
    assert names == ([] if seen[-1].is_final else [NAME])


def test_every_state_can_be_reached_and_every_way_ends() -> None:
    """From journaled on every state is reached; from every state a final one."""
    reached = {IntentState.JOURNALED}
    for _ in IntentState:
        reached |= {after for state in reached for after in NEXT[state]}
    assert reached == set(IntentState)
    assert all(state.is_final or any(after.is_final for after in NEXT[state]) for state in IntentState)


@given(st.sampled_from(OrderStatus), states)
def test_what_the_venue_says_may_follow_sending_and_doubt(status: OrderStatus, other: IntentState) -> None:
    """Any word of the venue has its place after sending and after an unknown outcome; none after a rejection."""
    for before in (IntentState.SENDING, IntentState.AMBIGUOUS):
        assert may_follow(before, state_of(status))
    assert may_follow(IntentState.REJECTED, other) == (other is IntentState.REJECTED)


async def reconciled(reports: list[OrderReport], short: int) -> tuple[FakeJournal, set[DiscrepancyKind]]:
    """A journal told of the reports, and what reconciling finds where the venue shows `short` coins sold."""
    journal = FakeJournal()
    await journal.record_intent(INTENT)
    await journal.record_state(NAME, IntentState.SENDING, NOON)
    for report in reports:
        await journal.record_report(report)
    after = a_snapshot(
        spot={"USDT": 10**6}, price={"BTC": 70_000, "ETH": 3500}, shorts=(a_short("BTC", short, entry=70_000),)
    )
    filled = await journal.unsettled()
    expected = Expectation(
        left_at=NOON - timedelta(minutes=1),
        balances=after.balances,
        positions={},
        entries=(),
        reports=tuple(report for _, report in filled),
        requests={NAME: ORDER},
    )
    return journal, {one.kind for one in reconcile(expected, after, a_policy(), d(10**6))}


@given(st.lists(st.integers(1, 3), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_fills_told_in_any_order_and_any_number_of_times_make_one_position(
    sizes: list[int], chance: random.Random
) -> None:
    """Reports that repeat, overlap and come late: the position is the sum of the fills, each counted once (I18)."""
    fills = [a_fill(number, size) for number, size in enumerate(sizes)]
    told_so_far = [chance.sample(fills, chance.randint(0, len(fills))) for _ in range(chance.randint(0, 4))]
    reports = [a_report(OrderStatus.OPEN, *some) for some in told_so_far]
    reports.append(a_report(OrderStatus.EXPIRED, *chance.sample(fills, len(fills)), fills[0]))
    reports.extend(a_report(OrderStatus.EXPIRED, *some) for some in told_so_far)
    journal, found = asyncio.run(reconciled(reports, sum(sizes)))
    assert found == ({DiscrepancyKind.OVERFILL} if sum(sizes) > ORDER.quantity else set())
    assert journal.states[NAME][0] is IntentState.EXPIRED


@given(st.lists(st.integers(1, 9), min_size=1, max_size=3), st.integers(1, 30))
def test_a_position_that_the_fills_do_not_explain_is_named(sizes: list[int], shown: int) -> None:
    """Whatever was filled: another position at the venue is unexplained, the same one is not."""
    fills = [a_fill(number, size) for number, size in enumerate(sizes)]
    _, found = asyncio.run(reconciled([a_report(OrderStatus.EXPIRED, *fills)], shown))
    assert (DiscrepancyKind.UNEXPLAINED_POSITION in found) == (shown != sum(sizes))
    assert (DiscrepancyKind.OVERFILL in found) == (sum(sizes) > ORDER.quantity)


class Oracle:
    """A venue that answers a look with what the script says, and counts the looks."""

    receive_window = timedelta(seconds=5)

    def __init__(self, answers: list[OrderReport | None]) -> None:
        self.answers = answers
        self.looks = 0

    async def find(self, client_order_id: str, symbol: str, sent_at: datetime | None = None) -> OrderReport | None:
        """The next answer of the script, then none."""
        self.looks += 1
        return self.answers[self.looks - 1] if self.looks <= len(self.answers) else None


venue_answers = st.lists(
    st.none() | st.builds(a_report, st.sampled_from([OrderStatus.FILLED, OrderStatus.EXPIRED, OrderStatus.CANCELLED])),
    max_size=5,
)


@given(st.sampled_from([IntentState.JOURNALED, IntentState.SENDING, IntentState.AMBIGUOUS]), venue_answers, seconds)
def test_recovery_only_looks_and_concludes_absence_only_after_the_window(
    state: IntentState, answers: list[OrderReport | None], late: int
) -> None:
    """Never sent: absent without a look. Else: found, or absent after the window and three empty looks, or in doubt."""
    journal, oracle = asyncio.run(recovered(state, answers, late, times=1))
    after = journal.states[NAME][0]
    if state is IntentState.JOURNALED:
        assert (after, oracle.looks) == (IntentState.ABSENT, 0)
    elif after is IntentState.ABSENT:
        assert late >= 5
        assert oracle.looks >= 3
        assert not any(answers[:3])
    elif after is not IntentState.AMBIGUOUS:
        found = next(answer for answer in answers if answer)
        assert after is state_of(found.status)


@given(st.sampled_from([IntentState.JOURNALED, IntentState.SENDING, IntentState.AMBIGUOUS]), venue_answers, seconds)
def test_recovering_again_changes_nothing_that_was_settled(
    state: IntentState, answers: list[OrderReport | None], late: int
) -> None:
    """A final state after the first recovery is the state after the third (I31)."""
    first, _ = asyncio.run(recovered(state, answers, late, times=1))
    third, _ = asyncio.run(recovered(state, answers, late, times=3))
    if first.states[NAME][0].is_final:
        assert third.states[NAME] == first.states[NAME]
    assert len(third.intents) == 1


async def recovered(
    state: IntentState, answers: list[OrderReport | None], late: int, *, times: int
) -> tuple[FakeJournal, Oracle]:
    """A journal with one intent left in a state, recovered some seconds later so many times."""
    journal, oracle = FakeJournal(), Oracle(answers)
    await journal.record_intent(INTENT)
    for step in (IntentState.SENDING, IntentState.AMBIGUOUS)[: ORDER_OF_STATES.index(state)]:
        await journal.record_state(NAME, step, NOON)
    clock = SimulatedClock(NOON + timedelta(seconds=late))
    for _ in range(times):
        await recover(oracle, journal, clock)  # type: ignore[arg-type]
    return journal, oracle


@given(st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=10), st.integers(1, 500), st.integers(1, 9))
def test_a_client_order_id_fits_every_venue_and_is_the_same_again(
    account: str, plan: str, leg: int, attempt: int
) -> None:
    """25 lower-case letters and digits, the first an h; other legs and attempts have other ids (VENUES 4.1)."""
    name = client_order_id(account, plan, leg, attempt)
    assert re.fullmatch("h[a-z2-7]{24}", name)
    assert name == client_order_id(account, plan, leg, attempt)
    assert name != client_order_id(account, plan, leg + 1, attempt)
    assert name != client_order_id(account, plan, leg, attempt + 1)
