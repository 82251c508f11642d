"""A coin without a contract of its own, hedged by selling another coin's: how much, and whether it helps."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot.domain.book import Exposure
from bot.domain.numbers import ZERO
from bot.domain.order import Sleeve
from bot.domain.plan import Advice
from bot.domain.policy import Band, HedgeRules, Policy
from bot.domain.reading import Measure, MeasureKind, Readings
from bot.domain.rules import CrossHedge
from bot.domain.snapshot import Snapshot
from bot.policy.hedge.markets import hedge_markets

REHEDGE = Decimal("0.12")  # of the hedge: QUANT 2.3, the best band for a coin of 95 % volatility hedged with BTC


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossChoice:
    """How one coin is hedged with another: its beta inside the rules' range, as measured, and what it is worth.

    `effectiveness` is the share of the coin's variance the hedge is expected to take away.
    """

    asset: str
    against: str
    beta: Decimal
    measured: Decimal
    effectiveness: Decimal

    @property
    def reason(self) -> str:
        """The choice in words and numbers."""
        clipped = "" if self.beta == self.measured else f" (measured {self.measured:.2f})"
        worth = f"expected to take away {self.effectiveness * 100:.0f}% of its variance"
        return f"{self.asset} is hedged with {self.against} at beta {self.beta:.2f}{clipped}, {worth}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossHedges:
    """What cross hedges ask of the contracts they are sold in.

    `coins` are the coins to be short for others, by the asset sold; `choices` how each coin is hedged;
    `advice` names the coins that are not, and why.
    """

    coins: Mapping[str, Decimal]
    choices: tuple[CrossChoice, ...] = ()
    advice: tuple[Advice, ...] = ()


def cross_measures(policy: Policy) -> tuple[Measure, ...]:
    """Return what cross hedges want to know: each coin's beta and effectiveness against the other."""
    if policy.hedge is None or policy.hedge.cross is None:
        return ()
    rules = policy.hedge.cross
    return tuple(measure for asset in sorted(rules.against) for measure in _measures(asset, rules))


def _measures(asset: str, rules: CrossHedge) -> tuple[Measure, Measure]:
    against, periods = rules.against[asset], (rules.days,)
    return (
        Measure(kind=MeasureKind.BETA, subject=asset, periods=periods, against=against),
        Measure(kind=MeasureKind.EFFECTIVENESS, subject=asset, periods=periods, against=against),
    )


def cross_hedge(asset: str, rules: CrossHedge, readings: Readings) -> CrossChoice | str:
    """Return how `asset` is hedged with the coin its rules name, or in words why it is not.

    The beta is clipped to the rules' range; below `min_effectiveness` a hedge adds cost and little else.
    QUANT 2.3.
    """
    found = _read(asset, rules, readings)
    if isinstance(found, str):
        return found
    if found.effectiveness < rules.min_effectiveness:
        expected, least = found.effectiveness * 100, rules.min_effectiveness * 100
        shares = f"{expected:.0f}% of its variance, {least:.0f}% are asked"
        return f"{asset} is not hedged with {found.against}: it would take away {shares}"
    return found


def _read(asset: str, rules: CrossHedge, readings: Readings) -> CrossChoice | str:
    """Return the choice whatever it is worth, or what is unavailable."""
    values = []
    for measure in _measures(asset, rules):
        reading = next((one for one in readings if one.measure == measure), None)
        if reading is None or reading.value is None:
            why = reading.why if reading else "not read"
            return f"{asset} cannot be hedged with {measure.against}: its {measure.kind} is unavailable ({why})"
        values.append(reading.value)
    measured, effectiveness = values
    return CrossChoice(
        asset=asset,
        against=rules.against[asset],
        beta=min(max(measured, rules.beta_low), rules.beta_high),
        measured=measured,
        effectiveness=effectiveness,
    )


def hedging_coins(choice: CrossChoice, value: Decimal, price: Decimal) -> Decimal:
    """Return the coins of the other asset that hedge `value` (quote currency): β × V / S. QUANT 2.1."""
    return choice.beta * value / price


def rehedged(held: Decimal, wanted: Decimal) -> Decimal:
    """Return the coins to be short: `held` while it is within 12 % of `wanted`, else `wanted`. QUANT 2.3."""
    return held if abs(held - wanted) <= REHEDGE * wanted else wanted


def cross_hedges(
    policy: Policy, exposure: Exposure, snapshot: Snapshot, readings: Readings, ratios: Mapping[str, Band]
) -> CrossHedges:
    """Return the coins to be short for coins without a contract of their own.

    `ratios` are the hedge ratios now, by asset; one that is not named has the policy's. The hedge of a coin
    is its value × ratio × beta. What an asset is short beyond its own target is taken for the hedge of the
    others: it is kept while it is near what is wanted, and while a reading is unavailable.
    """
    rules = policy.hedge
    if rules is None or rules.cross is None:
        return CrossHedges(coins={})
    wanted: dict[str, Decimal] = {}
    kept: set[str] = set()
    choices, advice = [], []
    for asset, against in sorted(rules.cross.against.items()):
        if asset not in policy.core.assets or hedge_markets(policy, snapshot, asset):
            continue
        found = _choice(policy, snapshot, rules.cross, asset, readings)
        if isinstance(found, str):
            advice.append(Advice(sleeve=Sleeve.HEDGE, subject=asset, text=found))
            kept |= {against} if isinstance(_read(asset, rules.cross, readings), str) else set()
            continue
        choices.append(found)
        value = exposure.assets[asset].core_value * _target(rules, ratios, asset)
        wanted[against] = wanted.get(against, ZERO) + hedging_coins(found, value, exposure.assets[against].price)
    coins = {
        base: _settled(rules, exposure, ratios, base, None if base in kept else wanted.get(base, ZERO))
        for base in sorted({*wanted, *kept} & exposure.assets.keys())
    }
    return CrossHedges(coins=coins, choices=tuple(choices), advice=tuple(advice))


def _choice(policy: Policy, snapshot: Snapshot, rules: CrossHedge, asset: str, readings: Readings) -> CrossChoice | str:
    against = rules.against[asset]
    if against not in policy.core.assets or not hedge_markets(policy, snapshot, against):
        return f"{asset} cannot be hedged with {against}: the policy holds and hedges no {against} here"
    return cross_hedge(asset, rules, readings)


def _target(rules: HedgeRules, ratios: Mapping[str, Band], asset: str) -> Decimal:
    return (ratios.get(asset) or rules.ratio_of(asset)).target


def _settled(
    rules: HedgeRules, exposure: Exposure, ratios: Mapping[str, Band], base: str, wanted: Decimal | None
) -> Decimal:
    """Return the coins short for others: what is held where nothing better is known, or it is near enough."""
    own = exposure.assets[base]
    held = max(own.short_coins - max(own.core_coins, ZERO) * _target(rules, ratios, base), ZERO)
    return held if wanted is None else rehedged(held, wanted)
