"""Deciding a journaled cycle again: the proof that the record holds all it was decided from."""

from itertools import zip_longest

from bot.canonical import to_text
from bot.decide import decide
from bot.domain.policy import Policy
from bot.domain.record import CycleRecord

CONTEXT = 40


def replayed(record: CycleRecord, policy: Policy) -> tuple[str, str]:
    """Return the journaled decision and the one made now, both as canonical text."""
    return to_text(record.decision), to_text(decide(policy, record.snapshot, record.memory))


def first_difference(then: str, again: str) -> str:
    """Return where two texts part, with a little of each."""
    at = next(i for i, (a, b) in enumerate(zip_longest(then, again)) if a != b)
    start = max(0, at - CONTEXT)
    return f"at letter {at}: …{then[start : at + CONTEXT]}… is now …{again[start : at + CONTEXT]}…"
