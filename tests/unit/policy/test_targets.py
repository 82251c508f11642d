"""Where the book should be: the core's total, each asset's share and width, and a hedge ratio that rules may drive."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.book import Targets
from bot.domain.memory import Memory
from bot.domain.policy import Policy
from bot.domain.reading import Measure, MeasureKind, Reading
from bot.domain.rules import RatioRule, RatioTrigger
from bot.domain.sleeves import RatioState, SleeveState
from bot.policy.core.trades import routed, wanted_core_trades
from bot.policy.exposure import measure_exposure
from bot.policy.targets import ratio_notes, set_targets
from tests.builders import NOON, Number, a_band, a_memory, a_policy, a_snapshot, d

PRICES = {"BTC": 50_000, "ETH": 2_500}
BELOW = RatioRule(name="trend", trigger=RatioTrigger.TREND, days=200, enter=d("0.02"), leave=d(0), ratio=d("0.6"))
TREND = Measure(kind=MeasureKind.PRICE_OVER_EMA, subject="BTC", periods=(200,))


def driven(*rules: RatioRule, daily: Number = 1) -> Policy:
    """Bitcoin alone, hedged by 40 %, between 20 % and 70 %, and rules that move it."""
    policy = a_policy(assets={"BTC": 1}, hedge=("0.2", "0.4", "0.7"))
    assert policy.hedge is not None
    return replace(policy, hedge=replace(policy.hedge, rules=rules, daily_change=d(daily)))


def targets(policy: Policy, memory: Memory | None = None, **spot: Number) -> Targets:
    """The targets of a book of 100,000: 1.4 BTC and 30,000 USDT unless said."""
    snapshot = a_snapshot(spot=spot or {"BTC": "1.4", "USDT": 30_000}, price=PRICES)
    return set_targets(policy, measure_exposure(snapshot, policy), snapshot, memory)


def below_its_ema(by: Number, *ratios: RatioState) -> Memory:
    """Bitcoin's newest close so far below its EMA of 200 days, as read, and the ratios of yesterday."""
    reading = Reading(measure=TREND, value=-d(by), at=NOON)
    return a_memory(readings=(reading,), sleeves=SleeveState(ratios=ratios))


def test_inside_its_band_the_core_stays_as_large_as_it_is() -> None:
    """65,000 of 100,000 are inside 60 to 80 %: split 60 / 40, whatever the target of 70 %."""
    found = targets(a_policy(), BTC="0.7", ETH=12, USDT=35_000)
    assert found.core_value == 65_000
    assert [(one.asset, one.value) for one in found.assets.values()] == [("BTC", 39_000), ("ETH", 26_000)]
    assert found.reserve_minimum == 10_000


def test_outside_its_band_the_core_goes_to_the_inner_level() -> None:
    """90 % is beyond 80: 70 + 0.75 x 10 is 77.5 %."""
    assert targets(a_policy(), BTC="1.08", ETH="14.4", USDT=10_000).core_value == 77_500


def test_a_chosen_width_is_taken_and_the_best_one_computed_where_none_is() -> None:
    """Bitcoin's is the policy's own."""
    found = targets(a_policy(rules={"half_widths": {"BTC": d("0.03")}}), BTC="0.84", ETH="11.2", USDT=30_000)
    assert found.assets["BTC"].half_width == d("0.03")
    assert d("0.01") < found.assets["ETH"].half_width < d("0.2")


def test_a_ratio_without_rules_is_the_policys_own() -> None:
    """40 % of 1.4 BTC; no state to keep, and nothing to say."""
    btc = targets(driven(), a_memory()).assets["BTC"]
    assert (btc.hedge_ratio.target, btc.hedge_coins, btc.ratio_state) == (d("0.4"), d("0.56"), None)
    snapshot = a_snapshot(spot={"BTC": 1})
    assert ratio_notes(driven(), snapshot, a_memory()) == ()
    assert ratio_notes(a_policy(hedge=None), snapshot, a_memory()) == ()


