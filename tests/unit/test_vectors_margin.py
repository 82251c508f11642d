"""The margin, seed-margin and coin-margined vectors of the design, where that folder lies beside the repository."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.domain.instrument import Instrument, MaintenanceTier, average_entry
from bot.risk.margin import (
    deductions,
    headroom,
    highest_leverage,
    inverse_liquidation_price,
    liquidation_price,
    maintenance_margin,
    margin_for_rally,
    margin_ratio,
)
from bot.risk.stress import Holding, survivable_move
from bot.risk.venue_margin import (
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
    weex_margin_rate,
)
from tests.builders import LADDER, a_perpetual, an_inverse_perpetual, d

FILE = Path(__file__).parents[3] / "shared" / "design" / "vectors.json"
TOPICS = ("margin", "seed_margin", "inverse", "pnl")
ONE_DOLLAR = an_inverse_perpetual(face=1)
Inputs = dict[str, Any]


def _read() -> dict[str, dict[str, Any]]:
    if not FILE.exists():
        return {}
    with FILE.open(encoding="utf-8") as file:
        vectors = json.load(file, parse_float=Decimal, parse_int=Decimal)["vectors"]
    return {vector["name"]: vector for vector in vectors}


VECTORS = _read()
NAMES = sorted(n for n, v in VECTORS.items() if v["topic"] in TOPICS)
pytestmark = pytest.mark.skipif(not VECTORS, reason=f"{FILE.name} of the design does not lie beside the repository")


def _one_tier(inputs: Inputs) -> tuple[MaintenanceTier, ...]:
    return (MaintenanceTier(floor=d(0), rate=inputs["mmr"], deduction=inputs.get("cum", d(0))),)


def _linear_price(inputs: Inputs) -> Decimal | None:
    return liquidation_price(
        LADDER if "tiers" in inputs else _one_tier(inputs),
        wallet=inputs["WB"],
        quantity=inputs["side"] * inputs["q"],
        entry=inputs["EP"],
        others_margin=inputs.get("TMM", d(0)),
        others_profit=inputs.get("UPNL", d(0)),
    )


def _five_percent_price(inputs: Inputs) -> Decimal | None:
    margin = inputs["spot_value"] / (1 - inputs["margin_share"]) * inputs["margin_share"]
    return liquidation_price(LADDER, wallet=margin, quantity=-inputs["q"], entry=inputs["EP"])


def _inverse_price(inputs: Inputs, side: int) -> Decimal | None:
    return inverse_liquidation_price(
        _one_tier(inputs),
        wallet=inputs["WB"] if "WB" in inputs else inputs["collateral_btc"],
        contracts=side * inputs["contracts"],
        face=inputs["multiplier"],
        entry=inputs["EP"],
    )


def _joint_rise(inputs: Inputs) -> Decimal | None:
    holdings = [Holding(p["side"] * p["q"], p["EP"], p["mark"], LADDER, p["beta"]) for p in inputs["positions"]]
    return survivable_move(inputs["WB"], holdings, up=True)


def _margin(inputs: Inputs) -> Decimal:
    if "notional" in inputs:
        return maintenance_margin(LADDER, inputs["notional"])
    return maintenance_margin(_one_tier(inputs), inputs["q"] * inputs["mark"])


def _fifth_deduction(inputs: Inputs) -> Decimal:
    """The published deduction of the tier before, plus what this floor adds."""
    added: Decimal = deductions((d(0), inputs["floor"]), (inputs["mmr_prev"], inputs["mmr"]))[1]
    before: Decimal = inputs["cum_prev"]
    return before + added


def _hedge_contracts(inputs: Inputs) -> Decimal:
    return _inverse(inputs).quantity(inputs["spot_coin"] * inputs["ratio"], inputs["price"])


def _inverse(inputs: Inputs) -> Instrument:
    return an_inverse_perpetual(face=inputs["multiplier"])


def _coins_held(inputs: Inputs, price: Decimal) -> Decimal:
    """Spot and coin wallet, the unrealised coin profit of the short counted."""
    held: Decimal = inputs["coin_total"] if "coin_total" in inputs else inputs["coin"]
    return held + _inverse(inputs).profit(-inputs["contracts"], inputs["entry"], price)


def _net_delta(inputs: Inputs) -> Decimal:
    price = inputs["price"]
    return _coins_held(inputs, price) + _inverse(inputs).coins(-inputs["contracts"], price)


def _synthetic_dollar(inputs: Inputs) -> list[Decimal]:
    return [_coins_held(inputs, price) * price for price in inputs["prices"]]


def _inverse_profit(inputs: Inputs) -> Decimal:
    return ONE_DOLLAR.profit(inputs["side"] * inputs["qty_usd"], inputs["entry"], inputs["exit"])


def _closed_profit(inputs: Inputs) -> Decimal:
    """Profit less both fees and the funding paid."""
    gross = a_perpetual().profit(inputs["side"] * inputs["q"], inputs["entry"], inputs["exit"])
    paid: Decimal = inputs["fee_rate"] * inputs["q"] * (inputs["entry"] + inputs["exit"]) + inputs["funding_paid"]
    return gross - paid


def _fills(inputs: Inputs) -> tuple[tuple[Decimal, Decimal], ...]:
    return tuple((quantity, price) for quantity, price in inputs["fills"])


def _surviving_leverage(inputs: Inputs) -> Decimal:
    tier = _one_tier(inputs)[0]
    return highest_leverage(inputs["q"] * inputs["EP"], inputs["q"] * inputs["stress"], tier)


def _rally(inputs: Inputs) -> dict[str, Decimal]:
    margin = margin_for_rally(inputs["u"], inputs["mmr"])
    return {"margin_over_notional": margin, "max_leverage": 1 / margin}


def _on_entry(inputs: Inputs) -> dict[str, Any]:
    """An isolated position whose margin is its value at entry over its leverage."""
    size = inputs.get("q", d(1))
    margin = size * inputs["EP"] / inputs["leverage"]
    return {"quantity": inputs["side"] * size, "entry": inputs["EP"], "margin": margin}


def _phemex_price(inputs: Inputs) -> Decimal | None:
    return phemex_linear_price(
        quantity=inputs["q"],
        entry=inputs["EP"],
        leverage=inputs["leverage"],
        rate=inputs["mmr"],
        taker=inputs["taker"],
        deduction=inputs["mm_amount"],
    )


def _weex_pro_price(inputs: Inputs) -> Decimal | None:
    quantity, notional = inputs["side"] * inputs["q"], inputs["q"] * inputs["mark"]
    return mark_form_price(
        quantity=quantity,
        mark=inputs["mark"],
        equity=inputs["WB"] + quantity * (inputs["mark"] - inputs["EP"]),
        maintenance=maintenance_margin(_one_tier(inputs), notional),
        rate=inputs["mmr"],
    )


def _weex_rate(inputs: Inputs) -> Decimal:
    notional = inputs["face"] * inputs["contracts"] * inputs["mark"]
    return weex_margin_rate(equity=inputs["position_margin"] + inputs["upnl"], notional=notional)


def _bybit_inverse_price(inputs: Inputs) -> Decimal | None:
    value, entry = inputs["contracts_usd"], inputs["EP"]
    margin = value / entry / inputs["leverage"]
    return bybit_inverse_price(value=inputs["side"] * value, entry=entry, margin=margin, rate=inputs["mmr"])


def _legacy(inputs: Inputs) -> dict[str, Any]:
    return {
        "value": inputs["contracts_usd"],
        "entry": inputs["EP"],
        "balance": inputs["balance_btc"],
        "taker": inputs["taker"],
    }


BY_NAME = {
    "bingx_standard_margin_rate": lambda i: bingx_standard_rate(
        net_value=i["nav"], initial_margin=i["total_im"], adjustment=i["adj"]
    ),
    "bybit_doc_usdt_long_50x": lambda i: bybit_linear_price(_one_tier(i), **_on_entry(i)),
    "bybit_legacy_inverse_bankruptcy": lambda i: bybit_legacy_inverse_bankruptcy(**_legacy(i)),
    "bybit_legacy_inverse_cross_long": lambda i: bybit_legacy_inverse_price(**_legacy(i), rate=i["mmr"]),
    "mexc_linear_long_25x": lambda i: mexc_linear_price(_one_tier(i), **_on_entry(i)),
    "phemex_linear_long_5x": _phemex_price,
    "weex_margin_rate": _weex_rate,
    "weexpro_markform_equals_binance_long": _weex_pro_price,
    "binance_btcusdt_cum_ladder": lambda i: list(deductions(i["floors"], i["mmr"])),
    "binance_coinm_cum_level5": _fifth_deduction,
    "binance_coinm_cross_long": lambda i: _inverse_price(i, 1),
    "cross_joint_shock_up": _joint_rise,
    "headroom_from_ratio_short": lambda i: headroom(i["ratio"], i["mmr"]),
    "inverse_avg_entry_harmonic": lambda i: average_entry(ONE_DOLLAR, _fills(i)),
    "inverse_long_1x_liq": lambda i: _inverse_price(i, 1),
    "linear_avg_entry": lambda i: average_entry(a_perpetual(), _fills(i)),
    "linear_closed_pnl": _closed_profit,
    "margin_level_seed": lambda i: margin_level(margin_ratio(i["required"], i["equity"])),
    "margin_needed_for_rally": _rally,
    "margin_ratio_binance": lambda i: margin_ratio(i["MM"], i["margin_balance"]),
    "seed_5pct_margin_50pct_hedge_liq": _five_percent_price,
    "seed_hedge_max_leverage_surviving_80000": _surviving_leverage,
    "synthetic_dollar_1x": _synthetic_dollar,
}
BY_START = {
    "bybit_inverse_iso_": _bybit_inverse_price,
    "bybit_linear_iso_": lambda i: bybit_linear_price(_one_tier(i), **_on_entry(i)),
    "okx_gate_linear_": lambda i: okx_gate_linear_price(**_on_entry(i), rate=i["mmr"], taker=i["taker"]),
    "binance_btc_mm_": _margin,
    "binance_maint_margin_": _margin,
    "binance_linear_": _linear_price,
    "cross_single_symbol_": _linear_price,
    "seed_hedge_short5_": _linear_price,
    "tier_crossing_": _linear_price,
    "hedge_contracts_": _hedge_contracts,
    "inverse_hedge_net_delta_": _net_delta,
    "inverse_hedge_usd_value_": lambda i: _coins_held(i, i["price"]) * i["price"],
    "inverse_pnl_": _inverse_profit,
    "inverse_short_liq_": lambda i: _inverse_price(i, -1),
}


def _ours(name: str) -> Any:
    reckon = BY_NAME.get(name) or next(reckon for start, reckon in BY_START.items() if name.startswith(start))
    return reckon(VECTORS[name]["inputs"])


def _close(ours: Any, expected: Any, tolerance: Decimal) -> bool:
    if isinstance(expected, list):
        return len(ours) == len(expected) and all(map(lambda a, b: _close(a, b, tolerance), ours, expected))
    if isinstance(expected, dict):
        return all(_close(ours[key], expected[key], tolerance) for key in expected)
    return ours is not None and abs(ours - expected) <= max(tolerance, abs(expected) * d("1e-15"))


@pytest.mark.parametrize("name", NAMES)
def test_our_figure_is_the_published_one(name: str) -> None:
    """The formula gives the vector's figure within the vector's tolerance."""
    vector = VECTORS[name]
    assert _close(_ours(name), vector["expected"], vector["tolerance"]), (_ours(name), vector["expected"])
