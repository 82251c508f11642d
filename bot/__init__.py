"""Poise keeps a crypto portfolio in balance: core, hedge, tactical overlay and reserve, as one book."""

__version__ = "0.1.0"
