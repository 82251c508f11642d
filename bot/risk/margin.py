"""Maintenance margin and liquidation prices of linear and coin-margined contracts (QUANT 4).

A quantity is signed, negative when short. Linear: coins, money in the quote currency. Inverse:
contracts of `face` quote currency each, money in coins. WB is the wallet balance without unrealised
profit, TMM and UPNL the maintenance margin and unrealised profit of the wallet's other positions,
EP the entry price, MMR and cum the rate and deduction of a tier.
"""

from bisect import bisect_right
from collections.abc import Sequence
from decimal import Decimal
from operator import attrgetter

from bot.domain.instrument import MaintenanceTier
from bot.domain.numbers import ONE, ZERO

Tiers = Sequence[MaintenanceTier]

_floor = attrgetter("floor")


def deductions(floors: Sequence[Decimal], rates: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """Return the deduction of each tier, in the settlement asset.

    cum_n = floor_n × (MMR_n − MMR_{n−1}) + cum_{n−1}, cum_0 = 0: the margin is continuous over the
    floors. Binance FAQ b3c689c1f50a44cabb3a84e663b81d93.
    """
    ladder = [ZERO]
    for n in range(1, len(floors)):
        ladder.append(floors[n] * (rates[n] - rates[n - 1]) + ladder[-1])
    return tuple(ladder)


def tier_number(tiers: Tiers, notional: Decimal) -> int:
    """Return the place, from 0, of the tier an unsigned notional falls in; a floor opens its tier."""
    return max(bisect_right(tiers, notional, key=_floor) - 1, 0)


def maintenance_margin(tiers: Tiers, notional: Decimal) -> Decimal:
    """Return the margin that must stay, in the settlement asset: notional × MMR − cum.

    `notional` is unsigned and in the settlement asset. Binance FAQ b3c689c1f50a44cabb3a84e663b81d93.
    """
    tier = tiers[tier_number(tiers, notional)]
    return notional * tier.rate - tier.deduction


def liquidation_price(
    tiers: Tiers,
    *,
    wallet: Decimal,
    quantity: Decimal,
    entry: Decimal,
    others_margin: Decimal = ZERO,
    others_profit: Decimal = ZERO,
) -> Decimal | None:
    """Return the price at which a linear position is liquidated, None when no positive price is that border.

    LP = (WB − TMM + UPNL + cum − side × q × EP) / (q × (MMR − side)), the tier being that of q × LP:
    each is tried and the one whose LP lies inside it accepted. Isolated: WB is the position's own
    margin, TMM = UPNL = 0. QUANT 4.1. Above zero the border is unique since the margin is continuous.
    """
    size = abs(quantity)
    numerator = wallet - others_margin + others_profit - quantity * entry
    for tier, ceiling in _spans(tiers):
        denominator = size * tier.rate - quantity
        if not denominator:
            continue
        price = (numerator + tier.deduction) / denominator
        if price > 0 and tier.floor <= size * price and (ceiling is None or size * price <= ceiling):
            return price
    return None


def inverse_liquidation_price(
    tiers: Tiers,
    *,
    wallet: Decimal,
    contracts: Decimal,
    face: Decimal,
    entry: Decimal,
    others: Decimal = ZERO,
) -> Decimal | None:
    """Return the price at which a coin-margined position is liquidated, None when none is.

    LP = n × (MMR + side) / ((WB − TMM + UPNL + cum) / M + side × n / EP), the tier being that of
    n × M / LP coins; `others` is UPNL − TMM in coins. A fully collateralised short has none. QUANT 4.2.
    """
    size = abs(contracts)
    for tier, ceiling in _spans(tiers):
        denominator = (wallet + others + tier.deduction) / face + contracts / entry
        if not denominator:
            continue
        price = (size * tier.rate + contracts) / denominator
        if price > 0 and tier.floor <= size * face / price and (ceiling is None or size * face / price <= ceiling):
            return price
    return None


def _spans(tiers: Tiers) -> list[tuple[MaintenanceTier, Decimal | None]]:
    """Return each tier with the notional at which the next one begins."""
    ceilings = [*(tier.floor for tier in tiers[1:]), None]
    return list(zip(tiers, ceilings, strict=True))


def margin_ratio(maintenance: Decimal, equity: Decimal) -> Decimal:
    """Return maintenance margin over wallet equity, unrealised profit counted; the venue liquidates at 1.

    Never above 1: at 1 it is over, and without equity above zero it is over too. QUANT 4.3; the
    inverse, equity over margin, is what others call margin level.
    """
    return ONE if equity <= maintenance else maintenance / equity


def headroom(ratio: Decimal, rate: Decimal) -> Decimal:
    """Return the rise that liquidates a single linear short whose margin ratio is `ratio`.

    u = (MMR / ratio − MMR) / (1 + MMR), a fraction of the mark price, deductions left out. QUANT 4.4.
    """
    return (rate / ratio - rate) / (ONE + rate)


def margin_for_rally(rise: Decimal, rate: Decimal) -> Decimal:
    """Return the margin a linear short needs to survive a rise, as a share of its notional.

    (1 + u) × (1 + MMR) − 1, deductions left out; its inverse is the highest leverage. QUANT 4.4.
    """
    return (ONE + rise) * (ONE + rate) - ONE


def highest_leverage(notional: Decimal, stressed: Decimal, tier: MaintenanceTier) -> Decimal:
    """Return the leverage at which a linear short just survives until its notional is `stressed`.

    L = N / (N′ × (1 + MMR) − N − cum), both notionals in the quote currency. QUANT 8.
    """
    return notional / (stressed * (ONE + tier.rate) - notional - tier.deduction)
