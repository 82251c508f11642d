"""The past is closed bars, funding with the interval it really had, and interest in coins."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.instrument import Instrument
from bot.domain.reading import History, Series, SeriesKind
from bot.errors import SnapshotUnavailable
from bot.venues.history import read_candles, read_history
from bot.venues.translate import in_milliseconds
from tests.builders import NOON, a_perpetual, an_inverse_perpetual, d
from tests.unit.venues.desk import connected, reader

PERP = "BTC/USDT:USDT"
NOON_MS, HOUR_MS = in_milliseconds(NOON), 3_600_000
HOUR = timedelta(hours=1)


def a_series(kind: SeriesKind = SeriesKind.CANDLES, count: int = 3, symbol: str = PERP, seconds: int = 3600) -> Series:
    """The newest points of an hour each."""
    return Series(kind=kind, symbol=symbol, seconds=seconds, count=count)


class Past:
    """A client that tells the past by hours before noon, at most `most` rows at once."""

    def __init__(self, most: int = 1000, **told: list[Any]) -> None:
        self.has: dict[str, bool] = {
            "fetchOHLCV": "bars" in told,
            "fetchFundingRateHistory": "settled" in told,
            "fetchOpenInterestHistory": "interest" in told,
        }
        self.timeframes = {"1h": "60"}
        self.markets: dict[str, object] = {PERP: {}, "BTC/USD:BTC": {}} if told else {}
        self._told, self._most = told, most
        self.asked = 0

    async def fetch_ohlcv(self, symbol: str, name: str, since: int, limit: int) -> list[list[Any]]:
        """Bars opened since."""
        self.asked += 1
        bars = [[NOON_MS + hour * HOUR_MS, 1, 3, 1, 2, 5] for hour in self._told["bars"]]
        return [bar for bar in bars if bar[0] >= since][: self._most]

    async def fetch_funding_rate_history(
        self, symbol: str, since: int, limit: int, params: Any
    ) -> list[dict[str, Any]]:
        """Settlements since."""
        self.asked += 1
        rows = [{"timestamp": NOON_MS + hour * HOUR_MS, "fundingRate": rate} for hour, rate in self._told["settled"]]
        return [row for row in rows if row["timestamp"] >= since][: self._most]

    async def fetch_open_interest_history(self, symbol: str, name: str, since: int, limit: int) -> list[dict[str, Any]]:
        """Interest since."""
        self.asked += 1
        rows = [
            {"timestamp": NOON_MS + hour * HOUR_MS, "openInterestAmount": amount}
            for hour, amount in self._told["interest"]
        ]
        return [row for row in rows if row["timestamp"] >= since][: self._most]


async def read(client: Past, one: Series, instrument: Instrument | None = None) -> History:
    """What the venue tells of a series at noon."""
    connection, known = connected(client), instrument or a_perpetual()
    return await read_history(connection, {known.symbol: known}, (one,), NOON, reader(connection))


@pytest.mark.parametrize("most", [1000, 2])
async def test_a_bar_that_is_still_open_is_left_out(most: int) -> None:
    """At noon the bar of eleven has closed and that of noon has just opened; page by page it is the same."""
    connection, client = connected(None), Past(most, bars=[-4, -3, -2, -1, 0])
    found = await read_candles(client, a_series(), NOON, reader(connection))
    assert [bar.opened_at for bar in found] == [NOON - 3 * HOUR, NOON - 2 * HOUR, NOON - HOUR]
    assert (found[0].open, found[0].high, found[0].low, found[0].close, found[0].volume) == (1, 3, 1, 2, 5)


async def test_the_newest_bars_count_and_none_is_made_up() -> None:
    """Two of three hours are there: two are told; none is there: none."""
    found = await read(Past(bars=[-3, -1]), a_series())
    assert [bar.opened_at for bar in found.candles[f"{PERP} 3600"]] == [NOON - 3 * HOUR, NOON - HOUR]
    assert (await read(Past(bars=[]), a_series())).candles == {f"{PERP} 3600": ()}


async def test_each_settlement_has_the_hours_since_the_one_before() -> None:
    """Eight, then four, then one: the first has none to measure from, and what lies ahead is left out."""
    settled = [(-13, "0.1"), (-5, "0.0001"), (-1, "-0.0002"), (0, "0.0003"), (1, "0.9")]
    found = (await read(Past(settled=settled), a_series(SeriesKind.FUNDING))).funding[PERP]
    assert [(one.interval_hours, one.rate) for one in found] == [(8, d("0.0001")), (4, d("-0.0002")), (1, d("0.0003"))]
    assert found[-1].at == NOON


async def test_pages_of_funding_are_followed_and_the_newest_kept() -> None:
    """Two at once, twelve in all, of which three are wanted."""
    settled = [(-hour, "0.0001") for hour in range(22, -1, -2)]
    found = (await read(Past(2, settled=settled), a_series(SeriesKind.FUNDING))).funding[PERP]
    assert [one.at for one in found] == [NOON - 4 * HOUR, NOON - 2 * HOUR, NOON]


async def test_interest_is_in_coins_and_a_value_alone_is_left_out() -> None:
    """Five contracts of a hundredth are 0.05 coins; a row without an amount tells no coins."""
    one = a_perpetual(contract_size=d("0.01"))
    client = Past(1, interest=[(-2, "5"), (-1, "7"), (1, "9")])
    found = (await read(client, a_series(SeriesKind.OPEN_INTEREST), one)).open_interest[PERP]
    assert [(point.at, point.coins) for point in found] == [(NOON - 2 * HOUR, d("0.05")), (NOON - HOUR, d("0.07"))]
    told = await read(Past(interest=[(-1, None)]), a_series(SeriesKind.OPEN_INTEREST), one)
    assert told.open_interest == {PERP: ()}


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (SeriesKind.CANDLES, {"bars": range(-70, 0)}),
        (SeriesKind.FUNDING, {"settled": [(hour, "0.1") for hour in range(-70, 0)]}),
        (SeriesKind.OPEN_INTEREST, {"interest": [(hour, "5") for hour in range(-70, 0)]}),
    ],
)
async def test_a_past_longer_than_is_read_at_once_is_refused_and_not_cut(
    kind: SeriesKind, told: dict[str, Any]
) -> None:
    """Seventy rows, one at a time: after fifty the newest would be missing, and nobody would know."""
    client = Past(1, **told)
    with pytest.raises(SnapshotUnavailable, match="has more rows than Poise reads at once"):
        await read(client, a_series(kind, count=70))
    assert client.asked == 50
    client = Past(10, **told)
    await read(client, a_series(kind, count=70))
    assert client.asked < 50


@pytest.mark.parametrize("kind", SeriesKind)
async def test_a_series_the_venue_has_not_is_left_out_and_not_asked_for(kind: SeriesKind) -> None:
    """No call, no market, no such bars, no such wallet."""
    other = Past(settled=[]) if kind is SeriesKind.CANDLES else Past(bars=[])
    for client in (other, Past()):
        assert await read(client, a_series(kind)) == History(candles={}, funding={}, open_interest={})
        assert client.asked == 0
    spot = a_series(kind, symbol="BTC/USDT")
    assert await read(Past(bars=[], settled=[], interest=[]), spot) == History(candles={}, funding={}, open_interest={})


@pytest.mark.parametrize(
    ("kind", "call"),
    [
        (SeriesKind.CANDLES, "fetchOHLCV"),
        (SeriesKind.FUNDING, "fetchFundingRateHistory"),
        (SeriesKind.OPEN_INTEREST, "fetchOpenInterestHistory"),
    ],
)
async def test_what_the_mode_lacks_is_left_out_whatever_ccxt_offers(kind: SeriesKind, call: str) -> None:
    """The class has it, the mode's side has not."""
    client, known = Past(bars=[-1], settled=[], interest=[]), a_perpetual()
    connection = connected(client)
    connection = replace(connection, access=replace(connection.access, lacks=frozenset({call})))
    found = await read_history(connection, {known.symbol: known}, (a_series(kind),), NOON, reader(connection))
    assert (found, client.asked) == (History(candles={}, funding={}, open_interest={}), 0)


async def test_bars_of_a_length_the_venue_has_not_are_left_out() -> None:
    """Four hours, where it has one."""
    assert (await read(Past(bars=[-1]), a_series(seconds=14_400))).candles == {}


async def test_interest_of_a_contract_nobody_described_is_left_out() -> None:
    """Without its size it would be no number of coins."""
    told = await read(Past(interest=[(-1, "5")]), a_series(SeriesKind.OPEN_INTEREST), an_inverse_perpetual())
    assert told.open_interest == {}


async def test_a_number_that_cannot_be_read_names_the_series() -> None:
    """A rate is missing."""
    with pytest.raises(SnapshotUnavailable, match=f"funding of {PERP}: funding rate is missing") as refused:
        await read(Past(settled=[(-1, None)]), a_series(SeriesKind.FUNDING))
    assert refused.value.part == "funding"
