"""The keys of a tactical rule that say which signal it follows, and over how many bars."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from bot.domain.numbers import ONE, ZERO
from bot.domain.rules import SignalKind
from bot.policy_file.choices import one_of
from bot.policy_file.faults import Path, shown
from bot.policy_file.page import Allowed, Page

# Which keys each signal needs, in the order of TacticalRule.periods, with what is written in an example.
PERIODS: Mapping[SignalKind, Mapping[str, str]] = {
    SignalKind.EMA_CROSS: {"fast": "20", "slow": "50"},
    SignalKind.PRICE_OVER_EMA: {"ema": "200"},
    SignalKind.SHORT_SQUEEZE: {"change": "3", "look_back": "90"},
}
OTHER_KEYS: Mapping[SignalKind, tuple[str, ...]] = MappingProxyType(
    {
        SignalKind.EMA_CROSS: ("bar_hours",),
        SignalKind.PRICE_OVER_EMA: ("bar_hours", "funding_above"),
        SignalKind.SHORT_SQUEEZE: ("interest_percentile", "funding_percentile"),
    }
)
SIGNAL_KEYS = (
    "fast", "slow", "ema", "change", "look_back", "bar_hours", "funding_above", "interest_percentile",
    "funding_percentile",
)  # fmt: skip
BAR_HOURS = (1, 2, 4, 8, 12, 24)

BARS = Allowed(what="whole bars", low=ONE, high=Decimal(365), whole=True, example="200")
FUNDING = Allowed(what="a fraction per 8 h", low=Decimal("-0.01"), high=Decimal("0.01"), example="0.0001")
PERCENTILE = Allowed(what="a share of the coin's own past", low=ZERO, high=ONE, fraction=True, example="0.90")

# The article's squeeze is rising interest and funding far below its past: the outer tenth of each.
USUAL_INTEREST = Decimal("0.9")
USUAL_FUNDING = Decimal("0.1")
DAILY = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """What a rule looks at: the fields of TacticalRule that say so, in their units."""

    kind: SignalKind
    periods: tuple[int, ...]
    bar_hours: int
    funding_floor: Decimal | None
    interest_percentile: Decimal
    funding_percentile: Decimal


def read_signal(page: Page, path: Path) -> Signal | None:
    """Return the signal of the rule at `path`; None, with faults, when it is unclear or a key is not its own."""
    kind = one_of(page, (*path, "signal"), tuple(SignalKind))
    hours = _bar_hours(page, path)
    given = page.value((*path, "funding_above")) is not None
    floor = page.number((*path, "funding_above"), FUNDING) if given else None
    interest = page.number((*path, "interest_percentile"), PERCENTILE, USUAL_INTEREST)
    funding = page.number((*path, "funding_percentile"), PERCENTILE, USUAL_FUNDING)
    if kind is None:
        return None
    _blame_strangers(page, path, kind)
    periods = _periods(page, path, kind)
    if periods is None or hours is None or interest is None or funding is None or (given and floor is None):
        return None
    return Signal(
        kind=kind,
        periods=periods,
        bar_hours=hours,
        funding_floor=floor,
        interest_percentile=interest,
        funding_percentile=funding,
    )


def _periods(page: Page, path: Path, kind: SignalKind) -> tuple[int, ...] | None:
    keys = tuple(PERIODS[kind])
    for key, example in PERIODS[kind].items():
        if page.value((*path, key)) is None:
            page.missing((*path, key), f"{key} = {example}")
    found = [page.whole((*path, key), BARS) for key in keys]
    periods = tuple(number for number in found if number is not None)
    if len(periods) < len(keys):
        return None
    if list(periods) != sorted(set(periods)):
        page.blame(
            (*path, keys[0]),
            f"is {periods[0]} and {keys[1]} {periods[1]}: {keys[0]} must be the smaller; "
            f"write {keys[0]} = {PERIODS[kind][keys[0]]} and {keys[1]} = {PERIODS[kind][keys[1]]}",
        )
        return None
    return periods


def _blame_strangers(page: Page, path: Path, kind: SignalKind) -> None:
    """Blame keys that belong to another signal: they would be read by nobody."""
    own = {*PERIODS[kind], *OTHER_KEYS[kind]}
    for key in SIGNAL_KEYS:
        if key not in own and page.value((*path, key)) is not None:
            page.blame((*path, key), f'is not read by signal = "{kind}"; its keys: {", ".join(sorted(own))}')


def _bar_hours(page: Page, path: Path) -> int | None:
    place = (*path, "bar_hours")
    found = page.value(place)
    if found is None:
        return DAILY
    if found in BAR_HOURS and isinstance(found, int) and not isinstance(found, bool):
        return found
    page.blame(place, f"is {shown(found)}; allowed: {', '.join(map(str, BAR_HOURS))}; write: bar_hours = {DAILY}")
    return None
