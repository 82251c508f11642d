"""BingX through the gateway, the real ccxt client and real HTTP: what is read, set up, moved, and put in the books."""

from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.instrument import Kind, WalletKind
from bot.domain.ledger import EntryKind
from bot.domain.order import Side, TransferRequest
from bot.domain.reading import Series, SeriesKind, candles_key
from bot.domain.snapshot import Balance, MarginMode, Wallets
from bot.errors import OrderRejected, SnapshotUnavailable
from bot.venues.setup import WantedSetting
from tests.emulator.asks import Ask
from tests.emulator.bingx.memory import memory_of
from tests.venues.rig import PERP, SCOPE, SPOT, Rig, order, rigged

DAY = timedelta(days=1)
ETH_PERP = "ETH/USDT:USDT"
LINEAR, COINS = WalletKind.LINEAR, WalletKind.SPOT


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    """An account with coins in spot, 0.3 BTC sold short and margin for it."""
    async with rigged("bingx", books="hedged") as one:
        yield one


def moving(amount: str, source: WalletKind, target: WalletKind) -> TransferRequest:
    """A transfer of USDT."""
    return TransferRequest(asset="USDT", amount=Decimal(amount), source=source, target=target)


# ── reading ──


async def test_a_snapshot_has_the_whole_account_and_its_market(rig: Rig) -> None:
    """Two wallets with what they hold, a short counted below zero, prices of all that is named or held."""
    await rig.gateway.snapshot()
    found, core = await rig.gateway.snapshot(), rig.server.core
    assert (found.venue, found.account, found.wallets) == ("bingx", "mine", Wallets.SEPARATE)
    told = {(one.wallet, one.asset): one.total for one in found.balances}
    assert told == {
        (wallet, one.asset): one.total for wallet in (COINS, LINEAR) for one in core.balances(wallet) if one.total
    }
    margin = next(one for one in found.balances if one.wallet is LINEAR)
    value = Decimal("0.3") * core.quotes()[PERP].valuation
    loss = max(-core.unrealised(PERP), Decimal(0))
    assert margin.locked == pytest.approx(value / 3 + loss, abs=Decimal("0.0000001"))
    assert dict(found.positions) == dict(core.positions())
    kinds = {Kind.SPOT, Kind.LINEAR_PERPETUAL}
    named = {s for s, one in core.instruments.items() if one.kind in kinds and one.base in SCOPE.coins}
    assert set(found.instruments) == named | {"SOL/USDT"}
    assert (found.open_orders, found.clock_offset_seconds) == ((), 0)


async def test_the_rules_are_the_venues_with_the_accounts_fees_and_tiers(rig: Rig) -> None:
    """Grid, minimums, fees and maintenance tiers are those behind the emulator, to the digit."""
    for symbol, one in (await rig.gateway.snapshot()).instruments.items():
        real = rig.server.core.instruments[symbol]
        assert (one.kind, one.tick, one.step, one.contract_size) == (real.kind, real.tick, real.step, 1)
        assert (one.min_quantity, one.min_notional) == (real.min_quantity, real.min_notional)
        assert (one.maker_fee, one.taker_fee, one.tiers) == (real.maker_fee, real.taker_fee, real.tiers)


async def test_prices_and_funding_are_the_venues_own(rig: Rig) -> None:
    """The mark comes with the funding rate; volume in money, funding with its real interval and next settlement."""
    await rig.gateway.snapshot()
    found, core = await rig.gateway.snapshot(), rig.server.core
    for symbol, quote in found.quotes.items():
        real = core.quotes()[symbol]
        assert (quote.bid, quote.ask, quote.last, quote.mark) == (real.bid, real.ask, real.last, real.mark)
        assert quote.volume_24h == real.volume_24h
        assert quote.bid_depth is not None
    assert found.funding == {s: rate for s, rate in core.funding().items() if s in found.instruments}


async def test_a_snapshot_takes_eleven_requests_and_one_for_each_book(rig: Rig) -> None:
    """Clock, two wallets twice, positions, two lists of orders, two of prices, one of rates; rules once an hour."""
    found = await rig.gateway.snapshot()
    before = len(rig.server.asks)
    await rig.gateway.snapshot()
    assert rig.gateway.requests == 11 + len(found.instruments)
    asked = [path.removeprefix("GET /openApi/") for path in rig.paths(before)]
    spot = sum(one.kind is Kind.SPOT for one in found.instruments.values())
    assert sorted(asked) == sorted(
        [
            "swap/v2/server/time",
            *["spot/v1/account/balance", "swap/v3/user/balance"] * 2,
            "swap/v2/user/positions",
            "spot/v1/trade/openOrders",
            "swap/v2/trade/openOrders",
            "spot/v1/ticker/24hr",
            "swap/v2/quote/ticker",
            "swap/v2/quote/premiumIndex",
            *["spot/v1/market/depth"] * spot,
            *["swap/v2/quote/depth"] * (len(found.instruments) - spot),
        ]
    )


