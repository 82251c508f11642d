"""What the past of the market says: series asked for, series told, and the readings made of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from bot.domain.snapshot import Candle, OpenInterest


class SeriesKind(StrEnum):
    """The kinds of history a venue tells."""

    CANDLES = "candles"
    FUNDING = "funding"
    OPEN_INTEREST = "open-interest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One history asked for: the newest `count` points of `symbol`, bars of `seconds` each.

    For funding `count` is settlements and `seconds` is not read.
    """

    kind: SeriesKind
    symbol: str
    seconds: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingPoint:
    """One settled funding: a fraction of the notional for `interval_hours`, positive when longs paid."""

    symbol: str
    at: datetime
    rate: Decimal
    interval_hours: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What a venue told of the series asked for, oldest first, closed bars only.

    Candles are by symbol and seconds (`"BTC/USDT 86400"`). A series the venue does not have is left out.
    """

    candles: Mapping[str, tuple[Candle, ...]]
    funding: Mapping[str, tuple[FundingPoint, ...]]
    open_interest: Mapping[str, tuple[OpenInterest, ...]]


def candles_key(symbol: str, seconds: int) -> str:
    """Return the key of a candle series in a History."""
    return f"{symbol} {seconds}"


class MeasureKind(StrEnum):
    """The measures that rules are written in; `periods` are bars of `bar_hours` unless said.

    price-over-ema: close ÷ EMA(n) − 1. ema-cross: EMA(fast) ÷ EMA(slow) − 1. drawdown: 1 − close ÷ the
    highest close of n bars. volatility: yearly, EWMA over n bars. funding: the mean rate of n days as a
    yearly fraction over the real intervals, positive when shorts are paid. funding-8h: the newest rate,
    per 8 h. paid-share: the share of n days' intervals with a positive rate. funding-percentile: where
    the newest day's funding stands in n days, 0 to 1. interest-percentile: the same of the change of
    open interest in coins over the first period within the second. beta and effectiveness: EWMA of the
    coin against `against` over n bars.
    """

    PRICE_OVER_EMA = "price-over-ema"
    EMA_CROSS = "ema-cross"
    DRAWDOWN = "drawdown"
    VOLATILITY = "volatility"
    FUNDING = "funding"
    FUNDING_8H = "funding-8h"
    PAID_SHARE = "paid-share"
    FUNDING_PERCENTILE = "funding-percentile"
    INTEREST_PERCENTILE = "interest-percentile"
    BETA = "beta"
    EFFECTIVENESS = "effectiveness"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What a rule wants to know. `subject` is an asset for prices, a symbol for funding and open interest."""

    kind: MeasureKind
    subject: str
    periods: tuple[int, ...]
    bar_hours: int = 24
    against: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A measure with its value; None is unavailable, and `why` says what is missing.

    `at` is the close of the newest bar, or the time of the newest point, it was made of.
    """

    measure: Measure
    value: Decimal | None
    at: datetime | None
    why: str = ""


Readings = tuple[Reading, ...]


def value_of(readings: Readings, measure: Measure) -> Decimal | None:
    """Return a measure's value, None when it was not read or is unavailable."""
    return next((one.value for one in readings if one.measure == measure), None)
