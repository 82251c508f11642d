"""The carry page: what each pair of spot and a short contract would earn, and why it is not entered."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from rich.console import Console

from bot.canonical import to_plain
from bot.domain.rules import CarryRules
from bot.policy.carry.scan import Opportunity
from bot.report.figures import NONE, coins, money, move, percent, symbol_words
from bot.report.screen import Column, Row, put, put_table, put_wrapped

COLUMNS = (
    Column(head="Pair", clip=True),
    Column(head="Gross/yr", right=True),
    Column(head="Fees", right=True),
    Column(head="Net/yr", right=True),
    Column(head="Even after", right=True),
    Column(head="Days", right=True),
    Column(head="Capital", right=True),
    Column(head="Survives", right=True),
)
INDENT = 4
ENTERED = "Pays enough to be entered."


def show_carry(
    found: Sequence[Opportunity], unlisted: Sequence[str], rules: CarryRules, console: Console, *, quote: str, own: bool
) -> None:
    """Print the pairs, best first; `own` says whether the rules are the policy's or the usual ones."""
    if not found:
        put(console, "No carry pair has prices here.")
    else:
        count = sum(not one.why_not for one in found)
        put(console, (f"Carry: {count} of {len(found)} pairs would be entered", "bold"))
        put(console)
        put_table(console, COLUMNS, [_row(one, rules, quote) for one in found], notes_at=INDENT)
    put(console)
    missing = (f"No pair with prices is listed: {', '.join(unlisted)}.",) if unlisted else ()
    for words in (*missing, *_remarks(rules, quote, own=own)):
        put_wrapped(console, words, style="dim")


def _row(one: Opportunity, rules: CarryRules, quote: str) -> Row:
    return Row(
        cells=(
            symbol_words(one.contract),
            move(one.gross),
            percent(one.fees, 2),
            move(one.net),
            _days(one.break_even_days),
            _days(one.days),
            money(one.capital, 0 if one.capital >= 1_000 else 2),  # noqa: PLR2004
            move(one.survives),
        ),
        notes=(
            _market(one, rules),
            f"one coin's short needs {money(one.margin_need)} {quote} of margin to survive +50%",
            f"Not entered: {one.why_not}." if one.why_not else ENTERED,
        ),
        style="" if one.why_not else "green",
    )


def _market(one: Opportunity, rules: CarryRules) -> str:
    state = f"{'contango' if one.is_contango else 'backwardation'} {move(one.basis, 2)}"
    if one.simple is not None:
        return f"{state}: {move(one.simple)} a year simple, {move(one.compound)} compound"
    if one.paid_share is None:
        return state
    return f"{state}; shorts were paid in {percent(one.paid_share, 0)} of intervals of {rules.funding_days} days"


def _days(days: Decimal | None) -> str:
    return NONE if days is None else f"{money(days, 1)} d"


def _remarks(rules: CarryRules, quote: str, *, own: bool) -> list[str]:
    return [
        f"Net is a year on both legs' capital in {quote} a coin, the short at {coins(rules.leverage)}x, after fees and "
        f"spreads both ways; perpetuals over {coins(rules.horizon_days)} days. Survives: the rise that ends the short "
        "on its own margin.",
        f"Entered from {percent(rules.enter_apr)} a year and {coins(rules.min_days)} days, left below "
        f"{percent(rules.leave_apr)}{'' if own else '; the usual rules, since the policy has no carry'}.",
    ]


def carry_json(
    found: Sequence[Opportunity], unlisted: Sequence[str], rules: CarryRules, *, quote: str, own: bool
) -> dict[str, Any]:
    """Return every figure of the page and the rules, decimals as text, ready for JSON."""
    rows = [{**to_plain(one), "contango": one.is_contango, "enters": not one.why_not} for one in found]
    plain: dict[str, Any] = to_plain({"quote": quote, "rules": rules, "unlisted": list(unlisted), "of_policy": own})
    return plain | {"opportunities": rows}
