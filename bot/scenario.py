"""What the policy would do next, once a shock is over: the same decision as ever, on the shocked account."""

from dataclasses import dataclass, replace

from bot.decide import decide
from bot.domain.memory import Memory, next_performance
from bot.domain.numbers import ZERO
from bot.domain.plan import Decision
from bot.domain.policy import Policy
from bot.errors import SnapshotUnavailable
from bot.whatif import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """A scenario and what is decided after it; `decision` is None where nothing can be, and `why` says so."""

    scenario: Scenario
    decision: Decision | None
    why: str = ""


def decide_after(policy: Policy, scenario: Scenario, memory: Memory) -> Aftermath:
    """Return the decision on the shocked account, with the loss counted against the day and the peak.

    The past is what it was before the shock: readings of rules are not made anew, and prices of the last
    cycle, which a shock would make look like an error of the venue, are forgotten.
    """
    try:
        decision = decide(policy, scenario.snapshot, _remembered(scenario, memory))
    except SnapshotUnavailable as error:
        return Aftermath(scenario=scenario, decision=None, why=str(error))
    return Aftermath(scenario=scenario, decision=decision)


def _remembered(scenario: Scenario, memory: Memory) -> Memory:
    at = scenario.snapshot.taken_at
    before = memory.performance or next_performance(None, equity=scenario.equity, flows=ZERO, at=at)
    return replace(
        memory,
        last_prices={},
        performance=next_performance(before, equity=scenario.equity_after, flows=ZERO, at=at),
        sleeves=replace(memory.sleeves, claims=scenario.claims),
    )
