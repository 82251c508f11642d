"""What the emulated WEEX remembers of an account beside its books."""

from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from tests.emulator.core import Core


@dataclass(slots=True)
class Memory:
    """`legs` is the leg, LONG or SHORT, that each order was sent for, by its number.

    `apart` are the contracts whose every order makes a position of its own: what the venue calls SEPARATED.
    `part_word` is the status of an order filled in part: the documents have one word for it, and ccxt another.
    """

    legs: dict[int, str] = field(default_factory=dict)
    apart: set[str] = field(default_factory=set)
    part_word: str = "PARTIALLY_FILLED"


_MEMORIES: WeakKeyDictionary[Core, Memory] = WeakKeyDictionary()


def memory_of(core: Core) -> Memory:
    """Return what is remembered of an account."""
    return _MEMORIES.setdefault(core, Memory())
