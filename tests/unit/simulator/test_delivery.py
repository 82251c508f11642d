"""A dated contract ends at its hour: settled at the price of its coin, its orders gone, and nobody need look."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.instrument import WalletKind
from bot.domain.ledger import EntryKind
from bot.domain.numbers import ZERO
from bot.domain.order import OrderRequest, OrderStatus, OrderType
from bot.domain.snapshot import MarginMode, Position, Snapshot
from bot.errors import OrderRejected
from bot.simulator.account import Account
from bot.simulator.clock import SimulatedClock
from bot.simulator.venue import SimulatedVenue, VenueState
from tests.builders import NOON, Number, d
from tests.unit.simulator.scripted import (
    BTC,
    COIN_DATED,
    DATED,
    DELIVERED_AT,
    PERP,
    ScriptedMarket,
    a_dated,
    a_venue,
    an_account,
    an_order,
)

LINEAR, INVERSE = WalletKind.LINEAR, WalletKind.INVERSE
EVE = DELIVERED_AT - timedelta(seconds=1)


def market_at(price: Number, *, dated: Number | None = None) -> ScriptedMarket:
    """Both dated contracts, with the coin at `price` an hour before they are delivered."""
    prices = {BTC: price, DATED: price if dated is None else dated, COIN_DATED: price}
    return ScriptedMarket(steps=((19 * 60, prices),), more=(a_dated(), a_dated(coin_margined=True)))


def a_dated_short(quantity: Number, entry: Number, *, symbol: str = DATED, **changes: object) -> Position:
    """A short of a dated contract."""
    fields: dict[str, object] = {
        "symbol": symbol,
        "quantity": -d(quantity),
        "entry_price": d(entry),
        "margin_mode": MarginMode.CROSS,
        "leverage": d(2),
    }
    return Position(**(fields | changes))  # type: ignore[arg-type]


def holding(position: Position, *, futures: Number = 50_000, coins: Number = 0) -> Account:
    """An account with one position, USDT and coins behind it."""
    account = an_account(futures=futures)
    return replace(
        account, balances={**account.balances, (INVERSE, "BTC"): d(coins)}, positions={position.symbol: position}
    )


def wallet(shown: Snapshot, kind: WalletKind, asset: str) -> tuple[Decimal, Decimal]:
    """Free and locked of one asset."""
    return next((one.free, one.locked) for one in shown.balances if (one.wallet, one.asset) == (kind, asset))


async def test_a_short_earns_its_premium_less_a_fee() -> None:
    """Sold at 72,000, delivered at 71,000: +1,000, and 5 bp of 71,000, so 35.50, at eight o'clock."""
    venue, clock = a_venue(holding(a_dated_short(1, 72_000)), market_at(71_000))
    await clock.sleep_until(DELIVERED_AT)
    shown = await venue.snapshot()
    assert shown.positions == {}
    assert wallet(shown, LINEAR, "USDT") == (d(50_000) + 1_000 - d("35.5"), ZERO)
    assert [(one.kind, one.change, one.at, one.symbol) for one in await venue.ledger(-1)] == [
        (EntryKind.DELIVERY, d(1_000), DELIVERED_AT, DATED),
        (EntryKind.FEE, d("-35.5"), DELIVERED_AT, DATED),
    ]


async def test_it_is_the_price_of_the_coin_that_counts() -> None:
    """The contract's own last price of 71,500 does not matter."""
    venue, clock = a_venue(holding(a_dated_short(1, 72_000)), market_at(71_000, dated=71_500))
    await clock.sleep_until(DELIVERED_AT)
    assert (await venue.ledger(-1))[0].change == d(1_000)


async def test_a_coin_margined_short_is_delivered_in_coins() -> None:
    """700 of 100 USD sold at 70,000 are 1 coin, at 80,000 0.875: −0.125, and 5 bp of 0.875."""
    short = a_dated_short(700, 70_000, symbol=COIN_DATED)
    venue, clock = a_venue(holding(short, coins=1), market_at(80_000))
    await clock.sleep_until(DELIVERED_AT)
    shown = await venue.snapshot()
    assert wallet(shown, INVERSE, "BTC") == (d(1) - d("0.125") - d("0.0004375"), ZERO)
    assert {(one.wallet, one.asset) for one in await venue.ledger(-1)} == {(INVERSE, "BTC")}