async def test_no_path_is_asked_more_often_than_the_venue_counts(rig: Rig) -> None:
    """Fee rates two a second, the record of transfers likewise: they wait their turn, and none is refused."""
    found = await rig.gateway.snapshot()
    begun = rig.clock.now()
    await rig.gateway.ledger(found.ledger_sequence - 10_000_000)
    asked = [path for path in rig.paths() if path.endswith("transferRecord")]
    assert len(asked) == 8
    assert timedelta(seconds=3.5) <= rig.clock.now() - begun < timedelta(seconds=5)


async def test_a_wallet_row_with_one_number_missing_is_refused(rig: Rig) -> None:
    """A coin never held has nothing but empty texts and is passed over; half a row is no row."""
    row: dict[str, object] = {
        "asset": "USDT",
        "balance": "20000",
        "equity": "20000",
        "availableMargin": "",
        "usedMargin": "0",
    }
    memory_of(rig.server.core).instead["balances"] = [row]
    with pytest.raises(SnapshotUnavailable, match="availableMargin is missing"):
        await rig.gateway.snapshot()


async def test_a_long_is_above_zero_and_a_short_below_it_where_the_venue_says_both() -> None:
    """One-way mode has one leg, BOTH: 0.02 bought are told as 0.02, 0.5 sold as −0.5."""
    async with rigged("bingx") as rig:
        rig.server.core.transfer(moving("5000", COINS, LINEAR), "")
        await rig.gateway.place("long1", order(PERP, Side.BUY, "0.02"))
        await rig.gateway.place("short1", order(ETH_PERP, Side.SELL, "0.5"))
        found = (await rig.gateway.snapshot()).positions
        assert {s: one.quantity for s, one in found.items()} == {PERP: Decimal("0.02"), ETH_PERP: Decimal("-0.5")}
        assert dict(found) == dict(rig.server.core.positions())


async def test_two_legs_at_once_are_refused(rig: Rig) -> None:
    """A long and a short of one contract: Poise trades one-way accounts."""
    legs: list[dict[str, object]] = [
        {
            "symbol": "BTC-USDT",
            "positionAmt": "0.1",
            "positionSide": side,
            "isolated": False,
            "avgPrice": "60000",
            "leverage": 3,
        }
        for side in ("LONG", "SHORT")
    ]
    memory_of(rig.server.core).instead["positions"] = legs
    with pytest.raises(SnapshotUnavailable, match="long and a short"):
        await rig.gateway.snapshot()


async def test_an_isolated_position_tells_its_own_margin_without_its_profit(rig: Rig) -> None:
    """The venue's `margin` counts the profit; what was put aside is that less the profit."""
    core = rig.server.core
    core.set_margin_mode(ETH_PERP, MarginMode.ISOLATED)
    await rig.gateway.snapshot()
    rig.gateway._setting = None
    await rig.gateway.place("isolated1", order(ETH_PERP, Side.SELL, "0.5"))
    found, real = (await rig.gateway.snapshot()).positions[ETH_PERP], core.positions()[ETH_PERP]
    assert (found.margin_mode, real.isolated_margin is not None) == (MarginMode.ISOLATED, True)
    assert real.isolated_margin is not None
    assert found.isolated_margin == pytest.approx(real.isolated_margin, abs=Decimal("0.0000001"))


# ── set-up ──


async def test_a_contract_is_made_ready_and_read_back_before_its_first_order(rig: Rig) -> None:
    """Leverage 5 for the one leg of a one-way account; what stands already is not asked for again."""
    await rig.gateway.snapshot()
    core = rig.server.core
    await rig.gateway.place("ready1", order(ETH_PERP, Side.SELL, "0.1"))
    assert (core.leverage(ETH_PERP), core.margin_mode(ETH_PERP), core.hedge_mode) == (5, MarginMode.CROSS, False)
    writes = [path for path in rig.paths() if path.startswith("POST")]
    assert writes == ["POST /openApi/swap/v2/trade/leverage", "POST /openApi/swap/v2/trade/order"]
    await rig.gateway.place("ready2", order(ETH_PERP, Side.SELL, "0.1"))
    assert [path for path in rig.paths() if path.startswith("POST")] == [*writes, writes[1]]


