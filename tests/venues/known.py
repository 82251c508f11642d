"""The venues that are proved: those with an emulator."""

VENUES = ("binance", "bybit", "bingx", "weex", "mexc")
