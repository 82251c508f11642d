"""Whole cycles in a market that stands still: the book is balanced, and then left alone (I25)."""

import asyncio

from hypothesis import given, settings

from bot.cycle import CycleReport
from bot.domain.memory import TradingState
from bot.domain.order import OrderReport
from tests.builders import d, wide_limits
from tests.properties.bench import Bench
from tests.properties.strategies import Book, books, told

CYCLES = 12
LIMITS = wide_limits(max_exposure_over_band=d("0.5"), max_leverage_setting=d(3))  # the simulated account is set to 3x


async def lived_through(bench: Bench) -> list[CycleReport]:
    """The cycles until one sends nothing, and one more."""
    reports: list[CycleReport] = []
    for _ in range(CYCLES):
        report = await bench.cycle()
        assert report is not None
        reports.append(report)
        if len(reports) > 1 and not reports[-1].outcomes and not reports[-2].outcomes:
            break
    return reports


@settings(max_examples=60)
@given(books(limits=LIMITS))
def test_cycles_at_standing_prices_come_to_rest(book: Book) -> None:
    """Real fills, fees and spreads: after a few cycles nothing more is sent, and no check has complained (I25)."""
    bench = Bench(book)
    reports = asyncio.run(lived_through(bench))
    shown = "\n".join(told(report.decision.plan) for report in reports)
    assert not reports[-1].outcomes, shown
    assert not reports[-2].outcomes, shown
    assert bench.control.state() == (TradingState.ACTIVE, "")
    assert all(report.discrepancies == () for report in reports)


@settings(max_examples=60)
@given(books(limits=LIMITS))
def test_every_order_sent_at_standing_prices_is_filled(book: Book) -> None:
    """What the gate lets through the venue takes: nothing is rejected for money, margin, grid or price."""
    reports = asyncio.run(lived_through(Bench(book)))
    for report in reports:
        for outcome in report.outcomes:
            assert outcome.report is not None, (outcome.note, told(report.decision.plan))
            if isinstance(outcome.report, OrderReport):
                assert outcome.report.filled == outcome.report.ordered
