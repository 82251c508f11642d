"""One policy file being read: values come out checked, faults are collected with their lines."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

from bot.domain.policy import Band
from bot.policy_file.faults import Fault, Path, bound, figure, path_text, shown

MAX_DECIMALS = 18
MAX_DIGITS = 28
MOST_UNKNOWN = 20
LARGEST = Decimal(10) ** 15
HUNDRED = Decimal(100)
ASSET = re.compile(r"[A-Z0-9]{1,20}")
_NUMERIC = re.compile(r"\s*-?[0-9]{1,12}(\.[0-9]{1,12})?\s*%?\s*")
EDGES = ("low", "target", "high")


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """The numbers a key may hold: `what` says the unit or share of what, `example` is for a missing key."""

    what: str
    low: Decimal
    high: Decimal
    example: str
    above_low: bool = False
    whole: bool = False
    fraction: bool = False

    @property
    def text(self) -> str:
        """What is allowed, in words."""
        start = f"above {bound(self.low)} and up to" if self.above_low else f"from {bound(self.low)} to"
        return f"{self.what} {start} {bound(self.high)}"

    def holds(self, number: Decimal) -> bool:
        """Whether `number` is inside."""
        return self.low <= number <= self.high and not (self.above_low and number == self.low)


class Page:
    """The values of one file and the faults found in it so far."""

    def __init__(self, tree: Mapping[str, object], lines: Mapping[Path, int]) -> None:
        self.tree = tree
        self.lines = lines
        self.faults: list[Fault] = []

    def blame(self, path: Path, says: str) -> None:
        """Add a fault at `path`, or at the nearest parent whose line is known."""
        places = (self.lines.get(path[:length]) for length in range(len(path), 0, -1))
        line = next((place for place in places if place is not None), None)
        self.faults.append(Fault(path=path, line=line, says=says))

    def missing(self, path: Path, example: str) -> None:
        """Add the fault that a needed key is not there, with a line to add."""
        where = f" under [{path_text(path[:-1])}]" if len(path) > 1 else " at the top"
        self.blame(path, f"is missing; add{where}: {example}")

    def value(self, path: Path) -> object | None:
        """Return what stands at `path`, None where nothing does. TOML itself has no null.

        The entries of a list of tables are "1", "2" and so on.
        """
        found: object | None = self.tree
        for key in path:
            if isinstance(found, list):
                found = {str(number): entry for number, entry in enumerate(found, 1)}
            found = found.get(key) if isinstance(found, dict) else None
        return found

    def table(self, path: Path, example: str = "") -> Mapping[str, object] | None:
        """Return the table at `path`; None, with a fault, where it is missing (if needed) or no table."""
        found = self.value(path)
        if isinstance(found, dict):
            return found
        if found is not None:
            hint = example or f"write it as [{path_text(path)}] with keys below"
            self.blame(path, f"is {shown(found)}; keys with values are needed; {hint}")
        elif example:
            self.missing(path, example)
        return None

    def known_keys(self, path: Path, keys: Collection[str], elsewhere: Mapping[str, str] | None = None) -> None:
        """Blame each key of the table at `path` that is not in `keys`, with the one that was meant."""
        found = self.value(path)
        unknown = [key for key in found if key not in keys] if isinstance(found, dict) else []
        for key in unknown[:MOST_UNKNOWN]:
            self.blame((*path, key), f"is not a known key; {meant(key, keys, elsewhere or {})}")
        if len(unknown) > MOST_UNKNOWN:
            self.blame(path, f"holds {len(unknown) - MOST_UNKNOWN} more unknown keys; remove them")

    def number(self, path: Path, allowed: Allowed, default: Decimal | None = None) -> Decimal | None:
        """Return the number at `path`, or the default; None, with a fault, when it cannot be used."""
        found = self.value(path)
        if found is None:
            if default is None:
                self.missing(path, f"{path[-1]} = {allowed.example}")
            return default
        wrong = refusal(found, allowed)
        if wrong:
            self.blame(path, f"is {shown(found)}; allowed: {allowed.text}; {wrong}")
            return None
        return Decimal(str(found)) + 0

    def whole(self, path: Path, allowed: Allowed) -> int | None:
        """Return the whole number at `path`; None where it is not given or, with a fault, is wrong."""
        if self.value(path) is None:
            return None
        number = self.number(path, allowed)
        return None if number is None else int(number)

    def text(self, path: Path, pattern: re.Pattern[str], allowed: str, example: str) -> str | None:
        """Return the text at `path` when it has the pattern, else None with a fault."""
        found = self.value(path)
        if found is None:
            self.missing(path, f"{path[-1]} = {example}")
            return None
        if isinstance(found, str) and pattern.fullmatch(found):
            return found
        self.blame(path, f"is {shown(found)}; allowed: {allowed}; write: {path[-1]} = {example}")
        return None

    def band(self, path: Path, allowed: Allowed, default: Band | None = None) -> Band | None:
        """Return the band { low, target, high } at `path`, or the default; None, with faults, if wrong."""
        if self.value(path) is None and default is not None:
            return default
        example = f"{path[-1]} = {allowed.example}"
        if self.table(path, example) is None:
            return None
        self.known_keys(path, EDGES)
        edge = _edge_of(allowed)
        low, target, high = (self.number((*path, name), edge) for name in EDGES)
        if low is None or target is None or high is None:
            return None
        if low <= target <= high:
            return Band(low=low, target=target, high=high)
        self.blame(path, inverted(path[-1], (low, target, high)))
        return None

    def coins(self, path: Path, assets: Collection[str]) -> dict[str, Decimal]:
        """Return the coins by core asset of an optional table such as core.never_sell."""
        if self.table(path) is None:
            return {}
        self.known_keys(path, assets)
        allowed = Allowed(what="coins", low=Decimal(0), high=LARGEST, example="1")
        found = {
            asset: self.number((*path, asset), allowed) for asset in assets if self.value((*path, asset)) is not None
        }
        return {asset: number for asset, number in found.items() if number is not None}


def _edge_of(allowed: Allowed) -> Allowed:
    return Allowed(
        what=allowed.what, low=allowed.low, high=allowed.high, example=figure(allowed.low), fraction=allowed.fraction
    )


def meant(key: str, keys: Collection[str], elsewhere: Mapping[str, str]) -> str:
    """Return the mend for an unknown key: its right place, the key that looks like it, or all of them."""
    if key in elsewhere:
        return elsewhere[key]
    close = get_close_matches(key[:60], keys, n=1) or get_close_matches(key[:60].upper(), keys, n=1)
    if close:
        return f"did you mean {close[0]}?"
    shortlist = sorted(keys)
    listed = ", ".join(shortlist[:8]) + (", …" if len(shortlist) > 8 else "")  # noqa: PLR2004
    return f"remove it; known here: {listed}"


def inverted(key: str, edges: tuple[Decimal, Decimal, Decimal]) -> str:
    """Return what to say of a band out of order: which numbers to swap, and the line as it should be."""
    rising = sorted(edges)
    moved = [name for name, is_, should in zip(EDGES, edges, rising, strict=True) if is_ != should]
    found = ", ".join(f"{name} {figure(edge)}" for name, edge in zip(EDGES, edges, strict=True))
    mend = f"swap {moved[0]} and {moved[1]}" if len(moved) == 2 else "put them in rising order"  # noqa: PLR2004
    line = ", ".join(f"{name} = {figure(edge)}" for name, edge in zip(EDGES, rising, strict=True))
    return f"is {found}; allowed: low <= target <= high; {mend}: {key} = {{ {line} }}"


def refusal(found: object, allowed: Allowed) -> str:
    """Return why `found` cannot be the number wanted and what to write, or nothing when it can."""
    if isinstance(found, str):
        return _unquoted(found)
    if isinstance(found, bool) or not isinstance(found, int | Decimal):
        return f"write a number: {allowed.example}"
    if isinstance(found, int) and abs(found) > LARGEST:
        return "write a smaller number"
    number = Decimal(found)
    wrong = _unusable(number, allowed)
    if not wrong and allowed.whole and not isinstance(found, int):
        wrong = "write a whole number, without a point"
    if wrong or allowed.holds(number):
        return wrong
    return _out_of_range(number, allowed)


def _unquoted(found: str) -> str:
    """Return the mend for a number written as text."""
    if not _NUMERIC.fullmatch(found):
        return "write a number without quotes"
    bare = found.strip()
    if bare.endswith("%"):
        return f"write a fraction without quotes: {figure(Decimal(bare.rstrip('% ')) / HUNDRED)}"
    return f"remove the quotes: {bare}"


def _unusable(number: Decimal, allowed: Allowed) -> str:
    """Return the mend for what no key may hold: not finite, too large, more digits than are exact."""
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):
        return f"write a finite number: {allowed.example}"
    if exponent < -MAX_DECIMALS or len(number.as_tuple().digits) > MAX_DIGITS:
        return f"write at most {MAX_DECIMALS} decimals and {MAX_DIGITS} digits"
    return "write a smaller number" if abs(number) > LARGEST else ""


def _out_of_range(number: Decimal, allowed: Allowed) -> str:
    """Return the mend for a number outside its bounds; most often a percentage, or a lost sign."""
    if allowed.fraction and abs(number) >= 2 * max(abs(allowed.low), abs(allowed.high)):
        for divisor, unit in ((HUNDRED, "a percentage"), (HUNDRED * HUNDRED, "basis points")):
            if allowed.holds(number / divisor):
                return f"{figure(number)} looks like {unit}: write {figure(number / divisor)}"
    if number and allowed.holds(-number):
        return f"the sign is the other way round: write {figure(-number)}"
    return f"write a {'smaller' if number > allowed.high else 'larger'} number: {allowed.example}"


def asset_fault(name: str) -> str:
    """Return what is wrong with an asset's name, or nothing."""
    if ASSET.fullmatch(name):
        return ""
    allowed = "is not an asset's name; allowed: 1 to 20 capital letters and digits"
    upper = name.strip().upper()
    mend = f"write {upper}" if ASSET.fullmatch(upper) and upper.isascii() else "write it as the venue does: BTC"
    return f"{allowed}; {mend}"
