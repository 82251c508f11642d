"""Laws of the whole book: core, every kind of hedge, carry and money coming and going, on the simulated venue."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from itertools import accumulate, pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.attribution import unexplained
from bot.attribution.tally import in_units
from bot.cycle import CycleReport, run_cycle
from bot.domain.instrument import Kind, WalletKind
from bot.domain.numbers import ZERO
from bot.domain.order import OrderReport, OrderRequest, Sleeve, TransferRequest
from bot.domain.policy import Policy
from bot.domain.snapshot import Snapshot
from bot.execution.sending import Outcome
from bot.policy.exposure import measure_exposure
from bot.simulator.synthetic import synthetic_market
from tests.builders import a_policy, d, wide_limits
from tests.desk import Desk
from tests.unit.policy.pairs import the_rules

HEDGES = (Kind.LINEAR_PERPETUAL, Kind.INVERSE_PERPETUAL, Kind.LINEAR_FUTURE, Kind.INVERSE_FUTURE)
CARRIES = (Kind.LINEAR_PERPETUAL, Kind.LINEAR_FUTURE)
CHILD = d(8_000)  # the most one order may be worth, in USDT
HIGHEST = d("0.6")  # the largest hedge ratio the limits allow
STEP = d("0.003")  # coins: the coarsest contract here, 10 USD of ether at 3,500


@dataclass(frozen=True, repr=False)
class Story:
    """A policy, a market, and what happens after each cycle: hours that pass, money that comes or goes."""

    policy: Policy
    seed: int
    events: tuple[tuple[int, int], ...]

    def __repr__(self) -> str:
        """What is needed to live through it again."""
        hedge, carry = self.policy.hedge, self.policy.carry
        hedged = f"{hedge.ratio.target} in {hedge.instrument}" if hedge else "-"
        carried = f"{carry.budget} in {carry.kinds[0]}" if carry else "-"
        return f"hedge {hedged}, carry {carried}, market {self.seed}, then (hours, money) {self.events}"


def a_whole_policy(hedge: Kind, ratio: int, carry: Kind | None, budget: int) -> Policy:
    """BTC and ETH, hedged by `ratio` percent with one kind of contract, and a carry of `budget` percent."""
    limits = wide_limits(max_order_value=CHILD, max_hedge_ratio=HIGHEST, max_leverage_setting=d(3))
    rules = (
        the_rules(budget=d(budget) / 100, kinds=(carry,), enter_apr=d("0.03"), leave_apr=d("0.01")) if carry else None
    )
    policy = a_policy(core=("0.3", "0.4", "0.5"), hedge=(0, d(ratio) / 100, HIGHEST), limits=limits, carry=rules)
    assert policy.hedge is not None
    return replace(policy, hedge=replace(policy.hedge, instrument=hedge))


@st.composite
def stories(draw: st.DrawFn, most: int = 5) -> Story:
    """Three to `most` cycles of a whole policy."""
    hedge, ratio = draw(st.sampled_from(HEDGES)), draw(st.integers(0, 60))
    carry, budget = draw(st.sampled_from((None, *CARRIES))), draw(st.integers(5, 20))
    events = st.tuples(st.integers(1, 48), st.sampled_from((0, 0, 0, 5_000, 40_000, -3_000)))
    return Story(
        policy=a_whole_policy(hedge, ratio, carry, budget),
        seed=draw(st.integers(0, 999)),
        events=tuple(draw(st.lists(events, min_size=2, max_size=most - 1))),
    )


class Life:
    """A story lived through: the reports of its cycles and the snapshots after them."""

    def __init__(self, story: Story) -> None:
        market = synthetic_market(story.seed, ("BTC", "ETH"), kinds=frozenset(Kind))
        self.desk = Desk(policy=story.policy, market=market)
        self.story = story
        self.reports: list[CycleReport] = []
        self.outcomes: list[Outcome] = []
        self.left: list[Snapshot] = []

    async def live(self) -> "Life":
        """Run the cycles, with hours and money between them."""
        await self.cycle()
        for hours, money in self.story.events:
            await self.desk.clock.sleep_until(self.desk.clock.now() + timedelta(hours=hours))
            if money > 0:
                self.desk.venue.deposit(WalletKind.SPOT, "USDT", d(money))
            if money < 0:
                self.desk.venue.withdraw(WalletKind.SPOT, "USDT", d(-money))
            await self.cycle()
        return self

    async def cycle(self) -> CycleReport:
        """Run one cycle, and look."""
        self.reports.append(await run_cycle(self.desk.parts(), self.outcomes.append))
        self.left.append(await self.desk.venue.snapshot())
        return self.reports[-1]


def lived(story: Story) -> Life:
    """The whole story."""
    return asyncio.run(Life(story).live())


@pytest.mark.parametrize("hedge", HEDGES)
def test_a_story_is_about_something(hedge: Kind) -> None:
    """A day later both coins are hedged by a third, and a pair stands: so the laws below speak of real books."""
    story = Story(policy=a_whole_policy(hedge, 33, Kind.LINEAR_FUTURE, 20), seed=7, events=((12, 0), (12, 0)))
    life = lived(story)
    exposure = measure_exposure(life.left[-1], story.policy, life.reports[-1].settlement.sleeves.claims)
    for asset in story.policy.core.assets:
        held = exposure.assets[asset]
        assert d("0.25") < -held.contract_coins / held.core_coins < d("0.35")
    assert exposure.assets["BTC"].carry_contracts < 0
    assert any(len(legs) > 1 for report in life.reports for legs in carried_by(report))


@settings(max_examples=20)
@given(stories())
def test_the_lines_of_every_settlement_sum_exactly_to_its_change_of_equity(story: Story) -> None:
    """Whatever was traded, moved, paid, funded or deposited, nothing is left unexplained (I19, I20, I21)."""
    life = lived(story)
    for before, now in pairwise(life.desk.fake.settlements):
        change = in_units(now.performance.equity) - in_units(before.performance.equity)
        assert sum((line.amount for line in now.profits), ZERO) == change
        assert unexplained(now.profits) == 0
        assert not any(one.halts for one in now.discrepancies)


@settings(max_examples=20)
@given(stories())
def test_no_cycle_leaves_a_hedge_beyond_its_limit(story: Story) -> None:
    """Coins short, what carry claims taken out, are never above the ratio of the core's, to a contract (I10)."""
    life = lived(story)
    for report, snapshot in zip(life.reports, life.left, strict=True):
        exposure = measure_exposure(snapshot, story.policy, report.settlement.sleeves.claims)
        for asset in story.policy.core.assets:
            held = exposure.assets[asset]
            assert -held.contract_coins <= HIGHEST * held.core_coins + STEP


