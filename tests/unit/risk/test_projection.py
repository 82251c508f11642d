"""The projected book: small changes over running totals, equal to counting everything again."""

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.domain.instrument import WalletKind
from bot.domain.order import OrderRequest, Side
from bot.domain.snapshot import Balance, MarginMode, Position, Snapshot
from bot.errors import SnapshotUnavailable
from bot.risk.board import Board
from bot.risk.distance import nearest_after, worst_distance
from bot.risk.flight import in_flight
from bot.risk.lines import ContractLine, contract_line
from bot.risk.market import market_of, priced
from bot.risk.measure import admit, book_of, contract_of
from bot.risk.projection import Book
from bot.risk.trial import Trial, filled
from tests.builders import a_memory, a_perpetual, a_policy, a_short, a_spot, d
from tests.unit.risk.words import PERP, SPOT, a_book, a_transfer, buy, codes, judged, resting, sell

POLICY = a_policy()


def a_projection(snapshot: Snapshot) -> Book:
    """The projected book of a snapshot, its orders in flight counted."""
    board = Board(snapshot=snapshot, currency="USDT")
    return book_of(board, POLICY, in_flight(snapshot, a_memory()))


def traded(book: Book, snapshot: Snapshot, *orders: OrderRequest) -> Trial:
    """The book with some orders laid over it."""
    board = Board(snapshot=snapshot, currency="USDT")
    trial = Trial(book)
    for order in orders:
        instrument = board.instrument(order.symbol)
        admit(book, board, POLICY, instrument)
        trial.trade(priced(order, market_of(board, order.symbol, POLICY, None, ambiguous=False)))
    return trial


def a_line(quantity: str, *, entry: int = 70_000, isolated: Decimal | None = None) -> ContractLine:
    """A contract's line marked at 70,000."""
    snapshot = a_book()
    contract = contract_of(Board(snapshot=snapshot, currency="USDT"), POLICY, snapshot.instruments[PERP])
    return contract_line(contract, d(quantity), d(entry), isolated=isolated)


@pytest.mark.parametrize(
    ("held", "signed", "price", "quantity", "entry", "realised"),
    [
        ("-1", "-1", 72_000, -2, 71_000, 0),
        ("-1", "0.4", 69_000, "-0.6", 70_000, 400),
        ("-1", "1", 71_000, 0, 70_000, -1_000),
        ("-1", "1.5", 69_000, "0.5", 69_000, 1_000),
        ("1", "-1.5", 71_000, "-0.5", 71_000, 1_000),
        ("0", "2", 65_000, 2, 65_000, 0),
    ],
)
def test_a_fill_averages_what_it_opens_and_realises_what_it_closes(
    held: str, signed: str, price: int, quantity: str, entry: int, realised: int
) -> None:
    """Entry at 70,000; a turn realises all of the old and opens the rest at its own price."""
    line, gain = filled(a_line(held), d(signed), d(price))
    assert (line.quantity, line.entry, gain) == (d(quantity), entry, realised)


def test_an_isolated_margin_grows_and_shrinks_with_its_position() -> None:
    """At 2x, 1 BTC more at 70,000 brings 35,000; closing half takes half away."""
    more, _ = filled(a_line("-1", isolated=d(30_000)), d(-1), d(70_000))
    assert more.isolated == 65_000
    less, _ = filled(a_line("-1", isolated=d(30_000)), d("0.5"), d(70_000))
    assert less.isolated == 15_000


def test_a_trial_leaves_the_book_alone_until_it_is_taken() -> None:
    """Looking changes nothing."""
    snapshot = a_book()
    book, untouched = a_projection(snapshot), a_projection(snapshot)
    trial = traded(book, snapshot, sell(PERP, "0.5", 70_000), sell(SPOT, 1, 70_000))
    assert (book.totals, book.coins, book.lines, book.free, book.needs) == (
        untouched.totals,
        untouched.coins,
        untouched.lines,
        untouched.free,
        untouched.needs,
    )
    book.take(trial)
    assert book.totals != untouched.totals


def test_a_position_closed_in_full_leaves_the_book() -> None:
    """No line, no rank, no margin."""
    snapshot = a_book()
    book = a_projection(snapshot)
    book.take(traded(book, snapshot, buy(PERP, 1, 70_000)))
    assert (book.lines, book.needs, book.tiers) == ({}, [], [])
    assert (book.totals.maintenance, book.totals.initial, book.totals.gross) == (0, 0, 0)


def test_a_position_in_the_highest_tier_reaches_no_next_one() -> None:
    """Its floor is the last; and so is that of a contract with one tier."""
    flat = a_perpetual(tiers=a_perpetual().tiers[:1])
    snapshot = a_book()
    snapshot = replace(snapshot, instruments={**snapshot.instruments, PERP: flat})
    book = a_projection(snapshot)
    assert book.tiers == []
    book.take(traded(book, snapshot, buy(PERP, "0.5", 70_000)))
    assert book.tiers == []
    assert book.lines[PERP].quantity == d("-0.5")


def test_an_isolated_position_changes_its_margin_in_the_book() -> None:
    """10,000 set apart, half of it set free by closing half."""
    alone = a_short("BTC", 1, entry=70_000, margin_mode=MarginMode.ISOLATED, isolated_margin=d(10_000))
    snapshot = a_book(shorts=(alone,))
    book = a_projection(snapshot)
    assert (book.totals.isolated, book.totals.cross_equity, book.isolated) == (10_000, 90_000, {PERP})
    book.take(traded(book, snapshot, buy(PERP, "0.5", 70_000)))
    assert (book.totals.isolated, book.isolated) == (5_000, {PERP})
    assert nearest_after(Trial(book)) is None


