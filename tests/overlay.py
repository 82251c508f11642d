"""Words to build a tactical overlay with: rules, readings, and a book of 100,000 that holds claims."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from bot.domain.instrument import Kind
from bot.domain.memory import Memory
from bot.domain.order import Side, Sleeve
from bot.domain.policy import Policy
from bot.domain.reading import Measure, MeasureKind, Reading
from bot.domain.rules import SignalKind, Sizing, TacticalRule, TacticalRules
from bot.domain.sleeves import Claim, SleeveState
from bot.domain.snapshot import Position, Snapshot
from bot.policy.tactical.signals import signal_measures, volatility_measure
from tests.builders import NOON, Number, a_claim, a_memory, a_perpetual, a_policy, a_snapshot, d, wide_limits

PERPETUAL = "BTC/USDT:USDT"


def a_tactical_rule(name: str = "cross", **changes: Any) -> TacticalRule:
    """Long bitcoin while EMA(20) is over EMA(50): stop 5 %, profit 20 %, 30 days, risk 0.5 %, a quarter of Kelly."""
    fields: dict[str, Any] = {
        "name": name,
        "signal": SignalKind.EMA_CROSS,
        "asset": "BTC",
        "side": Side.BUY,
        "instrument": Kind.LINEAR_PERPETUAL,
        "periods": (20, 50),
        "bar_hours": 24,
        "funding_floor": None,
        "interest_percentile": d("0.9"),
        "funding_percentile": d("0.1"),
        "alert_only": False,
        "stop": d("0.05"),
        "take_profit": d("0.2"),
        "expiry_hours": d(720),
        "cooldown_hours": d(48),
        "sizing": Sizing.STOP,
        "risk": d("0.005"),
        "volatility": d("0.2"),
        "kelly_fraction": d("0.25"),
        "expected_return": d("0.3"),
    }
    return TacticalRule(**(fields | changes))


def a_price_rule(**changes: Any) -> TacticalRule:
    """Long bitcoin while its price is over EMA(200) and longs pay more than 1 bp per 8 h."""
    fields: dict[str, Any] = {
        "signal": SignalKind.PRICE_OVER_EMA,
        "periods": (200,),
        "funding_floor": d("0.0001"),
    }
    return a_tactical_rule("price", **(fields | changes))


def a_squeeze_rule(**changes: Any) -> TacticalRule:
    """Long when open interest grew over 3 days as in a tenth of 90 and funding is in its lowest tenth: an alert."""
    fields: dict[str, Any] = {"signal": SignalKind.SHORT_SQUEEZE, "periods": (3, 90), "alert_only": True}
    return a_tactical_rule("squeeze", **(fields | changes))


def an_overlay(*rules: TacticalRule, limits: dict[str, Any] | None = None, **changes: Any) -> Policy:
    """A policy whose overlay may lose 2 %, with a shock of 20 % and a size of 15 %; no slippage unless said."""
    overlay: dict[str, Any] = {"budget": d("0.02"), "shock": d("0.2"), "max_notional": d("0.15"), "rules": rules}
    allowed = wide_limits(**({"max_slippage": d(0)} | (limits or {})))
    return a_policy(limits=allowed, tactical=TacticalRules(**(overlay | changes)))


def a_free_market(price: Number = 50_000, *positions: Position, at: datetime = NOON, **changes: Any) -> Snapshot:
    """A market in which trading bitcoin costs nothing, at a price."""
    plain = a_snapshot(price={"BTC": price}, futures_usdt=50_000, shorts=positions, at=at)
    free = {PERPETUAL: a_perpetual(taker_fee=d(0))}
    return replace(plain, **({"instruments": {**plain.instruments, **free}} | changes))


def read(measure: Measure, value: Number | None) -> Reading:
    """A reading of the night before noon; None is unavailable."""
    midnight = NOON.replace(hour=0)
    why = "" if value is not None else "a gap of 3 days"
    return Reading(measure=measure, value=None if value is None else d(value), at=midnight, why=why)


def readings_of(rule: TacticalRule, *values: Number | None, volatility: Number | None = "0.6") -> tuple[Reading, ...]:
    """The readings of a rule's signal in the order of its measures, and the coin's volatility."""
    read_values = [read(measure, value) for measure, value in zip(signal_measures(rule, "USDT"), values, strict=True)]
    return (*read_values, read(volatility_measure(rule), volatility))


def a_tactical_claim(quantity: Number, *, entry: Number = 50_000, rule: str = "cross", **changes: Any) -> Claim:
    """A claim of the overlay on the bitcoin perpetual, a day old."""
    fields: dict[str, Any] = {"entry": d(entry), "rule": rule}
    return a_claim(Sleeve.TACTICAL, changes.pop("symbol", PERPETUAL), quantity, **(fields | changes))


def remembering(*claims: Claim, readings: tuple[Reading, ...] = (), result: Number = 0, **changes: Any) -> Memory:
    """A memory with claims, readings and what the overlay has earned by closed trades."""
    return a_memory(readings=readings, sleeves=SleeveState(claims=claims, tactical_result=Decimal(result), **changes))


def funding_8h(symbol: str = PERPETUAL) -> Measure:
    """The newest funding of a contract, per 8 h."""
    return Measure(kind=MeasureKind.FUNDING_8H, subject=symbol, periods=())
