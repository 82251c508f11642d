"""The report as a file: nothing in it comes from elsewhere, a stranger's word is only a word, numbers stand right."""

import base64
import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.report.html import report_html
from bot.report.html.chart import Chart, Line, drawn
from bot.report.html.elements import Markup, joined, table, tag
from bot.report.html.scale import Scale, nice_ticks, time_ticks
from bot.report.html.series import MOST_POINTS, as_percent, thinned
from tests.builders import NOON, d
from tests.unit.report.periods import a_line, a_look, a_period, settled, wavy

EVIL = "<script src=//evil>&\"'\x1b[2J\u202e"
VOID = {"meta", "col"}


class Reader(HTMLParser):
    """Reads a document and keeps what it is made of; an end tag that does not fit is an error."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, name: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags.append(name)
        self.attributes += [(key, value or "") for key, value in attrs]
        if name not in VOID:
            self.open.append(name)

    def handle_startendtag(self, name: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element without content."""
        self.tags.append(name)
        self.attributes += [(key, value or "") for key, value in attrs]

    def handle_endtag(self, name: str) -> None:
        """Check that it closes what is open."""
        assert self.open.pop() == name


def read(document: str) -> Reader:
    """A document, read."""
    reader = Reader()
    reader.feed(document)
    reader.close()
    assert reader.open == []
    return reader


def test_the_document_asks_for_nothing() -> None:
    """No script, no address, no event: and the head forbids all of them."""
    document = report_html(wavy())
    reader = read(document)
    assert not {"script", "img", "link", "iframe", "object", "use", "image", "form"} & set(reader.tags)
    assert [name for name, _ in reader.attributes if name in ("src", "style") or name.startswith("on")] == []
    assert [value for name, value in reader.attributes if name == "href" and not value.startswith("#")] == []
    assert not re.search(r"https?:|url\(|@import|//", document.replace("<!doctype", ""))


def test_the_style_is_the_one_the_head_allows() -> None:
    """By its hash: another sheet would not be used."""
    document = report_html(wavy())
    style = re.search(r"<style>(.*?)</style>", document, re.DOTALL)
    assert style is not None
    sealed = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{sealed}'" in document.replace("&#x27;", "'")


def test_every_link_of_the_contents_leads_somewhere() -> None:
    """And every id is there once."""
    reader = read(report_html(wavy()))
    names = [value for name, value in reader.attributes if name == "id"]
    assert len(names) == len(set(names)) == 12
    assert {value[1:] for name, value in reader.attributes if name == "href"} == set(names)


def test_every_chart_says_in_words_what_it_shows_and_has_its_table() -> None:
    """For who cannot see it, and for who wants the digits."""
    document = report_html(wavy())
    assert document.count("<svg") == document.count('role="img"') == 10
    assert document.count("<details>") == 10
    assert document.count("<table>") == 12
    assert re.search(r'aria-label="Drawdown, of the highest value before\. drawdown: from 0\.0% to', document)


def test_a_strangers_words_stay_words() -> None:
    """In text and in attributes, without control or direction characters."""
    document = report_html(replace(wavy(), quote=EVIL))
    assert "<script" not in document
    assert not re.search("[\x1b\u202e]", document)
    assert "evil" in document
    read(document)


@given(st.text())
def test_any_text_and_any_attribute_is_escaped(words: str) -> None:
    """It comes back as one element without children."""
    reader = read(tag("p", words, title=words))
    assert reader.tags == ["p"]
    assert [name for name, _ in reader.attributes] == ["title"]


def test_elements_nest_and_leave_out_what_is_none() -> None:
    """Names with a - are written with a _."""
    inner = tag("b", "1 < 2")
    assert tag("a", inner, None, class_="x", aria_label=None, stroke_width=1.25) == (
        '<a class="x" stroke-width="1.2"><b>1 &lt; 2</b></a>'
    )
    assert tag("line", x1=2.0) == '<line x1="2"/>'
    assert tag("meta", name="x") == '<meta name="x">'
    assert joined([Markup("<b>"), "<b>"]) == "<b>&lt;b&gt;"
    assert '<tr class="sum"><th scope="row">sum</th>' in table(["a"], [["sum", "1"]], caption="c", total="sum")


def test_without_a_change_there_is_no_chart() -> None:
    """The file says so."""
    for found in ([], settled([100])):
        document = report_html(a_period(found))
        assert "Nothing to report yet" in document
        assert "<svg" not in document
        read(document)


