"""Every vector of the design is checked by some test: none may be forgotten, and the missing are named.

A vector counts as checked where a test file that reads vectors writes its name out, makes it from an
f-string whose varying part stands in the same file, or takes it by the start of its name.
"""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.sources import Source, nodes, read, sources
from tests.vectors import all_vectors

ITSELF = "tests/unit/test_vectors_complete.py"


def checked(source: Source, names: set[str]) -> set[str]:
    """Return those of the names that a test file reads."""
    written = set(_written(source))
    if "vectors.json" not in written and not any(n.module == "tests.vectors" for n in _imports(source)):
        return set()
    found = names & written
    for pattern in _patterns(source):
        for name in names:
            match = re.fullmatch(pattern, name)
            if match and written.issuperset(match.groups()):
                found.add(name)
    starts = tuple(_starts(source))
    return found | {name for name in names if starts and name.startswith(starts)}


def _imports(source: Source) -> Iterator[ast.ImportFrom]:
    return (node for node in nodes(source, ast.ImportFrom) if isinstance(node, ast.ImportFrom))


def _written(source: Source) -> Iterator[str]:
    """Yield every text and number in the file, but for keys looked up, and the numbers of its ranges, as text."""
    keys = {id(node.slice) for node in nodes(source, ast.Subscript) if isinstance(node, ast.Subscript)}
    for node in nodes(source, ast.Constant, ast.Call):
        if isinstance(node, ast.Constant) and id(node) not in keys:
            yield str(node.value)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "range":
            ends = [end.value for end in node.args if isinstance(end, ast.Constant) and isinstance(end.value, int)]
            yield from map(str, range(*ends) if ends else ())


def _patterns(source: Source) -> Iterator[str]:
    """Yield each f-string that opens with the start of a name, as a pattern of what it may become."""
    for node in nodes(source, ast.JoinedStr):
        assert isinstance(node, ast.JoinedStr)
        opening = node.values[0]
        if isinstance(opening, ast.Constant) and "_" in str(opening.value):
            yield "".join(re.escape(str(p.value)) if isinstance(p, ast.Constant) else "(.+)" for p in node.values)


def _starts(source: Source) -> Iterator[str]:
    """Yield what `startswith` is asked for, and the keys of a table BY_START, where it is the start of a name."""
    for node in nodes(source, ast.Call, ast.Assign):
        texts: list[ast.AST] = []
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "startswith":
            texts = list(ast.walk(node))
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "BY_START":
            texts = list(getattr(node.value, "keys", []))
        yield from (str(text.value) for text in texts if isinstance(text, ast.Constant) and "_" in str(text.value))


def test_every_vector_is_checked_by_some_test() -> None:
    """Skipped, saying so, where the vectors do not lie beside the repository."""
    names = set(all_vectors())
    if not names:
        pytest.skip("../shared/design/vectors.json is not beside the repository")
    found = {name for source in sources("tests") if source.path != ITSELF for name in checked(source, names)}
    assert sorted(names - found) == []


NAMES = {"band_edge_1", "band_edge_2", "kelly_full", "margin_a", "margin_b"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from tests.vectors import agrees\nagrees('kelly_full', x)", {"kelly_full"}),
        ("from tests.vectors import agrees\nfor n in [1]: agrees(f'band_edge_{n}', x)", {"band_edge_1"}),
        (
            "from tests.vectors import agrees\nfor n in range(1, 3): agrees(f'band_edge_{n}', x)",
            {"band_edge_1", "band_edge_2"},
        ),
        ("from tests.vectors import vector\n[n for n in V if n.startswith('margin_')]", {"margin_a", "margin_b"}),
        ("FILE = 'vectors.json'\nBY_START = {'margin_': f}", {"margin_a", "margin_b"}),
        ("x = ['kelly_full']  # as in vectors.json", set()),
        ("from tests.vectors import vector\nx['kelly_full']", set()),
        ("from tests.vectors import agrees\nx = f'{n}'\ny = 'kelly'", set()),
    ],
)
def test_a_forgotten_vector_is_noticed(text: str, found: set[str]) -> None:
    """Written out, made from a start and a number, taken by its start; not by a file that reads no vectors."""
    assert checked(read(text, "tests/a.py"), NAMES) == found
