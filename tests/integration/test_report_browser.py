"""The report in a real browser: it opens offline, asks for nothing, complains of nothing, and can be read and used."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.report.html import report_html
from tests.browser import Browser, browsing
from tests.unit.report.periods import wavy

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]
READABLE = 4.5  # WCAG AA for text
VISIBLE = 3.0  # WCAG AA for lines and bars

# The contrast of an element's colour with the page behind it, by WCAG's formula.
CONTRAST = """
(selector, property) => {
  const light = colour => colour.match(/[\\d.]+/g).slice(0, 3).map(Number).map(c => c / 255)
    .map(c => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, n) => sum + c * [.2126, .7152, .0722][n], 0);
  const behind = light(getComputedStyle(document.body).backgroundColor);
  return [...document.querySelectorAll(selector)].map(one => light(getComputedStyle(one)[property]))
    .map(own => (Math.max(own, behind) + .05) / (Math.min(own, behind) + .05))
    .reduce((least, now) => Math.min(least, now), 99);
}
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Return one browser for all claims of this module."""
    with browsing(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a report of sixty wavy days."""
    target = tmp_path_factory.mktemp("report") / "report.html"
    target.write_text(report_html(wavy()), encoding="utf-8")
    return target


def contrast(browser: Browser, selector: str, colour: str) -> float:
    """The least contrast of what a selector finds."""
    found = browser.value(f"({CONTRAST})({selector!r}, {colour!r})")
    assert isinstance(found, int | float)
    return float(found)


def test_it_asks_for_nothing_but_itself_and_complains_of_nothing(browser: Browser, page: Path) -> None:
    """One request, of the file; an empty console."""
    browser.open(page)
    assert browser.requests == [page.as_uri()]
    assert browser.complaints == []


def test_the_browser_would_notice_what_is_forbidden(browser: Browser, page: Path, tmp_path: Path) -> None:
    """An image from elsewhere and a script are planted: the head forbids both, and the console says so."""
    planted = tmp_path / "planted.html"
    evil = '<img src="https://example.org/x.png"><script>document.title = "taken over"</script></main>'
    planted.write_text(page.read_text(encoding="utf-8").replace("</main>", evil), encoding="utf-8")
    browser.open(planted)
    said = " ".join(browser.complaints)
    assert "example.org" in said
    assert "script" in said
    assert browser.value("document.title") == "Poise report"
    assert browser.requests == [planted.as_uri(), "https://example.org/x.png"]


def test_every_chart_is_drawn_and_holds_its_text(browser: Browser, page: Path) -> None:
    """Ten of a size, within the window, with no label beyond an edge and none over another."""
    browser.open(page)
    sizes = browser.value("[...document.querySelectorAll('svg')].map(s => s.getBoundingClientRect().width)")
    assert len(sizes) == 10
    assert min(sizes) > 600
    outside = """[...document.querySelectorAll('svg')].flatMap(s => [...s.querySelectorAll('text')]
      .filter(t => { const a = t.getBoundingClientRect(), b = s.getBoundingClientRect();
        return a.left < b.left - 1 || a.right > b.right + 1 || a.top < b.top - 1 || a.bottom > b.bottom + 1; })
      .map(t => t.textContent))"""
    assert browser.value(outside) == []
    met = """[...document.querySelectorAll('svg')].flatMap(s => { const all = [...s.querySelectorAll('text')]
      .map(t => [t.textContent, t.getBoundingClientRect()]);
      return all.flatMap(([n, a], i) => all.slice(i + 1).filter(([m, b]) =>
        a.left < b.right && b.left < a.right && a.top + 3 < b.bottom && b.top + 3 < a.bottom)
        .map(([m]) => n + '|' + m)); })"""
    assert browser.value(met) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("medium", ["screen", "print"])
def test_it_can_be_read_in_light_in_the_dark_and_on_paper(
    browser: Browser, page: Path, scheme: str, medium: str
) -> None:
    """Text and lines stand out from what is behind them; paper is white."""
    browser.open(page)
    browser.look(scheme, medium)
    assert contrast(browser, "h1, h2, p, td, th, figcaption, dt, dd", "color") >= READABLE
    assert contrast(browser, ".tick, .label", "fill") >= READABLE
    assert contrast(browser, ".line", "stroke") >= VISIBLE
    assert contrast(browser, ".bar", "fill") >= VISIBLE
    behind = browser.value("getComputedStyle(document.body).backgroundColor")
    assert (behind == "rgb(255, 255, 255)") is (medium == "print")
    browser.look()


def test_a_table_opens_by_the_keyboard(browser: Browser, page: Path) -> None:
    """The way of who uses no mouse: to the first summary, and Enter."""
    browser.open(page)
    browser.value("document.querySelector('summary').focus()")
    assert browser.value("document.querySelector('details').open") is False
    browser.press("Enter", 13)
    assert browser.value("document.querySelector('details').open") is True
    assert browser.value("document.querySelector('details table').getBoundingClientRect().height") > 100


def test_tab_goes_through_the_contents_and_the_charts(browser: Browser, page: Path) -> None:
    """Twelve links, then each chart and its table."""
    browser.open(page)
    visited = []
    for _ in range(15):
        browser.press("Tab", 9)
        visited.append(browser.value("document.activeElement.tagName.toLowerCase()"))
    assert visited == ["a"] * 12 + ["svg", "summary", "svg"]


def test_a_narrow_window_does_not_scroll_sideways(browser: Browser, page: Path) -> None:
    """Wide tables scroll inside themselves."""
    browser.open(page)
    browser.call("Emulation.setDeviceMetricsOverride", width=380, height=800, deviceScaleFactor=1, mobile=False)
    assert browser.value("document.documentElement.scrollWidth") <= 380
    browser.call("Emulation.clearDeviceMetricsOverride")


def test_a_picture_of_it_is_not_empty(browser: Browser, page: Path) -> None:
    """More than one colour takes more than a few kilobytes."""
    browser.open(page)
    assert len(browser.picture()) > 20_000
