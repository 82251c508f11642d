"""The page of all venues says what the rows say, and the file is that page."""

from pathlib import Path

import pytest

from bot.venues.page import page
from bot.venues.rows import NAMES, row_of

FILE = Path(__file__).parents[3] / "docs" / "venues.md"


def test_the_file_is_the_page_to_the_letter() -> None:
    """`make docs` writes it again."""
    assert FILE.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("name", NAMES)
def test_every_venue_has_a_line_a_chapter_and_its_cautions(name: str) -> None:
    """With a link that leads to the chapter, each mode and each host."""
    row, whole = row_of(name), page()
    assert f"| [{row.title}](#{row.title.lower()}) | {row.tier} |" in whole
    chapter = whole.split(f"\n## {row.title}\n")[1].split("\n## ")[0]
    for caution in row.cautions:
        assert f"- {caution}\n" in chapter
    for mode, access in row.access.items():
        assert f"| {mode.value} |" in chapter
        assert all(host in chapter for host in access.hosts)
    assert row.proved in chapter


def test_a_table_has_as_many_cells_in_each_line_as_in_its_head() -> None:
    """No note of a row breaks a table."""
    cells = 0
    for line in page().splitlines():
        if not line.startswith("|"):
            cells = 0
            continue
        cells = cells or line.count("|")
        assert line.count("|") == cells, line
