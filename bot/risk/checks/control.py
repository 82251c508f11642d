"""A control: one check with the code, limits and defaults it is known by."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

from bot.domain.plan import Breach
from bot.risk.case import Standing

Subject = TypeVar("Subject")
SATOSHI = Decimal("0.00000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Control(Generic[Subject]):
    """One check of one subject, with what a person should know of it.

    `limits` are the names in the policy's [limits], empty where nothing can be set. `spares` is the
    standing from which a proposal is not held to it, None where every proposal is. `retail` and `fund`
    are the recommended values below and above about 100,000 USD; `source` where the control comes from.
    """

    code: str
    limits: tuple[str, ...]
    unit: str
    refuses: str
    retail: str
    fund: str
    source: str
    spares: Standing | None
    check: Callable[[Subject], Breach | None]

    def holds_for(self, standing: Standing) -> bool:
        """Whether a proposal of this standing must pass the check."""
        return self.spares is None or standing < self.spares


def held_to(controls: Sequence[Control[Subject]], standing: Standing) -> tuple[Control[Subject], ...]:
    """Return the controls a proposal of this standing must pass."""
    return tuple(control for control in controls if control.holds_for(standing))


def money(amount: Decimal) -> str:
    """Return an amount of quote currency to the cent."""
    return f"{amount:.2f}"


def percent(share: Decimal) -> str:
    """Return a share as a percentage with two decimals."""
    return f"{share * 100:.2f}%"


def plain(number: Decimal | int) -> str:
    """Return a number without exponent or trailing zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def coins(amount: Decimal) -> str:
    """Return an amount of coins, at most eight digits after the point."""
    return plain(amount.quantize(SATOSHI)) if amount % SATOSHI else plain(amount)
