"""A period from its settlements: equity day by day, what each sleeve and source brought, and the holding unhedged."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

from bot.domain.numbers import ZERO
from bot.domain.record import ProfitLine, Settlement, Source
from bot.domain.sleeves import claimed
from bot.report.attribution import summed, total_of
from bot.report.look import Look
from bot.report.performance import Moment, PerformanceFigures, PerformanceTrack, growth_of
from bot.report.returns import money_weighted

_FLOW = Decimal("0.00000001")  # what a flow, reckoned back from two values, is rounded to


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One settlement of the period, money in quote currency.

    `unit` is what one unit of the book has become since the start, flows taken out, `unhedged` what one of
    the unhedged holding has; `drawdown` a fraction, zero or negative. The look is its cycle's, None where
    there is none.
    """

    at: datetime
    equity: Decimal
    unit: float
    unhedged: float
    drawdown: float
    funding_received: Decimal
    funding_paid: Decimal
    look: Look | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The settlements of one UTC day: equity at its end, the change since the settlement before, and its lines.

    `unattributed` is the change of cycles without lines: journals written before prices were kept.
    """

    day: date
    equity: Decimal
    change: Decimal
    lines: tuple[ProfitLine, ...]
    unattributed: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A reported period; money in `quote`, returns as fractions, None where too little is known.

    `unhedged_return` and `unhedged_profit` are of the core's coins as they were held, without any contract;
    `quiet_days` the days between the first and the last one without a cycle.
    """

    quote: str
    figures: PerformanceFigures
    unhedged_return: float | None
    unhedged_profit: Decimal | None
    money_weighted: float | None
    lines: tuple[ProfitLine, ...]
    unattributed: Decimal
    days: tuple[Day, ...]
    points: tuple[Point, ...]
    quiet_days: int

    @property
    def unexplained(self) -> Decimal:
        """What no source explains, in quote currency."""
        return total_of(self.lines, Source.UNEXPLAINED)


def period_of(
    settlements: Sequence[Settlement], looks: Mapping[str, Look], track: PerformanceTrack, money: Sequence[str]
) -> Period:
    """Return the report of settlements in order of time; the first is what all changes are reckoned from.

    `looks` are by cycle. `track` has the ledger entries and trades of the period and gets its moments here;
    `money` is the quote currency and the other assets of the reserve.
    """
    moments = _moments(settlements, looks, money)
    for moment in moments:
        track.add(moment)
    growths = [growth_of(before, after)[0] for before, after in pairwise(moments)]
    knows_coins = any(moment.prices for moment in moments[:-1])
    lines = [line for now in settlements[1:] for line in now.profits]
    days = _days(settlements)
    points = _points(settlements, growths, looks)
    last = moments[-1].prices if moments else {}
    return Period(
        quote=money[0],
        figures=_told(track.figures({money[0]: Decimal(1), **last}), settlements, days),
        unhedged_return=points[-1].unhedged - 1 if points and knows_coins else None,
        unhedged_profit=_held_profit(moments) if knows_coins else None,
        money_weighted=_money_weighted(settlements),
        lines=summed(lines),
        unattributed=sum((day.unattributed for day in days), ZERO),
        days=days,
        points=points,
        quiet_days=(days[-1].day - days[0].day).days + 1 - len(days) if days else 0,
    )


def _told(figures: PerformanceFigures, settlements: Sequence[Settlement], days: Sequence[Day]) -> PerformanceFigures:
    """Return the figures with the settlements' flows, and costs at the prices of their time where all is attributed."""
    if figures.start_equity is None or figures.end_equity is None:
        return figures
    flows = sum((flow_between(before, now) for before, now in pairwise(settlements)), ZERO)
    figures = replace(figures, flows=flows, profit=figures.end_equity - figures.start_equity - flows)
    lines = [line for now in settlements[1:] for line in now.profits]
    if not lines or any(day.unattributed for day in days):
        return figures
    funding = [line.amount for line in lines if line.source is Source.FUNDING]
    return replace(
        figures,
        fees=-total_of(lines, Source.FEES),
        slippage=-total_of(lines, Source.SLIPPAGE),
        funding_received=sum((amount for amount in funding if amount > 0), ZERO),
        funding_paid=-sum((amount for amount in funding if amount < 0), ZERO),
    )


