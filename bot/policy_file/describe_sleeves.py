"""What carry, the overlay and the sweep of a policy mean, in plain sentences."""

from decimal import Decimal

from bot.domain.order import Side
from bot.domain.policy import Policy
from bot.domain.rules import CarryRules, SignalKind, Sizing, SweepRules, TacticalRule, TacticalRules
from bot.policy.hedge.thin_margin import liquidation_distance, margin_warnings
from bot.policy_file.faults import bound, percent

POINT = Decimal("0.0001")


def describe_sleeves(policy: Policy) -> tuple[str, ...]:
    """Return what the policy says beyond core and hedge, one sentence each; nothing for a plain policy."""
    return (
        *margin_warnings(policy),
        *(_carry(policy.carry) if policy.carry else ()),
        *(_tactical(policy.tactical) if policy.tactical else ()),
        *(_sweep(policy.sweep) if policy.sweep else ()),
    )


def _carry(carry: CarryRules) -> tuple[str, ...]:
    return (
        f"Carry: at most {percent(carry.budget)} of equity, for both legs, in {', '.join(carry.assets)} against "
        f"{', '.join(carry.kinds)} contracts.",
        f"A pair is entered from {percent(carry.enter_apr)} a year after fees, to be held {bound(carry.min_days)} days "
        f"or more, and left below {percent(carry.leave_apr)} a year.",
        f"A perpetual must have paid its shorts in {percent(carry.min_paid_share)} of the intervals of "
        f"{carry.funding_days} days; {bound(carry.horizon_days)} days of holding are reckoned with.",
        f"At leverage {bound(carry.leverage)} a rally of {percent(liquidation_distance(carry.leverage))} would "
        "liquidate the short of a pair.",
    )


def _tactical(tactical: TacticalRules) -> tuple[str, ...]:
    walled = min(tactical.max_notional, tactical.budget / tactical.shock)
    return (
        f"Tactical: may lose {percent(tactical.budget)} of equity, ever; positions of at most {percent(walled)} "
        f"together, so that a move of {percent(tactical.shock)} in one step stays within that.",
        *(_rule(rule) for rule in tactical.rules),
    )


def _rule(rule: TacticalRule) -> str:
    side = "buys" if rule.side is Side.BUY else "sells"
    if rule.alert_only:
        return f"Rule {rule.name}: says when {_signal(rule)}; it trades nothing."
    size = (
        f"{percent(rule.risk)} of equity lost at the stop"
        if rule.sizing is Sizing.STOP
        else f"a volatility of {percent(rule.volatility)} a year"
    )
    profit = "" if rule.take_profit is None else f" or gains {percent(rule.take_profit)}"
    return (
        f"Rule {rule.name}: {side} {rule.asset} {rule.instrument} when {_signal(rule)}, sized for {size}; out when it "
        f"loses {percent(rule.stop)}{profit}, or after {bound(rule.expiry_hours)} h; "
        f"rests {bound(rule.cooldown_hours)} h."
    )


def _signal(rule: TacticalRule) -> str:
    way = "above" if rule.side is Side.BUY else "below"
    bars = f"{rule.bar_hours} h bars"
    if rule.signal is SignalKind.SHORT_SQUEEZE:
        return (
            f"open interest of {rule.asset} over {rule.periods[0]} bars is in the highest "
            f"{percent(1 - rule.interest_percentile)} of {rule.periods[1]} and its funding in the lowest "
            f"{percent(rule.funding_percentile)}"
        )
    if rule.signal is SignalKind.EMA_CROSS:
        words = f"the EMA of {rule.periods[0]} {bars} is {way} that of {rule.periods[1]}"
    else:
        words = f"the close is {way} the EMA of {rule.periods[0]} {bars}"
    if rule.funding_floor is None:
        return words
    floor = rule.funding_floor * rule.side.sign * 100  # of a short the funding below minus the floor is asked
    return f"{words} and funding is {way} {bound(floor.quantize(POINT))} % per 8 h"


def _sweep(sweep: SweepRules) -> tuple[str, ...]:
    does = "is said, not moved," if sweep.advise_only else "moves"
    return (
        f"Sweep: realised profit above {percent(sweep.floor)} of equity {does} to the {sweep.to}, from "
        f"{percent(sweep.minimum)} and at most {percent(sweep.max_daily)} a day, while a joint rise of "
        f"{percent(sweep.min_survival)} is survived.",
    )
