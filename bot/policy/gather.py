"""All that the sleeves wish in one cycle, gathered before the plan is drafted."""

from collections.abc import Mapping

from bot.domain.book import Exposure, Targets
from bot.domain.memory import Memory
from bot.domain.policy import Policy
from bot.domain.snapshot import Snapshot
from bot.policy.carry_entry import wanted_carry
from bot.policy.cross_hedge import cross_hedges
from bot.policy.hedge_choice import HedgePick, chosen_hedges
from bot.policy.hedge_markets import hedge_markets, held_hedges
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
    picks = _picks(policy, targets, snapshot, memory)
    carry = wanted_carry(policy, snapshot, memory, exposure.equity)
    tactical = wanted_tactical(policy, snapshot, memory, exposure.equity)
    return SleeveWishes(
        view=HedgeView(
            ratios=ratios,
            crossed=crossed.coins,
            chosen=_markets(policy, snapshot, picks),
            claims=memory.sleeves.claims,
            held=held_hedges(snapshot, memory.sleeves.claims),
        ),
        tactical=tactical.wants,
        stops=tactical.stops,
        entry_stops=tactical.entry_stops,
        pairs=carry.pairs,
        alone=carry.alone,
        advice=(*crossed.advice, *carry.advice, *tactical.advice),
        notes=(*(choice.reason for choice in crossed.choices), *(pick.reason for pick in picks.values())),
    )


def _markets(policy: Policy, snapshot: Snapshot, picks: Mapping[str, HedgePick]) -> dict[str, str]:
    """Return the contract that takes each asset's new hedge: the pick, else the first the policy allows."""
    first = {asset: hedge_markets(policy, snapshot, asset) for asset in policy.core.assets if asset not in picks}
    usual = {asset: markets[0].symbol for asset, markets in first.items() if markets}
    return usual | {asset: pick.symbol for asset, pick in picks.items()}


def _picks(policy: Policy, targets: Targets, snapshot: Snapshot, memory: Memory) -> Mapping[str, HedgePick]:
    """Return the cheapest contract for each asset's hedge, where the policy leaves the choice."""
    if policy.hedge is None or len(policy.hedge.choices) <= 1:
        return {}
    coins = {asset: target.hedge_coins for asset, target in targets.assets.items() if target.hedge_coins > 0}
    return chosen_hedges(policy, snapshot, memory.readings, coins)
