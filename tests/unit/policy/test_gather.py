"""What the sleeves wish in one cycle, and what is asked of the past for it: only what the policy has."""

from dataclasses import replace
from typing import Any

from bot.domain.instrument import Kind
from bot.domain.memory import Memory
from bot.domain.order import Sleeve
from bot.domain.policy import Policy
from bot.domain.reading import Measure, MeasureKind, Reading
from bot.domain.rules import CrossHedge, RatioRule, RatioTrigger
from bot.domain.snapshot import Snapshot
from bot.policy.exposure import measure_exposure
from bot.policy.gather import gather_wishes
from bot.policy.hedge.markets import HeldHedge
from bot.policy.measures import policy_measures
from bot.policy.plan.wishes import SleeveWishes
from bot.policy.targets import set_targets
from tests.builders import NOON, a_claim, a_memory, a_perpetual, a_policy, a_quote, a_short, a_snapshot, a_spot, d
from tests.overlay import a_tactical_rule, an_overlay, readings_of, remembering
from tests.unit.policy.hedge.test_markets import hedged_with
from tests.unit.policy.pairs import DATED, PERP, SPOT, a_future, a_market, carried, the_policy, the_rules, told

RICH = {SPOT: 70_000, PERP: 70_000, DATED: 73_500}  # 20 % a year for a quarter
CROSS = CrossHedge(against={"PEPE": "BTC"}, days=90, beta_low=d("0.5"), beta_high=d(2), min_effectiveness=d("0.4"))


def gathered(policy: Policy, snapshot: Snapshot, memory: Memory | None = None) -> SleeveWishes:
    """The wishes of one cycle."""
    remembered = memory or a_memory()
    exposure = measure_exposure(snapshot, policy, remembered.sleeves.claims)
    return gather_wishes(policy, exposure, set_targets(policy, exposure, snapshot, remembered), snapshot, remembered)


def ten_bitcoins(*shorts: Any, **changes: Any) -> Snapshot:
    """10 BTC with a perpetual and a dated contract of 5 % over spot."""
    return a_market(RICH, spot={"BTC": 10}, shorts=shorts, **changes)


# ── the hedge's view ─────────────────────────────────────────────────────────


def test_a_plain_policy_wishes_nothing_but_its_view() -> None:
    """The first contract allowed, the ratios of the targets, and the hedge's part of the position."""
    policy = hedged_with(Kind.LINEAR_PERPETUAL)
    wishes = gathered(policy, ten_bitcoins(a_short("BTC", 4, entry=70_000)))
    assert (wishes.tactical, wishes.pairs, wishes.alone, wishes.sweep, wishes.advice, wishes.notes) == (
        (), (), (), None, (), (),
    )  # fmt: skip
    assert policy.hedge is not None
    assert wishes.view.ratios == {"BTC": policy.hedge.ratio}
    assert wishes.view.chosen == {"BTC": PERP}
    assert wishes.view.held == {"BTC": (HeldHedge(a_perpetual(), d(-4), d(4)),)}


def test_a_coin_without_a_contract_has_none_chosen() -> None:
    """Ether is not listed as a perpetual: nothing is named for it."""
    policy = a_policy()
    market = a_market({SPOT: 70_000, PERP: 70_000, "ETH/USDT": 2_500}, a_spot(), a_perpetual(), a_spot("ETH"))
    assert gathered(policy, market).view.chosen == {"BTC": PERP}


def test_the_cheapest_contract_is_chosen_where_the_policy_leaves_the_choice() -> None:
    """The dated one pays 20 % a year, the perpetual nothing that is known: dated, and said with its figures."""
    policy = hedged_with(Kind.LINEAR_PERPETUAL, Kind.LINEAR_FUTURE)
    memory = a_memory(readings=told(0, "0.5"))
    wishes = gathered(policy, ten_bitcoins(), memory)
    assert wishes.view.chosen == {"BTC": DATED}
    (note,) = wishes.notes
    assert DATED in note


