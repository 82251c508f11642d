"""Performance measured in one pass: return, risk, cost, and what the hedge took away."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from bot.domain.instrument import WalletKind
from bot.domain.ledger import EntryKind, LedgerEntry
from bot.domain.order import Fill, Liquidity, Side
from bot.report.performance import Moment, PerformanceFigures, PerformanceTrack, moment_of
from bot.report.performance_page import performance_json, show_performance
from bot.report.statistics import max_drawdown, moments
from tests.builders import NOON, Number, a_spot, an_inverse_perpetual, d
from tests.golden import matches
from tests.unit.report.pages import a_record, balanced, printed, the_policy, widest

UNITS = ["1", "1.2", "0.9", "0.95", "1.3", "1.04"]


def days(units: Sequence[Number]) -> list[Moment]:
    """One moment a day at noon, equity 1,000 times the unit."""
    return [Moment(at=NOON + timedelta(days=n), equity=d(unit) * 1_000, unit=d(unit)) for n, unit in enumerate(units)]


def measured(found: Sequence[Moment], *entries: LedgerEntry, **prices: Number) -> PerformanceFigures:
    """The figures of moments and ledger entries."""
    track = PerformanceTrack()
    for one in found:
        track.add(one)
    for entry in entries:
        track.add_entry(entry)
    return track.figures({asset: d(price) for asset, price in prices.items()})


def an_entry(kind: EntryKind, change: Number, asset: str = "USDT") -> LedgerEntry:
    """A change of a balance."""
    return LedgerEntry(
        sequence=1,
        at=NOON,
        kind=kind,
        wallet=WalletKind.SPOT,
        asset=asset,
        change=d(change),
        symbol="",
        reference="1",
    )


def a_fill(side: Side, quantity: Number, price: Number) -> Fill:
    """A fill of BTC/USDT."""
    return Fill(
        trade_id="1",
        client_order_id="h1",
        symbol="BTC/USDT",
        side=side,
        quantity=d(quantity),
        price=d(price),
        fee=d(0),
        fee_asset="USDT",
        liquidity=Liquidity.TAKER,
        at=NOON,
    )


def test_return_and_risk_of_a_daily_series() -> None:
    """The same as of the series held whole."""
    figures = measured(days(UNITS))
    numbers = [float(unit) for unit in UNITS]
    returns = [after / before - 1 for before, after in pairwise(numbers)]
    whole = moments(returns)
    assert figures.total_return == pytest.approx(0.04)
    assert figures.max_drawdown == pytest.approx(max_drawdown(numbers)) == pytest.approx(-0.25)
    assert figures.volatility == pytest.approx(whole.volatility)
    assert figures.sharpe == pytest.approx(whole.sharpe)
    assert figures.sortino == pytest.approx(whole.sortino)
    assert figures.days == 5
    assert figures.annual_return is None


def test_moments_within_a_day_are_one_return_of_the_day() -> None:
    """Three moments a day give the deviations of their closes, and the deepest fall of all."""
    closes = days(UNITS)
    dips = [replace(one, at=one.at - timedelta(hours=6), unit=one.unit * d("0.9"), equity=one.equity) for one in closes]
    busy = measured(sorted([*closes, *dips[1:]], key=lambda one: one.at))
    assert busy.volatility == pytest.approx(measured(closes).volatility)
    assert busy.max_drawdown < measured(closes).max_drawdown


def test_days_without_a_moment_count_as_unchanged() -> None:
    """A pause of two days adds two returns of nothing."""
    first, second, *_ = days(["1", "1.1"])
    figures = measured([first, replace(second, at=first.at + timedelta(days=3))])
    assert figures.volatility == pytest.approx(moments([0.0, 0.0, 0.1]).volatility)


def test_a_year_is_only_reckoned_from_a_month() -> None:
    """40 days of 10 % in all."""
    first, last = days(["1", "1.1"])
    figures = measured([first, replace(last, at=first.at + timedelta(days=40))])
    assert figures.annual_return == pytest.approx(1.1 ** (365 / 40) - 1)


def test_money_is_summed_by_what_it_was_for() -> None:
    """Fees in two coins, funding both ways, flows out of the profit."""
    first, last = days(["1", "1.1"])
    last = replace(last, equity=d(1_600))
    figures = measured(
        [first, last],
        an_entry(EntryKind.FEE, "-2"),
        an_entry(EntryKind.FEE, "-0.0001", "BTC"),
        an_entry(EntryKind.FUNDING, "3"),
        an_entry(EntryKind.FUNDING, "-1"),
        an_entry(EntryKind.REALISED, "-4"),
        an_entry(EntryKind.DEPOSIT, "500"),
        USDT=1,
        BTC=70_000,
    )
    assert figures.fees == 9
    assert (figures.funding_received, figures.funding_paid) == (3, 1)
    assert figures.realised == -4
    assert figures.flows == 500
    assert figures.profit == 100
    assert figures.unpriced == ()


def test_a_fee_without_a_price_makes_the_sum_unknown_not_smaller() -> None:
    """And its coin is named."""
    figures = measured(days(UNITS), an_entry(EntryKind.FEE, "-1", "BNB"), an_entry(EntryKind.FUNDING, "1"), USDT=1)
    assert figures.fees is None
    assert figures.unpriced == ("BNB",)
    assert figures.funding_received == 1
    assert "BNB was paid or received and has no price in USDT" in printed(show_performance, figures)


def test_turnover_and_slippage_of_fills() -> None:
    """Bought 1 above plan by 10, sold 1 at plan, one unplanned: 10 lost, 300 turned over."""
    track = PerformanceTrack()
    for one in days(["1", "1"]):
        track.add(one)
    spot = a_spot()
    track.add_fill(a_fill(Side.BUY, 1, 110), spot, d(100))
    track.add_fill(a_fill(Side.SELL, 1, 100), spot, d(100))
    track.add_fill(a_fill(Side.SELL, 1, 90), an_inverse_perpetual(), None)
    figures = track.figures({})
    assert figures.slippage == 10
    assert figures.turnover == 310
    assert figures.turnover_times == pytest.approx(0.31)
    assert figures.trades == 3


def hedged(ratio: str, moves: Sequence[Number]) -> PerformanceFigures:
    """Ten coins of 100 hedged at a ratio, while the price moves by these fractions."""
    price, unit, found = d(100), d(1), []
    for n, move in enumerate([d(0), *map(d, moves)]):
        unit *= 1 + move * (1 - d(ratio))
        price *= 1 + move
        found.append(
            Moment(
                at=NOON + timedelta(days=n),
                equity=price * 10,
                unit=unit,
                coins={"BTC": d(10)},
                prices={"BTC": price},
                weights={"BTC": d("0.5")},
            )
        )
    return measured(found)


@pytest.mark.parametrize(("ratio", "effect"), [("0", 0), ("0.5", 0.75), ("1", 1)])
def test_a_hedge_takes_away_the_variance_of_what_it_covers(ratio: str, effect: float) -> None:
    """1 − (1 − h)²: half hedged, three quarters of the variance gone."""
    assert hedged(ratio, ["0.1", "-0.05", "0.02"]).hedge_effectiveness == pytest.approx(effect)


def test_a_book_on_its_target_has_no_tracking_error() -> None:
    """Half net is the target of half."""
    assert hedged("0.5", ["0.1", "-0.05", "0.02"]).tracking_error == pytest.approx(0)
    error = hedged("0", ["0.1", "-0.05", "0.02"]).tracking_error
    assert error is not None
    assert error > 0.1


def test_a_recorded_cycle_gives_its_moment() -> None:
    """Core coins and prices, and the policy's net weights: 70 % of equity, 15 % hedged."""
    found = moment_of(a_record(balanced()), the_policy(), d(1))
    assert found.coins["BTC"] == d("0.5")
    assert found.equity == d("99999.9995")
    assert round(found.weights["BTC"], 4) == d("0.2975")


def test_what_is_kept_does_not_grow_with_the_series() -> None:
    """Ten thousand cycles leave as many numbers as ten."""

    def kept(count: int) -> int:
        track = PerformanceTrack()
        for n in range(count):
            track.add(Moment(at=NOON + timedelta(hours=8 * n), equity=d(1_000), unit=Decimal(1000 + n % 7) / 1000))
            track.add_entry(an_entry(EntryKind.FUNDING, "0.1"))
        return len(str(track))

    assert kept(10_000) < kept(10) * 2


def test_the_page_of_a_period() -> None:
    """Every number with its unit."""
    figures = measured(days(UNITS), an_entry(EntryKind.FEE, "-2"), an_entry(EntryKind.FUNDING, "3"), USDT=1)
    text = printed(show_performance, figures)
    assert widest(text) <= 80
    assert matches("performance", text)


def test_the_page_of_nothing_says_what_to_do() -> None:
    """No cycle, no zeros."""
    assert "nothing to measure" in printed(show_performance, measured([]))
    assert performance_json(measured([]), quote="USDT")["figures"]["end_equity"] is None
    assert "Volatility" in printed(show_performance, measured(days(["1"])))
