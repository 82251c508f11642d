"""Bybit's four modes through the gateway: one host each, nothing sent in dry-run, and the rights of a key."""

from decimal import Decimal

import pytest

from bot.domain.finding import Level
from bot.domain.mode import Mode
from bot.domain.order import Side
from bot.errors import OrderRejected, SettingsRefused
from bot.venues.connect import Login, connect
from bot.venues.key_rights import examine_key
from bot.venues.rows import row_of
from tests.emulator.bybit.memory import memory_of
from tests.venues.rig import PERP, SPOT, order, rigged


async def test_dry_run_reads_everything_and_can_send_nothing() -> None:
    """The order is refused before it leaves; the venue hears of nothing."""
    async with rigged("bybit", mode=Mode.DRY_RUN) as rig:
        await rig.gateway.snapshot()
        with pytest.raises(OrderRejected):
            await rig.gateway.place("dry1", order(SPOT, Side.BUY, "0.01"))
        assert not [path for path in rig.paths() if path.startswith("POST")]


@pytest.mark.parametrize(
    ("mode", "host"),
    [(Mode.LIVE, "api.bybit.com"), (Mode.TESTNET, "api-testnet.bybit.com"), (Mode.DEMO, "api-demo.bybit.com")],
)
async def test_each_mode_asks_one_host_only(mode: Mode, host: str) -> None:
    """Read, set up, buy, short and look again: every request goes to the host of the mode."""
    async with rigged("bybit", mode=mode) as rig:
        await rig.gateway.snapshot()
        await rig.gateway.place("mode1", order(SPOT, Side.BUY, "0.01"))
        await rig.gateway.place("mode2", order(PERP, Side.SELL, "0.01"))
        await rig.gateway.snapshot()
        assert {ask.host for ask in rig.server.asks} == {host}


async def test_play_money_without_a_schedule_of_fees_takes_the_listed_one() -> None:
    """The demo side tells no fee rates: ccxt's schedule stands in, and nothing is asked for."""
    async with rigged("bybit", mode=Mode.DEMO) as rig:
        found = await rig.gateway.snapshot()
        assert "GET /v5/account/fee-rate" not in rig.paths()
        assert found.instruments[PERP].taker_fee == Decimal("0.0006")


async def test_the_doctor_reads_the_rights_of_a_key() -> None:
    """Not read-only is the right to trade; the word Withdraw is refused; the demo side tells nothing of it."""
    told = {}
    for name, mode, may_withdraw in (
        ("live", Mode.LIVE, False),
        ("too much", Mode.LIVE, True),
        ("demo", Mode.DEMO, False),
    ):
        async with rigged("bybit", mode=mode) as rig:
            memory_of(rig.server.core).may_withdraw = may_withdraw
            await rig.gateway.snapshot()
            found = await examine_key(rig.gateway._connection, rig.gateway._reader(), rig.clock.now())
            told[name] = {one.subject: one.level for one in found}
    assert told["live"] == {
        "key rights": Level.OK,
        "key may trade": Level.OK,
        "key's addresses": Level.OK,
        "key ends": Level.OK,
    }
    assert told["too much"]["key rights"] is Level.FAIL
    assert told["demo"] == {"key rights": Level.WARN}


async def test_there_is_no_simulated_bybit_behind_a_key() -> None:
    """The row has four modes; asking for another is refused before anything is opened."""
    async with rigged("bybit") as rig:
        wire = rig.server.wire()
        with pytest.raises(SettingsRefused, match="has no simulated"):
            connect(row_of("bybit"), Mode.SIMULATED, Login(key="k", secret="s"), rig.clock, wire)
        await wire.close()
