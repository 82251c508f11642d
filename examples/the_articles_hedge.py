"""The article's ten-bitcoin hedge with the right figures: what it loses, what it saves, what liquidates it."""

from decimal import Decimal

from bot.simulator.synthetic import synthetic_market
from bot.whatif import HedgeTerms, what_if

TIERS = synthetic_market(7, ("BTC",)).instruments["BTC/USDT:USDT"].tiers
COINS, PRICE, HALF = Decimal(10), Decimal(70_000), Decimal("0.5")


def main() -> None:
    """Print scenarios A and B at two leverage, then the article's own 5 % margin."""
    for terms, words in (
        (HedgeTerms(tiers=TIERS, leverage=Decimal(2)), "with half the hedge's value as margin"),
        (HedgeTerms(tiers=TIERS, margin_share=Decimal("0.05")), "with the article's 5 % of the portfolio as margin"),
    ):
        print(words)
        for row in what_if(COINS, PRICE, (Decimal(60_000), Decimal(80_000)), (HALF,), terms):
            end = "LIQUIDATED on the way" if row.liquidated else f"net {row.net:+,.0f}"
            print(f"  {row.after:,.0f}: coins {row.spot_profit:+,.0f}, hedge {row.futures_profit:+,.0f}, {end}")
    a, b = what_if(
        COINS, PRICE, (Decimal(60_000), Decimal(80_000)), (HALF,), HedgeTerms(tiers=TIERS, leverage=Decimal(2))
    )
    assert (a.spot_profit, a.futures_profit, a.net) == (-100_000, 50_000, -50_000)
    assert (b.spot_profit, b.futures_profit, b.net) == (100_000, -50_000, 50_000)


if __name__ == "__main__":
    main()
