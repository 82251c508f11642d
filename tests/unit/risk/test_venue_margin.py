"""The venues' own formulas: long and short, where nothing liquidates, and how they lie against ours."""

from decimal import Decimal

import pytest

from bot.domain.instrument import MaintenanceTier
from bot.risk.margin import liquidation_price, maintenance_margin, margin_ratio
from bot.risk.venue_margin import (
    bingx_risk,
    bingx_standard_rate,
    bybit_inverse_price,
    bybit_legacy_inverse_bankruptcy,
    bybit_legacy_inverse_price,
    bybit_linear_price,
    margin_level,
    mark_form_price,
    mexc_linear_price,
    okx_gate_linear_price,
    phemex_linear_price,
    ratio_of_level,
    ratio_of_weex_rate,
    weex_margin_rate,
)
from tests.builders import LADDER, d

HALF_PERCENT = (MaintenanceTier(floor=d(0), rate=d("0.005"), deduction=d(0)),)
TINY = d("1e-18")


def near(price: Decimal | None, expected: Decimal | int | str) -> bool:
    """Whether there is a price and it is the expected one but for rounding."""
    return price is not None and abs(price - Decimal(expected)) < TINY


def test_bybit_and_mexc_reckon_margin_on_the_value_at_entry() -> None:
    """Short 5 BTC at 70,000 and 5x: 70,000 + (70,000 − 1,700) ÷ 5 = 83,660; MM is 350,000 × 0.5 % − 50."""
    terms = {"quantity": d(-5), "entry": d(70_000), "margin": d(70_000)}
    assert near(bybit_linear_price(LADDER, **terms), 83_660)
    assert near(mexc_linear_price(LADDER, **terms), 83_660)


def test_ours_is_nearer_than_theirs_for_a_short_since_margin_grows_with_the_price() -> None:
    """83,592 with the margin of the price reached: the gate judges by the stricter one."""
    ours = liquidation_price(LADDER, wallet=d(70_000), quantity=d(-5), entry=d(70_000))
    theirs = bybit_linear_price(LADDER, quantity=d(-5), entry=d(70_000), margin=d(70_000))
    assert ours is not None
    assert theirs is not None
    assert ours < theirs


@pytest.mark.parametrize(("quantity", "price"), [(1, "8.08"), (-1, "11.88")])
def test_okx_and_gate_keep_the_closing_fee_back(quantity: int, price: str) -> None:
    """Long 10 at 5x: 8 ÷ (1 − 0.0099) = 8.08…; short: 12 ÷ 1.0101 = 11.88; MMR and taker are 0.99 and 1.01 % here."""
    both = d("0.0099") if quantity > 0 else d("0.0101")
    found = okx_gate_linear_price(
        quantity=d(quantity), entry=d(10), margin=d(2), rate=both - d("0.0006"), taker=d("0.0006")
    )
    assert found is not None
    assert round(found, 4) == d(price)


def test_a_position_paid_in_full_is_liquidated_at_no_price() -> None:
    """A long with its whole value as margin, at each venue."""
    full = {"quantity": d(1), "entry": d(10), "margin": d("10.1")}
    assert bybit_linear_price(HALF_PERCENT, **full) is None
    assert mexc_linear_price(HALF_PERCENT, **full) is None
    assert okx_gate_linear_price(**full, rate=d("0.005"), taker=d("0.0006")) is None
    assert phemex_linear_price(quantity=d(1), entry=d(10), leverage=d(1), rate=d(0), taker=d(0)) is None


def test_a_rate_that_leaves_nothing_to_divide_by_has_no_price() -> None:
    """MMR and closing fee of a whole notional: no border, and no crash."""
    assert okx_gate_linear_price(quantity=d(1), entry=d(10), margin=d(2), rate=d("0.9994"), taker=d("0.0006")) is None


def test_phemex_counts_a_short_with_the_signs_turned() -> None:
    """Short 1 at 100 and 5x without fee, MMR 1 %: (100 + 20) ÷ 1.01; 2 of maintenance amount add 2 ÷ 1.01."""
    terms = {"quantity": d(-1), "entry": d(100), "leverage": d(5), "rate": d("0.01"), "taker": d(0)}
    assert near(phemex_linear_price(**terms), d(120) / d("1.01"))
    assert near(phemex_linear_price(**terms, deduction=d(2)), d(122) / d("1.01"))


