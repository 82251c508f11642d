"""How numbers, moments and strangers' words are written."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.report import figures
from tests.builders import d


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (figures.money(d("23902.554")), "23,902.55"),
        (figures.money(d("-0.001")), "0.00"),
        (figures.money(d("1E+40")), "1.000e+40"),
        (figures.money(d("NaN")), "NaN"),
        (figures.change(d("3.48")), "+3.48"),
        (figures.change(d("-14730"), 0), "-14,730"),
        (figures.change(d("0.001")), "0.00"),
        (figures.percent(d("0.7372")), "73.7%"),
        (figures.move(d("0.381")), "+38.1%"),
        (figures.points(d("-0.0391")), "3.9 pt"),
        (figures.times(d("1.45")), "1.45x"),
        (figures.coins(d("0.09390000")), "0.0939"),
        (figures.coins(d("0.000000012345678912")), "0.000000012345679"),
        (figures.coins(d("1234567890.5")), "1,234,567,890"),
        (figures.coins(d("1E+2")), "100"),
        (figures.coins(d(0)), "0"),
        (figures.coins(d("1E+30")), "1.000e+30"),
        (figures.price(d("69983.10")), "69,983.1"),
    ],
)
def test_a_number_is_written(written: str, expected: str) -> None:
    """As people write it, without exponents while it can be."""
    assert written == expected


@pytest.mark.parametrize(
    "write",
    [
        figures.money,
        figures.change,
        figures.percent,
        figures.move,
        figures.points,
        figures.times,
        figures.coins,
        figures.price,
        figures.moment,
        figures.span,
    ],
)
def test_what_is_not_known_is_a_dash_never_zero(write: object) -> None:
    """None prints as –."""
    assert callable(write)
    assert write(None) == "–"


def test_moments_are_in_utc() -> None:
    """Whatever zone they came in."""
    at = datetime(2026, 1, 1, 2, 30, tzinfo=timezone(timedelta(hours=2)))
    assert figures.moment(at) == figures.moment(at.astimezone(UTC)) == "2026-01-01 00:30:00 UTC"


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (2, "2 s"), (185, "3 min 5 s"), (7_800, "2 h 10 min"), (-60, "-1 min")]
)
def test_spans_are_in_two_units(seconds: int, words: str) -> None:
    """The two largest."""
    assert figures.span(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("symbol", "words"),
    [
        ("BTC/USDT", "BTC"),
        ("BTC/USDT:USDT", "BTC perp"),
        ("BTC/USD:BTC", "BTC coin perp"),
        ("BTC/USDT:USDT-260327", "BTC 260327"),
    ],
)
def test_a_symbol_has_a_short_name(symbol: str, words: str) -> None:
    """The coin, and what kind of contract."""
    assert figures.symbol_words(symbol) == words


def test_long_numbers_in_words_are_shortened() -> None:
    """A quotient's 28 digits are no use to a reader."""
    assert figures.short_numbers("15% of 0.5573871662886047923166419072 BTC") == "15% of 0.55738717 BTC"


@given(st.text(max_size=3_000))
def test_a_strangers_words_are_one_short_printable_line(words: str) -> None:
    """No control, direction or line-breaking letter survives."""
    shown = figures.plain_words(words, 100)
    assert len(shown) <= 100
    assert shown == "" or shown.isprintable()
    assert len(shown.splitlines()) <= 1


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_every_number_can_be_written_shortly(number: Decimal) -> None:
    """Any Decimal at all, in at most 45 letters."""
    for write in (figures.money, figures.change, figures.percent, figures.coins):
        assert len(write(number)) <= 45
