"""An intent: the durable wish to send one order, and the graph of what can become of it."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.order import OrderRequest, OrderStatus, TransferRequest

MARK = "h"
OWN_LENGTH = 25


class IntentState(StrEnum):
    """Where an intent stands. Ambiguous means sent, outcome unknown; absent, proven never to have arrived."""

    JOURNALED = "journaled"
    SENDING = "sending"
    AMBIGUOUS = "ambiguous"
    REJECTED = "rejected"
    OPEN = "open"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    ABSENT = "absent"

    @property
    def is_final(self) -> bool:
        """Whether nothing more is expected; absent is the only final state a late fill may reopen."""
        return not NEXT[self] or self is IntentState.ABSENT


_SETTLED = frozenset({IntentState.FILLED, IntentState.CANCELLED, IntentState.EXPIRED})

NEXT: dict[IntentState, frozenset[IntentState]] = {
    IntentState.JOURNALED: frozenset({IntentState.SENDING, IntentState.ABSENT}),
    IntentState.SENDING: _SETTLED | {IntentState.AMBIGUOUS, IntentState.REJECTED, IntentState.OPEN},
    IntentState.AMBIGUOUS: _SETTLED | {IntentState.REJECTED, IntentState.OPEN, IntentState.ABSENT},
    IntentState.OPEN: _SETTLED,
    IntentState.ABSENT: _SETTLED | {IntentState.OPEN},
    IntentState.REJECTED: frozenset(),
    IntentState.FILLED: frozenset(),
    IntentState.CANCELLED: frozenset(),
    IntentState.EXPIRED: frozenset(),
}

_STATE_OF = {
    OrderStatus.OPEN: IntentState.OPEN,
    OrderStatus.FILLED: IntentState.FILLED,
    OrderStatus.CANCELLED: IntentState.CANCELLED,
    OrderStatus.EXPIRED: IntentState.EXPIRED,
    OrderStatus.REJECTED: IntentState.REJECTED,
}


def state_of(status: OrderStatus) -> IntentState:
    """Return the intent state the venue's word leads to."""
    return _STATE_OF[status]


def may_follow(now: IntentState, after: IntentState) -> bool:
    """Whether the graph allows going from `now` to `after`; standing still is always allowed."""
    return now is after or after in NEXT[now]


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One order to be sent at most once, over all process lives. `leg` counts from 1 within the plan."""

    client_order_id: str
    cycle: str
    leg: int
    request: OrderRequest
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentRecord:
    """An intent with the state the journal last recorded for it."""

    intent: Intent
    state: IntentState
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRecord:
    """A transfer between own wallets with its last recorded state, since `changed_at`; journaled at `begun_at`."""

    transfer_id: str
    cycle: str
    request: TransferRequest
    state: IntentState
    begun_at: datetime
    changed_at: datetime


def short_hash(*parts: str, length: int) -> str:
    """Return `length` lower-case letters and digits that stand for the parts."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).digest()
    return base64.b32encode(digest).decode().lower().rstrip("=")[:length]


def client_order_id(account: str, plan: str, leg: int, attempt: int) -> str:
    """Return the id an order carries at the venue: 'h' and 24 letters and digits.

    Derived, never drawn: a rerun finds its own orders. The form fits every venue (VENUES 4.1).
    """
    return MARK + short_hash(account, plan, str(leg), str(attempt), length=OWN_LENGTH - len(MARK))


def is_own_id(identity: str) -> bool:
    """Whether an order's id has the form of those we give; another's stop beginning with h is not ours to touch."""
    return len(identity) == OWN_LENGTH and identity.startswith(MARK) and identity.isalnum()
