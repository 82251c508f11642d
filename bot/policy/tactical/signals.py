"""What a tactical rule's signal says: enter, stay, or that it cannot be read; always of closed bars."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.domain.order import Side
from bot.domain.policy import Policy
from bot.domain.reading import Measure, MeasureKind, Reading, Readings
from bot.domain.rules import SignalKind, TacticalRule
from bot.policy.hedge.markets import perpetual_symbol

HOURS_A_DAY = 24
LEAST_DAYS = 2  # a day stands among others only where there are others
VOLATILITY_DAYS = 30  # EWMA span of the measured study (QUANT 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """What a rule's signal says; None where it cannot be read, and then `text` says what is missing.

    `enters` opens a position, `stays` lets one be kept.
    """

    enters: bool | None
    stays: bool | None
    text: str


def tactical_symbol(rule: TacticalRule, quote: str) -> str:
    """Return the perpetual a rule trades: settled in the quote currency, or in the coin against USD."""
    return perpetual_symbol(rule.asset, quote, rule.instrument)


def side_of(rule: TacticalRule) -> Side:
    """Return the side a rule enters on; what squeezes shorts is only ever bought."""
    return Side.BUY if rule.signal is SignalKind.SHORT_SQUEEZE else rule.side


def tactical_measures(policy: Policy) -> tuple[Measure, ...]:
    """Return what the tactical rules want to know, each once; nothing for a policy without the sleeve."""
    if policy.tactical is None:
        return ()
    return tuple(dict.fromkeys(m for rule in policy.tactical.rules for m in _measures(rule, policy.quote)))


def _measures(rule: TacticalRule, quote: str) -> Iterator[Measure]:
    yield from signal_measures(rule, quote)
    if not rule.alert_only:
        yield volatility_measure(rule)


def volatility_measure(rule: TacticalRule) -> Measure:
    """Return the yearly volatility a rule's size is bounded by."""
    return Measure(kind=MeasureKind.VOLATILITY, subject=rule.asset, periods=(VOLATILITY_DAYS,))


def signal_measures(rule: TacticalRule, quote: str) -> tuple[Measure, ...]:
    """Return the measures of a rule's signal; the first is the one it turns on.

    The funding's percentile is one of days, over as long a past as that of the open interest.
    """
    symbol = tactical_symbol(rule, quote)
    if rule.signal is SignalKind.SHORT_SQUEEZE:
        days = max(rule.periods[-1] * rule.bar_hours // HOURS_A_DAY, LEAST_DAYS)
        return (
            _of_bars(MeasureKind.INTEREST_PERCENTILE, symbol, rule),
            Measure(kind=MeasureKind.FUNDING_PERCENTILE, subject=symbol, periods=(days,)),
        )
    if rule.signal is SignalKind.EMA_CROSS:
        return (_of_bars(MeasureKind.EMA_CROSS, rule.asset, rule),)
    price = _of_bars(MeasureKind.PRICE_OVER_EMA, rule.asset, rule)
    if rule.funding_floor is None:
        return (price,)
    return (price, Measure(kind=MeasureKind.FUNDING_8H, subject=symbol, periods=()))


def _of_bars(kind: MeasureKind, subject: str, rule: TacticalRule) -> Measure:
    return Measure(kind=kind, subject=subject, periods=rule.periods, bar_hours=rule.bar_hours)


def read_signal(rule: TacticalRule, readings: Readings, quote: str) -> Signal:
    """Return what a rule's signal says now.

    Cross: EMA(fast) over EMA(slow). Price: over its EMA and, to enter, funding per 8 h above the floor; both
    mirrored for a sale, whose funding must be as far below zero. Squeeze: the change of open interest high and
    the funding low in their own past. Funding only lets in: a position is kept while its trend lasts, and a
    squeeze is left by its stop, profit or expiry.
    """
    values: list[Decimal] = []
    newest: datetime | None = None
    for measure in signal_measures(rule, quote):
        reading = next((one for one in readings if one.measure == measure), None)
        if reading is None or reading.value is None:
            return Signal(enters=None, stays=None, text=_missing(measure, reading))
        values.append(reading.value)
        newest = newest or reading.at
    closed = f" at the close of {newest:%Y-%m-%d %H:%M} UTC" if newest else ""
    if rule.signal is SignalKind.SHORT_SQUEEZE:
        return _squeeze(rule, values[0], values[1], closed)
    return _trend(rule, values, closed)


def _missing(measure: Measure, reading: Reading | None) -> str:
    return f"{measure.kind} of {measure.subject} is unavailable: {'not read' if reading is None else reading.why}"


def _squeeze(rule: TacticalRule, interest: Decimal, funding: Decimal, closed: str) -> Signal:
    text = (
        f"open interest grew faster than in {interest * 100:.0f}% of its past "
        f"(asked: {rule.interest_percentile * 100:.0f}%), funding is higher than in {funding * 100:.0f}% "
        f"(asked: at most {rule.funding_percentile * 100:.0f}%){closed}"
    )
    enters = interest >= rule.interest_percentile and funding <= rule.funding_percentile
    return Signal(enters=enters, stays=True, text=text)


def _trend(rule: TacticalRule, values: list[Decimal], closed: str) -> Signal:
    sign = side_of(rule).sign
    stays = values[0] * sign > 0
    periods = [str(period) for period in rule.periods]
    subject = f"EMA({periods[0]})" if rule.signal is SignalKind.EMA_CROSS else f"{rule.asset}'s price"
    way = "over" if values[0] > 0 else "under"
    text = f"{subject} is {abs(values[0]) * 100:.2f}% {way} EMA({periods[-1]}){closed}"
    if rule.signal is SignalKind.EMA_CROSS or rule.funding_floor is None:
        return Signal(enters=stays, stays=stays, text=text)
    paid = values[1]
    text += f", funding {paid * 10_000:.2f} bp per 8 h (asked: beyond {rule.funding_floor * sign * 10_000:.2f} bp)"
    return Signal(enters=stays and paid * sign > rule.funding_floor, stays=stays, text=text)
