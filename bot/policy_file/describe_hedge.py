"""What the rules of the hedge mean, in plain sentences, and what a thin margin cannot survive."""

from decimal import Decimal

from bot.domain.policy import HedgeRules, Limits, Policy
from bot.domain.rules import CrossHedge, RatioRule, RatioTrigger
from bot.policy_file.faults import bound, percent
from bot.policy_file.feasible import (
    at_high,
    collateral,
    hedge_distance,
    hedged_share,
    liquidation_distance,
    only_inverse,
)

SMALL_START = Decimal("0.05")  # RC14: what may lie in futures wallets in the first 30 days
HALF = Decimal("0.5")

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


def margin_warnings(policy: Policy) -> tuple[str, ...]:
    """Return what the futures margin a policy allows cannot survive; nothing where it is ample.

    A hedge on the most margin the limits let into futures wallets: leverage = value of the shorts ÷ margin,
    liquidated by a rally of (1 + 1/L) / 1.005 − 1 (QUANT 4.4). Said of the hedge at its highest where that
    margin is too little for the aimed leverage, and of half a hedge where the margin is the small start of RC14.
    """
    hedge, margin = policy.hedge, policy.limits.max_futures_margin_share
    if hedge is None or only_inverse(hedge):
        return ()
    high = policy.core.band.high
    ratio = hedged_share(policy.core, hedge, at_high)
    ratios = [ratio] if collateral(high, ratio, hedge) > margin else []
    if margin <= SMALL_START and ratio < HALF:
        ratios.append(HALF)
    return (*(_thin(margin, one, one * high) for one in ratios), *_advised(hedge, policy.limits))


def _thin(margin: Decimal, ratio: Decimal, short: Decimal) -> str:
    """Return what `margin` for shorts of `short`, both shares of equity, does not survive."""
    if not margin:
        return f"WARNING: with no margin in futures wallets no hedge of {percent(ratio)} can be opened."
    leverage = short / margin
    return (
        f"WARNING: {percent(margin)} of equity as margin for a {percent(ratio)} hedge is leverage {leverage:.1f}: "
        f"liquidated by a rally of about {percent(liquidation_distance(leverage))}."
    )


def _advised(hedge: HedgeRules, limits: Limits) -> tuple[str, ...]:
    """Return what happens when nobody moves the collateral that is only advised."""
    distance = hedge_distance(hedge, hedge.leverage.high)
    if not hedge.advise_transfers or distance is None:
        return ()
    return (
        f"WARNING: collateral is moved by you alone. Unmoved, a rally of {percent(distance)} from leverage "
        f"{bound(hedge.leverage.high)} liquidates; the limit asks for {percent(limits.min_liquidation_distance)}.",
    )
