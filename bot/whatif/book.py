"""What one joint move of all coins does to a whole book, at the hedge it has and at others. Pure.

Contracts count with their true delta: linear and coin-margined alike it does not move with price
(QUANT 2.4), so their profit is delta × price × move.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.domain.book import Exposure
from bot.domain.numbers import ZERO, positive
from bot.domain.policy import Policy
from bot.domain.snapshot import Position, Snapshot
from bot.policy.exposure import contract_mark, measure_exposure
from bot.policy.hedge_trades import hedge_symbol
from bot.risk.stress import Holding, survivable_move
from bot.whatif.coins import HOURS, refuse_impossible


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
    refuse_impossible([ratio for ratio in ratios if ratio is not None])
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