def _moments(settlements: Sequence[Settlement], looks: Mapping[str, Look], money: Sequence[str]) -> list[Moment]:
    """Return settlements as moments of performance: coins as left, weights as the policy wanted them last."""
    found: list[Moment] = []
    weights: Mapping[str, Decimal] = {}
    for settlement in settlements:
        look = looks.get(settlement.cycle)
        weights, prices = look.weights if look else weights, _coin_prices(settlement, money[0])
        found.append(
            Moment(
                at=settlement.at,
                equity=settlement.performance.equity,
                unit=settlement.performance.unit,
                coins=_core_coins(settlement, money),
                prices=prices,
                weights=weights if prices else {},
            )
        )
    return found


def _core_coins(settlement: Settlement, money: Sequence[str]) -> dict[str, Decimal]:
    """Return the coins of the core as left: in all wallets, without money and without what carry claims."""
    coins: dict[str, Decimal] = defaultdict(Decimal)
    for balance in settlement.balances:
        if balance.asset not in money:
            coins[balance.asset] += balance.total
    return {a: total - claimed(settlement.sleeves.claims, f"{a}/{money[0]}") for a, total in coins.items()}


def _coin_prices(settlement: Settlement, quote: str) -> dict[str, Decimal]:
    """Return the prices of coins by asset, out of those by symbol."""
    spot = (symbol.partition("/") for symbol in settlement.prices)
    return {base: settlement.prices[f"{base}/{quote}"] for base, _, rest in spot if rest == quote}


def _points(
    settlements: Sequence[Settlement], growths: Sequence[float], looks: Mapping[str, Look]
) -> tuple[Point, ...]:
    """Return a point for each moment; of settlements at one moment the last one counts, and funding is summed."""
    found: list[Point] = []
    peak, unhedged = ZERO, 1.0
    for settlement, growth in zip(settlements, [1.0, *growths], strict=False):
        unit = settlement.performance.unit
        peak, unhedged = max(peak, unit), unhedged * growth
        funding = [line.amount for line in settlement.profits if line.source is Source.FUNDING]
        received, paid = (sum((abs(amount) for amount in funding if amount * sign > 0), ZERO) for sign in (1, -1))
        if found and found[-1].at == settlement.at:
            earlier = found.pop()
            received, paid = received + earlier.funding_received, paid + earlier.funding_paid
        found.append(
            Point(
                at=settlement.at,
                equity=settlement.performance.equity,
                unit=float(unit / settlements[0].performance.unit),
                unhedged=unhedged,
                drawdown=float(unit / peak - 1),
                funding_received=received,
                funding_paid=paid,
                look=looks.get(settlement.cycle),
            )
        )
    return tuple(found)


def _days(settlements: Sequence[Settlement]) -> tuple[Day, ...]:
    """Return the changes day by day; a change over midnight is the later day's."""
    changes: dict[date, list[tuple[Settlement, Decimal]]] = defaultdict(list)
    for before, now in pairwise(settlements):
        changes[now.at.date()].append((now, now.performance.equity - before.performance.equity))
    return tuple(
        Day(
            day=day,
            equity=cycles[-1][0].performance.equity,
            change=sum((change for _, change in cycles), ZERO),
            lines=summed(line for now, _ in cycles for line in now.profits),
            unattributed=sum((change for now, change in cycles if not now.profits), ZERO),
        )
        for day, cycles in sorted(changes.items())
    )


def _held_profit(moments: Sequence[Moment]) -> Decimal:
    """Return what the core's coins gained as they were held: Σ coins × (price after − before)."""
    total = ZERO
    for before, after in pairwise(moments):
        both = before.prices.keys() & after.prices.keys()
        total += sum((before.coins.get(a, ZERO) * (after.prices[a] - before.prices[a]) for a in sorted(both)), ZERO)
    return total


def _money_weighted(settlements: Sequence[Settlement]) -> float | None:
    """Return the money-weighted return; each flow counts from the settlement that found it. None without time."""
    if not settlements or settlements[-1].at == settlements[0].at:
        return None
    start, end = settlements[0], settlements[-1]
    whole = (end.at - start.at).total_seconds()
    flows = [
        ((end.at - now.at).total_seconds() / whole, float(flow_between(before, now)))
        for before, now in pairwise(settlements)
        if flow_between(before, now)
    ]
    return money_weighted(float(start.performance.equity), float(end.performance.equity), flows)


def flow_between(before: Settlement, now: Settlement) -> Decimal:
    """Return deposits − withdrawals between two settlements, from equity and flow-adjusted unit, to 1e-8.

    The inverse of next_performance: equity − equity before × unit ÷ unit before.
    """
    left, found = before.performance, now.performance
    return (found.equity - left.equity * found.unit / left.unit).quantize(_FLOW)
