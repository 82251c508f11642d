"""One complete observation in two waves of requests: all of it at once, then the balances again to prove one moment.

Everything is asked together; then every purse is read a second time. Where a balance differs, something
happened in between, and the whole is read again; after three such times there is no snapshot. So all parts
belong to one epoch, in the fewest requests that can show it.
"""

import asyncio
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from bot.domain.instrument import Instrument, WalletKind
from bot.domain.numbers import ZERO
from bot.domain.order import OpenOrder
from bot.domain.snapshot import Balance, FundingRate, Position, Quote, Snapshot, Wallets
from bot.errors import NumberRefused, SnapshotUnavailable
from bot.ports import Clock
from bot.venues.asking import Reader
from bot.venues.balances import Held, check_margin, in_one_purse, read_wallet
from bot.venues.connect import Connection
from bot.venues.depth import Depths, read_depths
from bot.venues.markets import at_mark, described, markets_of, read_instruments
from bot.venues.positions import read_positions
from bot.venues.quotes import Seen, funding_of, quote_of, read_market
from bot.venues.resting import read_resting
from bot.venues.scope import Scope, held_spot
from bot.venues.translate import EPOCH, decimal, in_milliseconds

TRIES = 3
MOST_SECONDS = 15
RULES_FOR = timedelta(hours=1)
CORROBORATE_AFTER = timedelta(seconds=2)
EQUITY_TOLERANCE = Decimal("0.01")
SEQUENCES_PER_MILLISECOND = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Everything one try read."""

    wallets: Mapping[WalletKind, Held]
    positions: Mapping[str, Position]
    resting: tuple[OpenOrder, ...]
    seen: Mapping[str, Seen]
    depths: Depths
    begun: datetime
    offset: timedelta
    least_offset: timedelta


class Observer:
    """Takes snapshots of one account; remembers the rules for an hour, and what was there when last looked."""

    def __init__(self, connection: Connection, scope: Scope, clock: Clock, account: str) -> None:
        self._connection = connection
        self._scope = scope
        self._clock = clock
        self._account = account
        self._rules: dict[str, Instrument] = {}
        self._rules_at: datetime | None = None
        self._last: Snapshot | None = None
        self.requests = 0

    @property
    def rules(self) -> Mapping[str, Instrument]:
        """The instruments as last read."""
        return self._rules

    async def snapshot(self) -> Snapshot:
        """Return one moment of account and market, or raise SnapshotUnavailable naming what is missing."""
        reader = Reader(self._connection.row.codes, self._clock)
        try:
            found = await self._observed(reader)
        except NumberRefused as error:
            raise SnapshotUnavailable(error.message, part="numbers") from None
        finally:
            self.requests = reader.requests
        self._last = found
        return found

    async def instruments(self) -> Mapping[str, Instrument]:
        """Return the rules of the scope, read again when they are an hour old."""
        if self._rules_at is None or self._clock.now() - self._rules_at > RULES_FOR:
            await self._read_rules(Reader(self._connection.row.codes, self._clock))
        return self._rules

    async def instrument(self, symbol: str) -> Instrument:
        """Return the rules of one market, of the scope or not; raise SnapshotUnavailable for one that is not listed."""
        known = await self.instruments()
        if symbol not in known:
            await self._learn((symbol,), Reader(self._connection.row.codes, self._clock))
        if symbol not in self._rules:
            raise SnapshotUnavailable(f"{symbol} is listed nowhere", part=f"rules of {symbol}")
        return self._rules[symbol]

    async def _read_rules(self, reader: Reader) -> None:
        await sync_time(self._connection, self._clock, reader)
        self._rules = await read_instruments(self._connection, self._scope, reader)
        self._rules_at = self._clock.now()

    async def _observed(self, reader: Reader) -> Snapshot:
        for _ in range(TRIES):
            if self._rules_at is None or self._clock.now() - self._rules_at > RULES_FOR:
                await self._read_rules(reader)
            first = await self._corroborated(await self._read(reader), reader)
            again, extra, sequence = await self._second_look(first, reader)
            if _totals(first.wallets) == _totals(again):
                return self._assembled(first, again, extra, sequence)
        raise SnapshotUnavailable(
            f"the balances changed while they were read, {TRIES} times in a row", part="one moment"
        )

    async def _read(self, reader: Reader) -> Reading:
        """Ask for everything at once."""
        connection, begun = self._connection, self._clock.now()
        wallets = sorted(connection.clients)
        purses = purses_read(connection)
        symbols = {wallet: [s for s, one in self._rules.items() if one.wallet is wallet] for wallet in wallets}
        (offset, least), depths, held, positions, resting, seen = await asyncio.gather(
            sync_time(connection, self._clock, reader),
            read_depths(connection, self._rules.values(), reader),
            asyncio.gather(*(read_wallet(connection, wallet, reader) for wallet in purses)),
            asyncio.gather(*(read_positions(connection, wallet, reader) for wallet in wallets)),
            asyncio.gather(*(read_resting(connection, wallet, symbols[wallet], reader) for wallet in wallets)),
            asyncio.gather(*(read_market(connection, wallet, symbols[wallet], reader) for wallet in wallets)),
        )
        return Reading(
            wallets=dict(zip(purses, held, strict=True)),
            positions={symbol: one for found in positions for symbol, one in found.items()},
            resting=tuple(order for found in resting for order in found),
            seen={symbol: one for found in seen for symbol, one in found.items()},
            depths=depths,
            begun=begun,
            offset=offset,
            least_offset=least,
        )

    async def _corroborated(self, found: Reading, reader: Reader) -> Reading:
        """Return a reading; where a list is empty that was not when last looked, look again before it is believed."""
        if self._last is None or not vanished(self._last, found):
            return found
        await self._clock.sleep_until(self._clock.now() + CORROBORATE_AFTER)
        return await self._read(reader)

    async def _second_look(
        self, first: Reading, reader: Reader
    ) -> tuple[Mapping[WalletKind, Held], Mapping[str, Seen], int]:
        """Read every purse again, and the markets of what is held outside the scope."""
        connection = self._connection
        extra = await self._rules_of_extra(first, reader)
        sequence = (in_milliseconds(self._clock.now() + first.least_offset) + 1) * SEQUENCES_PER_MILLISECOND - 1
        purses, by_wallet = purses_read(connection), sorted(connection.clients)
        held, seen = await asyncio.gather(
            asyncio.gather(*(read_wallet(connection, wallet, reader) for wallet in purses)),
            asyncio.gather(
                *(
                    read_market(connection, wallet, [s for s in extra if self._rules[s].wallet is wallet], reader)
                    for wallet in by_wallet
                )
            ),
        )
        return dict(zip(purses, held, strict=True)), {s: one for found in seen for s, one in found.items()}, sequence

    async def _rules_of_extra(self, first: Reading, reader: Reader) -> tuple[str, ...]:
        """Return the markets of coins and contracts that are held and not looked at yet, their rules made known."""
        coins = (one.asset for held in first.wallets.values() for one in held.balances)
        contracts = (*first.positions, *(order.symbol for order in first.resting))
        listed = markets_of(self._connection)
        wanted = {*held_spot(coins, self._scope, {}), *contracts}
        await self._learn(wanted, reader)
        unlisted = [symbol for symbol in contracts if symbol not in listed]
        if unlisted:
            raise SnapshotUnavailable(f"{unlisted[0]} is held and listed nowhere", part=f"rules of {unlisted[0]}")
        return tuple(symbol for symbol in sorted(wanted) if symbol in self._rules and symbol not in first.seen)

    async def _learn(self, symbols: Iterable[str], reader: Reader) -> None:
        """Read the rules of those markets that are listed and not known yet."""
        listed = markets_of(self._connection)
        unknown = [symbol for symbol in sorted(symbols) if symbol in listed and symbol not in self._rules]
        if unknown:
            found = await described(self._connection, {symbol: listed[symbol] for symbol in unknown}, reader)
            self._rules = {**self._rules, **found}

    def _assembled(
        self, first: Reading, again: Mapping[WalletKind, Held], extra: Mapping[str, Seen], sequence: int
    ) -> Snapshot:
        now = self._clock.now()
        if (now - first.begun).total_seconds() > MOST_SECONDS:
            raise SnapshotUnavailable(
                f"reading took {(now - first.begun).total_seconds():.0f} s; at most {MOST_SECONDS} s are one moment",
                part="one moment",
            )
        seen = {**first.seen, **extra}
        kept = {symbol: one for symbol, one in self._rules.items() if symbol in seen}
        quotes = {symbol: self._quote(one, seen[symbol], now, first) for symbol, one in kept.items()}
        balances = tuple(one for wallet in sorted(again) for one in again[wallet].balances)
        _check_equity(again, first.positions, kept, quotes)
        check_margin(again, first.positions, first.resting, kept)
        kept = {symbol: self._at_mark(one, quotes[symbol]) for symbol, one in kept.items()}
        return Snapshot(
            venue=self._connection.row.name,
            account=self._account,
            taken_at=now,
            epoch=epoch_of(balances, first.positions),
            ledger_sequence=sequence,
            clock_offset_seconds=Decimal(first.offset // timedelta(milliseconds=1)) / 1000,
            instruments=kept,
            balances=in_one_purse(balances, self._scope.quote, self._connection.access.purses),
            positions=first.positions,
            open_orders=first.resting,
            quotes=quotes,
            funding=self._funding(kept, seen, now + first.offset),
            wallets=self._connection.access.purses,
        )

    def _at_mark(self, one: Instrument, quote: Quote) -> Instrument:
        return at_mark(one, self._connection.row.products[one.wallet], quote.valuation)

    @staticmethod
    def _quote(one: Instrument, seen: Seen, now: datetime, first: Reading) -> Quote:
        told = Seen(numbers=seen.numbers, at=None if seen.at is None else seen.at - first.offset)
        bids, asks = first.depths.get(one.symbol, (None, None))
        return replace(quote_of(one, told, now), bid_depth=bids, ask_depth=asks)

    @staticmethod
    def _funding(kept: Mapping[str, Instrument], seen: Mapping[str, Seen], now: datetime) -> dict[str, FundingRate]:
        found = {symbol: funding_of(one, seen[symbol], now) for symbol, one in kept.items()}
        return {symbol: one for symbol, one in found.items() if one is not None}


def vanished(last: Snapshot, found: Reading) -> bool:
    """Whether a list is empty that was not when last looked: each wallet's positions, orders, stops and balances."""

    def lists(positions: Iterable[str], orders: Iterable[OpenOrder]) -> set[tuple[WalletKind, str]]:
        held = {(last.instruments[symbol].wallet, "") for symbol in positions if symbol in last.instruments}
        rest = {(last.instruments[o.symbol].wallet, o.type) for o in orders if o.symbol in last.instruments}
        return held | rest

    emptied = {wallet for wallet, held in found.wallets.items() if not held.balances}
    return bool(
        lists(last.positions, last.open_orders) - lists(found.positions, found.resting)
        or any(one.total and one.wallet in emptied for one in last.balances)
    )


