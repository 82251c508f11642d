"""All that the sleeves wish in one cycle, gathered before the plan is drafted."""

from bot.domain.book import Exposure, Targets
from bot.domain.memory import Memory
from bot.domain.policy import Policy
from bot.domain.snapshot import Snapshot
from bot.policy.carry_entry import wanted_carry
from bot.policy.cross_hedge import cross_hedges
from bot.policy.hedge_trades import HedgeView
from bot.policy.sleeve_wishes import NO_WISHES, SleeveWishes
from bot.policy.tactical import wanted_tactical


def gather_wishes(
    policy: Policy, exposure: Exposure, targets: Targets, snapshot: Snapshot, memory: Memory
) -> SleeveWishes:
    """Return the wishes of carry and overlay, and how the hedge is viewed; plain policies have none.

    A sleeve that the policy has no longer, and that still claims something, is asked too: it leaves.
    """
    if not (policy.carry or policy.tactical or policy.hedge or memory.sleeves.claims):
        return NO_WISHES
    ratios = {asset: target.hedge_ratio for asset, target in targets.assets.items()}
    crossed = cross_hedges(policy, exposure, snapshot, memory.readings, ratios)
    carry = wanted_carry(policy, snapshot, memory, exposure.equity)
    tactical = wanted_tactical(policy, snapshot, memory, exposure.equity)
    return SleeveWishes(
        view=HedgeView(ratios=ratios, crossed=crossed.coins, claims=memory.sleeves.claims),
        tactical=tactical.wants,
        stops=tactical.stops,
        entry_stops=tactical.entry_stops,
        pairs=carry.pairs,
        alone=carry.alone,
        advice=(*crossed.advice, *carry.advice, *tactical.advice),
    )
