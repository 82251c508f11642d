"""The composition root: the one place that knows which venue, which journal and which clock are meant."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.control import FileControl
from bot.domain.instrument import Kind
from bot.domain.order import OpenOrder, OrderType
from bot.domain.record import JournalEvent
from bot.errors import JournalCorrupt
from bot.journal import SqlJournal, open_journal
from bot.planning import Parts
from bot.policy_file import parse_policy, read_text
from bot.settings import Settings
from bot.simulation import Simulated, open_simulation

if TYPE_CHECKING:
    from bot.domain.policy import Policy


@asynccontextmanager
async def opened_journal(settings: Settings) -> AsyncIterator[SqlJournal]:
    """Yield the journal alone, for reading and for verifying."""
    try:
        journal = await open_journal(settings.database)
    except UnicodeDecodeError:  # SQLite quotes damaged bytes in what it says of them
        from bot.journal.database import shown

        raise JournalCorrupt(
            f"the journal {shown(settings.database)} is damaged: its schema is no text",
            mend="move it away and restore the newest backup: deploy/RUNBOOK.md",
        ) from None
    try:
        yield journal
    finally:
        await journal.close()


@asynccontextmanager
async def looking(settings: Settings, kinds: frozenset[Kind] = frozenset()) -> AsyncIterator[Parts]:
    """Yield parts for observing and planning: no right to send is held.

    `kinds` are contracts to look at besides those the policy trades.
    """
    policy_text = read_text(settings.policy)
    policy = parse_policy(policy_text, str(settings.policy))
    async with opened_journal(settings) as journal:
        simulated = open_simulation(settings, policy, kinds)
        try:
            yield _parts(settings, policy, policy_text, journal, simulated)
        finally:
            simulated.save()


@asynccontextmanager
async def sending(settings: Settings) -> AsyncIterator[Parts]:
    """Yield parts that may send: this process holds the account, a second one is refused with AccountHeld."""
    from bot.journal.lease import hold_account

    async with looking(settings) as parts, hold_account(settings.database, parts.exchange.account):
        yield parts


def _parts(settings: Settings, policy: "Policy", policy_text: str, journal: SqlJournal, simulated: Simulated) -> Parts:
    return Parts(
        policy=policy,
        policy_text=policy_text,
        exchange=simulated.venue,
        journal=journal,
        clock=simulated.clock,
        control=FileControl(settings.switch),
    )


async def note_event(settings: Settings, kind: str, text: str) -> None:
    """Write an event to the journal."""
    from bot.simulator.clock import WallClock

    async with opened_journal(settings) as journal:
        await journal.record_event(JournalEvent(at=WallClock().now(), kind=kind, text=text))


async def cancel_own_orders(settings: Settings) -> int:
    """Cancel every resting order of ours but stops; return how many were gone afterwards. Needs no policy.

    A stop only ever closes: taken away, what it guards would stand alone while nobody looks.
    """
    simulated = open_simulation(settings, None)
    before = (await simulated.venue.snapshot()).open_orders
    own = [order for order in before if _is_ours(order) and order.type is not OrderType.STOP]
    for order in own:
        await simulated.venue.cancel(order.client_order_id, order.symbol)
    left = {order.client_order_id for order in (await simulated.venue.snapshot()).open_orders}
    simulated.save()
    return sum(order.client_order_id not in left for order in own)


def _is_ours(order: OpenOrder) -> bool:
    """Whether an order's id has the form of ours: 'h' and 24 letters and digits."""
    identity = order.client_order_id
    return len(identity) == 25 and identity.startswith("h") and identity.isalnum()  # noqa: PLR2004
