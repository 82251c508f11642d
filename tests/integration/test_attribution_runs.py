"""Attribution in whole cycles: every settlement's lines sum to its change of equity, with money coming and going."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from bot.attribution import unexplained
from bot.attribution.tally import in_units
from bot.cycle import run_cycle
from bot.domain.instrument import WalletKind
from bot.domain.memory import TradingState
from bot.domain.numbers import ZERO
from bot.domain.record import DiscrepancyKind, Settlement, Source
from bot.domain.snapshot import Balance, Snapshot
from bot.simulator.synthetic import synthetic_market
from bot.simulator.venue import SimulatedVenue
from tests.builders import d
from tests.desk import Desk


async def run(desk: Desk, cycles: int) -> list[Settlement]:
    """Run cycles six hours apart; money comes after the fourth and goes after the ninth."""
    found = []
    for number in range(cycles):
        found.append((await run_cycle(desk.parts())).settlement)
        await desk.clock.sleep_until(desk.clock.now() + timedelta(hours=6))
        if number == 4:
            desk.venue.deposit(WalletKind.SPOT, "BTC", d("0.2"))
        if number == 9:
            desk.venue.withdraw(WalletKind.SPOT, "USDT", d(1_000))
    return found


async def test_every_cycle_of_a_run_closes() -> None:
    """Purchases, shorts, transfers, funding, a deposit and a withdrawal in forty cycles."""
    settled = await run(Desk(), 40)
    for before, now in pairwise(settled):
        change = in_units(now.performance.equity) - in_units(before.performance.equity)
        assert sum((line.amount for line in now.profits), ZERO) == change
        assert unexplained(now.profits) == 0
        assert now.discrepancies == () or {one.kind for one in now.discrepancies} == {DiscrepancyKind.EXTERNAL_FLOW}
    told = {line.source for now in settled for line in now.profits}
    assert told >= {Source.PRICE, Source.FUNDING, Source.FEES, Source.FLOWS}


class LeakingVenue(SimulatedVenue):
    """Shows 900 USDT less than it has once it is told to, and the ledger says nothing of them."""

    leaks = False

    async def snapshot(self) -> Snapshot:
        """Show the account."""
        shown = await super().snapshot()
        lost = d(900) if self.leaks else ZERO
        return replace(shown, balances=tuple(_without(one, lost) for one in shown.balances))


def _without(one: Balance, lost: Decimal) -> Balance:
    return replace(one, free=one.free - lost) if (one.wallet, one.asset) == (WalletKind.SPOT, "USDT") else one


async def test_money_that_vanishes_is_unexplained_and_alarms() -> None:
    """900 USDT: in the lines, among the discrepancies, and openings stop."""
    desk = Desk()
    venue = LeakingVenue(synthetic_market(7), desk.clock, desk.venue.state)
    await run_cycle(desk.parts(exchange=venue))
    await desk.clock.sleep_until(desk.clock.now() + timedelta(hours=6))
    venue.leaks = True
    settled = (await run_cycle(desk.parts(exchange=venue))).settlement
    assert unexplained(settled.profits) == -900
    assert DiscrepancyKind.UNEXPLAINED_RESULT in {one.kind for one in settled.discrepancies}
    assert desk.control.state()[0] is TradingState.REDUCING
