"""The [[hedge.rules]] of a policy file: what moves the hedge ratio, and how far."""

import re
from decimal import Decimal
from types import MappingProxyType

from bot.domain.numbers import ONE, ZERO
from bot.domain.policy import Band
from bot.domain.rules import CrossHedge, RatioRule, RatioTrigger
from bot.policy_file.choices import one_of, rows, unlike_names
from bot.policy_file.faults import Path, figure, shown
from bot.policy_file.page import Allowed, Page, asset_fault

RULE_KEYS = ("name", "trigger", "days", "enter", "leave", "ratio")
CROSS_KEYS = ("against", "days", "beta", "min_effectiveness")
RULE_EXAMPLE = 'with name = "below-trend", trigger = "trend", enter = 0.02, leave = 0, ratio = 0.5'
RULE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,29}")
RULE_NAME_WORDS = "1 to 30 small letters, digits and dashes"

# The past a rule looks at when the file does not say: the 200-day EMA, a quarter's high, a month's
# volatility, a month's funding (QUANT 3 and 5).
USUAL_DAYS = MappingProxyType(
    {RatioTrigger.TREND: 200, RatioTrigger.DRAWDOWN: 90, RatioTrigger.VOLATILITY: 30, RatioTrigger.FUNDING: 30}
)
FIVE = Decimal(5)
_MEASURES = {
    RatioTrigger.TREND: ("a share of the EMA, the close below it", Decimal("-0.5"), Decimal("0.9"), "0.02"),
    RatioTrigger.DRAWDOWN: ("a share of the highest close", ZERO, Decimal("0.95"), "0.20"),
    RatioTrigger.VOLATILITY: ("a yearly volatility, 1 is 100 %", ZERO, FIVE, "0.80"),
    RatioTrigger.FUNDING: ("what a short pays a year, a share of its value", -ONE, FIVE, "0.10"),
}
DAYS = Allowed(what="whole days", low=Decimal(2), high=Decimal(365), whole=True, example="200")
RATIO_OF_RULE = Allowed(what="a share of the core's delta", low=ZERO, high=ONE, fraction=True, example="0.50")
CROSS_DAYS = Allowed(what="whole days", low=Decimal(30), high=Decimal(365), whole=True, example="90")
BETA = Allowed(what="a beta", low=Decimal("0.1"), high=Decimal(5), example="0.5")
EFFECTIVENESS = Allowed(
    what="a share of the variance", low=Decimal("0.4"), high=Decimal("0.99"), fraction=True, example="0.4"
)
USUAL_CROSS_DAYS = 90
USUAL_BETA = (Decimal("0.5"), Decimal(2))
USUAL_EFFECTIVENESS = Decimal("0.4")


def read_ratio_rules(page: Page, ratio: Band | None, targets: tuple[Decimal, ...]) -> tuple[RatioRule, ...]:
    """Return the rules of the hedge ratio; what is wrong with one is a fault and leaves it out.

    `ratio` is the range they move in; `targets` the coins' targets without them.
    """
    paths = rows(page, ("hedge", "rules"), RULE_EXAMPLE)
    unlike_names(page, paths)
    found = [_rule(page, path) for path in paths]
    for path, rule in zip(paths, found, strict=True):
        if rule is not None and ratio is not None:
            _check_reach(page, path, rule, (ratio, targets))
    return tuple(rule for rule in found if rule is not None)


def _rule(page: Page, path: Path) -> RatioRule | None:
    page.known_keys(path, RULE_KEYS)
    name = page.text((*path, "name"), RULE_NAME, RULE_NAME_WORDS, '"below-trend"')
    trigger = one_of(page, (*path, "trigger"), tuple(RatioTrigger))
    ratio = page.number((*path, "ratio"), RATIO_OF_RULE)
    if trigger is None:
        return None
    days = page.number((*path, "days"), DAYS, Decimal(USUAL_DAYS[trigger]))
    what, low, high, example = _MEASURES[trigger]
    measure = Allowed(what=what, low=low, high=high, example=example, fraction=high <= ONE)
    enter, leave = (page.number((*path, key), measure) for key in ("enter", "leave"))
    if enter is None or leave is None:
        return None
    if leave >= enter:
        page.blame(
            (*path, "leave"),
            f"is {figure(leave)}, not below enter, {figure(enter)}: the rule would turn on and off at every look; "
            f"write leave = {figure(enter / 2 if enter > 0 else enter - Decimal('0.01'))}",
        )
        return None
    if name is None or days is None or ratio is None:
        return None
    return RatioRule(name=name, trigger=trigger, days=int(days), enter=enter, leave=leave, ratio=ratio)


