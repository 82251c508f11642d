"""Hedging a coin with another's contract: beta, worth, refusals, and when to leave the hedge alone."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from bot.domain.policy import Band, Policy
from bot.domain.reading import Measure, MeasureKind, Reading, Readings
from bot.domain.rules import CrossHedge
from bot.domain.snapshot import Snapshot
from bot.policy.exposure import measure_exposure
from bot.policy.hedge.cross import (
    CrossChoice,
    CrossHedges,
    cross_hedge,
    cross_hedges,
    cross_measures,
    hedging_coins,
    rehedged,
)
from tests.builders import NOON, Number, a_band, a_perpetual, a_policy, a_quote, a_short, a_snapshot, a_spot, d

RULES = CrossHedge(against={"PEPE": "BTC"}, days=90, beta_low=d("0.5"), beta_high=d(2), min_effectiveness=d("0.4"))


def read(beta: Number | None, effectiveness: Number | None, asset: str = "PEPE") -> Readings:
    """What 90 days said; None is unavailable."""
    told = ((MeasureKind.BETA, beta), (MeasureKind.EFFECTIVENESS, effectiveness))
    return tuple(
        Reading(
            measure=Measure(kind=kind, subject=asset, periods=(90,), against="BTC"),
            value=None if value is None else d(value),
            at=NOON,
            why="too few bars",
        )
        for kind, value in told
    )


def the_policy() -> Policy:
    """BTC and PEPE halves, hedged by half; PEPE with BTC."""
    policy = a_policy(assets={"BTC": "0.5", "PEPE": "0.5"}, hedge=("0", "0.5", "1"))
    assert policy.hedge is not None
    return replace(policy, hedge=replace(policy.hedge, cross=RULES))


def the_market(short: Number = 0) -> Snapshot:
    """1 BTC at 70,000, 7,000 PEPE at 10 without a contract; `short` BTC sold on the perpetual."""
    listed = {one.symbol: one for one in (a_spot(), a_perpetual(), a_spot("PEPE"))}
    prices: dict[str, Number] = {"BTC/USDT": 70_000, "BTC/USDT:USDT": 70_000, "PEPE/USDT": 10}
    return a_snapshot(
        spot={"BTC": 1, "PEPE": 7_000},
        futures_usdt=60_000,
        instruments=listed,
        quotes={symbol: a_quote(symbol, price) for symbol, price in prices.items()},
        shorts=(a_short("BTC", short, entry=70_000),) if d(short) else (),
    )


def hedged(
    readings: Readings, *, short: Number = 0, policy: Policy | None = None, ratios: Mapping[str, Band] | None = None
) -> CrossHedges:
    """What cross hedges ask of this book."""
    rules, market = policy or the_policy(), the_market(short)
    return cross_hedges(rules, measure_exposure(market, rules), market, readings, ratios or {})


def chosen(found: CrossChoice | str) -> CrossChoice:
    """The choice, where it is one."""
    assert isinstance(found, CrossChoice)
    return found


def test_a_coin_is_hedged_by_its_beta_to_another() -> None:
    """1.2 times 35,000 at 70,000 a coin: 0.6 BTC."""
    choice = chosen(cross_hedge("PEPE", RULES, read("1.2", "0.55")))
    assert (choice.beta, choice.measured, choice.against) == (d("1.2"), d("1.2"), "BTC")
    assert hedging_coins(choice, d(35_000), d(70_000)) == d("0.6")
    assert choice.reason == "PEPE is hedged with BTC at beta 1.20, expected to take away 55% of its variance"


def test_a_wild_beta_is_clipped_and_says_so() -> None:
    """3 is taken for 2, 0.1 for 0.5."""
    high = chosen(cross_hedge("PEPE", RULES, read(3, "0.5")))
    assert high.beta == 2
    assert "beta 2.00 (measured 3.00)" in high.reason
    assert chosen(cross_hedge("PEPE", RULES, read("0.1", "0.5"))).beta == d("0.5")


def test_a_hedge_that_would_not_help_is_refused() -> None:
    """39 % of variance, 40 % are asked; 40 % is enough."""
    assert cross_hedge("PEPE", RULES, read(1, "0.39")) == (
        "PEPE is not hedged with BTC: it would take away 39% of its variance, 40% are asked"
    )
    assert chosen(cross_hedge("PEPE", RULES, read(1, "0.4"))).effectiveness == d("0.4")


def test_what_is_unavailable_is_no_hedge_and_is_named() -> None:
    """Either measure, or none read at all."""
    assert cross_hedge("PEPE", RULES, read(None, "0.5")) == (
        "PEPE cannot be hedged with BTC: its beta is unavailable (too few bars)"
    )
    assert "its effectiveness is unavailable" in str(cross_hedge("PEPE", RULES, read(1, None)))
    assert "its beta is unavailable (not read)" in str(cross_hedge("PEPE", RULES, ()))


def test_a_hedge_within_twelve_per_cent_is_left_alone() -> None:
    """Of 1 coin wanted, 0.88 to 1.12 stay."""
    assert [rehedged(d(held), d(1)) for held in ("0.88", "1.12", "0.87", "1.13", "0")] == [
        d("0.88"),
        d("1.12"),
        *[Decimal(1)] * 3,
    ]
    assert rehedged(d("0.1"), d(0)) == 0


def test_the_coins_to_be_short_for_others() -> None:
    """Half of 70,000 at beta 1.2 is 0.6 BTC, besides BTC's own 0.5."""
    found = hedged(read("1.2", "0.55"))
    assert found.coins == {"BTC": d("0.6")}
    assert [choice.asset for choice in found.choices] == ["PEPE"]
    assert found.advice == ()
    assert hedged(read("1.2", "0.55"), ratios={"PEPE": a_band(0, "0.25", 1)}).coins == {"BTC": d("0.3")}


