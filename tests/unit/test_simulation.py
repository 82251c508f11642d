"""The simulated venue of a home: kept between commands, in one market for good."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from bot.cli.options import settings
from bot.domain.policy import Policy
from bot.errors import SettingsRefused
from bot.policy_file import parse_policy, read_text
from bot.settings import shipped_policy
from bot.simulation import open_simulation
from tests.unit.simulator.records import BARS, FUNDING, HOUR, MIDNIGHT, bars, rates
from tests.unit.simulator.scripted import an_order


async def test_an_account_is_as_it_was_left() -> None:
    """What an order changed is on disk when the order's call returns, without a further save."""
    first = open_simulation(settings(None), None)
    await first.venue.place("h1", an_order("BTC/USDT", "sell", "0.01", 69_000))
    again = open_simulation(settings(None), None)
    assert (await again.venue.snapshot()).balances == (await first.venue.snapshot()).balances
    assert again.clock.now() == first.clock.now()


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
