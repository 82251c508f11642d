"""The cycle page: why it traded, why not, and what became of every leg."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from rich.console import Console

from bot.domain.instrument import WalletKind
from bot.domain.intent import IntentState
from bot.domain.memory import Performance
from bot.domain.order import Leg, OrderReport, OrderRequest, TransferReport, TransferRequest
from bot.domain.plan import Approved, Breach
from bot.domain.record import CycleRecord, Discrepancy, DiscrepancyKind, Purpose, Settlement
from bot.report.cycle_page import (
    OrderLine,
    applied_json,
    explain_json,
    show_applied,
    show_explain,
    show_outcome,
)
from bot.report.outcomes import how_it_ended, outcome_words, quote_of, real_cost
from tests.builders import NOON, a_spot, d
from tests.golden import matches
from tests.unit.report.pages import a_record, a_report, balanced, printed, refusing, the_policy, unbalanced, widest


@dataclass(frozen=True)
class Outcome:
    """What the executor tells of one leg."""

    approved: Approved
    report: OrderReport | TransferReport | None = None
    state: IntentState | None = None
    note: str = ""

    @property
    def leg(self) -> Leg:
        """The leg the report names, else the proposal's first."""
        named = [leg for leg in self.approved.proposal.legs if getattr(leg, "symbol", "") == self._symbol]
        return (named or self.approved.proposal.legs)[0]

    @property
    def _symbol(self) -> str:
        return self.report.symbol if isinstance(self.report, OrderReport) else ""


ORDER = OrderLine(
    client_order_id="h" + "a" * 24,
    symbol="BTC/USDT:USDT",
    side="sell",
    ordered=d("0.105"),
    filled=d("0.05"),
    average=d("69983.123456789"),
    state="expired",
    fees="1.75 USDT",
    note="half of it",
)
DIFFERENCE = Discrepancy(
    kind=DiscrepancyKind.UNEXPLAINED_BALANCE,
    subject="spot BTC",
    expected=d("0.5"),
    actual=d("0.4"),
    value=d(7_000),
    halts=True,
    note="nothing in the ledger explains it",
)


def settled(*discrepancies: Discrepancy) -> Settlement:
    """A cycle's end at a drawdown of 2 %."""
    result = Performance(equity=d(98_000), unit=d("0.98"), peak_unit=d(1), day="2026-01-01", day_open_unit=d("0.99"))
    return Settlement(
        cycle="p7k3abc",
        at=NOON,
        epoch=3,
        ledger_sequence=3,
        performance=result,
        discrepancies=discrepancies,
        balances=(),
        positions={},
    )


def explained(
    record: CycleRecord, orders: Sequence[OrderLine] = (), settlement: Settlement | None = None, **named: Any
) -> str:
    """The printed cycle."""
    return printed(lambda *, console: show_explain(record, orders, settlement, the_policy(), console, **named))


def told(show: Any, *arguments: Any) -> str:
    """What a page with its console last prints."""

    def draw(*, console: Console) -> None:
        show(*arguments, console)

    return printed(draw)


def test_a_cycle_is_explained_from_what_it_saw_to_how_it_ended() -> None:
    """Exposure, drift with widths, proposals with verdicts, orders, and whether the books agree."""
    record = replace(a_record(unbalanced()), purpose=Purpose.APPLY, applies="p1234567", cycle="a7k3abc")
    text = explained(record, [ORDER], settled())
    assert widest(text) <= 80
    assert matches("explain", text)


def test_a_quiet_cycle_says_why_it_did_nothing() -> None:
    """Inside every band."""
    assert "Nothing was proposed: nothing is outside its band." in explained(a_record(balanced()))


def test_a_refusal_shows_both_numbers() -> None:
    """Limit and actual, under the proposal."""
    breach = Breach(code="RC12", limit="max_hedge_ratio", allowed="up to 20%", actual="24%")
    assert "RC12 max_hedge_ratio: 24%, allowed up to 20%" in explained(refusing(a_record(unbalanced()), breach))


def test_one_asset_alone_can_be_explained() -> None:
    """The others stay out."""
    text = explained(a_record(unbalanced()), [ORDER], only="SOL")
    assert "SOL of core" in text
    assert "BTC" not in text.split("Exposure")[1]


def test_a_difference_that_halts_says_so() -> None:
    """With what was expected and what was found."""
    words = " ".join(explained(a_record(balanced()), (), settled(DIFFERENCE)).split())
    assert "unexplained-balance spot BTC: expected 0.5, found 0.4 (7,000.00 USDT)" in words
    assert "Openings are halted." in words


def test_the_json_adds_orders_and_settlement_to_the_plan() -> None:
    """Decimals as text."""
    body = explain_json(a_record(unbalanced()), [ORDER], settled(DIFFERENCE), the_policy())
    assert body["placed"][0]["filled"] == "0.05"
    assert body["settlement"]["discrepancies"][0]["halts"] is True
    assert body["plan"] == "p7k3abc"


