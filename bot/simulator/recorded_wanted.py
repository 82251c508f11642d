"""What to read from a record: which coins, bars and kinds of instrument, and what may stand in for what it lacks."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.instrument import Kind, kind_of
from bot.errors import SettingsRefused

USUAL_KINDS = frozenset({Kind.SPOT, Kind.LINEAR_PERPETUAL})
PERPETUALS = (Kind.LINEAR_PERPETUAL, Kind.INVERSE_PERPETUAL)
_MILLISECONDS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Bars and funding of some assets, spot always among them.

    `timeframe` as in the files (1h, 4h, 8h, 1d, 1m); `venue` None takes the first, by name, that has all.
    `kinds` must be in the record, `optional` ones are taken where it has them. `spot_from` names the
    contract whose own price stands for spot, for times when spot was not recorded: its basis is then unseen.
    Without `funding` none is paid: for contracts whose rates were not recorded.
    """

    assets: Sequence[str]
    quote: str = "USDT"
    timeframe: str = "1h"
    venue: str | None = None
    kinds: frozenset[Kind] = USUAL_KINDS
    optional: frozenset[Kind] = frozenset()
    spot_from: Kind | None = None
    funding: bool = True

    @property
    def spot(self) -> tuple[str, ...]:
        """The symbols of the spot markets."""
        return tuple(self.symbol(asset, Kind.SPOT) for asset in self.assets)

    @property
    def bar_milliseconds(self) -> int:
        """The length of one bar."""
        count, unit = self.timeframe[:-1], self.timeframe[-1:]
        if not count.isdecimal() or unit not in _MILLISECONDS or not int(count):
            raise SettingsRefused(f"timeframe {self.timeframe!r} is none", mend="write 1m, 1h, 4h, 8h or 1d")
        return int(count) * _MILLISECONDS[unit]

    def symbol(self, asset: str, kind: Kind) -> str:
        """Return the symbol of an asset's spot market or perpetual."""
        if kind.is_spot:
            return f"{asset}/{self.quote}"
        return f"{asset}/USD:{asset}" if kind.is_inverse else f"{asset}/{self.quote}:{self.quote}"

    def perpetuals(self, kinds: frozenset[Kind]) -> tuple[str, ...]:
        """Return the symbols of the perpetuals among `kinds`, linear ones first, in the order of the assets."""
        return tuple(self.symbol(asset, kind) for kind in PERPETUALS if kind in kinds for asset in self.assets)

    def takes(self, symbol: str) -> bool:
        """Whether bars of a symbol are read: of the assets, against the quote or in coin, and of a kind wanted."""
        kind, pair = kind_of(symbol), symbol.partition(":")[0]
        asset, _, quote = pair.partition("/")
        known = asset in self.assets and quote == ("USD" if kind.is_inverse else self.quote)
        wanted = {Kind.SPOT, self.spot_from, *self.kinds, *self.optional}
        settled = kind.is_spot or symbol.startswith(self.symbol(asset, kind))
        return known and settled and kind in wanted
