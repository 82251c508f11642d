"""Sending once: the intent first, one request, and looking when nobody answers."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from bot.domain.instrument import WalletKind
from bot.domain.intent import IntentState
from bot.domain.memory import TradingState
from bot.domain.order import (
    CancelRequest,
    Leg,
    OrderReport,
    OrderRequest,
    OrderStatus,
    OrderType,
    Part,
    Side,
    Sleeve,
    TransferReport,
    TransferRequest,
)
from bot.domain.plan import Approved, Plan, Proposal, RiskFigures
from bot.errors import JournalFault
from bot.execution.executor import execute
from bot.execution.patience import PatientExchange
from bot.execution.recover import recover
from bot.execution.sending import Outcome, Sender
from bot.ports import Exchange
from bot.simulator.clock import SimulatedClock
from bot.simulator.faults import Fault, FaultKind, FaultyExchange, Request
from bot.simulator.opening import cash_account
from bot.simulator.synthetic import synthetic_market
from bot.simulator.venue import SimulatedVenue, VenueState
from tests.builders import d
from tests.desk import NEW_YEAR
from tests.fakes import FakeControl, FakeJournal

FIGURES = RiskFigures(
    net_delta=d(0), leverage=d(0), margin_ratio=None, liquidation_distance=None, survives_rally=None,
    crash_loss=d(0), funding_per_day=d(0),
)  # fmt: skip


def a_buy(quantity: str = "0.01", price: str = "75000", symbol: str = "BTC/USDT") -> OrderRequest:
    """A purchase that fills at once, above the market."""
    return OrderRequest(
        symbol=symbol, side=Side.BUY, quantity=d(quantity), price=d(price), type=OrderType.LIMIT_IOC,
        reduce_only=False, sleeve=Sleeve.CORE,
    )  # fmt: skip


A_TRANSFER = TransferRequest(asset="USDT", amount=d(100), source=WalletKind.SPOT, target=WalletKind.LINEAR)


def approve(*groups: tuple[Leg, ...]) -> tuple[tuple[Approved, ...], Plan]:
    """Approve each group of legs as one proposal, as only the gate does outside of tests."""
    proposals = tuple(
        Proposal(
            number=number, sleeve=Sleeve.CORE, asset=getattr(legs[0], "symbol", "USDT").split("/")[0],
            reason="a test", legs=legs, value=d(1), cost=d(0), deviation=d(1),
        )
        for number, legs in enumerate(groups, start=1)
    )  # fmt: skip
    approved = tuple(Approved(proposal=proposal, after=FIGURES) for proposal in proposals)
    return approved, Plan(proposals=proposals, skipped=())


class Desk:
    """A simulated venue with 100,000 USDT, its faults, a journal and a switch."""

    def __init__(self, *faults: Fault) -> None:
        self.clock = SimulatedClock(NEW_YEAR)
        venue = SimulatedVenue(
            synthetic_market(7), self.clock, VenueState(account=cash_account("USDT", d(100_000)), moment=NEW_YEAR)
        )
        self.exchange = FaultyExchange(venue, faults)
        self.journal, self.control = FakeJournal(), FakeControl()

    def sender(self, exchange: Exchange | None = None) -> Sender:
        """A sender for plan p1."""
        return Sender(
            exchange=exchange or self.exchange, journal=self.journal, clock=self.clock, control=self.control,
            cycle="c1", plan="p1", fresh_until=NEW_YEAR + timedelta(minutes=1),
        )  # fmt: skip

    async def run(self, *groups: tuple[OrderRequest | TransferRequest, ...]) -> list[Outcome]:
        """Execute the groups as one plan."""
        approved, plan = approve(*groups)
        return [outcome async for outcome in execute(approved, plan, self.sender())]

    async def coins(self) -> Decimal:
        """Bitcoin held at the venue now."""
        balances = (await self.exchange.snapshot()).balances
        return sum((b.total for b in balances if b.asset == "BTC"), Decimal(0))


async def test_the_intent_is_journaled_before_the_request_leaves() -> None:
    """I1: intent, sending, and only then an answer."""
    desk = Desk()
    (outcome,) = await desk.run((a_buy(),))
    assert desk.journal.log == ["intent", "sending", "filled"]
    assert isinstance(outcome.report, OrderReport)
    assert outcome.report.filled == d("0.01")


async def test_when_the_journal_cannot_write_nothing_is_sent() -> None:
    """The disk is full: the order never leaves."""

    class FullJournal(FakeJournal):
        async def record_intent(self, intent: object) -> None:
            raise JournalFault("the disk is full")

    desk = Desk()
    desk.journal = FullJournal()
    with pytest.raises(JournalFault):
        await desk.run((a_buy(),))
    assert not desk.exchange.requests


async def test_an_order_that_timed_out_after_acceptance_is_found_and_never_sent_again() -> None:
    """F01: one request, one order, adopted by looking."""
    desk = Desk(Fault(kind=FaultKind.ACCEPTED_THEN_TIMEOUT, on=Request.PLACE))
    (outcome,) = await desk.run((a_buy(),))
    assert isinstance(outcome.report, OrderReport)
    assert desk.journal.log == ["intent", "sending", "ambiguous", "filled"]
    assert set(desk.exchange.requests.values()) == {1}


async def test_an_order_lost_on_the_way_stays_ambiguous_until_the_window_is_over() -> None:
    """F16: absence is concluded only after the receive window, by looking three times; then it is settled."""
    desk = Desk(Fault(kind=FaultKind.LOST_BEFORE_ARRIVAL, on=Request.PLACE))
    (outcome,) = await desk.run((a_buy(),))
    assert outcome.state is IntentState.AMBIGUOUS
    await recover(desk.exchange, desk.journal, desk.clock)
    assert [record.state for record in await desk.journal.unresolved()] == [IntentState.AMBIGUOUS]
    await desk.clock.sleep_until(NEW_YEAR + desk.exchange.receive_window + timedelta(seconds=1))
    await recover(desk.exchange, desk.journal, desk.clock)
    assert await desk.journal.unresolved() == ()
    assert set(desk.exchange.requests.values()) == {1}


async def test_an_order_that_shows_up_late_is_adopted() -> None:
    """Found on the second look, after the executor gave up."""
    desk = Desk(
        Fault(kind=FaultKind.ACCEPTED_THEN_TIMEOUT, on=Request.PLACE),
        Fault(kind=FaultKind.NOT_YET_VISIBLE, on=Request.FIND),
    )
    (outcome,) = await desk.run((a_buy(),))
    assert outcome.state is IntentState.AMBIGUOUS
    (report,) = await recover(desk.exchange, desk.journal, desk.clock)
    assert report.filled == await desk.coins() / (1 - d("0.001"))
    assert await recover(desk.exchange, desk.journal, desk.clock) == ()


async def test_after_an_unknown_outcome_nothing_more_is_sent_for_that_asset() -> None:
    """I5: the second bitcoin order is held back, the ether order goes out."""
    desk = Desk(Fault(kind=FaultKind.LOST_BEFORE_ARRIVAL, on=Request.PLACE))
    first, second, third = await desk.run((a_buy(),), (a_buy("0.02"),), (a_buy("0.1", "3700", "ETH/USDT"),))
    assert first.state is IntentState.AMBIGUOUS
    assert second.state is None
    assert "unknown outcome" in second.note
    assert third.report is not None


async def test_a_rejection_is_final_and_says_its_code() -> None:
    """F08: a definite no is journaled and not tried again."""
    desk = Desk(Fault(kind=FaultKind.REJECTED, on=Request.PLACE, text="below-minimum"))
    (outcome,) = await desk.run((a_buy(),))
    assert outcome.state is IntentState.REJECTED
    assert "below-minimum" in outcome.note
    assert await desk.journal.unresolved() == ()


async def test_the_second_leg_waits_for_the_first() -> None:
    """A rejected transfer keeps its order back."""
    desk = Desk(Fault(kind=FaultKind.REJECTED, on=Request.TRANSFER, text="insufficient-balance"))
    outcomes = await desk.run((A_TRANSFER, a_buy()))
    assert [outcome.state for outcome in outcomes] == [IntentState.REJECTED]
    assert desk.journal.intents == {}


async def test_a_transfer_is_journaled_sent_once_and_settled_by_looking() -> None:
    """Journaled, sending, filled; a lost answer is ambiguous and found by recovery."""
    desk = Desk()
    (outcome,) = await desk.run((A_TRANSFER,))
    assert isinstance(outcome.report, TransferReport)
    assert desk.journal.log == ["transfer journaled", "transfer sending", "transfer filled"]
    lost = Desk(Fault(kind=FaultKind.ACCEPTED_THEN_TIMEOUT, on=Request.TRANSFER))
    (outcome,) = await lost.run((A_TRANSFER,))
    assert outcome.state is IntentState.AMBIGUOUS
    await recover(lost.exchange, lost.journal, lost.clock)
    assert await lost.journal.unresolved_transfers() == ()
    assert lost.journal.log[-1] == "transfer filled"


class ForgetfulVenue(SimulatedVenue):
    """A venue that keeps no ids of ours: it knows a transfer by what was moved, and that it was made since."""

    async def transfer(self, transfer_id: str, request: TransferRequest) -> TransferReport:
        """Move the money, and remember it without its name."""
        report = await super().transfer(transfer_id, request)
        self.moved = report
        return report

    async def find_transfer(
        self, transfer_id: str, request: TransferRequest, sent_at: datetime
    ) -> TransferReport | None:
        """The last transfer, when it was the one described."""
        same = self.moved.request == request and sent_at <= self.moved.at < sent_at + timedelta(minutes=1)
        return replace(self.moved, transfer_id=transfer_id) if same else None


async def test_a_transfer_is_found_by_what_it_was_where_the_venue_keeps_no_ids() -> None:
    """Its answer was lost, an hour passes: recovery asks for what was journaled, and from when it was sent."""
    desk = Desk()
    venue = ForgetfulVenue(
        synthetic_market(7), desk.clock, VenueState(account=cash_account("USDT", d(100_000)), moment=NEW_YEAR)
    )
    desk.exchange = FaultyExchange(venue, (Fault(kind=FaultKind.ACCEPTED_THEN_TIMEOUT, on=Request.TRANSFER),))
    await desk.run((A_TRANSFER,))
    await desk.clock.sleep_until(NEW_YEAR + timedelta(hours=1))
    await recover(PatientExchange(desk.exchange, desk.clock, print), desk.journal, desk.clock)
    assert desk.journal.log[-1] == "transfer filled"
    assert set(desk.exchange.requests.values()) == {1}


async def test_the_switch_is_read_before_every_send() -> None:
    """Halted: nothing leaves. Reducing: only what is reduce-only."""
    desk = Desk()
    desk.control.restrict(TradingState.HALTED, "killed: a test")
    (outcome,) = await desk.run((a_buy(),))
    assert outcome.note == "halted: killed: a test"
    desk.control.restrict(TradingState.REDUCING, "a discrepancy")
    (outcome,) = await desk.run((a_buy(),))
    assert outcome.note == "reducing only: a discrepancy"
    assert desk.journal.intents == {}


async def test_a_reduce_only_order_may_leave_while_reducing() -> None:
    """It is sent; the venue rejects it here because there is nothing to reduce."""
    desk = Desk()
    desk.control.restrict(TradingState.REDUCING, "a discrepancy")
    order = replace(a_buy(symbol="BTC/USDT:USDT", quantity="0.001"), reduce_only=True, sleeve=Sleeve.HEDGE)
    (outcome,) = await desk.run((order,))
    assert outcome.state is IntentState.REJECTED


async def test_the_same_plan_cannot_be_sent_twice() -> None:
    """I2, I3: the ids are derived, so a second run of the plan meets its own intents."""
    desk = Desk()
    await desk.run((a_buy(),))
    with pytest.raises(JournalFault, match="recorded already"):
        await desk.run((a_buy(),))
    assert set(desk.exchange.requests.values()) == {1}


async def test_what_was_journaled_and_never_sent_is_absent_at_once() -> None:
    """F89, F90: killed between the intent and the send."""
    desk = Desk()
    approved, plan = approve((a_buy(),))

    class Killed(Exception):
        """The process died here."""

    class DyingJournal(FakeJournal):
        async def record_state(self, *arguments: object, **words: object) -> None:
            raise Killed

    dying = DyingJournal()
    sender = replace(desk.sender(), journal=dying)
    with pytest.raises(Killed):
        _ = [outcome async for outcome in execute(approved, plan, sender)]
    desk.journal.intents, desk.journal.states = dying.intents, dying.states
    await recover(desk.exchange, desk.journal, desk.clock)
    assert [state for state, _, _ in desk.journal.states.values()] == [IntentState.ABSENT]
    assert not desk.exchange.requests


async def test_after_a_purchase_that_was_refused_its_hedge_is_not_sold_short() -> None:
    """I10: the hedge was sized for coins that are not there; another asset's purchase goes out all the same."""
    desk = Desk(Fault(kind=FaultKind.REJECTED, on=Request.PLACE, text="suspended"))
    hedge = replace(a_buy(symbol="BTC/USDT:USDT"), side=Side.SELL, price=d(60_000), sleeve=Sleeve.HEDGE)
    first, second, third = await desk.run((a_buy(),), (hedge,), (a_buy("0.1", "3700", "ETH/USDT"),))
    assert first.state is IntentState.REJECTED
    assert "not filled whole" in second.note
    assert third.report is not None


