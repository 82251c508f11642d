"""What the futures wallets would look like after every step of a plan: nothing may dip on the way."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from rich.console import Console

from bot.domain.plan import Approved, Liquidation
from bot.domain.record import CycleRecord
from bot.report.figures import MOST_RISE, NONE, change, coins, percent, survived, symbol_words
from bot.report.outcomes import leg_words
from bot.report.runway import runway_days
from bot.report.screen import Column, Row, put, put_table

STEP_COLUMNS = (
    Column(head="After step", clip=True),
    Column(head="Margin", right=True),
    Column(head="Liquidated at", right=True),
    Column(head="Survives", right=True),
    Column(head="Funding/d", right=True),
)
MOST_STEPS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """The futures wallets after one approved proposal, the ones before it filled.

    `margin_ratio` is maintenance over equity, `liquidation` the nearest position's, `survives` the joint rise
    of all coins that ends a wallet, `funding_per_day` in quote currency, received is positive. `runway_days` is
    for how long the wallet could pay such funding; None where it is received, or nothing is held.
    """

    number: int
    what: str
    margin_ratio: Decimal | None
    liquidation: Liquidation | None
    survives: Decimal | None
    funding_per_day: Decimal
    runway_days: Decimal | None


def step_lines(record: CycleRecord) -> tuple[StepLine, ...]:
    """Return one line for each approved proposal, in the order they are carried out."""
    return tuple(_line(one) for one in record.decision.verdict.approved)


def _line(one: Approved) -> StepLine:
    after = one.after
    return StepLine(
        number=one.proposal.number,
        what="; ".join(leg_words(leg) for leg in one.proposal.legs),
        margin_ratio=after.margin_ratio,
        liquidation=after.liquidation,
        survives=after.survives_rally,
        funding_per_day=after.funding_per_day,
        runway_days=runway_days(after),
    )


def show_steps(record: CycleRecord, console: Console) -> None:
    """Print the margin after each step that changes it; nothing for a plan that touches no futures wallet."""
    lines = _changing(step_lines(record))
    if not lines:
        return
    shown = lines if len(lines) <= MOST_STEPS else lines[-MOST_STEPS:]
    put(console)
    put_table(console, STEP_COLUMNS, [_row(line) for line in shown])
    if len(lines) > len(shown):
        put(console, (f"The last {len(shown)} of {len(lines)} steps; --json has them all.", "dim"))


def _changing(lines: Sequence[StepLine]) -> list[StepLine]:
    """Return the lines whose margin figures differ from the line before."""
    kept: list[StepLine] = []
    before: tuple[object, ...] = (None, None, None)
    for line in lines:
        now = (line.margin_ratio, line.liquidation, line.survives)
        if now != before:
            kept.append(line)
        before = now
    return kept


def _row(line: StepLine) -> Row:
    return Row(
        cells=(
            f"{line.number}. {line.what}",
            percent(line.margin_ratio, 2),
            _liquidation(line),
            survived(line.survives),
            _funding(line),
        )
    )


def _liquidation(line: StepLine) -> str:
    """Return the nearest contract and the mark it ends at; – where only an absurd rise ends it."""
    found = line.liquidation
    if found is None or (line.survives is not None and line.survives > MOST_RISE):
        return NONE
    return f"{symbol_words(found.symbol)} {coins(found.price, digits=6)}"


def _funding(line: StepLine) -> str:
    days = "" if line.runway_days is None else f" ({line.runway_days:.0f} d)"
    return f"{change(line.funding_per_day)}{days}"
