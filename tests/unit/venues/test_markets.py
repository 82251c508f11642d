"""A market's rules become an Instrument, whole, and tiers a ladder without a step."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain.instrument import Instrument, Kind, MaintenanceTier, WalletKind
from bot.errors import NumberRefused
from bot.venues.markets import NO_TIERS, at_mark, instrument, maintenance_tiers, public_rules
from bot.venues.row import Product
from bot.venues.rows import row_of
from tests.builders import Number, a_perpetual, a_spot, an_inverse_perpetual, d
from tests.unit.venues.desk import connected

PLAIN = Product(
    kinds=(), balance=row_of("bybit").products[WalletKind.LINEAR].balance, market_reads=(), spellings={}, client_id=""
)
NEW_YEAR_MS = 1_767_225_600_000


def a_tier(floor: Number, rate: Number, deduction: Number) -> MaintenanceTier:
    """One step of a ladder."""
    return MaintenanceTier(floor=d(floor), rate=d(rate), deduction=d(deduction))


TIERS = (a_tier(0, "0.01", 0),)


def a_market(**changes: object) -> dict[str, Any]:
    """A linear perpetual of a hundredth of a bitcoin a contract."""
    return {
        "symbol": "BTC/USDT:USDT",
        "contract": True,
        "linear": True,
        "base": "BTC",
        "quote": "USDT",
        "settle": "USDT",
        "contractSize": "0.01",
        "precision": {"amount": "1", "price": "0.1"},
        "limits": {"amount": {"min": "2"}, "cost": {"min": "5"}},
        "maker": "0.0002",
        "taker": "0.0005",
        "created": NEW_YEAR_MS,
    } | changes


def rules(product: Product = PLAIN, **changes: object) -> Instrument:
    """The rules of that market."""
    return instrument(a_market(**changes), product, TIERS, None)


def test_a_contract_has_the_rules_its_market_tells() -> None:
    """Size, tick, step, least, fees, listing."""
    wanted = a_perpetual(
        contract_size=d("0.01"),
        tick=d("0.1"),
        step=d(1),
        min_quantity=d(2),
        min_notional=d(5),
        listed_at=datetime(2026, 1, 1, tzinfo=UTC),
        tiers=TIERS,
    )
    assert rules() == wanted
    assert instrument(a_market(), PLAIN, TIERS, (d("0.1"), d("0.2"))) == replace(
        wanted, maker_fee=d("0.1"), taker_fee=d("0.2")
    )


def test_a_spot_market_has_size_one_and_settles_in_its_quote() -> None:
    """It tells neither a size nor a settlement."""
    market = a_market(symbol="BTC/USDT", spot=True, settle=None, contractSize=None, created=None)
    found = instrument(market, PLAIN, (), None)
    assert (found.kind, found.contract_size, found.settle, found.listed_at) == (Kind.SPOT, d(1), "USDT", None)


def test_a_row_says_what_the_market_does_not_or_tells_wrongly() -> None:
    """A size of one coin, a step, a least value; of two least values the greater counts."""
    product = replace(PLAIN, contract_size=d(1), step=d("0.001"), min_notional=d(7))
    found = rules(product, precision={"price": "0.1"}, limits=None, contractSize=None)
    assert (found.contract_size, found.step, found.min_quantity, found.min_notional) == (1, d("0.001"), d("0.001"), 7)
    assert rules(product).min_notional == 7
    assert rules(replace(PLAIN, min_notional=d(3))).min_notional == 5


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"contractSize": None}, "contract size is missing"),
        ({"precision": {"price": "0.1"}}, "step is missing"),
        ({"precision": {"amount": "1"}}, "tick is missing"),
        ({"precision": None}, "step is missing"),
        ({"limits": {}}, "the least notional is told neither by the venue nor by its row"),
        ({"maker": None}, "maker fee is missing"),
        ({"taker": ""}, "taker fee is missing"),
        ({"future": True}, "expiry is missing"),
    ],
)
def test_a_rule_that_is_missing_is_nobodys_guess(changes: dict[str, object], said: str) -> None:
    """A market without a step is not traded."""
    with pytest.raises(NumberRefused, match=said):
        instrument(a_market(**changes), PLAIN, TIERS, None)


def test_an_inverse_contract_has_a_least_count_and_needs_no_least_value() -> None:
    """Its face is fixed."""
    found = rules(symbol="BTC/USD:BTC", linear=False, inverse=True, quote="USD", settle="BTC", limits={})
    assert (found.kind, found.min_notional, found.min_quantity) == (Kind.INVERSE_PERPETUAL, 0, 1)


def test_a_dated_future_ends_when_its_market_says() -> None:
    """At new year."""
    found = rules(symbol="BTC/USDT:USDT-260101", future=True, expiry=NEW_YEAR_MS)
    assert (found.kind, found.expiry) == (Kind.LINEAR_FUTURE, datetime(2026, 1, 1, tzinfo=UTC))


def test_public_rules_are_for_history_and_margin_the_whole_value() -> None:
    """Nobody can trade on fees of everything and margin of everything."""
    found = public_rules(connected(None), a_market())
    assert (found.tiers, found.maker_fee, found.taker_fee) == (NO_TIERS, 1, 1)


def test_deductions_make_the_margin_continuous() -> None:
    """At 50,000 the rate rises by 0.001, at 600,000 by 0.0015: deductions of 50 and 950."""
    told: list[dict[str, str | None]] = [
        {"minNotional": "600000", "maintenanceMarginRate": "0.0065"},
        {"minNotional": None, "maintenanceMarginRate": "0.004"},
        {"minNotional": "50000", "maintenanceMarginRate": "0.005"},
    ]
    wanted = (a_tier(0, "0.004", 0), a_tier(50_000, "0.005", 50), a_tier(600_000, "0.0065", 950))
    assert maintenance_tiers(told, d(1)) == wanted
    assert [tier.floor for tier in maintenance_tiers(told, d("0.01"))] == [0, 500, 6000]


def test_the_first_tier_begins_at_nothing() -> None:
    """Some venues tell a first floor of one; none tell of no tiers."""
    assert maintenance_tiers([{"minNotional": "1", "maintenanceMarginRate": "0.01"}], d(1)) == TIERS
    assert maintenance_tiers([], d(1)) == ()


def test_a_tier_without_a_rate_is_refused() -> None:
    """A margin of nothing is nobody's."""
    with pytest.raises(NumberRefused, match="tier rate is missing"):
        maintenance_tiers([{"minNotional": "0"}], d(1))


def test_floors_told_in_coins_are_money_at_the_mark_cut_to_two_digits() -> None:
    """7 coins at 70,123 are 490,861: 490,000, never more."""
    product = replace(PLAIN, tiers_in_contracts=True)
    ladder = (a_tier(0, "0.01", 0), a_tier(7, "0.02", 0))
    found = at_mark(a_perpetual(tiers=ladder), product, d(70_123))
    assert found.tiers == (a_tier(0, "0.01", 0), a_tier(490_000, "0.02", 4_900))
    inverse = at_mark(an_inverse_perpetual(tiers=(ladder[0], a_tier(700_000, "0.02", 0))), product, d(70_000))
    assert [tier.floor for tier in inverse.tiers] == [0, 10]


def test_floors_told_in_money_stay_as_they_are_and_spot_has_none() -> None:
    """Whatever the mark is."""
    one = a_perpetual()
    assert at_mark(one, PLAIN, d(70_000)) is one
    assert at_mark(a_spot(), replace(PLAIN, tiers_in_contracts=True), d(70_000)) == a_spot()
