"""Leaving a tactical position: its stop, profit, expiry and signal; the stop at the venue; the rest afterwards."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.order import Side, Sleeve
from bot.domain.policy import Policy
from bot.domain.rules import TacticalRule
from bot.domain.sleeves import Claim
from bot.domain.snapshot import Snapshot
from bot.policy.plan.wants import StopWish
from bot.policy.tactical.exits import held_claims, is_dust, leaving_want, rest_after, wanted_stops, why_leave
from bot.policy.tactical.signals import Signal
from bot.policy.tactical.wall import Held
from tests.builders import NOON, Number, a_claim, a_policy, d
from tests.overlay import PERPETUAL, a_free_market, a_tactical_claim, a_tactical_rule, an_overlay, remembering

STAYS = Signal(enters=True, stays=True, text="on")
SHORT = a_tactical_rule(side=Side.SELL)


def held(claim: Claim, snapshot: Snapshot, rule: TacticalRule | None = None) -> Held:
    """The one claim of an overlay of one rule."""
    (one,) = held_claims(an_overlay(rule or a_tactical_rule()), snapshot, remembering(claim))
    return one


def left(price: Number, *, rule: TacticalRule | None = None, signal: Signal | None = STAYS, hours: int = 0) -> str:
    """Why 0.1 bitcoin held since 50,000 is left at a price, so many hours after noon."""
    rule = rule or a_tactical_rule()
    claim = a_tactical_claim("0.1" if rule.side is Side.BUY else "-0.1")
    return why_leave(held(claim, a_free_market(price), rule), signal, NOON + timedelta(hours=hours))


def test_a_position_is_kept_between_its_stop_and_its_profit() -> None:
    """47,500 is the stop of 5 %, 60,000 the profit of 20 %."""
    assert left("47500.1") == ""
    assert left("59999.9") == ""


def test_the_mark_at_the_stop_or_the_profit_ends_it() -> None:
    """Said with the mark and the level."""
    assert left(47_500) == "cross: the mark 47500 reached the stop 47500"
    assert left(40_000) == "cross: the mark 40000 reached the stop 47500"
    assert left(60_000) == "cross: the mark 60000 took the profit of 20.0% on 50000"
    assert left(90_000, rule=a_tactical_rule(take_profit=None)) == ""


def test_a_short_is_left_on_the_other_side() -> None:
    """Stopped at 52,500, profit at 40,000."""
    assert left(52_500, rule=SHORT) == "cross: the mark 52500 reached the stop 52500"
    assert left(40_000, rule=SHORT) == "cross: the mark 40000 took the profit of 20.0% on 50000"
    assert left(45_000, rule=SHORT) == ""


def test_a_position_expires() -> None:
    """720 hours after its opening a day before noon, not a second earlier."""
    assert left(50_000, hours=695) == ""
    assert left(50_000, hours=696) == "cross: held for 720 h, as long as it may be"


def test_a_signal_that_is_off_ends_it_and_one_that_cannot_be_read_does_not() -> None:
    """Unknown is no reason to trade; stop and expiry go on guarding."""
    assert left(50_000, signal=Signal(enters=False, stays=False, text="under")) == "cross: its signal is off, under"
    assert left(50_000, signal=Signal(enters=None, stays=None, text="a gap")) == ""
    assert left(50_000, signal=None) == ""


def test_a_position_without_its_rule_is_left() -> None:
    """The rule is gone from the policy, the whole sleeve is, or the rule now goes the other way."""
    claim, snapshot = a_tactical_claim("0.1", rule="old"), a_free_market()
    assert why_leave(held(claim, snapshot), None, NOON) == "the policy has no tactical rule old"
    (alone,) = held_claims(a_policy(), snapshot, remembering(claim))
    assert alone.rule is None
    turned = held(a_tactical_claim("0.1"), snapshot, SHORT)
    assert why_leave(turned, STAYS, NOON) == "cross now enters on the other side"


def test_only_the_overlays_own_claims_on_listed_contracts_are_looked_at() -> None:
    """A carry claim is not its, and what was delivered cannot be left."""
    claims = (a_claim(Sleeve.CARRY, PERPETUAL, 1), a_tactical_claim(1, symbol="OLD/USDT:USDT"))
    assert held_claims(an_overlay(), a_free_market(), remembering(*claims)) == ()


def test_a_whole_claim_is_wished_away_on_the_grid() -> None:
    """0.1234 on a grid of 0.001 is 0.123 to sell; it leaves."""
    want = leaving_want(held(a_tactical_claim("0.1234"), a_free_market()), "why")
    assert (want.quantity, want.leaves, want.sleeve) == (d("-0.123"), True, Sleeve.TACTICAL)
    assert (want.rule, want.asset, want.symbol, want.reason) == ("cross", "BTC", PERPETUAL, "why")


def test_less_than_a_step_is_dust() -> None:
    """No order can end it."""
    assert is_dust(held(a_tactical_claim("0.0009"), a_free_market()))
    assert not is_dust(held(a_tactical_claim("-0.001"), a_free_market()))


def stops(policy: Policy, snapshot: Snapshot, *claims: Claim) -> tuple[StopWish, ...]:
    """The stops wished for."""
    return tuple(wanted_stops(held_claims(policy, snapshot, remembering(*claims))))


@pytest.mark.parametrize(
    ("quantity", "entry", "trigger"),
    [("0.1", "50000", "47500"), ("0.1", "50001", "47501"), ("-0.1", "50000", "52500"), ("-0.1", "50001", "52501")],
)
def test_a_stop_rests_for_every_claim_on_the_tick_that_triggers_earlier(
    quantity: str, entry: str, trigger: str
) -> None:
    """95 % of 50,001 is 47,500.95: sold at 47,501.0; 105 % is 52,501.05: bought at 52,501.0."""
    rule = a_tactical_rule(side=Side.BUY if d(quantity) > 0 else Side.SELL)
    (wish,) = stops(an_overlay(rule), a_free_market(), a_tactical_claim(quantity, entry=entry))
    assert (wish.trigger, wish.quantity) == (d(trigger), -d(quantity))
    assert (wish.rule, wish.asset, wish.symbol) == ("cross", "BTC", PERPETUAL)


def test_no_stop_rests_where_none_could() -> None:
    """Dust, a claim without a rule, and a stop the mark has passed: that one is left now."""
    policy, snapshot = an_overlay(a_tactical_rule()), a_free_market()
    assert stops(policy, snapshot, a_tactical_claim("0.0005")) == ()
    assert stops(policy, snapshot, a_tactical_claim("0.1", rule="old")) == ()
    assert stops(policy, a_free_market(47_000), a_tactical_claim("0.1")) == ()


def test_a_rule_rests_for_its_cool_down_and_at_least_until_the_bar_is_over() -> None:
    """Left at noon: 48 hours; with an hour's cool-down until midnight, with bars of 4 hours until 16:00."""
    rule = a_tactical_rule()
    assert rest_after(rule, NOON).until == NOON + timedelta(hours=48)
    short = replace(rule, cooldown_hours=d(1))
    assert rest_after(short, NOON).until == NOON + timedelta(hours=12)
    assert rest_after(replace(short, bar_hours=4), NOON).until == NOON + timedelta(hours=4)
    assert rest_after(replace(short, bar_hours=4), NOON).rule == "cross"
