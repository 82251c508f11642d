"""Orders at an emulated venue: numbers, ids, part fills, what rests, what is refused, and when the past shows."""

from datetime import timedelta

import pytest

from bot.domain.order import OrderStatus, OrderType
from bot.errors import OrderRejected
from tests.builders import NOON, d
from tests.emulator.cores import ALL_KINDS, BTC, COIN, PERP, Hands, a_core, buy, sell
from tests.emulator.orders import Rules


def test_a_market_order_fills_at_the_touch_and_pays_its_fee_in_coins() -> None:
    """0.1 BTC at the ask of 63,353.38; spot fees are 0.1 % of what came in: 0.0001 BTC."""
    core = a_core()
    order = core.place(buy(BTC, "0.1", client_id="a"))
    assert (order.number, order.status, order.average) == (1, OrderStatus.FILLED, d("63353.38"))
    (fill,) = order.fills
    assert (fill.number, fill.order, fill.client_id) == (1, 1, "a")
    assert (fill.fee, fill.fee_asset, fill.maker, fill.realised) == (d("0.0001"), "BTC", False, d(0))
    assert core.order(1) == core.by_client_id("a", BTC) == order
    assert core.fills(BTC) == core.fills() == (fill,)


def test_a_plain_limit_takes_what_it_may_and_rests_with_the_rest() -> None:
    """Of 0.1 BTC the thin book gives 0.04; 0.06 rests, and fills as maker when the market is looked at later."""
    hands = Hands(NOON)
    core = a_core(hands=hands)
    core.thin(BTC, d("0.04"))
    order = core.place(buy(BTC, "0.1", 63_400, good_till_cancelled=True))
    assert (order.status, order.filled, order.left) == (OrderStatus.OPEN, d("0.04"), d("0.06"))
    assert core.open_orders(BTC) == core.open_orders() == (order,)
    hands.move(seconds=10)
    later = core.order(1)
    assert later is not None
    assert (later.status, [fill.maker for fill in later.fills]) == (OrderStatus.FILLED, [False, True])
    assert [fill.price for fill in later.fills] == [d("63353.38"), d(63_400)]


def test_a_plain_limit_away_from_the_book_only_rests() -> None:
    """It locks 0.1 × 60,000 = 6,000 USDT until it is cancelled."""
    core = a_core()
    order = core.place(buy(BTC, "0.1", 60_000, good_till_cancelled=True))
    assert (order.status, order.fills, order.average) == (OrderStatus.OPEN, (), None)
    assert core.cancel(1).status is OrderStatus.CANCELLED
    assert core.open_orders(BTC) == ()


def test_a_plain_limit_that_only_reduces_does_not_rest_when_nothing_is_left_to_reduce() -> None:
    """The short is 0.3 BTC: of 0.5 to buy back 0.3 is bought and the rest expires."""
    core = a_core(books="hedged")
    order = core.place(buy(PERP, "0.5", 63_500, good_till_cancelled=True, reduce_only=True))
    assert (order.status, order.filled) == (OrderStatus.EXPIRED, d("0.3"))
    assert core.positions() == {}


def test_of_an_immediate_order_what_a_thin_book_leaves_expires_and_only_once() -> None:
    """Thinned to 0.02: the first order of 0.1 gets 0.02, the second all of it."""
    core = a_core()
    core.thin(BTC, d("0.02"))
    first = core.place(buy(BTC, "0.1", 63_400))
    assert (first.status, first.filled) == (OrderStatus.EXPIRED, d("0.02"))
    assert core.place(buy(BTC, "0.1", 63_400)).filled == d("0.1")


def test_somebody_may_meet_a_part_of_a_resting_order() -> None:
    """Of 0.1 BTC at 63,000 somebody sells 0.04: filled at that price as maker, 0.06 go on resting."""
    core = a_core()
    core.place(buy(BTC, "0.1", 63_000, type=OrderType.POST_ONLY))
    order = core.fill(1, d("0.04"))
    assert (order.status, order.filled, order.left) == (OrderStatus.OPEN, d("0.04"), d("0.06"))
    assert (order.fills[0].price, order.fills[0].maker) == (d(63_000), True)
    done = core.cancel(1)
    assert (done.status, done.filled) == (OrderStatus.CANCELLED, d("0.04"))


def test_a_cancel_of_what_rests_no_more_changes_nothing() -> None:
    """Filled stays filled."""
    core = a_core()
    order = core.place(buy(BTC, "0.1"))
    assert core.cancel(order.number) == order


def test_a_stop_waits_for_the_mark() -> None:
    """The short's stop at 63,500 rests; within two hours the mark has passed it and it bought back, at a loss."""
    hands = Hands(NOON)
    core = a_core(books="hedged", hands=hands)
    stop = core.place(buy(PERP, "0.3", type=OrderType.STOP, reduce_only=True, trigger=d(63_500)))
    assert stop.status is OrderStatus.OPEN
    core.live(timedelta(hours=2))
    fired = core.order(1)
    assert fired is not None
    assert fired.status is OrderStatus.FILLED
    assert fired.fills[0].realised < 0
    assert core.positions() == {}