async def test_after_a_partial_fill_the_rest_of_its_asset_waits_but_what_reduces_is_sent() -> None:
    """Half a purchase: the next one waits, a reduce-only order leaves (the venue has nothing to reduce here)."""
    desk = Desk(Fault(kind=FaultKind.PARTIAL_FILL, on=Request.PLACE, number=d("0.5")))
    reduction = replace(a_buy(symbol="BTC/USDT:USDT"), reduce_only=True, sleeve=Sleeve.HEDGE)
    first, second, third = await desk.run((a_buy(),), (a_buy("0.02"),), (reduction,))
    assert first.report is not None
    assert "not filled whole" in second.note
    assert third.state is IntentState.REJECTED


async def test_after_a_sale_that_was_refused_nothing_is_bought_and_what_waits_is_not_hedged() -> None:
    """The purchase counted on its money, the hedge on the purchase."""
    desk = Desk(Fault(kind=FaultKind.REJECTED, on=Request.PLACE, text="suspended"))
    sale = replace(a_buy(), side=Side.SELL, price=d(60_000))
    hedge = replace(a_buy(symbol="ETH/USDT:USDT"), side=Side.SELL, price=d(3000), sleeve=Sleeve.HEDGE)
    outcomes = await desk.run((sale,), (a_buy("0.1", "3700", "ETH/USDT"),), (hedge,))
    assert [outcome.state for outcome in outcomes] == [IntentState.REJECTED, None, None]
    assert "a sale before it" in outcomes[1].note
    assert desk.exchange.calls[Request.PLACE] == 1


