"""BingX's modes and its key through the gateway: play money apart from real money, dry-run apart from both."""

from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.instrument import Kind, WalletKind
from bot.domain.ledger import EntryKind
from bot.domain.mode import Mode
from bot.domain.order import Side, TransferRequest
from bot.errors import OrderRejected, SettingsRefused
from bot.venues.asking import Reader
from bot.venues.connect import access_of
from bot.venues.key_rights import examine_key
from bot.venues.rows import row_of
from tests.emulator.bingx.memory import memory_of
from tests.venues.rig import PERP, SPOT, order, rigged

LINEAR, COINS = WalletKind.LINEAR, WalletKind.SPOT
FIVE_THOUSAND = TransferRequest(asset="USDT", amount=Decimal(5000), source=COINS, target=LINEAR)


async def test_a_key_that_may_withdraw_is_refused_and_one_bound_to_no_address_is_told() -> None:
    """The venue tells both."""
    async with rigged("bingx") as rig:
        memory = memory_of(rig.server.core)
        for withdraws, bound, words in ((False, True, {"ok"}), (True, False, {"fail", "warn", "ok"})):
            memory.may_withdraw, memory.is_bound = withdraws, bound
            reader = Reader(row_of("bingx").codes, rig.clock)
            told = await examine_key(rig.gateway.connection, reader, rig.clock.now())
            assert {one.level.value for one in told} == words


async def test_play_money_trades_linear_contracts_only() -> None:
    """Every request goes to the VST host; VST counts as USDT; spot is not among what is looked at."""
    async with rigged("bingx", mode=Mode.DEMO) as rig:
        rig.server.core.transfer(FIVE_THOUSAND, "")
        found = await rig.gateway.snapshot()
        assert [(one.wallet, one.asset, one.total) for one in found.balances] == [(LINEAR, "USDT", 5000)]
        assert {one.kind for one in found.instruments.values()} == {Kind.LINEAR_PERPETUAL}
        await rig.pass_time(timedelta(seconds=1))
        report = await rig.gateway.place("play1", order(PERP, Side.SELL, "0.01"))
        assert [fill.fee_asset for fill in report.fills] == ["USDT"]
        await rig.pass_time(timedelta(seconds=1))
        entries = await rig.gateway.ledger(found.ledger_sequence)
        assert {(entry.kind, entry.asset) for entry in entries} == {(EntryKind.FEE, "USDT")}
        with pytest.raises(OrderRejected, match="moves no money"):
            await rig.gateway.transfer("play2", FIVE_THOUSAND)
        assert {ask.host for ask in rig.server.asks} == {"open-api-vst.bingx.com"}


async def test_in_dry_run_nothing_that_changes_anything_leaves() -> None:
    """The whole account is read; an order is stopped before the wire."""
    async with rigged("bingx", books="hedged", mode=Mode.DRY_RUN) as careful:
        await careful.gateway.snapshot()
        with pytest.raises(OrderRejected) as refusal:
            await careful.gateway.place("never", order(SPOT, Side.BUY, "0.01"))
        assert refusal.value.code == "forbidden"
        assert {ask.method for ask in careful.server.asks} == {"GET"}


def test_there_is_no_other_testnet() -> None:
    """The simulated environment is a demo; a mode the venue does not have is refused."""
    with pytest.raises(SettingsRefused, match="BingX has no testnet"):
        access_of(row_of("bingx"), Mode.TESTNET)
