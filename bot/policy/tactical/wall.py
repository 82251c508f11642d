"""The wall between the overlay and the core: what its positions could still lose, and what is left to lose."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.numbers import ONE, ZERO, buy_limit, sell_limit
from bot.domain.policy import Limits
from bot.domain.rules import TacticalRule
from bot.domain.sleeves import Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A tactical claim at the mark, with its rule; None where the policy has none of that name any more.

    `rate` is what leaving costs, a fraction of the notional: taker fee and the slippage the limits allow.
    """

    claim: Claim
    rule: TacticalRule | None
    instrument: Instrument
    mark: Decimal
    rate: Decimal

    @property
    def side(self) -> int:
        """+1 for a long, −1 for a short."""
        return 1 if self.claim.quantity > 0 else -1

    @property
    def notional(self) -> Decimal:
        """The unsigned value at the mark, in quote currency."""
        return abs(self.instrument.notional(self.claim.quantity, self.mark))

    def profit_at(self, price: Decimal) -> Decimal:
        """Return the profit at a price, in quote currency; coins are valued at that price."""
        profit = self.instrument.profit(self.claim.quantity, self.claim.entry, price)
        return profit * price if self.instrument.kind.is_inverse else profit

    def cost_at(self, price: Decimal) -> Decimal:
        """Return what leaving at a price costs, in quote currency."""
        return abs(self.instrument.notional(self.claim.quantity, price)) * self.rate

    def loss_at(self, price: Decimal) -> Decimal:
        """Return what leaving at a price loses with its costs, in quote currency; zero for a profit."""
        return max(self.cost_at(price) - self.profit_at(price), ZERO)

    @property
    def loss(self) -> Decimal:
        """What leaving now loses."""
        return self.loss_at(self.mark)

    def shocked_loss(self, shock: Decimal) -> Decimal:
        """Return what is lost when the mark moves `shock` against it in one step."""
        return self.loss_at(shocked(self.mark, shock, self.side))

    def reserved(self, shock: Decimal) -> Decimal:
        """Return what is kept back for it before another position is opened, in quote currency.

        The larger of a shock from the mark, its unrealised profit counted as lost too, and one from its stop.
        """
        moved = shocked(self.mark, shock, self.side)
        from_mark = self.cost_at(moved) - self.profit_at(moved) + max(self.profit_at(self.mark), ZERO)
        if self.rule is None:
            return from_mark
        stop = stop_price(self.claim.entry, self.rule.stop, self.side)
        return max(from_mark, self.loss_at(shocked(stop, shock, self.side)))


def shocked(price: Decimal, shock: Decimal, side: int) -> Decimal:
    """Return the price after a move of `shock` against a position of that side."""
    return price * (ONE - side * shock)


def stop_price(entry: Decimal, distance: Decimal, side: int) -> Decimal:
    """Return where a position entered at `entry` is left at a loss, off the tick grid."""
    return entry * (ONE - side * distance)


def stop_trigger(held: Held, rule: TacticalRule) -> Decimal:
    """Return the mark price of the stop on the tick grid, rounded so that it triggers earlier."""
    price = stop_price(held.claim.entry, rule.stop, held.side)
    return sell_limit(price, held.instrument.tick) if held.side > 0 else buy_limit(price, held.instrument.tick)


def cost_rate(instrument: Instrument, limits: Limits) -> Decimal:
    """Return what a trade costs at worst, a fraction of its notional at the mark: (1 + fee) × (1 + slippage) − 1.

    The taker fee is paid on the price slipped to, the slippage is the most an order's limit lets through.
    """
    return (ONE + instrument.taker_fee) * (ONE + min(limits.max_slippage, limits.price_collar)) - ONE


def beyond_the_wall(
    staying: Sequence[Held], leaving: Sequence[Held], *, wall: Decimal, shock: Decimal
) -> tuple[Held, ...]:
    """Return which of the staying must be closed too, so that a shock to the rest stays inside the wall.

    Those go first to whose loss a shock adds most. When nothing is left of the wall all go.
    """
    kept, closed = list(staying), list[Held]()
    spent = sum((one.loss for one in (*staying, *leaving)), ZERO)
    while kept:
        at_risk = [*(one.shocked_loss(shock) for one in kept), *(one.loss for one in (*leaving, *closed))]
        if spent < wall and sum(at_risk, ZERO) <= wall:
            break
        worst = max(kept, key=lambda one: one.shocked_loss(shock) - one.loss)
        kept.remove(worst)
        closed.append(worst)
    return tuple(closed)
