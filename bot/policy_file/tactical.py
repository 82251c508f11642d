"""The [tactical] section: rules that take a view, inside a wall that their losses cannot pass."""

from decimal import Decimal

from bot.domain.instrument import Kind
from bot.domain.numbers import ONE, ZERO
from bot.domain.order import Side
from bot.domain.rules import SignalKind, Sizing, TacticalRule, TacticalRules
from bot.policy_file.choices import asset, flag, one_of, rows, unlike_names, word
from bot.policy_file.faults import Path, figure
from bot.policy_file.page import Allowed, Page
from bot.policy_file.ratio_rules import RULE_NAME, RULE_NAME_WORDS
from bot.policy_file.signals import SIGNAL_KEYS, Signal, read_signal

TACTICAL_KEYS = ("budget", "shock", "max_notional", "rules")
RULE_KEYS = (
    "name", "signal", "asset", "side", "instrument", *SIGNAL_KEYS, "alert_only", "stop", "take_profit",
    "expiry_hours", "cooldown_hours", "size_by", "risk", "volatility", "kelly_fraction", "expected_return",
)  # fmt: skip
EXAMPLE = 'with name = "btc-trend", signal = "price-over-ema", asset = "BTC", ema = 200, stop = 0.10'
LONG, SHORT = "long", "short"
# Coins bought for a rule would be the core's own the moment they are held: a rule takes contracts.
CONTRACTS = (Kind.LINEAR_PERPETUAL, Kind.INVERSE_PERPETUAL)

BUDGET = Allowed(what="a share of equity", low=ZERO, high=Decimal("0.2"), fraction=True, above_low=True, example="0.02")
SHOCK = Allowed(what="a share of the price", low=Decimal("0.05"), high=Decimal("0.9"), fraction=True, example="0.25")
NOTIONAL = Allowed(what="a share of equity", low=ZERO, high=ONE, fraction=True, above_low=True, example="0.15")
STOP = Allowed(
    what="a share of the entry price", low=Decimal("0.005"), high=Decimal("0.4"), fraction=True, example="0.10"
)
PROFIT = Allowed(what="a share of the entry price", low=ZERO, high=Decimal(5), above_low=True, example="0.30")
HOURS = Allowed(what="hours", low=ONE, high=Decimal(8760), example="720")
RISK = Allowed(what="a share of equity", low=ZERO, high=Decimal("0.02"), fraction=True, above_low=True, example="0.005")
VOLATILITY = Allowed(what="a yearly volatility", low=ZERO, high=ONE, fraction=True, above_low=True, example="0.20")
KELLY = Allowed(
    what="a share of Kelly's bet", low=ZERO, high=Decimal("0.5"), fraction=True, above_low=True, example="0.25"
)
EXPECTED = Allowed(what="a yearly return", low=ZERO, high=ONE, fraction=True, above_low=True, example="0.30")

# QUANT 9: at most 15 % of equity, 20 % of yearly volatility, half a per cent lost at a stop. QUANT 5: a
# quarter of Kelly, reckoned with 30 % a year. Bitcoin's two worst days of 2020 to 2024 closed 40 % and 15 %
# lower; a shock of 25 % lies between them. A month is how long a view lasts without being renewed, a day how
# long a rule that was stopped keeps still.
USUAL_SHOCK = Decimal("0.25")
USUAL_NOTIONAL = Decimal("0.15")
USUAL_EXPIRY = Decimal(720)
USUAL_COOLDOWN = Decimal(24)
USUAL_RISK = Decimal("0.005")
USUAL_VOLATILITY = Decimal("0.20")
USUAL_KELLY = Decimal("0.25")
USUAL_RETURN = Decimal("0.30")


