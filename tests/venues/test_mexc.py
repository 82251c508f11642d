"""MEXC through the gateway, the real ccxt client and real HTTP: what is read, and how contracts are set up."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.instrument import WalletKind
from bot.domain.mode import Mode
from bot.domain.order import OrderType, Side, TransferRequest
from bot.domain.snapshot import MarginMode, Wallets
from bot.errors import OrderRejected, SettingsRefused
from bot.venues.asking import write
from bot.venues.budget import requests_per_look
from bot.venues.connect import access_of
from bot.venues.gateway import Gateway
from bot.venues.markets import at_mark
from bot.venues.rows import row_of
from bot.venues.setup import WantedSetting
from tests.emulator.mexc.contract_rows import order_id
from tests.emulator.orders import NewOrder
from tests.venues.rig import KINDS, PERP, SCOPE, SPOT, Rig, held, order, rigged

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
SPOT_WALLET, CONTRACTS = WalletKind.SPOT, WalletKind.LINEAR


def move(amount: str, source: WalletKind = SPOT_WALLET, target: WalletKind = CONTRACTS) -> TransferRequest:
    """Return a transfer of USDT, from spot to contracts unless said otherwise."""
    return TransferRequest(asset="USDT", amount=Decimal(amount), source=source, target=target)


def bare(symbol: str, side: Side, quantity: str, **given: object) -> NewOrder:
    """Return a market order as somebody else's program would send it, or what `given` makes of it."""
    fields: dict[str, object] = {"price": None, "type": OrderType.MARKET, **given}
    return NewOrder(symbol=symbol, side=side, quantity=Decimal(quantity), **fields)  # type: ignore[arg-type]


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    """A funded account that may trade, 10,000 USDT of it in the contract wallet."""
    async with rigged("mexc") as one:
        await one.gateway.transfer("begin", move("10000"))
        yield one


# ── reading ──


async def test_a_snapshot_has_the_whole_account_and_its_market() -> None:
    """A hedged account: coins and money in spot, 20,000 USDT of margin, 3,000 contracts of 0.0001 BTC sold short."""
    async with rigged("mexc", books="hedged") as rig:
        found, core = await rig.gateway.snapshot(), rig.server.core
        assert (found.venue, found.account, found.wallets) == ("mexc", "mine", Wallets.SEPARATE)
        assert dict(found.positions) == dict(core.positions())
        assert found.positions[PERP].quantity == -3000
        for asset in ("BTC", "ETH", "SOL", "USDT"):
            assert held(found, asset) == rig.holding(asset)
        margin = next(one for one in found.balances if one.wallet is CONTRACTS)
        assert (margin.asset, margin.total) == ("USDT", Decimal(20_000))
        assert margin.locked > 0
        named = {s for s, one in core.instruments.items() if one.kind in KINDS and one.base in SCOPE.coins}
        assert set(found.instruments) == named | {"SOL/USDT"}
        assert (found.open_orders, found.clock_offset_seconds) == ((), 0)


async def test_the_rules_are_in_whole_contracts_and_carry_the_venues_fees(rig: Rig) -> None:
    """0.0001 BTC and 0.01 ETH a contract, from one contract up; spot from 1 USDT up."""
    found = await rig.gateway.snapshot()
    for symbol, one in found.instruments.items():
        real = rig.server.core.instruments[symbol]
        assert (one.kind, one.tick, one.step, one.contract_size) == (
            real.kind,
            real.tick,
            real.step,
            real.contract_size,
        )
        assert (one.min_quantity, one.min_notional) == (real.min_quantity, real.min_notional)
        assert (one.maker_fee, one.taker_fee) == (real.maker_fee, real.taker_fee)
    assert found.instruments[PERP].contract_size == Decimal("0.0001")


async def test_tiers_told_in_contracts_are_priced_and_never_ask_for_less_margin(rig: Rig) -> None:
    """The second floor of 500,000 USDT is told as contracts; at the mark, cut to two digits, it is at most that."""
    found = await rig.gateway.snapshot()
    one, real = found.instruments[PERP], rig.server.core.instruments[PERP]
    assert [tier.rate for tier in one.tiers] == [tier.rate for tier in real.tiers]
    assert one.tiers[1].floor in (Decimal(490_000), Decimal(500_000))
    for tier, told in zip(real.tiers, one.tiers, strict=True):
        assert tier.floor * Decimal("0.9") <= told.floor <= tier.floor
        assert told.deduction <= tier.deduction


