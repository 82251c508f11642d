"""One pass over the simulated venue: from cash to a balanced, hedged book, and then nothing more."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cycle import apply_plan, run_cycle
from bot.domain.instrument import WalletKind
from bot.domain.intent import IntentState
from bot.domain.memory import TradingState
from bot.domain.order import OrderReport, OrderRequest, OrderType, Side, Sleeve
from bot.domain.record import DiscrepancyKind, Purpose
from bot.errors import JournalFault, PlanRefused, PlanStale, SnapshotUnavailable, TradingStopped
from bot.planning import find_plan, make_plan
from bot.replay import first_difference, replayed
from bot.simulator.faults import Fault, FaultKind, Request
from tests.builders import a_policy, d
from tests.desk import Desk


async def test_one_cycle_from_cash_makes_a_balanced_hedged_book_and_the_second_does_nothing() -> None:
    """I25: apply once, then the plan is empty at the same prices."""
    desk = Desk()
    first = await run_cycle(desk.parts())
    assert first.complete
    assert {o.approved.proposal.sleeve for o in first.outcomes} == {Sleeve.CORE, Sleeve.HEDGE, Sleeve.RESERVE}
    assert first.discrepancies == ()
    await desk.clock.sleep_until(desk.clock.now() + timedelta(seconds=1))
    second = await run_cycle(desk.parts())
    assert second.decision.plan.proposals == ()


async def test_the_preview_is_the_run() -> None:
    """I29: what the plan shows is exactly what apply journals and sends."""
    desk = Desk()
    planned = await make_plan(desk.parts())
    shown = [leg for item in planned.decision.verdict.approved for leg in item.proposal.legs]
    report = await apply_plan(desk.parts(), "latest")
    sent = [intent.request for intent in desk.fake.intents.values()]
    assert sent == [leg for leg in shown if isinstance(leg, OrderRequest)]
    assert report.record.applies == planned.cycle
    assert report.record.purpose is Purpose.APPLY


async def test_planning_twice_at_one_moment_gives_one_plan() -> None:
    """The same world, the same name, one record."""
    desk = Desk()
    first, second = await make_plan(desk.parts()), await make_plan(desk.parts())
    assert first.cycle == second.cycle
    assert len(desk.fake.cycles) == 1


async def test_a_plan_is_applied_once() -> None:
    """A second apply is refused before anything is looked at."""
    desk = Desk()
    planned = await make_plan(desk.parts())
    await apply_plan(desk.parts(), planned.cycle)
    sent = desk.exchange.calls[Request.PLACE]
    with pytest.raises(PlanRefused, match="applied already"):
        await apply_plan(desk.parts(), planned.cycle)
    assert desk.exchange.calls[Request.PLACE] == sent


async def test_a_plan_is_stale_when_a_balance_moved() -> None:
    """I28: a deposit between plan and apply; the difference is named."""
    desk = Desk()
    await make_plan(desk.parts())
    desk.venue.deposit(WalletKind.SPOT, "USDT", d(5))
    with pytest.raises(PlanStale, match="USDT"):
        await apply_plan(desk.parts(), "latest")
    assert desk.exchange.calls[Request.PLACE] == 0


async def test_a_plan_is_stale_when_it_is_old_or_the_policy_changed() -> None:
    """60 seconds are allowed; another policy text is another plan."""
    desk = Desk()
    await make_plan(desk.parts())
    with pytest.raises(PlanStale, match="policy file was changed"):
        await apply_plan(desk.parts(text="another policy"), "latest")
    await desk.clock.sleep_until(desk.clock.now() + timedelta(seconds=61))
    with pytest.raises(PlanStale, match="60"):
        await apply_plan(desk.parts(), "latest")


async def test_a_plan_that_cannot_be_decided_again_is_refused() -> None:
    """An altered record: the same text, another policy behind it."""
    desk = Desk()
    await make_plan(desk.parts())
    other = a_policy(core=("0.5", "0.55", "0.6"))
    with pytest.raises(PlanRefused, match="cannot be decided again"):
        await apply_plan(desk.parts(policy=other), "latest")


async def test_a_cycle_is_no_plan_and_a_halt_refuses_all() -> None:
    """Only plans are applied, and only while trading is on."""
    desk = Desk()
    report = await run_cycle(desk.parts())
    with pytest.raises(PlanRefused, match="not a plan"):
        await apply_plan(desk.parts(), report.record.cycle)
    await make_plan(desk.parts())
    desk.control.restrict(TradingState.HALTED, "paused: a test")
    with pytest.raises(TradingStopped, match="paused: a test"):
        await apply_plan(desk.parts(), "latest")
    with pytest.raises(JournalFault):
        await find_plan(desk.parts(), "p000000")


async def test_a_stop_in_the_middle_leaves_the_rest_unsent_and_says_so() -> None:
    """The switch is thrown after the first order: the others are held back, the book is settled."""
    desk = Desk()
    report = await run_cycle(desk.parts(), lambda _: desk.control.restrict(TradingState.HALTED, "you asked to stop"))
    assert isinstance(report.outcomes[0].report, object)
    assert all("you asked to stop" in outcome.note for outcome in report.outcomes[1:])
    assert not report.complete
    assert len(desk.fake.settlements) == 2  # the opening and the end


async def test_nothing_is_decided_on_an_incomplete_snapshot() -> None:
    """I4: a surface is missing, so there is no cycle."""
    desk = Desk(Fault(kind=FaultKind.UNAVAILABLE, on=Request.SNAPSHOT, text="futures balances"))
    with pytest.raises(SnapshotUnavailable, match="futures balances"):
        await run_cycle(desk.parts())
    assert desk.fake.cycles == []
    assert desk.exchange.calls[Request.PLACE] == 0


async def test_a_timeout_in_the_middle_is_resolved_and_the_books_close() -> None:
    """Every second order times out after acceptance: no duplicates, no discrepancy, the same book."""
    faults = [Fault(kind=FaultKind.ACCEPTED_THEN_TIMEOUT, on=Request.PLACE, call=n) for n in (2, 4)]
    desk = Desk(*faults)
    report = await run_cycle(desk.parts())
    assert report.complete
    assert report.discrepancies == ()
    assert set(desk.exchange.requests.values()) == {1}


async def test_fills_journaled_before_a_crash_explain_the_position_after_it() -> None:
    """The process dies before settling; the next cycle's books close all the same."""
    desk = Desk()

    class Crash(Exception):
        """The process died here."""

    async def dies(*_: object) -> None:
        raise Crash

    settle = desk.fake.record_settlement
    desk.fake.record_settlement = dies  # type: ignore[method-assign, assignment]
    with pytest.raises(Crash):
        await run_cycle(desk.parts())
    desk.fake.record_settlement = settle  # type: ignore[method-assign]
    await desk.clock.sleep_until(desk.clock.now() + timedelta(minutes=1))
    report = await run_cycle(desk.parts())
    assert [one for one in report.discrepancies if one.halts] == []