@settings(max_examples=20)
@given(stories())
def test_a_pair_never_stands_wider_than_one_child_order(story: Story) -> None:
    """Leg by leg as they were filled, and at the end of each cycle, carry's coins and contracts agree so far (I12)."""
    life = lived(story)
    for report, snapshot in zip(life.reports, life.left, strict=True):
        for legs in carried_by(report):
            widest = max(abs(coins) for coins in legs)
            assert max(abs(gap) for gap in accumulate(legs)) <= widest + STEP
        exposure = measure_exposure(snapshot, story.policy, report.settlement.sleeves.claims)
        for held in exposure.assets.values():
            assert abs(held.carry_coins + held.carry_contracts) * held.price <= CHILD


def carried_by(report: CycleReport) -> Iterator[list[Decimal]]:
    """The coins each order bought for carry (sold, below zero), in the order of sending, one list for each pair."""
    for number in sorted({one.approved.proposal.number for one in report.outcomes}):
        mine = [one for one in report.outcomes if one.approved.proposal.number == number]
        found = [coins for one in mine if (coins := carry_coins(one)) is not None]
        if len(found) > 1:
            yield found


def carry_coins(outcome: Outcome) -> Decimal | None:
    """What carry got of one order, signed, of contracts that are one coin each; None where it has no part in it."""
    if not isinstance(outcome.leg, OrderRequest) or not isinstance(outcome.report, OrderReport):
        return None
    parts = outcome.leg.cut_to(outcome.report.filled).parts if outcome.report.filled else ()
    return next((part.quantity for part in parts if part.sleeve is Sleeve.CARRY), None)


LAST_PAIR_LEAVES = Story(
    policy=a_whole_policy(Kind.LINEAR_PERPETUAL, 0, Kind.LINEAR_FUTURE, 5),
    seed=261,
    events=((1, 0), (1, 0), (13, 0), (48, 0)),
)


@settings(max_examples=20)
@given(stories())
@example(LAST_PAIR_LEAVES)
def test_further_cycles_at_the_same_moment_trade_nothing_and_then_do_nothing(story: Story) -> None:
    """What was filled is not wanted again (I25); margin that a closed contract held leaves once it is free."""

    async def further() -> tuple[CycleReport, CycleReport]:
        life = await Life(story).live()
        return await life.cycle(), await life.cycle()

    second, third = asyncio.run(further())
    legs = [leg for proposal in second.decision.plan.proposals for leg in proposal.legs]
    assert all(isinstance(leg, TransferRequest) and leg.target is WalletKind.SPOT for leg in legs), legs
    assert third.decision.plan.proposals == (), third.decision.plan
