"""What to buy and sell of the core, in quote currency: flows first, then the bands, then what can be paid."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot.domain.book import Exposure, Targets
from bot.domain.numbers import ZERO
from bot.domain.policy import Policy
from bot.domain.snapshot import Snapshot
from bot.policy.core.bands import clamped_destination
from bot.policy.core.rebalance import trades_to_bands, water_fill

Values = dict[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreTrades:
    """The wanted trades: value by asset in quote currency, positive to buy, and why each."""

    values: Mapping[str, Decimal]
    reasons: Mapping[str, str]


def wanted_core_trades(policy: Policy, exposure: Exposure, targets: Targets, snapshot: Snapshot) -> CoreTrades:
    """Return the trades that bring total and shares of the core back inside their bands.

    A change of the total goes to the most underweight (overweight) assets first; what is breached
    after that trades back to destination × half-width, zero-sum. Sales never touch what may not be sold.
    """
    core = targets.core_value
    if core <= 0:
        return CoreTrades(values={}, reasons={})
    gaps = {asset: (exposure.assets[asset].core_value - t.value) / core for asset, t in targets.assets.items()}
    widths = {asset: target.half_width for asset, target in targets.assets.items()}
    stays = policy.core.band.holds(exposure.core_share)
    flow = {} if stays else _route_flow(gaps, widths)
    after = {asset: gap + flow.get(asset, ZERO) for asset, gap in gaps.items()}
    balancing = trades_to_bands(after, widths, _destinations(policy, snapshot, widths, core))
    values = {a: (flow.get(a, ZERO) + balancing.get(a, ZERO)) * core for a in sorted({*flow, *balancing})}
    values = _within_sellable(values, widths, policy, exposure, snapshot)
    values = {asset: value for asset, value in values.items() if value}
    return CoreTrades(
        values=values,
        reasons={asset: _reason(asset, policy, exposure, targets) for asset in values},
    )


def routed(amount: Decimal, exposure: Exposure, targets: Targets) -> Values:
    """Return how `amount` (quote currency) is spent on the core: the most underweight assets first, by |x| ÷ h."""
    core = sum((exposure.assets[asset].core_value for asset in targets.assets), ZERO) + amount
    needs = [
        (asset, max(target.share * core - exposure.assets[asset].core_value, ZERO), target.half_width * core)
        for asset, target in targets.assets.items()
    ]
    return water_fill(amount, needs)


def _route_flow(gaps: Values, widths: Values) -> Values:
    """Return the flow into (positive) or out of each asset that makes the gaps sum to zero."""
    total = -sum(gaps.values(), ZERO)
    sign = 1 if total > 0 else -1
    needs = [(asset, max(ZERO, -sign * gap), widths[asset]) for asset, gap in gaps.items()]
    return {asset: sign * amount for asset, amount in water_fill(abs(total), needs).items()}


def _destinations(policy: Policy, snapshot: Snapshot, widths: Values, core: Decimal) -> Values:
    return {
        asset: clamped_destination(
            policy.core.destination,
            core * width,
            snapshot.instruments[f"{asset}/{policy.quote}"].min_notional,
        )
        for asset, width in widths.items()
    }


def _within_sellable(values: Values, widths: Values, policy: Policy, exposure: Exposure, snapshot: Snapshot) -> Values:
    """Return the trades with sales cut to what is free and may be sold, and purchases cut by as much."""
    sellable = sellable_values(policy, exposure, snapshot)
    sold = {asset: max(value, -sellable[asset]) for asset, value in values.items() if value < 0}
    bought = {asset: value for asset, value in values.items() if value > 0}
    missing = sum(sold.values(), ZERO) - sum((v for v in values.values() if v < 0), ZERO)
    if missing and bought:
        rest = max(ZERO, sum(bought.values(), ZERO) - missing)
        bought = water_fill(rest, [(asset, value, widths[asset]) for asset, value in bought.items()])
    return sold | bought


def sellable_values(policy: Policy, exposure: Exposure, snapshot: Snapshot) -> Values:
    """Return what may be sold of each core asset, in quote currency: free coins, unclaimed and not never-sell."""
    free = {b.asset: b.free for b in snapshot.balances if b.wallet == "spot"}
    kept = {
        asset: policy.core.never_sell.get(asset, ZERO) + exposure.assets[asset].carry_coins
        for asset in policy.core.assets
    }
    return {
        asset: max(ZERO, free.get(asset, ZERO) - coins) * exposure.assets[asset].price for asset, coins in kept.items()
    }


def _reason(asset: str, policy: Policy, exposure: Exposure, targets: Targets) -> str:
    target = targets.assets[asset]
    band = policy.core.band
    if not band.holds(exposure.core_share):
        edge = "above" if exposure.core_share > band.high else "below"
        return (
            f"core {_percent(exposure.core_share)} of equity is {edge} its band "
            f"{_percent(band.low)}–{_percent(band.high)}"
        )
    share = exposure.assets[asset].core_value / exposure.core_value
    gap = share - target.share
    points = f"{abs(gap) * 100:.1f} pt"
    if abs(gap) > target.half_width:
        outside = abs(gap) - target.half_width
        return f"{outside * 100:.1f} pt {'above' if gap > 0 else 'below'} band"
    return f"balances the trade; {points} {'over' if gap > 0 else 'under'} target"


def _percent(share: Decimal) -> str:
    return f"{share * 100:.1f}%"
