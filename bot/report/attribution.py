"""Where a change of value came from: coins, futures (price and basis), funding, fees, flows. It must close."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class HedgedPeriod:
    """Coins and a short over one period; prices of both at its start and end, money in quote currency."""

    spot_coins: Decimal
    short_coins: Decimal
    spot_start: Decimal
    spot_end: Decimal
    future_start: Decimal
    future_end: Decimal
    funding: Decimal
    fees: Decimal
    flow: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """The parts of a change of value, in quote currency; fees are negative, futures = price part + basis."""

    spot: Decimal
    futures: Decimal
    futures_price_part: Decimal
    basis: Decimal
    funding: Decimal
    fees: Decimal
    flow: Decimal

    @property
    def profit(self) -> Decimal:
        """The change of value without flows."""
        return self.spot + self.futures + self.funding + self.fees

    def end_value(self, start: Decimal) -> Decimal:
        """Return the value at the end of a period that started with `start`."""
        return start + self.profit + self.flow


def attribute(period: HedgedPeriod) -> Attribution:
    """Return the parts of a period's change of value.

    spot = Q ΔS; futures = −q ΔS [price] − q Δ(F − S) [basis]. QUANT 7.
    """
    spot_change = period.spot_end - period.spot_start
    basis_change = (period.future_end - period.spot_end) - (period.future_start - period.spot_start)
    price_part, basis = -period.short_coins * spot_change, -period.short_coins * basis_change
    return Attribution(
        spot=period.spot_coins * spot_change,
        futures=price_part + basis,
        futures_price_part=price_part,
        basis=basis,
        funding=period.funding,
        fees=-period.fees,
        flow=period.flow,
    )
