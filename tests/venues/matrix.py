"""Thirty faults times nine calls at one venue: what the gateway made of each, held against what the venue knows.

A cell is one fault of one call. Three things may never be: a wrong answer taken for true (silent), a maybe taken
for a no (misjudged), and an order or a transfer made twice (twice).
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.domain.order import OrderReport, OrderStatus, TransferReport
from bot.errors import OrderRejected, OutcomeUnknown, PoiseError, SnapshotUnavailable
from bot.venues.asking import ATTEMPTS
from bot.venues.finding import LOOKS_FOR_FILLS
from tests.emulator.faults import FAULTS
from tests.emulator.orders import VenueOrder
from tests.venues.stand import Stand, standing_at

CALLS = ("place", "cancel", "transfer", "find", "balances", "positions", "open-orders", "fills", "quotes")
# The only faults that prove that nothing was accepted, where the venue says them in its own words.
DEFINITE = frozenset({"rejected", "bad-key", "clock-skew", "venue-rate-limit"})
# And those among them that prove nothing at one venue: BingX says "rate limited" and "the system is busy" in one code.
NO_PROOF: Mapping[str, frozenset[str]] = {"bingx": frozenset({"venue-rate-limit"})}
# Whole answers below 300: in form they could be true, so that each path is tried with each of them.
BELIEVABLE = ("html-200", "empty-200", "null-200", "cut-json-200", "broken-gzip", "object-200", "list-200")
ALWAYS = 200


@dataclass(slots=True)
class Cell:
    """One fault of one call: what went wrong with it, in words. `told` counts the wrong answers that were given.

    `definite` are the faults that prove there that nothing was accepted.
    """

    call: str
    fault: str
    definite: frozenset[str] = DEFINITE
    silent: list[str] = field(default_factory=list)
    misjudged: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    told: int = 0

    @property
    def accepted(self) -> bool:
        """Whether the venue did what it was asked, and only the answer is wrong."""
        return FAULTS[self.fault].accepted

    def check(self, claim: bool, kind: list[str], words: str) -> None:
        """Write down a claim that does not hold."""
        if not claim:
            kind.append(f"{self.call} under {self.fault}: {words}")


@dataclass(frozen=True, slots=True)
class Totals:
    """What must be zero, and over how many cells."""

    cells: int
    silent: tuple[str, ...]
    misjudged: tuple[str, ...]
    twice: tuple[str, ...]
    other: tuple[str, ...]
    untold: tuple[str, ...]

    @property
    def counted(self) -> tuple[int, int, int]:
        """Silent, ambiguous taken as rejected, made twice."""
        return len(self.silent), len(self.misjudged), len(self.twice)

    def __str__(self) -> str:
        """Return all of it, for a person who wants to know what broke."""
        lines = (*self.silent, *self.misjudged, *self.twice, *self.other, *self.untold)
        return "\n".join((f"{self.cells} cells; silent, misjudged, twice: {self.counted}", *lines))


def totals(cells: Iterable[Cell], idle: bool) -> Totals:
    """Return the sums; `idle` where the call sends nothing at this venue, so that no fault can come."""
    every = tuple(cells)
    return Totals(
        cells=len(every),
        silent=tuple(words for cell in every for words in cell.silent),
        misjudged=tuple(words for cell in every for words in cell.misjudged),
        twice=tuple(words for cell in every for words in cell.twice),
        other=tuple(words for cell in every for words in cell.other),
        untold=() if idle else tuple(f"{cell.call}: {cell.fault} never came" for cell in every if not cell.told),
    )


def definite_at(venue: str) -> frozenset[str]:
    """Return the faults that prove at a venue that nothing was accepted."""
    return DEFINITE - NO_PROOF.get(venue, frozenset())


async def matrix_of(venue: str, call: str) -> Totals:
    """Return what came of the thirty faults of one call at one venue, through one gateway."""
    cells = [Cell(call=call, fault=fault, definite=definite_at(venue)) for fault in FAULTS]
    async with standing_at(venue) as stand:
        for cell in cells:
            await TRIED[call](stand, cell)
        strange = set(stand.wire.hosts) - stand.gateway.connection.access.hosts
        assert not strange, f"asked of {strange}"
        return totals(cells, idle=call == "transfer" and not stand.moves_money)


async def outcome_of(call: Awaitable[Any]) -> Any:
    """Return what a call returned or what Poise raised on purpose; anything else is a fault of ours and is raised."""
    try:
        return await call
    except PoiseError as error:
        return error


# ── what changes something ──


def judge_write(cell: Cell, outcome: object, held: bool, what: str) -> None:
    """Hold the outcome of a write against whether the venue did what was asked."""
    cell.check(held == cell.accepted, cell.other, f"{what}: done {held}")
    if isinstance(outcome, OrderRejected):
        words = f"{what}: rejected, {outcome.code}: {outcome.message}"
        cell.check(not held and cell.fault in cell.definite, cell.misjudged, words)
    elif not isinstance(outcome, OutcomeUnknown):
        cell.check(held and not isinstance(outcome, PoiseError), cell.silent, f"{what}: {outcome!r}")
    if cell.fault == "rejected":
        cell.check(isinstance(outcome, OrderRejected), cell.other, f"{what}: the venue's own no is {outcome!r}")


def _differs(report: object, held: VenueOrder | None) -> str:
    """Return how what was found differs from what the venue holds, "" where it does not."""
    if held is None or not isinstance(report, OrderReport):
        return "" if held is None and report is None else f"told {report!r}, held {held!r}"
    told = (report.status, report.filled, report.ordered, sum(fill.fee for fill in report.fills))
    real = (held.status, held.filled, held.request.quantity, sum(fill.fee for fill in held.fills))
    return "" if told == real else f"told {told}, held {real}"


async def _place(stand: Stand, cell: Cell) -> None:
    for symbol in stand.symbols:
        identity, before = stand.new_id(), stand.asked("place")
        stand.fault(stand.routes("place"), cell.fault)
        with stand.patience_for(cell.fault):
            outcome = await outcome_of(stand.gateway.place(identity, stand.order(symbol)))
        cell.told += stand.told()
        await stand.later()
        orders = [one for one in stand.server.core.orders(symbol) if one.client_id == identity]
        created, held = stand.asked("place") - before, orders[0] if orders else None
        cell.check(created == 1 and len(orders) <= 1, cell.twice, f"{symbol}: {created} requests, {len(orders)} orders")
        judge_write(cell, outcome, held is not None, symbol)
        for told in (*((outcome,) if isinstance(outcome, OrderReport) else ()), await _found(stand, identity, symbol)):
            cell.check(not _differs(told, held), cell.silent, f"{symbol}: {_differs(told, held)}")


async def _found(stand: Stand, identity: str, symbol: str) -> Any:
    return await outcome_of(stand.gateway.find(identity, symbol))


async def _cancel(stand: Stand, cell: Cell) -> None:
    for symbol in stand.symbols:
        identity, before = await stand.rest(symbol), stand.asked("cancel")
        stand.fault(stand.routes("cancel"), cell.fault)
        with stand.patience_for(cell.fault):
            outcome = await outcome_of(stand.gateway.cancel(identity, symbol))
        cell.told += stand.told()
        await stand.later()
        sent, held = stand.asked("cancel") - before, stand.known(identity, symbol)
        cell.check(sent == 1, cell.twice, f"{symbol}: {sent} requests")
        judge_write(cell, outcome, held.status is not OrderStatus.OPEN, symbol)
        wrong = _differs(await _found(stand, identity, symbol), held)
        cell.check(not wrong, cell.silent, f"{symbol}: {wrong}")
        if held.status is OrderStatus.OPEN:
            stand.server.core.cancel(held.number)


async def _transfer(stand: Stand, cell: Cell) -> None:
    """Where the venue moves money it is one request; where it does not, nothing leaves."""
    asked, sent_at, identity, core = stand.moving(), stand.clock.now(), stand.new_id(), stand.server.core
    requests, transfers = len(stand.server.asks), len(core.transfers())
    if stand.moves_money:
        stand.fault(stand.routes("transfer"), cell.fault)
    with stand.patience_for(cell.fault):
        outcome = await outcome_of(stand.gateway.transfer(identity, asked))
    cell.told += stand.told()
    sent, made = len(stand.server.asks) - requests, len(core.transfers()) - transfers
    cell.check(sent == int(stand.moves_money) and made <= 1, cell.twice, f"{sent} requests, {made} transfers")
    if stand.moves_money:
        judge_write(cell, outcome, made > 0, "transfer")
        await stand.later()
        found = await outcome_of(stand.gateway.find_transfer(identity, asked, sent_at))
        right = isinstance(found, TransferReport) if made else found is None
        cell.check(right, cell.silent, f"found {found!r}, made {made}")


# ── what only looks ──


async def _find(stand: Stand, cell: Cell) -> None:
    for symbol in stand.symbols:
        for identity in (stand.filled[symbol], stand.resting[symbol]):
            held = stand.known(identity, symbol)
            if held.filled or cell.call == "find":
                await _looked(
                    stand,
                    cell,
                    lambda identity=identity, symbol=symbol: stand.gateway.find(identity, symbol),  # type: ignore[misc]
                    lambda found, held=held: _differs(found, held),  # type: ignore[misc]
                )


async def _snapshot(stand: Stand, cell: Cell) -> None:
    await _looked(stand, cell, stand.gateway.snapshot, stand.wrong_in)


async def _looked(stand: Stand, cell: Cell, look: Callable[[], Awaitable[Any]], wrong: Callable[[Any], str]) -> None:
    """Look while answers go wrong: once, once at each path where it could be believed, and without end.

    Either what was read is right after all, or it is said what could not be read; and asking comes to an end.
    """
    routes, begun = stand.routes(cell.call), len(stand.server.asks)
    await look()
    usual = max(stand.asked(cell.call, begun), 1)
    alone = routes if cell.fault in BELIEVABLE else ()
    for among, times in ((routes, 1), *(((one,), 1) for one in alone), (routes, ALWAYS)):
        stand.fault(among, cell.fault, times)
        with stand.patience_for(cell.fault):
            found = await outcome_of(look())
        told = stand.told()
        cell.told += told
        what = f"{'always' if times == ALWAYS else 'once'} at {among[0][1] if len(among) == 1 else 'any'}"
        most = max(ATTEMPTS, LOOKS_FOR_FILLS if cell.call == "fills" else 0) * usual
        cell.check(told <= most, cell.other, f"{what}: {told} wrong answers, usually {usual} requests")
        if isinstance(found, PoiseError):
            named = isinstance(found, SnapshotUnavailable) and bool(found.part)
            cell.check(named, cell.other, f"{what}: {found!r}")
        else:
            cell.check(not wrong(found), cell.silent, f"{what}: {wrong(found)}")


TRIED: Mapping[str, Callable[[Stand, Cell], Awaitable[None]]] = {
    "place": _place,
    "cancel": _cancel,
    "transfer": _transfer,
    "find": _find,
    "fills": _find,
    "balances": _snapshot,
    "positions": _snapshot,
    "open-orders": _snapshot,
    "quotes": _snapshot,
}
