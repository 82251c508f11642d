"""plan, apply, run, as a person types them, against each emulated venue: from funded spot to a hedged book."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.domain.mode import Mode
from tests.emulator.shell import ACCOUNT, Shell, Told, a_shell
from tests.venues.known import VENUES

LIVE = ("--live", "--confirm", ACCOUNT)
WRITES = ("POST", "PUT", "DELETE")


def data(told: Told) -> dict[str, Any]:
    """What a command printed with --json."""
    found: dict[str, Any] = json.loads(told.out)["body"]
    return found


def no_fault_of_the_emulator(shell: Shell) -> None:
    """Everything asked was answered by a route of the venue's, and no route broke."""
    assert [(ask.method, ask.host, ask.path) for ask in shell.server.unknown] == []
    assert shell.server.broken == []


@pytest.mark.parametrize("venue", VENUES)
def test_one_cycle_leads_from_funded_spot_to_a_hedged_book_and_the_next_changes_nothing(
    venue: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shipped policy: planned, applied exactly, reconciled without a difference; then nothing is left to do."""
    with a_shell(venue, tmp_path / "home", monkeypatch) as shell:
        planned = shell.poise("plan", "--json")
        assert planned.code == 0, planned
        applied = shell.poise("apply", "latest", "--yes", *LIVE)
        assert applied.code == 0, applied
        assert "0 failed, 0 skipped" in applied.out
        assert shell.server.core.positions()
        again = shell.poise("plan", "--json")
        assert again.code == 0, again
        assert "No changes" in shell.poise("plan").out
        status = data(shell.poise("status", "--json"))
        assert status["discrepancies"] == []
        assert status["unresolved"] == 0
        no_fault_of_the_emulator(shell)


@pytest.mark.parametrize("venue", VENUES)
def test_the_loop_runs_cycles_at_the_venue(venue: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a plan that a person approved: two scheduled cycles, hours apart by the clock, and books that close."""
    with a_shell(venue, tmp_path / "home", monkeypatch) as shell:
        assert shell.poise("plan").code == 0
        assert shell.poise("apply", "latest", "--yes", *LIVE).code == 0
        told = shell.poise("run", "--cycles", "2", "--json", *LIVE)
        assert told.code == 0, told
        assert shell.server.core.positions()
        status = data(shell.poise("status", "--json"))
        assert [one for one in status["discrepancies"] if one["halts"]] == []
        no_fault_of_the_emulator(shell)


@pytest.mark.parametrize("venue", VENUES)
def test_in_dry_run_nothing_that_changes_anything_ever_leaves(
    venue: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planned on the real account; applying it sends no request that writes, and the book stays as it was."""
    with a_shell(venue, tmp_path / "home", monkeypatch, mode=Mode.DRY_RUN) as shell:
        assert shell.poise("plan").code == 0
        told = shell.poise("apply", "latest", "--yes")
        assert told.code == 5, told
        assert "nothing is sent" in told.out + told.err
        assert shell.server.core.positions() == {}
        assert shell.server.core.orders("BTC/USDT", 0) == ()
        no_fault_of_the_emulator(shell)
