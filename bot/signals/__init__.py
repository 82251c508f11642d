"""What the past of the market says: closed candles, settled funding and open interest in, readings out."""

from bot.signals.needs import wanted_series
from bot.signals.read import read_measures

__all__ = ["read_measures", "wanted_series"]
