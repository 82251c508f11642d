"""A coin-margined wallet of the projected book: one coin, its balance and the contracts it stands behind.

It is small and made anew when something in it changes, so that a step costs what its own positions cost.
A contract's face is in USD, which counts one for one with the policy's quote currency.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from bot.domain.instrument import MaintenanceTier
from bot.domain.numbers import ONE, ZERO
from bot.risk.margin import inverse_liquidation_price, maintenance_margin, margin_ratio
from bot.risk.stress import CoinHolding, inverse_survivable_move


class Margin(NamedTuple):
    """Margin ratio, nearest liquidation and joint rally of some wallets; None where nothing is held."""

    ratio: Decimal | None
    distance: Decimal | None
    rally: Decimal | None


class Reached(NamedTuple):
    """A position with the move against it that liquidates it, a fraction of its mark, and the mark it ends at."""

    move: Decimal
    symbol: str
    price: Decimal


def reached(symbol: str, mark: Decimal, move: Decimal | None, *, short: bool) -> Reached | None:
    """Return where a move against a position ends it, None where none does."""
    return None if move is None else Reached(move, symbol, mark * (ONE + (move if short else -move)))


class InverseContract(NamedTuple):
    """What does not change of a coin-margined contract while a plan is judged.

    `face` is quote currency per contract, `leverage` the venue's setting or the highest allowed where
    nothing is held, `daily_funding` the fraction of its face a long pays per day. Tiers are in coins.
    """

    symbol: str
    asset: str
    face: Decimal
    mark: Decimal
    tiers: Sequence[MaintenanceTier]
    leverage: Decimal
    daily_funding: Decimal


class InverseLine(NamedTuple):
    """One coin-margined contract. Quantities in signed contracts, margin and profit in coins.

    `coins` is its delta with its unrealised profit, quantity × face ÷ entry (QUANT 2.4). `isolated` is its
    own margin, None when it shares the wallet. `worst` is the quantity once openings in flight are filled.
    """

    contract: InverseContract
    quantity: Decimal
    entry: Decimal
    isolated: Decimal | None
    buying: Decimal
    selling: Decimal
    coins: Decimal
    profit: Decimal
    maintenance: Decimal
    worst: Decimal
    worst_maintenance: Decimal

    @property
    def gross(self) -> Decimal:
        """The unsigned notional in quote currency."""
        return abs(self.quantity) * self.contract.face

    @property
    def worst_gross(self) -> Decimal:
        """The unsigned notional once openings in flight are filled, in quote currency."""
        return abs(self.worst) * self.contract.face

    @property
    def initial(self) -> Decimal:
        """The initial margin of what is held and may be opened in flight, in coins."""
        return self.worst_gross / self.contract.mark / self.contract.leverage

    @property
    def is_flat(self) -> bool:
        """Whether nothing is held and nothing in flight may open."""
        return not (self.quantity or self.buying or self.selling)


def inverse_line(
    contract: InverseContract,
    quantity: Decimal,
    entry: Decimal,
    *,
    isolated: Decimal | None = None,
    flight: tuple[Decimal, Decimal] = (ZERO, ZERO),
) -> InverseLine:
    """Return a contract's line; `flight` is what orders in flight would buy and sell, in contracts."""
    buying, selling = flight
    value = quantity * contract.face
    coins = value / entry
    worst = max(quantity + buying, quantity - selling, key=abs)
    return InverseLine(
        contract,
        quantity,
        entry,
        isolated,
        buying,
        selling,
        coins,
        coins - value / contract.mark,
        maintenance_margin(contract.tiers, abs(value) / contract.mark),
        worst,
        maintenance_margin(contract.tiers, abs(worst) * contract.face / contract.mark),
    )


def inverse_filled(line: InverseLine, signed: Decimal, price: Decimal) -> tuple[InverseLine, Decimal]:
    """Return the line after `signed` contracts traded at `price`, and the coins of profit realised.

    Opening averages the entry harmonically; closing leaves it and realises closed × face × (1/entry −
    1/price), QUANT 2.4. An isolated margin grows by the margin of what is opened and shrinks in proportion.
    """
    contract, held, after = line.contract, line.quantity, line.quantity + signed
    closed = ZERO if held * signed >= 0 else min(abs(held), abs(signed))
    opened = abs(signed) - closed
    way = ONE if held > 0 else -ONE
    realised = way * closed * contract.face * (ONE / line.entry - ONE / price)
    entry = line.entry
    if opened:
        entry = abs(after) / ((abs(held) - closed) / line.entry + opened / price)
    isolated = line.isolated
    if isolated is not None:
        isolated = isolated * (abs(held) - closed) / abs(held) if closed else isolated
        isolated += opened * contract.face / price / contract.leverage
    return inverse_line(contract, after, entry, isolated=isolated, flight=(line.buying, line.selling)), realised


