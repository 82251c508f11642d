"""How Bybit cuts long lists: newest first, a span of days at most, a cursor to the next page."""

from collections.abc import Mapping
from typing import NamedTuple

from tests.emulator.bybit.words import refused
from tests.emulator.core import Core

DAY_MS = 24 * 3_600_000
Row = dict[str, object]


class Window(NamedTuple):
    """From and to, both inclusive, in milliseconds."""

    start: int
    end: int

    def holds(self, at_ms: int) -> bool:
        """Whether a moment lies within."""
        return self.start <= at_ms <= self.end


def whole(core: Core, params: Mapping[str, str], name: str, usual: int | None) -> int | None:
    """Return a whole number sent in a query; refuse anything else with 10001."""
    text = params.get(name) or ""
    if not text:
        return usual
    if not text.lstrip("-").isdigit():
        raise refused(core, 10001, f"params error: {name} invalid")
    return int(text)


def window(core: Core, params: Mapping[str, str], *, most_days: int, usual_days: int) -> Window:
    """Return the time asked for; a lone end of it is completed by the longest span, no end at all by the usual one.

    Refuses a span longer than the venue allows with 10001.
    """
    start, end = whole(core, params, "startTime", None), whole(core, params, "endTime", None)
    if start is None and end is None:
        return Window(core.now_ms() - usual_days * DAY_MS, core.now_ms())
    span = most_days * DAY_MS
    if start is None:
        assert end is not None
        return Window(end - span, end)
    if end is None:
        return Window(start, start + span)
    if end - start > span:
        raise refused(core, 10001, f"The startTime and endTime interval is over {most_days} days")
    return Window(start, end)


def page(core: Core, params: Mapping[str, str], rows: list[Row], *, usual: int, most: int) -> tuple[list[Row], str]:
    """Return one page of the rows, newest first, and the cursor after it, "" on the last page."""
    limit = whole(core, params, "limit", usual) or usual
    if not 1 <= limit <= most:
        raise refused(core, 10001, f"params error: limit must be in [1, {most}]")
    start = whole(core, params, "cursor", 0) or 0
    after = start + limit
    return rows[start:after], str(after) if after < len(rows) else ""
