"""The gateway at the emulated Binance: three products, three wallets, one snapshot, and books that close."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.instrument import Kind, WalletKind
from bot.domain.ledger import EntryKind
from bot.domain.mode import Mode
from bot.domain.order import OrderStatus, Side
from bot.domain.reading import Series, SeriesKind, candles_key
from bot.domain.snapshot import MarginMode, Wallets
from bot.errors import OrderRejected, SnapshotUnavailable
from bot.venues.dry_run import DryRunGateway
from bot.venues.gateway import Gateway
from bot.venues.setup import WantedSetting
from tests.emulator.server import EmulatedServer
from tests.venues.binance_desk import INVERSE, LINEAR, SIZES, SPOT, binance, gateway_at, moving, order, priced


@pytest.fixture
async def server() -> AsyncIterator[EmulatedServer]:
    """The emulated Binance with money in three wallets."""
    async with binance() as running:
        yield running


@pytest.fixture
async def gateway(server: EmulatedServer) -> AsyncIterator[Gateway]:
    """A live gateway."""
    async with gateway_at(server) as one:
        yield one


async def test_a_snapshot_is_the_account_as_the_simulator_keeps_it(gateway: Gateway, server: EmulatedServer) -> None:
    """Balances of three wallets, the short, rules with tiers and fees, prices and funding of every kind."""
    seen, core = await gateway.snapshot(), server.core
    kept = {(w, one.asset): one for w in WalletKind for one in core.balances(w) if one.total}
    assert {(one.wallet, one.asset): (one.free, one.locked) for one in seen.balances} == {
        key: (one.free, one.locked) for key, one in kept.items()
    }
    assert dict(seen.positions) == dict(core.positions())
    assert set(seen.instruments) == set(core.instruments)
    for symbol, rules in seen.instruments.items():
        listed = core.instruments[symbol]
        for name in ("kind", "contract_size", "tick", "step", "min_quantity", "min_notional", "expiry", "tiers"):
            assert getattr(rules, name) == getattr(listed, name), f"{symbol} {name}"
        assert (rules.maker_fee, rules.taker_fee) == (listed.maker_fee, listed.taker_fee)
    for symbol, quote in seen.quotes.items():
        assert abs(quote.mid - core.quotes()[symbol].mid) < quote.mid / 1000
        assert quote.bid_depth is not None
        assert abs(quote.bid_depth / (core.quotes()[symbol].bid_depth or 1) - 1) < Decimal("0.02")
        assert (quote.mark is None) == (symbol == quote.symbol.partition(":")[0])
    for symbol, known in core.funding().items():
        told = seen.funding[symbol]
        assert (told.interval_hours, told.next_at) == (known.interval_hours, known.next_at)
        assert abs(told.rate - known.rate) < Decimal("0.00001")
    assert seen.wallets is Wallets.SEPARATE


async def test_a_snapshot_takes_24_requests_and_one_for_each_book(gateway: Gateway, server: EmulatedServer) -> None:
    """Rules are kept for an hour: the first reads them too, with a request for the fee of each contract."""
    books = len((await gateway.snapshot()).instruments)
    contracts = books - 3
    first = gateway.requests
    await gateway.snapshot()
    assert (first, gateway.requests) == (33 + contracts + books, 24 + books)
    assert len(server.asks) == first + gateway.requests


@pytest.mark.parametrize("symbol", [SPOT, LINEAR, INVERSE])
async def test_a_limit_that_cannot_be_met_expires_at_once(
    symbol: str, gateway: Gateway, server: EmulatedServer
) -> None:
    """Nothing is filled, nothing rests."""
    report = await gateway.place("hioc1", order(symbol, Side.BUY, SIZES[symbol], priced(server, symbol, "0.95")))
    assert (report.status, report.filled) == (OrderStatus.EXPIRED, Decimal(0))
    assert (await gateway.snapshot()).open_orders == ()


async def test_money_moves_and_is_found_by_what_it_was(gateway: Gateway, server: EmulatedServer) -> None:
    """The venue keeps no ids of ours: coin, amount, way and time tell; two alike are not told apart."""
    there = moving("USDT", "1234.5", WalletKind.SPOT, WalletKind.LINEAR)
    made = await gateway.transfer("t1", there)
    found = await gateway.find_transfer("t1", there, made.at)
    assert found is not None
    back = moving("USDT", "1234.5", WalletKind.LINEAR, WalletKind.SPOT)
    assert await gateway.find_transfer("t2", back, made.at) is None
    await gateway.transfer("t3", there)
    with pytest.raises(SnapshotUnavailable, match="2 transfers"):
        await gateway.find_transfer("t3", there, made.at)
    with pytest.raises(OrderRejected) as refused:
        await gateway.transfer("t4", moving("USDT", "9000000", WalletKind.SPOT, WalletKind.LINEAR))
    assert refused.value.code == "-5013"
    assert len(server.core.transfers()) == 3


async def test_the_ledger_explains_every_change_of_every_wallet(gateway: Gateway, server: EmulatedServer) -> None:
    """Trades, fees, funding, transfers, a deposit and a withdrawal: the sums are the differences, to the last digit."""
    before = await gateway.snapshot()
    await gateway.place("hl1", order(SPOT, Side.BUY, "0.01"))
    await gateway.place("hl2", order(LINEAR, Side.BUY, "0.1", reduce_only=True))
    await gateway.place("hl3", order(INVERSE, Side.SELL, "3"))
    await gateway.transfer("t1", moving("USDT", "100", WalletKind.SPOT, WalletKind.LINEAR))
    await gateway.transfer("t2", moving("BTC", "0.01", WalletKind.INVERSE, WalletKind.SPOT))
    server.core.flow("USDT", Decimal(500))
    server.core.flow("USDT", Decimal(-50))
    await asyncio.sleep(1)  # a withdrawal is told to the second, and counted at the end of it
    after = await gateway.snapshot()
    entries = await gateway.ledger(before.ledger_sequence)
    sums: dict[tuple[WalletKind, str], Decimal] = {}
    for entry in entries:
        sums[entry.wallet, entry.asset] = sums.get((entry.wallet, entry.asset), Decimal(0)) + entry.change
    for (wallet, asset), change in sums.items():
        held = [sum(b.total for b in s.balances if (b.wallet, b.asset) == (wallet, asset)) for s in (before, after)]
        assert change == held[1] - held[0], f"{wallet} {asset}"
    kinds = {entry.kind for entry in entries}
    assert kinds >= {EntryKind.FILL, EntryKind.FEE, EntryKind.REALISED, EntryKind.TRANSFER, EntryKind.DEPOSIT}
    assert [entry.sequence for entry in entries] == sorted({entry.sequence for entry in entries})
    assert all(entry.sequence <= after.ledger_sequence for entry in entries)
    assert await gateway.ledger(after.ledger_sequence) == ()


async def test_funding_received_is_positive(gateway: Gateway, server: EmulatedServer) -> None:
    """A short receives a positive rate and pays a negative one; what the ledger says is what the wallet got."""
    begun = await gateway.snapshot()
    server.core.live(timedelta(hours=24))
    after = begun.ledger_sequence - 24 * 3_600_000 * 1000
    paid = [entry for entry in await gateway.ledger(after) if entry.kind is EntryKind.FUNDING]
    known = [entry for entry in server.core.ledger() if entry.kind is EntryKind.FUNDING]
    assert len(paid) == 3
    assert [entry.change for entry in paid] == [entry.change for entry in known]
    assert {(entry.wallet, entry.symbol) for entry in paid} == {(WalletKind.LINEAR, LINEAR)}


async def test_a_contract_is_set_up_before_it_is_opened_and_read_back(server: EmulatedServer) -> None:
    """Cross at 5 after the order; asked for once in a process, and not for what only reduces."""
    wanted = WantedSetting(margin_mode=MarginMode.CROSS, leverage=Decimal(5))
    async with gateway_at(server, setting=wanted) as gateway:
        await gateway.place("hs0", order(LINEAR, Side.BUY, "0.01", reduce_only=True))
        assert server.core.leverage(LINEAR) == 3
        for number, symbol in enumerate((LINEAR, INVERSE)):
            await gateway.place(f"hs{number + 1}", order(symbol, Side.SELL, SIZES[symbol]))
            assert (server.core.leverage(symbol), server.core.margin_mode(symbol)) == (5, MarginMode.CROSS)
        asked = len([one for one in server.asks if one.path.endswith("/leverage")])
        await gateway.place("hs9", order(LINEAR, Side.SELL, "0.02"))
        assert len([one for one in server.asks if one.path.endswith("/leverage")]) == asked == 2


async def test_hedge_mode_with_a_position_open_is_refused(server: EmulatedServer) -> None:
    """It cannot be brought to one-way mode then, and no order is sent."""
    server.core.set_hedge_mode(True)
    wanted = WantedSetting(margin_mode=MarginMode.CROSS, leverage=Decimal(3))
    async with gateway_at(server, setting=wanted) as gateway:
        with pytest.raises(OrderRejected) as refused:
            await gateway.place("hh1", order(LINEAR, Side.SELL, "0.02"))
    assert refused.value.code == "not-set-up"
    assert server.core.by_client_id("hh1", LINEAR) is None


async def test_an_isolated_position_tells_its_own_margin(server: EmulatedServer) -> None:
    """Without unrealised profit: what was put into it."""
    wanted = WantedSetting(margin_mode=MarginMode.ISOLATED, leverage=Decimal(4))
    async with gateway_at(server, setting=wanted) as gateway:
        for symbol, size in (("ETH/USDT:USDT", "0.5"), (INVERSE, "3")):
            await gateway.place("hi1", order(symbol, Side.SELL, size))
        seen = await gateway.snapshot()
    for symbol in ("ETH/USDT:USDT", INVERSE):
        assert seen.positions[symbol] == server.core.positions()[symbol]
        assert seen.positions[symbol].margin_mode is MarginMode.ISOLATED


async def test_demo_goes_to_the_demo_hosts_alone_and_moves_no_money(server: EmulatedServer) -> None:
    """Three wallets apart, its ledger without the lists that demo has not."""
    async with gateway_at(server, Mode.DEMO) as gateway:
        seen = await gateway.snapshot()
        await gateway.place("hd1", order(LINEAR, Side.SELL, "0.02"))
        with pytest.raises(OrderRejected, match="moves no money"):
            await gateway.transfer("t1", moving("USDT", "1", WalletKind.SPOT, WalletKind.LINEAR))
        entries = await gateway.ledger(seen.ledger_sequence)
    assert seen.wallets is Wallets.APART
    assert {entry.kind for entry in entries} == {EntryKind.FEE}
    assert {ask.host for ask in server.asks} == {f"demo-{name}api.binance.com" for name in ("", "f", "d")}


async def test_demo_tells_no_open_interest_of_the_past_and_the_rest_of_it(server: EmulatedServer) -> None:
    """It has no data side: three bars and settlements are told, interest is left out and not asked for."""
    wanted = [
        Series(kind=kind, symbol=symbol, seconds=3600, count=3) for symbol in (LINEAR, INVERSE) for kind in SeriesKind
    ]
    found = {}
    for mode in (Mode.DEMO, Mode.LIVE):
        begun = len(server.asks)
        async with gateway_at(server, mode) as gateway:
            found[mode] = await gateway.history(tuple(wanted))
        asked = {ask.path for ask in server.asks[begun:] if ask.path.endswith("/openInterestHist")}
        assert bool(asked) is (mode is Mode.LIVE)
    assert found[Mode.DEMO].open_interest == {}
    assert len(found[Mode.LIVE].open_interest[LINEAR]) == 3
    for told in found.values():
        assert [len(told.candles[candles_key(symbol, 3600)]) for symbol in (LINEAR, INVERSE)] == [3, 3]
        assert [len(told.funding[symbol]) for symbol in (LINEAR, INVERSE)] == [3, 3]


async def test_the_testnet_is_spot_and_nothing_else(server: EmulatedServer) -> None:
    """One host, one wallet; a contract is not among what is looked at."""
    async with gateway_at(server, Mode.TESTNET) as gateway:
        seen = await gateway.snapshot()
        report = await gateway.place("hn1", order(SPOT, Side.BUY, "0.01"))
        with pytest.raises(OrderRejected):
            await gateway.place("hn2", order(LINEAR, Side.SELL, "0.02"))
    assert report.status is OrderStatus.FILLED
    assert {one.kind for one in seen.instruments.values()} == {Kind.SPOT}
    assert {ask.host for ask in server.asks} == {"testnet.binance.vision"}


async def test_dry_run_sends_nothing_that_changes_anything(server: EmulatedServer) -> None:
    """Every request it makes is a GET."""
    async with gateway_at(server, Mode.DRY_RUN, kind=DryRunGateway) as gateway:
        await gateway.snapshot()
        with pytest.raises(OrderRejected, match="nothing is sent"):
            await gateway.place("hx1", order(SPOT, Side.BUY, "0.01"))
    assert {ask.method for ask in server.asks} == {"GET"}


async def test_an_empty_list_beside_held_margin_is_not_believed(gateway: Gateway, server: EmulatedServer) -> None:
    """The wallet holds 6,336.95 USDT for a short: that the venue lists no position cannot be."""
    server.faults.next("positions", "list-200", times=9)
    with pytest.raises(SnapshotUnavailable) as refused:
        await gateway.snapshot()
    assert refused.value.part == "linear positions"
