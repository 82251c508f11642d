"""Instruments of four contract kinds and spot, and what one unit of each is worth.

A *quantity* is in the instrument's own order unit: coins for spot, contracts for futures, negative
when sold short. *Coins* are base coins of exposure. *Notional* is in the quote currency.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import assert_never

from bot.domain.numbers import ZERO, down_to_step, not_negative, positive
from bot.errors import NumberRefused

_SYMBOL = re.compile(r"[A-Z0-9]{1,20}/[A-Z0-9]{1,10}(:[A-Z0-9]{1,20}(-[0-9]{6})?)?")
_ASSET = re.compile(r"[A-Z0-9]{1,20}")


class Kind(StrEnum):
    """What an instrument is; the values are the words used in policy files."""

    SPOT = "spot"
    LINEAR_PERPETUAL = "linear-perpetual"
    INVERSE_PERPETUAL = "inverse-perpetual"
    LINEAR_FUTURE = "linear-future"
    INVERSE_FUTURE = "inverse-future"

    def __init__(self, value: str) -> None:
        """Say once what every reckoning asks: is the coin owned, is it margined in the coin, does it expire."""
        self.is_spot = value == "spot"
        self.is_inverse = value.startswith("inverse")
        self.is_dated = value.endswith("future")


class WalletKind(StrEnum):
    """The purses of an account; money moves between them only by a transfer."""

    SPOT = "spot"
    LINEAR = "linear"
    INVERSE = "inverse"


def kind_of(symbol: str) -> Kind:
    """Return what a symbol of the unified form is: BASE/QUOTE[:SETTLE[-YYMMDD]]."""
    pair, _, contract = symbol.partition(":")
    settle, _, expiry = contract.partition("-")
    if not contract:
        return Kind.SPOT
    if settle == pair.partition("/")[0]:
        return Kind.INVERSE_FUTURE if expiry else Kind.INVERSE_PERPETUAL
    return Kind.LINEAR_FUTURE if expiry else Kind.LINEAR_PERPETUAL


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceTier:
    """From `floor` notional upward the maintenance margin is notional × rate − deduction.

    Units: floor and deduction in the settlement asset, rate a fraction. The deductions make the
    margin continuous over the floors (QUANT 4.1: cum).
    """

    floor: Decimal
    rate: Decimal
    deduction: Decimal

    def __post_init__(self) -> None:
        """Refuse a tier no venue could mean."""
        not_negative("tier floor", self.floor)
        positive("tier rate", self.rate)
        not_negative("tier deduction", self.deduction)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One thing that can be traded, with the venue's grid and minimums.

    `contract_size`: spot 1; linear: coins per contract; inverse: quote currency per contract (face).
    `step` and `min_quantity` are in order units, `tick` and `min_notional` in the quote currency,
    the fee rates are fractions of the notional. `tiers` are sorted by floor, the first floor is 0.
    """

    symbol: str
    kind: Kind
    base: str
    quote: str
    settle: str
    contract_size: Decimal
    tick: Decimal
    step: Decimal
    min_quantity: Decimal
    min_notional: Decimal
    maker_fee: Decimal
    taker_fee: Decimal
    listed_at: datetime | None = None
    expiry: datetime | None = None
    tiers: tuple[MaintenanceTier, ...] = ()

    def __post_init__(self) -> None:
        """Refuse names and numbers that could not be traded safely."""
        if not _SYMBOL.fullmatch(self.symbol):
            raise NumberRefused(f"symbol {self.symbol[:40]!r} is not of the form BASE/QUOTE[:SETTLE[-YYMMDD]]")
        for asset in (self.base, self.quote, self.settle):
            if not _ASSET.fullmatch(asset):
                raise NumberRefused(f"asset {asset[:40]!r} is not 1 to 20 capital letters and digits")
        for name in ("contract_size", "tick", "step"):
            positive(f"{self.symbol} {name}", getattr(self, name))
        for name in ("min_quantity", "min_notional"):
            not_negative(f"{self.symbol} {name}", getattr(self, name))
        if self.kind.is_dated != (self.expiry is not None):
            raise NumberRefused(f"{self.symbol}: a dated future needs an expiry, and nothing else has one")
        if not self.kind.is_spot and (not self.tiers or self.tiers[0].floor != ZERO):
            raise NumberRefused(f"{self.symbol}: its maintenance tiers must start at a floor of 0")

    @property
    def wallet(self) -> WalletKind:
        """The wallet its margin or its coins live in."""
        if self.kind.is_spot:
            return WalletKind.SPOT
        return WalletKind.INVERSE if self.kind.is_inverse else WalletKind.LINEAR

    def coins(self, quantity: Decimal, price: Decimal) -> Decimal:
        """Return the base coins of exposure in `quantity`, with its sign.

        Spot: quantity. Linear: quantity × size. Inverse: quantity × face ÷ price.
        """
        match self.kind:
            case Kind.SPOT:
                return quantity
            case Kind.LINEAR_PERPETUAL | Kind.LINEAR_FUTURE:
                return quantity * self.contract_size
            case Kind.INVERSE_PERPETUAL | Kind.INVERSE_FUTURE:
                return quantity * self.contract_size / price
            case _:  # pragma: no cover
                assert_never(self.kind)

    def notional(self, quantity: Decimal, price: Decimal) -> Decimal:
        """Return the value of `quantity` in the quote currency, with its sign.

        Inverse contracts have a fixed face: their notional does not depend on the price.
        """
        if self.kind.is_inverse:
            return quantity * self.contract_size
        return quantity * self.contract_size * price

    def quantity(self, coins: Decimal, price: Decimal) -> Decimal:
        """Return `coins` as an order quantity on the step grid, cut toward zero, with its sign."""
        exact = coins * price / self.contract_size if self.kind.is_inverse else coins / self.contract_size
        return down_to_step(exact, self.step)

    def settlement_notional(self, quantity: Decimal, price: Decimal) -> Decimal:
        """Return the unsigned notional in the settlement asset: what the maintenance tiers count."""
        return abs(self.coins(quantity, price) if self.kind.is_inverse else self.notional(quantity, price))

    def profit(self, quantity: Decimal, entry: Decimal, price: Decimal) -> Decimal:
        """Return the profit of holding `quantity` from `entry` to `price`, in the settlement asset.

        Linear: q × size × (price − entry). Inverse: q × face × (1/entry − 1/price), QUANT 2.4.
        """
        if self.kind.is_inverse:
            return quantity * self.contract_size * (1 / entry - 1 / price)
        return quantity * self.contract_size * (price - entry)

    def tradable(self, quantity: Decimal, price: Decimal) -> bool:
        """Whether the venue would take an order of this size: on the grid and above both minimums."""
        size = abs(quantity)
        return (
            size > 0
            and size % self.step == 0
            and size >= self.min_quantity
            and abs(self.notional(quantity, price)) >= self.min_notional
        )


def average_entry(instrument: Instrument, fills: tuple[tuple[Decimal, Decimal], ...]) -> Decimal:
    """Return the average entry price of (quantity, price) fills of one side.

    Linear: Σ q p / Σ q. Inverse: harmonic, Σ q / Σ (q / p), since its profit is linear in 1/price.
    """
    total = sum((quantity for quantity, _ in fills), ZERO)
    if instrument.kind.is_inverse:
        return total / sum((quantity / price for quantity, price in fills), ZERO)
    return sum((quantity * price for quantity, price in fills), ZERO) / total
