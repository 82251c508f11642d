"""One purse behind spot and contracts: kept with the contracts it margins, lent to spot for the length of an order."""

from dataclasses import replace
from decimal import Decimal

from bot.domain.instrument import WalletKind
from bot.domain.ledger import LedgerEntry
from bot.domain.numbers import ZERO
from bot.domain.snapshot import Balance
from bot.simulator.market import Market
from tests.emulator.account import EmulatedAccount


class Pool:
    """How a venue keeps and shows money; at a venue that is not pooled nothing is ever moved."""

    def __init__(self, account: EmulatedAccount, market: Market, *, pooled: bool) -> None:
        self._account = account
        self._is_pooled = pooled
        listed = tuple(market.instruments.values())
        self._quotes = frozenset(one.quote for one in listed if one.kind.is_spot)
        self._homes = {one.settle: one.wallet for one in reversed(listed) if not one.kind.is_spot}

    def wallets(self, wallet: WalletKind) -> frozenset[WalletKind]:
        """Return the wallets that stand behind one: all of them where they are pooled."""
        return frozenset(WalletKind) if self._is_pooled else frozenset({wallet})

    def gather(self, wallet: WalletKind, *assets: str) -> None:
        """Bring all that is free of some assets into one wallet, for what is to happen there."""
        if not self._is_pooled:
            return
        moves = [
            (purse, (wallet, purse[1]), amount)
            for purse, amount in self._account.movable().items()
            if purse[1] in assets and purse[0] is not wallet and amount
        ]
        self._account.move_unseen(moves)

    def level(self) -> None:
        """Bring the account up to now, and what no spot order holds to the wallet whose contracts it margins."""
        if not self._is_pooled:
            return
        moves = [
            ((wallet, asset), (self._homes[asset], asset), amount)
            for (wallet, asset), amount in self._account.movable().items()
            if wallet is WalletKind.SPOT and asset in self._homes
        ]
        self._account.move_unseen(moves)

    def balances(self, wallet: WalletKind) -> tuple[Balance, ...]:
        """Return what a wallet shows: quote money in the linear one and coins in spot where they are pooled."""
        held = self._account.balances()
        if not self._is_pooled:
            return tuple(one for one in held if one.wallet is wallet)
        summed: dict[str, tuple[Decimal, Decimal]] = {}
        for one in held:
            if self._shown_in(one.asset) is wallet:
                free, locked = summed.get(one.asset, (ZERO, ZERO))
                summed[one.asset] = (free + one.free, locked + one.locked)
        return tuple(
            Balance(wallet=wallet, asset=asset, free=max(free, ZERO), locked=locked + min(free, ZERO))
            for asset, (free, locked) in sorted(summed.items())
        )

    def told(self, entry: LedgerEntry) -> LedgerEntry:
        """Return an entry of the books with the wallet it shows in."""
        return replace(entry, wallet=self._shown_in(entry.asset)) if self._is_pooled else entry

    def _shown_in(self, asset: str) -> WalletKind:
        return WalletKind.LINEAR if asset in self._quotes else WalletKind.SPOT