def test_what_is_not_known_has_no_chart_and_no_line() -> None:
    """Without looks, contracts or prices: equity, return and drawdown are left."""
    document = report_html(a_period(settled([100, 110], attributed=False), {}))
    assert document.count("<svg") == 3
    assert "unhedged</text>" not in document
    assert "cannot be attributed" in document
    none = a_look(runway=None, hedge_ratio=None)
    found = settled([100, 110])
    bare = report_html(a_period(found, {one.cycle: none for one in found}))
    assert bare.count("<svg") == 4


def test_doubts_stand_before_the_charts() -> None:
    """What nothing explains, and days without a cycle."""
    found = settled([100, 110, 104])
    odd = replace(found[1], profits=(*found[1].profits, a_line("reserve", "unexplained", 3)))
    document = report_html(a_period([found[0], odd, replace(found[2], at=found[2].at + timedelta(days=3))]))
    assert "+3.00000000 USDT no source explains" in document
    assert "3 days had no cycle" in document


def test_a_long_period_is_thinned_and_keeps_its_ends_and_its_deepest_fall() -> None:
    """1,000 points become at most 240."""
    points = wavy(1_000).points
    kept = thinned(points)
    assert len(kept) <= MOST_POINTS
    assert (kept[0], kept[-1]) == (points[0], points[-1])
    assert min(points, key=lambda point: point.drawdown) in kept
    assert report_html(wavy(1_000)).count("<rect") <= 2 * 45


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 100, (0, 20, 40, 60, 80, 100)),
        (-0.2, 0, (-0.2, -0.15, -0.1, -0.05, 0)),
        (93_000, 117_000, (90_000, 95_000, 100_000, 105_000, 110_000, 115_000, 120_000)),
        (5, 5, (4.4, 4.6, 4.8, 5, 5.2, 5.4, 5.6)),
        (0, 0, (-0.1, -0.05, 0, 0.05, 0.1)),
    ],
)
def test_ticks_are_round_and_enclose_what_is_shown(low: float, high: float, ticks: tuple[float, ...]) -> None:
    """1, 2, 2.5 and 5 times a power of ten."""
    found = nice_ticks(low, high)
    assert found[0] <= low
    assert found[-1] >= high
    if low != high:
        assert found == pytest.approx(ticks)


@given(st.floats(-1e12, 1e12), st.floats(1e-6, 1e12))
def test_there_are_never_many_ticks(low: float, length: float) -> None:
    """At least two, at most nine, in rising order."""
    found = nice_ticks(low, low + length)
    assert 2 <= len(found) <= 9
    assert list(found) == sorted(set(found))


@pytest.mark.parametrize(
    ("days", "first", "count"),
    [
        (0.5, "12:00", 5),
        (3, "2 Jan", 3),
        (20, "6 Jan", 5),
        (70, "11 Jan", 7),
        (100, "Feb 2026", 4),
        (800, "May 2026", 6),
        (1500, "2027", 4),
    ],
)
def test_time_is_named_by_hour_day_month_or_year(days: float, first: str, count: int) -> None:
    """Whatever leaves about six names."""
    found = time_ticks(NOON, NOON + timedelta(days=days))
    assert len(found) <= 7
    assert all(NOON <= at <= NOON + timedelta(days=days) for at, _ in found)
    assert found


def test_a_scale_is_a_straight_line() -> None:
    """Half-way is half-way, upside down too."""
    assert Scale(0, 10, 100, 0).place(5) == 50
    assert as_percent(0.125) == "12.5%"


def test_a_gap_in_a_line_is_a_gap() -> None:
    """The pen is lifted where a value is not known."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    values = [(at + timedelta(days=n), value) for n, value in enumerate([1.0, None, 2.0, 3.0])]
    svg = drawn(Chart("t", "u", str, (Line("l", values),)))
    path = re.search(r'd="([^"]*)" class="line', svg)
    assert path is not None
    assert [letter for letter in path[1] if letter.isalpha()] == ["M", "M", "L"]
    assert svg.count("<circle") == 6


def test_names_at_the_ends_of_lines_do_not_meet() -> None:
    """Two lines that end at one value: their names stand apart."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    lines = [Line(name, [(at, 1.0), (at + timedelta(days=1), 2.0)]) for name in ("a", "b")]
    places = re.findall(r'y="([\d.]+)" class="label', drawn(Chart("t", "u", str, lines)))
    assert abs(float(places[0]) - float(places[1])) >= 16


def test_one_moment_is_no_division_by_zero() -> None:
    """Two settlements at one moment."""
    found = settled([100, 110])
    same = [found[0], replace(found[1], at=found[0].at)]
    read(report_html(a_period(same)))
    assert d(1)
