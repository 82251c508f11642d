"""The report's page: what came of the period, by sleeve and source, and day by day; and the same as data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from rich.console import Console

from bot.canonical import to_plain
from bot.domain.numbers import ZERO
from bot.domain.order import Sleeve
from bot.domain.record import Source
from bot.report.attribution import by_sleeve, total_of
from bot.report.figures import change, money, move
from bot.report.performance_page import as_decimal, show_performance
from bot.report.period import Day, Period
from bot.report.screen import WIDTH, Column, Row, put, put_table, put_wrapped

NEXT = "poise run --cycles 1"
MOST_DAYS = 31  # more days than these are told by month, and more than twice as many months by year
SCALES = (
    (Decimal(1), 2, ""),
    (Decimal(1), 0, ""),
    *(
        (Decimal(10) ** (3 * n), 0, f"{word} ")
        for n, word in enumerate(("thousand", "million", "billion", "trillion"), 1)
    ),
)
GAP = 2


def show_period(period: Period, console: Console) -> None:
    """Print a period within 80 columns; what there is none of is said, not printed as zero."""
    if not period.days:
        what = "No cycle has ended yet" if not period.points else "Only one cycle has ended"
        put_wrapped(console, f"{what} in this time: nothing to report.  Next:  {NEXT}")
        return
    show_performance(period.figures, console, quote=period.quote)
    put(console)
    put_table(
        console, (Column(head="Against"), Column(head="", right=True), Column(head="", clip=True)), _against(period)
    )
    put(console)
    _show_sources(period, console)
    put(console)
    _show_days(period, console)
    _show_doubts(period, console)


def period_json(period: Period) -> dict[str, Any]:
    """Return every figure, day and line, decimals as text and statistics as numbers, ready for JSON."""
    plain: dict[str, Any] = to_plain(
        {
            "quote": period.quote,
            "figures": period.figures,
            "unhedged_return": period.unhedged_return,
            "unhedged_profit": period.unhedged_profit,
            "money_weighted": period.money_weighted,
            "lines": period.lines,
            "unexplained": period.unexplained,
            "unattributed": period.unattributed,
            "quiet_days": period.quiet_days,
        }
    )
    days = [to_plain({"day": d.day.isoformat(), **_day(d)}) for d in period.days]
    return plain | {"days": days}


def _day(day: Day) -> dict[str, Any]:
    return {"equity": day.equity, "change": day.change, "unattributed": day.unattributed, "lines": day.lines}


def _against(period: Period) -> list[Row]:
    """Return the rows that compare: the unhedged holding, and the return on the money that was there."""
    gap = None
    if period.unhedged_return is not None and period.figures.total_return is not None:
        gap = as_decimal(period.figures.total_return - period.unhedged_return)
    rows = (
        ("Unhedged", move(as_decimal(period.unhedged_return), 2), "the same coins held, no contracts"),
        ("  in money", change(period.unhedged_profit), period.quote),
        ("  ahead by", move(gap, 2), "the book's return − the unhedged one"),
        ("Money-weighted", move(as_decimal(period.money_weighted), 2), "of the period, flows counted when they came"),
    )
    return [Row(cells=cells) for cells in rows]


def _show_sources(period: Period, console: Console) -> None:
    """Print sources by sleeve, each column a sleeve that has any."""
    sleeves = [sleeve for sleeve in Sleeve if any(line.sleeve is sleeve for line in period.lines)]
    sources = [source for source in Source if any(line.source is source for line in period.lines)]
    if not sources:
        put_wrapped(console, "No cycle of this time is attributed: its settlements hold no prices to reckon from.")
        return
    amounts = {(line.sleeve, line.source): line.amount for line in period.lines}
    rows = [
        (source.value, [amounts.get((sleeve, source)) for sleeve in sleeves], total_of(period.lines, source))
        for source in sources
    ]
    sums = [by_sleeve(period.lines).get(sleeve, ZERO) for sleeve in sleeves]
    rows.append(("sum", [*sums], total_of(period.lines)))
    heads = [sleeve.value for sleeve in sleeves]
    table = [(name, [*cells, whole]) for name, cells, whole in rows]
    _Amounts("Change by", [*heads, "all"], table).put(console, period.quote)


def _show_days(period: Period, console: Console) -> None:
    """Print the days, or months where there are many: equity, change, and each sleeve's share of it."""
    rows = _grouped(period.days)
    lines = [line for day in period.days for line in day.lines]
    sleeves = [sleeve for sleeve in Sleeve if any(line.sleeve is sleeve for line in lines)]
    shows_rest = any(day.unattributed for day in period.days)
    table: list[tuple[str, list[Decimal | None]]] = []
    for name, days in rows:
        brought = by_sleeve(line for day in days for line in day.lines)
        rest = [sum((day.unattributed for day in days), ZERO)] if shows_rest else []
        whole = sum((day.change for day in days), ZERO)
        table.append((name, [days[-1].equity, whole, *(brought.get(sleeve) for sleeve in sleeves), *rest]))
    heads = ["equity", "change", *(sleeve.value for sleeve in sleeves), *(["not told"] if shows_rest else [])]
    first = {10: "Day", 7: "Month"}.get(len(rows[0][0]), "Year")
    _Amounts(first, heads, table, ("equity",)).put(console, period.quote)


