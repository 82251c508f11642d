"""Orders at MEXC through the gateway: sent once, found by our id, told with their fills and fees, refused by code."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from bot.domain.order import Liquidity, OrderStatus, OrderType, Side
from bot.errors import OrderRejected, OutcomeUnknown
from tests.emulator.mexc.memory import memory_of
from tests.venues.rig import PERP, SPOT, Rig, order, rigged
from tests.venues.test_mexc import move

CREATES = ("/api/v3/order", "/api/v1/private/order/create")


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    """A funded account that may trade, 10,000 USDT of it in the contract wallet, looked at once."""
    async with rigged("mexc") as one:
        await one.gateway.snapshot()
        await one.gateway.transfer("begin", move("10000"))
        yield one


def creates(rig: Rig) -> int:
    """How many orders were asked for."""
    return len([ask for ask in rig.server.asks if ask.method == "POST" and ask.path in CREATES])


async def test_a_spot_buy_and_sale_are_told_with_fees_in_what_came_in(rig: Rig) -> None:
    """0.1 % of the coins for a buy, of the money for a sale; market orders are in coins and carry no price."""
    for side, coin in ((Side.BUY, "BTC"), (Side.SELL, "USDT")):
        report = await rig.gateway.place(f"spot-{side}", order(SPOT, side, "0.01"))
        (fill,) = report.fills
        came_in = fill.quantity if side is Side.BUY else fill.quantity * fill.price
        assert (report.status, report.filled, fill.liquidity) == (OrderStatus.FILLED, Decimal("0.01"), Liquidity.TAKER)
        assert (fill.fee_asset, fill.fee) == (coin, came_in * Decimal("0.001"))
    sent = [ask.params for ask in rig.server.asks if (ask.method, ask.path) == ("POST", CREATES[0])]
    assert [(one["quantity"], one.keys() & {"price", "quoteOrderQty"}) for one in sent] == [("0.01", set())] * 2


async def test_a_hedge_is_opened_reduced_and_cannot_be_reduced_below_nothing(rig: Rig) -> None:
    """Short 300 contracts by side 3, buy back 100, then the rest by side 2; the next is 2009."""
    await rig.gateway.place("hedge1", order(PERP, Side.SELL, "300"))
    assert rig.server.core.positions()[PERP].quantity == -300
    for name, quantity in (("hedge2", "100"), ("hedge3", "200")):
        report = await rig.gateway.place(name, order(PERP, Side.BUY, quantity, reduce_only=True))
        (fill,) = report.fills
        assert (report.status, fill.side, fill.fee_asset) == (OrderStatus.FILLED, Side.BUY, "USDT")
        coins = fill.quantity * Decimal("0.0001")
        assert abs(fill.fee - coins * fill.price * rig.server.core.instruments[PERP].taker_fee) < Decimal("1e-9")
    assert rig.server.core.positions() == {}
    with pytest.raises(OrderRejected) as refusal:
        await rig.gateway.place("hedge4", order(PERP, Side.BUY, "100", reduce_only=True))
    assert refusal.value.code == "2009"
    sent = [ask.json for ask in rig.server.asks if ask.path == CREATES[1]]
    assert [(one["side"], one["positionMode"], one["openType"], one["leverage"]) for one in sent] == [
        (3, 2, 2, 5),
        *[(2, 2, 2, 5)] * 3,
    ]


async def test_more_than_is_open_is_never_closed(rig: Rig) -> None:
    """Reducing 300 of a short of 100 leaves nothing open, and nothing the other way."""
    await rig.gateway.place("small1", order(PERP, Side.SELL, "100"))
    report = await rig.gateway.place("small2", order(PERP, Side.BUY, "300", reduce_only=True))
    assert report.filled == 100
    assert rig.server.core.positions() == {}


async def test_an_immediate_or_cancel_order_takes_what_is_there_and_never_rests(rig: Rig) -> None:
    """A thin book gives part; the rest is cancelled, in spot by a type of its own and for a contract by type 3."""
    for symbol, asked, there in ((SPOT, "0.01", "0.004"), (PERP, "100", "40")):
        rig.server.core.thin(symbol, Decimal(there))
        wanted = order(symbol, Side.BUY, asked, type=OrderType.LIMIT_IOC, price=rig.price(symbol, "1.01"))
        report = await rig.gateway.place(f"ioc-{len(symbol)}", wanted)
        assert (report.status, report.ordered, report.filled) == (
            OrderStatus.CANCELLED,
            Decimal(asked),
            Decimal(there),
        )
    assert rig.server.core.open_orders() == ()
    spot, contract = [ask for ask in rig.server.asks if ask.method == "POST" and ask.path in CREATES]
    assert (spot.params["type"], contract.json["type"]) == ("IMMEDIATE_OR_CANCEL", 3)


async def test_a_post_only_order_rests_is_listed_and_is_cancelled_by_our_id(rig: Rig) -> None:
    """What rests shows in the snapshot under our id, and is gone after the cancel; a second cancel is no error."""
    for symbol, quantity in ((SPOT, "0.002"), (PERP, "100")):
        name, low = f"post-{len(symbol)}", rig.price(symbol, "0.97")
        asked = order(symbol, Side.BUY, quantity, type=OrderType.POST_ONLY, price=low)
        assert (await rig.gateway.place(name, asked)).status is OrderStatus.OPEN
        (resting,) = (await rig.gateway.snapshot()).open_orders
        assert (resting.client_order_id, resting.symbol, resting.price) == (name, symbol, low)
        assert (resting.side, resting.remaining, resting.reduce_only) == (Side.BUY, Decimal(quantity), False)
        await rig.gateway.cancel(name, symbol)
        await rig.gateway.cancel(name, symbol)
        found = await rig.gateway.find(name, symbol)
        assert found is not None
        assert (found.status, found.filled) == (OrderStatus.CANCELLED, 0)
    cancels = [ask.json for ask in rig.server.asks if ask.path.endswith("cancel_with_external")]
    assert cancels == [[{"symbol": "BTC_USDT", "externalOid": "post-13"}]] * 2


async def test_a_resting_order_that_closes_is_told_as_reduce_only(rig: Rig) -> None:
    """Side 2 rests: a buy that can only shorten the short."""
    await rig.gateway.place("short1", order(PERP, Side.SELL, "100"))
    low = rig.price(PERP, "0.97")
    closing = order(PERP, Side.BUY, "50", type=OrderType.POST_ONLY, price=low, reduce_only=True)
    await rig.gateway.place("close1", closing)
    (resting,) = (await rig.gateway.snapshot()).open_orders
    assert (resting.client_order_id, resting.side, resting.reduce_only) == ("close1", Side.BUY, True)


async def test_a_resting_order_that_was_met_is_told_as_made(rig: Rig) -> None:
    """Half of it fills at its price, as maker; the report has that half and the order is still open."""
    low = rig.price(PERP, "0.99")
    await rig.gateway.place("maker1", order(PERP, Side.SELL, "2", type=OrderType.MARKET))
    await rig.gateway.place("maker2", order(PERP, Side.BUY, "200", type=OrderType.POST_ONLY, price=low))
    (resting,) = rig.server.core.open_orders(PERP)
    rig.server.core.fill(resting.number, Decimal(100))
    found = await rig.gateway.find("maker2", PERP)
    assert found is not None
    assert (found.status, found.filled) == (OrderStatus.OPEN, 100)
    assert [(fill.price, fill.side, fill.liquidity) for fill in found.fills] == [(low, Side.BUY, Liquidity.MAKER)]
    (shown,) = (await rig.gateway.snapshot()).open_orders
    assert shown.remaining == 100


async def test_a_stop_is_refused_before_anything_is_sent(rig: Rig) -> None:
    """A plan order takes no id of ours: one sent twice could not be told from one sent once."""
    await rig.gateway.place("short1", order(PERP, Side.SELL, "100"))
    before = len(rig.server.asks)
    asked = order(PERP, Side.BUY, "100", type=OrderType.STOP, trigger=rig.price(PERP, "1.2"), reduce_only=True)
    with pytest.raises(OrderRejected, match="no stop order") as refusal:
        await rig.gateway.place("stop1", asked)
    assert (refusal.value.code, len(rig.server.asks)) == ("not-sent", before)


async def test_an_order_that_was_never_sent_is_known_to_be_absent(rig: Rig) -> None:
    """-2013 in spot and 2040 for a contract: ccxt calls neither of them not found, and asks for no order None."""
    before = len(rig.server.asks)
    assert await rig.gateway.find("never", SPOT) is None
    assert await rig.gateway.find("never", PERP) is None
    assert rig.paths(before) == ["GET /api/v3/order", "GET /api/v1/private/order/external/BTC_USDT/never"]
    assert rig.server.asks[before].params["origClientOrderId"] == "never"


async def test_an_order_is_found_at_once_however_late_the_history_comes(rig: Rig) -> None:
    """By our id, in both products; the lists of closed orders are never needed."""
    rig.server.core.visible_after_ms = 60_000
    for symbol, quantity in ((SPOT, "0.01"), (PERP, "100")):
        await rig.gateway.place(f"late-{len(symbol)}", order(symbol, Side.SELL, quantity))
        found = await rig.gateway.find(f"late-{len(symbol)}", symbol)
        assert found is not None
        assert found.status is OrderStatus.FILLED


async def test_an_id_sent_twice_never_makes_two_of_a_contract_order(rig: Rig) -> None:
    """The venue answers with the order it has: the second report is the first order's."""
    first = await rig.gateway.place("twice", order(PERP, Side.SELL, "100"))
    again = await rig.gateway.place("twice", order(PERP, Side.SELL, "100"))
    assert first.venue_order_id == again.venue_order_id
    assert rig.server.core.positions()[PERP].quantity == -100


