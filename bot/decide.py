"""Policy, snapshot and memory in; a Decision out. Pure: the preview is the run, and a replay is both."""

from bot.domain.book import Drift, Exposure
from bot.domain.memory import Memory
from bot.domain.plan import Decision
from bot.domain.policy import Policy
from bot.domain.snapshot import Snapshot
from bot.policy.drift import measure_drift
from bot.policy.exposure import measure_exposure
from bot.policy.planner import draft_plan
from bot.policy.targets import set_targets
from bot.risk.gate import review


def decide(policy: Policy, snapshot: Snapshot, memory: Memory) -> Decision:
    """Return what to do about the book and why; nothing here reads a clock, a file or a venue.

    Raises SnapshotUnavailable when the book cannot be valued.
    """
    exposure = measure_exposure(snapshot, policy, memory.sleeves.claims)
    targets = set_targets(policy, exposure, snapshot)
    drift = measure_drift(policy, exposure, targets)
    plan = draft_plan(policy, exposure, targets, snapshot, memory)
    return Decision(
        policy=policy.name,
        at=snapshot.taken_at,
        exposure=exposure,
        targets=targets,
        drift=drift,
        plan=plan,
        verdict=review(plan, snapshot, policy, memory),
        notes=_notes(policy, exposure, drift),
    )


def _notes(policy: Policy, exposure: Exposure, drift: Drift) -> tuple[str, ...]:
    """Return what a person should know although no order says it."""
    notes = [f"{asset} is held and has no price in {policy.quote}: not counted" for asset in exposure.unpriced]
    minimum = policy.reserve.minimum * exposure.equity
    if exposure.reserve_value < minimum:
        short = f"{exposure.reserve_value:.2f} of {minimum:.2f} {policy.quote}"
        notes.append(f"the reserve is below its minimum ({short}): no purchases")
    strangers = sorted(set(exposure.assets) - set(drift.assets))
    notes.extend(f"{asset} is held and is not in the policy: counted, never traded" for asset in strangers)
    return tuple(notes)