async def test_a_trade_by_hand_is_seen_and_does_not_halt() -> None:
    """F32: the person sold 0.1 of the perpetual between two cycles."""
    by_hand = OrderRequest(
        symbol="BTC/USDT:USDT", side=Side.SELL, quantity=d("0.01"), price=None, type=OrderType.MARKET,
        reduce_only=False, sleeve=Sleeve.HEDGE,
    )  # fmt: skip
    desk = Desk(Fault(kind=FaultKind.TRADE_BY_HAND, on=Request.SNAPSHOT, call=3, by_hand=by_hand))
    await run_cycle(desk.parts())
    await desk.clock.sleep_until(desk.clock.now() + timedelta(minutes=1))
    report = await run_cycle(desk.parts())
    assert DiscrepancyKind.FOREIGN_FILL in {one.kind for one in report.discrepancies}
    assert desk.control.state()[0] is TradingState.ACTIVE


async def test_money_that_vanishes_stops_openings() -> None:
    """RC22: 5,000 are gone and no ledger entry says why."""
    desk = Desk()
    await run_cycle(desk.parts())
    left = desk.fake.settlements[-1]
    richer = tuple(replace(b, free=b.free + 5000) if b.asset == "USDT" else b for b in left.balances)
    desk.fake.settlements[-1] = replace(left, balances=richer)
    await desk.clock.sleep_until(desk.clock.now() + timedelta(minutes=1))
    report = await run_cycle(desk.parts())
    assert any(one.kind is DiscrepancyKind.UNEXPLAINED_BALANCE and one.halts for one in report.discrepancies)
    state, reason = desk.control.state()
    assert state is TradingState.REDUCING
    assert "unexplained-balance" in reason


async def test_a_deposit_is_no_profit() -> None:
    """I21: 10,000 arrive; the unit stays where it was."""
    desk = Desk(policy=a_policy(core=("0", "0", "1"), hedge=None))
    await run_cycle(desk.parts())
    desk.venue.deposit(WalletKind.SPOT, "USDT", d(10_000))
    await desk.clock.sleep_until(desk.clock.now() + timedelta(minutes=1))
    await run_cycle(desk.parts())
    performance = desk.fake.settlements[-1].performance
    assert (performance.equity, performance.unit) == (110_000, 1)


async def test_a_recorded_cycle_comes_out_the_same_again() -> None:
    """I22 for one cycle: byte by byte; a changed policy is shown where it parts."""
    desk = Desk()
    report = await run_cycle(desk.parts())
    then, again = replayed(report.record, desk.policy)
    assert then == again
    then, other = replayed(report.record, a_policy(core=("0.5", "0.55", "0.6")))
    assert first_difference(then, other).startswith("at letter ")


async def test_an_unresolved_order_freezes_its_instrument_in_the_next_decision() -> None:
    """RC19: the lost order is in memory as ambiguous."""
    desk = Desk(Fault(kind=FaultKind.LOST_BEFORE_ARRIVAL, on=Request.PLACE))
    report = await run_cycle(desk.parts())
    assert IntentState.AMBIGUOUS in {outcome.state for outcome in report.outcomes}
    await desk.clock.sleep_until(desk.clock.now() + timedelta(seconds=1))
    following = await run_cycle(desk.parts())
    assert [u.ambiguous for u in following.record.memory.unresolved] == [True]
    frozen = following.record.memory.unresolved[0].symbol
    denied = [d for d in following.decision.verdict.denied if getattr(d.proposal.legs[0], "symbol", "") == frozen]
    assert denied
    assert all("RC19" in {breach.code for breach in item.breaches} for item in denied)


async def test_reports_are_orders_or_transfers() -> None:
    """Each outcome of a whole cycle carries what the venue said."""
    report = await run_cycle(Desk().parts())
    kinds = {type(outcome.report) for outcome in report.outcomes}
    assert OrderReport in kinds
    assert None not in kinds
