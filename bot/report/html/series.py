"""What the charts show of a period: series thin enough to draw, and the rows of the tables below them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from bot.domain.numbers import ZERO
from bot.domain.order import Sleeve
from bot.domain.policy import Band
from bot.report.figures import NONE, change, money, move, percent
from bot.report.html.chart import Bars, Chart, Line
from bot.report.look import Look
from bot.report.period import Period, Point

SLEEVES = {
    Sleeve.TACTICAL: "The value of the overlay's contracts, long or short, when each cycle began.",
    Sleeve.CARRY: "The capital of carry's pairs when each cycle began: coins, and the margin of the contracts sold.",
    Sleeve.RESERVE: "Stablecoins in the spot wallet when each cycle began.",
}
MOST_POINTS = 240
MOST_ROWS = 31
MOST_BARS = 45

Seen = TypeVar("Seen")


@dataclass(frozen=True, slots=True)
class Shown:
    """A chart, what it means in one sentence, and the heads and rows of the table under it."""

    name: str
    words: str
    chart: Chart | Bars
    heads: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def thinned(points: Sequence[Point], most: int = MOST_POINTS) -> list[Point]:
    """Return at most `most` points, each the last of its stretch but the first and the deepest fall, which stay."""
    if len(points) <= most:
        return list(points)
    step = len(points) / (most - 2)
    chosen = {0, len(points) - 1, min(range(len(points)), key=lambda n: points[n].drawdown)}
    chosen |= {int((number + 1) * step) - 1 for number in range(most - 3)}
    return [points[number] for number in sorted(chosen) if number >= 0]


def as_percent(share: float, places: int = 1) -> str:
    """Return a fraction as per cent."""
    return percent(Decimal(repr(share)), places)


def _signed(share: float) -> str:
    return move(Decimal(repr(share)), 1)


def _whole(amount: float) -> str:
    return money(Decimal(repr(amount)), 0)


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def _rows(points: Sequence[Point], cells: Callable[[Point], tuple[str, ...]]) -> list[tuple[str, ...]]:
    return [(_day(point.at), *cells(point)) for point in thinned(points, MOST_ROWS)]


def equity(period: Period) -> Shown:
    """Return the account's equity over time."""
    values = [(point.at, float(point.equity)) for point in thinned(period.points)]
    return Shown(
        "Equity",
        "What the account is worth: coins, money and the result of open contracts. Deposits show as steps.",
        Chart("Equity", period.quote, _whole, (Line("equity", values),)),
        ("Time (UTC)", f"Equity, {period.quote}"),
        _rows(period.points, lambda point: (money(point.equity),)),
    )


def growth(period: Period) -> Shown:
    """Return what the book became against the same coins unhedged, flows taken out."""
    points = thinned(period.points)
    lines = [Line("the book", [(point.at, point.unit - 1) for point in points])]
    if period.unhedged_return is not None:
        lines.append(Line("unhedged", [(point.at, point.unhedged - 1) for point in points], "two"))
    return Shown(
        "Return",
        "Time-weighted: deposits are no profit. The dashed line is the same coins held without any contract.",
        Chart("Return against the unhedged holding", "since the start", _signed, lines, floor=0.0),
        ("Time (UTC)", "The book", "Unhedged"),
        _rows(period.points, lambda point: (_signed(point.unit - 1), _unhedged(period, point))),
    )


def _unhedged(period: Period, point: Point) -> str:
    return NONE if period.unhedged_return is None else _signed(point.unhedged - 1)


def drawdown(period: Period) -> Shown:
    """Return the fall from the highest value so far."""
    values = [(point.at, point.drawdown) for point in thinned(period.points)]
    return Shown(
        "Drawdown",
        "How far below its highest value the book stood, flows taken out.",
        Chart("Drawdown", "of the highest value before", as_percent, (Line("drawdown", values),), floor=0.0),
        ("Time (UTC)", "Drawdown"),
        _rows(period.points, lambda point: (as_percent(point.drawdown, 2),)),
    )


def _seen(period: Period) -> list[tuple[Point, Look]]:
    return [(point, point.look) for point in thinned(period.points) if point.look is not None]


