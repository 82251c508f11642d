"""A simulated account survives its process, and a damaged file is never taken for an empty one."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.instrument import WalletKind
from bot.domain.order import OrderType, TransferRequest
from bot.errors import SettingsRefused
from bot.simulator.account import MarginSetting
from bot.simulator.clock import SimulatedClock
from bot.simulator.saved import SAVED_REPORTS, SavedVenue, load_venue, save_venue
from bot.simulator.venue import SimulatedVenue
from tests.builders import NOON, a_short, d
from tests.unit.simulator.scripted import BTC, PERP, ScriptedMarket, a_venue, an_account, an_order

SEED = {"seed": "7", "coins": "BTC,ETH"}


async def a_used_venue() -> SimulatedVenue:
    """One with a position, a resting order, fills and a transfer."""
    account = replace(
        an_account(spot={"USDT": 100_000}, futures=50_000),
        positions={PERP: a_short("BTC", 1, entry=70_000, leverage=3)},
        settings={PERP: MarginSetting(leverage=d(3))},
    )
    venue, _ = a_venue(account)
    await venue.place("h1", an_order(BTC, "buy", "0.1"))
    await venue.place("h2", an_order(BTC, "buy", "0.1", 69_000, type=OrderType.POST_ONLY))
    move = TransferRequest(asset="USDT", amount=d(10), source=WalletKind.SPOT, target=WalletKind.LINEAR)
    await venue.transfer("x1", move)
    return venue


async def test_what_is_loaded_is_what_was_saved(tmp_path: Path) -> None:
    """Every number, order and moment; and saving it again gives the same bytes."""
    saved = SavedVenue(market=SEED, state=(await a_used_venue()).state)
    path = tmp_path / "deep" / "sim.json"
    save_venue(path, saved)
    loaded = load_venue(path)
    assert loaded == saved
    first = path.read_bytes()
    save_venue(path, loaded)
    assert path.read_bytes() == first


async def test_a_loaded_venue_goes_on(tmp_path: Path) -> None:
    """The next process sees the same account and serves the same ledger."""
    venue = await a_used_venue()
    save_venue(tmp_path / "sim.json", SavedVenue(market=SEED, state=venue.state))
    loaded = load_venue(tmp_path / "sim.json")
    assert loaded is not None
    clock = a_venue(an_account())[1]
    again = SimulatedVenue(ScriptedMarket(), clock, loaded.state)
    assert await again.snapshot() == await venue.snapshot()
    assert await again.ledger(2) == await venue.ledger(2)


async def test_a_stop_is_saved_and_fires_in_the_next_process(tmp_path: Path) -> None:
    """Short 1 with a stop at 72,000; the spike comes while no process runs."""
    venue = await a_used_venue()
    order = an_order(PERP, "buy", 1, type=OrderType.STOP, trigger=d(72_000), reduce_only=True)
    await venue.place("s1", order)
    save_venue(tmp_path / "sim.json", SavedVenue(market=SEED, state=venue.state))
    loaded = load_venue(tmp_path / "sim.json")
    assert loaded is not None
    assert loaded.state.account.open_orders["s1"].type is OrderType.STOP
    market = ScriptedMarket(steps=((60, {PERP: (70_000, 72_500, 70_000)}),))
    again = SimulatedVenue(market, SimulatedClock(NOON + timedelta(days=1)), loaded.state)
    report = await again.find("s1", PERP)
    assert report is not None
    assert report.average_price == d(72_000)


async def test_an_order_of_an_older_file_rests_as_it_did(tmp_path: Path) -> None:
    """Files from before there were stops say no type of a resting order: it is a limit order."""
    path = tmp_path / "sim.json"
    save_venue(path, SavedVenue(market=SEED, state=(await a_used_venue()).state))
    page = json.loads(path.read_text(encoding="utf-8"))
    del page["open_orders"]["h2"]["type"]
    path.write_text(json.dumps(page), encoding="utf-8")
    loaded = load_venue(path)
    assert loaded is not None
    assert loaded.state.account.open_orders["h2"].type is OrderType.POST_ONLY
    market = ScriptedMarket(steps=((60, {BTC: 68_900}),))
    venue = SimulatedVenue(market, SimulatedClock(NOON + timedelta(days=1)), loaded.state)
    report = await venue.find("h2", BTC)
    assert report is not None
    assert report.average_price == d(69_000)


def test_only_the_owner_can_read_it_and_nothing_else_is_left(tmp_path: Path) -> None:
    """Mode 0600, one file."""
    path = tmp_path / "sim.json"
    save_venue(path, SavedVenue(market=SEED, state=asyncio.run(a_used_venue()).state))
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.glob("*sim*")) == [path]


def test_no_file_is_no_account(tmp_path: Path) -> None:
    """A newcomer has none."""
    assert load_venue(tmp_path / "sim.json") is None


async def test_a_newer_file_is_left_alone(tmp_path: Path) -> None:
    """Version 2 is refused by name, and stays as it is."""
    path = tmp_path / "sim.json"
    save_venue(path, SavedVenue(market=SEED, state=(await a_used_venue()).state))
    page = json.loads(path.read_text(encoding="utf-8")) | {"version": 2}
    path.write_text(json.dumps(page), encoding="utf-8")
    with pytest.raises(SettingsRefused, match="version 2") as refused:
        load_venue(path)
    assert "newer" in refused.value.mend


@pytest.mark.parametrize("damage", ["cut", "empty", "list", "field", "number", "zone", "bytes", "folder"])
async def test_a_damaged_file_is_refused_with_a_mend(tmp_path: Path, damage: str) -> None:
    """Never begun anew over what may be mended."""
    path = tmp_path / "sim.json"
    save_venue(path, SavedVenue(market=SEED, state=(await a_used_venue()).state))
    text = path.read_text(encoding="utf-8")
    spoilt = {
        "cut": text[: len(text) // 2],
        "empty": "",
        "list": "[]",
        "field": text.replace('"sequence"', '"sequins"'),
        "number": text.replace('"leverage":"3"', '"leverage":"-3"'),
        "zone": text.replace('"moment":"2026-01-01T12:00:00+00:00"', '"moment":"2026-01-01T12:00:00"'),
    }
    path.unlink()
    if damage == "folder":
        path.mkdir()
    elif damage == "bytes":
        path.write_bytes(b"\xff\xfe\x00")
    else:
        assert spoilt[damage] != text
        path.write_text(spoilt[damage], encoding="utf-8")
    with pytest.raises(SettingsRefused) as refused:
        load_venue(path)
    assert "mv " in refused.value.mend


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A file stands where the folder should be; or a folder where the file should be."""
    state = asyncio.run(a_used_venue()).state
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "inside").write_text("", encoding="utf-8")
    for path in (tmp_path / "file" / "sim.json", tmp_path / "taken"):
        with pytest.raises(SettingsRefused, match="cannot be saved"):
            save_venue(path, SavedVenue(market=SEED, state=state))
    assert not list(tmp_path.glob(".taken*"))


async def test_old_orders_are_left_out_but_never_a_resting_one(tmp_path: Path) -> None:
    """Of 251 orders the resting one and the newest 200 are kept."""
    venue, _ = a_venue(an_account(spot={"USDT": 1_000_000}))
    await venue.place("rest", an_order(BTC, "buy", "0.1", 69_000, type=OrderType.POST_ONLY))
    for number in range(250):
        await venue.place(f"h{number}", an_order(BTC, "buy", "0.001"))
    save_venue(tmp_path / "sim.json", SavedVenue(market=SEED, state=venue.state))
    loaded = load_venue(tmp_path / "sim.json")
    assert loaded is not None
    names = [report.client_order_id for report in loaded.state.reports]
    assert names[0] == "rest"
    assert names[1:] == [f"h{number}" for number in range(50, 250)]
    assert len(names) == SAVED_REPORTS + 1