def orders_of(record: CycleRecord) -> list[tuple[Approved, OrderRequest]]:
    """The approved orders."""
    pairs = [(one, one.proposal.legs[0]) for one in record.decision.verdict.approved]
    return [(one, leg) for one, leg in pairs if isinstance(leg, OrderRequest)]


def test_an_outcome_is_one_line() -> None:
    """The number, the order, the price."""
    approved, order = orders_of(a_record(unbalanced()))[0]
    line = told(show_outcome, 1, 4, Outcome(approved, a_report(order, price="69983.1")))
    assert line == "  1/4 sell 0.03131 BTC                filled 69,983.1\n"


@pytest.mark.parametrize(
    ("filled", "words"),
    [
        ("0.02", "0.02 of 0.03131 filled at 70,000, rest expired"),
        ("0", "nothing filled at 69,930: expired (no\\x1bliquidity)"),
    ],
)
def test_an_unfilled_rest_is_told(filled: str, words: str) -> None:
    """How much, at what price, and the venue's word."""
    _, order = orders_of(a_record(unbalanced()))[0]
    report = a_report(order, filled, code="no\x1bliquidity")
    assert outcome_words(order, report, "") == words.replace("\\x1b", "?")


def test_a_transfer_and_a_leg_not_sent_are_told() -> None:
    """Moved, or the reason why not."""
    record = a_record(unbalanced())
    approved, leg = next(
        (one, one.proposal.legs[0])
        for one in record.decision.verdict.approved
        if isinstance(one.proposal.legs[0], TransferRequest)
    )
    assert isinstance(leg, TransferRequest)
    report = TransferReport(transfer_id="h1", request=leg, at=NOON)
    assert "4,757.57 USDT spot → linear     moved" in told(show_outcome, 2, 4, Outcome(approved, report))
    assert "halted: by hand" in told(show_outcome, 2, 4, Outcome(approved, note="halted: by hand"))
    assert "no answer, no reason given" in told(show_outcome, 2, 4, Outcome(approved))


def test_the_applied_line_sets_real_cost_beside_the_planned_one() -> None:
    """Fees of 2 USDT an order, and 0.03131 BTC sold 100 under the planned 70,000: 3.131 more."""
    record = replace(a_record(unbalanced()), applies="p7k3abc", purpose=Purpose.APPLY)
    pairs = orders_of(record)
    outcomes = [Outcome(pairs[0][0], a_report(pairs[0][1], price=69_900))]
    text = told(show_applied, record, outcomes, (DIFFERENCE,))
    first, second, *rest = text.splitlines()
    assert first == "Applied p7k3abc: 1 filled, 0 failed, 8 skipped."
    assert second.startswith("Cost 5.13 USDT (planned ")
    assert "unexplained-balance" in rest[0]


def test_every_way_to_end_is_counted() -> None:
    """Filled, in part, not, moved, failed, unknown, skipped."""
    approved, order = orders_of(a_record(unbalanced()))[0]
    ends = [
        (a_report(order), None, "filled"),
        (a_report(order, "0.01"), None, "partly"),
        (a_report(order, "0"), None, "unfilled"),
        (None, IntentState.REJECTED, "failed"),
        (None, IntentState.AMBIGUOUS, "unknown"),
        (None, None, "skipped"),
    ]
    assert [how_it_ended(report, state) for report, state, _ in ends] == [word for _, _, word in ends]
    record = a_record(unbalanced())
    outcomes = [Outcome(approved, report, state) for report, state, _ in ends]
    assert applied_json(record, outcomes, ())["tally"]["unknown"] == 1
    assert "of unknown outcome" in told(show_applied, record, outcomes, ())


def test_a_fee_without_a_price_leaves_the_cost_unknown_not_zero() -> None:
    """Paid in a coin the snapshot has no price of."""
    record = a_record(unbalanced())
    approved, order = orders_of(record)[0]
    report = a_report(order)
    strange = replace(report, fills=(replace(report.fills[0], fee_asset="BNB"),))
    assert real_cost(record.snapshot, strange.fills, "USDT") is None
    assert "Cost – (a fee has no price in USDT)" in told(show_applied, record, [Outcome(approved, strange)], ())


def test_the_quote_currency_is_read_off_the_core_s_markets() -> None:
    """Empty where no market tells."""
    record = a_record(unbalanced())
    assert quote_of(record) == "USDT"
    assert quote_of(replace(record, snapshot=replace(record.snapshot, instruments={"BTC/EUR": a_spot()}))) == ""


def test_wallets_have_names() -> None:
    """The transfer of a plan goes from spot to linear."""
    legs = [one.proposal.legs[0] for one in a_record(unbalanced()).decision.verdict.approved]
    assert any(isinstance(leg, TransferRequest) and leg.target is WalletKind.LINEAR for leg in legs)
