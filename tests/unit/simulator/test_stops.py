"""A stop waits at the venue and closes what it guards, whether or not anybody looks."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.instrument import WalletKind
from bot.domain.ledger import EntryKind
from bot.domain.order import Liquidity, OrderReport, OrderStatus, OrderType, Side
from bot.domain.snapshot import MarginMode, Position
from bot.errors import OrderRejected
from bot.simulator.account import Account
from bot.simulator.venue import SimulatedVenue
from tests.builders import NOON, Number, a_perpetual, a_short, d
from tests.unit.simulator.scripted import BTC, PERP, ScriptedMarket, a_venue, an_account, an_order

LINEAR = WalletKind.LINEAR
ETH = "ETH/USDT:USDT"
LATER = NOON + timedelta(hours=1)
ETHEREUM = (a_perpetual("ETH"),)


def a_long(coins: Number, *, futures: Number = 100_000, leverage: Number = 3) -> Account:
    """An account long at 70,000."""
    held = Position(
        symbol=PERP, quantity=d(coins), entry_price=d(70_000), margin_mode=MarginMode.CROSS, leverage=d(leverage)
    )
    return replace(an_account(futures=futures), positions={PERP: held})


def shorted(coins: Number, *, futures: Number = 100_000) -> Account:
    """An account short at 70,000."""
    return replace(an_account(futures=futures), positions={PERP: a_short("BTC", coins, entry=70_000)})


async def stop(
    venue: SimulatedVenue, side: str, quantity: Number, trigger: Number, *, name: str = "s1", symbol: str = PERP
) -> OrderReport:
    """Place a stop."""
    order = an_order(symbol, side, quantity, type=OrderType.STOP, trigger=d(trigger), reduce_only=True)
    return await venue.place(name, order)


async def became(venue: SimulatedVenue, name: str = "s1") -> OrderReport:
    """What the venue tells of a stop."""
    report = await venue.find(name, PERP)
    assert report is not None
    return report


async def balance(venue: SimulatedVenue) -> Decimal:
    """USDT in the linear wallet."""
    shown = await venue.snapshot()
    return next(one.total for one in shown.balances if (one.wallet, one.asset) == (LINEAR, "USDT"))


async def test_a_stop_rests_and_costs_nothing() -> None:
    """It is shown with its trigger as its price, holds no margin, and books nothing."""
    venue, _ = a_venue(a_long(1))
    free = next(one.free for one in (await venue.snapshot()).balances if one.wallet is LINEAR)
    report = await stop(venue, "sell", 1, 68_000)
    shown = await venue.snapshot()
    (order,) = shown.open_orders
    assert (report.status, await venue.ledger(-1)) == (OrderStatus.OPEN, ())
    assert (order.type, order.price, order.remaining, order.reduce_only) == (OrderType.STOP, d(68_000), d(1), True)
    assert next(one.free for one in shown.balances if one.wallet is LINEAR) == free


async def test_a_sell_stop_closes_a_long_at_its_trigger() -> None:
    """Long 1 at 70,000, a dip to 67,900 and back to 68,500: −2,000 and 5 bp of 68,000, so 34."""
    venue, clock = a_venue(a_long(1), ScriptedMarket(steps=((5, {PERP: (67_900, 70_000, 68_500)}),)))
    await stop(venue, "sell", 1, 68_000)
    await clock.sleep_until(LATER)
    (fill,) = (await became(venue)).fills
    assert (fill.price, fill.fee, fill.liquidity) == (d(68_000), d(34), Liquidity.TAKER)
    assert fill.at == NOON + timedelta(minutes=5)
    assert await balance(venue) == d(100_000) - 2_000 - 34
    assert (await venue.snapshot()).positions == {}


async def test_a_buy_stop_closes_a_short_at_its_trigger() -> None:
    """Short 1 at 70,000, a spike to 72,100 and back to 71,000: −2,000 and 36."""
    venue, clock = a_venue(shorted(1), ScriptedMarket(steps=((5, {PERP: (70_000, 72_100, 71_000)}),)))
    await stop(venue, "buy", 1, 72_000)
    await clock.sleep_until(LATER)
    assert (await became(venue)).average_price == d(72_000)
    assert await balance(venue) == d(100_000) - 2_000 - 36


@pytest.mark.parametrize(
    ("side", "trigger", "span", "price"),
    [
        ("sell", 68_000, 66_000, 66_000),
        ("sell", 68_000, (65_000, 67_000, 66_500), 66_500),
        ("buy", 72_000, 73_500, 73_500),
        ("buy", 72_000, (72_500, 74_000, 73_000), 73_000),
    ],
)
async def test_a_stop_jumped_over_fills_at_the_last_price(
    side: str, trigger: int, span: int | tuple[int, int, int], price: int
) -> None:
    """The price never was at the trigger: what was there is what one gets, and it is worse."""
    held = a_long(1) if side == "sell" else shorted(1)
    venue, clock = a_venue(held, ScriptedMarket(steps=((5, {PERP: span}),)))
    await stop(venue, side, 1, trigger)
    await clock.sleep_until(LATER)
    assert (await became(venue)).average_price == price


async def test_a_price_that_only_comes_near_fires_nothing() -> None:
    """A tenth above the trigger it waits; exactly at it, it fires."""
    market = ScriptedMarket(steps=((5, {PERP: ("68000.1", 70_000, 69_000)}), (10, {PERP: (68_000, 69_000, 69_000)})))
    venue, clock = a_venue(a_long(1), market)
    await stop(venue, "sell", 1, 68_000)
    await clock.sleep_until(NOON + timedelta(minutes=9))
    assert (await became(venue)).status is OrderStatus.OPEN
    await clock.sleep_until(LATER)
    assert (await became(venue)).status is OrderStatus.FILLED


async def test_a_stop_is_cut_to_the_position_left() -> None:
    """Long 1, of which 0.4 was sold by hand: the stop of 1 sells 0.6 and is cancelled for the rest."""
    venue, clock = a_venue(a_long(1), ScriptedMarket(steps=((5, {PERP: 67_000}),)))
    await stop(venue, "sell", 1, 68_000)
    await venue.place("h1", an_order(PERP, "sell", "0.4"))
    await clock.sleep_until(LATER)
    report = await became(venue)
    assert (report.filled, report.status) == (d("0.6"), OrderStatus.CANCELLED)
    assert (await venue.snapshot()).positions == {}


@pytest.mark.parametrize("sold", ["1", "1.5"])
async def test_a_stop_with_nothing_left_to_reduce_is_cancelled(sold: str) -> None:
    """The long was closed, or turned into a short: the stop never opens anything (I11)."""
    venue, clock = a_venue(a_long(1), ScriptedMarket(steps=((5, {PERP: 67_000}),)))
    await stop(venue, "sell", 1, 68_000)
    await venue.place("h1", an_order(PERP, "sell", sold))
    held = dict((await venue.snapshot()).positions)
    await clock.sleep_until(LATER)
    report = await became(venue)
    assert (report.status, report.fills) == (OrderStatus.CANCELLED, ())
    assert dict((await venue.snapshot()).positions) == held


async def test_two_stops_fire_one_after_the_other_and_close_no_more_than_is_held() -> None:
    """Long 1 behind stops of 0.7 at 69,000 and of 0.7 at 68,000: 0.7 and then 0.3."""
    venue, clock = a_venue(a_long(1), ScriptedMarket(steps=((5, {PERP: (67_500, 70_000, 69_500)}),)))
    await stop(venue, "sell", "0.7", 69_000)
    await stop(venue, "sell", "0.7", 68_000, name="s2")
    await clock.sleep_until(LATER)
    first, second = await became(venue), await became(venue, "s2")
    assert (first.filled, first.average_price) == (d("0.7"), d(69_000))
    assert (second.filled, second.average_price) == (d("0.3"), d(68_000))


async def test_a_stop_works_while_nobody_looks() -> None:
    """Three weeks without a word to the venue; the dip was on the second day, and funding ends with it."""
    day = 24 * 60
    market = ScriptedMarket(
        steps=((day, {PERP: (67_000, 70_000, 69_000)}), (2 * day, {PERP: 90_000})),
        paid=tuple((8 * 60 * n, "0.0001") for n in range(1, 64)),
    )
    venue, clock = a_venue(a_long(1), market)
    await stop(venue, "sell", 1, 68_000)
    await clock.sleep_until(NOON + timedelta(days=21))
    (fill,) = (await became(venue)).fills
    assert (fill.price, fill.at) == (d(68_000), NOON + timedelta(days=1))
    # Three settlements of 7 were paid until then, that of the day's end among them.
    assert await balance(venue) == d(100_000) - 21 - 2_000 - 34


async def test_a_cancelled_stop_does_not_fire() -> None:
    """It was taken back before the dip."""
    venue, clock = a_venue(a_long(1), ScriptedMarket(steps=((5, {PERP: 67_000}),)))
    await stop(venue, "sell", 1, 68_000)
    await venue.cancel("s1", PERP)
    await clock.sleep_until(LATER)
    assert PERP in (await venue.snapshot()).positions


@pytest.mark.parametrize(
    ("code", "side", "trigger", "symbol"),
    [
        ("stop-would-trigger", "sell", 71_000, PERP),
        ("stop-would-trigger", "sell", 70_000, PERP),
        ("reduce-only", "buy", 71_000, PERP),
        ("off-grid", "sell", "68000.05", PERP),
        ("off-grid", "sell", -68_000, PERP),
        ("off-grid", "sell", "NaN", PERP),
        ("reduce-only", "sell", 68_000, BTC),
    ],
)
async def test_the_venue_says_why_it_refuses_a_stop(code: str, side: str, trigger: Number, symbol: str) -> None:
    """Long 1 at 70,000: passed already, on the side that enlarges, off the grid, or of coins."""
    venue, _ = a_venue(replace(a_long(1), balances={(WalletKind.SPOT, "BTC"): d(1), (LINEAR, "USDT"): d(100_000)}))
    with pytest.raises(OrderRejected) as refused:
        await stop(venue, side, 1, trigger, symbol=symbol)
    assert refused.value.code == code
    assert (await venue.snapshot()).open_orders == ()


async def test_a_buy_stop_below_the_mark_is_refused() -> None:
    """A short's stop lies above it."""
    venue, _ = a_venue(shorted(1))
    with pytest.raises(OrderRejected) as refused:
        await stop(venue, "buy", 1, 69_999)
    assert refused.value.code == "stop-would-trigger"


