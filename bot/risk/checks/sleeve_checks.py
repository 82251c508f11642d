"""Does each sleeve stay inside its walls? Checks of carry and the tactical overlay, by what they claim."""

from collections.abc import Iterator
from decimal import Decimal

from bot.domain.numbers import ZERO
from bot.domain.order import Sleeve
from bot.domain.plan import Breach
from bot.risk.case import Case
from bot.risk.checks.control import Control, coins, money, percent
from bot.risk.stakes import Share


def _opening(case: Case, sleeve: Sleeve) -> Iterator[Share]:
    return (share for share in case.trial.shares if share.sleeve is sleeve and not share.leaves)


def not_in_policy(case: Case) -> Breach | None:
    """RC41: carry and the overlay open only what the policy has a section for, in coins it names there."""
    carry, tactical = case.policy.carry, case.policy.tactical
    allowed = {
        Sleeve.CARRY: frozenset(carry.assets) if carry else frozenset(),
        Sleeve.TACTICAL: frozenset(rule.asset for rule in tactical.rules) if tactical else frozenset(),
    }
    for sleeve, assets in allowed.items():
        for share in _opening(case, sleeve):
            asset = share.symbol.partition("/")[0]
            if asset not in assets:
                words = ", ".join(sorted(assets)) or "nothing: the policy has no such section"
                return Breach(code="RC41", limit=f"{sleeve} rules", allowed=words, actual=f"{share.symbol} opened")
    return None


def carry_budget(case: Case) -> Breach | None:
    """RC42: the capital carry binds: its spot's value and the margin of its contracts at the policy's leverage."""
    carry, totals = case.policy.carry, case.trial.totals
    if carry is None or not any(_opening(case, Sleeve.CARRY)):
        return None
    if totals.carry <= carry.budget * case.account.whole or totals.carry <= case.trial.book.totals.carry:
        return None
    actual = percent(totals.carry / case.account.whole)
    return Breach(code="RC42", limit="carry budget", allowed=f"up to {percent(carry.budget)} of equity", actual=actual)


def tactical_wall(case: Case) -> Breach | None:
    """RC43: what a shock against every position of the overlay would lose, against what is left of its budget.

    budget × equity + min(0, result of closed trades); a profit of one position covers no other's loss.
    """
    tactical = case.policy.tactical
    if tactical is None or not any(_opening(case, Sleeve.TACTICAL)):
        return None
    wall = tactical.budget * case.account.whole + min(ZERO, case.account.memory.sleeves.tactical_result)
    loss = case.trial.totals.shocked
    if loss <= wall:
        return None
    actual = f"{money(loss)} lost in a move of {percent(tactical.shock)}"
    return Breach(
        code="RC43", limit="tactical budget", allowed=f"{money(max(wall, ZERO))} {case.policy.quote}", actual=actual
    )


def tactical_notional(case: Case) -> Breach | None:
    """RC43: the notional of all positions of the overlay."""
    tactical, notional = case.policy.tactical, case.trial.totals.tactical
    if tactical is None or not any(_opening(case, Sleeve.TACTICAL)):
        return None
    if notional <= tactical.max_notional * case.account.whole:
        return None
    allowed, actual = f"up to {percent(tactical.max_notional)} of equity", percent(notional / case.account.whole)
    return Breach(code="RC43", limit="tactical max_notional", allowed=allowed, actual=actual)


def unhedged_pair(case: Case) -> Breach | None:
    """RC44: carry never stands with more than one child order unhedged, between the legs and after them (I12).

    A proposal's largest leg, or one contract step, is the bound; what was uneven before may be made smaller.
    """
    shares = [share for share in case.trial.shares if share.sleeve is Sleeve.CARRY]
    for asset in dict.fromkeys(share.symbol.partition("/")[0] for share in shares):
        legs = [share.coins for share in shares if share.symbol.partition("/")[0] == asset]
        bound = max(*(abs(leg) for leg in legs), case.account.step_coins(asset))
        open_coins = _widest(legs)
        after, before = case.trial.coins[asset].unhedged, case.before(asset).unhedged
        if abs(after) > abs(before):
            open_coins = max(open_coins, abs(after))
        if open_coins > bound:
            return Breach(
                code="RC44",
                limit="unhedged carry",
                allowed=f"one order of {coins(bound)} {asset}",
                actual=f"{coins(open_coins)} {asset} without the other leg",
            )
    return None


def _widest(legs: list[Decimal]) -> Decimal:
    """Return the most coins that stand without their other leg while the legs are filled one after another."""
    open_coins = widest = ZERO
    for leg in legs:
        open_coins += leg
        widest = max(widest, abs(open_coins))
    return widest


SLEEVE_CONTROLS: tuple[Control[Case], ...] = (
    Control(
        code="RC41",
        limits=(),
        unit="",
        refuses="a carry or tactical opening the policy has no section or no such coin for",
        retail="-",
        fund="-",
        source="policy [carry], [tactical]",
        spares=None,
        check=not_in_policy,
    ),
    Control(
        code="RC42",
        limits=(),
        unit="share of equity",
        refuses="a carry opening that binds more capital than its budget: spot and margin at its leverage",
        retail="-",
        fund="-",
        source="policy [carry]",
        spares=None,
        check=carry_budget,
    ),
    Control(
        code="RC43",
        limits=(),
        unit="quote currency",
        refuses="a tactical opening with which a shock would lose more than is left of the budget",
        retail="-",
        fund="-",
        source="policy [tactical]",
        spares=None,
        check=tactical_wall,
    ),
    Control(
        code="RC43",
        limits=(),
        unit="share of equity",
        refuses="a tactical opening beyond the overlay's largest notional",
        retail="-",
        fund="-",
        source="policy [tactical]",
        spares=None,
        check=tactical_notional,
    ),
    Control(
        code="RC44",
        limits=(),
        unit="coins",
        refuses="carry legs that would leave more than one order without its other leg",
        retail="-",
        fund="-",
        source="RELIABILITY I12",
        spares=None,
        check=unhedged_pair,
    ),
)
