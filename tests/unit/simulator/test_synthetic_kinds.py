"""What a seeded market lists besides spot and perpetuals, and what it tells of the past."""

import itertools
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.domain.instrument import Kind
from bot.domain.reading import History, Series, SeriesKind, candles_key
from bot.domain.snapshot import Candle
from bot.simulator.dated import last_friday, listed_from, quarterly, years_left
from bot.simulator.synthetic import EPOCH, SyntheticMarket, synthetic_market
from bot.simulator.walk import Coin
from tests.builders import d

ALL = frozenset(Kind)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MARCH, JUNE, SEPTEMBER = (datetime(2026, month, day, 8, tzinfo=UTC) for month, day in ((3, 27), (6, 26), (9, 25)))
MOMENTS = tuple(EPOCH + timedelta(hours=53 * n, seconds=7 * n) for n in range(30))


def the_market(**changes: object) -> SyntheticMarket:
    """Bitcoin, ether and solana in every kind there is."""
    fields: dict[str, object] = {"seed": 7, "coins": ("BTC", "ETH", "SOL"), "kinds": ALL}
    return synthetic_market(**(fields | changes))  # type: ignore[arg-type]


MARKET = the_market()


def candles(
    symbol: str, seconds: int, count: int, moment: datetime, market: SyntheticMarket = MARKET
) -> tuple[Candle, ...]:
    """The bars of one symbol as told at a moment."""
    wanted = Series(kind=SeriesKind.CANDLES, symbol=symbol, seconds=seconds, count=count)
    return market.history((wanted,), moment).candles.get(candles_key(symbol, seconds), ())


def one_series(kind: SeriesKind, symbol: str, count: int, moment: datetime, seconds: int = 86_400) -> History:
    """What the market tells of one series."""
    return MARKET.history((Series(kind=kind, symbol=symbol, seconds=seconds, count=count),), moment)


def test_every_coin_has_the_kinds_asked_for_and_two_have_dated_ones() -> None:
    """Solana has perpetuals of both kinds; dated contracts are bitcoin's and ether's."""
    listed = MARKET.instruments_at(EPOCH)
    assert {symbol for symbol in listed if symbol.startswith("SOL")} == {"SOL/USDT", "SOL/USDT:USDT", "SOL/USD:SOL"}
    assert {symbol for symbol in listed if symbol.startswith("BTC")} == {
        "BTC/USDT",
        "BTC/USDT:USDT",
        "BTC/USD:BTC",
        "BTC/USDT:USDT-260327",
        "BTC/USDT:USDT-260626",
        "BTC/USD:BTC-260327",
        "BTC/USD:BTC-260626",
    }


def test_the_description_names_what_is_listed_besides_the_usual() -> None:
    """Equal words, equal market: so other kinds are other words, and the usual kinds none."""
    assert "kinds" not in synthetic_market(7).description
    assert MARKET.description.endswith(" kinds=+inverse-future,inverse-perpetual,linear-future")
    assert MARKET.description == the_market(coins=("BTC", "ETH", "SOL"), kinds=list(ALL)).description


def test_prices_do_not_depend_on_the_kinds_listed() -> None:
    """Every quote of the usual market is to the letter that of the market with all kinds, at thirty moments."""
    plain = synthetic_market(7)
    for moment in MOMENTS:
        every = MARKET.quotes(moment)
        assert plain.quotes(moment) == {symbol: every[symbol] for symbol in plain.instruments}
        assert plain.funding(moment).items() <= MARKET.funding(moment).items()


def test_one_kind_does_not_depend_on_another() -> None:
    """The dated bitcoin contract alone is that of the whole market."""
    alone = synthetic_market(7, ("BTC",), kinds={Kind.LINEAR_FUTURE})
    symbol = "BTC/USDT:USDT-260327"
    for moment in MOMENTS:
        assert alone.quotes(moment)[symbol] == MARKET.quotes(moment)[symbol]
    assert "BTC/USDT:USDT" not in alone.instruments


def test_each_kind_has_a_premium_of_its_own() -> None:
    """The coin-margined perpetual's mark and funding are not the linear one's."""
    quotes, paid = MARKET.quotes(MOMENTS[9]), MARKET.settlements(EPOCH, EPOCH + 30 * DAY)
    assert quotes["BTC/USD:BTC"].mark != quotes["BTC/USDT:USDT"].mark
    assert quotes["BTC/USD:BTC"].index == quotes["BTC/USDT:USDT"].index
    of_coins, of_dollars = (
        [one.rate for one in paid if one.symbol == symbol] for symbol in ("BTC/USD:BTC", "BTC/USDT:USDT")
    )
    assert len(of_coins) == len(of_dollars) == 90
    assert of_coins != of_dollars


