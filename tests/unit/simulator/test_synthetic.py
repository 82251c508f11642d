"""One seed is one market: the same Decimals in every process, in any order of asking."""

import itertools
import math
import os
import random
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.errors import SettingsRefused, SnapshotUnavailable
from bot.simulator.synthetic import EPOCH, STEP, coin, funding_rate, synthetic_market
from bot.simulator.walk import Coin, Walk
from tests.builders import d
from tests.vectors import agrees

ROOT = Path(__file__).resolve().parents[3]
MOMENTS = tuple(EPOCH + timedelta(hours=37 * n, seconds=11 * n) for n in range(40))

PRINT_MARKET = """
import hashlib
from datetime import timedelta
from bot.simulator.synthetic import EPOCH, synthetic_market
market = synthetic_market(7, ("BTC", "ETH", "SOL", "XRP"))
moments = [EPOCH + timedelta(hours=37 * n, seconds=11 * n) for n in range(40)]
seen = [(market.quotes(m), market.funding(m)) for m in moments]
seen.append(market.settlements(EPOCH, moments[-1]))
print(hashlib.sha256(repr(seen).encode()).hexdigest())
"""


def test_the_first_prices_are_the_round_ones() -> None:
    """At the epoch BTC is 70,000, ETH 3,500 and SOL 150, whatever the seed."""
    for seed in (7, "other"):
        quotes = synthetic_market(seed).quotes(EPOCH)
        assert [quotes[f"{name}/USDT"].mid for name in ("BTC", "ETH", "SOL")] == [d(70_000), d(3_500), d(150)]


