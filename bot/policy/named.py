"""What a policy names: the coins and the kinds of contract that must be looked at for it."""

from bot.domain.instrument import Kind
from bot.domain.policy import Policy
from bot.policy.hedge.markets import hedge_kinds


def policy_kinds(policy: Policy) -> frozenset[Kind]:
    """Return the kinds of instrument a policy may trade: spot, and the contracts of its hedge, carry and overlay."""
    kinds = {Kind.SPOT, Kind.LINEAR_PERPETUAL, *hedge_kinds(policy)}
    if policy.carry is not None:
        kinds.update(policy.carry.kinds)
    if policy.tactical is not None:
        kinds.update(rule.instrument for rule in policy.tactical.rules)
    return frozenset(kinds)


def policy_coins(policy: Policy) -> tuple[str, ...]:
    """Return every coin a policy names: the core's, those hedged and hedging, carry's and the overlay's."""
    named = [*policy.core.assets]
    if policy.hedge is not None and policy.hedge.cross is not None:
        named.extend((*policy.hedge.cross.against, *policy.hedge.cross.against.values()))
    if policy.carry is not None:
        named.extend(policy.carry.assets)
    if policy.tactical is not None:
        named.extend(rule.asset for rule in policy.tactical.rules)
    return tuple(dict.fromkeys(named))
