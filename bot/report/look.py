"""What a cycle saw of the book before it traded: each sleeve against the edges the policy sets."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from bot.domain.book import Exposure
from bot.domain.numbers import ZERO
from bot.domain.order import Sleeve
from bot.domain.plan import Decision
from bot.domain.policy import Band, Policy

EDGES = ("low", "target", "high")


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """How much of equity a sleeve used, and the edge the policy sets: `most` or else least, as shares of equity."""

    share: Decimal
    edge: Decimal
    most: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a cycle saw of the book. Shares are of equity, ratios of the core's value, fractions all of them.

    `runway` is the joint rise of all coins that would liquidate the futures wallet, None without contracts;
    `weights` the policy's target share of equity in each coin, its target hedge taken off. `uses` are the
    overlay's notional, carry's capital in both legs, and the reserve, each where the policy has one.
    """

    core_share: Decimal
    core_band: Band
    hedge_ratio: Decimal | None
    hedge_band: Band
    runway: Decimal | None
    weights: Mapping[str, Decimal]
    uses: Mapping[Sleeve, Use] = field(default_factory=dict)


def look_of(decision: Decision, policy: Policy) -> Look:
    """Return what a decision saw, measured before its trades."""
    exposure, targets = decision.exposure, decision.targets
    short = sum((held.short_coins * held.price for held in exposure.assets.values()), ZERO)
    share = targets.core_value / exposure.equity
    ratios = {name: one.hedge_ratio for name, one in targets.assets.items()}
    edges = [
        sum((one.share * getattr(one.hedge_ratio, edge) for one in targets.assets.values()), ZERO) for edge in EDGES
    ]
    return Look(
        core_share=exposure.core_share,
        core_band=policy.core.band,
        hedge_ratio=short / exposure.core_value if exposure.core_value else None,
        hedge_band=Band(low=edges[0], target=edges[1], high=edges[2]),
        runway=decision.verdict.before.survives_rally,
        weights={name: share * one.share * (1 - ratios[name].target) for name, one in targets.assets.items()},
        uses=_uses(exposure, policy),
    )


def _uses(exposure: Exposure, policy: Policy) -> dict[Sleeve, Use]:
    """Return what the other sleeves use. Carry's capital is its coins and the margin of their short."""
    held = exposure.assets.values()
    found = {Sleeve.RESERVE: Use(share=exposure.reserve_value, edge=policy.reserve.minimum, most=False)}
    if policy.tactical is not None:
        notional = sum((abs(one.tactical_contracts) * one.price for one in held), ZERO)
        found[Sleeve.TACTICAL] = Use(share=notional, edge=policy.tactical.max_notional, most=True)
    if policy.carry is not None:
        capital = sum((one.carry_coins * one.price for one in held), ZERO) * (1 + 1 / policy.carry.leverage)
        found[Sleeve.CARRY] = Use(share=capital, edge=policy.carry.budget, most=True)
    return {sleeve: replace(use, share=use.share / exposure.equity) for sleeve, use in found.items()}
