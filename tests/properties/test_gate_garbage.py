"""The gate says no to everything unknown, and answers whatever it is given."""

from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.order import Leg, Side
from bot.domain.plan import Plan, Verdict
from bot.domain.policy import Limits
from bot.domain.snapshot import Snapshot
from bot.risk.gate import review
from tests.builders import a_memory, a_policy, wide_limits
from tests.properties.test_gate_laws import books, plans, verdict_on
from tests.unit.risk.words import PERP, SPOT, a_book, a_plan, an_order, unresolved

ODD = [Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("-Infinity"), None]


def spoiled(value: Any, name: str, odd: Any) -> Any:
    """A copy of a frozen value with one field replaced past its own checks."""
    copy = object.__new__(type(value))
    for field in fields(value):
        object.__setattr__(copy, field.name, odd if field.name == name else getattr(value, field.name))
    return copy


INSTRUMENT = ("contract_size", "tick", "step", "min_quantity", "min_notional", "maker_fee", "taker_fee")
PLACES = [
    *(("order", name) for name in ("quantity", "price")),
    *(("quote", name) for name in ("bid", "ask", "mark")),
    *(("balance", name) for name in ("free", "locked")),
    *(("position", name) for name in ("quantity", "entry_price", "leverage")),
    *(("instrument", name) for name in INSTRUMENT),
    *(("funding", name) for name in ("rate", "interval_hours")),
    *(("limits", field.name) for field in fields(Limits)),
    ("snapshot", "clock_offset_seconds"),
    ("memory", "transferred"),
]


def in_place(snapshot: Snapshot, part: str, name: str, odd: Any) -> Snapshot:
    """The snapshot with one number of the contract, its position or the first balance spoiled."""
    if part == "snapshot":
        return spoiled(snapshot, name, odd)  # type: ignore[no-any-return]
    if part == "balance":
        return replace(snapshot, balances=(spoiled(snapshot.balances[0], name, odd), *snapshot.balances[1:]))
    folder = {"quote": "quotes", "position": "positions", "instrument": "instruments", "funding": "funding"}[part]
    held = getattr(snapshot, folder)
    change: dict[str, Any] = {folder: {**held, PERP: spoiled(held[PERP], name, odd)}}
    return replace(snapshot, **change)


@pytest.mark.parametrize("lowering", [False, True], ids=["opening", "closing"])
@pytest.mark.parametrize("odd", ODD, ids=str)
@pytest.mark.parametrize(("part", "name"), PLACES)
def test_no_number_is_no_approval(part: str, name: str, odd: Any, lowering: bool) -> None:
    """I13: NaN, infinity or nothing in any number an order of this contract rests on denies it."""
    snapshot, policy, memory = a_book(), a_policy(), a_memory()
    order = an_order(PERP, Side.BUY if lowering else Side.SELL, "0.1", 70_000, reduce_only=lowering)
    assert verdict_on([order], snapshot, policy).approved
    if part == "order":
        order = spoiled(order, name, odd)
    elif part == "limits":
        policy = replace(policy, limits=spoiled(policy.limits, name, odd))
    elif part == "memory":
        memory = spoiled(memory, name, odd)
    else:
        snapshot = in_place(snapshot, part, name, odd)
    assert verdict_on([order], snapshot, policy, memory).approved == ()


@pytest.mark.parametrize("odd", ODD[:-1], ids=str)
@pytest.mark.parametrize("name", ["index", "bid_depth", "ask_depth", "volume_24h"])
def test_an_absurd_liquidity_is_not_endless_liquidity(name: str, odd: Decimal) -> None:
    """What may be unknown may still not be NaN or infinite."""
    order = an_order(PERP, Side.BUY, "0.1", 70_000, reduce_only=True)
    assert verdict_on([order], in_place(a_book(), "quote", name, odd), a_policy()).approved == ()


garbage = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.decimals() | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(books(), plans, garbage, st.data())
def test_the_gate_answers_whatever_it_is_given(
    snapshot: Snapshot, legs: list[Leg], odd: Any, data: st.DataObject
) -> None:
    """I14: garbage in any field of anything ends in a verdict that accounts for every proposal."""
    plan = a_plan(*legs)
    parts: dict[str, Any] = {
        "plan": plan,
        "proposal": plan.proposals[0],
        "leg": legs[0],
        "snapshot": snapshot,
        "quote": snapshot.quotes[SPOT],
        "instrument": snapshot.instruments[PERP],
        "balance": snapshot.balances[0],
        "policy": a_policy(),
        "limits": wide_limits(),
        "core": a_policy().core,
        "memory": a_memory(),
        "intent": unresolved(SPOT, Side.BUY, 1),
    }
    name = data.draw(st.sampled_from(sorted(parts)))
    field = data.draw(st.sampled_from([field.name for field in fields(parts[name])]))
    given_plan, *others = put_together(parts | {name: spoiled(parts[name], field, odd)}, plan)
    verdict = review(given_plan, *others)
    assert isinstance(verdict, Verdict)
    if isinstance(getattr(given_plan, "proposals", None), tuple):
        assert len(verdict.approved) + len(verdict.denied) == len(given_plan.proposals)


def put_together(parts: dict[str, Any], plan: Plan) -> tuple[Any, Any, Any, Any]:
    """Return plan, snapshot, policy and memory made of these parts; the wrong one stands where it belongs."""
    snapshot, policy, memory = parts["snapshot"], parts["policy"], parts["memory"]
    if parts["plan"] is plan:
        first = parts["proposal"]
        if first is plan.proposals[0]:
            first = replace(first, legs=(parts["leg"],))
        parts["plan"] = replace(plan, proposals=(first, *plan.proposals[1:]))
    if isinstance(getattr(snapshot, "quotes", None), dict) and isinstance(snapshot.instruments, dict):
        snapshot = spoiled(snapshot, "quotes", snapshot.quotes | {SPOT: parts["quote"]})
        snapshot = spoiled(snapshot, "instruments", snapshot.instruments | {PERP: parts["instrument"]})
        rest = snapshot.balances[1:] if isinstance(snapshot.balances, tuple) else ()
        snapshot = spoiled(snapshot, "balances", (parts["balance"], *rest))
    policy = spoiled(policy, "limits", parts["limits"])
    policy = spoiled(policy, "core", parts["core"])
    return parts["plan"], snapshot, policy, spoiled(memory, "unresolved", (parts["intent"],))


@given(st.lists(garbage, min_size=4, max_size=4))
def test_the_gate_answers_pure_garbage(things: list[Any]) -> None:
    """Nothing of the right kind at all: nothing approved."""
    verdict = review(*things)
    assert verdict.approved == ()
