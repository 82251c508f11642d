"""How far the book is from its targets: absolute, never relative, since a target may be zero."""

from bot.domain.book import AssetDrift, AssetTarget, Drift, Exposure, Targets
from bot.domain.numbers import ZERO
from bot.domain.policy import Policy


def measure_drift(policy: Policy, exposure: Exposure, targets: Targets) -> Drift:
    """Return actual − target: the core as a share of equity, its assets as shares of the core.

    `outside` is True where the outer edge is left: only then is anything traded.
    """
    return Drift(
        core=exposure.core_share - policy.core.band.target,
        core_outside=not policy.core.band.holds(exposure.core_share),
        assets={asset: _asset_drift(policy, exposure, target) for asset, target in targets.assets.items()},
    )


def _asset_drift(policy: Policy, exposure: Exposure, target: AssetTarget) -> AssetDrift:
    held = exposure.assets[target.asset]
    share = held.core_value / exposure.core_value if exposure.core_value else ZERO
    gap = held.short_coins - target.hedge_coins
    outer = policy.hedge.outer * exposure.equity if policy.hedge else ZERO
    return AssetDrift(
        asset=target.asset,
        share=share,
        drift=share - target.share,
        outside=abs(share - target.share) > target.half_width,
        hedge_ratio=held.short_coins / held.core_coins if held.core_coins else ZERO,
        hedge_drift=gap,
        hedge_outside=policy.hedge is not None and abs(gap) * held.price > outer,
    )