def test_an_isolated_position_waiting_to_grow_is_judged_as_it_is() -> None:
    """What comes brings its own margin."""
    alone = a_short("BTC", 1, entry=70_000, margin_mode=MarginMode.ISOLATED, isolated_margin=d(10_000))
    book = a_projection(a_book(shorts=(alone,), open_orders=(resting(PERP, Side.SELL, 5, 75_000),)))
    away = worst_distance(book.lines[PERP], book.totals)
    assert away is not None
    assert d("0.137") < away < d("0.138")


def test_an_opening_in_flight_without_a_position_binds_margin() -> None:
    """A short of 10 ETH waiting at the highest leverage allowed (10x) binds 3,500; nothing is held yet."""
    snapshot = a_book(
        spot={"BTC": 10, "ETH": 100, "USDT": 200_000},
        open_orders=(resting("ETH/USDT:USDT", Side.SELL, 10, 3_600),),
    )
    totals = a_projection(snapshot).totals
    assert totals.initial == 35_000 + 3_500
    assert (totals.gross, totals.worst_gross) == (70_000, 105_000)
    assert codes(judged(sell("ETH/USDT:USDT", 91, 3_500), snapshot=snapshot)) == ["RC12"]
    assert codes(judged(sell("ETH/USDT:USDT", 90, 3_500), snapshot=snapshot)) == []


def test_a_purchase_in_flight_may_turn_a_short_into_a_long() -> None:
    """Short 1 and 3 on their way in: at worst 2 long, 140,000 gross."""
    snapshot = a_book(open_orders=(resting(PERP, Side.BUY, 3, 69_000),))
    assert a_projection(snapshot).totals.worst_gross == 140_000


def test_a_reduce_only_order_in_flight_opens_nothing() -> None:
    """It moves the worst delta and no margin."""
    snapshot = a_book(open_orders=(resting(PERP, Side.BUY, 1, 69_000, reduce_only=True),))
    totals = a_projection(snapshot).totals
    assert (totals.worst_gross, totals.worst) == (70_000, 700_000)


def test_a_coin_without_a_price_cannot_be_traded() -> None:
    """Said by name, not by a number."""
    snapshot = a_book()
    dust = a_spot("DUST")
    quotes = {**snapshot.quotes, "DUST/USDT": replace(snapshot.quotes[SPOT], symbol="DUST/USDT")}
    snapshot = replace(snapshot, instruments={**snapshot.instruments, "DUST/USDT": dust}, quotes=quotes)
    with pytest.raises(SnapshotUnavailable) as refused:
        traded(a_projection(snapshot), snapshot, buy("DUST/USDT", 1, 70_000))
    assert refused.value.part == "DUST price"


def counted_again(snapshot: Snapshot, book: Book) -> Snapshot:
    """The snapshot the venue would give after the fills the book has taken."""
    spot = [Balance(wallet=WalletKind.SPOT, asset=asset, free=free, locked=d(0)) for asset, free in book.free.items()]
    wallet = Balance(wallet=WalletKind.LINEAR, asset="USDT", free=book.totals.wallet, locked=d(0))
    purses = [
        Balance(wallet=WalletKind.INVERSE, asset=asset, free=coins.balance, locked=d(0))
        for asset, coins in book.wallets.items()
    ]
    held = [(symbol, line.quantity, line.entry, line.contract.leverage) for symbol, line in book.lines.items()]
    for coins in book.wallets.values():
        held += [(symbol, line.quantity, line.entry, line.contract.leverage) for symbol, line in coins.lines.items()]
    positions = {
        symbol: Position(
            symbol=symbol, quantity=quantity, entry_price=entry, margin_mode=MarginMode.CROSS, leverage=leverage
        )
        for symbol, quantity, entry, leverage in held
    }
    return replace(snapshot, balances=(*spot, wallet, *purses), positions=positions)


def test_trades_and_transfers_give_what_counting_again_gives() -> None:
    """Every total that is the book's and not the plan's."""
    snapshot = a_book(spot={"BTC": 10, "ETH": 50, "USDT": 200_000})
    book = a_projection(snapshot)
    orders = (
        sell(SPOT, 1, 69_990),
        sell("ETH/USDT:USDT", 20, 3_499),
        buy(PERP, "0.3", 70_020),
        buy("ETH/USDT", 3, 3_501),
        buy("ETH/USDT:USDT", 25, 3_510),
    )
    for order in orders:
        book.take(traded(book, snapshot, order))
    moved = Trial(book)
    moved.move(a_transfer(5_000))
    moved.move(a_transfer(700, into=False))
    book.take(moved)
    again = a_projection(counted_again(snapshot, book))
    same_totals(book, again)
    assert [symbol for _, symbol in book.needs] == [symbol for _, symbol in again.needs]


def same_totals(book: Book, again: Book) -> None:
    """Compare what both count; how much was traded and moved only one knows."""
    own = {"turnover", "resting", "moved", "orders", "purse"}
    for name in sorted(set(type(book.totals).__slots__) - own):
        gap = getattr(book.totals, name) - getattr(again.totals, name)
        assert abs(gap) < d("1e-15"), (name, getattr(book.totals, name), getattr(again.totals, name))
    for asset, line in again.coins.items():
        assert abs(book.coins[asset].delta - line.delta) < d("1e-20")
        assert abs(book.coins[asset].worst - line.worst) < d("1e-15")
