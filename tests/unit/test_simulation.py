"""The simulated venue of a home: kept between commands, in one market for good."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from bot.cli.options import settings
from bot.domain.instrument import Kind, WalletKind
from bot.domain.ledger import EntryKind
from bot.domain.order import OrderStatus, OrderType, TransferRequest
from bot.domain.policy import Policy
from bot.domain.rules import CrossHedge
from bot.errors import SettingsRefused
from bot.policy.named import policy_coins, policy_kinds
from bot.policy_file import parse_policy, read_text
from bot.settings import shipped_policy
from bot.simulation import open_simulation
from tests.builders import d
from tests.overlay import a_tactical_rule, an_overlay
from tests.unit.simulator.records import BARS, FUNDING, HOUR, MIDNIGHT, bars, rates
from tests.unit.simulator.scripted import an_order


async def test_an_account_is_as_it_was_left() -> None:
    """What an order changed is on disk when the order's call returns, without a further save."""
    first = open_simulation(settings(None), None)
    await first.venue.place("h1", an_order("BTC/USDT", "sell", "0.01", 69_000))
    again = open_simulation(settings(None), None)
    assert (await again.venue.snapshot()).balances == (await first.venue.snapshot()).balances
    assert again.clock.now() == first.clock.now()


async def test_a_cancel_is_on_disk_when_its_call_returns() -> None:
    """An order taken back does not rest again in the next process, though this one ends without a further save."""
    first = open_simulation(settings(None), None)
    await first.venue.place("h1", an_order("BTC/USDT", "sell", "0.01", 75_000, type=OrderType.POST_ONLY))
    await first.venue.cancel("h1", "BTC/USDT")
    again = open_simulation(settings(None), None)
    assert (await again.venue.snapshot()).open_orders == ()
    report = await again.venue.find("h1", "BTC/USDT")
    assert report is not None
    assert report.status is OrderStatus.CANCELLED


def test_time_alone_is_saved_when_asked() -> None:
    """Looking moves no clock; a command that ends saves where it stands."""
    first = open_simulation(settings(None), None)
    first.save()
    assert open_simulation(settings(None), None).clock.now() == first.clock.now()


def test_a_new_account_begins_with_the_demonstration_book_or_with_cash() -> None:
    """The names say which market."""
    assert open_simulation(settings(None), None).venue.account == "sim-7"
    assert open_simulation(settings(None, seed=8), None).venue.account == "sim-8"


async def test_cash_is_all_there_is() -> None:
    """1,000 USDT and no coin."""
    venue = open_simulation(settings(None, cash="1000"), None).venue
    assert [(b.asset, b.total) for b in (await venue.snapshot()).balances if b.total] == [("USDT", Decimal(1000))]


def test_a_beginning_is_where_the_clock_stands() -> None:
    """Of a new account."""
    clock = open_simulation(settings(None, begin="2026-03-01"), None).clock
    assert clock.now() == datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"seed": 8}, "--seed 8"),
        ({"cash": "5"}, "--cash"),
        ({"begin": "2026-03-01"}, "--from"),
        ({"recorded": Path("/tmp")}, "--data"),
    ],
)
def test_an_account_cannot_change_its_market(asked: dict[str, object], named: str) -> None:
    """What was asked for is named; another home is the mend."""
    open_simulation(settings(None), None).save()
    with pytest.raises(SettingsRefused, match=named) as refused:
        open_simulation(settings(None, **asked), None)  # type: ignore[arg-type]
    assert "--home" in refused.value.mend


def test_the_same_seed_may_be_asked_for_again() -> None:
    """It is the same market."""
    open_simulation(settings(None, seed=8), None).save()
    assert open_simulation(settings(None, seed=8), None).venue.account == "sim-8"
    assert open_simulation(settings(None), None).venue.account == "sim-8"


