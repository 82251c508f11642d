"""What a seeded market lists besides spot and perpetuals, and for how long."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.instrument import Kind
from bot.simulator.dated import last_friday, listed_from, quarterly, years_left
from bot.simulator.synthetic import EPOCH, SyntheticMarket, synthetic_market
from tests.builders import d

ALL = frozenset(Kind)
DAY = timedelta(days=1)
MARCH, JUNE, SEPTEMBER = (datetime(2026, month, day, 8, tzinfo=UTC) for month, day in ((3, 27), (6, 26), (9, 25)))
MOMENTS = tuple(EPOCH + timedelta(hours=53 * n, seconds=7 * n) for n in range(30))


def the_market(**changes: object) -> SyntheticMarket:
    """Bitcoin, ether and solana in every kind there is."""
    fields: dict[str, object] = {"seed": 7, "coins": ("BTC", "ETH", "SOL"), "kinds": ALL}
    return synthetic_market(**(fields | changes))  # type: ignore[arg-type]


MARKET = the_market()


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


def test_a_stablecoin_has_no_contract_of_any_kind() -> None:
    """Whatever kinds are asked for."""
    market = the_market(coins=("BTC", "USDC"))
    assert [symbol for symbol in market.instruments if symbol.startswith("USDC")] == ["USDC/USDT"]
