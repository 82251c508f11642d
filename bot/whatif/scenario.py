"""What a shock makes of today's whole book: every wallet, every sleeve, and the account as it stands after it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.domain.instrument import WalletKind
from bot.domain.numbers import ZERO
from bot.domain.order import Sleeve
from bot.domain.policy import Policy
from bot.domain.sleeves import Claim, claimed
from bot.domain.snapshot import Balance, Position, Snapshot
from bot.policy.exposure import measure_exposure, spot_price
from bot.risk.margin import margin_ratio
from bot.whatif.purses import (
    Marks,
    Purse,
    dies,
    funding_of,
    maintenance_of,
    marks_of,
    profit_of,
    purses_of,
    survives,
)
from bot.whatif.shock import Shock, shocked_quote


@dataclass(frozen=True, slots=True, kw_only=True)
class PurseAfter:
    """One pot of margin after a shock, values in quote currency.

    `before` and `after` are its equity, unrealised profit included; `lost` is what a liquidation took, the
    whole of it. `margin_ratio` is maintenance over equity. `survives_rise` and `survives_fall` are the joint
    moves of all coins from there that liquidate it, fractions; None where none does or nothing is held.
    """

    name: str
    before: Decimal
    after: Decimal
    lost: Decimal
    funding: Decimal
    liquidated: bool
    margin_ratio: Decimal | None
    survives_rise: Decimal | None
    survives_fall: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A shocked book, in quote currency: equity_after = equity + Σ profits + funding − lost.

    `profits` are by sleeve, without those of liquidated wallets. `survives_rise` and `survives_fall` are the
    nearest of all wallets. `snapshot` and `claims` are the account afterwards, before anything is done.
    """

    shock: Shock
    equity: Decimal
    equity_after: Decimal
    profits: Mapping[Sleeve, Decimal]
    funding: Decimal
    lost: Decimal
    purses: tuple[PurseAfter, ...]
    survives_rise: Decimal | None
    survives_fall: Decimal | None
    snapshot: Snapshot
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _World:
    """Both sides of a shock: the account, its quotes afterwards, and whose is what."""

    snapshot: Snapshot
    shocked: Snapshot
    policy: Policy
    claims: tuple[Claim, ...]
    shock: Shock

    def price(self, asset: str) -> Decimal:
        """Return the price of an asset before, one for money."""
        return spot_price(self.snapshot, asset, self.policy.quote) or ZERO

    def price_after(self, asset: str) -> Decimal:
        """Return its price afterwards."""
        return spot_price(self.shocked, asset, self.policy.quote) or ZERO


def run_scenario(snapshot: Snapshot, policy: Policy, shock: Shock, claims: tuple[Claim, ...] = ()) -> Scenario:
    """Return what the shock makes of the book when nothing is done on the way.

    All prices go their way straight and together; a wallet that meets its maintenance margin on it is lost
    whole. Funding that is paid weakens a wallet first, funding that is received does not count for it.
    Resting orders and stops are taken as not filled. Raises SnapshotUnavailable as measuring does.
    """
    exposure = measure_exposure(snapshot, policy, claims)
    world = _World(
        snapshot=snapshot, shocked=_shocked_prices(snapshot, policy, shock), policy=policy, claims=claims, shock=shock
    )
    profits: dict[Sleeve, Decimal] = defaultdict(Decimal)
    _move_coins(world, profits)
    told = [_after(world, purse, profits) for purse in purses_of(snapshot, policy.quote)]
    funding = sum((one.funding for one, _ in told if not one.liquidated), ZERO)
    lost = sum((one.lost for one, _ in told), ZERO)
    left = _account_after(world, [purse for _, purse in told])
    return Scenario(
        shock=shock,
        equity=exposure.equity,
        equity_after=exposure.equity + sum(profits.values(), ZERO) + funding - lost,
        profits=dict(profits),
        funding=funding,
        lost=lost,
        purses=tuple(one for one, _ in told),
        survives_rise=_nearest([one.survives_rise for one, _ in told]),
        survives_fall=_nearest([one.survives_fall for one, _ in told]),
        snapshot=left,
        claims=tuple(c for c in claims if c.symbol not in snapshot.positions or c.symbol in left.positions),
    )


def _nearest(moves: list[Decimal | None]) -> Decimal | None:
    return min((move for move in moves if move is not None), default=None)


def _shocked_prices(snapshot: Snapshot, policy: Policy, shock: Shock) -> Snapshot:
    stables = frozenset((policy.quote, *policy.reserve.assets))
    quotes = dict(snapshot.quotes)
    for symbol, instrument in snapshot.instruments.items():
        if symbol in quotes:
            coin = 1 + (ZERO if instrument.base in stables else shock.move(instrument.base))
            quotes[symbol] = shocked_quote(quotes[symbol], shock.factor(instrument, stables), coin)
    funding = {
        symbol: replace(told, rate=shock.rate(symbol, told) * told.interval_hours)
        for symbol, told in snapshot.funding.items()
    }
    return replace(snapshot, quotes=quotes, funding=funding)