def a_record(folder: Path) -> Path:
    """Two days of bitcoin: spot and perpetual by the hour and the day, perpetual alone every four hours."""
    lines = [BARS]
    for timeframe, hours in (("1h", 1), ("4h", 4), ("1d", 24)):
        opened = {hour: 100 + hour for hour in range(0, 48, hours)}
        lines.extend(bars("perp_linear", "BTC/USDT:USDT", opened, timeframe=timeframe))
        if timeframe != "4h":
            lines.extend(bars("spot", "BTC/USDT", opened, timeframe=timeframe))
    (folder / "bars.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    paid = rates("BTC/USDT:USDT", dict.fromkeys(range(0, 48, 8), "0.0001"))
    (folder / "rates.csv").write_text("\n".join([FUNDING, *paid]) + "\n", encoding="utf-8")
    return folder


def bitcoin_only() -> Policy:
    """The shipped policy of one coin."""
    return parse_policy(read_text(shipped_policy("half-hedge")), "half-hedge")


@pytest.mark.parametrize(
    ("length", "first"), [(None, 1), ("1d", 24), ("4h:linear-perpetual", 4)], ids=["usual", "daily", "four-hourly"]
)
def test_recorded_bars_may_have_another_length(tmp_path: Path, length: str | None, first: int) -> None:
    """The clock of a new account stands where the first bar closes; the account remembers how long bars are."""
    asked = settings(None, recorded=a_record(tmp_path), bars=length, cash="1000")
    simulated = open_simulation(asked, bitcoin_only())
    assert simulated.clock.now() == MIDNIGHT + first * HOUR
    simulated.save()
    assert open_simulation(settings(None), bitcoin_only()).clock.now() == MIDNIGHT + first * HOUR


@pytest.mark.parametrize("length", ["1d", "4h:linear-perpetual"])
def test_an_account_cannot_change_its_bars(tmp_path: Path, length: str) -> None:
    """It began by the hour."""
    record = a_record(tmp_path)
    open_simulation(settings(None, recorded=record, bars="1h", cash="1000"), bitcoin_only()).save()
    with pytest.raises(SettingsRefused, match=f"--bars {length}"):
        open_simulation(settings(None, recorded=record, bars=length), bitcoin_only())


@pytest.mark.parametrize("length", ["4h:spot", "4h:dated", "fortnight", "1d:linear-future"])
def test_bars_that_cannot_be_are_refused(tmp_path: Path, length: str) -> None:
    """Only a perpetual can stand for spot."""
    with pytest.raises(SettingsRefused):
        open_simulation(settings(None, recorded=a_record(tmp_path), bars=length), bitcoin_only())


async def test_the_demonstration_book_holds_what_was_recorded(tmp_path: Path) -> None:
    """Of three coins the record has one: all of the core is of it, 73.7 % of 100,000 at a close of 101."""
    opened = settings(None, recorded=a_record(tmp_path), begin="2024-01-01T02:00")
    snapshot = await open_simulation(opened, bitcoin_only()).venue.snapshot()
    held = {balance.asset: balance.total for balance in snapshot.balances if balance.total}
    assert set(held) == {"BTC", "USDT"}
    assert held["BTC"] == Decimal("729.70")


def shipped(name: str) -> Policy:
    """A policy that comes with Poise."""
    return parse_policy(read_text(shipped_policy(name)), name)


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("core-only", set()),
        ("half-hedge", set()),
        ("inverse-hedge", {Kind.INVERSE_PERPETUAL}),
        ("carry", {Kind.LINEAR_FUTURE}),
    ],
)
def test_the_kinds_of_a_policy_are_listed(name: str, kinds: set[Kind]) -> None:
    """Spot and linear perpetuals always; what its hedge and carry may trade besides."""
    assert policy_kinds(shipped(name)) == {Kind.SPOT, Kind.LINEAR_PERPETUAL} | kinds


def test_the_contracts_of_the_overlay_are_listed() -> None:
    """A rule of coin-margined contracts."""
    rule = a_tactical_rule(instrument=Kind.INVERSE_PERPETUAL)
    assert policy_kinds(an_overlay(rule)) == {Kind.SPOT, Kind.LINEAR_PERPETUAL, Kind.INVERSE_PERPETUAL}


def test_every_coin_a_policy_names_has_prices() -> None:
    """The core's, carry's, the overlay's, and both ends of a cross hedge, each once and in this order."""
    overlay = an_overlay(a_tactical_rule(asset="SOL"), a_tactical_rule("other", asset="BTC"))
    assert policy_coins(overlay) == ("BTC", "ETH", "SOL")
    carry = shipped("carry")
    assert carry.carry is not None
    assert policy_coins(replace(carry, carry=replace(carry.carry, assets=("XRP", "BTC")))) == ("BTC", "ETH", "XRP")