def _check_reach(page: Page, path: Path, rule: RatioRule, around: tuple[Band, tuple[Decimal, ...]]) -> None:
    """Blame a rule whose ratio lies outside the range it moves in, or that could never move anything."""
    band, targets = around
    place = (*path, "ratio")
    if not band.holds(rule.ratio):
        page.blame(
            place,
            f"is {figure(rule.ratio)}, outside hedge.ratio, {figure(band.low)} to {figure(band.high)}; "
            f"write ratio = {figure(min(max(rule.ratio, band.low), band.high))} or widen hedge.ratio",
        )
    elif rule.trigger is RatioTrigger.FUNDING and rule.ratio >= band.high:
        page.blame(
            place, f"is {figure(rule.ratio)}, the most there ever is: a funding rule lowers the ratio; write less"
        )
    elif rule.trigger is not RatioTrigger.FUNDING and rule.ratio <= min(targets):
        page.blame(
            place,
            f"is {figure(rule.ratio)}, not above the target {figure(min(targets))}: the rule would change nothing; "
            f"write ratio = {figure(band.high)}",
        )


def read_cross(page: Page, core: tuple[str, ...]) -> CrossHedge | None:
    """Return how coins without a contract of their own are hedged; None where nothing is said, or with faults."""
    path = ("hedge", "cross")
    if page.table(path) is None:
        return None
    page.known_keys(path, CROSS_KEYS)
    against = _against(page, core)
    days = page.number((*path, "days"), CROSS_DAYS, Decimal(USUAL_CROSS_DAYS))
    beta = _beta(page)
    effectiveness = page.number((*path, "min_effectiveness"), EFFECTIVENESS, USUAL_EFFECTIVENESS)
    if against is None or days is None or beta is None or effectiveness is None:
        return None
    return CrossHedge(
        against=against, days=int(days), beta_low=beta[0], beta_high=beta[1], min_effectiveness=effectiveness
    )


def _against(page: Page, core: tuple[str, ...]) -> dict[str, str] | None:
    path = ("hedge", "cross", "against")
    found = page.table(path, 'against = { PEPE = "BTC" }')
    if not found:
        if found is not None:
            page.blame(path, 'names no coin; write: against = { PEPE = "BTC" }, or remove [hedge.cross]')
        return None
    page.known_keys(path, core)
    right = {coin: str(other) for coin, other in found.items() if _right_pair(page, (coin, other), found)}
    return right if right and len(right) == len(found) else None


def _right_pair(page: Page, pair: tuple[str, object], pairs: object) -> bool:
    """Whether a coin may be hedged with the other; with a fault where not."""
    coin, other = pair
    path = ("hedge", "cross", "against", coin)
    if not isinstance(other, str):
        page.blame(path, f'is {shown(other)}; allowed: the name of a coin; write: {coin} = "BTC"')
    elif wrong := asset_fault(other):
        page.blame(path, f"is {shown(other)}, which {wrong}")
    elif other == coin or (isinstance(pairs, dict) and other in pairs):
        page.blame(path, f'is {other}, which is hedged with another coin itself; write: {coin} = "BTC"')
    else:
        return True
    return False


def _beta(page: Page) -> tuple[Decimal, Decimal] | None:
    path = ("hedge", "cross", "beta")
    found = page.value(path)
    if found is None:
        return USUAL_BETA
    if not isinstance(found, list) or len(found) != len(USUAL_BETA):
        page.blame(path, f"is {shown(found)}; allowed: the lowest and the highest beta; write: beta = [0.5, 2.0]")
        return None
    low, high = (page.number((*path, place), BETA) for place in ("1", "2"))
    if low is None or high is None:
        return None
    if low > high:
        page.blame(path, f"is {low} to {high}; the lower one stands first; write: beta = [{high}, {low}]")
        return None
    return low, high
