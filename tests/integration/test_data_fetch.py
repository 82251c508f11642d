"""Public history from a venue into a folder: whole, resumable, and readable by a backtest."""

import csv
import gzip
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cli.main import run
from bot.simulator.clock import WallClock
from bot.venues import wire
from tests.emulator.server import EmulatedServer
from tests.emulator.shell import running

SYMBOLS = "BTC/USDT,ETH/USDT,SOL/USDT,BTC/USDT:USDT,ETH/USDT:USDT,SOL/USDT:USDT"


@pytest.fixture
def venue(monkeypatch: pytest.MonkeyPatch) -> Iterator[EmulatedServer]:
    """An emulated Bybit, whose public side is all that is asked."""
    with running("bybit") as server:
        monkeypatch.setattr(wire, "open_wire", server.wire)
        yield server


def fetch(folder: Path, symbols: str = "BTC/USDT,BTC/USDT:USDT", *more: str) -> int:
    """Fetch since ten days before the emulated market's now."""
    return run(["data", "fetch", str(folder), "--venue", "bybit", "--symbols", symbols, "--since", since(10), *more])


def since(days: int) -> str:
    """A day some days back, as a person writes it."""
    return f"{WallClock().now() - timedelta(days=days):%Y-%m-%d}"


def rows(path: Path) -> list[dict[str, str]]:
    """A series as it lies in the folder."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_series_of_a_perpetual_is_fetched_and_no_key_is_needed(venue: EmulatedServer, tmp_path: Path) -> None:
    """Bars of both, funding and open interest of the perpetual; nothing signed ever left."""
    folder = tmp_path / "history"
    assert fetch(folder) == 0
    assert sorted(path.name for path in folder.iterdir()) == [
        "bybit_BTC-USDT-USDT_1h.csv.gz",
        "bybit_BTC-USDT-USDT_funding.csv.gz",
        "bybit_BTC-USDT-USDT_interest_1h.csv.gz",
        "bybit_BTC-USDT_1h.csv.gz",
    ]
    bars = rows(folder / "bybit_BTC-USDT_1h.csv.gz")
    times = [int(row["ts_ms"]) for row in bars]
    assert times == list(range(times[0], times[-1] + 1, 3_600_000))
    assert len(bars) >= 240
    assert not any("x-bapi-api-key" in ask.headers for ask in venue.asks)


def test_a_second_fetch_goes_on_where_the_first_ended(
    venue: EmulatedServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Half a file is filled up; what was there stays to the letter; then nothing is new."""
    assert fetch(tmp_path, "BTC/USDT") == 0
    path = tmp_path / "bybit_BTC-USDT_1h.csv.gz"
    whole = path.read_bytes()
    lines = gzip.decompress(whole).decode().splitlines(keepends=True)
    path.write_bytes(gzip.compress("".join(lines[:100]).encode(), mtime=0))
    assert fetch(tmp_path, "BTC/USDT") == 0
    assert gzip.decompress(path.read_bytes()).decode().splitlines(keepends=True)[: len(lines)] == lines
    capsys.readouterr()
    assert fetch(tmp_path, "BTC/USDT") == 0
    assert ", 0 new, " in capsys.readouterr().out


def test_a_backtest_runs_on_what_was_fetched(venue: EmulatedServer, tmp_path: Path) -> None:
    """Ten days of hourly bars of three coins: the balanced policy plans and applies on them."""
    folder, home = tmp_path / "history", tmp_path / "home"
    assert fetch(folder, SYMBOLS) == 0
    assert run(["run", "--home", str(home), "--data", str(folder), "--cycles", "3", "--quiet"]) == 0


def test_what_is_not_listed_is_named(venue: EmulatedServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The exit code says so as well."""
    assert fetch(tmp_path, "NIX/USDT") == 1
    assert "NIX/USDT is not listed at Bybit" in capsys.readouterr().out


def test_an_unknown_length_of_a_bar_asks_nothing(
    venue: EmulatedServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Refused before anything is sent."""
    assert fetch(tmp_path, "BTC/USDT", "--timeframe", "7m") == 65
    assert "'7m' is no length of a bar" in capsys.readouterr().err
    assert venue.asks == []


def test_a_damaged_file_is_not_written_over(
    venue: EmulatedServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person moves it away; Poise does not guess."""
    path = tmp_path / "bybit_BTC-USDT_1h.csv.gz"
    path.write_bytes(b"my own")
    assert fetch(tmp_path, "BTC/USDT") == 65
    assert path.read_bytes() == b"my own"
    assert "is no file of this series" in capsys.readouterr().err
