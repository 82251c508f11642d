"""Everything a policy wants to know of the market's past, each measure once."""

from collections.abc import Iterator

from bot.domain.policy import Policy
from bot.domain.reading import Measure


def policy_measures(policy: Policy) -> tuple[Measure, ...]:
    """Return the measures of ratio rules, cross hedges, carry and overlay; none for a policy without them."""
    return tuple(dict.fromkeys(_wanted(policy)))


def _wanted(policy: Policy) -> Iterator[Measure]:
    """Yield what each section asks; one that a policy does not have is not even loaded."""
    if policy.hedge is not None and policy.hedge.rules:
        from bot.policy.hedge.ratio import ratio_measures  # noqa: PLC0415

        yield from ratio_measures(policy)
    if policy.hedge is not None and policy.hedge.cross is not None:
        from bot.policy.hedge.cross import cross_measures  # noqa: PLC0415

        yield from cross_measures(policy)
    if policy.hedge is not None and policy.hedge.choices:
        from bot.policy.hedge.choice import choice_measures  # noqa: PLC0415

        yield from choice_measures(policy)
    if policy.carry is not None:
        from bot.policy.carry.scan import carry_measures  # noqa: PLC0415

        yield from carry_measures(policy)
    if policy.tactical is not None:
        from bot.policy.tactical.signals import tactical_measures  # noqa: PLC0415

        yield from tactical_measures(policy)
