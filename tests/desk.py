"""A whole bot on a desk: the simulated venue, a fake journal and switch, a policy; for tests of cycles and loops."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from bot.domain.instrument import WalletKind
from bot.domain.policy import Policy
from bot.planning import Parts
from bot.ports import Exchange, Journal
from bot.simulator.account import Account
from bot.simulator.clock import SimulatedClock
from bot.simulator.faults import Fault, FaultyExchange
from bot.simulator.market import Market
from bot.simulator.synthetic import synthetic_market
from bot.simulator.venue import SimulatedVenue, VenueState
from tests.builders import Number, a_policy, d
from tests.fakes import FakeControl, FakeJournal

NEW_YEAR = datetime(2026, 1, 1, 0, 0, tzinfo=UTC)


class Desk:
    """Everything a cycle needs, on one desk."""

    def __init__(
        self,
        *faults: Fault,
        spot: Mapping[str, Number] | None = None,
        policy: Policy | None = None,
        market: Market | None = None,
        journal: Journal | None = None,
    ) -> None:
        self.policy = policy or a_policy()
        self.clock = SimulatedClock(NEW_YEAR)
        coins = spot if spot is not None else {"USDT": 100_000}
        balances = {(WalletKind.SPOT, asset): d(amount) for asset, amount in coins.items()}
        self.venue = SimulatedVenue(
            market or synthetic_market(7), self.clock, VenueState(account=Account(balances=balances), moment=NEW_YEAR)
        )
        self.exchange = FaultyExchange(self.venue, faults)
        self.journal = journal or FakeJournal()
        self.control = FakeControl()

    @property
    def fake(self) -> FakeJournal:
        """The journal, where it is the fake one."""
        assert isinstance(self.journal, FakeJournal)
        return self.journal

    def parts(self, *, exchange: Exchange | None = None, policy: Policy | None = None, text: str = "a policy") -> Parts:
        """The parts of a cycle."""
        return Parts(
            policy=policy or self.policy,
            policy_text=text,
            exchange=exchange or self.exchange,
            journal=self.journal,
            clock=self.clock,
            control=self.control,
        )

    def scheduled(self, **changes: object) -> Parts:
        """The parts with another schedule."""
        schedule = replace(self.policy.schedule, **changes)  # type: ignore[arg-type]
        return self.parts(policy=replace(self.policy, schedule=schedule))

    async def total(self, asset: str) -> Decimal:
        """Coins of an asset in every wallet."""
        balances = (await self.venue.snapshot()).balances
        return sum((b.total for b in balances if b.asset == asset), Decimal(0))