def _grouped(days: Sequence[Day]) -> list[tuple[str, list[Day]]]:
    """Return the days one by one, or by month, or by year, where there are many."""
    for letters in (10, 7):
        groups = [(name, list(one)) for name, one in groupby(days, key=_named(letters))]
        if len(groups) <= MOST_DAYS:
            return groups
    return [(name, list(one)) for name, one in groupby(days, key=_named(4))]


def _named(letters: int) -> Callable[[Day], str]:
    return lambda day: day.day.isoformat()[:letters]


@dataclass(frozen=True, slots=True)
class _Amounts:
    """A table of money: its first heading, the others, and rows of amounts; those `plain` have no sign."""

    first: str
    heads: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Decimal | None]]]
    plain: tuple[str, ...] = ()

    def put(self, console: Console, quote: str) -> None:
        """Print the table at the first scale at which all columns fit 80, and the scale below it."""
        for scale, places, word in SCALES:
            cells = self._cells(scale, places)
            if _width([(self.first, *self.heads), *cells]) <= WIDTH or scale == SCALES[-1][0]:
                columns = (Column(head=self.first), *(Column(head=head, right=True) for head in self.heads))
                put_table(console, columns, [Row(cells=row) for row in cells])
                put(console, (f"  in {word}{quote}", "dim"))
                return

    def _cells(self, scale: Decimal, places: int) -> list[tuple[str, ...]]:
        written = {True: money, False: change}
        return [
            (
                name,
                *(
                    written[head in self.plain](None if amount is None else amount / scale, places)
                    for amount, head in zip(amounts, self.heads, strict=True)
                ),
            )
            for name, amounts in self.rows
        ]


def _width(rows: Sequence[tuple[str, ...]]) -> int:
    """Return the columns a table takes."""
    return sum(max(map(len, column)) for column in zip(*rows, strict=True)) + GAP * (len(rows[0]) - 1)


def _show_doubts(period: Period, console: Console) -> None:
    """Say what a person should know of the figures: gaps, what is not attributed, what nothing explains."""
    if period.quiet_days:
        put_wrapped(console, f"{period.quiet_days} days without a cycle: their change is the next day's with one.")
    if period.unattributed:
        put_wrapped(
            console,
            f"{change(period.unattributed)} {period.quote} are of cycles that cannot be attributed: no prices were "
            "kept, or a coin or contract was new or gone.",
            style="yellow",
        )
    if period.unexplained:
        put_wrapped(
            console,
            f"{change(period.unexplained, 8)} {period.quote} no source explains.  Next:  poise explain latest",
            style="yellow",
        )
