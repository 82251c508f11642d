"""Depth is the value within 25 basis points of the best price, on the side an order would meet."""

import pytest

from bot.domain.order import Side
from bot.errors import NumberRefused, SnapshotUnavailable
from bot.venues.depth import near, read_depths
from tests.builders import a_perpetual, a_spot, an_inverse_perpetual, d
from tests.unit.venues.desk import connected, reader

# 25 basis points of 1,000 are 2.5.
BIDS = [["1000", "1"], ["997.5", "2"], ["997.4", "100"]]
ASKS = [["1000", "1"], ["1002.5", "2"], ["1002.6", "100"]]


def test_a_buy_meets_the_asks_up_to_the_edge_and_none_beyond() -> None:
    """1 × 1,000 and 2 × 1,002.5 are 3,005."""
    assert near(a_spot(), ASKS, Side.BUY) == 3005


def test_a_sell_meets_the_bids_down_to_the_edge_and_none_beyond() -> None:
    """1 × 1,000 and 2 × 997.5 are 2,995."""
    assert near(a_spot(), BIDS, Side.SELL) == 2995


def test_an_empty_side_has_no_depth() -> None:
    """Nothing rests there: that is known, and zero."""
    assert near(a_spot(), [], Side.BUY) == 0


def test_contracts_are_counted_by_what_each_is_worth() -> None:
    """Ten contracts of a hundredth of a coin at 1,000 are 100; three of 100 USD are 300."""
    assert near(a_perpetual(contract_size=d("0.01")), [["1000", "10"]], Side.BUY) == 100
    assert near(an_inverse_perpetual(), [["1000", "3"]], Side.BUY) == 300


@pytest.mark.parametrize("level", [["", "1"], ["1000", None], ["x", "1"]])
def test_a_level_without_a_number_is_refused(level: list[object]) -> None:
    """A book with a hole in it is no book."""
    with pytest.raises(NumberRefused, match="of a level"):
        near(a_spot(), [level], Side.BUY)


class Books:
    """A client that tells the same book of every symbol."""

    def __init__(self, **book: object) -> None:
        self.book = book

    async def fetch_order_book(self, symbol: str, levels: int) -> dict[str, object]:
        """The book."""
        return self.book


async def test_both_sides_are_told_by_symbol_and_none_is_taken_for_empty() -> None:
    """What an order to sell meets comes first; a side that is not there has nothing."""
    one = a_perpetual()
    connection = connected(Books(bids=BIDS, asks=ASKS))
    assert await read_depths(connection, [one], reader(connection)) == {one.symbol: (d(2995), d(3005))}
    connection = connected(Books(bids=BIDS, asks=None))
    assert await read_depths(connection, [one], reader(connection)) == {one.symbol: (d(2995), d(0))}


async def test_a_book_that_cannot_be_read_names_its_symbol() -> None:
    """One amount is missing."""
    connection = connected(Books(bids=[["1000", None]], asks=[]))
    with pytest.raises(SnapshotUnavailable, match="order book of BTC/USDT:USDT: amount of a level is missing"):
        await read_depths(connection, [a_perpetual()], reader(connection))