def test_a_rule_that_is_on_moves_the_target_and_leaves_the_range() -> None:
    """3 % below its EMA: 60 % of 1.4 BTC, still between 20 and 70 %."""
    btc = targets(driven(BELOW), below_its_ema("0.03")).assets["BTC"]
    assert btc.hedge_ratio == a_band("0.2", "0.6", "0.7")
    assert btc.hedge_coins == d("0.84")
    assert btc.ratio_state == RatioState(
        asset="BTC", target=d("0.6"), active=("trend",), day="2026-01-01", day_target=d("0.6")
    )


def test_a_day_changes_the_ratio_by_a_tenth_at_most() -> None:
    """40 % yesterday: 50 % today, as the state of the decision remembers."""
    was = RatioState(asset="BTC", target=d("0.4"), active=(), day="2025-12-31", day_target=d("0.4"))
    btc = targets(driven(BELOW, daily="0.1"), below_its_ema("0.03", was)).assets["BTC"]
    assert btc.hedge_ratio.target == d("0.5")
    assert btc.hedge_coins == d("0.7")


def test_without_a_memory_the_rules_are_not_asked() -> None:
    """The policy's own target."""
    btc = targets(driven(BELOW)).assets["BTC"]
    assert (btc.hedge_ratio.target, btc.ratio_state) == (d("0.4"), None)


def test_the_notes_tell_the_ratio_with_its_numbers() -> None:
    """The measure, its level, the ratio and the range."""
    snapshot = a_snapshot(spot={"BTC": 1}, at=NOON + timedelta(hours=1))
    (note,) = ratio_notes(driven(BELOW), snapshot, below_its_ema("0.03"))
    assert note.startswith("BTC hedge ratio 60")
    for number in ("3", "2", "20", "40", "70"):
        assert number in note


# ── money for the core ───────────────────────────────────────────────────────


def spent(amount: Number, **spot: Number) -> dict[str, Number]:
    """How an amount of money is spent on a core of BTC 60 / ETH 40 with widths of 5 points."""
    policy = a_policy(rules={"half_widths": {"BTC": d("0.05"), "ETH": d("0.05")}})
    snapshot = a_snapshot(spot=spot, price=PRICES)
    exposure = measure_exposure(snapshot, policy)
    return dict(routed(d(amount), exposure, set_targets(policy, exposure, snapshot)))


def test_money_for_the_core_goes_to_the_most_underweight() -> None:
    """BTC 45,000 and ETH 25,000: of 72,000, 43,200 and 28,800 are right; ether lacks 3,800 and gets all 2,000."""
    assert spent(2_000, BTC="0.9", ETH=10, USDT=30_000) == {"ETH": 2_000}


def test_money_that_heals_every_gap_is_split_by_the_shares() -> None:
    """An even core of 42,000 and 28,000 gets 10,000 as 6,000 and 4,000."""
    assert spent(10_000, BTC="0.84", ETH="11.2", USDT=30_000) == {"BTC": 6_000, "ETH": 4_000}


def test_an_asset_inside_its_band_trades_only_to_balance_another_and_says_so() -> None:
    """BTC is 8 points over with 5 allowed: back to 3.75; ETH and SOL, 4 points under each, take 2.125 of 70,000."""
    widths = {asset: d("0.05") for asset in ("BTC", "ETH", "SOL")}
    policy = a_policy(hedge=None, assets={"BTC": "0.4", "ETH": "0.3", "SOL": "0.3"}, rules={"half_widths": widths})
    snapshot = a_snapshot(
        spot={"BTC": "0.672", "ETH": "7.28", "SOL": 182, "USDT": 30_000}, price={**PRICES, "SOL": 100}
    )
    exposure = measure_exposure(snapshot, policy)
    found = wanted_core_trades(policy, exposure, set_targets(policy, exposure, snapshot), snapshot)
    assert found.values == {"BTC": d("-2975"), "ETH": d("1487.5"), "SOL": d("1487.5")}
    assert found.reasons == {
        "BTC": "3.0 pt above band",
        "ETH": "balances the trade; 4.0 pt under target",
        "SOL": "balances the trade; 4.0 pt under target",
    }
