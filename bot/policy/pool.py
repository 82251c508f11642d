"""One purse behind spot and futures, shown as two: what the open contracts need stands as margin, the rest is free."""

from dataclasses import replace
from decimal import ROUND_UP, Decimal

from bot.domain.instrument import WalletKind
from bot.domain.numbers import ZERO
from bot.domain.policy import Policy
from bot.domain.snapshot import Balance, Snapshot, Wallets
from bot.policy.exposure import contract_mark
from bot.policy.hedge.collateral import CENT, leverage_band


def divided(snapshot: Snapshot, policy: Policy) -> Snapshot:
    """Return the snapshot with a pooled account's quote money divided; any other snapshot as it is.

    A pooled account shows all its quote money in the linear wallet. Of it, notional of the open contracts ÷ the
    target leverage − their profit stays there, rounded up to a cent, so that the leverage stands at its target;
    the rest is spendable. Derived from the positions, it needs no memory: a transfer the plan makes means setting
    margin aside, and the next division, with the position open, finds the same. Coins are worth nothing as margin
    here, although the venue may count them: less risk.
    """
    if snapshot.wallets is not Wallets.POOLED:
        return snapshot
    purse = _purse(snapshot, policy)
    margin = min(max(_needed(snapshot, policy), purse.locked), purse.total)
    spendable = max(min(purse.free, purse.total - margin), ZERO)
    kept = purse.total - spendable
    locked = min(purse.locked, kept)
    others = tuple(b for b in snapshot.balances if b.asset != policy.quote or b.wallet is WalletKind.INVERSE)
    shares = (
        replace(purse, free=kept - locked, locked=locked),
        Balance(wallet=WalletKind.SPOT, asset=policy.quote, free=spendable, locked=ZERO),
    )
    return replace(snapshot, balances=(*others, *shares))


def _purse(snapshot: Snapshot, policy: Policy) -> Balance:
    """Return all quote money of the account as one balance."""
    held = [b for b in snapshot.balances if b.asset == policy.quote and b.wallet is not WalletKind.INVERSE]
    free = sum((b.free for b in held), ZERO)
    locked = sum((b.locked for b in held), ZERO)
    return Balance(wallet=WalletKind.LINEAR, asset=policy.quote, free=free, locked=locked)


def _needed(snapshot: Snapshot, policy: Policy) -> Decimal:
    """Return the margin that puts the open linear contracts at the target leverage, in quote currency, up to a cent."""
    notional, profit = ZERO, ZERO
    for symbol, position in snapshot.positions.items():
        instrument = snapshot.instruments[symbol]
        if instrument.wallet is WalletKind.LINEAR:
            mark = contract_mark(snapshot, symbol)
            notional += abs(instrument.notional(position.quantity, mark))
            profit += instrument.profit(position.quantity, position.entry_price, mark)
    needed = notional / leverage_band(policy).target - profit
    return max(needed, ZERO).quantize(CENT, ROUND_UP)
