"""Every bad policy file of tests/corpus is refused with the words that mend it."""

import tomllib
from pathlib import Path

import pytest

from bot.errors import PolicyRefused
from bot.policy_file import parse_policy

ROOT = Path(__file__).parents[2]
BALANCED = (ROOT / "policies" / "balanced.toml").read_text(encoding="utf-8")
CASES = tomllib.loads((ROOT / "tests" / "corpus" / "policies.toml").read_text(encoding="utf-8"))


def edited(case: dict[str, object]) -> str:
    """Return the text of a case: balanced.toml with its edits, or the whole text it gives."""
    text = case.get("text")
    if isinstance(text, str):
        return text
    result = BALANCED
    edits = case["edits"]
    assert isinstance(edits, list)
    for old, new in edits:
        assert old in result, f"the corpus edits {old!r}, which balanced.toml no longer holds"
        replacement = new.replace("¶", "\n")
        result = result.replace(old, replacement) if old else f"{result}\n{replacement}\n"
    return result


@pytest.mark.parametrize("name", CASES)
def test_a_bad_policy_is_refused_with_words_that_mend_it(name: str) -> None:
    """F79 and F103: what was found, what is allowed, how to mend."""
    with pytest.raises(PolicyRefused) as caught:
        parse_policy(edited(CASES[name]), "mine.toml")
    printed = "\n".join(caught.value.faults)
    for words in CASES[name]["words"]:
        assert words in printed, printed


@pytest.mark.parametrize("name", CASES)
def test_each_fault_is_one_printable_line_that_names_the_file(name: str) -> None:
    """One line a fault, so that editors and scripts can jump to it."""
    with pytest.raises(PolicyRefused) as caught:
        parse_policy(edited(CASES[name]), "mine.toml")
    for fault in caught.value.faults:
        assert fault.startswith("mine.toml")
        assert fault.isprintable()


def test_the_corpus_holds_at_least_a_hundred_different_files() -> None:
    """Edits that change nothing would be no cases."""
    assert len({edited(case) for case in CASES.values()}) >= 100
