"""Numbers, times and rows enter as text, and what is no number is refused."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bot.errors import NumberRefused, SnapshotUnavailable
from bot.venues.translate import (
    decimal,
    in_milliseconds,
    maybe,
    moment,
    positive_or_none,
    rows_of,
    seek,
    summed,
)


@pytest.mark.parametrize(
    ("told", "number"),
    [("70000.10", "70000.10"), (7, "7"), (0.1, "0.1"), ("-3", "-3"), ("1e-8", "0.00000001"), ("0", "0")],
)
def test_a_number_is_what_was_written(told: object, number: str) -> None:
    """0.1 is a tenth, and not the nearest binary fraction."""
    assert decimal(told, "price") == Decimal(number)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (None, "price is missing"),
        ("", "price is missing"),
        (True, "price is missing"),
        (False, "price is missing"),
        ("many", "price is 'many', which is no number"),
        ([], r"price is '\[\]', which is no number"),
        ("NaN", "price is NaN: a finite number is needed"),
        ("-Infinity", "price is -Infinity: a finite number is needed"),
    ],
)
def test_what_is_no_number_is_refused_by_its_name(told: object, said: str) -> None:
    """A missing number is not zero, and yes is not one."""
    with pytest.raises(NumberRefused, match=said):
        decimal(told, "price")


def test_a_long_word_is_cut_in_the_message() -> None:
    """Forty letters say enough."""
    with pytest.raises(NumberRefused) as refused:
        decimal("x" * 500, "price")
    assert len(refused.value.message) < 100


@pytest.mark.parametrize("told", [None, ""])
def test_what_the_venue_does_not_say_is_none(told: object) -> None:
    """None, and never zero."""
    assert maybe(told, "index") is None
    assert positive_or_none(told, "index") is None


def test_a_zero_is_a_number_where_it_may_be_one() -> None:
    """A price of zero means that there is none."""
    assert maybe("0", "filled") == 0
    assert positive_or_none("0", "price") is None
    assert positive_or_none("-1", "price") is None
    assert positive_or_none("0.5", "price") == Decimal("0.5")


def test_a_word_is_not_nothing() -> None:
    """What is there and is no number is refused, also where nothing might be there."""
    with pytest.raises(NumberRefused):
        maybe("soon", "index")


def test_a_time_is_milliseconds_since_1970_and_back() -> None:
    """1,767,225,600 seconds are new year 2026."""
    new_year = datetime(2026, 1, 1, tzinfo=UTC)
    assert moment("1767225600000", "time") == new_year
    assert in_milliseconds(new_year) == 1_767_225_600_000
    assert in_milliseconds(new_year.replace(microsecond=1999)) == 1_767_225_600_001
    with pytest.raises(NumberRefused, match="time is missing"):
        moment(None, "time")


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("", {"a": {"b": [10, {"c": "x"}]}}),
        ("a.b.0", 10),
        ("a.b.1.c", "x"),
        ("a.b.2", None),
        ("a.b.first", None),
        ("a.z", None),
        ("a.b.0.c", None),
    ],
)
def test_a_path_leads_into_an_answer_or_nowhere(path: str, found: object) -> None:
    """Names in mappings, numbers in lists."""
    assert seek({"a": {"b": [10, {"c": "x"}]}}, path) == found


def test_rows_are_a_list_or_the_values_of_a_mapping() -> None:
    """The first wallet's coins, a list at the top, a mapping by symbol."""
    row = {"coin": "BTC"}
    assert rows_of({"data": {"list": [row]}}, "data.list", "balances") == [row]
    assert rows_of([row], "", "balances") == [row]
    assert rows_of({"data": {"BTC": row}}, "data.{}", "balances") == [row]
    assert rows_of({"BTC": row}, "{}", "balances") == [row]
    assert rows_of({"data": []}, "data", "balances") == []


@pytest.mark.parametrize(
    ("answer", "path", "place"),
    [
        ({}, "data", "data"),
        ({"data": None}, "data", "data"),
        ({"data": {"a": {}}}, "data", "data"),
        ({"data": ["BTC"]}, "data", "data"),
        ({"data": {"a": 1}}, "data.{}", r"data\.\{\}"),
        ("busy", "", "its top"),
    ],
)
def test_an_answer_without_such_a_list_is_no_empty_list(answer: object, path: str, place: str) -> None:
    """Nothing held and nothing told are not the same."""
    with pytest.raises(SnapshotUnavailable, match=f"balances: the answer has no list at {place}"):
        rows_of(answer, path, "balances")


def test_terms_are_summed_with_their_signs() -> None:
    """An equity of 110 less 10 not yet realised, and 5 locked: 105."""
    row = {"equity": "110", "upl": "10", "deep": {"locked": "5"}}
    assert summed(row, ("equity", "-upl", "deep.locked"), "USDT total") == 105
    with pytest.raises(NumberRefused, match="USDT total fee is missing"):
        summed(row, ("equity", "-fee"), "USDT total")