def test_phemex_keeps_the_fee_at_bankruptcy_in_the_position() -> None:
    """Short 1 at 100 and 5x, taker 1 %: bankrupt at 120, so 1.2 more of balance: 121.2 ÷ 1.02."""
    price = phemex_linear_price(quantity=d(-1), entry=d(100), leverage=d(5), rate=d("0.01"), taker=d("0.01"))
    assert near(price, d("121.2") / d("1.02"))


@pytest.mark.parametrize("quantity", [-5, 2])
def test_the_mark_form_is_ours_where_the_tier_stays(quantity: int) -> None:
    """WEEX Pro's formula from the mark and Binance's from the entry are one, long and short."""
    wallet, entry, mark = d(50_000), d(68_000), d(70_000)
    held = d(quantity)
    form = mark_form_price(
        quantity=held,
        mark=mark,
        equity=wallet + held * (mark - entry),
        maintenance=maintenance_margin(HALF_PERCENT, abs(held) * mark),
        rate=d("0.005"),
    )
    ours = liquidation_price(HALF_PERCENT, wallet=wallet, quantity=held, entry=entry)
    assert ours is not None
    assert near(form, ours)


def test_bybit_s_coin_margined_short_with_all_its_coins_has_no_price() -> None:
    """1.2 BTC of margin for 60,000 USD sold at 50,000: a synthetic dollar."""
    terms = {"entry": d(50_000), "rate": d("0.005")}
    assert bybit_inverse_price(value=d(-60_000), margin=d("1.21"), **terms) is None
    assert near(bybit_inverse_price(value=d(-60_000), margin=d("0.606"), **terms), 100_000)


def test_bybit_s_old_formulas_hold_for_a_short_too() -> None:
    """10,000 USD sold at 8,000 with 0.25 BTC: (1 − taker) × 10,000 ÷ (1.25 − 0.25) is bankruptcy."""
    terms = {"value": d(-10_000), "entry": d(8_000), "balance": d("0.25"), "taker": d("0.00075")}
    assert near(bybit_legacy_inverse_bankruptcy(**terms), "9992.5")
    price = bybit_legacy_inverse_price(**terms, rate=d("0.005"))
    kept = d("1.25") * d("0.005") + d(10_000) * d("0.00075") / d("9992.5")
    assert near(price, d(10_000) / (1 + kept))


def test_without_a_bankruptcy_there_is_no_liquidation() -> None:
    """2 BTC behind 1.25 BTC sold short, or exactly as many: no price leaves nothing."""
    terms = {"value": d(-10_000), "entry": d(8_000), "taker": d(0)}
    for balance in ("2", "1.25"):
        assert bybit_legacy_inverse_bankruptcy(**terms, balance=d(balance)) is None
        assert bybit_legacy_inverse_price(**terms, balance=d(balance), rate=d("0.005")) is None


def test_the_article_s_margin_level_is_our_ratio_turned_over() -> None:
    """70,000 of equity over 1,700 required is a level of 41.2; a level of 1.05 is a ratio of 95.2 %."""
    level = margin_level(margin_ratio(d(1_700), d(70_000)))
    assert level is not None
    assert round(level, 1) == d("41.2")
    assert round(ratio_of_level(d("1.05")), 3) == d("0.952")
    assert round(ratio_of_level(level), 6) == round(margin_ratio(d(1_700), d(70_000)), 6)


def test_a_level_at_or_below_one_is_over_and_no_requirement_has_no_level() -> None:
    """Nothing is more liquidated than liquidated."""
    assert [ratio_of_level(d(level)) for level in ("1", "0.5", "0", "-3")] == [1, 1, 1, 1]
    assert margin_level(d(0)) is None


def test_a_reassuring_weex_rate_is_a_ratio_too() -> None:
    """17.5 % of the notional left at MMR 0.5 %: a ratio of 1/35; at the MMR it is over."""
    rate = weex_margin_rate(equity=d(1_050), notional=d(6_000))
    assert near(ratio_of_weex_rate(rate, d("0.005")), d(1) / 35)
    assert ratio_of_weex_rate(d("0.005"), d("0.005")) == 1


def test_bingx_counts_the_closing_fee_and_is_never_below_our_ratio() -> None:
    """(1,700 + 175) ÷ 70,000; at 100 % it liquidates; standard futures count the other way round."""
    risk = bingx_risk(maintenance=d(1_700), close_fee=d(175), equity=d(70_000))
    assert near(risk, d(1_875) / 70_000)
    assert risk > margin_ratio(d(1_700), d(70_000))
    assert bingx_risk(maintenance=d(1_700), close_fee=d(175), equity=d(1_800)) == 1
    assert bingx_standard_rate(net_value=d(150), initial_margin=d(15), adjustment=d("0.1")) == d("9.9")
