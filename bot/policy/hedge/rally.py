"""What a rally has done to the hedge, and what closing it or keeping it would cost: said, never done in silence."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.numbers import ZERO
from bot.domain.order import Sleeve
from bot.domain.plan import Advice
from bot.domain.policy import Policy
from bot.domain.sleeves import Claim, claimed
from bot.domain.snapshot import Position, Snapshot
from bot.policy.exposure import contract_mark

HURT = Decimal("0.02")  # of equity: an unrealised loss of the hedge worth a person's thought
HOURS_A_DAY = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class HedgeCost:
    """A hedge's short in one contract, in quote currency: what it has lost, and what each way on costs.

    `profit` is unrealised, negative for a loss; `closing` fees and half-spread; `funding_per_day` positive
    when received, None when the venue does not tell it.
    """

    profit: Decimal
    closing: Decimal
    funding_per_day: Decimal | None


def rally_advice(
    policy: Policy,
    snapshot: Snapshot,
    claims: tuple[Claim, ...],
    *,
    equity: Decimal,
    survives: Callable[[], Decimal | None],
) -> Advice | None:
    """Return what to think about when the hedge has lost more than 2 % of equity; None while it has not.

    `survives` tells the joint rise the futures wallet still survives, a fraction, None when none ends it; it
    is asked only when there is something to say.
    Raises SnapshotUnavailable when a held contract has no mark.
    """
    if not claims and -_short_profit(snapshot) <= HURT * equity:
        return None  # the plain case, without reckoning what leaving would cost
    costs = hedge_costs(snapshot, claims)
    lost = -sum((cost.profit for cost in costs), ZERO)
    if lost <= HURT * equity:
        return None
    closing = sum((cost.closing for cost in costs), ZERO)
    quote = policy.quote
    text = (
        f"the rally cost the hedge {lost:.2f} {quote} not realised yet ({lost / equity * 100:.1f}% of equity), and the "
        f"coins it covers gained about as much; closing now makes it real and costs {closing:.2f} more in fees and "
        f"spread; keeping it {_funding(costs, quote)}, and {_survives(survives())}; nothing is closed by this"
    )
    return Advice(sleeve=Sleeve.HEDGE, subject="rally", text=text, value=lost)


def _short_profit(snapshot: Snapshot) -> Decimal:
    """Return the unrealised profit of all shorts, in quote currency."""
    return sum(
        (
            _in_quote(snapshot.instruments[p.symbol], p.quantity, p.entry_price, contract_mark(snapshot, p.symbol))
            for p in snapshot.positions.values()
            if p.quantity < 0
        ),
        ZERO,
    )


def hedge_costs(snapshot: Snapshot, claims: tuple[Claim, ...]) -> tuple[HedgeCost, ...]:
    """Return the cost of each contract the hedge is short, what other sleeves claim of it taken out."""
    costs = []
    for symbol, position in sorted(snapshot.positions.items()):
        quantity = position.quantity - claimed(claims, symbol)
        if quantity < 0:
            costs.append(_cost(snapshot, position, claims, quantity))
    return tuple(costs)


def _cost(snapshot: Snapshot, position: Position, claims: tuple[Claim, ...], quantity: Decimal) -> HedgeCost:
    instrument, quote = snapshot.instruments[position.symbol], snapshot.quotes[position.symbol]
    mark = contract_mark(snapshot, position.symbol)
    profit = _in_quote(instrument, position.quantity, position.entry_price, mark)
    for claim in claims:
        if claim.symbol == position.symbol:
            profit -= _in_quote(instrument, claim.quantity, claim.entry, mark)
    notional = abs(instrument.notional(quantity, mark))
    half_spread = max(quote.ask - mark, ZERO) / mark
    return HedgeCost(
        profit=profit,
        closing=notional * (instrument.taker_fee + half_spread),
        funding_per_day=_funding_per_day(snapshot, instrument, notional),
    )


def _in_quote(instrument: Instrument, quantity: Decimal, entry: Decimal, mark: Decimal) -> Decimal:
    profit = instrument.profit(quantity, entry, mark)
    return profit * mark if instrument.kind.is_inverse else profit


def _funding_per_day(snapshot: Snapshot, instrument: Instrument, notional: Decimal) -> Decimal | None:
    """Return what a short of `notional` receives a day at the newest rate and its real interval (QUANT 3)."""
    if instrument.kind.is_dated:
        return ZERO
    funding = snapshot.funding.get(instrument.symbol)
    return None if funding is None else notional * funding.rate * HOURS_A_DAY / funding.interval_hours


def _funding(costs: tuple[HedgeCost, ...], quote: str) -> str:
    told = [cost.funding_per_day for cost in costs if cost.funding_per_day is not None]
    if len(told) < len(costs):
        return "pays or earns a funding the venue does not tell"
    received = sum(told, ZERO)
    return f"{'earns' if received >= 0 else 'costs'} {abs(received):.2f} {quote} a day in funding"


def _survives(rise: Decimal | None) -> str:
    return "no further rally ends the wallet" if rise is None else f"the wallet survives a further {rise * 100:+.1f}%"