async def test_a_word_for_an_id_that_rests_in_spot_is_unknown_and_found(rig: Rig) -> None:
    """No code for it is documented, so none means no; looked up, the order is there, once."""
    low = rig.price(SPOT, "0.97")
    asked = order(SPOT, Side.BUY, "0.002", type=OrderType.POST_ONLY, price=low)
    await rig.gateway.place("twice", asked)
    with pytest.raises(OutcomeUnknown):
        await rig.gateway.place("twice", asked)
    found = await rig.gateway.find("twice", SPOT)
    assert found is not None
    assert len(rig.server.core.open_orders()) == 1


@pytest.mark.parametrize(
    ("symbol", "quantity", "times", "code"),
    [
        (SPOT, "50", "0.99", "30004"),
        (PERP, "5000000", "0.99", "2005"),
        (SPOT, "0.00001", "0.95", "30002"),
        (PERP, "100", "0.5", "2003"),
        (SPOT, "0.01", "0.5", "30087"),
        (SPOT, "0.01", "1.01", "30041"),
        (PERP, "100", "1.01", "2007"),
    ],
)
async def test_what_the_venue_refuses_is_rejected_with_its_code(
    symbol: str, quantity: str, times: str, code: str, rig: Rig
) -> None:
    """Too much, too little, too far, or crossing: one request, one code, nothing rests."""
    asked = order(symbol, Side.BUY, quantity, type=OrderType.POST_ONLY, price=rig.price(symbol, times))
    with pytest.raises(OrderRejected) as refusal:
        await rig.gateway.place("refused1", asked)
    assert (refusal.value.code, creates(rig)) == (code, 1)
    assert rig.server.core.open_orders() == ()


