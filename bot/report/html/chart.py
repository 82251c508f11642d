"""Small charts drawn by hand as SVG: lines over time with their band, and bars up and down."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.report.html.elements import Markup, joined, tag
from bot.report.html.scale import Scale, nice_ticks, time_ticks

WIDTH, HEIGHT = 960.0, 300.0
LEFT, RIGHT, TOP, BOTTOM = 84.0, 120.0, 16.0, 34.0
NEAR = 16.0  # labels nearer than this are pushed apart
DOT = 3.0
BAND_MARGIN = 0.1  # so that a band's edges are seen, as a share of what is shown
REACH = 9.0  # how far from a point the pointer finds it

Places = Sequence[tuple[datetime, float | None]]


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its name, and values over time; None is a gap. `kind` is its look: one, two."""

    name: str
    values: Places
    kind: str = "one"


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: what it shows, its unit and how a value is written; a band is (low, high) over time.

    `named` is the band's name, `floor` a value that the axis must reach.
    """

    title: str
    unit: str
    write: Callable[[float], str]
    lines: Sequence[Line]
    band: Sequence[tuple[datetime, float, float]] = ()
    named: str = "band"
    floor: float | None = None


@dataclass(frozen=True, slots=True)
class _Frame:
    """The axes of a chart."""

    across: Scale
    up: Scale

    def x(self, at: datetime) -> float:
        return self.across.place(at.timestamp())

    def y(self, value: float) -> float:
        return self.up.place(value)


def drawn(chart: Chart) -> Markup:
    """Return the chart as one SVG element that says in words what it shows."""
    known = [value for line in chart.lines for _, value in line.values if value is not None]
    edges = [edge for _, low, high in chart.band for edge in (low, high)]
    floor = [] if chart.floor is None else [chart.floor]
    lowest, highest = min([*known, *edges, *floor]), max([*known, *edges, *floor])
    margin = (highest - lowest) * BAND_MARGIN if chart.band else 0.0
    ticks = nice_ticks(lowest if lowest in floor else lowest - margin, highest + margin)
    moments = [at for line in chart.lines for at, _ in line.values]
    frame = _frame(min(moments), max(moments), ticks)
    parts = (
        _axis_up(frame, ticks, chart),
        _axis_across(frame, min(moments), max(moments)),
        _band(frame, chart),
        *(_path(frame, line) for line in chart.lines),
        _labels(frame, chart),
        *(_dots(frame, line, chart) for line in chart.lines),
    )
    return _svg(chart.title, f"{chart.title}, {chart.unit}. {_words(chart)}", parts)


def _svg(title: str, words: str, parts: Sequence[Markup | None]) -> Markup:
    inner = joined((tag("title", title), tag("desc", words), *parts))
    box = f"0 0 {WIDTH:.0f} {HEIGHT:.0f}"
    return tag("svg", inner, viewBox=box, role="img", aria_label=words, tabindex="0", focusable="true")


def _frame(first: datetime, last: datetime, ticks: Sequence[float]) -> _Frame:
    begin, end = first.timestamp(), last.timestamp()
    across = Scale(begin, end if end > begin else begin + 1, LEFT, WIDTH - RIGHT)
    return _Frame(across, Scale(ticks[0], ticks[-1], HEIGHT - BOTTOM, TOP))


def _words(chart: Chart) -> str:
    """Return each line's first, last, lowest and highest value in words, for who cannot see them."""
    told = []
    for line in chart.lines:
        known = [value for _, value in line.values if value is not None]
        ends = f"from {chart.write(known[0])} to {chart.write(known[-1])}"
        told.append(f"{line.name}: {ends}, lowest {chart.write(min(known))}, highest {chart.write(max(known))}.")
    return " ".join(told)


def _axis_up(frame: _Frame, ticks: Sequence[float], chart: Chart) -> Markup:
    """Return horizontal rules with their values, zero darker, and the unit over them."""
    parts = []
    for value in ticks:
        y = frame.y(value)
        kind = "zero" if value == 0 else "rule"
        parts.append(tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_=kind))
        parts.append(tag("text", chart.write(value), x=LEFT - 8, y=y + 4, class_="tick", text_anchor="end"))
    return tag("g", *parts)


def _axis_across(frame: _Frame, first: datetime, last: datetime) -> Markup:
    parts = []
    for at, name in time_ticks(first, last):
        x = frame.x(at)
        parts.append(tag("line", x1=x, x2=x, y1=HEIGHT - BOTTOM, y2=HEIGHT - BOTTOM + 5, class_="zero"))
        parts.append(tag("text", name, x=x, y=HEIGHT - BOTTOM + 20, class_="tick", text_anchor="middle"))
    return tag("g", *parts)


