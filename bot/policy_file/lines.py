"""On which line each key of a TOML text stands: tomllib reads values but forgets their places."""

import re
from contextlib import suppress

from bot.policy_file.faults import Path

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|' r"'''.*?'{3,5}|" r'"(?:\\.|[^"\\\n])*"|' r"'[^'\n]*'",
    re.DOTALL,
)
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}\n#]*")
_HEADER = re.compile(r"\[{1,2}")
_REST_OF_LINE = re.compile(r"[^\n]*")


def locate(text: str) -> dict[Path, int]:
    """Return the line, counted from 1, of every key path of a text that tomllib has accepted.

    Reading stops quietly at anything unexpected: a missing place is never an error.
    """
    walk = _Walk(text)
    with suppress(RecursionError):
        walk.statements()
    return walk.found


class _Walk:
    """A cursor over the text, with the places found so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.line = 1
        self.counted = 0
        self.found: dict[Path, int] = {}
        self.entries: dict[Path, int] = {}

    @property
    def at_end(self) -> bool:
        return self.at >= len(self.text)

    def skip(self, pattern: re.Pattern[str]) -> str:
        """Move behind the pattern where it matches here; return what was matched."""
        match = pattern.match(self.text, self.at)
        if match is None:
            return ""
        self.at = match.end()
        return match.group()

    def statements(self) -> None:
        """Read headers and pairs to the end, or to the first thing that is neither."""
        prefix: Path = ()
        start = -1
        while self.at != start:
            self.skip(_BLANK)
            start = self.at
            header = self.skip(_HEADER)
            if header:
                prefix = self.key(())
                if header == "[[":
                    prefix = self.entry(prefix, start)
                self.skip(_REST_OF_LINE)
            else:
                self.pair(prefix)

    def entry(self, path: Path, at: int) -> Path:
        """Return the path of the next entry of the list of tables at `path`, counted from 1, and note it."""
        self.entries[path] = self.entries.get(path, 0) + 1
        entry = (*path, str(self.entries[path]))
        self.note(entry, at)
        return entry

    def note(self, path: Path, at: int) -> None:
        """Remember the line of `path` and of its parents, the first time each is seen."""
        self.line += self.text.count("\n", self.counted, at)
        self.counted = at
        for length in range(1, len(path) + 1):
            self.found.setdefault(path[:length], self.line)

    def key(self, prefix: Path) -> Path:
        """Read a key of one or more parts, note where it stands and return its whole path."""
        self.skip(_SPACE)
        start = self.at
        parts: list[str] = []
        while True:
            self.skip(_SPACE)
            part = self.skip(_STRING) or self.skip(_BARE)
            if not part:
                return prefix
            parts.append(part.strip("\"'"))
            self.skip(_SPACE)
            if self.text[self.at : self.at + 1] != ".":
                break
            self.at += 1
        path = (*prefix, *parts)
        self.note(path, start)
        return path

    def pair(self, prefix: Path) -> None:
        """Read `key = value`."""
        path = self.key(prefix)
        if self.text[self.at : self.at + 1] == "=":
            self.at += 1
            self.skip(_SPACE)
            self.value(path)

    def value(self, path: Path) -> None:
        """Read one value; the keys of an inline table are noted."""
        first = self.text[self.at : self.at + 1]
        if first == "{":
            self.members("}", path)
        elif first == "[":
            self.members("]", path)
        elif not self.skip(_STRING):
            self.skip(_SCALAR)

    def members(self, closing: str, path: Path) -> None:
        """Read the pairs of an inline table, or the items of a list, up to `closing`."""
        self.at += 1
        while not self.at_end:
            self.skip(_BLANK)
            start = self.at
            here = self.text[self.at : self.at + 1]
            if here == closing:
                self.at += 1
                return
            if here == ",":
                self.at += 1
            elif closing == "}":
                self.pair(path)
            else:
                self.value(self.entry(path, start) if here == "{" else path)
            if self.at == start:
                return
