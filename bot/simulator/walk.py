"""A seeded walk of prices in floats: any moment, asked in any order and in any process, is the same.

Days are drawn one after the other from the epoch, one pair of random streams for each source of chance
and each day; the path inside a day is a Brownian bridge between the two ends, drawn when asked for.
"""

import math
from array import array
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

STEPS = 288  # five minutes each
_KEPT_DAYS = 4
_NODES = 3  # premium nodes a day, eight hours apart

MARKET = "market"  # the source of jumps that all coins share
_MARKET_JUMPS = (8 / 365, 0.04)  # chance a day, standard deviation of the log jump of a coin with volatility 0.60
_OWN_JUMPS = (4 / 365, 0.05)  # the same of its own jumps
_MARKET_VOLATILITY = 0.60

_PREMIUM_MEAN = 0.0001
_PREMIUM_DEVIATION = 0.0005
_PREMIUM_MEMORY = 0.83  # autocorrelation over 8 h, as measured (QUANT 3)

# Loadings on each coin's own source of chance; their products are the correlations
# BTC-ETH 0.80, BTC-SOL 0.65, ETH-SOL 0.65 × 0.80 + 0.30 × 0.60 = 0.70.
_LOADINGS: Mapping[str, tuple[tuple[str, float], ...]] = {
    "BTC": (("BTC", 1.0),),
    "ETH": (("BTC", 0.8), ("ETH", 0.6)),
    "SOL": (("BTC", 0.65), ("ETH", 0.3), ("SOL", math.sqrt(1 - 0.65**2 - 0.3**2))),
}
_OTHER_LOADING = 0.65


@dataclass(frozen=True, slots=True, kw_only=True)
class Coin:
    """A coin to simulate: its price at the epoch in quote currency, and its yearly volatility as a fraction."""

    name: str
    price: float
    volatility: float


def loadings(name: str) -> tuple[tuple[str, float], ...]:
    """Return a coin's loading on each source of chance; their squares sum to 1."""
    other = (("BTC", _OTHER_LOADING), (name, math.sqrt(1 - _OTHER_LOADING**2)))
    return _LOADINGS.get(name, other)


@dataclass(frozen=True, slots=True)
class _Jump:
    step: int
    size: float


