"""The what-if page: what a move does with and without the hedge, what margin it takes, where it is liquidated."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from rich.console import Console

from bot.canonical import to_plain
from bot.report.figures import NONE, change, coins, money, move, percent, times
from bot.report.screen import Column, Row, put, put_table, put_wrapped
from bot.whatif import BookWhatIf, HedgeTerms, WhatIf

COLUMNS = (
    Column(head="Hedge", right=True),
    Column(head="Price", right=True),
    Column(head="Coins", right=True),
    Column(head="Futures", right=True),
    Column(head="Net", right=True),
    Column(head="Margin", right=True),
    Column(head="Liquidated at", right=True),
)
BOOK_COLUMNS = (
    Column(head="Hedge", right=True),
    Column(head="Move", right=True),
    Column(head="Coins", right=True),
    Column(head="Futures", right=True),
    Column(head="Net", right=True),
    Column(head="Equity", right=True),
    Column(head="Liquidated at", right=True),
)
WHOLE_FROM = 1_000


def show_what_if(
    rows: Sequence[WhatIf], terms: HedgeTerms, console: Console, *, asset: str = "BTC", quote: str = "USDT"
) -> None:
    """Print coins under moves at several hedge ratios, in quote currency; the row of ratio 0 is unhedged."""
    if not rows:
        put(console, "Nothing to show: no move was given.")
        return
    first = rows[0]
    held = f"{coins(first.coins)} {asset} at {coins(first.price, digits=10)} {quote}"
    put(console, (f"{held}, worth {_short(first.coins * first.price)} {quote}", "bold"))
    put(console)
    put_table(console, COLUMNS, [_row(row) for row in rows], notes_at=7)
    put(console)
    for words in _remarks(rows, terms, asset, quote):
        put_wrapped(console, words, style="dim")


def _row(row: WhatIf) -> Row:
    notes = []
    if row.fees or row.funding:
        notes.append(f"with fees {change(-row.fees)} and funding {change(row.funding)}")
    if row.liquidated:
        most = f"; it needs at most {times(row.highest_leverage)}" if row.highest_leverage else ""
        now = f" at {times(row.leverage)}" if row.leverage else ""
        notes.append(f"LIQUIDATED on the way{now}{most}. The margin is lost and the hedge is gone.")
    border = f"{_short(row.liquidation_price)} ({move(row.liquidation_distance)})"
    return Row(
        cells=(
            percent(row.ratio, 0),
            f"{coins(row.after)} ({move(row.move)})",
            _signed(row.spot_profit),
            _signed(row.futures_profit),
            _signed(row.net),
            _short(row.margin),
            border if row.liquidation_price is not None else NONE,
        ),
        notes=tuple(notes),
        style="bold red" if row.liquidated else "",
    )


def _remarks(rows: Sequence[WhatIf], terms: HedgeTerms, asset: str, quote: str) -> list[str]:
    remarks = [f"Profit and loss in {quote}. Unhedged is the column Coins; Net adds the short of {asset} to it."]
    if terms.days:
        rate = f"{move(terms.funding, 4)} per {coins(terms.interval_hours)} h"
        remarks.append(f"Funding of {rate} for {coins(terms.days)} days; fees of {percent(terms.fee, 3)} both ways.")
    elif not terms.fee:
        remarks.append("Before fees and funding.")
    levels = sorted({row.leverage for row in rows if row.leverage is not None})
    if levels:
        remarks.append(f"Futures leverage {' and '.join(times(level) for level in levels)}.")
    return remarks


def what_if_json(rows: Sequence[WhatIf], terms: HedgeTerms, *, asset: str, quote: str) -> dict[str, Any]:
    """Return every figure of the page and the terms, decimals as text, ready for JSON."""
    plain: dict[str, Any] = to_plain({"asset": asset, "quote": quote, "terms": terms, "rows": list(rows)})
    return plain


def show_what_if_book(rows: Sequence[BookWhatIf], console: Console, *, quote: str = "USDT") -> None:
    """Print the whole book under joint moves at several hedge ratios, in quote currency."""
    if not rows:
        put(console, "Nothing to show: no move was given.")
        return
    put(console, (f"The whole book: equity {money(rows[0].equity)} {quote}, every coin moves alike", "bold"))
    put(console)
    put_table(console, BOOK_COLUMNS, [_book_row(row) for row in rows], notes_at=7)
    put(console)
    put_wrapped(
        console,
        f"Profit and loss in {quote}, before fees and funding. Hedge: share of the core's coins sold short; "
        "'now' is what is held. Liquidated at: the joint rise that empties the futures wallet.",
        style="dim",
    )


def _book_row(row: BookWhatIf) -> Row:
    lost = ("LIQUIDATED on the way. The futures wallet is lost and the hedge is gone.",) if row.liquidated else ()
    return Row(
        cells=(
            "now" if row.ratio is None else percent(row.ratio, 0),
            move(row.move),
            _signed(row.spot_profit),
            _signed(row.futures_profit),
            _signed(row.net),
            _short(row.equity_after),
            move(row.survives_rally),
        ),
        notes=lost,
        style="bold red" if row.liquidated else "",
    )


def what_if_book_json(rows: Sequence[BookWhatIf], *, quote: str) -> dict[str, Any]:
    """Return every figure of the page, decimals as text, ready for JSON."""
    plain: dict[str, Any] = to_plain({"quote": quote, "rows": list(rows)})
    return plain


def _short(amount: Decimal | None) -> str:
    """Return an amount without cents where it has thousands."""
    return money(amount, 0 if amount is not None and (abs(amount) >= WHOLE_FROM or not amount) else 2)


def _signed(amount: Decimal) -> str:
    return change(amount, 0 if abs(amount) >= WHOLE_FROM or not amount else 2)