async def test_what_the_gate_lets_through_while_reducing_is_sent() -> None:
    """A sale of coins and collateral for a short lower risk; money out of the futures wallet does not."""
    desk = Desk()
    desk.control.restrict(TradingState.REDUCING, "a discrepancy")
    back = replace(A_TRANSFER, source=WalletKind.LINEAR, target=WalletKind.SPOT)
    outcomes = await desk.run((A_TRANSFER,), (replace(a_buy(), side=Side.SELL, price=d(60_000)),), (back,))
    assert outcomes[0].report is not None
    assert outcomes[1].state is IntentState.REJECTED  # sent: there is no bitcoin to sell
    assert outcomes[2].note == "reducing only: a discrepancy"


def a_contract_sale(quantity: str = "0.02", price: str = "66000") -> OrderRequest:
    """A short of the perpetual that fills at once, below the market."""
    return OrderRequest(
        symbol="BTC/USDT:USDT", side=Side.SELL, quantity=d(quantity), price=d(price), type=OrderType.LIMIT_IOC,
        reduce_only=False, sleeve=Sleeve.CARRY, parts=(Part(sleeve=Sleeve.CARRY, rule="pair", quantity=-d(quantity)),),
    )  # fmt: skip


async def funded(desk: Desk) -> Sender:
    """A sender that knows the grids, with 10,000 USDT in the futures wallet."""
    request = TransferRequest(asset="USDT", amount=d(10_000), source=WalletKind.SPOT, target=WalletKind.LINEAR)
    await desk.exchange.transfer("funding", request)
    instruments = (await desk.exchange.snapshot()).instruments
    return replace(desk.sender(), instruments=instruments)