def test_what_is_short_beyond_its_own_target_is_the_others_hedge() -> None:
    """1.15 short, 0.5 its own: 0.65 is near 0.6 and stays; 0.7 is not, nor is nothing."""
    assert hedged(read("1.2", "0.55"), short="1.15").coins == {"BTC": d("0.65")}
    assert hedged(read("1.2", "0.55"), short="1.2").coins == {"BTC": d("0.6")}
    assert hedged(read("1.2", "0.55"), short="0.3").coins == {"BTC": d("0.6")}


def test_an_unavailable_reading_leaves_the_hedge_as_it_is_and_a_refusal_ends_it() -> None:
    """Unknown means no order; known to be useless means out."""
    unknown = hedged((), short="1.15")
    assert unknown.coins == {"BTC": d("0.65")}
    assert "unavailable (not read)" in unknown.advice[0].text
    useless = hedged(read("1.2", "0.1"), short="1.15")
    assert useless.coins == {}
    assert "is not hedged with BTC" in useless.advice[0].text


def test_the_other_coin_must_be_hedged_here_itself() -> None:
    """Without BTC in the core nobody would trade its contract."""
    alone = a_policy(assets={"PEPE": 1}, hedge=("0", "0.5", "1"))
    assert alone.hedge is not None
    found = hedged(read(1, "0.5"), policy=replace(alone, hedge=replace(alone.hedge, cross=RULES)))
    assert found.coins == {}
    assert "holds and hedges no BTC here" in found.advice[0].text


def test_a_coin_with_its_own_contract_or_outside_the_core_needs_no_other() -> None:
    """ETH has a perpetual; DOGE is not held."""
    rules = replace(RULES, against={"ETH": "BTC", "DOGE": "BTC"})
    policy = a_policy(hedge=("0", "0.5", "1"))
    assert policy.hedge is not None
    policy = replace(policy, hedge=replace(policy.hedge, cross=rules))
    market = a_snapshot(spot={"BTC": 1, "ETH": 1}, price={"BTC": 70_000, "ETH": 2_500})
    assert cross_hedges(policy, measure_exposure(market, policy), market, (), {}) == CrossHedges(coins={})


def test_a_policy_without_cross_hedges_asks_nothing() -> None:
    """And one with them asks for two measures of each coin."""
    assert cross_measures(a_policy()) == ()
    assert hedged((), policy=a_policy(assets={"BTC": 1})) == CrossHedges(coins={})
    assert [(one.kind, one.subject, one.against) for one in cross_measures(the_policy())] == [
        (MeasureKind.BETA, "PEPE", "BTC"),
        (MeasureKind.EFFECTIVENESS, "PEPE", "BTC"),
    ]
