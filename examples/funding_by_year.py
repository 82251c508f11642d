"""What the short of a perpetual was paid each year: the sum of every recorded rate, per cent of the notional.

Usage: python examples/funding_by_year.py [FOLDER OF RECORDED HISTORY]
"""

import sys
from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from bot.domain.instrument import Kind
from bot.domain.reading import FundingPoint, Series, SeriesKind
from bot.simulator.recorded import recorded_market
from bot.simulator.recorded_wanted import USUAL_KINDS, Wanted

DATA = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "shared" / "data"
ALL = 10_000
INVERSE = Wanted(assets=("BTC", "ETH"), timeframe="8h", kinds=USUAL_KINDS | {Kind.INVERSE_PERPETUAL})


def settled(wanted: Wanted) -> dict[str, tuple[FundingPoint, ...]]:
    """Return every rate settled in the record, by perpetual."""
    market = recorded_market(DATA, wanted)
    perpetuals = [one.symbol for one in market.instruments.values() if not one.kind.is_spot]
    series = tuple(Series(kind=SeriesKind.FUNDING, symbol=symbol, seconds=0, count=ALL) for symbol in perpetuals)
    return dict(market.history(series, datetime(2024, 7, 1, tzinfo=UTC)).funding)


def main() -> None:
    """Print a line for each perpetual and year: the sum, and the share of settlements in which the short was paid."""
    funding = settled(INVERSE) | settled(Wanted(assets=("BTC", "ETH"), timeframe="1d"))
    print("perpetual      year   settled   to the short   paid in")
    for symbol in sorted(funding):
        years: defaultdict[int, list[Decimal]] = defaultdict(list)
        for point in funding[symbol]:
            years[point.at.year].append(point.rate)
        for year, rates in years.items():
            paid = sum(rate > 0 for rate in rates) / len(rates)
            print(f"{symbol:<13}  {year}  {len(rates):>8,}  {sum(rates):>+13.1%}  {paid:>8.0%}")


if __name__ == "__main__":
    if DATA.is_dir():
        main()
    else:
        print(f"no recorded history in {DATA}: name its folder")