def test_only_perpetuals_pay_funding() -> None:
    """Neither shown nor settled for a dated contract."""
    paid = {one.symbol for one in MARKET.settlements(EPOCH, EPOCH + DAY)}
    perpetuals = {f"{coin}/{rest}" for coin in ("BTC", "ETH", "SOL") for rest in ("USDT:USDT", f"USD:{coin}")}
    assert paid == set(MARKET.funding(EPOCH)) == perpetuals


@pytest.mark.parametrize(
    "moment",
    [EPOCH, MARCH - timedelta(microseconds=1), MARCH, JUNE, datetime(2029, 7, 4, tzinfo=UTC)],
    ids=["epoch", "eve", "delivery", "next delivery", "years later"],
)
def test_exactly_two_dated_contracts_of_a_coin_are_listed(moment: datetime) -> None:
    """The two next to be delivered, of each kind; quotes are of exactly what is listed."""
    listed = MARKET.instruments_at(moment)
    for coin, kind in itertools.product(("BTC", "ETH"), (Kind.LINEAR_FUTURE, Kind.INVERSE_FUTURE)):
        ends = sorted(i.expiry for i in listed.values() if i.base == coin and i.kind is kind and i.expiry)
        assert ends == list(quarterly(moment, 2))
    assert set(MARKET.quotes(moment)) == set(listed)


def test_a_quarterly_contract_comes_as_the_oldest_goes() -> None:
    """At the delivery of March that of September is listed, and says so."""
    new, old = "BTC/USDT:USDT-260925", "BTC/USDT:USDT-260327"
    before, after = MARKET.instruments_at(MARCH - timedelta(seconds=1)), MARKET.instruments_at(MARCH)
    assert (old in before, new in before, old in after, new in after) == (True, False, False, True)
    assert MARKET.instruments[new].listed_at == listed_from(SEPTEMBER) == MARCH
    assert MARKET.instruments[new].expiry == SEPTEMBER


def test_deliveries_are_the_last_fridays_of_the_quarters_at_eight() -> None:
    """27 March, 26 June, 25 September and 25 December 2026; 26 March 2027; a delivery is not its own next."""
    assert quarterly(EPOCH, 3) == (MARCH, JUNE, SEPTEMBER)
    assert quarterly(MARCH, 1) == (JUNE,)
    assert [f"{last_friday(year, month):%y%m%d}" for year, month in ((2026, 12), (2027, 3))] == ["261225", "270326"]
    assert len(quarterly(EPOCH)) == 24


def test_years_left_are_days_of_a_365th_and_never_below_zero() -> None:
    """73 days are a fifth of a year."""
    assert years_left(MARCH, MARCH - 73 * DAY) == d("0.2")
    assert years_left(MARCH, MARCH + DAY) == 0


@pytest.mark.parametrize("symbol", ["BTC/USDT:USDT-260327", "BTC/USD:BTC-260327", "ETH/USDT:USDT-260327"])
def test_the_basis_is_gone_at_delivery(symbol: str) -> None:
    """Within 30 % a year of what is left at every moment; a tick at most in the last second."""
    tick = MARKET.instruments[symbol].tick
    for days in range(0, 85, 7):
        moment = MARCH - timedelta(days=days, seconds=1)
        quote = MARKET.quotes(moment)[symbol]
        assert quote.mark is not None
        assert quote.index is not None
        assert abs(quote.mark - quote.index) <= quote.index * d("0.3") * years_left(MARCH, moment) + tick
    (last,) = MARKET.path(MARCH - timedelta(minutes=1), MARCH)
    settled = MARKET.settlement_price(symbol, MARCH)
    assert abs(last.spans[symbol].last - settled) <= tick
    assert settled == MARKET.quotes(MARCH)[f"{symbol[:3]}/USDT"].last


def test_the_path_names_a_contract_until_its_delivery_and_the_next_one_after() -> None:
    """At eight the old one still has a price; at five past the new one has its first."""
    steps = list(MARKET.path(MARCH - timedelta(minutes=5), MARCH + timedelta(minutes=5)))
    assert [step.at for step in steps] == [MARCH, MARCH + timedelta(minutes=5)]
    old, new = "BTC/USDT:USDT-260327", "BTC/USDT:USDT-260925"
    assert [(old in step.spans, new in step.spans) for step in steps] == [(True, False), (False, True)]


