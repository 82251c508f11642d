"""Words to build reported periods with: one coin, half of it sold short, money beside it, day by day."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from bot.domain.instrument import WalletKind
from bot.domain.memory import Performance, next_performance
from bot.domain.numbers import ZERO
from bot.domain.order import Sleeve
from bot.domain.record import ProfitLine, Settlement, Source
from bot.domain.snapshot import Balance
from bot.report.look import Look, Use
from bot.report.performance import PerformanceTrack
from bot.report.period import Period, period_of
from tests.builders import NOON, Number, a_band, d

MONEY = ("USDT", "USDC")


def a_line(sleeve: str, source: str, amount: Number) -> ProfitLine:
    """A line of profit."""
    return ProfitLine(sleeve=Sleeve(sleeve), source=Source(source), amount=d(amount))


def a_look(**changes: Any) -> Look:
    """A core of 70 % in 60 to 80, half hedged of 0 to 60, surviving +40 %, all of it BTC."""
    fields: dict[str, Any] = {
        "core_share": d("0.7"),
        "core_band": a_band("0.6", "0.7", "0.8"),
        "hedge_ratio": d("0.5"),
        "hedge_band": a_band(0, "0.5", "0.6"),
        "runway": d("0.4"),
        "weights": {"BTC": d("0.35")},
    }
    return Look(**(fields | changes))


def a_settlement(number: int, performance: Performance, price: Number | None = 100, **changes: Any) -> Settlement:
    """The settlement of cycle `c<number>`, a day after the one before; one BTC and 100 USDT in the spot wallet."""
    spot = (Balance(wallet=WalletKind.SPOT, asset=a, free=d(n), locked=ZERO) for a, n in (("BTC", 1), ("USDT", 100)))
    fields: dict[str, Any] = {
        "cycle": f"c{number}",
        "at": NOON + number * timedelta(days=1),
        "epoch": number,
        "ledger_sequence": number,
        "performance": performance,
        "discrepancies": (),
        "balances": tuple(spot),
        "positions": {},
        "prices": {} if price is None else {"BTC/USDT": d(price), "BTC/USDT:USDT": d(price)},
    }
    return Settlement(**(fields | changes))


def settled(
    prices: Sequence[Number], *, funding: Number = 0, flows: Mapping[int, Number] | None = None, attributed: bool = True
) -> list[Settlement]:
    """A settlement a day: equity 200 at a price of 100, moving by half a coin, `funding` a day, and flows by day."""
    performance = next_performance(None, equity=d(100) + d(prices[0]), flows=ZERO, at=NOON)
    found = [a_settlement(0, performance, prices[0] if attributed else None)]
    for number, (before, price) in enumerate(pairwise(prices), 1):
        move, flow = d(price) - d(before), d((flows or {}).get(number, 0))
        lines = (
            a_line("core", "price", move),
            a_line("hedge", "price", -move / 2),
            a_line("hedge", "funding", funding),
            a_line("reserve", "flows", flow),
        )
        equity = performance.equity + move / 2 + d(funding) + flow
        at = NOON + number * timedelta(days=1)
        performance = next_performance(performance, equity=equity, flows=flow, at=at)
        kept = tuple(line for line in lines if line.amount)
        one = a_settlement(number, performance, price if attributed else None)
        found.append(_with(one, kept if attributed else ()))
    return found


def _with(one: Settlement, lines: tuple[ProfitLine, ...]) -> Settlement:
    return Settlement(**{name: getattr(one, name) for name in one.__slots__ if name != "profits"}, profits=lines)


def a_period(found: Sequence[Settlement], looks: Mapping[str, Look] | None = None, **changes: Any) -> Period:
    """The period of settlements, each with an ordinary look unless said."""
    seen = {one.cycle: a_look() for one in found} if looks is None else looks
    return period_of(found, seen, changes.get("track", PerformanceTrack()), MONEY)


def wavy(days: int = 60, funding: Number = "0.05") -> Period:
    """A period with ups and downs, looks that move, and funding both ways."""
    prices = [Decimal(100) + (n * 37 % 29) - (n * 11 % 13) for n in range(days)]
    found = settled(prices, funding=funding)
    looks = {
        one.cycle: a_look(
            core_share=d("0.6") + d(n % 20) / 100,
            hedge_ratio=d("0.5") + d(n % 7) / 50,
            uses={
                Sleeve.TACTICAL: Use(share=d(n % 8) / 100, edge=d("0.1"), most=True),
                Sleeve.CARRY: Use(share=d(n % 3) / 50, edge=d("0.25"), most=True),
                Sleeve.RESERVE: Use(share=d("0.12") + d(n % 4) / 100, edge=d("0.1"), most=False),
            },
            runway=None if n % 17 == 0 else d("0.3") + d(n % 9) / 40,
        )
        for n, one in enumerate(found)
    }
    paid = [
        _with(one, (*one.profits, a_line("tactical", "funding", "-0.02"))) if n % 5 == 0 else one
        for n, one in enumerate(found)
    ]
    return a_period(paid, looks)
