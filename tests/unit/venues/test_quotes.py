"""Prices merged from several calls: the first word counts, what is missing is named, nothing is filled in."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.instrument import Kind, WalletKind
from bot.domain.snapshot import FundingRate, Quote
from bot.errors import SnapshotUnavailable
from bot.venues.quotes import Seen, funding_of, quote_of, read_market
from bot.venues.row import MarketRead, RawRows
from bot.venues.rows import row_of
from bot.venues.translate import in_milliseconds
from tests.builders import NOON, a_perpetual, a_spot, d
from tests.unit.venues.desk import connected, reader

PERP = "BTC/USDT:USDT"
NOON_MS = in_milliseconds(NOON)
HOUR = timedelta(hours=1)
EIGHT_MS = NOON_MS + 8 * 3_600_000


def prices(**changes: str) -> dict[str, Decimal]:
    """A bid of 69,990, an ask of 70,010, 70,000 last, marked at 70,001 with the index at 70,002."""
    told = {"bid": "69990", "ask": "70010", "last": "70000", "mark": "70001", "index": "70002", "volume": "9"} | changes
    return {name: Decimal(number) for name, number in told.items()}


def test_a_contracts_quote_has_every_price_told() -> None:
    """Depth is not known from prices."""
    wanted = Quote(
        symbol=PERP,
        bid=d(69_990),
        ask=d(70_010),
        last=d(70_000),
        at=NOON,
        mark=d(70_001),
        index=d(70_002),
        volume_24h=d(9),
    )
    assert quote_of(a_perpetual(), Seen(numbers=prices()), NOON) == wanted


def test_a_spot_quote_has_neither_mark_nor_index() -> None:
    """Also where a venue tells them."""
    found = quote_of(a_spot(), Seen(numbers=prices()), NOON)
    assert (found.mark, found.index) == (None, None)


def test_an_index_and_a_volume_may_be_missing() -> None:
    """Then they are unknown; an index of zero is one that is missing."""
    few = {name: number for name, number in prices(index="0").items() if name != "volume"}
    found = quote_of(a_perpetual(), Seen(numbers=few), NOON)
    assert (found.index, found.volume_24h) == (None, None)


@pytest.mark.parametrize("name", ["bid", "ask", "last", "mark"])
def test_a_price_that_is_missing_or_zero_is_named(name: str) -> None:
    """A contract needs its mark as it needs a bid."""
    without = {one: number for one, number in prices().items() if one != name}
    for numbers in (without, prices(**{name: "0"})):
        with pytest.raises(SnapshotUnavailable, match=f"the venue tells no {name} of {PERP}") as refused:
            quote_of(a_perpetual(), Seen(numbers=numbers), NOON)
        assert refused.value.part == f"{name} of {PERP}"


def test_a_spot_market_needs_no_mark() -> None:
    """Only contracts have one."""
    few = {name: number for name, number in prices().items() if name in ("bid", "ask", "last")}
    assert quote_of(a_spot(), Seen(numbers=few), NOON).bid == 69_990


def test_a_crossed_book_is_no_quote() -> None:
    """A bid above the ask."""
    with pytest.raises(SnapshotUnavailable, match="book is crossed"):
        quote_of(a_perpetual(), Seen(numbers=prices(bid="70020")), NOON)


@pytest.mark.parametrize(("told", "at"), [(None, NOON), (NOON - HOUR, NOON - HOUR), (NOON + HOUR, NOON)])
def test_a_quote_is_as_old_as_the_venue_says_and_never_from_the_future(told: Any, at: Any) -> None:
    """Without a time of its own it is from when it was received."""
    assert quote_of(a_perpetual(), Seen(numbers=prices(), at=told), NOON).at == at


# ── funding ──


def funding(*ahead: timedelta, **numbers: str) -> Seen:
    """Settlements so long after noon, with those numbers."""
    told = {name: Decimal(number) for name, number in numbers.items()}
    return Seen(numbers=told, next_funding=[NOON + one for one in ahead])


def test_the_next_settlement_is_the_first_that_lies_ahead() -> None:
    """The venue tells the last one, one in eight hours and one in four."""
    seen = funding(-4 * HOUR, 8 * HOUR, 4 * HOUR, rate="-0.0001", interval_hours="4")
    wanted = FundingRate(symbol=PERP, rate=d("-0.0001"), interval_hours=d(4), next_at=NOON + 4 * HOUR)
    assert funding_of(a_perpetual(), seen, NOON) == wanted


def test_spot_and_dated_futures_have_no_funding() -> None:
    """Whatever is told of them."""
    dated = a_perpetual(symbol="BTC/USDT:USDT-260101", kind=Kind.LINEAR_FUTURE, expiry=NOON)
    assert funding_of(a_spot(), funding(HOUR, rate="1", interval_hours="8"), NOON) is None
    assert funding_of(dated, funding(HOUR, rate="1", interval_hours="8"), NOON) is None


@pytest.mark.parametrize(
    ("seen", "missing"),
    [
        (funding(HOUR, interval_hours="8"), "rate"),
        (funding(HOUR, rate="0.0001"), "interval_hours"),
        (funding(rate="0.0001", interval_hours="8"), "next settlement"),
        (funding(-HOUR, rate="0.0001", interval_hours="8"), "next settlement"),
    ],
)
def test_funding_that_is_not_whole_is_refused(seen: Seen, missing: str) -> None:
    """Eight hours are not assumed."""
    with pytest.raises(SnapshotUnavailable, match=f"the venue tells no funding {missing} of {PERP}"):
        funding_of(a_perpetual(), seen, NOON)


# ── several calls become one ──


class Told:
    """A client whose calls answer as they are told to."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[tuple[object, ...]] = []
        self.markets_by_id = {"BTCUSDT": [{"symbol": PERP}], "NONE": []}

    async def fetch_tickers(self, symbols: object, params: object) -> Any:
        """Prices."""
        self.asked.append(("tickers", symbols))
        return self.answers["tickers"]

    async def fetch_mark_prices(self, symbols: object, params: object) -> Any:
        """Marks."""
        self.asked.append(("marks", symbols))
        return self.answers["marks"]

    async def fetch_funding_rate(self, symbol: str, params: object) -> Any:
        """Funding of one."""
        self.asked.append(("funding", symbol))
        return self.answers["funding"]

    async def request(self, path: str, section: object, method: str, params: object) -> Any:
        """A list ccxt has no call for."""
        self.asked.append((path, method))
        return self.answers["raw"]


