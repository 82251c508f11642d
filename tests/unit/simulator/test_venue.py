"""The venue answers from an account brought up to the clock, once for each id, and forgets nothing it promised."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.instrument import WalletKind
from bot.domain.ledger import EntryKind
from bot.domain.order import OrderStatus, OrderType, TransferRequest
from bot.domain.reading import Series, SeriesKind, candles_key
from bot.domain.snapshot import Quote, Snapshot
from bot.errors import OrderRejected, SettingsRefused, SnapshotUnavailable
from bot.simulator.clock import SimulatedClock
from bot.simulator.synthetic import EPOCH, synthetic_market
from bot.simulator.venue import SimulatedVenue, VenueState
from tests.builders import NOON, a_quote, a_short, d
from tests.unit.simulator.scripted import BTC, PERP, ScriptedMarket, a_venue, an_account, an_order

SPOT, LINEAR = WalletKind.SPOT, WalletKind.LINEAR
POST_ONLY = OrderType.POST_ONLY


def total(snapshot: Snapshot, wallet: WalletKind, asset: str) -> object:
    """The whole balance of one asset in one wallet."""
    return next(b.total for b in snapshot.balances if (b.wallet, b.asset) == (wallet, asset))


async def test_a_snapshot_is_complete() -> None:
    """Every instrument has a quote of this moment, every perpetual its funding, every wallet a balance."""
    venue, _ = a_venue(an_account(spot={"BTC": 1}))
    snapshot = await venue.snapshot()
    assert set(snapshot.quotes) == set(snapshot.instruments) == {BTC, PERP}
    assert {quote.at for quote in snapshot.quotes.values()} == {snapshot.taken_at} == {NOON}
    assert set(snapshot.funding) == {PERP}
    assert [(b.wallet, b.asset) for b in snapshot.balances] == [(LINEAR, "USDT"), (SPOT, "BTC"), (SPOT, "USDT")]
    assert (venue.venue, venue.account, venue.receive_window) == ("sim", "sim", timedelta(seconds=5))


async def test_the_epoch_is_the_last_ledger_sequence() -> None:
    """A spot buy makes three entries."""
    venue, _ = a_venue(an_account(spot={"USDT": 100_000}))
    await venue.place("h1", an_order(BTC, "buy", 1))
    assert (await venue.snapshot()).epoch == 3
    assert [entry.sequence for entry in await venue.ledger(-1)] == [1, 2, 3]
    assert [entry.sequence for entry in await venue.ledger(2)] == [3]
    assert await venue.ledger(3) == ()


async def test_two_snapshots_of_one_epoch_have_the_same_balances() -> None:
    """Prices move, nothing is booked: free and locked stay as they were."""
    market = ScriptedMarket(steps=((5, {PERP: 71_000}),))
    account = replace(an_account(futures=100_000), positions={PERP: a_short("BTC", 1, entry=70_000)})
    venue, clock = a_venue(account, market)
    before = await venue.snapshot()
    await clock.sleep_until(NOON + timedelta(minutes=10))
    after = await venue.snapshot()
    assert (before.epoch, before.balances) == (after.epoch, after.balances)
    assert before.quotes[PERP].mark != after.quotes[PERP].mark


async def test_an_id_is_accepted_once() -> None:
    """The second order of an id is refused though the first is long filled."""
    venue, _ = a_venue(an_account(spot={"USDT": 100_000}))
    await venue.place("h1", an_order(BTC, "buy", "0.1"))
    with pytest.raises(OrderRejected) as refused:
        await venue.place("h1", an_order(BTC, "buy", "0.1"))
    assert refused.value.code == "duplicate-id"
    assert total(await venue.snapshot(), SPOT, "BTC") == d("0.0999")


async def test_an_order_is_found_by_id_and_symbol() -> None:
    """What was accepted is known, what was refused is not."""
    venue, _ = a_venue(an_account(spot={"USDT": 100_000}))
    report = await venue.place("h1", an_order(BTC, "buy", "0.1"))
    with pytest.raises(OrderRejected):
        await venue.place("h2", an_order(BTC, "buy", 100))
    assert await venue.find("h1", BTC) == report
    assert await venue.find("h1", PERP) is None
    assert await venue.find("h2", BTC) is None


async def test_a_resting_order_fills_as_maker_when_the_path_reaches_it() -> None:
    """A dip to 68,900 inside a bar fills the buy at 69,000, though the bar closes at 70,500."""
    market = ScriptedMarket(steps=((5, {BTC: 69_500}), (10, {BTC: (68_900, 70_600, 70_500)})))
    venue, clock = a_venue(an_account(spot={"USDT": 100_000}), market)
    await venue.place("h1", an_order(BTC, "buy", 1, 69_000, type=POST_ONLY))
    held = next(b for b in (await venue.snapshot()).balances if b.asset == "USDT" and b.wallet is SPOT)
    assert (held.free, held.locked) == (d(31_000), d(69_000))
    await clock.sleep_until(NOON + timedelta(minutes=5))
    resting = await venue.find("h1", BTC)
    assert resting is not None
    assert resting.status is OrderStatus.OPEN
    await clock.sleep_until(NOON + timedelta(minutes=20))
    filled = await venue.find("h1", BTC)
    assert filled is not None
    assert (filled.status, filled.average_price) == (OrderStatus.FILLED, d(69_000))
    assert filled.fills[0].at == NOON + timedelta(minutes=10)
    assert (await venue.snapshot()).open_orders == ()


async def test_a_resting_sell_fills_when_the_path_rises_to_it() -> None:
    """A high of 71,000 reaches the offer at 71,000."""
    venue, clock = a_venue(an_account(futures=50_000), ScriptedMarket(steps=((5, {PERP: (70_000, 71_000, 70_500)}),)))
    await venue.place("h1", an_order(PERP, "sell", 1, 71_000, type=POST_ONLY))
    assert (await venue.snapshot()).balances[0].locked == d("23666.666666666667")
    await clock.sleep_until(NOON + timedelta(minutes=5))
    assert (await venue.snapshot()).positions[PERP].entry_price == d(71_000)


async def test_a_resting_reduce_only_order_never_opens() -> None:
    """The short was bought back by hand: the resting buy finds nothing to reduce and is cancelled (I11)."""
    account = replace(an_account(futures=100_000), positions={PERP: a_short("BTC", 1, entry=70_000)})
    venue, clock = a_venue(account, ScriptedMarket(steps=((5, {PERP: 68_000}),)))
    await venue.place("h1", an_order(PERP, "buy", 1, 69_000, type=POST_ONLY, reduce_only=True))
    await venue.place("h2", an_order(PERP, "buy", 1))
    await clock.sleep_until(NOON + timedelta(minutes=5))
    assert (await venue.snapshot()).positions == {}
    report = await venue.find("h1", PERP)
    assert report is not None
    assert report.status is OrderStatus.CANCELLED


async def test_a_cancelled_order_frees_its_coins_and_keeps_its_word() -> None:
    """Cancelling twice, or an unknown id, changes nothing more."""
    venue, _ = a_venue(an_account(spot={"USDT": 100_000}))
    await venue.place("h1", an_order(BTC, "buy", 1, 69_000, type=POST_ONLY))
    for name, symbol in (("h1", PERP), ("h1", BTC), ("h1", BTC), ("h9", BTC)):
        await venue.cancel(name, symbol)
    report = await venue.find("h1", BTC)
    assert report is not None
    assert report.status is OrderStatus.CANCELLED
    assert all(balance.locked == 0 for balance in (await venue.snapshot()).balances)


async def test_funding_is_paid_for_each_settlement_passed() -> None:
    """Short 5, two settlements of 1 bp at 70,000 in one leap: 70.00 USDT."""
    account = replace(an_account(futures=200_000), positions={PERP: a_short("BTC", 5, entry=70_000)})
    venue, clock = a_venue(account, ScriptedMarket(paid=((480, "0.0001"), (960, "0.0001"))))
    await clock.sleep_until(NOON + timedelta(hours=20))
    assert total(await venue.snapshot(), LINEAR, "USDT") == d(200_070)
    assert [entry.kind for entry in await venue.ledger(-1)] == [EntryKind.FUNDING] * 2


async def test_funding_before_a_step_is_paid_to_the_position_held_then() -> None:
    """The order fills at 13:00; funding of 12:30 finds no position, that of 13:30 one."""
    market = ScriptedMarket(steps=((60, {PERP: 71_000}),), paid=((30, "0.0001"), (90, "0.0001")))
    venue, clock = a_venue(an_account(futures=100_000), market)
    await venue.place("h1", an_order(PERP, "sell", 1, 71_000, type=POST_ONLY))
    await clock.sleep_until(NOON + timedelta(hours=3))
    kinds = [entry.kind for entry in await venue.ledger(-1)]
    assert kinds == [EntryKind.FEE, EntryKind.FUNDING]


async def test_a_liquidation_on_the_way_is_not_undone_by_the_end() -> None:
    """A spike to 80,000 kills the short though the price is back at 70,000 when someone looks."""
    market = ScriptedMarket(steps=((5, {PERP: (70_000, 80_000, 70_000)}),))
    account = replace(an_account(futures=8_000), positions={PERP: a_short("BTC", 1, entry=70_000, leverage=10)})
    venue, clock = a_venue(account, market)
    await venue.place("h1", an_order(PERP, "sell", "0.01", 71_000, type=POST_ONLY))
    await venue.cancel("h1", PERP)
    await venue.place("h2", an_order(PERP, "buy", "0.01", 65_000, type=POST_ONLY))
    await clock.sleep_until(NOON + timedelta(hours=1))
    snapshot = await venue.snapshot()
    assert (dict(snapshot.positions), snapshot.open_orders) == ({}, ())
    assert total(snapshot, LINEAR, "USDT") == 0
    report = await venue.find("h2", PERP)
    assert report is not None
    assert (report.status, report.code) == (OrderStatus.CANCELLED, "liquidation")


async def test_a_liquidation_leaves_orders_for_coins_alone() -> None:
    """The contracts die at 80,000; the bid for coins at 65,000 rests on."""
    market = ScriptedMarket(steps=((5, {PERP: (70_000, 80_000, 70_000)}),))
    account = an_account(spot={"USDT": 65_000}, futures=8_000)
    venue, clock = a_venue(replace(account, positions={PERP: a_short("BTC", 1, entry=70_000, leverage=10)}), market)
    await venue.place("h1", an_order(BTC, "buy", 1, 65_000, type=POST_ONLY))
    await clock.sleep_until(NOON + timedelta(hours=1))
    snapshot = await venue.snapshot()
    assert (dict(snapshot.positions), [one.client_order_id for one in snapshot.open_orders]) == ({}, ["h1"])


async def test_the_past_is_told_as_of_the_clock() -> None:
    """At the new year the newest bar is December's last; a day later January's first."""
    clock = SimulatedClock(EPOCH)
    state = VenueState(account=an_account(), moment=EPOCH)
    venue = SimulatedVenue(synthetic_market(7, ["BTC"]), clock, state)
    daily = Series(kind=SeriesKind.CANDLES, symbol=BTC, seconds=86_400, count=2)
    for day in (0, 1):
        await clock.sleep_until(EPOCH + timedelta(days=day))
        bars = (await venue.history((daily,))).candles[candles_key(BTC, 86_400)]
        assert [bar.opened_at for bar in bars] == [EPOCH + timedelta(days=day - 2), EPOCH + timedelta(days=day - 1)]


async def test_money_moves_between_wallets_once_per_id() -> None:
    """1,000 move; the same id again is refused; what was moved is known."""
    venue, _ = a_venue(an_account(spot={"USDT": 5_000}))
    request = TransferRequest(asset="USDT", amount=d(1_000), source=SPOT, target=LINEAR)
    report = await venue.transfer("x1", request)
    with pytest.raises(OrderRejected):
        await venue.transfer("x1", request)
    found = [await venue.find_transfer(name, request, EPOCH) for name in ("x1", "x2")]
    assert found == [report, None]
    assert total(await venue.snapshot(), LINEAR, "USDT") == d(1_000)


async def test_flows_are_booked_as_flows() -> None:
    """A deposit and a withdrawal; more than is free cannot leave, and nothing is no deposit."""
    venue, _ = a_venue(an_account(spot={"USDT": 100}))
    venue.deposit(SPOT, "BTC", d(1))
    venue.withdraw(SPOT, "USDT", d(40))
    with pytest.raises(OrderRejected):
        venue.withdraw(SPOT, "USDT", d(61))
    with pytest.raises(OrderRejected):
        venue.deposit(SPOT, "USDT", d(0))
    assert [e.kind for e in await venue.ledger(-1)] == [EntryKind.DEPOSIT, EntryKind.WITHDRAWAL]


async def test_a_ledger_that_was_dropped_is_not_passed_over() -> None:
    """Sequences below 3 are forgotten: all after 2 are served, all after 1 refused."""
    venue, _ = a_venue(an_account(spot={"USDT": 100_000}))
    await venue.place("h1", an_order(BTC, "buy", 1))
    venue.forget_before(3)
    assert [entry.sequence for entry in await venue.ledger(2)] == [3]
    with pytest.raises(SnapshotUnavailable, match="begins at 3"):
        await venue.ledger(1)


async def test_every_change_is_told_before_the_answer() -> None:
    """The saved state already holds an order when `place` returns; looking alone tells nothing."""
    told: list[VenueState] = []
    clock = SimulatedClock(NOON)
    state = VenueState(account=an_account(spot={"USDT": 100_000}), moment=NOON)
    venue = SimulatedVenue(ScriptedMarket(), clock, state, on_change=told.append)
    await venue.snapshot()
    assert told == []
    report = await venue.place("h1", an_order(BTC, "buy", 1))
    assert told[-1] == venue.state
    assert told[-1].reports == (report,)
    await venue.close()
    assert len(told) == 2


async def test_a_venue_goes_on_from_its_state() -> None:
    """A second process finds the order and refuses its id."""
    first, clock = a_venue(an_account(spot={"USDT": 100_000}))
    report = await first.place("h1", an_order(BTC, "buy", 1))
    await first.close()
    second = SimulatedVenue(ScriptedMarket(), clock, first.state)
    assert await second.find("h1", BTC) == report
    with pytest.raises(OrderRejected):
        await second.place("h1", an_order(BTC, "buy", 1))
    assert (await second.snapshot()).balances == (await first.snapshot()).balances


async def test_the_clock_cannot_take_the_account_back() -> None:
    """A venue saved at 13:00 and opened at 12:00 answers as of 13:00."""
    later = NOON + timedelta(hours=1)
    venue = SimulatedVenue(ScriptedMarket(), SimulatedClock(NOON), VenueState(account=an_account(), moment=later))
    assert (await venue.snapshot()).taken_at == later


async def test_without_prices_nothing_is_shown_and_nothing_sent() -> None:
    """A look is unavailable; an order is a definite no."""
    early = NOON - timedelta(hours=1)
    venue = SimulatedVenue(ScriptedMarket(), SimulatedClock(early), VenueState(account=an_account(), moment=early))
    with pytest.raises(SnapshotUnavailable):
        await venue.snapshot()
    with pytest.raises(OrderRejected) as refused:
        await venue.place("h1", an_order(BTC, "buy", 1))
    assert refused.value.code == "no-price"


async def test_a_number_no_market_can_mean_makes_the_snapshot_unavailable() -> None:
    """A balance below zero in the spot wallet is refused, not shown."""
    venue, _ = a_venue(an_account(spot={"BTC": -1}))
    with pytest.raises(SnapshotUnavailable) as missing:
        await venue.snapshot()
    assert missing.value.part == "numbers"


async def test_a_price_that_is_no_number_makes_the_snapshot_unavailable() -> None:
    """The market itself may break its word."""

    class Broken(ScriptedMarket):
        def quotes(self, moment: object) -> dict[str, Quote]:
            return {BTC: a_quote(BTC, "NaN")}

    venue, _ = a_venue(an_account(), Broken())
    with pytest.raises(SnapshotUnavailable):
        await venue.snapshot()


def test_an_account_of_another_market_is_refused() -> None:
    """A DOGE position has no price here."""
    account = replace(an_account(), positions={"DOGE/USDT:USDT": a_short("DOGE", 1, entry=1)})
    with pytest.raises(SettingsRefused, match="DOGE"):
        a_venue(account)
