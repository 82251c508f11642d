"""The preview is the run: what is applied is what was shown, letter by letter (I29)."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.canonical import to_text
from bot.cycle import CycleReport, apply_plan
from bot.domain.instrument import WalletKind
from bot.domain.order import OrderRequest, TransferRequest
from bot.domain.record import CycleRecord
from bot.errors import PlanStale
from bot.planning import make_plan
from tests.builders import d, wide_limits
from tests.properties.bench import Bench
from tests.properties.strategies import Book, books

LIMITS = wide_limits(max_exposure_over_band=d("0.5"), max_leverage_setting=d(3))


async def planned_and_applied(bench: Bench) -> tuple[CycleRecord, CycleReport]:
    """A plan, and the same plan carried out."""
    planned = await make_plan(bench.parts)
    return planned, await apply_plan(bench.parts, planned.cycle)


@settings(max_examples=60)
@given(books(limits=LIMITS))
def test_what_apply_journals_and_sends_is_what_the_plan_showed(book: Book) -> None:
    """The approved legs, the intents, what the venue was asked for: the same letters in the same order (I29)."""
    bench = Bench(book)
    planned, applied = asyncio.run(planned_and_applied(bench))
    shown = [leg for one in planned.decision.verdict.approved for leg in one.proposal.legs]
    orders = [to_text(leg) for leg in shown if isinstance(leg, OrderRequest)]
    assert [to_text(intent.request) for intent in bench.journal.intents.values()] == orders
    assert [to_text(request) for request, _, _ in bench.exchange.seen] == orders
    moves = [to_text(leg) for leg in shown if isinstance(leg, TransferRequest)]
    assert [to_text(request) for request, _, _ in bench.journal.transfers.values()] == moves
    assert to_text(applied.decision) == to_text(planned.decision)


@settings(max_examples=30)
@given(books(limits=LIMITS), st.sampled_from(["deposit", "price", "policy"]))
def test_a_plan_is_not_applied_once_the_world_or_the_policy_moved(book: Book, what: str) -> None:
    """A deposit, a price or another policy text between plan and apply: nothing is sent (I28)."""
    bench = Bench(book, jumps=((1, dict.fromkeys(book.prices, 1)),) if what == "price" else ())
    asyncio.run(refused(bench, what))
    assert bench.exchange.seen == []
    assert bench.journal.intents == {}


async def refused(bench: Bench, what: str) -> None:
    """Plan, let something move, and try to apply."""
    planned, parts = await make_plan(bench.parts), bench.parts
    if not planned.decision.plan.proposals:
        return
    if what == "deposit":
        bench.venue.deposit(WalletKind.SPOT, "USDT", d("0.01"))
    elif what == "price":
        await bench.clock.sleep_until(bench.clock.now() + timedelta(minutes=1))
    else:
        parts = replace(parts, policy_text="another policy")
    with pytest.raises(PlanStale):
        await apply_plan(parts, planned.cycle)
