"""What this process knows of the past without asking: asked once, then kept in step with its own writes.

One process at a time may send for an account, and only it writes intents, transfers and settlements, so
what it wrote is all there is. A cycle that does nothing then reads nothing.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from bot.domain.intent import Intent, IntentRecord, IntentState, TransferRecord
from bot.domain.memory import PricePoint
from bot.domain.order import TransferRequest
from bot.domain.record import Settlement

Answer = TypeVar("Answer")


@dataclass(slots=True)
class Asked(Generic[Answer]):
    """One answer: unknown until it was asked for or written."""

    known: bool = False
    answer: Answer | None = None

    def learn(self, answer: Answer) -> Answer:
        """Keep an answer and return it."""
        self.known, self.answer = True, answer
        return answer

    async def get(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """Return the answer, asking when it is not known."""
        if not self.known or self.answer is None:
            return self.learn(await ask())
        return self.answer


@dataclass(slots=True)
class Known:
    """The open intents and transfers, the newest of each, the newest settlement and prices.

    `fresh_fills` says whether any fill came after the newest settlement; None is not known.
    """

    intents: Asked[dict[str, IntentRecord]] = field(default_factory=Asked)
    transfers: Asked[dict[str, TransferRecord]] = field(default_factory=Asked)
    last_intent: Asked[datetime] = field(default_factory=Asked)
    last_transfer: Asked[datetime] = field(default_factory=Asked)
    fresh_fills: bool | None = None
    settlement: Asked[tuple[Settlement, ...]] = field(default_factory=Asked)
    prices: Asked[dict[str, PricePoint]] = field(default_factory=Asked)

    def began(self, intent: Intent) -> None:
        """Note a new intent."""
        _newer(self.last_intent, intent.at)
        if self.intents.answer is not None:
            record = IntentRecord(intent=intent, state=IntentState.JOURNALED, changed_at=intent.at)
            self.intents.answer[intent.client_order_id] = record

    def stepped(self, client_order_id: str, state: IntentState, at: datetime) -> None:
        """Note an intent's new state; one that is final is forgotten, one reopened is asked for again."""
        records = self.intents.answer
        if records is None:
            return
        if state.is_final:
            records.pop(client_order_id, None)
        elif client_order_id in records:
            record = records[client_order_id]
            if record.state is not state:  # standing still is no change
                records[client_order_id] = IntentRecord(intent=record.intent, state=state, changed_at=at)
        else:
            self.intents = Asked()

    def moved(self, cycle: str, transfer_id: str, request: TransferRequest, step: tuple[IntentState, datetime]) -> None:
        """Note a step of a transfer."""
        state, at = step
        _newer(self.last_transfer, at)
        records = self.transfers.answer
        if records is None:
            return
        before = records.get(transfer_id)
        if state.is_final:
            records.pop(transfer_id, None)
        elif before is None and state is not IntentState.JOURNALED:  # reopened: only the journal knows when it began
            self.transfers = Asked()
        else:
            records[transfer_id] = TransferRecord(
                transfer_id=transfer_id,
                cycle=cycle,
                request=request,
                state=state,
                begun_at=before.begun_at if before else at,
                changed_at=at,
            )


def _newer(newest: Asked[datetime], at: datetime) -> None:
    """Keep the later moment: a clock may step back; what is not known yet stays to be asked for."""
    if newest.answer is not None:
        newest.learn(max(newest.answer, at))
