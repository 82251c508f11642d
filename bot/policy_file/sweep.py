"""The [sweep] section: realised profit leaves the futures wallet."""

from decimal import Decimal

from bot.domain.numbers import ONE, ZERO
from bot.domain.order import Sleeve
from bot.domain.rules import SweepRules
from bot.policy_file.choices import one_of
from bot.policy_file.faults import figure
from bot.policy_file.hedge import advises
from bot.policy_file.page import Allowed, Page

SWEEP_KEYS = ("to", "floor", "minimum", "max_daily", "min_survival", "transfers")

FLOOR = Allowed(what="a share of equity", low=ZERO, high=ONE, fraction=True, example="0.01")
AMOUNT = Allowed(what="a share of equity", low=ZERO, high=ONE, fraction=True, above_low=True, example="0.005")
SURVIVAL = Allowed(what="a joint rise of all coins", low=Decimal("0.1"), high=Decimal(5), example="0.30")

# A hundredth of equity stays as a cushion, and a two-hundredth is worth a transfer (the hedge's own inner
# gap). Five of those a day at most: QUANT 9 calls a joint rise of less than 30 % to liquidation a warning.
USUAL_FLOOR = Decimal("0.01")
USUAL_MINIMUM = Decimal("0.005")
USUAL_DAILY = Decimal("0.025")
USUAL_SURVIVAL = Decimal("0.30")


def read_sweep(page: Page) -> SweepRules | None:
    """Return the rules of the sweep; None where there is no [sweep], or with faults."""
    section = ("sweep",)
    if page.table(section) is None:
        return None
    page.known_keys(section, SWEEP_KEYS)
    to = one_of(page, (*section, "to"), (Sleeve.RESERVE, Sleeve.CORE), Sleeve.RESERVE)
    floor = page.number((*section, "floor"), FLOOR, USUAL_FLOOR)
    minimum = page.number((*section, "minimum"), AMOUNT, USUAL_MINIMUM)
    daily = page.number((*section, "max_daily"), AMOUNT, USUAL_DAILY)
    survival = page.number((*section, "min_survival"), SURVIVAL, USUAL_SURVIVAL)
    advise = advises(page, (*section, "transfers"))
    if to is None or floor is None or minimum is None or daily is None or survival is None or advise is None:
        return None
    if minimum > daily:
        given = page.value((*section, "minimum")) is not None
        page.blame(
            (*section, "minimum" if given else "max_daily"),
            f"makes minimum {figure(minimum)} and max_daily {figure(daily)}: nothing could ever be swept; "
            f"write max_daily = {figure(minimum)} or more",
        )
    return SweepRules(to=to, floor=floor, minimum=minimum, max_daily=daily, min_survival=survival, advise_only=advise)
