"""The futures wallets of an account as liquidation sees them, and what a shock makes of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot.domain.instrument import WalletKind
from bot.domain.numbers import ONE, ZERO
from bot.domain.snapshot import Position, Snapshot
from bot.policy.exposure import contract_mark
from bot.risk.margin import maintenance_margin
from bot.risk.stress import CoinHolding, Holding, inverse_survivable_move, survivable_move


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """One pot of margin: the linear wallet, a coin's wallet, or one isolated position with its own.

    `balance` is in `asset`, without unrealised profit. `isolated` is the position's symbol, "" for a cross wallet.
    """

    wallet: WalletKind
    asset: str
    isolated: str
    balance: Decimal
    positions: tuple[Position, ...]

    @property
    def name(self) -> str:
        """What it is called: USDT futures, BTC futures, or the isolated position's symbol."""
        return self.isolated or f"{self.asset} futures"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """The prices a purse is reckoned at: marks by contract, and the price of its asset in quote currency."""

    contracts: Mapping[str, Decimal]
    asset: Decimal


def purses_of(snapshot: Snapshot, quote: str) -> tuple[Purse, ...]:
    """Return every pot of margin that holds something, the linear wallet first, isolated ones last."""
    found: list[Purse] = []
    alone = [position for _, position in sorted(snapshot.positions.items()) if position.isolated_margin is not None]
    for wallet, asset in _wallets(snapshot, quote):
        shared = [
            position
            for _, position in sorted(snapshot.positions.items())
            if position.isolated_margin is None and _home(snapshot, position.symbol, quote) == (wallet, asset)
        ]
        held = sum((b.total for b in snapshot.balances if (b.wallet, b.asset) == (wallet, asset)), ZERO)
        lent = sum(
            (p.isolated_margin or ZERO for p in alone if _home(snapshot, p.symbol, quote) == (wallet, asset)), ZERO
        )
        found.append(Purse(wallet=wallet, asset=asset, isolated="", balance=held - lent, positions=tuple(shared)))
    for position in alone:
        wallet, asset = _home(snapshot, position.symbol, quote)
        margin = position.isolated_margin or ZERO
        found.append(Purse(wallet=wallet, asset=asset, isolated=position.symbol, balance=margin, positions=(position,)))
    return tuple(purse for purse in found if purse.positions or purse.balance)


def _home(snapshot: Snapshot, symbol: str, quote: str) -> tuple[WalletKind, str]:
    instrument = snapshot.instruments[symbol]
    return (WalletKind.INVERSE, instrument.base) if instrument.kind.is_inverse else (WalletKind.LINEAR, quote)


def _wallets(snapshot: Snapshot, quote: str) -> tuple[tuple[WalletKind, str], ...]:
    coins = {b.asset for b in snapshot.balances if b.wallet is WalletKind.INVERSE}
    coins |= {snapshot.instruments[s].base for s in snapshot.positions if snapshot.instruments[s].kind.is_inverse}
    return ((WalletKind.LINEAR, quote), *((WalletKind.INVERSE, coin) for coin in sorted(coins)))


def marks_of(snapshot: Snapshot, purse: Purse, asset_price: Decimal) -> Marks:
    """Return the marks of a purse's contracts; raise SnapshotUnavailable where one has none."""
    return Marks(contracts={p.symbol: contract_mark(snapshot, p.symbol) for p in purse.positions}, asset=asset_price)


def profit_of(snapshot: Snapshot, purse: Purse, marks: Marks) -> Decimal:
    """Return the unrealised profit of a purse's positions, in its asset."""
    gained = (
        snapshot.instruments[p.symbol].profit(p.quantity, p.entry_price, marks.contracts[p.symbol])
        for p in purse.positions
    )
    return sum(gained, ZERO)


def funding_of(snapshot: Snapshot, purse: Purse, marks: Marks, rates: Mapping[str, Decimal]) -> Decimal:
    """Return what the purse's positions receive (above zero) or pay, in its asset; `rates` are of the notional."""
    paid = (
        snapshot.instruments[p.symbol].settlement_notional(p.quantity, marks.contracts[p.symbol])
        * (ONE if p.quantity > 0 else -ONE)
        * rates.get(p.symbol, ZERO)
        for p in purse.positions
    )
    return -sum(paid, ZERO)


def gross_of(snapshot: Snapshot, purse: Purse, marks: Marks) -> Decimal:
    """Return the unsigned notional of a purse's positions, in its asset."""
    worth = (
        snapshot.instruments[p.symbol].settlement_notional(p.quantity, marks.contracts[p.symbol])
        for p in purse.positions
    )
    return sum(worth, ZERO)


def maintenance_of(snapshot: Snapshot, purse: Purse, marks: Marks) -> Decimal:
    """Return the maintenance margin of a purse's positions, in its asset."""
    needed = (
        maintenance_margin(i.tiers, i.settlement_notional(p.quantity, marks.contracts[p.symbol]))
        for p in purse.positions
        for i in [snapshot.instruments[p.symbol]]
    )
    return sum(needed, ZERO)


def dies(snapshot: Snapshot, purse: Purse, before: Marks, after: Marks, balance: Decimal) -> bool:
    """Whether the purse with `balance` is liquidated on the straight way from the prices before to those after.

    A linear purse's contracts go their own ways together; those of a coin all go the same one (QUANT 4.1, 4.2).
    """
    if not purse.positions:
        return False
    if purse.wallet is WalletKind.LINEAR:
        gone = survivable_move(balance, linear_holdings(snapshot, purse, before, after), up=True)
        return gone is not None and gone <= ONE
    symbol = purse.positions[0].symbol
    move = after.contracts[symbol] / before.contracts[symbol] - ONE
    gone = inverse_survivable_move(balance, coin_holdings(snapshot, purse, before), up=move >= 0)
    return gone is not None and gone <= abs(move)


def survives(snapshot: Snapshot, purse: Purse, marks: Marks, balance: Decimal, *, up: bool) -> Decimal | None:
    """Return the joint rise (or fall) of all coins that liquidates the purse, a fraction; None when none does."""
    if not purse.positions:
        return None
    if purse.wallet is WalletKind.LINEAR:
        return survivable_move(balance, linear_holdings(snapshot, purse, marks), up=up)
    return inverse_survivable_move(balance, coin_holdings(snapshot, purse, marks), up=up)


def linear_holdings(snapshot: Snapshot, purse: Purse, marks: Marks, after: Marks | None = None) -> list[Holding]:
    """Return a linear purse's positions; the beta to a move of 1 is each one's way to `after`, or 1."""
    return [
        Holding(
            snapshot.instruments[p.symbol].coins(p.quantity, mark),
            p.entry_price,
            mark,
            snapshot.instruments[p.symbol].tiers,
            ONE if after is None else after.contracts[p.symbol] / mark - ONE,
        )
        for p in purse.positions
        for mark in [marks.contracts[p.symbol]]
    ]


def coin_holdings(snapshot: Snapshot, purse: Purse, marks: Marks) -> list[CoinHolding]:
    """Return a coin-margined purse's positions."""
    return [
        CoinHolding(p.quantity, i.contract_size, p.entry_price, marks.contracts[p.symbol], i.tiers)
        for p in purse.positions
        for i in [snapshot.instruments[p.symbol]]
    ]
