"""What a sleeve wants to trade, before the sleeves' wishes in one instrument are netted into one order."""

from dataclasses import dataclass
from decimal import Decimal

from bot.domain.order import Sleeve, TransferRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """A change one rule of a sleeve wishes in one instrument.

    `quantity` is signed, in order units on the instrument's grid. `leaves` is True when it makes the
    rule's own claim smaller: leaving is never put off for money or cool-downs.
    """

    sleeve: Sleeve
    rule: str
    asset: str
    symbol: str
    quantity: Decimal
    reason: str
    leaves: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StopWish:
    """A stop that should rest at the venue for a rule's claim: signed quantity to trade when the mark is there."""

    rule: str
    asset: str
    symbol: str
    quantity: Decimal
    trigger: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PairWant:
    """Two wants that belong together: a contract and the spot that stands against it, the contract first."""

    contract: Want
    spot: Want


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferWish:
    """A transfer wanted for its own sake, with its reason; `value` in quote currency."""

    leg: TransferRequest
    reason: str
    value: Decimal
