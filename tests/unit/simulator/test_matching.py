"""Orders meet the book level by level, and the venue refuses what it must."""

from dataclasses import replace

import pytest

from bot.domain.instrument import WalletKind
from bot.domain.order import Liquidity, OpenOrder, OrderStatus, OrderType, Side, TransferRequest
from bot.errors import OrderRejected
from bot.simulator.acceptance import check_transfer
from bot.simulator.account import Account, MarginSetting
from bot.simulator.market import Scene
from bot.simulator.matching import place_order, walk_book
from tests.builders import NOON, Number, a_perpetual, a_quote, a_short, a_spot, an_inverse_perpetual, d
from tests.unit.simulator.scripted import BTC, PERP, ScriptedMarket, an_account, an_order

MARKET = ScriptedMarket()
SCENE = Scene(at=NOON, instruments=MARKET.instruments, quotes=MARKET.quotes(NOON))
RICH = an_account(spot={"USDT": 10_000_000, "BTC": 100}, futures=1_000_000)


def a_short_of(coins: Number, futures: Number = 1_000_000) -> Account:
    """An account short on the perpetual."""
    return replace(an_account(futures=futures), positions={PERP: a_short("BTC", coins, entry=70_000)})


def test_a_small_order_fills_at_the_touch_whatever_its_limit() -> None:
    """1 BTC with a limit of 70,500 pays the ask of 70,007: price improvement."""
    report = place_order(RICH, SCENE, "h1", an_order(BTC, "buy", 1, 70_500)).report
    assert (report.status, report.average_price) == (OrderStatus.FILLED, d(70_007))
    assert report.fills[0].liquidity is Liquidity.TAKER


def test_a_large_order_pays_more_level_by_level() -> None:
    """5,000,000 of depth are ten levels of about 7.14 BTC, 2.5 bp apart: 10 BTC need two."""
    fills = place_order(RICH, SCENE, "h1", an_order(BTC, "buy", 10, 71_000)).report.fills
    assert [fill.price for fill in fills] == [d(70_007), d("70024.51")]
    assert fills[0].quantity == d("7.14214")
    assert [fill.trade_id for fill in fills] == ["o1-1", "o1-2"]


def test_nothing_is_paid_beyond_the_limit() -> None:
    """With a limit at the ask only the first level trades, and the rest expires."""
    report = place_order(RICH, SCENE, "h1", an_order(BTC, "buy", 10, 70_007)).report
    assert (report.status, report.filled) == (OrderStatus.EXPIRED, d("7.14214"))


def test_a_limit_away_from_the_book_expires_unfilled() -> None:
    """A buy below the ask meets nobody."""
    report = place_order(RICH, SCENE, "h1", an_order(BTC, "buy", 1, 70_000)).report
    assert (report.status, report.fills) == (OrderStatus.EXPIRED, ())


def test_a_sell_takes_bids_downward() -> None:
    """The bid is 69,993, the next level 2.5 bp lower and rounded down."""
    fills = place_order(RICH, SCENE, "h1", an_order(BTC, "sell", 10)).report.fills
    assert [fill.price for fill in fills] == [d(69_993), d("69975.5")]


def test_a_quote_of_unknown_depth_trades_nothing() -> None:
    """Unknown is not plenty."""
    quote = a_quote(BTC, 70_000, ask_depth=None)
    assert walk_book(a_spot(), quote, Side.BUY, d(1), None) == ()


def test_a_level_of_less_than_a_step_trades_nothing() -> None:
    """100 of depth are 10 a level, at 70,000 less than a thousandth of a coin."""
    quote = a_quote(PERP, 70_000, ask_depth=d(100))
    assert walk_book(a_perpetual(), quote, Side.BUY, d(1), None) == ()


def test_a_book_ends_at_the_last_price_above_zero() -> None:
    """A bid of one tick has nothing below it: of 1,000 the ten that a value of 1 pays for are sold."""
    quote = a_quote(PERP, "0.1", spread=0, bid_depth=d(10))
    trades = walk_book(a_perpetual(), quote, Side.SELL, d(1_000), None)
    assert [(trade.quantity, trade.price) for trade in trades] == [(d(10), d("0.1"))]


def test_an_inverse_contract_walks_the_same_depth() -> None:
    """500,000 of quote value a level are 5,000 contracts of 100 USD."""
    quote = a_quote("BTC/USD:BTC", 70_000)
    trades = walk_book(an_inverse_perpetual(), quote, Side.SELL, d(6_000), None)
    assert [trade.quantity for trade in trades] == [d(5_000), d(1_000)]


def test_a_post_only_order_rests_and_holds_nothing_yet() -> None:
    """It is open, unfilled, and the ledger says nothing."""
    order = an_order(BTC, "buy", 1, 69_000, type=OrderType.POST_ONLY)
    outcome = place_order(RICH, SCENE, "h1", order)
    assert (outcome.report.status, outcome.entries) == (OrderStatus.OPEN, ())
    assert outcome.account.open_orders["h1"].remaining == 1


def test_a_reduce_only_order_is_cut_to_the_position() -> None:
    """Short 1, buy 3 reduce-only: 1 trades, flat, never long (I11)."""
    outcome = place_order(a_short_of(1), SCENE, "h1", an_order(PERP, "buy", 3, reduce_only=True))
    assert (outcome.report.filled, outcome.report.ordered, outcome.report.status) == (1, 3, OrderStatus.EXPIRED)
    assert outcome.account.positions == {}


