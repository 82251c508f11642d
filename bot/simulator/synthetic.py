"""A market drawn from a seed: correlated coins with jumps, perpetuals on a wandering premium, funding from it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from bot.domain.instrument import Instrument, Kind
from bot.domain.reading import FundingPoint, History, Series, SeriesKind, candles_key
from bot.domain.snapshot import Candle, FundingRate, OpenInterest, Quote
from bot.errors import SettingsRefused, SnapshotUnavailable
from bot.simulator.dated import listed, listed_from, quarterly, years_left
from bot.simulator.listing import STABLE, dated_future, inverse_perpetual, liquidity, perpetual, spot_market
from bot.simulator.market import FundingSettlement, Liquidity, Span, Step, quote_around
from bot.simulator.past import Past
from bot.simulator.walk import STEPS, Coin, Walk

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
STEP = timedelta(days=1) / STEPS
INTERVAL = timedelta(hours=8)
SPREAD_BP = Decimal(1)
INTEREST = 0.0001
CLAMP = 0.0005
_RATE_PLACES = 8
_INSTANT = timedelta(microseconds=1)
USUAL_KINDS = frozenset({Kind.SPOT, Kind.LINEAR_PERPETUAL})
DATED_COINS = ("BTC", "ETH")
DATED_YEARLY = 0.10  # a year of basis, and how far it swings with its own premium (QUANT 3: 11 % on average)
DATED_SWING = 100.0

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
    seed: int | str,
    coins: Iterable[str | Coin] = ("BTC", "ETH", "SOL"),
    *,
    quote: str = "USDT",
    kinds: Collection[Kind] = USUAL_KINDS,
) -> "SyntheticMarket":
    """Return the market of `seed` with a spot market for each coin, and contracts unless it is a stablecoin.

    Equal arguments give equal Decimals in every process. A coin's prices depend neither on the others nor on
    the kinds listed. Dated contracts exist for BTC and ETH, two at a time.
    """
    walked = tuple(coin(item) if isinstance(item, str) else item for item in coins)
    names = [item.name for item in walked]
    if not names or len(set(names)) < len(names) or quote in names:
        raise SettingsRefused(
            f"coins {', '.join(names) or 'none'} cannot be simulated against {quote}",
            mend="name at least one coin, each once, and not the quote currency itself",
        )
    return SyntheticMarket(str(seed), walked, quote, frozenset(kinds))


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


class _Contract(NamedTuple):
    """One contract: its coin, its rules, how well it trades, and whose premium over spot it follows."""

    coin: Coin
    instrument: Instrument
    liquidity: Liquidity
    premium: str


class SyntheticMarket:
    """Implements Market; made by `synthetic_market`. A position is one-way: long and short of one contract net."""

    def __init__(self, seed: str, coins: tuple[Coin, ...], quote: str, kinds: frozenset[Kind]) -> None:
        self._deliveries = quarterly(EPOCH) if any(kind.is_dated for kind in kinds) else ()
        self._spot: dict[str, tuple[Coin, Instrument, Liquidity]] = {}
        for item in coins:
            spot = spot_market(item.name, quote, Decimal(repr(item.price)))
            self._spot[item.name] = (item, spot, liquidity(spot, SPREAD_BP))
        contracts = _contracts(coins, quote, kinds, self._deliveries)
        self._contracts = {one.instrument.symbol: one for one in contracts}
        premiums = dict.fromkeys(one.premium for one in contracts if one.premium not in self._spot)
        self._walk = Walk(seed, coins, tuple(premiums))
        self._past = Past(seed, self._walk, coins, EPOCH)
        spots = {spot.symbol: spot for _, spot, _ in self._spot.values()}
        self._instruments = spots | {symbol: one.instrument for symbol, one in self._contracts.items()}
        named = ",".join(f"{item.name}@{item.price!r}~{item.volatility!r}" for item in coins)
        more = ",".join(sorted(kinds - USUAL_KINDS))
        self._description = f"synthetic seed={seed} quote={quote} coins={named}{f' kinds=+{more}' if more else ''}"

    @property
    def description(self) -> str:
        """What market this is, in one line."""
        return self._description

    @property
    def instruments(self) -> Mapping[str, Instrument]:
        """The spot markets and contracts of all times, by symbol."""
        return self._instruments

    @property
    def start(self) -> datetime:
        """The epoch, where every coin stands at its given price."""
        return EPOCH

    @property
    def end(self) -> None:
        """None: it goes on for ever, though dated contracts are listed for six years only."""
        return

    def instruments_at(self, moment: datetime) -> Mapping[str, Instrument]:
        """Return what is listed at `moment`: of dated contracts the two next to be delivered."""
        if not self._deliveries:
            return self._instruments
        return {s: one for s, one in self._instruments.items() if listed(one, self._deliveries, moment)}

    def settlement_price(self, symbol: str, at: datetime) -> Decimal:
        """Return the middle of the coin's spot market at `at`, in quote currency."""
        item, spot, _ = self._spot[self._instruments[symbol].base]
        return _on_tick(self._walk.price(item.name, *_place(at)), spot.tick)

    def quotes(self, moment: datetime) -> dict[str, Quote]:
        """Return the prices at `moment` of every instrument listed then."""
        day, step = _place(moment)
        prices = {name: self._walk.price(name, day, step) for name in self._spot}
        quotes = {}
        for name, (_, spot, depth) in self._spot.items():
            quotes[spot.symbol] = quote_around(spot, _on_tick(prices[name], spot.tick), moment, depth, index=None)
        for one in self._listed(moment):
            spot = self._spot[one.coin.name][1]
            index, mark = _on_tick(prices[one.coin.name], spot.tick), self._mark(one, prices, moment)
            quotes[one.instrument.symbol] = quote_around(one.instrument, mark, moment, one.liquidity, index=index)
        return quotes

    def funding(self, moment: datetime) -> dict[str, FundingRate]:
        """Return the rates from the mean premium of the interval so far, paid at 00, 08 and 16 UTC."""
        began = EPOCH + ((moment - EPOCH) // INTERVAL) * INTERVAL
        return {
            symbol: FundingRate(
                symbol=symbol,
                rate=self._rate(one.premium, began, moment),
                interval_hours=Decimal(8),
                next_at=began + INTERVAL,
            )
            for symbol, one in self._contracts.items()
            if not one.instrument.kind.is_dated
        }

    def settlements(self, after: datetime, until: datetime) -> tuple[FundingSettlement, ...]:
        """Return the funding paid in the time given, at the mean premium of each whole interval."""
        first = max((after - EPOCH) // INTERVAL + 1, 1)
        perpetuals = [one for one in self._contracts.values() if not one.instrument.kind.is_dated]
        paid = []
        for number in range(first, (until - EPOCH) // INTERVAL + 1):
            at = EPOCH + number * INTERVAL
            prices = {name: self._walk.price(name, *_place(at)) for name in self._spot}
            for one in perpetuals:
                rate, mark = self._rate(one.premium, at - INTERVAL, at), self._mark(one, prices, at)
                paid.append(FundingSettlement(at=at, symbol=one.instrument.symbol, rate=rate, mark=mark))
        return tuple(paid)

    def history(self, wanted: tuple[Series, ...], moment: datetime) -> History:
        """Return the series asked for as known at `moment`; before the epoch from a seeded past, see `Past`."""
        candles: dict[str, tuple[Candle, ...]] = {}
        funding: dict[str, tuple[FundingPoint, ...]] = {}
        interest: dict[str, tuple[OpenInterest, ...]] = {}
        for one in wanted:
            instrument = self._instruments.get(one.symbol)
            if instrument is None:
                continue
            if one.kind is SeriesKind.CANDLES and instrument.kind.is_spot:
                key = candles_key(one.symbol, one.seconds)
                candles[key] = self._past.candles(instrument, one.seconds, one.count, moment)
            elif one.kind is SeriesKind.FUNDING and one.symbol in self._contracts and not instrument.kind.is_dated:
                funding[one.symbol] = self._settled(self._contracts[one.symbol], one.count, moment)
            elif one.kind is SeriesKind.OPEN_INTEREST and one.symbol in self._contracts:
                days = -(-one.count * one.seconds // 86_400)
                interest[one.symbol] = self._past.interest(instrument, days, moment)
        return History(candles=candles, funding=funding, open_interest=interest)

    def path(self, after: datetime, until: datetime) -> Iterator[Step]:
        """Yield the prices at every five minutes of the clock later than `after`, and at `until`."""
        moment = EPOCH + ((after - EPOCH) // STEP + 1) * STEP
        while moment < until:
            yield self._step(moment)
            moment += STEP
        if after < until:
            yield self._step(until)

    def _step(self, moment: datetime) -> Step:
        day, step = _place(moment)
        prices = {name: self._walk.price(name, day, step) for name in self._spot}
        spans = {}
        for name, (_, spot, _depth) in self._spot.items():
            price = _on_tick(prices[name], spot.tick)
            spans[spot.symbol] = Span(price, price, price)
        for one in self._listed(moment - _INSTANT):  # one delivered at this moment still has its last price
            mark = self._mark(one, prices, moment)
            spans[one.instrument.symbol] = Span(mark, mark, mark)
        return Step(moment, spans)

    def _listed(self, moment: datetime) -> Iterator[_Contract]:
        for one in self._contracts.values():
            if not self._deliveries or listed(one.instrument, self._deliveries, moment):
                yield one

    def _mark(self, one: _Contract, prices: Mapping[str, float], moment: datetime) -> Decimal:
        """Return a contract's mark: spot and its premium; a dated one's basis shrinks evenly to its delivery."""
        premium = self._walk.premium(one.premium, *_place(moment))
        if one.instrument.expiry is not None:
            yearly = DATED_YEARLY + DATED_SWING * premium
            premium = yearly * float(years_left(one.instrument.expiry, moment))
        return _on_tick(prices[one.coin.name] * (1 + premium), one.instrument.tick)

    def _settled(self, one: _Contract, count: int, moment: datetime) -> tuple[FundingPoint, ...]:
        """Return the newest `count` settled rates, oldest first."""
        last = (moment - EPOCH) // INTERVAL
        found = []
        for number in range(last - count + 1, last + 1):
            at = EPOCH + number * INTERVAL
            if number > 0:
                rate = self._rate(one.premium, at - INTERVAL, at)
            else:
                rate = funding_rate(self._past.premium(one.premium, *divmod(number - 1, 3)))
            found.append(FundingPoint(symbol=one.instrument.symbol, at=at, rate=rate, interval_hours=Decimal(8)))
        return tuple(found)

    def _rate(self, name: str, began: datetime, until: datetime) -> Decimal:
        """Return the rate from the mean premium between two moments of one interval.

        The premium goes straight from one end of an interval to the other, so its mean is the mean of
        the two ends.
        """
        ends = (self._walk.premium(name, *_place(moment)) for moment in (began, until))
        return funding_rate(sum(ends) / 2)


def _rules(kind: Kind, asset: str, quote: str, price: Decimal, expiry: datetime | None) -> Instrument:
    if expiry is not None:
        return dated_future(kind, asset, quote, price, listed_at=listed_from(expiry), expiry=expiry)
    return inverse_perpetual(asset, price) if kind.is_inverse else perpetual(asset, quote, price)


def _contracts(
    coins: tuple[Coin, ...], quote: str, kinds: frozenset[Kind], deliveries: tuple[datetime, ...]
) -> tuple[_Contract, ...]:
    """Return every contract that is ever listed, perpetuals first, in the order of the coins."""
    found = []
    for kind in (Kind.LINEAR_PERPETUAL, Kind.INVERSE_PERPETUAL, Kind.LINEAR_FUTURE, Kind.INVERSE_FUTURE):
        for item in coins:
            if kind not in kinds or item.name in STABLE or (kind.is_dated and item.name not in DATED_COINS):
                continue
            price = Decimal(repr(item.price))
            premium = item.name if kind is Kind.LINEAR_PERPETUAL else f"{item.name}/{kind}"
            for expiry in deliveries if kind.is_dated else (None,):
                rules = _rules(kind, item.name, quote, price, expiry)
                found.append(_Contract(item, rules, liquidity(rules, SPREAD_BP), premium))
    return tuple(found)


def _on_tick(price: float, tick: Decimal) -> Decimal:
    """Return a price as an exact Decimal on a tick grid of a power of ten."""
    return Decimal(f"{price:.{-int(tick.as_tuple().exponent)}f}")
