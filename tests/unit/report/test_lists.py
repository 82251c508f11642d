"""Lists: the cycles of the past, and how things stand."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.memory import TradingState
from bot.domain.record import CycleLine, Discrepancy, DiscrepancyKind, Purpose
from bot.report.lists import Status, show_history, show_status, status_json
from tests.builders import NOON, d
from tests.golden import matches
from tests.unit.report.pages import a_record, balanced, printed, widest

LINE = CycleLine(
    cycle="c7k3abc",
    purpose=Purpose.RUN,
    at=NOON,
    policy="balanced",
    proposals=4,
    approved=3,
    denied=1,
    orders=3,
    filled=2,
    equity=d("99950.25"),
)
STATUS = Status(
    venue="sim",
    account="sim-test",
    mode="SIMULATED",
    state=TradingState.ACTIVE,
    reason="",
    quote="USDT",
    last_cycle="c7k3abc",
    last_at=NOON,
    equity=d("99950.25"),
    core_share=d("0.7"),
    hedge_ratio=d("0.15"),
    reserve_share=d("0.2475"),
    figures=a_record(balanced()).decision.verdict.after,
    next_run=NOON + timedelta(hours=4, minutes=5),
    unresolved=0,
    discrepancies=(),
    journal="poise-home/journal.db",
    journal_rows=12_345,
    heartbeat_age=timedelta(seconds=42),
)
UNKNOWN = replace(
    STATUS,
    last_cycle=None,
    last_at=None,
    equity=None,
    core_share=None,
    hedge_ratio=None,
    reserve_share=None,
    figures=None,
    next_run=None,
    journal_rows=None,
    heartbeat_age=None,
)


def test_the_history_is_one_row_a_cycle() -> None:
    """Approved of proposed, filled of sent, equity; – where nothing was proposed."""
    quiet = replace(LINE, proposals=0, approved=0, denied=0, orders=0, filled=0, equity=None, policy="p" * 300)
    text = printed(show_history, [LINE, quiet])
    assert widest(text) <= 80
    assert matches("history", text)


def test_an_empty_history_says_what_to_do() -> None:
    """The next command."""
    assert printed(show_history, []) == "No cycle is recorded yet.  Next:  poise plan\n"


def test_the_status_of_a_running_account() -> None:
    """Where, in which state, what the book looks like, what comes next."""
    assert matches("status", printed(show_status, STATUS))


def test_what_is_not_known_is_a_dash() -> None:
    """A new account has no equity of 0."""
    text = printed(show_status, UNKNOWN)
    assert "Equity         –" in text
    assert "core – · hedge – of core coins · reserve –" in text
    assert "no loop is running" in text
    assert status_json(UNKNOWN)["equity"] is None


@pytest.mark.parametrize("state", [TradingState.REDUCING, TradingState.HALTED])
def test_a_stopped_account_says_why_and_what_is_open(state: TradingState) -> None:
    """The reason, the unresolved orders, the differences."""
    difference = Discrepancy(
        kind=DiscrepancyKind.LIQUIDATION,
        subject="BTC/USDT:USDT",
        expected=d(1),
        actual=d(0),
        value=d(70_000),
        halts=True,
        note="the venue closed it",
    )
    minor = replace(difference, kind=DiscrepancyKind.EXTERNAL_FLOW, halts=False)
    stopped = replace(
        STATUS, state=state, reason="killed\x1b[2J by hand", unresolved=2, discrepancies=(difference, minor)
    )
    text = printed(show_status, stopped)
    assert state.upper() in text
    assert "\x1b" not in text
    assert "2 orders of unknown or open outcome" in text
    assert "liquidation BTC/USDT:USDT: 70,000.00 USDT. the venue closed it" in " ".join(text.split())
    assert widest(text) <= 80