@pytest.mark.parametrize(
    ("code", "symbol", "side", "quantity", "price", "changes"),
    [
        ("unknown-symbol", "DOGE/USDT", "buy", 1, 70_000, {}),
        ("off-grid", BTC, "buy", "0.000001", 70_000, {}),
        ("off-grid", BTC, "buy", "-1", 70_000, {}),
        ("off-grid", BTC, "buy", "NaN", 70_000, {}),
        ("off-grid", BTC, "buy", 1, "70000.001", {}),
        ("below-minimum", BTC, "buy", "0.00001", 70_000, {}),
        ("market-with-price", BTC, "buy", 1, 70_000, {"type": OrderType.MARKET}),
        ("price-missing", BTC, "buy", 1, None, {"type": OrderType.LIMIT_IOC}),
        ("price-out-of-band", BTC, "buy", 1, 77_001, {}),
        ("price-out-of-band", BTC, "sell", 1, 62_999, {}),
        ("post-only-would-cross", BTC, "buy", 1, 70_007, {"type": OrderType.POST_ONLY}),
        ("post-only-would-cross", BTC, "sell", 1, 69_993, {"type": OrderType.POST_ONLY}),
        ("reduce-only", PERP, "buy", 1, 70_000, {"reduce_only": True}),
        ("insufficient-balance", BTC, "buy", 143, 70_000, {}),
        ("insufficient-balance", BTC, "sell", 101, 70_000, {}),
        ("insufficient-balance", BTC, "buy", "142.84", None, {}),
        ("insufficient-margin", PERP, "sell", 43, 70_000, {}),
    ],
)
def test_the_venue_says_why_it_refuses(
    code: str, symbol: str, side: str, quantity: Number, price: Number | None, changes: dict[str, object]
) -> None:
    """One word for each reason; nothing is booked."""
    with pytest.raises(OrderRejected) as refused:
        place_order(RICH, SCENE, "h1", an_order(symbol, side, quantity, price, **changes))
    assert refused.value.code == code


def test_a_quantity_below_the_smallest_is_refused() -> None:
    """A minimum above one step counts on its own."""
    scene = replace(SCENE, instruments={BTC: a_spot(min_quantity=d("0.1"))})
    with pytest.raises(OrderRejected, match=r"below 0\.1 BTC"):
        place_order(RICH, scene, "h1", an_order(BTC, "buy", "0.09", 70_100))


def test_margin_is_notional_over_the_leverage_setting() -> None:
    """1,000,000 at 3x carries 42.85 BTC less fees: 42 open, 43 do not; at 10x 43 do."""
    assert place_order(RICH, SCENE, "h1", an_order(PERP, "sell", 42, 69_800)).account.positions[PERP].leverage == 3
    tenfold = replace(RICH, settings={PERP: MarginSetting(leverage=d(10))})
    assert place_order(tenfold, SCENE, "h1", an_order(PERP, "sell", 43, 69_800)).report.filled == 43


def test_reducing_needs_no_margin() -> None:
    """A wallet with nothing free may still buy back its short, also without reduce-only."""
    poor = a_short_of(1, futures=7_000)
    assert place_order(poor, SCENE, "h1", an_order(PERP, "buy", 1)).account.positions == {}


def test_dust_of_a_position_may_be_closed() -> None:
    """Reduce-only orders know no smallest value."""
    scene = replace(SCENE, instruments={PERP: a_perpetual(min_notional=d(100))})
    outcome = place_order(a_short_of("0.001"), scene, "h1", an_order(PERP, "buy", "0.001", reduce_only=True))
    assert outcome.report.status is OrderStatus.FILLED


def test_resting_orders_hold_their_coins() -> None:
    """100 BTC, 99 of them offered: only one is left to sell."""
    offered = OpenOrder(
        client_order_id="h0", symbol=BTC, side=Side.SELL, remaining=d(99), price=d(71_000), reduce_only=False
    )
    account = replace(RICH, open_orders={"h0": offered})
    with pytest.raises(OrderRejected, match="free are 1"):
        place_order(account, SCENE, "h1", an_order(BTC, "sell", 2))
    assert place_order(account, SCENE, "h1", an_order(BTC, "sell", 1)).report.filled == 1


def test_a_market_buy_is_refused_when_its_walk_costs_too_much() -> None:
    """The touch is affordable, the second level is not."""
    account = an_account(spot={"USDT": 700_080})
    with pytest.raises(OrderRejected, match="the book asks"):
        place_order(account, SCENE, "h1", an_order(BTC, "buy", 10))


@pytest.mark.parametrize(
    ("code", "asset", "amount", "source", "target"),
    [
        ("below-minimum", "USDT", 0, "spot", "linear"),
        ("off-grid", "USDT", "0.0000000000001", "spot", "linear"),
        ("unknown-wallet", "BTC", 1, "spot", "linear"),
        ("unknown-wallet", "USDT", 1, "spot", "spot"),
        ("insufficient-balance", "USDT", 10_000_001, "spot", "linear"),
        ("insufficient-margin", "USDT", 980_001, "linear", "spot"),
    ],
)
def test_the_venue_says_why_it_moves_no_money(code: str, asset: str, amount: Number, source: str, target: str) -> None:
    """Short 2 BTC at 7x lock 20,000 of the million; they stay."""
    short = replace(RICH, positions={PERP: a_short("BTC", 2, entry=70_000, leverage=7)})
    request = TransferRequest(asset=asset, amount=d(amount), source=WalletKind(source), target=WalletKind(target))
    with pytest.raises(OrderRejected) as refused:
        check_transfer(short, SCENE, request)
    assert refused.value.code == code
