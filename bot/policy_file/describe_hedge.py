"""What the rules of the hedge mean, in plain sentences, and what a thin margin cannot survive."""

from bot.domain.policy import HedgeRules
from bot.domain.rules import CrossHedge, RatioRule, RatioTrigger
from bot.policy_file.faults import bound, percent

_WHEN = {
    RatioTrigger.TREND: "the close is {enter} below its {days}-day EMA",
    RatioTrigger.DRAWDOWN: "the close is {enter} below its highest of {days} days",
    RatioTrigger.VOLATILITY: "the volatility of {days} days reaches {enter} a year",
    RatioTrigger.FUNDING: "shorts have paid {enter} a year over {days} days",
}


def contracts_text(hedge: HedgeRules) -> str:
    """Return with which contracts is hedged: in linear-perpetual contracts, or in the cheapest of several."""
    if not hedge.choices:
        return f"in {hedge.instrument} contracts"
    kinds = ", ".join(kind.value for kind in hedge.choices)
    return f"in the cheapest over {bound(hedge.horizon_days)} days of {kinds} contracts"


def describe_hedge_rules(hedge: HedgeRules) -> tuple[str, ...]:
    """Return a sentence for each rule of the ratio, the roll, the transfers and the cross hedge."""
    kinds = hedge.choices or (hedge.instrument,)
    sentences = [_rule(rule) for rule in hedge.rules]
    if hedge.rules:
        sentences.append(f"Rules move the aim by at most {percent(hedge.daily_change)} of the core's coins a day.")
    if any(kind.is_dated for kind in kinds):
        sentences.append(f"A dated hedge is rolled {bound(hedge.roll_days)} days before its expiry.")
    if hedge.advise_transfers:
        sentences.append("Collateral is never moved: what should move is said.")
    return (*sentences, *(_cross(hedge.cross) if hedge.cross else ()))


def _rule(rule: RatioRule) -> str:
    when = _WHEN[rule.trigger].format(enter=percent(rule.enter), days=rule.days)
    which = "at most" if rule.trigger is RatioTrigger.FUNDING else "at least"
    return f"Rule {rule.name}: when {when}, hedge {which} {percent(rule.ratio)}, until it is {percent(rule.leave)}."


def _cross(cross: CrossHedge) -> tuple[str, ...]:
    pairs = ", ".join(f"{coin} with {other}" for coin, other in cross.against.items())
    return (
        f"Hedged with another's contract: {pairs}; beta of {cross.days} days, kept within {bound(cross.beta_low)} and "
        f"{bound(cross.beta_high)}, nothing below an effectiveness of {percent(cross.min_effectiveness)}.",
    )