async def test_an_account_without_the_permission_is_told_so_by_1002(rig: Rig) -> None:
    """Contract orders by API are opened account by account: a definite no, not an outcome to look for."""
    memory_of(rig.server.core).contracts_closed = True
    with pytest.raises(OrderRejected, match="not allow place order") as refusal:
        await rig.gateway.place("never", order(PERP, Side.SELL, "100"))
    assert refusal.value.code == "1002"


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("venue-unknown", OutcomeUnknown),
        ("venue-busy", OutcomeUnknown),
        ("http-502-html", OutcomeUnknown),
        ("html-200", OutcomeUnknown),
        ("object-200", OutcomeUnknown),
        ("maintenance", OutcomeUnknown),
        ("venue-rate-limit", OrderRejected),
        ("clock-skew", OrderRejected),
        ("bad-key", OrderRejected),
    ],
)
@pytest.mark.parametrize(("symbol", "quantity"), [(SPOT, "0.01"), (PERP, "100")])
async def test_only_a_code_on_the_list_means_rejected(
    fault: str, expected: type[Exception], symbol: str, quantity: str, rig: Rig
) -> None:
    """Server errors and pages instead of answers leave the outcome unknown; the order may well have been taken."""
    await rig.gateway.place("first", order(symbol, Side.SELL, quantity))
    fills = len(rig.server.core.fills(symbol))
    rig.server.faults.next("place", fault)
    with pytest.raises(expected):
        await rig.gateway.place("fault1", order(symbol, Side.SELL, quantity))
    assert creates(rig) == 2
    found = await rig.gateway.find("fault1", symbol)
    assert (found is not None) == (len(rig.server.core.fills(symbol)) > fills)
