"""Where a change of equity came from, by sleeve and source; it closes, and what does not is said."""

from bot.attribution.close import ACCEPTED_ROUNDING, attribute_cycle, unexplained
from bot.attribution.interval import Interval, opening_prices

__all__ = ["ACCEPTED_ROUNDING", "Interval", "attribute_cycle", "opening_prices", "unexplained"]
