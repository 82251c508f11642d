"""The one place where numbers are checked and rounded, always toward less risk."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from bot.errors import NumberRefused

ZERO = Decimal(0)
ONE = Decimal(1)


def finite(name: str, number: Decimal) -> Decimal:
    """Return `number`; raise NumberRefused when it is no finite Decimal."""
    if not isinstance(number, Decimal) or not number.is_finite():
        raise NumberRefused(f"{name} is {number!r}: a finite decimal number is needed")
    return number


def positive(name: str, number: Decimal) -> Decimal:
    """Return `number`; raise NumberRefused unless it is finite and above zero."""
    if finite(name, number) <= 0:
        raise NumberRefused(f"{name} is {number}: it must be above zero")
    return number


def not_negative(name: str, number: Decimal) -> Decimal:
    """Return `number`; raise NumberRefused unless it is finite and zero or more."""
    if finite(name, number) < 0:
        raise NumberRefused(f"{name} is {number}: it must not be negative")
    return number


def down_to_step(quantity: Decimal, step: Decimal) -> Decimal:
    """Return `quantity` cut toward zero to a whole number of steps: never a larger trade than meant."""
    return (quantity // step) * step


def buy_limit(price: Decimal, tick: Decimal) -> Decimal:
    """Return the highest price on the tick grid that is not above `price`: never pay more than meant."""
    return (price / tick).to_integral_value(ROUND_FLOOR) * tick


def sell_limit(price: Decimal, tick: Decimal) -> Decimal:
    """Return the lowest price on the tick grid that is not below `price`: never take less than meant."""
    return (price / tick).to_integral_value(ROUND_CEILING) * tick
