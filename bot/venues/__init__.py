"""The outside: one account at a real venue through ccxt. What a venue does is data in `rows`, by no other name."""