def test_both_ends_of_a_cross_hedge_have_prices() -> None:
    """LINK hedged with ADA."""
    policy = shipped("half-hedge")
    assert policy.hedge is not None
    cross = CrossHedge(against={"LINK": "ADA"}, days=90, beta_low=d("0.5"), beta_high=d(2), min_effectiveness=d("0.5"))
    named = policy_coins(replace(policy, hedge=replace(policy.hedge, cross=cross)))
    assert named[-2:] == ("LINK", "ADA")


async def test_a_contract_held_keeps_its_prices_under_a_policy_that_does_not_trade_it() -> None:
    """Coins in the coin-margined wallet and a short there: listed still, and movable, when the core alone is traded."""
    first = open_simulation(settings(None), None, frozenset({Kind.INVERSE_PERPETUAL, Kind.INVERSE_FUTURE}))
    move = TransferRequest(asset="BTC", amount=d("0.3"), source=WalletKind.SPOT, target=WalletKind.INVERSE)
    await first.venue.transfer("x1", move)
    await first.venue.place("h1", an_order("BTC/USD:BTC-260327", "sell", 10))
    again = open_simulation(settings(None), shipped("core-only")).venue
    shown = await again.snapshot()
    assert list(shown.positions) == ["BTC/USD:BTC-260327"]
    assert {"BTC/USD:BTC", "BTC/USD:BTC-260327"} <= set(shown.quotes)
    back = TransferRequest(asset="BTC", amount=d("0.2"), source=WalletKind.INVERSE, target=WalletKind.SPOT)
    await again.transfer("x2", back)


async def test_a_stop_waiting_for_a_dated_contract_keeps_it_listed() -> None:
    """Only an order is left of it; the market lists what it waits for."""
    first = open_simulation(settings(None), None, frozenset({Kind.LINEAR_FUTURE}))
    move = TransferRequest(asset="USDT", amount=d(5_000), source=WalletKind.SPOT, target=WalletKind.LINEAR)
    await first.venue.transfer("x1", move)
    offer = an_order("ETH/USDT:USDT-260327", "sell", "0.1", 3_700, type=OrderType.POST_ONLY)
    await first.venue.place("h1", offer)
    shown = await open_simulation(settings(None), None).venue.snapshot()
    assert [one.symbol for one in shown.open_orders] == ["ETH/USDT:USDT-260327"]


async def test_a_coin_held_keeps_its_price_under_a_policy_that_does_not_name_it() -> None:
    """Ten XRP, bought under another policy."""
    carry = shipped("carry")
    assert carry.carry is not None
    first = open_simulation(settings(None), replace(carry, carry=replace(carry.carry, assets=("XRP",))))
    await first.venue.place("h1", an_order("XRP/USDT", "buy", 10))
    assert "XRP/USDT" in (await open_simulation(settings(None), None).venue.snapshot()).quotes


async def test_an_account_left_for_months_comes_back_to_what_was_delivered() -> None:
    """Short a dated contract, saved, and opened after its delivery: settled then, and the saved file says so."""
    first = open_simulation(settings(None, begin="2026-03-26"), None, frozenset({Kind.LINEAR_FUTURE}))
    move = TransferRequest(asset="USDT", amount=d(5_000), source=WalletKind.SPOT, target=WalletKind.LINEAR)
    await first.venue.transfer("x1", move)
    await first.venue.place("h1", an_order("ETH/USDT:USDT-260327", "sell", "0.1"))
    first.save()
    again = open_simulation(settings(None), None)
    await again.clock.sleep_until(datetime(2026, 5, 1, tzinfo=UTC))
    shown = await again.venue.snapshot()
    assert shown.positions == {}
    delivered = [one for one in await again.venue.ledger(-1) if one.kind is EntryKind.DELIVERY]
    assert [one.at for one in delivered] == [datetime(2026, 3, 27, 8, tzinfo=UTC)]
    again.save()
    third = open_simulation(settings(None), None).venue
    assert (await third.snapshot()).balances == shown.balances
