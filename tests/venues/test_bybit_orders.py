"""Orders at Bybit through the gateway: sent once, found by our id, told with their fills and fees, refused by code."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from bot.domain.order import Liquidity, OrderStatus, OrderType, Side
from bot.errors import OrderRejected, OutcomeUnknown
from tests.emulator.bybit.memory import memory_of
from tests.venues.rig import PERP, SPOT, Rig, order, rigged


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    """A funded account that may trade, looked at once."""
    async with rigged("bybit") as one:
        await one.gateway.snapshot()
        yield one


async def test_a_spot_buy_and_sale_are_told_with_fees_in_what_came_in(rig: Rig) -> None:
    """0.1 % of the coins for a buy, of the money for a sale; market orders carry no price."""
    for side, coin in ((Side.BUY, "BTC"), (Side.SELL, "USDT")):
        report = await rig.gateway.place(f"spot-{side}", order(SPOT, side, "0.01"))
        (fill,) = report.fills
        came_in = fill.quantity if side is Side.BUY else fill.quantity * fill.price
        assert (report.status, report.filled, fill.liquidity) == (OrderStatus.FILLED, Decimal("0.01"), Liquidity.TAKER)
        assert (fill.fee_asset, fill.fee) == (coin, came_in * Decimal("0.001"))
    sent = [ask.json for ask in rig.server.asks if ask.path == "/v5/order/create"]
    assert [(one["marketUnit"], "price" in one) for one in sent] == [("baseCoin", False)] * 2


async def test_a_hedge_is_opened_reduced_and_cannot_be_reduced_below_nothing(rig: Rig) -> None:
    """Short 0.03, buy back 0.01, then the rest; the next reduce-only buy is 110017."""
    await rig.gateway.place("hedge1", order(PERP, Side.SELL, "0.03"))
    assert rig.server.core.positions()[PERP].quantity == Decimal("-0.03")
    for name, quantity in (("hedge2", "0.01"), ("hedge3", "0.02")):
        report = await rig.gateway.place(name, order(PERP, Side.BUY, quantity, reduce_only=True))
        (fill,) = report.fills
        assert (report.status, fill.fee_asset) == (OrderStatus.FILLED, "USDT")
        assert fill.fee == fill.quantity * fill.price * rig.server.core.instruments[PERP].taker_fee
    assert rig.server.core.positions() == {}
    with pytest.raises(OrderRejected) as refusal:
        await rig.gateway.place("hedge4", order(PERP, Side.BUY, "0.01", reduce_only=True))
    assert refusal.value.code == "110017"


async def test_a_dated_contract_is_shorted_like_a_perpetual(rig: Rig) -> None:
    """The carry's future has an id of its own, BTCUSDT-DDMMMYY."""
    dated = next(s for s in rig.server.core.instruments if s.startswith("BTC/USDT:USDT-"))
    report = await rig.gateway.place("dated1", order(dated, Side.SELL, "0.01"))
    assert (report.status, report.symbol) == (OrderStatus.FILLED, dated)
    assert (await rig.gateway.snapshot()).positions[dated].quantity == Decimal("-0.01")


async def test_an_immediate_or_cancel_order_takes_what_is_there(rig: Rig) -> None:
    """A thin book gives 0.004 of 0.01; the rest is cancelled, in spot and for a contract."""
    for symbol in (SPOT, PERP):
        rig.server.core.thin(symbol, Decimal("0.004"))
        asked = order(symbol, Side.BUY, "0.01", type=OrderType.LIMIT_IOC, price=rig.price(symbol, "1.01"))
        report = await rig.gateway.place(f"ioc-{len(symbol)}", asked)
        assert (report.status, report.ordered, report.filled) == (
            OrderStatus.CANCELLED,
            Decimal("0.01"),
            Decimal("0.004"),
        )


async def test_a_post_only_order_rests_is_listed_and_is_cancelled_by_our_id(rig: Rig) -> None:
    """What rests shows in the snapshot with its price, and is gone after the cancel; a second cancel is no error."""
    for symbol, quantity in ((SPOT, "0.002"), (PERP, "0.01")):
        name, low = f"post-{len(symbol)}", rig.price(symbol, "0.97")
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


async def test_a_post_only_order_that_would_take_comes_back_cancelled(rig: Rig) -> None:
    """Bybit accepts it first: the report is of an order that fell, and nothing was bought."""
    before = rig.holding("BTC")
    asked = order(SPOT, Side.BUY, "0.01", type=OrderType.POST_ONLY, price=rig.price(SPOT, "1.01"))
    report = await rig.gateway.place("fell1", asked)
    assert (report.status, report.filled) == (OrderStatus.CANCELLED, 0)
    assert rig.holding("BTC") == before