def test_one_kind_is_not_compared() -> None:
    """The policy's word is enough, however dear it is."""
    wishes = gathered(hedged_with(Kind.LINEAR_PERPETUAL), ten_bitcoins(), a_memory(readings=told(-1, 0)))
    assert (wishes.view.chosen, wishes.notes) == ({"BTC": PERP}, ())


def test_nothing_is_chosen_for_a_hedge_that_wants_no_coins() -> None:
    """A ratio of zero: the first kind stays named, and nothing is said."""
    policy = hedged_with(Kind.LINEAR_PERPETUAL, Kind.LINEAR_FUTURE)
    assert policy.hedge is not None
    policy = replace(policy, hedge=replace(policy.hedge, ratio=replace(policy.hedge.ratio, target=d(0))))
    wishes = gathered(policy, ten_bitcoins(), a_memory(readings=told(0, "0.5")))
    assert (wishes.view.chosen, wishes.notes) == ({"BTC": PERP}, ())


def test_a_coin_without_a_contract_is_hedged_with_anothers() -> None:
    """7,000 PEPE at 10 are 70,000; half of it at beta 1.2 is 42,000: 0.6 BTC more are to be short."""
    wishes = gathered(a_cross_policy(), a_cross_market(), a_memory(readings=beta_and_worth("1.2", "0.7")))
    assert wishes.view.crossed == {"BTC": d("0.6")}
    (note,) = wishes.notes
    assert note.startswith("PEPE is hedged with BTC at beta 1.20")


def test_a_cross_hedge_that_cannot_be_judged_is_only_said() -> None:
    """No reading: no coins, and an advice."""
    wishes = gathered(a_cross_policy(), a_cross_market())
    assert wishes.view.crossed == {"BTC": 0}
    (advice,) = wishes.advice
    assert "PEPE" in (advice.subject + advice.text)


def a_cross_policy() -> Policy:
    """BTC and PEPE halves, hedged by half; PEPE with BTC."""
    policy = a_policy(assets={"BTC": "0.5", "PEPE": "0.5"}, hedge=(0, "0.5", 1))
    assert policy.hedge is not None
    return replace(policy, hedge=replace(policy.hedge, cross=CROSS))


def a_cross_market() -> Snapshot:
    """1 BTC at 70,000 and 7,000 PEPE at 10, which has no contract."""
    listed = {one.symbol: one for one in (a_spot(), a_perpetual(), a_spot("PEPE"))}
    quotes = {symbol: a_quote(symbol, 10 if "PEPE" in symbol else 70_000) for symbol in listed}
    return a_snapshot(spot={"BTC": 1, "PEPE": 7_000}, futures_usdt=60_000, instruments=listed, quotes=quotes)


def beta_and_worth(beta: str, worth: str) -> tuple[Reading, ...]:
    """What 90 days said of PEPE against BTC."""
    pairs = ((MeasureKind.BETA, beta), (MeasureKind.EFFECTIVENESS, worth))
    return tuple(
        Reading(measure=Measure(kind=kind, subject="PEPE", periods=(90,), against="BTC"), value=d(value), at=NOON)
        for kind, value in pairs
    )


# ── carry and overlay ────────────────────────────────────────────────────────


def test_carry_wishes_its_best_pair() -> None:
    """A fifth of 100,000 at 106,820 a coin: 0.187 contracts against 0.18718 coins."""
    (pair,) = gathered(the_policy(), a_market(RICH)).pairs
    assert (pair.contract.quantity, pair.spot.quantity) == (d("-0.187"), d("0.18718"))


def test_a_lone_leg_of_carry_is_closed() -> None:
    """The contract was sold, the coin is gone."""
    market = a_market(RICH, shorts=(a_short("BTC", "0.1", entry=70_000, symbol=DATED),))
    wishes = gathered(the_policy(), market, a_memory(sleeves=carried(DATED, "-0.1", 0)))
    (want,) = wishes.alone
    assert (want.symbol, want.quantity, want.leaves) == (DATED, d("0.1"), True)


