"""A hedge margined in the coin itself, hour by hour from the top of 2021: nothing, half, and a synthetic dollar.

One bitcoin lies in the coin-margined wallet; contracts of 100 USD are sold against none of it, half and all
of it. The contract's own hours carry the account; its worth is told at Binance's daily BTC/USDT closes, so that
the basis, and what USDT itself was worth, is seen. Usage: python examples/inverse_hedge.py [FOLDER OF RECORDED HISTORY]
"""

import asyncio
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from bot.domain.instrument import Kind, WalletKind
from bot.domain.ledger import EntryKind
from bot.domain.order import OrderRequest, OrderType, Side, Sleeve
from bot.domain.reading import Series, SeriesKind, candles_key
from bot.simulator.account import Account
from bot.simulator.clock import SimulatedClock
from bot.simulator.recorded import RecordedMarket, recorded_market
from bot.simulator.recorded_wanted import Wanted
from bot.simulator.venue import SimulatedVenue, VenueState

DATA = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "shared" / "data"
BEGIN, END = datetime(2021, 11, 10, tzinfo=UTC), datetime(2022, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)
CONTRACT = "BTC/USD:BTC"
WANTED = Wanted(
    assets=("BTC",),
    kinds=frozenset({Kind.SPOT, Kind.INVERSE_PERPETUAL}),
    spot_from=Kind.INVERSE_PERPETUAL,
    funding=False,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One bitcoin with part of it hedged: its coins at each midnight, liquidations."""

    coins: tuple[Decimal, ...]
    liquidations: int


async def held(market: RecordedMarket, share: Decimal) -> Holding:
    """Return what one bitcoin became with contracts sold against `share` of its value."""
    clock = SimulatedClock(BEGIN)
    purse = (WalletKind.INVERSE, "BTC")
    venue = SimulatedVenue(market, clock, VenueState(account=Account(balances={purse: Decimal(1)}), moment=BEGIN))
    rules, entry = market.instruments[CONTRACT], market.quotes(BEGIN)[CONTRACT].valuation
    contracts = (share * entry / rules.contract_size).to_integral_value()
    if contracts:
        order = OrderRequest(
            symbol=CONTRACT,
            side=Side.SELL,
            quantity=contracts,
            price=None,
            type=OrderType.MARKET,
            reduce_only=False,
            sleeve=Sleeve.HEDGE,
        )
        await venue.place("hedge", order)
    coins = []
    while clock.now() < END:
        await clock.sleep_until(clock.now() + DAY)
        seen = await venue.snapshot()
        held_coins = sum(one.total for one in seen.balances if one.asset == "BTC")
        mark = seen.quotes[CONTRACT].valuation
        for position in seen.positions.values():
            held_coins += position.quantity * rules.contract_size * (1 / position.entry_price - 1 / mark)
        coins.append(Decimal(held_coins))
    entries = await venue.ledger(0)
    return Holding(coins=tuple(coins), liquidations=sum(one.kind is EntryKind.LIQUIDATION for one in entries))


def closes(market: RecordedMarket) -> dict[datetime, Decimal]:
    """Return the daily BTC/USDT closes of the record's spot market by the midnight they were known."""
    series = Series(kind=SeriesKind.CANDLES, symbol="BTC/USDT", seconds=86_400, count=(END - BEGIN).days)
    told = market.history((series,), END).candles[candles_key("BTC/USDT", 86_400)]
    return {one.opened_at + DAY: one.close for one in told}


def fall(values: list[Decimal]) -> Decimal:
    """Return the deepest fall from the highest value before it, a fraction below zero."""
    highest, deepest = values[0], Decimal(0)
    for value in values:
        highest = max(highest, value)
        deepest = min(deepest, value / highest - 1)
    return deepest


def main() -> None:
    """Print the worth of the three at each month's end, and how deep each fell."""
    market = recorded_market(DATA, WANTED)
    known = closes(market)
    bare, half, full = (asyncio.run(held(market, Decimal(share))) for share in ("0", "0.5", "1"))
    worth = [
        [coins * known[BEGIN + (day + 1) * DAY] for day, coins in enumerate(one.coins)] for one in (bare, half, full)
    ]
    print("end of      BTC/USDT   nothing sold   half sold    all sold   coins then")
    for day in range(len(bare.coins)):
        midnight = BEGIN + (day + 1) * DAY
        if midnight.day == 1:
            told = "  ".join(f"{column[day]:>11,.2f}" for column in worth)
            print(f"{midnight - DAY:%Y-%m}    {known[midnight]:>10,.2f}  {told}  {full.coins[day]:>10.6f}")
    print("deepest fall          " + "  ".join(f"{fall(column):>11.1%}" for column in worth))
    dollars = worth[2]
    first = dollars[0]
    print(f"all sold: between {min(dollars) / first - 1:+.2%} and {max(dollars) / first - 1:+.2%} of its first worth")
    assert not bare.liquidations + half.liquidations + full.liquidations


if __name__ == "__main__":
    if DATA.is_dir():
        main()
    else:
        print(f"no recorded history in {DATA}: name its folder")
