"""How large a position may be: by the distance to its stop, by a target of volatility, by a part of Kelly's bet."""

from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.numbers import ONE, ZERO

MARGINS_OF_ROOM = 2  # maintenance margins between a stop and the liquidation (QUANT 5)


def volatility_weight(target: Decimal, volatility: Decimal, cap: Decimal) -> Decimal:
    """Return the share of equity whose yearly volatility is `target`: min(cap, σ* / σ). QUANT 5.

    A coin that has not moved at all says nothing of its risk: then the weight is zero, not the cap.
    """
    return min(cap, target / volatility) if volatility > 0 else ZERO


def kelly_weight(expected_return: Decimal, free_rate: Decimal, volatility: Decimal) -> Decimal:
    """Return the share of equity that grows fastest in the long run: (μ − r) / σ², all of one year. QUANT 5.

    Never below zero: a bet that is expected to lose is not turned round here. Zero without volatility.
    """
    return max((expected_return - free_rate) / (volatility * volatility), ZERO) if volatility > 0 else ZERO


def kept_growth(fraction: Decimal) -> Decimal:
    """Return the share of Kelly's growth that betting `fraction` of his bet keeps: 1 − (1 − c)². QUANT 5."""
    return ONE - (ONE - fraction) * (ONE - fraction)


def linear_stop_size(risk: Decimal, *, entry: Decimal, stop: Decimal, cost: Decimal = ZERO) -> Decimal:
    """Return the coins that lose `risk` (quote currency) between entry and stop: risk / (|entry − stop| + cost).

    `cost` is what one coin costs to buy and sell again, in quote currency. QUANT 5.
    """
    return risk / (abs(entry - stop) + cost)


def inverse_stop_size(risk: Decimal, *, entry: Decimal, stop: Decimal, face: Decimal, cost: Decimal = ZERO) -> Decimal:
    """Return the contracts of `face` that lose `risk` coins: risk / (M × (|1/stop − 1/entry| + cost)).

    `cost` is what one unit of the quote currency costs to trade there and back, in coins. QUANT 5.
    """
    return risk / (face * (abs(ONE / stop - ONE / entry) + cost))


def stop_size(instrument: Instrument, money: Decimal, *, entry: Decimal, stop: Decimal, rate: Decimal) -> Decimal:
    """Return the contracts, off the grid, that lose `money` (quote currency) when bought at entry and left at stop.

    `rate` is the cost of each of the two trades, a fraction of its notional. What a coin-margined contract
    loses is coins, valued at the stop.
    """
    if instrument.kind.is_inverse:
        cost = rate * (ONE / entry + ONE / stop)
        return inverse_stop_size(money / stop, entry=entry, stop=stop, face=instrument.contract_size, cost=cost)
    return linear_stop_size(money, entry=entry, stop=stop, cost=rate * (entry + stop)) / instrument.contract_size


def isolated_liquidation(*, entry: Decimal, side: int, leverage: Decimal, rate: Decimal, inverse: bool) -> Decimal:
    """Return the price at which a position with margin of its own is liquidated; side is +1 long, −1 short.

    Linear: S0 (1 − side/L) / (1 − side × MMR). Inverse: S0 (1 + side × MMR) / (1 + side/L). QUANT 2.4; the
    tier's deduction is left out, which puts the price nearer. Zero (long) or infinity (short) is never reached.
    """
    if inverse:
        share = ONE + side / leverage
        return entry * (ONE + side * rate) / share if share > 0 else Decimal("Infinity")
    return max(entry * (ONE - side / leverage) / (ONE - side * rate), ZERO)


def stop_room(
    instrument: Instrument, *, entry: Decimal, stop: Decimal, leverage: Decimal, notional: Decimal
) -> Decimal:
    """Return how far the stop lies inside the liquidation, in maintenance margins of the entry price.

    Below `MARGINS_OF_ROOM` the position may be gone before it is left; below zero it is. `notional`, in the
    settlement asset and unsigned, names the tier.
    """
    rate = [tier.rate for tier in instrument.tiers if tier.floor <= notional][-1]
    side = 1 if stop < entry else -1
    border = isolated_liquidation(
        entry=entry, side=side, leverage=leverage, rate=rate, inverse=instrument.kind.is_inverse
    )
    return side * (stop - border) / (rate * entry)
