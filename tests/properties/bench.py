"""A whole bot around a book: the simulated venue, faults by script, and a witness who looks after every request."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from hypothesis import strategies as st

from bot.cycle import CycleReport, run_cycle
from bot.domain.instrument import WalletKind
from bot.domain.numbers import ZERO
from bot.domain.order import OrderReport, OrderRequest, Side
from bot.errors import SnapshotUnavailable
from bot.planning import Parts
from bot.simulator.clock import SimulatedClock
from bot.simulator.faults import Fault, FaultKind, FaultyExchange, Request
from bot.simulator.venue import SimulatedVenue, VenueState
from tests.builders import NOON, d
from tests.fakes import FakeControl, FakeJournal
from tests.properties.strategies import Book, StandingMarket

Jumps = tuple[tuple[int, Mapping[str, int]], ...]


@dataclass(frozen=True)
class Holding:
    """One coin at one instant: here and elsewhere, sold short, and what orders of unknown outcome may still change."""

    coins: Decimal
    elsewhere: Decimal
    short: Decimal
    may_buy: Decimal
    may_sell: Decimal
    may_short: Decimal

    def over_hedge(self, ratio: Decimal) -> Decimal:
        """Coins short beyond `ratio` of the core at worst: sales in doubt done, openings in doubt open (I10)."""
        return self.short + self.may_short - max(self.coins + self.elsewhere - self.may_sell, ZERO) * ratio

    @property
    def most(self) -> Decimal:
        """The largest |delta| in coins, orders in doubt filled against us (I9)."""
        delta = self.coins + self.elsewhere - self.short
        return max(abs(delta + self.may_buy), abs(delta - self.may_sell - self.may_short))


class Witness(FaultyExchange):
    """Looks at every coin before and after each request, and keeps what it saw."""

    def __init__(self, bench: "Bench", faults: tuple[Fault, ...]) -> None:
        super().__init__(bench.venue, faults)
        self._bench = bench
        self.seen: list[tuple[OrderRequest, Mapping[str, Holding], Mapping[str, Holding]]] = []

    async def place(self, client_order_id: str, request: OrderRequest) -> OrderReport:
        """Place, and look before and after whatever the answer."""
        before = self._bench.holdings(client_order_id)
        try:
            return await super().place(client_order_id, request)
        finally:
            self.seen.append((request, before, self._bench.holdings()))


class Bench:
    """A bot with a book: run its cycles a minute apart."""

    def __init__(self, book: Book, faults: tuple[Fault, ...] = (), jumps: Jumps = ()) -> None:
        self.book = book
        self.clock = SimulatedClock(NOON)
        state = VenueState(account=book.account, moment=NOON)
        self.venue = SimulatedVenue(StandingMarket(book, jumps), self.clock, state)
        self.exchange = Witness(self, faults)
        self.journal = FakeJournal()
        self.control = FakeControl()

    @property
    def parts(self) -> Parts:
        """The parts of a cycle."""
        return Parts(
            policy=self.book.policy,
            policy_text="a policy",
            exchange=self.exchange,
            journal=self.journal,
            clock=self.clock,
            control=self.control,
        )

    async def cycle(self) -> CycleReport | None:
        """Run one cycle and let a minute pass; None where the venue did not answer."""
        try:
            return await run_cycle(self.parts)
        except SnapshotUnavailable:
            return None
        finally:
            await self.clock.sleep_until(self.clock.now() + timedelta(minutes=1))

    def holdings(self, leaving_out: str = "") -> dict[str, Holding]:
        """Every coin now, by the venue's own books; orders in doubt are those it has never told of."""
        account, told = self.venue.state.account, {report.client_order_id for report in self.venue.state.reports}
        doubtful = [
            self.journal.intents[name].request
            for name, (state, _, _) in self.journal.states.items()
            if not state.is_final and name not in told and name != leaving_out
        ]
        found = {}
        for asset in self.book.prices:
            spot, future = f"{asset}/USDT", f"{asset}/USDT:USDT"
            held = account.positions.get(future)
            found[asset] = Holding(
                coins=account.balance(WalletKind.SPOT, asset),
                elsewhere=self.book.policy.core.held_elsewhere.get(asset, ZERO),
                short=-held.quantity if held else ZERO,
                may_buy=sum((one.quantity for one in doubtful if one.symbol == spot and one.side is Side.BUY), ZERO),
                may_sell=sum((one.quantity for one in doubtful if one.symbol == spot and one.side is Side.SELL), ZERO),
                may_short=sum((o.quantity for o in doubtful if o.symbol == future and o.side is Side.SELL), ZERO),
            )
        return found


# ── strategies ───────────────────────────────────────────────────────────────

calls, repeats = st.integers(1, 12), st.integers(1, 3)
sending_faults = st.builds(
    Fault,
    kind=st.sampled_from([FaultKind.ACCEPTED_THEN_TIMEOUT, FaultKind.LOST_BEFORE_ARRIVAL, FaultKind.REJECTED]),
    on=st.sampled_from([Request.PLACE, Request.PLACE, Request.TRANSFER]),
    call=calls,
    times=repeats,
    text=st.just("suspended"),
)
partial_fills = st.builds(
    Fault,
    kind=st.just(FaultKind.PARTIAL_FILL),
    on=st.just(Request.PLACE),
    call=calls,
    times=repeats,
    number=st.integers(0, 9).map(lambda n: d(n) / 10),
)
late_answers = st.builds(
    Fault,
    kind=st.just(FaultKind.NOT_YET_VISIBLE),
    on=st.sampled_from([Request.FIND, Request.FIND_TRANSFER]),
    call=st.integers(1, 4),
    times=repeats,
)
outages = st.builds(
    Fault,
    kind=st.just(FaultKind.UNAVAILABLE),
    on=st.sampled_from([Request.SNAPSHOT, Request.LEDGER]),
    call=calls,
    times=repeats,
    text=st.just("balances"),
)
faults = st.lists(st.one_of(sending_faults, partial_fills, late_answers, outages), max_size=6).map(tuple)


@st.composite
def jumps(draw: st.DrawFn, assets: tuple[str, ...], cycles: int, *, most: int = 20) -> Jumps:
    """Prices that jump by up to `most` percent between two cycles, some of them at some minutes."""
    found = []
    for minute in range(1, cycles):
        if draw(st.booleans()):
            found.append((minute, {asset: draw(st.integers(-most, most)) for asset in assets}))
    return tuple(found)
