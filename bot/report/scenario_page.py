"""The scenario page: what a shock makes of the whole book, wallet by wallet, and what the policy would do then."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from rich.console import Console

from bot.canonical import to_plain
from bot.domain.order import Sleeve
from bot.domain.plan import Decision
from bot.report.batches import batches, order_words
from bot.report.figures import change, move, percent, plain_words, short_numbers
from bot.report.screen import Column, Row, put, put_table, put_wrapped
from bot.scenario import Aftermath
from bot.whatif import PurseAfter, Scenario, Shock

GAINS = (Column(head="Sleeve"), Column(head="Change", right=True))
WALLETS = (
    Column(head="Wallet", clip=True),
    Column(head="Before", right=True),
    Column(head="After", right=True),
    Column(head="Margin used", right=True),
    Column(head="Then a rise of", right=True),
    Column(head="or a fall of", right=True),
)
MOST_STEPS = 12
BASIS_POINT = Decimal(10_000)


def show_scenarios(told: Sequence[Aftermath], console: Console, *, quote: str = "USDT") -> None:
    """Print each scenario: the change by sleeve, the futures wallets, and the plan afterwards, in quote currency."""
    for number, after in enumerate(told):
        if number:
            put(console)
        _show(after, console, quote)
    put(console)
    put_wrapped(
        console,
        "Nothing is done on the way; prices go straight there, together. A wallet that meets its maintenance margin "
        "is lost whole. Margin used: maintenance over the wallet's equity; at 100% it is liquidated. Resting orders "
        "and stops are taken as not filled; rules read the past as it was before.",
        style="dim",
    )


def _show(after: Aftermath, console: Console, quote: str) -> None:
    scenario = after.scenario
    total = scenario.equity_after - scenario.equity
    name = plain_words(scenario.shock.name, 60)
    put_wrapped(console, f"{name[:1].upper()}{name[1:]}: {shock_words(scenario)}.", style="bold")
    put_wrapped(
        console,
        f"Equity {_short(scenario.equity)} -> {_short(scenario.equity_after)} {quote}: "
        f"{change(total, 0)} ({move(total / scenario.equity)}).",
    )
    put(console)
    put_table(console, GAINS, _gains(scenario))
    put(console)
    if scenario.purses:
        put_table(console, WALLETS, [_wallet(purse) for purse in scenario.purses], notes_at=2)
    else:
        put(console, "No futures wallet holds anything.")
    put(console)
    _show_next(after, console)


def shock_words(scenario: Scenario) -> str:
    """Return the shock in words: the moves of the coins that are held, funding, basis and time."""
    shock = scenario.shock
    words = [_moves(scenario), *_terms(shock)]
    return "; ".join(filter(None, words)) or "nothing moves"


def _moves(scenario: Scenario) -> str:
    shock = scenario.shock
    if not shock.moves:
        return f"every coin {move(shock.others)}" if shock.others else ""
    held = {b.asset for b in scenario.snapshot.balances if b.total} & set(shock.moves)
    named = ", ".join(f"{coin} {move(shock.moves[coin])}" for coin in sorted(held))
    others = f"every {'other ' if named else ''}coin {move(shock.others)}, as BTC"
    return f"{named}; {others}" if named else others


def _terms(shock: Shock) -> list[str]:
    words = []
    if shock.basis:
        words.append(f"contracts {move(shock.basis, 2)} from their coin")
    if shock.funding is not None:
        who = "longs pay" if shock.funding > 0 else "shorts pay"
        words.append(f"{who} {percent(abs(shock.funding), 4)} per 8 h for {_time(shock.hours)}")
    elif shock.hours:
        words.append(f"nothing can be done for {_time(shock.hours)}, at today's funding")
    return words


def _time(hours: Decimal) -> str:
    days = hours / 24
    return (
        f"{days.normalize():f} days" if days >= 1 and days == days.to_integral_value() else f"{hours.normalize():f} h"
    )


def _gains(scenario: Scenario) -> list[Row]:
    rows = [
        Row(cells=(sleeve.value.capitalize(), _signed(scenario.profits[sleeve])))
        for sleeve in Sleeve
        if scenario.profits.get(sleeve)
    ]
    if scenario.funding:
        rows.append(Row(cells=("Funding", _signed(scenario.funding))))
    if scenario.lost:
        rows.append(Row(cells=("Lost by liquidation", _signed(-scenario.lost)), style="bold red"))
    return [*rows, Row(cells=("Together", _signed(scenario.equity_after - scenario.equity)), style="bold")]


def _wallet(purse: PurseAfter) -> Row:
    notes = ("LIQUIDATED on the way. What was in it is lost, and its contracts are gone.",) if purse.liquidated else ()
    return Row(
        cells=(
            purse.name,
            _short(purse.before),
            _short(purse.after),
            percent(purse.margin_ratio),
            move(purse.survives_rise),
            move(None if purse.survives_fall is None else -purse.survives_fall),
        ),
        notes=notes,
        style="bold red" if purse.liquidated else "",
    )


def _show_next(after: Aftermath, console: Console) -> None:
    decision = after.decision
    if decision is None:
        put_wrapped(console, f"The policy could decide nothing then: {after.why}.", style="bold red")
        return
    found = batches(decision, after.scenario.snapshot)
    put(console, ("What the policy would do then", "bold"))
    for one in found[:MOST_STEPS]:
        said = "" if one.approved else "REFUSED "
        why = "; ".join(str(breach) for breach in one.breaches)
        words = f"{said}{order_words(one)}: {one.reason}" + (f" ({why})" if why else "")
        put_wrapped(console, short_numbers(words), indent=4, first="  - ")
    if len(found) > MOST_STEPS:
        put(console, f"  and {len(found) - MOST_STEPS} more; --json lists them all")
    if not found:
        put(console, "  Nothing.")
    for words in _why_not(decision):
        put_wrapped(console, words, indent=4, first="  ! ", style="dim")


def _why_not(decision: Decision) -> list[str]:
    return [
        *decision.notes,
        *(advice.text for advice in decision.plan.advice),
        *(caution.text for caution in decision.verdict.cautions),
    ]


def scenarios_json(told: Sequence[Aftermath], *, quote: str) -> dict[str, Any]:
    """Return every figure of the page and the whole plan, decimals as text, ready for JSON; no snapshots."""
    return {"quote": quote, "scenarios": [_plain(after) for after in told]}


def _plain(after: Aftermath) -> dict[str, Any]:
    scenario, decision = after.scenario, after.decision
    told: dict[str, Any] = to_plain(
        {
            "shock": scenario.shock,
            "equity": scenario.equity,
            "equity_after": scenario.equity_after,
            "profits": {sleeve.value: profit for sleeve, profit in scenario.profits.items()},
            "funding": scenario.funding,
            "lost": scenario.lost,
            "wallets": list(scenario.purses),
            "survives_rise": scenario.survives_rise,
            "survives_fall": scenario.survives_fall,
            "why_undecided": after.why,
            "plan": None if decision is None else decision.plan,
            "verdict": None if decision is None else decision.verdict,
        }
    )
    return told


def _short(amount: Decimal) -> str:
    return change(amount, 0).removeprefix("+")


def _signed(amount: Decimal) -> str:
    return change(amount, 0)
