"""What one joint move of all coins does to a whole book, at the hedge it has and at others. Pure.

Each hedge ratio is laid over the account as positions and margin; what a move then does is reckoned as any
other shock, so that linear and coin-margined wallets, isolated positions and claims count alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.domain.book import Exposure
from bot.domain.instrument import WalletKind
from bot.domain.numbers import ZERO, positive
from bot.domain.policy import Policy
from bot.domain.sleeves import Claim, claimed
from bot.domain.snapshot import Balance, MarginMode, Position, Snapshot
from bot.policy.exposure import contract_mark, measure_exposure
from bot.policy.hedge.markets import hedge_markets
from bot.whatif.coins import HOURS, refuse_impossible
from bot.whatif.purses import gross_of, marks_of, profit_of, purses_of, survives
from bot.whatif.scenario import run_scenario
from bot.whatif.shock import Shock

LARGEST_SETTING = Decimal(1)  # of no effect on cross margin; a position must name one


@dataclass(frozen=True, slots=True, kw_only=True)
class BookWhatIf:
    """A whole book under one joint move of all its coins, in quote currency unless said.

    `ratio` is the hedge of every core asset that has a contract, None for the positions as they are.
    `margin` is the futures wallets' equity: what is there, and what the policy's leverage asks for
    more, taken from the reserve or, for coin-margined contracts, from the coins. `futures_profit` of a
    liquidated wallet is its whole margin lost. `survives_rally` and `move` are fractions, `funding_per_day`
    is received when positive.
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
    """The book with its hedges at one ratio, before any move; `lent` is margin beyond what the account has."""

    ratio: Decimal | None
    snapshot: Snapshot
    lent: Decimal


def what_if_book(
    snapshot: Snapshot,
    policy: Policy,
    moves: Sequence[Decimal],
    ratios: Sequence[Decimal | None],
    claims: tuple[Claim, ...] = (),
) -> tuple[BookWhatIf, ...]:
    """Return one row for each hedge ratio and each joint move (a fraction), ratios outermost.

    Every coin moves by the same fraction. Contracts that are no hedge of the policy stay as they are.
    Raises SnapshotUnavailable as measuring does.
    """
    refuse_impossible([ratio for ratio in ratios if ratio is not None])
    exposure = measure_exposure(snapshot, policy, claims)
    for move in moves:
        positive("1 + move", 1 + move)
    hedged = [_hedged(snapshot, policy, exposure, ratio, claims) for ratio in ratios]
    return tuple(_row(book, policy, move, claims) for book in hedged for move in moves)


def _hedged(
    snapshot: Snapshot, policy: Policy, exposure: Exposure, ratio: Decimal | None, claims: tuple[Claim, ...]
) -> _Hedged:
    positions = dict(snapshot.positions)
    changed: dict[tuple[WalletKind, str], Decimal] = {}
    for symbol, contracts in ({} if ratio is None else _hedge_contracts(snapshot, policy, exposure, ratio)).items():
        instrument, mark = snapshot.instruments[symbol], contract_mark(snapshot, symbol)
        old = positions.pop(symbol, None)
        purse = (instrument.wallet, instrument.base if instrument.kind.is_inverse else policy.quote)
        realised = instrument.profit(old.quantity, old.entry_price, mark) if old else ZERO
        changed[purse] = changed.get(purse, ZERO) + realised
        quantity = claimed(claims, symbol) - contracts
        if quantity:
            positions[symbol] = _position(symbol, quantity, mark)
    settled = replace(
        snapshot,
        positions=positions,
        balances=_with(snapshot.balances, changed),
    )
    if ratio is None or policy.hedge is None:
        return _Hedged(ratio=ratio, snapshot=settled, lent=ZERO)
    return _with_margin(settled, policy, ratio)


def _hedge_contracts(snapshot: Snapshot, policy: Policy, exposure: Exposure, ratio: Decimal) -> dict[str, Decimal]:
    """Return the contracts sold short, off the grid, of the first market each core asset may be hedged in.

    Other contracts of the asset, where it has such a market, are sold short no more.
    """
    found = {}
    for asset in policy.core.assets:
        if hedge_markets(policy, snapshot, asset):
            held = (symbol for symbol in snapshot.positions if snapshot.instruments[symbol].base == asset)
            found.update(dict.fromkeys(held, ZERO))
        for instrument in hedge_markets(policy, snapshot, asset)[:1]:
            coins = ratio * max(exposure.assets[asset].core_coins, ZERO)
            per_contract = instrument.coins(Decimal(1), contract_mark(snapshot, instrument.symbol))
            found[instrument.symbol] = coins / per_contract
    return found


