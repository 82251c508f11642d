"""Is everything there that trading at this venue needs? Each thing looked at, with what was found and the mend."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from decimal import Decimal

from bot.domain.finding import Finding, fail, ok, warn
from bot.domain.instrument import Instrument
from bot.domain.mode import Mode
from bot.domain.snapshot import MarginMode, Snapshot, Wallets
from bot.errors import PoiseError
from bot.ports import Clock
from bot.venues.asking import Reader
from bot.venues.connect import Connection
from bot.venues.gateway import Gateway
from bot.venues.key_rights import examine_key
from bot.venues.row import VenueRow
from bot.venues.setup import WantedSetting, standing

MOST_OFFSET_SECONDS = Decimal(1)
PURSES = {
    Wallets.SEPARATE: "separate wallets, money moves between them",
    Wallets.APART: "separate wallets, and nobody can move money through the API",
    Wallets.POOLED: "one purse behind spot and futures",
}


async def examine_account(
    connection: Connection, gateway: Gateway, setting: WantedSetting, clock: Clock
) -> AsyncIterator[Finding]:
    """Yield the findings of one account at its venue, from what cannot be wrong to what needs everything else."""
    access = connection.access
    yield ok("mode", f"{connection.mode}: requests go to {', '.join(sorted(access.hosts))} and nowhere else")
    if access.note:
        yield warn("mode", access.note, "see docs/venues.md")
    reader = Reader(connection.row.codes, clock)
    for found in await examine_key(connection, reader, clock.now()):
        yield found
    try:
        snapshot = await gateway.snapshot()
    except PoiseError as error:
        yield fail("account", error.message, error.mend or "mend what it names, then `poise doctor` again")
        return
    for found in (*_observed(snapshot, access.purses), *_minimums(snapshot), _budget(gateway.requests, connection.row)):
        yield found
    for found in await _standings(connection, snapshot.instruments, setting, reader):
        yield found
    for found in semantics(connection.row):
        yield found


def _observed(snapshot: Snapshot, purses: Wallets) -> Iterator[Finding]:
    """Yield the clock and the wallets of a snapshot."""
    offset = snapshot.clock_offset_seconds
    if abs(offset) > MOST_OFFSET_SECONDS:
        yield warn("clock", f"the venue's clock is {offset:+.3f} s from ours", "let the system keep its time: ntp")
    else:
        yield ok("clock", f"the venue's clock is {offset:+.3f} s from ours")
    yield ok("wallets", PURSES[purses])
    for wallet in sorted({one.wallet for one in snapshot.balances}):
        held = [f"{one.total.normalize():f} {one.asset}" for one in snapshot.balances if one.wallet is wallet]
        yield ok(f"{wallet} wallet", ", ".join(held)[:200])
    if not snapshot.balances:
        yield warn("wallets", "there is nothing in any wallet", "move money there")
    for symbol, position in sorted(snapshot.positions.items()):
        yield ok(symbol, f"{position.quantity.normalize():f} contracts, {position.margin_mode} {position.leverage}x")


def _minimums(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield the smallest order of each market, in its unit and in quote currency."""
    for symbol, one in sorted(snapshot.instruments.items()):
        price = snapshot.quotes[symbol].mid
        least = max(abs(one.notional(one.min_quantity, price)), one.min_notional)
        yield ok(f"least {symbol}", f"{one.min_quantity.normalize():f}, worth {least:.2f} {one.quote}")


def _budget(requests: int, row: VenueRow) -> Finding:
    """Say how much of the venue's patience one look takes."""
    seconds = Decimal(requests) / row.requests_per_second
    return ok("requests", f"{requests} for one look, {seconds:.1f} s of the {row.requests_per_second} a second allowed")


async def _standings(
    connection: Connection, instruments: Mapping[str, Instrument], setting: WantedSetting, reader: Reader
) -> list[Finding]:
    """Return how each contract stands: position mode, margin mode and leverage, against what is wanted."""
    contracts = [one for one in instruments.values() if not one.kind.is_spot]
    if connection.mode not in (Mode.LIVE, Mode.DRY_RUN) and not connection.access.can_cancel:
        return [warn("contracts", "how contracts are held cannot be asked in this mode", "see docs/venues.md")]
    try:
        found = await asyncio.gather(*(standing(connection, one, reader, setting) for one in contracts))
    except PoiseError as error:
        return [fail("contracts", error.message, "give the key the right to read futures")]
    findings = []
    for one in found:
        told = f"{one.margin_mode or 'margin untold'} {one.leverage or '?'}x"
        if one.one_way is False:
            findings.append(fail(one.symbol, "the account keeps long and short apart", "set one-way mode at the venue"))
        elif _differs(one.margin_mode, one.leverage, setting):
            wanted = f"{setting.margin_mode} {setting.leverage}x"
            findings.append(warn(one.symbol, f"{told}, wanted {wanted}", "set before the first order, and read back"))
        else:
            findings.append(ok(one.symbol, told))
    return findings


def _differs(mode: MarginMode | None, leverage: Decimal | None, setting: WantedSetting) -> bool:
    return (mode is not None and mode is not setting.margin_mode) or (
        leverage is not None and leverage != setting.leverage
    )


def semantics(row: VenueRow) -> Iterator[Finding]:
    """Yield what a person should know of the venue although nothing is wrong."""
    silent = "nothing but stops of ours waits there, and they only close"
    yield ok("if we fall silent", f"{silent}; the venue's own switch ({row.dead_man}) is not armed")
    scope = {
        "open": "an id is free again once its order is done: Poise never sends one twice",
        "forever": "an id is taken for ever",
        "unknown": "the venue does not say how long an id is taken: Poise never sends one twice",
    }
    yield ok("order ids", scope[row.client_id_scope])
    for caution in row.cautions:
        yield warn(row.title, caution, "see docs/venues.md")