def read_tactical(page: Page) -> TacticalRules | None:
    """Return the overlay's rules; None where there is no [tactical], or with faults."""
    section = ("tactical",)
    if page.table(section) is None:
        return None
    page.known_keys(section, TACTICAL_KEYS)
    budget = page.number((*section, "budget"), BUDGET)
    shock = page.number((*section, "shock"), SHOCK, USUAL_SHOCK)
    notional = page.number((*section, "max_notional"), NOTIONAL, USUAL_NOTIONAL)
    path = (*section, "rules")
    paths = rows(page, path, EXAMPLE)
    if page.value(path) is None:
        page.blame(path, f"is missing; add below [tactical]: [[tactical.rules]] {EXAMPLE}")
    unlike_names(page, paths)
    found = [_rule(page, place) for place in paths]
    for place, rule in zip(paths, found, strict=True):
        if rule is not None and budget is not None and rule.risk > budget:
            page.blame(
                (*place, "risk"),
                f"is {figure(rule.risk)}, more than tactical.budget, {figure(budget)}, may lose altogether; "
                f"write risk = {figure(budget / 4)}",
            )
    if budget is None or shock is None or notional is None:
        return None
    rules = tuple(rule for rule in found if rule is not None)
    return TacticalRules(budget=budget, shock=shock, max_notional=notional, rules=rules)


def _rule(page: Page, path: Path) -> TacticalRule | None:
    page.known_keys(path, RULE_KEYS)
    name = page.text((*path, "name"), RULE_NAME, RULE_NAME_WORDS, '"btc-trend"')
    coin = asset(page, (*path, "asset"))
    kind = one_of(page, (*path, "instrument"), CONTRACTS, Kind.LINEAR_PERPETUAL)
    signal = read_signal(page, path)
    side = _side(page, path, signal)
    alert = flag(page, (*path, "alert_only"), default=signal is not None and signal.kind is SignalKind.SHORT_SQUEEZE)
    sizing = one_of(page, (*path, "size_by"), tuple(Sizing), Sizing.VOLATILITY)
    exits = _exits(page, path)
    size = _size(page, path)
    if name is None or coin is None or kind is None or signal is None or side is None or alert is None:
        return None
    if sizing is None or exits is None or size is None:
        return None
    return TacticalRule(
        name=name,
        signal=signal.kind,
        asset=coin,
        side=side,
        instrument=kind,
        periods=signal.periods,
        bar_hours=signal.bar_hours,
        funding_floor=signal.funding_floor,
        interest_percentile=signal.interest_percentile,
        funding_percentile=signal.funding_percentile,
        alert_only=alert,
        stop=exits[0],
        take_profit=exits[1],
        expiry_hours=exits[2],
        cooldown_hours=exits[3],
        sizing=sizing,
        risk=size[0],
        volatility=size[1],
        kelly_fraction=size[2],
        expected_return=size[3],
    )


def _side(page: Page, path: Path, signal: Signal | None) -> Side | None:
    found = word(page, (*path, "side"), (LONG, SHORT), LONG)
    if found == SHORT and signal is not None and signal.kind is SignalKind.SHORT_SQUEEZE:
        page.blame((*path, "side"), 'is "short"; shorts that are squeezed drive the price up; write: side = "long"')
        return None
    return {LONG: Side.BUY, SHORT: Side.SELL}.get(found or "")


def _exits(page: Page, path: Path) -> tuple[Decimal, Decimal | None, Decimal, Decimal] | None:
    """Return stop and take-profit, shares of the entry price, and expiry and cool-down in hours."""
    stop = page.number((*path, "stop"), STOP)
    given = page.value((*path, "take_profit")) is not None
    profit = page.number((*path, "take_profit"), PROFIT) if given else None
    expiry = page.number((*path, "expiry_hours"), HOURS, USUAL_EXPIRY)
    rest = page.number((*path, "cooldown_hours"), HOURS, USUAL_COOLDOWN)
    if stop is None or expiry is None or rest is None or (given and profit is None):
        return None
    return stop, profit, expiry, rest


def _size(page: Page, path: Path) -> tuple[Decimal, Decimal, Decimal, Decimal] | None:
    """Return risk and volatility, shares of equity, the share of Kelly's bet and the yearly return expected."""
    risk = page.number((*path, "risk"), RISK, USUAL_RISK)
    volatility = page.number((*path, "volatility"), VOLATILITY, USUAL_VOLATILITY)
    kelly = page.number((*path, "kelly_fraction"), KELLY, USUAL_KELLY)
    expected = page.number((*path, "expected_return"), EXPECTED, USUAL_RETURN)
    if risk is None or volatility is None or kelly is None or expected is None:
        return None
    return risk, volatility, kelly, expected
