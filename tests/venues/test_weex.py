"""WEEX through the gateway: legs, amounts in coins, wallets nobody can move money between, and books that close."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.instrument import WalletKind
from bot.domain.ledger import EntryKind
from bot.domain.mode import Mode
from bot.domain.order import OrderStatus, OrderType, Side, TransferRequest
from bot.domain.snapshot import MarginMode, Wallets
from bot.errors import OrderRejected, OutcomeUnknown, SnapshotUnavailable
from tests.emulator.orders import NewOrder
from tests.emulator.weex.memory import memory_of
from tests.venues.rig import MOMENT, PERP, SPOT, Rig, held, order, rigged

LINEAR, COINS = WalletKind.LINEAR, WalletKind.SPOT
CREATES = ("/api/v3/order", "/capi/v3/order")
HOUR_AGO = int((MOMENT - timedelta(hours=1)).timestamp() * 1000) * 1000


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    """A funded account, looked at once."""
    async with rigged("weex") as one:
        await one.gateway.snapshot()
        yield one


def creates(rig: Rig) -> int:
    """How many orders were asked for."""
    return len([ask for ask in rig.server.asks if ask.method == "POST" and ask.path in CREATES])


async def test_a_snapshot_has_both_wallets_apart_and_contracts_in_coins(rig: Rig) -> None:
    """20,000 USDT of margin beside the spot wallet; ccxt's size of 0.0001 is not believed; tiers are assumed."""
    seen = await rig.gateway.snapshot()
    assert seen.wallets is Wallets.APART
    assert {b.asset: b.total for b in seen.balances if b.wallet is LINEAR} == {"USDT": 20_000}
    assert held(seen, "BTC") == rig.holding("BTC")
    perp = seen.instruments[PERP]
    assert (perp.contract_size, perp.min_notional, perp.tiers[0].rate) == (1, 5, Decimal("0.01"))
    quote, told = seen.quotes[PERP], rig.server.core.quotes()[PERP]
    assert (quote.bid, quote.ask, quote.mark, quote.index) == (told.bid, told.ask, told.mark, told.index)
    funding = seen.funding[PERP]
    assert (funding.rate, funding.interval_hours) == (rig.server.core.funding()[PERP].rate, 8)
    assert funding.next_at > seen.taken_at


async def test_a_short_is_a_leg_that_only_a_reduce_only_buy_closes(rig: Rig) -> None:
    """Sell 0.05, buy back 0.02 reduce-only; a plain buy would open a long leg beside it, and does not leave."""
    await rig.gateway.place("h1", order(PERP, Side.SELL, "0.05"))
    report = await rig.gateway.place("h2", order(PERP, Side.BUY, "0.02", reduce_only=True))
    assert (report.status, report.filled, report.fills[0].fee_asset) == (OrderStatus.FILLED, Decimal("0.02"), "USDT")
    seen = await rig.gateway.snapshot()
    position = seen.positions[PERP]
    assert (position.quantity, position.margin_mode, position.leverage) == (Decimal("-0.03"), MarginMode.CROSS, 5)
    sent = creates(rig)
    with pytest.raises(OrderRejected, match="second leg"):
        await rig.gateway.place("h3", order(PERP, Side.BUY, "0.01"))
    assert creates(rig) == sent
    asked = [ask.json for ask in rig.server.asks if (ask.method, ask.path) == ("POST", CREATES[1])]
    assert [(one["side"], one["positionSide"]) for one in asked] == [("SELL", "SHORT"), ("BUY", "SHORT")]


async def test_a_second_leg_is_refused_without_another_look(rig: Rig) -> None:
    """The short is younger than the last snapshot: what is open is asked for before an order that could open."""
    await rig.gateway.place("h1", order(PERP, Side.SELL, "0.05"))
    with pytest.raises(OrderRejected, match="second leg") as refusal:
        await rig.gateway.place("h2", order(PERP, Side.BUY, "0.01"))
    assert refusal.value.code == "not-sent"
    assert creates(rig) == 1
    assert (await rig.gateway.snapshot()).positions[PERP].quantity == Decimal("-0.05")


