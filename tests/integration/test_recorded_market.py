"""Thirteen months of recorded BTC and ETH, hour by hour, from the folder beside the repository."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.domain.instrument import WalletKind
from bot.domain.ledger import EntryKind
from bot.domain.order import OrderType, Side
from bot.errors import SnapshotUnavailable
from bot.simulator.clock import SimulatedClock
from bot.simulator.opening import first_account
from bot.simulator.recorded import RecordedMarket, recorded_market
from bot.simulator.recorded_wanted import Wanted
from bot.simulator.venue import SimulatedVenue, VenueState
from tests.builders import d
from tests.unit.simulator.scripted import an_order
from tests.vectors import SHARED

DATA = SHARED / "data"
HOURLY = Wanted(assets=("BTC", "ETH"))

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not beside the repository")


@pytest.fixture(scope="module")
def market() -> RecordedMarket:
    """The hourly bars of Binance."""
    return recorded_market(DATA, HOURLY)


def test_it_begins_and_ends_where_the_record_does(market: RecordedMarket) -> None:
    """Bars open 2023-06-01 00:00 to 2024-06-30 23:00: the first closes at 01:00, the last at midnight."""
    assert (market.start, market.end) == (datetime(2023, 6, 1, 1, tzinfo=UTC), datetime(2024, 7, 1, tzinfo=UTC))


def test_the_first_closes_are_those_of_the_file(market: RecordedMarket) -> None:
    """27,065.77 spot and 27,059.8 perpetual, digit for digit."""
    quotes = market.quotes(market.start)
    assert quotes["BTC/USDT"].last == d("27065.77")
    assert quotes["BTC/USDT:USDT"].mark == d("27059.8")
    with pytest.raises(SnapshotUnavailable):
        market.quotes(market.start - timedelta(seconds=1))


def test_the_years_funding_is_what_the_record_pays(market: RecordedMarket) -> None:
    """Three settlements a day; about a tenth of the notional in a year for BTC (QUANT 3)."""
    year = market.settlements(market.start, market.start + timedelta(days=365))
    btc = [payment.rate for payment in year if payment.symbol == "BTC/USDT:USDT"]
    assert len(btc) == 3 * 365
    assert d("0.09") < sum(btc) < d("0.14")


@pytest.mark.parametrize("timeframe", ["8h", "1d"])
def test_other_bar_lengths_are_found_in_other_files(timeframe: str) -> None:
    """Eight-hourly from one file, daily from two."""
    market = recorded_market(DATA, Wanted(assets=("BTC",), timeframe=timeframe))
    assert set(market.quotes(market.start)) == {"BTC/USDT", "BTC/USDT:USDT"}


async def test_thirteen_months_of_a_hedged_account_close_to_the_last_digit(market: RecordedMarket) -> None:
    """A short held for 9,503 hours: every balance is the first one plus its ledger; 1,187 settlements each."""
    clock = SimulatedClock(market.start)
    shares = {"BTC": d("0.7"), "ETH": d("0.3")}
    account = first_account(market, market.start, shares=shares)
    venue = SimulatedVenue(market, clock, VenueState(account=account, moment=market.start))
    venue.deposit(WalletKind.LINEAR, "USDT", d(60_000))
    for symbol, coins in (("BTC/USDT:USDT", "0.5"), ("ETH/USDT:USDT", "3")):
        report = await venue.place(f"h{symbol[:3].lower()}", an_order(symbol, "sell", coins))
        assert report.filled == d(coins)
    while market.end > clock.now():
        await clock.sleep_until(clock.now() + timedelta(hours=1))
        await venue.snapshot()
    entries = await venue.ledger(-1)
    totals: defaultdict[tuple[WalletKind, str], Decimal] = defaultdict(Decimal, account.balances)
    for entry in entries:
        totals[entry.wallet, entry.asset] += entry.change
    assert totals == venue.state.account.balances
    funding = [entry.change for entry in entries if entry.kind is EntryKind.FUNDING]
    assert len(funding) == 2 * 1187
    assert sum(funding) > 1_000


async def test_an_offer_above_the_market_is_taken_when_a_high_reaches_it(market: RecordedMarket) -> None:
    """An offer 1 % above the first price is met within days, at its own price."""
    clock = SimulatedClock(market.start)
    account = first_account(market, market.start, shares={"BTC": d(1)})
    venue = SimulatedVenue(market, clock, VenueState(account=account, moment=market.start))
    price = (market.quotes(market.start)["BTC/USDT"].mid * d("1.01")).quantize(d("0.01"))
    order = an_order("BTC/USDT", Side.SELL, "0.5", price, type=OrderType.POST_ONLY)
    await venue.place("h1", order)
    await clock.sleep_until(market.start + timedelta(days=30))
    report = await venue.find("h1", "BTC/USDT")
    assert report is not None
    assert report.average_price == price
