"""The prices of a snapshot, each checked once: unknown and absurd ones are named, never replaced."""

from dataclasses import dataclass, field
from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.numbers import ONE, positive
from bot.domain.snapshot import Quote, Snapshot
from bot.errors import SnapshotUnavailable


@dataclass(slots=True, kw_only=True)
class Board:
    """The instruments and prices of a snapshot; `currency` is what assets are priced in."""

    snapshot: Snapshot
    currency: str
    mids: dict[str, Decimal | None] = field(default_factory=dict)

    def instrument(self, symbol: str) -> Instrument:
        """Return the instrument; raise SnapshotUnavailable when the venue lists none."""
        instrument = self.snapshot.instruments.get(symbol)
        if instrument is None:
            raise SnapshotUnavailable(f"{symbol} is not listed in the snapshot", part=f"{symbol} instrument")
        return instrument

    def quote(self, symbol: str) -> Quote:
        """Return the quote; raise SnapshotUnavailable when there is none."""
        quote = self.snapshot.quotes.get(symbol)
        if quote is None:
            raise SnapshotUnavailable(f"{symbol} has no quote", part=f"{symbol} quote")
        return quote

    def reference(self, instrument: Instrument) -> Decimal:
        """Return mid for spot and mark for a contract; raise SnapshotUnavailable where there is none."""
        quote = self.quote(instrument.symbol)
        if instrument.kind.is_spot:
            return positive(f"{instrument.symbol} mid", quote.mid)
        if quote.mark is None:
            raise SnapshotUnavailable(f"{instrument.symbol} has no mark price", part=f"{instrument.symbol} mark")
        return positive(f"{instrument.symbol} mark", quote.mark)

    def price(self, asset: str) -> Decimal | None:
        """Return the mid price of an asset; 1 for the currency itself, None where there is no market."""
        if asset == self.currency:
            return ONE
        if asset not in self.mids:
            symbol = f"{asset}/{self.currency}"
            quote = self.snapshot.quotes.get(symbol)
            self.mids[asset] = None if quote is None else positive(f"{symbol} mid", quote.mid)
        return self.mids[asset]
