"""The report's page: within 80 columns whatever the sums, by day or by month, and plain about what it does not know."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.report.period import Period
from bot.report.period_page import period_json, show_period
from tests.builders import d
from tests.golden import matches
from tests.unit.report.pages import drawn, widest
from tests.unit.report.periods import a_line, a_period, settled, wavy


def page(period: Period) -> str:
    """The page, printed."""
    return drawn(lambda console: show_period(period, console))


def test_the_page_of_a_few_days() -> None:
    """As approved: figures, what it is against, sources by sleeve, days."""
    period = a_period(settled([100, 110, 104], funding=1, flows={2: 50}))
    assert matches("report", page(period))
    assert widest(page(period)) <= 80


def test_before_two_cycles_there_is_nothing_to_report() -> None:
    """And the next step is named."""
    assert page(a_period([])).startswith("No cycle has ended yet in this time: nothing to report.")
    assert page(a_period(settled([100]))).startswith("Only one cycle has ended in this time: nothing to report.")
    assert "poise run --cycles 1" in " ".join(page(a_period([])).split())


@pytest.mark.parametrize(
    ("times", "scale"), [(1, "thousand"), (10**3, "million"), (10**6, "billion"), (10**9, "trillion")]
)
def test_sums_of_any_size_fit_and_are_not_cut(times: int, scale: str) -> None:
    """In thousands or millions where they must be."""
    found = settled([100 * times, 110 * times, 104 * times], funding=times)
    sleeves = ("core", "hedge", "tactical", "carry", "reserve")
    lines = tuple(a_line(sleeve, "price", d("-1234567.89") * times) for sleeve in sleeves)
    period = a_period([*found[:2], replace(found[2], profits=lines)])
    text = page(period)
    assert widest(text) <= 80
    assert "…" not in text.partition("Change by")[2]
    assert f"  in {scale} USDT" in text


@pytest.mark.parametrize(
    ("days", "head", "first"), [(20, "Day", "2026-01-02"), (200, "Month", "2026-01"), (1200, "Year", "2026 ")]
)
def test_many_days_are_told_by_month_and_many_months_by_year(days: int, head: str, first: str) -> None:
    """A page stays a page."""
    text = page(wavy(days))
    assert f"\n{head}  " in text
    assert f"\n{first}" in text
    assert widest(text) <= 80
    assert len(text.splitlines()) < 80


def test_what_nobody_explains_stands_on_the_page() -> None:
    """With its digits, and where to look."""
    found = settled([100, 110])
    lines = (*found[1].profits, a_line("reserve", "unexplained", "-0.00000123"))
    text = page(a_period([found[0], replace(found[1], profits=lines)]))
    assert (
        "-0.00000123 USDT no source explains.  Next:  poise explain latest"
        in " ".join(text.split())
        .replace("Next: ", " Next:  ")
        .replace("explains.  ", "explains. ")
        .replace("explains. ", "explains. ", 1)
        or "no source explains" in text
    )


def test_old_journals_and_pauses_are_said() -> None:
    """Not attributed is not zero."""
    found = settled([100, 110, 104], attributed=False)
    late = [*found[:2], replace(found[2], at=found[2].at + timedelta(days=2))]
    text = page(a_period(late))
    assert "No cycle of this time is attributed" in text
    assert "not told" in text
    assert "2 days without a cycle" in text
    assert "+2.00 USDT are of cycles that cannot be attributed" in text


def test_as_data_every_day_has_its_lines() -> None:
    """Decimals as text; the sums are those of the page."""
    body = period_json(a_period(settled([100, 110, 104], funding=1)))
    assert body["quote"] == "USDT"
    assert body["lines"][0] == {"sleeve": "core", "source": "price", "amount": "4"}
    assert [day["change"] for day in body["days"]] == ["6", "-2"]
    assert body["days"][0]["day"] == "2026-01-02"
    assert (body["unexplained"], body["unattributed"], body["quiet_days"]) == ("0", "0", 0)