async def test_two_legs_and_isolated_margin_are_changed_and_read_back() -> None:
    """A free account in hedge mode is brought to one way, isolated, five times."""
    wanted = WantedSetting(margin_mode=MarginMode.ISOLATED, leverage=Decimal(5))
    async with rigged("bingx") as rig:
        core = rig.server.core
        core.transfer(moving("5000", COINS, LINEAR), "")
        core.set_hedge_mode(True)
        await rig.gateway.snapshot()
        rig.gateway._setting = wanted
        await rig.gateway.place("oneway1", order(PERP, Side.SELL, "0.01"))
        assert (core.hedge_mode, core.margin_mode(PERP), core.leverage(PERP)) == (False, MarginMode.ISOLATED, 5)


async def test_a_setting_the_venue_refuses_keeps_the_order_from_being_sent(rig: Rig) -> None:
    """The margin mode of an open position cannot change: nothing more is opened in it."""
    await rig.gateway.snapshot()
    rig.gateway._setting = WantedSetting(margin_mode=MarginMode.ISOLATED, leverage=Decimal(3))
    with pytest.raises(OrderRejected, match="80001") as refusal:
        await rig.gateway.place("never", order(PERP, Side.SELL, "0.01"))
    assert refusal.value.code == "not-set-up"
    assert rig.server.core.positions()[PERP].quantity == Decimal("-0.3")


# ── money and the books ──


async def test_money_moves_both_ways_and_is_found_again_by_what_it_was(rig: Rig) -> None:
    """No id of ours goes along: coin, amount, way and time tell a transfer from another."""
    await rig.gateway.snapshot()
    for amount, source, target in (("250", COINS, LINEAR), ("40", LINEAR, COINS)):
        asked = moving(amount, source, target)
        made = await rig.gateway.transfer(f"move-{amount}", asked)
        found = await rig.gateway.find_transfer(f"move-{amount}", asked, made.at)
        assert (made.request, found is not None) == (asked, True)
    assert await rig.gateway.find_transfer("other", moving("41", LINEAR, COINS), rig.clock.now()) is None
    spot = next(one for one in rig.server.core.balances(COINS) if one.asset == "USDT")
    assert spot.total == Decimal("26637.8699") - 210


async def test_a_transfer_of_more_than_there_is_is_rejected_with_its_code(rig: Rig) -> None:
    """100437, and nothing moved."""
    await rig.gateway.snapshot()
    with pytest.raises(OrderRejected) as refusal:
        await rig.gateway.transfer("move1", moving("1000000", COINS, LINEAR))
    assert refusal.value.code == "100437"
    assert rig.server.core.transfers() == ()


async def test_the_ledger_closes_on_the_balances_with_received_positive(rig: Rig) -> None:
    """Buy, short, close, funding, transfers within and from outside: each wallet's changes are what it moved by."""
    rig.gateway._setting = None
    before = await rig.gateway.snapshot()
    await rig.gateway.place("book1", order(SPOT, Side.BUY, "0.01"))
    await rig.gateway.place("book2", order(PERP, Side.SELL, "0.1"))
    rig.server.core.live(timedelta(hours=8))
    await rig.gateway.place("book3", order(PERP, Side.BUY, "0.4", reduce_only=True))
    await rig.gateway.transfer("book4", moving("100", COINS, LINEAR))
    from_outside(rig, "spot", "25")
    from_outside(rig, "USDTMPerp", "15")
    await rig.pass_time(timedelta(seconds=1))
    after = await rig.gateway.snapshot()
    entries = await rig.gateway.ledger(before.ledger_sequence - int(DAY.total_seconds()) * 1_000_000)
    for wallet, asset in ((COINS, "USDT"), (COINS, "BTC"), (LINEAR, "USDT")):
        changes = sum((e.change for e in entries if (e.wallet, e.asset) == (wallet, asset)), Decimal(0))
        moved = _total(after.balances, wallet, asset) - _total(before.balances, wallet, asset)
        assert changes == pytest.approx(moved, abs=Decimal("0.0000001"))
    (funding,) = [entry for entry in entries if entry.kind is EntryKind.FUNDING]
    (real,) = [entry for entry in rig.server.core.ledger() if entry.kind is EntryKind.FUNDING]
    assert funding.change == pytest.approx(real.change, abs=Decimal("0.0000001"))
    assert (funding.change > 0, funding.asset, funding.symbol) == (True, "USDT", PERP)
    assert all(entry.change < 0 for entry in entries if entry.kind is EntryKind.FEE)
    assert [entry.sequence for entry in entries] == sorted({entry.sequence for entry in entries})


