"""The rules of style as functions: a source in, the places that break the rule out."""

import ast
import re
from collections.abc import Callable, Iterator

from tests.architecture.sources import Source, nodes

Rule = Callable[[Source], Iterator[str]]

VAGUE = {"util", "utils", "manager", "helper", "helpers", "engine", "base", "processor", "handler", "service"}
CORE = ("bot/domain", "bot/policy", "bot/risk", "bot/decide.py")
EXACT = (*CORE, "bot/execution", "bot/journal")
MAY_CATCH_ALL = ("bot/loop.py", "bot/cli", "bot/venues/asking.py", "bot/keys/ring.py")

# A file that may use float, and why. Money, sizes and prices never do.
FLOAT_ALLOWED = {"bot/execution/patience.py": "tenacity counts waits in float seconds"}

MAX_FILE_LINES = 350
MAX_ROW_LINES = 500  # a venue written down as data is one subject, however long
MAX_ROW_LINES = 500  # a venue written down as data is one subject, however long
MAX_FUNCTION_LINES = 60


def words(name: str) -> set[str]:
    """Return the words of a snake_case or CamelCase name, in lower case."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def says_what_it_is(source: Source) -> Iterator[str]:
    """A module opens with a docstring of at least a sentence."""
    docstring = ast.get_docstring(source.tree) or ""
    first = docstring.partition("\n\n")[0].strip()
    if len(first.split()) < 3 or first[-1] not in ".:?":
        yield f"{source.path}: no docstring of at least a sentence"


def has_one_subject(source: Source) -> Iterator[str]:
    """A file stays short enough to be about one thing."""
    lines = source.text.count("\n")
    allowed = MAX_ROW_LINES if source.is_in("bot/venues/rows") else MAX_FILE_LINES
    if lines > allowed:
        yield f"{source.path}: {lines} lines, {allowed} allowed"


def has_short_functions(source: Source) -> Iterator[str]:
    """A function fits on a screen."""
    for node in nodes(source, ast.FunctionDef, ast.AsyncFunctionDef):
        assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        if lines > MAX_FUNCTION_LINES:
            yield f"{source.at(node)}: {node.name} has {lines} lines, {MAX_FUNCTION_LINES} allowed"


def is_named_plainly(source: Source) -> Iterator[str]:
    """Modules, folders and classes carry words of the trade, not of the workshop."""
    for part in source.path.removesuffix(".py").split("/"):
        if words(part) & VAGUE:
            yield f"{source.path}: says {part}"
    for node in nodes(source, ast.ClassDef):
        assert isinstance(node, ast.ClassDef)
        if words(node.name) & VAGUE:
            yield f"{source.at(node)}: says {node.name}"


def catches_what_it_can_answer(source: Source) -> Iterator[str]:
    """`except Exception` stands once in the loop, the command line, where a venue is asked and where a keyring is."""
    caught = [source.at(node) for node in nodes(source, ast.ExceptHandler) if _is_catch_all(node)]
    yield from caught[1:] if source.is_in(*MAY_CATCH_ALL) else caught


def _is_catch_all(node: ast.AST) -> bool:
    assert isinstance(node, ast.ExceptHandler)
    kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    names = {getattr(kind, "id", "") for kind in kinds if kind is not None}
    return node.type is None or not names.isdisjoint({"Exception", "BaseException"})


def counts_exactly(source: Source) -> Iterator[str]:
    """Where money is counted there is no float: no name `float`, no float literal."""
    if not source.is_in(*EXACT) or source.path in FLOAT_ALLOWED:
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name) and node.id == "float":
            yield f"{source.at(node)}: names float"
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield f"{source.at(node)}: holds the float {node.value}"


def waits_for_nothing(source: Source) -> Iterator[str]:
    """The core neither awaits nor yields to a loop."""
    kinds = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)
    if source.is_in(*CORE):
        yield from (f"{source.at(node)}: waits" for node in nodes(source, *kinds))


def leaves_approval_to_the_gate(source: Source) -> Iterator[str]:
    """Only the risk gate says Approved(…)."""
    if source.path == "bot/risk/gate.py":
        return
    for node in nodes(source, ast.Call):
        assert isinstance(node, ast.Call)
        called = node.func
        name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
        if name == "Approved":
            yield f"{source.at(node)}: makes Approved"


def fakes_instead_of_mocking(source: Source) -> Iterator[str]:
    """A fake is written out; nothing is mocked."""
    for node in nodes(source, ast.Import, ast.ImportFrom):
        assert isinstance(node, ast.Import | ast.ImportFrom)
        module = getattr(node, "module", None) or ""
        names = {alias.name for alias in node.names} | {f"{module}.{alias.name}" for alias in node.names}
        if any(name.startswith(("unittest.mock", "mock.")) or name == "mock" for name in {*names, module}):
            yield f"{source.at(node)}: imports a mock"