async def test_a_resting_order_that_was_met_is_told_as_made(rig: Rig) -> None:
    """Half of it fills at its price, as maker; the report has that half and the order is still open."""
    low = rig.price(PERP, "0.99")
    await rig.gateway.place("maker1", order(PERP, Side.BUY, "0.02", type=OrderType.POST_ONLY, price=low))
    (resting,) = rig.server.core.open_orders(PERP)
    rig.server.core.fill(resting.number, Decimal("0.01"))
    found = await rig.gateway.find("maker1", PERP)
    assert found is not None
    assert (found.status, found.filled) == (OrderStatus.OPEN, Decimal("0.01"))
    assert [(fill.price, fill.liquidity) for fill in found.fills] == [(low, Liquidity.MAKER)]
    (shown,) = (await rig.gateway.snapshot()).open_orders
    assert shown.remaining == Decimal("0.01")


async def test_a_stop_waits_by_the_mark_and_is_found_and_cancelled_like_any_order(rig: Rig) -> None:
    """Reduce-only, triggered by the mark, the direction from its side; a short's stop lies above."""
    await rig.gateway.place("short1", order(PERP, Side.SELL, "0.02"))
    above = rig.price(PERP, "1.2")
    asked = order(PERP, Side.BUY, "0.02", type=OrderType.STOP, trigger=above, reduce_only=True)
    assert (await rig.gateway.place("stop1", asked)).status is OrderStatus.OPEN
    sent = rig.server.asks[[ask.path for ask in rig.server.asks].index("/v5/order/create") :]
    stop = [ask.json for ask in sent if ask.path == "/v5/order/create"][-1]
    assert (stop["triggerDirection"], stop["triggerBy"], stop["reduceOnly"]) == (1, "MarkPrice", True)
    (shown,) = (await rig.gateway.snapshot()).open_orders
    assert (shown.client_order_id, shown.price, shown.type, shown.reduce_only) == (
        "stop1",
        above,
        OrderType.STOP,
        True,
    )
    await rig.gateway.cancel("stop1", PERP)
    found = await rig.gateway.find("stop1", PERP)
    assert found is not None
    assert found.status is OrderStatus.CANCELLED


async def test_an_order_is_found_where_it_is_however_late_the_history_comes(rig: Rig) -> None:
    """By id among the recent ones while the history is a minute late; in the history once the venue restarted."""
    rig.server.core.visible_after_ms = 60_000
    await rig.gateway.place("late1", order(PERP, Side.SELL, "0.01"))
    assert (await rig.gateway.find("late1", PERP)) is not None
    rig.server.core.visible_after_ms = 0
    memory_of(rig.server.core).restarted_ms = rig.server.core.now_ms() + 1
    found = await rig.gateway.find("late1", PERP)
    assert found is not None
    assert found.status is OrderStatus.FILLED


async def test_an_order_that_was_never_sent_is_not_found_after_three_looks(rig: Rig) -> None:
    """Open, closed, open again: none of the three knows the id, and no orderId=None is asked for."""
    before = len(rig.server.asks)
    assert await rig.gateway.find("never", PERP) is None
    asked = rig.server.asks[before:]
    assert [ask.path for ask in asked] == ["/v5/order/realtime", "/v5/order/history", "/v5/order/realtime"]
    assert {(ask.params.get("orderLinkId"), ask.params.get("orderId")) for ask in asked} == {("never", None)}


async def test_an_id_sent_twice_is_unknown_and_never_a_second_order(rig: Rig) -> None:
    """170141 and 110072 say that the id is taken: the outcome is looked up, nothing is taken for rejected."""
    for symbol, code in ((SPOT, "170141"), (PERP, "110072")):
        name = f"twice-{len(symbol)}"
        await rig.gateway.place(name, order(symbol, Side.SELL, "0.01"))
        with pytest.raises(OutcomeUnknown, match=code):
            await rig.gateway.place(name, order(symbol, Side.SELL, "0.01"))
        assert len(rig.server.core.fills(symbol)) == 1


@pytest.mark.parametrize(
    ("symbol", "quantity", "times", "code"),
    [
        (SPOT, "50", "0.99", "170131"),
        (PERP, "50", "0.99", "110007"),
        (SPOT, "0.00001", "0.95", "170140"),
        (PERP, "0.01", "0.5", "110003"),
        (SPOT, "0.01", "0.5", "170132"),
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
    ("call", "fault", "expected"),
    [
        ("place", "venue-unknown", OutcomeUnknown),
        ("place", "venue-busy", OutcomeUnknown),
        ("place", "http-502-html", OutcomeUnknown),
        ("place", "html-200", OutcomeUnknown),
        ("place", "object-200", OutcomeUnknown),
        ("place", "venue-rate-limit", OrderRejected),
        ("place", "clock-skew", OrderRejected),
        ("place", "bad-key", OrderRejected),
        ("place", "maintenance", OutcomeUnknown),
    ],
)
async def test_only_a_code_on_the_list_means_rejected(
    call: str, fault: str, expected: type[Exception], rig: Rig
) -> None:
    """Server errors and pages instead of answers leave the outcome unknown; the order may well have been taken."""
    rig.server.faults.next(call, fault)
    with pytest.raises(expected):
        await rig.gateway.place("fault1", order(SPOT, Side.BUY, "0.01"))
    assert len([ask for ask in rig.server.asks if ask.path == "/v5/order/create"]) == 1
    found = await rig.gateway.find("fault1", SPOT)
    assert (found is not None) == bool(rig.server.core.fills(SPOT))