async def seen(client: Told, *reads: MarketRead, symbols: tuple[str, ...] = (PERP,)) -> dict[str, Seen]:
    """What those calls say."""
    connection = connected(client)
    product = replace(row_of("bybit").products[WalletKind.LINEAR], market_reads=reads)
    connection = replace(connection, row=replace(connection.row, products={WalletKind.LINEAR: product}))
    return await read_market(connection, WalletKind.LINEAR, symbols, reader(connection))


TICKERS = MarketRead(call="fetch_tickers")


async def test_what_was_said_first_is_kept_and_what_was_missing_is_added() -> None:
    """Two calls tell a last price; only the second one tells a mark."""
    client = Told(
        tickers={PERP: {"bid": "1", "ask": "2", "last": "1.5", "quoteVolume": "100", "markPrice": ""}},
        marks=[{"symbol": PERP, "last": "9", "markPrice": "1.6", "indexPrice": None}],
    )
    found = await seen(client, TICKERS, MarketRead(call="fetch_mark_prices", everything=True))
    wanted = {"bid": "1", "ask": "2", "last": "1.5", "volume": "100", "mark": "1.6"}
    assert found[PERP].numbers == {name: Decimal(number) for name, number in wanted.items()}
    assert sorted(client.asked, key=str) == [("marks", None), ("tickers", [PERP])]