async def test_two_legs_of_one_contract_are_never_taken_for_one(rig: Rig) -> None:
    """A person bought a long leg beside the short by hand: no snapshot, and no order that could open more."""
    await rig.gateway.place("h1", order(PERP, Side.SELL, "0.05"))
    core = rig.server.core
    bought = NewOrder(symbol=PERP, side=Side.BUY, quantity=Decimal("0.02"), price=None, type=OrderType.MARKET)
    memory_of(core).legs[core.place(bought).number] = "LONG"
    with pytest.raises(SnapshotUnavailable, match="a long and a short position at once"):
        await rig.gateway.snapshot()
    with pytest.raises(OrderRejected, match="nothing was sent"):
        await rig.gateway.place("h2", order(PERP, Side.SELL, "0.01"))
    assert creates(rig) == 1


async def test_spot_orders_are_told_with_their_fees_in_what_came_in(rig: Rig) -> None:
    """A buy pays 0.1 % in coins, a sale in money; amounts are coins, and a market order has no price."""
    bought = await rig.gateway.place("h1", order(SPOT, Side.BUY, "0.01"))
    sold = await rig.gateway.place("h2", order(SPOT, Side.SELL, "0.01"))
    assert (bought.fills[0].fee, bought.fills[0].fee_asset) == (Decimal("0.00001"), "BTC")
    assert sold.fills[0].fee_asset == "USDT"
    asked = [ask.json for ask in rig.server.asks if (ask.method, ask.path) == ("POST", CREATES[0])]
    assert [("price" in one, one["newClientOrderId"]) for one in asked] == [(False, "h1"), (False, "h2")]


async def test_an_order_that_rests_is_found_and_taken_back_by_our_id(rig: Rig) -> None:
    """Post-only as a contract, found open, cancelled by our id, found cancelled; a strange id is nothing."""
    price = rig.price(PERP, "1.03")
    report = await rig.gateway.place("h1", order(PERP, Side.SELL, "0.01", type=OrderType.POST_ONLY, price=price))
    assert report.status is OrderStatus.OPEN
    (resting,) = (await rig.gateway.snapshot()).open_orders
    assert (resting.client_order_id, resting.remaining, resting.price) == ("h1", Decimal("0.01"), price)
    await rig.gateway.cancel("h1", PERP)
    found = await rig.gateway.find("h1", PERP)
    assert found is not None
    assert found.status is OrderStatus.CANCELLED
    assert await rig.gateway.find("h2", PERP) is None
    assert await rig.gateway.find("h2", SPOT) is None
    await rig.gateway.cancel("h1", PERP)


@pytest.mark.parametrize("type_", [OrderType.STOP, OrderType.POST_ONLY])
async def test_what_spot_does_not_take_never_leaves(rig: Rig, type_: OrderType) -> None:
    """Refused by the row before anything is sent."""
    price = None if type_ is OrderType.STOP else rig.price(SPOT, "0.97")
    given = {"trigger": Decimal(50_000), "reduce_only": True} if type_ is OrderType.STOP else {}
    with pytest.raises(OrderRejected) as refusal:
        await rig.gateway.place("h1", order(SPOT, Side.SELL, "0.01", type=type_, price=price, **given))
    assert refusal.value.code == "not-sent"
    assert creates(rig) == 0


async def test_a_lack_of_money_shares_its_code_with_a_fault_and_is_taken_to_be_unknown(rig: Rig) -> None:
    """-1054 proves nothing: the outcome is unknown, one request left, and looking finds no order.

    The venue looks up a contract's order by its own id only. Ours is looked for in the lists; where they have no row
    at all, they prove nothing either.
    """
    with pytest.raises(OutcomeUnknown):
        await rig.gateway.place("h1", order(PERP, Side.SELL, "900"))
    assert creates(rig) == 1
    with pytest.raises(SnapshotUnavailable, match="lists no order at all"):
        await rig.gateway.find("h1", PERP)
    await rig.gateway.place("h2", order(PERP, Side.SELL, "0.01"))
    assert await rig.gateway.find("h1", PERP) is None