def test_two_processes_with_different_hash_seeds_see_the_same_bytes() -> None:
    """Nothing depends on the order of a set or on an address."""
    seen = {
        subprocess.run(
            [sys.executable, "-c", PRINT_MARKET],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1
    assert len(seen.pop()) == 65


def test_the_order_of_asking_does_not_matter() -> None:
    """Forward, backward and twice give the same."""
    forward, shuffled = synthetic_market(7), synthetic_market(7)
    order = list(MOMENTS) * 2
    random.Random(1).shuffle(order)
    seen = {moment: shuffled.quotes(moment) for moment in order}
    assert {moment: forward.quotes(moment) for moment in MOMENTS} == seen


def test_a_coin_does_not_depend_on_its_company() -> None:
    """ETH alone is the ETH of the three."""
    alone, together = synthetic_market(7, ["ETH"]), synthetic_market(7)
    later = MOMENTS[-1]
    assert alone.quotes(later)["ETH/USDT"] == together.quotes(later)["ETH/USDT"]


def test_another_seed_is_another_market() -> None:
    """A day later their prices differ, and so do their descriptions."""
    one, other = synthetic_market(7), synthetic_market(8)
    later = EPOCH + timedelta(days=1)
    assert one.quotes(later) != other.quotes(later)
    assert one.description != other.description


def test_prices_lie_on_the_tick_grid_and_do_not_cross() -> None:
    """Bid below ask, both whole ticks, the mark near the index."""
    market = synthetic_market(7, ["BTC", "PEPE", "USDC", "TRX"])
    for moment in MOMENTS:
        for symbol, quote in market.quotes(moment).items():
            tick = market.instruments[symbol].tick
            assert quote.bid % tick == quote.ask % tick == 0
            assert quote.bid < quote.ask
            if quote.mark is not None and quote.index is not None:
                assert abs(quote.mark / quote.index - 1) < d("0.004")


def test_a_stablecoin_stands_at_one_and_has_no_perpetual() -> None:
    """USDC is a spot market only."""
    market = synthetic_market(7, ["BTC", "USDC"])
    assert market.quotes(MOMENTS[-1])["USDC/USDT"].mid == 1
    assert "USDC/USDT:USDT" not in market.instruments


def test_an_unknown_coin_gets_moderate_numbers_and_a_given_one_its_own() -> None:
    """10 USDT at a volatility of 0.90, or what was asked for."""
    assert (coin("NEWCOIN").price, coin("NEWCOIN").volatility) == (10.0, 0.90)
    market = synthetic_market(7, [Coin(name="ABC", price=250_000.0, volatility=0.1)])
    assert market.quotes(EPOCH)["ABC/USDT"].last == 250_000


@pytest.mark.parametrize("coins", [[], ["BTC", "BTC"], ["USDT"]])
def test_coins_that_make_no_market_are_refused(coins: list[str]) -> None:
    """None, twice the same, or the quote currency."""
    with pytest.raises(SettingsRefused):
        synthetic_market(7, coins)


def test_there_is_no_market_before_the_epoch() -> None:
    """A moment earlier is unavailable, not made up."""
    with pytest.raises(SnapshotUnavailable):
        synthetic_market(7).quotes(EPOCH - timedelta(seconds=1))


@pytest.mark.parametrize("premium", ["0.0002", "0.001", "-0.0003", "-0.001", "0.0"])
def test_funding_follows_the_published_formula(premium: str) -> None:
    """F = P + clamp(I − P, ±0.05 %): flat at 1 bp near the interest (vectors.json)."""
    assert agrees(f"funding_rate_formula_P{premium}", funding_rate(float(premium)))


def test_funding_is_paid_at_00_08_and_16() -> None:
    """Three settlements a day for each perpetual, none at the start itself, the end counted."""
    market = synthetic_market(7, ["BTC", "ETH"])
    paid = market.settlements(EPOCH, EPOCH + timedelta(days=2))
    assert [payment.at.hour for payment in paid] == [8, 8, 16, 16, 0, 0] * 2
    assert {payment.symbol for payment in paid} == {"BTC/USDT:USDT", "ETH/USDT:USDT"}


def test_the_rate_shown_just_before_is_the_rate_paid() -> None:
    """A second before 08:00 the rate is within a millionth of what is settled; then the next one begins."""
    market = synthetic_market(7, ["BTC"])
    at = EPOCH + timedelta(hours=8)
    shown = market.funding(at - timedelta(seconds=1))["BTC/USDT:USDT"]
    (paid,) = market.settlements(EPOCH, at)
    assert abs(shown.rate - paid.rate) < d("0.000001")
    assert shown.next_at == at
    assert market.funding(at)["BTC/USDT:USDT"].next_at == at + timedelta(hours=8)


def test_the_path_steps_on_the_clocks_five_minutes_and_at_the_end() -> None:
    """From 00:01 to 00:12: 00:05, 00:10, 00:12; its last prices are the quotes' own."""
    market = synthetic_market(7, ["BTC"])
    until = EPOCH + timedelta(minutes=12)
    steps = list(market.path(EPOCH + timedelta(minutes=1), until))
    assert [step.at for step in steps] == [EPOCH + STEP, EPOCH + 2 * STEP, until]
    assert steps[-1].spans["BTC/USDT:USDT"].last == market.quotes(until)["BTC/USDT:USDT"].mark
    assert list(market.path(until, until)) == []


def test_the_path_does_not_depend_on_where_it_is_cut() -> None:
    """Looking twice on the way sees the same five-minute prices."""
    market = synthetic_market(7, ["BTC"])
    end = EPOCH + timedelta(hours=2)
    whole = {step.at: step.spans for step in market.path(EPOCH, end)}
    middle = EPOCH + timedelta(minutes=43)
    parts = {step.at: step.spans for step in (*market.path(EPOCH, middle), *market.path(middle, end))}
    assert {at: spans for at, spans in parts.items() if at != middle} == whole


def test_volatilities_and_correlations_are_those_asked_for() -> None:
    """Over ten years of days: 60/75/95 % and .80/.65/.70, jumps on top."""
    days = 10 * 365
    walk = Walk("1", [coin(name) for name in ("BTC", "ETH", "SOL")])
    walk.premium("BTC", days, 0)
    returns = {
        name: [after - before for before, after in itertools.pairwise(levels)] for name, levels in walk._levels.items()
    }
    yearly = {name: math.sqrt(sum(r * r for r in seen) / len(seen) * 365) for name, seen in returns.items()}
    assert yearly == {name: pytest.approx(vol, abs=0.04) for name, vol in (("BTC", 0.6), ("ETH", 0.75), ("SOL", 0.95))}
    for one, other, wanted in (("BTC", "ETH", 0.8), ("BTC", "SOL", 0.65), ("ETH", "SOL", 0.7)):
        together = sum(a * b for a, b in zip(returns[one], returns[other], strict=True)) / len(returns[one]) * 365
        assert together / (yearly[one] * yearly[other]) == pytest.approx(wanted, abs=0.04)


def test_memory_does_not_grow_with_what_was_asked() -> None:
    """Only a few days' paths are kept."""
    market = synthetic_market(7, ["BTC"])
    for day in range(30):
        market.quotes(EPOCH + timedelta(days=day))
    assert len(market._walk._days) <= 4


def test_every_price_is_a_decimal_from_text() -> None:
    """No binary fraction gets into a price."""
    quote = synthetic_market(7, ["BTC"]).quotes(MOMENTS[5])["BTC/USDT"]
    assert Decimal(str(quote.last)).as_tuple().exponent == -2
    assert synthetic_market(7).start == EPOCH
    assert synthetic_market(7).end is None
