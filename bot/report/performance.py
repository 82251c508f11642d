"""How the book did: return, risk, cost and what the hedge was worth, from a stream of moments.

Money is Decimal in quote currency; statistics are float on daily returns of the flow-adjusted unit,
a day being a UTC day and its last moment its close, days without a moment counting as unchanged.
What is kept does not grow with the series.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.ledger import FLOWS, EntryKind, LedgerEntry
from bot.domain.numbers import ZERO
from bot.domain.order import Fill
from bot.domain.policy import Policy
from bot.domain.record import CycleRecord
from bot.report.statistics import Moments, annualised, effectiveness

SECONDS_A_DAY = 86_400
SHORTEST_YEAR = 30  # days below which a yearly figure would say nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The book at one moment. `equity` in quote currency, `unit` flow-adjusted value that starts at 1.

    `coins` are the core's, `prices` in quote currency; `weights` the policy's target share of equity
    in each coin, its target hedge taken off. Empty mappings leave out what is reckoned from them.
    """

    at: datetime
    equity: Decimal
    unit: Decimal
    coins: Mapping[str, Decimal] = field(default_factory=dict)
    prices: Mapping[str, Decimal] = field(default_factory=dict)
    weights: Mapping[str, Decimal] = field(default_factory=dict)


def moment_of(record: CycleRecord, policy: Policy, unit: Decimal) -> Moment:
    """Return the moment of a recorded cycle whose flow-adjusted value was `unit`."""
    decision = record.decision
    exposure, targets = decision.exposure, decision.targets
    share = targets.core_value / exposure.equity
    return Moment(
        at=record.at,
        equity=exposure.account_equity,
        unit=unit,
        coins={asset: held.core_coins - held.elsewhere_coins for asset, held in exposure.assets.items()},
        prices={asset: held.price for asset, held in exposure.assets.items()},
        weights={a: share * t.share * (1 - policy.hedge_ratio(a).target) for a, t in targets.assets.items()},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceFigures:
    """Results of a period. Money in quote currency, None where something had no price or too little is known.

    Fractions: `total_return`, `annual_return`, `max_drawdown` (zero or negative), `volatility` and
    `tracking_error` (yearly), `hedge_effectiveness`. `turnover_times` is turnover over the mean equity.
    `fees` and `funding_paid` are positive when paid; `slippage` is against the planned prices, `realised`
    the settled profit of contracts, `unpriced` the assets of fees or funding without a price.
    """

    start: datetime | None
    end: datetime | None
    days: Decimal
    moments: int
    start_equity: Decimal | None
    end_equity: Decimal | None
    flows: Decimal | None
    profit: Decimal | None
    total_return: float | None
    annual_return: float | None
    max_drawdown: float
    volatility: float | None
    sharpe: float | None
    sortino: float | None
    hedge_effectiveness: float | None
    tracking_error: float | None
    turnover: Decimal
    turnover_times: float | None
    trades: int
    fees: Decimal | None
    funding_received: Decimal | None
    funding_paid: Decimal | None
    realised: Decimal | None
    slippage: Decimal | None
    unpriced: tuple[str, ...]


@dataclass(slots=True)
class _Day:
    """The close of one day."""

    day: date
    moment: Moment
    unhedged: float = 1.0
    benchmark: float = 1.0


@dataclass(slots=True)
class PerformanceTrack:
    """Takes moments, ledger entries and fills in order of time, and tells the figures so far."""

    first: Moment | None = None
    last: Moment | None = None
    count: int = 0
    peak: float = 0.0
    deepest: float = 0.0
    equity_sum: Decimal = ZERO
    hedged: Moments = field(default_factory=Moments)
    unhedged: Moments = field(default_factory=Moments)
    against: Moments = field(default_factory=Moments)
    turnover: Decimal = ZERO
    trades: int = 0
    slippage: Decimal | None = None
    changes: dict[tuple[EntryKind, str], tuple[Decimal, Decimal]] = field(default_factory=dict)
    _close: _Day | None = None
    _open: _Day | None = None

    def add(self, moment: Moment) -> None:
        """Count a moment; they come in order of time."""
        unhedged, benchmark = growth_of(self.last, moment)
        if self._open is None:
            self._open = _Day(moment.at.date(), moment)
        elif self._open.day != moment.at.date():
            self._end_day(moment.at.date())
            self._open = _Day(moment.at.date(), moment, unhedged, benchmark)
        else:
            both = (self._open.unhedged * unhedged, self._open.benchmark * benchmark)
            self._open = _Day(self._open.day, moment, *both)
        self.first = self.first or moment
        self.last = moment
        self.count += 1
        self.equity_sum += moment.equity
        unit = float(moment.unit)
        self.peak = max(self.peak, unit)
        self.deepest = min(self.deepest, unit / self.peak - 1)

    def _end_day(self, following: date) -> None:
        """Close the open day: its return counts from the close before it, empty days after it as unchanged."""
        self._count_open_day(self.hedged, self.unhedged, self.against)
        assert self._open is not None
        for _ in range((following - self._open.day).days - 1):
            for seen in (self.hedged, self.unhedged, self.against):
                seen.add(0.0)
        self._close = self._open

    def _count_open_day(self, hedged: Moments, unhedged: Moments, against: Moments) -> None:
        if self._close is None or self._open is None:
            return
        change = float(self._open.moment.unit / self._close.moment.unit) - 1
        hedged.add(change)
        unhedged.add(self._open.unhedged - 1)
        against.add(change - (self._open.benchmark - 1))

    def add_entry(self, entry: LedgerEntry) -> None:
        """Count a change of a balance."""
        received, paid = self.changes.get((entry.kind, entry.asset), (ZERO, ZERO))
        if entry.change > 0:
            received += entry.change
        else:
            paid -= entry.change
        self.changes[entry.kind, entry.asset] = (received, paid)

    def add_fill(self, fill: Fill, instrument: Instrument, planned: Decimal | None) -> None:
        """Count a fill; `planned` is the price the plan reckoned with, None where it is not known."""
        notional = abs(instrument.notional(fill.quantity, fill.price))
        self.turnover += notional
        self.trades += 1
        if planned is not None:
            lost = fill.side.sign * abs(instrument.notional(fill.quantity, planned)) * (fill.price / planned - 1)
            self.slippage = (self.slippage or ZERO) + lost

    def figures(self, prices: Mapping[str, Decimal]) -> PerformanceFigures:
        """Return the figures so far; `prices` are quote currency per coin of what fees and funding were paid in."""
        hedged, unhedged, against = (_copy(seen) for seen in (self.hedged, self.unhedged, self.against))
        self._count_open_day(hedged, unhedged, against)
        first, last = self.first, self.last
        days = _days(first, last)
        growth = float(last.unit / first.unit) - 1 if first and last else None
        flows = self._sum(FLOWS, prices)
        fees = self._sum({EntryKind.FEE}, prices)
        gained = last.equity - first.equity - flows if first and last and flows is not None else None
        knows_coins, knows_weights = bool(last and last.coins), bool(last and last.weights)
        return PerformanceFigures(
            start=first.at if first else None,
            end=last.at if last else None,
            days=days,
            moments=self.count,
            start_equity=first.equity if first else None,
            end_equity=last.equity if last else None,
            flows=flows,
            profit=gained,
            total_return=growth,
            annual_return=None if growth is None or days < SHORTEST_YEAR else annualised(growth, float(days)),
            max_drawdown=self.deepest,
            volatility=hedged.volatility,
            sharpe=hedged.sharpe,
            sortino=hedged.sortino,
            hedge_effectiveness=effectiveness(hedged, unhedged) if knows_coins else None,
            tracking_error=against.volatility if knows_weights else None,
            turnover=self.turnover,
            turnover_times=float(self.turnover / (self.equity_sum / self.count)) if self.equity_sum else None,
            trades=self.trades,
            fees=None if fees is None else -fees,
            funding_received=self._sum({EntryKind.FUNDING}, prices, side=0),
            funding_paid=self._sum({EntryKind.FUNDING}, prices, side=1),
            realised=self._sum({EntryKind.REALISED}, prices),
            slippage=self.slippage,
            unpriced=tuple(sorted({asset for _, asset in self.changes if asset not in prices})),
        )

    def _sum(
        self, kinds: set[EntryKind] | frozenset[EntryKind], prices: Mapping[str, Decimal], side: int | None = None
    ) -> Decimal | None:
        """Return received − paid of some kinds in quote currency, or one `side`; None where an asset has no price."""
        total = ZERO
        for (kind, asset), both in self.changes.items():
            if kind not in kinds:
                continue
            if asset not in prices:
                return None
            total += (both[0] - both[1] if side is None else both[side]) * prices[asset]
        return total


def growth_of(before: Moment | None, now: Moment) -> tuple[float, float]:
    """Return 1 + return since the moment before: of the core alone, without its hedge, and of the target book.

    Σ coins × Δprice ÷ equity, coins as they were; Σ weight × (price ÷ price before − 1).
    """
    if before is None:
        return 1.0, 1.0
    changes = {
        asset: float(now.prices[asset] / price - 1) for asset, price in before.prices.items() if asset in now.prices
    }
    held = {a: float(before.coins.get(a, ZERO) * before.prices[a] / before.equity) for a in changes}
    core = sum(held[asset] * change for asset, change in changes.items())
    target = sum(float(before.weights.get(asset, ZERO)) * change for asset, change in changes.items())
    return 1 + core, 1 + target


def _copy(seen: Moments) -> Moments:
    return Moments(seen.count, seen.mean, seen.squares, seen.below)


def _days(first: Moment | None, last: Moment | None) -> Decimal:
    if first is None or last is None:
        return ZERO
    return Decimal(int((last.at - first.at).total_seconds())) / SECONDS_A_DAY
