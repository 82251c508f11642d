"""What a price move does to coins that are partly hedged, before any of it happens. Pure.

A short of ratio × coins is opened at `price`; its margin is money besides the coins. Figures are in
the quote currency. Spot: coins × (S′ − S). Short: q × (S − S′). QUANT 2, 4.4 and 8.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.domain.book import Exposure
from bot.domain.instrument import MaintenanceTier
from bot.domain.numbers import ONE, ZERO, not_negative, positive
from bot.domain.policy import Policy
from bot.domain.snapshot import Position, Snapshot
from bot.errors import NumberRefused
from bot.policy.exposure import contract_mark, measure_exposure
from bot.policy.hedge_trades import hedge_symbol
from bot.risk.margin import highest_leverage, liquidation_price, tier_number
from bot.risk.stress import Holding, survivable_move

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
    _refuse_impossible(ratios)
    return tuple(_row(coins, price, positive("price after", end), ratio, terms) for ratio in ratios for end in after)


def _refuse_impossible(ratios: Sequence[Decimal]) -> None:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class BookWhatIf:
    """A whole book under one joint move of all its coins, in quote currency unless said.

    `ratio` is the hedge of every core asset that has a contract, None for the positions as they are.
    `margin` is the futures wallet's equity: what is there, and what the policy's leverage asks for
    more, taken from the reserve. `futures_profit` of a liquidated wallet is its whole margin lost.
    `survives_rally` and `move` are fractions, `funding_per_day` is received when positive.
    """

    ratio: Decimal | None
    move: Decimal
    spot_profit: Decimal
    futures_profit: Decimal
    net: Decimal
    unhedged: Decimal
    equity: Decimal
    equity_after: Decimal
    short_value: Decimal
    margin: Decimal
    leverage: Decimal | None
    survives_rally: Decimal | None
    survives_fall: Decimal | None
    liquidated: bool
    funding_per_day: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hedged:
    """The book with its hedges at one ratio, before any move."""

    ratio: Decimal | None
    exposure: Exposure
    contracts: Decimal  # value of all contracts, signed
    short_value: Decimal
    holdings: tuple[Holding, ...]
    margin: Decimal
    funding_per_day: Decimal


def what_if_book(
    snapshot: Snapshot, policy: Policy, moves: Sequence[Decimal], ratios: Sequence[Decimal | None]
) -> tuple[BookWhatIf, ...]:
    """Return one row for each hedge ratio and each joint move (a fraction), ratios outermost.

    Every coin moves by the same fraction. Contracts that are no hedge of the policy stay as they are;
    isolated positions are taken as sharing the wallet. Raises SnapshotUnavailable as measuring does.
    """
    _refuse_impossible([ratio for ratio in ratios if ratio is not None])
    exposure = measure_exposure(snapshot, policy)
    for move in moves:
        positive("1 + move", 1 + move)
    hedged = [_hedged(snapshot, policy, exposure, ratio) for ratio in ratios]
    return tuple(_book_row(book, move) for book in hedged for move in moves)


def _hedged(snapshot: Snapshot, policy: Policy, exposure: Exposure, ratio: Decimal | None) -> _Hedged:
    wanted = {} if ratio is None else _hedge_coins(snapshot, policy, exposure, ratio)
    kept = [position for symbol, position in snapshot.positions.items() if symbol not in wanted]
    contracts, funding = ZERO, ZERO
    holdings: list[Holding] = []
    for position in kept:
        notional = _signed_value(snapshot, position)
        contracts += notional
        funding -= notional * _daily_funding(snapshot, position.symbol)
        holdings.extend(_holding(snapshot, position))
    short_value = ZERO
    for symbol, coins in wanted.items():
        if not coins:
            continue
        mark = contract_mark(snapshot, symbol)
        short_value += coins * mark
        funding += coins * mark * _daily_funding(snapshot, symbol)
        holdings.append(Holding(-coins, mark, mark, snapshot.instruments[symbol].tiers))
    gross = short_value + sum((abs(_signed_value(snapshot, position)) for position in kept), ZERO)
    needed = gross / policy.hedge.leverage.target if policy.hedge and ratio is not None else ZERO
    return _Hedged(
        ratio=ratio,
        exposure=exposure,
        contracts=contracts - short_value,
        short_value=short_value - min(contracts, ZERO),
        holdings=tuple(holdings),
        margin=max(exposure.futures_equity, needed),
        funding_per_day=funding,
    )


def _hedge_coins(snapshot: Snapshot, policy: Policy, exposure: Exposure, ratio: Decimal) -> dict[str, Decimal]:
    """Return the coins sold short by contract, for the core assets that have one."""
    if policy.hedge is None:
        return {}
    symbols = {a: hedge_symbol(a, policy.quote, policy.hedge.instrument) for a in policy.core.assets}
    return {
        symbol: ratio * max(exposure.assets[asset].core_coins, ZERO)
        for asset, symbol in symbols.items()
        if symbol in snapshot.instruments and symbol in snapshot.quotes
    }


def _signed_value(snapshot: Snapshot, position: Position) -> Decimal:
    mark = contract_mark(snapshot, position.symbol)
    return snapshot.instruments[position.symbol].notional(position.quantity, mark)


def _holding(snapshot: Snapshot, position: Position) -> list[Holding]:
    """Return a linear position as the wallet holds it, its profit so far counted in the wallet's equity."""
    instrument = snapshot.instruments[position.symbol]
    if instrument.kind.is_inverse:
        return []
    mark = contract_mark(snapshot, position.symbol)
    return [Holding(instrument.coins(position.quantity, mark), mark, mark, instrument.tiers)]


def _daily_funding(snapshot: Snapshot, symbol: str) -> Decimal:
    """Return the fraction of its notional a long pays per day; nothing where the venue names no funding."""
    rate = snapshot.funding.get(symbol)
    return ZERO if rate is None else rate.rate * HOURS / rate.interval_hours


def _book_row(book: _Hedged, move: Decimal) -> BookWhatIf:
    exposure = book.exposure
    rally = survivable_move(book.margin, book.holdings, up=True) if book.holdings else None
    fall = survivable_move(book.margin, book.holdings, up=False) if book.holdings else None
    liquidated = (rally is not None and move >= rally) or (fall is not None and -move >= fall)
    spot = sum((asset.core_value for asset in exposure.assets.values()), ZERO) * move
    futures = -book.margin if liquidated else book.contracts * move + ZERO
    gross = sum((abs(holding.quantity) * holding.mark for holding in book.holdings), ZERO)
    return BookWhatIf(
        ratio=book.ratio,
        move=move,
        spot_profit=spot,
        futures_profit=futures,
        net=spot + futures,
        unhedged=spot,
        equity=exposure.equity,
        equity_after=exposure.equity + spot + futures,
        short_value=book.short_value,
        margin=book.margin,
        leverage=gross / book.margin if book.margin > 0 else None,
        survives_rally=rally,
        survives_fall=fall,
        liquidated=liquidated,
        funding_per_day=book.funding_per_day,
    )
