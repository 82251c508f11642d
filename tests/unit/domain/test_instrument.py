"""Contracts, coins and notional in all four contract kinds, against the published numbers."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.instrument import Instrument, Kind, MaintenanceTier, WalletKind, average_entry, kind_of
from bot.errors import NumberRefused
from tests.builders import NOON, a_perpetual, a_spot, an_inverse_perpetual, d
from tests.vectors import agrees, vector

FUTURES = NOON + timedelta(days=90)
LINEAR_FUTURE = a_perpetual(symbol="BTC/USDT:USDT-260401", kind=Kind.LINEAR_FUTURE, expiry=FUTURES)
INVERSE_FUTURE = an_inverse_perpetual(symbol="BTC/USD:BTC-260401", kind=Kind.INVERSE_FUTURE, expiry=FUTURES)
EVERY_KIND = [a_spot(), a_perpetual(), LINEAR_FUTURE, an_inverse_perpetual(), INVERSE_FUTURE]


@pytest.mark.parametrize(
    ("instrument", "quantity", "coins", "notional"),
    [
        (a_spot(), 2, 2, 140_000),
        (a_perpetual(contract_size=d("0.001")), 500, "0.5", 35_000),
        (replace(LINEAR_FUTURE, contract_size=d("0.01")), -50, "-0.5", -35_000),
        (an_inverse_perpetual(), 3500, 5, 350_000),
        (INVERSE_FUTURE, -700, -1, -70_000),
    ],
)
def test_a_quantity_is_worth_so_many_coins_and_so_much_money(
    instrument: Instrument, quantity: int, coins: str, notional: int
) -> None:
    """At 70,000; 3,500 inverse contracts of 100 USD are five coins."""
    assert instrument.coins(d(quantity), d(70_000)) == d(coins)
    assert instrument.notional(d(quantity), d(70_000)) == notional


@pytest.mark.parametrize("name", ["hedge_contracts_inverse", "hedge_contracts_bybit"])
def test_the_hedge_in_contracts_is_ratio_times_coins_times_price_over_face(name: str) -> None:
    """Half of ten coins at 70,000: 3,500 contracts of 100, or 350,000 of one."""
    asked = vector(name)["inputs"]
    contract = an_inverse_perpetual(face=asked["multiplier"])
    coins = Decimal(asked["ratio"]) * asked["spot_coin"]
    assert agrees(name, contract.quantity(coins, Decimal(asked["price"])))


@pytest.mark.parametrize("number", [1, 2])
def test_inverse_profit_is_in_coins(number: int) -> None:
    """PnL = q × face × (1/entry − 1/exit)."""
    name = f"inverse_pnl_long_{number}"
    asked = vector(name)["inputs"]
    contract = an_inverse_perpetual(face=1)
    profit = contract.profit(d(asked["qty_usd"]), d(asked["entry"]), d(asked["exit"]))
    assert agrees(name, profit)


def test_average_entries_are_arithmetic_when_linear_and_harmonic_when_inverse() -> None:
    """Two published examples."""
    linear = vector("linear_avg_entry")["inputs"]["fills"]
    inverse = vector("inverse_avg_entry_harmonic")["inputs"]["fills"]
    assert agrees("linear_avg_entry", average_entry(a_perpetual(), tuple((Decimal(q), Decimal(p)) for q, p in linear)))
    fills = tuple((Decimal(q), Decimal(p)) for q, p in inverse)
    assert agrees("inverse_avg_entry_harmonic", average_entry(an_inverse_perpetual(), fills))


@pytest.mark.parametrize("price", [35_000, 60_000, 70_000, 80_000, 140_000])
def test_an_inverse_half_hedge_is_linear_in_the_price(price: int) -> None:
    """V = S × (coins + profit in coins) = N M + S (Q − N M / S0): ten coins, 3,500 contracts from 70,000."""
    contract = an_inverse_perpetual()
    coins = 10 + contract.profit(d(-3500), d(70_000), d(price))
    assert agrees(f"inverse_hedge_usd_value_{price}", coins * price)
    assert agrees(f"inverse_hedge_net_delta_{price}", coins + contract.coins(d(-3500), d(price)))


@pytest.mark.parametrize("price", [35_000, 70_000, 140_000])
def test_a_full_inverse_hedge_is_a_synthetic_dollar(price: int) -> None:
    """7,000 contracts on ten coins are worth 700,000 at every price."""
    contract = an_inverse_perpetual()
    value = (10 + contract.profit(d(-7000), d(70_000), d(price))) * price
    assert abs(value - 700_000) < d("1e-6")


@pytest.mark.parametrize("instrument", EVERY_KIND, ids=lambda i: i.kind)
@given(quantity=st.integers(min_value=-10_000, max_value=10_000), price=st.integers(min_value=1, max_value=200_000))
def test_a_round_trip_through_coins_never_grows_a_position(instrument: Instrument, quantity: int, price: int) -> None:
    """Quantity → coins → quantity comes back within one step, never larger."""
    exact = d(quantity) * instrument.step
    back = instrument.quantity(instrument.coins(exact, d(price)), d(price))
    assert abs(back) <= abs(exact)
    assert abs(exact) - abs(back) <= instrument.step


@pytest.mark.parametrize("instrument", EVERY_KIND, ids=lambda i: i.kind)
def test_each_kind_lives_in_its_own_wallet(instrument: Instrument) -> None:
    """Spot coins, USDT margin, coin margin."""
    expected = {"spot": WalletKind.SPOT, "linear": WalletKind.LINEAR, "inverse": WalletKind.INVERSE}
    assert instrument.wallet is expected[instrument.kind.split("-")[0]]
    assert instrument.kind.is_dated == (instrument.expiry is not None)


def test_an_order_is_tradable_on_the_grid_and_above_both_minimums() -> None:
    """Step 0.00001, minimum 5 USDT at 50,000: 0.0001 passes, 0.00009 is worth 4.50, 0.000105 is off the grid."""
    spot = a_spot()
    assert spot.tradable(d("0.0001"), d(50_000))
    assert not spot.tradable(d("0.00009"), d(50_000))
    assert not spot.tradable(d("0.000105"), d(50_000))
    assert not spot.tradable(d(0), d(50_000))


def test_the_settlement_notional_of_an_inverse_contract_is_in_coins() -> None:
    """3,500 contracts of 100 at 70,000: 5 coins, unsigned; five linear coins short: 350,000."""
    assert an_inverse_perpetual().settlement_notional(d(-3500), d(70_000)) == 5
    assert a_perpetual().settlement_notional(d(-5), d(70_000)) == 350_000


@pytest.mark.parametrize(
    "changes",
    [
        {"symbol": "BTC/USDT\n"},
        {"symbol": "'; DROP TABLE intent"},
        {"base": "../../x"},
        {"tick": d(0)},
        {"step": d("NaN")},
        {"min_notional": d(-1)},
        {"expiry": NOON},
    ],
)
def test_hostile_names_and_absurd_numbers_are_refused(changes: dict[str, Any]) -> None:
    """Newlines, SQL, paths; zero, NaN and negative numbers; a perpetual that expires."""
    with pytest.raises(NumberRefused):
        a_perpetual(**changes)


def test_a_contract_needs_tiers_from_zero() -> None:
    """Without them its liquidation price could not be known."""
    with pytest.raises(NumberRefused, match="tiers"):
        a_perpetual(tiers=())
    with pytest.raises(NumberRefused, match="tiers"):
        a_perpetual(tiers=(MaintenanceTier(floor=d(5), rate=d("0.01"), deduction=d(0)),))


@pytest.mark.parametrize(
    ("symbol", "kind"),
    [
        ("BTC/USDT", Kind.SPOT),
        ("BTC/USDT:USDT", Kind.LINEAR_PERPETUAL),
        ("BTC/USD:BTC", Kind.INVERSE_PERPETUAL),
        ("BTC/USDT:USDT-260327", Kind.LINEAR_FUTURE),
        ("BTC/USD:BTC-260327", Kind.INVERSE_FUTURE),
    ],
)
def test_a_symbol_says_what_it_is(symbol: str, kind: Kind) -> None:
    """Every kind has a spelling of its own."""
    assert kind_of(symbol) is kind
