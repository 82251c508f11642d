"""How much margin the futures wallet needs: its leverage is kept in a two-level band."""

from dataclasses import dataclass
from decimal import Decimal

from bot.domain.book import Exposure
from bot.domain.instrument import WalletKind
from bot.domain.numbers import ZERO, down_to_step
from bot.domain.order import Sleeve, TransferRequest
from bot.domain.policy import Policy
from bot.domain.snapshot import Snapshot
from bot.policy.hedge_trades import HedgeTrade

CENT = Decimal("0.01")
WORTH_MOVING = Decimal("0.001")  # of equity: a smaller transfer is not worth its step


@dataclass(frozen=True, slots=True, kw_only=True)
class Collateral:
    """The transfer wanted: positive into the futures wallet, negative out of it, in quote currency."""

    amount: Decimal
    leg: TransferRequest | None
    reason: str


NOTHING = Collateral(amount=ZERO, leg=None, reason="")


def wanted_transfer(
    policy: Policy, exposure: Exposure, snapshot: Snapshot, hedges: tuple[HedgeTrade, ...]
) -> Collateral:
    """Return the transfer that brings gross futures notional over wallet equity back to its target.

    Nothing moves while that leverage, after the hedges, stays inside the band. Out of the wallet
    goes only what is free there and never more than a day's allowance; into it, only what is
    spendable and within the allowance and the margin share. Amounts are cut to a cent.
    """
    if policy.hedge is None:
        return NOTHING
    notional = exposure.gross_notional + sum(
        (trade.coins * exposure.assets[trade.asset].price for trade in hedges), ZERO
    )
    equity = exposure.futures_equity
    band = policy.hedge.leverage
    leverage = notional / equity if equity > 0 else None
    if leverage is None:
        inside = notional <= 0
    else:
        inside = band.holds(leverage) or (notional <= 0 and equity <= WORTH_MOVING * exposure.equity)
    if inside:
        return NOTHING
    return _transfer(policy, exposure, snapshot, max(notional, ZERO) / band.target - equity)


def _transfer(policy: Policy, exposure: Exposure, snapshot: Snapshot, gap: Decimal) -> Collateral:
    quote, limits = policy.quote, policy.limits
    allowance = limits.max_daily_transfer * exposure.account_equity
    if gap > 0:
        room = limits.max_futures_margin_share * exposure.account_equity - exposure.futures_equity
        amount = min(gap, exposure.spendable, allowance, room)
        source, target = WalletKind.SPOT, WalletKind.LINEAR
    else:
        free = sum((b.free for b in snapshot.balances if b.wallet is WalletKind.LINEAR and b.asset == quote), ZERO)
        amount = min(-gap, free, exposure.futures_equity, allowance)
        source, target = WalletKind.LINEAR, WalletKind.SPOT
    amount = down_to_step(amount, CENT)
    if amount < WORTH_MOVING * exposure.equity:
        return NOTHING
    leg = TransferRequest(asset=quote, amount=amount, source=source, target=target, sleeve=Sleeve.RESERVE)
    aim = policy.hedge.leverage.target if policy.hedge else ZERO
    words = ("needs", "more") if gap > 0 else ("holds", "too much")
    reason = f"futures wallet {words[0]} {abs(gap):.2f} {quote} {words[1]} for {aim.normalize():f}x"
    return Collateral(amount=amount if gap > 0 else -amount, leg=leg, reason=reason)