def purses_read(connection: Connection) -> list[WalletKind]:
    """Return the wallets whose balances must be asked for: one where the account is a single purse."""
    if connection.access.purses is Wallets.POOLED:
        return [WalletKind.LINEAR if WalletKind.LINEAR in connection.clients else min(connection.clients)]
    return sorted(connection.clients)


async def sync_time(connection: Connection, clock: Clock, reader: Reader) -> tuple[timedelta, timedelta]:
    """Return the venue's clock minus ours, and the least it can be; let every client sign with the venue's time.

    The venue read its clock between the question and the answer: in the middle as a guess, before the answer
    for certain. By the least, a moment of ours is never taken for a later one of the venue's.
    """
    client = connection.all_clients()[0]
    before = clock.now()

    async def asked() -> object:
        nonlocal before
        before = clock.now()  # of the try that is answered, not of one that failed before it
        told: object = await client.fetch_time()
        return told

    told = await reader.read("server time", asked)
    after = clock.now()
    offset = EPOCH + timedelta(milliseconds=int(decimal(told, "server time"))) - before - (after - before) / 2
    for one in connection.all_clients():
        one.options["poiseOffsetMs"] = offset // timedelta(milliseconds=1)
    return offset, offset - (after - before) / 2


def epoch_of(balances: tuple[Balance, ...], positions: Mapping[str, Position]) -> int:
    """Return a number that is another one whenever a balance or a position is: 62 bits of a digest of both."""
    lines = [f"{one.wallet} {one.asset} {one.total.normalize():f}" for one in balances]
    lines += [
        f"{p.symbol} {p.quantity.normalize():f} {p.entry_price.normalize():f}" for _, p in sorted(positions.items())
    ]
    digest = hashlib.sha256("\n".join(sorted(lines)).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 2


def _totals(wallets: Mapping[WalletKind, Held]) -> dict[tuple[WalletKind, str], Decimal]:
    return {(wallet, one.asset): one.total for wallet, held in wallets.items() for one in held.balances if one.total}


def _check_equity(
    wallets: Mapping[WalletKind, Held],
    positions: Mapping[str, Position],
    instruments: Mapping[str, Instrument],
    quotes: Mapping[str, Quote],
) -> None:
    """Raise SnapshotUnavailable where the venue's own equity is not the balance plus the profit of what is open.

    It is the proof that balances mean what Poise takes them for: a total that leaves the margin out shows here.
    """
    for wallet, held in wallets.items():
        totals = {one.asset: one.total for one in held.balances}
        for asset, told in held.equity.items():
            profit = sum(
                (
                    one.profit(positions[symbol].quantity, positions[symbol].entry_price, quotes[symbol].valuation)
                    for symbol, one in instruments.items()
                    if symbol in positions and one.settle == asset and symbol in quotes
                ),
                ZERO,
            )
            reckoned = totals.get(asset, ZERO) + profit
            if abs(reckoned - told) > EQUITY_TOLERANCE * max(abs(told), Decimal(1)):
                raise SnapshotUnavailable(
                    f"{wallet} wallet: the venue says its equity is {told} {asset}, its parts make {reckoned}",
                    part=f"{wallet} equity",
                )
