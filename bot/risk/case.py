"""What a check is given: one proposal, the book before it and the book it would make."""

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from functools import cached_property

from bot.domain.instrument import WalletKind
from bot.domain.numbers import ZERO
from bot.domain.order import TransferRequest
from bot.domain.plan import Proposal
from bot.domain.policy import Policy
from bot.domain.snapshot import Snapshot
from bot.risk.account import Account
from bot.risk.lines import CoinLine
from bot.risk.projection import Trial


class Standing(IntEnum):
    """What a proposal does to risk, as the gate reckons it.

    ADDS may add some. REDUCES lowers exposure and gross notional, or keeps them. PROTECTS is made of
    reduce-only orders and transfers into the futures wallet only: it cannot open anything.
    """

    ADDS = 0
    REDUCES = 1
    PROTECTS = 2


@dataclass(frozen=True)
class Case:
    """One proposal to be judged: `trial` is the book it would make, `trial.book` the book before it."""

    account: Account
    proposal: Proposal
    trial: Trial
    transfers: tuple[TransferRequest, ...]

    @property
    def policy(self) -> Policy:
        """The policy."""
        return self.account.policy

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot."""
        return self.account.snapshot

    def before(self, asset: str) -> CoinLine:
        """Return the coin's line before the proposal."""
        return self.trial.book.coins[asset]

    @cached_property
    def standing(self) -> Standing:
        """What the proposal does to risk."""
        if self._only_protects():
            return Standing.PROTECTS
        moves_out = any(leg.target is not WalletKind.LINEAR for leg in self.transfers)
        grows = self.trial.totals.gross > self.trial.book.totals.gross
        if moves_out or grows or not self.trial.trades:
            return Standing.ADDS
        lowers = all(self._lowers(line) for line in self.trial.coins.values())
        return Standing.REDUCES if lowers else Standing.ADDS

    def _only_protects(self) -> bool:
        """Whether every order is reduce-only within its position, and every transfer goes into futures."""
        orders = len(self.trial.reductions) == len(self.trial.trades)
        return (
            orders
            and all(reduction.holds for reduction in self.trial.reductions)
            and all(leg.target is WalletKind.LINEAR for leg in self.transfers)
        )

    def _lowers(self, line: CoinLine) -> bool:
        """Whether |delta| of one coin does not grow and its hedge is not pushed over its bound."""
        old = self.before(line.asset)
        if abs(line.delta) > abs(old.delta):
            return False
        excess = self.over_hedge(line)
        return excess <= 0 or excess <= self.over_hedge(old)

    def over_hedge(self, line: CoinLine) -> Decimal:
        """Return the coins sold short beyond max_hedge_ratio × core, one contract step allowed (I10)."""
        policy = self.account.policy
        contract = self.snapshot.instruments.get(f"{line.asset}/{policy.quote}:{policy.quote}")
        step = contract.step * contract.contract_size if contract else ZERO
        return line.short - max(line.hedgeable, ZERO) * policy.limits.max_hedge_ratio - step
