"""What a price move would do, before any of it happens: to hedged coins, and to a whole book. Pure."""

from bot.whatif.book import BookWhatIf, what_if_book
from bot.whatif.coins import HedgeTerms, WhatIf, prices_after, short_liquidation, what_if
from bot.whatif.scenario import PurseAfter, Scenario, run_scenario
from bot.whatif.shock import CRASHES, Shock, crash

__all__ = [
    "CRASHES",
    "BookWhatIf",
    "HedgeTerms",
    "PurseAfter",
    "Scenario",
    "Shock",
    "WhatIf",
    "crash",
    "prices_after",
    "run_scenario",
    "short_liquidation",
    "what_if",
    "what_if_book",
]