def _position(symbol: str, quantity: Decimal, mark: Decimal) -> Position:
    return Position(
        symbol=symbol, quantity=quantity, entry_price=mark, margin_mode=MarginMode.CROSS, leverage=LARGEST_SETTING
    )


def _with(balances: tuple[Balance, ...], changed: Mapping[tuple[WalletKind, str], Decimal]) -> tuple[Balance, ...]:
    """Return the balances with amounts added to what is free of them; one that is missing is made."""
    held = {(balance.wallet, balance.asset) for balance in balances}
    return (
        *(replace(b, free=b.free + changed.get((b.wallet, b.asset), ZERO)) for b in balances),
        *(
            Balance(wallet=wallet, asset=asset, free=amount, locked=ZERO)
            for (wallet, asset), amount in changed.items()
            if (wallet, asset) not in held
        ),
    )


def _with_margin(snapshot: Snapshot, policy: Policy, ratio: Decimal) -> _Hedged:
    """Return the book with each futures wallet filled up to the leverage the policy aims at.

    Coins for a coin-margined wallet come from the spot wallet, as far as they are there; money is lent, so
    that a page shows every ratio at the same leverage, and is given back in the row's equity.
    """
    changed: dict[tuple[WalletKind, str], Decimal] = {}
    lent = ZERO
    for purse in purses_of(snapshot, policy.quote):
        if purse.isolated or policy.hedge is None:
            continue
        marks = marks_of(snapshot, purse, ZERO)
        gross = gross_of(snapshot, purse, marks)
        short = gross / policy.hedge.leverage.target - purse.balance - profit_of(snapshot, purse, marks)
        if short > 0 and purse.wallet is WalletKind.LINEAR:
            lent += short
            changed[purse.wallet, purse.asset] = short
        elif short > 0:
            free = (b.free for b in snapshot.balances if (b.wallet, b.asset) == (WalletKind.SPOT, purse.asset))
            moved = min(short, sum(free, ZERO))
            changed[purse.wallet, purse.asset] = moved
            changed[WalletKind.SPOT, purse.asset] = -moved
    filled = replace(snapshot, balances=_with(snapshot.balances, changed))
    return _Hedged(ratio=ratio, snapshot=filled, lent=lent)


def _row(book: _Hedged, policy: Policy, move: Decimal, claims: tuple[Claim, ...]) -> BookWhatIf:
    scenario = run_scenario(book.snapshot, policy, Shock(name="a move", others=move), claims)
    exposure = measure_exposure(book.snapshot, policy, claims)
    coins = sum((a.core_value + a.carry_coins * a.price for a in exposure.assets.values()), ZERO)
    spot = coins * move
    net = scenario.equity_after - scenario.equity
    margin = sum((purse.before for purse in scenario.purses), ZERO)
    values = [_signed_value(book.snapshot, position) for position in book.snapshot.positions.values()]
    gross = sum((abs(value) for value in values), ZERO)
    return BookWhatIf(
        ratio=book.ratio,
        move=move,
        spot_profit=spot,
        futures_profit=net - spot + ZERO,
        net=net,
        unhedged=spot,
        equity=exposure.equity - book.lent,
        equity_after=scenario.equity_after - book.lent,
        short_value=-sum((value for value in values if value < 0), ZERO),
        margin=margin,
        leverage=gross / margin if margin > 0 else None,
        survives_rally=book_move(book.snapshot, policy, up=True),
        survives_fall=book_move(book.snapshot, policy, up=False),
        liquidated=any(purse.liquidated for purse in scenario.purses),
        funding_per_day=-sum((_daily_funding(book.snapshot, symbol) for symbol in book.snapshot.positions), ZERO),
    )


def book_move(snapshot: Snapshot, policy: Policy, *, up: bool) -> Decimal | None:
    """Return the joint rise (or fall) of all coins that liquidates the first of the wallets, None when none does."""
    found = (
        survives(snapshot, purse, marks_of(snapshot, purse, ZERO), purse.balance, up=up)
        for purse in purses_of(snapshot, policy.quote)
    )
    return min((move for move in found if move is not None), default=None)


def _signed_value(snapshot: Snapshot, position: Position) -> Decimal:
    mark = contract_mark(snapshot, position.symbol)
    return snapshot.instruments[position.symbol].notional(position.quantity, mark)


def _daily_funding(snapshot: Snapshot, symbol: str) -> Decimal:
    """Return what a position pays per day, in quote currency; nothing where the venue names no funding."""
    told = snapshot.funding.get(symbol)
    if told is None:
        return ZERO
    return _signed_value(snapshot, snapshot.positions[symbol]) * told.rate * HOURS / told.interval_hours