@pytest.mark.parametrize(("filled", "bought"), [("1", "0.01999"), ("0.5", "0.00999")])
async def test_the_second_leg_of_a_pair_is_cut_to_what_was_filled_of_the_first(filled: str, bought: str) -> None:
    """A short of 0.02 filled whole or by half: of 0.01999 coins as much is bought, cut to the grid."""
    desk = Desk(Fault(on=Request.PLACE, kind=FaultKind.PARTIAL_FILL, number=d(filled)))
    approved, plan = approve((a_contract_sale(), a_buy("0.01999")))
    outcomes = [one async for one in execute(approved, plan, await funded(desk))]
    first, second = outcomes
    assert isinstance(first.report, OrderReport)
    assert isinstance(second.report, OrderReport)
    assert first.report.filled == d("0.02") * d(filled)
    assert second.report.filled == d(bought)


async def test_a_second_leg_too_small_to_place_is_left_to_the_next_cycle() -> None:
    """A twentieth of the short is filled; of 0.001 coins a twentieth is 3.50 USDT, and 5 is the smallest order."""
    desk = Desk(Fault(on=Request.PLACE, kind=FaultKind.PARTIAL_FILL, number=d("0.05")))
    approved, plan = approve((a_contract_sale(), a_buy("0.00100")))
    first, second = [one async for one in execute(approved, plan, await funded(desk))]
    assert isinstance(first.report, OrderReport)
    assert second.report is None
    assert "the next cycle mends the pair" in second.note