def _band(frame: _Frame, chart: Chart) -> Markup | None:
    if not chart.band:
        return None
    over = [f"{frame.x(at):.1f},{frame.y(high):.1f}" for at, _, high in chart.band]
    under = [f"{frame.x(at):.1f},{frame.y(low):.1f}" for at, low, _ in reversed(chart.band)]
    _, low, high = chart.band[-1]
    words = f"{chart.named}: {chart.write(low)} to {chart.write(high)}"
    return tag("path", tag("title", words), d="M" + "L".join([*over, *under]) + "Z", class_="band")


def _path(frame: _Frame, line: Line) -> Markup:
    """Return the line, broken where a value is not known."""
    steps, pen = [], "M"
    for at, value in line.values:
        if value is None:
            pen = "M"
            continue
        steps.append(f"{pen}{frame.x(at):.1f},{frame.y(value):.1f}")
        pen = "L"
    return tag("path", d="".join(steps), class_=f"line {line.kind}")


def _labels(frame: _Frame, chart: Chart) -> Markup:
    """Return each line's name at its end, and the band's beside it, pushed apart where they would meet."""
    ends = [(frame.y(_last(line)), line.name, f"label {line.kind}") for line in chart.lines]
    if chart.band:
        _, low, high = chart.band[-1]
        ends.append((frame.y((low + high) / 2), chart.named, "label of-band"))
    parts, above = [], TOP - NEAR
    for end, name, kind in sorted(ends):
        above = max(end, above + NEAR)
        parts.append(tag("text", name, x=WIDTH - RIGHT + 8, y=above + 4, class_=kind))
    return tag("g", *parts)


def _last(line: Line) -> float:
    return next(value for _, value in reversed(line.values) if value is not None)


def _dots(frame: _Frame, line: Line, chart: Chart) -> Markup:
    """Return a point for each value that says its moment and value when it is pointed at."""
    parts = [
        tag(
            "g",
            tag("title", f"{at:%Y-%m-%d %H:%M} UTC · {line.name} {chart.write(value)}"),
            tag("circle", cx=frame.x(at), cy=frame.y(value), r=REACH, class_="reach"),
            tag("circle", cx=frame.x(at), cy=frame.y(value), r=DOT, class_=f"dot {line.kind}"),
            class_="point",
        )
        for at, value in line.values
        if value is not None
    ]
    return tag("g", *parts)


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars over time: one goes up by `up`, one down by `down`, both zero or positive; each names its span."""

    title: str
    unit: str
    write: Callable[[float], str]
    names: tuple[str, str]
    spans: Sequence[tuple[str, float, float]]


def drawn_bars(bars: Bars) -> Markup:
    """Return the bars as one SVG element that says in words what it shows."""
    highest, deepest = max(up for _, up, _ in bars.spans), max(down for _, _, down in bars.spans)
    ticks = nice_ticks(-deepest, highest)
    frame = _Frame(Scale(0, len(bars.spans), LEFT, WIDTH - RIGHT), Scale(ticks[0], ticks[-1], HEIGHT - BOTTOM, TOP))
    width = frame.across.place(1) - frame.across.place(0)
    parts = [_axis_up(frame, ticks, Chart(bars.title, bars.unit, bars.write, ()))]
    for number, (name, up, down) in enumerate(bars.spans):
        left = frame.across.place(number + 0.15)
        for amount, sign, kind, what in ((up, 1, "one", bars.names[0]), (down, -1, "two", bars.names[1])):
            if amount:
                top, foot = sorted((frame.y(0), frame.y(sign * amount)))
                words = tag("title", f"{name} · {what} {bars.write(amount)}")
                shape = {"x": left, "y": top, "width": width * 0.7, "height": foot - top}
                parts.append(tag("rect", words, **shape, class_=f"bar {kind}"))
    parts += [_bar_names(frame, bars), _bar_labels(frame, bars)]
    sums = [sum(up for _, up, _ in bars.spans), sum(down for _, _, down in bars.spans)]
    told = f"{bars.names[0]} {bars.write(sums[0])}, {bars.names[1]} {bars.write(sums[1])} in all."
    return _svg(bars.title, f"{bars.title}, {bars.unit}: {told}", parts)


def _bar_names(frame: _Frame, bars: Bars) -> Markup:
    every = -(-len(bars.spans) // 6)
    return tag(
        "g",
        *(
            tag(
                "text",
                name,
                x=frame.across.place(number + 0.5),
                y=HEIGHT - BOTTOM + 20,
                class_="tick",
                text_anchor="middle",
            )
            for number, (name, _, _) in enumerate(bars.spans)
            if number % every == 0
        ),
    )


def _bar_labels(frame: _Frame, bars: Bars) -> Markup:
    x = WIDTH - RIGHT + 8
    return tag(
        "g",
        tag("text", f"↑ {bars.names[0]}", x=x, y=frame.y(0) - 6, class_="label one"),
        tag("text", f"↓ {bars.names[1]}", x=x, y=frame.y(0) + 16, class_="label two"),
    )
