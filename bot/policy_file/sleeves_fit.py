"""Whether carry, the overlay and the sweep can do what they are told within the limits and beside the hedge."""

from collections.abc import Callable
from decimal import ROUND_DOWN, Decimal

from bot.domain.rules import CarryRules, SweepRules
from bot.policy.hedge.thin_margin import (
    at_high,
    at_target,
    collateral,
    hedge_distance,
    hedged_share,
    liquidation_distance,
)
from bot.policy_file.faults import figure, percent
from bot.policy_file.feasible import CENT, Parts, highest_leverage
from bot.policy_file.page import Page

FINEST = Decimal("0.0001")
Check = Callable[[Page, Parts], None]


def check_sleeves(page: Page, parts: Parts) -> None:
    """Add to the page what carry, tactical and sweep ask for and could never get."""
    for check in (_check_carry_leverage, _check_margin, _check_gross, _check_sweep):
        check(page, parts)


def carry_margin(carry: CarryRules) -> Decimal:
    """Return the futures margin of a fully used carry budget, a share of equity: budget ÷ (1 + leverage).

    Spot worth N and a margin of N ÷ leverage are its capital (QUANT 3).
    """
    return carry.budget / (1 + carry.leverage)


def _check_carry_leverage(page: Page, parts: Parts) -> None:
    if parts.carry is None:
        return
    path, leverage, limits = ("carry", "leverage"), parts.carry.leverage, parts.limits
    distance = liquidation_distance(leverage)
    if distance < limits.min_liquidation_distance:
        page.blame(
            path,
            f"is {figure(leverage)}: such a short is liquidated by a rally of {percent(distance)}, and every pair "
            f"would be denied; allowed: limits.min_liquidation_distance, {percent(limits.min_liquidation_distance)}, "
            f"or more; write leverage = {figure(highest_leverage(limits.min_liquidation_distance))} or less",
        )
    elif leverage > limits.max_leverage_setting:
        page.blame(
            path,
            f"is {figure(leverage)}; allowed: at most limits.max_leverage_setting, "
            f"{figure(limits.max_leverage_setting)}; write leverage = {figure(limits.max_leverage_setting)}",
        )


def _check_margin(page: Page, parts: Parts) -> None:
    """Blame a carry budget whose margin, beside the hedge's at its target, is more than may lie in futures."""
    if parts.carry is None:
        return
    core = parts.core
    hedge = collateral(core.band.target, hedged_share(core, parts.hedge, at_target), parts.hedge)
    margin, limit = carry_margin(parts.carry), parts.limits.max_futures_margin_share
    if hedge <= limit < hedge + margin:
        fits = ((limit - hedge) * (1 + parts.carry.leverage)).quantize(CENT, ROUND_DOWN)
        mend = f"write budget = {figure(fits)} or raise the limit" if fits > 0 else "raise the limit"
        page.blame(
            ("carry", "budget"),
            f"needs {figure(margin.quantize(FINEST))} of equity as futures margin beside the hedge's "
            f"{figure(hedge.quantize(FINEST))}; allowed: together at most limits.max_futures_margin_share, "
            f"{figure(limit)}; {mend}",
        )


def _check_gross(page: Page, parts: Parts) -> None:
    """Blame sleeves whose contracts, all at their most, are worth more than the limits allow."""
    high, limit = parts.core.band.high, parts.limits.max_gross_leverage
    hedge = hedged_share(parts.core, parts.hedge, at_high) * high
    carry = carry_margin(parts.carry) * parts.carry.leverage if parts.carry else Decimal(0)
    tactical = parts.tactical.max_notional if parts.tactical else Decimal(0)
    if not hedge <= limit < hedge + carry + tactical:
        return
    terms = (("hedge", hedge), ("carry", carry), ("tactical", tactical))
    told = " + ".join(f"{name} {figure(value.quantize(FINEST))}" for name, value in terms if value)
    page.blame(
        ("tactical", "max_notional") if parts.tactical else ("carry", "budget"),
        f"makes contracts of {told} = {figure((hedge + carry + tactical).quantize(FINEST))} of equity; allowed: at "
        f"most limits.max_gross_leverage, {figure(limit)}; lower one of them or raise the limit",
    )


def _check_sweep(page: Page, parts: Parts) -> None:
    sweep, limit = parts.sweep, parts.limits.max_daily_transfer
    if sweep is None:
        return
    if not (parts.hedge or parts.carry or parts.tactical):
        page.blame(("sweep",), "has no futures wallet to sweep: add [hedge], or remove [sweep]")
    if sweep.max_daily > limit:
        page.blame(
            ("sweep", "max_daily"),
            f"is {figure(sweep.max_daily)}; allowed: at most limits.max_daily_transfer, {figure(limit)}; "
            f"write max_daily = {figure(limit)} or raise the limit",
        )
    _check_survival(page, parts, sweep)


def _check_survival(page: Page, parts: Parts, sweep: SweepRules) -> None:
    if parts.hedge is None:
        return
    distance = hedge_distance(parts.hedge, parts.hedge.leverage.target)
    if distance is not None and distance < sweep.min_survival:
        page.blame(
            ("sweep", "min_survival"),
            f"is {figure(sweep.min_survival)}, and at hedge.leverage.target a rally of {percent(distance)} already "
            "liquidates: nothing would ever be swept; write min_survival = "
            f"{figure(distance.quantize(CENT, ROUND_DOWN))} or lower hedge.leverage.target",
        )
