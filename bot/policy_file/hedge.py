"""The [hedge] section: how much is sold short, with which contracts, and what it may cost."""

from collections.abc import Collection
from decimal import Decimal

from bot.domain.instrument import Kind
from bot.domain.numbers import ONE, ZERO
from bot.domain.policy import Band, HedgeRules
from bot.policy_file.choices import some_of, word
from bot.policy_file.faults import shown
from bot.policy_file.page import Allowed, Page
from bot.policy_file.ratio_rules import read_cross, read_ratio_rules

HEDGE_KEYS = (
    "ratio", "assets", "instrument", "choices", "outer", "inner", "leverage", "transfers", "horizon_days",
    "roll_days", "rules", "daily_change", "cross",
)  # fmt: skip
CONTRACTS = tuple(kind for kind in Kind if not kind.is_spot)
CHEAPEST = "cheapest"
MAKE, ADVISE = "make", "advise"

RATIO = Allowed(
    what="a share of the core's delta", low=ZERO, high=ONE, fraction=True,
    example="{ low = 0.00, target = 0.15, high = 0.20 }",
)  # fmt: skip
LEVERAGE = Allowed(
    what="gross futures notional over futures wallet equity", low=Decimal("0.25"), high=Decimal(5),
    example="{ low = 1.5, target = 2, high = 3 }",
)  # fmt: skip
GAP = Allowed(what="a share of equity", low=ZERO, high=Decimal("0.2"), fraction=True, above_low=True, example="0.01")
INNER_GAP = Allowed(what="a share of equity", low=ZERO, high=Decimal("0.2"), fraction=True, example="0.005")
DEFAULT_LEVERAGE = Band(low=Decimal("1.5"), target=Decimal(2), high=Decimal(3))
DAYS_AHEAD = Allowed(what="days", low=ONE, high=Decimal(365), example="30")
DAYS_BEFORE = Allowed(what="days", low=ONE, high=Decimal(60), example="7")
DAILY_CHANGE = Allowed(
    what="a share of the core's delta", low=ZERO, high=ONE, fraction=True, above_low=True, example="0.10"
)
USUAL_HORIZON = Decimal(30)
USUAL_ROLL = Decimal(7)
USUAL_CHANGE = Decimal("0.1")


def read_hedge(page: Page, assets: Collection[str]) -> HedgeRules | None:
    """Return the hedge's rules; None where there is no [hedge], or with faults."""
    section = ("hedge",)
    if page.table(section) is None:
        return None
    page.known_keys(section, HEDGE_KEYS)
    ratio = page.band((*section, "ratio"), RATIO)
    overrides = _overrides(page, assets)
    kinds = _kinds(page)
    gaps = _gaps(page)
    leverage = page.band((*section, "leverage"), LEVERAGE, DEFAULT_LEVERAGE)
    advise = advises(page, (*section, "transfers"))
    times = _times(page)
    targets = (*(band.target for band in overrides.values()), *([ratio.target] if ratio else []))
    rules = read_ratio_rules(page, ratio, targets)
    cross = read_cross(page, tuple(assets))
    if ratio is None or kinds is None or gaps is None or leverage is None or times is None or advise is None:
        return None
    return HedgeRules(
        ratio=ratio,
        overrides=overrides,
        instrument=kinds[0],
        outer=gaps[0],
        inner=gaps[1],
        leverage=leverage,
        advise_transfers=advise,
        choices=kinds if page.value((*section, "instrument")) == CHEAPEST else (),
        horizon_days=times[0],
        roll_days=times[1],
        rules=rules,
        daily_change=times[2],
        cross=cross,
    )


def advises(page: Page, path: tuple[str, ...]) -> bool | None:
    """Return whether transfers are said and not made; None, with a fault, where the word is neither."""
    found = word(page, path, (MAKE, ADVISE), MAKE)
    return None if found is None else found == ADVISE


def _overrides(page: Page, assets: Collection[str]) -> dict[str, Band]:
    path = ("hedge", "assets")
    if page.table(path) is None:
        return {}
    page.known_keys(path, assets)
    found = {asset: page.band((*path, asset), RATIO) for asset in assets if page.value((*path, asset)) is not None}
    return {asset: band for asset, band in found.items() if band is not None}


def _kinds(page: Page) -> tuple[Kind, ...] | None:
    """Return the contracts to hedge with, the preferred one first; None, with faults, where they are unclear."""
    path, listed = ("hedge", "instrument"), ("hedge", "choices")
    found = word(page, path, (*(kind.value for kind in CONTRACTS), CHEAPEST))
    if found == CHEAPEST:
        return some_of(page, listed, CONTRACTS)
    if found is not None and page.value(listed) is not None:
        page.blame(
            listed,
            f'is {shown(page.value(listed))} beside instrument = "{found}", and would never be read; '
            f'write instrument = "{CHEAPEST}" or remove choices',
        )
    return tuple(kind for kind in CONTRACTS if kind.value == found) or None


def _gaps(page: Page) -> tuple[Decimal, Decimal] | None:
    section = ("hedge",)
    outer = page.number((*section, "outer"), GAP, Decimal("0.01"))
    inner = page.number((*section, "inner"), INNER_GAP, Decimal("0.005"))
    if outer is None or inner is None:
        return None
    if inner >= outer:
        path = (*section, "inner" if page.value((*section, "inner")) is not None else "outer")
        page.blame(path, f"makes inner {inner} and outer {outer}; inner must be smaller; write inner = {outer / 2}")
    return outer, inner


def _times(page: Page) -> tuple[Decimal, Decimal, Decimal] | None:
    """Return the horizon and the roll window in days, and the most the ratio may change a day."""
    section = ("hedge",)
    horizon = page.number((*section, "horizon_days"), DAYS_AHEAD, USUAL_HORIZON)
    roll = page.number((*section, "roll_days"), DAYS_BEFORE, USUAL_ROLL)
    change = page.number((*section, "daily_change"), DAILY_CHANGE, USUAL_CHANGE)
    return None if horizon is None or roll is None or change is None else (horizon, roll, change)