async def test_a_delivery_that_gained_nothing_is_told_all_the_same() -> None:
    """Sold at 70,000, delivered at 70,000: the entry of zero says where the position went."""
    venue, clock = a_venue(holding(a_dated_short(1, 70_000)), market_at(70_000))
    await clock.sleep_until(DELIVERED_AT)
    entries = await venue.ledger(-1)
    assert [(one.sequence, one.kind, one.change) for one in entries] == [
        (1, EntryKind.DELIVERY, d(0)),
        (2, EntryKind.FEE, d(-35)),
    ]
    assert {one.reference for one in entries} == {f"delivery-{DATED}"}


async def test_a_second_earlier_nothing_has_happened() -> None:
    """Held, listed and quoted until the moment itself."""
    venue, clock = a_venue(holding(a_dated_short(1, 72_000)), market_at(71_000))
    await clock.sleep_until(EVE)
    shown = await venue.snapshot()
    assert DATED in shown.positions
    assert DATED in shown.instruments
    assert DATED in shown.quotes
    assert await venue.ledger(-1) == ()


async def test_what_was_delivered_is_neither_listed_nor_quoted_nor_traded() -> None:
    """An order for it is an order for nothing."""
    venue, clock = a_venue(holding(a_dated_short(1, 72_000)), market_at(71_000))
    await clock.sleep_until(DELIVERED_AT)
    shown = await venue.snapshot()
    assert {DATED, COIN_DATED}.isdisjoint({*shown.instruments, *shown.quotes, *shown.funding})
    assert set(shown.instruments) == {BTC, PERP}
    with pytest.raises(OrderRejected) as refused:
        await venue.place("h1", an_order(DATED, "buy", 1))
    assert refused.value.code == "unknown-symbol"


