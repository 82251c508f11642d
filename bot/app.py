"""The composition root: the one place that knows which venue, which journal and which clock are meant."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.control import FileControl
from bot.domain.finding import Finding, ok
from bot.domain.instrument import Kind
from bot.domain.intent import is_own_id
from bot.domain.mode import Mode
from bot.domain.order import OrderType
from bot.domain.record import JournalEvent
from bot.errors import JournalCorrupt, SettingsRefused
from bot.journal import SqlJournal, open_journal
from bot.planning import Parts
from bot.policy_file import parse_policy, read_text
from bot.ports import Clock, Exchange
from bot.settings import Settings
from bot.simulation import open_simulation

if TYPE_CHECKING:
    from bot.domain.policy import Policy
    from bot.fetching import Fetched


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
    async with opened_journal(settings) as journal, _venue(settings, policy, kinds) as (exchange, clock):
        await _refuse_foreign(journal, settings, exchange)
        yield Parts(
            policy=policy,
            policy_text=policy_text,
            exchange=exchange,
            journal=journal,
            clock=clock,
            control=FileControl(settings.switch),
        )


@asynccontextmanager
async def _venue(
    settings: Settings, policy: "Policy | None", kinds: frozenset[Kind] = frozenset()
) -> AsyncIterator[tuple[Exchange, Clock]]:
    """Yield the venue that is meant and the clock it lives by: this is where the mode is chosen, and nowhere else."""
    if settings.real is not None:
        from bot.real_account import opened_gateway
        from bot.simulator.clock import WallClock

        clock = WallClock()
        async with opened_gateway(settings.real, policy, kinds, clock) as gateway:
            yield gateway, clock
        return
    simulated = open_simulation(settings, policy, kinds)
    try:
        yield simulated.venue, simulated.clock
    finally:
        simulated.save()


async def _refuse_foreign(journal: SqlJournal, settings: Settings, exchange: Exchange) -> None:
    """Raise SettingsRefused where the journal tells of another account: two books must not be reckoned as one.

    The simulated venue would know of none of a real account's orders, and they would be concluded to be absent.
    """
    simulated = settings.real is None
    own = simulated and settings.database.endswith(str(settings.home / "journal.db"))
    if own or not await journal.cycles(1):
        return
    known = await journal.cycle("latest")
    if known.venue != exchange.venue or (not simulated and known.account != exchange.account):
        raise SettingsRefused(
            f"this journal is of the account {known.account} at {known.venue}, "
            f"not of {exchange.account} at {exchange.venue}",
            mend="give each account a database of its own: POISE_DATABASE_URL",
        )


@asynccontextmanager
async def sending(settings: Settings) -> AsyncIterator[Parts]:
    """Yield parts that may send: this process holds the account, a second one is refused with AccountHeld."""
    from bot.journal.lease import hold_account

    async with looking(settings) as parts, hold_account(settings.database, parts.exchange.account):
        yield parts


async def examined_account(settings: Settings) -> AsyncIterator[Finding]:
    """Yield what an examination of the account at its venue finds; it reads, and sends nothing."""
    from bot.accounts import read_account
    from bot.real_account import allowed_mode, found_keys, opened_gateway
    from bot.simulator.clock import WallClock
    from bot.venues.examine import examine_account
    from bot.venues.setup import WantedSetting

    if settings.real is None:
        return
    account, clock = read_account(settings.real.home, settings.real.name), WallClock()
    policy = parse_policy(read_text(settings.policy), str(settings.policy))
    yield ok("account", f"{account.name} at {account.venue}, {allowed_mode(account, settings.real)}")
    keys = found_keys(settings.real)
    yield ok("keys", f"{keys.credentials.fingerprint} from {keys.where}")
    async with opened_gateway(settings.real, policy, frozenset(), clock, keys) as gateway:
        setting = WantedSetting(margin_mode=account.margin, leverage=account.leverage)
        async for found in examine_account(gateway.connection, gateway, setting, clock):
            yield found


async def fetched_history(
    folder: Path, venue: str, symbols: tuple[str, ...], bars: tuple[str, int], since: datetime
) -> "AsyncIterator[Fetched | str]":
    """Yield each public series of the symbols as it is brought up to now; `bars` are a length's name and seconds."""
    from bot.fetching import fetch_all, public_series
    from bot.simulator.clock import WallClock
    from bot.venues import wire as wire_module
    from bot.venues.connect import connect
    from bot.venues.rows import row_of

    clock, row = WallClock(), row_of(venue)
    wire = wire_module.open_wire()
    connection = connect(row, Mode.DRY_RUN, None, clock, wire)
    try:
        instruments, wanted = await public_series(connection, symbols, bars, since, clock)
        async for one in fetch_all(connection, instruments, wanted, folder, clock):
            yield one
    finally:
        await connection.close()


async def note_event(settings: Settings, kind: str, text: str) -> None:
    """Write an event to the journal."""
    from bot.simulator.clock import WallClock

    async with opened_journal(settings) as journal:
        await journal.record_event(JournalEvent(at=WallClock().now(), kind=kind, text=text))


async def cancel_own_orders(settings: Settings) -> int:
    """Cancel every resting order of ours but stops; return how many were gone afterwards. Needs no policy.

    A stop only ever closes: taken away, what it guards would stand alone while nobody looks.
    """
    async with _venue(settings, None) as (exchange, _clock):
        before = (await exchange.snapshot()).open_orders
        own = [order for order in before if is_own_id(order.client_order_id) and order.type is not OrderType.STOP]
        for order in own:
            await exchange.cancel(order.client_order_id, order.symbol)
        left = {order.client_order_id for order in (await exchange.snapshot()).open_orders}
    return sum(order.client_order_id not in left for order in own)
