"""The plan page: what it says of a book, at 80 columns, whoever named the things on it."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from bot.domain.memory import TradingState
from bot.domain.order import Sleeve
from bot.domain.plan import Breach, Caution, Skipped
from bot.domain.policy import Policy
from bot.domain.record import CycleRecord, Purpose
from bot.report.envelope import envelope
from bot.report.plan_page import caution_words, plan_json, show_plan
from tests.builders import a_memory, a_policy, a_short, a_snapshot, d
from tests.golden import matches
from tests.unit.report.pages import (
    PRICES,
    Terminal,
    a_record,
    balanced,
    printed,
    refusing,
    the_policy,
    unbalanced,
    widest,
)

HOSTILE = "[red]x[/red]\n\x1b[2J\u202e" + "A" * 10_000
BREACH = Breach(code="RC04", limit="max_order_value", allowed="up to 2,000 USDT", actual="2,500 USDT")


def page(record: CycleRecord, policy: Policy | None = None) -> str:
    """The printed plan."""
    return printed(show_plan, record, policy or the_policy())


def test_the_page_of_a_plan_with_changes() -> None:
    """Slices are summed, reasons stand below, totals and the next command at the end."""
    assert matches("plan-changes", page(a_record(unbalanced())))


def test_the_page_of_a_plan_without_changes() -> None:
    """Nothing to do names the nearest edge."""
    text = page(a_record(balanced()))
    assert text.splitlines()[-1] == "No changes: inside every band (nearest edge: SOL, 2.9 pt)."
    assert matches("plan-unchanged", text)


def test_the_page_of_a_refused_plan() -> None:
    """Each refusal stands with code, limit, actual and allowed, and apply is not offered."""
    text = page(refusing(a_record(unbalanced()), BREACH))
    assert "RC04 max_order_value: 2,500 USDT, allowed up to 2,000 USDT" in text
    assert "poise apply" not in text
    assert matches("plan-refused", text)


def test_a_terminal_gets_rules_and_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """The words are those of the plain page; rules and colours come on top."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    text = printed(show_plan, a_record(unbalanced()), the_policy(), on=Terminal())
    assert "─" * 40 in text
    assert "\x1b[" in text


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR leaves no colour on a terminal."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", "1")
    text = printed(show_plan, a_record(unbalanced()), the_policy(), on=Terminal())
    assert "\x1b[33m" not in text


