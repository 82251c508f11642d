"""What the journal and the venue hold, in the words the pages print."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from bot.cli.confirming import mode_of
from bot.domain.book import Exposure
from bot.domain.numbers import ZERO
from bot.domain.order import Fill
from bot.domain.plan import Plan, RiskFigures
from bot.loop import next_moment
from bot.planning import Parts, look
from bot.policy.exposure import measure_exposure
from bot.report.cycle_page import OrderLine
from bot.report.figures import coins
from bot.report.lists import Status
from bot.risk.gate import review
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.domain.snapshot import Snapshot
    from bot.journal import SqlJournal


async def order_lines(journal: "SqlJournal", cycle: str) -> list[OrderLine]:
    """Return a cycle's orders with what became of them."""
    return [
        OrderLine(
            client_order_id=told.intent.client_order_id,
            symbol=told.intent.request.symbol,
            side=told.intent.request.side.value,
            ordered=told.intent.request.quantity,
            filled=sum((fill.quantity for fill in told.fills), ZERO),
            average=_average(told.fills),
            state=told.state.value,
            fees=_fees(told.fills),
            note=told.note,
        )
        for told in await journal.orders_of(cycle)
    ]


def _average(fills: tuple[Fill, ...]) -> Decimal | None:
    quantity = sum((fill.quantity for fill in fills), ZERO)
    return sum((fill.quantity * fill.price for fill in fills), ZERO) / quantity if quantity else None


def _fees(fills: tuple[Fill, ...]) -> str:
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for fill in fills:
        totals[fill.fee_asset] += fill.fee
    return ", ".join(f"{coins(fee)} {asset}" for asset, fee in totals.items())


async def standing(parts: Parts, journal: "SqlJournal", settings: Settings, beat: int | None) -> Status:
    """Return how things stand now: the book, its risk, the switch, and what is open."""
    snapshot = await look(parts)
    settled = await journal.last_settlement()
    claims = settled.sleeves.claims if settled else ()
    exposure = measure_exposure(snapshot, parts.policy, claims)
    state, reason = parts.control.state()
    return Status(
        venue=parts.exchange.venue,
        account=parts.exchange.account,
        mode=mode_of(settings),
        state=state,
        reason=reason,
        quote=parts.policy.quote,
        last_cycle=settled.cycle if settled else None,
        last_at=settled.at if settled else None,
        equity=exposure.equity,
        core_share=exposure.core_share,
        hedge_ratio=_hedge_ratio(exposure),
        reserve_share=exposure.reserve_value / exposure.equity,
        figures=await _figures(parts, snapshot),
        next_run=next_moment(parts.policy.schedule, parts.clock.now()),
        unresolved=len(await journal.unresolved()),
        discrepancies=settled.discrepancies if settled else (),
        journal=settings.database,
        journal_rows=await journal.rows(),
        heartbeat_age=None if beat is None else timedelta(seconds=beat),
        claims=claims,
    )


def _hedge_ratio(exposure: Exposure) -> Decimal | None:
    """Return the value sold short over the core's value, None without a core."""
    short = sum((asset.short_coins * asset.price for asset in exposure.assets.values()), ZERO)
    return short / exposure.core_value if exposure.core_value else None


async def _figures(parts: Parts, snapshot: "Snapshot") -> RiskFigures:
    from bot.planning import remember

    memory = await remember(parts, snapshot, attended=False)
    return review(Plan(proposals=(), skipped=()), snapshot, parts.policy, memory).before
