"""Signals of the overlay: what turns a rule on, what keeps it on, and what cannot be read."""

from dataclasses import replace

import pytest

from bot.domain.instrument import Kind
from bot.domain.order import Side
from bot.domain.reading import Measure, MeasureKind
from bot.policy.tactical.signals import read_signal, side_of, tactical_measures, tactical_symbol
from tests.builders import a_policy
from tests.overlay import (
    PERPETUAL,
    a_price_rule,
    a_squeeze_rule,
    a_tactical_rule,
    an_overlay,
    funding_8h,
    read,
    readings_of,
)

VOLATILITY = Measure(kind=MeasureKind.VOLATILITY, subject="BTC", periods=(30,))


def test_each_measure_is_asked_for_once() -> None:
    """Two rules of one coin share its volatility; an alert is not sized and asks for none."""
    twice = replace(a_tactical_rule(), name="twice")
    assert tactical_measures(an_overlay(a_tactical_rule(), twice, a_price_rule())) == (
        Measure(kind=MeasureKind.EMA_CROSS, subject="BTC", periods=(20, 50)),
        VOLATILITY,
        Measure(kind=MeasureKind.PRICE_OVER_EMA, subject="BTC", periods=(200,)),
        funding_8h(),
    )
    assert tactical_measures(an_overlay(a_squeeze_rule(bar_hours=8))) == (
        Measure(kind=MeasureKind.INTEREST_PERCENTILE, subject=PERPETUAL, periods=(3, 90), bar_hours=8),
        Measure(kind=MeasureKind.FUNDING_PERCENTILE, subject=PERPETUAL, periods=(30,)),
    )
    hasty = tactical_measures(an_overlay(a_squeeze_rule(periods=(1, 2), bar_hours=4)))
    assert hasty[1].periods == (2,)
    assert tactical_measures(a_policy()) == ()


def test_a_rule_trades_the_perpetual_of_its_margin() -> None:
    """Settled in the quote currency or in the coin."""
    assert tactical_symbol(a_tactical_rule(), "USDT") == PERPETUAL
    assert tactical_symbol(a_tactical_rule(instrument=Kind.INVERSE_PERPETUAL), "USDT") == "BTC/USD:BTC"


@pytest.mark.parametrize(
    ("side", "cross", "on"),
    [("buy", "0.01", True), ("buy", "-0.01", False), ("sell", "-0.01", True), ("buy", 0, False)],
)
def test_a_cross_is_on_while_the_fast_average_is_on_its_side(side: str, cross: str, on: bool) -> None:
    """Over for a purchase, under for a sale; level is neither."""
    rule = a_tactical_rule(side=Side(side))
    signal = read_signal(rule, readings_of(rule, cross), "USDT")
    assert (signal.enters, signal.stays) == (on, on)


def test_a_cross_says_its_numbers_and_the_bar_it_was_read_on() -> None:
    """The close the decision is made of is named."""
    rule = a_tactical_rule()
    assert read_signal(rule, readings_of(rule, "0.0123"), "USDT").text == (
        "EMA(20) is 1.23% over EMA(50) at the close of 2026-01-01 00:00 UTC"
    )


@pytest.mark.parametrize(
    ("side", "price", "funding", "enters", "stays"),
    [
        ("buy", "0.03", "0.0002", True, True),
        ("buy", "0.03", "0.0001", False, True),
        ("buy", "-0.03", "0.0002", False, False),
        ("sell", "-0.03", "-0.0002", True, True),
        ("sell", "-0.03", "0.0002", False, True),
    ],
)
def test_funding_lets_in_and_does_not_turn_out(side: str, price: str, funding: str, enters: bool, stays: bool) -> None:
    """Above its EMA and longs paying more than 1 bp to enter; only the EMA to stay; all mirrored for a sale."""
    rule = a_price_rule(side=Side(side))
    signal = read_signal(rule, readings_of(rule, price, funding), "USDT")
    assert (signal.enters, signal.stays) == (enters, stays)


def test_a_price_rule_says_the_funding_it_asked_for() -> None:
    """Both numbers, in basis points per 8 hours; without a floor funding is not asked for."""
    rule = a_price_rule(side=Side.SELL)
    assert read_signal(rule, readings_of(rule, "-0.03", "-0.0002"), "USDT").text == (
        "BTC's price is 3.00% under EMA(200) at the close of 2026-01-01 00:00 UTC, "
        "funding -2.00 bp per 8 h (asked: beyond -1.00 bp)"
    )
    free = a_price_rule(funding_floor=None)
    assert read_signal(free, readings_of(free, "0.03"), "USDT").enters


@pytest.mark.parametrize(
    ("interest", "funding", "enters"),
    [("0.95", "0.05", True), ("0.9", "0.1", True), ("0.89", 0, False), (1, "0.2", False)],
)
def test_a_squeeze_needs_both_percentiles(interest: str, funding: str, enters: bool) -> None:
    """Open interest among its fastest, funding among its lowest; it is never left for its signal."""
    rule = a_squeeze_rule()
    signal = read_signal(rule, readings_of(rule, interest, funding), "USDT")
    assert (signal.enters, signal.stays) == (enters, True)
    assert "asked: 90%" in signal.text


def test_a_squeeze_of_shorts_is_only_ever_bought() -> None:
    """Whatever side was written."""
    assert side_of(a_squeeze_rule(side=Side.SELL)) is Side.BUY
    assert side_of(a_tactical_rule(side=Side.SELL)) is Side.SELL


def test_what_is_missing_makes_the_signal_unavailable_not_off() -> None:
    """A gap and a measure never read are said; neither opens nor closes anything."""
    rule = a_price_rule()
    gap = read_signal(rule, readings_of(rule, "0.03", None), "USDT")
    assert (gap.enters, gap.stays) == (None, None)
    assert gap.text == "funding-8h of BTC/USDT:USDT is unavailable: a gap of 3 days"
    assert read_signal(rule, (), "USDT").text == "price-over-ema of BTC is unavailable: not read"


def test_a_reading_without_a_moment_names_none() -> None:
    """The close is left out where it is not known."""
    rule = a_tactical_rule()
    reading = replace(read(Measure(kind=MeasureKind.EMA_CROSS, subject="BTC", periods=(20, 50)), "0.01"), at=None)
    assert read_signal(rule, (reading,), "USDT").text == "EMA(20) is 1.00% over EMA(50)"
