"""What a check is given: one proposal, the book before it and the book it would make."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from enum import IntEnum
from typing import NamedTuple

from bot.domain.instrument import WalletKind
from bot.domain.numbers import ZERO
from bot.domain.order import Side, TransferRequest
from bot.domain.plan import Proposal
from bot.domain.policy import Policy
from bot.risk.account import Account
from bot.risk.lines import CoinLine
from bot.risk.market import Trade
from bot.risk.projection import Book
from bot.risk.trial import Trial


class Standing(IntEnum):
    """What a proposal does to risk, as the gate reckons it.

    ADDS may add some. REDUCES lowers exposure and gross notional, or keeps them; so does leaving carry or
    the overlay where gross notional falls. PROTECTS is made of reduce-only orders, stops, cancellations
    and transfers into a futures wallet only: it cannot open anything.
    """

    ADDS = 0
    REDUCES = 1
    PROTECTS = 2


class Case(NamedTuple):
    """One proposal to be judged: `trial` is the book it would make, `trial.book` the book before it."""

    account: Account
    policy: Policy
    proposal: Proposal
    trial: Trial
    transfers: tuple[TransferRequest, ...]
    standing: Standing

    @property
    def moves_margin(self) -> bool:
        """Whether it touches a futures wallet at all."""
        return bool(self.trial.lines) or bool(self.trial.wallets) or bool(self.transfers)

    def before(self, asset: str) -> CoinLine:
        """Return the coin's line before the proposal."""
        return self.trial.book.coins[asset]


def case_of(account: Account, proposal: Proposal, trial: Trial, transfers: tuple[TransferRequest, ...]) -> Case:
    """Return the case of a proposal that `trial` holds already, with its standing."""
    return Case(account, account.policy, proposal, trial, transfers, _standing(account, trial, transfers))


def _standing(account: Account, trial: Trial, transfers: tuple[TransferRequest, ...]) -> Standing:
    """Return what the proposal does to risk."""
    if any(leg.target is WalletKind.SPOT for leg in transfers):
        return Standing.ADDS
    if len(trial.reductions) == len(trial.trades) and all(one.holds for one in trial.reductions):
        return Standing.PROTECTS
    if trial.totals.gross > trial.book.totals.gross:
        return Standing.ADDS
    return Standing.REDUCES if _leaves(trial) or _lowers(account, trial) else Standing.ADDS


def _leaves(trial: Trial) -> bool:
    """Whether all it does is to make claims of carry and the overlay smaller, and gross notional falls."""
    leaves = trial.claimed_only and all(share.leaves for share in trial.shares)
    return leaves and trial.totals.gross < trial.book.totals.gross


def _lowers(account: Account, trial: Trial) -> bool:
    """Whether |delta| of no coin grows and no hedge is pushed over its bound."""
    if any(abs(new.delta) > abs(trial.book.coins[new.asset].delta) for new in trial.coins.values()):
        return False
    return all(excess <= max(before, ZERO) for _, excess, before in hedges(account, trial))


def hedges(account: Account, trial: Trial) -> Iterator[tuple[CoinLine, Decimal, Decimal]]:
    """Yield each coin whose hedge a trial may change, and the coins over its bound after and before."""
    assets = dict.fromkeys(trial.coins)
    for other, coins in account.crossed.items():
        if assets.keys() & coins:
            assets[other] = None
    for asset in assets:
        line, before = trial.coin(asset), trial.book.coins[asset]
        yield (
            line,
            over_hedge(account, line, crossed(account, line, trial.coin)),
            over_hedge(account, before, crossed(account, before, trial.book.coins.__getitem__)),
        )


def over_hedge(account: Account, line: CoinLine, crossed: Decimal = ZERO) -> Decimal:
    """Return the coins sold short beyond max_hedge_ratio × core, one contract step allowed (I10).

    Negative where there is room left. Orders in flight count: sales of spot as done, shorts as open.
    `crossed` are the coins of others hedged with this one's contract, in coins of this one.
    """
    core = max(line.hedgeable, ZERO) + crossed
    return line.short - core * account.limits.max_hedge_ratio - account.step_coins(line.asset)


def crossed(account: Account, line: CoinLine, line_of: Callable[[str], CoinLine]) -> Decimal:
    """Return what other coins may be hedged with this one's contract, in its coins: their value × the highest beta."""
    coins = account.crossed.get(line.asset, ())
    cross = account.policy.hedge.cross if account.policy.hedge else None
    if not coins or cross is None:
        return ZERO
    value = sum((max((other := line_of(coin)).hedgeable, ZERO) * other.price for coin in coins), ZERO)
    return value * cross.beta_high / line.price


def surely_adds(book: Book, trade: Trade) -> bool:
    """Whether an order plainly adds risk to the book as it is: no need to lay it over first.

    A purchase of spot where delta is not short, or a contract order that opens.
    """
    order, instrument = trade.order, trade.market.instrument
    if instrument.kind.is_spot:
        coin = book.coins.get(instrument.base)
        return order.side is Side.BUY and coin is not None and coin.delta >= 0
    return not order.reduce_only and book.held(order.symbol) * order.side.sign >= 0
