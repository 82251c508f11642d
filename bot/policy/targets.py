"""Where the book should be: the core's total, each asset's share and width, each hedge in coins."""

from dataclasses import replace
from decimal import Decimal

from bot.domain.book import AssetTarget, Exposure, Targets
from bot.domain.memory import Memory
from bot.domain.policy import Band, Policy
from bot.domain.sleeves import RatioState
from bot.domain.snapshot import Snapshot
from bot.policy.core.bands import optimal_half_width
from bot.policy.hedge.ratio import next_ratio, ratio_reason, ratio_symbol


def set_targets(policy: Policy, exposure: Exposure, snapshot: Snapshot, memory: Memory | None = None) -> Targets:
    """Return the targets, in quote currency and coins.

    The core's total stays as it is while its share of equity is inside the band; else it goes to the
    inner level. A hedge is its ratio × the coins the asset will have at its target; where rules drive the
    ratio, `memory` holds their readings and what they came to last. Without it they are not asked.
    """
    level = policy.core.band.inner(exposure.core_share, policy.core.destination)
    core_value = exposure.core_value if policy.core.band.holds(exposure.core_share) else level * exposure.equity
    assets = {
        asset: _asset_target(policy, exposure, snapshot, asset, core_value * share, memory)
        for asset, share in sorted(policy.core.assets.items())
    }
    return Targets(core_value=core_value, assets=assets, reserve_minimum=policy.reserve.minimum * exposure.equity)


def _asset_target(
    policy: Policy, exposure: Exposure, snapshot: Snapshot, asset: str, value: Decimal, memory: Memory | None
) -> AssetTarget:
    share = policy.core.assets[asset]
    state = _ratio_state(policy, snapshot, asset, memory)
    ratio = _driven(policy.hedge_ratio(asset), state)
    return AssetTarget(
        asset=asset,
        share=share,
        half_width=_half_width(policy, snapshot, asset, share),
        value=value,
        hedge_ratio=ratio,
        hedge_coins=ratio.target * exposure.assets[asset].core_coins,
        ratio_state=state,
    )


def _ratio_state(policy: Policy, snapshot: Snapshot, asset: str, memory: Memory | None) -> RatioState | None:
    """Return what the rules make of an asset's ratio, None where no rule drives it."""
    if policy.hedge is None or not policy.hedge.rules or memory is None:
        return None
    previous, symbol = memory.sleeves.ratio(asset), ratio_symbol(policy, asset)
    return next_ratio(policy.hedge, asset, memory.readings, previous=previous, at=snapshot.taken_at, symbol=symbol)


def _driven(band: Band, state: RatioState | None) -> Band:
    return band if state is None else replace(band, target=state.target)


def ratio_notes(policy: Policy, snapshot: Snapshot, memory: Memory) -> tuple[str, ...]:
    """Return in words how each rule-driven ratio came to be what it is, with every measure's number."""
    if policy.hedge is None or not policy.hedge.rules:
        return ()
    return tuple(
        ratio_reason(
            policy.hedge,
            asset,
            memory.readings,
            previous=memory.sleeves.ratio(asset),
            at=snapshot.taken_at,
            symbol=ratio_symbol(policy, asset),
        )
        for asset in sorted(policy.core.assets)
    )


def _half_width(policy: Policy, snapshot: Snapshot, asset: str, share: Decimal) -> Decimal:
    chosen = policy.core.half_widths.get(asset)
    if chosen is not None:
        return chosen
    fee = snapshot.instruments[f"{asset}/{policy.quote}"].taker_fee
    return optimal_half_width(share, fee, fee, policy.core.risk_aversion)