def from_outside(rig: Rig, wallet: str, amount: str) -> None:
    """Let the account's owner bring money from the funding wallet."""
    query = f"asset=USDT&amount={amount}&fromAccount=fund&toAccount={wallet}"
    path = "/openApi/api/asset/v1/transfer"
    rig.server.venue.routes["POST", path](Ask(method="POST", host="", path=path, query=query), rig.server.core)


def _total(balances: Iterable[Balance], wallet: WalletKind, asset: str) -> Decimal:
    return sum((one.total for one in balances if (one.wallet, one.asset) == (wallet, asset)), Decimal(0))


async def test_what_came_from_the_funding_wallet_is_a_deposit(rig: Rig) -> None:
    """The record tells the way of each transfer: within Poise's wallets it is a transfer, else a flow."""
    before = await rig.gateway.snapshot()
    from_outside(rig, "spot", "25")
    await rig.gateway.transfer("move1", moving("10", COINS, LINEAR))
    await rig.pass_time(timedelta(seconds=1))
    entries = await rig.gateway.ledger(before.ledger_sequence - 10_000_000)
    assert sorted((entry.kind, entry.wallet, entry.change) for entry in entries) == [
        (EntryKind.DEPOSIT, COINS, 25),
        (EntryKind.TRANSFER, LINEAR, 10),
        (EntryKind.TRANSFER, COINS, -10),
    ]


async def test_a_word_in_the_income_that_nobody_knows_is_refused(rig: Rig) -> None:
    """A change left out would be found as a loss nobody explains."""
    row: dict[str, object] = {
        "incomeType": "AIRDROP",
        "income": "1",
        "asset": "USDT",
        "time": 1795428000000,
        "tranId": "1",
        "tradeId": "",
    }
    memory_of(rig.server.core).instead["income"] = [row]
    before = await rig.gateway.snapshot()
    with pytest.raises(SnapshotUnavailable, match="AIRDROP"):
        await rig.gateway.ledger(before.ledger_sequence)


async def test_a_trade_in_the_ledger_is_known_by_the_id_of_its_fill(rig: Rig) -> None:
    """Spot and contract have one market id between them, and both refer to the fill they came of."""
    before = await rig.gateway.snapshot()
    await rig.pass_time(timedelta(seconds=1))
    fills = {
        symbol: (await rig.gateway.place(name, order(symbol, Side.BUY, "0.01"))).fills
        for name, symbol in (("ref1", SPOT), ("ref2", PERP))
    }
    await rig.pass_time(timedelta(seconds=1))
    entries = await rig.gateway.ledger(before.ledger_sequence)
    for symbol, (fill,) in fills.items():
        assert {entry.reference for entry in entries if entry.symbol == symbol} == {fill.trade_id}
        (fee,) = [entry for entry in entries if entry.symbol == symbol and entry.kind is EntryKind.FEE]
        assert (fee.change, fee.asset) == (-fill.fee, fill.fee_asset)


# ── the past ──


async def test_the_past_has_closed_bars_and_settled_funding(rig: Rig) -> None:
    """Thirty days and twelve settlements, oldest first; open interest has no history at this venue."""
    wanted = (
        Series(kind=SeriesKind.CANDLES, symbol=SPOT, seconds=86_400, count=30),
        Series(kind=SeriesKind.CANDLES, symbol=PERP, seconds=3600, count=24),
        Series(kind=SeriesKind.FUNDING, symbol=PERP, seconds=0, count=12),
        Series(kind=SeriesKind.OPEN_INTEREST, symbol=PERP, seconds=86_400, count=10),
    )
    found = await rig.gateway.history(wanted)
    bars = found.candles[candles_key(SPOT, 86_400)]
    assert len(bars) == 30
    assert bars[-1].opened_at + DAY <= rig.clock.now() < bars[-1].opened_at + 2 * DAY
    assert len(found.candles[candles_key(PERP, 3600)]) == 24
    assert len(found.funding[PERP]) == 12
    assert {point.interval_hours for point in found.funding[PERP]} == {8}
    assert found.open_interest == {}
