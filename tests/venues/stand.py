"""One gateway at one emulated venue, opened once and tried many times: its orders, its clock, its patience."""

from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from bot.domain.instrument import Instrument, Kind, WalletKind
from bot.domain.mode import Mode
from bot.domain.numbers import ZERO
from bot.domain.order import OrderRequest, OrderType, Side, Sleeve, TransferRequest
from bot.domain.snapshot import Snapshot, Wallets
from bot.simulator.clock import SimulatedClock
from bot.venues.connect import Login, connect
from bot.venues.gateway import Gateway
from bot.venues.row import VenueRow
from bot.venues.rows import row_of
from bot.venues.scope import Scope
from tests.emulator.asks import Route
from tests.emulator.faults import FaultPlan
from tests.emulator.orders import NewOrder, VenueOrder
from tests.emulator.server import EmulatedServer, emulated
from tests.emulator.wire import EmulatorSession
from tests.venues.rig import MOMENT, SETTING

COIN = "BTC"
SYMBOLS = {
    Kind.SPOT: "BTC/USDT",
    Kind.LINEAR_PERPETUAL: "BTC/USDT:USDT",
    Kind.INVERSE_PERPETUAL: "BTC/USD:BTC",
}
USUAL_TIMEOUT_MS = 10_000
HANG_TIMEOUT_MS = 250
PAUSE = timedelta(seconds=2)


@dataclass(slots=True)
class Stand:
    """A gateway, the venue behind it, and what is traded there."""

    gateway: Gateway
    server: EmulatedServer
    clock: SimulatedClock
    wire: EmulatorSession
    symbols: tuple[str, ...]
    kinds: frozenset[Kind]
    ids: int = 0
    planned: int = 0
    filled: dict[str, str] = field(default_factory=dict)
    resting: dict[str, str] = field(default_factory=dict)

    @property
    def row(self) -> VenueRow:
        """The venue's row."""
        return self.gateway.connection.row

    @property
    def moves_money(self) -> bool:
        """Whether moving money between wallets is a request here."""
        return self.row.transfers is not None and self.gateway.connection.access.purses is Wallets.SEPARATE

    def new_id(self) -> str:
        """Return an id never used before, in letters and digits that every venue takes."""
        self.ids += 1
        return f"poisem{self.ids:06d}"

    def order(self, symbol: str, kind: OrderType = OrderType.MARKET) -> OrderRequest:
        """Return a little more than the least, spot bought and contracts sold: at once, or away from the book."""
        one, quote = self.server.core.instruments[symbol], self.server.core.quotes()[symbol]
        side, part = (Side.BUY, Decimal("0.95")) if one.kind.is_spot else (Side.SELL, Decimal("1.05"))
        away = quote.bid * part // one.tick * one.tick
        return OrderRequest(
            symbol=symbol,
            side=side,
            quantity=_little(one, min(away, quote.bid)),
            price=None if kind is OrderType.MARKET else away,
            type=kind,
            reduce_only=False,
            sleeve=Sleeve.CORE,
        )

    async def rest(self, symbol: str) -> str:
        """Let an order of ours rest and return its id; where the venue takes no post-only one, a plain limit."""
        identity, asked = self.new_id(), self.order(symbol, OrderType.POST_ONLY)
        product = self.row.products[self.server.core.instruments[symbol].wallet]
        if OrderType.POST_ONLY in product.spellings:
            await self.gateway.place(identity, asked)
        else:
            plain = NewOrder(
                symbol=symbol,
                side=asked.side,
                quantity=asked.quantity,
                price=asked.price,
                type=OrderType.LIMIT_IOC,
                good_till_cancelled=True,
                client_id=identity,
            )
            self.server.core.place(plain)
        return identity

    def moving(self) -> TransferRequest:
        """Return money on its way to the contracts, another amount each time: some venues keep no ids of ours."""
        self.ids += 1
        amount = Decimal(1) + Decimal(self.ids) / 100
        return TransferRequest(asset="USDT", amount=amount, source=WalletKind.SPOT, target=WalletKind.LINEAR)

    def known(self, identity: str, symbol: str) -> VenueOrder:
        """Return what the venue holds under an id."""
        found = self.server.core.by_client_id(identity, symbol)
        assert found is not None, f"{identity} is not at the venue"
        return found

    # ── what goes wrong, and what was asked ──

    def fault(self, routes: Collection[Route], fault: str, times: int = 1) -> None:
        """Let the next answers at these paths go wrong."""
        self.server.faults = FaultPlan({"these": tuple(routes)})
        self.server.faults.next("these", fault, times)
        self.planned = times

    def told(self) -> int:
        """Return how many wrong answers were given, and let all that is left go right."""
        given = self.planned - len(self.server.faults.pending)
        self.server.faults.clear()
        self.planned = 0
        return given

    def routes(self, call: str) -> tuple[Route, ...]:
        """Return the paths of a call."""
        return self.server.venue.calls[call]

    def asked(self, call: str, since: int = 0) -> int:
        """Return how many requests of a call were received, from the ask numbered `since`."""
        paths = self.routes(call)
        return sum(self.server.venue.route(ask.method, ask.path) in paths for ask in self.server.asks[since:])

    @contextmanager
    def patience_for(self, fault: str) -> Iterator[None]:
        """Wait only shortly for an answer that never comes."""
        clients = self.gateway.connection.all_clients()
        for client in clients:
            client.timeout = HANG_TIMEOUT_MS if fault == "hang" else USUAL_TIMEOUT_MS
        try:
            yield
        finally:
            for client in clients:
                client.timeout = USUAL_TIMEOUT_MS

    async def later(self) -> None:
        """Let a closed order become visible in the history."""
        await self.clock.sleep_until(
            self.clock.now() + PAUSE + timedelta(milliseconds=self.server.core.visible_after_ms)
        )

    # ── the truth ──

    def wrong_in(self, seen: Snapshot) -> str:
        """Return what of a snapshot is not as the venue has it, "" where all is."""
        core, access = self.server.core, self.gateway.connection.access
        mine = {(one.wallet, one.asset): one.total for one in seen.balances if one.total}
        real = {
            (wallet, one.asset): one.total
            for wallet in (WalletKind if access.purses is Wallets.POOLED else access.wallets)
            for one in core.balances(wallet)
            if one.total
        }
        held = {s: p.quantity for s, p in core.positions().items() if core.instruments[s].kind in self.kinds}
        rests = sorted((o.client_id.lower(), o.request.symbol) for o in core.open_orders())
        pairs: dict[str, tuple[Any, Any]] = {
            "balances": (mine, real),
            "positions": ({s: p.quantity for s, p in seen.positions.items()}, held),
            "open orders": (sorted((o.client_order_id.lower(), o.symbol) for o in seen.open_orders), rests),
            "what is looked at": (set(self.symbols) - set(seen.quotes), set()),
            "funding": (set(seen.funding), {s for s in self.symbols if not core.instruments[s].kind.is_spot}),
        }
        wrong = [f"{name}: {told} for {true}" for name, (told, true) in pairs.items() if told != true]
        return "; ".join([*wrong, *self._wrong_prices(seen)])

    def _wrong_prices(self, seen: Snapshot) -> list[str]:
        real = self.server.core.quotes()
        wrong = []
        for symbol, quote in seen.quotes.items():
            for name in ("bid", "ask", "mark"):
                told, true = getattr(quote, name), getattr(real[symbol], name)
                if told is not None and abs(told - true) > true / 50:
                    wrong.append(f"{name} of {symbol}: {told} for {true}")
            if quote.mark is None and not self.server.core.instruments[symbol].kind.is_spot:
                wrong.append(f"no mark of {symbol}")
        return wrong


