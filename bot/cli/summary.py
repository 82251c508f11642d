"""What a run came to: performance, costs, and whether the books close."""

from dataclasses import dataclass, field, replace
from decimal import Decimal

import typer

from bot.cycle import CycleReport
from bot.domain.order import OrderReport
from bot.domain.record import DiscrepancyKind
from bot.planning import Parts
from bot.report.performance import PerformanceTrack, moment_of

UNEXPLAINED = {DiscrepancyKind.UNEXPLAINED_BALANCE, DiscrepancyKind.UNEXPLAINED_POSITION}


@dataclass(slots=True)
class Summary:
    """What is gathered while a run goes on; it does not grow with the number of cycles."""

    parts: Parts
    track: PerformanceTrack = field(default_factory=PerformanceTrack)
    cycles: int = 0
    entries: int = 0
    unexplained: int = 0

    def add(self, report: CycleReport) -> None:
        """Count one cycle."""
        settlement = report.settlement
        moment = moment_of(report.record, self.parts.policy, settlement.performance.unit)
        self.track.add(replace(moment, equity=settlement.performance.equity))
        for entry in report.entries:
            self.track.add_entry(entry)
        self._add_fills(report)
        self.cycles += 1
        self.entries += len(report.entries)
        self.unexplained += sum(one.kind in UNEXPLAINED for one in report.discrepancies)

    def _add_fills(self, report: CycleReport) -> None:
        quotes = report.record.snapshot.quotes
        for outcome in report.outcomes:
            if isinstance(outcome.report, OrderReport):
                instrument = report.record.snapshot.instruments[outcome.report.symbol]
                planned = quotes[outcome.report.symbol].valuation
                for fill in outcome.report.fills:
                    self.track.add_fill(fill, instrument, planned)

    def prices(self) -> dict[str, Decimal]:
        """Return the last prices, for what fees were paid in."""
        last = self.track.last
        return {self.parts.policy.quote: Decimal(1), **(last.prices if last else {})}

    def show(self, *, as_json: bool) -> None:
        """Print performance and the state of the books."""
        from bot.report.envelope import envelope
        from bot.report.performance_page import performance_json, show_performance
        from bot.report.screen import screen

        figures, quote = self.track.figures(self.prices()), self.parts.policy.quote
        if as_json:
            books = {"entries": self.entries, "unexplained": self.unexplained}
            body = performance_json(figures, quote=quote) | {"books": books, "cycles": self.cycles}
            typer.echo(envelope("run", body))
            return
        if not self.cycles:
            typer.echo("No cycle ran.")
            return
        show_performance(figures, screen(), quote=quote)
        if self.unexplained:
            typer.echo(f"Books DO NOT close: {self.unexplained} unexplained differences. Next:  poise explain latest")
        else:
            typer.echo(f"Books close: {self.entries:,} ledger entries explain every balance exactly.")