async def test_a_floor_of_a_coin_margined_contract_is_priced_in_coins(rig: Rig) -> None:
    """A floor of 1,000 contracts of 100 USD is 1.25 coins at 80,000, and 1.2 cut to two digits."""
    coin = rig.server.core.instruments["BTC/USD:BTC"]
    told = replace(coin, tiers=(coin.tiers[0], replace(coin.tiers[1], floor=Decimal(100_000))))
    priced = at_mark(told, row_of("mexc").products[CONTRACTS], Decimal(80_000))
    assert priced.tiers[1].floor == Decimal("1.2")


async def test_prices_and_funding_are_the_venues_own(rig: Rig) -> None:
    """Bid, ask and last; of contracts also mark, index, and funding in one list; no book of a coin merely held."""
    found, core = await rig.gateway.snapshot(), rig.server.core
    for symbol, quote in found.quotes.items():
        real = core.quotes()[symbol]
        assert (quote.bid, quote.ask, quote.last) == (real.bid, real.ask, real.last)
        assert (quote.mark, quote.index) == ((None, None) if real.mark is None else (real.mark, real.index))
        assert real.volume_24h is not None
        assert quote.volume_24h == real.volume_24h
        assert (quote.bid_depth is not None) == (symbol != "SOL/USDT")
        assert quote.at <= found.taken_at
    assert found.funding == {s: rate for s, rate in core.funding().items() if s in found.instruments}


async def test_a_snapshot_takes_eleven_requests_and_a_few_for_each_market(rig: Rig) -> None:
    """Clock, both wallets twice, positions, orders, stops, three lists; spot orders are told by symbol only."""
    found = await rig.gateway.snapshot()
    before = len(rig.server.asks)
    await rig.gateway.snapshot()
    spots = [symbol for symbol, one in found.instruments.items() if one.kind.is_spot]
    books = len(found.instruments)
    markets = {SPOT_WALLET: len(spots), CONTRACTS: books - len(spots)}
    row = row_of("mexc")
    assert rig.gateway.requests == 11 + len(spots) + books == requests_per_look(row, row.access[Mode.LIVE], markets)
    own = "GET /api/v1/private"
    assert sorted(path for path in rig.paths(before) if "depth" not in path) == sorted(
        [
            "GET /api/v3/time",
            *["GET /api/v3/account"] * 2,
            *[f"{own}/account/assets"] * 2,
            f"{own}/position/open_positions",
            f"{own}/order/list/open_orders",
            f"{own}/planorder/list/orders",
            *["GET /api/v3/openOrders"] * len(spots),
            "GET /api/v3/ticker/24hr",
            "GET /api/v1/contract/ticker",
            "GET /api/v1/contract/funding_rate",
        ]
    )
    assert len([path for path in rig.paths(before) if "depth" in path]) == books


async def test_two_snapshots_of_one_state_have_one_epoch(rig: Rig) -> None:
    """Nothing happened: the same epoch. Something was bought: another."""
    first = await rig.gateway.snapshot()
    assert (await rig.gateway.snapshot()).epoch == first.epoch
    await rig.gateway.place("epoch1", order(SPOT, Side.BUY, "0.01"))
    assert (await rig.gateway.snapshot()).epoch != first.epoch


async def test_profit_not_realised_is_no_balance_and_does_not_change_the_total(rig: Rig) -> None:
    """The venue's equity moves with the mark; the balance stays what was paid in, less the fee."""
    await rig.gateway.place("short1", order(PERP, Side.SELL, "500"))
    before = await rig.gateway.snapshot()
    rig.server.core.live(timedelta(hours=1))
    after = await rig.gateway.snapshot()
    assert before.quotes[PERP].mark != after.quotes[PERP].mark
    margin = [next(one for one in found.balances if one.wallet is CONTRACTS) for found in (before, after)]
    assert abs(margin[0].total - margin[1].total) < Decimal("0.000001")