@pytest.mark.parametrize("seconds", [3_600, 4 * 3_600, 86_400], ids=["1h", "4h", "1d"])
def test_bars_join_at_the_epoch(seconds: int) -> None:
    """Each opens where the last closed, that after the epoch too, and high and low hold all four."""
    bars = candles("BTC/USDT", seconds, 40, EPOCH + 20 * timedelta(seconds=seconds))
    assert len(bars) == 40
    assert bars[19].close == bars[20].open == d(70_000)
    for before, after in itertools.pairwise(bars):
        assert before.close == after.open
        assert after.opened_at - before.opened_at == timedelta(seconds=seconds)
    for bar in bars:
        assert bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high
        assert bar.low < bar.high


def test_only_closed_bars_are_told() -> None:
    """A second before midnight the day is not over; at midnight it is the newest."""
    midnight = EPOCH + 9 * DAY
    assert candles("BTC/USDT", 86_400, 3, midnight - timedelta(seconds=1))[-1].opened_at == EPOCH + 7 * DAY
    assert candles("BTC/USDT", 86_400, 3, midnight)[-1].opened_at == EPOCH + 8 * DAY
    assert candles("BTC/USDT", 86_400, 3, EPOCH - 5 * DAY)[-1].opened_at == EPOCH - 6 * DAY


def test_bars_are_made_of_the_prices_that_were_quoted() -> None:
    """A day closes at the price of its midnight, and no quote of the day was beyond its high and low."""
    (bar,) = candles("BTC/USDT", 86_400, 1, EPOCH + 5 * DAY)
    quoted = [
        MARKET.quotes(EPOCH + 4 * DAY + minutes * timedelta(minutes=5))["BTC/USDT"].last for minutes in range(288)
    ]
    assert bar.open == quoted[0]
    assert bar.close == MARKET.quotes(EPOCH + 5 * DAY)["BTC/USDT"].last
    assert (bar.low, bar.high) == (min(*quoted, bar.close), max(*quoted, bar.close))


def test_long_bars_are_made_of_short_ones() -> None:
    """24 of an hour, or 6 of four, make the day: before the epoch and after."""
    for end in (EPOCH - 2 * DAY, EPOCH + 3 * DAY):
        (day,) = candles("ETH/USDT", 86_400, 1, end)
        for seconds, count in ((3_600, 24), (14_400, 6)):
            parts = candles("ETH/USDT", seconds, count, end)
            assert (parts[0].open, parts[-1].close) == (day.open, day.close)
            assert (max(p.high for p in parts), min(p.low for p in parts)) == (day.high, day.low)


def test_bars_finer_than_an_hour_begin_at_the_epoch() -> None:
    """Of the last four quarters of an hour two are told; before the epoch there are none."""
    told = candles("BTC/USDT", 900, 4, EPOCH + HOUR / 2)
    assert [bar.opened_at for bar in told] == [EPOCH, EPOCH + HOUR / 4]
    assert candles("BTC/USDT", 900, 4, EPOCH) == ()
    assert len(candles("BTC/USDT", 3_600, 4, EPOCH)) == 4


@pytest.mark.parametrize("seconds", [0, -60, 60, 7_000, 864])
def test_bars_that_do_not_divide_a_day_of_five_minutes_are_not_told(seconds: int) -> None:
    """None, backward, a minute, an odd length, and a hundredth of a day."""
    assert candles("BTC/USDT", seconds, 4, EPOCH + DAY) == ()


def test_the_past_is_the_same_in_any_order_of_asking() -> None:
    """Newest first, oldest first, with other series between: the same bars, funding and open interest."""
    wanted = [
        Series(kind=kind, symbol=symbol, seconds=seconds, count=30)
        for kind, symbol, seconds in (
            (SeriesKind.CANDLES, "BTC/USDT", 86_400),
            (SeriesKind.CANDLES, "SOL/USDT", 14_400),
            (SeriesKind.FUNDING, "ETH/USDT:USDT", 0),
            (SeriesKind.OPEN_INTEREST, "BTC/USDT:USDT", 86_400),
        )
    ]
    asked = [(series, EPOCH + timedelta(hours=hours)) for series in wanted for hours in (-500, 1, 90, 700)]
    in_order = {(one.symbol, one.seconds, at): the_market().history((one,), at) for one, at in asked}
    random.Random(3).shuffle(asked)
    other = the_market()
    assert {(one.symbol, one.seconds, at): other.history((one,), at) for one, at in asked} == in_order


