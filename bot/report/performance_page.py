"""The performance page: every figure with its unit and what it is of; and the same as data."""

from decimal import Decimal
from typing import Any

from rich.console import Console

from bot.canonical import to_plain
from bot.report.figures import NONE, change, moment, money, move, percent
from bot.report.performance import SHORTEST_YEAR, PerformanceFigures
from bot.report.screen import Column, Row, put, put_table, put_wrapped

COLUMNS = (Column(head="Performance"), Column(head="", right=True), Column(head="", clip=True))


def show_performance(figures: PerformanceFigures, console: Console, *, quote: str = "USDT") -> None:
    """Print the results of a period, each number with its unit; – where too little is known."""
    if not figures.moments:
        put(console, "No cycle is recorded yet: nothing to measure.  Next:  poise run --cycles 1")
        return
    put(
        console,
        (f"{moment(figures.start)} to {moment(figures.end)}", "bold"),
        f" · {money(figures.days, 1)} days · {figures.moments:,} cycles",
    )
    put(console)
    put_table(console, COLUMNS, [Row(cells=cells) for cells in (*_returns(figures), *_money(figures, quote))])
    for asset in figures.unpriced:
        put_wrapped(console, f"{asset} was paid or received and has no price in {quote}: not summed.", style="yellow")


def performance_json(figures: PerformanceFigures, *, quote: str) -> dict[str, Any]:
    """Return every figure, decimals as text and statistics as numbers, ready for JSON."""
    plain: dict[str, Any] = to_plain({"quote": quote, "figures": figures})
    return plain


def _returns(figures: PerformanceFigures) -> tuple[tuple[str, str, str], ...]:
    short = figures.annual_return is None
    return (
        ("Return", move(as_decimal(figures.total_return), 2), "time-weighted: flows taken out"),
        (
            "  a year",
            move(as_decimal(figures.annual_return), 2),
            f"under {SHORTEST_YEAR} days" if short else "compound, 365 days",
        ),
        ("Deepest fall", move(as_decimal(figures.max_drawdown), 2), "from the highest value before it"),
        ("Volatility", percent(as_decimal(figures.volatility), 2), "a year, of daily returns"),
        ("Sharpe", _ratio(figures.sharpe), "mean ÷ deviation × √365, no riskless rate"),
        ("Sortino", _ratio(figures.sortino), "the same against losses only"),
        ("Hedge effect", percent(as_decimal(figures.hedge_effectiveness)), "of the core's variance taken away"),
        ("Tracking error", percent(as_decimal(figures.tracking_error), 2), "a year, against the target book"),
    )


def _money(figures: PerformanceFigures, quote: str) -> tuple[tuple[str, str, str], ...]:
    times = NONE if figures.turnover_times is None else f"{figures.turnover_times:.2f}"
    cost = None if figures.slippage is None else -figures.slippage
    fees = None if figures.fees is None else -figures.fees
    paid = None if figures.funding_paid is None else -figures.funding_paid
    return (
        ("Equity", money(figures.end_equity), f"{quote}, from {money(figures.start_equity)}"),
        ("Flows", change(figures.flows), f"{quote}, deposits − withdrawals"),
        ("Profit", change(figures.profit), f"{quote}, without flows"),
        ("Fees", change(fees), quote),
        ("Funding received", change(figures.funding_received), quote),
        ("Funding paid", change(paid), quote),
        ("Realised", change(figures.realised), f"{quote}, settled profit of contracts"),
        ("Slippage", change(cost), f"{quote}, against the planned prices"),
        ("Turnover", money(figures.turnover), f"{quote} in {figures.trades:,} fills, {times} × mean equity"),
    )


def as_decimal(number: float | None) -> Decimal | None:
    """Return a statistic in the digits it prints with."""
    return None if number is None else Decimal(repr(number))


def _ratio(number: float | None) -> str:
    return NONE if number is None else f"{number:.2f}"
