"""Where the book should be: the core's total, each asset's share and width, each hedge in coins."""

from decimal import Decimal

from bot.domain.book import AssetTarget, Exposure, Targets
from bot.domain.policy import Policy
from bot.domain.snapshot import Snapshot
from bot.policy.bands import optimal_half_width


def set_targets(policy: Policy, exposure: Exposure, snapshot: Snapshot) -> Targets:
    """Return the targets, in quote currency and coins.

    The core's total stays as it is while its share of equity is inside the band; else it goes to the
    inner level. A hedge is its ratio × the coins the asset will have at its target.
    """
    level = policy.core.band.inner(exposure.core_share, policy.core.destination)
    core_value = exposure.core_value if policy.core.band.holds(exposure.core_share) else level * exposure.equity
    assets = {
        asset: _asset_target(policy, exposure, snapshot, asset, core_value * share)
        for asset, share in sorted(policy.core.assets.items())
    }
    return Targets(core_value=core_value, assets=assets, reserve_minimum=policy.reserve.minimum * exposure.equity)


def _asset_target(policy: Policy, exposure: Exposure, snapshot: Snapshot, asset: str, value: Decimal) -> AssetTarget:
    share = policy.core.assets[asset]
    ratio = policy.hedge_ratio(asset)
    return AssetTarget(
        asset=asset,
        share=share,
        half_width=_half_width(policy, snapshot, asset, share),
        value=value,
        hedge_ratio=ratio,
        hedge_coins=ratio.target * exposure.assets[asset].core_coins,
    )


def _half_width(policy: Policy, snapshot: Snapshot, asset: str, share: Decimal) -> Decimal:
    chosen = policy.core.half_widths.get(asset)
    if chosen is not None:
        return chosen
    fee = snapshot.instruments[f"{asset}/{policy.quote}"].taker_fee
    return optimal_half_width(share, fee, fee, policy.core.risk_aversion)
