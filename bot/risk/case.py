"""What a check is given: one proposal, the book before it and the book it would make."""

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
from bot.risk.projection import Book, Trial


class Standing(IntEnum):
    """What a proposal does to risk, as the gate reckons it.

    ADDS may add some. REDUCES lowers exposure and gross notional, or keeps them. PROTECTS is made of
    reduce-only orders and transfers into the futures wallet only: it cannot open anything.
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
        """Whether it touches the futures wallet at all."""
        return bool(self.trial.lines) or bool(self.transfers)

    def before(self, asset: str) -> CoinLine:
        """Return the coin's line before the proposal."""
        return self.trial.book.coins[asset]

    def over_hedge(self, line: CoinLine) -> Decimal:
        """Return the coins sold short beyond the bound; see `over_hedge`."""
        return over_hedge(self.account, line)


def case_of(account: Account, proposal: Proposal, trial: Trial, transfers: tuple[TransferRequest, ...]) -> Case:
    """Return the case of a proposal that `trial` holds already, with its standing."""
    return Case(account, account.policy, proposal, trial, transfers, _standing(account, trial, transfers))


def _standing(account: Account, trial: Trial, transfers: tuple[TransferRequest, ...]) -> Standing:
    """Return what the proposal does to risk."""
    if any(leg.target is not WalletKind.LINEAR for leg in transfers):
        return Standing.ADDS
    if len(trial.reductions) == len(trial.trades) and all(one.holds for one in trial.reductions):
        return Standing.PROTECTS
    if trial.totals.gross > trial.book.totals.gross:
        return Standing.ADDS
    return Standing.REDUCES if all(_lowers(account, trial, new) for new in trial.coins.values()) else Standing.ADDS


def _lowers(account: Account, trial: Trial, new: CoinLine) -> bool:
    """Whether |delta| of one coin does not grow and its hedge is not pushed over its bound."""
    old = trial.book.coins[new.asset]
    if abs(new.delta) > abs(old.delta):
        return False
    excess = over_hedge(account, new)
    return excess <= 0 or excess <= over_hedge(account, old)


def over_hedge(account: Account, line: CoinLine) -> Decimal:
    """Return the coins sold short beyond max_hedge_ratio × core, one contract step allowed (I10).

    Negative where there is room left. Orders in flight count: sales of spot as done, shorts as open.
    """
    core = max(line.hedgeable, ZERO)
    return line.short - core * account.limits.max_hedge_ratio - account.step_coins(line.asset)


def surely_adds(book: Book, trade: Trade) -> bool:
    """Whether an order plainly adds risk to the book as it is: no need to lay it over first.

    A purchase of spot where delta is not short, or a contract order that opens.
    """
    order, instrument = trade.order, trade.market.instrument
    if instrument.kind.is_spot:
        coin = book.coins.get(instrument.base)
        return order.side is Side.BUY and coin is not None and coin.delta >= 0
    line = book.lines.get(order.symbol)
    return not order.reduce_only and (line is None or line.quantity * order.side.sign >= 0)