@pytest.mark.parametrize("columns", ["20", "80", "200"])
def test_every_line_fits_80_columns(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the terminal says of itself."""
    monkeypatch.setenv("COLUMNS", columns)
    assert widest(page(a_record(unbalanced()))) <= 80
    assert widest(page(refusing(a_record(unbalanced()), BREACH, BREACH))) <= 80


def test_hostile_words_stay_inert_and_short() -> None:
    """Markup, newlines, escapes and 10 kB in a name, a reason or a breach are letters, and few."""
    record = a_record(unbalanced())
    plan = record.decision.plan
    bad = tuple(replace(proposal, reason=HOSTILE) for proposal in plan.proposals)
    skipped = (Skipped(sleeve=Sleeve.CORE, asset="BTC+ETH", reason=HOSTILE, value=d(1)),)
    verdict = replace(
        record.decision.verdict,
        approved=tuple(
            replace(one, proposal=proposal) for one, proposal in zip(record.decision.verdict.approved, bad, strict=True)
        ),
        cautions=(Caution(code="X", text=HOSTILE),),
    )
    decision = replace(
        record.decision, plan=replace(plan, proposals=bad, skipped=skipped), verdict=verdict, notes=(HOSTILE,)
    )
    text = page(replace(record, decision=decision, venue=HOSTILE), replace(the_policy(), name=HOSTILE))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[red]x[/red]" in text
    assert widest(text) <= 80
    assert len(text) < 20_000


def test_huge_and_tiny_numbers_are_whole() -> None:
    """A coin at a ten-thousandth of a cent, held by the billion, fits."""
    policy = a_policy(assets={"SHIB": 1}, hedge=None)
    snapshot = a_snapshot(spot={"SHIB": 123_456_789_012, "USDT": 900_000}, price={"SHIB": "0.00001234"})
    text = page(a_record(snapshot, policy), policy)
    assert widest(text) <= 80
    assert "E-" not in text
    assert "e-" not in text.replace("re-", "")


def test_a_state_other_than_active_is_said_with_its_reason() -> None:
    """A paused account says so above the table."""
    memory = a_memory(state=TradingState.HALTED, state_reason="paused: dinner")
    assert "HALTED: paused: dinner" in page(a_record(unbalanced(), memory=memory))


def test_opening_changing_and_closing_are_told_apart() -> None:
    """A short that the policy no longer wants is closed, one that is too large changed."""
    shorts = (a_short("BTC", "0.5", entry=70_000), a_short("ETH", "0.8", entry=2_500))
    policy = replace(the_policy(), hedge=None)
    record = a_record(unbalanced(futures_usdt=30_000, shorts=shorts), policy)
    assert "kept: not in the policy" in page(record, policy)
    hedged = a_record(unbalanced(futures_usdt=30_000, shorts=shorts))
    lines = page(hedged).splitlines()
    assert any(line.startswith("~ BTC perp") for line in lines)
    ratio = replace(the_policy(), hedge=a_policy(hedge=(0, 0, 0)).hedge)
    closing = page(a_record(unbalanced(futures_usdt=30_000, shorts=shorts), ratio), ratio)
    assert any(line.startswith("- ETH perp") for line in closing.splitlines())


def test_buying_the_first_coins_opens() -> None:
    """An account of stablecoins opens every coin."""
    record = a_record(a_snapshot(spot={"USDT": 100_000}, price=PRICES))
    lines = page(record).splitlines()
    assert any(line.startswith("+ BTC ") for line in lines)
    assert any("below band, back to" in line for line in lines)


def test_what_is_left_out_says_why_in_place() -> None:
    """A trade below the venue's minimum is told beside its coin."""
    record = a_record(balanced())
    skipped = (
        Skipped(sleeve=Sleeve.CORE, asset="BTC", reason="4.00 USDT is dust", value=d(4)),
        Skipped(sleeve=Sleeve.CORE, asset="BTC+ETH", reason="not enough free money", value=d(40)),
    )
    plan = replace(record.decision.plan, skipped=skipped)
    text = page(replace(record, decision=replace(record.decision, plan=plan)))
    assert "left out: 4.00 USDT is dust" in text
    assert "Left out  core BTC+ETH, 40.00 USDT: not enough free money" in text
    assert text.splitlines()[-1].startswith("No changes: what is outside its band is left out")


def test_one_caution_of_several_markets_is_said_once() -> None:
    """Each market named, the words once."""
    cautions = [
        Caution(code="RC29", text="BTC/USDT: too young"),
        Caution(code="RC29", text="BTC/USDT:USDT: too young"),
        Caution(code="RC28", text="dear: very"),
    ]
    assert caution_words(cautions) == ["BTC, BTC perp: too young (RC29)", "dear: very (RC28)"]


def test_an_applied_cycle_offers_no_apply() -> None:
    """Only a plan can be applied."""
    text = page(a_record(unbalanced(), purpose=Purpose.RUN, cycle="cabcdef"))
    assert text.startswith("Cycle cabcdef")
    assert "poise apply" not in text


def test_the_json_holds_the_page_and_the_decision_with_decimals_as_text() -> None:
    """No float anywhere: what went in as a Decimal comes out as its digits."""
    record = a_record(unbalanced())
    body = plan_json(record, the_policy())
    assert body["totals"]["opened"] == 3
    assert body["next"] == "poise apply p7k3abc"
    assert Decimal(body["equity"]) == 99_950
    assert body["decision"]["verdict"]["approved"]
    assert [line["name"] for line in body["sleeves"]][:2] == ["CORE", "BTC"]
    text = envelope("plan", body)
    assert "\n" not in text
    assert json.loads(text, parse_float=lambda digits: pytest.fail(f"a float: {digits}"))["ok"] is True
