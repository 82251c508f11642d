"""How much of a coin to hedge when rules drive the ratio, inside the limits a person has set.

A rule is on or off, and stays so between its two levels; the target follows the rules that are on, a day's
change at most. What a rule cannot read leaves it as it was.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.domain.instrument import Kind
from bot.domain.numbers import ZERO
from bot.domain.policy import HedgeRules, Policy
from bot.domain.reading import Measure, MeasureKind, Reading, Readings
from bot.domain.rules import RatioRule, RatioTrigger
from bot.domain.sleeves import RatioState
from bot.policy.hedge.markets import perpetual_symbol

KINDS = {
    RatioTrigger.TREND: MeasureKind.PRICE_OVER_EMA,
    RatioTrigger.DRAWDOWN: MeasureKind.DRAWDOWN,
    RatioTrigger.VOLATILITY: MeasureKind.VOLATILITY,
    RatioTrigger.FUNDING: MeasureKind.FUNDING,
}
NEGATED = (RatioTrigger.TREND, RatioTrigger.FUNDING)  # below the EMA, and what the short pays, count as positive
MEANS = {
    RatioTrigger.TREND: "below its EMA",
    RatioTrigger.DRAWDOWN: "below its highest close",
    RatioTrigger.VOLATILITY: "yearly volatility",
    RatioTrigger.FUNDING: "a year paid by the short",
}


NEGATIVE = {
    RatioTrigger.TREND: "above its EMA",
    RatioTrigger.FUNDING: "a year paid to the short",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One rule at one look: its measure as the rule counts it, None when unavailable, and whether it is on."""

    rule: RatioRule
    value: Decimal | None
    why: str
    is_on: bool


def ratio_symbol(policy: Policy, asset: str) -> str:
    """Return the contract whose funding the rules of `asset` look at: the perpetual of the hedge's margin."""
    kind = Kind.LINEAR_PERPETUAL if policy.hedge is None else policy.hedge.instrument
    return perpetual_symbol(asset, policy.quote, kind)


def ratio_measures(policy: Policy) -> tuple[Measure, ...]:
    """Return what the ratio rules want to know, each once; nothing for a policy without rules."""
    if policy.hedge is None:
        return ()
    wanted = (
        _measure(rule, asset, ratio_symbol(policy, asset))
        for asset in sorted(policy.core.assets)
        for rule in policy.hedge.rules
    )
    return tuple(dict.fromkeys(wanted))


def next_ratio(
    rules: HedgeRules, asset: str, readings: Readings, *, previous: RatioState | None, at: datetime, symbol: str
) -> RatioState:
    """Return the hedge ratio of `asset` now, a share of its coins, and the rules that are on.

    Target: the larger of the band's target and the ratio of every rule that is on; a funding rule that is on
    caps it; inside [low, high] and within `daily_change` of the target the UTC day began with. Without a
    previous state the target is taken at once, since nothing is changed by it.
    """
    return _decided(rules, asset, tuple(_judged(rules, asset, readings, previous, symbol)), previous, at)


def ratio_reason(
    rules: HedgeRules, asset: str, readings: Readings, *, previous: RatioState | None, at: datetime, symbol: str
) -> str:
    """Return in words and numbers how `next_ratio` came to its target."""
    judged = tuple(_judged(rules, asset, readings, previous, symbol))
    state = _decided(rules, asset, judged, previous, at)
    wanted, band = _wanted(rules, asset, judged), rules.ratio_of(asset)
    says = [f"{asset} hedge ratio {_percent(state.target)}"]
    if previous is not None and previous.target != state.target:
        says[0] += f", {_percent(previous.target)} before"
    if wanted != state.target:
        says.append(
            f"{_percent(wanted)} is wanted, {_percent(rules.daily_change)} a day from {_percent(state.day_target)} is "
            f"allowed"
        )
    says.append(f"by itself {_percent(band.target)}, never outside {_percent(band.low)} to {_percent(band.high)}")
    return "; ".join([*says, *(_told(one) for one in judged)])


def _decided(
    rules: HedgeRules, asset: str, judged: tuple[Judged, ...], previous: RatioState | None, at: datetime
) -> RatioState:
    day, wanted = at.date().isoformat(), _wanted(rules, asset, judged)
    began = wanted if previous is None else _began(previous, day)
    band = rules.ratio_of(asset)
    reached = min(max(wanted, began - rules.daily_change), began + rules.daily_change)
    return RatioState(
        asset=asset,
        # The limits are a person's word and come last: a range moved by hand is obeyed at once.
        target=min(max(reached, band.low), band.high),
        active=tuple(one.rule.name for one in judged if one.is_on),
        day=day,
        day_target=began,
    )


def _began(previous: RatioState, day: str) -> Decimal:
    """Return the target a day began with: the last one of the day before."""
    return previous.day_target if previous.day == day else previous.target


def _measure(rule: RatioRule, asset: str, symbol: str) -> Measure:
    subject = symbol if rule.trigger is RatioTrigger.FUNDING else asset
    return Measure(kind=KINDS[rule.trigger], subject=subject, periods=(rule.days,))


def _judged(
    rules: HedgeRules, asset: str, readings: Readings, previous: RatioState | None, symbol: str
) -> Iterator[Judged]:
    """Yield every rule with its value and state; hysteresis: between leave and enter it stays as it was."""
    # One pass over all readings for each asset, not one for each rule: there may be hundreds.
    mine = {one.measure: one for one in readings if one.measure.subject in (asset, symbol)}
    for rule in rules.rules:
        was_on = previous is not None and rule.name in previous.active
        reading = mine.get(_measure(rule, asset, symbol))
        if reading is None or reading.value is None:
            yield Judged(rule=rule, value=None, why=_missing(reading), is_on=was_on)
            continue
        value = -reading.value if rule.trigger in NEGATED else reading.value
        is_on = value >= rule.enter or (was_on and value >= rule.leave)
        yield Judged(rule=rule, value=value, why="", is_on=is_on)


def _missing(reading: Reading | None) -> str:
    return "not read" if reading is None else reading.why


def _wanted(rules: HedgeRules, asset: str, judged: tuple[Judged, ...]) -> Decimal:
    """Return the target the rules ask for, inside the allowed range and before the day's limit."""
    band = rules.ratio_of(asset)
    on = [one.rule for one in judged if one.is_on]
    target = max([band.target, *(rule.ratio for rule in on if rule.trigger is not RatioTrigger.FUNDING)])
    target = min([target, *(rule.ratio for rule in on if rule.trigger is RatioTrigger.FUNDING)])
    return min(max(target, band.low), band.high)


def _told(one: Judged) -> str:
    rule, state = one.rule, "on" if one.is_on else "off"
    if one.value is None:
        return f"{rule.name} unavailable ({one.why}), stays {state}"
    bound = "at most" if rule.trigger is RatioTrigger.FUNDING else "at least"
    effect = f": {bound} {_percent(rule.ratio)}" if one.is_on else ""
    negative = NEGATIVE.get(rule.trigger)
    measured = f"{_percent(one.value + ZERO)} {MEANS[rule.trigger]}"
    if negative is not None and one.value < 0:
        measured = f"{_percent(-one.value)} {negative}"
    return f"{rule.name} {state} ({measured}, on from {_percent(rule.enter)}, off below {_percent(rule.leave)}){effect}"


def _percent(share: Decimal) -> str:
    return f"{share * 100:.1f}%"
