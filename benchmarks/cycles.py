"""Whole journaled cycles on the simulated venue, hour by hour, and the memory they leave behind."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import perf_counter

from bot.app import sending
from bot.cycle import run_cycle
from bot.planning import Parts
from bot.settings import Settings, Simulation, shipped_policy

WARM_UP = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycled:
    """How many cycles a second, and how much memory was held more than after warming up."""

    count: int
    per_second: float
    grown_mib: float


def simulated_cycles(home: Path, count: int) -> Cycled:
    """Run `count` hourly cycles of the balanced policy in a fresh home folder."""
    return asyncio.run(_cycled(home, count))


def resident_mib() -> float:
    """Return the memory this process holds."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 2**20


async def _cycled(home: Path, count: int) -> Cycled:
    home.mkdir(parents=True)  # noqa: ASYNC240  before anything runs
    simulation = Simulation(seed=7, seed_given=False, recorded=None, begin=None, cash=None, paced=False)
    settings = Settings(
        home=home, database=str(home / "journal.db"), policy=shipped_policy("balanced"), simulation=simulation
    )
    async with sending(settings) as parts:
        await _hours(parts, WARM_UP)
        before, start = resident_mib(), perf_counter()
        await _hours(parts, count)
        taken = perf_counter() - start
        return Cycled(count=count, per_second=count / taken, grown_mib=resident_mib() - before)


async def _hours(parts: Parts, count: int) -> None:
    for _ in range(count):
        await parts.clock.sleep_until(parts.clock.now() + timedelta(hours=1))
        await run_cycle(parts)
