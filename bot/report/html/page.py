"""The report as one file a browser opens offline: no script, nothing fetched, every word escaped."""

import base64
import hashlib
from collections.abc import Iterable

from bot.domain.order import Sleeve
from bot.domain.record import Source
from bot.report.attribution import by_sleeve, total_of
from bot.report.figures import change, moment, money, move, percent
from bot.report.html import series
from bot.report.html.chart import Bars, drawn, drawn_bars
from bot.report.html.elements import Markup, joined, table, tag
from bot.report.html.series import Shown
from bot.report.html.style import STYLE
from bot.report.performance_page import as_decimal
from bot.report.period import Period


def report_html(period: Period) -> str:
    """Return the whole document. The policy of its head lets the browser fetch nothing and run nothing."""
    shown = _shown(period)
    named = [(f"s{number}", one) for number, one in enumerate(shown, 1)]
    body = (
        _head_words(period),
        _contents([*((name, one.name) for name, one in named), ("sources", "By sleeve and source"), ("days", "Days")]),
        _tiles(period),
        *_doubts(period),
        *(_section(name, one) for name, one in named),
        _sources(period),
        _days(period),
    )
    if not shown:
        body = (_head_words(period), tag("p", "Nothing to report yet: a change needs two cycles."))
    return f"<!doctype html>\n{_document(joined(body))}\n"


def _document(body: Markup) -> Markup:
    sealed = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    rules = f"default-src 'none'; style-src 'sha256-{sealed}'; base-uri 'none'; form-action 'none'"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=rules),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", "Poise report"),
        tag("style", Markup(STYLE)),
    )
    return tag("html", head, tag("body", tag("main", body)), lang="en")


def _shown(period: Period) -> list[Shown]:
    if not period.days:
        return []
    sleeves = (series.sleeve(period, which) for which in series.SLEEVES)
    more = (series.core(period), series.hedge(period), *sleeves, series.runway(period), series.funding(period))
    return [series.equity(period), series.growth(period), series.drawdown(period), *(one for one in more if one)]


def _head_words(period: Period) -> Markup:
    figures = period.figures
    words = (
        f"{moment(figures.start)} to {moment(figures.end)}, {money(figures.days, 1)} days, {figures.moments:,} cycles"
    )
    return tag("header", tag("h1", "Poise report"), tag("p", words if period.points else "No cycle.", class_="soft"))


def _contents(places: Iterable[tuple[str, str]]) -> Markup:
    links = (tag("li", tag("a", words, href=f"#{name}")) for name, words in places)
    return tag("nav", tag("ul", *links), aria_label="Contents")


def _tiles(period: Period) -> Markup:
    """Return the few figures one looks for first."""
    figures, quote = period.figures, period.quote
    net = total_of(period.lines, Source.FUNDING)
    costs = total_of(period.lines, Source.FEES) + total_of(period.lines, Source.SLIPPAGE)
    tiles = (
        ("Equity", money(figures.end_equity), f"{quote}, from {money(figures.start_equity)}"),
        ("Profit", change(figures.profit), f"{quote}, without {change(figures.flows)} of flows"),
        ("Return", move(as_decimal(figures.total_return), 2), "time-weighted"),
        ("Unhedged", move(as_decimal(period.unhedged_return), 2), "the same coins, no contracts"),
        ("Money-weighted", move(as_decimal(period.money_weighted), 2), "return of the period"),
        ("Deepest fall", move(as_decimal(figures.max_drawdown), 2), "from the highest value before"),
        ("Volatility", percent(as_decimal(figures.volatility), 2), "a year, of daily returns"),
        ("Hedge effect", percent(as_decimal(figures.hedge_effectiveness)), "of the core's variance taken away"),
        ("Tracking error", percent(as_decimal(figures.tracking_error), 2), "a year, against the target book"),
        ("Funding", change(net), f"{quote}, received − paid"),
        ("Fees and slippage", change(costs), quote),
        ("Turnover", money(figures.turnover, 0), f"{quote} in {figures.trades:,} fills"),
    )
    cells = (tag("div", tag("dt", name), tag("dd", value, tag("small", words))) for name, value, words in tiles)
    return tag("dl", *cells, class_="tiles")


def _doubts(period: Period) -> list[Markup]:
    """Return what a person should know of the figures."""
    found = []
    if period.unexplained:
        found.append(f"{change(period.unexplained, 8)} {period.quote} no source explains: poise explain latest.")
    if period.unattributed:
        found.append(f"{change(period.unattributed)} {period.quote} are of cycles that cannot be attributed.")
    if period.quiet_days:
        found.append(f"{period.quiet_days} days had no cycle: their change is the next day's with one.")
    return [tag("p", words, class_="doubt") for words in found]


def _section(name: str, shown: Shown) -> Markup:
    chart = drawn_bars(shown.chart) if isinstance(shown.chart, Bars) else drawn(shown.chart)
    caption = f"{shown.chart.title}, {shown.chart.unit}"
    below = tag("details", tag("summary", "Table"), table(shown.heads, shown.rows, caption=caption))
    figure = tag("figure", tag("figcaption", caption), chart)
    return tag("section", tag("h2", shown.name), tag("p", shown.words, class_="soft"), figure, below, id=name)


def _sources(period: Period) -> Markup:
    """Return what each source brought each sleeve."""
    lines = period.lines
    sleeves = [sleeve for sleeve in Sleeve if any(line.sleeve is sleeve for line in lines)]
    amounts = {(line.sleeve, line.source): line.amount for line in lines}
    rows = [
        (source.value, *(change(amounts.get((sleeve, source))) for sleeve in sleeves), change(total_of(lines, source)))
        for source in Source
        if any(line.source is source for line in lines)
    ]
    sums = by_sleeve(lines)
    rows.append(("sum", *(change(sums[sleeve]) for sleeve in sleeves), change(total_of(lines))))
    heads = ("Change by", *(sleeve.value for sleeve in sleeves), "all")
    words = tag("p", "The change of equity, closed: every amount belongs to one sleeve and one source.", class_="soft")
    inner = table(heads, rows, caption=f"Change of equity, {period.quote}", total="sum")
    return tag("section", tag("h2", "By sleeve and source"), words, inner, id="sources")


def _days(period: Period) -> Markup:
    """Return every day."""
    sleeves = [sleeve for sleeve in Sleeve if any(line.sleeve is sleeve for line in period.lines)]
    rows = []
    for day in period.days:
        brought = by_sleeve(day.lines)
        cells = (change(brought.get(sleeve)) for sleeve in sleeves)
        rows.append((day.day.isoformat(), money(day.equity), change(day.change), *cells))
    heads = ("Day (UTC)", "equity", "change", *(sleeve.value for sleeve in sleeves))
    return tag("section", tag("h2", "Days"), table(heads, rows, caption=f"Day by day, {period.quote}"), id="days")