def core(period: Period) -> Shown | None:
    """Return the core's share of equity against its band, None where no cycle saw it."""
    seen = _seen(period)
    if not seen:
        return None
    return Shown(
        "Core against its band",
        "The coins' share of equity when each cycle began. Outside the band it trades back.",
        Chart(
            "Core share",
            "of equity",
            as_percent,
            (Line("core", [(point.at, float(look.core_share)) for point, look in seen]),),
            [(point.at, float(look.core_band.low), float(look.core_band.high)) for point, look in seen],
        ),
        ("Time (UTC)", "Core", "Band"),
        [
            (
                _day(point.at),
                percent(look.core_share),
                f"{percent(look.core_band.low)} to {percent(look.core_band.high)}",
            )
            for point, look in _every(seen)
        ],
    )


def _between(band: Band) -> str:
    return f"{percent(band.low)} to {percent(band.high)}"


def hedge(period: Period) -> Shown | None:
    """Return the hedge ratio against what the policy allows, None where no cycle saw a core."""
    seen = [(point, look, look.hedge_ratio) for point, look in _seen(period) if look.hedge_ratio is not None]
    if not seen:
        return None
    return Shown(
        "Hedge ratio",
        "The value sold short over the core's value when each cycle began; the band is what the policy allows.",
        Chart(
            "Hedge ratio",
            "of the core",
            as_percent,
            (Line("short", [(point.at, float(ratio)) for point, _, ratio in seen]),),
            [(point.at, float(look.hedge_band.low), float(look.hedge_band.high)) for point, look, _ in seen],
            "allowed",
            0.0,
        ),
        ("Time (UTC)", "Hedge ratio", "Target", "Allowed"),
        [
            (
                _day(point.at),
                percent(look.hedge_ratio),
                percent(look.hedge_band.target),
                _between(look.hedge_band),
            )
            for point, look in _every([(point, look) for point, look, _ in seen])
        ],
    )


def sleeve(period: Period, which: Sleeve) -> Shown | None:
    """Return what the overlay, carry or the reserve used against its edge, None where the policies had none."""
    seen = [(point, look.uses[which]) for point, look in _seen(period) if which in look.uses]
    if not seen:
        return None
    edge = "at most" if seen[-1][1].most else "at least"
    lines = (
        Line(which.value, [(point.at, float(use.share)) for point, use in seen]),
        Line(edge, [(point.at, float(use.edge)) for point, use in seen], "two"),
    )
    return Shown(
        f"{which.value.capitalize()} against its edge",
        SLEEVES[which],
        Chart(which.value.capitalize(), "of equity", as_percent, lines, floor=0.0),
        ("Time (UTC)", which.value.capitalize(), edge),
        [(_day(point.at), percent(use.share), percent(use.edge)) for point, use in _every(seen)],
    )


def runway(period: Period) -> Shown | None:
    """Return the joint rally the futures wallet survives, None where there never was a contract."""
    seen = _seen(period)
    if all(look.runway is None for _, look in seen):
        return None
    values = [(point.at, None if look.runway is None else float(look.runway)) for point, look in seen]
    return Shown(
        "Margin runway",
        "How far all coins together could rise before the futures wallet is liquidated, with nothing done.",
        Chart("Margin runway", "survivable rally", _signed, (Line("survives", values),), floor=0.0),
        ("Time (UTC)", "Survivable rally"),
        [(_day(point.at), move(look.runway)) for point, look in _every(seen)],
    )


def _every(seen: Sequence[tuple[Point, Seen]]) -> list[tuple[Point, Seen]]:
    step = -(-len(seen) // MOST_ROWS)
    return list(seen[::step])


def funding(period: Period) -> Shown | None:
    """Return funding received and paid by day, or month, None where none was settled."""
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for letters in (10, 7, 4):
        sums = {}
        for point in period.points:
            name = point.at.date().isoformat()[:letters]
            received, paid = sums.get(name, (ZERO, ZERO))
            sums[name] = (received + point.funding_received, paid + point.funding_paid)
        if len(sums) <= MOST_BARS:
            break
    if not any(received or paid for received, paid in sums.values()):
        return None
    return Shown(
        "Funding",
        "What contracts received from the other side, and what they paid to it.",
        Bars(
            "Funding",
            period.quote,
            lambda amount: money(Decimal(repr(amount)), 2),
            ("received", "paid"),
            [(name, float(received), float(paid)) for name, (received, paid) in sums.items()],
        ),
        ("Time (UTC)", f"Received, {period.quote}", f"Paid, {period.quote}", "Net"),
        [(name, money(got), money(paid), change(got - paid)) for name, (got, paid) in sums.items()],
    )
