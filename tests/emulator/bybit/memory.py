"""What Bybit remembers of an account beyond the market's core: orders it took and let fall, and its switches."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple
from weakref import WeakKeyDictionary

from bot.domain.order import OrderStatus
from tests.emulator.core import Core, NewOrder, VenueOrder

FALLEN_FROM = 9_000_000  # numbers of orders that never met the book, far above the core's


class Moved(NamedTuple):
    """One transfer between the account types of the venue."""

    identity: str
    coin: str
    amount: Decimal
    source: str
    target: str
    at_ms: int


@dataclass(kw_only=True)
class Memory:
    """Switches of one emulated account. `fallen` are orders acknowledged and at once cancelled, with the reason.

    `funds` is what lies in the FUND wallet, in coins, beside the purse that trades. `mode_word` stands for a
    margin mode the core does not have, `strange_rows` are lines of the log nobody expects.
    """

    funds: dict[str, Decimal] = field(default_factory=lambda: {"USDT": Decimal(1000)})
    moved: list[Moved] = field(default_factory=list)

    fallen: list[tuple[VenueOrder, str]] = field(default_factory=list)
    mode_word: str = ""
    strange_rows: list[dict[str, object]] = field(default_factory=list)
    silence_seconds: int | None = None
    may_withdraw: bool = False
    bound_addresses: tuple[str, ...] = ("127.0.0.1",)
    restarted_ms: int = 0


_MEMORIES: WeakKeyDictionary[Core, Memory] = WeakKeyDictionary()


def memory_of(core: Core) -> Memory:
    """Return what is remembered beside a core, new at the first question."""
    return _MEMORIES.setdefault(core, Memory())


def let_fall(core: Core, request: NewOrder, reason: str) -> VenueOrder:
    """Remember an order the venue took and cancelled without a fill, and return it."""
    memory, now = memory_of(core), core.now_ms()
    order = VenueOrder(
        number=FALLEN_FROM + len(memory.fallen),
        client_id=request.client_id,
        request=request,
        status=OrderStatus.CANCELLED,
        filled=request.quantity * 0,
        average=None,
        created_ms=now,
        updated_ms=now,
        fills=(),
    )
    memory.fallen.append((order, reason))
    return order