async def test_a_stop_may_lie_further_away_than_a_price_may() -> None:
    """A fifth below: no limit order could."""
    venue, _ = a_venue(a_long(1))
    assert (await stop(venue, "sell", 1, 56_000)).status is OrderStatus.OPEN


async def test_a_stop_jumped_over_beyond_the_liquidation_price_does_not_help() -> None:
    """Long 1 with 8,000 dies near 62,250; from 70,000 to 60,000 in one leap nobody bought at 66,000."""
    venue, clock = a_venue(a_long(1, futures=8_000, leverage=10), ScriptedMarket(steps=((5, {PERP: 60_000}),)))
    await stop(venue, "sell", 1, 66_000)
    await clock.sleep_until(LATER)
    assert (await became(venue)).code == "liquidation"
    assert [one.kind for one in await venue.ledger(-1)] == [EntryKind.REALISED, EntryKind.LIQUIDATION]


async def test_a_stop_the_price_passes_through_on_its_way_saves_the_rest() -> None:
    """Down to 60,000, where the long would be dead, and back above the trigger: 8,000 − 4,000 − 33 are left."""
    market = ScriptedMarket(steps=((5, {PERP: (60_000, 70_000, 66_500)}),))
    venue, clock = a_venue(a_long(1, futures=8_000, leverage=10), market)
    await stop(venue, "sell", 1, 66_000)
    await clock.sleep_until(LATER)
    assert await balance(venue) == d(8_000) - 4_000 - 33


