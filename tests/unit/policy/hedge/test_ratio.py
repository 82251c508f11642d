"""The rule-driven hedge ratio: hysteresis, limits, a day's change, and what cannot be read."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.instrument import Kind
from bot.domain.policy import HedgeRules
from bot.domain.reading import Measure, MeasureKind, Reading
from bot.domain.rules import RatioRule, RatioTrigger
from bot.domain.sleeves import RatioState
from bot.policy.hedge.ratio import next_ratio, ratio_measures, ratio_reason, ratio_symbol
from tests.builders import NOON, Number, a_band, a_policy, d

PERPETUAL = "BTC/USDT:USDT"
TREND = Measure(kind=MeasureKind.PRICE_OVER_EMA, subject="BTC", periods=(200,))
DRAWDOWN = Measure(kind=MeasureKind.DRAWDOWN, subject="BTC", periods=(90,))
FUNDING = Measure(kind=MeasureKind.FUNDING, subject=PERPETUAL, periods=(7,))


def a_rule(trigger: RatioTrigger, days: int, levels: tuple[Number, Number], ratio: Number) -> RatioRule:
    """A rule named after its trigger, with its enter and leave levels."""
    enter, leave = levels
    return RatioRule(name=trigger.value, trigger=trigger, days=days, enter=d(enter), leave=d(leave), ratio=d(ratio))


BELOW = a_rule(RatioTrigger.TREND, 200, ("0.02", "0"), "0.6")
FALLEN = a_rule(RatioTrigger.DRAWDOWN, 90, ("0.2", "0.1"), "0.8")
DEAR = a_rule(RatioTrigger.FUNDING, 7, ("0.15", "0.05"), "0.3")


def the_rules(*rules: RatioRule, daily: Number = 1) -> HedgeRules:
    """A hedge of 20 % to 70 %, 40 % by itself, and rules on top."""
    hedge = a_policy(hedge=("0.2", "0.4", "0.7")).hedge
    assert hedge is not None
    return replace(hedge, rules=rules, daily_change=d(daily))


def read(measure: Measure, value: Number | None) -> Reading:
    """A reading of a measure; None is unavailable."""
    why = "" if value is not None else "a gap of 3 days"
    return Reading(measure=measure, value=None if value is None else d(value), at=NOON, why=why)


def a_state(target: Number, *active: str, day: str = "2025-12-31", began: Number | None = None) -> RatioState:
    """What was decided a day before noon."""
    first = d(target if began is None else began)
    return RatioState(asset="BTC", target=d(target), active=active, day=day, day_target=first)


def ratio(rules: HedgeRules, *readings: Reading, previous: RatioState | None = None, **changes: Any) -> RatioState:
    """The ratio of bitcoin at noon."""
    given: dict[str, Any] = {"previous": previous, "at": NOON, "symbol": PERPETUAL}
    return next_ratio(rules, "BTC", readings, **(given | changes))


def test_below_its_slow_average_a_coin_is_hedged_more() -> None:
    """3 % below the EMA: the trend rule asks for 60 %; above it the band's own 40 % holds."""
    below = ratio(the_rules(BELOW), read(TREND, "-0.03"))
    assert (below.target, below.active, below.day) == (d("0.6"), ("trend",), "2026-01-01")
    above = ratio(the_rules(BELOW), read(TREND, "0.03"))
    assert (above.target, above.active) == (d("0.4"), ())


@pytest.mark.parametrize(
    ("fall", "was_on", "is_on"),
    [("0.20", False, True), ("0.15", False, False), ("0.15", True, True), ("0.10", True, True), ("0.09", True, False)],
)
def test_a_rule_stays_as_it_was_between_its_two_levels(fall: str, was_on: bool, is_on: bool) -> None:
    """On from 20 %, off below 10 %: 15 % is whatever it was before."""
    previous = a_state("0.4", *(["drawdown"] if was_on else []))
    assert ratio(the_rules(FALLEN), read(DRAWDOWN, fall), previous=previous).active == (("drawdown",) if is_on else ())


def test_the_largest_ratio_of_the_rules_that_are_on_counts_inside_the_limits() -> None:
    """Trend asks for 60 %, drawdown for 80 %: 70 % is the most that is allowed."""
    state = ratio(the_rules(BELOW, FALLEN), read(TREND, "-0.03"), read(DRAWDOWN, "0.3"))
    assert (state.target, state.active) == (d("0.7"), ("trend", "drawdown"))


def test_a_short_that_pays_too_much_is_made_smaller() -> None:
    """The short pays 20 % a year: at most 30 %, whatever the trend asks, and never below the range."""
    paid = read(FUNDING, "-0.2")
    assert ratio(the_rules(BELOW, DEAR), read(TREND, "-0.03"), paid).target == d("0.3")
    assert ratio(the_rules(DEAR), paid).target == d("0.3")
    assert ratio(the_rules(replace(DEAR, ratio=d("0.1"))), paid).target == d("0.2")
    assert ratio(the_rules(DEAR), read(FUNDING, "0.2")).target == d("0.4")


def test_a_day_moves_the_ratio_by_so_much_and_no_more() -> None:
    """40 % yesterday, 60 % wanted, ten points a day: 50 % however often one looks, 60 % the day after."""
    rules = the_rules(BELOW, daily="0.1")
    first = ratio(rules, read(TREND, "-0.03"), previous=a_state("0.4"))
    assert (first.target, first.day_target) == (d("0.5"), d("0.4"))
    again = ratio(rules, read(TREND, "-0.03"), previous=first, at=NOON + timedelta(hours=6))
    assert (again.target, again.day_target) == (d("0.5"), d("0.4"))
    tomorrow = ratio(rules, read(TREND, "-0.03"), previous=again, at=NOON + timedelta(days=1))
    assert (tomorrow.target, tomorrow.day_target) == (d("0.6"), d("0.5"))


