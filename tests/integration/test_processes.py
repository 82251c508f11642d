"""Real processes: signals, a second one on the same account, and kill -9 in the middle of the work."""

import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from tests.shell import ROOT, poise, running, wait_for, well

pytestmark = pytest.mark.slow

LONG = ("run", "--cycles", "100000", "--quiet")
LIVELY = {  # trades nearly every cycle, so that a signal strikes between orders
    'half_width = "optimal"': "half_width = 0.005",
    "outer = 0.01": "outer = 0.001",
    "inner = 0.005": "inner = 0.0005",
    "cooldown_hours = 6": "cooldown_hours = 0",
    "max_daily_turnover    = 0.50": "max_daily_turnover = 5\napproval_above = 1",
}


@pytest.fixture(autouse=True)
def lively(home: Path) -> None:
    """The home's policy trades as often as it can."""
    text = (ROOT / "policies" / "balanced.toml").read_text(encoding="utf-8")
    for old, new in LIVELY.items():
        assert old in text, old
        text = text.replace(old, new)
    (home / "policy.toml").write_text(text, encoding="utf-8")


def started(home: Path) -> int:
    """Wait until a run has journaled something; return the size the journal's log had."""
    wait_for(home / "heartbeat", larger_than=-1)
    wait_for(home / "journal.db-wal", larger_than=300_000)
    return (home / "journal.db-wal").stat().st_size


def books_close() -> None:
    """The chain is whole, and further cycles find nothing that does not fit.

    Two, since the first may stand at the very moment of the last order, and an order's absence may be
    concluded only after the venue's receive window.
    """
    well("journal", "verify")
    body = well("run", "--cycles", "2", "--json").body
    assert body["books"]["unexplained"] == 0
    now = well("status", "--json").body
    assert now["unresolved"] == 0
    assert now["discrepancies"] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_long_run_after_the_step_in_hand(number: signal.Signals, home: Path) -> None:
    """It says so and leaves whole books. Exit 0, or 5 when legs of the cycle in hand were left undone."""
    with running(*LONG) as child:
        started(home)
        child.send_signal(number)
        out, err = child.communicate(timeout=30)
    assert child.returncode in {0, 5}, err
    assert "stopped: asked to stop" in err
    assert "Books close" in out
    books_close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_paced_run_at_once(number: signal.Signals, home: Path) -> None:
    """It sleeps until the next cycle, minutes away; it does not sleep on."""
    with running("run") as child:
        wait_for(home / "heartbeat", larger_than=-1)
        assert child.stdout is not None
        assert "Next run 2026-01-01 00:05 UTC" in child.stdout.readline()
        child.send_signal(number)
        _, err = child.communicate(timeout=10)
    assert child.returncode == 0, err
    assert "stopped: asked to stop" in err
    well("journal", "verify")


def test_a_run_under_nohup_does_not_hear_the_terminal_close(home: Path) -> None:
    """SIGHUP stays ignored where it was ignored."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with running("run") as child:
            wait_for(home / "heartbeat", larger_than=-1)
            child.send_signal(signal.SIGHUP)
            well("status", "--check")
            assert child.poll() is None
            child.send_signal(signal.SIGTERM)
            child.communicate(timeout=10)
    finally:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    assert child.returncode == 0


def test_a_second_process_is_refused_while_the_first_runs(home: Path) -> None:
    """Two senders would double every order; looking is free, and the first is not disturbed."""
    with running("run") as child:
        wait_for(home / "heartbeat", larger_than=-1)
        for words in (("run", "--cycles", "1"), ("apply", "latest", "--yes")):
            told = poise(*words)
            assert told.code == 7, told.said
            assert f"another process (pid {child.pid}) holds account sim-7" in told.err
        well("status")
        well("status", "--check")
        assert child.poll() is None
        child.send_signal(signal.SIGTERM)
        child.communicate(timeout=10)
    assert child.returncode == 0
    well("run", "--cycles", "1")


@pytest.mark.parametrize("deed", ["pause", "kill"])
def test_a_run_hears_the_switch_of_another_process(deed: str, home: Path) -> None:
    """Thrown in the middle of a long run: the cycles that follow are halted."""
    with running("run", "--cycles", "100000") as child:
        started(home)
        well(deed, "--reason", "from another shell")
        assert child.stdout is not None
        assert any("halted: " in line and "from another shell" in line for line in child.stdout)
        child.send_signal(signal.SIGTERM)
        child.communicate(timeout=30)
    assert child.returncode in {0, 5, 7}
    well("resume")
    books_close()


@pytest.mark.parametrize("grown", [100_000, 900_000, 2_500_000])
def test_kill_9_leaves_a_whole_journal_and_the_next_run_recovers(grown: int, home: Path) -> None:
    """Wherever it struck: the chain holds, nothing is unresolved after one cycle, the books close."""
    with running(*LONG) as child:
        wait_for(home / "journal.db-wal", larger_than=grown)
        child.kill()
        child.communicate()
    assert child.returncode == -signal.SIGKILL
    books_close()


def test_killed_again_and_again(home: Path) -> None:
    """Recovery is interrupted too, and begun anew."""
    for turn in range(6):
        with running(*LONG) as child:
            wait_for(home / "heartbeat", larger_than=-1)
            wait_for(home / "account.json")
            with suppress(subprocess.TimeoutExpired):
                child.wait(0.3 + 0.13 * turn)
            child.kill()
            child.communicate()
        well("journal", "verify")
    books_close()


def test_a_second_control_c_does_not_wait_for_the_step(home: Path) -> None:
    """It may be 130 then; the journal is whole all the same, and the next run recovers."""
    with running(*LONG) as child:
        started(home)
        child.send_signal(signal.SIGINT)
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=30)
    assert child.returncode in {0, 5, 130}, err
    assert "Traceback" not in err
    books_close()
