"""How much realised profit may leave the futures wallet without making the rest of it weaker than promised."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from bot.domain.numbers import ZERO, down_to_step
from bot.domain.plan import Advice
from bot.domain.rules import SweepRules

CENT = Decimal("0.01")

Survival = Callable[[Decimal], Decimal | None]
"""The joint rise the futures wallets survive after an amount has left: a fraction, None when none ends them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What leaves the futures wallet now, in quote currency, and why that much; zero when nothing does.

    `advice` says it instead where a person is to move it.
    """

    amount: Decimal
    reason: str
    advice: Advice | None = None


def wanted_sweep(
    rules: SweepRules,
    *,
    settled: Decimal,
    equity: Decimal,
    futures_free: Decimal,
    swept_today: Decimal,
    survival_after: Survival,
) -> Sweep:
    """Return the sweep: settled profit above the floor, never more than is free, allowed today, or safe to miss.

    Amounts in quote currency, cut to a cent: min(settled − floor × equity, max_daily × equity − swept_today,
    futures_free), and of that as much as leaves a survivable rise of `min_survival`, which must not grow with
    the amount. Less than `minimum` × equity stays where it is, so that a sweep is not followed by the next.
    """
    above = settled - rules.floor * equity
    if above < rules.minimum * equity or above <= 0:
        return _nothing(f"settled profit {settled:.2f} is not {rules.minimum * equity:.2f} above the floor")
    bounds = [
        (above, f"settled profit {settled:.2f} above the floor of {rules.floor * equity:.2f}"),
        (rules.max_daily * equity - swept_today, f"the day's cap of {rules.max_daily * equity:.2f}"),
        (futures_free, "what is free in the futures wallet"),
    ]
    most, reason = min(bounds, key=lambda bound: bound[0])
    cut = down_to_step(max(most, ZERO), CENT)
    amount = _safe(rules.min_survival, cut, survival_after)
    if amount < cut:
        reason = f"what leaves the wallet a survivable rise of {rules.min_survival * 100:.1f}%"
    if amount <= 0 or amount < rules.minimum * equity:
        return _nothing(f"{amount:.2f} may go ({reason}), less than the least of {rules.minimum * equity:.2f}")
    return _told(rules, amount, f"{amount:.2f} is {reason}; {_survives(survival_after(amount))}")


def _nothing(why: str) -> Sweep:
    return Sweep(amount=ZERO, reason=f"nothing is swept: {why}")


def _safe(least: Decimal, amount: Decimal, survival_after: Survival) -> Decimal:
    """Return the most of `amount`, in whole cents, after which the wallet survives a rise of `least`; halving.

    What the wallet survives falls in a line bent at the tiers, so no single division finds the border.
    """

    def safe(cents: int) -> bool:
        survived = survival_after(cents * CENT)
        return survived is None or survived >= least

    good, bad = 0, int(amount / CENT)
    if safe(bad):
        return amount
    while bad - good > 1:
        middle = (good + bad) // 2
        if safe(middle):
            good = middle
        else:
            bad = middle
    return good * CENT


def _survives(rise: Decimal | None) -> str:
    return "no rally ends the wallet" if rise is None else f"the wallet then survives {rise * 100:+.1f}%"


def _told(rules: SweepRules, amount: Decimal, reason: str) -> Sweep:
    if not rules.advise_only:
        return Sweep(amount=amount, reason=f"profit to the {rules.to}: {reason}")
    text = f"{amount:.2f} of settled profit could go from the futures wallet to the {rules.to}: {reason}"
    return Sweep(amount=ZERO, reason=text, advice=Advice(sleeve=rules.to, subject="sweep", text=text, value=amount))
