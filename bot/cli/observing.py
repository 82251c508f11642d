"""What a command that only looks reads of the market's past."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.domain.reading import Measure, Readings
    from bot.domain.snapshot import Snapshot
    from bot.planning import Parts


async def look_back(parts: "Parts", snapshot: "Snapshot", measures: "tuple[Measure, ...]") -> "Readings":
    """Return the readings of these measures as of the snapshot; no question asks the venue nothing."""
    from bot.signals import read_measures, wanted_series

    if not measures:
        return ()
    quote = parts.policy.quote
    history = await parts.exchange.history(wanted_series(measures, quote))
    return read_measures(measures, history, snapshot.taken_at, quote)
