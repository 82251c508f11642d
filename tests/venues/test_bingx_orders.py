"""Orders at BingX through the gateway: sent once, found by our id, told with their fills and fees, refused by code."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.order import Liquidity, OrderStatus, OrderType, Side
from bot.errors import OrderRejected, OutcomeUnknown, SnapshotUnavailable
from bot.venues.finding import fill_of
from tests.emulator.bingx.memory import memory_of
from tests.emulator.core import NewOrder
from tests.venues.rig import PERP, SPOT, Rig, order, rigged

PLACE = {SPOT: "/openApi/spot/v1/trade/order", PERP: "/openApi/swap/v2/trade/order"}


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    """A hedged account that may trade, looked at once; its contracts are left as they are set."""
    async with rigged("bingx", books="hedged") as one:
        await one.gateway.snapshot()
        one.gateway._setting = None
        yield one


def sent(rig: Rig, symbol: str) -> list[dict[str, str]]:
    """Return the parameters of every order sent for a market."""
    return [ask.params for ask in rig.server.asks if (ask.method, ask.path) == ("POST", PLACE[symbol])]


async def test_a_spot_buy_and_sale_are_told_with_fees_in_what_came_in(rig: Rig) -> None:
    """0.1 % of the coins for a buy, of the money for a sale; market orders carry a quantity and no price."""
    for side, coin in ((Side.BUY, "BTC"), (Side.SELL, "USDT")):
        report = await rig.gateway.place(f"spot{side}", order(SPOT, side, "0.01"))
        (fill,) = report.fills
        came_in = fill.quantity if side is Side.BUY else fill.quantity * fill.price
        assert (report.status, report.filled, fill.liquidity) == (OrderStatus.FILLED, Decimal("0.01"), Liquidity.TAKER)
        assert (fill.fee_asset, fill.fee) == (coin, came_in * Decimal("0.001"))
    assert [(one["quantity"], "price" in one, "quoteOrderQty" in one) for one in sent(rig, SPOT)] == [
        ("0.01", False, False)
    ] * 2


async def test_a_hedge_is_reduced_and_cannot_be_reduced_below_nothing(rig: Rig) -> None:
    """Of a short of 0.3 first 0.1, then the rest is bought back; the next reduce-only buy is 101290."""
    for name, quantity in (("hedge1", "0.1"), ("hedge2", "0.2")):
        report = await rig.gateway.place(name, order(PERP, Side.BUY, quantity, reduce_only=True))
        assert report.status is OrderStatus.FILLED
        taken = sum(fill.quantity * fill.price for fill in report.fills)
        assert sum(fill.fee for fill in report.fills) == taken * rig.server.core.instruments[PERP].taker_fee
    assert rig.server.core.positions() == {}
    assert {(one["positionSide"], one["reduceOnly"]) for one in sent(rig, PERP)} == {("BOTH", "true")}
    with pytest.raises(OrderRejected) as refusal:
        await rig.gateway.place("hedge3", order(PERP, Side.BUY, "0.01", reduce_only=True))
    assert refusal.value.code == "101290"


async def test_a_hedge_is_opened(rig: Rig) -> None:
    """Selling more makes the short longer; the position in the snapshot is the one behind the emulator."""
    await rig.gateway.place("open1", order(PERP, Side.SELL, "0.05"))
    assert (await rig.gateway.snapshot()).positions[PERP].quantity == Decimal("-0.35")


async def test_a_contracts_trade_has_its_own_time_id_and_role(rig: Rig) -> None:
    """Not the clock of Hangzhou under the sign of UTC (which is eight hours in the future), and not "None"."""
    await rig.pass_time(timedelta(minutes=3))
    report = await rig.gateway.place("time1", order(PERP, Side.BUY, "0.01"))
    (fill,) = report.fills
    assert (fill.at, fill.trade_id.isdigit()) == (rig.clock.now(), True)


async def test_an_immediate_or_cancel_order_takes_what_is_there(rig: Rig) -> None:
    """A thin book gives 0.004 of 0.01; the rest is cancelled, in spot and for a contract."""
    for symbol in (SPOT, PERP):
        rig.server.core.thin(symbol, Decimal("0.004"))
        asked = order(symbol, Side.BUY, "0.01", type=OrderType.LIMIT_IOC, price=rig.price(symbol, "1.01"))
        report = await rig.gateway.place(f"ioc{len(symbol)}", asked)
        assert (report.status, report.filled) == (OrderStatus.CANCELLED, Decimal("0.004"))
        assert sent(rig, symbol)[-1]["timeInForce"] == "IOC"


async def test_a_post_only_order_rests_is_listed_and_is_cancelled_by_our_id(rig: Rig) -> None:
    """What rests shows in the snapshot with its price, and is gone after the cancel; a second cancel is no error."""
    for symbol, quantity in ((SPOT, "0.002"), (PERP, "0.01")):
        name, low = f"post{len(symbol)}", rig.price(symbol, "0.97")
        asked = order(symbol, Side.BUY, quantity, type=OrderType.POST_ONLY, price=low)
        assert (await rig.gateway.place(name, asked)).status is OrderStatus.OPEN
        (resting,) = (await rig.gateway.snapshot()).open_orders
        assert (resting.client_order_id, resting.symbol, resting.price) == (name, symbol, low)
        assert (resting.remaining, resting.reduce_only, resting.type) == (
            Decimal(quantity),
            False,
            OrderType.POST_ONLY,
        )
        await rig.gateway.cancel(name, symbol)
        await rig.gateway.cancel(name, symbol)
        found = await rig.gateway.find(name, symbol)
        assert found is not None
        assert (found.status, found.filled) == (OrderStatus.CANCELLED, 0)


@pytest.mark.parametrize(("symbol", "code"), [(SPOT, "100400"), (PERP, "101215")])
async def test_a_post_only_order_that_would_take_is_rejected(symbol: str, code: str, rig: Rig) -> None:
    """Nothing is bought, and spot and contracts say it in their own words."""
    asked = order(symbol, Side.BUY, "0.01", type=OrderType.POST_ONLY, price=rig.price(symbol, "1.01"))
    with pytest.raises(OrderRejected) as refusal:
        await rig.gateway.place("fell1", asked)
    assert refusal.value.code == code
    assert rig.server.core.fills() == ()


async def test_a_resting_order_that_was_met_is_told_as_made(rig: Rig) -> None:
    """Half of it fills at its price, as maker; the report has that half and the order is still open."""
    for symbol in (SPOT, PERP):
        name, low = f"maker{len(symbol)}", rig.price(symbol, "0.99")
        await rig.gateway.place(name, order(symbol, Side.BUY, "0.02", type=OrderType.POST_ONLY, price=low))
        (resting,) = rig.server.core.open_orders(symbol)
        rig.server.core.fill(resting.number, Decimal("0.01"))
        found = await rig.gateway.find(name, symbol)
        assert found is not None
        assert (found.status, found.filled) == (OrderStatus.OPEN, Decimal("0.01"))
        assert [(fill.price, fill.liquidity) for fill in found.fills] == [(low, Liquidity.MAKER)]


async def test_a_rebate_stays_money_received(rig: Rig) -> None:
    """Ccxt drops the sign of a fee (VENUES 4.5): what the raw row says was received is a fee below zero."""
    connection = rig.gateway.connection
    client = connection.clients[(await rig.gateway.snapshot()).instruments[SPOT].wallet]
    raw = {
        "symbol": "BTC-USDT",
        "id": 1,
        "orderId": 2,
        "price": "60000",
        "qty": "0.01",
        "quoteQty": "600",
        "commission": "0.06",
        "commissionAsset": "USDT",
        "time": 1795428000000,
        "isBuyer": False,
        "isMaker": True,
    }
    row = client.parse_trade(raw, client.market(SPOT))
    found = fill_of(row, (await rig.gateway.snapshot()).instruments[SPOT], "rebate1", connection)
    assert (found.fee, found.fee_asset) == (Decimal("-0.06"), "USDT")


async def test_a_stop_is_not_sent_and_a_strange_one_is_seen(rig: Rig) -> None:
    """The venue keeps no id of ours with a stop: none is sent; one that somebody else set is in the snapshot."""
    above = rig.price(PERP, "1.2")
    asked = order(PERP, Side.BUY, "0.3", type=OrderType.STOP, trigger=above, reduce_only=True)
    with pytest.raises(OrderRejected, match="takes no stop") as refusal:
        await rig.gateway.place("stop1", asked)
    assert refusal.value.code == "not-sent"
    assert sent(rig, PERP) == []
    rig.server.core.place(
        NewOrder(
            symbol=PERP,
            side=Side.BUY,
            quantity=Decimal("0.3"),
            price=None,
            type=OrderType.STOP,
            reduce_only=True,
            trigger=above,
        )
    )
    (shown,) = (await rig.gateway.snapshot()).open_orders
    assert (shown.price, shown.type, shown.reduce_only) == (above, OrderType.STOP, True)
    assert shown.client_order_id.isdigit()


async def test_ids_are_found_in_whatever_letters_they_were_sent(rig: Rig) -> None:
    """Contracts keep them in small letters, spot as they came; both are found, and so is what they became."""
    for symbol in (SPOT, PERP):
        name = f"hAbC{len(symbol)}"
        await rig.gateway.place(name, order(symbol, Side.BUY, "0.01"))
        found = await rig.gateway.find(name, symbol)
        assert found is not None
        assert found.status is OrderStatus.FILLED


async def test_spot_orders_are_found_after_the_venue_forgot_our_id(rig: Rig) -> None:
    """After two hours the lists are looked through before an order is taken not to be."""
    low = rig.price(SPOT, "0.9")
    await rig.gateway.place("old1", order(SPOT, Side.BUY, "0.01"))
    await rig.gateway.place("old2", order(SPOT, Side.BUY, "0.01", type=OrderType.POST_ONLY, price=low))
    rig.server.core.live(timedelta(hours=3))
    before = len(rig.server.asks)
    found = [await rig.gateway.find(name, SPOT) for name in ("old1", "old2")]
    assert [one.status for one in found if one is not None] == [OrderStatus.FILLED, OrderStatus.OPEN]
    lists = [path for path in rig.paths(before) if path.endswith(("openOrders", "historyOrders"))]
    assert len(lists) == 3


async def test_an_order_that_was_never_sent_is_not_found(rig: Rig) -> None:
    """Spot by id and in the lists, a contract by id: no orderId=None is ever asked for (VENUES 0.4)."""
    before = len(rig.server.asks)
    for symbol in (SPOT, PERP):
        assert await rig.gateway.find("never", symbol) is None
    asked = rig.server.asks[before:]
    assert [ask.path.removeprefix("/openApi/") for ask in asked] == [
        "spot/v1/trade/query",
        "spot/v1/trade/openOrders",
        "spot/v1/trade/historyOrders",
        "spot/v1/trade/openOrders",
        "swap/v2/trade/order",
    ]
    assert {ask.params.get("orderId") for ask in asked} == {None}


async def test_an_id_sent_twice_is_unknown_and_never_a_second_order(rig: Rig) -> None:
    """109201 and 101481 say that the id is taken: the outcome is looked up, nothing is taken for rejected."""
    for symbol, code in ((SPOT, "109201"), (PERP, "101481")):
        name = f"twice{len(symbol)}"
        await rig.gateway.place(name, order(symbol, Side.SELL, "0.01"))
        with pytest.raises(OutcomeUnknown, match=code):
            await rig.gateway.place(name, order(symbol, Side.SELL, "0.01"))
        assert len(rig.server.core.fills(symbol)) == 1


async def test_an_order_taken_without_our_id_is_not_taken_for_ours(rig: Rig) -> None:
    """The documents write clientOrderId, ccxt sends clientOrderID: an answer without it leaves the outcome open."""
    memory_of(rig.server.core).drops_ids = True
    with pytest.raises(OutcomeUnknown, match="not our id with it"):
        await rig.gateway.place("echo1", order(PERP, Side.BUY, "0.01"))
    assert len(sent(rig, PERP)) == 1


@pytest.mark.parametrize(
    ("symbol", "quantity", "times", "code"),
    [
        (SPOT, "50", "0.99", "100202"),
        (PERP, "50", "0.99", "101204"),
        (SPOT, "0.00001", "0.95", "100400"),
        (PERP, "0.01", "0.5", "101211"),
        (SPOT, "0.01", "0.5", "100440"),
    ],
)
async def test_what_the_venue_refuses_is_rejected_with_its_code(
    symbol: str, quantity: str, times: str, code: str, rig: Rig
) -> None:
    """Too much, too little, too far: one request, one code, nothing rests."""
    asked = order(symbol, Side.BUY, quantity, type=OrderType.POST_ONLY, price=rig.price(symbol, times))
    with pytest.raises(OrderRejected) as refusal:
        await rig.gateway.place("refused1", asked)
    assert refusal.value.code == code
    assert rig.server.core.open_orders() == ()


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("venue-unknown", OutcomeUnknown),
        ("venue-busy", OutcomeUnknown),
        ("http-502-html", OutcomeUnknown),
        ("html-200", OutcomeUnknown),
        ("object-200", OutcomeUnknown),
        ("list-200", OutcomeUnknown),
        ("maintenance", OutcomeUnknown),
        ("venue-rate-limit", OutcomeUnknown),
        ("clock-skew", OrderRejected),
        ("rejected", OrderRejected),
        ("bad-key", OrderRejected),
    ],
)
@pytest.mark.parametrize("symbol", [SPOT, PERP])
async def test_only_a_code_on_the_list_means_rejected(
    symbol: str, fault: str, expected: type[Exception], rig: Rig
) -> None:
    """80012, 100500 and 100410, server errors and pages instead of answers leave it open: it may have been taken."""
    rig.server.faults.next("place", fault)
    with pytest.raises(expected):
        await rig.gateway.place("fault1", order(symbol, Side.BUY, "0.01"))
    assert len(sent(rig, symbol)) == 1
    found = await rig.gateway.find("fault1", symbol)
    assert (found is not None) == bool(rig.server.core.fills(symbol))


async def test_trades_that_do_not_come_are_waited_for_and_never_made_up(rig: Rig) -> None:
    """A filled order whose trades cannot be read is unknown, not filled without a fee."""
    rig.server.faults.next("fills", "http-503", times=500)
    with pytest.raises(OutcomeUnknown):
        await rig.gateway.place("slow1", order(PERP, Side.BUY, "0.01"))
    with pytest.raises(SnapshotUnavailable, match="fills"):
        await rig.gateway.find("slow1", PERP)
    rig.server.faults.clear()
    found = await rig.gateway.find("slow1", PERP)
    assert found is not None
    assert found.status is OrderStatus.FILLED
