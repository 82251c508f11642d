"""What to sell short or buy back: each asset's hedge against its two-level band, in coins."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot.domain.book import Exposure
from bot.domain.instrument import Instrument, Kind
from bot.domain.numbers import ZERO, down_to_step
from bot.domain.order import Side
from bot.domain.policy import HedgeRules, Policy
from bot.domain.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class HedgeTrade:
    """One hedge to change: positive coins to sell more short, negative to buy back."""

    asset: str
    symbol: str
    coins: Decimal
    reason: str

    @property
    def reduces(self) -> bool:
        """Whether it makes the short smaller."""
        return self.coins < 0

    @property
    def side(self) -> Side:
        """The side of its order."""
        return Side.BUY if self.reduces else Side.SELL


def hedge_symbol(asset: str, quote: str, kind: Kind) -> str:
    """Return the symbol of the contract that hedges `asset`; this release hedges with linear perpetuals."""
    if kind is not Kind.LINEAR_PERPETUAL:
        raise ValueError(f"hedging with a {kind} comes with a later release")
    return f"{asset}/{quote}:{quote}"


def wanted_hedge_trades(
    policy: Policy, exposure: Exposure, snapshot: Snapshot, core_values: Mapping[str, Decimal]
) -> tuple[HedgeTrade, ...]:
    """Return the hedges to change, sized for the core as it will be after `core_values` (quote currency) trade.

    A hedge is left alone while its gap is within `outer` × equity and its ratio within the allowed
    range; else it goes back to `inner` × equity from the target, inside the range. QUANT 2.3, 9.
    """
    if policy.hedge is None:
        return ()
    trades = []
    for asset in sorted(policy.core.assets):
        symbol = hedge_symbol(asset, policy.quote, policy.hedge.instrument)
        instrument = snapshot.instruments.get(symbol)
        if instrument is None or symbol not in snapshot.quotes:
            continue
        trade = _hedge_trade(policy.hedge, exposure, asset, instrument, core_values.get(asset, ZERO))
        if trade:
            trades.append(trade)
    return tuple(trades)


def _hedge_trade(
    rules: HedgeRules, exposure: Exposure, asset: str, instrument: Instrument, traded: Decimal
) -> HedgeTrade | None:
    held = exposure.assets[asset]
    coins = max(held.core_coins + traded / held.price, ZERO)
    ratio = rules.ratio_of(asset)
    short = -held.contract_coins
    gap = short - ratio.target * coins
    tolerated = instrument.coins(instrument.step, held.price)
    inside = ratio.low * coins - tolerated <= short <= ratio.high * coins + tolerated
    if abs(gap) * held.price <= rules.outer * exposure.equity and inside:
        return None
    inner = min(rules.inner * exposure.equity / held.price, abs(gap))
    goal = ratio.target * coins + (inner if gap > 0 else -inner)
    goal = min(max(goal, ratio.low * coins), ratio.high * coins)
    change = goal - short
    now = short / held.core_coins if held.core_coins else ZERO
    whole = down_to_step(coins, instrument.step)
    reason = f"{ratio.target * 100:.0f}% of {whole} {asset} short is the target, {now * 100:.1f}% is held"
    return HedgeTrade(asset=asset, symbol=instrument.symbol, coins=change, reason=reason)
