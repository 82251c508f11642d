"""Things that happen to a market: a move, a named crash, dear funding, a basis blown out, a venue that is away."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType

from bot.domain.instrument import Instrument
from bot.domain.numbers import ONE, ZERO, not_negative, positive
from bot.domain.snapshot import FundingRate, Quote
from bot.errors import NumberRefused

HOURS_PER_RATE = 8
HOURS_A_DAY = 24
LEAD_COIN = "BTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shock:
    """What happens at once to every price, and how long nothing is done about it.

    `moves` are fractions by coin, `others` that of every coin not named. `basis` is a fraction by which
    contracts move away from their coin besides. `funding` is a fraction per 8 h, positive when longs pay,
    None where the rates stay as they are; it is paid for `hours`, with which an outage is told too.
    """

    name: str
    moves: Mapping[str, Decimal] = field(default_factory=dict)
    others: Decimal = ZERO
    basis: Decimal = ZERO
    funding: Decimal | None = None
    hours: Decimal = ZERO

    def __post_init__(self) -> None:
        """Refuse what leaves no price, or takes negative time."""
        for coin, move in {**self.moves, "every other coin": self.others}.items():
            positive(f"1 + the move of {coin}", ONE + move)
        positive("1 + the basis", ONE + self.basis)
        not_negative("hours", self.hours)

    def move(self, coin: str) -> Decimal:
        """Return the move of a coin, a fraction."""
        return self.moves.get(coin, self.others)

    def factor(self, instrument: Instrument, stables: frozenset[str]) -> Decimal:
        """Return by what the prices of an instrument are multiplied; coins that count as money stand still."""
        coin = ZERO if instrument.base in stables else self.move(instrument.base)
        return (ONE + coin) * (ONE if instrument.kind.is_spot else ONE + self.basis)

    def rate(self, symbol: str, told: FundingRate | None) -> Decimal:
        """Return the funding of a contract per hour, a fraction; zero where the venue names none."""
        if told is None or told.symbol != symbol:
            return ZERO
        return told.rate / told.interval_hours if self.funding is None else self.funding / HOURS_PER_RATE


# From the close of the day before to the lowest price of the crash, each coin at its own worst moment, as
# though all had met: spot, Binance daily bars (LINK in 2020 and 2022-11, and BCH and XLM, Coinbase's; BNB,
# ADA, TRX and XRP in 2022-11 and XRP in 2020 from Binance's perpetuals, whose wicks are longer).
# 2020-03-12 and 13 from the close of the 11th; 2021-05-19 from the 18th; June 2022 from 31 May; November
# 2022 from the 5th. Coins that are not named fall as bitcoin did: a beta of 1, which flatters most of them.
_FALLS: Mapping[str, Mapping[str, str]] = {
    "2020-03-12": {
        "BTC": "-0.523", "ETH": "-0.558", "BNB": "-0.615", "ADA": "-0.555", "LTC": "-0.505", "TRX": "-0.541",
        "XRP": "-0.512", "LINK": "-0.604", "BCH": "-0.500", "XLM": "-0.481",
    },
    "2021-05-19": {
        "BTC": "-0.300", "ETH": "-0.441", "BNB": "-0.449", "ADA": "-0.496", "LTC": "-0.500", "TRX": "-0.462",
        "XRP": "-0.465", "LINK": "-0.507", "BCH": "-0.542", "XLM": "-0.535",
    },
    "2022-06": {
        "BTC": "-0.446", "ETH": "-0.546", "BNB": "-0.428", "ADA": "-0.329", "LTC": "-0.411", "TRX": "-0.447",
        "XRP": "-0.319", "LINK": "-0.302", "BCH": "-0.526", "XLM": "-0.335",
    },
    "2022-11": {
        "BTC": "-0.273", "ETH": "-0.340", "BNB": "-0.286", "ADA": "-0.308", "LTC": "-0.314", "TRX": "-0.298",
        "XRP": "-0.369", "LINK": "-0.362", "BCH": "-0.297", "XLM": "-0.295",
    },
}  # fmt: skip
CRASHES: Mapping[str, Mapping[str, Decimal]] = MappingProxyType(
    {name: MappingProxyType({coin: Decimal(fall) for coin, fall in falls.items()}) for name, falls in _FALLS.items()}
)


def crash(name: str) -> Shock:
    """Return a historical crash as a shock; raise NumberRefused for one that is not in the table."""
    if name not in CRASHES:
        known = ", ".join(CRASHES)
        raise NumberRefused(f"there is no crash {name[:40]!r}; known: {known}", mend="poise whatif --crash 2022-06")
    falls = CRASHES[name]
    return Shock(name=f"the crash of {name}", moves=falls, others=falls[LEAD_COIN])


def shocked_quote(quote: Quote, factor: Decimal, coin_factor: Decimal) -> Quote:
    """Return a quote with its prices multiplied, the index by its coin's factor alone; depths stay."""
    return replace(
        quote,
        bid=quote.bid * factor,
        ask=quote.ask * factor,
        last=quote.last * factor,
        mark=None if quote.mark is None else quote.mark * factor,
        index=None if quote.index is None else quote.index * coin_factor,
    )
