"""Pause, kill and resume: without policy or journal, over processes, and stricter where anything is unclear."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.cli.options import settings
from bot.domain.order import OrderType
from bot.simulation import open_simulation
from tests.shell import orders_sent, poise, process, well
from tests.unit.simulator.scripted import an_order


def state() -> str:
    """The switch as `status` sees it."""
    return str(well("status", "--json").body["state"])


def test_it_is_latched_over_processes() -> None:
    """Thrown in one process, seen in another, released in a third."""
    assert process("pause", "--reason", "tax year ends").code == 0
    told = process("status")
    assert "HALTED" in told.out
    assert "tax year ends" in told.out
    assert process("run", "--cycles", "1").code == 7
    assert process("resume").code == 0
    assert state() == "active"


@pytest.mark.parametrize("deed", ["pause", "kill"])
def test_it_needs_no_policy(deed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The policy named in the environment is not there."""
    monkeypatch.setenv("POISE_POLICY", "/nowhere.toml")
    well(deed)
    assert poise("plan").code == 65
    monkeypatch.delenv("POISE_POLICY")
    assert state() == "halted"


@pytest.mark.parametrize("deed", ["pause", "kill"])
@pytest.mark.parametrize("journal", [b"not a database, but long enough to be looked at" * 50, None])
def test_it_needs_no_journal(deed: str, journal: bytes | None, home: Path) -> None:
    """The journal is damaged, or a folder stands in its place: the switch is thrown, and says what it could not do."""
    file = home / "journal.db"
    file.mkdir() if journal is None else file.write_bytes(journal)
    told = well(deed)
    assert "the journal could not be told" in told.err
    assert (home / "switch.json").exists()
    assert well("resume").code == 0
    assert not (home / "switch.json").exists()


def test_it_needs_no_account(home: Path) -> None:
    """Kill says that orders could not be cancelled, and halts all the same."""
    (home / "account.json").write_text("{")
    told = well("kill")
    assert "could not be cancelled" in told.err
    assert (home / "switch.json").exists()


@pytest.mark.slow
def test_it_does_not_wait_for_a_locked_journal(home: Path) -> None:
    """Another program holds the journal: the switch is on disk first, and the command ends."""
    well("plan")
    with closing(sqlite3.connect(home / "journal.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        told = well("pause")
    assert "locked" in told.err
    assert state() == "halted"


def test_what_was_done_is_journaled(tmp_path: Path) -> None:
    """Who reads the journal later sees each throw of the switch and why."""
    well("pause", "--reason", "strange fills")
    well("resume")
    well("journal", "export", str(tmp_path / "out"))
    events = (tmp_path / "out" / "event.csv").read_text()
    assert "strange fills" in events
    assert "resumed" in events


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"{}", b'{"state": "maybe", "reason": ""}', b"\xff\xfe", b"[" * 100_000]
)
def test_a_switch_that_cannot_be_read_means_halted(content: bytes, home: Path) -> None:
    """Unknown is no: nothing is sent until a person resumes."""
    well("plan")
    (home / "switch.json").write_bytes(content)
    told = poise("apply", "latest", "--yes")
    assert told.code == 7
    assert "switch" in told.err
    assert poise("run", "--cycles", "1").code == 7
    assert orders_sent() == 0
    well("resume")
    assert state() == "active"


def test_a_folder_in_place_of_the_switch_means_halted_and_resume_says_why_it_cannot(home: Path) -> None:
    """The mend is by hand."""
    (home / "switch.json").mkdir()
    well("pause")
    assert state() == "halted"
    told = poise("resume")
    assert told.code == 65
    assert "stays halted" in told.err
    assert state() == "halted"


def test_resume_says_whether_there_was_anything_to_resume() -> None:
    """Both end well."""
    assert "was not stopped" in well("resume").out
    well("pause")
    assert "may go on" in well("resume").out


def test_the_first_reason_is_kept() -> None:
    """Paused twice, it tells why it was paused first."""
    well("pause", "--reason", "the first")
    well("pause", "--reason", "the second")
    assert "the first" in well("status").out


async def test_kill_cancels_own_orders_and_leaves_those_of_others() -> None:
    """Ours begin with h and have 25 letters; a person's own order is not ours to cancel."""
    simulated = open_simulation(settings(None), None)
    resting = an_order("BTC/USDT", "sell", "0.001", 75_000, type=OrderType.POST_ONLY)
    await simulated.venue.place("h" + "a1" * 12, resting)
    await simulated.venue.place("mine", resting)
    told = await asyncio.to_thread(process, "kill")
    assert "1 own orders cancelled" in told.err
    left = await open_simulation(settings(None), None).venue.snapshot()
    assert [order.client_order_id for order in left.open_orders] == ["mine"]


@pytest.mark.parametrize(
    ("name", "value"), [("POISE_ACCOUNT", "nope"), ("POISE_DATABASE_URL", "mysql://x"), ("POISE_POLICY", "/nowhere")]
)
@pytest.mark.parametrize("deed", ["pause", "kill"])
def test_whatever_the_environment_names_the_switch_is_thrown(
    deed: str, name: str, value: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An account that is not set up, a database Poise does not have: trading is stopped first, then that is told."""
    monkeypatch.setenv(name, value)
    assert "halted" in well(deed).out
    assert (home / "switch.json").exists()
    assert "active" in well("resume").out


def test_kill_tries_every_account_although_one_cannot_be_read(home: Path) -> None:
    """The first of two has a leverage of 30 in its file: both are told of, the second is asked for its keys."""
    for name in ("aaa", "bbb"):
        well("accounts", "add", name, "--venue", "bybit")
    file = home / "accounts" / "aaa" / "account.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("leverage = ", "leverage = 30  # "), encoding="utf-8")
    told = poise("kill")
    assert [line.split(":")[0] for line in told.err.splitlines() if "could not be cancelled" in line] == ["aaa", "bbb"]
    assert "30" in told.err


def test_an_account_named_in_the_environment_is_the_one_whose_orders_are_cancelled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its folder is looked for beside the others, and accounts are added and listed beside it."""
    monkeypatch.setenv("POISE_ACCOUNT", "main")
    well("accounts", "add", "main", "--venue", "bybit")
    assert "main" in well("accounts", "list").out
    told = poise("kill")
    assert "there is no account" not in told.said
    assert "main: own orders could not be cancelled" in told.err
