"""Words for markets with spot, perpetuals and dated contracts, and for what carry claims of them."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from bot.domain.instrument import Instrument, Kind
from bot.domain.order import Sleeve
from bot.domain.policy import Policy
from bot.domain.reading import Measure, MeasureKind, Reading
from bot.domain.rules import CarryRules
from bot.domain.sleeves import Claim, SleeveState
from bot.domain.snapshot import FundingRate, Snapshot
from tests.builders import NOON, Number, a_claim, a_perpetual, a_policy, a_quote, a_snapshot, a_spot, d

SPOT, PERP, DATED, COIN_PERP = "BTC/USDT", "BTC/USDT:USDT", "BTC/USDT:USDT-260401", "BTC/USD:BTC"


def a_future(symbol: str = DATED, days: Number = 90, **changes: Any) -> Instrument:
    """A linear dated contract of one coin, delivered `days` after noon."""
    expiry = NOON + timedelta(seconds=int(d(days) * 86_400))
    return a_perpetual(symbol.partition("/")[0], symbol=symbol, kind=Kind.LINEAR_FUTURE, expiry=expiry, **changes)


def the_rules(**changes: Any) -> CarryRules:
    """A fifth of equity in BTC pairs of linear contracts at 2x; in from 6 %, out below 2 %, 10 days at least."""
    fields: dict[str, Any] = {
        "budget": d("0.2"),
        "assets": ("BTC",),
        "kinds": (Kind.LINEAR_FUTURE, Kind.LINEAR_PERPETUAL),
        "enter_apr": d("0.06"),
        "leave_apr": d("0.02"),
        "min_days": d(10),
        "horizon_days": d(73),
        "funding_days": 30,
        "min_paid_share": d("0.7"),
        "leverage": d(2),
    }
    return CarryRules(**(fields | changes))


def the_policy(**changes: Any) -> Policy:
    """A policy with these carry rules and no hedge."""
    return a_policy(assets={"BTC": 1}, hedge=None, carry=the_rules(**changes))


def a_market(prices: Mapping[str, Number], *instruments: Instrument, spread: Number = 0, **changes: Any) -> Snapshot:
    """Markets at these prices by symbol; 100,000 USDT in spot, funding +1 bp per 8 h.

    Without instruments: BTC's spot, perpetual and one future.
    """
    listed = {one.symbol: one for one in instruments or (a_spot(), a_perpetual(), a_future())}
    quotes = {symbol: a_quote(symbol, price, spread=spread) for symbol, price in prices.items()}
    rates = {
        symbol: FundingRate(symbol=symbol, rate=d("0.0001"), interval_hours=d(8), next_at=NOON + timedelta(hours=4))
        for symbol in (PERP, COIN_PERP)
    }
    fields: dict[str, Any] = {"spot": {"USDT": 100_000}, "instruments": listed, "quotes": quotes, "funding": rates}
    return a_snapshot(**(fields | changes))


def told(yearly: Number | None, paid: Number | None, symbol: str = PERP, days: int = 30) -> tuple[Reading, Reading]:
    """What 30 days of funding said; None is unavailable."""
    kinds = ((MeasureKind.FUNDING, yearly), (MeasureKind.PAID_SHARE, paid))
    return tuple(  # type: ignore[return-value]
        Reading(
            measure=Measure(kind=kind, subject=symbol, periods=(days,)),
            value=None if value is None else d(value),
            at=NOON,
            why="a gap on 2025-12-20" if value is None else "",
        )
        for kind, value in kinds
    )


def carried(symbol: str, contract: Number, spot: Number, asset: str = "BTC") -> SleeveState:
    """What carry claims of one pair: signed contracts and coins."""
    claims: list[Claim] = []
    for held, quantity in ((symbol, d(contract)), (f"{asset}/USDT", d(spot))):
        if quantity:
            claims.append(a_claim(Sleeve.CARRY, held, quantity, rule=symbol))
    return SleeveState(claims=tuple(claims))


def close(one: Decimal | None, other: Number, within: Number = "0.00001") -> bool:
    """Whether two figures agree."""
    return one is not None and abs(one - d(other)) <= d(within)
