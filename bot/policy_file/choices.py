"""Keys that choose: one word of several, yes or no, a list of words, a list of tables."""

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import TypeVar

from bot.policy_file.faults import Path, quoted, shown
from bot.policy_file.page import ASSET, Page, asset_fault, meant

W = TypeVar("W", bound=StrEnum)

MOST_ROWS = 20
MOST_WORDS = 10


def word(page: Page, path: Path, allowed: Sequence[str], default: str | None = None) -> str | None:
    """Return the word at `path`, or the default; None, with a fault, where it is none of `allowed`."""
    found = page.value(path)
    if found is None:
        if default is None:
            page.missing(path, f'{path[-1]} = "{allowed[0]}"')
        return default
    if isinstance(found, str) and found in allowed:
        return found
    page.blame(path, f"is {shown(found)}; allowed: {listed(allowed)}; {_mend(path[-1], found, allowed)}")
    return None


def one_of(page: Page, path: Path, kinds: Sequence[W], default: W | None = None) -> W | None:
    """Return the member of an enumeration at `path`, or the default; None, with a fault, where it is none."""
    found = word(page, path, [kind.value for kind in kinds], None if default is None else default.value)
    return next((kind for kind in kinds if kind.value == found), None)


def some_of(page: Page, path: Path, kinds: Sequence[W], default: tuple[W, ...] | None = None) -> tuple[W, ...] | None:
    """Return the members listed at `path`, or the default; None, with faults, where one is none of `kinds`."""
    found = page.value(path)
    if found is None and default is not None:
        return default
    names = _list(page, path, f'{path[-1]} = ["{kinds[0].value}"]')
    if names is None:
        return None
    known = {kind.value: kind for kind in kinds}
    wrong = [says for n, name in enumerate(names) if (says := _wrong_word(names, n, tuple(known)))]
    for says in wrong:
        page.blame(path, says)
    return None if wrong else tuple(known[name] for name in names)


def asset_list(page: Page, path: Path, example: str) -> tuple[str, ...] | None:
    """Return the coins listed at `path`; None, with faults, where there are none or one is not a coin's name."""
    names = _list(page, path, example)
    if names is None:
        return None
    quote = page.value(("quote",))
    wrong = [says for n in range(len(names)) if (says := _wrong_asset(names, n, quote))]
    for says in wrong:
        page.blame(path, says)
    return None if wrong else tuple(names)


def asset(page: Page, path: Path) -> str | None:
    """Return the coin at `path`; None, with a fault, where there is none or it is no coin's name."""
    found = page.value(path)
    if found is None:
        page.missing(path, f'{path[-1]} = "BTC"')
    elif not isinstance(found, str):
        page.blame(path, f'is {shown(found)}; allowed: the name of a coin; write: {path[-1]} = "BTC"')
    elif wrong := _asset_wrong(found, page.value(("quote",))):
        page.blame(path, wrong)
    else:
        return found
    return None


def flag(page: Page, path: Path, *, default: bool) -> bool | None:
    """Return true or false from `path`, or the default; None, with a fault, where it is neither."""
    found = page.value(path)
    if found is None:
        return default
    if isinstance(found, bool):
        return found
    page.blame(path, f"is {shown(found)}; allowed: true or false, without quotes; write: {path[-1]} = true")
    return None


def rows(page: Page, path: Path, example: str) -> tuple[Path, ...]:
    """Return the paths of the tables [[…]] at `path`, none where nothing stands; anything else is a fault."""
    found = page.value(path)
    if found is None:
        return ()
    heading = f"[[{'.'.join(path)}]]"
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        page.blame(path, f"is {shown(found)}; allowed: one heading {heading} for each; write: {heading} {example}")
        return ()
    if len(found) > MOST_ROWS:
        page.blame(path, f"holds {len(found)} rules; allowed: at most {MOST_ROWS}; remove some")
        return ()
    return tuple((*path, str(number)) for number in range(1, len(found) + 1))


def unlike_names(page: Page, paths: Sequence[Path]) -> None:
    """Blame each rule that bears the name of an earlier one: memory and reports know a rule by its name."""
    seen: set[object] = set()
    for path in paths:
        name = page.value((*path, "name"))
        if isinstance(name, str) and name in seen:
            page.blame((*path, "name"), f"is {shown(name)}, the name of an earlier rule; give each its own")
        seen.add(name if isinstance(name, str) else None)


def listed(words: Collection[str]) -> str:
    """Return words in quotes, the last joined by or."""
    quoted_words = [f'"{one}"' for one in words]
    return " or ".join(filter(None, (", ".join(quoted_words[:-1]), quoted_words[-1])))


def _mend(key: str, found: object, allowed: Sequence[str]) -> str:
    hint = meant(found, allowed, {}) if isinstance(found, str) else ""
    return hint if hint.startswith("did you mean") else f'write: {key} = "{allowed[0]}"'


def _list(page: Page, path: Path, example: str) -> list[str] | None:
    found = page.value(path)
    if found is None:
        page.missing(path, example)
        return None
    names = [name for name in found if isinstance(name, str)] if isinstance(found, list) else []
    if isinstance(found, list) and 1 <= len(found) <= MOST_WORDS and len(names) == len(found):
        return names
    page.blame(path, f"is {shown(found)}; allowed: a list of 1 to {MOST_WORDS} names; write: {example}")
    return None


def _wrong_word(names: list[str], position: int, allowed: Sequence[str]) -> str:
    name = names[position]
    if name not in allowed:
        hint = meant(name, allowed, {})
        mend = f"; {hint}" if hint.startswith("did you mean") else ""
        return f"holds {quoted(name)}; allowed: {listed(allowed)}{mend}"
    return f"holds {name} twice; remove one" if name in names[:position] else ""


def _wrong_asset(names: list[str], position: int, quote: object) -> str:
    name = names[position]
    wrong = _asset_wrong(name, quote)
    if wrong:
        return f"holds {quoted(name)}, which {wrong}"
    return f"holds {name} twice; remove one" if name in names[:position] else ""


def _asset_wrong(name: str, quote: object) -> str:
    if not ASSET.fullmatch(name):
        return asset_fault(name)
    return "is the quote currency; a coin is meant" if name == quote else ""
