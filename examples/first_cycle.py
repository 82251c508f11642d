"""A plan and its cycle in a dozen lines: simulated venue, balanced policy, journal in a temporary folder."""

import asyncio
import tempfile
from pathlib import Path

from bot.app import sending
from bot.cycle import apply_plan
from bot.planning import make_plan
from bot.settings import Settings, Simulation, shipped_policy


async def main(home: Path) -> None:
    """Make a plan, apply exactly it, and say what was done and why."""
    simulation = Simulation(seed=7, seed_given=False, recorded=None, begin=None, cash=None, paced=False)
    settings = Settings(
        home=home, database=str(home / "journal.db"), policy=shipped_policy("balanced"), simulation=simulation
    )
    async with sending(settings) as parts:
        plan = await make_plan(parts)
        report = await apply_plan(parts, plan.cycle)
        for outcome in report.outcomes:
            proposal = outcome.approved.proposal
            print(f"{proposal.sleeve:<8} {proposal.asset:<5} {proposal.value:>10,.2f} USDT  {proposal.reason}")
        assert report.complete
        assert report.discrepancies == ()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(main(Path(folder)))