async def test_an_order_that_shows_late_in_the_past_is_waited_for(rig: Rig) -> None:
    """A second passes until the lists tell of what filled: it is found then, and nothing is sent again."""
    rig.server.core.visible_after_ms = 1_000
    report = await rig.gateway.place("h1", order(PERP, Side.SELL, "0.01"))
    assert (report.status, report.filled) == (OrderStatus.FILLED, Decimal("0.01"))
    assert creates(rig) == 1


async def test_money_is_moved_by_hand_only(rig: Rig) -> None:
    """No transfer leaves; what a person moves shows as coming in, and the books close."""
    request = TransferRequest(asset="USDT", amount=Decimal(10), source=COINS, target=LINEAR)
    before = len(rig.server.asks)
    with pytest.raises(OrderRejected):
        await rig.gateway.transfer("t1", request)
    with pytest.raises(SnapshotUnavailable):
        await rig.gateway.find_transfer("t1", request, rig.clock.now())
    assert len(rig.server.asks) == before


async def test_the_ledger_has_trades_fees_and_funding_received_as_plus(rig: Rig) -> None:
    """A short is paid while the rate is positive; every change of both wallets is told, so the books close."""
    start = {coin: rig.holding(coin) for coin in ("USDT", "BTC")}
    await rig.gateway.place("h1", order(SPOT, Side.BUY, "0.01"))
    await rig.gateway.place("h2", order(PERP, Side.SELL, "0.05"))
    await rig.gateway.place("h3", order(PERP, Side.BUY, "0.02", reduce_only=True))
    await rig.pass_time(timedelta(hours=9))
    rig.server.core.flow("USDT", Decimal(25), LINEAR)
    rig.server.core.flow("USDT", Decimal(40))
    rig.server.core.flow("BTC", Decimal("-0.001"))
    entries = await rig.gateway.ledger(HOUR_AGO)
    kinds = {one.kind for one in entries}
    assert {EntryKind.FILL, EntryKind.FEE, EntryKind.FUNDING, EntryKind.DEPOSIT, EntryKind.WITHDRAWAL} <= kinds
    rate = rig.server.core.past_funding(PERP)[-1][1]
    paid = sum((one.change for one in entries if one.kind is EntryKind.FUNDING), Decimal(0))
    assert (paid > 0) == (rate > 0)
    for coin, before in start.items():
        told = sum((one.change for one in entries if one.asset == coin), Decimal(0))
        assert abs(before + told - rig.holding(coin)) < Decimal("1e-7")
    assert len({one.sequence for one in entries}) == len(entries)


async def test_leverage_is_set_before_the_first_contract_and_read_back(rig: Rig) -> None:
    """5x is asked for once; a second order asks for nothing more."""
    await rig.gateway.place("h1", order(PERP, Side.SELL, "0.01"))
    assert rig.server.core.leverage(PERP) == 5
    before = len(rig.paths())
    await rig.gateway.place("h2", order(PERP, Side.SELL, "0.01"))
    assert not any("leverage" in path.lower() or "Config" in path for path in rig.paths(before))


async def test_the_simulated_side_cannot_show_a_whole_account_so_nothing_is_planned_on_it() -> None:
    """It lists no open orders: the part is named, and no production path was asked."""
    async with rigged("weex", mode=Mode.DEMO) as rig:
        with pytest.raises(SnapshotUnavailable, match="open orders"):
            await rig.gateway.snapshot()
        private = [ask.path for ask in rig.server.asks if "access-key" in ask.headers]
        assert all(path.startswith("/capi/v3/sim/") for path in private)


async def test_one_look_takes_few_requests(rig: Rig) -> None:
    """Eighteen: purses twice, prices in four lists, resting orders in three, four order books, positions, the time."""
    await rig.gateway.snapshot()
    assert rig.gateway.requests == 18