def _move_coins(world: _World, profits: dict[Sleeve, Decimal]) -> None:
    """Count what coins outside futures wallets gain: carry's to carry, the rest to the core."""
    stables = {world.policy.quote, *world.policy.reserve.assets}
    coins: dict[str, Decimal] = defaultdict(Decimal, world.policy.core.held_elsewhere)
    for balance in world.snapshot.balances:
        if balance.wallet is WalletKind.SPOT:
            coins[balance.asset] += balance.total
    for asset, held in coins.items():
        gain = world.price_after(asset) - world.price(asset)
        if asset in stables or not gain:
            continue
        carried = min(max(claimed(world.claims, f"{asset}/{world.policy.quote}", Sleeve.CARRY), ZERO), held)
        if carried:
            profits[Sleeve.CARRY] += carried * gain
        profits[Sleeve.CORE] += (held - carried) * gain


def _after(world: _World, purse: Purse, profits: dict[Sleeve, Decimal]) -> tuple[PurseAfter, Purse]:
    """Return a purse after the shock, told and as it is then; what a living one gains goes to its sleeves."""
    before = marks_of(world.snapshot, purse, world.price(purse.asset))
    after = marks_of(world.shocked, purse, world.price_after(purse.asset))
    rates = {p.symbol: _rate(world, p.symbol) * world.shock.hours for p in purse.positions}
    paid = funding_of(world.snapshot, purse, before, rates)
    worth = (purse.balance + profit_of(world.snapshot, purse, before)) * before.asset
    if dies(world.snapshot, purse, before, after, purse.balance + min(paid, ZERO)):
        return _lost(purse, worth), replace(purse, balance=ZERO, positions=())
    _share(world, purse, (before, after), profits)
    left = replace(purse, balance=purse.balance + paid)
    equity = left.balance + profit_of(world.snapshot, left, after)
    needed = maintenance_of(world.snapshot, left, after)
    told = PurseAfter(
        name=purse.name,
        before=worth,
        after=equity * after.asset,
        lost=ZERO,
        funding=paid * after.asset,
        liquidated=False,
        margin_ratio=margin_ratio(needed, equity) if left.positions else None,
        survives_rise=survives(world.snapshot, left, after, left.balance, up=True),
        survives_fall=survives(world.snapshot, left, after, left.balance, up=False),
    )
    return told, left


def _rate(world: _World, symbol: str) -> Decimal:
    return world.shock.rate(symbol, world.snapshot.funding.get(symbol))


def _lost(purse: Purse, worth: Decimal) -> PurseAfter:
    return PurseAfter(
        name=purse.name,
        before=worth,
        after=ZERO,
        lost=worth,
        funding=ZERO,
        liquidated=True,
        margin_ratio=None,
        survives_rise=None,
        survives_fall=None,
    )


def _share(world: _World, purse: Purse, marks: tuple[Marks, Marks], profits: dict[Sleeve, Decimal]) -> None:
    """Share what a living purse gains: its coins to the core, its contracts to whoever claims them, else the hedge."""
    before, after = marks
    profits[Sleeve.CORE] += purse.balance * (after.asset - before.asset)
    for position in purse.positions:
        alone = replace(purse, positions=(position,))
        gained = profit_of(world.snapshot, alone, after) * after.asset
        gained -= profit_of(world.snapshot, alone, before) * before.asset
        rest = gained
        for sleeve in (Sleeve.CARRY, Sleeve.TACTICAL):
            contracts = claimed(world.claims, position.symbol, sleeve)
            if contracts:
                theirs = gained * contracts / position.quantity
                profits[sleeve] += theirs
                rest -= theirs
        profits[Sleeve.HEDGE] += rest


def _account_after(world: _World, left: list[Purse]) -> Snapshot:
    """Return the account with what is left in its futures wallets and without what was liquidated."""
    positions = {p.symbol: p for purse in left for p in _positions_left(purse)}
    gone = set(world.snapshot.positions) - set(positions)
    kept = [b for b in world.snapshot.balances if b.wallet is WalletKind.SPOT or not _told(b, left)]
    return replace(
        world.shocked,
        positions=positions,
        balances=(*kept, *_balances_left(world, left)),
        open_orders=tuple(order for order in world.snapshot.open_orders if order.symbol not in gone),
    )


def _told(balance: Balance, left: list[Purse]) -> bool:
    return any((purse.wallet, purse.asset) == (balance.wallet, balance.asset) for purse in left)


def _positions_left(purse: Purse) -> tuple[Position, ...]:
    """Return a purse's positions; an isolated one's margin is what its purse holds now."""
    if not purse.isolated:
        return purse.positions
    return tuple(replace(position, isolated_margin=purse.balance) for position in purse.positions)


def _balances_left(world: _World, left: list[Purse]) -> list[Balance]:
    """Return the futures balances; locked is the initial margin at the new marks and what losses have used."""
    totals: dict[tuple[WalletKind, str], Decimal] = defaultdict(Decimal)
    locked: dict[tuple[WalletKind, str], Decimal] = defaultdict(Decimal)
    for purse in left:
        marks = marks_of(world.shocked, purse, world.price_after(purse.asset))
        needed = sum(
            (
                world.snapshot.instruments[p.symbol].settlement_notional(p.quantity, marks.contracts[p.symbol])
                / p.leverage
                for p in purse.positions
            ),
            ZERO,
        )
        loss = max(-profit_of(world.snapshot, purse, marks), ZERO)
        totals[purse.wallet, purse.asset] += purse.balance
        locked[purse.wallet, purse.asset] += purse.balance if purse.isolated else needed + loss
    return [
        Balance(wallet=wallet, asset=asset, free=total - held, locked=held)
        for (wallet, asset), total in totals.items()
        for held in [min(max(locked[wallet, asset], ZERO), max(total, ZERO))]
    ]