class Walk:
    """Log prices and premiums of some coins, from one seed.

    A coin's path does not depend on which other coins are walked with it. `premiums` names further
    premiums, each with its own chance. Kept in memory: one number a
    day and coin, three premiums a day and coin, and the paths of the last four days asked for.
    """

    def __init__(self, seed: str, coins: Sequence[Coin], premiums: Sequence[str] = ()) -> None:
        self._seed = seed
        self._coins = tuple(coins)
        self._factors = sorted({factor for coin in coins for factor, _ in loadings(coin.name)})
        self._levels = {coin.name: array("d", [math.log(coin.price)]) for coin in coins}
        names = (*(coin.name for coin in coins), *premiums)
        self._premiums = {name: array("d", [_PREMIUM_MEAN]) for name in names}
        self._days: OrderedDict[int, dict[str, Sequence[float]]] = OrderedDict()

    def price(self, coin: str, day: int, step: float) -> float:
        """Return the price of `coin` on `day` after `step` steps, 0 ≤ step < 288, straight between the steps."""
        path = self._path(day)[coin]
        whole = int(step)
        low = path[whole]
        return math.exp(low + (path[whole + 1] - low) * (step - whole))

    def logs(self, coin: str, day: int) -> Sequence[float]:
        """Return the log prices of one day at its 288 steps and its end."""
        return self._path(day)[coin]

    def premium(self, coin: str, day: int, step: float) -> float:
        """Return the perpetual's premium over spot, a fraction, at the same moment."""
        self._reach(day + 1)
        nodes = self._premiums[coin]
        whole, share = divmod(step * _NODES / STEPS, 1.0)
        at = day * _NODES + int(whole)
        return nodes[at] + (nodes[at + 1] - nodes[at]) * share

    def _path(self, day: int) -> dict[str, Sequence[float]]:
        if day in self._days:
            self._days.move_to_end(day)
            return self._days[day]
        self._reach(day + 1)
        self._days[day] = self._draw_path(day)
        if len(self._days) > _KEPT_DAYS:
            self._days.popitem(last=False)
        return self._days[day]

    def _reach(self, day: int) -> None:
        """Draw the days up to `day`: each coin's level at its start and the premiums before it."""
        first = self._coins[0].name
        while len(self._levels[first]) <= day:
            today = len(self._levels[first]) - 1
            shocks = {factor: self._shock(factor, today) for factor in self._factors}
            for coin in self._coins:
                level = self._levels[coin.name]
                jumps = sum(jump.size for jump in self._jumps(coin, today))
                diffusion = self._deviation(coin) * sum(load * shocks[f] for f, load in loadings(coin.name))
                level.append(level[today] + diffusion + self._drift(coin) + jumps)
            for name in self._premiums:
                self._extend_premium(name, today)

    def _draw_path(self, day: int) -> dict[str, Sequence[float]]:
        bridges = {factor: self._bridge(factor, day) for factor in self._factors}
        paths: dict[str, Sequence[float]] = {}
        for coin in self._coins:
            loads = [(bridges[factor], load) for factor, load in loadings(coin.name)]
            start, drift, deviation = self._levels[coin.name][day], self._drift(coin) / STEPS, self._deviation(coin)
            path = array(
                "d", (start + drift * i + deviation * sum(b[i] * load for b, load in loads) for i in range(STEPS))
            )
            for jump in self._jumps(coin, day):
                for i in range(jump.step, STEPS):
                    path[i] += jump.size
            path.append(self._levels[coin.name][day + 1])
            paths[coin.name] = path
        return paths

    def _bridge(self, factor: str, day: int) -> list[float]:
        """Return a standard Brownian path of one day that ends at the day's shock."""
        stream = Random(f"{self._seed}/{factor}/path/{day}")
        scale = 1 / math.sqrt(STEPS)
        walk = [0.0]
        for _ in range(STEPS):
            walk.append(walk[-1] + stream.gauss(0.0, scale))
        gap = self._shock(factor, day) - walk[-1]
        return [value + gap * i / STEPS for i, value in enumerate(walk)]

    def _shock(self, factor: str, day: int) -> float:
        return Random(f"{self._seed}/{factor}/day/{day}").gauss(0.0, 1.0)

    def _jumps(self, coin: Coin, day: int) -> tuple[_Jump, ...]:
        """Return the day's jumps of one coin: the market's and its own, in proportion to its volatility."""
        jumps = []
        for source, (chance, deviation) in ((MARKET, _MARKET_JUMPS), (coin.name, _OWN_JUMPS)):
            stream = Random(f"{self._seed}/{source}/jumps/{day}")
            if stream.random() < chance:
                size = stream.gauss(0.0, deviation) * coin.volatility / _MARKET_VOLATILITY
                jumps.append(_Jump(stream.randrange(1, STEPS), size))
        return tuple(jumps)

    def _extend_premium(self, name: str, day: int) -> None:
        nodes = self._premiums[name]
        stream = Random(f"{self._seed}/{name}/premium/{day}")
        noise = _PREMIUM_DEVIATION * math.sqrt(1 - _PREMIUM_MEMORY**2)
        for _ in range(_NODES):
            nodes.append(_PREMIUM_MEAN + _PREMIUM_MEMORY * (nodes[-1] - _PREMIUM_MEAN) + stream.gauss(0.0, noise))

    @staticmethod
    def _deviation(coin: Coin) -> float:
        return coin.volatility / math.sqrt(365)

    @staticmethod
    def _drift(coin: Coin) -> float:
        """Return the daily drift of the log price that leaves the expected price where it is."""
        jumps = sum(chance * deviation**2 for chance, deviation in (_MARKET_JUMPS, _OWN_JUMPS))
        return -(coin.volatility**2) * (1 / 365 + jumps / _MARKET_VOLATILITY**2) / 2