async def test_an_isolated_position_tells_its_own_margin(rig: Rig) -> None:
    """Set isolated behind our back: the margin of the position is what the venue keeps for it."""
    core = rig.server.core
    core.set_margin_mode("ETH/USDT:USDT", MarginMode.ISOLATED)
    asked = {"symbol": "ETH_USDT", "vol": 10, "type": 5, "side": 3, "openType": 1, "leverage": 4, "positionMode": 2}
    await rig.gateway.snapshot()
    client = rig.gateway.connection.clients[CONTRACTS]
    await write(row_of("mexc").codes, lambda: client.contractPrivatePostOrderCreate(asked))
    found = (await rig.gateway.snapshot()).positions["ETH/USDT:USDT"]
    assert (found.quantity, found.margin_mode, found.leverage) == (-10, MarginMode.ISOLATED, 4)
    real = core.positions()["ETH/USDT:USDT"].isolated_margin
    assert real is not None
    assert found.isolated_margin is not None
    assert abs(found.isolated_margin - real) < Decimal("0.000001")


async def test_a_stop_laid_by_hand_is_seen_though_it_has_no_id_of_ours(rig: Rig) -> None:
    """The plan orders are read as well: a stop that closes 100 contracts is known by the venue's number."""
    await rig.gateway.place("short1", order(PERP, Side.SELL, "100"))
    trigger = rig.price(PERP, "1.05")
    laid = rig.server.core.place(bare(PERP, Side.BUY, "100", type=OrderType.STOP, trigger=trigger, reduce_only=True))
    (shown,) = (await rig.gateway.snapshot()).open_orders
    assert (shown.client_order_id, shown.symbol, shown.side) == (order_id(laid.number), PERP, Side.BUY)
    assert (shown.price, shown.remaining, shown.type, shown.reduce_only) == (trigger, 100, OrderType.STOP, True)


# ── setting up ──


async def test_a_contract_is_set_up_before_its_first_order_leg_by_leg_and_read_back(rig: Rig) -> None:
    """Five times, cross, in two requests for the two legs; the second order asks for nothing of it."""
    await rig.gateway.snapshot()
    before = len(rig.server.asks)
    await rig.gateway.place("first1", order(PERP, Side.SELL, "10"))
    asked = [ask.json for ask in rig.server.asks[before:] if ask.path.endswith("change_leverage")]
    assert [(one["leverage"], one["openType"], one["positionType"]) for one in asked] == [(5, 2, 1), (5, 2, 2)]
    assert rig.server.core.leverage(PERP) == 5
    before = len(rig.server.asks)
    await rig.gateway.place("second1", order(PERP, Side.SELL, "10"))
    assert not [path for path in rig.paths(before) if "position/" in path]


async def test_a_two_way_account_is_brought_to_one_way_or_nothing_is_opened(rig: Rig) -> None:
    """With nothing open the mode is changed; with a leg open the venue refuses, and so do we."""
    rig.server.core.set_hedge_mode(True)
    await rig.gateway.snapshot()
    await rig.gateway.place("oneway1", order(PERP, Side.SELL, "10"))
    assert rig.server.core.hedge_mode is False
    rig.server.core.set_hedge_mode(True)
    with pytest.raises(OrderRejected, match="position mode") as refusal:
        await rig.gateway.place("oneway2", order("ETH/USDT:USDT", Side.SELL, "10"))
    assert refusal.value.code == "not-set-up"
    assert "ETH/USDT:USDT" not in rig.server.core.positions()


async def test_margin_is_isolated_by_the_leverage_call_and_said_in_the_order() -> None:
    """The margin mode goes with leverage, since MEXC has no call of its own for it."""
    async with rigged("mexc") as rig:
        await rig.gateway.transfer("begin", move("10000"))
        setting = WantedSetting(margin_mode=MarginMode.ISOLATED, leverage=Decimal(3))
        isolated = Gateway(rig.gateway.connection, SCOPE, rig.clock, "mine", setting)
        rig.server.core.set_leverage(PERP, Decimal(3))
        await isolated.place("iso1", order(PERP, Side.SELL, "10"))
        sent = next(ask.json for ask in rig.server.asks if ask.path.endswith("order/create"))
        assert (sent["openType"], sent["leverage"], sent["positionMode"]) == (1, 3, 2)
        assert rig.server.core.positions()[PERP].margin_mode is MarginMode.ISOLATED


def test_there_is_no_play_money_at_mexc() -> None:
    """Testnet and demo are refused with what there is instead; stops are refused before anything is sent."""
    row = row_of("mexc")
    for mode in (Mode.TESTNET, Mode.DEMO):
        with pytest.raises(SettingsRefused) as refusal:
            access_of(row, mode)
        assert "simulated" in refusal.value.mend
    assert row.access[Mode.DRY_RUN].writes == frozenset()
    assert all(OrderType.STOP not in product.spellings for product in row.products.values())
