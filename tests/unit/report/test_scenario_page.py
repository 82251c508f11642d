"""The scenario page: what a shock does to the whole book and what would be done then, on 80 columns."""

from dataclasses import replace
from decimal import Decimal

from bot.domain.instrument import WalletKind
from bot.domain.order import Sleeve
from bot.domain.plan import Advice, Denied
from bot.domain.policy import Policy
from bot.domain.snapshot import Balance, Snapshot
from bot.report.scenario_page import scenarios_json, show_scenarios
from bot.scenario import Aftermath, decide_after
from bot.whatif import Shock, crash, run_scenario
from tests.builders import a_claim, a_memory, a_policy, a_quote, a_short, a_snapshot, an_inverse_perpetual, d
from tests.golden import matches
from tests.unit.report.pages import balanced, printed, the_policy, widest

COIN = "BTC/USD:BTC"


def after(book: Snapshot, shock: Shock) -> Aftermath:
    """The shock on the book, and what the page policy decides then."""
    policy = the_policy()
    return decide_after(policy, run_scenario(book, policy, shock), a_memory(epoch=0))


def both_margins() -> Snapshot:
    """A balanced book with a coin-margined short beside it."""
    book = balanced()
    return replace(
        book,
        instruments={**book.instruments, COIN: an_inverse_perpetual()},
        quotes={**book.quotes, COIN: a_quote(COIN, 70_000)},
        balances=(*book.balances, Balance(wallet=WalletKind.INVERSE, asset="BTC", free=d("0.01"), locked=d(0))),
        positions={**book.positions, COIN: a_short("BTC", 20, entry=70_000, symbol=COIN)},
    )


def test_a_crash_on_a_book_with_both_kinds_of_margin() -> None:
    """Each coin by its own fall, SOL as BTC, every wallet in its line, and the plan after it."""
    text = printed(show_scenarios, [after(both_margins(), crash("2022-06"))])
    assert widest(text) <= 80
    assert "BTC -44.6%, ETH -54.6%; every other coin -44.6%, as BTC" in " ".join(text.split())
    assert matches("whatif-crash", text)


def test_a_liquidated_wallet_is_said_loudly() -> None:
    """What was in it is lost, and the equity line counts it."""
    text = printed(show_scenarios, [after(balanced(), Shock(name="a move", others=d(2)))])
    assert "LIQUIDATED on the way" in text
    assert "Lost by liquidation" in text
    assert widest(text) <= 80


def test_funding_basis_and_outage_are_said_in_words() -> None:
    """With their sizes and for how long."""
    shocks = (
        Shock(name="a funding shock", funding=d("-0.0005"), hours=d(168)),
        Shock(name="a funding shock", funding=d("0.0005"), hours=d(12)),
        Shock(name="a basis blow-out", basis=d("0.02")),
        Shock(name="an outage", others=d("-0.2"), hours=d(8)),
        Shock(name="nothing"),
    )
    text = " ".join(printed(show_scenarios, [after(balanced(), shock) for shock in shocks]).split())
    assert "A funding shock: shorts pay 0.0500% per 8 h for 7 days." in text
    assert "A funding shock: longs pay 0.0500% per 8 h for 12 h." in text
    assert "A basis blow-out: contracts +2.00% from their coin." in text
    assert "An outage: every coin -20.0%; nothing can be done for 8 h, at today's funding." in text
    assert "Nothing: nothing moves." in text


def test_a_crash_of_coins_nobody_holds_names_only_the_others() -> None:
    """XYZ falls as bitcoin did."""
    shock = crash("2022-11")
    scenario = run_scenario(a_snapshot(spot={"USDT": 1_000}), the_policy_of_money(), shock)
    text = printed(show_scenarios, [Aftermath(scenario=scenario, decision=None, why="a test says so")])
    assert "every coin -27.3%, as BTC" in text
    assert "No futures wallet holds anything." in text
    assert "could decide nothing then: a test says so." in text


def the_policy_of_money() -> Policy:
    """The page policy with BTC alone, which the book has a price for."""
    return a_policy(assets={"BTC": 1})


def test_every_sleeve_has_its_line() -> None:
    """Carry and the overlay beside core and hedge."""
    policy = the_policy()
    claims = (a_claim(Sleeve.CARRY, "BTC/USDT", "0.1"), a_claim(Sleeve.TACTICAL, "BTC/USDT:USDT", "-0.01"))
    scenario = run_scenario(balanced(), policy, Shock(name="a move", others=d("-0.1")), claims)
    text = printed(show_scenarios, [Aftermath(scenario=scenario, decision=None, why="")])
    for name in ("Core", "Hedge", "Tactical", "Carry", "Together"):
        assert f"\n{name} " in text, name


def test_long_plans_are_cut_and_say_so() -> None:
    """Twelve steps fit; the JSON has all."""
    told = after(balanced(), Shock(name="a move", others=d("-0.5")))
    assert told.decision is not None
    proposal = told.decision.verdict.approved[0].proposal
    many = tuple(Denied(proposal=replace(proposal, number=n, reason=f"because of {n}"), breaches=()) for n in range(20))
    decision = replace(told.decision, verdict=replace(told.decision.verdict, denied=many, approved=()))
    text = printed(show_scenarios, [replace(told, decision=decision)])
    assert "more; --json lists them all" in text


def test_advice_and_cautions_are_told() -> None:
    """What a person may want to do that the plan does not."""
    told = after(balanced(), Shock(name="nothing"))
    assert told.decision is not None
    advice = Advice(sleeve=Sleeve.HEDGE, subject="BTC", text="close the hedge by hand")
    plan = replace(told.decision.plan, advice=(advice,))
    text = printed(show_scenarios, [replace(told, decision=replace(told.decision, plan=plan))])
    assert "! close the hedge by hand" in text


def test_the_json_has_every_figure_as_text_and_the_plan() -> None:
    """But no snapshot: that is the venue's own to tell."""
    body = scenarios_json([after(balanced(), crash("2022-06"))], quote="USDT")
    (told,) = body["scenarios"]
    assert Decimal(told["equity_after"]) < Decimal(told["equity"])
    assert told["shock"]["moves"]["ETH"] == "-0.546"
    assert told["plan"]["proposals"] is not None
    assert "snapshot" not in told
    undecided = scenarios_json(
        [replace(after(balanced(), crash("2022-06")), decision=None, why="no price")], quote="USDT"
    )
    assert undecided["scenarios"][0]["plan"] is None
