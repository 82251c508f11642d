"""The scanner: what each pair would earn on both legs' capital, and why it is not entered."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.domain.instrument import Instrument, Kind
from bot.domain.reading import Measure, MeasureKind
from bot.domain.snapshot import Wallets
from bot.policy.carry.scan import Opportunity, carry_measures, scan, scan_within, unlisted
from tests.builders import NOON, Number, a_perpetual, a_policy, a_spot, an_inverse_perpetual, d, wide_limits
from tests.unit.policy.pairs import COIN_PERP, DATED, PERP, SPOT, a_future, a_market, close, the_policy, the_rules, told
from tests.vectors import agrees

QUARTER: Mapping[str, Number] = {SPOT: 70_000, DATED: 71_750, PERP: 70_000}


def dated(**changes: object) -> Opportunity:
    """The quarter of the vectors, alone."""
    rules = the_rules(kinds=(Kind.LINEAR_FUTURE,), **changes)
    return scan("USDT", rules, a_market(QUARTER), ())[0]


def perpetual(yearly: str | None = "0.1095", paid: str | None = "0.9", **changes: object) -> Opportunity:
    """The perpetual at spot's price with this funding, alone."""
    rules = the_rules(kinds=(Kind.LINEAR_PERPETUAL,), **changes)
    return scan("USDT", rules, a_market(QUARTER), told(yearly, paid))[0]


def test_a_dated_pair_tells_the_worked_example() -> None:
    """Basis 10.14 % simple, 10.53 % compound; 6.63 % a year on 93,986.67 at three times."""
    one = dated(leverage=d(3))
    assert one.simple is not None
    assert one.compound is not None
    assert one.net is not None
    assert agrees("basis_simple_annual", one.simple)
    assert agrees("basis_compound_annual", one.compound)
    assert agrees("cash_carry_locked", one.net, "annual")
    assert close(one.capital, "93986.67", "0.01")
    assert (one.gross, one.days, one.is_contango, one.why_not) == (one.simple, 90, True, "")
    assert (one.contract, one.spot, one.asset) == (DATED, SPOT, "BTC")


def test_fees_and_the_days_that_earn_them() -> None:
    """213.50 of 70,000 are 30.5 bp; the basis earns them in eleven of ninety days."""
    one = dated()
    assert close(one.fees, d("213.5") / 70_000)
    assert close(one.break_even_days, d("213.5") / 1_750 * 90)


def test_what_the_short_needs_and_survives_before_convergence() -> None:
    """At 2x a rise of 49.4 % ends it (rate 0.4 %); 50.6 % of the notional would survive one half up."""
    one = dated()
    assert close(one.survives, d("1.5") / d("1.004") - 1)
    assert close(one.margin_need, 71_750 * (d("1.5") * d("1.004") - 1))


def test_a_perpetual_is_judged_by_its_funding() -> None:
    """10.95 % over 73 days less 30 bp of fees (1.5 % a year) on 150.1 % of capital: 6.30 %."""
    one = perpetual()
    assert close(one.net, (d("0.1095") - d("0.003") * 5) / d("1.501"))
    assert (one.gross, one.funding, one.paid_share, one.days) == (d("0.1095"), d("0.1095"), d("0.9"), 73)
    assert (one.simple, one.compound, one.why_not) == (None, None, "")
    assert one.break_even_days == 10


def test_spreads_are_paid_in_and_out() -> None:
    """10 bp wide: the dated pair buys 5 bp higher, sells 5 bp lower and pays 5 bp on its spot when it ends."""
    tight = dated().net
    wide = scan("USDT", the_rules(kinds=(Kind.LINEAR_FUTURE,)), a_market(QUARTER, spread="0.001"), ())[0].net
    assert tight is not None
    assert wide is not None
    assert close(tight - wide, d("0.0015") * 365 / 90 / d("1.514"), "0.0002")


def test_the_best_pair_comes_first_and_one_without_a_figure_last() -> None:
    """6.3 %, then what the quarter pays at 2x, and the perpetual without any funding last."""
    both = scan("USDT", the_rules(), a_market(QUARTER), told("0.12", "0.9"))
    assert [one.contract for one in both] == [PERP, DATED]
    silent = scan("USDT", the_rules(), a_market(QUARTER, funding={}), ())
    assert [one.contract for one in silent] == [DATED, PERP]
    assert (silent[1].net, silent[1].gross, silent[1].break_even_days) == (None, None, None)
    assert silent[1].why_not == "its funding over 30 days is unknown (not read)"


