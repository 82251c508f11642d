"""Half a hedge through four crises: the same book of bitcoin with and without it, on daily bars and on 4 h ones.

The whole pipeline runs on recorded history: plans, limits, orders, real funding, margin at the worst price
of every bar. Usage: python examples/half_hedge_crises.py [FOLDER OF RECORDED HISTORY]
"""

import asyncio
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from bot.app import sending
from bot.domain.ledger import EntryKind
from bot.loop import Bounds, Stop, run
from bot.settings import Settings, Simulation

HERE = Path(__file__).resolve().parent
DATA = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parents[1] / "shared" / "data"
DAILY, THRICE_DAILY = "5 0 * * *", "5 0,8,16 * * *"
BARS = {"1d": DAILY, "4h:linear-perpetual": THRICE_DAILY}
CRISES = ((2020, 3), (2021, 5), (2022, 6), (2022, 11))
CASH = Decimal(100_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What became of a book: its equity at every look in USDT, funding by sign, liquidations."""

    equity: tuple[Decimal, ...]
    received: Decimal
    paid: Decimal
    liquidations: int

    @property
    def profit(self) -> Decimal:
        """End over cash, a fraction."""
        return self.equity[-1] / CASH - 1

    @property
    def deepest_fall(self) -> Decimal:
        """The lowest equity against the highest before it, a fraction below zero."""
        highest, deepest = self.equity[0], Decimal(0)
        for value in self.equity:
            highest = max(highest, value)
            deepest = min(deepest, value / highest - 1)
        return deepest


def policy_text(cron: str, *, hedged: bool) -> str:
    """Return the policy beside this file with another schedule, and without its hedge if so wanted."""
    text = (HERE / "half-hedge-daily.toml").read_text(encoding="utf-8").replace(DAILY, cron)
    if hedged:
        return text
    before, _, rest = text.partition("[hedge]")
    return before + "[reserve]" + rest.partition("[reserve]")[2]


async def lived_through(begin: datetime, end: datetime, bars: str, policy: str) -> Course:
    """Return what became of 100,000 USDT in cash from one moment to another."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "policy.toml").write_text(policy, encoding="utf-8")
        market = Simulation(seed=7, seed_given=False, recorded=DATA, bars=bars, begin=begin, cash=CASH, paced=False)
        chosen = Settings(home=home, database=str(home / "journal.db"), policy=home / "policy.toml", simulation=market)
        async with sending(chosen) as parts:
            ticks = [tick async for tick in run(parts, Bounds(cycles=None, until=end), Stop())]
            entries = await parts.exchange.ledger(0)
    funding = [entry.change for entry in entries if entry.kind is EntryKind.FUNDING]
    return Course(
        equity=tuple(tick.report.decision.exposure.account_equity for tick in ticks if tick.report),
        received=sum((change for change in funding if change > 0), Decimal(0)),
        paid=sum((change for change in funding if change < 0), Decimal(0)),
        liquidations=sum(entry.kind is EntryKind.LIQUIDATION for entry in entries),
    )


def main() -> None:
    """Print a line for each crisis and length of bars."""
    print("                 result           deepest fall      funding of the short   liquidated")
    print("crisis   bars    bare    hedged   bare    hedged    received        paid")
    for year, month in CRISES:
        begin, end = datetime(year, month, 1, tzinfo=UTC), datetime(year, month + 1, 1, tzinfo=UTC)
        for bars, cron in BARS.items():
            bare, hedged = (
                asyncio.run(lived_through(begin, end, bars, policy_text(cron, hedged=one))) for one in (False, True)
            )
            print(
                f"{year}-{month:02}  {bars[:2]}  {bare.profit:+7.1%}  {hedged.profit:+7.1%}"
                f"  {bare.deepest_fall:6.1%}  {hedged.deepest_fall:6.1%}"
                f"  {hedged.received:+10,.2f}  {hedged.paid:+10,.2f}  {hedged.liquidations or 'never':>9}"
            )
            assert hedged.liquidations == 0
            assert hedged.deepest_fall > bare.deepest_fall


if __name__ == "__main__":
    if DATA.is_dir():
        main()
    else:
        print(f"no recorded history in {DATA}: name its folder")