def _little(one: Instrument, price: Decimal) -> Decimal:
    """Return the least multiple of the step worth at least twice the least order."""
    worth = one.notional(one.step, price)
    steps = max(one.min_quantity / one.step, 2 * one.min_notional / worth if one.min_notional else ZERO, Decimal(1))
    return one.step * steps.to_integral_value(rounding="ROUND_CEILING")


@asynccontextmanager
async def standing_at(venue: str) -> AsyncIterator[Stand]:
    """Yield a stand whose account holds coins, contracts, an order filled and one resting in everything traded."""
    clock, row = SimulatedClock(MOMENT), row_of(venue)
    kinds = frozenset(kind for product in row.products.values() for kind in product.kinds if kind in SYMBOLS)
    async with emulated(venue, books="hedged", now=clock.now) as server:
        secrets, wire = server.core.secrets, server.wire()
        login = Login(key=secrets.key, secret=secrets.secret, passphrase=secrets.passphrase)
        connection = connect(row, Mode.LIVE, login, clock, wire)
        gateway = Gateway(connection, Scope(coins=(COIN,), quote="USDT", kinds=kinds), clock, "mine", SETTING)
        for client in connection.all_clients():
            client.enableRateLimit = False  # the emulator has no limits, and the fault is told by plan
        symbols = tuple(SYMBOLS[kind] for kind in SYMBOLS if kind in kinds and SYMBOLS[kind] in server.core.instruments)
        stand = Stand(gateway=gateway, server=server, clock=clock, wire=wire, symbols=symbols, kinds=kinds)
        try:
            await _begin(stand)
            yield stand
        finally:
            await gateway.close()
        assert server.unknown == []


async def _begin(stand: Stand) -> None:
    core = stand.server.core
    if Kind.INVERSE_PERPETUAL in stand.kinds:
        core.transfer(
            TransferRequest(asset=COIN, amount=Decimal("0.1"), source=WalletKind.SPOT, target=WalletKind.INVERSE), ""
        )
    for symbol in stand.symbols:
        stand.filled[symbol] = stand.new_id()
        await stand.gateway.place(stand.filled[symbol], stand.order(symbol))
        stand.resting[symbol] = await stand.rest(symbol)
    await stand.later()
    wrong = stand.wrong_in(await stand.gateway.snapshot())
    assert not wrong, wrong
