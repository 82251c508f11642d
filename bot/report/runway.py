"""What a futures wallet can bear: the rally it survives, and for how long it can pay the funding."""

from decimal import Decimal

from bot.domain.numbers import ZERO
from bot.domain.plan import RiskFigures
from bot.report.figures import survived


def runway_days(after: RiskFigures) -> Decimal | None:
    """Return for how many days the wallet above its maintenance margin pays the funding; None while it is paid."""
    if after.funding_per_day >= 0 or after.margin_ratio is None or after.futures_equity is None:
        return None
    spare = after.futures_equity * (1 - after.margin_ratio)
    return max(spare, ZERO) / -after.funding_per_day


def runway_words(after: RiskFigures) -> str:
    """Return the runway in words: then survives +49.3%, 31 days of funding."""
    if after.survives_rally is None:
        return "then no rally ends it"
    days = runway_days(after)
    paid = "funding is received" if days is None else f"{days:.0f} days of funding"
    return f"then survives {survived(after.survives_rally)}, {paid}"
