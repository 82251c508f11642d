"""What changed the balances: a row's words become changes with one sign, and none is left out in silence."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.domain.instrument import WalletKind
from bot.domain.ledger import EntryKind
from bot.errors import NumberRefused
from bot.venues.ledger import numbered, windows
from bot.venues.ledger_rows import Line, at_ms_of, raw_lines, trade_lines
from bot.venues.row import LedgerSource, TradesSource
from bot.venues.translate import in_milliseconds
from tests.builders import NOON, Number, d

SPOT, LINEAR = WalletKind.SPOT, WalletKind.LINEAR
NOON_MS = in_milliseconds(NOON)
DAY = timedelta(days=1)
PERP = "BTC/USDT:USDT"
CLIENT = SimpleNamespace(
    markets_by_id={
        "BTCUSDT": [{"symbol": PERP, "contract": True, "linear": True}, {"symbol": "BTC/USDT", "spot": True}]
    }
)
SOURCE = LedgerSource(
    call="income",
    rows="",
    at="time",
    change="income",
    reference="id",
    asset="coin",
    kind="type",
    kinds={"FUNDING": EntryKind.FUNDING, "TRADE": None},
    symbol="symbol",
)


def a_line(at_ms: int, order: str, change: Number = 1, kind: EntryKind = EntryKind.FUNDING) -> Line:
    """A change of tether."""
    return Line(
        at_ms=at_ms,
        order=order,
        kind=kind,
        wallet=LINEAR,
        asset="USDT",
        change=d(change),
        symbol=PERP,
        reference=order,
    )


def a_row(**changes: object) -> dict[str, Any]:
    """Funding of a quarter tether paid, at noon."""
    return {
        "time": NOON_MS,
        "income": "-0.25",
        "id": "7",
        "coin": "usdt",
        "type": "FUNDING",
        "symbol": "BTCUSDT",
    } | changes


def read(source: LedgerSource = SOURCE, row: dict[str, Any] | None = None) -> list[Line]:
    """The changes of one row."""
    return list(raw_lines(CLIENT, a_row() if row is None else row, source, LINEAR))


# ── spans and numbers ──


def test_a_span_is_cut_into_what_the_venue_tells_at_once() -> None:
    """Sixteen days in weeks: seven, seven and two, without a gap."""
    cut = windows((NOON, NOON + 16 * DAY), 7 * DAY)
    marks = [NOON, NOON + 7 * DAY, NOON + 14 * DAY, NOON + 16 * DAY]
    assert cut == [(marks[0], marks[1]), (marks[1], marks[2]), (marks[2], marks[3])]


@pytest.mark.parametrize("longest", [None, 7 * DAY])
def test_a_span_that_is_short_enough_is_whole(longest: timedelta | None) -> None:
    """A week of at most a week."""
    assert windows((NOON, NOON + 7 * DAY), longest) == [(NOON, NOON + 7 * DAY)]


def test_changes_are_numbered_by_time_and_within_a_millisecond_by_their_order() -> None:
    """Noon has two, the moment after one: the numbers are the same however the lists came."""
    lines = [a_line(NOON_MS + 1, "a"), a_line(NOON_MS, "c"), a_line(NOON_MS, "b")]
    found = numbered(lines)
    assert [(one.sequence, one.reference) for one in found] == [
        (NOON_MS * 1000, "b"),
        (NOON_MS * 1000 + 1, "c"),
        (NOON_MS * 1000 + 1000, "a"),
    ]
    assert numbered(reversed(lines)) == found
    assert found[0].at == NOON


def test_a_change_of_nothing_is_left_out_but_keeps_its_place() -> None:
    """A delivery at no profit is told all the same: the position is gone."""
    nothing = [a_line(NOON_MS, "a", 0), a_line(NOON_MS, "b"), a_line(NOON_MS, "c", 0, EntryKind.DELIVERY)]
    assert [(one.reference, one.sequence % 1000) for one in numbered(nothing)] == [("b", 1), ("c", 2)]


# ── raw rows ──


def test_a_row_is_a_change_with_its_sign_its_symbol_and_its_reference() -> None:
    """Funding paid is negative."""
    (line,) = read()
    assert (line.at_ms, line.kind, line.wallet, line.asset) == (NOON_MS, EntryKind.FUNDING, LINEAR, "USDT")
    assert (line.change, line.symbol, line.reference) == (d("-0.25"), PERP, "7")


def test_where_what_was_paid_counts_as_positive_the_sign_is_turned() -> None:
    """The venue says 0.25 paid."""
    (line,) = read(replace(SOURCE, sign=-1), a_row(income="0.25"))
    assert line.change == d("-0.25")


def test_a_word_told_by_another_list_is_passed_over_and_an_unknown_one_refused() -> None:
    """An unknown change must not be missing in the books."""
    assert read(row=a_row(type="TRADE")) == []
    for word in ("AIRDROP", "", None):
        with pytest.raises(NumberRefused, match="which Poise does not know"):
            read(row=a_row(type=word))


def test_two_words_make_one() -> None:
    """The category and the type together."""
    source = replace(SOURCE, kind="category type", kinds={"linear FUNDING": EntryKind.FUNDING})
    assert len(read(source, a_row(category="linear"))) == 1
    with pytest.raises(NumberRefused, match="a change of the kind 'spot FUNDING'"):
        read(source, a_row(category="spot"))


def test_only_rows_with_the_right_word_count() -> None:
    """A withdrawal that was taken back changed nothing."""
    source = replace(SOURCE, only=("status", frozenset({"6"})))
    assert len(read(source, a_row(status=6))) == 1
    assert read(source, a_row(status=1)) == []


def test_a_list_of_one_kind_and_one_coin_needs_no_words() -> None:
    """Deposits of tether; nothing of a symbol."""
    source = LedgerSource(
        call="in", rows="", at="time", change="income", reference="id", fixed_asset="USDT", fixed_kind=EntryKind.DEPOSIT
    )
    (line,) = read(source)
    assert (line.kind, line.asset, line.symbol) == (EntryKind.DEPOSIT, "USDT", "")


def test_a_change_of_no_coin_is_refused() -> None:
    """Nobody could book it."""
    for coin in ("", None):
        with pytest.raises(NumberRefused, match="a change of no coin"):
            read(row=a_row(coin=coin))


def test_one_row_may_tell_of_several_changes() -> None:
    """A profit of 10, a fee of 1 that counts as positive, no funding."""
    splits = (("fee", EntryKind.FEE, -1), ("funding", EntryKind.FUNDING, 1))
    source = replace(SOURCE, change="", splits=(("pnl", EntryKind.REALISED, 1), *splits))
    lines = read(source, a_row(pnl="10", fee="1", funding="0"))
    assert [(line.kind, line.change) for line in lines] == [(EntryKind.REALISED, d(10)), (EntryKind.FEE, d(-1))]
    assert len({line.order for line in lines}) == 2


def test_the_product_of_a_row_tells_its_wallet_and_so_its_market() -> None:
    """One list for all: the same id is a spot market or a contract."""
    source = replace(SOURCE, product="category", wallets={"spot": SPOT})
    (spot,), (linear,) = read(source, a_row(category="spot")), read(source, a_row(category="linear"))
    assert (spot.wallet, spot.symbol) == (SPOT, "BTC/USDT")
    assert (linear.wallet, linear.symbol) == (LINEAR, PERP)


def test_a_change_without_a_reference_is_named_by_what_it_was() -> None:
    """Another field may stand in; else its kind, its market and its moment."""
    (stood_in,) = read(replace(SOURCE, other_reference="tranId"), a_row(id="", tranId="9"))
    assert stood_in.reference == "9"
    (named,) = read(row=a_row(id=None))
    assert named.reference == f"funding-{PERP}-{NOON_MS}"


def test_a_time_written_out_is_the_end_of_its_second() -> None:
    """Counted a little late is better than never; what is no time is refused."""
    source = replace(SOURCE, at_form="%Y-%m-%d %H:%M:%S")
    assert at_ms_of({"time": "2026-01-01 12:00:00"}, source) == NOON_MS + 999
    with pytest.raises(NumberRefused, match="the time of a change is 'soon'"):
        at_ms_of({"time": "soon"}, source)
    with pytest.raises(NumberRefused, match="time of a change is missing"):
        at_ms_of({}, SOURCE)


# ── trades ──


def a_trade(symbol: str = "BTC/USDT", **changes: object) -> dict[str, Any]:
    """A purchase of two at 100 that cost 0.002 bitcoin."""
    return {
        "symbol": symbol,
        "id": "31",
        "timestamp": NOON_MS,
        "side": "buy",
        "amount": "2",
        "price": "100",
        "fee": {"cost": "0.002", "currency": "BTC"},
        "info": {"pnl": "12", "commission": "-0.003"},
    } | changes


@pytest.mark.parametrize(("side", "coins", "money"), [("buy", 2, -200), ("sell", -2, 200)])
def test_a_spot_trade_exchanges_coins_and_money_and_pays_its_fee(side: str, coins: int, money: int) -> None:
    """What is received is positive."""
    found = [(line.kind, line.asset, line.change) for line in trade_lines(a_trade(side=side), TradesSource(), SPOT)]
    assert found == [
        (EntryKind.FILL, "BTC", coins),
        (EntryKind.FILL, "USDT", money),
        (EntryKind.FEE, "BTC", d("-0.002")),
    ]


def test_a_contracts_trade_realises_a_profit_and_pays_its_fee() -> None:
    """Twelve tether; one that opens realises nothing, and a list without a profit tells none."""
    source = TradesSource(profit="pnl")
    fee = {"cost": "1", "currency": "USDT"}
    both = [(line.kind, line.change) for line in trade_lines(a_trade(PERP, fee=fee), source, LINEAR)]
    assert both == [(EntryKind.REALISED, 12), (EntryKind.FEE, -1)]
    for info, what in (({"pnl": "0"}, source), ({}, source), ({"pnl": "12"}, TradesSource())):
        (alone,) = trade_lines(a_trade(PERP, fee=fee, info=info), what, LINEAR)
        assert alone.kind is EntryKind.FEE


def test_the_profit_of_a_dated_contract_is_in_its_settlement_coin() -> None:
    """Not in one that is named by a date."""
    line, _ = trade_lines(a_trade("BTC/USD:BTC-260101"), TradesSource(profit="pnl"), WalletKind.INVERSE)
    assert line.asset == "BTC"


def test_fees_may_be_several_or_told_elsewhere_or_raw() -> None:
    """Two coins, none, and a rebate that keeps its sign."""
    two = a_trade(fees=[{"cost": "1", "currency": "USDT"}, {"cost": "2", "currency": "BNB"}])
    assert [(one.asset, one.change) for one in trade_lines(two, TradesSource(), SPOT)][2:] == [
        ("USDT", -1),
        ("BNB", -2),
    ]
    assert len(list(trade_lines(a_trade(), TradesSource(fees=False), SPOT))) == 2
    *_, raw = trade_lines(a_trade(), TradesSource(paid="commission"), SPOT)
    assert raw.change == d("0.003")


def test_each_change_of_a_trade_has_its_own_place() -> None:
    """So that the same trade told twice is counted once."""
    lines = list(trade_lines(a_trade(), TradesSource(), SPOT))
    assert len({line.order for line in lines}) == 3
    assert lines == list(trade_lines(a_trade(), TradesSource(), SPOT))


@pytest.mark.parametrize("name", ["amount", "price", "timestamp", "fee"])
def test_a_trade_with_a_number_missing_is_refused(name: str) -> None:
    """A fee that is not told is not zero."""
    with pytest.raises(NumberRefused, match="is missing"):
        list(trade_lines(a_trade() | {name: None}, TradesSource(), SPOT))
