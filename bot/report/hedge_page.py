"""The hedge page: what the same cut of delta costs in each contract, and by selling the coin."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console

from bot.canonical import to_plain
from bot.domain.instrument import Kind
from bot.policy.hedge.choice import HedgeNeed, HedgeOption, HedgePick
from bot.report.figures import NONE, change, coins, money, move, symbol_words
from bot.report.screen import Column, Row, put, put_table, put_wrapped

COLUMNS = (
    Column(head="Hedge", clip=True),
    Column(head="Cost bp", right=True),
    Column(head="Cost", right=True),
    Column(head="Fees", right=True),
    Column(head="Spread", right=True),
    Column(head="Carry", right=True),
    Column(head="Collateral", right=True),
    Column(head="Survives", right=True),
)
INDENT = 4
WHOLE_FROM = 100


def show_hedges(
    options: Sequence[HedgeOption],
    need: HedgeNeed,
    console: Console,
    *,
    quote: str,
    pick: HedgePick | None,
    unlisted: Sequence[Kind] = (),
) -> None:
    """Print the ways to cut the delta, the cheapest first; money in `quote`."""
    size = f"{coins(need.coins)} {need.asset} less delta for {coins(need.horizon_days)} days"
    put(console, (size, "bold"))
    put(console)
    put_table(console, COLUMNS, [_row(one) for one in options], notes_at=INDENT)
    put(console)
    if pick is None:
        put(console, "Nothing here can be chosen.")
    else:
        put_wrapped(console, f"Cheapest short: {pick.reason}.")
    for words in _remarks(quote, unlisted):
        put_wrapped(console, words, style="dim")


def _row(one: HedgeOption) -> Row:
    name = f"{one.symbol.partition('/')[0]} sold" if one.kind is Kind.SPOT else symbol_words(one.symbol)
    return Row(
        cells=(
            name,
            change(one.cost_bp, 1),
            NONE if one.cost is None else change(one.cost, _places(one)),
            money(one.fees, _places(one)),
            money(one.spread, _places(one)),
            change(one.carry, _places(one)),
            money(one.collateral, _places(one)),
            move(one.survives),
        ),
        notes=(one.note, *((f"Cannot be had: {one.why_not}.",) if one.why_not else ())),
        style="dim" if one.why_not else "",
    )


def _places(one: HedgeOption) -> int:
    return 0 if one.fees >= WHOLE_FROM else 2


def _remarks(quote: str, unlisted: Sequence[Kind]) -> list[str]:
    remarks = [
        f"Money in {quote}; below zero it pays. Cost = fees and half-spreads both ways, rolls counted, less the "
        "carry expected. Survives: the rise that ends the short on this collateral alone."
    ]
    if unlisted:
        remarks.append(f"Not listed with a price: {', '.join(unlisted)}.")
    return remarks


def hedges_json(
    options: Sequence[HedgeOption],
    need: HedgeNeed,
    *,
    quote: str,
    pick: HedgePick | None,
    unlisted: Sequence[Kind] = (),
) -> dict[str, Any]:
    """Return every figure of the page, decimals as text, ready for JSON."""
    rows = [{**to_plain(one), "cost": to_plain(one.cost), "cost_bp": to_plain(one.cost_bp)} for one in options]
    plain: dict[str, Any] = to_plain({"quote": quote, "need": need, "cheapest": pick, "unlisted": list(unlisted)})
    return plain | {"options": rows}