def test_an_order_of_coin_margined_contracts_has_a_harmonic_average() -> None:
    """9,000 contracts of 100 USD go over several levels: their average gives the coins of all of them exactly."""
    core = a_core(kinds=ALL_KINDS)
    core.flow("BTC", d(5), core.instruments[COIN].wallet)
    order = core.place(sell(COIN, 9_000))
    assert len(order.fills) > 1
    assert order.average is not None
    coins = sum(fill.quantity * 100 / fill.price for fill in order.fills)
    assert abs(order.filled * 100 / order.average - coins) < d("1e-20")


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (buy("DOGE/USDT", 1), "unknown-symbol"),
        (buy(BTC, "0.000001"), "off-grid"),
        (buy(BTC, "0.00001"), "below-minimum"),
        (buy(BTC, "0.1", 80_000), "price-out-of-band"),
        (buy(BTC, "0.1", 63_400, type=OrderType.POST_ONLY), "post-only-would-cross"),
        (buy(BTC, "0.5"), "insufficient-balance"),
        (sell(PERP, "0.01", reduce_only=True), "reduce-only"),
        (sell(PERP, "0.01"), "insufficient-margin"),
        (sell(PERP, "0.01", type=OrderType.STOP, trigger=d(60_000)), "reduce-only"),
    ],
)
def test_what_the_simulator_refuses_is_refused_with_its_word_and_has_no_number(order: object, code: str) -> None:
    """26,637.87 USDT buy at most 0.42 BTC; there is no margin and nothing to reduce."""
    core = a_core()
    with pytest.raises(OrderRejected) as refused:
        core.place(order)  # type: ignore[arg-type]
    assert refused.value.code == code
    assert core.order(1) is None
    assert core.place(buy(BTC, "0.01")).number == 1


def test_an_id_is_free_again_when_its_order_rests_no_more_where_the_rule_is_open() -> None:
    """Refused while the first rests; taken once it is cancelled, and then the newest is found."""
    core = a_core(Rules(client_id_scope="open"))
    core.place(buy(BTC, "0.01", 60_000, type=OrderType.POST_ONLY, client_id="a"))
    with pytest.raises(OrderRejected, match="in use"):
        core.place(buy(BTC, "0.01", client_id="a"))
    core.cancel(1)
    core.place(buy(BTC, "0.01", client_id="a"))
    newest = core.by_client_id("a", BTC)
    assert newest is not None
    assert newest.number == 2


def test_an_open_id_of_another_wallet_is_no_duplicate() -> None:
    """Spot and contracts keep their ids apart."""
    core = a_core(books="hedged")
    core.place(buy(BTC, "0.01", 60_000, type=OrderType.POST_ONLY, client_id="a"))
    assert core.place(buy(PERP, "0.01", client_id="a")).number == 2
    assert core.by_client_id("a", "ETH/USDT") is None


def test_an_id_is_taken_for_ever_where_the_rule_says_so() -> None:
    """Though its order was filled long ago."""
    core = a_core(Rules(client_id_scope="forever"))
    core.place(buy(BTC, "0.01", client_id="a"))
    with pytest.raises(OrderRejected) as refused:
        core.place(buy("ETH/USDT", "0.01", client_id="a"))
    assert refused.value.code == "duplicate-id"


def test_ids_mean_nothing_where_the_rule_is_none_and_without_one() -> None:
    """Both are placed."""
    core = a_core(Rules(client_id_scope="none"))
    for number in (1, 2):
        order = buy(BTC, "0.01", 60_000, type=OrderType.POST_ONLY, client_id="a")
        assert core.place(order).number == number
    core = a_core(Rules(client_id_scope="forever"))
    assert [core.place(buy(BTC, "0.01")).number for _ in range(2)] == [1, 2]


def test_a_venue_that_lower_cases_ids_tells_them_so() -> None:
    """Sent as hX1, kept and refused as hx1."""
    core = a_core(Rules(client_id_scope="forever", lower_cases_ids=True))
    assert core.place(buy(BTC, "0.01", client_id="hX1")).client_id == "hx1"
    assert core.by_client_id("hX1", BTC) is not None
    with pytest.raises(OrderRejected, match="hx1 is in use"):
        core.place(buy(BTC, "0.01", client_id="HX1"))


def test_a_closed_order_shows_in_the_history_only_after_a_while() -> None:
    """With 2,000 ms: found by its number at once, in the list after two seconds; what rests is there from the start."""
    hands = Hands(NOON)
    core = a_core(Rules(visible_after_ms=2_000), hands=hands)
    core.place(buy(BTC, "0.01"))
    core.place(buy(BTC, "0.01", 60_000, type=OrderType.POST_ONLY))
    assert core.order(1) is not None
    assert [order.number for order in core.orders(BTC)] == [2]
    hands.move(seconds=2)
    assert [order.number for order in core.orders(BTC)] == [1, 2]
    assert core.orders(BTC, core.now_ms()) == ()


def test_trades_are_numbered_in_the_order_they_happened() -> None:
    """One taken, one met in part, one taken: 1, 2, 3, each with its time and only those since a moment."""
    hands = Hands(NOON)
    core = a_core(hands=hands)
    core.place(buy(BTC, "0.01"))
    core.place(buy("ETH/USDT", "0.1", 3_500, type=OrderType.POST_ONLY))
    hands.move(seconds=1)
    core.fill(2, d("0.05"))
    core.place(sell(BTC, "0.01"))
    assert [(fill.number, fill.order) for fill in core.fills()] == [(1, 1), (2, 2), (3, 3)]
    assert [fill.number for fill in core.fills(None, core.now_ms())] == [2, 3]
    assert [fill.number for fill in core.fills(BTC)] == [1, 3]