def test_without_its_funding_the_newest_rate_is_shown_and_nothing_entered() -> None:
    """1 bp per 8 h is 10.95 %, a figure to look at."""
    one = perpetual(None, None)
    assert one.gross == d("0.1095")
    assert one.why_not == "its funding over 30 days is unknown (a gap on 2025-12-20): the newest rate is shown"


def test_each_threshold_says_what_it_asks() -> None:
    """Return, days, paid share."""
    assert perpetual("0.05").why_not == "2.3% a year is less than 6.0%"
    assert perpetual(paid="0.5").why_not == "the short was paid in 50%, 70% are asked"
    assert "held 73.0 days, at least 80 are asked" in perpetual(min_days=d(80)).why_not
    short = the_rules(kinds=(Kind.LINEAR_FUTURE,))
    near = scan("USDT", short, a_market(QUARTER, a_spot(), a_future(days="0.5")), ())[0]
    assert "held 0.5 days" in near.why_not
    assert near.compound is None


def test_what_the_policy_would_not_open_says_so_too() -> None:
    """Listed for 5 days where 30 are asked, or about to expire; an unknown date is not held against it."""
    rules = the_rules(kinds=(Kind.LINEAR_FUTURE,), min_days=d(1), leverage=d(3))
    policy = replace(the_policy(), limits=wide_limits(min_days_since_listing=d(30)))
    listed = NOON - timedelta(days=5)

    def why(contract: Instrument, **changes: Any) -> str:
        return scan_within(policy, rules, a_market(QUARTER, a_spot(**changes), contract), ())[0].why_not

    assert why(a_future(listed_at=listed)) == f"{DATED} is listed for 5.0 days, at least 30 are asked"
    assert why(a_future(), listed_at=listed) == f"{SPOT} is listed for 5.0 days, at least 30 are asked"
    assert why(a_future(days=2)) == f"{DATED} expires in 2.0 days, inside the roll window"
    assert why(a_future(listed_at=NOON - timedelta(days=30))) == ""


def test_a_backward_market_earns_nothing() -> None:
    """Below spot: no days earn the fees."""
    one = scan("USDT", the_rules(), a_market({**QUARTER, DATED: 69_000}), ())[-1]
    assert not one.is_contango
    assert one.break_even_days is None
    assert "is less than 6.0%" in one.why_not


def test_a_coin_margined_pair_is_shown_and_not_entered() -> None:
    """At 1x no rise ends it: its margin is the coin itself."""
    rules = the_rules(kinds=(Kind.INVERSE_PERPETUAL,), leverage=d(1), enter_apr=d(0))
    market = a_market({SPOT: 70_000, COIN_PERP: 70_000}, a_spot(), an_inverse_perpetual())
    one = scan("USDT", rules, market, told("0.1", "1", COIN_PERP))[0]
    assert one.survives is None
    assert one.why_not.startswith("coin-margined")
    pooled = scan_within(the_policy(), rules, replace(market, wallets=Wallets.POOLED), told("0.1", "1", COIN_PERP))[0]
    assert pooled.why_not.endswith("BTC/USD:BTC is margined in coins, which one purse does not set aside")


def test_only_what_has_prices_is_ranked_and_the_rest_is_named() -> None:
    """No quote, another quote currency, delivered already, another coin, no spot market."""
    rules = the_rules(assets=("BTC", "ETH"))
    gone = a_future(days=0)
    other = replace(a_perpetual(), symbol="BTC/USDC:USDC", quote="USDC", settle="USDC")
    listed = (a_spot(), a_perpetual(), gone, other, a_perpetual("ETH"), a_perpetual("SOL"))
    prices = {SPOT: 70_000, DATED: 70_000, other.symbol: 70_000, "ETH/USDT:USDT": 2_500, "SOL/USDT:USDT": 150}
    market = a_market(prices, *listed)
    assert scan("USDT", rules, market, ()) == ()
    assert unlisted("USDT", rules, market) == (
        "BTC linear-future",
        "BTC linear-perpetual",
        "ETH linear-future",
        "ETH linear-perpetual",
    )
    assert unlisted("USDT", the_rules(), a_market(QUARTER)) == ()


def test_carry_asks_for_the_funding_of_its_perpetuals_only() -> None:
    """Two measures for BTC's, none for a dated contract or without rules."""
    assert carry_measures(the_policy()) == (
        Measure(kind=MeasureKind.FUNDING, subject=PERP, periods=(30,)),
        Measure(kind=MeasureKind.PAID_SHARE, subject=PERP, periods=(30,)),
    )
    assert carry_measures(a_policy()) == ()
