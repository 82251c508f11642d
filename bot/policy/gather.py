"""All that the sleeves wish in one cycle, gathered before the plan is drafted.

What a policy does not have is not even loaded: a plan of core and hedge starts as fast as if there were no more.
"""

from dataclasses import replace

from bot.domain.book import Exposure, Targets
from bot.domain.memory import Memory
from bot.domain.order import Sleeve
from bot.domain.policy import Policy
from bot.domain.snapshot import Snapshot
from bot.policy.hedge.markets import hedge_markets, held_hedges
from bot.policy.hedge.trades import HedgeView
from bot.policy.plan.wishes import NO_WISHES, SleeveWishes


def gather_wishes(
    policy: Policy, exposure: Exposure, targets: Targets, snapshot: Snapshot, memory: Memory
) -> SleeveWishes:
    """Return the wishes of carry and overlay, and how the hedge is viewed; plain policies have none.

    A sleeve that the policy has no longer, and that still claims something, is asked too: it leaves.
    """
    wishes = replace(NO_WISHES, view=_view(policy, targets, snapshot, memory))
    if policy.hedge is not None and policy.hedge.cross is not None:
        wishes = _crossed(wishes, policy, exposure, snapshot, memory)
    if policy.hedge is not None and len(policy.hedge.choices) > 1:
        wishes = _chosen(wishes, policy, targets, snapshot, memory)
    if policy.carry is not None or _claims(memory, Sleeve.CARRY):
        wishes = _carried(wishes, policy, exposure, snapshot, memory)
    if policy.tactical is not None or _claims(memory, Sleeve.TACTICAL):
        wishes = _overlaid(wishes, policy, exposure, snapshot, memory)
    return wishes


def _claims(memory: Memory, sleeve: Sleeve) -> bool:
    return any(claim.sleeve is sleeve for claim in memory.sleeves.claims)


def _view(policy: Policy, targets: Targets, snapshot: Snapshot, memory: Memory) -> HedgeView:
    """Return how the hedge is viewed: its ratios, what it holds, and the first contract allowed for each asset."""
    markets = {asset: hedge_markets(policy, snapshot, asset) for asset in policy.core.assets}
    return HedgeView(
        ratios={asset: target.hedge_ratio for asset, target in targets.assets.items()},
        chosen={asset: found[0].symbol for asset, found in markets.items() if found},
        claims=memory.sleeves.claims,
        held=held_hedges(snapshot, memory.sleeves.claims),
    )


def _crossed(
    wishes: SleeveWishes, policy: Policy, exposure: Exposure, snapshot: Snapshot, memory: Memory
) -> SleeveWishes:
    """Return the wishes with the coins to sell for coins that have no contract of their own."""
    from bot.policy.hedge.cross import cross_hedges  # noqa: PLC0415 - loaded where it is used

    found = cross_hedges(policy, exposure, snapshot, memory.readings, wishes.view.ratios)
    return replace(
        wishes,
        view=replace(wishes.view, crossed=found.coins),
        advice=(*wishes.advice, *found.advice),
        notes=(*wishes.notes, *(choice.reason for choice in found.choices)),
    )


def _chosen(wishes: SleeveWishes, policy: Policy, targets: Targets, snapshot: Snapshot, memory: Memory) -> SleeveWishes:
    """Return the wishes with the cheapest contract for each asset's hedge, where the policy leaves the choice."""
    from bot.policy.hedge.choice import chosen_hedges  # noqa: PLC0415 - loaded where it is used

    coins = {asset: target.hedge_coins for asset, target in targets.assets.items() if target.hedge_coins > 0}
    picks = chosen_hedges(policy, snapshot, memory.readings, coins)
    chosen = {**wishes.view.chosen, **{asset: pick.symbol for asset, pick in picks.items()}}
    return replace(
        wishes,
        view=replace(wishes.view, chosen=chosen),
        notes=(*wishes.notes, *(pick.reason for pick in picks.values())),
    )


def _carried(
    wishes: SleeveWishes, policy: Policy, exposure: Exposure, snapshot: Snapshot, memory: Memory
) -> SleeveWishes:
    from bot.policy.carry.entry import wanted_carry  # noqa: PLC0415 - loaded where it is used

    found = wanted_carry(policy, snapshot, memory, exposure.equity)
    return replace(wishes, pairs=found.pairs, alone=found.alone, advice=(*wishes.advice, *found.advice))


def _overlaid(
    wishes: SleeveWishes, policy: Policy, exposure: Exposure, snapshot: Snapshot, memory: Memory
) -> SleeveWishes:
    from bot.policy.tactical.overlay import wanted_tactical  # noqa: PLC0415 - loaded where it is used

    found = wanted_tactical(policy, snapshot, memory, exposure.equity)
    return replace(
        wishes,
        tactical=found.wants,
        stops=found.stops,
        entry_stops=found.entry_stops,
        advice=(*wishes.advice, *found.advice),
    )
