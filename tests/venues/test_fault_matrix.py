"""The matrix is whole: thirty faults of nine calls at every venue, 1,350 cells; and it does find what is wrong."""

from decimal import Decimal
from pathlib import Path

from bot.domain.order import OrderReport, OrderStatus
from bot.errors import OrderRejected, OutcomeUnknown
from tests.emulator.faults import FAULTS
from tests.emulator.package import venue_of
from tests.venues.known import VENUES
from tests.venues.matrix import CALLS, Cell, definite_at, judge_write, totals
from tests.venues.rig import MOMENT

REPORT = OrderReport(
    client_order_id="a",
    venue_order_id="1",
    symbol="BTC/USDT",
    status=OrderStatus.OPEN,
    ordered=Decimal(1),
    fills=(),
    at=MOMENT,
)


def test_there_are_1350_cells() -> None:
    """Thirty faults, nine calls, five venues, each venue in a file of its own so that two workers share them."""
    files = {path.stem.removeprefix("test_fault_matrix_") for path in Path(__file__).parent.glob("test_fault_matrix_*")}
    assert files == set(VENUES)
    assert len(FAULTS) * len(CALLS) * len(VENUES) == 1350


def test_each_venue_names_the_paths_of_all_nine_calls() -> None:
    """Only WEEX has none for transfers: it moves no money by request."""
    for venue in VENUES:
        calls = venue_of(venue).calls
        assert set(calls) == set(CALLS)
        assert [call for call in CALLS if not calls[call]] == (["transfer"] if venue == "weex" else [])


def test_a_maybe_taken_for_a_no_is_counted() -> None:
    """The order was taken and nobody knows; "rejected" would be the end of it."""
    cell = Cell(call="place", fault="empty-200")
    judge_write(cell, OrderRejected("no", code="1"), True, "BTC")
    judge_write(cell, OutcomeUnknown("what"), True, "BTC")
    assert totals([cell], idle=True).counted == (0, 1, 0)


def test_a_no_that_is_no_proof_is_counted_even_where_it_happens_to_be_true() -> None:
    """A page of HTML proves nothing, the venue's own code does."""
    page, code = Cell(call="place", fault="http-403-html"), Cell(call="place", fault="rejected")
    for cell in (page, code):
        judge_write(cell, OrderRejected("no", code="1"), False, "BTC")
    assert [len(cell.misjudged) for cell in (page, code)] == [1, 0]


def test_only_at_bingx_is_too_many_requests_no_proof() -> None:
    """One code, 100410, is "rate limited" and "the system is busy" there: as a rejection it is counted as misjudged."""
    misjudged = {}
    for venue in VENUES:
        cell = Cell(call="place", fault="venue-rate-limit", definite=definite_at(venue))
        judge_write(cell, OrderRejected("no", code="1"), False, "BTC")
        misjudged[venue] = len(cell.misjudged)
    assert misjudged == {"binance": 0, "bybit": 0, "bingx": 1, "weex": 0, "mexc": 0}
    assert definite_at("bingx") == {"rejected", "bad-key", "clock-skew"}


def test_a_success_of_what_never_happened_is_counted() -> None:
    """Silently believed."""
    cell = Cell(call="place", fault="rejected")
    judge_write(cell, REPORT, False, "BTC")
    assert totals([cell], idle=True).counted == (1, 0, 0)


def test_a_fault_that_never_came_is_told() -> None:
    """A cell that tried nothing proves nothing."""
    assert totals([Cell(call="place", fault="hang")], idle=False).untold == ("place: hang never came",)
