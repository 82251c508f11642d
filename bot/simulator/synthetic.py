"""A market drawn from a seed: correlated coins with jumps, perpetuals on a wandering premium, funding from it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.domain.instrument import Instrument
from bot.domain.reading import History, Series
from bot.domain.snapshot import FundingRate, Quote
from bot.errors import SettingsRefused, SnapshotUnavailable
from bot.simulator.listing import STABLE, liquidity, perpetual, spot_market
from bot.simulator.market import FundingSettlement, Liquidity, Span, Step, quote_around
from bot.simulator.walk import STEPS, Coin, Walk

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
STEP = timedelta(days=1) / STEPS
INTERVAL = timedelta(hours=8)
SPREAD_BP = Decimal(1)
INTEREST = 0.0001
CLAMP = 0.0005
_RATE_PLACES = 8

# Prices at the epoch in USDT and yearly volatilities. Coins that are not named get the last line.
COINS: Mapping[str, tuple[float, float]] = {
    "BTC": (70_000.0, 0.60),
    "ETH": (3_500.0, 0.75),
    "SOL": (150.0, 0.95),
    "BNB": (600.0, 0.65),
    "XRP": (2.0, 0.90),
    "ADA": (0.6, 0.95),
    "LINK": (15.0, 0.90),
    "AVAX": (25.0, 0.95),
    "LTC": (90.0, 0.80),
    "TRX": (0.3, 0.70),
    "DOGE": (0.2, 1.00),
}
OTHER = (10.0, 0.90)


def coin(name: str) -> Coin:
    """Return the coin of that name as modelled by default; a stablecoin stands at 1 and does not move."""
    price, volatility = (1.0, 0.0) if name in STABLE else COINS.get(name, OTHER)
    return Coin(name=name, price=price, volatility=volatility)


def synthetic_market(
    seed: int | str, coins: Iterable[str | Coin] = ("BTC", "ETH", "SOL"), *, quote: str = "USDT"
) -> "SyntheticMarket":
    """Return the market of `seed` with a spot market for each coin, and a perpetual unless it is a stablecoin.

    Equal arguments give equal Decimals in every process. A coin's prices do not depend on the others.
    """
    walked = tuple(coin(item) if isinstance(item, str) else item for item in coins)
    names = [item.name for item in walked]
    if not names or len(set(names)) < len(names) or quote in names:
        raise SettingsRefused(
            f"coins {', '.join(names) or 'none'} cannot be simulated against {quote}",
            mend="name at least one coin, each once, and not the quote currency itself",
        )
    return SyntheticMarket(str(seed), walked, quote)


def funding_rate(premium: float) -> Decimal:
    """Return the funding of one interval: P + clamp(I − P, ±0.05 %), a fraction to eight places (QUANT 3)."""
    rate = premium + min(max(INTEREST - premium, -CLAMP), CLAMP)
    return Decimal(f"{rate:.{_RATE_PLACES}f}")


def _place(moment: datetime) -> tuple[int, float]:
    """Return the day since the epoch and the steps, whole and part, since its midnight."""
    if moment < EPOCH:
        raise SnapshotUnavailable(
            f"the synthetic market begins at {EPOCH.isoformat()}, asked for {moment.isoformat()}", part="quotes"
        )
    since = moment - EPOCH
    return since.days, (since.seconds + since.microseconds / 1_000_000) / STEP.total_seconds()


class SyntheticMarket:
    """Implements Market; made by `synthetic_market`."""

    def __init__(self, seed: str, coins: tuple[Coin, ...], quote: str) -> None:
        self._walk = Walk(seed, coins)
        self._spot: list[tuple[Coin, Instrument, Liquidity]] = []
        self._perpetuals: dict[str, tuple[Instrument, Liquidity]] = {}
        for item in coins:
            price = Decimal(repr(item.price))
            spot = spot_market(item.name, quote, price)
            self._spot.append((item, spot, liquidity(spot, SPREAD_BP)))
            if item.name not in STABLE:
                contract = perpetual(item.name, quote, price)
                self._perpetuals[item.name] = (contract, liquidity(contract, SPREAD_BP))
        spots = {spot.symbol: spot for _, spot, _ in self._spot}
        contracts = {contract.symbol: contract for contract, _ in self._perpetuals.values()}
        self._instruments = spots | contracts
        named = ",".join(f"{item.name}@{item.price!r}~{item.volatility!r}" for item in coins)
        self._description = f"synthetic seed={seed} quote={quote} coins={named}"

    @property
    def description(self) -> str:
        """What market this is, in one line."""
        return self._description

    @property
    def instruments(self) -> Mapping[str, Instrument]:
        """The spot markets and perpetuals, by symbol."""
        return self._instruments

    @property
    def start(self) -> datetime:
        """The epoch, where every coin stands at its given price."""
        return EPOCH

    @property
    def end(self) -> None:
        """None: it goes on for ever."""
        return

    def quotes(self, moment: datetime) -> dict[str, Quote]:
        """Return every instrument's prices at `moment`."""
        quotes = {}
        day, step = _place(moment)
        for item, spot, spot_liquidity in self._spot:
            price = self._walk.price(item.name, day, step)
            index = _on_tick(price, spot.tick)
            quotes[spot.symbol] = quote_around(spot, index, moment, spot_liquidity, index=None)
            if item.name in self._perpetuals:
                contract, contract_liquidity = self._perpetuals[item.name]
                mark = _on_tick(price * (1 + self._walk.premium(item.name, day, step)), contract.tick)
                quotes[contract.symbol] = quote_around(contract, mark, moment, contract_liquidity, index=index)
        return quotes

    def funding(self, moment: datetime) -> dict[str, FundingRate]:
        """Return the rates from the mean premium of the interval so far, paid at 00, 08 and 16 UTC."""
        began = EPOCH + ((moment - EPOCH) // INTERVAL) * INTERVAL
        return {
            contract.symbol: FundingRate(
                symbol=contract.symbol,
                rate=self._rate(name, began, moment),
                interval_hours=Decimal(8),
                next_at=began + INTERVAL,
            )
            for name, (contract, _) in self._perpetuals.items()
        }

    def settlements(self, after: datetime, until: datetime) -> tuple[FundingSettlement, ...]:
        """Return the funding paid in the time given, at the mean premium of each whole interval."""
        first = max((after - EPOCH) // INTERVAL + 1, 1)
        paid = []
        for number in range(first, (until - EPOCH) // INTERVAL + 1):
            at = EPOCH + number * INTERVAL
            quotes = self.quotes(at)
            for name, (contract, _) in self._perpetuals.items():
                rate = self._rate(name, at - INTERVAL, at)
                mark = quotes[contract.symbol].valuation
                paid.append(FundingSettlement(at=at, symbol=contract.symbol, rate=rate, mark=mark))
        return tuple(paid)

    def history(self, wanted: tuple[Series, ...], moment: datetime) -> History:  # noqa: ARG002
        """Return the series asked for as known at `moment`."""
        return History(candles={}, funding={}, open_interest={})

    def path(self, after: datetime, until: datetime) -> Iterator[Step]:
        """Yield the prices at every five minutes of the clock later than `after`, and at `until`."""
        moment = EPOCH + ((after - EPOCH) // STEP + 1) * STEP
        while moment < until:
            yield self._step(moment)
            moment += STEP
        if after < until:
            yield self._step(until)

    def _step(self, moment: datetime) -> Step:
        spans = {}
        day, step = _place(moment)
        for item, spot, _ in self._spot:
            price = self._walk.price(item.name, day, step)
            index = _on_tick(price, spot.tick)
            spans[spot.symbol] = Span(index, index, index)
            if item.name in self._perpetuals:
                contract = self._perpetuals[item.name][0]
                mark = _on_tick(price * (1 + self._walk.premium(item.name, day, step)), contract.tick)
                spans[contract.symbol] = Span(mark, mark, mark)
        return Step(moment, spans)

    def _rate(self, name: str, began: datetime, until: datetime) -> Decimal:
        """Return the rate from the mean premium between two moments of one interval.

        The premium goes straight from one end of an interval to the other, so its mean is the mean of
        the two ends.
        """
        ends = (self._walk.premium(name, *_place(moment)) for moment in (began, until))
        return funding_rate(sum(ends) / 2)


def _on_tick(price: float, tick: Decimal) -> Decimal:
    """Return a price as an exact Decimal on a tick grid of a power of ten."""
    return Decimal(f"{price:.{-int(tick.as_tuple().exponent)}f}")
