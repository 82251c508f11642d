"""What a price move does to coins that are partly hedged, before any of it happens. Pure.

A short of ratio × coins is opened at `price`; its margin is money besides the coins. Figures are in
the quote currency. Spot: coins × (S′ − S). Short: q × (S − S′). QUANT 2, 4.4 and 8.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.domain.instrument import MaintenanceTier
from bot.domain.numbers import ONE, ZERO, not_negative, positive
from bot.errors import NumberRefused
from bot.risk.margin import highest_leverage, liquidation_price, tier_number

HOURS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class HedgeTerms:
    """On what terms the short is held. Exactly one of `leverage`, `margin` and `margin_share` is given.

    `leverage` is notional over margin; `margin` quote currency for every ratio; `margin_share` the
    margin as a share of coins and margin together (the article's 5 %). `fee` is a fraction of the
    notional, paid on opening and on closing; `funding` a fraction per `interval_hours`, received by
    the short when positive, reckoned on the opening notional for `days`.
    """

    tiers: tuple[MaintenanceTier, ...]
    leverage: Decimal | None = None
    margin: Decimal | None = None
    margin_share: Decimal | None = None
    fee: Decimal = ZERO
    funding: Decimal = ZERO
    interval_hours: Decimal = Decimal(8)
    days: Decimal = ZERO

    def __post_init__(self) -> None:
        """Refuse terms that say the margin twice, not at all, or in impossible numbers."""
        given = [number for number in (self.leverage, self.margin, self.margin_share) if number is not None]
        if len(given) != 1:
            raise NumberRefused("give one of leverage, margin and margin share", mend="--leverage 2")
        positive("leverage, margin or margin share", given[0])
        if self.margin_share is not None and self.margin_share >= 1:
            raise NumberRefused(f"margin share is {self.margin_share}: it must be below 1", mend="--margin 5%")
        not_negative("fee", self.fee)
        not_negative("days", self.days)
        positive("funding interval", self.interval_hours)

    def margin_for(self, notional: Decimal, spot_value: Decimal) -> Decimal:
        """Return the margin set aside for a short of `notional`, zero where there is none."""
        if not notional:
            return ZERO
        if self.leverage is not None:
            return notional / self.leverage
        if self.margin_share is not None:
            return spot_value * self.margin_share / (1 - self.margin_share)
        return self.margin or ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """One hedge ratio under one move, in quote currency unless said.

    `move` and `liquidation_distance` are fractions of `price`. `futures_profit` of a liquidated short
    is its whole margin lost; only its opening is charged a fee, and it gets no funding,
    since nobody knows when. `net` = spot + futures − fees + funding; `equity_after` counts the margin;
    `highest_leverage` is what the short may have to live to `after`, None for a fall or without a short.
    """

    ratio: Decimal
    coins: Decimal
    price: Decimal
    after: Decimal
    move: Decimal
    short_coins: Decimal
    spot_profit: Decimal
    futures_profit: Decimal
    fees: Decimal
    funding: Decimal
    net: Decimal
    unhedged: Decimal
    equity_after: Decimal
    margin: Decimal
    leverage: Decimal | None
    liquidation_price: Decimal | None
    liquidation_distance: Decimal | None
    liquidated: bool
    highest_leverage: Decimal | None


def prices_after(price: Decimal, moves: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """Return the price after each move: below 1 in size a fraction (−0.2 is −20 %), else quote currency.

    Raises NumberRefused where a price would not stay above zero.
    """
    return tuple(positive("the price after the move", price * (1 + m) if abs(m) < 1 else price + m) for m in moves)


def what_if(
    coins: Decimal,
    price: Decimal,
    after: Sequence[Decimal],
    ratios: Sequence[Decimal],
    terms: HedgeTerms,
) -> tuple[WhatIf, ...]:
    """Return one row for each hedge ratio and each price in `after`, ratios outermost."""
    positive("coins", coins)
    positive("price", price)
    refuse_impossible(ratios)
    return tuple(_row(coins, price, positive("price after", end), ratio, terms) for ratio in ratios for end in after)


def refuse_impossible(ratios: Sequence[Decimal]) -> None:
    """Raise NumberRefused where a hedge ratio is not from 0 to 1."""
    for ratio in ratios:
        if not ZERO <= ratio <= ONE:
            raise NumberRefused(f"hedge ratio is {ratio}: from 0 to 1 of the coins is meant", mend="--hedge 0,50%")


def _row(coins: Decimal, price: Decimal, after: Decimal, ratio: Decimal, terms: HedgeTerms) -> WhatIf:
    short = coins * ratio
    notional = short * price
    margin = terms.margin_for(notional, coins * price)
    border = short_liquidation(short, price, margin, terms.tiers)
    liquidated = border is not None and (after >= border or border <= price)
    spot = coins * (after - price)
    futures = -margin if liquidated else short * (price - after) + ZERO
    fees = terms.fee * short * (price if liquidated else price + after)
    funding = ZERO if liquidated else notional * terms.funding * terms.days * HOURS / terms.interval_hours
    net = spot + futures - fees + funding
    return WhatIf(
        ratio=ratio,
        coins=coins,
        price=price,
        after=after,
        move=after / price - 1,
        short_coins=short,
        spot_profit=spot,
        futures_profit=futures,
        fees=fees,
        funding=funding,
        net=net,
        unhedged=spot,
        equity_after=coins * price + margin + net,
        margin=margin,
        leverage=notional / margin if margin else None,
        liquidation_price=border,
        liquidation_distance=None if border is None else border / price - 1,
        liquidated=liquidated,
        highest_leverage=_highest_leverage(short, price, after, terms.tiers),
    )


def short_liquidation(
    short: Decimal, price: Decimal, margin: Decimal, tiers: Sequence[MaintenanceTier]
) -> Decimal | None:
    """Return the price that liquidates a short of positive `short` coins opened at `price`; None without one.

    A margin that does not cover the maintenance margin of the opening is liquidated at the opening price.
    """
    if not short:
        return None
    border = liquidation_price(tiers, wallet=margin, quantity=-short, entry=price)
    return price if border is None else max(border, price)


def _highest_leverage(
    short: Decimal, price: Decimal, after: Decimal, tiers: Sequence[MaintenanceTier]
) -> Decimal | None:
    if not short or after <= price:
        return None
    stressed = short * after
    return highest_leverage(short * price, stressed, tiers[tier_number(tiers, stressed)])
