"""What carry is worth: basis, funding, and what both say of a pair of spot and a short contract (QUANT 3)."""

from dataclasses import dataclass
from decimal import Decimal

from bot.domain.numbers import ONE, ZERO

DAYS_A_YEAR = 365
HOURS_A_YEAR = 8_760
HOURS_A_DAY = 24


def simple_basis(spot: Decimal, contract: Decimal, days: Decimal) -> Decimal:
    """Return the basis of a dated contract as a simple yearly fraction: (F / S − 1) × 365 / D. QUANT 3."""
    return (contract / spot - ONE) * DAYS_A_YEAR / days


def compound_basis(spot: Decimal, contract: Decimal, days: Decimal) -> Decimal:
    """Return the basis of a dated contract as if earned again and again: (F / S)^(365 / D) − 1. QUANT 3."""
    return (contract / spot) ** (DAYS_A_YEAR / days) - ONE


def log_basis(spot: Decimal, contract: Decimal, days: Decimal) -> Decimal:
    """Return the basis of a dated contract as a continuous yearly rate: ln(F / S) × 365 / D. QUANT 3."""
    return (contract / spot).ln() * DAYS_A_YEAR / days


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryTerms:
    """What a pair costs, fractions: fees of one trade, margin of the contract's notional.

    `exit_spread` is what leaving takes beyond fees, of the price it is left at: half-spreads.
    """

    spot_fee: Decimal
    contract_fee: Decimal
    margin: Decimal
    exit_spread: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class CashAndCarry:
    """What one coin of a pair earns until delivery: `locked` and `capital` in quote currency, returns on capital."""

    locked: Decimal
    capital: Decimal
    period_return: Decimal
    yearly_return: Decimal


def cash_and_carry(spot: Decimal, contract: Decimal, days: Decimal, terms: CarryTerms) -> CashAndCarry:
    """Return what buying one coin and selling a dated contract on it locks in.

    locked = F − S − fees, every fee in and out counted, those out at F; capital = S (1 + f) + m F, both
    legs'; return = locked / capital, × 365 / D a year. QUANT 3.
    """
    locked = contract - spot - pair_costs(spot, contract, terms)
    capital = pair_capital(spot, contract, terms)
    earned = locked / capital
    return CashAndCarry(locked=locked, capital=capital, period_return=earned, yearly_return=earned * DAYS_A_YEAR / days)


def pair_costs(spot: Decimal, contract: Decimal, terms: CarryTerms) -> Decimal:
    """Return what one coin of a pair pays to be entered and left, in quote currency; left at the contract's price."""
    fees = terms.spot_fee * (spot + contract) + 2 * terms.contract_fee * contract
    return fees + terms.exit_spread * contract


def pair_capital(spot: Decimal, contract: Decimal, terms: CarryTerms) -> Decimal:
    """Return the capital of one coin of a pair in quote currency, both legs': S (1 + f) + m F. QUANT 3."""
    return spot * (ONE + terms.spot_fee) + terms.margin * contract


def linear_funding(coins: Decimal, mark: Decimal, rate: Decimal) -> Decimal:
    """Return the funding of one settlement in quote currency, positive when received: −q × mark × rate. QUANT 3.

    `coins` are signed, below zero for a short; `rate` is positive when longs pay.
    """
    return -coins * mark * rate


def inverse_funding(contracts: Decimal, face: Decimal, mark: Decimal, rate: Decimal) -> Decimal:
    """Return the funding of one settlement in coins, positive when received: −N × M / mark × rate. QUANT 3."""
    return -contracts * face / mark * rate


def funding_yearly(rate: Decimal, interval_hours: Decimal) -> Decimal:
    """Return a funding rate as a simple yearly fraction over its real interval: rate × 8760 / h. QUANT 3."""
    return rate * HOURS_A_YEAR / interval_hours


def funding_compounded(rate: Decimal, interval_hours: Decimal) -> Decimal:
    """Return a funding rate as if put back every interval: (1 + rate)^(8760 / h) − 1. QUANT 3."""
    return (ONE + rate) ** (HOURS_A_YEAR / interval_hours) - ONE


def funding_break_even_days(cost: Decimal, rate: Decimal, interval_hours: Decimal) -> Decimal | None:
    """Return the days of funding that pay a round trip: cost / (rate × 24 / h); None when none ever does. QUANT 3.

    `cost` is a fraction of the notional.
    """
    return None if rate <= 0 else cost / (rate * HOURS_A_DAY / interval_hours)


def break_even_days(cost: Decimal, yearly: Decimal) -> Decimal | None:
    """Return the days in which a yearly fraction earns `cost`, a fraction of the same; None when it never does."""
    return None if yearly <= 0 else cost * DAYS_A_YEAR / yearly


def venue_funding_rate(premium: Decimal, interest: Decimal, clamp: Decimal) -> Decimal:
    """Return the funding a venue makes of a premium: P + clamp(I − P, ±clamp), per interval. QUANT 3."""
    return premium + min(max(interest - premium, -clamp), clamp)


def fair_perpetual_ratio(anchor: Decimal, rate: Decimal, coin_yield: Decimal, interest: Decimal) -> Decimal:
    """Return the fair price of a perpetual over spot: (κ − ι) / (κ − (r − q)). QUANT 3.

    `anchor` κ is how often a year the premium is paid, `rate` r and `coin_yield` q are yearly rates of
    money and coin, `interest` ι the interest in the funding formula a year.
    """
    return (anchor - interest) / (anchor - (rate - coin_yield))


def carry_on_capital(yearly: Decimal, leverage: Decimal) -> Decimal:
    """Return a yearly fraction of the notional as one of both legs' capital: APR / (1 + 1 / L). QUANT 3."""
    return yearly / (ONE + ONE / leverage)


def perpetual_break_even_days(spot_cost: Decimal, contract_cost: Decimal, per_day: Decimal) -> Decimal | None:
    """Return how long a long perpetual is cheaper than the coin itself; None when it always is. QUANT 3.

    T = (c_spot − c_perpetual) / funding a day; costs are those of a round trip, fractions of the notional.
    """
    return None if per_day <= 0 else (spot_cost - contract_cost) / per_day
