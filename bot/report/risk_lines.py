"""The book's risk before and after a plan, each figure beside its limit."""

from dataclasses import dataclass
from decimal import Decimal

from bot.domain.plan import Verdict
from bot.domain.policy import Policy
from bot.report.figures import MOST_RISE, NONE, change, percent, survived, times


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskLine:
    """One figure. `unit` is share, move, times or quote currency; `bound` is ≤ or ≥, empty without a limit.

    `holds` says whether the book keeps the limit after the plan; None where there is no limit.
    """

    name: str
    unit: str
    before: Decimal | None
    after: Decimal | None
    bound: str = ""
    limit: Decimal | None = None

    @property
    def holds(self) -> bool | None:
        """Whether the limit is kept after the plan: nothing to measure keeps it."""
        if self.limit is None:
            return None
        if self.after is None:
            return True
        return self.after <= self.limit if self.bound == "≤" else self.after >= self.limit


def risk_lines(verdict: Verdict, policy: Policy) -> tuple[RiskLine, ...]:
    """Return the figures a person looks at, limits from the policy where it has one."""
    before, after, limits = verdict.before, verdict.after, policy.limits
    return (
        RiskLine(name="Net delta / equity", unit="share", before=before.net_delta, after=after.net_delta),
        RiskLine(
            name="Futures / equity",
            unit="times",
            before=before.leverage,
            after=after.leverage,
            bound="≤",
            limit=limits.max_gross_leverage,
        ),
        RiskLine(
            name="Survives a joint rally of",
            unit="move",
            before=before.survives_rally,
            after=after.survives_rally,
        ),
        RiskLine(
            name="Distance to liquidation",
            unit="share",
            before=before.liquidation_distance,
            after=after.liquidation_distance,
            bound="≥",
            limit=limits.min_liquidation_distance,
        ),
        RiskLine(name="Loss if market -20%", unit=policy.quote, before=before.crash_loss, after=after.crash_loss),
        RiskLine(name="Funding per day", unit=policy.quote, before=before.funding_per_day, after=after.funding_per_day),
    )


def risk_words(number: Decimal | None, unit: str) -> str:
    """Return a figure in its unit: 73.7%, +38.1%, 1.45x, -14,730.00 (quote currency)."""
    match unit:
        case "share":
            return percent(number) if number is None or number <= MOST_RISE else f"> {percent(MOST_RISE, 0)}"
        case "move":
            return survived(number)
        case "times":
            return times(number)
        case _:
            return change(number)


def limit_words(line: RiskLine) -> str:
    """Return the limit with its direction: ≤ 3.00x; – where there is none."""
    return f"{line.bound} {risk_words(line.limit, line.unit)}" if line.limit is not None else NONE


def verdict_words(line: RiskLine) -> str:
    """Return ok, OVER, or nothing where there is no limit."""
    return {True: "ok", False: "OVER", None: ""}[line.holds]
