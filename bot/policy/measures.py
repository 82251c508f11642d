"""Everything a policy wants to know of the market's past, each measure once."""

from bot.domain.policy import Policy
from bot.domain.reading import Measure
from bot.policy.carry_scan import carry_measures
from bot.policy.cross_hedge import cross_measures
from bot.policy.hedge_choice import choice_measures
from bot.policy.hedge_ratio import ratio_measures
from bot.policy.tactical_signals import tactical_measures


def policy_measures(policy: Policy) -> tuple[Measure, ...]:
    """Return the measures of ratio rules, cross hedges, carry and overlay; none for a policy without them."""
    hedging = (*ratio_measures(policy), *cross_measures(policy), *choice_measures(policy))
    wanted = (*hedging, *carry_measures(policy), *tactical_measures(policy))
    return tuple(dict.fromkeys(wanted))
