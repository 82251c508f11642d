"""While an outcome is unknown nothing is done that counts on it: no plan, no second transfer, no word of absence."""

from datetime import datetime, timedelta

import pytest

from bot.cycle import apply_plan, run_cycle
from bot.domain.intent import IntentState
from bot.domain.order import OrderReport, OrderRequest, TransferRequest
from bot.errors import OutcomeUnknown, PlanStale
from bot.execution.recover import recover
from bot.planning import make_plan, remember
from bot.simulator.faults import Fault, FaultKind, FaultyExchange, Request
from tests.builders import a_policy
from tests.desk import NEW_YEAR, Desk

ALL_BITCOIN = a_policy(assets={"BTC": 1}, hedge=None, core=("0.3", "0.4", "0.45"))
LOST = Fault(kind=FaultKind.LOST_BEFORE_ARRIVAL, on=Request.PLACE)


async def pass_seconds(desk: Desk, seconds: int) -> None:
    """Let time pass."""
    await desk.clock.sleep_until(desk.clock.now() + timedelta(seconds=seconds))


async def test_a_plan_made_before_an_order_of_unknown_outcome_is_not_applied() -> None:
    """Two plans to buy the same, the first one's order lost on the way: applied, the second would buy twice."""
    desk = Desk(LOST, policy=ALL_BITCOIN)
    first = await make_plan(desk.parts())
    await pass_seconds(desk, 2)
    second = await make_plan(desk.parts())
    report = await apply_plan(desk.parts(), first.cycle)
    assert [one.state for one in report.outcomes] == [IntentState.AMBIGUOUS]
    with pytest.raises(PlanStale, match=r"order h.* in BTC/USDT has an unknown outcome"):
        await apply_plan(desk.parts(), second.cycle)
    assert sum(desk.exchange.requests.values()) == 1


async def test_no_money_is_moved_while_a_transfer_has_an_unknown_outcome() -> None:
    """Its answer was lost: two seconds later the next cycle wants the same 4,000 and does not ask for them."""
    desk = Desk(Fault(kind=FaultKind.LOST_BEFORE_ARRIVAL, on=Request.TRANSFER))
    await run_cycle(desk.parts())
    await pass_seconds(desk, 2)
    report = await run_cycle(desk.parts())
    held = next(one for one in report.outcomes if isinstance(one.leg, TransferRequest))
    assert (held.state, held.note.split(":")[0]) == (None, "an earlier transfer has an unknown outcome")
    assert len(desk.fake.transfers) == 1


class SlowVenue(FaultyExchange):
    """A venue where each order waits its turn; a fault befalls it at the end of that."""

    wait = timedelta(seconds=10)
    desk: Desk

    async def place(self, client_order_id: str, request: OrderRequest) -> OrderReport:
        """Wait, and place."""
        await self.desk.clock.sleep_until(self.desk.clock.now() + self.wait)
        return await super().place(client_order_id, request)


def a_slow_desk(*faults: Fault, seconds: int) -> tuple[Desk, SlowVenue]:
    """A desk with a venue behind which orders wait."""
    desk = Desk(policy=ALL_BITCOIN)
    slow = SlowVenue(desk.venue, faults)
    slow.desk, slow.wait = desk, timedelta(seconds=seconds)
    return desk, slow


async def test_absence_is_reckoned_from_when_the_request_had_left() -> None:
    """Journaled at 0 s, lost at 10 s, a window of 5 s: at 12 s it may still arrive, at 16 s it cannot."""
    desk, slow = a_slow_desk(LOST, seconds=10)
    await run_cycle(desk.parts(exchange=slow))
    assert [one.state for one in await desk.journal.unresolved()] == [IntentState.AMBIGUOUS]
    for passes, left in ((2, 1), (4, 0)):
        await pass_seconds(desk, passes)
        await recover(slow, desk.journal, desk.clock)
        assert len(await desk.journal.unresolved()) == left


async def test_nothing_is_bought_on_what_was_seen_more_than_a_minute_ago() -> None:
    """Two orders that take 50 s each to leave: the third would be decided on a book 100 s old, and is not sent."""
    desk, slow = a_slow_desk(seconds=50)
    policy = a_policy(assets={"BTC": "0.4", "ETH": "0.3", "SOL": "0.3"}, hedge=None)
    report = await run_cycle(desk.parts(exchange=slow, policy=policy))
    assert [one.report is not None for one in report.outcomes] == [True, True, False]
    assert report.outcomes[-1].note.startswith("what it was decided on was fresh until 00:01:00 UTC")


class TellsLater(FaultyExchange):
    """A venue that takes an order, and does not say what became of it before a moment."""

    desk: Desk

    async def place(self, client_order_id: str, request: OrderRequest) -> OrderReport:
        """Take it, and say no more."""
        await super().place(client_order_id, request)
        raise OutcomeUnknown("the venue took the order", taken=True)

    async def find(self, client_order_id: str, symbol: str, sent_at: datetime | None = None) -> OrderReport | None:
        """Know of nothing for ten minutes."""
        if self.desk.clock.now() < NEW_YEAR + timedelta(minutes=10):
            return None
        return await super().find(client_order_id, symbol, sent_at)


async def test_an_order_the_venue_took_is_never_concluded_to_be_absent() -> None:
    """It is not found for ten minutes, frozen all the while, and its fill is journaled when it shows."""
    desk = Desk(policy=ALL_BITCOIN)
    venue = TellsLater(desk.venue, ())
    venue.desk = desk
    parts = desk.parts(exchange=venue)
    await run_cycle(parts)
    await pass_seconds(desk, 300)
    await recover(venue, desk.journal, desk.clock)
    memory = await remember(parts, await venue.snapshot(), attended=False)
    assert [one.ambiguous for one in memory.unresolved] == [True]
    await pass_seconds(desk, 300)
    (report,) = await recover(venue, desk.journal, desk.clock)
    assert report.filled > 0
    assert await desk.journal.unresolved() == ()
