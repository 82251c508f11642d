"""The market behind an emulated venue: the same prices in every run, times of now, the venue's own grids."""

from datetime import timedelta

from bot.domain.instrument import Kind, WalletKind
from bot.domain.order import TransferRequest
from tests.builders import NOON, d
from tests.emulator.cores import ALL_KINDS, BTC, COIN, PERP, Hands, a_core, sell
from tests.emulator.times import from_ms, to_ms

HOUR, DAY = 3_600, 86_400


def test_prices_begin_the_same_whenever_a_run_begins_and_their_times_are_of_now() -> None:
    """Half a year apart: 63,350.21 both times, each told at its own moment."""
    for days in (0, 183):
        now = NOON + timedelta(days=days)
        quote = a_core(hands=Hands(now)).quotes()[BTC]
        assert (quote.bid, quote.ask, quote.last) == (d("63347.04"), d("63353.38"), d("63350.21"))
        assert quote.at == now


def test_prices_stand_still_for_a_minute_and_then_move_a_little() -> None:
    """Whoever asks in the first minute sees the same; over the next four BTC and ETH move by less than 1 % a minute."""
    hands = Hands(NOON)
    core = a_core(hands=hands)
    before = core.quotes()
    for minute in range(5):
        hands.move(seconds=59)
        assert [core.quotes()[symbol].last for symbol in before] == [before[symbol].last for symbol in before], minute
        hands.move(seconds=1)
        after = core.quotes()
        assert all(abs(after[symbol].last / before[symbol].last - 1) < d("0.01") for symbol in (BTC, "ETH/USDT"))
        before = after


def test_the_time_is_told_in_whole_milliseconds() -> None:
    """1.2345 ms past noon is told as 1 ms, everywhere."""
    core = a_core(hands=Hands(NOON + timedelta(microseconds=1_234)))
    assert core.now_ms() == to_ms(NOON) + 1
    assert core.quotes()[BTC].at == from_ms(core.now_ms())


def test_time_may_pass_in_the_market_alone() -> None:
    """A day: prices are another day's, the clock outside stands still, and what was done is a day ago."""
    core = a_core(books="hedged")
    core.place(sell(PERP, "0.01"))
    before, now = core.quotes()[BTC].last, core.now_ms()
    core.live(timedelta(days=1))
    assert core.now_ms() == now
    assert core.quotes()[BTC].last != before
    assert core.fills()[0].at_ms == now - DAY * 1000


def test_coins_asked_for_are_listed_besides_the_usual_three() -> None:
    """DOGE in spot and as a perpetual; BTC asked for again is listed once."""
    core = a_core(coins=("DOGE", "BTC"))
    assert len(core.instruments) == 8
    assert {"DOGE/USDT", "DOGE/USDT:USDT", "SOL/USDT"} <= core.instruments.keys()


def test_a_venue_may_count_contracts_its_own_way() -> None:
    """With 0.0001 BTC a contract the short of 0.3 BTC is 3,000 contracts, and one more makes 3,001."""
    core = a_core(books="hedged", sizes={PERP: "0.0001"})
    assert core.instruments[PERP].contract_size == d("0.0001")
    assert core.positions()[PERP].quantity == -3_000
    core.place(sell(PERP, 1_000))
    assert core.positions()[PERP].quantity == -4_000
    assert core.wallet_equity(core.instruments[PERP].wallet, "USDT") < 20_000


def test_dated_contracts_are_named_by_the_day_they_end_on() -> None:
    """Two linear and two coin-margined ones of BTC and of ETH, all delivered at 08:00 UTC within half a year."""
    core = a_core(kinds=ALL_KINDS)
    dated = {symbol: one for symbol, one in core.instruments.items() if one.kind.is_dated}
    assert len(dated) == 8
    for symbol, one in dated.items():
        assert one.symbol == symbol
        assert one.expiry is not None
        assert symbol.endswith(f"-{one.expiry:%y%m%d}")
        assert (one.expiry.hour, one.expiry.minute) == (8, 0)
        assert timedelta(0) < one.expiry - NOON < timedelta(days=200)
        assert symbol in core.quotes()


def test_a_dated_contract_is_delivered_and_the_next_one_listed() -> None:
    """Sold in its last days: the position is gone, a delivery is in the ledger, its name is listed no more."""
    core = a_core(kinds=ALL_KINDS)
    core.live(timedelta(days=69))
    usdt = TransferRequest(asset="USDT", amount=d(5_000), source=WalletKind.SPOT, target=WalletKind.LINEAR)
    core.transfer(usdt, "")
    ends = {
        one.expiry: s for s, one in core.instruments.items() if one.kind is Kind.LINEAR_FUTURE and one.base == "BTC"
    }
    first = ends[min(moment for moment in ends if moment is not None)]
    core.place(sell(first, "0.01"))
    core.live(timedelta(days=3))
    assert first not in core.positions()
    assert first not in core.instruments
    assert [entry.symbol for entry in core.ledger() if entry.kind == "delivery"] == [first]
    order = core.order(1)
    assert order is not None
    assert order.average is not None


def test_bars_begin_on_the_hour_outside_and_the_last_one_is_unfinished() -> None:
    """At 12:20 the newest three hourly bars opened at 10, 11 and 12; the last closes where the price stands."""
    core = a_core(hands=Hands(NOON + timedelta(minutes=20)))
    bars = core.candles(PERP, HOUR, 0, 3)
    assert [bar.opened_at - NOON for bar in bars] == [timedelta(hours=-2), timedelta(hours=-1), timedelta(0)]
    assert {bar.symbol for bar in bars} == {PERP}
    assert bars[-1].close == core.quotes()[PERP].last
    assert [later.open for later in bars[1:]] == [bar.close for bar in bars[:-1]]


def test_bars_asked_for_from_a_moment_begin_with_the_first_that_opens_then() -> None:
    """From 23:59 of the 29th two days: the 30th and the 31st, whatever has opened since."""
    core = a_core()
    bars = core.candles(BTC, DAY, to_ms(NOON - timedelta(days=2, hours=12, minutes=1)), 2)
    assert [f"{bar.opened_at:%d %H:%M}" for bar in bars] == ["30 00:00", "31 00:00"]
    assert core.candles(BTC, DAY, core.now_ms() + 1, 2) == ()
    assert core.candles(BTC, DAY, 0, 0) == ()


def test_a_closed_bar_is_the_same_however_it_is_asked_for_and_whenever() -> None:
    """Read at noon, and again when two more hours have begun."""
    hands = Hands(NOON)
    core = a_core(hands=hands)
    before = core.candles(COIN.replace("USD:BTC", "USDT"), HOUR, 0, 6)
    hands.move(hours=2)
    after = core.candles(BTC, HOUR, to_ms(before[0].opened_at), 5)
    assert after == before[:5]
    newest = core.candles(BTC, HOUR, 0, 4)
    assert [later.open for later in newest[1:]] == [bar.close for bar in newest[:-1]]


def test_there_are_days_of_years_and_hours_of_a_fortnight_but_no_minutes() -> None:
    """300 daily bars; hourly ones reach before the market's own beginning too; a minute is finer than it is drawn."""
    core = a_core()
    assert len(core.candles(BTC, DAY, 0, 300)) == 300
    assert len(core.candles(BTC, HOUR, 0, 500)) == 500
    assert len(core.candles(BTC, 300, 0, 288)) == 288
    assert core.candles(BTC, 60, 0, 10) == ()