def test_carry_that_the_policy_has_no_longer_leaves() -> None:
    """The section is gone, the pair is not: both legs are wanted back."""
    market = a_market(
        RICH, spot={"BTC": "0.1", "USDT": 90_000}, shorts=(a_short("BTC", "0.1", entry=70_000, symbol=DATED),)
    )
    policy, memory = a_policy(assets={"BTC": 1}, hedge=None), a_memory(sleeves=carried(DATED, "-0.1", "0.1"))
    (pair,) = gathered(policy, market, memory).pairs
    assert (pair.contract.quantity, pair.spot.quantity) == (d("0.1"), d("-0.1"))
    assert pair.contract.leaves
    assert gathered(policy, market).pairs == ()


def test_the_overlay_wishes_an_entry_with_its_stop() -> None:
    """Its signal is on: a want, and the stop that belongs to it."""
    rule = a_tactical_rule()
    wishes = gathered(an_overlay(rule), a_snapshot(price=OVERLAY_PRICES, spot={"USDT": 100_000}), on(rule))
    (want,), (stop,) = wishes.tactical, wishes.entry_stops
    assert (want.rule, stop.rule) == ("cross", "cross")
    assert stop.quantity == -want.quantity
    assert wishes.stops == ()


def test_an_overlay_that_the_policy_has_no_longer_leaves() -> None:
    """Its claim is given back, whatever the signal."""
    held = a_claim(Sleeve.TACTICAL, PERP, "0.1", entry=d(50_000))
    long = a_short("BTC", "-0.1", entry=50_000)
    snapshot = a_snapshot(price=OVERLAY_PRICES, spot={"USDT": 100_000}, futures_usdt=10_000, shorts=(long,))
    wishes = gathered(a_policy(hedge=None), snapshot, remembering(held))
    (want,) = wishes.tactical
    assert (want.quantity, want.leaves) == (d("-0.1"), True)


OVERLAY_PRICES = {"BTC": 50_000, "ETH": 2_500}


def on(rule: Any) -> Memory:
    """A memory in which the rule's averages have crossed upwards."""
    return remembering(readings=readings_of(rule, "0.01"))


# ── what is asked of the past ────────────────────────────────────────────────


def test_a_plain_policy_asks_nothing_of_the_past() -> None:
    """Core and a fixed hedge; and no hedge at all."""
    assert policy_measures(a_policy()) == ()
    assert policy_measures(a_policy(hedge=None)) == ()


def test_every_section_asks_its_own_measures_each_once() -> None:
    """A trend of 200 days; beta and effectiveness; a perpetual's funding, for choice and carry; the overlay's own."""
    trend = RatioRule(name="trend", trigger=RatioTrigger.TREND, days=200, enter=d("0.02"), leave=d(0), ratio=d("0.6"))
    rule = a_tactical_rule()
    policy = a_policy(assets={"BTC": "0.5", "PEPE": "0.5"}, hedge=(0, "0.5", 1))
    assert policy.hedge is not None
    hedge = replace(policy.hedge, rules=(trend,), cross=CROSS, choices=(Kind.LINEAR_PERPETUAL, Kind.LINEAR_FUTURE))
    policy = replace(policy, hedge=hedge, carry=the_rules(), tactical=an_overlay(rule).tactical)
    asked = policy_measures(policy)
    assert len(asked) == len(set(asked))
    assert {one.kind for one in asked} == {
        MeasureKind.PRICE_OVER_EMA,
        MeasureKind.BETA,
        MeasureKind.EFFECTIVENESS,
        MeasureKind.FUNDING,
        MeasureKind.PAID_SHARE,
        MeasureKind.EMA_CROSS,
        MeasureKind.VOLATILITY,
    }
    assert Measure(kind=MeasureKind.FUNDING, subject=PERP, periods=(30,)) in asked
    assert a_future().symbol not in {one.subject for one in asked}
