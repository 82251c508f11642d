"""The source keeps the rules of style, and each rule would notice if it did not."""

import pytest

from tests.architecture import rules
from tests.architecture.rules import Rule
from tests.architecture.sources import ROOT, read, sources

OF_THE_PACKAGE = (
    rules.says_what_it_is,
    rules.has_one_subject,
    rules.has_short_functions,
    rules.is_named_plainly,
    rules.catches_what_it_can_answer,
    rules.counts_exactly,
    rules.waits_for_nothing,
    rules.leaves_approval_to_the_gate,
    rules.fakes_instead_of_mocking,
)


def name(rule: object) -> str:
    """Return a rule's name for the test's id."""
    return getattr(rule, "__name__", str(rule)).replace("_", "-")


@pytest.mark.parametrize("rule", OF_THE_PACKAGE, ids=name)
def test_the_package_keeps_the_rule(rule: Rule) -> None:
    """No file below bot breaks the rule."""
    assert [place for source in sources("bot") for place in rule(source)] == []


@pytest.mark.parametrize("rule", [rules.fakes_instead_of_mocking, rules.has_short_functions], ids=name)
def test_the_tests_keep_the_rule(rule: Rule) -> None:
    """No file below tests breaks the rule."""
    assert [place for source in sources("tests") for place in rule(source)] == []


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (rules.says_what_it_is, "bot/a.py", "x = 1\n"),
        (rules.says_what_it_is, "bot/a.py", '"""Things"""\n'),
        (rules.has_one_subject, "bot/a.py", "x = 1\n" * 351),
        (rules.has_short_functions, "bot/a.py", "def f():\n" + "    x = 1\n" * 60),
        (rules.is_named_plainly, "bot/order_utils.py", ""),
        (rules.is_named_plainly, "bot/a.py", "class BaseExchange: ..."),
        (rules.is_named_plainly, "bot/a.py", "class OrderManager: ..."),
        (rules.catches_what_it_can_answer, "bot/a.py", "try: f()\nexcept Exception: ..."),
        (rules.catches_what_it_can_answer, "bot/a.py", "try: f()\nexcept: ..."),
        (rules.catches_what_it_can_answer, "bot/loop.py", "try: f()\nexcept Exception: ...\n" * 2),
        (rules.counts_exactly, "bot/risk/a.py", "x = float('1')"),
        (rules.counts_exactly, "bot/domain/a.py", "x = 0.1"),
        (rules.counts_exactly, "bot/journal/a.py", "x: list[float]"),
        (rules.waits_for_nothing, "bot/decide.py", "async def f(): ..."),
        (rules.leaves_approval_to_the_gate, "bot/execution/a.py", "x = Approved(proposal=p)"),
        (rules.leaves_approval_to_the_gate, "bot/cli/a.py", "x = plan.Approved(proposal=p)"),
        (rules.fakes_instead_of_mocking, "tests/a.py", "from unittest import mock"),
        (rules.fakes_instead_of_mocking, "tests/a.py", "from unittest.mock import Mock"),
    ],
)
def test_the_rule_notices(rule: Rule, path: str, text: str) -> None:
    """A planted offence is found."""
    assert list(rule(read(text, path)))


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (rules.catches_what_it_can_answer, "bot/loop.py", "try: f()\nexcept Exception: ..."),
        (rules.counts_exactly, "bot/risk/a.py", "x = Decimal('0.1')\ny = 1"),
        (rules.counts_exactly, "bot/report/a.py", "x = 0.1"),
        (rules.waits_for_nothing, "bot/loop.py", "async def f(): ..."),
        (rules.leaves_approval_to_the_gate, "bot/risk/gate.py", "x = Approved(proposal=p)"),
        (rules.is_named_plainly, "bot/a.py", "class Baseline: ...\nclass Order:\n    base: str"),
    ],
)
def test_the_rule_lets_pass(rule: Rule, path: str, text: str) -> None:
    """What the rule allows is not reported."""
    assert list(rule(read(text, path))) == []


def test_the_migrations_folder_is_no_package() -> None:
    """The folder alembic/ holds no __init__.py: it would hide the library of that name."""
    assert not (ROOT / "alembic" / "__init__.py").exists()
