"""What BingX remembers of an account beyond the market's core: its key's rights, its funding wallet, its timers."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple
from weakref import WeakKeyDictionary

from tests.emulator.bingx.names import Side
from tests.emulator.core import Core


class Moved(NamedTuple):
    """One transfer between the venue's accounts, which it calls fund, spot, USDTMPerp and coinMPerp."""

    number: int
    asset: str
    amount: Decimal
    source: str
    target: str
    at_ms: int


@dataclass(kw_only=True)
class Memory:
    """`funds` is what lies in the funding wallet; `silent_at_ms` when the timer of an API cancels its orders.

    `instead` are rows to be told of linear balances, positions or income in place of the true ones; with
    `drops_ids` contracts take orders without our id.
    """

    funds: dict[str, Decimal] = field(default_factory=lambda: {"USDT": Decimal(1000)})
    moved: list[Moved] = field(default_factory=list)
    silent_at_ms: dict[Side, int] = field(default_factory=dict)
    may_withdraw: bool = False
    is_bound: bool = True
    drops_ids: bool = False
    asked_ms: dict[str, list[int]] = field(default_factory=dict)
    instead: dict[str, list[dict[str, object]]] = field(default_factory=dict)


_MEMORIES: WeakKeyDictionary[Core, Memory] = WeakKeyDictionary()


def memory_of(core: Core) -> Memory:
    """Return what is remembered beside a core, new at the first question."""
    return _MEMORIES.setdefault(core, Memory())
