"""What the emulated MEXC remembers of an account beside its books."""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

from tests.emulator.core import Core


@dataclass(slots=True)
class Memory:
    """`contracts_closed`: the account has no permission to send contract orders by API."""

    contracts_closed: bool = False


_MEMORIES: WeakKeyDictionary[Core, Memory] = WeakKeyDictionary()


def memory_of(core: Core) -> Memory:
    """Return what is remembered of an account."""
    return _MEMORIES.setdefault(core, Memory())
