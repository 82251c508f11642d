"""Whether the sections of a policy can all be true at once; where not, the arithmetic and the mend."""

from collections.abc import Callable, Mapping
from decimal import ROUND_DOWN, Decimal
from typing import NamedTuple

from bot.domain.policy import CoreRules, HedgeRules, Limits, ReserveRules
from bot.domain.rules import CarryRules, SweepRules, TacticalRules
from bot.policy.hedge.thin_margin import (
    MAINTENANCE_RATE,
    at_high,
    at_target,
    collateral,
    hedge_distance,
    hedged_share,
    only_inverse,
)
from bot.policy_file.faults import figure, percent
from bot.policy_file.page import Page

CENT = Decimal("0.01")
TENTH = Decimal("0.1")


class Parts(NamedTuple):
    """The sections that share one equity."""

    core: CoreRules
    hedge: HedgeRules | None
    reserve: ReserveRules
    limits: Limits
    carry: CarryRules | None = None
    tactical: TacticalRules | None = None
    sweep: SweepRules | None = None


Check = Callable[[Page, Parts, HedgeRules], None]


def highest_leverage(distance: Decimal) -> Decimal:
    """Return the leverage, cut to a tenth, whose liquidation is still `distance` away."""
    return (1 / ((1 + distance) * (1 + MAINTENANCE_RATE) - 1)).quantize(TENTH, ROUND_DOWN)


def check_parts(page: Page, parts: Parts) -> None:
    """Add to the page what cannot be true together in sections that are right by themselves."""
    _check_room(page, parts)
    if parts.hedge is not None:
        for check in CHECKS:
            check(page, parts, parts.hedge)


def _check_room(page: Page, parts: Parts) -> None:
    core, hedge, reserve = parts.core, parts.hedge, parts.reserve.minimum
    ratio = hedged_share(core, hedge, at_high)
    margin = _besides_core(core.band.high, ratio, hedge)
    budgets = {name: sleeve.budget for name, sleeve in (("carry", parts.carry), ("tactical", parts.tactical)) if sleeve}
    total = core.band.high + reserve + margin + sum(budgets.values())
    if total <= 1:
        return
    terms = f"core {figure(core.band.high)} + reserve {figure(reserve)}"
    if hedge is not None and margin:
        made_of = f"hedge {figure(ratio)} × core {figure(core.band.high)} ÷ leverage {figure(hedge.leverage.target)}"
        terms += f" + futures collateral {_rounded(margin)} ({made_of})"
    terms += "".join(f" + {name} budget {figure(budget)}" for name, budget in budgets.items())
    page.blame(
        ("core", "band", "high"),
        f"leaves no room: {terms} = {_rounded(total)}; allowed: at most 1.00; "
        f"{_make_room(parts, margin and margin / core.band.high, budgets)}",
    )


def _besides_core(core_share: Decimal, ratio: Decimal, hedge: HedgeRules | None) -> Decimal:
    """Return the collateral that is not part of the core, a share of equity."""
    return Decimal(0) if hedge is None or only_inverse(hedge) else collateral(core_share, ratio, hedge)


def _make_room(parts: Parts, margin_per_core: Decimal, budgets: Mapping[str, Decimal]) -> str:
    """Return what to lower, with the highest core edge that fits when it is above the target."""
    mends = ["lower reserve.minimum"] if parts.reserve.minimum else []
    if margin_per_core:
        mends += ["lower hedge.ratio.high", "raise hedge.leverage.target"]
    mends += [f"lower {name}.budget" for name in budgets]
    left = 1 - parts.reserve.minimum - sum(budgets.values())
    fits = (left / (1 + margin_per_core)).quantize(CENT, ROUND_DOWN)
    first = f"write high = {figure(fits)}" if fits >= parts.core.band.target else "lower the core"
    return ", or ".join([first, *mends])


def _rounded(number: Decimal) -> str:
    return figure(number.quantize(Decimal("0.0001")))


def _check_hedge_ratio(page: Page, parts: Parts, hedge: HedgeRules) -> None:
    limit = parts.limits.max_hedge_ratio
    for asset in (None, *sorted(hedge.overrides)):
        band = hedge.ratio if asset is None else hedge.overrides[asset]
        if band.high > limit:
            path = ("hedge", "ratio", "high") if asset is None else ("hedge", "assets", asset, "high")
            page.blame(
                path,
                f"is {figure(band.high)}; allowed: at most limits.max_hedge_ratio, {figure(limit)}; "
                f"write high = {figure(limit)} or raise the limit",
            )


def _check_leverage_setting(page: Page, parts: Parts, hedge: HedgeRules) -> None:
    limit = parts.limits.max_leverage_setting
    if hedge.leverage.high > limit:
        page.blame(
            ("hedge", "leverage", "high"),
            f"is {figure(hedge.leverage.high)}; allowed: at most limits.max_leverage_setting, {figure(limit)}; "
            f"write high = {figure(limit)} or raise the limit",
        )


def _check_gross_leverage(page: Page, parts: Parts, hedge: HedgeRules) -> None:
    ratio, limit = hedged_share(parts.core, hedge, at_high), parts.limits.max_gross_leverage
    gross = ratio * parts.core.band.high
    if gross > limit:
        page.blame(
            ("hedge", "ratio", "high"),
            f"makes shorts of {_rounded(gross)} of equity (hedge {figure(ratio)} × core "
            f"{figure(parts.core.band.high)}); allowed: at most limits.max_gross_leverage, {figure(limit)}; "
            "lower the ratio or raise the limit",
        )


def _check_distance(page: Page, parts: Parts, hedge: HedgeRules) -> None:
    limit, target = parts.limits.min_liquidation_distance, hedge.leverage.target
    distance = hedge_distance(hedge, target)
    if distance is not None and distance < limit:
        page.blame(
            ("hedge", "leverage", "target"),
            f"is {figure(target)}: such a short is liquidated by a rally of {percent(distance)}, and every "
            f"hedge would be denied; allowed: limits.min_liquidation_distance, {percent(limit)}, or more; "
            f"write target = {figure(highest_leverage(limit))} or less",
        )


def _check_margin_share(page: Page, parts: Parts, hedge: HedgeRules) -> None:
    core, limit = parts.core, parts.limits.max_futures_margin_share
    ratio = hedged_share(core, hedge, at_target)
    margin = collateral(core.band.target, ratio, hedge)
    if margin > limit:
        page.blame(
            ("hedge", "ratio", "target"),
            f"needs {_rounded(margin)} of equity as futures collateral (hedge {figure(ratio)} × core "
            f"{figure(core.band.target)} ÷ leverage {figure(hedge.leverage.target)}); allowed: at most "
            f"limits.max_futures_margin_share, {figure(limit)}; lower the ratio, or raise leverage or the limit",
        )


CHECKS: tuple[Check, ...] = (
    _check_hedge_ratio,
    _check_leverage_setting,
    _check_gross_leverage,
    _check_distance,
    _check_margin_share,
)
