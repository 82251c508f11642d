"""What a price move would do, before any of it happens: to hedged coins, and to a whole book. Pure."""

from bot.whatif.book import BookWhatIf, what_if_book
from bot.whatif.coins import HedgeTerms, WhatIf, prices_after, short_liquidation, what_if

__all__ = ["BookWhatIf", "HedgeTerms", "WhatIf", "prices_after", "short_liquidation", "what_if", "what_if_book"]
