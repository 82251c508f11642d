"""Binance as it answers: three hosts, three sets of paths, one account."""