async def test_nothing_stands_against_a_leg_that_was_refused() -> None:
    """The short is refused for want of margin: no coins are bought."""
    desk = Desk()
    approved, plan = approve((a_contract_sale(), a_buy()))
    outcomes = [one async for one in execute(approved, plan, desk.sender())]
    assert len(outcomes) == 1
    assert outcomes[0].state is IntentState.REJECTED


async def test_a_resting_order_is_taken_back_and_read_afterwards() -> None:
    """A post-only purchase rests, is cancelled, and the journal knows both the wish and the end."""
    desk = Desk()
    resting = replace(a_buy(price="69000"), type=OrderType.POST_ONLY)
    placed = [one async for one in execute(*approve((resting,)), desk.sender())]
    assert isinstance(placed[0].report, OrderReport)
    identity = placed[0].report.client_order_id
    leg = CancelRequest(client_order_id=identity, symbol="BTC/USDT", sleeve=Sleeve.TACTICAL)
    (ended,) = [one async for one in execute(*approve((leg,)), desk.sender())]
    assert isinstance(ended.report, OrderReport)
    assert ended.report.status is OrderStatus.CANCELLED
    assert [event.kind for event in desk.journal.events] == ["cancel"]
    assert (await desk.exchange.snapshot()).open_orders == ()


async def test_a_cancel_of_an_order_nobody_knows_says_so() -> None:
    """There is nothing to take back."""
    desk = Desk()
    leg = CancelRequest(client_order_id="hnobody", symbol="BTC/USDT", sleeve=Sleeve.TACTICAL)
    (ended,) = [one async for one in execute(*approve((leg,)), desk.sender())]
    assert ended.report is None
    assert ended.note == "the venue knows no such order"


async def test_an_order_that_rests_as_it_did_is_no_news() -> None:
    """Looked at again and again, it is written down once; when it is filled or gone, it is told."""
    desk = Desk()
    resting = replace(a_buy(price="69000"), type=OrderType.POST_ONLY)
    (placed,) = [one async for one in execute(*approve((resting,)), desk.sender())]
    assert isinstance(placed.report, OrderReport)
    for _ in range(3):
        (seen,) = await recover(desk.exchange, desk.journal, desk.clock)
        assert seen.status is OrderStatus.OPEN
    assert len(desk.journal.reports) == 1
    await desk.exchange.cancel(placed.report.client_order_id, "BTC/USDT")
    await recover(desk.exchange, desk.journal, desk.clock)
    assert [report.status for report in desk.journal.reports] == [OrderStatus.OPEN, OrderStatus.CANCELLED]
    assert await recover(desk.exchange, desk.journal, desk.clock) == ()
