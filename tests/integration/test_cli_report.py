"""`poise report`: from an empty journal to a year of days, on a page, as data, and as a file."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from bot.cli.report import Bounds, measured
from bot.errors import PolicyRefused
from bot.journal import history
from tests.integration.conftest import Opener
from tests.shell import ROOT, poise, process, well
from tests.unit.journal.facts import a_cycle, every_fact


def a_history(cycles: int = 12) -> None:
    """A book that was hedged once and then run."""
    well("run", "--cycles", "1", "--quiet")
    well("plan")
    well("apply", "latest", "--yes")
    well("run", "--cycles", str(cycles), "--quiet")


def test_an_empty_journal_has_nothing_to_report() -> None:
    """Said in words, with what to do; as data, an empty list of days."""
    assert "nothing to report" in well("report").out
    body = well("report", "--json").body
    assert (body["days"], body["lines"]) == ([], [])


def test_the_days_sum_to_the_change_of_equity() -> None:
    """From the first settlement to the last; what is told by lines and what is not, together."""
    a_history()
    body = well("report", "--json").body
    figures = body["figures"]
    change = sum(Decimal(day["change"]) for day in body["days"])
    assert change == Decimal(figures["end_equity"]) - Decimal(figures["start_equity"])
    told = sum(Decimal(line["amount"]) for line in body["lines"])
    assert abs(told + Decimal(body["unattributed"]) - change) < Decimal("1e-9")
    assert Decimal(body["unexplained"]) == 0
    assert Decimal(figures["turnover"]) > 1_000
    assert figures["trades"] > 0


def test_a_part_of_the_time_begins_where_the_time_before_it_ended() -> None:
    """Two days, and their first change counts from the settlement before them."""
    a_history(20)
    whole = {day["day"]: day for day in well("report", "--json").body["days"]}
    days = sorted(whole)[2:4]
    part = well("report", "--from", days[0], "--to", days[1], "--json").body
    assert [day["day"] for day in part["days"]] == days
    assert [day["change"] for day in part["days"]] == [whole[name]["change"] for name in days]
    assert date.fromisoformat(days[0]) < date.fromisoformat(days[1])


def test_a_time_without_cycles_has_nothing_to_report() -> None:
    """Before the first one, and after the last."""
    a_history(1)
    assert "nothing to report" in well("report", "--to", "2020-01-01").out
    assert "nothing to report" in well("report", "--from", "2099-01-01").out


def test_the_page_fits_and_the_file_is_written_beside_it(tmp_path: Path) -> None:
    """The page on stdout, where the file is on stderr."""
    a_history()
    target = tmp_path / "report.html"
    told = process("report", "--html", str(target))
    assert told.code == 0
    assert max(map(len, told.out.splitlines())) <= 80
    assert f"written to {target}" in told.err
    assert target.read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--from", "2026-02-01", "--to", "2026-01-01"), "is not before"),
        (("--from", "soon"), "is no date"),
        (("--html", "/nowhere/at/all.html"), "cannot be written"),
    ],
)
def test_what_cannot_be_is_refused_in_words(words: tuple[str, ...], message: str) -> None:
    """With the code of a wrong setting."""
    told = poise("report", *words)
    assert told.code == 65
    assert message in told.err


async def test_either_database_tells_a_report_the_same(url: str, opened: Opener) -> None:
    """Two cycles with a fill each, on SQLite and on PostgreSQL."""
    journal = await opened(url)
    await every_fact(journal)
    assert [one.cycle async for one in history.decided_cycles(journal.database)] == ["c1", "c2"]
    assert [(one.value, one.settled) async for one in history.trades(journal.database)] == [
        (Decimal(7_000), ("c1", 3)),
        (Decimal(7_000), ("c2", 3)),
    ]


async def test_a_policy_that_can_be_read_no_more_hides_only_what_it_wanted(tmp_path: Path, opened: Opener) -> None:
    """One of two is of another Poise: the report is there, its cycles have no look; none at all is refused."""
    journal = await opened(str(tmp_path / "j.db"))
    await every_fact(journal)
    with pytest.raises(PolicyRefused):
        await measured(journal, Bounds(None, None))
    await journal.record_cycle(a_cycle("c3", policy_text=(ROOT / "policies" / "balanced.toml").read_text()))
    period = await measured(journal, Bounds(None, None))
    assert period.quote == "USDT"
    assert [point.look for point in period.points] == [None]
    assert period.figures.trades == 1
