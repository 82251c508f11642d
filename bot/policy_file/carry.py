"""The [carry] section: coins bought and contracts sold, for the difference."""

from decimal import Decimal

from bot.domain.instrument import Kind
from bot.domain.numbers import ONE, ZERO
from bot.domain.rules import CarryRules
from bot.policy_file.choices import asset_list, some_of
from bot.policy_file.faults import figure
from bot.policy_file.page import Allowed, Page

CARRY_KEYS = (
    "budget", "assets", "instruments", "enter_apr", "leave_apr", "min_days", "horizon_days", "funding_days",
    "min_paid_share", "leverage",
)  # fmt: skip
# A coin-margined short would need the pair's own coin as its margin: the pair could no longer be sold as a pair.
CONTRACTS = (Kind.LINEAR_FUTURE, Kind.LINEAR_PERPETUAL)

BUDGET = Allowed(what="a share of equity", low=ZERO, high=Decimal("0.5"), fraction=True, above_low=True, example="0.10")
YEARLY = Allowed(what="a yearly return", low=ZERO, high=ONE, fraction=True, above_low=True, example="0.06")
LEAVING = Allowed(what="a yearly return", low=Decimal("-0.5"), high=ONE, fraction=True, example="0.02")
DAYS = Allowed(what="days", low=ONE, high=Decimal(365), example="30")
FUNDING_DAYS = Allowed(what="whole days", low=Decimal(2), high=Decimal(365), whole=True, example="30")
PAID_SHARE = Allowed(what="a share of the intervals", low=Decimal("0.5"), high=ONE, fraction=True, example="0.80")
LEVERAGE = Allowed(what="the short's value over its margin", low=Decimal("0.5"), high=Decimal(5), example="2")

# QUANT 9: 6 % a year on the capital of both legs, held at least 10 days. A third of it is left when leaving
# begins to pay. A month is how long funding tells of itself; the short was paid in 92 % of the intervals of
# 2023 and 2024, so four fifths is a month that is worse than usual. At leverage 2 it survives a rise of 49 %.
USUAL_ENTER = Decimal("0.06")
USUAL_LEAVE = Decimal("0.02")
USUAL_MIN_DAYS = Decimal(10)
USUAL_HORIZON = Decimal(30)
USUAL_FUNDING_DAYS = 30
USUAL_PAID = Decimal("0.8")
USUAL_LEVERAGE = Decimal(2)


def read_carry(page: Page) -> CarryRules | None:
    """Return the rules of carry; None where there is no [carry], or with faults."""
    section = ("carry",)
    if page.table(section) is None:
        return None
    page.known_keys(section, CARRY_KEYS)
    assets = asset_list(page, (*section, "assets"), 'assets = ["BTC", "ETH"]')
    kinds = some_of(page, (*section, "instruments"), CONTRACTS, CONTRACTS)
    budget = page.number((*section, "budget"), BUDGET)
    enter = page.number((*section, "enter_apr"), YEARLY, USUAL_ENTER)
    leave = page.number((*section, "leave_apr"), LEAVING, USUAL_LEAVE)
    min_days = page.number((*section, "min_days"), DAYS, USUAL_MIN_DAYS)
    horizon = page.number((*section, "horizon_days"), DAYS, USUAL_HORIZON)
    funding_days = page.number((*section, "funding_days"), FUNDING_DAYS, Decimal(USUAL_FUNDING_DAYS))
    paid = page.number((*section, "min_paid_share"), PAID_SHARE, USUAL_PAID)
    leverage = page.number((*section, "leverage"), LEVERAGE, USUAL_LEVERAGE)
    _check_order(page, enter, leave)
    _check_days(page, min_days, horizon)
    numbers = (budget, enter, leave, min_days, horizon, funding_days, paid, leverage)
    if assets is None or kinds is None or any(number is None for number in numbers):
        return None
    known = [number for number in numbers if number is not None]
    return CarryRules(
        budget=known[0],
        assets=assets,
        kinds=kinds,
        enter_apr=known[1],
        leave_apr=known[2],
        min_days=known[3],
        horizon_days=known[4],
        funding_days=int(known[5]),
        min_paid_share=known[6],
        leverage=known[7],
    )


def _check_order(page: Page, enter: Decimal | None, leave: Decimal | None) -> None:
    if enter is None or leave is None or leave < enter:
        return
    given = page.value(("carry", "leave_apr")) is not None
    page.blame(
        ("carry", "leave_apr" if given else "enter_apr"),
        f"makes leave_apr {figure(leave)} and enter_apr {figure(enter)}: a pair would be left as soon as it is "
        f"entered, for its fees; write leave_apr = {figure(enter / 3)}",
    )


def _check_days(page: Page, least: Decimal | None, horizon: Decimal | None) -> None:
    if least is None or horizon is None or least <= horizon:
        return
    given = page.value(("carry", "min_days")) is not None
    page.blame(
        ("carry", "min_days" if given else "horizon_days"),
        f"makes min_days {figure(least)} and horizon_days {figure(horizon)}: no perpetual is expected to be held that "
        f"long, so none would be entered; write horizon_days = {figure(least)} or more",
    )
