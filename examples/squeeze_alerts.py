"""When the short-squeeze signal would have spoken, day by day from the end of 2021, and what came after.

The rule is that of the shipped whole-book policy. The record has open interest of coin-margined perpetuals
and the longest funding of those settled in USDT: each day at midnight both are read as the bot reads them.
Usage: python examples/squeeze_alerts.py [FOLDER OF RECORDED HISTORY]
"""

import re
import sys
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from bot.domain.instrument import Kind
from bot.domain.reading import Measure, MeasureKind
from bot.domain.rules import SignalKind, TacticalRule
from bot.policy.tactical.signals import Signal, read_signal, signal_measures
from bot.policy_file import parse_policy, read_text
from bot.settings import shipped_policy
from bot.signals.needs import wanted_series
from bot.signals.read import read_measures
from bot.simulator.recorded import RecordedMarket, recorded_market
from bot.simulator.recorded_wanted import Wanted

DATA = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "shared" / "data"
QUOTE, COINS = "USDT", ("BTC", "ETH")
DAY, WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """What the signal said of a coin: its alerts, the days it could be read and those it could not."""

    alerts: tuple[tuple[datetime, Signal], ...]
    read: tuple[datetime, ...]
    unread: int


def shipped_rule(asset: str) -> TacticalRule:
    """Return the shipped squeeze rule, for a coin and its coin-margined perpetual."""
    path = shipped_policy("whole-book")
    policy = parse_policy(read_text(path), str(path))
    assert policy.tactical is not None
    rule = next(one for one in policy.tactical.rules if one.signal is SignalKind.SHORT_SQUEEZE)
    return replace(rule, asset=asset, instrument=Kind.INVERSE_PERPETUAL)


def recorded_funding(measure: Measure, asset: str) -> Measure:
    """Return a measure of funding as one of the perpetual settled in USDT; of anything else itself."""
    if measure.kind is not MeasureKind.FUNDING_PERCENTILE:
        return measure
    return replace(measure, subject=f"{asset}/{QUOTE}:{QUOTE}")


def said(market: RecordedMarket, rule: TacticalRule, at: datetime) -> Signal:
    """Return what the signal said at a moment, of what was closed then."""
    asked = signal_measures(rule, QUOTE)
    measures = tuple(recorded_funding(measure, rule.asset) for measure in asked)
    readings = read_measures(measures, market.history(wanted_series(measures, QUOTE), at), at, QUOTE)
    named = tuple(replace(reading, measure=measure) for reading, measure in zip(readings, asked, strict=True))
    return read_signal(rule, named, QUOTE)


def listened(market: RecordedMarket, asset: str) -> Days:
    """Return what the signal said of a coin at every midnight of the record."""
    rule, at = shipped_rule(asset), market.start
    alerts, read, unread = [], [], 0
    while at <= market.end:
        signal = said(market, rule, at)
        if signal.enters is None:
            unread += 1
        else:
            read.append(at)
        if signal.enters:
            alerts.append((at, signal))
        at += DAY
    return Days(alerts=tuple(alerts), read=tuple(read), unread=unread)


def week_after(market: RecordedMarket, asset: str, at: datetime) -> Decimal | None:
    """Return the coin's change over the seven days after a moment, a fraction; None where the record ends."""
    if at + WEEK > market.end:
        return None
    before, after = (market.quotes(moment)[f"{asset}/{QUOTE}"].last for moment in (at, at + WEEK))
    return after / before - 1


def in_short(signal: Signal) -> str:
    """Return what a signal said without what was asked of it and when."""
    return re.sub(r" \(asked[^)]*\)", "", signal.text).partition(" at the close")[0]


def mean(changes: list[Decimal | None]) -> Decimal:
    """Return the mean of the changes that are known."""
    known = [change for change in changes if change is not None]
    return sum(known, Decimal(0)) / len(known)


def main() -> None:
    """Print every alert with the week that followed, and both means."""
    market = recorded_market(DATA, Wanted(assets=COINS, timeframe="1d"))
    for asset in COINS:
        days = listened(market, asset)
        print(f"{asset}: {len(days.read):,} days read from {days.read[0]:%Y-%m-%d}, {days.unread} could not be")
        for at, signal in days.alerts:
            after = week_after(market, asset, at)
            told = "the record ends" if after is None else f"{after:+6.1%} in 7 days"
            print(f"  {at:%Y-%m-%d}  {told}  {in_short(signal)}")
        alerted = mean([week_after(market, asset, at) for at, _ in days.alerts])
        always = mean([week_after(market, asset, at) for at in days.read])
        print(f"  7 days after an alert {alerted:+.2%} on average, after any day {always:+.2%}")


if __name__ == "__main__":
    if DATA.is_dir():
        main()
    else:
        print(f"no recorded history in {DATA}: name its folder")
