"""What carry and the tactical overlay hold of the projected book: their claims, moved by the parts of orders."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from bot.domain.instrument import Instrument, average_entry
from bot.domain.numbers import ONE, ZERO
from bot.domain.order import OrderRequest, Sleeve
from bot.domain.policy import Policy

CLAIMING = frozenset({Sleeve.CARRY, Sleeve.TACTICAL})
StakeKey = tuple[Sleeve, str, str]


class Terms(NamedTuple):
    """What stakes are reckoned with: the leverage of a carry short and the move the overlay must survive."""

    leverage: Decimal
    shock: Decimal


def terms_of(policy: Policy) -> Terms:
    """Return the policy's terms; without a carry section a short binds its whole notional."""
    return Terms(
        policy.carry.leverage if policy.carry else ONE,
        policy.tactical.shock if policy.tactical else ZERO,
    )


class Stake(NamedTuple):
    """A rule's holding of one instrument. `quantity` signed in order units, `entry` its average price.

    `reference` is mid or mark. `coins` is its delta, a coin-margined contract's profit counted (QUANT 2.4).
    In quote currency: `notional` unsigned at the reference, `capital` what it binds, `shocked` what is
    lost, taker fee counted, when the mark moves the shock against it; zero where it would still gain.
    """

    instrument: Instrument
    quantity: Decimal
    entry: Decimal
    reference: Decimal
    coins: Decimal
    notional: Decimal
    capital: Decimal
    shocked: Decimal


class Share(NamedTuple):
    """What one order changes of one stake: signed order units, and the stake before."""

    sleeve: Sleeve
    rule: str
    symbol: str
    signed: Decimal
    before: Decimal
    coins: Decimal

    @property
    def leaves(self) -> bool:
        """Whether it only makes the stake smaller."""
        return self.before * self.signed < 0 and abs(self.signed) <= abs(self.before)


def stake_of(instrument: Instrument, quantity: Decimal, *, entry: Decimal, reference: Decimal, terms: Terms) -> Stake:
    """Return a stake with what is reckoned of it."""
    notional = abs(instrument.notional(quantity, reference))
    return Stake(
        instrument,
        quantity,
        entry,
        reference,
        instrument.coins(quantity, entry if instrument.kind.is_inverse else reference),
        notional,
        notional if instrument.kind.is_spot else notional / terms.leverage,
        _shocked(instrument, quantity, entry, reference, terms.shock),
    )


def _shocked(instrument: Instrument, quantity: Decimal, entry: Decimal, mark: Decimal, shock: Decimal) -> Decimal:
    price = mark * (ONE - shock if quantity > 0 else ONE + shock)
    if price <= 0:
        return abs(instrument.notional(quantity, max(entry, mark)))  # no price is left: a long loses all
    profit = instrument.profit(quantity, entry, price) * (price if instrument.kind.is_inverse else ONE)
    return max(abs(instrument.notional(quantity, price)) * instrument.taker_fee - profit, ZERO)


def stake_after(stake: Stake, signed: Decimal, price: Decimal, terms: Terms) -> Stake:
    """Return the stake after `signed` order units at `price`: opening averages the entry, closing leaves it."""
    held, after = stake.quantity, stake.quantity + signed
    entry = stake.entry
    if held * signed > 0:
        entry = average_entry(stake.instrument, ((held, stake.entry), (signed, price)))
    elif held * after <= 0:
        entry = price
    return stake_of(stake.instrument, after, entry=entry, reference=stake.reference, terms=terms)


def parts_by_rule(order: OrderRequest, stakes: Mapping[StakeKey, Stake]) -> Iterator[tuple[StakeKey, Decimal]]:
    """Yield what of an order belongs to each claiming rule, in signed order units.

    An order without parts belongs to its sleeve: it closes that sleeve's stakes in the market one after
    another, and what is left opens one of no rule.
    """
    for part in order.parts:
        if part.sleeve in CLAIMING:
            yield (part.sleeve, part.rule, order.symbol), part.quantity
    if order.parts or order.sleeve not in CLAIMING:
        return
    left = order.signed_quantity
    for key in sorted(stakes):
        held = stakes[key].quantity
        if left and (key[0], key[2]) == (order.sleeve, order.symbol) and held * left < 0:
            taken = max(left, -held, key=lambda size: -abs(size))
            left -= taken
            yield key, taken
    if left:
        yield (order.sleeve, "", order.symbol), left


def all_claimed(order: OrderRequest) -> bool:
    """Whether every part of an order belongs to carry or the overlay."""
    return all(part.sleeve in CLAIMING for part in order.parts) if order.parts else order.sleeve in CLAIMING
