"""Carry through a delivery: the pair ends at its hour, its coins are sold, and every figure closes."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from bot.attribution import unexplained
from bot.attribution.tally import in_units
from bot.cycle import CycleReport, run_cycle
from bot.domain.instrument import Instrument
from bot.domain.ledger import EntryKind
from bot.domain.memory import TradingState
from bot.domain.numbers import ZERO
from bot.domain.order import OrderRequest, Side, Sleeve
from bot.domain.sleeves import claimed
from bot.domain.snapshot import Quote
from bot.policy.named import policy_kinds
from bot.policy_file import parse_policy, read_text
from bot.settings import shipped_policy
from bot.simulator.synthetic import SyntheticMarket, coin
from tests.desk import Desk

CONTRACT = "BTC/USDT:USDT-260327"
DELIVERY = datetime(2026, 3, 27, 8, tzinfo=UTC)
TEXT = read_text(shipped_policy("carry")) + "\napproval_above = 1.0\n"


class OneContract(SyntheticMarket):
    """The seeded market with one dated contract in all: nothing further away is more attractive."""

    def instruments_at(self, moment: datetime) -> Mapping[str, Instrument]:
        """Return what is listed, of dated contracts only the one."""
        every = super().instruments_at(moment)
        return {symbol: one for symbol, one in every.items() if one.expiry is None or symbol == CONTRACT}

    def quotes(self, moment: datetime) -> dict[str, Quote]:
        """Return the prices of what is listed."""
        listed = self.instruments_at(moment)
        return {symbol: quote for symbol, quote in super().quotes(moment).items() if symbol in listed}


def moments(asleep: timedelta) -> Iterator[datetime]:
    """Once a day for seventeen days, then thrice a day until two days after, but for the time asleep around eight."""
    for days in range(17, 2, -1):
        yield DELIVERY - timedelta(days=days) + timedelta(minutes=5)
    for step in range(-6, 7):
        at = DELIVERY + timedelta(hours=8 * step, minutes=5)
        if step <= -3 or at >= DELIVERY + asleep:
            yield at


async def run(desk: Desk, asleep: timedelta) -> list[CycleReport]:
    """Run the cycles one after the other."""
    reports = []
    for at in moments(asleep):
        await desk.clock.sleep_until(at)
        reports.append(await run_cycle(desk.parts(text=TEXT)))
    return reports


@pytest.mark.parametrize("asleep", [timedelta(0), timedelta(days=1, hours=20)], ids=["awake", "asleep for days"])
async def test_a_pair_ends_with_its_contract_and_every_figure_closes(asleep: timedelta) -> None:
    """Bitcoin sold dated in March, delivered on the 27th; its coins go the first time somebody looks."""
    policy = parse_policy(TEXT, "carry")
    market = OneContract("1", (coin("BTC"), coin("ETH")), "USDT", policy_kinds(policy))
    desk = Desk(policy=policy, market=market)
    reports = await run(desk, asleep)
    before, after = ([one for one in reports if (one.settlement.at < DELIVERY) is early] for early in (True, False))
    size = -claimed(before[-1].settlement.sleeves.claims, CONTRACT, Sleeve.CARRY)
    assert size > 0
    assert before[-1].settlement.positions[CONTRACT].quantity == -size

    # The delivery: once, at eight, at the coin's price, with 5 bp of fee.
    price = market.settlement_price(CONTRACT, DELIVERY)
    entry = before[-1].settlement.positions[CONTRACT].entry_price
    told = [one for one in await desk.venue.ledger(-1) if one.reference == f"delivery-{CONTRACT}"]
    assert [(one.kind, one.at) for one in told] == [(EntryKind.DELIVERY, DELIVERY), (EntryKind.FEE, DELIVERY)]
    assert abs(told[0].change - size * (entry - price)) < Decimal("1e-9")
    assert abs(told[1].change + size * price / 2000) < Decimal("1e-9")

    # No claim on the contract is left, and of its coins less than can be sold.
    first = after[0].settlement
    assert claimed(first.sleeves.claims, CONTRACT) == 0
    assert CONTRACT not in first.positions
    coins = claimed(first.sleeves.claims, "BTC/USDT", Sleeve.CARRY)
    assert 0 <= coins < Decimal("0.00002")
    sold = [one.leg for one in after[0].outcomes if isinstance(one.leg, OrderRequest)]
    gone = sum((leg.quantity for leg in sold if (leg.symbol, leg.side) == ("BTC/USDT", Side.SELL)), ZERO)
    assert abs(gone - size) < Decimal("0.001") * size

    # Nothing did not fit, and the lines of every cycle sum to its change of equity.
    assert desk.control.state()[0] is TradingState.ACTIVE
    assert [one.discrepancies for one in reports] == [()] * len(reports)
    for earlier, later in pairwise(one.settlement for one in reports):
        change = in_units(later.performance.equity) - in_units(earlier.performance.equity)
        assert sum((line.amount for line in later.profits), ZERO) == change
        assert unexplained(later.profits) == 0
