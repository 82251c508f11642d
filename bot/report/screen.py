"""The one way to write to a terminal: 80 columns, no markup, plain rows where no person looks."""

import contextlib
import io
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from bot.report.figures import CUT, coins, moment, money, percent, plain_words

__all__ = [
    "WIDTH",
    "Column",
    "Row",
    "coins",
    "is_plain",
    "moment",
    "money",
    "percent",
    "plain_words",
    "put",
    "put_table",
    "put_wrapped",
    "screen",
]

WIDTH = 80
GAP = "  "
NARROWEST = 8
DIM = "dim"
HEAD = "bold"


def screen(file: IO[str] | None = None) -> Console:
    """Return the console pages are written to: standard output, or `file`.

    Pages are laid out for 80 columns; a narrower terminal wraps them itself. NO_COLOR and TERM=dumb
    are respected, markup and emoji codes are letters like others, and what the encoding cannot say
    is replaced rather than an error.
    """
    console = Console(file=file, highlight=False, markup=False, emoji=False, soft_wrap=True)
    if isinstance(console.file, io.TextIOWrapper) and "utf" not in (console.file.encoding or "").lower():
        with contextlib.suppress(ValueError):
            console.file.reconfigure(errors="replace")
    return console


def is_plain(console: Console) -> bool:
    """Whether the output goes to a file or another program: plain rows, without rules or colours."""
    return not console.is_terminal


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column's heading; `right` aligns numbers, `clip` lets words be shortened where room is short."""

    head: str
    right: bool = False
    clip: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: its cells, and dim lines of words below its last column. `style` is a colour or weight."""

    cells: tuple[str, ...]
    notes: tuple[str, ...] = ()
    style: str = ""


def put(console: Console, *parts: str | tuple[str, str], style: str = "") -> None:
    """Write one line of parts, each words or (words, style); what is beyond 80 columns is cut."""
    line = Text(style=style)
    for part in parts:
        words, kind = part if isinstance(part, tuple) else (part, "")
        line.append(words, style=kind)
    if cell_len(line.plain) > WIDTH:
        line.truncate(WIDTH, overflow="ellipsis")
    line.rstrip()
    console.print(line)


def put_wrapped(console: Console, words: str, *, indent: int = 0, first: str = "", style: str = "") -> None:
    """Write words over as many lines as they need, indented; `first` stands before the first line."""
    lines = textwrap.wrap(plain_words(words, 2_000), max(WIDTH - max(indent, len(first)), 20)) or [""]
    for number, line in enumerate(lines):
        start = first.ljust(indent) if number == 0 else " " * max(indent, len(first))
        put(console, start, (line, style))


def put_table(console: Console, columns: Sequence[Column], rows: Sequence[Row], *, notes_at: int | None = None) -> None:
    """Write rows under their headings within 80 columns: numbers whole, words clipped where they must be.

    Notes stand below the last column, or from column `notes_at`. On a terminal a rule separates the
    headings; elsewhere there is none.
    """
    widths = _widths(columns, rows)
    last = len(columns) - 1
    if any(column.head for column in columns):
        put(console, (_joined([column.head for column in columns], columns, widths), HEAD))
        if not is_plain(console):
            put(console, ("─" * min(sum(widths) + len(GAP) * last, WIDTH), DIM))
    start = " " * (sum(widths[:last]) + len(GAP) * last if notes_at is None else notes_at)
    for row in rows:
        put(console, (_joined(row.cells, columns, widths), row.style))
        for note in row.notes:
            put_wrapped(console, note, indent=len(start), first=start, style=DIM)


def _widths(columns: Sequence[Column], rows: Sequence[Row]) -> list[int]:
    """Return each column's width: what it needs, with words shortened, the widest first, to fit."""
    widths = [
        max([cell_len(column.head), *(cell_len(row.cells[n]) for row in rows)]) for n, column in enumerate(columns)
    ]
    over = sum(widths) + len(GAP) * (len(columns) - 1) - WIDTH
    words = [n for n, column in enumerate(columns) if column.clip]
    while over > 0 and words:
        widest = max(words, key=lambda n: widths[n])
        if widths[widest] <= NARROWEST:
            break
        widths[widest] -= 1
        over -= 1
    return widths


def _joined(cells: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> str:
    """Return one line of cells, aligned and clipped to their widths."""
    fitted = [
        _fitted(cell, width, right=column.right) for cell, column, width in zip(cells, columns, widths, strict=True)
    ]
    return GAP.join(fitted).rstrip()


def _fitted(cell: str, width: int, *, right: bool) -> str:
    length = cell_len(cell)
    if length > width:
        return set_cell_size(cell, width - 1) + CUT
    return " " * (width - length) + cell if right else cell + " " * (width - length)