async def test_a_stop_behind_the_liquidation_price_comes_too_late() -> None:
    """Long 1 with 8,000 dies near 62,250; the stop at 61,000 is cancelled with it."""
    market = ScriptedMarket(steps=((5, {PERP: (60_000, 70_000, 69_000)}),))
    venue, clock = a_venue(a_long(1, futures=8_000, leverage=10), market)
    await stop(venue, "sell", 1, 61_000)
    await clock.sleep_until(LATER)
    report = await became(venue)
    assert (report.status, report.code, report.fills) == (OrderStatus.CANCELLED, "liquidation", ())
    assert await balance(venue) == 0


async def test_one_position_dying_does_not_keep_the_stop_of_another() -> None:
    """An isolated short of ETH dies at 90,000 while the bitcoin long is stopped at 68,000, in one step."""
    alone = a_short("ETH", 1, entry=70_000, margin_mode=MarginMode.ISOLATED, isolated_margin=d(10_000))
    long = a_long(1)
    account = replace(long, positions={**long.positions, ETH: alone})
    market = ScriptedMarket(steps=((5, {PERP: (67_000, 70_000, 69_000), ETH: 90_000}),), more=ETHEREUM)
    venue, clock = a_venue(account, market)
    await stop(venue, "sell", 1, 68_000)
    await clock.sleep_until(LATER)
    assert (await became(venue)).average_price == d(68_000)
    # 2,000 and a fee of 34 on bitcoin, the isolated margin of 10,000 on the other.
    assert await balance(venue) == d(100_000) - 2_000 - 34 - 10_000


async def test_a_stop_leaves_a_hedged_wallet_to_its_other_positions() -> None:
    """Only what it names is closed."""
    long = a_long(1)
    account = replace(long, positions={**long.positions, ETH: a_short("ETH", "0.1", entry=70_000)})
    market = ScriptedMarket(steps=((5, {PERP: 67_000}),), more=ETHEREUM)
    venue, clock = a_venue(account, market)
    await stop(venue, "sell", 1, 68_000)
    await clock.sleep_until(LATER)
    assert list((await venue.snapshot()).positions) == [ETH]
    assert Side.SELL is (await became(venue)).fills[0].side
