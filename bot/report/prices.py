"""How old the prices of a snapshot were when it was taken."""

from datetime import timedelta

from bot.domain.record import CycleRecord


def prices_age(record: CycleRecord) -> timedelta | None:
    """Return the age of the oldest price the decision was made on, None when there was none.

    Counted are the policy's assets and what is held; other markets of the venue do not matter.
    """
    decision, snapshot = record.decision, record.snapshot
    bases = {*decision.exposure.assets}
    times = [
        quote.at
        for symbol, quote in snapshot.quotes.items()
        if symbol in snapshot.positions or snapshot.instruments[symbol].base in bases
    ]
    return snapshot.taken_at - min(times) if times else None
