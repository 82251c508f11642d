"""The source tree, read once: what the architecture tests look at."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One Python file: its path below the root, its text and its syntax tree."""

    path: str
    text: str
    tree: ast.Module

    def at(self, node: ast.AST) -> str:
        """Return `path:line`, which a terminal opens."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"

    def is_in(self, *places: str) -> bool:
        """Say whether the file is one of `places` or lies in one of those folders."""
        return any(self.path == place or self.path.startswith(f"{place}/") for place in places)


def read(text: str, path: str = "bot/sample.py") -> Source:
    """Return `text` as a Source."""
    return Source(path=path, text=text, tree=ast.parse(text))


@cache
def sources(folder: str) -> tuple[Source, ...]:
    """Return every Python file below `folder`, in order of path."""
    return tuple(
        read(file.read_text(encoding="utf-8"), file.relative_to(ROOT).as_posix())
        for file in sorted((ROOT / folder).rglob("*.py"))
        if not any(part.startswith(".") for part in file.relative_to(ROOT).parts)
    )


def nodes(source: Source, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
    """Yield the nodes of these kinds."""
    return (node for node in ast.walk(source.tree) if isinstance(node, kinds))


@cache
def tracked() -> tuple[Path, ...]:
    """Return the files of the repository: those git tracks, or would on `git add .`."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    files = (ROOT / name for name in sorted(set(listed.split("\0"))) if name)
    return tuple(file for file in files if file.is_file())
