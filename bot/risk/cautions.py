"""What a person should know of approved trades although no limit stops them."""

from collections.abc import Iterable
from decimal import Decimal

from bot.domain.plan import Caution
from bot.domain.snapshot import FundingRate
from bot.risk.account import Account
from bot.risk.checks.control import percent, plain
from bot.risk.market import Market, Trade

HOURS_PER_YEAR = Decimal(8760)


def yearly_funding(funding: FundingRate) -> Decimal:
    """Return what a short receives per year, simple, a fraction of notional; negative when it pays.

    rate × 8760 ÷ interval in hours: the venue's real interval, not three a day. QUANT 3.
    """
    return funding.rate * HOURS_PER_YEAR / funding.interval_hours


def cautions_of(account: Account, trades: Iterable[Trade]) -> tuple[Caution, ...]:
    """Return the cautions of approved trades, each market named once.

    RC28: shorts opened where the carry is worse than min_funding_apr, or funding is not known.
    RC29: markets opened whose listing date the venue does not give, where the policy asks for an age.
    """
    opened = {trade.order.symbol: trade for trade in trades if not trade.order.reduce_only}
    found: list[Caution] = []
    for symbol in sorted(opened):
        trade = opened[symbol]
        kind = trade.market.instrument.kind
        if not kind.is_spot and not kind.is_dated and trade.order.side == "sell":  # a dated one earns its basis
            found.extend(_carry(account, symbol))
        found.extend(_age(trade.market))
    return tuple(found)


def _carry(account: Account, symbol: str) -> tuple[Caution, ...]:
    funding, limit = account.snapshot.funding.get(symbol), account.limits.min_funding_apr
    if funding is None:
        return (Caution(code="RC28", text=f"{symbol}: the funding a short pays or receives is not known"),)
    carry = yearly_funding(funding)
    if carry >= limit:
        return ()
    text = f"{symbol}: a short is paid {percent(carry)} a year, below min_funding_apr {percent(limit)}"
    return (Caution(code="RC28", text=text),)


def _age(market: Market) -> tuple[Caution, ...]:
    limit = market.limits.min_days_since_listing
    if market.instrument.listed_at is not None or limit <= 0:
        return ()
    text = f"{market.instrument.symbol}: listing date not known; min_days_since_listing {plain(limit)} not checked"
    return (Caution(code="RC29", text=text),)