async def test_raw_fields_stand_in_where_ccxt_misreads_and_are_scaled() -> None:
    """A rate in per cent becomes a fraction, an interval in minutes hours."""
    read = MarketRead(
        call="fetch_tickers",
        fields={"rate": "funding.percent", "interval_hours": "minutes", "next_ms": "next", "at_ms": "time"},
        scale={"rate": Decimal("0.01"), "interval_hours": Decimal(1) / 60},
    )
    info = {"funding": {"percent": "0.01"}, "minutes": "480", "next": EIGHT_MS, "time": NOON_MS}
    row = {"fundingRate": "7", "nextFundingTimestamp": NOON_MS, "info": info}
    one = (await seen(Told(tickers={PERP: row}), read))[PERP]
    assert one.numbers["rate"] == d("0.0001")
    assert round(one.numbers["interval_hours"], 20) == 8
    assert (one.next_funding, one.at) == ([NOON + 8 * HOUR], NOON)


async def test_a_quote_is_as_old_as_the_oldest_of_its_calls() -> None:
    """Of noon and one second before, the earlier."""
    fields = {"at_ms": "time"}
    client = Told(tickers={PERP: {"info": {"time": NOON_MS}}}, marks={PERP: {"info": {"time": NOON_MS - 1000}}})
    found = await seen(
        client, MarketRead(call="fetch_tickers", fields=fields), MarketRead(call="fetch_mark_prices", fields=fields)
    )
    assert found[PERP].at == NOON - timedelta(seconds=1)


async def test_a_call_for_each_symbol_tells_of_that_one() -> None:
    """An interval of 8h is eight hours; both settlement fields are kept, for their meaning differs."""
    row = {"fundingRate": "0.0001", "interval": "8h", "nextFundingTimestamp": None, "fundingTimestamp": EIGHT_MS}
    client = Told(funding=row)
    found = await seen(client, MarketRead(call="fetch_funding_rate", each=True))
    assert client.asked == [("funding", PERP)]
    assert found[PERP].numbers == {"rate": d("0.0001"), "interval_hours": d(8)}
    assert found[PERP].next_funding == [NOON + 8 * HOUR]


async def test_a_symbol_the_answer_does_not_list_has_what_the_documents_say_and_nothing_else() -> None:
    """Eight hours are usual there, and only exceptions are listed."""
    read = MarketRead(call="fetch_tickers", otherwise={"interval_hours": d(8)})
    assert (await seen(Told(tickers={}), read))[PERP].numbers == {"interval_hours": d(8)}
    listed = {PERP: {"interval": "4h"}}
    assert (await seen(Told(tickers=listed), read))[PERP].numbers == {"interval_hours": d(4)}


async def test_a_raw_list_is_read_by_the_venues_own_names() -> None:
    """A market nobody knows is left out."""
    raw = RawRows(path="fundingInfo", section=("public", "get"), rows="data", market="symbol")
    rows = [{"symbol": "BTCUSDT", "hours": "4"}, {"symbol": "NONE", "hours": "1"}, {"symbol": "XYZ", "hours": "2"}]
    client = Told(raw={"data": rows})
    found = await seen(client, MarketRead(call="intervals", raw=raw, fields={"interval_hours": "hours"}))
    assert found[PERP].numbers == {"interval_hours": d(4)}
    assert client.asked == [("fundingInfo", "GET")]


async def test_with_nothing_to_look_at_nothing_is_asked() -> None:
    """No symbols, no requests."""
    client = Told()
    assert await seen(client, TICKERS, symbols=()) == {}
    assert client.asked == []


async def test_prices_in_an_unknown_form_are_refused() -> None:
    """Neither a list nor a mapping."""
    with pytest.raises(SnapshotUnavailable, match="prices came in no form Poise knows"):
        await seen(Told(tickers="maintenance"), TICKERS)