def test_a_day_brings_the_ratio_down_as_slowly() -> None:
    """70 % yesterday and no rule on: 60 % today."""
    state = ratio(the_rules(BELOW, daily="0.1"), read(TREND, "0.1"), previous=a_state("0.7", "trend"))
    assert (state.target, state.active) == (d("0.6"), ())


def test_the_first_look_takes_its_target_at_once() -> None:
    """Nothing is changed by a first target, so no day limits it."""
    state = ratio(the_rules(BELOW, daily="0.1"), read(TREND, "-0.03"))
    assert (state.target, state.day_target) == (d("0.6"), d("0.6"))


def test_the_limits_win_over_the_daily_change() -> None:
    """A policy whose range was moved by hand is obeyed at once: 90 % was held, 70 % is the most."""
    assert ratio(the_rules(daily="0.1"), previous=a_state("0.9")).target == d("0.7")
    assert ratio(the_rules(daily="0.01"), previous=a_state("0.1")).target == d("0.2")


def test_what_cannot_be_read_leaves_a_rule_as_it_was() -> None:
    """On stays on, off stays off, and without a past it is off."""
    gap = read(DRAWDOWN, None)
    assert ratio(the_rules(FALLEN), gap, previous=a_state("0.7", "drawdown")).active == ("drawdown",)
    assert ratio(the_rules(FALLEN), gap, previous=a_state("0.4")).active == ()
    assert ratio(the_rules(FALLEN), gap).active == ()
    assert ratio(the_rules(FALLEN)).active == ()


def test_an_asset_with_limits_of_its_own_keeps_them() -> None:
    """The override of bitcoin allows 10 % at most, whatever its rules say."""
    rules = replace(the_rules(BELOW), overrides={"BTC": a_band(0, "0.05", "0.1")})
    assert ratio(rules, read(TREND, "-0.03")).target == d("0.1")


def test_each_measure_is_asked_for_once_and_funding_of_the_contract() -> None:
    """Two assets, a trend and a funding rule: four measures; without rules or without a hedge none."""
    plain = a_policy()
    assert plain.hedge is not None
    doubled = replace(BELOW, name="twice", enter=d("0.05"))
    policy = replace(plain, hedge=replace(plain.hedge, rules=(BELOW, doubled, DEAR)))
    assert ratio_measures(policy) == (
        TREND,
        FUNDING,
        replace(TREND, subject="ETH"),
        replace(FUNDING, subject="ETH/USDT:USDT"),
    )
    assert ratio_measures(plain) == ()
    assert ratio_measures(a_policy(hedge=None)) == ()


def test_the_funding_looked_at_is_that_of_the_margin_the_hedge_has() -> None:
    """A coin-margined hedge looks at the coin-margined perpetual, dated or not."""
    policy = a_policy()
    assert policy.hedge is not None
    inverse = replace(policy, hedge=replace(policy.hedge, instrument=Kind.INVERSE_FUTURE))
    assert ratio_symbol(policy, "BTC") == PERPETUAL
    assert ratio_symbol(inverse, "BTC") == "BTC/USD:BTC"
    assert ratio_symbol(a_policy(hedge=None), "BTC") == PERPETUAL


def reason(rules: HedgeRules, *readings: Reading, previous: RatioState | None = None) -> str:
    """Why bitcoin's ratio at noon is what it is."""
    return ratio_reason(rules, "BTC", readings, previous=previous, at=NOON, symbol=PERPETUAL)


def test_the_reason_gives_every_rule_with_its_numbers() -> None:
    """What is on and off, what was measured, the levels, and what the day allows."""
    rules = the_rules(BELOW, FALLEN, DEAR, daily="0.1")
    readings = (read(TREND, "-0.031"), read(DRAWDOWN, None), read(FUNDING, "0.02"))
    assert reason(rules, *readings, previous=a_state("0.4")) == (
        "BTC hedge ratio 50.0%, 40.0% before; 60.0% is wanted, 10.0% a day from 40.0% is allowed; "
        "by itself 40.0%, never outside 20.0% to 70.0%; "
        "trend on (3.1% below its EMA, on from 2.0%, off below 0.0%): at least 60.0%; "
        "drawdown unavailable (a gap of 3 days), stays off; "
        "funding off (2.0% a year paid to the short, on from 15.0%, off below 5.0%)"
    )


def test_the_reason_of_a_first_or_unchanged_ratio_is_shorter() -> None:
    """No before, nothing held back; a rule that was never read says so."""
    first = reason(the_rules(DEAR), read(FUNDING, "-0.2"))
    assert first.startswith("BTC hedge ratio 30.0%; by itself 40.0%")
    assert first.endswith(": at most 30.0%")
    same = reason(the_rules(BELOW), previous=a_state("0.4"))
    assert same.startswith("BTC hedge ratio 40.0%; by itself")
    assert same.endswith("trend unavailable (not read), stays off")


def test_the_same_readings_give_the_same_ratio() -> None:
    """Nothing but its arguments decides it."""
    rules, readings = the_rules(BELOW, FALLEN), (read(TREND, "-0.03"), read(DRAWDOWN, "0.3"))
    assert ratio(rules, *readings) == ratio(rules, *reversed(readings))


def test_volatility_is_a_measure_of_its_own() -> None:
    """80 % a year turns the rule on."""
    wild = a_rule(RatioTrigger.VOLATILITY, 30, ("0.8", "0.6"), "0.5")
    measure = Measure(kind=MeasureKind.VOLATILITY, subject="BTC", periods=(30,))
    assert ratio(the_rules(wild), read(measure, Decimal("0.8"))).target == d("0.5")