ORDERS = {
    "offer": an_order(DATED, "sell", 1, 76_000, type=OrderType.POST_ONLY),
    "stop": an_order(DATED, "buy", 1, type=OrderType.STOP, trigger=d(80_000), reduce_only=True),
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
async def test_its_resting_orders_are_cancelled_and_others_are_not(order: OrderRequest) -> None:
    """With the word delivered; what they held is free; a bid for the coin rests on."""
    short = a_dated_short(1, 72_000)
    account = replace(holding(short), balances={(LINEAR, "USDT"): d(100_000), (WalletKind.SPOT, "USDT"): d(70_000)})
    venue, clock = a_venue(account, market_at(71_000))
    await venue.place("h1", order)
    await venue.place("h2", an_order(BTC, "buy", 1, 69_000, type=OrderType.POST_ONLY))
    await clock.sleep_until(DELIVERED_AT)
    report = await venue.find("h1", DATED)
    assert report is not None
    assert (report.status, report.code, report.at, report.fills) == (
        OrderStatus.CANCELLED,
        "delivered",
        DELIVERED_AT,
        (),
    )
    shown = await venue.snapshot()
    assert [one.client_order_id for one in shown.open_orders] == ["h2"]
    assert wallet(shown, LINEAR, "USDT")[1] == 0


async def test_an_order_alone_is_cancelled_without_an_entry() -> None:
    """Nothing was held: nothing is settled, nothing booked."""
    venue, clock = a_venue(an_account(futures=100_000), market_at(71_000))
    await venue.place("h1", ORDERS["offer"])
    await clock.sleep_until(DELIVERED_AT + timedelta(days=9))
    report = await venue.find("h1", DATED)
    assert report is not None
    assert (report.code, await venue.ledger(-1)) == ("delivered", ())


async def test_a_position_opened_on_the_way_is_delivered_too() -> None:
    """The offer at 71,000 is met an hour before, unseen; a profit of nothing and a fee are left of it."""
    venue, clock = a_venue(an_account(futures=100_000), market_at(71_000))
    await venue.place("h1", an_order(DATED, "sell", 1, 71_000, type=OrderType.POST_ONLY))
    await clock.sleep_until(DELIVERED_AT + timedelta(days=1))
    kinds = [(one.kind, one.change) for one in await venue.ledger(-1)]
    assert kinds == [(EntryKind.FEE, d("-14.2")), (EntryKind.DELIVERY, d(0)), (EntryKind.FEE, d("-35.5"))]


async def test_isolated_margin_comes_back_with_the_profit() -> None:
    """36,000 were locked; 50,964.50 are free."""
    short = a_dated_short(1, 72_000, margin_mode=MarginMode.ISOLATED, isolated_margin=d(36_000))
    venue, clock = a_venue(holding(short), market_at(71_000))
    assert wallet(await venue.snapshot(), LINEAR, "USDT")[1] == d(36_000)
    await clock.sleep_until(DELIVERED_AT)
    assert wallet(await venue.snapshot(), LINEAR, "USDT") == (d("50964.5"), ZERO)


async def test_the_other_positions_of_the_wallet_stay() -> None:
    """The perpetual short is paid funding of 7 at the hour of delivery, and rests on."""
    account = holding(a_dated_short(1, 72_000), futures=100_000)
    perpetual = replace(a_dated_short(1, 70_000), symbol=PERP)
    account = replace(account, positions={**account.positions, PERP: perpetual})
    market = market_at(71_000)
    market.paid = ScriptedMarket(paid=((20 * 60, "0.0001"),)).paid
    venue, clock = a_venue(account, market)
    await clock.sleep_until(DELIVERED_AT)
    assert list((await venue.snapshot()).positions) == [PERP]
    assert [one.kind for one in await venue.ledger(-1)] == [EntryKind.FUNDING, EntryKind.DELIVERY, EntryKind.FEE]


async def test_entries_are_in_order_of_time_though_prices_come_once_a_day() -> None:
    """Between two steps: funding at noon + 12 h, delivery at + 20 h, funding at + 28 h."""
    account = holding(a_dated_short(1, 72_000), futures=100_000)
    account = replace(account, positions={**account.positions, PERP: replace(a_dated_short(1, 70_000), symbol=PERP)})
    market = ScriptedMarket(
        steps=((48 * 60, {BTC: 71_000}),),
        paid=((12 * 60, "0.0001"), (28 * 60, "0.0001")),
        more=(a_dated(),),
    )
    venue, clock = a_venue(account, market)
    await clock.sleep_until(NOON + timedelta(hours=48))
    entries = await venue.ledger(-1)
    kinds = [EntryKind.FUNDING, EntryKind.DELIVERY, EntryKind.FEE, EntryKind.FUNDING]
    assert [one.kind for one in entries] == kinds
    assert [one.at for one in entries] == sorted(one.at for one in entries)


async def test_a_position_that_died_before_is_not_delivered() -> None:
    """A spike of the contract to 90,000 closes the short of 10,000; there is nothing to settle."""
    spike = {DATED: (70_000, 90_000, 71_000)}
    market = ScriptedMarket(steps=((60, spike),), more=(a_dated(),))
    venue, clock = a_venue(holding(a_dated_short(1, 70_000), futures=10_000), market)
    await clock.sleep_until(DELIVERED_AT)
    assert EntryKind.DELIVERY not in {one.kind for one in await venue.ledger(-1)}


async def test_nobody_looked_for_weeks() -> None:
    """Saved at noon, opened three weeks later: delivered at its hour and price, and the books close."""
    state = VenueState(account=holding(a_dated_short(1, 72_000)), moment=NOON)
    prices = {BTC: 90_000, PERP: 90_000}
    market = ScriptedMarket(steps=((19 * 60, {BTC: 71_000}), (30 * 60, prices)), more=(a_dated(),))
    venue = SimulatedVenue(market, SimulatedClock(NOON + timedelta(days=21)), state)
    shown = await venue.snapshot()
    entries = await venue.ledger(-1)
    assert shown.positions == {}
    assert [(one.change, one.at) for one in entries] == [(d(1_000), DELIVERED_AT), (d("-35.5"), DELIVERED_AT)]
    assert wallet(shown, LINEAR, "USDT")[0] == d(50_000) + sum((one.change for one in entries), ZERO)
    again = SimulatedVenue(market, SimulatedClock(NOON + timedelta(days=22)), venue.state)
    assert await again.ledger(-1) == entries
