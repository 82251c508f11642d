"""Laws of the simulated venue: whatever is done to it, its books close."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.instrument import WalletKind
from bot.domain.ledger import EntryKind
from bot.domain.numbers import ZERO
from bot.domain.order import Fill, OrderRequest, OrderType, Side, Sleeve, TransferRequest
from bot.domain.snapshot import MarginMode, Position
from bot.errors import OrderRejected
from bot.simulator.account import Account, MarginSetting
from bot.simulator.clock import SimulatedClock
from bot.simulator.position import traded
from bot.simulator.venue import SimulatedVenue, VenueState
from tests.builders import NOON, a_perpetual, an_inverse_perpetual, d
from tests.unit.simulator.scripted import BTC, COIN, DATED, PERP, ScriptedMarket, a_dated

Purses = dict[tuple[WalletKind, str], Decimal]
HOUR = timedelta(hours=1)

sizes = st.integers(1, 60).map(lambda n: Decimal(n) / 10)
sides = st.sampled_from(Side)


@dataclass(frozen=True)
class Trade:
    """An order near the price of its moment; `away` in basis points, of the limit or the trigger.

    A stop is always reduce-only, and on the wrong side of the price as often as not.
    """

    symbol: str
    side: Side
    quantity: Decimal
    away: int
    type: OrderType
    reduce_only: bool


trades = st.builds(
    Trade,
    symbol=st.sampled_from([BTC, PERP, PERP, COIN, DATED]),
    side=sides,
    quantity=sizes,
    away=st.integers(-100, 100),
    type=st.sampled_from(OrderType),
    reduce_only=st.booleans(),
)
WALLETS = (("USDT", WalletKind.LINEAR, 100_000), ("BTC", WalletKind.INVERSE, 3))
moves = st.sampled_from(WALLETS).flatmap(
    lambda one: st.builds(
        TransferRequest,
        asset=st.just(one[0]),
        amount=st.decimals("0.01", one[2], places=2),
        source=st.sampled_from([WalletKind.SPOT, one[1]]),
        target=st.sampled_from([WalletKind.SPOT, one[1]]),
    )
)
hours = st.tuples(st.integers(60_000, 80_000), st.lists(st.one_of(trades, moves), max_size=3))
modes = st.sampled_from(MarginMode)


def purses(venue: SimulatedVenue) -> Purses:
    """Every balance, zero where there is none."""
    return defaultdict(Decimal, venue.state.account.balances)


def request_of(trade: Trade, price: int) -> OrderRequest:
    """The order a trade means at a price."""
    near, is_stop = d(price + price * trade.away // 10_000), trade.type is OrderType.STOP
    return OrderRequest(
        symbol=trade.symbol,
        side=trade.side,
        quantity=trade.quantity * (100 if trade.symbol == COIN else 1),
        price=None if is_stop or trade.type is OrderType.MARKET else near,
        type=trade.type,
        reduce_only=trade.reduce_only or is_stop,
        sleeve=Sleeve.HEDGE,
        trigger=near if is_stop else None,
    )


async def do(venue: SimulatedVenue, name: str, action: Trade | TransferRequest, price: int) -> None:
    """One action; a refusal is an answer too."""
    try:
        if isinstance(action, Trade):
            await venue.place(name, request_of(action, price))
        else:
            await venue.transfer(name, action)
    except OrderRejected:
        return


Check = Callable[[SimulatedVenue, Account, Trade | TransferRequest | None], None]


async def live(script: list[tuple[int, list[Trade | TransferRequest]]], mode: MarginMode, check: Check) -> None:
    """Live through the hours of a script, and check after every event."""
    market = ScriptedMarket(
        steps=tuple((60 * n, dict.fromkeys((BTC, PERP, COIN, DATED), price)) for n, (price, _) in enumerate(script, 1)),
        paid=tuple((60 * n, "0.0001") for n in range(1, len(script) + 1)),
        more=(an_inverse_perpetual(), a_dated(expiry=NOON + 5 * HOUR)),
    )
    account = Account(
        balances={(WalletKind.SPOT, "USDT"): d(200_000), (WalletKind.SPOT, "BTC"): d(3)},
        settings={symbol: MarginSetting(mode=mode, leverage=d(10)) for symbol in (PERP, COIN, DATED)},
    )
    clock = SimulatedClock(NOON)
    venue = SimulatedVenue(market, clock, VenueState(account=account, moment=NOON))
    for hour, (price, actions) in enumerate(script):
        before = venue.state.account
        await clock.sleep_until(NOON + (hour + 1) * HOUR)
        await venue.snapshot()
        check(venue, before, None)
        for number, action in enumerate(actions):
            before = venue.state.account
            await do(venue, f"h{hour}x{number}", action, price)
            check(venue, before, action)


@given(st.lists(hours, min_size=1, max_size=12), modes)
def test_every_change_of_every_balance_is_in_the_ledger(
    script: list[tuple[int, list[Trade | TransferRequest]]], mode: MarginMode
) -> None:
    """After every event the change of each balance equals the sum of its entries, to the last digit (I19)."""

    def check(venue: SimulatedVenue, before: Account, _: object) -> None:
        expected: Purses = defaultdict(Decimal, before.balances)
        for entry in venue.state.entries:
            if entry.sequence > before.sequence:
                expected[entry.wallet, entry.asset] += entry.change
        assert expected == purses(venue)

    asyncio.run(live(script, mode, check))


@given(st.lists(hours, min_size=1, max_size=12), modes)
def test_transfers_sum_to_zero_and_sequences_have_no_gap(
    script: list[tuple[int, list[Trade | TransferRequest]]], mode: MarginMode
) -> None:
    """Between own wallets nothing is lost (I20); sequences are 1, 2, 3 and so on."""

    def check(venue: SimulatedVenue, _: Account, __: object) -> None:
        entries = venue.state.entries
        assert sum((e.change for e in entries if e.kind is EntryKind.TRANSFER), ZERO) == 0
        assert [entry.sequence for entry in entries] == list(range(1, len(entries) + 1))

    asyncio.run(live(script, mode, check))


@given(st.lists(hours, min_size=1, max_size=12), modes)
def test_a_reduce_only_order_never_opens_or_grows_a_position(
    script: list[tuple[int, list[Trade | TransferRequest]]], mode: MarginMode
) -> None:
    """After one, the position has the old sign or none, and is no larger (I11)."""

    def check(venue: SimulatedVenue, before: Account, action: object) -> None:
        if isinstance(action, Trade) and (action.reduce_only or action.type is OrderType.STOP):
            old = before.positions[action.symbol].quantity if action.symbol in before.positions else ZERO
            held = venue.state.account.positions.get(action.symbol)
            new = held.quantity if held else ZERO
            assert abs(new) <= abs(old)
            assert new * old >= 0

    asyncio.run(live(script, mode, check))


@given(st.lists(hours, min_size=1, max_size=12), modes, st.randoms())
def test_fills_told_twice_and_in_any_order_make_the_same_book(
    script: list[tuple[int, list[Trade | TransferRequest]]], mode: MarginMode, chance: object
) -> None:
    """The fills of all reports, doubled, shuffled and taken once by trade id, sum to the coins of the ledger (I18)."""

    def check(venue: SimulatedVenue, _: Account, __: object) -> None:
        fills = [fill for report in venue.state.reports for fill in report.fills] * 2
        chance.shuffle(fills)  # type: ignore[attr-defined]
        once: dict[str, Fill] = {fill.trade_id: fill for fill in fills}
        bought = sum((f.quantity * f.side.sign for f in once.values() if f.symbol == BTC), ZERO)
        entries = venue.state.entries
        booked = (e.change for e in entries if e.kind is EntryKind.FILL and e.asset == "BTC")
        assert bought == sum(booked, ZERO)
        of_trades = [e for e in entries if e.kind is EntryKind.FEE and not e.reference.startswith("delivery")]
        fees = sum((e.change for e in of_trades), ZERO)
        assert sum((f.fee for f in once.values()), ZERO) == -fees

    asyncio.run(live(script, mode, check))


@given(st.lists(hours, min_size=6, max_size=12), modes)
def test_a_delivered_contract_leaves_nothing_behind(
    script: list[tuple[int, list[Trade | TransferRequest]]], mode: MarginMode
) -> None:
    """From five o'clock on neither a position nor an order of it, whatever was done before and is tried after."""

    def check(venue: SimulatedVenue, _: Account, __: object) -> None:
        if venue.state.moment >= NOON + 5 * HOUR:
            account = venue.state.account
            assert DATED not in account.positions
            assert DATED not in {order.symbol for order in account.open_orders.values()}

    asyncio.run(live(script, mode, check))


@given(st.lists(st.tuples(sides, sizes, st.integers(50_000, 90_000)), min_size=1, max_size=20), st.integers(1, 99_999))
def test_realised_and_unrealised_profit_are_the_value_of_all_trades(
    made: list[tuple[Side, Decimal, int]], mark: int
) -> None:
    """Σ quantity × (mark − price), however entries were averaged, reduced or flipped on the way."""
    position: Position | None = None
    realised = value = ZERO
    for side, quantity, price in made:
        fresh = Position(
            symbol=PERP,
            quantity=quantity * side.sign,
            entry_price=d(price),
            margin_mode=MarginMode.CROSS,
            leverage=d(3),
        )
        position, profit = traded(position, fresh, a_perpetual())
        realised += profit
        value += quantity * side.sign * (mark - price)
    unrealised = a_perpetual().profit(position.quantity, position.entry_price, d(mark)) if position else ZERO
    assert abs(realised + unrealised - value) < Decimal("1e-15")
