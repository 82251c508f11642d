"""How much a tactical rule may open: the smallest of its risk, the wall, the overlay's limit and Kelly's bet."""

from dataclasses import dataclass
from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.numbers import ONE, ZERO, down_to_step
from bot.domain.rules import Sizing, TacticalRule, TacticalRules
from bot.domain.snapshot import MarginMode, Position
from bot.policy.tactical.signals import side_of
from bot.policy.tactical.sizing import MARGINS_OF_ROOM, kelly_weight, stop_room, stop_size, volatility_weight
from bot.policy.tactical.wall import shocked, stop_price


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What a new position may use, in quote currency, and what it is reckoned with.

    `wall` is what is left to lose, `notional` what is left of the overlay's largest size; `mark` the price,
    `reach` the slippage allowed and `rate` the cost of one trade, fractions; `volatility` yearly.
    """

    equity: Decimal
    wall: Decimal
    notional: Decimal
    mark: Decimal
    reach: Decimal
    rate: Decimal
    volatility: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Contracts on the grid, unsigned, and which bound made them so few."""

    quantity: Decimal
    bound: str
    entry: Decimal
    stop: Decimal


def tactical_size(rule: TacticalRule, rules: TacticalRules, instrument: Instrument, room: Room) -> Size:
    """Return the largest position all bounds allow, rounded down; zero when a bound leaves nothing.

    Entered at worst at mark × (1 + slippage), which for either side is the larger loss. The loss at the stop with
    its costs is at most risk × equity, the loss when the price moves `shock` beyond the stop at most what is
    left of the wall: so the wall holds even if the stop is jumped, and no later look has to make it smaller.
    """
    side = side_of(rule).sign
    entry = room.mark * (ONE + room.reach)
    stop = stop_price(entry, rule.stop, side)
    beyond = shocked(stop, rules.shock, side)
    unit = abs(instrument.notional(ONE, entry))
    kelly = rule.kelly_fraction * kelly_weight(rule.expected_return, ZERO, room.volatility)
    bounds = [
        (
            stop_size(instrument, rule.risk * room.equity, entry=entry, stop=stop, rate=room.rate),
            f"{rule.risk * 100:.2f}% of equity lost at the stop",
        ),
        (
            stop_size(instrument, room.wall, entry=entry, stop=beyond, rate=room.rate),
            f"{room.wall:.2f} left of the overlay's budget if the price jumps {rules.shock * 100:.0f}% past the stop",
        ),
        (room.notional / unit, f"{room.notional:.2f} left of the overlay's largest size"),
        (kelly * room.equity / unit, f"{kelly * 100:.1f}% of equity, {rule.kelly_fraction:f} of Kelly's bet"),
    ]
    if rule.sizing is Sizing.VOLATILITY:
        weight = volatility_weight(rule.volatility, room.volatility, rules.max_notional)
        text = f"{weight * 100:.1f}% of equity for a volatility of {rule.volatility * 100:.0f}%"
        bounds.append((weight * room.equity / unit, text))
    least, bound = min(bounds, key=lambda one: one[0])
    return Size(quantity=down_to_step(max(least, ZERO), instrument.step), bound=bound, entry=entry, stop=stop)


def stop_against_liquidation(instrument: Instrument, size: Size, position: Position | None) -> tuple[bool, str]:
    """Return whether the stop may stand where it does, and what was found.

    An isolated position is liquidated on its own, and its stop must lie two maintenance margins inside
    (QUANT 5). In a shared wallet the liquidation is the whole wallet's, which the risk gate reckons.
    """
    if position is None or position.margin_mode is MarginMode.CROSS:
        return True, "its stop is not checked against a liquidation of its own: it has no margin of its own"
    notional = instrument.settlement_notional(size.quantity + abs(position.quantity), size.entry)
    margins = stop_room(instrument, entry=size.entry, stop=size.stop, leverage=position.leverage, notional=notional)
    text = f"its stop is {margins:.1f} maintenance margins inside the liquidation at {position.leverage:f}x"
    return margins >= MARGINS_OF_ROOM, text