class CoinWallet(NamedTuple):
    """One coin's wallet. Coins but `price` (quote currency per coin), `gross`, `worst_gross` and `funding`.

    `free` may be taken out. `equity` counts unrealised profit, `available` is what cross positions leave
    above their initial margin. `funding` is received per day. `margin` are its figures,
    `worst_distance` the nearest liquidation once openings in flight are filled, a fraction of the mark.
    """

    asset: str
    price: Decimal
    balance: Decimal
    free: Decimal
    lines: Mapping[str, InverseLine]
    equity: Decimal
    available: Decimal
    gross: Decimal
    worst_gross: Decimal
    funding: Decimal
    margin: Margin
    worst_distance: Decimal | None

    @property
    def value(self) -> Decimal:
        """Its equity in quote currency."""
        return self.equity * self.price

    def holding(self, line: InverseLine, *, balance: Decimal = ZERO, free: Decimal = ZERO) -> "CoinWallet":
        """Return the wallet with one line changed and signed coins added to its balance and what is free."""
        lines = {**self.lines, line.contract.symbol: line}
        if line.is_flat:
            del lines[line.contract.symbol]
        return coin_wallet(self.asset, self.price, self.balance + balance, self.free + free, lines)

    def moved(self, amount: Decimal) -> "CoinWallet":
        """Return the wallet after signed coins came in."""
        return coin_wallet(self.asset, self.price, self.balance + amount, self.free + amount, self.lines)


def coin_wallet(
    asset: str, price: Decimal, balance: Decimal, free: Decimal, lines: Mapping[str, InverseLine]
) -> CoinWallet:
    """Return a coin's wallet with all that is reckoned of it; the cost grows with its own positions only."""
    held = tuple(lines.values())
    cross = [line for line in held if line.isolated is None]
    backing = balance - sum((line.isolated for line in held if line.isolated is not None), ZERO)
    shared = backing + sum((line.profit for line in cross), ZERO)
    equity = balance + sum((line.profit for line in held), ZERO)
    margin = sum((line.maintenance for line in held), ZERO)
    distances, worst = _distances(held, cross, shared)
    rises = [_rise((line,), line.isolated or ZERO) for line in held if line.isolated is not None]
    return CoinWallet(
        asset,
        price,
        balance,
        free,
        lines,
        equity,
        shared - sum((line.initial for line in cross), ZERO),
        sum((line.gross for line in held), ZERO),
        sum((line.worst_gross for line in held), ZERO),
        -sum((line.quantity * line.contract.face * line.contract.daily_funding for line in held), ZERO),
        Margin(
            margin_ratio(margin, equity) if margin else None,
            nearest(distances),
            nearest((*rises, _rise(cross, backing))),
        ),
        nearest(worst),
    )


def nearest_line(wallet: CoinWallet) -> Reached | None:
    """Return the position of a wallet that is nearest to its liquidation, None where none is liquidated."""
    held = tuple(wallet.lines.values())
    cross = [line for line in held if line.isolated is None]
    own = sum((line.isolated for line in held if line.isolated is not None), ZERO)
    shared = wallet.balance - own + sum((line.profit for line in cross), ZERO)
    moves, _ = _distances(held, cross, shared)
    found = (
        reached(line.contract.symbol, line.contract.mark, move, short=line.quantity < 0)
        for line, move in zip(held, moves, strict=True)
    )
    return min((one for one in found if one is not None), default=None)


def nearest(moves: Iterable[Decimal | None]) -> Decimal | None:
    """Return the smallest of some moves, None where there is none."""
    return min((move for move in moves if move is not None), default=None)


def _distances(
    held: Sequence[InverseLine], cross: Sequence[InverseLine], shared: Decimal
) -> tuple[list[Decimal | None], list[Decimal | None]]:
    """Return the move that liquidates each position, as held and at worst, the others standing still."""
    now: list[Decimal | None] = []
    worst: list[Decimal | None] = []
    margin = sum((line.maintenance for line in cross), ZERO)
    worst_margin = sum((line.worst_maintenance for line in cross), ZERO)
    for line in held:
        if line.isolated is not None:
            spare, others, worst_others = line.isolated + line.profit, ZERO, ZERO
        else:
            spare, others, worst_others = shared, margin - line.maintenance, worst_margin - line.worst_maintenance
        now.append(_distance(line, line.quantity, spare, others))
        # what an isolated position opens brings its own margin
        at_worst = line.worst if line.isolated is None else line.quantity
        worst.append(_distance(line, at_worst, spare, worst_others))
    return now, worst


def _distance(line: InverseLine, contracts: Decimal, equity: Decimal, others: Decimal) -> Decimal | None:
    """Return the move that liquidates `contracts` behind which `equity` coins stand, a fraction of the mark.

    The contracts are taken as entered at the mark, since the equity counts their profit already.
    """
    contract = line.contract
    if not contracts:
        return None
    if equity <= others + maintenance_margin(contract.tiers, abs(contracts) * contract.face / contract.mark):
        return ZERO
    price = inverse_liquidation_price(
        contract.tiers, wallet=equity, contracts=contracts, face=contract.face, entry=contract.mark, others=-others
    )
    return None if price is None else abs(price / contract.mark - ONE)


def _rise(lines: Sequence[InverseLine], balance: Decimal) -> Decimal | None:
    """Return the rise of the coin that liquidates positions sharing `balance` coins, None when none does."""
    holdings = [
        CoinHolding(line.quantity, line.contract.face, line.entry, line.contract.mark, line.contract.tiers)
        for line in lines
        if line.quantity
    ]
    return inverse_survivable_move(balance, holdings, up=True) if holdings else None
