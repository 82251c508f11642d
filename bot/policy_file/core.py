"""The [core] section: the spot coins, their shares, and how far each may drift."""

from collections.abc import Collection, Mapping
from decimal import Decimal

from bot.domain.numbers import ONE, ZERO
from bot.domain.policy import CoreRules
from bot.policy_file.faults import Path, figure, path_text
from bot.policy_file.page import Allowed, Page, asset_fault

KEYS = (
    "band", "assets", "half_width", "half_widths", "risk_aversion", "destination", "never_sell", "held_elsewhere",
)  # fmt: skip
MOST_ASSETS = 50
OPTIMAL = "optimal"
FINEST_SHARE = Decimal("0.0001")

BAND = Allowed(
    what="a share of equity", low=ZERO, high=ONE, fraction=True, example="{ low = 0.60, target = 0.70, high = 0.80 }"
)
SHARE = Allowed(what="a share of the core", low=ZERO, high=ONE, fraction=True, above_low=True, example="0.50")
WIDTH = Allowed(
    what='"optimal", or a share of the core', low=ZERO, high=ONE, fraction=True, above_low=True, example='"optimal"'
)
RISK_AVERSION = Allowed(what="a number", low=ONE, high=Decimal(10), example="3")
DESTINATION = Allowed(
    what="a share of the way from target to edge", low=ZERO, high=Decimal("0.9"), fraction=True, example="0.75"
)


def read_core(page: Page) -> CoreRules | None:
    """Return the core's rules; None, with the faults on the page, when any of them is missing or wrong."""
    section = ("core",)
    if page.table(section, 'a section [core] with band, assets and half_width = "optimal"') is None:
        return None
    page.known_keys(section, KEYS)
    band = page.band((*section, "band"), BAND)
    assets = _shares(page)
    names = asset_names(page)
    widths = _half_widths(page, names, assets or {})
    risk_aversion = page.number((*section, "risk_aversion"), RISK_AVERSION, Decimal(3))
    destination = page.number((*section, "destination"), DESTINATION, Decimal("0.75"))
    never_sell = page.coins((*section, "never_sell"), names)
    held_elsewhere = page.coins((*section, "held_elsewhere"), names)
    if band is None or assets is None or risk_aversion is None or destination is None:
        return None
    return CoreRules(
        band=band,
        assets=assets,
        half_widths=widths,
        risk_aversion=risk_aversion,
        destination=destination,
        never_sell=never_sell,
        held_elsewhere=held_elsewhere,
    )


def asset_names(page: Page) -> Collection[str]:
    """Return the core's assets as written, so that one bad share does not blame the other sections."""
    found = page.value(("core", "assets"))
    return tuple(found)[:MOST_ASSETS] if isinstance(found, dict) else ()


def _shares(page: Page) -> dict[str, Decimal] | None:
    """Return each asset's share of the core; None, with faults, unless all are right and sum to 1."""
    path = ("core", "assets")
    found = page.table(path, "assets = { BTC = 0.50, ETH = 0.30, SOL = 0.20 }")
    if found is None:
        return None
    if not 1 <= len(found) <= MOST_ASSETS:
        page.blame(path, f"holds {len(found)} assets; allowed: 1 to {MOST_ASSETS}; write: assets = {{ BTC = 1.00 }}")
        return None
    shares = {name: _share(page, name) for name in found}
    known = {name: share for name, share in shares.items() if share is not None}
    if len(known) < len(shares):
        return None
    total = sum(known.values(), ZERO)
    if total == 1:
        return known
    line = ", ".join(f"{name} = {figure(share)}" for name, share in scaled(known).items())
    page.blame(
        path, f"sum to {figure(total)}; allowed: shares of the core that sum to 1.00; write: assets = {{ {line} }}"
    )
    return None


def _share(page: Page, name: str) -> Decimal | None:
    path = ("core", "assets", name)
    wrong = asset_fault(name)
    if wrong:
        page.blame(path, wrong)
        return None
    if name == page.value(("quote",)):
        page.blame(path, f"is the quote currency; what is not core is held in {name} by itself; remove it here")
        return None
    return page.number(path, SHARE)


def scaled(shares: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Return the shares in the same proportions with a sum of exactly 1; the largest takes the rounding."""
    total = sum(shares.values(), ZERO)
    result = {name: max(FINEST_SHARE, (share / total).quantize(FINEST_SHARE)) for name, share in shares.items()}
    largest = max(result, key=lambda name: result[name])
    result[largest] += 1 - sum(result.values(), ZERO)
    return result


def _half_widths(page: Page, names: Collection[str], assets: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Return the half-widths given as numbers; an asset left out gets the optimal one from the planner."""
    general = ("core", "half_width")
    if page.value(general) is None:
        page.missing(general, 'half_width = "optimal"')
    result = dict.fromkeys(assets, width) if (width := _half_width(page, general)) is not None else {}
    special = ("core", "half_widths")
    if page.table(special) is not None:
        page.known_keys(special, names)
        for name in names:
            if page.value((*special, name)) is not None:
                result.pop(name, None)
                own = _half_width(page, (*special, name))
                result |= {} if own is None else {name: own}
    for name, width in result.items():
        if width >= assets.get(name, ONE):
            _blame_wide(page, name, width, assets[name])
    return result


def _half_width(page: Page, path: tuple[str, ...]) -> Decimal | None:
    """Return the half-width at `path`; None for "optimal", for nothing, or with a fault."""
    found = page.value(path)
    return None if found is None or found == OPTIMAL else page.number(path, WIDTH)


def _blame_wide(page: Page, name: str, width: Decimal, share: Decimal) -> None:
    path: Path = ("core", "half_widths", name)
    if page.value(path) is None:
        path = ("core", "half_width")
    page.blame(
        path,
        f"is {figure(width)}, not below the share of {name}, {figure(share)}: its band would reach zero; "
        f'write "{OPTIMAL}" or a smaller number, for {name} alone under [{path_text(("core", "half_widths"))}]',
    )
