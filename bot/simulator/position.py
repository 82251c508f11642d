"""What a trade does to a contract position: average on the way in, realise on the way out."""

from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Decimal

from bot.domain.instrument import Instrument, average_entry
from bot.domain.numbers import ZERO
from bot.domain.snapshot import Position

# Money moves in whole units of this size, so that sums of balances are exact in 28 digits.
UNIT = Decimal("0.000000000001")
_PLACES = -12


def to_unit(amount: Decimal, rounding: str = ROUND_HALF_EVEN) -> Decimal:
    """Return `amount` rounded to the unit of the books; as it is when it has no finer digits."""
    return amount if int(amount.as_tuple().exponent) >= _PLACES else amount.quantize(UNIT, rounding=rounding)


def margin_of(instrument: Instrument, position: Position) -> Decimal:
    """Return the initial margin of a position at its entry, in the settlement asset: notional ÷ leverage."""
    notional = instrument.settlement_notional(position.quantity, position.entry_price)
    return to_unit(notional / position.leverage)


def traded(held: Position | None, fresh: Position, instrument: Instrument) -> tuple[Position | None, Decimal]:
    """Return the position after the trade `fresh` stands for, and the profit it realised.

    Same side: entry prices are averaged. Opposite side: profit is realised on what is closed; what is
    left keeps its entry; what goes beyond is a new position at the trade's price. Profit is in the
    settlement asset. An isolated position gains and releases margin in proportion.
    """
    if held is None:
        return _opened(fresh, instrument), ZERO
    if held.quantity * fresh.quantity > 0:
        return _increased(held, fresh, instrument), ZERO
    closed = min(abs(held.quantity), abs(fresh.quantity)).copy_sign(held.quantity)
    profit = instrument.profit(closed, held.entry_price, fresh.entry_price)
    if closed != held.quantity:
        return _reduced(held, held.quantity - closed), profit
    beyond = fresh.quantity + closed
    return (_opened(replace(fresh, quantity=beyond), instrument) if beyond else None), profit


def _opened(fresh: Position, instrument: Instrument) -> Position:
    if fresh.isolated_margin is None:
        return fresh
    return replace(fresh, isolated_margin=margin_of(instrument, fresh))


def _increased(held: Position, fresh: Position, instrument: Instrument) -> Position:
    fills = ((held.quantity, held.entry_price), (fresh.quantity, fresh.entry_price))
    margin = held.isolated_margin
    if margin is not None:
        margin += margin_of(instrument, replace(fresh, leverage=held.leverage))
    return replace(
        held,
        quantity=held.quantity + fresh.quantity,
        entry_price=average_entry(instrument, fills),
        isolated_margin=margin,
    )


def _reduced(held: Position, left: Decimal) -> Position:
    margin = held.isolated_margin
    if margin is not None:
        margin = to_unit(margin * left / held.quantity)
    return replace(held, quantity=left, isolated_margin=margin)