def test_a_coins_past_does_not_depend_on_its_company() -> None:
    """Ether alone has the bars of ether among three."""
    alone = synthetic_market(7, ("ETH",))
    moment = EPOCH + 3 * DAY
    assert candles("ETH/USDT", 86_400, 10, moment, alone) == candles("ETH/USDT", 86_400, 10, moment)


def test_the_past_is_as_wild_as_the_present() -> None:
    """Daily moves of bitcoin over 400 days before the epoch: 60 % a year, within an eighth."""
    closes = [float(bar.close) for bar in candles("BTC/USDT", 86_400, 401, EPOCH)]
    moves = [after / before - 1 for before, after in itertools.pairwise(closes)]
    yearly = (sum(move * move for move in moves) / len(moves) * 365) ** 0.5
    assert yearly == pytest.approx(0.6, abs=0.075)


def test_another_seed_has_another_past() -> None:
    """Both lead up to 70,000."""
    mine, theirs = (candles("BTC/USDT", 86_400, 5, EPOCH, the_market(seed=seed)) for seed in (7, 8))
    assert mine[0] != theirs[0]
    assert mine[-1].close == theirs[-1].close == d(70_000)


def test_funding_points_are_eight_hours_apart_across_the_epoch() -> None:
    """Sixty of them, thirty before; oldest first, the newest settled at the moment or before."""
    points = one_series(SeriesKind.FUNDING, "BTC/USDT:USDT", 60, EPOCH + 10 * DAY + HOUR).funding["BTC/USDT:USDT"]
    assert len(points) == 60
    assert {after.at - before.at for before, after in itertools.pairwise(points)} == {timedelta(hours=8)}
    assert (points[-1].at, points[29].at) == (EPOCH + 10 * DAY, EPOCH)
    assert {point.interval_hours for point in points} == {d(8)}


def test_the_funding_told_is_the_funding_paid() -> None:
    """Rate by rate, since the epoch, of the coin-margined perpetual too."""
    until = EPOCH + 6 * DAY
    for symbol in ("BTC/USDT:USDT", "BTC/USD:BTC"):
        told = one_series(SeriesKind.FUNDING, symbol, 18, until).funding[symbol]
        paid = [(one.at, one.rate) for one in MARKET.settlements(EPOCH, until) if one.symbol == symbol]
        assert [(point.at, point.rate) for point in told] == paid


def test_open_interest_is_in_coins_once_a_day_and_only_of_days_over() -> None:
    """About 100,000,000 of value: 1,429 bitcoin at 70,000; four-hourly counts are whole days' worth."""
    noon = EPOCH + 3 * DAY + 12 * HOUR
    told = one_series(SeriesKind.OPEN_INTEREST, "BTC/USDT:USDT", 90, noon).open_interest["BTC/USDT:USDT"]
    assert [one.at for one in told] == [EPOCH + 3 * DAY - n * DAY for n in reversed(range(90))]
    mean = sum((one.coins for one in told), Decimal(0)) / 90
    assert abs(mean / (d(100_000_000) / 70_000) - 1) < d("0.05")
    few = one_series(SeriesKind.OPEN_INTEREST, "BTC/USDT:USDT", 7, noon, 14_400).open_interest["BTC/USDT:USDT"]
    assert few == told[-2:]


def test_what_the_market_does_not_have_is_left_out() -> None:
    """An unknown symbol, bars of a contract, funding of a dated one or of spot, open interest of spot."""
    for kind, symbol in (
        (SeriesKind.CANDLES, "DOGE/USDT"),
        (SeriesKind.CANDLES, "BTC/USDT:USDT"),
        (SeriesKind.FUNDING, "BTC/USDT"),
        (SeriesKind.FUNDING, "BTC/USDT:USDT-260327"),
        (SeriesKind.OPEN_INTEREST, "BTC/USDT"),
    ):
        told = one_series(kind, symbol, 5, EPOCH + DAY)
        assert (told.candles, told.funding, told.open_interest) == ({}, {}, {})


def test_a_stablecoin_has_no_contract_of_any_kind() -> None:
    """Whatever kinds are asked for."""
    market = the_market(coins=("BTC", "USDC"))
    assert [symbol for symbol in market.instruments if symbol.startswith("USDC")] == ["USDC/USDT"]


def test_a_coin_that_stands_still_has_bars_that_do() -> None:
    """A volatility of zero: open, high, low and close are the price."""
    market = synthetic_market(7, [Coin(name="ABC", price=2.0, volatility=0.0)])
    assert {
        (bar.open, bar.high, bar.low, bar.close) for bar in candles("ABC/USDT", 86_400, 6, EPOCH + 3 * DAY, market)
    } == {(d(2), d(2), d(2), d(2))}
