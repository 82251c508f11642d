"""The one way to write: 80 columns, no markup, plain where nobody looks."""

import io

from bot.report.screen import Column, Row, is_plain, put, put_table, put_wrapped, screen
from tests.unit.report.pages import Terminal, drawn, widest


def test_a_file_is_plain_and_a_terminal_is_not() -> None:
    """A pipe gets rows without rules."""
    assert is_plain(screen(io.StringIO()))
    assert not is_plain(screen(Terminal()))


def test_markup_and_emoji_codes_are_letters() -> None:
    """Nothing a venue names is obeyed."""
    assert drawn(lambda console: put(console, "[red]:smile:[/red]")) == "[red]:smile:[/red]\n"


def test_a_line_beyond_the_width_is_cut() -> None:
    """With a sign that it was."""
    text = drawn(lambda console: put(console, "x" * 200))
    assert widest(text) == 80
    assert text.endswith("…\n")


def test_long_words_are_wrapped_under_their_indent() -> None:
    """Every line but the first starts at the indent."""
    lines = drawn(lambda console: put_wrapped(console, "word " * 40, first="Note", indent=6)).splitlines()
    assert lines[0].startswith("Note  word")
    assert all(line.startswith("      word") for line in lines[1:])
    assert max(map(len, lines)) <= 80


def test_numbers_are_never_shortened_words_are() -> None:
    """A table too wide gives up letters of its words."""
    columns = (Column(head="Name", clip=True), Column(head="Value", right=True))
    rows = [Row(cells=("n" * 100, "1,234,567,890.12"))]
    text = drawn(lambda console: put_table(console, columns, rows))
    assert "1,234,567,890.12" in text
    assert widest(text) == 80


def test_wide_letters_keep_the_columns_straight() -> None:
    """A Chinese name takes two columns a letter."""
    columns = (Column(head="Name", clip=True), Column(head="Value", right=True))
    rows = [Row(cells=("比特币", "1")), Row(cells=("BTC", "2")), Row(cells=("比" * 90, "3"))]
    text = drawn(lambda console: put_table(console, columns, rows))
    assert widest(text) == 80


def test_an_encoding_without_the_signs_replaces_them() -> None:
    """Rather a question mark than an error in the middle of a page."""
    raw = io.BytesIO()
    console = screen(io.TextIOWrapper(raw, encoding="ascii"))
    put(console, "≥ 5")
    console.file.flush()
    assert raw.getvalue() == b"? 5\n"
