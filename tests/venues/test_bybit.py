"""Bybit through the gateway, the real ccxt client and real HTTP: what is read, set up, and written in the books."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.instrument import Kind, WalletKind
from bot.domain.ledger import EntryKind
from bot.domain.order import Side, TransferRequest
from bot.domain.reading import Series, SeriesKind, candles_key
from bot.domain.snapshot import MarginMode, Wallets
from bot.errors import OrderRejected, SettingsRefused, SnapshotUnavailable
from bot.venues.setup import WantedSetting, set_up
from tests.emulator.bybit.memory import memory_of
from tests.venues.rig import KINDS, PERP, SCOPE, SPOT, Rig, held, order, rigged

DAY = timedelta(days=1)
ETH_PERP = "ETH/USDT:USDT"
ISOLATED = WantedSetting(margin_mode=MarginMode.ISOLATED, leverage=Decimal(5))


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    """A funded account that may trade."""
    async with rigged("bybit") as one:
        yield one


# ── reading ──


async def test_a_snapshot_has_the_whole_account_and_its_market() -> None:
    """A hedged account: coins as spot, money as margin, a short with its mode, prices of all that is named or held."""
    async with rigged("bybit", books="hedged") as rig:
        found, core = await rig.gateway.snapshot(), rig.server.core
        assert (found.venue, found.account, found.wallets) == ("bybit", "mine", Wallets.POOLED)
        wallets = {one.asset: one.wallet for one in found.balances}
        assert wallets == {
            "USDT": WalletKind.LINEAR,
            "BTC": WalletKind.SPOT,
            "ETH": WalletKind.SPOT,
            "SOL": WalletKind.SPOT,
        }
        assert {asset: held(found, asset) for asset in wallets} == {asset: rig.holding(asset) for asset in wallets}
        assert dict(found.positions) == dict(core.positions())
        named = {s for s, one in core.instruments.items() if one.kind in KINDS and one.base in SCOPE.coins}
        assert set(found.instruments) == named | {"SOL/USDT"}
        assert (found.open_orders, found.clock_offset_seconds) == ((), 0)


async def test_the_rules_are_the_venues_with_the_accounts_fees_and_tiers(rig: Rig) -> None:
    """Grid, minimums, fees and maintenance tiers are those behind the emulator, to the digit."""
    found = await rig.gateway.snapshot()
    assert any(one.kind is Kind.LINEAR_FUTURE for one in found.instruments.values())
    for symbol, one in found.instruments.items():
        real = rig.server.core.instruments[symbol]
        assert (one.kind, one.tick, one.step, one.contract_size) == (real.kind, real.tick, real.step, 1)
        assert (one.min_quantity, one.min_notional) == (real.min_quantity, real.min_notional)
        assert (one.maker_fee, one.taker_fee, one.expiry) == (real.maker_fee, real.taker_fee, real.expiry)
        assert one.tiers == real.tiers


async def test_prices_and_funding_are_the_venues_own(rig: Rig) -> None:
    """Bid, ask, mark, index, volume in money, and funding with its real interval and next settlement."""
    found, core = await rig.gateway.snapshot(), rig.server.core
    for symbol, quote in found.quotes.items():
        real = core.quotes()[symbol]
        assert (quote.bid, quote.ask, quote.last, quote.mark) == (real.bid, real.ask, real.last, real.mark)
        assert quote.volume_24h is not None
        assert real.volume_24h is not None
        assert abs(quote.volume_24h - real.volume_24h) < 1
        assert quote.at <= found.taken_at
    assert found.funding == {s: rate for s, rate in core.funding().items() if s in found.instruments}


async def test_a_snapshot_takes_nine_requests_and_one_for_each_book(rig: Rig) -> None:
    """Clock, purse twice, margin mode, positions, two lists of orders, two of prices; the rules once an hour."""
    found = await rig.gateway.snapshot()
    before = len(rig.server.asks)
    await rig.gateway.snapshot()
    assert rig.gateway.requests == 9 + len(found.instruments)
    assert sorted(rig.paths(before)) == sorted(
        [
            "GET /v5/market/time",
            *["GET /v5/account/wallet-balance"] * 2,
            "GET /v5/account/info",
            "GET /v5/position/list",
            *["GET /v5/order/realtime"] * 2,
            *["GET /v5/market/tickers"] * 2,
            *["GET /v5/market/orderbook"] * len(found.instruments),
        ]
    )


async def test_two_snapshots_of_one_state_have_one_epoch(rig: Rig) -> None:
    """Nothing happened: the same epoch. Something was bought: another."""
    first = await rig.gateway.snapshot()
    assert (await rig.gateway.snapshot()).epoch == first.epoch
    await rig.gateway.place("epoch1", order(SPOT, Side.BUY, "0.01"))
    assert (await rig.gateway.snapshot()).epoch != first.epoch


async def test_an_account_in_portfolio_margin_is_not_observed(rig: Rig) -> None:
    """A margin mode nobody reckons with: no snapshot, with the mode named."""
    memory_of(rig.server.core).mode_word = "PORTFOLIO_MARGIN"
    with pytest.raises(SnapshotUnavailable, match="PORTFOLIO_MARGIN"):
        await rig.gateway.snapshot()


async def test_a_full_page_of_resting_orders_is_refused(rig: Rig) -> None:
    """Fifty orders may be fifty of more: what is not seen is not taken to be absent."""
    core, low = rig.server.core, rig.price(SPOT, "0.95")
    for number in range(50):
        await rig.gateway.place(f"rest{number}", order(SPOT, Side.BUY, "0.0001", price=low, type="post-only"))
    assert len(core.open_orders()) == 50
    with pytest.raises(SnapshotUnavailable, match="no more than 50"):
        await rig.gateway.snapshot()


async def test_an_isolated_position_tells_its_own_margin(rig: Rig) -> None:
    """Where the account is isolated, the margin of a position is what the venue keeps for it."""
    core = rig.server.core
    for symbol, one in core.instruments.items():
        if not one.kind.is_spot:
            core.set_margin_mode(symbol, MarginMode.ISOLATED)
    core.set_leverage(PERP, Decimal(5))
    rig.gateway._setting = None
    await rig.gateway.place("isolated1", order(PERP, Side.SELL, "0.01"))
    found = await rig.gateway.snapshot()
    assert found.positions[PERP].margin_mode is MarginMode.ISOLATED
    assert found.positions[PERP].isolated_margin == core.positions()[PERP].isolated_margin


# ── set-up ──


async def test_a_contract_is_made_ready_once_before_something_is_opened_in_it(rig: Rig) -> None:
    """One-way and leverage are asked for, read back, and not again at the second order."""
    core = rig.server.core
    await rig.gateway.snapshot()
    await rig.gateway.place("ready1", order(PERP, Side.SELL, "0.01"))
    assert (core.leverage(PERP), core.margin_mode(PERP), core.hedge_mode) == (5, MarginMode.CROSS, False)
    writes = [path for path in rig.paths() if path.startswith("POST")]
    assert writes == ["POST /v5/position/set-leverage", "POST /v5/order/create"]
    await rig.gateway.place("ready2", order(PERP, Side.SELL, "0.01"))
    assert [path for path in rig.paths() if path.startswith("POST")] == [*writes, "POST /v5/order/create"]


async def test_hedge_mode_is_switched_off_and_that_is_read_back(rig: Rig) -> None:
    """The position list says which leg an order goes to: 0 is one-way."""
    rig.server.core.set_hedge_mode(True)
    await rig.gateway.snapshot()
    await rig.gateway.place("oneway1", order(PERP, Side.SELL, "0.01"))
    assert rig.server.core.hedge_mode is False


async def test_a_setting_the_venue_refuses_keeps_the_order_from_being_sent(rig: Rig) -> None:
    """An isolated account with something resting cannot be made cross: nothing is opened."""
    core = rig.server.core
    await rig.gateway.snapshot()
    await rig.gateway.place("resting", order(SPOT, Side.BUY, "0.001", price=rig.price(SPOT, "0.95"), type="post-only"))
    for symbol, one in core.instruments.items():
        if not one.kind.is_spot:
            core.set_margin_mode(symbol, MarginMode.ISOLATED)
    with pytest.raises(OrderRejected, match="margin mode") as refusal:
        await rig.gateway.place("never", order(PERP, Side.SELL, "0.01"))
    assert refusal.value.code == "not-set-up"
    assert core.positions() == {}


@pytest.mark.parametrize(("open_", "counted"), [("position", "positions 1, resting orders 0"), ("order", "0.* 1")])
async def test_the_accounts_margin_mode_is_left_alone_while_a_contract_is_open(
    rig: Rig, open_: str, counted: str
) -> None:
    """It is that of every contract: a short of 0.01 BTC, or an order resting on one, keeps ETH from going isolated."""
    kind = {} if open_ == "position" else {"price": rig.price(PERP, "1.05"), "type": "post-only"}
    await rig.gateway.place("open1", order(PERP, Side.SELL, "0.01", **kind))
    instrument, before = (await rig.gateway.snapshot()).instruments[ETH_PERP], len(rig.server.asks)
    said = f"the whole account's, cross, and was to be isolated.*{counted}"
    with pytest.raises(SettingsRefused, match=said) as refusal:
        await set_up(rig.gateway.connection, instrument, ISOLATED, rig.gateway._reader())
    assert "close and cancel them" in refusal.value.mend
    assert {ask.method for ask in rig.server.asks[before:]} == {"GET"}
    assert rig.server.core.margin_mode(PERP) is MarginMode.CROSS


async def test_the_accounts_margin_mode_is_changed_while_nothing_is_open(rig: Rig) -> None:
    """Cross before, isolated afterwards, for every contract; asked for once."""
    instrument = (await rig.gateway.snapshot()).instruments[ETH_PERP]
    found = await set_up(rig.gateway.connection, instrument, ISOLATED, rig.gateway._reader())
    assert (found.margin_mode, found.leverage) == (MarginMode.ISOLATED, 5)
    assert rig.paths().count("POST /v5/account/set-margin-mode") == 1
    assert {rig.server.core.margin_mode(symbol) for symbol in (PERP, ETH_PERP)} == {MarginMode.ISOLATED}


# ── the books ──


async def test_the_ledger_closes_on_the_balances_with_received_positive(rig: Rig) -> None:
    """Buy, short, close, funding and a deposit: all changes of a coin sum to what its balance moved by."""
    before = await rig.gateway.snapshot()
    await rig.gateway.place("book1", order(SPOT, Side.BUY, "0.01"))
    await rig.gateway.place("book2", order(PERP, Side.SELL, "0.2"))
    rig.server.core.live(timedelta(hours=8))
    await rig.gateway.place("book3", order(PERP, Side.BUY, "0.2", reduce_only=True))
    rig.server.core.flow("USDT", Decimal(25))
    await rig.pass_time(timedelta(seconds=1))
    after = await rig.gateway.snapshot()
    entries = await rig.gateway.ledger(before.ledger_sequence - int(DAY.total_seconds()) * 1_000_000)
    for asset in ("USDT", "BTC"):
        changes = sum((entry.change for entry in entries if entry.asset == asset), Decimal(0))
        assert abs(changes - (held(after, asset) - held(before, asset))) < Decimal("0.0000001")
    kinds = {entry.kind for entry in entries}
    assert kinds == {EntryKind.FILL, EntryKind.FEE, EntryKind.REALISED, EntryKind.FUNDING, EntryKind.DEPOSIT}
    (funding,) = [entry for entry in entries if entry.kind is EntryKind.FUNDING]
    (real,) = [entry for entry in rig.server.core.ledger() if entry.kind is EntryKind.FUNDING]
    assert (funding.change, funding.asset, funding.symbol) == (real.change, "USDT", PERP)
    assert all(entry.change < 0 for entry in entries if entry.kind is EntryKind.FEE)
    assert [entry.sequence for entry in entries] == sorted({entry.sequence for entry in entries})


async def test_a_trade_in_the_ledger_is_known_by_the_id_of_its_fill(rig: Rig) -> None:
    """Spot and contract of one market id are told apart, and both refer to the fill they came of."""
    before = await rig.gateway.snapshot()
    await rig.pass_time(timedelta(seconds=1))
    fills = {
        symbol: (await rig.gateway.place(name, order(symbol, side, "0.01"))).fills
        for name, symbol, side in (("ref1", SPOT, Side.BUY), ("ref2", PERP, Side.SELL))
    }
    await rig.pass_time(timedelta(seconds=1))
    entries = await rig.gateway.ledger(before.ledger_sequence)
    for symbol, (fill,) in fills.items():
        assert {entry.reference for entry in entries if entry.symbol == symbol} == {fill.trade_id}
        (fee,) = [entry for entry in entries if entry.symbol == symbol and entry.kind is EntryKind.FEE]
        assert (fee.change, fee.asset) == (-fill.fee, fill.fee_asset)


async def test_a_word_in_the_log_that_nobody_knows_is_refused(rig: Rig) -> None:
    """A change left out would be found as a loss nobody explains."""
    before = await rig.gateway.snapshot()
    strange: dict[str, object] = {"type": "AIRDROP_OF_SOMETHING", "category": "", "transactionTime": "1795428000000"}
    memory_of(rig.server.core).strange_rows.append(strange)
    with pytest.raises(SnapshotUnavailable, match="AIRDROP_OF_SOMETHING"):
        await rig.gateway.ledger(before.ledger_sequence)


async def test_money_set_aside_in_one_purse_is_no_request(rig: Rig) -> None:
    """Margin and money to spend are the same coins: a transfer is done without asking anybody."""
    asked = TransferRequest(asset="USDT", amount=Decimal(100), source=WalletKind.SPOT, target=WalletKind.LINEAR)
    before = len(rig.server.asks)
    made = await rig.gateway.transfer("move1", asked)
    found = await rig.gateway.find_transfer("move1", asked, rig.clock.now())
    assert made.request == asked
    assert found is not None
    assert len(rig.server.asks) == before


# ── the past ──


async def test_the_past_has_closed_bars_settled_funding_and_open_interest(rig: Rig) -> None:
    """Thirty days, twelve settlements and ten days of open interest, oldest first, nothing unfinished."""
    wanted = (
        Series(kind=SeriesKind.CANDLES, symbol=SPOT, seconds=86_400, count=30),
        Series(kind=SeriesKind.FUNDING, symbol=PERP, seconds=0, count=12),
        Series(kind=SeriesKind.OPEN_INTEREST, symbol=PERP, seconds=86_400, count=10),
    )
    found = await rig.gateway.history(wanted)
    bars = found.candles[candles_key(SPOT, 86_400)]
    assert len(bars) == 30
    assert bars[-1].opened_at + DAY <= rig.clock.now() < bars[-1].opened_at + 2 * DAY
    assert len(found.funding[PERP]) == 12
    assert {point.interval_hours for point in found.funding[PERP]} == {8}
    assert len(found.open_interest[PERP]) == 10
