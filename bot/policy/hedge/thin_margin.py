"""What the margin of a policy's hedge survives and what it does not, before any trade."""

from collections.abc import Callable
from decimal import Decimal

from bot.domain.policy import Band, CoreRules, HedgeRules, Limits, Policy

MAINTENANCE_RATE = Decimal("0.005")  # the first tier of large coins; later tiers ask for more
SMALL_START = Decimal("0.05")  # RC14: what may lie in futures wallets in the first 30 days
HALF = Decimal("0.5")
TENTH = Decimal("0.1")


def liquidation_distance(leverage: Decimal) -> Decimal:
    """Return the rally, as a share of the mark price, that liquidates a linear short.

    (1 + 1/L) / (1 + m) − 1 with a maintenance rate m of 0.5 %. QUANT 4.1.
    """
    return (1 + 1 / leverage) / (1 + MAINTENANCE_RATE) - 1


def coin_distance(leverage: Decimal) -> Decimal | None:
    """Return the rally that liquidates a coin-margined short, None at a leverage of 1 or less, where none does.

    (1 − m) / (1 − 1/L) − 1 with a maintenance rate m of 0.5 %. QUANT 2.4.
    """
    return (1 - MAINTENANCE_RATE) / (1 - 1 / leverage) - 1 if leverage > 1 else None


def hedge_distance(hedge: HedgeRules, leverage: Decimal) -> Decimal | None:
    """Return the rally that liquidates the hedge at a leverage: of its contracts, the one that goes first."""
    return coin_distance(leverage) if only_inverse(hedge) else liquidation_distance(leverage)


def only_inverse(hedge: HedgeRules) -> bool:
    """Whether every contract the hedge may use is margined in its coin."""
    return all(kind.is_inverse for kind in hedge.choices or (hedge.instrument,))


def hedged_share(core: CoreRules, hedge: HedgeRules | None, edge: Callable[[Band], Decimal]) -> Decimal:
    """Return the share of the core that is sold short when each asset's ratio is at `edge` of its band."""
    if hedge is None:
        return Decimal(0)
    return sum((share * edge(hedge.ratio_of(asset)) for asset, share in core.assets.items()), Decimal(0))


def at_high(band: Band) -> Decimal:
    """Return the band's high edge."""
    return band.high


def at_target(band: Band) -> Decimal:
    """Return the band's target."""
    return band.target


def collateral(core_share: Decimal, ratio: Decimal, hedge: HedgeRules | None) -> Decimal:
    """Return the futures collateral a hedge needs, as a share of equity: core × ratio ÷ leverage.

    Where every contract is margined in its coin it is coins of the core, and counts there already.
    """
    return Decimal(0) if hedge is None else core_share * ratio / hedge.leverage.target


def margin_warnings(policy: Policy) -> tuple[str, ...]:
    """Return what the futures margin a policy allows cannot survive; nothing where it is ample.

    A hedge on the most margin the limits let into futures wallets: leverage = value of the shorts ÷ margin,
    liquidated by a rally of (1 + 1/L) / 1.005 − 1 (QUANT 4.4). Said of the hedge at its highest where that
    margin is too little for the aimed leverage, and of half a hedge where the margin is the small start of RC14.
    """
    hedge, margin = policy.hedge, policy.limits.max_futures_margin_share
    if hedge is None:
        return ()
    if only_inverse(hedge):
        return _advised(hedge, policy.limits)
    high = policy.core.band.high
    ratio = hedged_share(policy.core, hedge, at_high)
    ratios = [ratio] if collateral(high, ratio, hedge) > margin else []
    if margin <= SMALL_START and ratio < HALF:
        ratios.append(HALF)
    return (*(_thin(margin, one, one * high) for one in ratios), *_advised(hedge, policy.limits))


def _thin(margin: Decimal, ratio: Decimal, short: Decimal) -> str:
    """Return what `margin` for shorts of `short`, both shares of equity, does not survive."""
    if not margin:
        return f"WARNING: with no margin in futures wallets no hedge of {_percent(ratio)} can be opened."
    leverage = short / margin
    return (
        f"WARNING: {_percent(margin)} of equity as margin for a {_percent(ratio)} hedge is leverage {leverage:.1f}: "
        f"liquidated by a rally of about {_percent(liquidation_distance(leverage))}."
    )


def _advised(hedge: HedgeRules, limits: Limits) -> tuple[str, ...]:
    """Return what happens when nobody moves the collateral that is only advised."""
    high = hedge.leverage.high
    distance = hedge_distance(hedge, high)
    if not hedge.advise_transfers or distance is None:
        return ()
    return (
        f"WARNING: collateral is moved by you alone. Unmoved, a rally of {_percent(distance)} from leverage "
        f"{high.normalize():f} liquidates; the limit asks for {_percent(limits.min_liquidation_distance)}.",
    )


def _percent(share: Decimal) -> str:
    return f"{(share * 100).quantize(TENTH).normalize():f} %"
